/* SPDX-License-Identifier: Apache-2.0 */
/* dots.c: see dots.h.
 *
 * Costs little beside drawing, because it goes by rows that change: most rows of a symbol are
 * as the row above, and what labels have in common is hashed once. Rows are whole words, with
 * one to spare for what a patch's last byte is shifted to. */
#include "spooler/render/dots.h"

#include <assert.h>
#include <endian.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

/* Dots in rows of words, as in a bitmap and filled up with 0. */
struct plane {
    uint32_t width_dots, height_dots;
    size_t words; /* of a row */
    uint64_t *rows;
};

/* Where patches have dots; left and right in words. */
struct area {
    uint32_t top, bottom;
    size_t left, right;
};

static enum err plane_new(const struct bitmap *size, struct plane *out)
{
    size_t words = (size_t)size->width_dots / 64 + 2;
    uint64_t *rows = calloc(size->height_dots, words * sizeof *rows);
    if (!rows)
        return ERR_NO_MEMORY;
    *out = (struct plane){size->width_dots, size->height_dots, words, rows};
    return ERR_NONE;
}

static uint64_t *row_at(const struct plane *plane, uint32_t row)
{
    return plane->rows + row * plane->words;
}

/* A render's patches lie inside the label. */
static struct area area_of(const struct plane *size, const struct rendered_label *label)
{
    struct area area = {UINT32_MAX, 0, SIZE_MAX, 0};
    for (size_t i = 0; i < label->count; i++) {
        const struct patch *patch = &label->patches[i];
        uint32_t bottom = patch->y_dots + patch->bits.height_dots;
        size_t left = patch->x_dots / 64;
        size_t right = ((size_t)patch->x_dots + patch->bits.width_dots + 63) / 64;
        assert((uint64_t)patch->x_dots + patch->bits.width_dots <= size->width_dots &&
               (uint64_t)patch->y_dots + patch->bits.height_dots <= size->height_dots);
        area.top = patch->y_dots < area.top ? patch->y_dots : area.top;
        area.bottom = bottom > area.bottom ? bottom : area.bottom;
        area.left = left < area.left ? left : area.left;
        area.right = right > area.right ? right : area.right;
    }
    return label->count ? area : (struct area){0, 0, 0, 0};
}

static uint32_t end_of(const struct patch *patch)
{
    return patch->y_dots + patch->bits.height_dots;
}

static uint64_t load(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

/* Up to eight bytes of a row, as a number; `there` are left of the bitmap, which may be read.
 */
static uint64_t bytes_of(const uint8_t *from, size_t len, size_t there)
{
    uint64_t word = 0;
    if (there < 8)
        memcpy(&word, from, len);
    else
        word = load(from);
    word = be64toh(word);
    return len < 8 ? word & ~(UINT64_MAX >> 8 * len) : word;
}

/* The row `at` of the label, ORed onto `row`. */
static void or_row(uint64_t *row, const struct patch *patch, uint32_t at)
{
    size_t left = patch->bits.stride, there = left * (end_of(patch) - at);
    const uint8_t *from = patch->bits.bits + (at - patch->y_dots) * left;
    uint64_t *to = row + patch->x_dots / 64, carry = 0;
    unsigned shift = patch->x_dots % 64;
    while (left > 0) {
        size_t len = left < 8 ? left : 8;
        uint64_t word = bytes_of(from, len, there);
        *to++ |= htobe64(word >> shift | carry);
        carry = shift ? word << (64 - shift) : 0;
        from += len;
        left -= len;
        there -= len;
    }
    *to |= htobe64(carry);
}

/* ---- what all labels have ---------------------------------------------------------------- */

static void put_patches(struct plane *to, const struct rendered_label *label)
{
    for (size_t i = 0; i < label->count; i++) {
        const struct patch *patch = &label->patches[i];
        for (uint32_t row = 0; row < patch->bits.height_dots; row++)
            or_row(row_at(to, patch->y_dots + row), patch, patch->y_dots + row);
    }
}

/* Keeps of the area what `other` has too; whether anything is left. */
static bool keep_of(struct plane *to, struct plane *other, const struct area *area)
{
    uint64_t any = 0;
    for (uint32_t row = area->top; row < area->bottom; row++) {
        uint64_t *mine = row_at(to, row), *its = row_at(other, row);
        for (size_t i = area->left; i < area->right; i++)
            any |= mine[i] &= its[i];
    }
    return any != 0;
}

static void whiten(struct plane *plane, const struct area *area)
{
    for (uint32_t row = area->top; row < area->bottom; row++)
        memset(row_at(plane, row) + area->left, 0,
               (area->right - area->left) * sizeof *plane->rows);
}

/* A step that visits all of 0..count-1, neighbours far apart: labels with numbers far apart
 * have the fewest dots in common, so that it is soon clear that there are none. */
static size_t far_step(size_t count)
{
    for (size_t step = count * 5 / 8 + 1;; step++) {
        size_t a = count, b = step;
        while (b) {
            size_t rest = a % b;
            a = b;
            b = rest;
        }
        if (a == 1)
            return step;
    }
}

/* Dots that every label happens to have in its patches. */
static void find_shared(const struct rendered *rendered, struct plane *scratch,
                        struct plane *shared)
{
    size_t step = far_step(rendered->count);
    struct area first = area_of(shared, &rendered->labels[0]);
    put_patches(shared, &rendered->labels[0]);
    bool any = true;
    for (size_t i = step; any && i % rendered->count != 0; i += step) {
        const struct rendered_label *label = &rendered->labels[i % rendered->count];
        struct area area = area_of(shared, label);
        put_patches(scratch, label);
        any = keep_of(shared, scratch, &first);
        whiten(scratch, &area);
    }
}

static enum err make_common(const struct rendered *rendered, struct plane *out)
{
    const struct bitmap *plate = &rendered->plate;
    const struct patch whole = {.bits = *plate};
    struct plane common, scratch;
    enum err err = plane_new(plate, &common);
    if (err)
        return err;
    err = plane_new(plate, &scratch);
    if (err) {
        free(common.rows);
        return err;
    }
    find_shared(rendered, &scratch, &common);
    for (uint32_t row = 0; row < common.height_dots; row++)
        or_row(row_at(&common, row), &whole, row);
    free(scratch.rows);
    *out = common;
    return ERR_NONE;
}

/* ---- rows() of dots.h ---------------------------------------------------------------------
 */

/* Room for each row of a label once, with its head. */
static size_t text_room(const struct plane *plane)
{
    return (8 + plane->words * 8) * plane->height_dots;
}

static void put_be(uint8_t *to, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

/* Words left..right-1 of a row, the others are white; returns the text's new end. */
static uint8_t *put_row(uint8_t *text, uint32_t row, const uint64_t *words, size_t left,
                        size_t right)
{
    while (left < right && !words[left])
        left++;
    while (right > left && !words[right - 1])
        right--;
    size_t first = 0, end = 0;
    if (left < right) {
        first = left * 8 + (size_t)__builtin_clzll(be64toh(words[left])) / 8;
        end = right * 8 - (size_t)__builtin_ctzll(be64toh(words[right - 1])) / 8;
    }
    put_be(text, (uint64_t)row << 32 | (uint64_t)first << 16 | (end - first), 8);
    memcpy(text + 8, (const uint8_t *)words + first, end - first);
    return text + 8 + end - first;
}

/* Also says of each row whether it is as the one above. */
static void hash_common(const struct plane *common, bool *as_above, uint8_t *text,
                        uint8_t out[static SHA256_BYTES])
{
    const uint64_t *above = NULL;
    struct sha256_ctx sha;
    uint8_t size[8], *end = text;
    put_be(size, (uint64_t)common->width_dots << 32 | common->height_dots, 8);
    for (uint32_t row = 0; row < common->height_dots; row++) {
        const uint64_t *words = row_at(common, row);
        uint64_t different = 0;
        for (size_t i = 0; i < common->words; i++)
            different |= words[i] ^ (above ? above[i] : 0);
        as_above[row] = !different;
        if (different)
            end = put_row(end, row, words, 0, common->words);
        above = words;
    }
    sha256_init(&sha);
    sha256_update(&sha, sizeof size, size);
    sha256_update(&sha, (size_t)(end - text), text);
    sha256_digest(&sha, SHA256_BYTES, out);
}

/* ---- what is left of one label ------------------------------------------------------------
 */

/* A patch whose first row was reached. */
struct live {
    const struct patch *patch;
    uint32_t until; /* rows up to there are as the one above, in it and in what is common */
};

struct rest {
    struct plane common;
    bool *as_above;               /* a row of it */
    struct area area;             /* of the label */
    const struct patch **patches; /* of the label, by their first row */
    size_t count, begun;
    struct live *live; /* that began and did not end */
    size_t live_count;
    uint64_t *row, *above;
    uint8_t *text;
};

/* Few patches, mostly in order already. */
static void take_label(struct rest *rest, const struct rendered_label *label)
{
    rest->area = area_of(&rest->common, label);
    rest->count = label->count;
    rest->begun = rest->live_count = 0;
    for (size_t i = 0; i < label->count; i++) {
        size_t at = i;
        for (; at > 0 && rest->patches[at - 1]->y_dots > label->patches[i].y_dots; at--)
            rest->patches[at] = rest->patches[at - 1];
        rest->patches[at] = &label->patches[i];
    }
}

/* Mostly a few words, for which a call of memcmp() is long. */
static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i = 0;
    for (; i + 8 <= len; i += 8)
        if (load(a + i) != load(b + i))
            return false;
    for (; i < len; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static bool common_changes(const struct rest *rest, const struct patch *patch, uint32_t row)
{
    size_t left = patch->x_dots / 64;
    size_t right = ((size_t)patch->x_dots + patch->bits.width_dots + 63) / 64;
    const uint64_t *words = row_at(&rest->common, row), *above = words - rest->common.words;
    for (size_t i = left; i < right; i++)
        if (words[i] != above[i])
            return true;
    return false;
}

/* The first row behind `row` that is not as the one above, or the patch's end. */
static uint32_t next_change(const struct rest *rest, const struct patch *patch, uint32_t row)
{
    size_t stride = patch->bits.stride;
    uint32_t end = end_of(patch);
    const uint8_t *bits = patch->bits.bits + (row - patch->y_dots) * stride;
    /* Bars: one long comparison, which for anything else ends at once. */
    bool bars = memcmp(bits, bits + stride, stride * (end - row - 1)) == 0;
    for (row++; row < end; row++, bits += stride)
        if ((!bars && !same_bytes(bits, bits + stride, stride)) ||
            (!rest->as_above[row] && common_changes(rest, patch, row)))
            break;
    return row;
}

/* Lets patches begin, change and end at `row`; returns the next row at which one does. */
static uint32_t advance(struct rest *rest, uint32_t row)
{
    uint32_t next = UINT32_MAX;
    size_t kept = 0;
    while (rest->begun < rest->count && rest->patches[rest->begun]->y_dots == row)
        rest->live[rest->live_count++] = (struct live){rest->patches[rest->begun++], row};
    for (size_t i = 0; i < rest->live_count; i++) {
        struct live live = rest->live[i];
        if (row == end_of(live.patch))
            continue;
        if (live.until == row)
            live.until = next_change(rest, live.patch, row);
        next = live.until < next ? live.until : next;
        rest->live[kept++] = live;
    }
    rest->live_count = kept;
    if (rest->begun < rest->count && rest->patches[rest->begun]->y_dots < next)
        next = rest->patches[rest->begun]->y_dots;
    return next;
}

/* Fills rest->row; whether it is not as the row above. */
static bool make_row(struct rest *rest, uint32_t row)
{
    const uint64_t *common = row_at(&rest->common, row);
    size_t left = rest->area.left, right = rest->area.right;
    uint64_t different = 0;
    for (size_t i = left; i < right; i++)
        rest->row[i] = 0;
    for (size_t i = 0; i < rest->live_count; i++)
        or_row(rest->row, rest->live[i].patch, row);
    for (size_t i = left; i < right; i++) {
        rest->row[i] &= ~common[i];
        different |= rest->row[i] ^ rest->above[i];
    }
    return different != 0;
}

/* Appends the label's dots that are not in common to `sha`. */
static void add_rest(struct sha256_ctx *sha, struct rest *rest)
{
    uint32_t next = rest->count ? rest->area.top : UINT32_MAX;
    uint8_t *end = rest->text;
    memset(rest->above, 0, rest->common.words * sizeof *rest->above);
    while (next < rest->common.height_dots) {
        uint32_t row = next;
        next = advance(rest, row);
        if (make_row(rest, row)) {
            uint64_t *made = rest->row;
            end = put_row(end, row, made, rest->area.left, rest->area.right);
            rest->row = rest->above;
            rest->above = made;
        }
    }
    sha256_update(sha, (size_t)(end - rest->text), rest->text);
}

static void rest_free(struct rest *rest)
{
    free(rest->common.rows);
    free(rest->as_above);
    free(rest->patches);
    free(rest->live);
    free(rest->row);
    free(rest->above);
    free(rest->text);
}

static enum err rest_make(const struct rendered *rendered, struct rest *out)
{
    struct rest rest = {0};
    size_t most = 1;
    enum err err = make_common(rendered, &rest.common);
    if (err)
        return err;
    for (size_t i = 0; i < rendered->count; i++)
        most = rendered->labels[i].count > most ? rendered->labels[i].count : most;
    rest.as_above = calloc(rest.common.height_dots, sizeof *rest.as_above);
    rest.patches = calloc(most, sizeof *rest.patches);
    rest.live = calloc(most, sizeof *rest.live);
    rest.row = calloc(rest.common.words, sizeof *rest.row);
    rest.above = calloc(rest.common.words, sizeof *rest.above);
    rest.text = malloc(text_room(&rest.common));
    if (rest.as_above && rest.patches && rest.live && rest.row && rest.above && rest.text) {
        *out = rest;
        return ERR_NONE;
    }
    rest_free(&rest);
    return ERR_NO_MEMORY;
}

enum err dots_hash(const struct rendered *rendered, uint8_t (*out)[SHA256_BYTES])
{
    struct rest rest;
    struct sha256_ctx head, sha;
    uint8_t common[SHA256_BYTES];
    if (rendered->count == 0)
        return ERR_NONE;
    enum err err = rest_make(rendered, &rest);
    if (err)
        return err;
    hash_common(&rest.common, rest.as_above, rest.text, common);
    sha256_init(&head);
    sha256_update(&head, sizeof common, common);
    for (size_t i = 0; i < rendered->count; i++) {
        sha = head;
        take_label(&rest, &rendered->labels[i]);
        add_rest(&sha, &rest);
        sha256_digest(&sha, SHA256_BYTES, out[i]);
    }
    rest_free(&rest);
    return ERR_NONE;
}

enum err dots_hash_alone(const struct rendered *rendered, size_t index,
                         uint8_t out[static SHA256_BYTES])
{
    struct rendered alone = {
        .plate = rendered->plate, .labels = &rendered->labels[index], .count = 1};
    uint8_t hash[1][SHA256_BYTES];
    enum err err = dots_hash(&alone, hash);
    if (!err)
        memcpy(out, hash[0], SHA256_BYTES);
    return err;
}
