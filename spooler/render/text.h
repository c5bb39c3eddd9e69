/* SPDX-License-Identifier: Apache-2.0 */
/* text.h: text elements: lines, fit and alignment (inside of render/).
 *
 * The pitch of lines, the top and the baseline are those of the declared (first) font; a
 * fallback glyph changes none of them, so that what stands below never moves with the data.
 * Threads: as the canvas's renderer. */
#ifndef TEM_RENDER_TEXT_H
#define TEM_RENDER_TEXT_H

#include "spooler/render/draw.h"

/* A text element upright. Width and height are the text's own, in whole dots. */
enum err text_sketch(const struct canvas *canvas, const struct drawn *drawn,
                     struct sketch *out);

/* One or several lines at a font's size without fit, for text that belongs to another element
 * (a symbol's human-readable interpretation): centred on `middle`, its top at `top`. Adds to
 * the sketch's pieces; *height = dots taken. */
enum err text_below(const struct canvas *canvas, const struct element *element,
                    const char *content, size_t len, int64_t middle, int64_t top,
                    struct sketch *out, int64_t *height);

/* Without data: the fonts and styles are there; text is not too small to read. */
enum err text_check(const struct canvas *canvas, const struct element *element);

#endif
