/* SPDX-License-Identifier: Apache-2.0 */
/* font-check.c: may a text be drawn as it is. */
#include "spooler/base/utf8.h"
#include "spooler/render/font-private.h"

#include <glib.h>
#include <stdio.h>

struct finding_char char_name(uint32_t point)
{
    struct finding_char name;
    (void)snprintf(name.text, sizeof name.text, "U+%04X", (unsigned)point); /* fits */
    return name;
}

/* What a character must not be, and the code of the finding; NULL = it may be drawn. */
static const char *refused(uint32_t point, const char **what)
{
    GUnicodeType type = g_unichar_type(point);
    if (point == 0xfffd) {
        *what = "stands for text that was lost in a conversion";
        return "replacement-character";
    }
    if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
        type == G_UNICODE_PARAGRAPH_SEPARATOR) {
        *what = "is a control character";
        return "control-character";
    }
    /* The label must not read differently from its data: "321" for a lot 123. */
    if ((point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069)) {
        *what = "turns the reading direction of its neighbours";
        return "control-character";
    }
    return NULL;
}

static bool has_glyph(const struct font_set *set, uint32_t point)
{
    for (size_t i = 0; i < set->count; i++)
        if (FcCharSetHasChar(set->faces[i].chars, point))
            return true;
    /* invisible by definition (joiners, marks of direction): shapes others, has no dots */
    return g_unichar_type(point) == G_UNICODE_FORMAT;
}

static bool plain_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    return true;
}

enum err font_check_text(const struct font *font, const char *text, size_t len,
                         struct place place, struct findings *findings)
{
    const struct font_set *set = font->set;
    if (set->ascii && plain_ascii(text, len))
        return ERR_NONE;
    enum err err = ERR_NONE;
    size_t position = 1;
    for (size_t at = 0; at < len; position++) {
        uint32_t point;
        size_t bytes = utf8_decode(text + at, len - at, &point);
        if (bytes == 0)
            return findings_add(findings, SEVERITY_ERROR, "not-utf-8", place, text, "UTF-8",
                                "text is not UTF-8 at byte %zu", at + 1);
        const char *what, *code = refused(point, &what);
        if (code)
            err = findings_add(findings, SEVERITY_ERROR, code, place, text, NULL,
                               "character %zu, %s, %s", position, char_name(point).text, what);
        else if (!has_glyph(set, point))
            err = findings_add(findings, SEVERITY_ERROR, "no-glyph", place, text, NULL,
                               "character %zu, %s, is in none of the fonts %s", position,
                               char_name(point).text, set->families);
        at += bytes;
    }
    return err;
}
