/* SPDX-License-Identifier: Apache-2.0 */
/* feed-blind.c: a printer that is not asked: each label is journalled as sent, and the chunk
 * ends when all is delivered. */
#include "drivers/feed/feeder-private.h"

#include "spooler/base/fault.h"

#include <unistd.h>

#define DRAIN_STEP_MS 1000

/* However long the printer takes; after SIGTERM for 20 s more. */
static enum err flush_patiently(struct feeder *feeder, int64_t *limit_ms, struct why *why)
{
    struct talk *talk = &feeder->talk;
    enum err err = talk_write(talk, why);
    while (!err && talk_unsent(talk) > 0) {
        if (talk_stopped(talk) && *limit_ms == INT64_MAX)
            *limit_ms = talk_now_ms(talk) + FEEDER_STOP_MS;
        if (talk_now_ms(talk) >= *limit_ms)
            return err_set(why, ERR_DEVICE, "stopped while the printer took nothing");
        err = talk_step(talk, *limit_ms, why);
    }
    return err;
}

static enum err drain(struct feeder *feeder, int64_t limit_ms, struct why *why)
{
    struct talk *talk = &feeder->talk;
    for (bool done = false; !done;) {
        if (talk_stopped(talk) && limit_ms == INT64_MAX)
            limit_ms = talk_now_ms(talk) + FEEDER_STOP_MS;
        if (talk_now_ms(talk) >= limit_ms)
            return err_set(why, ERR_DEVICE, "stopped before all was delivered");
        enum err err = talk->device->drain(talk->device->ctx, DRAIN_STEP_MS, &done, why);
        if (!err)
            err = talk_read(talk, why);
        if (err)
            return err;
    }
    return ERR_NONE;
}

static enum err feed(struct feeder *feeder, struct why *why)
{
    struct talk *talk = &feeder->talk;
    int64_t limit_ms = INT64_MAX;
    bool cancelled = false;
    fault_point("blind.begin.before");
    enum err input = ERR_NONE, err = talk_queue(talk, &feeder->begin, why);
    if (!err)
        err = flush_patiently(feeder, &limit_ms, why);
    while (!err && !input && !talk_stopped(talk) && !feeder_draining(feeder)) {
        input = feeder_load(feeder, why);
        if (input || feeder->next_index == 0)
            break;
        err = feeder_send(feeder, why);
        if (!err)
            err = flush_patiently(feeder, &limit_ms, why);
    }
    if (!err && talk_stopped(talk))
        err = feeder_cancel_if_asked(feeder, &cancelled, why);
    if (!err && !cancelled)
        err = talk_queue(talk, &feeder->end, why);
    if (!err)
        err = flush_patiently(feeder, &limit_ms, why);
    fault_point("blind.end.sent");
    if (!err)
        err = drain(feeder, limit_ms, why);
    fault_point("blind.drained");
    /* what a cancel has cleared nobody knows: then S is not `sent` but in doubt */
    if (!err)
        err = feeder_finish(feeder, cancelled && feeder->window.sent > 0, why);
    return err ? err : input;
}

enum err feed_blind(struct feeder *feeder, struct why *why)
{
    const struct feed_job *job = feeder->job;
    int fd = -1;
    if (talk_stopped(&feeder->talk))
        return ERR_NONE;
    enum err err = token_take(job->folder, &job->name, &fd, why);
    if (err)
        return err == ERR_STATE ? ERR_NONE : err;
    journal_init(&feeder->journal, fd);
    window_init(&feeder->window, job->header->window, job->model->receive_buffer_bytes, 0);
    err = journal_no_evidence(&feeder->journal, why);
    if (!err)
        err = feed(feeder, why);
    close(fd); /* what had to be on disk was synced */
    return err;
}
