/* SPDX-License-Identifier: Apache-2.0 */
/* chunk.h: a slice of a job on its way through one CUPS job.
 *
 * chunk_next (read) -> [draw it] -> chunk_send (commits "sending", promise 3) -> [token, CUPS,
 * journal] -> chunk_confirm as the printer counts -> chunk_settle. Chunk ids are never used
 * again: they are taken in blocks that are committed before the first of them is used. */
#ifndef TEM_JOB_CHUNK_H
#define TEM_JOB_CHUNK_H

#include "spooler/base/hash.h"
#include "spooler/job/job.h"

struct chunk {
    int64_t id;
    int64_t job_id;
    uint32_t attempt;
    uint64_t first, last; /* labels */
    uint32_t impressions; /* labels * pieces */
    uint64_t confirmed;   /* labels of it that are printed so far */
    uint32_t epoch;
    int64_t reprint_id;         /* the order that it belongs to (reprint.h); 0 = none */
    bool has_dots;              /* it was drawn: */
    uint8_t dots[SHA256_BYTES]; /* RFC 6962 root over the dots of its drawings (identity.h) */
    char printer[JOB_TEXT];
};

/* The first of `count` new ids. */
enum err chunk_take_ids(struct txn *txn, uint32_t count, int64_t *first, struct why *why);

/* The next slice for a printer: of its oldest reprint order; else of its oldest open job that
 * has reserved labels, the first run of one attempt, at most `max_impressions`. Fills all but
 * id. ERR_NOT_FOUND: nothing to do. */
enum err chunk_next(struct txn *txn, const char *printer, uint32_t max_impressions,
                    struct chunk *out, struct why *why);
/* reserved (of a reprint: printed or verified) -> sending, and the "sending" event with the
 * root over the labels' identities, and that over their dots where it has them. ERR_STATE: job
 * or order is no longer open (nothing changed). */
enum err chunk_send(struct txn *txn, const struct chunk *chunk, const uint8_t root[static 32],
                    struct why *why);
/* Labels of the chunk up to `labels` (counted from its first) are printed. */
enum err chunk_confirm(struct txn *txn, int64_t chunk_id, uint64_t labels, struct why *why);

/* What became of it, in impressions from the first. Rests on journal or token only. */
struct chunk_outcome {
    bool withdrawn;   /* token never released or revoked unused: nothing was sent */
    bool lost;        /* no evidence at all: everything not confirmed is in doubt */
    bool no_evidence; /* printer without evidence; what was sent is "sent" if ended_clean */
    bool ended_clean;
    uint32_t sent;      /* impressions journalled as sent */
    uint32_t confirmed; /* impressions confirmed */
    uint64_t device;    /* which device it was, as a mark; 0 = not known */
    const char *words;  /* for people: what happened, or NULL */
};
/* Settles a chunk: confirmed -> printed, sent but not confirmed -> in doubt (or sent), the rest
 * -> reserved under the next attempt (same attempt when withdrawn; of a reprint: back to what
 * the attempt before was). Holds the job for doubt unless its template says continue; ends a
 * job that is cancelling; closes one that is complete. */
enum err chunk_settle(struct txn *txn, int64_t chunk_id, const struct chunk_outcome *outcome,
                      struct why *why);

/* Whether a chunk is still wanted, said as its job's state (*job is filled as by job_get):
 * JOB_OPEN yes, JOB_CANCELLING stop it, anything else not to be started. A reprint goes by its
 * order. */
enum err chunk_job(struct txn *txn, const struct chunk *chunk, struct job *out,
                   struct why *why);
/* Somebody's order elsewhere (CUPS) about a chunk: holds its job; a reprint's order is taken
 * back. */
enum err chunk_hold(struct txn *txn, int64_t job_id, int64_t reprint_id, const char *reason,
                    const char *text, struct why *why);

typedef enum err chunk_fn(void *arg, const struct chunk *chunk, struct why *why);
/* Chunks that are "sending", by id. printer NULL = of all. */
enum err chunk_open(struct txn *txn, const char *printer, chunk_fn *fn, void *arg,
                    struct why *why);
/* Whether labels in doubt were sent to this printer, of whatever job. Labels that no chunk had
 * (a restored store) count for their job's printer. Cost: by runs in doubt, of which there are
 * few.
 */
enum err chunk_in_doubt(struct txn *txn, const char *printer, bool *out, struct why *why);
/* The printers that labels of this job were sent to which are in doubt or only "sent", each
 * once.
 */
typedef enum err chunk_printer_fn(void *arg, const char *printer, uint64_t device,
                                  struct why *why);
enum err chunk_doubtful(struct txn *txn, int64_t job_id, chunk_printer_fn *fn, void *arg,
                        struct why *why);
enum err chunk_get(struct txn *txn, int64_t id, struct chunk *out, bool *sending,
                   struct why *why);
/* Fills dots and has_dots from the event that sent it; none in those of older versions.
 * sent_at: when, ISO 8601; may be NULL. */
enum err chunk_read_dots(struct txn *txn, struct chunk *chunk, char *sent_at, size_t size,
                         struct why *why);

#endif
