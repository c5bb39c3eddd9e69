/* SPDX-License-Identifier: Apache-2.0 */
/* talk.h: the conversation with one printer: bytes go out in order and whole, questions are
 * asked between them, answers come in, people are told what is waited for. It knows nothing of
 * tokens, journals and windows: what it hears it hands on.
 *
 * Nothing blocks but talk_step, and that no longer than it is told. One thread. */
#ifndef TEM_DRIVERS_FEED_TALK_H
#define TEM_DRIVERS_FEED_TALK_H

#include "drivers/feed/asker.h"
#include "drivers/feed/device.h"
#include "spooler/base/buf.h"

struct talk {
    const struct device *device;
    const struct driver *driver;
    /* Called for each thing heard; a failure ends the step that heard it. */
    enum err (*heard)(void *ctx, const struct hearing *hearing, struct why *why);
    void *ctx;
    bool asking; /* false: nothing is asked, what comes in is read and dropped */
    struct asker asker;
    struct buf out; /* on its way: bytes from out_at on */
    size_t out_at;
    int64_t moved_ms; /* when the last byte went out */
    uint32_t shown;   /* conditions that CUPS was told of */
    bool shown_any;
};

/* Borrows device and driver. max_bytes: on their way at most. */
void talk_init(struct talk *talk, const struct device *device, const struct driver *driver,
               size_t max_bytes);
void talk_free(struct talk *talk);
int64_t talk_now_ms(const struct talk *talk);
bool talk_stopped(const struct talk *talk);
void talk_say(struct talk *talk, const char *line);
/* Tells people, once, that the printer does not answer, and as much of the reason as the
 * network knows. */
void talk_show_silence(struct talk *talk);
/* Takes back what CUPS was told: from now on nobody asks. */
void talk_end(struct talk *talk);

/* Bytes that have not gone out yet. */
size_t talk_unsent(const struct talk *talk);
enum err talk_queue(struct talk *talk, const struct buf *bytes, struct why *why);
/* Asks what is due, waits until something happens or `until_ms` (a time), writes and reads.
 * ERR_DEVICE: the way to the printer is broken. */
enum err talk_step(struct talk *talk, int64_t until_ms, struct why *why);
/* Writes what goes without waiting. */
enum err talk_write(struct talk *talk, struct why *why);
/* Steps until all is out or `limit_ms` (a time) has come. */
enum err talk_flush(struct talk *talk, int64_t limit_ms, struct why *why);
/* Reads what has come. */
enum err talk_read(struct talk *talk, struct why *why);

#endif
