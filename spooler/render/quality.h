/* SPDX-License-Identifier: Apache-2.0 */
/* quality.h: how well a label will print and scan, measured on the dots that one head makes of
 * it.
 *
 * render_check_template() and render_check_label() refuse what is wrong; this tells what is
 * allowed but doubtful (modules that were rounded, ink over ink, ink where no printer can be
 * trusted, symbols outside of what GS1 asks for their use) and gives the figures, so that a
 * person can judge. Draws, prints and stores nothing. One thread, the renderer's. */
#ifndef TEM_RENDER_QUALITY_H
#define TEM_RENDER_QUALITY_H

#include "spooler/base/err.h"
#include "spooler/base/findings.h"
#include "spooler/render/gs1-use.h"
#include "spooler/render/render.h"
#include "templates/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIDE_LEFT,
    SIDE_TOP,
    SIDE_RIGHT,
    SIDE_BOTTOM,
    SIDES
}; /* of the label, not of the symbol */

/* What is around one side of a symbol. */
struct quality_side {
    int64_t needed_um; /* quiet zone of the symbology's standard */
    int64_t free_um;   /* to the nearest ink of another element, else to the label's edge */
    uint64_t line;     /* of that element; 0 = it is the edge */
    uint32_t column;
};

struct quality_symbol {
    const struct element *element;  /* borrows from the template */
    int64_t module_dots, module_um; /* as printed */
    bool drawn;                     /* what follows is known: there were data, and they fit */
    int64_t columns, rows;          /* modules; rows 0: bars, as high as one likes */
    int64_t width_um, height_um;    /* along its own axes, without quiet zone */
    struct quality_side sides[SIDES];
    const struct gs1_range *range; /* NULL: GS1 has none, or the use is not known */
};

struct quality {
    struct quality_symbol *symbols; /* in the order of the template */
    size_t count;
};

/* Measures every symbol of `doc` and finds what is doubtful on it; without a doc (NULL) only
 * what needs no data. `use`: a name of gs1_use_at(), NULL = guessed from each symbol. Elements
 * that cannot be drawn are left out: render_check_label() has said why. Never ERR_INPUT; *out
 * is freed by quality_free(). */
enum err render_quality(struct renderer *renderer, const struct template *template,
                        const struct label_doc *doc, uint32_t dots_per_m, const char *use,
                        struct quality *out, struct findings *findings);
void quality_free(struct quality *quality);

#endif
