/* SPDX-License-Identifier: Apache-2.0 */
/* asker.h: which question to the printer is due, and what its answers add up to. Pure: time is
 * handed in (monotonic, ms), bytes are handed in, nothing is sent from here.
 *
 * One question is out at a time: status, identity, then count, status, count ... A count that
 * lies between two statuses without a fault is a reading (window.h); one that lies between two
 * statuses with a fault is told with that fault. Answers that nobody waits for can only worsen
 * the picture, never better it. A count that does not come is waited for (a printer that peels
 * reads no further) while statuses go on; a status that does not come is silence. So is a count
 * that an idle printer owes: it was deaf when it was asked, in a fault that is over. In silence
 * the faults are asked for as well: many a printer answers nothing else while it is out of
 * labels; and so they are when nothing moves for a while, since a status may not show a cutter
 * or a jam. Only a status makes an end of a fault or a silence.
 *
 * After each fault and silence the identity is asked for before any count: what stands there
 * now may be another printer. */
#ifndef TEM_DRIVERS_FEED_ASKER_H
#define TEM_DRIVERS_FEED_ASKER_H

#include "drivers/driver.h"

#define ASKER_IN_BYTES 4096

/* Within which time of the last status without a fault a count is of use that was read during
 * the fault: hands that open a head, close it and have two labels fed take longer. */
#define ASKER_FRESH_MS 1000

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

    /* Identity and count are answered in turn with labels, if need be hours later. */
    bool lacks_identity, lacks_faults; /* the language has no such question */
    bool wanted;                       /* the next question is one of them */
    bool want_identity;                /* first the identity */
    bool identity_known;               /* it was answered before: nothing is read without it */
    bool owed;                         /* asked for, not answered yet */
    enum query_kind owes;              /* which of them */
    int64_t again_ms, again_patience_ms;

    bool counted; /* a count came after a status */
    bool closing; /* the status waited for was asked after that */
    uint64_t count;

    uint32_t conditions;    /* open at the last status; 0 = none */
    bool idle;              /* at that status */
    bool uncounted;         /* it answers no count in this fault */
    int64_t clear_asked_ms; /* when the last status without a fault was asked for */

    uint32_t unseen;                    /* of the faults last told, what no status shows */
    bool faultless;                     /* it does not answer that question */
    int64_t moved_ms;                   /* when something last moved */
    int64_t faults_ms, faults_pause_ms; /* when the faults are asked for, if nothing does */

    bool silent;
    bool ask_faults;     /* in silence, or with unseen: next the faults, not the status */
    bool asked_in_vain;  /* late answers to earlier questions may still come */
    int64_t patience_ms; /* until a silent printer is asked again */
};

enum heard {
    HEARD_NOTHING, /* no whole answer, or one that means nothing */
    HEARD_FAULT,   /* conditions are open */
    HEARD_CLEAR,   /* a status without conditions */
    HEARD_READING, /* likewise, and it completes a reading */
    HEARD_LOST, /* likewise, idle, and an answer is owed that was never heard: as a silence */
    HEARD_IDENTITY,    /* its mark, or 0: it cannot say */
    HEARD_UNSUPPORTED, /* the printer does not know the counter */
    HEARD_SILENCE      /* never from asker_next: it has just become silent (talk.h) */
};

struct hearing {
    enum heard what;
    uint32_t conditions;
    uint64_t count; /* of a reading; of a fault, when `counted` */
    uint64_t mark;  /* of an identity */
    bool idle;      /* of a fault with a count: in both statuses */
    bool counted;   /* a fault: the count lies between two statuses with one */
    uint32_t held;  /* the conditions that were open in both */
    bool fresh;     /* all within ASKER_FRESH_MS of the last status without a fault */
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
