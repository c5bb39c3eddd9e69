/* SPDX-License-Identifier: Apache-2.0 */
/* tree.h: the RFC 6962 tree over the ledger, kept in the store.
 *
 * Each event's row has its leaf hash. Of the rest only complete subtrees of 256 leaves and more
 * are kept, and only when the event that completes them is appended: 255 of 256 appends cost
 * the tree nothing but that hash, and nothing has to be undone when a savepoint is rolled back
 * but what SQLite undoes. What is smaller is hashed anew from at most 255 rows.
 *
 * An event's index in the tree is its seq - 1. All functions run inside the caller's txn. They
 * believe the hashes that are stored: whether bodies fit them is what `tem ledger verify`
 * finds. ERR_CORRUPT: an event is missing or a stored hash is none; `why` names it. */
#ifndef TEM_LEDGER_TREE_H
#define TEM_LEDGER_TREE_H

#include "spooler/ledger/merkle.h"
#include "spooler/store/store.h"

/* Event `seq` was just stored: keeps the subtrees that it completes. */
enum err tree_append(struct txn *txn, uint64_t seq, struct why *why);

/* Root of the first `size` events. */
enum err tree_root(struct txn *txn, uint64_t size, uint8_t out[static SHA256_BYTES],
                   struct why *why);
/* As in merkle.h. */
enum err tree_inclusion(struct txn *txn, uint64_t index, uint64_t size, struct merkle_path *out,
                        struct why *why);
enum err tree_consistency(struct txn *txn, uint64_t from, uint64_t to, struct merkle_path *out,
                          struct why *why);
/* The first `size` events as a tree to which the later ones can be added. */
enum err tree_frontier(struct txn *txn, uint64_t size, struct merkle *out, struct why *why);

/* Root of the complete subtree of 2^level leaves that is the `place`-th of its level. */
enum err tree_subtree(struct txn *txn, unsigned level, uint64_t place,
                      uint8_t out[static SHA256_BYTES], struct why *why);

/* Stored leaf hashes of events first..last, in order. */
typedef enum err tree_leaf_fn(void *arg, uint64_t seq, const uint8_t hash[static SHA256_BYTES],
                              struct why *why);
enum err tree_leaves(struct txn *txn, uint64_t first, uint64_t last, tree_leaf_fn *fn,
                     void *arg, struct why *why);

/* Builds what a store from before the tree does not have, in several commits, telling the log
 * how far it is. At start, before the first event is appended. Not on the writer thread. */
enum err tree_catch_up(struct store *store, struct why *why);

#endif
