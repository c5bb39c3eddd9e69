/* SPDX-License-Identifier: Apache-2.0 */
/* png.h: a bitmap or a sheet as a PNG file (ISO/IEC 15948): grey of one bit or of eight, with
 * its resolution (pHYs). No time, no text: the same dots give the same bytes with the same
 * libpng and zlib; compare dots, never these bytes, across machines. Thread-safe. */
#ifndef TEM_BASE_PNG_H
#define TEM_BASE_PNG_H

#include "spooler/base/bitmap.h"
#include "spooler/base/buf.h"
#include "spooler/base/err.h"
#include "spooler/base/sheet.h"

#include <stdint.h>

/* Appends the file's bytes to `out`; dots_per_m = 0 leaves the resolution out. ERR_NO_MEMORY or
 * ERR_TOO_LARGE; `out` then holds a part that is of no use. */
enum err png_encode(const struct bitmap *bitmap, uint32_t dots_per_m, struct buf *out,
                    struct why *why);
/* The same of a grey picture. */
enum err png_encode_grey(const struct grey *grey, uint32_t px_per_m, struct buf *out,
                         struct why *why);

#endif
