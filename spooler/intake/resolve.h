/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h: what a person decided about labels in doubt, from JSON to label indexes; inside
 * intake/ only. A label may be named by its index (an integer) or by its printed number (a
 * string). */
#ifndef TEM_INTAKE_RESOLVE_H
#define TEM_INTAKE_RESOLVE_H

#include "spooler/intake/act.h"

#define RESOLVE_MAX_RANGES 1000

/* Reads last_good or ranges of act->root. A job's numbers never change, so they are looked up
 * before the commit. Faults are findings. ERR_NOT_FOUND: no such job. */
enum err resolve_read(struct request *request, struct act *act, struct why *why);
/* Reads first and last (the same when it is not given), each an index or a number, into
 * act->ranges[0]. */
enum err resolve_read_labels(struct request *request, struct act *act, struct why *why);

#endif
