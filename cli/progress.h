/* SPDX-License-Identifier: Apache-2.0 */
/* progress.h: how far a job is, as one line: a bar for a terminal or words for a log. Pure. */
#ifndef TEM_CLI_PROGRESS_H
#define TEM_CLI_PROGRESS_H

#include "spooler/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRESS_SAMPLES 32

struct progress {
    int64_t job_id;
    uint64_t done, all;
    uint64_t per_hour; /* labels; 0 = not known yet */
    char words[512];   /* clean; what it waits for, "" = nothing */
};

/* The last half minute, for rate and time left. */
struct progress_meter {
    struct {
        int64_t mono_ms;
        uint64_t done;
    } samples[PROGRESS_SAMPLES];
    size_t count, next;
};

/* Notes a count, at most one a second. Returns labels an hour over what it remembers; 0 = not
 * known. */
uint64_t progress_rate(struct progress_meter *meter, int64_t mono_ms, uint64_t done);

/* Appends "job 7 [bar] 412/1000  41%  118/min  4:59 left", never wider than `columns` (at least
 * 20). Without `utf8` the bar is of ASCII. */
void progress_bar(const struct progress *progress, size_t columns, bool utf8, bool colour,
                  struct buf *out);
/* Appends "job 7: 412 of 1000 labels, 118/min, 4:59 left; waiting: out of labels". */
void progress_words(const struct progress *progress, struct buf *out);

#endif
