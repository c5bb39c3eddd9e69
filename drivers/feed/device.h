/* SPDX-License-Identifier: Apache-2.0 */
/* device.h: the way to the printer and to CUPS, as a filter has it: bytes to the backend on
 * standard output, answers on the back channel (descriptor 3), delivery on the side channel
 * (4), words on standard error. Behind a struct, so that tests put a printer and a clock of
 * their own in its place. One thread. */
#ifndef TEM_DRIVERS_FEED_DEVICE_H
#define TEM_DRIVERS_FEED_DEVICE_H

#include "drivers/feed/reach.h"
#include "spooler/base/clock.h"
#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device {
    void *ctx;
    const struct clock *clock;
    /* Until answers can be read, bytes can be written (if wanted), a stop is asked for or
     * the time is over. ERR_DEVICE: nobody takes our bytes any more. */
    enum err (*wait)(void *ctx, bool want_write, int64_t timeout_ms, struct why *why);
    /* As many as go without waiting; may be 0. ERR_DEVICE as above. */
    enum err (*write)(void *ctx, const uint8_t *bytes, size_t len, size_t *written,
                      struct why *why);
    /* What has come, without waiting; may be 0. ERR_DEVICE: nothing will ever come. */
    enum err (*read)(void *ctx, uint8_t *bytes, size_t size, size_t *got, struct why *why);
    /* Whether all that was written has reached the device; waits up to the time given. */
    enum err (*drain)(void *ctx, int64_t timeout_ms, bool *done, struct why *why);
    /* SIGTERM has come. */
    bool (*stopped)(void *ctx);
    /* One line for CUPS, without its end ("PAGE: 1 1"). Cannot fail: an orphan prints silently.
     */
    void (*say)(void *ctx, const char *line);
    /* What the network knows of a printer that is silent (reach.h); NULL = nothing. */
    enum reach_state (*reach)(void *ctx, bool silent, uint32_t *conditions);
};

/* The real one. From this call on SIGTERM is noticed only by `stopped`, SIGPIPE not at all.
 * snmp_port: where $DEVICE_URI's host is asked for reach; 0 = nowhere. */
enum err device_cups(struct device *out, uint16_t snmp_port, struct why *why);

#endif
