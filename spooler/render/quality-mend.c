/* SPDX-License-Identifier: Apache-2.0 */
/* quality-mend.c: what would make an element fit that does not, found by trying it smaller. */
#include "spooler/render/barcode.h"
#include "spooler/render/quality-private.h"

#include <string.h>

/* Smaller text is not worth proposing: Vietnamese marks are gone by then. */
#define LEAST_MPT 5000
#define STEP_MPT  250

static bool draws(const struct measuring *m, const struct drawn *drawn,
                  const struct element *element)
{
    struct canvas canvas = m->canvas;
    struct drawn other = *drawn;
    struct pieces pieces = {0};
    struct findings told;
    findings_init(&told);
    canvas.findings = &told;
    other.element = element;
    enum err err = draw_element(&canvas, &other, &pieces, NULL);
    pieces_free(&pieces);
    findings_clear(&told);
    return err == ERR_NONE;
}

static void mend_symbol(const struct measuring *m, const struct drawn *drawn)
{
    const struct barcode_kind *kind = barcode_kind_find(drawn->element->symbology);
    struct element element = *drawn->element;
    uint32_t dpm = m->canvas.dots_per_m;
    int64_t dots = dots_from_um(element.module_um, dpm);
    while (kind && --dots > 0 && quality_um(dots, dpm) >= kind->min_um - 1) {
        element.module_um = quality_um(dots, dpm);
        if (!draws(m, drawn, &element))
            continue;
        findings_add(m->findings, SEVERITY_NOTE, "fitting-module",
                     element_place(drawn->element), NULL, NULL, "module: %s would fit here",
                     dots_text(dots, dpm).text);
        return;
    }
}

static void mend_text(const struct measuring *m, const struct drawn *drawn)
{
    struct element element = *drawn->element;
    if (element.fit == FIT_SHRINK)
        element.font_mpt = element.shrink_to_mpt;
    while ((element.font_mpt -= STEP_MPT) >= LEAST_MPT) {
        element.shrink_to_mpt = element.font_mpt;
        if (!draws(m, drawn, &element))
            continue;
        findings_add(m->findings, SEVERITY_NOTE, "fitting-font", element_place(drawn->element),
                     NULL, NULL, "%d.%02d pt would fit here", element.font_mpt / 1000,
                     element.font_mpt % 1000 / 10);
        return;
    }
}

void quality_mend(const struct measuring *m, const struct drawn *drawn,
                  const struct findings *told)
{
    static const struct {
        const char *code;
        enum element_kind kind;
        void (*mend)(const struct measuring *m, const struct drawn *drawn);
    } rows[] = {
        {"symbol-does-not-fit", ELEMENT_BARCODE, mend_symbol},
        {"off-label", ELEMENT_BARCODE, mend_symbol},
        {"text-does-not-fit", ELEMENT_TEXT, mend_text},
        {"off-label", ELEMENT_TEXT, mend_text},
    };
    for (size_t i = 0; told->count && i < sizeof rows / sizeof rows[0]; i++) {
        if (drawn->element->kind == rows[i].kind &&
            strcmp(told->list[told->count - 1].code, rows[i].code) == 0) {
            rows[i].mend(m, drawn);
            return;
        }
    }
}
