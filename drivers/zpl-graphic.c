/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/zpl-graphic.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* ---- ACS ------------------------------------------------------------------- */

#define RUN_MAX 419 /* z (400) and Y (19): a count is one letter of each kind at most */

static const char hex_digits[] = "0123456789ABCDEF";

/* G..Y = 1..19, g..z = 20, 40 .. 400; counts add, and below 3 the digit itself is as short.
 * Returns the end of what it wrote; may scribble a byte or two behind it, so that the three
 * commonest lengths need no branch: what a run's length is cannot be foreseen. */
static inline uint8_t *put_run(uint8_t *to, unsigned nibble, size_t count)
{
    uint8_t digit = (uint8_t)hex_digits[nibble];
    for (; count > RUN_MAX; count -= RUN_MAX) {
        *to++ = 'z';
        *to++ = 'Y';
        *to++ = digit;
    }
    if (count >= 20) {
        *to++ = (uint8_t)('g' + count / 20 - 1);
        count %= 20;
        if (count == 0) {
            *to++ = digit;
            return to;
        }
        *to++ = (uint8_t)('G' + count - 1);
        *to++ = digit;
        return to;
    }
    to[0] = count > 2 ? (uint8_t)('G' + count - 1) : digit;
    to[1] = digit;
    return to + (count > 1) + (count > 0);
}

/* Bytes up to the last black one. */
static size_t black_bytes(const uint8_t *row, size_t row_bytes)
{
    while (row_bytes > 0 && row[row_bytes - 1] == 0)
        row_bytes--;
    return row_bytes;
}

/* Up to eight bytes as a number, the first one highest, white behind them. */
static inline uint64_t eight_bytes(const uint8_t *bytes, size_t there)
{
    uint64_t value = 0;
    if (there >= 8) {
        memcpy(&value, bytes, 8);
        return be64toh(value);
    }
    for (size_t i = 0; i < there; i++)
        value |= (uint64_t)bytes[i] << (56 - 8 * i);
    return value;
}

/* `to` has room for ZPL_ACS_ROW_MAX(). Looks for the ends of runs in sixteen nibbles at once:
 * one by one, the processor would guess wrong at about every second. */
static uint8_t *put_row(uint8_t *to, const uint8_t *row, size_t row_bytes)
{
    size_t bytes = black_bytes(row, row_bytes), start = 0;
    uint64_t run = bytes > 0 ? row[0] >> 4 : 0;
    for (size_t i = 0; i < bytes; i += 8) {
        size_t there = bytes - i < 8 ? bytes - i : 8;
        uint64_t nibbles = eight_bytes(row + i, there);
        uint64_t differs = nibbles ^ (run << 60 | nibbles >> 4); /* from the one before */
        differs |= differs >> 2;
        uint64_t begins = (differs | differs >> 1) & UINT64_C(0x1111111111111111);
        for (begins &= UINT64_MAX << (64 - 8 * there); begins;) {
            unsigned at = (unsigned)__builtin_clzll(begins) / 4;
            to = put_run(to, (unsigned)run, 2 * i + at - start);
            start = 2 * i + at;
            run = nibbles >> (60 - 4 * at) & 15;
            begins ^= UINT64_C(1) << (60 - 4 * at);
        }
    }
    if (run != 0)
        to = put_run(to, (unsigned)run, 2 * bytes - start);
    if (run == 0 || bytes < row_bytes)
        *to++ = ','; /* white up to the end */
    return to;
}

void zpl_acs(const uint8_t *bits, size_t row_bytes, size_t rows, struct buf *out)
{
    for (size_t y = 0; y < rows; y++) {
        const uint8_t *row = bits + y * row_bytes;
        if (y > 0 && memcmp(row, row - row_bytes, row_bytes) == 0) {
            buf_add_byte(out, ':');
            continue;
        }
        uint8_t *to = buf_room(out, ZPL_ACS_ROW_MAX(row_bytes));
        if (!to)
            return;
        out->len += (size_t)(put_row(to, row, row_bytes) - to);
        out->bytes[out->len] = 0;
    }
}

/* ---- Z64 ------------------------------------------------------------------- */

uint16_t zpl_crc16(const void *bytes, size_t len)
{
    /* what four bits leave behind: a bit at a time, this was half the time of a plate */
    static const uint16_t fours[16] = {0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5,
                                       0x60c6, 0x70e7, 0x8108, 0x9129, 0xa14a, 0xb16b,
                                       0xc18c, 0xd1ad, 0xe1ce, 0xf1ef};
    const uint8_t *at = bytes;
    unsigned crc = 0;
    for (size_t i = 0; i < len; i++) {
        crc = (crc << 4 & 0xfff0) ^ fours[crc >> 12 ^ at[i] >> 4];
        crc = (crc << 4 & 0xfff0) ^ fours[crc >> 12 ^ (at[i] & 15)];
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
    /* level 1: on plates of text and lines, 6 takes three times as long for a fifth less, which
     * is less than a hundredth of a chunk */
    if (!packed || compress2(packed, &packed_len, bytes, len, 1) != Z_OK) {
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
