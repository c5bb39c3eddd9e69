/* SPDX-License-Identifier: Apache-2.0
 *
 * engine.h: the paper path: media, head, speed, faults.
 *
 * Holds the label that feeds and one that waits behind it, as a printer images one ahead. A
 * label takes (length + gap) / speed and counts when it has fed whole. Time is handed in, in
 * microseconds; nothing here reads a clock. */
#ifndef VPRINTER_ENGINE_H
#define VPRINTER_ENGINE_H

#include "record.h"

struct engine {
    /* set by the owner, constant */
    struct recorder *rec;
    struct report *report;
    uint32_t dots_per_m, speed_mm_s, gap_mm;
    bool has_peeler;
    int32_t take_ms; /* how long a person takes; -1: only by `take` */

    int64_t media_left; /* labels on the roll; -1: no end */
    bool media_out, head_open, paused;
    bool ribbon_out, cutter, jam;
    uint64_t media_out_at, power_cycle_after; /* physical numbers; 0: never */
    bool power_cycle_due;

    struct image *current, *waiting;
    int64_t current_ready_us, waiting_ready_us;
    uint32_t copies_left;
    bool feeding, tears;
    int64_t start_us, end_us, free_us, take_us;
    bool label_waiting;
};

#define ENGINE_NEVER INT64_MAX

/* Moves the paper up to `now_us`. True: there is more to do at once (labels without duration).
 */
bool engine_run(struct engine *e, int64_t now_us);

/* When engine_run() is due next. */
int64_t engine_deadline(const struct engine *e);

bool engine_has_room(const struct engine *e);

/* Takes the image; there must be room. */
void engine_take(struct engine *e, struct image *image, int64_t now_us);

/* Ends the label that feeds: torn where ribbon or paper path fail, whole at the cutter. */
void engine_fault(struct engine *e, bool *fault, bool on, int64_t now_us);

/* Whether the printer is in a state in which, says the manual, it does not answer ~HS. */
bool engine_silent(const struct engine *e);

/* Labels of the batch that are not out yet, the one that feeds included. */
uint32_t engine_remaining(const struct engine *e);

/* New media: `labels` or -1 for no end; what `media_out_at` said of the old is over. */
void engine_load(struct engine *e, int64_t labels, int64_t now_us);

/* Opening the head tears the label that feeds. */
void engine_head(struct engine *e, bool open, int64_t now_us);

void engine_pause(struct engine *e, bool pause, int64_t now_us);

/* Somebody takes the peeled label. */
void engine_person_takes(struct engine *e, int64_t now_us);

/* One label by FEED or by another host; false: no media or head open. `settings` give its size.
 */
bool engine_other_label(struct engine *e, enum paper kind, const struct settings *settings);

/* ~JA: the label that feeds ends well, all others are forgotten. */
void engine_cancel(struct engine *e);

/* Power goes: the label that feeds is torn, all are forgotten. */
void engine_power_off(struct engine *e, int64_t now_us);

#endif
