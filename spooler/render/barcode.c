/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/barcode.h"

#include "spooler/base/buf.h"
#include "spooler/base/mm.h"
#include "spooler/base/near.h"
#include "spooler/render/maxicode.h"
#include "spooler/render/text.h"

#include <inttypes.h>
#include <string.h>
#include <zint.h>

/* Where a template asks for bearer bars: General Specifications 5.3.2.4, 2X at least. */
#define BEARER_MODULES 2
/* Modules right of an add-on: General Specifications 5.2.3.4. */
#define ADDON_QUIET   5
#define HRI_MAX_BYTES 8192
/* A millionth off a limit is a limit's own rounding: 2 dots at 11811 are 169.3 um. */
#define MODULE_SLACK_UM 1

/* ---- checks ------------------------------------------------------------------ */

static enum err unknown(const struct canvas *canvas, const struct element *element)
{
    const char *names[128];
    size_t count = 0;
    for (; count < 128 && barcode_kind_at(count); count++)
        names[count] = barcode_kind_at(count)->name;
    const char *name = element->symbology ? element->symbology : "";
    return findings_add(canvas->findings, SEVERITY_ERROR, "unknown-symbology",
                        element_place(element), name, near_word(name, names, count),
                        "no such symbology");
}

/* Whole dots of a module; a finding when that many are not legal. */
static enum err module_dots(const struct canvas *canvas, const struct element *element,
                            const struct barcode_kind *kind, int64_t *out)
{
    int64_t dpm = canvas->dots_per_m;
    int64_t dots = dots_from_um(element->module_um, canvas->dots_per_m);
    int64_t low = (kind->min_um - MODULE_SLACK_UM) * dpm;
    int64_t high = (kind->max_um + MODULE_SLACK_UM) * dpm;
    if (dots < 1 || dots * 1000000 < low || dots * 1000000 > high)
        return findings_add(canvas->findings, SEVERITY_ERROR, "module-size",
                            element_place(element), NULL, NULL,
                            "a module of %s is %" PRId64 " dot%s (%s) on this printer; %s "
                            "takes %s to %s",
                            mm_text(element->module_um).text, dots, dots == 1 ? "" : "s",
                            mm_of_dots(dots, canvas->dots_per_m).text, kind->name,
                            mm_text(kind->min_um).text, mm_text(kind->max_um).text);
    *out = dots;
    return ERR_NONE;
}

enum err barcode_check(const struct canvas *canvas, const struct element *element)
{
    const struct barcode_kind *kind = barcode_kind_find(element->symbology);
    int64_t module;
    if (!kind)
        return unknown(canvas, element);
    enum err err = module_dots(canvas, element, kind, &module);
    enum err text = element->hri != HRI_NONE ? text_check(canvas, element) : ERR_NONE;
    return err ? err : text;
}

/* ---- drawing ------------------------------------------------------------------- */

static bool module_is_black(const struct zint_symbol *symbol, int row, int column)
{
    return symbol->encoded_data[row][column >> 3] >> (column & 7) & 1;
}

/* One row of modules, `height` dots high from `top` on. Dot by dot through a register: where
 * bars begin cannot be foreseen, and a branch at each would cost more than the dots. */
static void draw_row(const struct zint_symbol *symbol, int row, int64_t module, int64_t top,
                     int64_t height, struct bitmap *bits)
{
    uint8_t *line = bits->bits + (size_t)top * bits->stride, *to = line;
    uint64_t dots = 0; /* those that are no whole byte yet, in its low end */
    unsigned waiting = 0;
    for (int column = 0; column < symbol->width; column++) {
        uint64_t black = -(uint64_t)module_is_black(symbol, row, column);
        for (int64_t left = module; left > 0;) {
            unsigned part = left < 32 ? (unsigned)left : 32;
            dots = dots << part | (black & ((UINT64_C(1) << part) - 1));
            for (waiting += part; waiting >= 8; waiting -= 8)
                *to++ = (uint8_t)(dots >> (waiting - 8));
            left -= part;
        }
    }
    if (waiting > 0)
        *to = (uint8_t)(dots << (8 - waiting));
    for (int64_t i = 1; i < height; i++)
        memcpy(line + (size_t)i * bits->stride, line, bits->stride);
}

static int64_t whole(float modules)
{
    return (int64_t)(modules + 0.5f); /* zint counts modules in floats */
}

/* What decides on heights. */
struct heights {
    const struct canvas *canvas;
    const struct barcode_kind *kind;
    const struct symbol_options *options;
    int64_t module;
    int64_t bars; /* SHAPE_BARS: the element's */
};

/* Dots of a row. Rows without a height of their own are the bars, or share what the others
 * leave of the symbol's height. */
static int64_t row_dots(const struct zint_symbol *symbol, int row,
                        const struct heights *heights)
{
    int64_t own = whole(symbol->row_height[row]), module = heights->module;
    if (heights->kind->row_um[0] > 0) {
        int64_t dots = dots_from_um(heights->kind->row_um[row], heights->canvas->dots_per_m);
        return dots > 0 ? dots : 1;
    }
    if (own > 0)
        return own * module;
    if (heights->kind->shape == SHAPE_BARS)
        return heights->bars;
    if (heights->options->row_height > 0)
        return heights->options->row_height * module;
    int64_t left = whole(symbol->height), sharing = 0;
    for (int i = 0; i < symbol->rows; i++) {
        left -= whole(symbol->row_height[i]);
        sharing += whole(symbol->row_height[i]) == 0;
    }
    return (left > sharing ? left / sharing : 1) * module;
}

/* Modules of the bars above and below. */
static uint32_t bearer_modules(const struct element *element, const struct barcode_kind *kind)
{
    if (element->options.bearer == BEARER_NONE)
        return 0;
    return element->options.bearer ? BEARER_MODULES : kind->bearer;
}

static enum err bars_height(const struct canvas *canvas, const struct element *element,
                            const struct barcode_kind *kind, int64_t module, int64_t *out)
{
    bool upright = element->rotate_degrees % 180 == 0;
    int64_t um = element->height_um >= 0 ? element->height_um : kind->height_um;
    int64_t height =
        draw_span(upright ? element->y_um : element->x_um, um,
                  upright ? anchor_down(element->anchor) : anchor_across(element->anchor),
                  canvas->dots_per_m);
    int64_t least = (int64_t)kind->min_height * module;
    if (element->height_um < 0 && height < least)
        height = least;
    if (height < least || height < (2 * (int64_t)bearer_modules(element, kind) + 1) * module)
        return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-height",
                            element_place(element), NULL, NULL, "bars of %s are too low for %s",
                            mm_text(um).text, kind->name);
    *out = height;
    return ERR_NONE;
}

static enum err symbol_height(const struct element *element, struct heights *heights,
                              int64_t *out)
{
    const struct zint_symbol *symbol = barcodes_symbol(heights->canvas->barcodes);
    enum err err = ERR_NONE;
    if (heights->kind->shape == SHAPE_BARS)
        err = bars_height(heights->canvas, element, heights->kind, heights->module,
                          &heights->bars);
    *out = 0;
    for (int row = 0; row < symbol->rows; row++)
        *out += row_dots(symbol, row, heights);
    return err;
}

static void draw_symbol(const struct zint_symbol *symbol, const struct heights *heights,
                        int64_t bearer, struct bitmap *bits)
{
    int64_t top = 0;
    for (int row = 0; row < symbol->rows; row++) {
        int64_t height = row_dots(symbol, row, heights);
        draw_row(symbol, row, heights->module, top, height, bits);
        top += height;
    }
    bitmap_fill(bits, 0, 0, bits->width_dots, bearer);
    bitmap_fill(bits, 0, bits->height_dots - bearer, bits->width_dots, bearer);
}

/* Symbol and quiet zone in the frame; where a width (or for rows of fixed height a height) is
 * given, they must not be larger. */
static enum err check_room(const struct canvas *canvas, const struct drawn *drawn,
                           const struct barcode_kind *kind, const struct sketch *sketch)
{
    const struct element *element = drawn->element;
    int64_t width = dots_from_um(element->width_um, canvas->dots_per_m);
    int64_t height = dots_from_um(element->height_um, canvas->dots_per_m);
    bool wide = element->width_um >= 0 && sketch->clear.width > width;
    bool high =
        element->height_um >= 0 && kind->shape != SHAPE_BARS && sketch->clear.height > height;
    if (!wide && !high)
        return ERR_NONE;
    return findings_add(
        canvas->findings, SEVERITY_ERROR, "symbol-does-not-fit", element_place(element),
        drawn->content, NULL,
        "symbol does not fit: with its quiet zone it is %s %s, %s are there",
        mm_of_dots(wide ? sketch->clear.width : sketch->clear.height, canvas->dots_per_m).text,
        wide ? "wide" : "high", mm_text(wide ? element->width_um : element->height_um).text);
}

/* AI data is read as "(01)...(10)...", one AI a line at a matrix symbol. */
static void add_readable(const struct drawn *drawn, const struct barcode_kind *kind,
                         const struct symbol_data *data, struct buf *text)
{
    const char *shown = drawn->content + data->shown_from;
    for (size_t i = 0; i < data->shown_len; i++) {
        char c = shown[i];
        if (drawn->element->ai_data && c == '[') {
            if (i > 0 && kind->shape != SHAPE_BARS)
                buf_add_byte(text, '\n');
            c = '(';
        } else if (drawn->element->ai_data && c == ']') {
            c = ')';
        } else if (drawn->element->options.addon && c == '+') {
            c = ' ';
        }
        buf_add_byte(text, (uint8_t)c);
    }
}

/* With what the symbology adds; zint marks start and stop characters by asterisks. */
static void add_zint_text(const char *zint_text, struct buf *text)
{
    size_t len = strlen(zint_text);
    bool marked = len > 1 && zint_text[0] == '*' && zint_text[len - 1] == '*';
    buf_add(text, zint_text + marked, len - 2 * (size_t)marked);
}

static enum err add_hri(const struct canvas *canvas, const struct drawn *drawn,
                        const struct barcode_kind *kind, const struct symbol_data *data,
                        struct rect place, struct sketch *out, int64_t *height)
{
    struct buf text = BUF_INIT(2 * HRI_MAX_BYTES);
    const char *zint_text = (const char *)barcodes_symbol(canvas->barcodes)->text;
    bool added = drawn->element->options.check_digit > CHECK_WORD_NONE || kind->zint_text;
    if (added && zint_text[0])
        add_zint_text(zint_text, &text);
    else
        add_readable(drawn, kind, data, &text);
    enum err err = buf_err(&text);
    if (!err)
        err = text_below(canvas, drawn->element, buf_text(&text), text.len,
                         place.x + place.width / 2, place.y, out, height);
    buf_free(&text);
    return err;
}

/* ---- one element ----------------------------------------------------------------- */

/* A symbol in its frame: where its modules are, and what stands around them. */
struct layout {
    struct heights heights;
    struct rect symbol;        /* the modules, in dots */
    int64_t left, right, rows; /* quiet zones */
    int64_t bearer;
    bool box;
};

static enum err measure(const struct canvas *canvas, const struct drawn *drawn,
                        const struct barcode_kind *kind, struct layout *layout)
{
    const struct element *element = drawn->element;
    const struct zint_symbol *symbol = barcodes_symbol(canvas->barcodes);
    int64_t module = layout->heights.module;
    enum err err = symbol_height(element, &layout->heights, &layout->symbol.height);
    uint32_t quiet = element->quiet ? 1 : 0;
    layout->left = quiet * kind->quiet_left * module;
    layout->right = quiet * (element->options.addon ? ADDON_QUIET : kind->quiet_right) * module;
    layout->rows = quiet * kind->quiet_rows * module;
    layout->symbol.width = symbol->width * module;
    if (kind->shape == SHAPE_HEXAGONS) {
        layout->symbol.width = maxicode_width(module);
        layout->symbol.height = maxicode_height(module);
    }
    layout->bearer = bearer_modules(element, kind) * module;
    layout->box = element->options.bearer == BEARER_BOX;
    if (layout->box)
        layout->symbol.x = layout->left + layout->bearer;
    if (!err &&
        (layout->symbol.width > BITMAP_MAX_DOTS || layout->symbol.height > BITMAP_MAX_DOTS))
        err = symbol_data_bad(canvas, drawn, "symbol is larger than any label");
    return err;
}

static enum err draw_modules(const struct canvas *canvas, const struct layout *layout,
                             struct sketch *out)
{
    struct bitmap bits;
    enum err err =
        bitmap_new((uint32_t)layout->symbol.width, (uint32_t)layout->symbol.height, &bits);
    if (err)
        return err;
    if (layout->heights.kind->shape == SHAPE_HEXAGONS)
        maxicode_draw(barcodes_symbol(canvas->barcodes), layout->heights.module, &bits);
    else
        draw_symbol(barcodes_symbol(canvas->barcodes), &layout->heights, layout->bearer, &bits);
    return pieces_add(&out->pieces, layout->symbol.x, layout->symbol.y, &bits);
}

/* The frame of an ITF-14 lies around its quiet zones (General Specifications 5.3.2.4); its
 * upper and lower bars meet the symbol's own. */
static enum err draw_frame(const struct layout *layout, int64_t width, struct sketch *out)
{
    int64_t height = layout->symbol.height, bar = layout->bearer, y = layout->symbol.y;
    const struct rect bars[] = {{0, y, width, bar},
                                {0, y + height - bar, width, bar},
                                {0, y, bar, height},
                                {width - bar, y, bar, height}};
    enum err err = ERR_NONE;
    for (size_t i = 0; i < 4 && !err; i++)
        err =
            pieces_add_rect(&out->pieces, bars[i].x, bars[i].y, bars[i].width, bars[i].height);
    return err;
}

static enum err place_symbol(const struct canvas *canvas, const struct drawn *drawn,
                             const struct layout *layout, struct sketch *out)
{
    const struct rect *symbol = &layout->symbol;
    int64_t width = symbol->width;
    if (layout->box)
        width += layout->left + layout->right + 2 * layout->bearer;
    out->width = width;
    out->has_clear = true;
    out->clear = (struct rect){symbol->x - layout->left, symbol->y - layout->rows,
                               layout->left + symbol->width + layout->right,
                               symbol->height + 2 * layout->rows};
    if (layout->box)
        out->clear = (struct rect){0, symbol->y, width, symbol->height};
    enum err err = check_room(canvas, drawn, layout->heights.kind, out);
    if (!err && width > BITMAP_MAX_DOTS)
        err = symbol_data_bad(canvas, drawn, "symbol is larger than any label");
    if (!err)
        err = draw_modules(canvas, layout, out);
    if (!err && layout->box)
        err = draw_frame(layout, width, out);
    return err;
}

enum err barcode_sketch(const struct canvas *canvas, const struct drawn *drawn,
                        struct sketch *out)
{
    const struct element *element = drawn->element;
    const struct barcode_kind *kind = barcode_kind_find(element->symbology);
    struct symbol_data data;
    if (!kind)
        return unknown(canvas, element);
    struct layout layout = {
        .heights = {.canvas = canvas, .kind = kind, .options = &element->options}};
    enum err err = module_dots(canvas, element, kind, &layout.heights.module);
    if (!err)
        err = barcode_encode(canvas, drawn, kind, &data);
    if (!err)
        err = measure(canvas, drawn, kind, &layout);
    if (err)
        return err;
    int64_t module = layout.heights.module, taken = 0;
    int64_t gap = layout.rows > module ? layout.rows : module;
    struct rect text = layout.symbol;
    if (element->hri == HRI_ABOVE) {
        err = add_hri(canvas, drawn, kind, &data, text, out, &taken);
        layout.symbol.y = taken + gap;
    }
    if (!err)
        err = place_symbol(canvas, drawn, &layout, out);
    out->height = layout.symbol.y + layout.symbol.height;
    text.y = out->height + gap;
    if (!err && element->hri == HRI_BELOW) {
        err = add_hri(canvas, drawn, kind, &data, text, out, &taken);
        out->height = text.y + taken;
    }
    return err;
}
