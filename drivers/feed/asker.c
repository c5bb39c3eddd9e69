/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/asker.h"

#include <string.h>

#define STATUS_ANSWER_MS   2000 /* later than that is silence */
#define COUNT_ANSWER_MS    1000 /* later than that, ask the status meanwhile */
#define PAUSE_MIN_MS       20
#define PAUSE_MAX_MS       250
#define FAULT_PAUSE_MAX    1000
#define PATIENCE_MIN_MS    200
#define PATIENCE_MAX_MS    5000
#define AFTER_SILENCE_MS   300   /* in which late answers to earlier questions come in */
#define COUNT_PATIENCE     10000 /* first, until the count is asked for again: they pile up */
#define COUNT_PATIENCE_MAX 300000

static int64_t twice(int64_t value, int64_t max)
{
    return value * 2 < max ? value * 2 : max;
}

void asker_init(struct asker *asker, const struct driver *driver, int64_t now_ms)
{
    memset(asker, 0, sizeof *asker);
    asker->driver = driver;
    asker->next_ms = now_ms;
    asker->pause_ms = PAUSE_MIN_MS;
    asker->silent = true;
    asker->patience_ms = PATIENCE_MIN_MS;
    asker->count_patience_ms = COUNT_PATIENCE;
}

bool asker_due(const struct asker *asker, int64_t now_ms, enum query_kind *kind)
{
    if (asker->waiting || now_ms < asker->next_ms)
        return false;
    bool again = !asker->count_owed || now_ms >= asker->count_again_ms;
    *kind = asker->want_count && again ? QUERY_COUNT : QUERY_STATUS;
    return true;
}

void asker_asked(struct asker *asker, enum query_kind kind, int64_t now_ms)
{
    asker->waiting = true;
    asker->asked = kind;
    asker->asked_ms = now_ms;
    if (kind == QUERY_COUNT) {
        if (asker->count_owed)
            asker->count_patience_ms = twice(asker->count_patience_ms, COUNT_PATIENCE_MAX);
        asker->count_owed = true;
        asker->count_again_ms = now_ms + asker->count_patience_ms;
    } else {
        asker->closing = asker->counted;
    }
}

static int64_t answer_ms(const struct asker *asker)
{
    if (asker->asked == QUERY_COUNT)
        return COUNT_ANSWER_MS;
    return asker->silent ? asker->patience_ms : STATUS_ANSWER_MS;
}

int64_t asker_deadline(const struct asker *asker)
{
    return asker->waiting ? asker->asked_ms + answer_ms(asker) : asker->next_ms;
}

bool asker_tick(struct asker *asker, int64_t now_ms)
{
    if (!asker->waiting || now_ms < asker->asked_ms + answer_ms(asker))
        return false;
    asker->waiting = false;
    asker->next_ms = now_ms;
    if (asker->asked == QUERY_COUNT)
        return false; /* still owed; asker_due asks the status meanwhile */
    asker->counted = false;
    asker->want_count = false;
    asker->asked_in_vain = true;
    if (asker->silent) {
        asker->patience_ms = twice(asker->patience_ms, PATIENCE_MAX_MS);
        return false;
    }
    asker->silent = true;
    asker->patience_ms = PATIENCE_MIN_MS;
    return true;
}

void asker_hurry(struct asker *asker, int64_t now_ms)
{
    asker->pause_ms = PAUSE_MIN_MS;
    if (asker->next_ms > now_ms + PAUSE_MIN_MS)
        asker->next_ms = now_ms + PAUSE_MIN_MS;
}

size_t asker_take(struct asker *asker, const uint8_t *bytes, size_t len)
{
    size_t room = sizeof asker->in - asker->in_len;
    size_t taken = len < room ? len : room;
    if (taken)
        memcpy(asker->in + asker->in_len, bytes, taken);
    asker->in_len += taken;
    return taken;
}

static void heard_count(struct asker *asker, uint64_t count, int64_t now_ms)
{
    if (!asker->count_owed)
        return; /* not ours, or from before a silence or a fault */
    asker->count_owed = false;
    asker->count_patience_ms = COUNT_PATIENCE;
    asker->count = count;
    asker->counted = true;
    asker->closing = false; /* a status that is out already was asked too early */
    asker->want_count = false;
    if (asker->asked == QUERY_COUNT)
        asker->waiting = false;
    asker->next_ms = now_ms;
}

static void after_fault(struct asker *asker, int64_t now_ms)
{
    asker->counted = false;
    asker->want_count = false;
    asker->count_owed = false; /* a count from before the fault is not to be mixed in */
    asker->pause_ms = twice(asker->pause_ms, FAULT_PAUSE_MAX);
    asker->next_ms = now_ms + asker->pause_ms;
}

static void heard_status(struct asker *asker, const struct device_event *event, int64_t now_ms,
                         struct hearing *out)
{
    bool expected = asker->waiting && asker->asked == QUERY_STATUS;
    bool was_silent = asker->silent;
    if (!expected && !event->conditions)
        return;
    *out = (struct hearing){.what = event->conditions ? HEARD_FAULT : HEARD_CLEAR,
                            .conditions = event->conditions,
                            .idle = event->idle};
    if (expected) {
        asker->waiting = false;
        asker->silent = false;
    }
    if (event->conditions) {
        after_fault(asker, now_ms);
    } else if (was_silent) {
        asker->next_ms = now_ms + (asker->asked_in_vain ? AFTER_SILENCE_MS : 0);
        asker->asked_in_vain = false;
        asker->want_count = true;
        asker->count_owed = false; /* what was asked before the silence may be lost */
    } else if (asker->counted && asker->closing) {
        out->what = HEARD_READING;
        out->count = asker->count;
        asker->counted = false;
        asker->want_count = true;
        asker->next_ms = now_ms + asker->pause_ms;
        asker->pause_ms = twice(asker->pause_ms, PAUSE_MAX_MS);
    } else if (asker->counted) {
        asker->next_ms = now_ms; /* the closing status is still to be asked */
    } else if (asker->count_owed && event->idle) {
        out->what = HEARD_LOST;
        asker->count_owed = false;
        asker->want_count = true;
        asker->next_ms = now_ms + AFTER_SILENCE_MS;
    } else {
        asker->want_count = true;
        /* while the count is owed, the status is a sign of life only */
        asker->next_ms = now_ms + (asker->count_owed ? COUNT_ANSWER_MS : 0);
    }
}

bool asker_next(struct asker *asker, int64_t now_ms, struct hearing *out)
{
    size_t at = 0;
    *out = (struct hearing){.what = HEARD_NOTHING};
    while (at < asker->in_len && out->what == HEARD_NOTHING) {
        struct device_event event;
        bool have = false;
        size_t used = asker->driver->parse(&asker->parse, asker->in + at, asker->in_len - at,
                                           &event, &have);
        if (used == 0)
            break;
        at += used;
        if (!have)
            continue;
        if (event.kind == EVENT_COUNT)
            heard_count(asker, event.value, now_ms);
        else if (event.kind == EVENT_STATUS)
            heard_status(asker, &event, now_ms, out);
        else if (asker->count_owed)
            out->what = HEARD_UNSUPPORTED;
    }
    if (at == 0 && asker->in_len == sizeof asker->in)
        at = 1; /* a parser that wants more than there may ever be: drop a byte, go on */
    memmove(asker->in, asker->in + at, asker->in_len - at);
    asker->in_len -= at;
    return out->what != HEARD_NOTHING;
}
