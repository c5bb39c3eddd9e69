/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/bitmap.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum err bitmap_new(uint32_t width_dots, uint32_t height_dots, struct bitmap *out)
{
    if (width_dots == 0 || height_dots == 0)
        return ERR_INPUT;
    if (width_dots > BITMAP_MAX_DOTS || height_dots > BITMAP_MAX_DOTS)
        return ERR_TOO_LARGE;
    size_t stride = (width_dots + 7) / 8;
    uint8_t *bits = calloc(height_dots, stride);
    if (!bits)
        return ERR_NO_MEMORY;
    *out = (struct bitmap){width_dots, height_dots, stride, bits};
    return ERR_NONE;
}

void bitmap_free(struct bitmap *bitmap)
{
    if (!bitmap)
        return;
    free(bitmap->bits);
    *bitmap = (struct bitmap){0};
}

enum err bitmap_copy(const struct bitmap *from, struct bitmap *out)
{
    size_t len = from->stride * from->height_dots;
    uint8_t *bits = malloc(len);
    if (!bits)
        return ERR_NO_MEMORY;
    memcpy(bits, from->bits, len);
    *out = (struct bitmap){from->width_dots, from->height_dots, from->stride, bits};
    return ERR_NONE;
}

bool bitmap_get(const struct bitmap *bitmap, uint32_t x, uint32_t y)
{
    assert(x < bitmap->width_dots && y < bitmap->height_dots);
    return bitmap->bits[y * bitmap->stride + x / 8] >> (7 - x % 8) & 1;
}

void bitmap_set(struct bitmap *bitmap, uint32_t x, uint32_t y)
{
    assert(x < bitmap->width_dots && y < bitmap->height_dots);
    bitmap->bits[y * bitmap->stride + x / 8] |= (uint8_t)(0x80 >> x % 8);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

void bitmap_fill(struct bitmap *bitmap, int64_t x, int64_t y, int64_t width, int64_t height)
{
    int64_t left = clamp(x, 0, bitmap->width_dots);
    int64_t right = clamp(x + width, 0, bitmap->width_dots);
    int64_t top = clamp(y, 0, bitmap->height_dots);
    int64_t bottom = clamp(y + height, 0, bitmap->height_dots);
    if (left >= right)
        return;
    size_t first = (size_t)left / 8, last = (size_t)(right - 1) / 8;
    uint8_t first_mask = (uint8_t)(0xff >> left % 8);
    uint8_t last_mask = (uint8_t)(0xff << (7 - (right - 1) % 8));
    for (int64_t row = top; row < bottom; row++) {
        uint8_t *bits = bitmap->bits + (size_t)row * bitmap->stride;
        if (first == last) {
            bits[first] |= first_mask & last_mask;
            continue;
        }
        bits[first] |= first_mask;
        memset(bits + first + 1, 0xff, last - first - 1);
        bits[last] |= last_mask;
    }
}

/* Bytes of a row up to its first black one; `bytes` when there is none. */
static size_t white_bytes(const uint8_t *bits, size_t bytes)
{
    size_t at = 0;
    for (uint64_t eight; at + 8 <= bytes; at += 8) {
        memcpy(&eight, bits + at, 8);
        if (eight)
            break;
    }
    while (at < bytes && !bits[at])
        at++;
    return at;
}

/* Eight dots of a row from dot `x` on; dots outside are white. */
static unsigned eight_dots(const struct bitmap *bitmap, size_t row, int64_t x)
{
    const uint8_t *bits = bitmap->bits + row * bitmap->stride;
    int64_t byte = x >= 0 ? x / 8 : -((7 - x) / 8);
    unsigned shift = (unsigned)(x - byte * 8);
    unsigned high = byte >= 0 && byte < (int64_t)bitmap->stride ? bits[byte] : 0;
    unsigned low = byte + 1 >= 0 && byte + 1 < (int64_t)bitmap->stride ? bits[byte + 1] : 0;
    return ((high << 8 | low) << shift >> 8) & 0xff;
}

/* A row onto another, `shift` (0..7) dots to the right; `to` has room for so many bytes. */
static void or_row(uint8_t *to, size_t room, const uint8_t *from, size_t bytes, unsigned shift)
{
    unsigned carry = 0;
    for (size_t i = 0; i < bytes; i++) {
        to[i] |= (uint8_t)(from[i] >> shift | carry);
        carry = (unsigned)from[i] << (8 - shift) & 0xff;
    }
    if (bytes < room)
        to[bytes] |= (uint8_t)carry;
}

void bitmap_or(struct bitmap *to, const struct bitmap *from, int64_t x, int64_t y)
{
    int64_t left = clamp(x, 0, to->width_dots);
    int64_t right = clamp(x + from->width_dots, 0, to->width_dots);
    int64_t top = clamp(y, 0, to->height_dots);
    int64_t bottom = clamp(y + from->height_dots, 0, to->height_dots);
    if (left >= right)
        return;
    bool whole_rows = x >= 0 && x + from->width_dots <= to->width_dots;
    size_t first = (size_t)left / 8, last = (size_t)(right - 1) / 8;
    uint8_t last_mask = (uint8_t)(0xff << (7 - (right - 1) % 8));
    for (int64_t row = top; row < bottom; row++) {
        uint8_t *bits = to->bits + (size_t)row * to->stride;
        if (whole_rows) {
            or_row(bits + first, to->stride - first,
                   from->bits + (size_t)(row - y) * from->stride, from->stride,
                   (unsigned)(x & 7));
            continue;
        }
        for (size_t byte = first; byte <= last; byte++) {
            unsigned dots = eight_dots(from, (size_t)(row - y), (int64_t)byte * 8 - x);
            bits[byte] |= (uint8_t)(dots & (byte == last ? last_mask : 0xff));
        }
    }
}

/* Part of a row; what lies behind its end is white. */
struct span {
    const uint8_t *bytes;
    size_t len;
};

/* A row of `from`, beginning with its dot `x`, `bytes` of it at most. Whole bytes further on
 * need no shifting, which is what symbols and most lines of a chunk come to. */
static struct span span_of(const struct bitmap *from, size_t row, int64_t x, size_t bytes,
                           uint8_t *scratch)
{
    size_t skip = (size_t)x / 8;
    if (x >= 0 && x % 8 == 0 && skip < from->stride) {
        size_t there = from->stride - skip;
        return (struct span){from->bits + row * from->stride + skip,
                             there < bytes ? there : bytes};
    }
    for (size_t i = 0; i < bytes; i++)
        scratch[i] = (uint8_t)eight_dots(from, row, x + (int64_t)i * 8);
    return (struct span){scratch, bytes};
}

/* Eight bytes at a time: gcc's -O2 does not do that by itself. */
static bool and_span(uint8_t *to, struct span span)
{
    uint64_t mine, other, any = 0;
    size_t i = 0;
    for (; i + 8 <= span.len; i += 8) {
        memcpy(&mine, to + i, 8);
        memcpy(&other, span.bytes + i, 8);
        any |= mine &= other;
        memcpy(to + i, &mine, 8);
    }
    for (; i < span.len; i++)
        any |= to[i] &= span.bytes[i];
    return any != 0;
}

static void clear_span(uint8_t *to, struct span span)
{
    uint64_t mine, other;
    size_t i = 0;
    for (; i + 8 <= span.len; i += 8) {
        memcpy(&mine, to + i, 8);
        memcpy(&other, span.bytes + i, 8);
        mine &= ~other;
        memcpy(to + i, &mine, 8);
    }
    for (; i < span.len; i++)
        to[i] &= (uint8_t)~span.bytes[i];
}

/* Symbols of one size: their rows are one long span. */
static bool same_place(const struct bitmap *a, const struct bitmap *b, int64_t x, int64_t y)
{
    return x == 0 && y == 0 && a->stride == b->stride && a->height_dots == b->height_dots;
}

bool bitmap_and(struct bitmap *to, const struct bitmap *from, int64_t x, int64_t y)
{
    uint8_t scratch[BITMAP_MAX_DOTS / 8];
    bool any = false;
    if (same_place(to, from, x, y))
        return and_span(to->bits, (struct span){from->bits, to->stride * to->height_dots});
    for (uint32_t row = 0; row < to->height_dots; row++) {
        uint8_t *bits = to->bits + row * to->stride;
        struct span span = {scratch, 0};
        if (row - y >= 0 && row - y < from->height_dots)
            span = span_of(from, (size_t)(row - y), -x, to->stride, scratch);
        any |= and_span(bits, span);
        memset(bits + span.len, 0, to->stride - span.len);
    }
    return any;
}

void bitmap_clear(struct bitmap *to, const struct bitmap *from, int64_t x, int64_t y)
{
    uint8_t scratch[BITMAP_MAX_DOTS / 8];
    int64_t top = clamp(y, 0, to->height_dots);
    int64_t bottom = clamp(y + from->height_dots, 0, to->height_dots);
    if (same_place(to, from, x, y)) {
        clear_span(to->bits, (struct span){from->bits, to->stride * to->height_dots});
        return;
    }
    for (int64_t row = top; row < bottom; row++)
        clear_span(to->bits + (size_t)row * to->stride,
                   span_of(from, (size_t)(row - y), -x, to->stride, scratch));
}

enum err bitmap_rotate(const struct bitmap *from, int degrees, struct bitmap *out)
{
    assert(degrees == 0 || degrees == 90 || degrees == 180 || degrees == 270);
    if (degrees == 0)
        return bitmap_copy(from, out);
    uint32_t w = from->width_dots, h = from->height_dots;
    struct bitmap turned;
    enum err err = degrees == 180 ? bitmap_new(w, h, &turned) : bitmap_new(h, w, &turned);
    if (err)
        return err;
    for (uint32_t y = 0; y < h; y++) {
        for (uint32_t x = 0; x < w; x++) {
            if (!bitmap_get(from, x, y))
                continue;
            if (degrees == 90)
                bitmap_set(&turned, h - 1 - y, x);
            else if (degrees == 180)
                bitmap_set(&turned, w - 1 - x, h - 1 - y);
            else
                bitmap_set(&turned, y, w - 1 - x);
        }
    }
    *out = turned;
    return ERR_NONE;
}

enum err bitmap_scale(const struct bitmap *from, uint32_t factor, struct bitmap *out)
{
    struct bitmap scaled;
    uint64_t width = (uint64_t)from->width_dots * factor, height;
    height = (uint64_t)from->height_dots * factor;
    if (width > BITMAP_MAX_DOTS || height > BITMAP_MAX_DOTS)
        return ERR_TOO_LARGE;
    enum err err = bitmap_new((uint32_t)width, (uint32_t)height, &scaled);
    if (err)
        return err;
    for (uint32_t y = 0; y < from->height_dots; y++) {
        for (uint32_t x = 0; x < from->width_dots; x++) {
            if (bitmap_get(from, x, y))
                bitmap_fill(&scaled, (int64_t)x * factor, (int64_t)y * factor, factor, factor);
        }
    }
    *out = scaled;
    return ERR_NONE;
}

bool bitmap_bounds(const struct bitmap *bitmap, uint32_t *x, uint32_t *y, uint32_t *width,
                   uint32_t *height)
{
    uint32_t top = bitmap->height_dots, bottom = 0;
    uint32_t left = bitmap->width_dots, right = 0; /* right, bottom: one past the last */
    for (uint32_t row = 0; row < bitmap->height_dots; row++) {
        const uint8_t *bits = bitmap->bits + row * bitmap->stride;
        size_t last = bitmap->stride;
        if (bottom == row && row > 0 && memcmp(bits, bits - last, last) == 0) {
            bottom++; /* bars and modules go on for many rows */
            continue;
        }
        size_t first = white_bytes(bits, last);
        if (first == last)
            continue;
        while (!bits[last - 1])
            last--;
        uint32_t begin = (uint32_t)first * 8 + (uint32_t)__builtin_clz(bits[first]) - 24;
        uint32_t end = (uint32_t)last * 8 - (uint32_t)__builtin_ctz(bits[last - 1]);
        left = begin < left ? begin : left;
        right = end > right ? end : right;
        top = row < top ? row : top;
        bottom = row + 1;
    }
    if (bottom == 0)
        return false;
    *x = left;
    *y = top;
    *width = right - left;
    *height = bottom - top;
    return true;
}

/* Bytes of a row from its dot `shift` (0..7) on; `there` of them can be read. */
static void shift_row(uint8_t *to, size_t bytes, const uint8_t *from, size_t there,
                      unsigned shift)
{
    size_t i = 0;
    if (shift == 0) {
        memcpy(to, from, bytes);
        return;
    }
    for (uint64_t eight; i + 8 <= bytes && i + 9 <= there; i += 8) {
        memcpy(&eight, from + i, 8);
        eight = htobe64(be64toh(eight) << shift | (uint64_t)from[i + 8] >> (8 - shift));
        memcpy(to + i, &eight, 8);
    }
    for (; i < bytes; i++) {
        unsigned next = i + 1 < there ? from[i + 1] : 0;
        to[i] = (uint8_t)((unsigned)from[i] << shift | next >> (8 - shift));
    }
}

enum err bitmap_crop(const struct bitmap *from, uint32_t x, uint32_t y, uint32_t width,
                     uint32_t height, struct bitmap *out)
{
    assert(x <= from->width_dots && width <= from->width_dots - x);
    assert(y <= from->height_dots && height <= from->height_dots - y);
    struct bitmap crop;
    enum err err = bitmap_new(width, height, &crop);
    if (err)
        return err;
    uint8_t last_mask = (uint8_t)(0xff << (7 - (width - 1) % 8));
    for (uint32_t row = 0; row < height; row++) {
        uint8_t *to = crop.bits + row * crop.stride;
        const uint8_t *bits = from->bits + (y + row) * from->stride + x / 8;
        shift_row(to, crop.stride, bits, from->stride - x / 8, x % 8);
        to[crop.stride - 1] &= last_mask;
    }
    *out = crop;
    return ERR_NONE;
}

uint64_t bitmap_black(const struct bitmap *bitmap)
{
    uint64_t black = 0;
    for (size_t i = 0; i < bitmap->stride * bitmap->height_dots; i++)
        black += (unsigned)__builtin_popcount(bitmap->bits[i]);
    return black;
}

bool bitmap_equal(const struct bitmap *a, const struct bitmap *b)
{
    return a->width_dots == b->width_dots && a->height_dots == b->height_dots &&
           memcmp(a->bits, b->bits, a->stride * a->height_dots) == 0;
}

int64_t dots_from_um(int64_t um, uint32_t dots_per_m)
{
    /* half up: floor(um * dpm / 1e6 + 1/2), for negative edges as well */
    int64_t scaled = um * (int64_t)dots_per_m * 2 + 1000000;
    int64_t dots = scaled / 2000000;
    return scaled < 0 && scaled % 2000000 ? dots - 1 : dots;
}
