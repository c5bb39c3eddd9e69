/* SPDX-License-Identifier: Apache-2.0 */
/* glyph.h: glyphs of a font file as one bit a dot, drawn by FreeType (inside of render/).
 *
 * A FreeType library of our own: no environment variable and no other user of FreeType in
 * the process changes how it draws. Threads: one at a time. */
#ifndef TEM_RENDER_GLYPH_H
#define TEM_RENDER_GLYPH_H

#include "spooler/base/bitmap.h"
#include "spooler/base/err.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct glyphs;

enum err glyphs_new(struct glyphs **out, struct why *why);
void glyphs_free(struct glyphs *glyphs);
/* Forgets all drawn glyphs; call where none is borrowed, and before a face is closed. */
void glyphs_forget(struct glyphs *glyphs);

/* Of the FreeType that runs, such as 2.12.1. */
void glyphs_version(const struct glyphs *glyphs, int out[static 3]);

/* The caller closes it with FT_Done_Face() before glyphs_free(). */
enum err glyphs_open(struct glyphs *glyphs, const char *file, int index, FT_Face *out,
                     struct why *why);

struct glyph {
    int64_t left, top; /* of the dots, from the pen and the baseline, down = + */
    /* Dots that hinting adds to the rounded advance of the outline, -1, 0 or 1 as a rule: stems
     * move to whole dots, and so must their neighbours, or letters touch. */
    int64_t advance_more;
    bool has_ink;
    struct bitmap bits;
};

/* A glyph at a size in 64ths of a dot. Borrowed until the next call: the cache is bounded. */
enum err glyphs_get(struct glyphs *glyphs, FT_Face face, int32_t size_26_6, uint32_t index,
                    const struct glyph **out);

#endif
