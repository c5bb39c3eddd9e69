/* SPDX-License-Identifier: Apache-2.0 */
/* window.h: how much may be out, and what the device's counter proves about it. Pure: no I/O,
 * no clock of its own.
 *
 * A counter proves a quantity, not an identity: only between two looks with no fault, no reset
 * and no other source. So a *reading* counts: the counter, read after one status without a
 * fault and before another. The rules, and why each:
 *
 * 1. While a fault is open (or the printer silent, or our bytes stuck) nothing is sent, and
 * what is out becomes suspect.
 * 2. A pause or a hot head leaves labels where they are. Afterwards what was out is confirmed
 *    together or not at all: buffer empty, count exact, no reset. But a panel can clear labels
 *    and feed others while it pauses: a printer that is empty and too low while it pauses was
 *    touched (3); so was one whose counter moves by more than the label that was moving, or
 *    after WINDOW_MOTION_MS. And what is counted after it was empty and too low for
 *    WINDOW_STILL_MS was fed, with a pause or without one.
 * 3. Any other fault may have torn a label, and the hands that mend it feed: a lost label and a
 *    feed count like a label. What was out then is in doubt, however exact the count.
 * 4. Except for what the counter shows before hands can have been there: out of labels or with
 *    its head open a printer feeds nothing. Two equal counts, both read while that is so and
 *    within ASKER_FRESH_MS of the last status without a fault: nothing moves, and the labels
 *    counted came out one after the other before it. All but the last of them are whole; the
 *    last may be the torn one (some printers count it), and one feed in its place is covered by
 *    the same label. Not so with the ribbon, a jam or the cutter: those spoil labels that were
 *    counted long before they are noticed.
 * 5. The same holds without a fault: the last label counted waits until the next is counted
 * too, or until the printer is idle and the count exact. It may be one that is counted when it
 *    begins and tears yet, or somebody else's in the place of ours. */
#ifndef TEM_DRIVERS_FEED_WINDOW_H
#define TEM_DRIVERS_FEED_WINDOW_H

#include "drivers/feed/stream.h"

#include <stdbool.h>
#include <stdint.h>

/* How long "buffer empty, count too low" must last before it means that labels were lost. After
 * a fault it is what is to be expected; without one the printer may only be slow to start. */
#define WINDOW_SETTLE_MS       5000
#define WINDOW_QUIET_SETTLE_MS 20000
/* How long it must last for a count that rises then to be a feed and not ours. */
#define WINDOW_STILL_MS 1000
/* How long a label that was moving when the pause began may take: 250 mm at 50 mm/s. */
#define WINDOW_MOTION_MS 5000

enum verdict {
    VERDICT_GO_ON,
    VERDICT_DOUBT /* for good: what is out can never be attributed any more */
};

struct window {
    uint32_t limit;        /* impressions out at most */
    uint32_t buffer_bytes; /* bytes out at most, unless nothing else is out */
    uint64_t baseline;     /* the counter before the first impression */
    uint64_t count;        /* its last value */
    uint32_t sent, confirmed;
    uint64_t bytes_out;
    bool trouble; /* a fault is open, or the printer is silent */
    bool suspect; /* what is out is confirmed together or not at all; nothing more is sent */
    bool faulted; /* because it was out while there was trouble, not only empty and too low */
    bool touched; /* because of a fault that hands have to mend, or a silence that may hide one
                   */
    bool moved;   /* trouble since the last reading: may explain a count that rose by itself */
    bool paused_known, standing; /* a count was read in this trouble; and again, the same */
    bool unsteady;               /* it stood, and moved again */
    uint64_t paused_first, paused_count;
    int64_t paused_ms; /* when it was first read */
    bool short_known;
    int64_t short_since_ms; /* first of an unbroken row of readings "empty, too low" */
    uint32_t bytes[STREAM_IMPRESSION_MAX]; /* of impression n at n - 1 */
};

/* baseline: two equal counts were read with nothing moving in between. */
void window_init(struct window *window, uint32_t limit, uint32_t buffer_bytes,
                 uint64_t baseline);
/* Whether an impression of that many bytes may leave now. */
bool window_may_send(const struct window *window, size_t bytes);
/* Its S is synced and its bytes are on their way. */
void window_sent(struct window *window, size_t bytes);
uint32_t window_out(const struct window *window);
/* A fault is open, the printer does not answer, or our bytes do not move. */
void window_trouble(struct window *window);
/* Besides: it is of a kind that hands mend (out of labels, open head, ...), or cannot be told.
 */
void window_touched(struct window *window);
/* The counter, read between two statuses that both had a fault. `still`: out of labels or with
 * the head open in both, and soon enough for rule 4. May raise `confirmed`. */
void window_fault_reading(struct window *window, uint64_t count, bool idle, bool still,
                          int64_t now_ms);
/* A status without a fault came after it. What was out stays suspect. */
void window_trouble_over(struct window *window);
/* A reading as above; `idle` as of the status that closed it. May raise `confirmed`. */
enum verdict window_reading(struct window *window, uint64_t count, bool idle, int64_t now_ms);
/* After VERDICT_DOUBT: whether the journal needs a D. A count that rose while a fault was open
 * and nothing was out (a new roll was fed) leaves no label in doubt. */
bool window_doubts(const struct window *window);

#endif
