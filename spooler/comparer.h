/* SPDX-License-Identifier: Apache-2.0 */
/* comparer.h: draws labels again that are to be reprinted, and says whether their dots are
 * those that were printed.
 *
 * A renderer of its own, opened when temd starts as those of the printers are: what it draws is
 * what they would. Thread-safe: one order at a time, the others wait. */
#ifndef TEM_SPOOLER_COMPARER_H
#define TEM_SPOOLER_COMPARER_H

#include "spooler/job/reprint-dots.h"
#include "spooler/job/reprint.h"
#include "spooler/pipeline.h"

struct comparer;

/* Borrows what the config points to. */
enum err comparer_new(const struct pipeline_config *config, struct comparer **out,
                      struct why *why);
/* Takes NULL. */
void comparer_free(struct comparer *comparer);
/* As compare of struct intake_config. The verdict is DOTS_UNKNOWN when there are no such labels
 * or one is not on paper. Caller frees *out. Cost: all labels of the chunks that printed the
 * order's. */
enum err comparer_compare(struct comparer *comparer, struct txn *txn,
                          const struct reprint_new *order, struct reprint_dots *out,
                          struct why *why);

#endif
