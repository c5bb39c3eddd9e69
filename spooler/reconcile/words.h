/* SPDX-License-Identifier: Apache-2.0 */
/* words.h: what a queue says about its printer, for people. Pure. */
#ifndef TEM_RECONCILE_WORDS_H
#define TEM_RECONCILE_WORDS_H

#include "spooler/dispatch/print-system.h"

/* Fills `out` with what the printer waits for; "" for nothing. temfeed's own sentence where it
 * says one ("waiting: ..."), else printer-state-reasons in words: a killed temfeed leaves them,
 * and the backend has some of its own. Unknown keywords stay as they are. */
void words_of_queue(const struct queue_view *queue, char *out, size_t size);

#endif
