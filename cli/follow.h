/* SPDX-License-Identifier: Apache-2.0 */
/* follow.h: watches a job until it needs no more watching: a bar on a terminal, lines
 * elsewhere. */
#ifndef TEM_CLI_FOLLOW_H
#define TEM_CLI_FOLLOW_H

#include "cli/tem.h"

/* Ends when the job is closed, cancelled, held or in doubt, and says what came of it and what
 * to do; when Ctrl-C is pressed (the job goes on); or when temd is away for FOLLOW_AWAY_S. */
enum code follow_job(struct tem *tem, int64_t id);
#define FOLLOW_AWAY_S 60

#endif
