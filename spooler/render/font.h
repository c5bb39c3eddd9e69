/* SPDX-License-Identifier: Apache-2.0 */
/* font.h: fonts of given folders, and single lines of text as one-bit dots (inside of render/).
 *
 * Pango chooses fonts and shapes (fallback, Vietnamese marks, bidi) through a fontconfig
 * configuration that holds the given folders and no rule at all; FreeType draws each glyph in
 * one bit a dot. Locale, environment and the system's fontconfig have no say, so the same line
 * has the same dots everywhere. A character is only ever drawn with a family that was asked
 * for, in the style that was asked for.
 *
 * Threads: one at a time. Fonts and lines are borrowed from the caches until fonts_trim(). */
#ifndef TEM_RENDER_FONT_H
#define TEM_RENDER_FONT_H

#include "spooler/base/bitmap.h"
#include "spooler/base/err.h"
#include "spooler/base/findings.h"
#include "templates/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fonts;
struct font; /* families, style and size at a resolution */

enum err fonts_new(const char *const *folders, struct fonts **out, struct why *why);
void fonts_free(struct fonts *fonts);
/* Bounds the caches; call where no font or line is borrowed. */
void fonts_trim(struct fonts *fonts);

struct font_ask {
    const struct template *template; /* its families, in fallback order */
    const char *family;              /* goes before them; may be NULL */
    const char *style;
    int32_t mpt; /* thousandths of a point, 1/72 inch */
    uint32_t dots_per_m;
    struct place place; /* for findings */
};

/* ERR_INPUT with a finding when a family is not there, or the first one lacks the style. A
 * fallback family that lacks the style is left out; a warning says so when `warn`. */
enum err font_find(struct fonts *fonts, const struct font_ask *ask, bool warn,
                   struct findings *findings, struct font **out);

/* Whole dots of the declared (first) family; fallback glyphs change none of them. */
int64_t font_ascent(const struct font *font);
int64_t font_descent(const struct font *font);
int64_t font_pitch(const struct font *font);
/* x-height in thousandths of a mm; 0 = the font does not say. */
int64_t font_x_height_um(const struct font *font);

/* Every character of `text` is drawable: no control character, none that turns the reading
 * direction of what is around it, and each in one of the families. Finds them all. */
enum err font_check_text(const struct font *font, const char *text, size_t len,
                         struct place place, struct findings *findings);

struct font_line {
    int64_t width;     /* advance */
    bool has_ink;      /* false: blanks only, `ink` is empty */
    int64_t left, top; /* of the ink, from the pen's start and the baseline, down = + */
    struct bitmap ink; /* cropped to black */
};

/* One line in its paragraph's direction. Borrowed; ERR_INPUT with a finding when a character
 * cannot be drawn. */
enum err font_line(struct fonts *fonts, struct font *font, const char *text, size_t len,
                   bool right_to_left, struct place place, struct findings *findings,
                   const struct font_line **out);

#endif
