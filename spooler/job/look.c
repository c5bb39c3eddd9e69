/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/job.h"
#include "spooler/job/order.h"
#include "spooler/job/span.h"

#include <stdio.h>
#include <string.h>

static const char *const job_state_names[] = {
    [JOB_STAGED] = "staged",         [JOB_OPEN] = "open",           [JOB_HELD] = "held",
    [JOB_CANCELLING] = "cancelling", [JOB_CANCELLED] = "cancelled", [JOB_CLOSED] = "closed",
};

const char *job_state_name(enum job_state state)
{
    return job_state_names[state];
}

static void copy_text(struct rows *rows, int column, char *out, size_t size)
{
    const char *text = rows_text(rows, column);
    snprintf(out, size, "%s", text ? text : "");
}

#define JOB_COLUMNS                                                                            \
    "SELECT id, state, template_hash, template_name, printer, caller, person, reference,"      \
    " close_at, on_doubt, pieces, quantity, accepted_ms, utc_offset_min, hold_reason, "        \
    "hold_text, sample, replaces, replaces_label, archive_id"                                  \
    " FROM job "

static enum err job_from_row(struct rows *rows, struct job *out, struct why *why)
{
    struct job job = {.id = rows_int(rows, 0)};
    const char *state = rows_text(rows, 1);
    size_t states = sizeof job_state_names / sizeof job_state_names[0], i = 0, len;
    while (i < states && strcmp(job_state_names[i], state ? state : "") != 0)
        i++;
    const void *hash = rows_blob(rows, 2, &len);
    if (i == states || len != sizeof job.template_hash)
        return err_set(why, ERR_CORRUPT, "job %lld is stored with state \"%s\"",
                       (long long)job.id, state ? state : "");
    job.state = (enum job_state)i;
    memcpy(job.template_hash, hash, len);
    copy_text(rows, 3, job.template_name, sizeof job.template_name);
    copy_text(rows, 4, job.printer, sizeof job.printer);
    copy_text(rows, 5, job.caller, sizeof job.caller);
    copy_text(rows, 6, job.person, sizeof job.person);
    copy_text(rows, 7, job.reference, sizeof job.reference);
    copy_text(rows, 8, job.close_at, sizeof job.close_at);
    copy_text(rows, 9, job.on_doubt, sizeof job.on_doubt);
    job.pieces = (uint32_t)rows_int(rows, 10);
    job.quantity = (uint64_t)rows_int(rows, 11);
    job.accepted_ms = rows_int(rows, 12);
    job.utc_offset_min = (int32_t)rows_int(rows, 13);
    copy_text(rows, 14, job.hold_reason, sizeof job.hold_reason);
    copy_text(rows, 15, job.hold_text, sizeof job.hold_text);
    job.sample = rows_int(rows, 16) != 0;
    job.replaces = rows_int(rows, 17);
    job.replaces_label = (uint64_t)rows_int(rows, 18);
    job.archive_id = rows_int(rows, 19);
    *out = job;
    return ERR_NONE;
}

enum err job_head(struct txn *txn, int64_t id, struct job *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why, JOB_COLUMNS "WHERE id = ?1 AND state <> 'staged'", "i", id);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = err_set(why, ERR_NOT_FOUND, "there is no job %lld", (long long)id);
    if (!err)
        err = job_from_row(rows, out, why);
    rows_end(rows);
    return err;
}

enum err job_get(struct txn *txn, int64_t id, struct job *out, struct why *why)
{
    struct job job;
    enum err err = job_head(txn, id, &job, why);
    if (!err)
        err = span_counts(txn, id, job.quantity, job.counts, why);
    if (!err)
        *out = job;
    return err;
}

enum err job_template(struct txn *txn, const uint8_t hash[static 32], struct buf *body,
                      struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why, "SELECT body FROM template WHERE hash = ?1", "b",
                             (const void *)hash, (size_t)32);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = err_set(why, ERR_NOT_FOUND, "no template is kept under this hash");
    if (!err) {
        size_t len;
        const void *bytes = rows_blob(rows, 0, &len);
        buf_add(body, bytes, len);
        err = buf_err(body) ? err_set(why, buf_err(body), "the kept template is too large")
                            : ERR_NONE;
    }
    rows_end(rows);
    return err;
}

enum err job_list(struct txn *txn, int64_t before, size_t limit, job_fn *fn, void *arg,
                  struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             JOB_COLUMNS "WHERE state <> 'staged' AND (?1 = 0 OR id < ?1)"
                                         " ORDER BY id DESC LIMIT ?2",
                             "ii", before, (int64_t)limit);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct job job;
        err = job_from_row(rows, &job, why);
        if (!err)
            err = span_counts(txn, job.id, job.quantity, job.counts, why);
        if (!err)
            err = fn(arg, &job, why);
    }
    rows_end(rows);
    return err;
}

enum err job_spans(struct txn *txn, int64_t id, uint64_t first, uint64_t last, span_fn *fn,
                   void *arg, struct why *why)
{
    struct span_list spans = {0};
    enum err err = span_load(txn, id, first, last, &spans, why);
    for (size_t i = 0; !err && i < spans.count; i++) {
        struct span span = spans.list[i];
        span.first = span.first > first ? span.first : first;
        span.last = span.last < last ? span.last : last;
        err = fn(arg, &span, why);
    }
    span_list_free(&spans);
    return err;
}

/* From the first label on the key's own order serves; else each field is entered at the segment
 * that holds `first`. */
static enum err query_segments(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                               struct rows **out, struct why *why)
{
    if (first <= 1)
        return sql_query(txn, out, why,
                         "SELECT field, first, last, scope_id, range_first FROM segment"
                         " WHERE job_id = ?1 AND first <= ?2 ORDER BY field, first",
                         "ii", id, (int64_t)last);
    return sql_query(txn, out, why,
                     "SELECT s.field, s.first, s.last, s.scope_id, s.range_first"
                     " FROM (SELECT DISTINCT field FROM segment WHERE job_id = ?1) AS f"
                     " JOIN segment AS s ON s.job_id = ?1 AND s.field = f.field"
                     "  AND s.first <= ?3 AND s.first >= coalesce((SELECT max(first)"
                     "   FROM segment WHERE job_id = ?1 AND field = f.field"
                     "   AND first <= ?2), 0)"
                     " WHERE s.last >= ?2 ORDER BY s.field, s.first",
                     "iii", id, (int64_t)first, (int64_t)last);
}

enum err job_segments(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                      segment_fn *fn, void *arg, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = query_segments(txn, id, first, last, &rows, why);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct segment segment = {
            .field = (size_t)rows_int(rows, 0),
            .first = (uint64_t)rows_int(rows, 1),
            .last = (uint64_t)rows_int(rows, 2),
            .scope_id = rows_int(rows, 3),
            .range_first = (uint64_t)rows_int(rows, 4),
        };
        if (segment.first < first) {
            segment.range_first += first - segment.first;
            segment.first = first;
        }
        if (segment.last > last)
            segment.last = last;
        err = fn(arg, &segment, why);
    }
    rows_end(rows);
    return err;
}

enum err label_find(struct txn *txn, const struct number_place *number, struct label_place *out,
                    struct why *why)
{
    struct rows *rows = NULL;
    struct label_place place = {0};
    bool have = false, found = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT job_id, field, first, last, range_first FROM segment"
                             " WHERE scope_id = ?1 AND range_first <= ?2"
                             " ORDER BY range_first DESC LIMIT 1",
                             "ii", number->scope_id, (int64_t)number->counter);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && have) {
        place.job_id = rows_int(rows, 0);
        place.field = (size_t)rows_int(rows, 1);
        place.label =
            (uint64_t)rows_int(rows, 2) + number->counter - (uint64_t)rows_int(rows, 4);
        found = place.label <= (uint64_t)rows_int(rows, 3);
    }
    rows_end(rows);
    if (!err && !found)
        err = err_set(why, ERR_NOT_FOUND, "this number was never given to a label");
    struct span_list spans = {0};
    if (!err)
        err = span_load(txn, place.job_id, place.label, place.label, &spans, why);
    if (!err && spans.count != 1)
        err = err_set(why, ERR_CORRUPT, "label %llu of job %lld has %zu states",
                      (unsigned long long)place.label, (long long)place.job_id, spans.count);
    if (!err) {
        place.attempt = spans.list[0].attempt;
        place.state = spans.list[0].state;
        *out = place;
    }
    span_list_free(&spans);
    return err;
}

struct number_walk {
    struct txn *txn;
    struct registry *registry;
    number_fn *fn;
    void *arg;
};

static enum err print_number(void *arg, const struct segment *segment, struct why *why)
{
    struct number_walk *walk = arg;
    struct scope_ref scope;
    char number[NUMBER_MAX];
    enum err err = registry_scope(walk->txn, walk->registry, segment->scope_id, &scope, why);
    if (!err)
        err = registry_number(&scope, segment->range_first, number, why);
    if (!err)
        err = walk->fn(walk->arg, segment->field, scope.series, scope.scope, number, why);
    return err;
}

enum err label_numbers(struct txn *txn, struct registry *registry, int64_t job_id,
                       uint64_t label, number_fn *fn, void *arg, struct why *why)
{
    struct number_walk walk = {txn, registry, fn, arg};
    return job_segments(txn, job_id, label, label, print_number, &walk, why);
}
