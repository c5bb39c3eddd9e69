/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check-merge.h"
#include "cli/check-view.h"

#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- for people ------------------------------------------------------------------------- */

/* "12.50", thousandths of a mm as hundredths; "50" when it is whole and `whole` is wanted. */
static void add_mm(struct buf *out, int64_t um, bool whole)
{
    if (whole && um % 1000 == 0)
        buf_printf(out, "%" PRId64, um / 1000);
    else
        buf_printf(out, "%" PRId64 ".%02" PRId64, (um + 5) / 1000, (um + 5) / 10 % 100);
}

static void show_head(const struct check_file *result, const struct merge *merge,
                      const struct screen *screen)
{
    static const char *const words[] = {"error", "warning", "note"};
    struct buf line = BUF_INIT(8192);
    text_clean(result->file, &line);
    buf_add_text(&line, ": ");
    if (result->template) {
        add_mm(&line, template_width_um(result->template), true);
        buf_add_text(&line, " x ");
        add_mm(&line, template_height_um(result->template), true);
        buf_add_text(&line, " mm, ");
    }
    bool any = false;
    for (int i = SEVERITY_ERROR; i <= SEVERITY_NOTE; i++) {
        size_t count = merge_count(merge, (enum severity)i);
        if (count == 0)
            continue;
        buf_add_text(&line, any ? ", " : "");
        text_count(count, words[i], &line);
        any = true;
    }
    buf_add_text(&line, any ? "" : "no faults");
    fprintf(screen->stream, "%s%s%s\n", screen_colour(screen, COLOUR_BOLD), buf_text(&line),
            screen_colour(screen, COLOUR_NONE));
    buf_free(&line);
}

/* The side that has least beyond what it needs. */
static int tightest(const struct quality_symbol *symbol)
{
    int worst = 0;
    for (int i = 1; i < SIDES; i++) {
        const struct quality_side *side = &symbol->sides[i], *least = &symbol->sides[worst];
        bool asked = side->needed_um > 0, least_asked = least->needed_um > 0;
        if (asked > least_asked ||
            (asked == least_asked &&
             side->free_um - side->needed_um < least->free_um - least->needed_um))
            worst = i;
    }
    return worst;
}

static const char *const side_words[SIDES] = {"left", "top", "right", "bottom"};

static void add_measures(struct table *table, const struct quality_symbol *symbol)
{
    const struct quality_side *side = &symbol->sides[tightest(symbol)];
    struct buf size = BUF_INIT(128), needed = BUF_INIT(128), room = BUF_INIT(128);
    if (symbol->drawn) {
        add_mm(&size, symbol->width_um, false);
        buf_add_text(&size, " x ");
        add_mm(&size, symbol->height_um, false);
        add_mm(&needed, side->needed_um, false);
        add_mm(&room, side->free_um, false);
        buf_printf(&room, " %s, ", side_words[tightest(symbol)]);
        if (side->line)
            buf_printf(&room, "line %" PRIu64, side->line);
        else
            buf_add_text(&room, "edge");
    }
    table_add(table, "%s", symbol->drawn ? buf_text(&size) : "-");
    table_add(table, "%s", symbol->drawn ? buf_text(&needed) : "-");
    table_add(table, "%s", symbol->drawn ? buf_text(&room) : "-");
    buf_free(&size);
    buf_free(&needed);
    buf_free(&room);
}

static void add_row(struct table *table, const struct model *model,
                    const struct quality_symbol *symbol)
{
    int64_t asked = symbol->element->module_um;
    int64_t permille = asked > 0 ? symbol->module_um * 1000 / asked - 1000 : 0;
    table_add(table, "    %s", model->name);
    if (symbol->module_dots == 0) {
        for (int i = 0; i < 3; i++)
            table_add(table, "-");
    } else {
        table_add(table, "%" PRId64 ".%03" PRId64, symbol->module_um / 1000,
                  symbol->module_um % 1000);
        table_add(table, "%" PRId64, symbol->module_dots);
        table_add(table, "%s%" PRId64 "%%", permille > 4 ? "+" : "",
                  (permille + (permille < 0 ? -5 : 5)) / 10);
    }
    add_measures(table, symbol);
}

/* Modules are the same at every resolution, so the first view that could draw it says them. */
static void show_symbol_head(const struct check_file *result, size_t index,
                             const struct screen *screen)
{
    const struct quality_symbol *symbol = &result->views[0].quality.symbols[index];
    for (size_t i = 0; i < result->view_count && !symbol->drawn; i++)
        symbol = &result->views[i].quality.symbols[index];
    struct buf line = BUF_INIT(1024);
    buf_printf(&line, "%s, line %" PRIu64, symbol->element->symbology, symbol->element->line);
    if (symbol->drawn && symbol->rows)
        buf_printf(&line, ": %" PRId64 " x %" PRId64 " modules", symbol->columns, symbol->rows);
    else if (symbol->drawn)
        buf_printf(&line, ": %" PRId64 " modules wide", symbol->columns);
    fputs("  ", screen->stream);
    fputs(buf_text(&line), screen->stream);
    fputc('\n', screen->stream);
    const struct gs1_range *range = symbol->range;
    if (range)
        fprintf(screen->stream,
                "    GS1 table %d (%s): %" PRId64 ".%03" PRId64 " to %" PRId64 ".%03" PRId64
                " mm%s\n",
                range->table, range->title, range->min_um / 1000, range->min_um % 1000,
                range->max_um / 1000, range->max_um % 1000,
                range->recalled ? ", from memory" : "");
    buf_free(&line);
}

static bool show_symbols(const struct check_file *result, const struct screen *screen)
{
    static const char *const heads[] = {"    MODEL", "MODULE", "DOTS",   "ASKED",
                                        "SIZE MM",   "QUIET",  "FREE MM"};
    size_t count = result->view_count ? result->views[0].quality.count : 0;
    for (size_t i = 0; i < count; i++) {
        struct table table;
        show_symbol_head(result, i, screen);
        table_init(&table, heads, sizeof heads / sizeof heads[0], 0x2e);
        for (size_t n = 0; n < result->view_count; n++) {
            if (i < result->views[n].quality.count)
                add_row(&table, result->views[n].model, &result->views[n].quality.symbols[i]);
        }
        if (!table_print(&table, screen))
            return false;
    }
    return true;
}

static void add_names(const struct check_file *result, uint32_t views, const char *before,
                      struct buf *out)
{
    for (size_t i = 0; i < result->view_count; i++) {
        if (!(views >> i & 1))
            continue;
        buf_printf(out, "%s%s", before, result->views[i].model->name);
        before = ", ";
    }
}

/* Which models have it, unless all do with the same measures. */
static void add_models(const struct check_file *result, const struct merged *merged,
                       struct buf *out)
{
    uint32_t all = (uint32_t)(((uint64_t)1 << result->view_count) - 1);
    if (result->view_count == 0 || (merged->views & all) == all)
        return;
    add_names(result, merged->views, " [", out);
    add_names(result, merged->likewise, "; likewise ", out);
    buf_add_byte(out, ']');
}

static void show_finding(const struct check_file *result, const struct merged *merged,
                         const struct screen *screen)
{
    struct finding finding = *merged->finding; /* borrows its texts */
    struct buf models = BUF_INIT(2048), file = BUF_INIT(4096);
    add_models(result, merged, &models);
    buf_add_text(&file, result->file);
    if (!finding.file)
        finding.file = (char *)file.bytes; /* only shown */
    report_finding_on(screen, &finding, buf_text(&models));
    buf_free(&models);
    buf_free(&file);
}

bool check_show(const struct check_file *result, bool measures, const struct screen *screen)
{
    struct merge merge;
    if (!merge_all(result, &merge))
        return false;
    show_head(result, &merge, screen);
    bool ok = !measures || show_symbols(result, screen);
    for (size_t i = 0; i < merge.count; i++)
        show_finding(result, &merge.list[i], screen);
    if (merge.dropped)
        fprintf(screen->stream, "  and %zu more\n", merge.dropped);
    free(merge.list);
    return ok;
}

/* ---- for programs ------------------------------------------------------------------------ */

static json_t *side_json(const struct quality_side *side)
{
    if (side->line == 0)
        return json_pack("{sI sI ss}", "needed_um", (json_int_t)side->needed_um, "free_um",
                         (json_int_t)side->free_um, "to", "edge");
    return json_pack("{sI sI ss sI sI}", "needed_um", (json_int_t)side->needed_um, "free_um",
                     (json_int_t)side->free_um, "to", "ink", "line", (json_int_t)side->line,
                     "column", (json_int_t)side->column);
}

static json_t *range_json(const struct gs1_range *range)
{
    return json_pack("{ss si sI sI sI sb}", "use", range->use, "table", range->table, "min_um",
                     (json_int_t)range->min_um, "target_um", (json_int_t)range->target_um,
                     "max_um", (json_int_t)range->max_um, "from_memory", range->recalled);
}

static json_t *symbol_json(const struct quality_symbol *symbol)
{
    json_t *json = json_pack(
        "{ss sI sI sI sI sI}", "symbology", symbol->element->symbology, "line",
        (json_int_t)symbol->element->line, "column", (json_int_t)symbol->element->column,
        "module_asked_um", (json_int_t)symbol->element->module_um, "module_um",
        (json_int_t)symbol->module_um, "module_dots", (json_int_t)symbol->module_dots);
    bool bad = !json;
    if (json && symbol->range)
        bad |= json_object_set_new(json, "gs1", range_json(symbol->range)) != 0;
    if (bad || !symbol->drawn)
        return json;
    bad |= json_object_set_new(json, "columns", json_integer(symbol->columns)) != 0;
    if (symbol->rows)
        bad |= json_object_set_new(json, "rows", json_integer(symbol->rows)) != 0;
    bad |= json_object_set_new(json, "width_um", json_integer(symbol->width_um)) != 0;
    bad |= json_object_set_new(json, "height_um", json_integer(symbol->height_um)) != 0;
    json_t *quiet = json_object();
    for (int i = 0; i < SIDES; i++)
        bad |= json_object_set_new(quiet, side_words[i], side_json(&symbol->sides[i])) != 0;
    bad |= json_object_set_new(json, "quiet", quiet) != 0;
    if (!bad)
        return json;
    json_decref(json);
    return NULL;
}

static bool add_json(json_t *array, const char *file, const char *model,
                     const struct findings *findings, const struct quality *quality)
{
    json_t *list = json_array(), *symbols = json_array();
    bool bad = !list || !symbols;
    for (size_t i = 0; i < findings->count; i++)
        bad |= json_array_append_new(list, report_finding_json(&findings->list[i])) != 0;
    for (size_t i = 0; quality && i < quality->count; i++)
        bad |= json_array_append_new(symbols, symbol_json(&quality->symbols[i])) != 0;
    json_t *entry =
        json_pack("{ss ss? sI so so}", "file", file, "model", model, "errors",
                  (json_int_t)findings->errors, "findings", list, "symbols", symbols);
    return json_array_append_new(array, entry) == 0 && !bad;
}

bool check_json(const struct check_file *result, json_t *array)
{
    bool ok = true;
    if (result->findings.count || result->view_count == 0)
        ok = add_json(array, result->file, NULL, &result->findings, NULL);
    for (size_t i = 0; ok && i < result->view_count; i++) {
        const struct check_view *view = &result->views[i];
        ok = add_json(array, result->file, view->model->name, &view->findings, &view->quality);
    }
    return ok;
}
