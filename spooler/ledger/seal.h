/* SPDX-License-Identifier: Apache-2.0 */
/* seal.h: what temd keeps open to vouch for its ledger: the signing key, the witness and what
 * it said at start, the notary.
 *
 * An older copy of the store is renewed at start (renew.h) and gets a new witness. On any other
 * store that does not fit its witness nothing is signed and the witness is left as it is: the
 * next checkpoint would make the past that was lost look right. A person decides
 * (docs/ledger.md). Read-only after seal_begin; any thread may ask. */
#ifndef TEM_LEDGER_SEAL_H
#define TEM_LEDGER_SEAL_H

#include "spooler/ledger/note.h"
#include "spooler/ledger/witness.h"
#include "spooler/store/store.h"

struct seal_config {
    struct store *store;
    const char *key_folder;
    const char *witness_folder; /* NULL or "" = the key folder; made when missing */
    const char *origin;         /* NULL or "" = "tem/STORE-ID" */
    uint64_t events;            /* see notary.h */
    int64_t seconds;
    const struct random_source *random;
};

struct seal;

/* Reads or makes the key, completes the tree of a store from before it, asks the witness and
 * tells the log. Before the first event is appended. Errors: note_signer_open,
 * ledger_witness_check. Borrows the store alone. */
enum err seal_open(const struct seal_config *config, struct seal **out, struct why *why);
/* Appends "ledger.key" when the key is another than before, and starts the notary. */
enum err seal_begin(struct seal *seal, struct why *why);
/* Renames the witness to FILE.epoch-N: what the store was before a new epoch began. A witness
 * that is not there is fine. Before seal_begin(). */
enum err seal_set_aside(const struct seal *seal, uint32_t epoch, struct why *why);
/* The last checkpoint, if anything was signed. Takes NULL. Before the store closes. */
void seal_close(struct seal *seal);

/* NULL while nothing may be signed. */
const struct note_signer *seal_signer(const struct seal *seal);
const struct note_key *seal_key(const struct seal *seal);
const struct witness_finding *seal_finding(const struct seal *seal);

#endif
