/* SPDX-License-Identifier: Apache-2.0 */
/* feeder-private.h: what the two ways of feeding share: with a counter (feeder.c) and without
 * evidence (feed-blind.c). Inside drivers/feed/ only; one thread. */
#ifndef TEM_DRIVERS_FEED_FEEDER_PRIVATE_H
#define TEM_DRIVERS_FEED_FEEDER_PRIVATE_H

#include "drivers/feed/drain.h"
#include "drivers/feed/feeder.h"
#include "drivers/feed/journal.h"
#include "drivers/feed/talk.h"
#include "drivers/feed/window.h"

/* The last count that was read while the printer was idle, since when it is the same, and
 * whether the one before was: then nothing moves. */
struct still {
    bool known, twice;
    uint64_t count;
    int64_t since_ms;
};

struct feeder {
    const struct feed_job *job;
    struct talk talk;
    struct window window;
    struct journal journal;
    struct buf begin, next, end, cancel;
    uint32_t next_index; /* of the impression in `next`; 0 = none loaded */
    bool input_over;     /* no impression is left to be loaded */
    bool feeding;        /* the window counts; before it only the baseline is looked for */
    bool draining;       /* "change the roll": nothing more is sent */
    bool
        plate_lost; /* the printer may have lost it: it is stored again before the next label */
    bool marked;    /* `mark` is known: which printer this is; 0 = it cannot say */
    uint64_t mark;
    bool doubt, unsupported;
    enum doubt why; /* of what may be in doubt; the first reason stays */
    struct still still;
};

/* The next impression into `next`, or END. */
enum err feeder_load(struct feeder *feeder, struct why *why);
/* The journal first, then the bytes. */
enum err feeder_send(struct feeder *feeder, struct why *why);
/* When temd asks for it: clears the printer. Goes out between impressions only. */
enum err feeder_cancel_if_asked(struct feeder *feeder, bool *cancelled, struct why *why);
/* Whether "change the roll" was ordered; looked at before each label. */
bool feeder_draining(struct feeder *feeder);
/* Writes D, when there is doubt, and E. */
enum err feeder_finish(struct feeder *feeder, bool doubt, struct why *why);
/* The whole course without evidence, from the token on. */
enum err feed_blind(struct feeder *feeder, struct why *why);

#endif
