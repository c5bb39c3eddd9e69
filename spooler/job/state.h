/* SPDX-License-Identifier: Apache-2.0 */
/* state.h: the label's life, as one table.
 *
 * A label's state changes only by a row of transitions[] (promise 5: each row names the
 * evidence it rests on). Words as in docs/overview.md. */
#ifndef TEM_JOB_STATE_H
#define TEM_JOB_STATE_H

#include <stdbool.h>
#include <stddef.h>

#define LABEL_STATE_MAP(X)                                                                     \
    X(LABEL_RESERVED, "reserved")                                                              \
    X(LABEL_SENDING, "sending")                                                                \
    X(LABEL_SENT, "sent")                                                                      \
    X(LABEL_PRINTED, "printed")                                                                \
    X(LABEL_VERIFIED, "verified")                                                              \
    X(LABEL_IN_DOUBT, "in_doubt")                                                              \
    X(LABEL_SPOILED, "spoiled")                                                                \
    X(LABEL_UNUSED, "unused")

enum label_state {
#define X(code, name) code,
    LABEL_STATE_MAP(X)
#undef X
        LABEL_STATE_COUNT
};

/* What happened to a label. */
enum label_event {
    EV_SEND,      /* a start token is being made for it */
    EV_WITHDRAWN, /* the token was revoked unused */
    EV_NOT_SENT,  /* the journal ends before it */
    EV_SENT,      /* journalled as sent, printer without evidence, ended clean */
    EV_CONFIRMED, /* the printer said so while we could attribute it */
    EV_LOST,      /* no evidence either way */
    EV_PERSON_PRINTED,
    EV_PERSON_SPOILED,
    EV_PERSON_ABSENT,
    EV_CANCEL,
    EV_REPRINT,      /* a start token is being made for a further attempt */
    EV_BACK_PRINTED, /* that attempt is not on paper: what the one before it was holds again */
    EV_BACK_VERIFIED,
    EV_VERIFY,        /* a scanner read it */
    EV_PERSON_DOUBTS, /* a scan or a person contradicts what was known */
    EV_RESTORED,      /* the store is an older copy: it may have printed since */
    EV_SAMPLED,       /* a sample that was printed: it counts as spoiled */
    LABEL_EVENT_COUNT
};

enum evidence_needed { BY_TOKEN, BY_JOURNAL, BY_PRINTER, BY_NOTHING, BY_PERSON, BY_SCAN };

struct transition {
    enum label_state from;
    enum label_event event;
    enum label_state to;
    enum evidence_needed evidence;
    int attempt; /* the label's attempt counts up (1), stays (0), or is the one before (-1) */
};

/* The row for (from, event), or NULL: that may not happen. */
const struct transition *transition_find(enum label_state from, enum label_event event);
/* All rows, for tests and documentation. */
const struct transition *transition_at(size_t index);

const char *label_state_name(enum label_state state);
/* false for another word, *out untouched. */
bool label_state_parse(const char *name, enum label_state *out);
/* "sent", "printed": the event's word in the ledger. */
const char *label_event_name(enum label_event event);

#endif
