/* SPDX-License-Identifier: Apache-2.0 */
/* reprint-dots.h: are the dots of a reprint those that were printed?
 *
 * They are drawn again when the order is given, together with the labels that were printed with
 * them, and compared with the root in the event that sent those. What was drawn then is kept
 * with the order, a hash a drawing, and is what will be sent, or nothing. */
#ifndef TEM_JOB_REPRINT_DOTS_H
#define TEM_JOB_REPRINT_DOTS_H

#include "spooler/job/chunk.h"

/* Worse ones further down. */
#define DOTS_VERDICT_MAP(X)                                                                    \
    X(DOTS_UNKNOWN, "unknown") /* nothing was drawn */                                         \
    X(DOTS_SAME, "same")                                                                       \
    X(DOTS_NOT_COMPARED, "not_compared") /* no root over their dots is known */                \
    X(DOTS_CHANGED, "changed")
enum dots_verdict {
#define X(code, name) code,
    DOTS_VERDICT_MAP(X)
#undef X
        DOTS_VERDICT_COUNT
};
const char *dots_verdict_name(enum dots_verdict verdict);

struct reprint_dots {
    enum dots_verdict verdict;
    uint8_t (*hashes)[SHA256_BYTES]; /* of the order's drawings, label by label */
    size_t count;
    char words[JOB_WORDS]; /* what is not the same; "" = nothing */
};
void reprint_dots_free(struct reprint_dots *dots);

/* The chunk that put this attempt of a label on paper, with its dots, and when it was sent.
 * ERR_NOT_FOUND: none is known. Cost: the job's chunks. */
enum err reprint_dots_sent(struct txn *txn, int64_t job_id, uint64_t label, uint32_t attempt,
                           struct chunk *out, char *sent_at, size_t size, struct why *why);
/* In the commit of the order. */
enum err reprint_dots_keep(struct txn *txn, int64_t id, const struct reprint_dots *dots,
                           struct why *why);
/* Order `to` has the dots that order `from` had of its labels: it goes on with a part of it. */
enum err reprint_dots_pass_on(struct txn *txn, int64_t from, int64_t to, struct why *why);
/* Whether a chunk's drawings are those that its order was given for. ERR_DOTS: not. An order
 * that was taken by a Tem without comparison has none: ERR_NONE. */
enum err reprint_dots_match(struct txn *txn, const struct chunk *chunk,
                            const uint8_t (*hashes)[SHA256_BYTES], size_t count,
                            struct why *why);

#endif
