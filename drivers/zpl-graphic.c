/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/zpl-graphic.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* ---- ACS ------------------------------------------------------------------- */

#define RUN_MAX 419 /* z (400) and Y (19): a count is one letter of each kind at most */

static char nibble_at(const uint8_t *row, size_t i)
{
    return "0123456789ABCDEF"[i % 2 ? row[i / 2] & 15 : row[i / 2] >> 4];
}

/* G..Y = 1..19, g..z = 20, 40 .. 400; counts add. */
static void add_run(char digit, size_t count, struct buf *out)
{
    while (count > 0) {
        size_t run = count < RUN_MAX ? count : RUN_MAX;
        count -= run;
        if (run < 3) { /* a count would not be shorter */
            for (size_t i = 0; i < run; i++)
                buf_add_byte(out, (uint8_t)digit);
            continue;
        }
        if (run >= 20)
            buf_add_byte(out, (uint8_t)('g' + run / 20 - 1));
        if (run % 20)
            buf_add_byte(out, (uint8_t)('G' + run % 20 - 1));
        buf_add_byte(out, (uint8_t)digit);
    }
}

static void add_row(const uint8_t *row, size_t row_bytes, struct buf *out)
{
    size_t end = row_bytes * 2; /* nibbles up to the last black one */
    while (end > 0 && nibble_at(row, end - 1) == '0')
        end--;
    for (size_t i = 0; i < end;) {
        size_t next = i + 1;
        while (next < end && nibble_at(row, next) == nibble_at(row, i))
            next++;
        add_run(nibble_at(row, i), next - i, out);
        i = next;
    }
    if (end < row_bytes * 2)
        buf_add_byte(out, ',');
}

void zpl_acs(const uint8_t *bits, size_t row_bytes, size_t rows, struct buf *out)
{
    for (size_t y = 0; y < rows; y++) {
        const uint8_t *row = bits + y * row_bytes;
        if (y > 0 && memcmp(row, row - row_bytes, row_bytes) == 0)
            buf_add_byte(out, ':');
        else
            add_row(row, row_bytes, out);
    }
}

/* ---- Z64 ------------------------------------------------------------------- */

uint16_t zpl_crc16(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    unsigned crc = 0;
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned)at[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
    }
    return (uint16_t)crc;
}

void zpl_base64(const uint8_t *bytes, size_t len, struct buf *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        unsigned three = (unsigned)bytes[i] << 16 |
                         (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0u);
        const uint8_t four[4] = {(uint8_t)alphabet[three >> 18],
                                 (uint8_t)alphabet[three >> 12 & 63],
                                 (uint8_t)(left > 1 ? alphabet[three >> 6 & 63] : '='),
                                 (uint8_t)(left > 2 ? alphabet[three & 63] : '=')};
        buf_add(out, four, sizeof four);
    }
}

enum err zpl_z64(const uint8_t *bytes, size_t len, struct buf *out, struct why *why)
{
    uLongf packed_len = compressBound(len);
    uint8_t *packed = malloc(packed_len);
    /* level 6: 9 costs nine times as much for one per cent */
    if (!packed || compress2(packed, &packed_len, bytes, len, 6) != Z_OK) {
        free(packed);
        return err_set(why, ERR_NO_MEMORY, "out of memory for a graphic of %zu bytes", len);
    }
    buf_add_text(out, ":Z64:");
    size_t start = out->len;
    zpl_base64(packed, packed_len, out);
    free(packed);
    if (buf_err(out))
        return err_set(why, buf_err(out), "graphic of %zu bytes is too large", len);
    /* over the base64 text alone: neither the dots nor ":Z64:" */
    buf_printf(out, ":%04X", zpl_crc16(out->bytes + start, out->len - start));
    return ERR_NONE;
}
