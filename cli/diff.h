/* SPDX-License-Identifier: Apache-2.0 */
/* diff.h: two texts compared line by line, as `diff -u` (POSIX) shows it, so that patch takes
 * it.
 *
 * The fewest lines that lead from one to the other (Myers, "An O(ND) Difference Algorithm and
 * Its Variations", 1986). Where two texts have more than DIFF_MAX changed lines between what
 * they begin and end with in common, all in between is shown as replaced. Pure. */
#ifndef TEM_CLI_DIFF_H
#define TEM_CLI_DIFF_H

#include "spooler/base/buf.h"

#include <stddef.h>

#define DIFF_MAX 1000 /* memory grows with its square: 4 MB */

struct diff_text {
    const char *name; /* behind --- and +++ */
    const char *bytes;
    size_t len;
};

struct diff_counts {
    size_t removed, added; /* lines; both 0 = equal */
};

/* Appends to `out`; nothing when they are equal. ERR_NO_MEMORY, ERR_TOO_LARGE. */
enum err diff_unified(const struct diff_text *a, const struct diff_text *b, struct buf *out,
                      struct diff_counts *counts);

#endif
