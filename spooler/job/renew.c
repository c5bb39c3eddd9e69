/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/renew.h"

#include "spooler/job/order.h"
#include "spooler/job/span.h"
#include "spooler/ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

#define RENEWED                                                                                \
    "The store was put back from an older copy: labels that were not printed then may be on"   \
    " paper by now. Look which exist, then say `tem resolve JOB --printed RANGE --absent "     \
    "RANGE`"

static enum err next_epoch(struct txn *txn, uint32_t *epoch, struct why *why)
{
    int64_t now = 0;
    enum err err = sql_run(
        txn, why, "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'epoch'", "");
    if (!err)
        err = sql_int(txn, &now, why,
                      "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'epoch'", "");
    *epoch = (uint32_t)now;
    return err;
}

struct job_ids {
    int64_t *list;
    size_t count;
};

static enum err unsure_jobs(struct txn *txn, struct job_ids *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT DISTINCT job_id FROM span WHERE newest = 1"
                             " AND state IN ('reserved','sending') ORDER BY job_id",
                             "");
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        int64_t *list = realloc(out->list, (out->count + 1) * sizeof *list);
        if (!list) {
            err = err_set(why, ERR_NO_MEMORY, "out of memory");
            break;
        }
        out->list = list;
        list[out->count++] = rows_int(rows, 0);
    }
    rows_end(rows);
    return err;
}

static enum err doubt_labels(struct txn *txn, const struct job *job, struct why *why)
{
    json_t *changes = json_array();
    if (!changes)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = span_apply_where(txn, job->id, 1, job->quantity, LABEL_RESERVED, EV_RESTORED,
                                    changes, why);
    if (!err)
        err = span_apply_where(txn, job->id, 1, job->quantity, LABEL_SENDING, EV_RESTORED,
                               changes, why);
    if (err) {
        json_decref(changes);
        return err;
    }
    return job_append_changes(txn, "label.in_doubt", NULL, job->id, 0,
                              "the store was put back from an older copy", changes, why);
}

static enum err renew_job(struct txn *txn, int64_t id, struct renewal *out, struct why *why)
{
    struct job job;
    enum err err = job_get(txn, id, &job, why);
    if (err == ERR_NOT_FOUND) /* staged: swept at recovery */
        return ERR_NONE;
    if (!err)
        err = doubt_labels(txn, &job, why);
    if (!err && job.state == JOB_CANCELLING)
        err = job_set_state(txn, id, JOB_CANCELLED, NULL, NULL, "job.cancelled", NULL, why);
    else if (!err && job.state != JOB_CANCELLED)
        err = job_set_state(txn, id, JOB_HELD, "doubt", RENEWED, "job.held", NULL, why);
    out->jobs++;
    out->labels += (int64_t)(job.counts[LABEL_RESERVED] + job.counts[LABEL_SENDING]);
    return err;
}

enum err job_renew(struct txn *txn, const char *because, json_t *skipped, struct renewal *out,
                   struct why *why)
{
    struct job_ids jobs = {0};
    *out = (struct renewal){0};
    enum err err = next_epoch(txn, &out->epoch, why);
    if (!err)
        err = unsure_jobs(txn, &jobs, why);
    for (size_t i = 0; !err && i < jobs.count; i++)
        err = renew_job(txn, jobs.list[i], out, why);
    free(jobs.list);
    if (!err)
        err = sql_run(
            txn, why,
            "UPDATE chunk SET state = 'settled', settled_ms = ?1 WHERE state = 'sending'", "i",
            txn_now_ms(txn));
    if (!err)
        err = sql_run(
            txn, why,
            "UPDATE reprint SET state = 'cancelled' WHERE state IN ('waiting','open')", "");
    if (!err)
        out->reprints = sql_changes(txn);
    json_t *members =
        err ? NULL
            : json_pack("{ss sI sI sI sI sO}", "because", because, "epoch",
                        (json_int_t)out->epoch, "jobs", (json_int_t)out->jobs,
                        "labels_in_doubt", (json_int_t)out->labels, "reprints_cancelled",
                        (json_int_t)out->reprints, "skipped", skipped);
    if (!err)
        err = members ? ledger_append(txn, "store.renewed", NULL, members, NULL, why)
                      : err_set(why, ERR_NO_MEMORY, "out of memory");
    /* Checkpoints up to here have their witness aside (witness.h). */
    if (!err)
        err = sql_run(txn, why,
                      "INSERT OR REPLACE INTO meta (key, value)"
                      " SELECT 'renewed_size', max(seq) FROM event",
                      "");
    return err;
}
