/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/font-private.h"

#include <pango/pangofc-font.h>
#include <stdlib.h>
#include <string.h>

/* A glyph and where its pen stands: whole dots, from the line's start and the baseline. */
struct placed_glyph {
    FT_Face face;
    uint32_t index;
    int64_t x, y;
};

struct glyph_list {
    struct placed_glyph *list;
    size_t count, room;
};

static void slot_clear(struct line_slot *slot)
{
    bitmap_free(&slot->line.ink);
    free(slot->text);
    *slot = (struct line_slot){0};
}

void lines_forget(struct fonts *fonts)
{
    for (size_t i = 0; i < LINE_SLOTS; i++)
        slot_clear(&fonts->lines[i]);
}

static enum err add_glyph(struct glyph_list *glyphs, struct placed_glyph glyph)
{
    if (glyphs->count == glyphs->room) {
        size_t room = glyphs->room ? glyphs->room * 2 : 64;
        struct placed_glyph *list = realloc(glyphs->list, room * sizeof *list);
        if (!list)
            return ERR_NO_MEMORY;
        glyphs->list = list;
        glyphs->room = room;
    }
    glyphs->list[glyphs->count++] = glyph;
    return ERR_NONE;
}

/* The face that Pango chose, when it is one of ours: fontconfig goes on to any font at all once
 * the families that were asked for are used up. */
static const struct face *face_of(struct font *font, PangoFont *pango)
{
    for (size_t i = 0; i < font->seen_count; i++)
        if (font->seen[i].pango == pango)
            return &font->set->faces[font->seen[i].face];
    FcPattern *pattern = pango_fc_font_get_pattern(PANGO_FC_FONT(pango));
    FcChar8 *file;
    int index = 0;
    if (FcPatternGetString(pattern, FC_FILE, 0, &file) != FcResultMatch)
        return NULL;
    (void)FcPatternGetInteger(pattern, FC_INDEX, 0, &index); /* absent = 0 */
    for (size_t i = 0; i < font->set->count; i++) {
        const struct face *face = &font->set->faces[i];
        if (strcmp(face->file, (const char *)file) != 0 || face->index != index)
            continue;
        if (font->seen_count < FONT_SEEN) {
            font->seen[font->seen_count].pango = g_object_ref(pango);
            font->seen[font->seen_count++].face = i;
        }
        return face;
    }
    return NULL;
}

static enum err no_glyph(const struct font *font, const char *text, size_t at,
                         struct place place, struct findings *findings)
{
    uint32_t point = g_utf8_get_char(text + at);
    return findings_add(findings, SEVERITY_ERROR, "no-glyph", place, text, NULL,
                        "character %ld, %s, cannot be drawn with the fonts %s here",
                        g_utf8_pointer_to_offset(text, text + at) + 1, char_name(point).text,
                        font->set->families);
}

/* Shapes one item (a run of one font and direction) and appends its glyphs. */
static enum err shape_item(struct fonts *fonts, struct font *font, const char *text, size_t len,
                           PangoItem *item, PangoGlyphString *glyphs, struct place place,
                           struct findings *findings, struct glyph_list *out, int64_t *pen)
{
    const struct face *face = face_of(font, item->analysis.font);
    if (!face)
        return no_glyph(font, text, (size_t)item->offset, place, findings);
    /* Pango guesses a language by script from the environment. */
    item->analysis.language = fonts->language;
    pango_shape_with_flags(text + item->offset, item->length, text, (int)len, &item->analysis,
                           glyphs, PANGO_SHAPE_ROUND_POSITIONS);
    for (int i = 0; i < glyphs->num_glyphs; i++) {
        const PangoGlyphInfo *info = &glyphs->glyphs[i];
        if (info->glyph == PANGO_GLYPH_EMPTY) {
            *pen += PANGO_PIXELS(info->geometry.width);
            continue;
        }
        if (info->glyph == 0 || info->glyph & PANGO_GLYPH_UNKNOWN_FLAG)
            return no_glyph(font, text, (size_t)item->offset + (size_t)glyphs->log_clusters[i],
                            place, findings);
        const struct glyph *glyph;
        enum err err =
            glyphs_get(fonts->glyphs, face->ft, font->size_26_6, info->glyph, &glyph);
        if (!err)
            err = add_glyph(out,
                            (struct placed_glyph){face->ft, info->glyph,
                                                  *pen + PANGO_PIXELS(info->geometry.x_offset),
                                                  PANGO_PIXELS(info->geometry.y_offset)});
        if (err)
            return err;
        /* a mark has no advance of its own */
        *pen +=
            info->geometry.width ? PANGO_PIXELS(info->geometry.width) + glyph->advance_more : 0;
    }
    return ERR_NONE;
}

/* Printable ASCII, not beginning with a blank: 0 without a letter, 1 with; -1 = other text. */
static int plain_kind(const struct font *font, const char *text, size_t len, bool right_to_left)
{
    bool letter = false;
    if (!font->set->ascii || right_to_left || text[0] == ' ')
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e)
            return -1;
        letter |= (text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z';
    }
    return letter;
}

/* What numbers are made of is one item, of the first face and of one script, whatever it says:
 * Pango need not look at each again. */
static enum err shape_plain(struct fonts *fonts, struct font *font, PangoItem *item,
                            const char *text, size_t len, struct place place,
                            struct findings *findings, struct glyph_list *out, int64_t *width)
{
    PangoGlyphString *glyphs = pango_glyph_string_new();
    item->offset = 0;
    item->length = item->num_chars = (int)len;
    enum err err =
        shape_item(fonts, font, text, len, item, glyphs, place, findings, out, width);
    pango_glyph_string_free(glyphs);
    return err;
}

static enum err shape(struct fonts *fonts, struct font *font, const char *text, size_t len,
                      bool right_to_left, struct place place, struct findings *findings,
                      struct glyph_list *out, int64_t *width)
{
    int plain = plain_kind(font, text, len, right_to_left);
    *width = 0;
    if (plain >= 0 && font->plain[plain])
        return shape_plain(fonts, font, font->plain[plain], text, len, place, findings, out,
                           width);
    PangoDirection direction = right_to_left ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR;
    GList *logical =
        pango_itemize_with_base_dir(font->context, direction, text, 0, (int)len, NULL, NULL);
    GList *visual = pango_reorder_items(logical);
    PangoGlyphString *glyphs = pango_glyph_string_new();
    enum err err = ERR_NONE;
    if (plain >= 0 && logical && !logical->next)
        font->plain[plain] = pango_item_copy(logical->data);
    for (GList *at = visual; at && !err; at = at->next)
        err = shape_item(fonts, font, text, len, at->data, glyphs, place, findings, out, width);
    pango_glyph_string_free(glyphs);
    g_list_free(visual);
    g_list_free_full(logical, (GDestroyNotify)pango_item_free);
    return err;
}

/* The rectangle of all dots; false = there are none. */
static enum err ink_bounds(struct fonts *fonts, const struct font *font,
                           const struct glyph_list *glyphs, int64_t box[static 4], bool *any)
{
    *any = false;
    for (size_t i = 0; i < glyphs->count; i++) {
        const struct placed_glyph *at = &glyphs->list[i];
        const struct glyph *glyph;
        enum err err = glyphs_get(fonts->glyphs, at->face, font->size_26_6, at->index, &glyph);
        if (err)
            return err;
        if (!glyph->has_ink)
            continue;
        int64_t left = at->x + glyph->left, top = at->y + glyph->top;
        int64_t right = left + glyph->bits.width_dots, bottom = top + glyph->bits.height_dots;
        box[0] = !*any || left < box[0] ? left : box[0];
        box[1] = !*any || top < box[1] ? top : box[1];
        box[2] = !*any || right > box[2] ? right : box[2];
        box[3] = !*any || bottom > box[3] ? bottom : box[3];
        *any = true;
    }
    return ERR_NONE;
}

/* Cut to black: a glyph's own bitmap may have white edges. */
static enum err crop_ink(struct bitmap *bits, int64_t left, int64_t top, struct font_line *out)
{
    uint32_t x, y, width, height;
    if (!bitmap_bounds(bits, &x, &y, &width, &height))
        return ERR_NONE;
    enum err err = bitmap_crop(bits, x, y, width, height, &out->ink);
    if (err)
        return err;
    out->has_ink = true;
    out->left = left + x;
    out->top = top + y;
    return ERR_NONE;
}

static enum err draw(struct fonts *fonts, const struct font *font,
                     const struct glyph_list *glyphs, struct place place,
                     struct findings *findings, struct font_line *out)
{
    int64_t box[4] = {0};
    bool any;
    enum err err = ink_bounds(fonts, font, glyphs, box, &any);
    if (err || !any)
        return err;
    int64_t width = box[2] - box[0], height = box[3] - box[1];
    if (width > BITMAP_MAX_DOTS || height > BITMAP_MAX_DOTS)
        return findings_add(findings, SEVERITY_ERROR, "text-does-not-fit", place, NULL, NULL,
                            "a line of this text is longer than any label");
    struct bitmap bits;
    err = bitmap_new((uint32_t)width, (uint32_t)height, &bits);
    for (size_t i = 0; i < glyphs->count && !err; i++) {
        const struct placed_glyph *at = &glyphs->list[i];
        const struct glyph *glyph;
        err = glyphs_get(fonts->glyphs, at->face, font->size_26_6, at->index, &glyph);
        if (!err && glyph->has_ink)
            bitmap_or(&bits, &glyph->bits, at->x + glyph->left - box[0],
                      at->y + glyph->top - box[1]);
    }
    if (!err)
        err = crop_ink(&bits, box[0], box[1], out);
    bitmap_free(&bits);
    return err;
}

static struct line_slot *find_slot(struct fonts *fonts, const struct font *font,
                                   const char *text, size_t len)
{
    uint64_t hash = (uintptr_t)font;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3u;
    return &fonts->lines[(hash * 0x9e3779b97f4a7c15u >> 40) % LINE_SLOTS];
}

enum err font_line(struct fonts *fonts, struct font *font, const char *text, size_t len,
                   bool right_to_left, struct place place, struct findings *findings,
                   const struct font_line **out)
{
    struct line_slot *slot = find_slot(fonts, font, text, len);
    if (slot->font == font && slot->right_to_left == right_to_left && slot->len == len &&
        memcmp(slot->text, text, len) == 0) {
        *out = &slot->line;
        return ERR_NONE;
    }
    struct line_slot made = {font, right_to_left, strndup(text, len), len, {0}};
    struct glyph_list glyphs = {0};
    enum err err = made.text ? ERR_NONE : ERR_NO_MEMORY;
    if (!err && len > 0)
        err = shape(fonts, font, made.text, len, right_to_left, place, findings, &glyphs,
                    &made.line.width);
    if (!err)
        err = draw(fonts, font, &glyphs, place, findings, &made.line);
    free(glyphs.list);
    if (err) {
        slot_clear(&made);
        return err;
    }
    slot_clear(slot);
    *slot = made;
    *out = &slot->line;
    return ERR_NONE;
}
