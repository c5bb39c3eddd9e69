/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/font.h"

#include "spooler/base/buf.h"
#include "spooler/render/folder.h"
#include "spooler/render/font-private.h"

#include FT_TRUETYPE_TABLES_H
#include <glib.h>
#include <pango/pangofc-fontmap.h>
#include <pango/pangoft2.h>
#include <stdlib.h>
#include <string.h>

/* Past these, everything is forgotten and made again: templates change rarely. */
#define FONTS_KEPT 256
#define SETS_KEPT  64

/* Unhinted advances without antialiasing: what Pango measures is what FreeType draws. */
static void substitute(FcPattern *pattern, gpointer unused)
{
    (void)unused; /* Pango's signature */
    FcPatternDel(pattern, FC_HINTING);
    FcPatternAddBool(pattern, FC_HINTING, FcFalse);
    FcPatternDel(pattern, FC_ANTIALIAS);
    FcPatternAddBool(pattern, FC_ANTIALIAS, FcFalse);
    FcPatternDel(pattern, FC_AUTOHINT);
    FcPatternAddBool(pattern, FC_AUTOHINT, FcFalse);
}

/* Pango starts a thread that loads the system's configuration, unless the process has one:
 * time, complaints on stderr where there is none, and 288 bytes that fontconfig never gives
 * back. So it has one, which is empty. */
static bool keep_system_out(void)
{
    FcConfig *empty = FcConfigCreate();
    if (!empty)
        return false;
    bool ok = FcConfigSetCurrent(empty); /* takes a reference of its own */
    FcConfigDestroy(empty);
    return ok;
}

enum err fonts_new(const char *const *folders, struct fonts **out, struct why *why)
{
    struct fonts *fonts = calloc(1, sizeof *fonts);
    if (!fonts)
        return err_set(why, ERR_NO_MEMORY, "out of memory for fonts");
    fonts->config = FcConfigCreate();
    enum err err = fonts->config && keep_system_out()
                       ? glyphs_new(&fonts->glyphs, why)
                       : err_set(why, ERR_NO_MEMORY, "fontconfig does not start");
    if (!err)
        err = folder_add_fonts(fonts->config, folders, why);
    if (err) {
        fonts_free(fonts);
        return err;
    }
    fonts->map = pango_ft2_font_map_new();
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts->map), fonts->config);
    pango_fc_font_map_set_default_substitute(PANGO_FC_FONT_MAP(fonts->map), substitute, NULL,
                                             NULL);
    /* Fixed, else LANG would choose among a font's local forms. */
    fonts->language = pango_language_from_string("vi");
    *out = fonts;
    return ERR_NONE;
}

static void font_free(struct font *font)
{
    for (size_t i = 0; i < font->seen_count; i++)
        g_object_unref(font->seen[i].pango);
    for (size_t i = 0; i < sizeof font->plain / sizeof font->plain[0]; i++)
        if (font->plain[i])
            pango_item_free(font->plain[i]);
    if (font->context)
        g_object_unref(font->context);
    free(font);
}

static void set_free(struct font_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct face *face = &set->faces[i];
        if (face->ft)
            (void)FT_Done_Face(face->ft); /* fails only for a face that is none */
        if (face->chars)
            FcCharSetDestroy(face->chars);
        free(face->file);
    }
    if (set->desc)
        pango_font_description_free(set->desc);
    free(set->key);
    free(set->families);
    free(set);
}

static void forget_all(struct fonts *fonts)
{
    lines_forget(fonts);
    if (fonts->glyphs)
        glyphs_forget(fonts->glyphs);
    for (size_t i = 0; i < fonts->count; i++)
        font_free(fonts->list[i]);
    free(fonts->list);
    for (size_t i = 0; i < fonts->set_count; i++)
        set_free(fonts->sets[i]);
    free(fonts->sets);
    fonts->list = NULL;
    fonts->sets = NULL;
    fonts->count = fonts->set_count = 0;
}

void fonts_trim(struct fonts *fonts)
{
    if (fonts->count > FONTS_KEPT || fonts->set_count > SETS_KEPT)
        forget_all(fonts);
}

void fonts_free(struct fonts *fonts)
{
    if (!fonts)
        return;
    forget_all(fonts);
    if (fonts->map) {
        /* Pango's finalizer keeps its reference to the configuration, which is 0.5 MB. */
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts->map), NULL);
        g_object_unref(fonts->map);
    }
    glyphs_free(fonts->glyphs);
    free(fonts->files);
    if (fonts->config)
        FcConfigDestroy(fonts->config);
    free(fonts);
}

/* ---- the faces of a family list ---------------------------------------------- */

static enum err open_face(struct fonts *fonts, FcPattern *pattern, struct face *face,
                          struct why *why)
{
    FcChar8 *file;
    int index = 0;
    if (FcPatternGetString(pattern, FC_FILE, 0, &file) != FcResultMatch ||
        FcPatternGetCharSet(pattern, FC_CHARSET, 0, &face->chars) != FcResultMatch)
        return err_set(why, ERR_SYSTEM, "fontconfig knows a font without a file");
    (void)FcPatternGetInteger(pattern, FC_INDEX, 0, &index); /* absent = 0 */
    face->chars = FcCharSetCopy(face->chars);
    face->index = index;
    face->file = strdup((const char *)file);
    if (!face->chars || !face->file)
        return err_set(why, ERR_NO_MEMORY, "out of memory for a font");
    font_file_note(fonts, face->file);
    return glyphs_open(fonts->glyphs, face->file, index, &face->ft, why);
}

/* Takes the faces of one family into the set. A missing fallback style leaves it out. */
static enum err add_family(struct fonts *fonts, struct font_set *set, const char *family,
                           const struct font_ask *ask, bool warn, struct findings *findings,
                           struct buf *names)
{
    if (strchr(family, ',') || !family_file(fonts, family, NULL))
        return findings_add(findings, SEVERITY_ERROR, "missing-font", ask->place, family,
                            "a family that is in the font folders", "font is missing");
    FcPattern *pattern = family_file(fonts, family, ask->style);
    if (!pattern) {
        struct buf styles = BUF_INIT(2048);
        family_styles(fonts, family, &styles);
        bool first = set->count == 0;
        enum err err = ERR_NONE;
        if (first || warn)
            err = findings_add(findings, first ? SEVERITY_ERROR : SEVERITY_WARNING,
                               "missing-style", ask->place, ask->style, buf_text(&styles),
                               first ? "font %s has no such style"
                                     : "font %s has no such style and is left out here",
                               family);
        buf_free(&styles);
        return err;
    }
    struct why why;
    enum err err = open_face(fonts, pattern, &set->faces[set->count++], &why);
    if (err)
        return findings_add(findings, SEVERITY_ERROR, "missing-font", ask->place, family, NULL,
                            "%s", why.text);
    if (set->count == 1)
        set->desc = pango_fc_font_description_from_pattern(pattern, FALSE);
    buf_printf(names, "%s%s", names->len ? "," : "", family);
    return ERR_NONE;
}

static bool has_ascii(const struct face *face)
{
    for (FcChar32 c = 0x20; c < 0x7f; c++)
        if (!FcCharSetHasChar(face->chars, c))
            return false;
    return true;
}

static enum err fill_set(struct fonts *fonts, struct font_set *set, const struct font_ask *ask,
                         bool warn, struct findings *findings)
{
    struct buf names = BUF_INIT(4096);
    enum err err = ERR_NONE;
    if (ask->family)
        err = add_family(fonts, set, ask->family, ask, warn, findings, &names);
    size_t count = ask->template ? template_font_count(ask->template) : 0;
    for (size_t i = 0; i < count && set->count < FONT_FAMILIES; i++) {
        enum err one = add_family(fonts, set, template_font(ask->template, i), ask, warn,
                                  findings, &names);
        err = err ? err : one;
        if (err && set->count == 0)
            break; /* the declared font is missing; what comes after it does not matter */
    }
    if (!err && set->count == 0)
        err = findings_add(findings, SEVERITY_ERROR, "missing-font", ask->place, NULL, NULL,
                           "template names no font");
    if (!err && buf_err(&names))
        err = buf_err(&names);
    if (!err) {
        pango_font_description_set_family(set->desc, buf_text(&names));
        set->families = buf_take(&names);
        set->ascii = has_ascii(&set->faces[0]);
    }
    buf_free(&names);
    return err;
}

/* ---- sets and fonts, remembered -------------------------------------------- */

static enum err set_key(const struct font_ask *ask, struct buf *key)
{
    buf_printf(key, "%s\n%s\n", ask->style, ask->family ? ask->family : "");
    size_t count = ask->template ? template_font_count(ask->template) : 0;
    for (size_t i = 0; i < count; i++)
        buf_printf(key, "%s\n", template_font(ask->template, i));
    return buf_err(key);
}

static enum err push(void *list, size_t count, void *item)
{
    void ***array = list;
    void **grown = realloc(*array, (count + 1) * sizeof *grown);
    if (!grown)
        return ERR_NO_MEMORY;
    grown[count] = item;
    *array = grown;
    return ERR_NONE;
}

static enum err find_set(struct fonts *fonts, const struct font_ask *ask, bool warn,
                         struct findings *findings, struct font_set **out)
{
    struct buf key = BUF_INIT(16384);
    enum err err = set_key(ask, &key);
    struct font_set *set = NULL, *known = NULL;
    for (size_t i = 0; !err && i < fonts->set_count && !known; i++)
        if (strcmp(fonts->sets[i]->key, buf_text(&key)) == 0)
            known = fonts->sets[i];
    if (err || (known && !warn))
        goto out;
    set = calloc(1, sizeof *set);
    err = set ? fill_set(fonts, set, ask, warn, findings) : ERR_NO_MEMORY;
    if (!err && !known) {
        set->key = buf_take(&key);
        err = set->key ? push(&fonts->sets, fonts->set_count, set) : ERR_NO_MEMORY;
    }
    if (!err && !known) {
        fonts->set_count++;
        known = set;
        set = NULL;
    }
out:
    if (!err)
        *out = known;
    if (set)
        set_free(set);
    buf_free(&key);
    return err;
}

/* Font units to whole dots, nearest. */
static int64_t units(const struct font *font, int64_t value)
{
    int64_t em = font->set->faces[0].ft->units_per_EM;
    int64_t scaled = value * font->size_26_6;
    return (2 * scaled + 64 * em) / (2 * 64 * em);
}

static void measure(struct font *font)
{
    FT_Face ft = font->set->faces[0].ft;
    font->ascent = units(font, ft->ascender);
    font->descent = units(font, -(int64_t)ft->descender);
    font->pitch = units(font, ft->height);
    if (font->pitch < 1)
        font->pitch = 1;
    const TT_OS2 *os2 = FT_Get_Sfnt_Table(ft, FT_SFNT_OS2);
    if (os2 && os2->version >= 2)
        font->x_height_um = (int64_t)os2->sxHeight * font->size_26_6 * 1000000 /
                            ((int64_t)ft->units_per_EM * 64 * font->dots_per_m);
}

static enum err font_new(struct fonts *fonts, struct font_set *set, int32_t size_26_6,
                         uint32_t dots_per_m, struct font **out)
{
    struct font *font = calloc(1, sizeof *font);
    if (!font)
        return ERR_NO_MEMORY;
    font->set = set;
    font->size_26_6 = size_26_6;
    font->dots_per_m = dots_per_m;
    font->context = pango_font_map_create_context(fonts->map);
    PangoFontDescription *desc = pango_font_description_copy(set->desc);
    pango_font_description_set_absolute_size(desc, (double)size_26_6 * PANGO_SCALE / 64);
    pango_context_set_font_description(font->context, desc);
    pango_font_description_free(desc);
    pango_context_set_language(font->context, fonts->language);
    pango_context_set_round_glyph_positions(font->context, TRUE);
    measure(font);
    enum err err = push(&fonts->list, fonts->count, font);
    if (err) {
        font_free(font);
        return err;
    }
    fonts->count++;
    *out = font;
    return ERR_NONE;
}

enum err font_find(struct fonts *fonts, const struct font_ask *ask, bool warn,
                   struct findings *findings, struct font **out)
{
    struct font_set *set;
    enum err err = find_set(fonts, ask, warn, findings, &set);
    if (err)
        return err;
    /* mpt / 1000 points of 25.4 / 72 mm, in 64ths of a dot, nearest */
    int64_t size = ((int64_t)ask->mpt * ask->dots_per_m * 64 * 254 + 360000000) / 720000000;
    if (size < 64 || size > 64 * BITMAP_MAX_DOTS)
        return findings_add(findings, SEVERITY_ERROR, "font-size", ask->place, NULL,
                            "a size of at least one dot", "font size cannot be drawn");
    for (size_t i = 0; i < fonts->count; i++) {
        struct font *font = fonts->list[i];
        if (font->set == set && font->size_26_6 == size &&
            font->dots_per_m == ask->dots_per_m) {
            *out = font;
            return ERR_NONE;
        }
    }
    return font_new(fonts, set, (int32_t)size, ask->dots_per_m, out);
}

int64_t font_ascent(const struct font *font)
{
    return font->ascent;
}

int64_t font_descent(const struct font *font)
{
    return font->descent;
}

int64_t font_pitch(const struct font *font)
{
    return font->pitch;
}

int64_t font_x_height_um(const struct font *font)
{
    return font->x_height_um;
}
