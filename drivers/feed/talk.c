/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/talk.h"

#include <stdio.h>
#include <string.h>

#define STUCK_MS    2000 /* bytes that do not move for so long are a fault like any other */
#define STEP_MAX_MS 1000
#define SILENCES    (1u << CONDITION_NO_ANSWER | 1u << CONDITION_OFFLINE)

void talk_init(struct talk *talk, const struct device *device, const struct driver *driver,
               size_t max_bytes)
{
    memset(talk, 0, sizeof *talk);
    talk->device = device;
    talk->driver = driver;
    buf_init(&talk->out, max_bytes);
}

void talk_free(struct talk *talk)
{
    buf_free(&talk->out);
}

int64_t talk_now_ms(const struct talk *talk)
{
    return clock_mono_ms(talk->device->clock);
}

bool talk_stopped(const struct talk *talk)
{
    return talk->device->stopped(talk->device->ctx);
}

/* ---- what people see --------------------------------------------------------- */

void talk_say(struct talk *talk, const char *line)
{
    talk->device->say(talk->device->ctx, line);
}

static void say_state(struct talk *talk, uint32_t set, char sign)
{
    char line[256];
    const char *gap = " ";
    size_t len = (size_t)snprintf(line, sizeof line, "STATE:");
    for (enum condition i = 0; i < CONDITION_COUNT; i++) {
        if (!(set >> i & 1) || len >= sizeof line - 64)
            continue;
        int n = snprintf(line + len, sizeof line - len, "%s%s%s", gap,
                         gap[0] == ' ' ? (sign == '+' ? "+" : "-") : "", condition_keyword(i));
        len += n > 0 ? (size_t)n : 0;
        gap = ",";
    }
    if (gap[0] == ',')
        talk_say(talk, line);
}

/* One line, since CUPS keeps only the last. */
static void say_waiting(struct talk *talk, uint32_t conditions)
{
    char line[512];
    const char *gap = "INFO: waiting: ";
    size_t len = 0;
    for (enum condition i = 0; i < CONDITION_COUNT; i++) {
        if (!(conditions >> i & 1) || len >= sizeof line - 128)
            continue;
        int n = snprintf(line + len, sizeof line - len, "%s%s", gap, condition_words(i));
        len += n > 0 ? (size_t)n : 0;
        gap = "; ";
    }
    talk_say(talk, len ? line : "INFO: printer is ready");
}

/* The first time all that is not open is taken back: an earlier filter may have been killed. */
static void show_conditions(struct talk *talk, uint32_t conditions)
{
    uint32_t all = (1u << CONDITION_COUNT) - 1;
    uint32_t before = talk->shown_any ? talk->shown : 0;
    uint32_t gone = talk->shown_any ? talk->shown & ~conditions : all & ~conditions;
    if (talk->shown_any && conditions == talk->shown)
        return;
    say_state(talk, gone, '-');
    say_state(talk, conditions & ~before, '+');
    say_waiting(talk, conditions);
    talk->shown = conditions;
    talk->shown_any = true;
}

/* The network is asked whether the printer is there, and at first whether it can be asked. What
 * it says is for people: neither an error that it tells nor one that it does not tell changes
 * what is confirmed or sent. */
static void look_round(struct talk *talk)
{
    bool silent = (talk->shown & SILENCES) != 0;
    uint32_t conditions = 0;
    if (!talk->asking || !talk->device->reach)
        return;
    enum reach_state state = talk->device->reach(talk->device->ctx, silent, &conditions);
    if (silent)
        show_conditions(talk, state == REACH_GONE ? 1u << CONDITION_OFFLINE
                                                  : 1u << CONDITION_NO_ANSWER | conditions);
}

void talk_show_silence(struct talk *talk)
{
    if (!(talk->shown & SILENCES))
        show_conditions(talk, 1u << CONDITION_NO_ANSWER);
}

void talk_end(struct talk *talk)
{
    say_state(talk, talk->shown, '-');
    talk->shown = 0;
}

/* ---- one step ---------------------------------------------------------------- */

static enum err hand_on(struct talk *talk, const struct hearing *hearing, struct why *why)
{
    if (hearing->what == HEARD_SILENCE)
        talk_show_silence(talk);
    else if (hearing->what != HEARD_UNSUPPORTED && hearing->what != HEARD_IDENTITY)
        show_conditions(talk, hearing->conditions);
    return talk->heard(talk->ctx, hearing, why);
}

static enum err silence(struct talk *talk, struct why *why)
{
    return hand_on(talk, &(struct hearing){.what = HEARD_SILENCE}, why);
}

size_t talk_unsent(const struct talk *talk)
{
    return talk->out.len - talk->out_at;
}

enum err talk_queue(struct talk *talk, const struct buf *bytes, struct why *why)
{
    if (talk_unsent(talk) == 0)
        talk->moved_ms = talk_now_ms(talk);
    buf_add(&talk->out, bytes->bytes, bytes->len);
    return buf_err(&talk->out) ? err_set(why, buf_err(&talk->out), "too much is on its way")
                               : ERR_NONE;
}

/* Only when nothing else is on its way: between two impressions, never within one. */
static enum err ask(struct talk *talk, struct why *why)
{
    enum query_kind kind;
    struct buf question = BUF_INIT(256);
    if (!talk->asking || talk_unsent(talk) > 0 ||
        !asker_due(&talk->asker, talk_now_ms(talk), &kind))
        return ERR_NONE;
    enum err err = talk->driver->query(kind, &question);
    if (!err)
        err = talk_queue(talk, &question, why);
    if (!err)
        asker_asked(&talk->asker, kind, talk_now_ms(talk));
    buf_free(&question);
    return err;
}

enum err talk_write(struct talk *talk, struct why *why)
{
    const struct device *device = talk->device;
    while (talk_unsent(talk) > 0) {
        size_t n = 0;
        enum err err = device->write(device->ctx, talk->out.bytes + talk->out_at,
                                     talk_unsent(talk), &n, why);
        if (err)
            return err;
        if (n == 0)
            break;
        talk->out_at += n;
        talk->moved_ms = talk_now_ms(talk);
    }
    if (talk_unsent(talk) == 0) {
        buf_reset(&talk->out);
        talk->out_at = 0;
    } else if (talk->asking && talk_now_ms(talk) - talk->moved_ms >= STUCK_MS) {
        return silence(talk, why); /* we cannot ask, so a fault may open and close unseen */
    }
    return ERR_NONE;
}

/* Without evidence the answers are read as well and dropped: an unread back channel slows the
 * backend down. */
enum err talk_read(struct talk *talk, struct why *why)
{
    const struct device *device = talk->device;
    uint8_t bytes[2048];
    for (int i = 0; i < 16;
         i++) { /* a printer that talks without end must not stop us writing */
        size_t n = 0;
        enum err err = device->read(device->ctx, bytes, sizeof bytes, &n, why);
        if (err && talk->asking)
            return err;
        if (err || n == 0)
            return ERR_NONE;
        for (size_t at = 0; talk->asking && at < n;) {
            struct hearing hearing;
            at += asker_take(&talk->asker, bytes + at, n - at);
            while (asker_next(&talk->asker, talk_now_ms(talk), &hearing)) {
                err = hand_on(talk, &hearing, why);
                if (err)
                    return err;
            }
        }
    }
    return ERR_NONE;
}

/* Asks what is due, waits until something happens or `until_ms`, writes and reads. */
enum err talk_step(struct talk *talk, int64_t until_ms, struct why *why)
{
    const struct device *device = talk->device;
    int64_t now = talk_now_ms(talk), wake = now + STEP_MAX_MS;
    enum err err = ERR_NONE;
    look_round(talk);
    if (talk->asking && asker_tick(&talk->asker, now))
        err = silence(talk, why);
    if (!err)
        err = ask(talk, why);
    if (!err)
        err = talk_write(talk, why);
    if (err)
        return err;
    if (talk->asking && talk_unsent(talk) == 0 && asker_deadline(&talk->asker) < wake)
        wake = asker_deadline(&talk->asker);
    if (until_ms < wake)
        wake = until_ms;
    err = device->wait(device->ctx, talk_unsent(talk) > 0, wake > now ? wake - now : 0, why);
    if (!err)
        err = talk_write(talk, why);
    if (!err)
        err = talk_read(talk, why);
    return err;
}

enum err talk_flush(struct talk *talk, int64_t limit_ms, struct why *why)
{
    enum err err = talk_write(talk, why);
    while (!err && talk_unsent(talk) > 0 && talk_now_ms(talk) < limit_ms)
        err = talk_step(talk, limit_ms, why);
    return err;
}
