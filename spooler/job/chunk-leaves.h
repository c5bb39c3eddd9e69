/* SPDX-License-Identifier: Apache-2.0 */
/* chunk-leaves.h: the leaves under the root in a chunk's sending event (identity.h), made again
 * for a label's proof: one a number, by label, then by field. */
#ifndef TEM_JOB_CHUNK_LEAVES_H
#define TEM_JOB_CHUNK_LEAVES_H

#include "spooler/base/hash.h"
#include "spooler/job/chunk.h"

struct chunk_leaf {
    uint64_t label;
    size_t field;
    uint8_t hash[SHA256_BYTES];
};

/* The newest chunk that a label was sent with, and the seq of its sending event. ERR_NOT_FOUND:
 * it was not sent. Cost: the job's chunks. */
enum err chunk_of_label(struct txn *txn, int64_t job_id, uint64_t label, struct chunk *out,
                        uint64_t *sending_seq, struct why *why);
/* `key`: the blinding key. Caller frees *out. Cost: the chunk's labels. */
enum err chunk_leaves(struct txn *txn, struct registry *registry,
                      const uint8_t key[static SHA256_BYTES], const struct chunk *chunk,
                      struct chunk_leaf **out, size_t *count, struct why *why);

#endif
