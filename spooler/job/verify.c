/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/verify.h"

#include "spooler/job/archived.h"
#include "spooler/job/order.h"
#include "spooler/job/span.h"
#include "spooler/ledger/ledger.h"

const char *verify_result_name(enum verify_result result)
{
    static const char *const names[] = {[VERIFY_DONE] = "verified",
                                        [VERIFY_DUPLICATE] = "duplicate",
                                        [VERIFY_VOID] = "void",
                                        [VERIFY_NOT_PRINTED] = "not_printed",
                                        [VERIFY_IN_DOUBT] = "in_doubt"};
    return names[result];
}

/* The label behind the one verified last, which a line that keeps its order would read now. */
static enum err expected_label(struct txn *txn, const struct job *job, uint64_t *out,
                               struct why *why)
{
    int64_t last = 0;
    enum err err =
        sql_int(txn, &last, why, "SELECT verified_last FROM job WHERE id = ?1", "i", job->id);
    if (!err)
        *out = last && (uint64_t)last < job->quantity ? (uint64_t)last + 1 : 0;
    return err;
}

static enum err mark_verified(struct txn *txn, int64_t job_id, uint64_t label,
                              const char *station, struct why *why)
{
    json_t *changes = json_array();
    if (!changes)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = span_apply(txn, job_id, label, label, EV_VERIFY, 0, changes, why);
    if (err) {
        json_decref(changes);
        return err;
    }
    err = job_append_changes(txn, "label.verified", station, job_id, 0, NULL, changes, why);
    if (!err)
        err = sql_run(txn, why, "UPDATE job SET verified_last = ?2 WHERE id = ?1", "ii", job_id,
                      (int64_t)label);
    return err ? err : job_follow(txn, job_id, why);
}

enum err label_verify(struct txn *txn, int64_t job_id, uint64_t label, const char *station,
                      struct verify_answer *out, struct why *why)
{
    static const enum verify_result results[LABEL_STATE_COUNT] = {
        [LABEL_RESERVED] = VERIFY_NOT_PRINTED,
        [LABEL_SENDING] = VERIFY_NOT_PRINTED,
        [LABEL_SENT] = VERIFY_DONE,
        [LABEL_PRINTED] = VERIFY_DONE,
        [LABEL_VERIFIED] = VERIFY_DUPLICATE,
        [LABEL_IN_DOUBT] = VERIFY_DONE,
        [LABEL_SPOILED] = VERIFY_VOID,
        [LABEL_UNUSED] = VERIFY_VOID,
    };
    struct job job;
    struct span_list spans = {0};
    struct verify_answer answer = {.result = VERIFY_VOID};
    enum err err = job_get(txn, job_id, &job, why);
    if (!err)
        err = archive_refuse(txn, job_id, why);
    if (!err)
        err = span_load(txn, job_id, label, label, &spans, why);
    if (!err && spans.count != 1)
        err = err_set(why, ERR_NOT_FOUND, "job %lld has no label %llu", (long long)job_id,
                      (unsigned long long)label);
    if (!err) {
        answer.state = spans.list[0].state;
        answer.result = results[answer.state];
        if (answer.state == LABEL_IN_DOUBT && job.pieces > 1)
            answer.result = VERIFY_IN_DOUBT;
        err = expected_label(txn, &job, &answer.expected, why);
    }
    if (!err && answer.result == VERIFY_DONE) {
        err = mark_verified(txn, job_id, label, station, why);
        answer.state = LABEL_VERIFIED;
    }
    span_list_free(&spans);
    if (!err)
        *out = answer;
    return err;
}
