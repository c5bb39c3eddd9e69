/* SPDX-License-Identifier: Apache-2.0 */
/* trial.h: whether a draft's labels can be drawn, asked before a number is spent; inside
 * intake/ only. */
#ifndef TEM_INTAKE_TRIAL_H
#define TEM_INTAKE_TRIAL_H

#include "spooler/intake/draft.h"

/* The template on this printer, whatever the data. ERR_INPUT: findings of the draft. */
enum err trial_template(struct draft *draft);
/* A checked row as label number `label` of as many, with stand-ins for its numbers. ERR_INPUT:
 * findings at `place`. */
enum err trial_label(struct draft *draft, const struct row *row, uint64_t label,
                     struct place place);

#endif
