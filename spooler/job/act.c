/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/job.h"
#include "spooler/job/order.h"
#include "spooler/job/reprint.h"
#include "spooler/job/span.h"
#include "spooler/ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

enum err job_append_changes(struct txn *txn, const char *type, const char *by, int64_t id,
                            int64_t chunk_id, const char *words, json_t *changes,
                            struct why *why)
{
    if (json_array_size(changes) == 0) {
        json_decref(changes);
        return ERR_NONE;
    }
    json_t *members = json_pack("{sI so}", "job", (json_int_t)id, "changes", changes);
    if (!members)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    if ((chunk_id && json_object_set_new(members, "chunk", json_integer(chunk_id)) != 0) ||
        (words && json_object_set_new(members, "words", json_string(words)) != 0)) {
        json_decref(members);
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    return ledger_append(txn, type, by, members, NULL, why);
}

enum err job_set_state(struct txn *txn, int64_t id, enum job_state state, const char *reason,
                       const char *text, const char *type, const char *by, struct why *why)
{
    enum err err = sql_run(txn, why,
                           "UPDATE job SET state = ?2, hold_reason = ?3, hold_text = ?4"
                           " WHERE id = ?1",
                           "ittt", id, job_state_name(state), reason, reason ? text : NULL);
    if (err)
        return err;
    json_t *members = reason ? json_pack("{sI ss ss?}", "job", (json_int_t)id, "reason", reason,
                                         "words", text)
                             : json_pack("{sI ss*}", "job", (json_int_t)id, "words", text);
    return members ? ledger_append(txn, type, by, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* Labels that still want something before the template's `close` is reached. */
static uint64_t open_labels(const struct job *job)
{
    uint64_t open =
        job->counts[LABEL_RESERVED] + job->counts[LABEL_SENDING] + job->counts[LABEL_IN_DOUBT];
    if (strcmp(job->close_at, "sent") != 0)
        open += job->counts[LABEL_SENT];
    if (strcmp(job->close_at, "verified") == 0)
        open += job->counts[LABEL_PRINTED];
    return open;
}

/* A sample is looked at and thrown away: what of it is on paper counts as spoiled. */
static enum err spoil_sample(struct txn *txn, struct job *job, struct why *why)
{
    static const enum label_state states[] = {LABEL_PRINTED, LABEL_SENT};
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < 2; i++) {
        if (!job->sample || !job->counts[states[i]])
            continue;
        json_t *changes = json_array();
        if (!changes)
            return err_set(why, ERR_NO_MEMORY, "out of memory");
        err = span_apply_where(txn, job->id, 1, job->quantity, states[i], EV_SAMPLED, changes,
                               why);
        if (err)
            json_decref(changes);
        else
            err =
                job_append_changes(txn, "label.sampled", NULL, job->id, 0, NULL, changes, why);
        job->counts[LABEL_SPOILED] += job->counts[states[i]];
        job->counts[states[i]] = 0;
    }
    return err;
}

enum err job_follow(struct txn *txn, int64_t id, struct why *why)
{
    struct job job;
    enum err err = reprint_follow(txn, id, why);
    if (!err)
        err = job_get(txn, id, &job, why);
    if (!err)
        err = spoil_sample(txn, &job, why);
    if (err)
        return err;
    if (job.state == JOB_CANCELLING)
        return job.counts[LABEL_SENDING] > 0 ? ERR_NONE
                                             : job_set_state(txn, id, JOB_CANCELLED, NULL, NULL,
                                                             "job.cancelled", NULL, why);
    bool doubt_over = job.state == JOB_HELD && strcmp(job.hold_reason, "doubt") == 0 &&
                      job.counts[LABEL_IN_DOUBT] == 0;
    if (doubt_over)
        err = job_set_state(txn, id, JOB_OPEN, NULL, NULL, "job.resumed", NULL, why);
    bool active = job.state == JOB_OPEN || job.state == JOB_HELD;
    if (!err && active && open_labels(&job) == 0)
        err = job_set_state(txn, id, JOB_CLOSED, NULL, NULL, "job.closed", NULL, why);
    return err;
}

enum err job_drop_reserved(struct txn *txn, const struct job *job, const char *by,
                           struct why *why)
{
    json_t *changes = json_array();
    if (!changes)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = span_apply_where(txn, job->id, 1, job->quantity, LABEL_RESERVED, EV_CANCEL,
                                    changes, why);
    if (!err)
        return job_append_changes(txn, "label.unused", by, job->id, 0, NULL, changes, why);
    json_decref(changes);
    return err;
}

static enum err refuse(const struct job *job, const char *what, const char *possible,
                       struct why *why)
{
    return err_set(why, ERR_STATE, "job %lld is %s: it cannot be %s%s%s", (long long)job->id,
                   job_state_name(job->state), what, *possible ? "; " : "", possible);
}

enum err job_hold(struct txn *txn, int64_t id, const char *by, const char *reason,
                  const char *text, struct why *why)
{
    struct job job;
    enum err err = job_get(txn, id, &job, why);
    if (!err && job.state == JOB_HELD)
        return ERR_NONE; /* the first reason stays: it names what has to be mended */
    if (!err && job.state != JOB_OPEN)
        err = refuse(&job, "held", "only open jobs can be", why);
    if (!err)
        err = job_set_state(txn, id, JOB_HELD, reason, text, "job.held", by, why);
    return err;
}

enum err job_release(struct txn *txn, int64_t id, const char *by, struct why *why)
{
    struct job job;
    enum err err = job_get(txn, id, &job, why);
    if (!err && job.state == JOB_OPEN)
        return ERR_NONE;
    if (!err && job.state != JOB_HELD)
        err = refuse(&job, "released", "only held jobs can be", why);
    if (!err && job.counts[LABEL_IN_DOUBT] > 0 && strcmp(job.on_doubt, "hold") == 0)
        err = err_set(why, ERR_STATE,
                      "job %lld has %llu labels in doubt: look at the roll, then say"
                      " `tem resolve %lld --last-good NUMBER`",
                      (long long)id, (unsigned long long)job.counts[LABEL_IN_DOUBT],
                      (long long)id);
    if (!err)
        err = job_set_state(txn, id, JOB_OPEN, NULL, NULL, "job.released", by, why);
    return err ? err : job_follow(txn, id, why);
}

enum err job_cancel(struct txn *txn, int64_t id, const char *by, const char *words,
                    struct why *why)
{
    struct job job;
    enum err err = job_get(txn, id, &job, why);
    if (!err && (job.state == JOB_CANCELLING || job.state == JOB_CANCELLED))
        return ERR_NONE;
    if (!err && job.state == JOB_CLOSED)
        err = refuse(&job, "cancelled", "all of its labels are accounted for", why);
    if (err)
        return err;
    err = job_set_state(txn, id, JOB_CANCELLING, NULL, words, "job.cancelling", by, why);
    if (!err)
        err = job_drop_reserved(txn, &job, by, why);
    return err ? err : job_follow(txn, id, why);
}

static enum err decide(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                       enum decision decision, const char *by, const char *note,
                       struct why *why)
{
    static const enum label_event events[] = {
        [DECISION_PRINTED] = EV_PERSON_PRINTED,
        [DECISION_SPOILED] = EV_PERSON_SPOILED,
        [DECISION_ABSENT] = EV_PERSON_ABSENT,
        [DECISION_DOUBT] = EV_PERSON_DOUBTS,
    };
    struct ranges back = {0};
    json_t *changes = json_array();
    if (!changes)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err =
        decision == DECISION_ABSENT
            ? span_apply_or_back(txn, id, first, last, events[decision], &back, changes, why)
            : span_apply(txn, id, first, last, events[decision], 0, changes, why);
    if (!err)
        err = job_append_changes(txn, "label.resolved", by, id, 0, note, changes, why);
    else
        json_decref(changes);
    /* The reprint that does not exist is still wanted. */
    for (size_t i = 0; !err && i < back.count; i++)
        err = reprint_again(txn, id, back.list[i].first, back.list[i].last, by, why);
    free(back.list);
    return err;
}

/* Doubt of a cancelled job ends it differently: what a person calls absent is never printed. */
static enum err after_decision(struct txn *txn, const struct job *job, const char *by,
                               struct why *why)
{
    if (job->state != JOB_CANCELLED && job->state != JOB_CANCELLING)
        return job_follow(txn, job->id, why);
    enum err err = job_drop_reserved(txn, job, by, why);
    return err ? err : job_follow(txn, job->id, why);
}

/* A job that was over is not, when what was known of its labels is contradicted. */
static enum err reopen(struct txn *txn, const struct job *job, const char *by, struct why *why)
{
    char text[JOB_WORDS];
    if (job->state != JOB_CLOSED && job->state != JOB_OPEN)
        return ERR_NONE;
    if (strcmp(job->on_doubt, "hold") != 0)
        return job->state == JOB_OPEN
                   ? ERR_NONE
                   : job_set_state(txn, job->id, JOB_OPEN, NULL, NULL, "job.reopened", by, why);
    snprintf(text, sizeof text,
             "What was known of labels is contradicted. Look at them and decide:"
             " `tem resolve %lld --printed RANGE`, --spoiled or --absent.",
             (long long)job->id);
    return job_set_state(txn, job->id, JOB_HELD, "doubt", text, "job.held", by, why);
}

enum err job_resolve(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                     enum decision decision, const char *by, const char *note, struct why *why)
{
    struct job job;
    enum err err = job_get(txn, id, &job, why);
    if (!err && (first < 1 || first > last || last > job.quantity))
        err = err_set(why, ERR_INPUT, "labels %llu to %llu: job %lld has labels 1 to %llu",
                      (unsigned long long)first, (unsigned long long)last, (long long)id,
                      (unsigned long long)job.quantity);
    if (!err && job.state == JOB_CLOSED && decision == DECISION_ABSENT)
        err = refuse(&job, "printed again", "reprint its labels instead", why);
    if (!err)
        err = decide(txn, id, first, last, decision, by, note, why);
    if (!err && decision == DECISION_DOUBT)
        return reopen(txn, &job, by, why);
    return err ? err : after_decision(txn, &job, by, why);
}

enum err job_resolve_last_good(struct txn *txn, int64_t id, uint64_t label, const char *by,
                               const char *note, struct why *why)
{
    struct job job;
    enum err err = job_get(txn, id, &job, why);
    if (err)
        return err;
    if (label > job.quantity)
        return err_set(why, ERR_INPUT, "label %llu: job %lld has labels 1 to %llu",
                       (unsigned long long)label, (long long)id,
                       (unsigned long long)job.quantity);
    /* The run of doubt that holds the label, or else the one that starts right behind it. A run
     * next to it is another chunk's, with a gap of its own on the roll. */
    struct span_list spans = {0};
    err = span_load(txn, id, 1, job.quantity, &spans, why);
    uint64_t first = 0, last = 0;
    for (size_t i = 0; !err && i < spans.count; i++) {
        const struct span *span = &spans.list[i];
        if (span->state == LABEL_IN_DOUBT && last == 0 && span->last >= label &&
            span->first <= label + 1) {
            first = span->first;
            last = span->last;
        }
    }
    span_list_free(&spans);
    if (!err && last == 0)
        err = err_set(why, ERR_STATE,
                      "label %llu of job %lld is neither in doubt nor right before a label in"
                      " doubt; decide ranges instead (--printed, --spoiled, --absent)",
                      (unsigned long long)label, (long long)id);
    if (!err && label >= first)
        err = decide(txn, id, first, label, DECISION_PRINTED, by, note, why);
    if (!err && label < last)
        err = decide(txn, id, label + 1 > first ? label + 1 : first, last, DECISION_ABSENT, by,
                     note, why);
    return err ? err : after_decision(txn, &job, by, why);
}
