/* SPDX-License-Identifier: Apache-2.0 */
/* renew.h: at start, before anything is issued: is this the store that we left? */
#ifndef TEM_SPOOLER_RENEW_H
#define TEM_SPOOLER_RENEW_H

#include "spooler/ledger/witness.h"
#include "spooler/registry/registry.h"
#include "spooler/store/store.h"

/* Numbers that each scope skips where nothing says how far they went. */
#define RENEW_GAP 1000000

/* Keeps marks in FOLDER/registry-STOREID.marks, and skips what the store does not know to be
 * issued. A store that was put back, that is older than its witness, or whose witness is gone
 * while its marks are there, is renewed: *renewed, and it has to be opened again. The log says
 * what was done. Where both are gone nothing is done: the store does not fit its witness, and
 * waits for a person. */
enum err renew_at_start(struct store *store, struct registry *registry, const char *folder,
                        const struct witness_finding *finding, bool *renewed, struct why *why);

/* A renewal is two steps, the store's commit and the old witness set aside, and the process may
 * die before either: marks in the store say which is still owed.
 *
 * renew_begin: to be called before the first event is appended, for what is appended to an
 * older copy makes it look like another store. Keeps the finding that it is older. *owed: it
 * was renewed and its old witness is in place still (a witness that knows the renewal is not
 * old). renew_owed: the epoch whose witness is to be set aside; renew_done: it was. */
enum err renew_begin(struct store *store, const struct witness_finding *finding, bool *owed,
                     struct why *why);
enum err renew_owed(struct store *store, uint32_t *epoch, struct why *why);
enum err renew_done(struct store *store, struct why *why);

#endif
