/* SPDX-License-Identifier: Apache-2.0
 *
 * canvas.h: the dots of one label.
 *
 * Rows from top to bottom, most significant bit leftmost, 1 = black; padding bits at the end
 * of a row are always 0, so that equal pictures are equal bytes. */
#ifndef VPRINTER_CANVAS_H
#define VPRINTER_CANVAS_H

#include "gfx.h"

#include <stdbool.h>
#include <stdint.h>

struct canvas {
    uint32_t width_dots, height_dots, row_bytes;
    uint8_t dots[];
};

/* A white canvas, or NULL without memory. Sizes are bounded by the caller (options, ^PW, ^LL).
 */
struct canvas *canvas_new(uint32_t width_dots, uint32_t height_dots);

struct canvas *canvas_copy(const struct canvas *canvas);

/* Draws `gfx` with its top left dot at x,y (may be negative), every dot `magnify_x` wide and
 * `magnify_y` high; black dots are ORed, or XORed when `reverse`.
 * Returns how many black dots of `gfx` fell outside. */
uint64_t canvas_draw(struct canvas *canvas, const struct gfx *gfx, int32_t x, int32_t y,
                     uint32_t magnify_x, uint32_t magnify_y, bool reverse);

/* Turns the label by 180 degrees (^POI), or mirrors left and right (^PMY). */
void canvas_flip(struct canvas *canvas, bool left_right, bool top_bottom);

uint64_t canvas_black(const struct canvas *canvas);

/* FNV-1a, 64 bits, over the rows with their padding; the size does not enter. */
uint64_t canvas_fnv(const struct canvas *canvas);

/* Whitens every row from `first_row` on: the piece of a torn label that exists. */
void canvas_blank_from(struct canvas *canvas, uint32_t first_row);

#endif
