/* SPDX-License-Identifier: Apache-2.0 */
/* bind.h: a chunk's labels, bound: its rows and numbers from the store, the template's words.
 */
#ifndef TEM_SPOOLER_BIND_H
#define TEM_SPOOLER_BIND_H

#include "spooler/job/chunk.h"
#include "templates/template.h"

/* Labels first..last of a job, ready to draw, in order: one doc a label, or where the pieces of
 * a label differ one a piece. */
struct bound_labels {
    struct label_doc *docs;
    size_t count; /* of docs */
    uint32_t pieces;
    uint8_t root[SHA256_BYTES]; /* RFC 6962, over the identities of labels first..last */
};

/* Reads rows and numbers in one snapshot and binds them. `blinding_key`: ledger/identity.h.
 * ERR_CORRUPT when the store contradicts the template. */
enum err bind_labels(struct store *store, struct registry *registry,
                     const struct template *template, const struct chunk *chunk,
                     const uint8_t blinding_key[static SHA256_BYTES], struct bound_labels *out,
                     struct why *why);
/* The same in the caller's transaction. */
enum err bind_labels_in(struct txn *txn, struct registry *registry,
                        const struct template *template, const struct chunk *chunk,
                        const uint8_t blinding_key[static SHA256_BYTES],
                        struct bound_labels *out, struct why *why);
void bound_labels_free(struct bound_labels *labels);

#endif
