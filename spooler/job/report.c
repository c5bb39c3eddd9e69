/* SPDX-License-Identifier: Apache-2.0 */
/* report.c: a job's labels, run by run. */
#include "spooler/job/report.h"

#include "spooler/job/archived.h"
#include "spooler/job/span.h"

#include <stdlib.h>
#include <string.h>

/* Makes room for one more of `size` bytes; the list doubles. NULL = out of memory. */
static void *list_room(void *list, size_t count, size_t size)
{
    if (count & (count - 1))
        return list;
    return reallocarray(list, count ? count * 2 : 1, size);
}

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* ---- what the ledger says ---------------------------------------------------------------- */

static enum err add_void(struct job_account *account, const json_t *event, const json_t *change,
                         struct why *why)
{
    struct void_note note = {
        .first = (uint64_t)json_integer_value(json_object_get(change, "first")),
        .last = (uint64_t)json_integer_value(json_object_get(change, "last")),
        .event = event};
    const char *from = json_string_value(json_object_get(change, "from"));
    const char *to = json_string_value(json_object_get(change, "to"));
    if (!from || !to || !label_state_parse(from, &note.from) ||
        !label_state_parse(to, &note.state))
        return err_set(why, ERR_CORRUPT, "an event of job %lld has a change without states",
                       (long long)account->job.id);
    if (note.state != LABEL_SPOILED && note.state != LABEL_UNUSED)
        return ERR_NONE;
    void *list = list_room(account->voids, account->void_count, sizeof *account->voids);
    if (!list)
        return no_memory(why);
    account->voids = list;
    account->voids[account->void_count++] = note;
    return ERR_NONE;
}

static enum err add_event(struct job_account *account, struct rows *rows, struct why *why)
{
    size_t len, i;
    const void *body = rows_blob(rows, 0, &len);
    json_t *event = json_loadb(body, len, 0, NULL), *change;
    if (json_array_size(account->events) == JOB_ACCOUNT_EVENTS_MAX) {
        json_decref(event);
        return err_set(why, ERR_TOO_LARGE, "job %lld has more than %d events",
                       (long long)account->job.id, JOB_ACCOUNT_EVENTS_MAX);
    }
    if (!event || json_array_append_new(account->events, event) != 0)
        return err_set(why, event ? ERR_NO_MEMORY : ERR_CORRUPT, "an event of job %lld: %s",
                       (long long)account->job.id, event ? "out of memory" : "is no JSON");
    enum err err = ERR_NONE;
    json_array_foreach(json_object_get(event, "changes"), i, change)
    {
        if (!err)
            err = add_void(account, event, change, why);
    }
    return err;
}

static int by_label(const void *left, const void *right)
{
    const struct void_note *a = left, *b = right;
    return a->first < b->first ? -1 : a->first > b->first;
}

/* The index's own expressions, word for word, or SQLite would read the whole ledger. */
static enum err read_events(struct txn *txn, struct job_account *account, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why,
                  "SELECT body FROM event INDEXED BY event_job"
                  " WHERE CASE WHEN json_valid (CAST (body AS TEXT))"
                  "  THEN json_extract (CAST (body AS TEXT), '$.job') END = ?1"
                  " AND instr (CAST (body AS TEXT), '\"type\":\"chunk.') = 0"
                  " AND instr (CAST (body AS TEXT), '\"type\":\"label.printed\"') = 0"
                  " AND instr (CAST (body AS TEXT), '\"type\":\"label.verified\"') = 0"
                  " ORDER BY seq",
                  "i", account->job.id);
    while (!err && !(err = rows_next(rows, &have, why)) && have)
        err = add_event(account, rows, why);
    rows_end(rows);
    if (account->void_count > 1)
        qsort(account->voids, account->void_count, sizeof *account->voids, by_label);
    return err;
}

enum err job_account_read(struct txn *txn, int64_t id, struct job_account *out, struct why *why)
{
    struct job_account account = {.events = json_array()};
    enum err err = account.events ? ERR_NONE : no_memory(why);
    if (!err)
        err = job_get(txn, id, &account.job, why);
    if (!err)
        err = archive_gone(txn, id, why);
    if (!err)
        err = read_events(txn, &account, why);
    if (err)
        job_account_free(&account);
    else
        *out = account;
    return err;
}

void job_account_free(struct job_account *account)
{
    json_decref(account->events);
    free(account->voids);
    *account = (struct job_account){0};
}

/* ---- runs -------------------------------------------------------------------------------- */

/* An earlier attempt that is on paper begins or ends. */
struct edge {
    uint64_t at; /* from this label on */
    int step;
};

struct field {
    struct segment *list;
    size_t count, next;
};

/* A label walks along everything that is known in runs; where one of them ends, a run ends. */
struct sweep {
    const struct job_account *account;
    struct span_list spans;
    struct edge *edges;
    size_t edge_count;
    struct field *fields; /* those with a series, by index */
    size_t field_count;
    const struct segment **segments; /* of the current run */
    struct segment *cut;
    size_t span, edge, note;
    uint32_t reprinted;
    bool whole;
};

static void sweep_free(struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->field_count; i++)
        free(sweep->fields[i].list);
    free(sweep->fields);
    free(sweep->segments);
    free(sweep->cut);
    free(sweep->edges);
    span_list_free(&sweep->spans);
}

static int by_place(const void *left, const void *right)
{
    const struct edge *a = left, *b = right;
    return a->at < b->at ? -1 : a->at > b->at;
}

static enum err add_edge(struct sweep *sweep, uint64_t at, int step, struct why *why)
{
    void *list = list_room(sweep->edges, sweep->edge_count, sizeof *sweep->edges);
    if (!list)
        return no_memory(why);
    sweep->edges = list;
    sweep->edges[sweep->edge_count++] = (struct edge){at, step};
    return ERR_NONE;
}

static enum err load_edges(struct txn *txn, struct sweep *sweep, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT first, last FROM span WHERE job_id = ?1 AND newest = 0"
                             " AND state IN ('printed','verified') ORDER BY first",
                             "i", sweep->account->job.id);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        err = add_edge(sweep, (uint64_t)rows_int(rows, 0), 1, why);
        if (!err)
            err = add_edge(sweep, (uint64_t)rows_int(rows, 1) + 1, -1, why);
    }
    rows_end(rows);
    if (sweep->edge_count > 1)
        qsort(sweep->edges, sweep->edge_count, sizeof *sweep->edges, by_place);
    return err;
}

static enum err add_segment(void *arg, const struct segment *segment, struct why *why)
{
    struct sweep *sweep = arg;
    struct field *field = sweep->field_count ? &sweep->fields[sweep->field_count - 1] : NULL;
    if (!field || field->list[0].field != segment->field) {
        void *fields = list_room(sweep->fields, sweep->field_count, sizeof *sweep->fields);
        if (!fields)
            return no_memory(why);
        sweep->fields = fields;
        field = &sweep->fields[sweep->field_count];
        *field = (struct field){0};
    }
    void *list = list_room(field->list, field->count, sizeof *field->list);
    if (!list)
        return no_memory(why);
    field->list = list;
    if (field->count == 0)
        sweep->field_count++;
    field->list[field->count++] = *segment;
    return ERR_NONE;
}

static enum err sweep_load(struct txn *txn, struct sweep *sweep, struct why *why)
{
    const struct job *job = &sweep->account->job;
    enum err err = span_load(txn, job->id, 1, job->quantity, &sweep->spans, why);
    if (!err)
        err = load_edges(txn, sweep, why);
    if (!err)
        err = job_segments(txn, job->id, 1, job->quantity, add_segment, sweep, why);
    if (err)
        return err;
    sweep->segments = calloc(sweep->field_count + 1, sizeof *sweep->segments);
    sweep->cut = calloc(sweep->field_count + 1, sizeof *sweep->cut);
    return sweep->segments && sweep->cut ? ERR_NONE : no_memory(why);
}

static void end_at(struct run *run, uint64_t last)
{
    run->last = last < run->last ? last : run->last;
}

static void cut_numbers(struct sweep *sweep, struct run *run)
{
    for (size_t i = 0; i < sweep->field_count; i++) {
        struct field *field = &sweep->fields[i];
        while (field->next < field->count && field->list[field->next].last < run->first)
            field->next++;
        const struct segment *segment = &field->list[field->next];
        if (field->next == field->count || segment->first > run->first) {
            sweep->whole = false; /* a label without its number */
            if (field->next < field->count)
                end_at(run, segment->first - 1);
            continue;
        }
        struct segment *cut = &sweep->cut[run->segment_count];
        *cut = *segment;
        cut->range_first += run->first - segment->first;
        cut->first = run->first;
        sweep->segments[run->segment_count++] = cut;
        end_at(run, segment->last);
    }
    for (size_t i = 0; i < run->segment_count; i++)
        sweep->cut[i].last = run->last;
}

static void cut_reprints(struct sweep *sweep, struct run *run)
{
    while (sweep->edge < sweep->edge_count && sweep->edges[sweep->edge].at <= run->first)
        sweep->reprinted += (uint32_t)sweep->edges[sweep->edge++].step;
    run->reprinted = sweep->reprinted;
    if (sweep->edge < sweep->edge_count)
        end_at(run, sweep->edges[sweep->edge].at - 1);
}

static void cut_notes(struct sweep *sweep, struct run *run)
{
    const struct job_account *account = sweep->account;
    while (sweep->note < account->void_count && account->voids[sweep->note].last < run->first)
        sweep->note++;
    if (sweep->note == account->void_count)
        return;
    const struct void_note *note = &account->voids[sweep->note];
    if (note->first > run->first)
        end_at(run, note->first - 1);
    else {
        run->because = note->state == run->state ? note : NULL;
        end_at(run, note->last);
    }
}

/* The run that begins with `label`; false: there is none. */
static bool next_run(struct sweep *sweep, uint64_t label, struct run *run)
{
    while (sweep->span < sweep->spans.count && sweep->spans.list[sweep->span].last < label)
        sweep->span++;
    if (sweep->span == sweep->spans.count)
        return false;
    const struct span *span = &sweep->spans.list[sweep->span];
    *run = (struct run){.first = span->first > label ? span->first : label,
                        .last = span->last,
                        .state = span->state,
                        .attempt = span->attempt,
                        .segments = sweep->segments};
    sweep->whole = sweep->whole && span->first <= label;
    cut_reprints(sweep, run);
    cut_notes(sweep, run);
    cut_numbers(sweep, run);
    return true;
}

enum err job_account_runs(struct txn *txn, const struct job_account *account, run_fn *fn,
                          void *arg, bool *whole, struct why *why)
{
    struct sweep sweep = {.account = account, .whole = true};
    struct run run;
    uint64_t label = 1;
    enum err err = sweep_load(txn, &sweep, why);
    while (!err && label <= account->job.quantity && next_run(&sweep, label, &run)) {
        err = fn(arg, &run, why);
        label = run.last + 1;
    }
    if (!err)
        *whole = sweep.whole && label == account->job.quantity + 1;
    sweep_free(&sweep);
    return err;
}

bool run_on_paper(enum label_state state)
{
    return state == LABEL_PRINTED || state == LABEL_VERIFIED || state == LABEL_SPOILED;
}

enum err job_counts(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                    uint64_t counts[static LABEL_STATE_COUNT], struct why *why)
{
    struct span_list spans = {0};
    enum err err = span_load(txn, id, first, last, &spans, why);
    memset(counts, 0, LABEL_STATE_COUNT * sizeof *counts);
    for (size_t i = 0; !err && i < spans.count; i++) {
        const struct span *span = &spans.list[i];
        uint64_t low = span->first > first ? span->first : first;
        uint64_t high = span->last < last ? span->last : last;
        counts[span->state] += high - low + 1;
    }
    span_list_free(&spans);
    return err;
}

enum err job_replacements(struct txn *txn, int64_t id, replaced_fn *fn, void *arg,
                          struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT replaces_label, id FROM job WHERE replaces = ?1"
                             " AND replaces IS NOT NULL AND state <> 'staged' ORDER BY id",
                             "i", id);
    while (!err && !(err = rows_next(rows, &have, why)) && have)
        err = fn(arg, (uint64_t)rows_int(rows, 0), rows_int(rows, 1), why);
    rows_end(rows);
    return err;
}
