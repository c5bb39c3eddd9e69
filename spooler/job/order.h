/* SPDX-License-Identifier: Apache-2.0 */
/* order.h: what the files of job/ share; inside job/ only. */
#ifndef TEM_JOB_ORDER_H
#define TEM_JOB_ORDER_H

#include "spooler/job/job.h"

/* job_get but for the counts, which stay 0. */
enum err job_head(struct txn *txn, int64_t id, struct job *out, struct why *why);
/* Brings a job's own state up to date after its labels' changed: a cancelling job with nothing
 * sending ends; an open one whose labels all have the evidence that closes it is closed; one
 * held for doubt, with none left, is open. */
enum err job_follow(struct txn *txn, int64_t id, struct why *why);
/* Sets state and hold words (`text` without `reason` is for the event only), and appends event
 * `type`. */
enum err job_set_state(struct txn *txn, int64_t id, enum job_state state, const char *reason,
                       const char *text, const char *type, const char *by, struct why *why);
/* Appends an event about labels of a job: takes `changes`. Nothing when it is empty. */
enum err job_append_changes(struct txn *txn, const char *type, const char *by, int64_t id,
                            int64_t chunk_id, const char *words, json_t *changes,
                            struct why *why);
/* What is reserved is unused for good: event "label.unused". */
enum err job_drop_reserved(struct txn *txn, const struct job *job, const char *by,
                           struct why *why);

#endif
