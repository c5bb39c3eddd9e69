/* SPDX-License-Identifier: Apache-2.0 */
/* dots-check.h: what is about to be sent is what was committed or ordered, dot for dot. */
#ifndef TEM_SPOOLER_DOTS_CHECK_H
#define TEM_SPOOLER_DOTS_CHECK_H

#include "spooler/drawing.h"

/* A chunk that was committed before (has_dots) must be drawn with the same dots; a chunk of a
 * reprint with those that were compared when it was ordered. ERR_DOTS: a font or a library
 * changed in between. */
enum err dots_check(struct store *store, const struct chunk *chunk,
                    const struct drawing *drawing, struct why *why);

#endif
