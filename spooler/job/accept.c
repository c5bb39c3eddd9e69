/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/job.h"

#include "spooler/base/hash.h"
#include "spooler/base/log.h"
#include "spooler/job/order.h"
#include "spooler/ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keeps the template's version; looks first, for nearly always it is there. */
static enum err keep_template(struct txn *txn, const struct job_new *job, struct why *why)
{
    int64_t there;
    enum err err = sql_int(txn, &there, why, "SELECT 1 FROM template WHERE hash = ?1", "b",
                           (const void *)job->template_hash, (size_t)SHA256_BYTES);
    if (err != ERR_NOT_FOUND)
        return err;
    return sql_run(txn, why,
                   "INSERT INTO template (hash, name, body, kept_ms) VALUES (?1, ?2, ?3, ?4)",
                   "btbi", (const void *)job->template_hash, (size_t)SHA256_BYTES,
                   job->template_name, job->template_body, job->template_len, txn_now_ms(txn));
}

/* Inserts the job's row. `quantity` and `accepted_ms` are 0 as long as it is not accepted. */
static enum err insert_job(struct txn *txn, const struct job_new *new_job, enum job_state state,
                           uint64_t quantity, int64_t accepted_ms, int64_t *id, struct why *why)
{
    enum err err = keep_template(txn, new_job, why);
    if (!err)
        err = sql_run(
            txn, why,
            "INSERT INTO job (state, template_hash, template_name, printer, quantity,"
            " pieces, close_at, on_doubt, caller, person, utc_offset_min, staged_ms,"
            " reference, accepted_ms, sample, replaces, replaces_label)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
            " nullif(?14, 0), ?15, nullif(?16, 0),"
            " nullif(?17, 0))",
            "tbttiittttiitiiii", job_state_name(state), (const void *)new_job->template_hash,
            (size_t)SHA256_BYTES, new_job->template_name, new_job->printer, (int64_t)quantity,
            (int64_t)new_job->pieces, new_job->close_at, new_job->on_doubt, new_job->caller,
            new_job->person, (int64_t)new_job->utc_offset_min, txn_now_ms(txn),
            new_job->reference, accepted_ms, (int64_t)new_job->sample, new_job->replaces,
            (int64_t)new_job->replaces_label);
    if (!err)
        *id = sql_last_id(txn);
    return err;
}

enum err job_stage(struct txn *txn, const struct job_new *new_job, int64_t *id, struct why *why)
{
    return insert_job(txn, new_job, JOB_STAGED, 0, 0, id, why);
}

enum err job_stage_page(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                        const void *page, size_t len, struct why *why)
{
    return sql_run(txn, why,
                   "INSERT INTO page (job_id, first, last, body) VALUES (?1, ?2, ?3, ?4)",
                   "iiib", id, (int64_t)first, (int64_t)last, page, len);
}

enum err job_unstage(struct txn *txn, int64_t id, struct why *why)
{
    return sql_run(txn, why, "DELETE FROM job WHERE id = ?1 AND state = 'staged'", "i", id);
}

enum err job_sweep(struct txn *txn, int64_t *swept, struct why *why)
{
    enum err err = sql_run(txn, why, "DELETE FROM job WHERE state = 'staged'", "");
    if (!err && swept)
        *swept = sql_changes(txn);
    return err;
}

/* Plans in the order in which ranges are taken: by series, scope, then label. */
static int by_range(const void *left, const void *right)
{
    const struct segment_plan *a = *(const struct segment_plan *const *)left;
    const struct segment_plan *b = *(const struct segment_plan *const *)right;
    int order = strcmp(a->series, b->series);
    if (order == 0)
        order = strcmp(a->scope, b->scope);
    if (order == 0)
        order = a->field < b->field ? -1 : a->field > b->field;
    return order ? order : a->first < b->first ? -1 : a->first > b->first;
}

static bool same_range(const struct segment_plan *a, const struct segment_plan *b)
{
    return strcmp(a->series, b->series) == 0 && strcmp(a->scope, b->scope) == 0;
}

/* Makes the segments of plans[0..count), which share one range. */
static enum err take_range(struct txn *txn, struct registry *registry, int64_t id,
                           const struct segment_plan *const *plans, size_t count,
                           json_t *ranges, struct why *why)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += plans[i]->last - plans[i]->first + 1;
    struct serial_range range;
    enum err err =
        registry_reserve(txn, registry, plans[0]->series, plans[0]->scope, total, &range, why);
    uint64_t counter = err ? 0 : range.first;
    if (!err && range.low)
        log_warn("series runs low", "series=%s scope=%s left=%llu", logq(plans[0]->series),
                 logq(plans[0]->scope), (unsigned long long)range.left);
    for (size_t i = 0; !err && i < count; i++) {
        err = sql_run(txn, why,
                      "INSERT INTO segment (job_id, field, first, last, scope_id, range_first)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                      "iiiiii", id, (int64_t)plans[i]->field, (int64_t)plans[i]->first,
                      (int64_t)plans[i]->last, range.scope_id, (int64_t)counter);
        counter += plans[i]->last - plans[i]->first + 1;
    }
    if (!err && json_array_append_new(
                    ranges, json_pack("{ss ss sI sI}", "series", plans[0]->series, "scope",
                                      plans[0]->scope, "first", (json_int_t)range.first,
                                      "count", (json_int_t)range.count)) != 0)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    return err;
}

static enum err take_ranges(struct txn *txn, struct registry *registry, int64_t id,
                            const struct segment_plan *plans, size_t count, json_t *ranges,
                            struct why *why)
{
    if (count == 0)
        return ERR_NONE;
    const struct segment_plan **order = calloc(count, sizeof *order);
    if (!order)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
        order[i] = &plans[i];
    qsort(order, count, sizeof *order, by_range);
    enum err err = ERR_NONE;
    for (size_t i = 0, next; !err && i < count; i = next) {
        for (next = i + 1; next < count && same_range(order[i], order[next]);)
            next++;
        err = take_range(txn, registry, id, order + i, next - i, ranges, why);
    }
    free(order);
    return err;
}

/* What the ledger says of an accepted job. */
static enum err append_accepted(struct txn *txn, int64_t id, uint64_t quantity,
                                const struct job_new *job, json_t *ranges, struct why *why)
{
    char hex[SHA256_HEX];
    json_t *members = json_pack(
        "{sI ss ss ss sI ss ss? ss? sO}", "job", (json_int_t)id, "template", job->template_name,
        "template_hash", hex_text(job->template_hash, SHA256_BYTES, hex), "printer",
        job->printer, "quantity", (json_int_t)quantity, "caller", job->caller, "person",
        job->person, "reference", job->reference, "ranges", ranges);
    return members ? ledger_append(txn, "job.accepted", job->caller, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* Numbers, segments, span and event of a job whose row is open already. */
static enum err take_labels(struct txn *txn, struct registry *registry, int64_t id,
                            uint64_t quantity, const struct job_new *job,
                            const struct segment_plan *plans, size_t plan_count,
                            struct why *why)
{
    json_t *ranges = json_array();
    if (!ranges)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = take_ranges(txn, registry, id, plans, plan_count, ranges, why);
    if (!err)
        err = sql_run(txn, why,
                      "INSERT INTO span (job_id, newest, first, last, attempt, state)"
                      " VALUES (?1, 1, 1, ?2, 1, ?3)",
                      "iit", id, (int64_t)quantity, label_state_name(LABEL_RESERVED));
    if (!err)
        err = append_accepted(txn, id, quantity, job, ranges, why);
    json_decref(ranges);
    return err ? err : registry_settle(registry, why);
}

static enum err check_quantity(uint64_t quantity, struct why *why)
{
    if (quantity > 0 && quantity <= JOB_MAX_QUANTITY)
        return ERR_NONE;
    return err_set(why, ERR_INPUT, "quantity is %llu, expected 1 to %llu",
                   (unsigned long long)quantity, (unsigned long long)JOB_MAX_QUANTITY);
}

enum err job_accept(struct txn *txn, struct registry *registry, int64_t id, uint64_t quantity,
                    const struct segment_plan *plans, size_t plan_count, struct why *why)
{
    struct job job;
    enum err err = check_quantity(quantity, why);
    if (err)
        return err;
    err = sql_run(txn, why,
                  "UPDATE job SET state = 'open', quantity = ?2, accepted_ms = ?3"
                  " WHERE id = ?1 AND state = 'staged'",
                  "iii", id, (int64_t)quantity, txn_now_ms(txn));
    if (!err && sql_changes(txn) != 1)
        err = err_set(why, ERR_STATE, "job %lld is not staged", (long long)id);
    if (!err)
        err = job_head(txn, id, &job, why);
    if (err)
        return err;
    const struct job_new told = {
        .template_hash = job.template_hash,
        .template_name = job.template_name,
        .printer = job.printer,
        .caller = job.caller,
        .person = *job.person ? job.person : NULL,
        .reference = *job.reference ? job.reference : NULL,
    };
    return take_labels(txn, registry, id, quantity, &told, plans, plan_count, why);
}

static void copy_text(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "");
}

/* What job_get would read. */
static void fill_job(struct job *out, const struct job_new *from, int64_t id, uint64_t quantity,
                     int64_t accepted_ms)
{
    *out = (struct job){
        .id = id,
        .state = JOB_OPEN,
        .pieces = from->pieces,
        .quantity = quantity,
        .accepted_ms = accepted_ms,
        .utc_offset_min = from->utc_offset_min,
        .sample = from->sample,
        .replaces = from->replaces,
    };
    memcpy(out->template_hash, from->template_hash, sizeof out->template_hash);
    copy_text(out->template_name, sizeof out->template_name, from->template_name);
    copy_text(out->printer, sizeof out->printer, from->printer);
    copy_text(out->caller, sizeof out->caller, from->caller);
    copy_text(out->person, sizeof out->person, from->person);
    copy_text(out->reference, sizeof out->reference, from->reference);
    copy_text(out->close_at, sizeof out->close_at, from->close_at);
    copy_text(out->on_doubt, sizeof out->on_doubt, from->on_doubt);
    out->counts[LABEL_RESERVED] = quantity;
}

enum err job_accept_at_once(struct txn *txn, struct registry *registry,
                            const struct job_new *new_job, const void *page, size_t page_len,
                            uint64_t quantity, const struct segment_plan *plans,
                            size_t plan_count, struct job *out, struct why *why)
{
    int64_t id = 0;
    enum err err = check_quantity(quantity, why);
    if (!err)
        err = insert_job(txn, new_job, JOB_OPEN, quantity, txn_now_ms(txn), &id, why);
    if (!err)
        err = job_stage_page(txn, id, 1, quantity, page, page_len, why);
    if (!err)
        err = take_labels(txn, registry, id, quantity, new_job, plans, plan_count, why);
    if (!err)
        fill_job(out, new_job, id, quantity, txn_now_ms(txn));
    return err;
}

enum err idempotency_find(struct txn *txn, const char *caller, const char *key,
                          const uint8_t hash[static 32], int64_t oldest_ms, int *status,
                          struct buf *body, struct why *why)
{
    struct rows *rows = NULL;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT hash, status, body FROM idempotency"
                             " WHERE caller = ?1 AND key = ?2 AND made_ms >= ?3",
                             "tti", caller, key, oldest_ms);
    bool have = false;
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = ERR_NOT_FOUND;
    if (!err) {
        size_t len, body_len;
        const void *kept = rows_blob(rows, 0, &len);
        const void *answer = rows_blob(rows, 2, &body_len);
        if (len != 32 || memcmp(kept, hash, 32) != 0)
            err =
                err_set(why, ERR_CONFLICT,
                        "Idempotency-Key \"%s\" was used before for a different request", key);
        else {
            *status = (int)rows_int(rows, 1);
            buf_add(body, answer, body_len);
            err = buf_err(body);
        }
    }
    rows_end(rows);
    return err;
}

enum err idempotency_keep(struct txn *txn, const char *caller, const char *key,
                          const uint8_t hash[static 32], int64_t oldest_ms, int status,
                          const char *body, size_t len, int64_t job_id, struct why *why)
{
    enum err err = ERR_NONE;
    if (oldest_ms > 0) /* the lowest ids are the oldest */
        err = sql_run(txn, why,
                      "DELETE FROM idempotency WHERE made_ms < ?1 AND"
                      " (id IN (SELECT id FROM idempotency ORDER BY id LIMIT 3)"
                      "  OR (caller = ?2 AND key = ?3))",
                      "itt", oldest_ms, caller, key);
    if (err)
        return err;
    return sql_run(txn, why,
                   "INSERT INTO idempotency (caller, key, hash, status, body, job_id, made_ms)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, 0), ?7)",
                   "ttbibii", caller, key, (const void *)hash, (size_t)32, (int64_t)status,
                   (const void *)body, len, job_id, txn_now_ms(txn));
}
