/* SPDX-License-Identifier: Apache-2.0 */
/* reprint.h: a number on a second label, because a named person ordered it.
 *
 * An order names labels of one job that are on paper (printed or verified). They stay what they
 * are until a chunk of the order is sent: then their next attempt is "sending", and the one
 * before stays on record. A further attempt that is not on paper (its token was withdrawn, the
 * journal ends before it, a person says so) gives the label back the state it had. An order is
 * sent through chunk_next() like anything else, before ordinary labels; never while its job is
 * held.
 *
 * All functions run inside the caller's txn; strings out are copies. */
#ifndef TEM_JOB_REPRINT_H
#define TEM_JOB_REPRINT_H

#include "spooler/job/job.h"

#define REPRINT_LABELS_MAX 1000 /* of one order: more is no damage but a job */

/* waiting: for a second person; open: to be sent, or being sent. */
#define REPRINT_STATE_MAP(X)                                                                   \
    X(REPRINT_WAITING, "waiting")                                                              \
    X(REPRINT_OPEN, "open")                                                                    \
    X(REPRINT_DONE, "done")                                                                    \
    X(REPRINT_CANCELLED, "cancelled")
enum reprint_state {
#define X(code, name) code,
    REPRINT_STATE_MAP(X)
#undef X
        REPRINT_STATE_COUNT
};
const char *reprint_state_name(enum reprint_state state);

struct reprint_dots; /* reprint-dots.h */

struct reprint_new {
    int64_t job_id;
    uint64_t first, last;
    const char *printer; /* NULL = the job's */
    const char *reason;  /* one of the configured words; whoever calls checks it */
    const char *words;   /* what was seen, or NULL */
    const char *by;
    bool needs_approval;             /* the template asks for two people */
    uint32_t limit;                  /* most further attempts of a label; 0 = no limit */
    const struct reprint_dots *dots; /* as they were compared; NULL = nobody compared them */
    bool other_dots;    /* `by` accepts that they are not, or may not be, those printed */
    size_t new_fields;  /* of an order for a new number (replace.h): the template's fields; 0 =
                           for the same one */
    const char *caller; /* of an order for a new number: who is authenticated */
};
/* Event "reprint.ordered". ERR_STATE: a label is not on paper, is being reprinted already, or
 * has been often enough; ERR_DOTS: its dots are not known to be those that were printed, and
 * nobody accepted that; ERR_BUSY: labels changed since they were compared. Nothing changed.
 * ERR_INPUT: no such labels. */
enum err reprint_order(struct txn *txn, const struct reprint_new *order, int64_t *id,
                       struct why *why);
/* A second person agrees: `by` must not be who ordered it (ERR_DENIED). Event
 * "reprint.approved". An order for a new number is to be followed by replace_ordered() in the
 * same txn. */
enum err reprint_approve(struct txn *txn, int64_t id, const char *by, struct why *why);
/* What is not sent yet stays as it is. Event "reprint.cancelled". */
enum err reprint_cancel(struct txn *txn, int64_t id, const char *by, struct why *why);

/* The same because of what happened outside: `words` say what. ERR_STATE: it is over. */
enum err reprint_stop(struct txn *txn, int64_t id, const char *words, struct why *why);

struct reprint {
    int64_t id, job_id;
    uint64_t first, last;
    uint64_t next; /* labels before it were sent */
    enum reprint_state state;
    char printer[JOB_TEXT], reason[JOB_TEXT], words[JOB_WORDS];
    char by[JOB_TEXT], approved_by[JOB_TEXT]; /* "" = nobody */
    size_t new_fields;                        /* as in reprint_new */
    char caller[JOB_TEXT];
    int64_t by_job;        /* that replaced the label; 0 = none */
    char ended[JOB_WORDS]; /* why Tem itself cancelled it; "" = it did not */
    char dots[16]; /* dots_verdict_name() when it was ordered; "" = they were not looked at */
    int64_t ordered_ms;
};
typedef enum err reprint_fn(void *arg, const struct reprint *reprint, struct why *why);
enum err reprint_get(struct txn *txn, int64_t id, struct reprint *out, struct why *why);
/* Newest first; job_id 0 = of all jobs; `open` = waiting and open ones only. */
enum err reprint_list(struct txn *txn, int64_t job_id, bool open, size_t limit, reprint_fn *fn,
                      void *arg, struct why *why);

/* ---- inside job/ ---------------------------------------------------------------------------
 */

struct chunk;
/* The next slice of an order for this printer. ERR_NOT_FOUND: none. */
enum err reprint_next(struct txn *txn, const char *printer, uint32_t max_impressions,
                      struct chunk *out, struct why *why);
/* In the commit that sends a chunk of an order: ERR_STATE when the order is no longer open. */
enum err reprint_sending(struct txn *txn, const struct chunk *chunk, struct why *why);
/* Labels from `label` on came back: they are to be sent again. */
enum err reprint_rewind(struct txn *txn, int64_t id, uint64_t label, struct why *why);
/* A person says that these further attempts do not exist: an order of its own for them. */
enum err reprint_again(struct txn *txn, int64_t job_id, uint64_t first, uint64_t last,
                       const char *by, struct why *why);
/* Ends orders of a job of which nothing is left to send. */
enum err reprint_follow(struct txn *txn, int64_t job_id, struct why *why);

#endif
