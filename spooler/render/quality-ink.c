/* SPDX-License-Identifier: Apache-2.0 */
/* quality-ink.c: ink that meets ink of another element, and ink where a printer may not reach.
 */
#include "spooler/render/quality-private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const quality_side_names[SIDES] = {"left", "top", "right", "bottom"};

int64_t quality_um(int64_t dots, uint32_t dots_per_m)
{
    return (dots * 1000000 + dots_per_m / 2) / dots_per_m;
}

struct dots_text dots_text(int64_t dots, uint32_t dots_per_m)
{
    struct dots_text words;
    snprintf(words.text, sizeof words.text, "%s (%" PRId64 " dot%s)",
             mm_text(quality_um(dots, dots_per_m)).text, dots, dots == 1 ? "" : "s");
    return words;
}

static bool pieces_meet(const struct piece *a, const struct piece *b)
{
    struct rect one = piece_rect(a), two = piece_rect(b);
    if (!rects_meet(&one, &two))
        return false;
    struct rect both = rects_common(&one, &two);
    for (int64_t y = both.y; y < both.y + both.height; y++) {
        for (int64_t x = both.x; x < both.x + both.width; x++) {
            if (bitmap_get(&a->bits, (uint32_t)(x - one.x), (uint32_t)(y - one.y)) &&
                bitmap_get(&b->bits, (uint32_t)(x - two.x), (uint32_t)(y - two.y)))
                return true;
        }
    }
    return false;
}

static bool is_shape(const struct ink *ink)
{
    return element_is_shape(ink->drawn->element->kind);
}

static bool inks_meet(const struct ink *a, const struct ink *b)
{
    for (size_t i = 0; i < a->pieces.count; i++) {
        for (size_t n = 0; n < b->pieces.count; n++) {
            if (pieces_meet(&a->pieces.list[i], &b->pieces.list[n]))
                return true;
        }
    }
    return false;
}

/* The check of symbols has said so already, as an error. */
static bool is_told(const struct findings *findings, const struct element *symbol)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];
        if (strcmp(finding->code, "quiet-zone") == 0 && finding->line == symbol->line &&
            finding->column == symbol->column)
            return true;
    }
    return false;
}

/* Boxes and lines join each other: that is how tables are drawn. */
static void check_overlap(const struct measuring *m, const struct ink *under,
                          const struct ink *over)
{
    const struct element *first = under->drawn->element, *second = over->drawn->element;
    bool told = (under->clear.width > 0 && is_told(m->findings, first)) ||
                (over->clear.width > 0 && is_told(m->findings, second));
    if (told || (is_shape(under) && is_shape(over)) || !inks_meet(under, over))
        return;
    findings_add(m->findings, SEVERITY_WARNING, "overlap", element_place(second), NULL, NULL,
                 "its ink meets that of the %s of line %" PRIu64 ", column %" PRIu32,
                 element_place(first).field, first->line, first->column);
}

static void check_edges(const struct measuring *m, const struct ink *ink)
{
    int64_t least = EDGE_UM, limit = dots_from_um(EDGE_UM, m->canvas.dots_per_m);
    int at = -1;
    for (size_t i = 0; i < ink->pieces.count; i++) {
        struct rect rect = piece_rect(&ink->pieces.list[i]);
        const int64_t dots[SIDES] = {rect.x, rect.y, m->canvas.width_dots - rect.x - rect.width,
                                     m->canvas.height_dots - rect.y - rect.height};
        for (int side = 0; side < SIDES; side++) {
            int64_t um = quality_um(dots[side], m->canvas.dots_per_m);
            if (dots[side] >= limit || um >= least)
                continue;
            least = um;
            at = side;
        }
    }
    if (at >= 0)
        findings_add(m->findings, SEVERITY_NOTE, "near-edge",
                     element_place(ink->drawn->element), mm_text(least).text,
                     mm_text(EDGE_UM).text, "its ink is near the label's %s edge: labels shift",
                     quality_side_names[at]);
}

void quality_check_inks(const struct measuring *m)
{
    for (size_t i = 0; i < m->count; i++) {
        for (size_t n = 0; n < i; n++)
            check_overlap(m, &m->inks[n], &m->inks[i]);
        check_edges(m, &m->inks[i]);
    }
}
