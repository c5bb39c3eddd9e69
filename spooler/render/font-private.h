/* SPDX-License-Identifier: Apache-2.0 */
/* font-private.h: what font.c (which fonts), font-family.c, font-check.c and line.c (how a line
 * is shaped) share; nobody else includes it. */
#ifndef TEM_RENDER_FONT_PRIVATE_H
#define TEM_RENDER_FONT_PRIVATE_H

#include "spooler/base/buf.h"
#include "spooler/base/hash.h"
#include "spooler/render/font.h"
#include "spooler/render/glyph.h"

#include <fontconfig/fontconfig.h>
#include <pango/pango.h>

#define FONT_FAMILIES 8   /* of one template, and one of the element's own */
#define FONT_SEEN     16  /* Pango fonts of one font: some a family, by script */
#define LINE_SLOTS    512 /* lines remembered; a power of two */

/* One font file of a family list, in the style asked for. */
struct face {
    FT_Face ft;
    FcCharSet *chars;
    char *file;
    int index;
};

/* Families in a style: the faces, without a size. */
struct font_set {
    char *key;
    PangoFontDescription *desc; /* families and style, no size */
    struct face faces[FONT_FAMILIES];
    size_t count;
    char *families; /* for messages */
    bool ascii;     /* the first face has all of printable ASCII */
};

struct font {
    const struct font_set *set;
    int32_t size_26_6; /* em, in 64ths of a dot */
    uint32_t dots_per_m;
    PangoContext *context;
    int64_t ascent, descent, pitch, x_height_um;
    PangoItem *plain[2]; /* of printable ASCII without and with letters; NULL = not seen */
    struct {
        PangoFont *pango; /* a reference, so that the address stays its own */
        size_t face;
    } seen[FONT_SEEN];
    size_t seen_count;
};

struct line_slot {
    struct font *font; /* NULL = empty */
    bool right_to_left;
    char *text;
    size_t len;
    struct font_line line;
};

/* A font file as it was when it was opened. */
struct font_file {
    char name[128]; /* without its folder */
    char sha256[SHA256_HEX];
};

struct fonts {
    FcConfig *config;
    PangoFontMap *map;
    PangoLanguage *language;
    struct glyphs *glyphs;
    struct font_set **sets;
    size_t set_count;
    struct font **list;
    size_t count;
    struct font_file *files; /* all that were opened, for people (tools.h) */
    size_t file_count;
    struct line_slot lines[LINE_SLOTS];
};

void lines_forget(struct fonts *fonts);
/* tools.c: a file is opened. */
void font_file_note(struct fonts *fonts, const char *path);

/* The first file of that family, in that style unless NULL; NULL when there is none. Variable
 * and bitmap fonts are passed over: their dots depend on more than a name and a size. */
FcPattern *family_file(const struct fonts *fonts, const char *family, const char *style);
/* The styles that a family has, for a message. */
void family_styles(const struct fonts *fonts, const char *family, struct buf *out);

/* U+XXXX, for a message. */
struct finding_char {
    char text[16];
};
struct finding_char char_name(uint32_t point);

#endif
