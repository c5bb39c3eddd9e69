/* SPDX-License-Identifier: Apache-2.0 */
/* look.h: finding a label by what was read off it; inside intake/ only. */
#ifndef TEM_INTAKE_LOOK_H
#define TEM_INTAKE_LOOK_H

#include "spooler/intake/request.h"
#include "spooler/intake/scan.h"

/* {job, label, state, attempt, series, scope, number} of the label that a scan names; caller
 * owns *out. ERR_NOT_FOUND: never issued here. ERR_CONFLICT: several labels could be meant. */
enum err look_find_scan(struct txn *txn, struct request *request, const struct scan *scan,
                        json_t **out, struct why *why);

#endif
