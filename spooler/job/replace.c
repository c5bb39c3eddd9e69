/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/replace.h"

#include "spooler/job/reprint.h"
#include "spooler/job/rows.h"
#include "spooler/job/span.h"
#include "spooler/ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* What stands in the way of a new number, by the label's state; NULL = nothing. */
static const char *const obstacles[LABEL_STATE_COUNT] = {
    [LABEL_RESERVED] = "it is not printed yet",
    [LABEL_SENDING] = "it is on its way to the printer: wait until that is settled",
    [LABEL_IN_DOUBT] = "say first what became of it (tem resolve)",
    [LABEL_SPOILED] = "it is void already: order another label",
    [LABEL_UNUSED] = "it was cancelled and never printed",
};

/* A label that replaced another may be damaged as well: how many came before it. */
static enum err check_limit(struct txn *txn, int64_t job_id, uint64_t label, uint32_t limit,
                            struct why *why)
{
    int64_t before = 0;
    enum err err = sql_int(txn, &before, why,
                           "WITH RECURSIVE up (id) AS (SELECT replaces FROM job WHERE id = ?1"
                           "  UNION ALL SELECT job.replaces FROM job JOIN up ON job.id = up.id)"
                           " SELECT count(*) FROM up WHERE id IS NOT NULL",
                           "i", job_id);
    if (!err && limit && before >= limit)
        err = err_set(why, ERR_STATE,
                      "label %llu of job %lld has new number %lld in one place; its template"
                      " allows %u: void it, and order another label",
                      (unsigned long long)label, (long long)job_id, (long long)before, limit);
    return err;
}

enum err replace_check(struct txn *txn, int64_t job_id, uint64_t label, uint32_t limit,
                       struct why *why)
{
    struct job job;
    struct span_list spans = {0};
    enum err err = job_get(txn, job_id, &job, why);
    if (err)
        return err;
    if (label < 1 || label > job.quantity)
        return err_set(why, ERR_INPUT, "label %llu: job %lld has labels 1 to %llu",
                       (unsigned long long)label, (long long)job_id,
                       (unsigned long long)job.quantity);
    if (job.state == JOB_CANCELLING)
        return err_set(why, ERR_STATE, "job %lld is being cancelled: wait until that is done",
                       (long long)job_id);
    err = span_load(txn, job_id, label, label, &spans, why);
    if (!err && spans.count == 1 && obstacles[spans.list[0].state])
        err = err_set(why, ERR_STATE, "label %llu of job %lld is %s: %s",
                      (unsigned long long)label, (long long)job_id,
                      label_state_name(spans.list[0].state), obstacles[spans.list[0].state]);
    span_list_free(&spans);
    return err ? err : check_limit(txn, job_id, label, limit, why);
}

static enum err make_void(struct txn *txn, const struct replacement *replacement,
                          struct why *why)
{
    char note[JOB_WORDS + JOB_TEXT];
    snprintf(note, sizeof note, "%s%s%s", replacement->reason, replacement->words ? ": " : "",
             replacement->words ? replacement->words : "");
    return job_resolve(txn, replacement->job_id, replacement->label, replacement->label,
                       DECISION_SPOILED, replacement->by, note, why);
}

static enum err stage(struct txn *txn, const struct replacement *replacement,
                      const struct job *job, int64_t *id, struct why *why)
{
    struct job_new new_job = {
        .template_hash = job->template_hash,
        .template_name = job->template_name,
        .template_body = "", /* is kept under its hash */
        .pieces = job->pieces,
        .close_at = job->close_at,
        .on_doubt = job->on_doubt,
        .printer = replacement->printer ? replacement->printer : job->printer,
        .caller = replacement->caller,
        .person = replacement->by,
        .reference = *job->reference ? job->reference : NULL,
        .utc_offset_min = job->utc_offset_min,
        .replaces = job->id,
        .replaces_label = replacement->label,
    };
    return job_stage(txn, &new_job, id, why);
}

/* The label's row as the one row of the new job. */
static enum err add_row(void *arg, const struct row_view *row, struct why *why)
{
    bool full; /* a page always has room for its first row */
    return rows_add(arg, row->values, 1, &full) ? no_memory(why) : ERR_NONE;
}

static enum err copy_row(struct txn *txn, const struct replacement *replacement, int64_t id,
                         struct why *why)
{
    struct rows_writer writer = {0};
    size_t fields = replacement->field_count;
    enum err err = rows_writer_init(&writer, fields) ? no_memory(why) : ERR_NONE;
    if (!err)
        err = rows_each(txn, replacement->job_id, fields, replacement->label,
                        replacement->label, add_row, &writer, why);
    if (!err)
        err = job_stage_page(txn, id, 1, 1, writer.page.bytes, writer.page.len, why);
    rows_writer_free(&writer);
    return err;
}

/* A number for each series field, from the series and scope that the label has one of. */
struct plans {
    struct txn *txn;
    struct registry *registry;
    struct segment_plan *list;
    struct scope_ref *scopes;
    size_t count, max;
};

static enum err add_plan(void *arg, const struct segment *segment, struct why *why)
{
    struct plans *plans = arg;
    if (plans->count == plans->max)
        return err_set(why, ERR_CORRUPT, "a label has more numbers than its template fields");
    struct scope_ref *scope = &plans->scopes[plans->count];
    enum err err = registry_scope(plans->txn, plans->registry, segment->scope_id, scope, why);
    if (!err)
        plans->list[plans->count++] = (struct segment_plan){.field = segment->field,
                                                            .first = 1,
                                                            .last = 1,
                                                            .series = scope->series,
                                                            .scope = scope->scope};
    return err;
}

static enum err accept(struct txn *txn, struct registry *registry,
                       const struct replacement *replacement, int64_t id, struct why *why)
{
    size_t max = replacement->field_count;
    struct plans plans = {.txn = txn,
                          .registry = registry,
                          .list = calloc(max + 1, sizeof *plans.list),
                          .scopes = calloc(max + 1, sizeof *plans.scopes),
                          .max = max};
    enum err err = plans.list && plans.scopes ? ERR_NONE : no_memory(why);
    if (!err)
        err = job_segments(txn, replacement->job_id, replacement->label, replacement->label,
                           add_plan, &plans, why);
    if (!err)
        err = job_accept(txn, registry, id, 1, plans.list, plans.count, why);
    free(plans.list);
    free(plans.scopes);
    return err;
}

static enum err note(struct txn *txn, const struct replacement *replacement, int64_t id,
                     struct why *why)
{
    json_t *members =
        json_pack("{sI sI sI ss ss*}", "job", (json_int_t)replacement->job_id, "label",
                  (json_int_t)replacement->label, "by_job", (json_int_t)id, "reason",
                  replacement->reason, "words", replacement->words);
    return members ? ledger_append(txn, "label.replaced", replacement->by, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory, or words that are not UTF-8");
}

enum err label_replace(struct txn *txn, struct registry *registry,
                       const struct replacement *replacement, int64_t *new_job, struct why *why)
{
    struct job job;
    int64_t id = 0;
    enum err err = job_get(txn, replacement->job_id, &job, why);
    if (!err)
        err = replace_check(txn, replacement->job_id, replacement->label, replacement->limit,
                            why);
    if (!err)
        err = make_void(txn, replacement, why);
    if (!err)
        err = stage(txn, replacement, &job, &id, why);
    if (!err)
        err = copy_row(txn, replacement, id, why);
    if (!err)
        err = accept(txn, registry, replacement, id, why);
    if (!err)
        err = note(txn, replacement, id, why);
    if (!err)
        *new_job = id;
    return err;
}

enum err replace_ordered(struct txn *txn, struct registry *registry, int64_t reprint_id,
                         int64_t *new_job, struct why *why)
{
    struct reprint order;
    enum err err = reprint_get(txn, reprint_id, &order, why);
    *new_job = 0;
    if (err || order.new_fields == 0)
        return err;
    struct replacement replacement = {.job_id = order.job_id,
                                      .label = order.first,
                                      .field_count = order.new_fields,
                                      .printer = order.printer,
                                      .reason = order.reason,
                                      .words = *order.words ? order.words : NULL,
                                      .by = order.by,
                                      .caller = order.caller};
    err = label_replace(txn, registry, &replacement, new_job, why);
    return err ? err
               : sql_run(txn, why,
                         "UPDATE reprint SET state = ?2, next = last + 1, by_job = ?3"
                         " WHERE id = ?1",
                         "iti", reprint_id, reprint_state_name(REPRINT_DONE), *new_job);
}
