/* SPDX-License-Identifier: Apache-2.0 */
/* notary.h: signs the ledger now and then: checkpoints into the store and to the witness.
 *
 * A thread of its own looks once a second. It signs when `events` were appended since the last
 * checkpoint, or `seconds` passed and something was appended; and at its stop. */
#ifndef TEM_LEDGER_NOTARY_H
#define TEM_LEDGER_NOTARY_H

#include "spooler/ledger/note.h"
#include "spooler/store/store.h"

struct notary_config {
    struct store *store;
    const struct note_signer *signer; /* both borrowed */
    const char *witness;              /* witness_path(); borrowed while it runs */
    uint64_t events;
    int64_t seconds;
};

struct notary;

/* Signs once before it returns, so that what cannot work is told at start. */
enum err notary_start(const struct notary_config *config, struct notary **out, struct why *why);
/* Signs what is not signed yet, then ends. Takes NULL. */
void notary_stop(struct notary *notary);

/* Signs the ledger as it is in this transaction's view; appends the checkpoint to `out`. */
enum err notary_sign(struct txn *txn, const struct note_signer *signer, struct buf *out,
                     uint64_t *size, struct why *why);
/* The newest checkpoint that was kept, appended to `out`. ERR_NOT_FOUND. */
enum err notary_newest(struct txn *txn, struct buf *out, struct why *why);
/* Kept checkpoints with a size above `after`, by size, until `fn` sets *more to false. */
typedef enum err notary_fn(void *arg, uint64_t size, int64_t made_ms, const char *note,
                           size_t len, bool *more, struct why *why);
enum err notary_each(struct txn *txn, uint64_t after, notary_fn *fn, void *arg,
                     struct why *why);

#endif
