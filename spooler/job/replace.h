/* SPDX-License-Identifier: Apache-2.0 */
/* replace.h: a damaged label gets a new number: it is void, and a job of one label takes its
 * place.
 *
 * Both in the caller's txn, so that there is never a void label that nobody replaces, nor two
 * good ones. The new job has the old one's template version and the label's own row of data;
 * who replaces whom is in job.replaces and in the event "label.replaced". */
#ifndef TEM_JOB_REPLACE_H
#define TEM_JOB_REPLACE_H

#include "spooler/job/job.h"

/* Strings are borrowed. */
struct replacement {
    int64_t job_id;
    uint64_t label;
    size_t field_count;  /* of the job's template */
    const char *printer; /* NULL = the job's */
    const char *reason;  /* one of the configured words; whoever calls checks it */
    const char *words;   /* what was seen, or NULL */
    const char *by;
    const char *caller; /* who is authenticated */
    uint32_t limit;     /* most new numbers in one label's place; 0 = no limit */
};
/* Whether a label can be replaced: ERR_STATE, ERR_INPUT as below. */
enum err replace_check(struct txn *txn, int64_t job_id, uint64_t label, uint32_t limit,
                       struct why *why);
/* ERR_STATE: the label is not on paper, its job is being cancelled, or it is the last that the
 * template allows in its place. ERR_INPUT: no such
 * label. ERR_EXHAUSTED, ERR_NOT_FOUND: its series has no number for it. Nothing changed then.
 */
enum err label_replace(struct txn *txn, struct registry *registry,
                       const struct replacement *replacement, int64_t *new_job,
                       struct why *why);
/* The same for an order that was just approved, which is done then. *new_job 0: the order is
 * for the same number, and stays as it is. */
enum err replace_ordered(struct txn *txn, struct registry *registry, int64_t reprint_id,
                         int64_t *new_job, struct why *why);

#endif
