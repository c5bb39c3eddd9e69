/* SPDX-License-Identifier: Apache-2.0 */
/* near.h: the nearest known word, for messages such as: unknown key "lable" (nearest
 * known: "label"). */
#ifndef TEM_BASE_NEAR_H
#define TEM_BASE_NEAR_H

#include <stddef.h>

/* The entry of `words` with the least edit distance to `word` (ties: the first), or
 * NULL when none is within a third of its length plus one. */
const char *near_word(const char *word, const char *const *words, size_t count);

#endif
