/* SPDX-License-Identifier: Apache-2.0 */
/* quality-gs1.c: symbols against what GS1 asks of them where they are scanned. */
#include "spooler/render/quality-private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct drawn *quality_drawn(const struct label_doc *doc, const struct element *element)
{
    for (size_t i = 0; doc && i < doc->count; i++) {
        if (doc->drawn[i].element == element)
            return &doc->drawn[i];
    }
    return NULL;
}

static const char *guess(const struct measuring *m, const struct element *element)
{
    const struct drawn *drawn = quality_drawn(m->doc, element);
    return gs1_use_guess(element->symbology, drawn ? drawn->content : "",
                         drawn ? drawn->content_len : 0, element->ai_data);
}

/* One SSCC makes the whole label a logistic label: the symbols beside it are scanned with it.
 */
static bool is_logistic(const struct measuring *m)
{
    for (size_t i = 0; m->doc && i < m->doc->count; i++) {
        const struct element *element = m->doc->drawn[i].element;
        const char *use = element->kind == ELEMENT_BARCODE ? guess(m, element) : NULL;
        if (use && strcmp(use, "logistics") == 0)
            return true;
    }
    return false;
}

const struct gs1_range *quality_gs1_range(const struct measuring *m,
                                          const struct element *element)
{
    if (m->use)
        return gs1_range_find(m->use, element->symbology);
    const struct gs1_range *range =
        is_logistic(m) ? gs1_range_find("logistics", element->symbology) : NULL;
    return range ? range : gs1_range_find(guess(m, element), element->symbology);
}

/* The whole-dot module within a range that is nearest to the one printed; 0 = there is none. */
static int64_t nearest_legal(const struct gs1_range *range, int64_t dots, uint32_t dpm)
{
    int64_t low = (range->min_um * dpm + 999999) / 1000000;
    int64_t high = range->max_um * dpm / 1000000;
    if (low > high)
        return 0;
    return dots < low ? low : dots > high ? high : dots;
}

struct table_text {
    char text[80];
};

static struct table_text table_text(const struct gs1_range *range)
{
    struct table_text words;
    snprintf(words.text, sizeof words.text, "GS1 symbol specification table %d%s", range->table,
             range->recalled ? ", from memory" : "");
    return words;
}

void quality_check_gs1_module(const struct measuring *m, const struct quality_symbol *symbol)
{
    const struct gs1_range *range = symbol->range;
    uint32_t dpm = m->canvas.dots_per_m;
    int64_t legal = nearest_legal(range, symbol->module_dots, dpm);
    char expected[400], target[160] = "";
    /* a micrometre off is the limit's own rounding: 0.254 mm are 3 dots of 11.811 a mm */
    if (symbol->module_um >= range->min_um - 1 && symbol->module_um <= range->max_um + 1)
        return;
    if (legal)
        snprintf(target, sizeof target, "; %s", dots_text(legal, dpm).text);
    snprintf(expected, sizeof expected, "module: %s to %s%s", mm_text(range->min_um).text,
             mm_text(range->max_um).text, target);
    findings_add(m->findings, SEVERITY_WARNING, "gs1-module", element_place(symbol->element),
                 dots_text(symbol->module_dots, dpm).text, expected,
                 "the module is outside of the range for %s (%s)", range->title,
                 table_text(range).text);
}

void quality_check_gs1_size(const struct measuring *m, const struct quality_symbol *symbol)
{
    const struct gs1_range *range = symbol->range;
    bool upright = symbol->element->rotate_degrees % 180 == 0;
    int64_t grows = range->height_centimodules * symbol->module_um / 100;
    int64_t height = range->height_um > grows ? range->height_um : grows;
    int64_t width = symbol->width_um + symbol->sides[upright ? SIDE_LEFT : SIDE_TOP].needed_um +
                    symbol->sides[upright ? SIDE_RIGHT : SIDE_BOTTOM].needed_um;
    char expected[120];
    /* a dot less is rounding: 31.75 mm are 254 dots at 8 a mm, 374.99 at 11.811 */
    int64_t dot = quality_um(1, m->canvas.dots_per_m);
    if (symbol->rows == 0 && symbol->height_um + dot < height) {
        snprintf(expected, sizeof expected, "height: at least %s", mm_text(height).text);
        findings_add(m->findings, SEVERITY_WARNING, "gs1-height",
                     element_place(symbol->element), mm_text(symbol->height_um).text, expected,
                     "the bars are lower than asked for %s (%s)", range->title,
                     table_text(range).text);
    }
    if (range->width_um == 0 || width <= range->width_um)
        return;
    findings_add(m->findings, SEVERITY_WARNING, "gs1-width", element_place(symbol->element),
                 mm_text(width).text, mm_text(range->width_um).text,
                 "the symbol with its quiet zones is wider than scanners for %s must take",
                 range->title);
}
