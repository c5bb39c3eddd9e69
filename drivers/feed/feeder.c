/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/feeder-private.h"

#include "spooler/base/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Faults that leave every label where it is. */
#define HARMLESS ((1u << CONDITION_PAUSED) | (1u << CONDITION_OVER_TEMP))
/* Faults in which a printer feeds nothing (window.h, rule 4): no other may be open beside them.
 */
#define FEEDS_NOTHING ((1u << CONDITION_MEDIA_EMPTY) | (1u << CONDITION_HEAD_OPEN))
/* Faults after which a piece may have to be destroyed. */
#define TEARS (FEEDS_NOTHING | (1u << CONDITION_RIBBON_EMPTY))

#define LOOK_MS       1000 /* while the printer is waited for: is the token still ours to take? */
#define OUT_MAX_BYTES (3u * STREAM_FRAME_MAX) /* the plate again, an impression, a question */

/* ---- what is heard ----------------------------------------------------------- */

static void still_reading(struct still *still, uint64_t count, bool idle, int64_t now_ms)
{
    if (!idle || !still->known || count != still->count)
        still->since_ms = now_ms;
    still->twice = idle && still->known && count == still->count;
    still->known = idle;
    still->count = count;
}

/* The first reason stays: what came after it is what hands did about it. */
static void because(struct feeder *feeder, enum doubt why)
{
    if (feeder->why == DOUBT_NONE || window_out(&feeder->window) == 0)
        feeder->why = why;
}

/* Journals and tells what the window has confirmed since `before`. */
static enum err tell_confirmed(struct feeder *feeder, uint32_t before, struct why *why)
{
    struct window *window = &feeder->window;
    if (window->confirmed == before)
        return ERR_NONE;
    enum err err = journal_confirmed(&feeder->journal, window->confirmed, why);
    for (uint32_t n = before + 1; !err && n <= window->confirmed; n++) {
        char line[32];
        snprintf(line, sizeof line, "PAGE: %u 1", n);
        talk_say(&feeder->talk, line);
    }
    return err;
}

static enum err feed_reading(struct feeder *feeder, const struct hearing *hearing,
                             struct why *why)
{
    struct window *window = &feeder->window;
    uint32_t before = window->confirmed;
    bool back = hearing->count < window->count;
    if (window_reading(window, hearing->count, hearing->idle, talk_now_ms(&feeder->talk)) ==
        VERDICT_DOUBT) {
        feeder->doubt = true;
        because(feeder, back ? DOUBT_RESET : DOUBT_COUNT);
    }
    if (window->confirmed != before)
        asker_hurry(&feeder->talk.asker, talk_now_ms(&feeder->talk));
    if (!window->suspect)
        feeder->why = feeder->doubt ? feeder->why : DOUBT_NONE;
    return tell_confirmed(feeder, before, why);
}

/* A fault, a silence or a question that the printer was deaf to, while labels are fed. */
static enum err feed_trouble(struct feeder *feeder, const struct hearing *hearing,
                             struct why *why)
{
    struct window *window = &feeder->window;
    uint32_t before = window->confirmed, open = hearing->conditions;
    bool fault = hearing->what == HEARD_FAULT;
    window_trouble(window);
    if (fault && hearing->counted)
        window_fault_reading(window, hearing->count, hearing->idle,
                             hearing->fresh && (hearing->held & FEEDS_NOTHING) &&
                                 !(open & ~(FEEDS_NOTHING | HARMLESS)),
                             talk_now_ms(&feeder->talk));
    if (fault && !(open & ~HARMLESS))
        return tell_confirmed(feeder, before, why);
    /* Hands, or somebody who switched it off and on: the plate may be gone with its memory. */
    window_touched(window);
    feeder->plate_lost = true;
    because(feeder, !fault ? DOUBT_SILENCE : open & TEARS ? DOUBT_TORN : DOUBT_FAULT);
    return tell_confirmed(feeder, before, why);
}

/* Whose counter this is. Another printer's says nothing of our labels, whatever it shows. */
static void heard_identity(struct feeder *feeder, uint64_t mark)
{
    bool other = feeder->marked && mark != feeder->mark;
    feeder->marked = true;
    feeder->mark = mark;
    if (!other)
        return;
    feeder->still = (struct still){0};
    if (!feeder->feeding)
        return;
    feeder->doubt = true;
    feeder->why = DOUBT_SWAPPED;
}

static enum err heard(void *ctx, const struct hearing *hearing, struct why *why)
{
    struct feeder *feeder = ctx;
    switch (hearing->what) {
    case HEARD_FAULT:
    case HEARD_SILENCE:
    case HEARD_LOST:
        feeder->still = (struct still){0};
        return feeder->feeding ? feed_trouble(feeder, hearing, why) : ERR_NONE;
    case HEARD_UNSUPPORTED:
        feeder->unsupported = true;
        break;
    case HEARD_IDENTITY:
        heard_identity(feeder, hearing->mark);
        break;
    case HEARD_CLEAR:
    case HEARD_READING:
        if (feeder->feeding)
            window_trouble_over(&feeder->window);
        if (hearing->what == HEARD_CLEAR)
            break;
        still_reading(&feeder->still, hearing->count, hearing->idle,
                      talk_now_ms(&feeder->talk));
        return feeder->feeding ? feed_reading(feeder, hearing, why) : ERR_NONE;
    case HEARD_NOTHING:
        break;
    }
    return ERR_NONE;
}

/* ---- the stream ---------------------------------------------------------------- */

static enum err keep(struct buf *to, const struct frame *frame, struct why *why)
{
    buf_reset(to);
    buf_add(to, frame->bytes, frame->len);
    return buf_err(to) ? err_set(why, buf_err(to), "frame of %zu bytes", frame->len) : ERR_NONE;
}

enum err feeder_load(struct feeder *feeder, struct why *why)
{
    struct buf *const places[] = {[FRAME_BEGIN] = &feeder->begin,
                                  [FRAME_CANCEL] = &feeder->cancel,
                                  [FRAME_IMPRESSION] = &feeder->next,
                                  [FRAME_END] = &feeder->end};
    while (feeder->next_index == 0 && !feeder->input_over) {
        struct frame frame;
        enum err err = stream_next(feeder->job->reader, &frame, why);
        if (!err)
            err = keep(places[frame.type], &frame, why);
        if (err)
            return err;
        feeder->next_index = frame.type == FRAME_IMPRESSION ? frame.index : 0;
        feeder->input_over = frame.type == FRAME_END;
    }
    return ERR_NONE;
}

enum err feeder_send(struct feeder *feeder, struct why *why)
{
    struct talk *talk = &feeder->talk;
    enum err err = ERR_NONE;
    if (feeder->plate_lost) /* a label without its plate is a number without a product */
        err = talk_queue(talk, &feeder->begin, why);
    fault_point("temfeed.plate.checked");
    feeder->plate_lost = false;
    if (!err)
        err = journal_sent(&feeder->journal, feeder->next_index, why);
    if (err)
        return err;
    window_sent(&feeder->window, feeder->next.len);
    feeder->next_index = 0;
    feeder->still = (struct still){0};
    err = talk_queue(talk, &feeder->next, why);
    asker_hurry(&talk->asker, talk_now_ms(talk));
    if (!err)
        err = talk_write(talk, why);
    fault_point("temfeed.impression.sent");
    return err;
}

/* ---- the end ------------------------------------------------------------------- */

enum err feeder_finish(struct feeder *feeder, bool doubt, struct why *why)
{
    if (doubt && feeder->why == DOUBT_NONE)
        feeder->why = DOUBT_STOPPED;
    enum err err = doubt ? journal_doubt(&feeder->journal, feeder->why, why) : ERR_NONE;
    return err ? err : journal_end(&feeder->journal, why);
}

/* The rest of an impression that is half out is let go: half a format would be in the next
 * chunk's way. END is not sent: labels that still come out need their plate. */
static enum err end_in_doubt(struct feeder *feeder, struct why *why)
{
    struct talk *talk = &feeder->talk;
    bool doubt = window_doubts(&feeder->window);
    talk->asking = false; /* behind a D nothing is confirmed any more */
    enum err err = doubt ? journal_doubt(&feeder->journal, feeder->why, why) : ERR_NONE;
    char line[256] = "INFO: chunk ended early: the roll was fed, or another printer is there";
    if (doubt)
        snprintf(line, sizeof line, "INFO: labels are in doubt: %s", doubt_words(feeder->why));
    talk_say(talk, line);
    if (!err)
        err = talk_flush(talk, talk_now_ms(talk) + FEEDER_STOP_MS, why);
    return err ? err : journal_end(&feeder->journal, why);
}

enum err feeder_cancel_if_asked(struct feeder *feeder, bool *cancelled, struct why *why)
{
    if (*cancelled || talk_unsent(&feeder->talk) > 0 || feeder->cancel.len == 0 ||
        !token_cancel_asked(feeder->job->folder, &feeder->job->name))
        return ERR_NONE;
    *cancelled = true;
    feeder->still = (struct still){0};
    return talk_queue(&feeder->talk, &feeder->cancel, why);
}

bool feeder_draining(struct feeder *feeder)
{
    const struct feed_job *job = feeder->job;
    if (job->header->impressions == 0)
        return false; /* it only clears, which is wanted before the roll is changed */
    if (!feeder->draining && drain_asked(job->folder, job->header->queue)) {
        feeder->draining = true;
        talk_say(&feeder->talk, "INFO: waiting: change the roll: the last labels come out");
    }
    return feeder->draining;
}

/* After SIGTERM: nothing new starts, what is out may still be confirmed. */
static enum err wind_down(struct feeder *feeder, struct why *why)
{
    struct talk *talk = &feeder->talk;
    struct window *window = &feeder->window;
    int64_t limit_ms = talk_now_ms(talk) + FEEDER_STOP_MS;
    bool cancelled = false;
    talk_say(talk, "INFO: stopping; waiting for the labels that are out");
    while (!feeder->doubt && talk_now_ms(talk) < limit_ms &&
           (talk_unsent(talk) > 0 || window_out(window) > 0) &&
           !(cancelled && feeder->still.twice)) {
        bool before = cancelled;
        enum err err = feeder_cancel_if_asked(feeder, &cancelled, why);
        int64_t cancel_limit_ms = talk_now_ms(talk) + FEEDER_CANCEL_MS;
        if (cancelled && !before && cancel_limit_ms < limit_ms)
            limit_ms = cancel_limit_ms;
        if (!err)
            err = talk_step(talk, limit_ms, why);
        if (err)
            return err;
    }
    return feeder_finish(feeder, feeder->doubt ? window_doubts(window) : window_out(window) > 0,
                         why);
}

/* ---- with a counter ------------------------------------------------------------ */

static enum err still_ours(const struct feed_job *job, bool *ours, struct why *why)
{
    enum token_state state = TOKEN_NONE;
    enum err err = token_look(job->folder, &job->name, &state, why);
    *ours = !err && state == TOKEN_GO;
    return err;
}

/* After a clear a label may still be moving, and shows in no answer before it is out. */
static bool stands_still(const struct feeder *feeder)
{
    const struct still *still = &feeder->still;
    return still->twice && talk_now_ms(&feeder->talk) - still->since_ms >=
                               (int64_t)feeder->job->header->feed_ms;
}

/* Until the printer stands still and its count is known. *ours false: the token was withdrawn,
 * SIGTERM came, or the roll is to be changed (temd withdraws the token then). */
static enum err find_baseline(struct feeder *feeder, bool *ours, struct why *why)
{
    struct talk *talk = &feeder->talk;
    int64_t look_ms = talk_now_ms(talk) + LOOK_MS;
    while (!stands_still(feeder)) {
        *ours = !talk_stopped(talk) && !feeder_draining(feeder);
        if (!*ours)
            return ERR_NONE;
        enum err err = talk_step(talk, look_ms, why);
        if (err)
            return err;
        if (feeder->unsupported)
            return err_set(why, ERR_DEVICE,
                           "the printer does not know its label counter; "
                           "configure it without evidence");
        if (talk_now_ms(talk) < look_ms)
            continue;
        look_ms = talk_now_ms(talk) + LOOK_MS;
        if (talk->asker.silent)
            talk_show_silence(talk);
        err = still_ours(feeder->job, ours, why);
        if (err || !*ours)
            return err;
    }
    return ERR_NONE;
}

static enum err feed_counted(struct feeder *feeder, struct why *why)
{
    struct talk *talk = &feeder->talk;
    enum err err = talk_queue(talk, &feeder->begin, why), input = ERR_NONE;
    while (!err) {
        if (feeder->doubt)
            return end_in_doubt(feeder, why);
        if (talk_stopped(talk))
            return wind_down(feeder, why);
        if (!input)
            input = feeder_load(feeder, why); /* broken: what is out is still waited for */
        bool more = !input && feeder->next_index > 0 && !feeder_draining(feeder);
        if (!more && talk_unsent(talk) == 0 && window_out(&feeder->window) == 0)
            break;
        if (more && talk_unsent(talk) == 0 &&
            window_may_send(&feeder->window, feeder->next.len))
            err = feeder_send(feeder, why);
        else
            err = talk_step(talk, INT64_MAX, why);
    }
    talk->asking = false; /* all is known */
    fault_point("temfeed.confirmed.all");
    if (!err)
        err = talk_queue(talk, &feeder->end, why);
    if (!err)
        err = talk_flush(talk, talk_now_ms(talk) + FEEDER_STOP_MS, why);
    if (!err)
        err = feeder_finish(feeder, false, why);
    return err ? err : input;
}

static enum err run_counted(struct feeder *feeder, struct why *why)
{
    const struct feed_job *job = feeder->job;
    struct talk *talk = &feeder->talk;
    bool ours = true;
    int fd = -1;
    talk->asking = true;
    asker_init(&talk->asker, talk->driver, talk_now_ms(talk));
    /* Labels of an earlier chunk may still wait in the printer. They are in doubt already, and
     * a person may have said since that they do not exist: they must not come out any more. */
    enum err err = feeder->cancel.len > 0 ? talk_queue(talk, &feeder->cancel, why) : ERR_NONE;
    if (!err)
        err = find_baseline(feeder, &ours, why);
    if (err || !ours)
        return err;
    uint64_t baseline = feeder->still.count;
    err = token_take(job->folder, &job->name, &fd, why);
    if (err)
        return err == ERR_STATE ? ERR_NONE : err;
    journal_init(&feeder->journal, fd);
    window_init(&feeder->window, job->header->window, job->model->receive_buffer_bytes,
                baseline);
    feeder->feeding = true;
    if (feeder->marked && feeder->mark)
        err = journal_device(&feeder->journal, feeder->mark, why);
    if (!err)
        err = journal_baseline(&feeder->journal, baseline, why);
    if (!err)
        err = feed_counted(feeder, why);
    close(fd); /* what had to be on disk was synced */
    return err;
}

enum err feeder_run(const struct feed_job *job, struct why *why)
{
    bool ours = false;
    struct feeder *feeder = calloc(1, sizeof *feeder);
    if (!feeder)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    feeder->job = job;
    talk_init(&feeder->talk, job->device, job->model->driver, OUT_MAX_BYTES);
    feeder->talk.heard = heard;
    feeder->talk.ctx = feeder;
    struct buf *const bufs[] = {&feeder->begin, &feeder->next, &feeder->end, &feeder->cancel};
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
        buf_init(bufs[i], STREAM_FRAME_MAX);
    enum err err = still_ours(job, &ours, why);
    if (!err && ours)
        err = feeder_load(feeder, why);
    if (!err && ours)
        err = job->header->evidence == EVIDENCE_NONE ? feed_blind(feeder, why)
                                                     : run_counted(feeder, why);
    talk_end(&feeder->talk);
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
        buf_free(bufs[i]);
    talk_free(&feeder->talk);
    free(feeder);
    return err;
}
