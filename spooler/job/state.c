/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/state.h"

#include <string.h>

/* The life of a label (docs/overview.md draws it). What has no row may not happen. */
static const struct transition transitions[] = {
    {LABEL_RESERVED, EV_SEND, LABEL_SENDING, BY_TOKEN, 0},
    {LABEL_SENDING, EV_WITHDRAWN, LABEL_RESERVED, BY_TOKEN, 0},
    {LABEL_SENDING, EV_NOT_SENT, LABEL_RESERVED, BY_JOURNAL, 1},
    {LABEL_SENDING, EV_SENT, LABEL_SENT, BY_JOURNAL, 0},
    {LABEL_SENDING, EV_CONFIRMED, LABEL_PRINTED, BY_PRINTER, 0},
    {LABEL_SENDING, EV_LOST, LABEL_IN_DOUBT, BY_NOTHING, 0},
    {LABEL_IN_DOUBT, EV_PERSON_PRINTED, LABEL_PRINTED, BY_PERSON, 0},
    {LABEL_IN_DOUBT, EV_PERSON_SPOILED, LABEL_SPOILED, BY_PERSON, 0},
    {LABEL_IN_DOUBT, EV_PERSON_ABSENT, LABEL_RESERVED, BY_PERSON, 1},
    {LABEL_SENT, EV_PERSON_PRINTED, LABEL_PRINTED, BY_PERSON, 0},
    {LABEL_SENT, EV_PERSON_SPOILED, LABEL_SPOILED, BY_PERSON, 0},
    {LABEL_SENT, EV_PERSON_ABSENT, LABEL_RESERVED, BY_PERSON, 1},
    {LABEL_PRINTED, EV_PERSON_SPOILED, LABEL_SPOILED, BY_PERSON, 0},
    {LABEL_VERIFIED, EV_PERSON_SPOILED, LABEL_SPOILED, BY_PERSON, 0},
    {LABEL_RESERVED, EV_CANCEL, LABEL_UNUSED, BY_PERSON, 0},
    /* a further attempt of a label that is on paper */
    {LABEL_PRINTED, EV_REPRINT, LABEL_SENDING, BY_TOKEN, 1},
    {LABEL_VERIFIED, EV_REPRINT, LABEL_SENDING, BY_TOKEN, 1},
    {LABEL_SENDING, EV_BACK_PRINTED, LABEL_PRINTED, BY_JOURNAL, -1},
    {LABEL_SENDING, EV_BACK_VERIFIED, LABEL_VERIFIED, BY_JOURNAL, -1},
    {LABEL_IN_DOUBT, EV_BACK_PRINTED, LABEL_PRINTED, BY_PERSON, -1},
    {LABEL_IN_DOUBT, EV_BACK_VERIFIED, LABEL_VERIFIED, BY_PERSON, -1},
    {LABEL_SENT, EV_BACK_PRINTED, LABEL_PRINTED, BY_PERSON, -1},
    {LABEL_SENT, EV_BACK_VERIFIED, LABEL_VERIFIED, BY_PERSON, -1},
    /* a scan */
    {LABEL_PRINTED, EV_VERIFY, LABEL_VERIFIED, BY_SCAN, 0},
    {LABEL_SENT, EV_VERIFY, LABEL_VERIFIED, BY_SCAN, 0},
    {LABEL_IN_DOUBT, EV_VERIFY, LABEL_VERIFIED, BY_SCAN, 0},
    {LABEL_SENT, EV_PERSON_DOUBTS, LABEL_IN_DOUBT, BY_PERSON, 0},
    {LABEL_PRINTED, EV_PERSON_DOUBTS, LABEL_IN_DOUBT, BY_PERSON, 0},
    {LABEL_VERIFIED, EV_PERSON_DOUBTS, LABEL_IN_DOUBT, BY_PERSON, 0},
    {LABEL_RESERVED, EV_RESTORED, LABEL_IN_DOUBT, BY_NOTHING, 0},
    {LABEL_SENDING, EV_RESTORED, LABEL_IN_DOUBT, BY_NOTHING, 0},
    {LABEL_PRINTED, EV_SAMPLED, LABEL_SPOILED, BY_PRINTER, 0},
    {LABEL_SENT, EV_SAMPLED, LABEL_SPOILED, BY_PRINTER, 0},
};

static const size_t transition_count = sizeof transitions / sizeof transitions[0];

const struct transition *transition_find(enum label_state from, enum label_event event)
{
    for (size_t i = 0; i < transition_count; i++) {
        if (transitions[i].from == from && transitions[i].event == event)
            return &transitions[i];
    }
    return NULL;
}

const struct transition *transition_at(size_t index)
{
    return index < transition_count ? &transitions[index] : NULL;
}

static const char *const state_names[] = {
#define X(code, name) [code] = name,
    LABEL_STATE_MAP(X)
#undef X
};

const char *label_state_name(enum label_state state)
{
    return state_names[state];
}

bool label_state_parse(const char *name, enum label_state *out)
{
    for (size_t i = 0; i < LABEL_STATE_COUNT; i++) {
        if (strcmp(state_names[i], name) == 0) {
            *out = (enum label_state)i;
            return true;
        }
    }
    return false;
}

const char *label_event_name(enum label_event event)
{
    static const char *const names[] = {
        [EV_SEND] = "send",
        [EV_WITHDRAWN] = "withdrawn",
        [EV_NOT_SENT] = "not_sent",
        [EV_SENT] = "sent",
        [EV_CONFIRMED] = "confirmed",
        [EV_LOST] = "lost",
        [EV_PERSON_PRINTED] = "person_printed",
        [EV_PERSON_SPOILED] = "person_spoiled",
        [EV_PERSON_ABSENT] = "person_absent",
        [EV_CANCEL] = "cancel",
        [EV_REPRINT] = "reprint",
        [EV_BACK_PRINTED] = "not_reprinted",
        [EV_BACK_VERIFIED] = "not_reprinted",
        [EV_VERIFY] = "verify",
        [EV_PERSON_DOUBTS] = "person_doubts",
        [EV_RESTORED] = "restored",
        [EV_SAMPLED] = "sampled",
    };
    return names[event];
}
