/* SPDX-License-Identifier: Apache-2.0 */
/* stand-in.h: numbers that no series issues, to try a label with before its numbers are spent.
 * Pure. */
#ifndef TEM_INTAKE_STAND_IN_H
#define TEM_INTAKE_STAND_IN_H

#include "spooler/registry/number.h"

#include <stdbool.h>

/* The number of this format that needs most room: as text (`mixed` false: the widest character
 * all over), or as a symbol (`mixed`: changing between upper case, lower case and signs, which
 * costs code words). False when `mixed` gives no other number. */
bool stand_in(const struct number_format *format, bool mixed, char out[static NUMBER_MAX]);

#endif
