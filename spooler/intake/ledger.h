/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.h: the ledger over HTTP: events, checkpoints, proofs; inside intake/ only.
 *
 * All of it is read from snapshots on readers' connections. What is long is streamed: a piece
 * is read when the one before is sent, so that other requests have their turn between them. */
#ifndef TEM_INTAKE_LEDGER_H
#define TEM_INTAKE_LEDGER_H

#include "spooler/intake/request.h"
#include "spooler/ledger/merkle.h"

/* GET /v1/ledger/key: the verifier key. */
enum step ledger_key(struct request *request);
/* GET /v1/ledger/checkpoint: signed now, over all events; on a store that does not fit its
 * witness the newest that was kept. */
enum step ledger_checkpoint(struct request *request);
/* GET /v1/ledger/consistency?from=&to= */
enum step ledger_consistency(struct request *request);

/* ledger-stream.c. GET /v1/ledger/events, /leaves ?from=&limit=, /checkpoints?after= */
enum step ledger_events(struct request *request);
enum step ledger_leaves(struct request *request);
enum step ledger_checkpoints(struct request *request);

/* ledger-proof.c. GET /v1/ledger/proof?series=&scope=&number= */
enum step ledger_proof(struct request *request);

/* Adds what the witness said to the health document; 0 = done. */
int ledger_health(const struct witness_finding *finding, json_t *json);
/* Text that is answered as it is. */
enum step ledger_text(struct request *request, const char *text, size_t len);
/* A path as a JSON array of base64; NULL = out of memory. */
json_t *ledger_path_json(const struct merkle_path *path);

#endif
