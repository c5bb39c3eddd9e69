/* SPDX-License-Identifier: Apache-2.0 */
/* check-merge.h: the findings of all models as a person counts them: the same fault on three
 * models, told with other measures, is one fault. One thread; borrows the findings. */
#ifndef TEM_CLI_CHECK_MERGE_H
#define TEM_CLI_CHECK_MERGE_H

#include "cli/check-view.h"

/* A fault with the words and measures of the first view that has it. Bit i is view i;
 * `likewise` are those whose measures are others. */
struct merged {
    const struct finding *finding;
    uint32_t views, likewise;
    size_t order;
};

struct merge {
    struct merged *list;
    size_t count, dropped;
};

/* All of them, by line and column. false = out of memory. The caller frees the list. */
bool merge_all(const struct check_file *result, struct merge *out);
size_t merge_count(const struct merge *merge, enum severity severity);

#endif
