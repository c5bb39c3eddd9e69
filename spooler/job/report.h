/* SPDX-License-Identifier: Apache-2.0 */
/* report.h: what became of every label of a job and of every counter of a scope.
 *
 * Reads only, and by runs: a job of a million labels costs what its spans, segments and orders
 * cost. Nothing here is counted twice from one source: runs are laid edge to edge and compared
 * with the quantity, ranges and skips with how far the scope has come.
 *
 * All functions run inside the caller's txn, on any thread. */
#ifndef TEM_JOB_REPORT_H
#define TEM_JOB_REPORT_H

#include "spooler/job/job.h"

#include <jansson.h>

/* ---- a job ------------------------------------------------------------------------------- */

/* Why labels will never be used: one entry a run of labels that one decision made void. */
struct void_note {
    uint64_t first, last;
    enum label_state state, from; /* LABEL_SPOILED or LABEL_UNUSED; what it was before */
    const json_t *event;          /* at, type, by, words; borrows from job_account */
};

/* Start with {0}; job_account_free. */
struct job_account {
    struct job job;
    json_t *events; /* the ledger's, of this job, but those of chunks and scans; oldest first */
    struct void_note *voids; /* by label */
    size_t void_count;
};
#define JOB_ACCOUNT_EVENTS_MAX 100000 /* ERR_TOO_LARGE beyond */

enum err job_account_read(struct txn *txn, int64_t id, struct job_account *out,
                          struct why *why);
void job_account_free(struct job_account *account);

/* Labels first..last that are alike in everything told here. */
struct run {
    uint64_t first, last;
    enum label_state state;
    uint32_t attempt;
    uint32_t reprinted;              /* earlier attempts of each that are on paper */
    const struct void_note *because; /* of spoiled and unused; NULL = no event says */
    const struct segment *const
        *segments; /* one a series field: range_first is label first's */
    size_t segment_count;
};
typedef enum err run_fn(void *arg, const struct run *run, struct why *why);
/* All labels in order. *whole: the runs cover 1..quantity edge to edge, and so do the numbers
 * of each series field. */
enum err job_account_runs(struct txn *txn, const struct job_account *account, run_fn *fn,
                          void *arg, bool *whole, struct why *why);
/* Whether a label in this state is on paper: the printer, a scanner or a person said so. */
bool run_on_paper(enum label_state state);

/* Labels first..last of a job by state. */
enum err job_counts(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                    uint64_t counts[static LABEL_STATE_COUNT], struct why *why);

/* Jobs that were made because a label of this one got a new number. */
typedef enum err replaced_fn(void *arg, uint64_t label, int64_t by_job, struct why *why);
enum err job_replacements(struct txn *txn, int64_t id, replaced_fn *fn, void *arg,
                          struct why *why);

/* ---- a scope of a series ----------------------------------------------------------------- */

enum piece_kind {
    PIECE_RANGE,   /* numbers of a job */
    PIECE_SKIPPED, /* belongs to no job, and somebody said why */
    PIECE_MISSING, /* belongs to no job, and nobody knows why */
    PIECE_DOUBLE,  /* belongs to two jobs: must never be */
    PIECE_KIND_COUNT
};
const char *piece_kind_name(enum piece_kind kind);

/* Counters first..last. */
struct piece {
    enum piece_kind kind;
    uint64_t first, last;
    const char *reason; /* PIECE_SKIPPED */
    int64_t at_ms;      /* accepted, or skipped */
    int64_t job_id;     /* PIECE_RANGE, PIECE_DOUBLE */
    int64_t archive_id; /* of that job; 0 = it is in the store */
    uint64_t first_label;
};
typedef enum err piece_fn(void *arg, const struct piece *piece, struct why *why);

struct period {
    int64_t from_ms, to_ms; /* from <= accepted < to */
    struct bounds *bounds;  /* by scope_id; what period_find() found */
    size_t count;
};
#define PERIOD_ALL_FROM INT64_MIN
#define PERIOD_ALL_TO   INT64_MAX
/* Looks for the jobs of the period, once for all scopes. Free with period_free. */
enum err period_find(struct txn *txn, struct period *period, struct why *why);
void period_free(struct period *period);

/* What a scope gave out in a period. A gap belongs to the period of the job behind it; the one
 * behind the last job to a period that is not over. */
struct scope_account {
    uint64_t first, last; /* counters, gaps included; last < first = nothing */
    uint64_t sums[PIECE_KIND_COUNT];
    uint64_t others; /* between them: of jobs that were accepted outside the period */
    uint64_t ahead;  /* counters on labels that the scope never gave out: must never be */
};
/* Calls fn for each piece in order, after period_find(). ranges + skipped + missing + others -
 * double = last - first
 * + 1. */
enum err scope_account(struct txn *txn, const struct scope_ref *scope,
                       const struct period *period, int64_t now_ms, piece_fn *fn, void *arg,
                       struct scope_account *out, struct why *why);

#endif
