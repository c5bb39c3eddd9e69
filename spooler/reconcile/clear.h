/* SPDX-License-Identifier: Apache-2.0 */
/* clear.h: empties a printer that labels in doubt may still wait in, before anybody is asked
 * what is on the roll.
 *
 * A chunk without impressions: like every chunk it begins by clearing the printer, and its
 * token is taken only when the printer has answered, stands still and holds nothing. What came
 * out until then is there to be seen; what did not can come out no more. It carries no number,
 * so the store knows nothing of it; what is left of one is swept at the next start. */
#ifndef TEM_RECONCILE_CLEAR_H
#define TEM_RECONCILE_CLEAR_H

#include "spooler/reconcile/follow.h"

/* Submits shipment->document (a feed stream without impressions) under a token of its own, as
 * often as needed, and waits until the printer is empty; *device then says which one that was
 * (0 = it cannot). Runs on the printer's own thread and may take as long as somebody leaves the
 * printer switched off. ERR_BUSY: temd stops; others: the feed folder failed. Nothing is left
 * behind but after a crash. */
enum err clear_printer(const struct follow_env *env, struct shipment *shipment,
                       uint64_t *device, struct why *why);

#endif
