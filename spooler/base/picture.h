/* SPDX-License-Identifier: Apache-2.0 */
/* picture.h: a PNG file from outside (ISO/IEC 15948) as shades of grey.
 *
 * The file may lie: its size is looked at before anything is allocated, a wrong checksum, too
 * few or too many pixels are errors. Colour becomes grey by integers (luma of ITU-R BT.709 on
 * the values as they are: gamma and colour profiles are left alone, like all that is no pixel),
 * and transparency is laid on white, so that the same file gives the same shades with every
 * libpng. Thread-safe. */
#ifndef TEM_BASE_PICTURE_H
#define TEM_BASE_PICTURE_H

#include "spooler/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define PICTURE_MAX_SIDE   8192
#define PICTURE_MAX_PIXELS (8 * 1024 * 1024)

/* 0 = black, 255 = white; rows top to bottom, `width` bytes each. The owner frees. */
struct picture {
    uint32_t width, height;
    uint8_t *shades;
};

/* ERR_INPUT: not a PNG, damaged or larger than the limits; `why` says which. */
enum err picture_decode(const uint8_t *bytes, size_t len, struct picture *out, struct why *why);
void picture_free(struct picture *picture);

#endif
