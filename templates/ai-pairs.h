/* SPDX-License-Identifier: Apache-2.0 */
/* ai-pairs.h: which AIs may and must be together on a label (GS1 General Specifications 4.13
 * and 4.14): all symbols of a label mark one item. */
#ifndef TEM_TEMPLATES_AI_PAIRS_H
#define TEM_TEMPLATES_AI_PAIRS_H

#include "templates/read.h"

/* When a template is loaded: what no row could make good is an error. */
void ai_pairs_check(struct loading *loading);
/* When a row is known: the symbols that it really has. Only templates with `branches` need it.
 * ERR_INPUT: findings at `place`. */
enum err ai_pairs_check_row(const struct template *template, const struct sources *sources,
                            struct place place, struct findings *findings);

#endif
