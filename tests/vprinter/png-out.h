/* SPDX-License-Identifier: Apache-2.0
 *
 * png-out.h: a label as a picture for people: 1-bit grey, black dots black, true resolution. */
#ifndef VPRINTER_PNG_OUT_H
#define VPRINTER_PNG_OUT_H

#include "canvas.h"

/* Writes `path` anew. Not synced: a picture that a crash of the machine loses can be printed
 * again here for nothing. False: nothing usable is at `path`. */
bool png_out(const char *path, const struct canvas *canvas, uint32_t dots_per_m);

#endif
