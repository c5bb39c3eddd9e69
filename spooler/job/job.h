/* SPDX-License-Identifier: Apache-2.0 */
/* job.h: one accepted request, its segments, and the state of its labels.
 *
 * States live as spans (job, attempt, first, last, state), never as a row a label. For every
 * label the newest attempt has exactly one state, and the states of a job add up to its
 * quantity (promise 6); whoever writes a span writes its ledger event in the same transaction
 * (promise 7). Labels count from 1. All functions run inside the caller's txn; strings out are
 * copies. */
#ifndef TEM_JOB_JOB_H
#define TEM_JOB_JOB_H

#include "spooler/job/state.h"
#include "spooler/registry/registry.h"
#include "spooler/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOB_MAX_QUANTITY UINT64_C(1000000000)
#define JOB_TEXT         128 /* bytes of printer, template, person, caller with NUL */
#define JOB_WORDS        512

enum job_state { JOB_STAGED, JOB_OPEN, JOB_HELD, JOB_CANCELLING, JOB_CANCELLED, JOB_CLOSED };
const char *job_state_name(enum job_state state);

/* ---- acceptance ------------------------------------------------------------ */

/* Strings are borrowed. */
struct job_new {
    const uint8_t *template_hash; /* 32 bytes */
    const char *template_name;
    const void *template_body; /* kept under its hash when it is not there yet */
    size_t template_len;
    uint32_t pieces;
    const char *close_at; /* "sent" | "printed" | "verified" */
    const char *on_doubt; /* "hold" | "continue" */
    const char *printer;
    const char *caller;    /* who is authenticated: "unix:anna", "http:loopback" */
    const char *person;    /* who asked, or NULL */
    const char *reference; /* the caller's own order number, or NULL */
    int32_t utc_offset_min;
    bool sample;      /* its labels count as spoiled once they are printed */
    int64_t replaces; /* the job whose label this one has a new number for; 0 = none */
    uint64_t replaces_label;
};

/* A job that is not accepted yet. It is invisible, prints nothing, and is swept at the next
 * start when it never is accepted. */
enum err job_stage(struct txn *txn, const struct job_new *new_job, int64_t *id,
                   struct why *why);
/* A page of its rows (rows.h). */
enum err job_stage_page(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                        const void *page, size_t len, struct why *why);
enum err job_unstage(struct txn *txn, int64_t id, struct why *why);
/* Removes all staged jobs; at start. *swept may be NULL. */
enum err job_sweep(struct txn *txn, int64_t *swept, struct why *why);

/* Labels first..last of a series field take their numbers from `series` in `scope`. */
struct segment_plan {
    size_t field; /* index in the template */
    uint64_t first, last;
    const char *series;
    const char *scope;
};

/* Reserves the numbers of every plan (one range a (series, scope), handed to its plans in label
 * order), makes the segments, the span and the ledger event "job.accepted"; the job is open.
 * ERR_EXHAUSTED and all else: nothing changed but the staging. */
enum err job_accept(struct txn *txn, struct registry *registry, int64_t id, uint64_t quantity,
                    const struct segment_plan *plans, size_t plan_count, struct why *why);

/* A job as people see it. */
struct job {
    int64_t id;
    enum job_state state;
    uint8_t template_hash[32];
    char template_name[JOB_TEXT];
    char printer[JOB_TEXT];
    char caller[JOB_TEXT];
    char person[JOB_TEXT];    /* "" = none */
    char reference[JOB_TEXT]; /* "" = none */
    char close_at[16], on_doubt[16];
    uint32_t pieces;
    uint64_t quantity;
    int64_t accepted_ms;
    int32_t utc_offset_min;
    bool sample;
    int64_t replaces; /* 0 = none */
    uint64_t replaces_label;
    int64_t archive_id;        /* archived.h; 0 = none */
    char hold_reason[32];      /* "" = not held: person | doubt | cups | printer | drawing */
    char hold_text[JOB_WORDS]; /* why, and what to do */
    uint64_t counts[LABEL_STATE_COUNT];
};

/* job_stage, one page and job_accept in one, for a job whose rows are all at hand: a row is
 * written once. *out is what job_get would say of it. */
enum err job_accept_at_once(struct txn *txn, struct registry *registry,
                            const struct job_new *new_job, const void *page, size_t page_len,
                            uint64_t quantity, const struct segment_plan *plans,
                            size_t plan_count, struct job *out, struct why *why);

/* ---- idempotency (promise 8) -------------------------------------------------- */

/* ERR_NONE: an answer was kept for this caller and key: *status and `body` (appended).
 * ERR_NOT_FOUND: none since `oldest_ms`. ERR_CONFLICT: kept for another request. */
enum err idempotency_find(struct txn *txn, const char *caller, const char *key,
                          const uint8_t hash[static 32], int64_t oldest_ms, int *status,
                          struct buf *body, struct why *why);
/* Those that were kept before `oldest_ms` (0 = none) are forgotten meanwhile: the one under
 * this key, and a few others, so that their number follows the requests of that long. */
enum err idempotency_keep(struct txn *txn, const char *caller, const char *key,
                          const uint8_t hash[static 32], int64_t oldest_ms, int status,
                          const char *body, size_t len, int64_t job_id, struct why *why);

/* ---- looking ------------------------------------------------------------------- */

/* ERR_NOT_FOUND for staged jobs, too. */
enum err job_get(struct txn *txn, int64_t id, struct job *out, struct why *why);
/* The body of a template version that a job used (all that it consists of), appended to `body`.
 * ERR_NOT_FOUND. */
enum err job_template(struct txn *txn, const uint8_t hash[static 32], struct buf *body,
                      struct why *why);
typedef enum err job_fn(void *arg, const struct job *job, struct why *why);
/* Accepted jobs with id < before (0 = from the newest), newest first, at most `limit`. */
enum err job_list(struct txn *txn, int64_t before, size_t limit, job_fn *fn, void *arg,
                  struct why *why);

struct span {
    uint64_t first, last;
    uint32_t attempt;
    enum label_state state;
};
typedef enum err span_fn(void *arg, const struct span *span, struct why *why);
/* The newest spans of a job that touch labels first..last, in order, cut to them. */
enum err job_spans(struct txn *txn, int64_t id, uint64_t first, uint64_t last, span_fn *fn,
                   void *arg, struct why *why);

struct segment {
    size_t field;
    uint64_t first, last;
    int64_t scope_id;
    uint64_t range_first;
};
typedef enum err segment_fn(void *arg, const struct segment *segment, struct why *why);
/* Segments that touch labels first..last, by field, then label, cut to them. */
enum err job_segments(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                      segment_fn *fn, void *arg, struct why *why);

/* The label that has this number, O(log n). ERR_NOT_FOUND. */
struct label_place {
    int64_t job_id;
    uint64_t label;
    size_t field;
    uint32_t attempt;
    enum label_state state;
};
enum err label_find(struct txn *txn, const struct number_place *number, struct label_place *out,
                    struct why *why);
/* All of a job's numbers for one label, one a series field: fn is called with each. */
typedef enum err number_fn(void *arg, size_t field, const char *series, const char *scope,
                           const char *number, struct why *why);
enum err label_numbers(struct txn *txn, struct registry *registry, int64_t job_id,
                       uint64_t label, number_fn *fn, void *arg, struct why *why);

/* ---- people's orders ------------------------------------------------------------ */

/* `by` is a named person; each writes its event. ERR_STATE says what the job is in and what is
 * possible. A reason of hold: see struct job. */
enum err job_hold(struct txn *txn, int64_t id, const char *by, const char *reason,
                  const char *text, struct why *why);
enum err job_release(struct txn *txn, int64_t id, const char *by, struct why *why);
/* Labels that are reserved become unused at once; what is being sent is settled first (the
 * pipeline sees JOB_CANCELLING), and the job is JOB_CANCELLED when nothing is sending. `words`
 * say why; NULL = nobody said. */
enum err job_cancel(struct txn *txn, int64_t id, const char *by, const char *words,
                    struct why *why);

enum decision { DECISION_PRINTED, DECISION_SPOILED, DECISION_ABSENT, DECISION_DOUBT };
/* Decides labels first..last, each of which must be in a state that a person may decide from
 * (state.h: in doubt or sent; SPOILED from printed as well). ABSENT: "it does not exist":
 * reserved again under the next attempt (a reprint: what the attempt before was, and a new
 * order for it). DOUBT: what was known is contradicted. When no doubt is left a job held for
 * doubt is open again. */
enum err job_resolve(struct txn *txn, int64_t id, uint64_t first, uint64_t last,
                     enum decision decision, const char *by, const char *note, struct why *why);
/* `label` is the last good one on the roll: it is in doubt itself or stands directly before a
 * run of labels in doubt. Of that run, labels up to it are printed, those after it are absent.
 */
enum err job_resolve_last_good(struct txn *txn, int64_t id, uint64_t label, const char *by,
                               const char *note, struct why *why);

#endif
