/* SPDX-License-Identifier: Apache-2.0 */
/* report-series.c: the numbers of a series over a period: whose they are, and why some are
 * nobody's.
 */
#include "spooler/base/near.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/report.h"
#include "spooler/job/archived.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

static const struct {
    const char *reason, *words;
} reasons[] = {
    {"last_used", "taken over from an older system"},
    {"restore", "skipped when the store was restored from a copy"},
};

/* Printed numbers of a piece and the states of its labels. */
struct told {
    char first[NUMBER_MAX], last[NUMBER_MAX];
    uint64_t counts[LABEL_STATE_COUNT];
    uint64_t last_label;
    char archived[ARCHIVE_NAME + SHA256_HEX + 40]; /* where the rest is told; "" = here */
};

static const char *piece_words(const struct piece *piece, const struct told *told)
{
    if (*told->archived)
        return told->archived;
    if (piece->kind == PIECE_MISSING)
        return "belongs to no job, and nobody knows why";
    if (piece->kind == PIECE_DOUBLE)
        return "belongs to two jobs";
    for (size_t i = 0; piece->reason && i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i].reason, piece->reason) == 0)
            return reasons[i].words;
    return piece->reason ? piece->reason : "";
}

struct series_report {
    struct report *report;
    json_t *scopes;
    struct scope_account total;
    uint64_t counts[LABEL_STATE_COUNT];
    bool adds_up;
    /* of the scope at hand */
    const struct scope_ref *scope;
    json_t *pieces;
    uint64_t more;
    uint64_t scope_counts[LABEL_STATE_COUNT];
};

/* ---- pieces ------------------------------------------------------------------------------ */

static const char csv_head[] =
    "series,scope,generation,kind,job,at,first_counter,last_counter,numbers,first_number,"
    "last_number,first_label,last_label,reserved,sending,sent,printed,verified,in_doubt,"
    "spoiled,"
    "unused,words\r\n";

static void csv_piece(struct series_report *series, const struct piece *piece,
                      const struct told *told)
{
    struct buf *csv = series->report->csv;
    char at[CLOCK_ISO_SIZE] = "";
    if (piece->kind != PIECE_MISSING)
        clock_iso(piece->at_ms, at);
    csv_text(csv, series->scope->series, false);
    csv_text(csv, series->scope->scope, false);
    csv_number(csv, series->scope->generation, false);
    csv_text(csv, piece_kind_name(piece->kind), false);
    csv_number(csv, (uint64_t)piece->job_id, false);
    csv_text(csv, at, false);
    csv_number(csv, piece->first, false);
    csv_number(csv, piece->last, false);
    csv_number(csv, piece->last - piece->first + 1, false);
    csv_text(csv, told->first, false);
    csv_text(csv, told->last, false);
    csv_number(csv, piece->first_label, false);
    csv_number(csv, told->last_label, false);
    for (size_t i = 0; i < LABEL_STATE_COUNT; i++)
        csv_number(csv, told->counts[i], false);
    csv_text(csv, piece_words(piece, told), true);
}

static json_t *piece_json(const struct piece *piece, const struct told *told)
{
    char at[CLOCK_ISO_SIZE];
    json_t *json = json_pack(
        "{ss sI sI sI ss ss so so}", "kind", piece_kind_name(piece->kind), "first_counter",
        (json_int_t)piece->first, "last_counter", (json_int_t)piece->last, "numbers",
        (json_int_t)(piece->last - piece->first + 1), "first_number", told->first,
        "last_number", told->last, "at",
        piece->kind == PIECE_MISSING ? json_null() : json_string(clock_iso(piece->at_ms, at)),
        "words", problem_string(piece_words(piece, told)));
    bool bad = !json;
    if (!bad && piece->job_id)
        bad = json_object_set_new(json, "job", json_integer(piece->job_id)) != 0 ||
              json_object_set_new(json, "first_label",
                                  json_integer((json_int_t)piece->first_label)) != 0 ||
              json_object_set_new(json, "last_label",
                                  json_integer((json_int_t)told->last_label)) != 0;
    if (!bad && piece->kind == PIECE_RANGE)
        bad = json_object_set_new(json, "counts", report_counts(told->counts)) != 0;
    if (!bad)
        return json;
    json_decref(json);
    return NULL;
}

static enum err say_archive(struct txn *txn, int64_t id, struct told *told, struct why *why)
{
    struct archive archive;
    enum err err = archive_get(txn, id, &archive, why);
    if (!err && archive.state != ARCHIVE_MAKING)
        snprintf(told->archived, sizeof told->archived, "archived in %s, SHA-256 %s",
                 archive.file, archive.sha256);
    return err;
}

static enum err take_piece(void *arg, const struct piece *piece, struct why *why)
{
    struct series_report *series = arg;
    struct told told = {.last_label = 0};
    enum err err = ERR_NONE;
    if (piece->job_id)
        told.last_label = piece->first_label + (piece->last - piece->first);
    if (piece->archive_id)
        err = say_archive(series->report->txn, piece->archive_id, &told, why);
    if (!err && piece->kind == PIECE_RANGE)
        err = job_counts(series->report->txn, piece->job_id, piece->first_label,
                         told.last_label, told.counts, why);
    for (size_t i = 0; i < LABEL_STATE_COUNT; i++)
        series->scope_counts[i] += told.counts[i];
    if (!err && !series->report->csv &&
        json_array_size(series->pieces) >= series->report->max_rows) {
        series->more++;
        return ERR_NONE;
    }
    /* A counter outside the format has no number; that it is there at all is told. */
    if (!err && registry_number(series->scope, piece->first, told.first, NULL))
        told.first[0] = '\0';
    if (!err && registry_number(series->scope, piece->last, told.last, NULL))
        told.last[0] = '\0';
    if (!err && series->report->csv) {
        csv_piece(series, piece, &told);
        err = buf_err(series->report->csv);
    } else if (!err && json_array_append_new(series->pieces, piece_json(piece, &told)) != 0)
        err = no_memory(why);
    return err;
}

/* ---- scopes ------------------------------------------------------------------------------ */

/* Whether each counter is somebody's or explained, and each label of a range has a state. */
static bool adds_up(const struct scope_account *account,
                    const uint64_t counts[static LABEL_STATE_COUNT])
{
    const uint64_t *sums = account->sums;
    uint64_t labels = 0, all = account->last - account->first + 1;
    for (size_t i = 0; i < LABEL_STATE_COUNT; i++)
        labels += counts[i];
    return labels == sums[PIECE_RANGE] && !sums[PIECE_MISSING] && !sums[PIECE_DOUBLE] &&
           !account->ahead && sums[PIECE_RANGE] + sums[PIECE_SKIPPED] + account->others == all;
}

/* Sums of one scope or of all; the keys are the same. */
static json_t *sums_json(const struct scope_account *account, bool good,
                         const uint64_t counts[static LABEL_STATE_COUNT])
{
    const uint64_t *sums = account->sums;
    return json_pack("{sI sI sI sI sI sI sb so}", "issued", (json_int_t)sums[PIECE_RANGE],
                     "skipped", (json_int_t)sums[PIECE_SKIPPED], "unexplained",
                     (json_int_t)sums[PIECE_MISSING], "double", (json_int_t)sums[PIECE_DOUBLE],
                     "other_periods", (json_int_t)account->others, "never_given_out",
                     (json_int_t)account->ahead, "adds_up", good, "counts",
                     report_counts(counts));
}

static json_t *scope_json(struct series_report *series, const struct scope_account *account,
                          bool good)
{
    const struct scope_ref *scope = series->scope;
    char first[NUMBER_MAX], last[NUMBER_MAX];
    if (registry_number(scope, account->first, first, NULL))
        first[0] = '\0';
    if (registry_number(scope, account->last, last, NULL))
        last[0] = '\0';
    json_t *json = json_pack(
        "{ss sI ss sI sI sI ss ss so sO}", "scope", scope->scope, "generation",
        (json_int_t)scope->generation, "format", registry_scope_kind(scope), "first_counter",
        (json_int_t)account->first, "last_counter", (json_int_t)account->last, "counters",
        (json_int_t)(account->last - account->first + 1), "first_number", first, "last_number",
        last, "sums", sums_json(account, good, series->scope_counts), "pieces", series->pieces);
    if (json && series->more &&
        json_object_set_new(json, "pieces_more", json_integer((json_int_t)series->more)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static void add_to_total(struct series_report *series, const struct scope_account *account,
                         bool good)
{
    for (size_t i = 0; i < PIECE_KIND_COUNT; i++)
        series->total.sums[i] += account->sums[i];
    for (size_t i = 0; i < LABEL_STATE_COUNT; i++)
        series->counts[i] += series->scope_counts[i];
    series->total.others += account->others;
    series->total.ahead += account->ahead;
    series->adds_up = series->adds_up && good;
}

static enum err take_scope(void *arg, const struct scope_ref *scope, struct why *why)
{
    struct series_report *series = arg;
    struct report *report = series->report;
    struct scope_account account;
    if (strcmp(scope->series, report->series) != 0 ||
        (report->scope && strcmp(scope->scope, report->scope) != 0))
        return ERR_NONE;
    series->scope = scope;
    series->more = 0;
    memset(series->scope_counts, 0, sizeof series->scope_counts);
    series->pieces = json_array();
    enum err err = series->pieces
                       ? scope_account(report->txn, scope, &report->period, report->now_ms,
                                       take_piece, series, &account, why)
                       : no_memory(why);
    if (!err && (account.last >= account.first || account.ahead)) {
        bool good = adds_up(&account, series->scope_counts);
        add_to_total(series, &account, good);
        if (!report->csv &&
            json_array_append_new(series->scopes, scope_json(series, &account, good)) != 0)
            err = no_memory(why);
    }
    json_decref(series->pieces);
    return err;
}

/* ---- the document ------------------------------------------------------------------------ */

static enum err check_series(const struct report *report, struct why *why)
{
    const char *const *names = registry_names(report->config->registry), *issuer;
    size_t count = 0;
    for (size_t i = 0; (issuer = registry_issuer(report->config->registry, i)) != NULL; i++)
        if (strcmp(issuer, report->series) == 0)
            return ERR_NONE;
    while (names[count])
        count++;
    const char *near = near_word(report->series, names, count);
    return err_set(why, ERR_NOT_FOUND, "there is no series \"%s\"%s%s%s", report->series,
                   near ? " (nearest: \"" : "", near ? near : "", near ? "\")" : "");
}

static json_t *time_json(const char *asked, int64_t ms)
{
    char text[CLOCK_ISO_SIZE];
    return asked ? json_string(clock_iso(ms, text)) : json_null();
}

enum err report_series(struct report *report, json_t **out, struct why *why)
{
    struct series_report series = {.report = report, .scopes = json_array(), .adds_up = true};
    char at[CLOCK_ISO_SIZE];
    enum err err = series.scopes ? check_series(report, why) : no_memory(why);
    if (!err && report->csv)
        buf_add_text(report->csv, csv_head);
    if (!err)
        err = period_find(report->txn, &report->period, why);
    if (!err)
        err = registry_scopes(report->txn, report->config->registry, take_scope, &series, why);
    json_t *document = err ? NULL
                           : json_pack("{ss ss ss so so so so sO}", "report", "series", "at",
                                       clock_iso(report->now_ms, at), "series", report->series,
                                       "scope", problem_string(report->scope), "from",
                                       time_json(report->from, report->period.from_ms), "to",
                                       time_json(report->to, report->period.to_ms), "sums",
                                       sums_json(&series.total, series.adds_up, series.counts),
                                       "scopes", series.scopes);
    json_decref(series.scopes);
    period_free(&report->period);
    if (!err && !document)
        err = no_memory(why);
    if (!err)
        *out = document;
    return err;
}
