/* SPDX-License-Identifier: Apache-2.0
 *
 * record.h: what really came out of the printer: labels.jsonl, pictures and the odometer.
 *
 * One line an event, in the order of the paper, flushed before anybody can read the new
 * odometer. The odometer outlives the process (not the machine) when it has a state file. */
#ifndef VPRINTER_RECORD_H
#define VPRINTER_RECORD_H

#include "report.h"
#include "zpl-interpret.h"

enum paper { PAPER_LABEL, PAPER_TORN, PAPER_FEED, PAPER_FOREIGN, PAPER_KINDS };

struct recorder {
    const char *dir; /* borrowed */
    bool png;
    uint32_t dots_per_m;
    struct report *report; /* borrowed */
    FILE *labels;
    int state_fd;         /* -1: none */
    uint64_t odometer, n; /* n: physical events of this process */
    uint64_t count[PAPER_KINDS];
    bool failed;
};

/* Makes `dir` when it is missing, appends to its labels.jsonl, reads the odometer from
 * `state_path` (may be NULL). False: logged. */
bool recorder_open(struct recorder *rec, const char *state_path);

/* Records an event and moves the odometer, except for torn labels. `image` is what was on it,
 * NULL for feed and foreign, of which `settings` give the size; `rows` is how much of the image
 * is on the paper. A failed write sets `failed` for good. */
void recorder_add(struct recorder *rec, enum paper kind, const struct image *image,
                  const struct settings *settings, uint32_t rows);

/* False when what was written may be incomplete. */
bool recorder_close(struct recorder *rec);

#endif
