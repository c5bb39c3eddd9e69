/* SPDX-License-Identifier: Apache-2.0 */
/* sheet.h: pictures of labels side by side, like labels of a roll that were cut off and laid on
 * a table. Pure; the owner frees. */
#ifndef TEM_BASE_SHEET_H
#define TEM_BASE_SHEET_H

#include "spooler/base/bitmap.h"
#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A byte a pixel, 0 = black, 255 = white, rows top to bottom. */
struct grey {
    uint32_t width_px, height_px;
    uint8_t *pixels;
};

/* A sheet is at most so large: 200 MB in memory. */
#define SHEET_MAX_PIXELS 200000000

/* Black dots on white paper. */
enum err grey_from_bitmap(const struct bitmap *bitmap, struct grey *out);
/* Averaged down by a whole factor, 1.. ; the last row and column may be of fewer pixels. */
enum err grey_shrink(const struct grey *from, uint32_t factor, struct grey *out);
void grey_free(struct grey *grey);

struct sheet_label {
    struct bitmap bits;           /* bits.bits NULL: could not be drawn, blank paper is laid */
    struct bitmap caption;        /* below it, pixel by pixel; bits NULL: none */
    uint32_t width_px, height_px; /* how large it is laid; whole multiples keep it exact */
    bool crossed;                 /* marked as one that cannot be printed */
};

/* Lays `count` labels row by row, in cells of the largest one's size. `columns`: so many beside
 * each other; 0 = as many as make the sheet about as wide as a screen, a multiple of `group`.
 * ERR_TOO_LARGE past SHEET_MAX_PIXELS. */
enum err sheet_lay(const struct sheet_label *labels, size_t count, size_t columns, size_t group,
                   struct grey *out);

#endif
