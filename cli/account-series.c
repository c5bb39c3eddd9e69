/* SPDX-License-Identifier: Apache-2.0 */
/* account-series.c: the report of a series in words. */
#include "cli/account.h"

#include "cli/job-view.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

static void show_sums(struct tem *tem, const json_t *sums)
{
    static const struct {
        const char *key, *words;
        bool fault, always;
    } rows[] = {{"issued", "issued to jobs", false, true},
                {"skipped", "skipped for a known reason", false, true},
                {"unexplained", "belong to no job, and nobody knows why", true, true},
                {"other_periods", "between them, of jobs outside the period", false, false},
                {"double", "belong to two jobs", true, false},
                {"never_given_out", "on labels, but never given out", true, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t count = json_count(sums, rows[i].key);
        bool red = rows[i].fault && count;
        if (count || rows[i].always)
            fprintf(tem->out.stream, "%s%12" PRIu64 "  %s%s\n",
                    screen_colour(&tem->out, red ? COLOUR_RED : COLOUR_NONE), count,
                    rows[i].words, screen_colour(&tem->out, COLOUR_NONE));
    }
    const char *state;
    const json_t *count;
    json_object_foreach(json_object_get(sums, "counts"), state, count)
    {
        if (json_integer_value(count) > 0)
            fprintf(tem->out.stream, "%16lld  %s\n", (long long)json_integer_value(count),
                    job_view_words(state));
    }
}

static void add_piece(struct tem *tem, struct table *table, const json_t *piece)
{
    struct buf time = BUF_INIT(256);
    const char *kind = json_text(piece, "kind");
    bool bad = strcmp(kind, "range") != 0 && strcmp(kind, "skipped") != 0;
    text_time(json_text(piece, "at"), &time);
    table_add(table, "%" PRIu64 "-%" PRIu64, json_count(piece, "first_counter"),
              json_count(piece, "last_counter"));
    table_add(table, "%" PRIu64, json_count(piece, "numbers"));
    table_add(table, "%s .. %s", json_text(piece, "first_number"),
              json_text(piece, "last_number"));
    if (json_count(piece, "job"))
        table_add(table, "job %" PRIu64 ", %" PRIu64 "-%" PRIu64 "%s%s",
                  json_count(piece, "job"), json_count(piece, "first_label"),
                  json_count(piece, "last_label"), bad ? ": " : "",
                  bad ? json_text(piece, "words") : "");
    else
        table_add(table, "%s", json_text(piece, "words"));
    table_add(table, "%s%s%s", screen_colour(&tem->out, bad ? COLOUR_RED : COLOUR_NONE),
              bad ? "UNEXPLAINED" : kind, screen_colour(&tem->out, COLOUR_NONE));
    table_add(table, "%s", buf_text(&time));
    buf_free(&time);
}

static bool show_scope(struct tem *tem, const json_t *scope)
{
    static const char *const heads[] = {"COUNTERS",   "NUMBERS", "FIRST .. LAST NUMBER",
                                        "BELONGS TO", "",        "AT (UTC)"};
    struct table table;
    size_t i;
    const json_t *piece;
    struct buf clean = BUF_INIT(4096);
    text_clean(json_text(scope, "scope"), &clean);
    fprintf(tem->out.stream, "\nscope %s, generation %" PRIu64 ", %s\n",
            clean.len ? buf_text(&clean) : "-", json_count(scope, "generation"),
            json_text(scope, "format"));
    buf_free(&clean);
    show_sums(tem, json_object_get(scope, "sums"));
    table_init(&table, heads, 6, 1 << 1);
    json_array_foreach(json_object_get(scope, "pieces"), i, piece)
        add_piece(tem, &table, piece);
    bool ok = table_print(&table, &tem->out);
    if (json_count(scope, "pieces_more"))
        fprintf(tem->out.stream, "and %" PRIu64 " more: --csv has all\n",
                json_count(scope, "pieces_more"));
    return ok;
}

enum code account_series(struct tem *tem, const json_t *document)
{
    const json_t *sums = json_object_get(document, "sums"), *scope;
    bool good = json_is_true(json_object_get(sums, "adds_up")), ok = true;
    size_t i;
    fprintf(tem->out.stream, "%sReport of series %s%s: %s%s%s\n",
            screen_colour(&tem->out, COLOUR_BOLD), json_text(document, "series"),
            screen_colour(&tem->out, COLOUR_NONE),
            screen_colour(&tem->out, good ? COLOUR_GREEN : COLOUR_RED),
            good ? "every number is accounted for" : "NUMBERS ARE NOT ACCOUNTED FOR",
            screen_colour(&tem->out, COLOUR_NONE));
    account_time(tem, "from", json_text(document, "from"));
    account_time(tem, "before", json_text(document, "to"));
    show_sums(tem, sums);
    json_array_foreach(json_object_get(document, "scopes"), i, scope) ok =
        show_scope(tem, scope) && ok;
    return ok ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
}
