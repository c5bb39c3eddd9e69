/* SPDX-License-Identifier: Apache-2.0 */
/* symbology.h: names of barcodes as templates write them. How each is drawn is the renderer's
 * matter. Constant table. */
#ifndef TEM_TEMPLATES_SYMBOLOGY_H
#define TEM_TEMPLATES_SYMBOLOGY_H

#include <stdbool.h>
#include <stddef.h>

struct symbology {
    const char *name;
    bool ai;     /* its data are Application Identifiers: "(01){gtin}(21){serial}" */
    bool matrix; /* may hold a URI */
};

extern const struct symbology symbologies[];
extern const size_t symbology_count;

/* NULL: no such name. */
const struct symbology *symbology_find(const char *name);

#endif
