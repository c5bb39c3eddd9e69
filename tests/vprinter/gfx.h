/* SPDX-License-Identifier: Apache-2.0
 *
 * gfx.h: the picture data of ^GF and ~DG, decoded.
 *
 * Written from facts/printer-languages.md alone, without a look at any driver: it has to be
 * able to disagree with one. Stricter than a printer on purpose: what a printer might draw
 * somehow is refused here. */
#ifndef VPRINTER_GFX_H
#define VPRINTER_GFX_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ^GF refuses counts beyond this (the manual's cap on b and c). */
#define GFX_FIELD_MAX_BYTES 99999
/* What one stored graphic may take: a bound of this program, not of a manual. */
#define GFX_MAX_BYTES (8 * 1024 * 1024)

/* A picture: rows from top to bottom, most significant bit leftmost, 1 = black.
 * Owns `dots` (row_bytes * rows bytes), which is NULL in an empty one. */
struct gfx {
    uint32_t row_bytes, rows;
    uint8_t *dots;
};

void gfx_free(struct gfx *gfx);

/* CRC-16, polynomial 0x1021, init 0, not reflected, no final xor ("123456789" -> 31C3). */
uint16_t gfx_crc16(const char *s, size_t n);

/* Decodes text data: plain hex, ACS runs, `:Z64:...:crc` or `:B64:...:crc`. `total_bytes` is
 * the uncompressed size that the command declared; the data must fill it exactly. False: `why`
 * says what is wrong, *out is untouched. */
bool gfx_decode(const char *s, size_t n, uint32_t total_bytes, uint32_t row_bytes,
                struct gfx *out, struct complaint *why);

/* The same for raw bytes (^GFB): n must be total_bytes. */
bool gfx_decode_raw(const char *s, size_t n, uint32_t total_bytes, uint32_t row_bytes,
                    struct gfx *out, struct complaint *why);

/* Reads the parameters of ^GF (all after the code): kind A or B, b = c <= 99999, row bytes,
 * data. */
bool gfx_field(const char *s, size_t n, struct gfx *out, struct complaint *why);

#endif
