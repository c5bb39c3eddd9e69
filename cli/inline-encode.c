/* SPDX-License-Identifier: Apache-2.0 */
/* inline-encode.c: pictures as the bytes that terminals take. */
#include "cli/inline.h"

#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

#define KITTY_CHUNK 4096 /* characters of base64; the protocol's most, a multiple of 4 */
#define GREYS       8
#define SIXEL_ROWS  6
/* Where a terminal does not say how wide it is in pixels. */
#define SIXEL_WIDTH_PX 800
/* A braille dot is ink when so much of its area is: strokes of one dot survive a factor of 2.
 */
#define INK_BELOW 160

/* ---- the file itself --------------------------------------------------------------- */

static char *base64(const struct buf *png)
{
    struct buf text = BUF_INIT(BASE64_ENCODE_RAW_LENGTH(png->len) + 1);
    uint8_t *room = buf_room(&text, BASE64_ENCODE_RAW_LENGTH(png->len) + 1);
    if (!room)
        return NULL;
    base64_encode_raw((char *)room, png->len, png->bytes);
    text.len = BASE64_ENCODE_RAW_LENGTH(png->len);
    room[text.len] = '\0';
    return buf_take(&text);
}

static bool is_too_wide(const struct grey *grey, const struct inline_room *room)
{
    return room->columns > 0 && room->width_px > 0 && grey->width_px > room->width_px;
}

/* a=T: transmit and show; f=100: PNG; q=2: the terminal answers nothing; m=1: more follows. */
enum err inline_kitty(const struct inline_picture *picture, const struct inline_room *room,
                      struct buf *out)
{
    char *text = base64(picture->png);
    size_t len = text ? strlen(text) : 0;
    if (!text)
        return ERR_NO_MEMORY;
    for (size_t at = 0; at < len; at += KITTY_CHUNK) {
        size_t left = len - at, n = left < KITTY_CHUNK ? left : KITTY_CHUNK;
        buf_add_text(out, "\x1b_G");
        if (at == 0)
            buf_add_text(out, "a=T,f=100,q=2,");
        if (at == 0 && is_too_wide(picture->grey, room))
            buf_printf(out, "c=%u,", room->columns);
        buf_printf(out, "m=%d;", left > n);
        buf_add(out, text + at, n);
        buf_add_text(out, "\x1b\\");
    }
    buf_add_byte(out, '\n');
    free(text);
    return buf_err(out);
}

enum err inline_iterm(const struct inline_picture *picture, const struct inline_room *room,
                      struct buf *out)
{
    char *text = base64(picture->png);
    if (!text)
        return ERR_NO_MEMORY;
    buf_printf(out, "\x1b]1337;File=inline=1;size=%zu;width=%s;preserveAspectRatio=1:",
               picture->png->len, is_too_wide(picture->grey, room) ? "100%" : "auto");
    buf_add_text(out, text);
    buf_add_text(out, "\a\n");
    free(text);
    return buf_err(out);
}

/* ---- sixel ------------------------------------------------------------------------- */

/* The whole factor by which `size` fits into `room`. */
static uint32_t factor(uint32_t size, uint32_t room)
{
    return room == 0 || size <= room ? 1 : (size + room - 1) / room;
}

static unsigned grey_at(const struct grey *grey, uint32_t x, uint32_t y)
{
    return (grey->pixels[(size_t)y * grey->width_px + x] * (GREYS - 1u) + 127u) / 255u;
}

/* Six rows of one grey: a bit a row, the top one lowest. */
static unsigned sixel_at(const struct grey *grey, uint32_t x, uint32_t top, unsigned level)
{
    unsigned bits = 0;
    for (uint32_t row = 0; row < SIXEL_ROWS && top + row < grey->height_px; row++)
        bits |= (unsigned)(grey_at(grey, x, top + row) == level) << row;
    return bits;
}

static void add_run(struct buf *out, unsigned bits, uint32_t count)
{
    if (count > 3)
        buf_printf(out, "!%u%c", count, (int)(bits + 63));
    for (uint32_t i = 0; count <= 3 && i < count; i++)
        buf_add_byte(out, (uint8_t)(bits + 63));
}

/* One band in one grey, if it has any. */
static void add_band(const struct grey *grey, uint32_t top, unsigned level, struct buf *out)
{
    unsigned any = 0;
    for (uint32_t x = 0; x < grey->width_px; x++)
        any |= sixel_at(grey, x, top, level);
    if (!any)
        return;
    buf_printf(out, "#%u", level);
    for (uint32_t x = 0; x < grey->width_px;) {
        unsigned bits = sixel_at(grey, x, top, level);
        uint32_t first = x;
        while (x < grey->width_px && sixel_at(grey, x, top, level) == bits)
            x++;
        add_run(out, bits, x - first);
    }
    buf_add_byte(out, '$'); /* back to the left, for the next grey */
}

enum err inline_sixel(const struct inline_picture *picture, const struct inline_room *room,
                      struct buf *out)
{
    struct grey small;
    uint32_t wide = room->width_px ? room->width_px : SIXEL_WIDTH_PX;
    enum err err = grey_shrink(picture->grey, factor(picture->grey->width_px, wide), &small);
    if (err)
        return err;
    buf_printf(out, "\x1bP0;1;0q\"1;1;%u;%u", small.width_px, small.height_px);
    for (unsigned i = 0; i < GREYS; i++) {
        unsigned percent = i * 100 / (GREYS - 1);
        buf_printf(out, "#%u;2;%u;%u;%u", i, percent, percent, percent);
    }
    for (uint32_t top = 0; top < small.height_px; top += SIXEL_ROWS) {
        for (unsigned level = 0; level < GREYS; level++)
            add_band(&small, top, level, out);
        buf_add_byte(out, '-'); /* the next band */
    }
    buf_add_text(out, "\x1b\\\n");
    grey_free(&small);
    return buf_err(out);
}

/* ---- braille ------------------------------------------------------------------------ */

/* U+2800 and a bit a dot: the two columns of three first, the lowest row last (Unicode, 2800).
 */
static unsigned braille_at(const struct grey *grey, uint32_t x, uint32_t y)
{
    static const uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    unsigned cell = 0;
    for (uint32_t row = 0; row < 4 && y + row < grey->height_px; row++) {
        for (uint32_t column = 0; column < 2 && x + column < grey->width_px; column++) {
            if (grey->pixels[(size_t)(y + row) * grey->width_px + x + column] < INK_BELOW)
                cell |= bits[row][column];
        }
    }
    return cell;
}

enum err inline_blocks(const struct inline_picture *picture, const struct inline_room *room,
                       struct buf *out)
{
    struct grey small;
    uint32_t columns = room->columns ? room->columns : 80;
    enum err err =
        grey_shrink(picture->grey, factor(picture->grey->width_px, columns * 2), &small);
    if (err)
        return err;
    for (uint32_t y = 0; y < small.height_px; y += 4) {
        buf_add_text(out, room->colour ? "\x1b[30;107m" : "");
        for (uint32_t x = 0; x < small.width_px; x += 2) {
            unsigned point = 0x2800 + braille_at(&small, x, y);
            const uint8_t utf8[3] = {(uint8_t)(0xe0 | point >> 12),
                                     (uint8_t)(0x80 | (point >> 6 & 0x3f)),
                                     (uint8_t)(0x80 | (point & 0x3f))};
            buf_add(out, utf8, sizeof utf8);
        }
        buf_add_text(out, room->colour ? "\x1b[0m\n" : "\n");
    }
    grey_free(&small);
    return buf_err(out);
}
