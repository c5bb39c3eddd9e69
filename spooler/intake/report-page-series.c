/* SPDX-License-Identifier: Apache-2.0 */
/* report-page-series.c: a series' report as a page, from its JSON document. */
#include "spooler/intake/report-html.h"
#include "spooler/intake/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE 512

static void piece_row(struct page *page, const json_t *piece)
{
    const char *kind = page_text(piece, "kind"), *state;
    bool range = strcmp(kind, "range") == 0, skipped = strcmp(kind, "skipped") == 0;
    struct buf line = BUF_INIT(4096);
    json_t *count;
    page_row(page, range || skipped ? NULL : "bad");
    page_range(page, page_count(piece, "first_counter"), page_count(piece, "last_counter"));
    page_number(page, page_count(piece, "numbers"));
    page_mono_range(page, page_text(piece, "first_number"), page_text(piece, "last_number"));
    if (page_count(piece, "job"))
        buf_printf(&line, "job %" PRIu64 ", labels %" PRIu64 "\xe2\x80\x93%" PRIu64,
                   page_count(piece, "job"), page_count(piece, "first_label"),
                   page_count(piece, "last_label"));
    if (*page_text(piece, "words"))
        buf_printf(&line, "%s%s", line.len ? ": " : "", page_text(piece, "words"));
    page_cell(page, buf_text(&line));
    page_time(page, page_text(piece, "at"));
    buf_reset(&line);
    json_object_foreach(json_object_get(piece, "counts"), state, count)
    {
        if (json_integer_value(count) > 0)
            buf_printf(&line, "%s%lld %s", line.len ? ", " : "",
                       (long long)json_integer_value(count), page_state(state));
    }
    page_cell(page, buf_text(&line));
    buf_free(&line);
}

static void sums_table(struct page *page, const json_t *sums)
{
    static const char *const heads[] = {"Numbers", "#Number", NULL};
    static const struct {
        const char *key, *words;
        bool fault, always;
    } rows[] = {
        {"issued", "issued to jobs of the period", false, true},
        {"skipped", "skipped: belong to no job, for a known reason", false, true},
        {"unexplained", "belong to no job, and nobody knows why", true, true},
        {"other_periods", "between them, of jobs of other periods", false, false},
        {"double", "belong to two jobs", true, false},
        {"never_given_out", "on labels, but never given out by the series", true, false}};
    page_table(page, heads);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t count = page_count(sums, rows[i].key);
        if (!count && !rows[i].always)
            continue;
        page_row(page, rows[i].fault && count ? "bad" : NULL);
        page_cell(page, rows[i].words);
        page_number(page, count);
    }
    const char *state;
    json_t *count;
    json_object_foreach(json_object_get(sums, "counts"), state, count)
    {
        char line[LINE];
        snprintf(line, sizeof line, "of those issued: %s", page_state(state));
        if (json_integer_value(count) > 0)
            page_number_row(page, line, (uint64_t)json_integer_value(count));
    }
    page_table_end(page);
}

static void scope_part(struct page *page, const json_t *scope)
{
    static const char *const heads[] = {
        "#Counters", "#Number", "First, last number", "Belongs to", "When", "Labels", NULL};
    const json_t *piece;
    size_t i;
    char line[LINE];
    snprintf(line, sizeof line, "Scope %s (generation %" PRIu64 ", %s)",
             *page_text(scope, "scope") ? page_text(scope, "scope") : "without a name",
             page_count(scope, "generation"), page_text(scope, "format"));
    page_section(page, line);
    sums_table(page, json_object_get(scope, "sums"));
    page_table(page, heads);
    json_array_foreach(json_object_get(scope, "pieces"), i, piece) piece_row(page, piece);
    page_table_end(page);
    page_more(page, scope, "pieces_more", "ranges");
}

void report_html_series(const json_t *document, int32_t utc_offset_min, struct buf *out)
{
    struct page page = {.out = out, .utc_offset_min = utc_offset_min};
    const json_t *sums = json_object_get(document, "sums"), *scope;
    const char *series = page_text(document, "series");
    bool good = json_is_true(json_object_get(sums, "adds_up"));
    char title[LINE];
    size_t i;
    snprintf(title, sizeof title, "Series %s", series);
    page_begin(&page, title, "Number accountability report", title);
    page_verdict(&page, good,
                 good ? "Every number belongs to a label or is explained."
                      : "NOT ACCOUNTED FOR: numbers that nobody can explain are marked below.");
    page_pairs(&page);
    page_pair(&page, "Series", series);
    page_pair(&page, "Scope",
              *page_text(document, "scope") ? page_text(document, "scope") : "all");
    page_pair_time(&page, "From", page_text(document, "from"));
    page_pair_time(&page, "Before", page_text(document, "to"));
    page_pairs_end(&page);
    page_section(&page, "All scopes");
    sums_table(&page, sums);
    json_array_foreach(json_object_get(document, "scopes"), i, scope) scope_part(&page, scope);
    page_end(&page, page_text(document, "at"));
}
