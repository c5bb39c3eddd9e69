/* SPDX-License-Identifier: Apache-2.0 */
/* barcode.h: symbols, encoded by zint, drawn by us in whole dots (inside of render/).
 *
 * A module is the template's, rounded to the nearest dot and then checked against the
 * symbology's legal range; it is never changed to make a symbol fit (promise 10). AI data
 * comes in zint's square-bracket form, the only one in which a value cannot start an AI
 * (promise 11). `at` is where the symbol's own edge is; the quiet zone lies outside of it.
 *
 * Threads: one at a time. */
#ifndef TEM_RENDER_BARCODE_H
#define TEM_RENDER_BARCODE_H

#include "spooler/render/draw.h"

struct barcodes;
struct zint_symbol;

enum err barcodes_new(struct barcodes **out, struct why *why);
void barcodes_free(struct barcodes *barcodes);
/* What the last barcode_encode made; zint's structure, borrowed. */
struct zint_symbol *barcodes_symbol(struct barcodes *barcodes);

enum err barcode_sketch(const struct canvas *canvas, const struct drawn *drawn,
                        struct sketch *out);

/* Without data: the symbology is known, and its module is legal at this resolution. */
enum err barcode_check(const struct canvas *canvas, const struct element *element);

enum symbol_shape {
    SHAPE_BARS,    /* one row, as high as the element says */
    SHAPE_STACKED, /* rows of fixed height: matrix symbols, stacked ones */
    SHAPE_HEXAGONS /* MaxiCode */
};

/* How one symbology is encoded and what its standard allows. */
struct barcode_kind {
    const char *name;  /* the field's */
    int zint;          /* BARCODE_... */
    const char *takes; /* what content, in the words of docs/templates.md */
    enum symbol_shape shape;
    bool ai_data;           /* carries FNC1 and AIs */
    uint32_t digits;        /* exactly so many, the last a GS1 check digit; 0 = free */
    uint32_t plain_digits;  /* exactly so many, the last one checked against zint's; 0 = free */
    int64_t min_um, max_um; /* module */
    uint32_t quiet_left, quiet_right, quiet_rows; /* modules; quiet_rows above and below */
    int64_t height_um;   /* SHAPE_BARS: where the element says nothing */
    uint32_t min_height; /* SHAPE_BARS: modules, 0 = the standard says nothing */
    uint32_t bearer;     /* SHAPE_BARS: modules of the bars above and below, unless chosen */
    int64_t row_um[3];   /* SHAPE_STACKED: heights of the rows of a bar's states; 0 = modules */
    bool pairs;          /* of digits: zint would put a 0 in front of an odd number of them */
    bool drop_check_digit; /* zint adds it by itself */
    bool zint_text;        /* what people read has characters that the data lack: zint's text */
    int composite;         /* zint's symbology with a GS1 composite component; 0 = none */
    const char
        *version; /* a symbol of `version_from` + n x `version_step` modules is version */
    int version_from, version_step; /* "<version>n", for messages; NULL = has none */
    /* The template's options as zint wants them, on a symbol with none set; NULL = none. */
    void (*set)(const struct symbol_options *options, struct zint_symbol *symbol);
    /* Data that zint would silently change, or refuse in words of its own; NULL = none. Returns
     * what is wrong with it. */
    const char *(*refuse)(const char *content, size_t len);
};

/* What zint gets of an element's content. `data` and `primary` borrow or point to `own`. */
struct symbol_data {
    const char *data;
    size_t len;
    size_t shown_from, shown_len; /* of the content: what people read below or above */
    char own[64];
    char primary[128]; /* of a composite: the linear symbol's data, "" = no composite */
};

/* symbol-data.c: what may be encoded without being changed on the way. ERR_INPUT: finding. */
enum err symbol_data_check(const struct canvas *canvas, const struct drawn *drawn,
                           const struct barcode_kind *kind, struct symbol_data *out);
/* symbol-encode.c: checks the data and encodes them as the element's options say. ERR_INPUT:
 * finding, with the size that the content takes where the element asks for a smaller one. */
enum err barcode_encode(const struct canvas *canvas, const struct drawn *drawn,
                        const struct barcode_kind *kind, struct symbol_data *data);
/* A "symbol-data" finding: "<symbology> <what>". */
enum err symbol_data_bad(const struct canvas *canvas, const struct drawn *drawn,
                         const char *what);

/* NULL = not known. */
const struct barcode_kind *barcode_kind_find(const char *name);
/* All of them: index 0.. until NULL. */
const struct barcode_kind *barcode_kind_at(size_t index);

#endif
