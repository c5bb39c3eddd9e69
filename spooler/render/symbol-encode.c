/* SPDX-License-Identifier: Apache-2.0 */
/* symbol-encode.c: content becomes modules, by zint. */
#include "spooler/render/barcode.h"

#include "templates/symbology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zint.h>

#define ECI_UTF8 26

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

struct zint_symbol *barcodes_symbol(struct barcodes *barcodes)
{
    return barcodes->symbol;
}

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

/* One try with those options. */
static int run_zint(struct zint_symbol *symbol, const struct barcode_kind *kind,
                    const struct symbol_options *options, const struct symbol_data *data)
{
    bool composite = data->primary[0] != '\0' && kind->composite;
    ZBarcode_Clear(symbol); /* its results only; what we set and zint changes is set anew */
    symbol->symbology = composite ? kind->composite : kind->zint;
    symbol->input_mode = kind->ai_data || composite ? GS1_MODE : UNICODE_MODE;
    symbol->warn_level = WARN_FAIL_ALL; /* else a wrong check digit is encoded */
    symbol->output_options = 0;
    symbol->option_1 = -1;
    symbol->option_2 = 0;
    symbol->option_3 = 0;
    if (kind->set)
        kind->set(options, symbol);
    symbol->height = 0;
    memcpy(symbol->primary, data->primary, sizeof data->primary);
    /* zint would choose an ECI by the characters, and call that a warning. */
    bool wants_eci = !is_ascii(data->data, data->len);
    symbol->eci = wants_eci && ZBarcode_Cap(kind->zint, ZINT_CAP_ECI) ? ECI_UTF8 : 0;
    return ZBarcode_Encode(symbol, (const unsigned char *)data->data, (int)data->len);
}

/* DataMatrix has six rectangles, in the order of what they hold; zint would take a square. */
static int run_rectangles(struct zint_symbol *symbol, const struct barcode_kind *kind,
                          struct symbol_options options, const struct symbol_data *data)
{
    int code = ZINT_ERROR_TOO_LONG;
    for (int i = 1; i <= DATAMATRIX_RECTANGLES && code == ZINT_ERROR_TOO_LONG; i++) {
        options.size = (uint16_t)(DATAMATRIX_SQUARES + i);
        code = run_zint(symbol, kind, &options, data);
    }
    return code;
}

/* What zint refused, in words of a label's designer; zint's own are the detail ("Error 324:
 * ..."), whose number zint's manual and its people know. */
static enum err refused(const struct canvas *canvas, const struct drawn *drawn,
                        const struct barcode_kind *kind, int code, const char *detail)
{
    static const struct {
        int code;
        const char *words;
    } rows[] = {
        {ZINT_ERROR_TOO_LONG, "its length does not suit"},
        {ZINT_ERROR_INVALID_DATA,
         "it has a character or a form that is none of this symbology"},
        {ZINT_ERROR_INVALID_CHECK, "a check digit in it is wrong"},
        {ZINT_ERROR_INVALID_OPTION, "it does not suit the options that are asked for"},
    };
    const char *words = "it cannot be encoded";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        words = rows[i].code == code ? rows[i].words : words;
    size_t skip = strncmp(detail, "Error ", 6) == 0 ? 6 : 0;
    return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-data",
                        element_place(drawn->element), drawn->content, kind->takes,
                        "%s cannot hold this content: %s (zint %s)", kind->name, words,
                        detail + skip);
}

/* The size that the template asks for is refused with the one that it takes. */
static enum err too_small(const struct canvas *canvas, const struct drawn *drawn,
                          const struct barcode_kind *kind, const struct symbol_data *data,
                          int code)
{
    struct zint_symbol *symbol = canvas->barcodes->symbol;
    struct symbol_options any = drawn->element->options;
    char said[sizeof symbol->errtxt], version[32] = "";
    memcpy(said, symbol->errtxt, sizeof said);
    any.version = any.size = any.columns = any.rows = any.shape = 0;
    if (run_zint(symbol, kind, &any, data) != 0)
        return refused(canvas, drawn, kind, code, said);
    if (kind->version)
        snprintf(version, sizeof version, "version %s%d, ", kind->version,
                 (symbol->width - kind->version_from) / kind->version_step);
    return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-too-small",
                        element_place(drawn->element), drawn->content, NULL,
                        "%s: the size that is asked for does not suit its content, which takes "
                        "%s%d rows of %d modules",
                        kind->name, version, symbol->rows, symbol->width);
}

/* A check digit that zint adds by itself must be the one that the data end with. */
static enum err check_added_digit(const struct canvas *canvas, const struct drawn *drawn,
                                  const struct symbol_data *data)
{
    const char *text = (const char *)canvas->barcodes->symbol->text;
    size_t len = strlen(text);
    char right = len ? text[len - 1] : '\0', given = data->data[data->len], what[80];
    if (given == right)
        return ERR_NONE;
    snprintf(what, sizeof what, "got a number whose check digit is wrong: %c would be right",
             right);
    return symbol_data_bad(canvas, drawn, what);
}

enum err barcode_encode(const struct canvas *canvas, const struct drawn *drawn,
                        const struct barcode_kind *kind, struct symbol_data *data)
{
    struct zint_symbol *symbol = canvas->barcodes->symbol;
    const struct symbol_options *options = &drawn->element->options;
    enum err err = symbol_data_check(canvas, drawn, kind, data);
    if (err)
        return err;
    bool counted = options->columns || options->rows;
    bool sized =
        counted || options->version || options->size || options->shape == SHAPE_WORD_RECTANGLE;
    int code = options->shape == SHAPE_WORD_RECTANGLE && !options->size
                   ? run_rectangles(symbol, kind, *options, data)
                   : run_zint(symbol, kind, options, data);
    /* zint calls too few rows or columns a bad option. */
    if ((sized && code == ZINT_ERROR_TOO_LONG) ||
        (counted && code == ZINT_ERROR_INVALID_OPTION))
        return too_small(canvas, drawn, kind, data, code);
    if (code != 0)
        return refused(canvas, drawn, kind, code, symbol->errtxt);
    return kind->plain_digits ? check_added_digit(canvas, drawn, data) : ERR_NONE;
}
