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

enum err barcodes_new(struct barcodes **out, struct why *why);
void barcodes_free(struct barcodes *barcodes);

enum err barcode_sketch(const struct canvas *canvas, const struct drawn *drawn,
                        struct sketch *out);

/* Without data: the symbology is known, and its module is legal at this resolution. */
enum err barcode_check(const struct canvas *canvas, const struct element *element);

enum symbol_shape {
    SHAPE_BARS,   /* one row, as high as the element says */
    SHAPE_STACKED /* rows of fixed height: matrix symbols, stacked ones */
};

/* How one symbology is encoded and what its standard allows. */
struct barcode_kind {
    const char *name; /* the field's */
    int zint;         /* BARCODE_... */
    enum symbol_shape shape;
    bool ai_data;           /* carries FNC1 and AIs */
    uint32_t digits;        /* exactly so many, the last a GS1 check digit; 0 = free */
    int64_t min_um, max_um; /* module */
    uint32_t quiet_left, quiet_right, quiet_rows; /* modules; quiet_rows above and below */
    int64_t height_um;     /* SHAPE_BARS: where the element says nothing */
    uint32_t min_height;   /* SHAPE_BARS: modules, 0 = the standard says nothing */
    uint32_t bearer;       /* SHAPE_BARS: modules of the bars above and below */
    int option_3;          /* zint's, where a row needs it */
    bool drop_check_digit; /* zint adds it by itself */
    /* Data that zint would silently change; NULL = none. Returns what is wrong with it. */
    const char *(*refuse)(const char *content, size_t len);
};

/* NULL = not known. */
const struct barcode_kind *barcode_kind_find(const char *name);
/* All of them: index 0.. until NULL. */
const struct barcode_kind *barcode_kind_at(size_t index);

#endif
