/* SPDX-License-Identifier: Apache-2.0 */
/* quality-private.h: what quality.c (symbols, strokes) and quality-ink.c (what lies where)
 * share; nobody else includes it. Nothing here keeps memory beyond render_quality(). */
#ifndef TEM_RENDER_QUALITY_PRIVATE_H
#define TEM_RENDER_QUALITY_PRIVATE_H

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

/* "0.375 mm", for a message. */
struct mm_text {
    char text[64];
};
struct mm_text mm_text(int64_t um);

/* Overlaps and what is near an edge, of all of m->inks. */
void quality_check_inks(const struct measuring *m);

#endif
