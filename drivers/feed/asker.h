/* SPDX-License-Identifier: Apache-2.0 */
/* asker.h: which question to the printer is due, and what its answers add up to. Pure: time is
 * handed in (monotonic, ms), bytes are handed in, nothing is sent from here.
 *
 * One question is out at a time: status, count, status, count ... A count that lies between two
 * statuses without a fault is a reading (window.h). Answers that nobody waits for can
 * only worsen the picture, never better it. A count that does not come is waited for (a printer
 * that peels reads no further) while statuses go on; a status that does not come is silence. So
 * is a count that an idle printer owes: it was deaf when it was asked, in a fault that is over.
 */
#ifndef TEM_DRIVERS_FEED_ASKER_H
#define TEM_DRIVERS_FEED_ASKER_H

#include "drivers/driver.h"

#define ASKER_IN_BYTES 4096

struct asker {
    const struct driver *driver;
    struct parse_state parse;
    uint8_t in[ASKER_IN_BYTES];
    size_t in_len;
    bool waiting; /* for the answer to `asked` */
    enum query_kind asked;
    int64_t asked_ms;
    int64_t next_ms;  /* when the next question is due */
    int64_t pause_ms; /* between readings: grows while nothing moves */
    bool want_count;  /* the next question is the count */
    bool count_owed;  /* asked for, not answered yet */
    int64_t count_again_ms, count_patience_ms;
    bool counted; /* a count came after a status without a fault */
    bool closing; /* the status waited for was asked after that */
    uint64_t count;
    bool silent;
    bool asked_in_vain;  /* late answers to earlier questions may still come */
    int64_t patience_ms; /* until a silent printer is asked again */
};

enum heard {
    HEARD_NOTHING, /* no whole answer, or one that means nothing */
    HEARD_FAULT,   /* conditions are open */
    HEARD_CLEAR,   /* a status without conditions */
    HEARD_READING, /* likewise, and it completes a reading */
    HEARD_LOST,    /* likewise, idle, and a count is owed that was never heard: as a silence */
    HEARD_UNSUPPORTED, /* the printer does not know the counter */
    HEARD_SILENCE      /* never from asker_next: it has just become silent (talk.h) */
};

struct hearing {
    enum heard what;
    uint32_t conditions;
    uint64_t count;
    bool idle;
};

/* A printer is silent until it has spoken. */
void asker_init(struct asker *asker, const struct driver *driver, int64_t now_ms);
/* Whether a question is due; which one. The caller sends it when nothing else waits to be sent.
 */
bool asker_due(const struct asker *asker, int64_t now_ms, enum query_kind *kind);
/* It is on its way. */
void asker_asked(struct asker *asker, enum query_kind kind, int64_t now_ms);
/* When asker_due or asker_tick may have news; a time in ms. */
int64_t asker_deadline(const struct asker *asker);
/* Notices time: true when the printer has just become silent. */
bool asker_tick(struct asker *asker, int64_t now_ms);
/* Something moved: the next reading is wanted soon. */
void asker_hurry(struct asker *asker, int64_t now_ms);
/* Takes bytes in; returns how many (the rest when asker_next has made room). */
size_t asker_take(struct asker *asker, const uint8_t *bytes, size_t len);
/* The next thing heard in what was taken; false when there is none. */
bool asker_next(struct asker *asker, int64_t now_ms, struct hearing *out);

#endif
