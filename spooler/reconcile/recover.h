/* SPDX-License-Identifier: Apache-2.0 */
/* recover.h: what a start does with what the last run left, before anything is issued.
 *
 * Staged jobs are swept. Tokens of chunks that are not "sending" are removed; those of another
 * epoch are revoked and removed. Chunks that are still "sending" stay: their printer's thread
 * follows them to their end first. Chunks of a printer that is no longer configured are settled
 * here when their journal is final, else left as they are and named in the log. */
#ifndef TEM_RECONCILE_RECOVER_H
#define TEM_RECONCILE_RECOVER_H

#include "spooler/job/chunk.h"
#include "spooler/store/store.h"

enum err recover(struct store *store, const char *feed_folder,
                 bool (*configured)(void *ctx, const char *printer), void *ctx,
                 struct why *why);

#endif
