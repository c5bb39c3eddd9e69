/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/text.h"

#include "spooler/base/mm.h"
#include "spooler/render/font.h"

#include <inttypes.h>
#include <pango/pango.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_LINES  500
#define SHRINK_STEP_MPT 250
#define SMALL_X_HEIGHT  1200 /* um; EU 1169/2011 annex IV, and what people can read */
#define HRI_DEFAULT_MPT 7000
#define ELLIPSIS        "\xe2\x80\xa6" /* U+2026 */

/* A line of the element's content, or (owned) of what ellipsis made of it. */
struct text_line {
    const char *text;
    size_t len;
    bool right_to_left;
    char *owned;
};

struct block {
    const struct canvas *canvas;
    const struct element *element;
    struct place place;
    int64_t limit_width, limit_height; /* dots; -1 = none */
    struct font *font;
    struct text_line *lines;
    size_t count;
    int64_t width, height;
};

static void block_clear(struct block *block)
{
    for (size_t i = 0; i < block->count; i++)
        free(block->lines[i].owned);
    free(block->lines);
    block->lines = NULL;
    block->count = 0;
}

static enum err block_add(struct block *block, const char *text, size_t len, bool rtl)
{
    if (block->count == TEXT_MAX_LINES)
        return findings_add(block->canvas->findings, SEVERITY_ERROR, "text-does-not-fit",
                            block->place, NULL, NULL, "text has more than %d lines",
                            TEXT_MAX_LINES);
    struct text_line *lines = realloc(block->lines, (block->count + 1) * sizeof *lines);
    if (!lines)
        return ERR_NO_MEMORY;
    block->lines = lines;
    lines[block->count++] = (struct text_line){text, len, rtl, NULL};
    return ERR_NONE;
}

static struct font_ask ask_for(const struct canvas *canvas, const struct element *element,
                               int32_t mpt)
{
    return (struct font_ask){
        .template = canvas->template,
        .family = element->font_family,
        .style = element->font_style ? element->font_style : "Regular",
        .mpt = mpt,
        .dots_per_m = canvas->dots_per_m,
        .place = element_place(element),
    };
}

static enum err block_font(struct block *block, int32_t mpt)
{
    struct font_ask ask = ask_for(block->canvas, block->element, mpt);
    return font_find(block->canvas->fonts, &ask, false, block->canvas->findings, &block->font);
}

static enum err line_of(const struct block *block, const struct text_line *line,
                        const struct font_line **out)
{
    return font_line(block->canvas->fonts, block->font, line->text, line->len,
                     line->right_to_left, block->place, block->canvas->findings, out);
}

static int64_t height_of(const struct font *font, size_t lines)
{
    if (lines == 0)
        return 0;
    return font_ascent(font) + font_descent(font) + (int64_t)(lines - 1) * font_pitch(font);
}

static enum err block_measure(struct block *block)
{
    block->width = 0;
    block->height = height_of(block->font, block->count);
    for (size_t i = 0; i < block->count; i++) {
        const struct font_line *line;
        enum err err = line_of(block, &block->lines[i], &line);
        if (err)
            return err;
        if (line->width > block->width)
            block->width = line->width;
    }
    return ERR_NONE;
}

static bool too_wide(const struct block *block, int64_t width)
{
    return block->limit_width >= 0 && width > block->limit_width;
}

static bool too_high(const struct block *block, int64_t height)
{
    return block->limit_height >= 0 && height > block->limit_height;
}

/* `what` is measured: "" = the text. */
static enum err does_not_fit(const struct block *block, const char *what, const char *text,
                             size_t len)
{
    char value[128];
    (void)snprintf(value, sizeof value, "%.*s", len > 120 ? 120 : (int)len, text); /* cut */
    uint32_t dpm = block->canvas->dots_per_m;
    bool wide = too_wide(block, block->width);
    int64_t is = wide ? block->width : block->height;
    int64_t may = wide ? block->limit_width : block->limit_height;
    return findings_add(block->canvas->findings, SEVERITY_ERROR, "text-does-not-fit",
                        block->place, value, NULL, "text does not fit: %s%s %s, %s are there",
                        what, mm_of_dots(is, dpm).text, wide ? "wide" : "high",
                        mm_of_dots(may, dpm).text);
}

/* ---- lines ------------------------------------------------------------------- */

/* The blocks of right-to-left scripts (Unicode's DerivedBidiClass, default classes R and AL).
 */
static bool is_rtl_letter(gunichar point)
{
    static const struct {
        gunichar first, last;
    } blocks[] = {
        {0x0590, 0x08ff},   {0xfb1d, 0xfdff},   {0xfe70, 0xfefe},
        {0x10800, 0x10fff}, {0x1e800, 0x1efff},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (point >= blocks[i].first && point <= blocks[i].last)
            return true;
    return false;
}

/* A paragraph's direction is that of its first letter (UAX 9, P2 and P3). The text is valid. */
static bool is_right_to_left(const char *text, size_t len)
{
    for (const char *at = text; at < text + len; at = g_utf8_next_char(at)) {
        gunichar point = g_utf8_get_char(at);
        if (g_unichar_isalpha(point))
            return is_rtl_letter(point);
    }
    return false;
}

/* Blanks at a break belong to neither line. */
static size_t without_blanks(const char *text, size_t len)
{
    while (len > 0 && text[len - 1] == ' ')
        len--;
    return len;
}

/* Where lines may break and characters end, one entry a code point and one more. */
static PangoLogAttr *log_attrs(const char *text, size_t len, int *chars)
{
    *chars = (int)g_utf8_strlen(text, (gssize)len);
    PangoLogAttr *attrs = calloc((size_t)*chars + 1, sizeof *attrs);
    if (attrs)
        pango_get_log_attrs(text, (int)len, -1, pango_language_from_string("vi"), attrs,
                            *chars + 1);
    return attrs;
}

static enum err part_width(const struct block *block, const char *text, size_t len, bool rtl,
                           int64_t *out)
{
    const struct text_line part = {text, without_blanks(text, len), rtl, NULL};
    const struct font_line *line;
    enum err err = line_of(block, &part, &line);
    if (!err)
        *out = line->width;
    return err;
}

/* Breaks a paragraph where UAX 14 allows it, as late as the width does. A word that is too wide
 * by itself stays whole and is refused later. */
static enum err wrap(struct block *block, const char *text, size_t len, bool rtl)
{
    int chars;
    PangoLogAttr *attrs = log_attrs(text, len, &chars);
    if (!attrs)
        return ERR_NO_MEMORY;
    const char *start = text, *good = text, *at = text;
    enum err err = ERR_NONE;
    for (int i = 1; i <= chars && !err; i++) {
        at = g_utf8_next_char(at);
        if (i < chars && !attrs[i].is_line_break)
            continue;
        int64_t width = 0;
        err = part_width(block, start, (size_t)(at - start), rtl, &width);
        if (!err && too_wide(block, width) && good > start) {
            size_t part = without_blanks(start, (size_t)(good - start));
            err = block_add(block, start, part, rtl);
            start = good;
        }
        good = at;
    }
    if (!err)
        err = block_add(block, start, without_blanks(start, (size_t)(text + len - start)), rtl);
    free(attrs);
    return err;
}

/* Content to lines: a line feed ends one; with `wrapped` the width does, too. */
static enum err block_split(struct block *block, const char *content, size_t len, bool wrapped)
{
    block_clear(block);
    const char *end = content + len;
    for (const char *at = content;;) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        size_t part = (size_t)((feed ? feed : end) - at);
        enum err err =
            font_check_text(block->font, at, part, block->place, block->canvas->findings);
        bool rtl = !err && is_right_to_left(at, part);
        if (!err)
            err = wrapped ? wrap(block, at, part, rtl) : block_add(block, at, part, rtl);
        if (err || !feed)
            return err;
        at = feed + 1;
    }
}

/* ---- ellipsis ------------------------------------------------------------------ */

static enum err try_cut(const struct block *block, struct text_line *line, size_t keep,
                        int64_t *width, bool *fits)
{
    keep = without_blanks(line->text, keep);
    char *cut = malloc(keep + sizeof ELLIPSIS);
    if (!cut)
        return ERR_NO_MEMORY;
    memcpy(cut, line->text, keep);
    memcpy(cut + keep, ELLIPSIS, sizeof ELLIPSIS);
    struct text_line made = {cut, keep + sizeof ELLIPSIS - 1, line->right_to_left, cut};
    const struct font_line *drawn;
    enum err err = line_of(block, &made, &drawn);
    *width = err ? 0 : drawn->width;
    *fits = !err && !too_wide(block, *width);
    if (*fits) {
        free(line->owned);
        *line = made;
    } else {
        free(cut);
    }
    return err;
}

/* Keeps as many whole characters (as people see them) as fit before an ellipsis. */
static enum err cut_line(struct block *block, struct text_line *line)
{
    enum err err = font_check_text(block->font, ELLIPSIS, sizeof ELLIPSIS - 1, block->place,
                                   block->canvas->findings);
    if (err)
        return err;
    int chars;
    PangoLogAttr *attrs = log_attrs(line->text, line->len, &chars);
    if (!attrs)
        return ERR_NO_MEMORY;
    bool fits = false;
    const char *at = line->text + line->len;
    for (int i = chars; i >= 0 && !err && !fits; i--) {
        if (attrs[i].is_cursor_position)
            err = try_cut(block, line, (size_t)(at - line->text), &block->width, &fits);
        if (i > 0 && !fits)
            at = g_utf8_prev_char(at);
    }
    free(attrs);
    if (!err && !fits)
        err = does_not_fit(block, "the ellipsis alone is ", line->text, line->len);
    return err;
}

static enum err fit_ellipsis(struct block *block)
{
    bool dropped = false;
    while (block->count > 1 && too_high(block, height_of(block->font, block->count))) {
        free(block->lines[--block->count].owned);
        dropped = true;
    }
    for (size_t i = 0; i < block->count; i++) {
        const struct font_line *line;
        enum err err = line_of(block, &block->lines[i], &line);
        if (!err && (too_wide(block, line->width) || (dropped && i + 1 == block->count)))
            err = cut_line(block, &block->lines[i]);
        if (err)
            return err;
    }
    return block_measure(block);
}

/* ---- fit ------------------------------------------------------------------------ */

static enum err block_fit(struct block *block, const char *content, size_t len)
{
    const struct element *element = block->element;
    int32_t mpt = element->font_mpt;
    int32_t smallest = element->fit == FIT_SHRINK ? element->shrink_to_mpt : mpt;
    if (smallest > mpt)
        smallest = mpt;
    for (;;) {
        enum err err = block_font(block, mpt);
        if (!err)
            err = block_split(block, content, len, element->fit == FIT_WRAP);
        if (!err)
            err = element->fit == FIT_ELLIPSIS ? fit_ellipsis(block) : block_measure(block);
        if (err)
            return err;
        if (!too_wide(block, block->width) && !too_high(block, block->height))
            return ERR_NONE;
        if (mpt <= smallest)
            return does_not_fit(block, "", content, len);
        mpt = mpt - SHRINK_STEP_MPT > smallest ? mpt - SHRINK_STEP_MPT : smallest;
    }
}

/* The side of the text that the anchor holds: 0 left, 1 middle, 2 right. Anchors mean the
 * turned text as one sees it on the label, and lines are aligned at the side that is held. */
static int aligned(const struct element *element)
{
    int across = anchor_across(element->anchor), down = anchor_down(element->anchor);
    if (anchor_is_baseline(element->anchor))
        return across;
    switch (element->rotate_degrees) {
    case 90:
        return down;
    case 180:
        return 2 - across;
    case 270:
        return 2 - down;
    default:
        return across;
    }
}

/* Copies the lines' ink to the sketch, line by line, so that a line that is equal on all
 * labels can be told from its neighbours. */
static enum err block_draw(struct block *block, int align, int64_t left, int64_t top,
                           struct sketch *out)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct font_line *line;
        struct bitmap ink;
        enum err err = line_of(block, &block->lines[i], &line);
        if (err)
            return err;
        if (!line->has_ink)
            continue;
        err = bitmap_copy(&line->ink, &ink);
        int64_t x = left + (block->width - line->width) * align / 2;
        int64_t y = top + font_ascent(block->font) + (int64_t)i * font_pitch(block->font);
        if (!err)
            err = pieces_add(&out->pieces, x + line->left, y + line->top, &ink);
        if (err)
            return err;
    }
    return ERR_NONE;
}

/* The width runs along the lines, before the text is turned. */
static void set_limits(struct block *block)
{
    const struct element *element = block->element;
    uint32_t dpm = block->canvas->dots_per_m;
    bool upright = element->rotate_degrees % 180 == 0;
    int across = anchor_across(element->anchor), down = anchor_down(element->anchor);
    int64_t x = element->x_um, y = element->y_um;
    block->limit_width = block->limit_height = -1;
    if (element->width_um >= 0)
        block->limit_width =
            draw_span(upright ? x : y, element->width_um, upright ? across : down, dpm);
    if (element->height_um >= 0)
        block->limit_height =
            draw_span(upright ? y : x, element->height_um, upright ? down : across, dpm);
}

enum err text_sketch(const struct canvas *canvas, const struct drawn *drawn, struct sketch *out)
{
    if (drawn->content_len == 0)
        return ERR_NONE;
    fonts_trim(canvas->fonts);
    struct block block = {
        .canvas = canvas, .element = drawn->element, .place = element_place(drawn->element)};
    set_limits(&block);
    enum err err = block_fit(&block, drawn->content, drawn->content_len);
    if (!err)
        err = block_draw(&block, aligned(drawn->element), 0, 0, out);
    if (!err) {
        out->width = block.width;
        out->height = block.height;
        out->baseline = font_ascent(block.font);
    }
    block_clear(&block);
    return err;
}

static int32_t hri_mpt(const struct element *element)
{
    return element->font_mpt > 0 ? element->font_mpt : HRI_DEFAULT_MPT;
}

enum err text_below(const struct canvas *canvas, const struct element *element,
                    const char *content, size_t len, int64_t middle, int64_t top,
                    struct sketch *out, int64_t *height)
{
    fonts_trim(canvas->fonts);
    struct block block = {.canvas = canvas,
                          .element = element,
                          .place = element_place(element),
                          .limit_width = -1,
                          .limit_height = -1};
    enum err err = block_font(&block, hri_mpt(element));
    if (!err)
        err = block_split(&block, content, len, false);
    if (!err)
        err = block_measure(&block);
    if (!err)
        err = block_draw(&block, 1, middle - block.width / 2, top, out);
    if (!err)
        *height = block.height;
    block_clear(&block);
    return err;
}

enum err text_check(const struct canvas *canvas, const struct element *element)
{
    bool symbol = element->kind == ELEMENT_BARCODE;
    int32_t mpt = symbol ? hri_mpt(element) : element->font_mpt;
    if (!symbol && element->fit == FIT_SHRINK && element->shrink_to_mpt < mpt)
        mpt = element->shrink_to_mpt;
    struct font_ask ask = ask_for(canvas, element, mpt);
    struct font *font;
    fonts_trim(canvas->fonts);
    enum err err = font_find(canvas->fonts, &ask, true, canvas->findings, &font);
    if (err)
        return err;
    int64_t x_height = font_x_height_um(font);
    if (x_height > 0 && x_height < SMALL_X_HEIGHT)
        return findings_add(canvas->findings, SEVERITY_WARNING, "small-text", ask.place, NULL,
                            "an x-height of at least 1.2 mm",
                            "text is small: its x-height is %s", mm_text(x_height).text);
    return ERR_NONE;
}
