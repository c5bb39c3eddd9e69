/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/asker.h"

#include "spooler/base/buf.h"

#include <string.h>

#define STATUS_ANSWER_MS   2000 /* later than that is silence */
#define COUNT_ANSWER_MS    1000 /* later than that, ask the status meanwhile */
#define PAUSE_MIN_MS       20
#define PAUSE_MAX_MS       250
#define FAULT_PAUSE_MAX    1000
#define PATIENCE_MIN_MS    200
#define PATIENCE_MAX_MS    5000
#define AFTER_SILENCE_MS   300  /* in which late answers to earlier questions come in */
#define STALLED_MS         2000 /* nothing moves for so long: is it the cutter? */
#define STALLED_MAX_MS     60000
#define AGAIN_PATIENCE     10000 /* first, until it is asked for again: they pile up */
#define AGAIN_PATIENCE_MAX 300000

/* Faults that a language's status may not show. Not CONDITION_OTHER: a worn element of the head
 * is told for months by a printer that prints on, and must not stop it. */
#define UNSEEN ((1u << CONDITION_CUTTER) | (1u << CONDITION_JAM))

static int64_t twice(int64_t value, int64_t max)
{
    return value * 2 < max ? value * 2 : max;
}

static void moved(struct asker *asker, int64_t now_ms)
{
    asker->moved_ms = now_ms;
    asker->faults_pause_ms = STALLED_MS;
    asker->faults_ms = now_ms + STALLED_MS;
}

static bool lacks(const struct driver *driver, enum query_kind kind)
{
    struct buf question = BUF_INIT(256);
    bool none = driver->query(kind, &question) != ERR_NONE || question.len == 0;
    buf_free(&question);
    return none;
}

/* What stands there now may be another printer. */
static void ask_who(struct asker *asker)
{
    asker->want_identity = !asker->lacks_identity;
}

void asker_init(struct asker *asker, const struct driver *driver, int64_t now_ms)
{
    memset(asker, 0, sizeof *asker);
    asker->driver = driver;
    asker->next_ms = now_ms;
    asker->pause_ms = PAUSE_MIN_MS;
    asker->silent = true;
    asker->lacks_identity = lacks(driver, QUERY_IDENTITY);
    asker->lacks_faults = lacks(driver, QUERY_FAULTS);
    ask_who(asker);
    asker->patience_ms = PATIENCE_MIN_MS;
    asker->again_patience_ms = AGAIN_PATIENCE;
    asker->clear_asked_ms = now_ms - ASKER_FRESH_MS - 1; /* never yet */
    moved(asker, now_ms);
}

static bool faults_due(const struct asker *asker, int64_t now_ms)
{
    if (asker->lacks_faults)
        return false;
    if (asker->silent || asker->unseen)
        return asker->ask_faults;
    return !asker->faultless && !asker->counted && !asker->conditions &&
           now_ms >= asker->faults_ms;
}

bool asker_due(const struct asker *asker, int64_t now_ms, enum query_kind *kind)
{
    if (asker->waiting || now_ms < asker->next_ms)
        return false;
    bool again = !asker->owed || now_ms >= asker->again_ms;
    bool stalled = !asker->silent && !asker->unseen && faults_due(asker, now_ms);
    if (asker->wanted && again && !stalled)
        *kind = asker->want_identity && !asker->conditions ? QUERY_IDENTITY : QUERY_COUNT;
    else
        *kind = faults_due(asker, now_ms) ? QUERY_FAULTS : QUERY_STATUS;
    return true;
}

static bool in_turn(enum query_kind kind)
{
    return kind == QUERY_COUNT || kind == QUERY_IDENTITY;
}

void asker_asked(struct asker *asker, enum query_kind kind, int64_t now_ms)
{
    asker->waiting = true;
    asker->asked = kind;
    asker->asked_ms = now_ms;
    if (in_turn(kind)) {
        if (asker->owed)
            asker->again_patience_ms = twice(asker->again_patience_ms, AGAIN_PATIENCE_MAX);
        asker->owed = true;
        asker->owes = kind;
        asker->again_ms = now_ms + asker->again_patience_ms;
    } else {
        asker->closing = asker->counted;
    }
}

static int64_t answer_ms(const struct asker *asker)
{
    if (in_turn(asker->asked) || (asker->asked == QUERY_FAULTS && !asker->silent))
        return COUNT_ANSWER_MS;
    return asker->silent ? asker->patience_ms : STATUS_ANSWER_MS;
}

int64_t asker_deadline(const struct asker *asker)
{
    return asker->waiting ? asker->asked_ms + answer_ms(asker) : asker->next_ms;
}

/* An identity or a count did not come in time. It stays owed, and the status is asked
 * meanwhile; but one that never knew its identity is not asked for it any more, and one that
 * does not count in a fault is not asked in this fault any more. */
static void not_in_time(struct asker *asker)
{
    if (asker->asked == QUERY_IDENTITY && !asker->identity_known)
        asker->want_identity = asker->owed = false;
    else if (asker->conditions) {
        asker->uncounted = true;
        asker->wanted = asker->owed = false;
    }
}

bool asker_tick(struct asker *asker, int64_t now_ms)
{
    if (!asker->waiting || now_ms < asker->asked_ms + answer_ms(asker))
        return false;
    asker->waiting = false;
    asker->next_ms = now_ms;
    if (in_turn(asker->asked)) {
        not_in_time(asker);
        return false;
    }
    if (asker->asked == QUERY_FAULTS && !asker->silent) {
        asker->faultless = true;
        asker->unseen = 0;
        return false;
    }
    asker->counted = false;
    asker->wanted = false;
    asker->asked_in_vain = true;
    if (asker->silent) {
        asker->ask_faults = asker->asked == QUERY_STATUS;
        asker->patience_ms = twice(asker->patience_ms, PATIENCE_MAX_MS);
        return false;
    }
    asker->silent = asker->ask_faults = true;
    ask_who(asker);
    asker->patience_ms = PATIENCE_MIN_MS;
    return true;
}

void asker_hurry(struct asker *asker, int64_t now_ms)
{
    asker->pause_ms = PAUSE_MIN_MS;
    moved(asker, now_ms);
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

/* What was owed has come. */
static void paid(struct asker *asker, int64_t now_ms)
{
    asker->owed = false;
    asker->again_patience_ms = AGAIN_PATIENCE;
    asker->next_ms = now_ms;
    if (asker->asked == asker->owes)
        asker->waiting = false;
}

static void heard_count(struct asker *asker, uint64_t count, int64_t now_ms)
{
    paid(asker, now_ms);
    if (count != asker->count)
        moved(asker, now_ms);
    asker->count = count;
    asker->counted = true;
    asker->closing = false; /* a status that is out already was asked too early */
    asker->wanted = false;
}

static void heard_identity(struct asker *asker, uint64_t mark, int64_t now_ms,
                           struct hearing *out)
{
    paid(asker, now_ms);
    asker->want_identity = false;
    asker->identity_known = mark != 0;
    asker->wanted = true; /* next the count */
    *out = (struct hearing){.what = HEARD_IDENTITY, .mark = mark};
}

/* An answer to an identity or a count, whichever is owed: they are answered in the order in
 * which they were asked. One that nobody waits for is not ours, or from before a silence or a
 * fault. */
static void heard_in_turn(struct asker *asker, const struct device_event *event, int64_t now_ms,
                          struct hearing *out)
{
    if (!asker->owed)
        return;
    if (asker->owes == QUERY_IDENTITY)
        heard_identity(asker, event->kind == EVENT_UNSUPPORTED ? 0 : event->mark, now_ms, out);
    else if (event->kind == EVENT_COUNT)
        heard_count(asker, event->value, now_ms);
    else if (event->kind == EVENT_UNSUPPORTED)
        out->what = HEARD_UNSUPPORTED;
}

/* A fault is open. The first two rounds of count and status follow at once, while nobody's
 * hands can have reached the printer; then it is asked ever less often. */
static void heard_fault(struct asker *asker, const struct device_event *event, bool expected,
                        int64_t now_ms, struct hearing *out)
{
    uint32_t conditions = event->conditions;
    bool first = asker->conditions == 0, idle = event->idle && (first || asker->idle);
    *out = (struct hearing){.what = HEARD_FAULT, .conditions = conditions, .idle = idle};
    if (asker->counted && asker->closing && expected && !first) {
        out->counted = true;
        out->count = asker->count;
        out->held = conditions & asker->conditions;
        out->fresh = now_ms - asker->clear_asked_ms <= ASKER_FRESH_MS;
    }
    if (first) {
        asker->uncounted = false;
        asker->pause_ms = PAUSE_MIN_MS;
    }
    asker->conditions = conditions;
    asker->idle = event->idle;
    asker->counted = false;
    ask_who(asker);
    asker->wanted = !asker->uncounted;
    asker->next_ms = first ? now_ms : now_ms + asker->pause_ms;
    asker->pause_ms = twice(asker->pause_ms, FAULT_PAUSE_MAX);
}

/* A status without a fault after one with, or after a silence: what was asked meanwhile may be
 * lost. */
static void over(struct asker *asker, bool was_silent, int64_t now_ms)
{
    asker->conditions = 0;
    moved(asker, now_ms);
    asker->counted = false;
    asker->owed = false;
    asker->wanted = true;
    asker->next_ms = now_ms + (was_silent && asker->asked_in_vain ? AFTER_SILENCE_MS : 0);
    asker->asked_in_vain = false;
}

static void heard_clear(struct asker *asker, bool was_silent, int64_t now_ms,
                        struct hearing *out)
{
    if (was_silent || asker->conditions) {
        over(asker, was_silent, now_ms);
    } else if (asker->counted && asker->closing) {
        out->what = HEARD_READING;
        out->count = asker->count;
        asker->counted = false;
        asker->wanted = true;
        asker->next_ms = now_ms + asker->pause_ms;
        asker->pause_ms = twice(asker->pause_ms, PAUSE_MAX_MS);
    } else if (asker->counted) {
        asker->next_ms = now_ms; /* the closing status is still to be asked */
    } else if (asker->owed && out->idle) {
        out->what = HEARD_LOST;
        asker->owed = false;
        asker->wanted = true;
        ask_who(asker);
        asker->next_ms = now_ms + AFTER_SILENCE_MS;
    } else {
        asker->wanted = true;
        /* while an answer is owed, the status is a sign of life only */
        asker->next_ms = now_ms + (asker->owed ? COUNT_ANSWER_MS : 0);
    }
}

static void heard_status(struct asker *asker, const struct device_event *event, int64_t now_ms,
                         struct hearing *out)
{
    bool expected = asker->waiting && asker->asked == QUERY_STATUS;
    bool was_silent = asker->silent;
    if (!expected && !event->conditions)
        return;
    *out = (struct hearing){.what = HEARD_CLEAR, .idle = event->idle};
    if (expected) {
        asker->waiting = false;
        asker->silent = false;
    }
    if (event->conditions || asker->unseen) {
        struct device_event all = *event;
        all.conditions |= asker->unseen;
        asker->ask_faults = true;
        heard_fault(asker, &all, expected, now_ms, out);
        return;
    }
    heard_clear(asker, was_silent, now_ms, out);
    asker->clear_asked_ms = asker->asked_ms;
}

/* No fault here is no news but of what no status shows: a status must say so. */
static void heard_faults(struct asker *asker, const struct device_event *event, int64_t now_ms,
                         struct hearing *out)
{
    bool expected = asker->waiting && asker->asked == QUERY_FAULTS;
    struct device_event told = *event;
    if (!asker->silent) /* else it is all that there is to be known */
        told.conditions &= ~(1u << CONDITION_OTHER);
    if (expected) {
        asker->waiting = asker->ask_faults = asker->faultless = false;
        asker->unseen = event->conditions & UNSEEN;
        asker->next_ms = now_ms + (asker->silent ? asker->pause_ms : 0);
        asker->faults_ms = now_ms + asker->faults_pause_ms;
        asker->faults_pause_ms = twice(asker->faults_pause_ms, STALLED_MAX_MS);
    }
    if (!told.conditions)
        return;
    heard_fault(asker, &told, expected, now_ms, out);
    asker->patience_ms = PATIENCE_MIN_MS; /* it lives: the end of the fault is to be noticed */
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
        if (event.kind == EVENT_STATUS)
            heard_status(asker, &event, now_ms, out);
        else if (event.kind == EVENT_FAULTS)
            heard_faults(asker, &event, now_ms, out);
        else
            heard_in_turn(asker, &event, now_ms, out);
    }
    if (at == 0 && asker->in_len == sizeof asker->in)
        at = 1; /* a parser that wants more than there may ever be: drop a byte, go on */
    memmove(asker->in, asker->in + at, asker->in_len - at);
    asker->in_len -= at;
    return out->what != HEARD_NOTHING;
}
