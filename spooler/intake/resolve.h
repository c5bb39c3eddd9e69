/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h: what a person decided about labels in doubt, from JSON to label indexes; inside
 * intake/ only. A label may be named by its index (an integer) or by its printed number (a
 * string). */
#ifndef TEM_INTAKE_RESOLVE_H
#define TEM_INTAKE_RESOLVE_H

#include "spooler/intake/request.h"

#define RESOLVE_MAX_RANGES 1000

struct order;

struct decided {
    uint64_t first, last;
    enum decision decision;
};

/* An order of a person; lives with its request. */
struct act {
    const struct order *order;
    json_t *root; /* the body; NULL = none */
    char by[JOB_TEXT];
    char reason[401];
    uint64_t last_good; /* label; 0 = not given */
    struct decided *ranges;
    size_t range_count;
};

/* Reads last_good or ranges of act->root. A job's numbers never change, so they are looked up
 * before the commit. Faults are findings. ERR_NOT_FOUND: no such job. */
enum err resolve_read(struct request *request, struct act *act, struct why *why);

#endif
