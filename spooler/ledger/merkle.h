/* SPDX-License-Identifier: Apache-2.0 */
/* merkle.h: RFC 6962 section 2.1: a tree's hashes, its proofs, and checking them. Pure.
 *
 * leaf = SHA256(00 || d), node = SHA256(01 || l || r), empty root = SHA256(""). A subtree is
 * named by its level (0 = a leaf) and its index among those of its level; it is complete when
 * all 2^level leaves are there. Leaves are added one by one in O(log n) memory. */
#ifndef TEM_LEDGER_MERKLE_H
#define TEM_LEDGER_MERKLE_H

#include "spooler/base/err.h"
#include "spooler/base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void merkle_leaf_hash(const void *leaf, size_t len, uint8_t out[static SHA256_BYTES]);
void merkle_node_hash(const uint8_t left[static SHA256_BYTES],
                      const uint8_t right[static SHA256_BYTES],
                      uint8_t out[static SHA256_BYTES]);

/* A tree that only grows: the roots of its complete subtrees, largest first. */
struct merkle {
    uint64_t size;
    uint8_t roots[64][SHA256_BYTES];
    unsigned depth; /* entries used in roots: the bits that are set in size */
};

void merkle_init(struct merkle *tree);
void merkle_add(struct merkle *tree, const void *leaf, size_t len);
/* The same of a leaf whose hash is known. */
void merkle_add_hash(struct merkle *tree, const uint8_t hash[static SHA256_BYTES]);
void merkle_root(const struct merkle *tree, uint8_t out[static SHA256_BYTES]);

/* ---- proofs ---------------------------------------------------------------- */

/* A consistency proof of 2^64 leaves has 65 hashes at most. */
#define MERKLE_PATH_MAX 66

struct merkle_path {
    size_t count;
    uint8_t hashes[MERKLE_PATH_MAX][SHA256_BYTES];
};

/* Where hashes of complete subtrees come from. */
struct merkle_source {
    enum err (*hash)(void *ctx, unsigned level, uint64_t index,
                     uint8_t out[static SHA256_BYTES], struct why *why);
    void *ctx;
};

/* Root of the first `size` leaves. */
enum err merkle_source_root(const struct merkle_source *source, uint64_t size,
                            uint8_t out[static SHA256_BYTES], struct why *why);
/* The first `size` leaves as a tree that can grow on. */
enum err merkle_source_tree(const struct merkle_source *source, uint64_t size,
                            struct merkle *out, struct why *why);
/* PATH (2.1.1): leaf `index` in the first `size` leaves. ERR_INPUT: there is no such leaf. */
enum err merkle_source_inclusion(const struct merkle_source *source, uint64_t index,
                                 uint64_t size, struct merkle_path *out, struct why *why);
/* PROOF (2.1.2): the first `from` leaves are the beginning of the first `to`. ERR_INPUT: from
 * is 0 or more than to. */
enum err merkle_source_consistency(const struct merkle_source *source, uint64_t from,
                                   uint64_t to, struct merkle_path *out, struct why *why);

/* Whether `path` leads from the leaf's hash to `root` (RFC 9162, 2.1.3.2). */
bool merkle_includes(const uint8_t leaf[static SHA256_BYTES], uint64_t index, uint64_t size,
                     const struct merkle_path *path, const uint8_t root[static SHA256_BYTES]);
/* Whether `path` shows that the tree of size `to` begins with that of size `from` (RFC 9162,
 * 2.1.4.2). An empty tree proves nothing: false. */
bool merkle_consistent(uint64_t from, const uint8_t root_from[static SHA256_BYTES], uint64_t to,
                       const uint8_t root_to[static SHA256_BYTES],
                       const struct merkle_path *path);

#endif
