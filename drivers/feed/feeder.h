/* SPDX-License-Identifier: Apache-2.0 */
/* feeder.h: one chunk from its stream to its printer, and what became of it into its journal.
 *
 * With a counter: ask until the printer is idle and its counter stands still (the baseline),
 * take the token, then feed within the window and confirm what the counter proves. Without
 * evidence: take the token, feed, wait for delivery. Not one byte of a label leaves before the
 * token is taken, and none of label n before its S is on disk.
 *
 * A fault or silence makes it wait, for hours if need be. What cannot be attributed any
 * more is left in doubt (D) and the chunk ends. SIGTERM: nothing new starts; what is out is
 * given time to be confirmed. Diagnostics: CUPS's lines (INFO, STATE, PAGE) through the device.
 */
#ifndef TEM_DRIVERS_FEED_FEEDER_H
#define TEM_DRIVERS_FEED_FEEDER_H

#include "drivers/feed/device.h"
#include "drivers/feed/stream.h"
#include "drivers/feed/token.h"

struct feed_job {
    const struct stream_header *header;
    const struct model *model;
    const char *folder; /* the feed folder */
    struct token_name name;
    struct stream_reader *reader; /* behind the header; borrows all of these */
    const struct device *device;
};

/* How long SIGTERM waits for what is out; CUPS's JobKillDelay is 30 s. */
#define FEEDER_STOP_MS   20000
#define FEEDER_CANCEL_MS 5000

/* ERR_NONE: the journal ended clean (with or without D), or the token was not there to be taken
 * and nothing was sent. ERR_DEVICE: the printer cannot give this evidence (nothing was sent,
 * the token is untouched), or the way to it broke and the journal ends without E. */
enum err feeder_run(const struct feed_job *job, struct why *why);

#endif
