/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/window.h"

#include <assert.h>
#include <string.h>

void window_init(struct window *window, uint32_t limit, uint32_t buffer_bytes,
                 uint64_t baseline)
{
    memset(window, 0, sizeof *window);
    window->limit = limit;
    window->buffer_bytes = buffer_bytes;
    window->baseline = baseline;
    window->count = baseline;
}

uint32_t window_out(const struct window *window)
{
    return window->sent - window->confirmed;
}

bool window_may_send(const struct window *window, size_t bytes)
{
    if (window->trouble || window->suspect || window->sent == STREAM_IMPRESSION_MAX)
        return false;
    uint32_t out = window_out(window);
    return out == 0 ||
           (out < window->limit && window->bytes_out + bytes <= window->buffer_bytes);
}

void window_sent(struct window *window, size_t bytes)
{
    assert(window->sent < STREAM_IMPRESSION_MAX && bytes <= STREAM_FRAME_MAX);
    window->bytes[window->sent++] = (uint32_t)bytes;
    window->bytes_out += bytes;
    window->short_known = false;
}

void window_trouble(struct window *window)
{
    if (!window->trouble)
        window->paused_known = window->standing = window->unsteady = false;
    window->trouble = true;
    window->moved = true;
    if (window_out(window) > 0)
        window->suspect = window->faulted = true;
    window->short_known = false;
}

void window_touched(struct window *window)
{
    window->touched = window->touched || window_out(window) > 0;
}

void window_trouble_over(struct window *window)
{
    window->trouble = false;
}

static void confirm_up_to(struct window *window, uint64_t n)
{
    for (; window->confirmed < n; window->confirmed++)
        window->bytes_out -= window->bytes[window->confirmed];
}

/* Rule 4. A count that is not between what is known and what was sent tells of a reset or of
 * somebody else's labels: nothing is taken from it. */
static void take_standing(struct window *window, uint64_t count)
{
    if (count < window->count || count - window->baseline > window->sent)
        return;
    uint64_t n = count - window->baseline;
    if (n > 0)
        confirm_up_to(window, n - 1);
}

void window_fault_reading(struct window *window, uint64_t count, bool idle, bool still,
                          int64_t now_ms)
{
    bool again = window->paused_known && count == window->paused_count;
    if (!window->paused_known) {
        window->paused_first = count;
        window->paused_ms = now_ms;
    }
    if (!again &&
        (count - window->paused_first > 1 || now_ms - window->paused_ms >= WINDOW_MOTION_MS))
        window_touched(window); /* rule 2: somebody feeds */
    if (idle && count - window->baseline < window->sent)
        window_touched(window); /* rule 2: somebody cleared it */
    window->unsteady = window->unsteady || (window->standing && !again);
    window->standing = window->standing || again;
    window->paused_known = true;
    window->paused_count = count;
    if (again && still && !window->unsteady)
        take_standing(window, count);
}

/* Empty, and yet the count is too low: for how long now? Nothing more is sent meanwhile: if
 * labels were lost (cleared at the panel), a later one would be counted in their place. */
static enum verdict wait_for_the_rest(struct window *window, bool idle, int64_t now_ms)
{
    if (!idle) {
        window->short_known = false;
        return VERDICT_GO_ON;
    }
    if (!window->short_known) {
        window->short_known = true;
        window->suspect = true;
        window->short_since_ms = now_ms;
    }
    int64_t limit_ms = window->faulted ? WINDOW_SETTLE_MS : WINDOW_QUIET_SETTLE_MS;
    return now_ms - window->short_since_ms >= limit_ms ? VERDICT_DOUBT : VERDICT_GO_ON;
}

enum verdict window_reading(struct window *window, uint64_t count, bool idle, int64_t now_ms)
{
    if (count < window->count || count - window->baseline > window->sent)
        return VERDICT_DOUBT; /* a reset; or somebody else prints or feeds */
    if (count != window->count) {
        if (window->short_known && now_ms - window->short_since_ms >= WINDOW_STILL_MS)
            return VERDICT_DOUBT; /* rule 2: it was empty */
        window->short_known = false;
    }
    window->count = count;
    window->moved = false;
    uint64_t n = count - window->baseline;
    /* Not before it is empty: what still comes out must be there when a person looks. */
    if (window->touched)
        return idle ? VERDICT_DOUBT : VERDICT_GO_ON;
    /* Rule 5. All is there only when nothing is left to come: a foreign label that was counted
     * in place of our last one shows itself when ours is counted as well. */
    bool all = n == window->sent && idle;
    if (all) {
        confirm_up_to(window, n);
        window->suspect = window->faulted = false;
    } else if (!window->suspect) {
        confirm_up_to(window, n > 0 ? n - 1 : 0);
    }
    return window_out(window) > 0 && n < window->sent ? wait_for_the_rest(window, idle, now_ms)
                                                      : VERDICT_GO_ON;
}

bool window_doubts(const struct window *window)
{
    return window_out(window) > 0 || !window->moved;
}
