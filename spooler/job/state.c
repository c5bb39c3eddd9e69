/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/state.h"

#include <string.h>

/* The life of a label (docs/overview.md draws it). What has no row may not happen. */
static const struct transition transitions[] = {
    {LABEL_RESERVED, EV_SEND, LABEL_SENDING, BY_TOKEN, false},
    {LABEL_SENDING, EV_WITHDRAWN, LABEL_RESERVED, BY_TOKEN, false},
    {LABEL_SENDING, EV_NOT_SENT, LABEL_RESERVED, BY_JOURNAL, true},
    {LABEL_SENDING, EV_SENT, LABEL_SENT, BY_JOURNAL, false},
    {LABEL_SENDING, EV_CONFIRMED, LABEL_PRINTED, BY_PRINTER, false},
    {LABEL_SENDING, EV_LOST, LABEL_IN_DOUBT, BY_NOTHING, false},
    {LABEL_IN_DOUBT, EV_PERSON_PRINTED, LABEL_PRINTED, BY_PERSON, false},
    {LABEL_IN_DOUBT, EV_PERSON_SPOILED, LABEL_SPOILED, BY_PERSON, false},
    {LABEL_IN_DOUBT, EV_PERSON_ABSENT, LABEL_RESERVED, BY_PERSON, true},
    {LABEL_SENT, EV_PERSON_PRINTED, LABEL_PRINTED, BY_PERSON, false},
    {LABEL_SENT, EV_PERSON_SPOILED, LABEL_SPOILED, BY_PERSON, false},
    {LABEL_SENT, EV_PERSON_ABSENT, LABEL_RESERVED, BY_PERSON, true},
    {LABEL_PRINTED, EV_PERSON_SPOILED, LABEL_SPOILED, BY_PERSON, false},
    {LABEL_RESERVED, EV_CANCEL, LABEL_UNUSED, BY_PERSON, false},
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
    };
    return names[event];
}
