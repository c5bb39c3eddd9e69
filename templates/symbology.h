/* SPDX-License-Identifier: Apache-2.0 */
/* symbology.h: names of barcodes as templates write them, and what each leaves to choose. How
 * each is drawn is the renderer's matter. Constant tables. */
#ifndef TEM_TEMPLATES_SYMBOLOGY_H
#define TEM_TEMPLATES_SYMBOLOGY_H

#include "templates/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys of a barcode that only some symbologies have. */
enum symbol_option {
    OPTION_END, /* of a list */
    OPTION_ERROR_CORRECTION,
    OPTION_VERSION,
    OPTION_SIZE,
    OPTION_SHAPE,
    OPTION_COLUMNS,
    OPTION_ROWS,
    OPTION_ROW_HEIGHT,
    OPTION_CHECK_DIGIT,
    OPTION_BEARER,
    OPTION_ADDON,
    OPTION_MODE,
    OPTION_COUNT
};

/* What one option of a symbology may be: one of `words`, or a number. */
struct option_rule {
    enum symbol_option option;
    const char *const *words; /* up to NULL; NULL = min..max */
    int min, max;
    enum symbol_option excludes; /* OPTION_END = nothing */
};

struct symbology {
    const char *name;
    bool ai;                           /* its data are AIs: "(01){gtin}(21){serial}" */
    bool matrix;                       /* may hold a URI */
    const struct option_rule *options; /* NULL = none; ends with OPTION_END */
    bool composite;                    /* may have a GS1 composite component above it */
    bool primary;                      /* may have a primary message (MaxiCode) */
};

extern const struct symbology symbologies[];
extern const size_t symbology_count;

#define SYMBOLOGIES_MAX 96

/* NULL: no such name. */
const struct symbology *symbology_find(const char *name);

/* A key's name, from OPTION_END + 1 to OPTION_COUNT - 1. */
const char *symbol_option_name(enum symbol_option option);
/* Where an option is kept. */
uint16_t *symbol_option_at(struct symbol_options *options, enum symbol_option option);
/* NULL: the symbology has no such option. */
const struct option_rule *symbol_option_rule(const struct symbology *symbology,
                                             enum symbol_option option);

/* DataMatrix sizes in the order of ISO/IEC 16022, then ISO/IEC 21471 (rectangular extension),
 * as rows x columns; the first 24 are square. */
extern const char *const datamatrix_sizes[];
#define DATAMATRIX_SQUARES 24
/* Behind them, the rectangles of ISO/IEC 16022. */
#define DATAMATRIX_RECTANGLES 6
/* Four compact sizes, then full ones from four layers on. */
extern const char *const aztec_sizes[];
#define AZTEC_COMPACT 4

#endif
