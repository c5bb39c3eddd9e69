/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.h: what a token and its journal say about a chunk; nothing else is asked (promise 5).
 */
#ifndef TEM_RECONCILE_VERDICT_H
#define TEM_RECONCILE_VERDICT_H

#include "drivers/feed/journal.h"
#include "spooler/job/chunk.h"

enum verdict_kind {
    VERDICT_PREPARED, /* .new: nobody can have started it; may be released or withdrawn */
    VERDICT_WAITING,  /* .go: not started; the same document may be submitted again */
    VERDICT_RUNNING,  /* .taken and locked: temfeed lives; confirmed counts so far */
    VERDICT_OVER      /* outcome is final */
};

struct verdict {
    enum verdict_kind kind;
    struct chunk_outcome outcome; /* RUNNING: confirmed only; OVER: all. words are constants */
};

/* Reads token and journal in `folder`. */
enum err verdict_read(const char *folder, const struct token_name *token, uint32_t impressions,
                      struct verdict *out, struct why *why);
/* The pure part: an unlocked journal -> outcome. */
struct chunk_outcome verdict_of_journal(const struct journal_state *journal,
                                        uint32_t impressions);

#endif
