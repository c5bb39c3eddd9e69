/* SPDX-License-Identifier: Apache-2.0 */
/* span.h: moving runs of labels along the transition table; inside job/ only. */
#ifndef TEM_JOB_SPAN_H
#define TEM_JOB_SPAN_H

#include "spooler/job/job.h"

/* Runs of labels that went back; start with {0}, free `list`. */
struct ranges {
    struct {
        uint64_t first, last;
    } * list;
    size_t count;
};

/* Applies `event` to labels first..last: each must have a row for it in its state, else
 * ERR_STATE and nothing is changed (the caller's savepoint rolls back). Spans are split and
 * merged so that equal neighbours are one row. `chunk_id` marks labels that become "sending", 0
 * otherwise. Each run is appended to the array `changes` for the ledger:
 * {first,last,from,to,attempt}. */
enum err span_apply(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                    enum label_event event, int64_t chunk_id, json_t *changes, struct why *why);
/* As span_apply, on those of the labels only that are in `from`. */
enum err span_apply_where(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                          enum label_state from, enum label_event event, json_t *changes,
                          struct why *why);
/* As span_apply, but labels whose attempt repeats one that is on paper (a reprint) go back to
 * that one's state instead: the reprint does not exist, the label does. */
enum err span_apply_or_back(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                            enum label_event event, struct ranges *back, json_t *changes,
                            struct why *why);
/* Labels of a job by state; ERR_CORRUPT when they do not add up to `quantity` (promise 6). */
enum err span_counts(struct txn *txn, int64_t job_id, uint64_t quantity,
                     uint64_t counts[static LABEL_STATE_COUNT], struct why *why);

/* Spans read whole, for walking while rows change. */
struct span_list {
    struct span *list;
    int64_t *chunk_ids;
    size_t count;
};
enum err span_load(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                   struct span_list *out, struct why *why);
void span_list_free(struct span_list *list);

#endif
