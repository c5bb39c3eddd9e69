/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/reprint.h"

#include "spooler/job/archived.h"
#include "spooler/job/chunk.h"
#include "spooler/job/order.h"
#include "spooler/job/replace.h"
#include "spooler/job/reprint-dots.h"
#include "spooler/job/span.h"
#include "spooler/ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
#define X(code, name) [code] = name,
    REPRINT_STATE_MAP(X)
#undef X
};

const char *reprint_state_name(enum reprint_state state)
{
    return state_names[state];
}

/* ---- reading ------------------------------------------------------------------------------
 */

#define REPRINT_COLUMNS                                                                        \
    "SELECT id, job_id, first, last, next, state, printer, reason, words, person, approver,"   \
    " ordered_ms, new_fields, caller, coalesce(by_job, 0),"                                    \
    " verdict, ended FROM reprint "

static void copy_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

static enum err from_row(struct rows *rows, struct reprint *out, struct why *why)
{
    struct reprint reprint = {.id = rows_int(rows, 0),
                              .job_id = rows_int(rows, 1),
                              .first = (uint64_t)rows_int(rows, 2),
                              .last = (uint64_t)rows_int(rows, 3),
                              .next = (uint64_t)rows_int(rows, 4),
                              .state = REPRINT_STATE_COUNT,
                              .ordered_ms = rows_int(rows, 11),
                              .new_fields = (size_t)rows_int(rows, 12),
                              .by_job = rows_int(rows, 14)};
    for (size_t i = 0; i < REPRINT_STATE_COUNT; i++)
        if (strcmp(state_names[i], rows_text(rows, 5)) == 0)
            reprint.state = (enum reprint_state)i;
    if (reprint.state == REPRINT_STATE_COUNT)
        return err_set(why, ERR_CORRUPT, "reprint %lld is in an unknown state",
                       (long long)reprint.id);
    copy_text(reprint.printer, sizeof reprint.printer, rows_text(rows, 6));
    copy_text(reprint.reason, sizeof reprint.reason, rows_text(rows, 7));
    copy_text(reprint.words, sizeof reprint.words, rows_text(rows, 8));
    copy_text(reprint.by, sizeof reprint.by, rows_text(rows, 9));
    copy_text(reprint.approved_by, sizeof reprint.approved_by, rows_text(rows, 10));
    copy_text(reprint.caller, sizeof reprint.caller, rows_text(rows, 13));
    copy_text(reprint.ended, sizeof reprint.ended, rows_text(rows, 16));
    copy_text(reprint.dots, sizeof reprint.dots, rows_text(rows, 15));
    *out = reprint;
    return ERR_NONE;
}

enum err reprint_get(struct txn *txn, int64_t id, struct reprint *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why, REPRINT_COLUMNS "WHERE id = ?1", "i", id);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err)
        err =
            have ? from_row(rows, out, why)
                 : err_set(why, ERR_NOT_FOUND, "there is no reprint order %lld", (long long)id);
    rows_end(rows);
    return err;
}

enum err reprint_list(struct txn *txn, int64_t job_id, bool open, size_t limit, reprint_fn *fn,
                      void *arg, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             REPRINT_COLUMNS "WHERE (?1 = 0 OR job_id = ?1)"
                                             " AND (?2 = 0 OR state IN ('waiting','open'))"
                                             " ORDER BY id DESC LIMIT ?3",
                             "iii", job_id, (int64_t)open, (int64_t)limit);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct reprint reprint;
        err = from_row(rows, &reprint, why);
        if (!err)
            err = fn(arg, &reprint, why);
    }
    rows_end(rows);
    return err;
}

/* ---- orders ---------------------------------------------------------------------------------
 */

static bool on_paper(enum label_state state)
{
    return state == LABEL_PRINTED || state == LABEL_VERIFIED;
}

static enum err check_labels(struct txn *txn, const struct reprint_new *order,
                             const struct job *job, struct why *why)
{
    struct span_list spans = {0};
    if (order->first < 1 || order->first > order->last || order->last > job->quantity)
        return err_set(why, ERR_INPUT, "labels %llu to %llu: job %lld has labels 1 to %llu",
                       (unsigned long long)order->first, (unsigned long long)order->last,
                       (long long)job->id, (unsigned long long)job->quantity);
    if (order->last - order->first >= REPRINT_LABELS_MAX)
        return err_set(why, ERR_INPUT, "at most %d labels are reprinted by one order",
                       REPRINT_LABELS_MAX);
    enum err err = span_load(txn, job->id, order->first, order->last, &spans, why);
    for (size_t i = 0; !err && i < spans.count; i++) {
        const struct span *span = &spans.list[i];
        uint64_t label = span->first > order->first ? span->first : order->first;
        if (!on_paper(span->state))
            err = err_set(
                why, ERR_STATE,
                "label %llu of job %lld is %s: only printed and verified labels can be"
                " reprinted",
                (unsigned long long)label, (long long)job->id, label_state_name(span->state));
        else if (order->limit && span->attempt > order->limit)
            err = err_set(why, ERR_STATE,
                          "label %llu of job %lld is on its attempt %u; its template lets it be"
                          " reprinted %u times: void it and print a new number",
                          (unsigned long long)label, (long long)job->id, span->attempt,
                          order->limit);
    }
    span_list_free(&spans);
    return err;
}

static enum err check_overlap(struct txn *txn, const struct reprint_new *order, struct why *why)
{
    int64_t other = 0;
    enum err err = sql_int(txn, &other, why,
                           "SELECT id FROM reprint WHERE job_id = ?1 AND first <= ?3"
                           " AND last >= ?2 AND state IN ('waiting','open') LIMIT 1",
                           "iii", order->job_id, (int64_t)order->first, (int64_t)order->last);
    if (err == ERR_NOT_FOUND)
        return ERR_NONE;
    return err ? err
               : err_set(why, ERR_STATE,
                         "reprint order %lld for these labels is not done yet: wait for it or"
                         " cancel it",
                         (long long)other);
}

static enum err note(struct txn *txn, const char *type, const char *by, int64_t id,
                     int64_t job_id, const struct reprint_new *order, struct why *why)
{
    const struct reprint_dots *dots = order ? order->dots : NULL;
    json_t *members =
        order ? json_pack("{sI sI sI sI ss* ss ss ss* ss* ss*}", "reprint", (json_int_t)id,
                          "job", (json_int_t)job_id, "first", (json_int_t)order->first, "last",
                          (json_int_t)order->last, "number", order->new_fields ? "new" : NULL,
                          "printer", order->printer, "reason", order->reason, "words",
                          order->words, "dots", dots ? dots_verdict_name(dots->verdict) : NULL,
                          "dots_words", dots && *dots->words ? dots->words : NULL)
              : json_pack("{sI sI}", "reprint", (json_int_t)id, "job", (json_int_t)job_id);
    return members ? ledger_append(txn, type, by, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory, or words that are not UTF-8");
}

/* `order` has its printer. */
static enum err insert(struct txn *txn, const struct reprint_new *order, int64_t *id,
                       struct why *why)
{
    enum err err =
        sql_run(txn, why,
                "INSERT INTO reprint (job_id, first, last, next, state, printer, reason, words,"
                " person, ordered_ms, new_fields, caller)"
                " VALUES (?1, ?2, ?3, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                "iiitttttiit", order->job_id, (int64_t)order->first, (int64_t)order->last,
                state_names[order->needs_approval ? REPRINT_WAITING : REPRINT_OPEN],
                order->printer, order->reason, order->words, order->by, txn_now_ms(txn),
                (int64_t)order->new_fields, order->caller);
    if (err)
        return err;
    *id = sql_last_id(txn);
    if (order->dots)
        err = reprint_dots_keep(txn, *id, order->dots, why);
    return err ? err : note(txn, "reprint.ordered", order->by, *id, order->job_id, order, why);
}

/* A person is asked before anything is printed that is not what was printed. */
static enum err check_dots(const struct reprint_new *order, struct why *why)
{
    if (!order->dots || order->dots->verdict == DOTS_SAME)
        return ERR_NONE;
    if (order->dots->verdict == DOTS_UNKNOWN)
        return err_set(why, ERR_BUSY, "the labels changed just now: order it again");
    return order->other_dots ? ERR_NONE : err_set(why, ERR_DOTS, "%s", order->dots->words);
}

enum err reprint_order(struct txn *txn, const struct reprint_new *order, int64_t *id,
                       struct why *why)
{
    struct job job;
    struct reprint_new full = *order;
    enum err err = job_get(txn, order->job_id, &job, why);
    if (!err && job.state == JOB_CANCELLING)
        err = err_set(why, ERR_STATE, "job %lld is being cancelled: wait until that is done",
                      (long long)job.id);
    if (!err)
        err = archive_refuse(txn, job.id, why);
    if (!err)
        err = order->new_fields
                  ? replace_check(txn, order->job_id, order->first, order->limit, why)
                  : check_labels(txn, order, &job, why);
    if (!err)
        err = check_overlap(txn, order, why);
    if (!err)
        err = check_dots(order, why);
    full.printer = order->printer ? order->printer : job.printer;
    return err ? err : insert(txn, &full, id, why);
}

static enum err set_state(struct txn *txn, int64_t id, enum reprint_state state,
                          const char *approver, struct why *why)
{
    return sql_run(txn, why,
                   "UPDATE reprint SET state = ?2, approver = coalesce(?3, approver)"
                   " WHERE id = ?1",
                   "itt", id, state_names[state], approver);
}

enum err reprint_approve(struct txn *txn, int64_t id, const char *by, struct why *why)
{
    struct reprint reprint;
    enum err err = reprint_get(txn, id, &reprint, why);
    if (!err && reprint.state != REPRINT_WAITING)
        err = err_set(why, ERR_STATE, "reprint order %lld is %s: nobody waits for approval",
                      (long long)id, state_names[reprint.state]);
    if (!err && strcmp(reprint.by, by) == 0)
        err = err_set(why, ERR_DENIED, "%s ordered this reprint: another person has to agree",
                      by);
    if (!err)
        err = set_state(txn, id, REPRINT_OPEN, by, why);
    return err ? err : note(txn, "reprint.approved", by, id, reprint.job_id, NULL, why);
}

enum err reprint_cancel(struct txn *txn, int64_t id, const char *by, struct why *why)
{
    struct reprint reprint;
    enum err err = reprint_get(txn, id, &reprint, why);
    if (!err && reprint.state == REPRINT_CANCELLED)
        return ERR_NONE;
    if (!err && reprint.state == REPRINT_DONE)
        err = err_set(why, ERR_STATE, "reprint order %lld is done", (long long)id);
    if (!err)
        err = set_state(txn, id, REPRINT_CANCELLED, NULL, why);
    return err ? err : note(txn, "reprint.cancelled", by, id, reprint.job_id, NULL, why);
}

enum err reprint_stop(struct txn *txn, int64_t id, const char *words, struct why *why)
{
    struct reprint reprint;
    enum err err = reprint_get(txn, id, &reprint, why);
    if (!err && reprint.state != REPRINT_OPEN)
        return err_set(why, ERR_STATE, "reprint order %lld is %s", (long long)id,
                       state_names[reprint.state]);
    if (!err)
        err = set_state(txn, id, REPRINT_CANCELLED, NULL, why);
    if (!err)
        err = sql_run(txn, why, "UPDATE reprint SET ended = ?2 WHERE id = ?1", "it", id, words);
    json_t *members = err ? NULL
                          : json_pack("{sI sI ss?}", "reprint", (json_int_t)id, "job",
                                      (json_int_t)reprint.job_id, "words", words);
    if (!err)
        err = members ? ledger_append(txn, "reprint.cancelled", NULL, members, NULL, why)
                      : err_set(why, ERR_NO_MEMORY, "out of memory");
    return err;
}

/* ---- sending
 * ---------------------------------------------------------------------------------- */

/* The first run of labels next..last of the order that is on paper, of one attempt. */
static enum err cut_chunk(struct txn *txn, const struct reprint *order, uint32_t pieces,
                          uint32_t max_impressions, struct chunk *out, struct why *why)
{
    struct span_list spans = {0};
    uint64_t most = max_impressions / pieces ? max_impressions / pieces : 1;
    enum err err = span_load(txn, order->job_id, order->next, order->last, &spans, why);
    enum err found = ERR_NOT_FOUND;
    for (size_t i = 0; !err && found && i < spans.count; i++) {
        const struct span *span = &spans.list[i];
        if (!on_paper(span->state))
            continue;
        struct chunk chunk = {.job_id = order->job_id,
                              .reprint_id = order->id,
                              .first = span->first > order->next ? span->first : order->next,
                              .last = span->last < order->last ? span->last : order->last,
                              .attempt = span->attempt + 1};
        if (chunk.last - chunk.first >= most)
            chunk.last = chunk.first + most - 1;
        chunk.impressions = (uint32_t)(chunk.last - chunk.first + 1) * pieces;
        copy_text(chunk.printer, sizeof chunk.printer, order->printer);
        *out = chunk;
        found = ERR_NONE;
    }
    span_list_free(&spans);
    return err ? err : found;
}

enum err reprint_next(struct txn *txn, const char *printer, uint32_t max_impressions,
                      struct chunk *out, struct why *why)
{
    struct rows *rows = NULL;
    struct reprint order;
    int64_t id = 0, pieces = 1;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT r.id, j.pieces FROM reprint AS r JOIN job AS j"
                             " ON j.id = r.job_id WHERE r.printer = ?1 AND r.state = 'open'"
                             " AND r.new_fields = 0 AND r.next <= r.last AND j.state IN "
                             "('open','closed','cancelled')"
                             " ORDER BY r.id",
                             "t", printer);
    enum err found = ERR_NOT_FOUND;
    while (!err && found == ERR_NOT_FOUND && !(err = rows_next(rows, &have, why)) && have) {
        id = rows_int(rows, 0);
        pieces = rows_int(rows, 1);
        err = reprint_get(txn, id, &order, why);
        if (!err)
            found = cut_chunk(txn, &order, (uint32_t)pieces, max_impressions, out, why);
    }
    rows_end(rows);
    return err ? err : found;
}

enum err reprint_sending(struct txn *txn, const struct chunk *chunk, struct why *why)
{
    struct reprint order;
    enum err err = reprint_get(txn, chunk->reprint_id, &order, why);
    if (err)
        return err;
    if (order.state != REPRINT_OPEN || chunk->first < order.next)
        return err_set(why, ERR_STATE, "reprint order %lld is %s", (long long)order.id,
                       state_names[order.state]);
    return sql_run(txn, why, "UPDATE reprint SET next = ?2 WHERE id = ?1", "ii", order.id,
                   (int64_t)chunk->last + 1);
}

enum err reprint_rewind(struct txn *txn, int64_t id, uint64_t label, struct why *why)
{
    return sql_run(txn, why, "UPDATE reprint SET next = min(next, ?2) WHERE id = ?1", "ii", id,
                   (int64_t)label);
}

/* The newest order that a label was reprinted by. */
static enum err order_of(struct txn *txn, int64_t job_id, uint64_t label, struct reprint *out,
                         struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             REPRINT_COLUMNS "WHERE job_id = ?1 AND first <= ?2 AND last >= ?2"
                                             " ORDER BY id DESC LIMIT 1",
                             "ii", job_id, (int64_t)label);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err)
        err = have ? from_row(rows, out, why)
                   : err_set(why, ERR_CORRUPT,
                             "label %llu of job %lld was reprinted without an order",
                             (unsigned long long)label, (long long)job_id);
    rows_end(rows);
    return err;
}

enum err reprint_again(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                       const char *by, struct why *why)
{
    enum err err = ERR_NONE;
    while (!err && first <= last) {
        struct reprint before;
        int64_t id;
        err = order_of(txn, job_id, first, &before, why);
        if (err)
            break;
        struct reprint_new order = {.job_id = job_id,
                                    .first = first,
                                    .last = last < before.last ? last : before.last,
                                    .printer = before.printer,
                                    .reason = before.reason,
                                    .words = "the last attempt does not exist",
                                    .by = by};
        err = insert(txn, &order, &id, why);
        if (!err)
            err = reprint_dots_pass_on(txn, before.id, id, why);
        first = order.last + 1;
    }
    return err;
}

enum err reprint_follow(struct txn *txn, int64_t job_id, struct why *why)
{
    return sql_run(txn, why,
                   "UPDATE reprint SET state = 'done' WHERE job_id = ?1 AND state = 'open'"
                   " AND NOT EXISTS (SELECT 1 FROM chunk WHERE chunk.job_id = ?1"
                   "  AND chunk.state = 'sending' AND reprint_id = reprint.id)"
                   " AND (next > last OR NOT EXISTS (SELECT 1 FROM span WHERE span.job_id = ?1"
                   "  AND newest = 1 AND span.state IN ('printed','verified')"
                   "  AND span.first <= reprint.last AND span.last >= reprint.next))",
                   "i", job_id);
}
