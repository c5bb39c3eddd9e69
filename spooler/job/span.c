/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/span.h"

#include "spooler/job/archived.h"

#include <stdlib.h>

void span_list_free(struct span_list *list)
{
    free(list->list);
    free(list->chunk_ids);
    *list = (struct span_list){0};
}

static enum err list_add(struct span_list *list, const struct span *span, int64_t chunk_id)
{
    struct span *spans = realloc(list->list, (list->count + 1) * sizeof *spans);
    if (spans)
        list->list = spans;
    int64_t *ids = spans ? realloc(list->chunk_ids, (list->count + 1) * sizeof *ids) : NULL;
    if (!ids)
        return ERR_NO_MEMORY;
    list->chunk_ids = ids;
    list->list[list->count] = *span;
    list->chunk_ids[list->count++] = chunk_id;
    return ERR_NONE;
}

enum err span_load(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                   struct span_list *out, struct why *why)
{
    struct span_list list = {0};
    struct rows *rows = NULL;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT first, last, attempt, state, chunk_id FROM span"
                             " WHERE job_id = ?1 AND newest = 1 AND first <= ?3 AND first >="
                             "  coalesce((SELECT max(first) FROM span WHERE job_id = ?1"
                             "   AND newest = 1 AND first <= ?2), 0) AND last >= ?2"
                             " ORDER BY first",
                             "iii", job_id, (int64_t)first, (int64_t)last);
    bool have = false;
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct span span = {
            .first = (uint64_t)rows_int(rows, 0),
            .last = (uint64_t)rows_int(rows, 1),
            .attempt = (uint32_t)rows_int(rows, 2),
        };
        const char *name = rows_text(rows, 3);
        if (!name || !label_state_parse(name, &span.state))
            err = err_set(why, ERR_CORRUPT, "job %lld has a span of unknown state",
                          (long long)job_id);
        else if (list_add(&list, &span, rows_int(rows, 4)))
            err = err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    rows_end(rows);
    if (err)
        span_list_free(&list);
    else
        *out = list;
    return err;
}

static enum err span_insert(struct txn *txn, int64_t job_id, bool newest,
                            const struct span *span, int64_t chunk_id, struct why *why)
{
    if (span->first > span->last)
        return ERR_NONE; /* nothing is left over on this side */
    return sql_run(txn, why,
                   "INSERT INTO span (job_id, newest, first, last, attempt, state, chunk_id)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0))",
                   "iiiiiti", job_id, (int64_t)newest, (int64_t)span->first,
                   (int64_t)span->last, (int64_t)span->attempt, label_state_name(span->state),
                   chunk_id);
}

static enum err span_delete(struct txn *txn, int64_t job_id, const struct span *span,
                            struct why *why)
{
    return sql_run(txn, why,
                   "DELETE FROM span WHERE job_id = ?1 AND newest = 1 AND first = ?2"
                   " AND attempt = ?3",
                   "iii", job_id, (int64_t)span->first, (int64_t)span->attempt);
}

/* Joins equal neighbours among the spans that touch first-1..last+1. */
static enum err span_merge(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                           struct why *why)
{
    struct span_list spans = {0};
    enum err err = span_load(txn, job_id, first > 1 ? first - 1 : 1, last + 1, &spans, why);
    for (size_t i = 0; !err && i < spans.count;) {
        struct span whole = spans.list[i];
        size_t next = i + 1;
        while (next < spans.count && spans.list[next].attempt == whole.attempt &&
               spans.list[next].state == whole.state &&
               spans.chunk_ids[next] == spans.chunk_ids[i] && !err) {
            err = span_delete(txn, job_id, &spans.list[next], why);
            whole.last = spans.list[next++].last;
        }
        if (!err && next > i + 1)
            err = sql_run(txn, why,
                          "UPDATE span SET last = ?3 WHERE job_id = ?1 AND newest = 1"
                          " AND first = ?2",
                          "iii", job_id, (int64_t)whole.first, (int64_t)whole.last);
        i = next;
    }
    span_list_free(&spans);
    return err;
}

/* Replaces the part of `old` inside first..last by its next state. */
static enum err span_step(struct txn *txn, int64_t job_id, const struct span *old,
                          int64_t old_chunk, uint64_t first, uint64_t last,
                          const struct transition *row, int64_t chunk_id, json_t *changes,
                          struct why *why)
{
    struct span before = *old, after = *old, middle = *old;
    before.last = first - 1;
    after.first = last + 1;
    middle.first = first > old->first ? first : old->first;
    middle.last = last < old->last ? last : old->last;
    enum err err = span_delete(txn, job_id, old, why);
    if (!err)
        err = span_insert(txn, job_id, true, &before, old_chunk, why);
    if (!err)
        err = span_insert(txn, job_id, true, &after, old_chunk, why);
    /* A new attempt over one that is, or may be, on paper: that one stays on record. */
    if (!err && row->attempt > 0 && row->from != LABEL_SENDING)
        err = span_insert(txn, job_id, false, &middle, 0, why);
    middle.state = row->to;
    middle.attempt = (uint32_t)((int)middle.attempt + row->attempt);
    /* Labels in doubt keep their chunk: each chunk's end is a fault of its own, with a last
     * good label of its own. */
    int64_t middle_chunk = row->to == LABEL_SENDING    ? chunk_id
                           : row->to == LABEL_IN_DOUBT ? old_chunk
                                                       : 0;
    if (!err)
        err = span_insert(txn, job_id, true, &middle, middle_chunk, why);
    if (!err && changes &&
        json_array_append_new(
            changes,
            json_pack("{sI sI ss ss si}", "first", (json_int_t)middle.first, "last",
                      (json_int_t)middle.last, "from", label_state_name(row->from), "to",
                      label_state_name(row->to), "attempt", (int)middle.attempt)) != 0)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    return err;
}

/* any = true: in whatever state the table has a row for; else only spans in `from`. */
static enum err apply(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last, bool any,
                      enum label_state from, enum label_event event, int64_t chunk_id,
                      json_t *changes, struct why *why)
{
    struct span_list spans = {0};
    enum err err = archive_refuse(txn, job_id, why);
    if (!err)
        err = span_load(txn, job_id, first, last, &spans, why);
    uint64_t next = first;
    for (size_t i = 0; !err && i < spans.count; i++) {
        const struct span *span = &spans.list[i];
        const struct transition *row = transition_find(span->state, event);
        if (span->first > next)
            break;
        next = span->last + 1;
        if (!any && span->state != from)
            continue;
        uint64_t low = span->first > first ? span->first : first;
        if (!row)
            err =
                err_set(why, ERR_STATE, "label %llu of job %lld is %s: \"%s\" is not possible",
                        (unsigned long long)low, (long long)job_id,
                        label_state_name(span->state), label_event_name(event));
        else
            err = span_step(txn, job_id, span, spans.chunk_ids[i], first, last, row, chunk_id,
                            changes, why);
    }
    span_list_free(&spans);
    if (!err && next <= last)
        err = err_set(why, ERR_STATE, "job %lld has no label %llu", (long long)job_id,
                      (unsigned long long)next);
    return err ? err : span_merge(txn, job_id, first, last, why);
}

enum err span_apply(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                    enum label_event event, int64_t chunk_id, json_t *changes, struct why *why)
{
    return apply(txn, job_id, first, last, true, LABEL_RESERVED, event, chunk_id, changes, why);
}

enum err span_apply_where(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                          enum label_state from, enum label_event event, json_t *changes,
                          struct why *why)
{
    return apply(txn, job_id, first, last, false, from, event, 0, changes, why);
}

/* ---- back to the attempt before --------------------------------------------------------- */

/* Earlier attempts that are on paper, of labels that touch first..last. */
static enum err history_load(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                             struct span_list *out, struct why *why)
{
    struct span_list list = {0};
    struct rows *rows = NULL;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT first, last, attempt, state FROM span WHERE job_id = ?1"
                             " AND newest = 0 AND first <= ?3 AND last >= ?2"
                             " AND state IN ('printed','verified') ORDER BY first",
                             "iii", job_id, (int64_t)first, (int64_t)last);
    bool have = false;
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct span span = {(uint64_t)rows_int(rows, 0), (uint64_t)rows_int(rows, 1),
                            (uint32_t)rows_int(rows, 2), LABEL_PRINTED};
        if (!label_state_parse(rows_text(rows, 3), &span.state) || list_add(&list, &span, 0))
            err = err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    rows_end(rows);
    if (err)
        span_list_free(&list);
    else
        *out = list;
    return err;
}

/* Takes labels first..last out of a record of the past: they have its state again. */
static enum err history_cut(struct txn *txn, int64_t job_id, const struct span *past,
                            uint64_t first, uint64_t last, struct why *why)
{
    struct span before = *past, after = *past;
    before.last = first - 1;
    after.first = last + 1;
    enum err err = sql_run(txn, why,
                           "DELETE FROM span WHERE job_id = ?1 AND newest = 0 AND first = ?2"
                           " AND attempt = ?3",
                           "iii", job_id, (int64_t)past->first, (int64_t)past->attempt);
    if (!err)
        err = span_insert(txn, job_id, false, &before, 0, why);
    return err ? err : span_insert(txn, job_id, false, &after, 0, why);
}

static enum err ranges_add(struct ranges *ranges, uint64_t first, uint64_t last,
                           struct why *why)
{
    void *list = realloc(ranges->list, (ranges->count + 1) * sizeof *ranges->list);
    if (!list)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    ranges->list = list;
    ranges->list[ranges->count].first = first;
    ranges->list[ranges->count++].last = last;
    return ERR_NONE;
}

/* The first record of the attempt before that ends at or behind `label`; NULL = none. */
static struct span *past_of(struct span_list *history, const struct span *span, uint64_t label)
{
    for (size_t i = 0; i < history->count; i++)
        if (history->list[i].attempt + 1 == span->attempt && history->list[i].last >= label &&
            history->list[i].first <= span->last)
            return &history->list[i];
    return NULL;
}

/* One span's part first..last: runs with a past go back to it, runs without take `event`. */
static enum err back_span(struct txn *txn, int64_t job_id, const struct span *span,
                          struct span_list *history, enum label_event event,
                          struct ranges *back, json_t *changes, struct why *why)
{
    enum err err = ERR_NONE;
    for (uint64_t label = span->first; !err && label <= span->last;) {
        struct span *past = past_of(history, span, label);
        uint64_t end = span->last;
        if (!past || past->first > label) {
            end = past ? past->first - 1 : end;
            err = span_apply(txn, job_id, label, end, event, 0, changes, why);
        } else {
            end = past->last < end ? past->last : end;
            err = span_apply(txn, job_id, label, end,
                             past->state == LABEL_VERIFIED ? EV_BACK_VERIFIED : EV_BACK_PRINTED,
                             0, changes, why);
            if (!err)
                err = history_cut(txn, job_id, past, label, end, why);
            if (!err && back)
                err = ranges_add(back, label, end, why);
            past->first = end + 1; /* what is left of it, for the next run */
        }
        label = end + 1;
    }
    return err;
}

enum err span_apply_or_back(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                            enum label_event event, struct ranges *back, json_t *changes,
                            struct why *why)
{
    struct span_list spans = {0}, history = {0};
    enum err err = span_load(txn, job_id, first, last, &spans, why);
    if (!err)
        err = history_load(txn, job_id, first, last, &history, why);
    if (!err && history.count == 0)
        err = span_apply(txn, job_id, first, last, event, 0, changes, why);
    for (size_t i = 0; !err && history.count && i < spans.count; i++) {
        struct span part = spans.list[i];
        part.first = part.first > first ? part.first : first;
        part.last = part.last < last ? part.last : last;
        err = back_span(txn, job_id, &part, &history, event, back, changes, why);
    }
    span_list_free(&spans);
    span_list_free(&history);
    return err;
}

enum err span_counts(struct txn *txn, int64_t job_id, uint64_t quantity,
                     uint64_t counts[static LABEL_STATE_COUNT], struct why *why)
{
    struct rows *rows = NULL;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT state, sum(last - first + 1) FROM span WHERE job_id = ?1"
                             " AND newest = 1 GROUP BY state",
                             "i", job_id);
    bool have = false;
    uint64_t sum = 0;
    for (size_t i = 0; i < LABEL_STATE_COUNT; i++)
        counts[i] = 0;
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        enum label_state state;
        if (!label_state_parse(rows_text(rows, 0), &state))
            err = err_set(why, ERR_CORRUPT, "job %lld has a span of unknown state",
                          (long long)job_id);
        else
            sum += counts[state] = (uint64_t)rows_int(rows, 1);
    }
    rows_end(rows);
    if (!err && sum != quantity)
        err = err_set(why, ERR_CORRUPT,
                      "the states of job %lld add up to %llu labels, its quantity is %llu",
                      (long long)job_id, (unsigned long long)sum, (unsigned long long)quantity);
    return err;
}
