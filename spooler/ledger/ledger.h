/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.h: every change, appended in the transaction that makes it; there is no off switch.
 *
 * An event's body is stored as the exact bytes that are hashed: JSON, fixed key order, no
 * spaces, UTC milliseconds:
 *   {"seq":7,"at":"2026-03-01T08:00:00.000Z","type":"job.accepted","by":"anna", ...}
 * seq counts from 1 without gaps (a rolled-back savepoint takes its number back with it), so a
 * leaf's index in the RFC 6962 tree (tree.h) is seq-1. Rows are never updated or deleted:
 * triggers refuse, and what goes past them is found (docs/ledger.md). Only a body may be
 * emptied, into an archive on record (archive.h); its leaf stays. Works inside the caller's
 * txn. */
#ifndef TEM_LEDGER_LEDGER_H
#define TEM_LEDGER_LEDGER_H

#include "spooler/store/store.h"

#include <jansson.h>
#include <stdint.h>

/* The largest body that is taken; ERR_TOO_LARGE beyond. */
#define LEDGER_BODY_MAX (1 << 20)

/* Appends. `type` is a constant "object.change" name; `by` the person or caller (NULL = Tem
 * itself: key left out); `members` an object whose members follow in their order (takes the
 * reference, also on failure; NULL = none, so check what json_pack gave you). The keys seq, at,
 * type and by are the ledger's. *seq may be NULL. */
enum err ledger_append(struct txn *txn, const char *type, const char *by, json_t *members,
                       int64_t *seq, struct why *why);

/* Body of event `seq`, appended to `out`. ERR_NOT_FOUND. ERR_STATE: it is in an archive. */
enum err ledger_body(struct txn *txn, int64_t seq, struct buf *out, struct why *why);
/* Events first..last that are there, in order, until `fn` sets *more to false. For a body that
 * went into an archive stands {"seq":7,"archive":2,"leaf":"HEX"}. */
typedef enum err ledger_fn(void *arg, uint64_t seq, const void *body, size_t len, bool *more,
                           struct why *why);
enum err ledger_each(struct txn *txn, uint64_t first, uint64_t last, ledger_fn *fn, void *arg,
                     struct why *why);
/* Number of events. */
enum err ledger_size(struct txn *txn, int64_t *out, struct why *why);

#endif
