/* SPDX-License-Identifier: Apache-2.0 */
/* quality-private.h: what quality.c (symbols, strokes) and quality-ink.c (what lies where)
 * share; nobody else includes it. Nothing here keeps memory beyond render_quality(). */
#ifndef TEM_RENDER_QUALITY_PRIVATE_H
#define TEM_RENDER_QUALITY_PRIVATE_H

#include "spooler/base/mm.h"
#include "spooler/render/draw.h"
#include "spooler/render/quality.h"

/* Labels shift by up to a millimetre across and along, and heads end there. */
#define EDGE_UM 1000

/* One element that could be drawn. */
struct ink {
    const struct drawn *drawn;
    struct pieces pieces;
    struct rect clear; /* symbol and quiet zone; width 0: no symbol */
};

struct measuring {
    struct canvas canvas;
    const struct template *template;
    const struct label_doc *doc; /* may be NULL */
    const char *use;
    struct ink *inks;
    size_t count;
    struct findings *findings;
};

extern const char *const quality_side_names[SIDES];

/* Rounded to the nearest thousandth of a mm. */
int64_t quality_um(int64_t dots, uint32_t dots_per_m);

/* "0.375 mm (3 dots)", for a message. */
struct dots_text {
    char text[128];
};
struct dots_text dots_text(int64_t dots, uint32_t dots_per_m);

/* The element's content on this label; NULL: it is not on it. */
const struct drawn *quality_drawn(const struct label_doc *doc, const struct element *element);

/* quality-gs1.c: the row that an element's symbol is held to, NULL = none; the checks are of
 * symbols that have one. */
const struct gs1_range *quality_gs1_range(const struct measuring *m,
                                          const struct element *element);
void quality_check_gs1_module(const struct measuring *m, const struct quality_symbol *symbol);
void quality_check_gs1_size(const struct measuring *m, const struct quality_symbol *symbol);

/* quality-mend.c: names what would fit where `told` says that the element does not. */
void quality_mend(const struct measuring *m, const struct drawn *drawn,
                  const struct findings *told);

/* quality-ink.c: overlaps and what is near an edge, of all of m->inks. */
void quality_check_inks(const struct measuring *m);

#endif
