/* SPDX-License-Identifier: Apache-2.0 */
/* bitmap.h: one bit a dot. 1 = black, most significant bit = leftmost dot, rows top
 * to bottom, stride = ceil(width/8) bytes, padding bits 0. Plain values; the
 * owner frees. */
#ifndef TEM_BASE_BITMAP_H
#define TEM_BASE_BITMAP_H

#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest side taken from outside: 16,384 dots are 1.37 m at 12 dots a mm. */
#define BITMAP_MAX_DOTS 16384

struct bitmap {
    uint32_t width_dots;
    uint32_t height_dots;
    size_t stride;
    uint8_t *bits;
};

/* What differs on one label, to be ORed onto the plate at x, y. */
struct patch {
    uint32_t x_dots;
    uint32_t y_dots;
    struct bitmap bits;
};

/* All white. ERR_TOO_LARGE past BITMAP_MAX_DOTS a side, ERR_INPUT for a side of 0. */
enum err bitmap_new(uint32_t width_dots, uint32_t height_dots, struct bitmap *out);
void bitmap_free(struct bitmap *bitmap);
enum err bitmap_copy(const struct bitmap *from, struct bitmap *out);

bool bitmap_get(const struct bitmap *bitmap, uint32_t x, uint32_t y);
void bitmap_set(struct bitmap *bitmap, uint32_t x, uint32_t y);
/* Black rectangle, clipped to the bitmap. */
void bitmap_fill(struct bitmap *bitmap, int64_t x, int64_t y, int64_t width, int64_t height);
/* ORs `from` onto `to` with its top left at x, y; what lies outside is clipped. */
void bitmap_or(struct bitmap *to, const struct bitmap *from, int64_t x, int64_t y);
/* Keeps of `to` only what `from`, with its top left at x, y, has as well; false when that is
 * nothing. */
bool bitmap_and(struct bitmap *to, const struct bitmap *from, int64_t x, int64_t y);
/* Takes from `to` the dots that `from`, with its top left at x, y, has. */
void bitmap_clear(struct bitmap *to, const struct bitmap *from, int64_t x, int64_t y);
/* Turned clockwise by 0, 90, 180 or 270 degrees. */
enum err bitmap_rotate(const struct bitmap *from, int degrees, struct bitmap *out);
/* Every dot a square of `factor` by `factor`. */
enum err bitmap_scale(const struct bitmap *from, uint32_t factor, struct bitmap *out);
/* Smallest rectangle that holds all black dots; false when there are none. */
bool bitmap_bounds(const struct bitmap *bitmap, uint32_t *x, uint32_t *y, uint32_t *width,
                   uint32_t *height);
/* The rectangle as a bitmap of its own; it must lie inside. */
enum err bitmap_crop(const struct bitmap *from, uint32_t x, uint32_t y, uint32_t width,
                     uint32_t height, struct bitmap *out);
uint64_t bitmap_black(const struct bitmap *bitmap);
bool bitmap_equal(const struct bitmap *a, const struct bitmap *b);

/* mm to dots. An edge is rounded to the nearest dot, half up; a size is the
 * difference of two edges. `um` = thousandths of a mm, `dots_per_m` = the head's. */
int64_t dots_from_um(int64_t um, uint32_t dots_per_m);

#endif
