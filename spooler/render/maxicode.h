/* SPDX-License-Identifier: Apache-2.0 */
/* maxicode.h: the one symbology that does not consist of rows of modules (inside of render/).
 * Pure. `module` is W in dots: from the middle of a hexagon to its neighbour's. */
#ifndef TEM_RENDER_MAXICODE_H
#define TEM_RENDER_MAXICODE_H

#include "spooler/base/bitmap.h"

#include <stdint.h>

struct zint_symbol;

/* Dots of every MaxiCode: they are all of one size. */
int64_t maxicode_width(int64_t module);
int64_t maxicode_height(int64_t module);
/* Draws an encoded symbol on a bitmap of that size. */
void maxicode_draw(const struct zint_symbol *symbol, int64_t module, struct bitmap *bits);

#endif
