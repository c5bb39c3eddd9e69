/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/barcode.h"

#include "spooler/base/buf.h"
#include "spooler/base/near.h"
#include "spooler/render/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zint.h>

#define ECI_UTF8 26
/* zint's own limit is 17,400; nothing that fits on a label comes near. */
#define SYMBOL_MAX_BYTES 8192
/* A millionth off a limit is a limit's own rounding: 2 dots at 11811 are 169.3 um. */
#define MODULE_SLACK_UM 1

struct barcodes {
    struct zint_symbol *symbol; /* one for all: it is 30 KB that zint clears each time */
};

enum err barcodes_new(struct barcodes **out, struct why *why)
{
    struct barcodes *barcodes = calloc(1, sizeof *barcodes);
    if (barcodes)
        barcodes->symbol = ZBarcode_Create();
    if (!barcodes || !barcodes->symbol) {
        free(barcodes);
        return err_set(why, ERR_NO_MEMORY, "out of memory for symbols");
    }
    *out = barcodes;
    return ERR_NONE;
}

void barcodes_free(struct barcodes *barcodes)
{
    if (!barcodes)
        return;
    ZBarcode_Delete(barcodes->symbol);
    free(barcodes);
}

/* ---- checks ------------------------------------------------------------------ */

static enum err unknown(const struct canvas *canvas, const struct element *element)
{
    const char *names[64];
    size_t count = 0;
    for (; count < 64 && barcode_kind_at(count); count++)
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
                            "a module of %" PRId64 " um is %" PRId64 " dots (%" PRId64
                            " um) on this printer; %s takes %" PRId64 " to %" PRId64 " um",
                            element->module_um, dots, dots * 1000000 / dpm, kind->name,
                            kind->min_um, kind->max_um);
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
    enum err text = element->hri == HRI_BELOW ? text_check(canvas, element) : ERR_NONE;
    return err ? err : text;
}

static enum err bad_data(const struct canvas *canvas, const struct drawn *drawn,
                         const char *what)
{
    return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-data",
                        element_place(drawn->element), drawn->content, NULL, "%s %s",
                        drawn->element->symbology, what);
}

/* GS1 General Specifications 7.9.1: weights 3, 1, 3.. from the right. */
static bool check_digit_is_right(const char *digits, size_t len)
{
    unsigned sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += (unsigned)(digits[i] - '0') * ((len - 1 - i) % 2 ? 3 : 1);
    return sum % 10 == 0;
}

/* Number symbols take exactly their digits: zint would add what is missing, and so encode
 * another number. A GTIN in its 14-digit form may have its leading zeros. */
static enum err number_part(const struct canvas *canvas, const struct drawn *drawn,
                            const struct barcode_kind *kind, const char **data, size_t *len)
{
    const char *text = drawn->content;
    size_t count = drawn->content_len;
    for (size_t i = 0; i < count; i++)
        if (text[i] < '0' || text[i] > '9')
            return bad_data(canvas, drawn, "takes digits only");
    while (count > kind->digits && count <= 14 && *text == '0') {
        text++;
        count--;
    }
    if (count != kind->digits)
        return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-data",
                            element_place(drawn->element), drawn->content, NULL,
                            "%s takes %u digits, check digit included", kind->name,
                            kind->digits);
    if (!check_digit_is_right(text, count))
        return bad_data(canvas, drawn, "got a number whose check digit is wrong");
    *data = text;
    *len = kind->drop_check_digit ? count - 1 : count;
    return ERR_NONE;
}

static enum err check_data(const struct canvas *canvas, const struct drawn *drawn,
                           const struct barcode_kind *kind, const char **data, size_t *len)
{
    *data = drawn->content;
    *len = drawn->content_len;
    if (*len == 0)
        return bad_data(canvas, drawn, "has no data");
    if (*len > SYMBOL_MAX_BYTES)
        return bad_data(canvas, drawn, "has too much data");
    if (kind->ai_data != drawn->element->ai_data)
        return bad_data(canvas, drawn,
                        kind->ai_data ? "needs data with AIs" : "takes no data with AIs");
    if (kind->digits)
        return number_part(canvas, drawn, kind, data, len);
    const char *wrong = kind->refuse ? kind->refuse(*data, *len) : NULL;
    return wrong ? bad_data(canvas, drawn, wrong) : ERR_NONE;
}

/* ---- encoding ------------------------------------------------------------------ */

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

static enum err encode(const struct canvas *canvas, const struct drawn *drawn,
                       const struct barcode_kind *kind)
{
    struct zint_symbol *symbol = canvas->barcodes->symbol;
    const char *data;
    size_t len;
    enum err err = check_data(canvas, drawn, kind, &data, &len);
    if (err)
        return err;
    ZBarcode_Clear(symbol); /* its results only; what we set and zint changes is set anew */
    symbol->symbology = kind->zint;
    symbol->input_mode = kind->ai_data ? GS1_MODE : UNICODE_MODE;
    symbol->warn_level = WARN_FAIL_ALL; /* else a wrong check digit is encoded */
    symbol->output_options = 0;
    symbol->option_1 = -1;
    symbol->option_2 = 0;
    symbol->option_3 = kind->option_3;
    symbol->height = 0;
    /* zint would choose an ECI by the characters, and call that a warning. */
    symbol->eci = !is_ascii(data, len) && ZBarcode_Cap(kind->zint, ZINT_CAP_ECI) ? ECI_UTF8 : 0;
    if (ZBarcode_Encode(symbol, (const unsigned char *)data, (int)len) != 0)
        return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-data",
                            element_place(drawn->element), drawn->content, NULL, "%s: %s",
                            kind->name, symbol->errtxt);
    return ERR_NONE;
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

/* Dots of a row of a stacked or matrix symbol. Rows without a height of their own share what
 * the others leave of the symbol's. */
static int64_t row_dots(const struct zint_symbol *symbol, int row, int64_t module)
{
    int64_t own = whole(symbol->row_height[row]);
    if (own > 0)
        return own * module;
    int64_t left = whole(symbol->height), sharing = 0;
    for (int i = 0; i < symbol->rows; i++) {
        left -= whole(symbol->row_height[i]);
        sharing += whole(symbol->row_height[i]) == 0;
    }
    return (left > sharing ? left / sharing : 1) * module;
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
    if (height < least || height < (2 * (int64_t)kind->bearer + 1) * module)
        return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-height",
                            element_place(element), NULL, NULL,
                            "bars of %" PRId64 " um are too low for %s", um, kind->name);
    *out = height;
    return ERR_NONE;
}

static enum err symbol_height(const struct canvas *canvas, const struct element *element,
                              const struct barcode_kind *kind, int64_t module, int64_t *out)
{
    const struct zint_symbol *symbol = canvas->barcodes->symbol;
    if (kind->shape == SHAPE_BARS)
        return bars_height(canvas, element, kind, module, out);
    *out = 0;
    for (int row = 0; row < symbol->rows; row++)
        *out += row_dots(symbol, row, module);
    return ERR_NONE;
}

static void draw_symbol(const struct zint_symbol *symbol, const struct barcode_kind *kind,
                        int64_t module, struct bitmap *bits)
{
    if (kind->shape == SHAPE_BARS) {
        int64_t bearer = kind->bearer * module;
        draw_row(symbol, 0, module, 0, bits->height_dots, bits);
        bitmap_fill(bits, 0, 0, bits->width_dots, bearer);
        bitmap_fill(bits, 0, bits->height_dots - bearer, bits->width_dots, bearer);
        return;
    }
    int64_t top = 0;
    for (int row = 0; row < symbol->rows; row++) {
        int64_t height = row_dots(symbol, row, module);
        draw_row(symbol, row, module, top, height, bits);
        top += height;
    }
}

/* Symbol and quiet zone in the frame; where a width (or for rows of fixed height a height) is
 * given, they must not be larger. */
static enum err check_room(const struct canvas *canvas, const struct drawn *drawn,
                           const struct barcode_kind *kind, const struct sketch *sketch)
{
    const struct element *element = drawn->element;
    int64_t dpm = canvas->dots_per_m;
    int64_t width = dots_from_um(element->width_um, canvas->dots_per_m);
    int64_t height = dots_from_um(element->height_um, canvas->dots_per_m);
    bool wide = element->width_um >= 0 && sketch->clear.width > width;
    bool high =
        element->height_um >= 0 && kind->shape != SHAPE_BARS && sketch->clear.height > height;
    if (!wide && !high)
        return ERR_NONE;
    return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-does-not-fit",
                        element_place(element), drawn->content, NULL,
                        "symbol does not fit: with its quiet zone it is %" PRId64
                        " um %s, %" PRId64 " um are there",
                        (wide ? sketch->clear.width : sketch->clear.height) * 1000000 / dpm,
                        wide ? "wide" : "high", wide ? element->width_um : element->height_um);
}

/* AI data is read as "(01)...(10)...", one AI a line below a matrix symbol. */
static enum err add_hri(const struct canvas *canvas, const struct drawn *drawn,
                        const struct barcode_kind *kind, int64_t top, struct sketch *out)
{
    struct buf text = BUF_INIT(SYMBOL_MAX_BYTES * 2);
    /* what is encoded: a GTIN's leading zeros may not be */
    size_t first = kind->digits ? drawn->content_len - kind->digits : 0;
    for (size_t i = first; i < drawn->content_len; i++) {
        char c = drawn->content[i];
        if (drawn->element->ai_data && c == '[') {
            if (i > 0 && kind->shape != SHAPE_BARS)
                buf_add_byte(&text, '\n');
            c = '(';
        } else if (drawn->element->ai_data && c == ']') {
            c = ')';
        }
        buf_add_byte(&text, (uint8_t)c);
    }
    int64_t height = 0;
    enum err err = buf_err(&text);
    if (!err)
        err = text_below(canvas, drawn->element, buf_text(&text), text.len, out->width / 2, top,
                         out, &height);
    out->height = top + height;
    buf_free(&text);
    return err;
}

enum err barcode_sketch(const struct canvas *canvas, const struct drawn *drawn,
                        struct sketch *out)
{
    const struct element *element = drawn->element;
    const struct barcode_kind *kind = barcode_kind_find(element->symbology);
    struct zint_symbol *symbol = canvas->barcodes->symbol;
    int64_t module = 0, height = 0;
    if (!kind)
        return unknown(canvas, element);
    enum err err = module_dots(canvas, element, kind, &module);
    if (!err)
        err = encode(canvas, drawn, kind);
    if (!err)
        err = symbol_height(canvas, element, kind, module, &height);
    if (err)
        return err;
    uint32_t quiet = element->quiet ? 1 : 0;
    int64_t left = quiet * kind->quiet_left * module;
    int64_t right = quiet * kind->quiet_right * module;
    int64_t rows = quiet * kind->quiet_rows * module;
    out->width = symbol->width * module;
    out->height = height;
    out->has_clear = true;
    out->clear = (struct rect){-left, -rows, left + out->width + right, height + 2 * rows};
    err = check_room(canvas, drawn, kind, out);
    if (!err && (out->width > BITMAP_MAX_DOTS || height > BITMAP_MAX_DOTS))
        err = bad_data(canvas, drawn, "symbol is larger than any label");
    struct bitmap bits;
    if (!err)
        err = bitmap_new((uint32_t)out->width, (uint32_t)height, &bits);
    if (err)
        return err;
    draw_symbol(symbol, kind, module, &bits);
    err = pieces_add(&out->pieces, 0, 0, &bits);
    if (!err && element->hri == HRI_BELOW)
        err = add_hri(canvas, drawn, kind, height + (rows > module ? rows : module), out);
    return err;
}
