/* SPDX-License-Identifier: Apache-2.0 */
/* merkle.c: see merkle.h. nettle itself and not base/hash.h: a leaf is hashed behind its
 * prefix byte without being copied. */
#include "spooler/ledger/merkle.h"

#include <nettle/sha2.h>
#include <string.h>

void merkle_leaf_hash(const void *leaf, size_t len, uint8_t out[static SHA256_BYTES])
{
    static const uint8_t prefix = 0x00;
    struct sha256_ctx hash;
    sha256_init(&hash);
    sha256_update(&hash, 1, &prefix);
    sha256_update(&hash, len, leaf);
    sha256_digest(&hash, SHA256_BYTES, out);
}

void merkle_node_hash(const uint8_t left[static SHA256_BYTES],
                      const uint8_t right[static SHA256_BYTES],
                      uint8_t out[static SHA256_BYTES])
{
    uint8_t bytes[1 + 2 * SHA256_BYTES] = {0x01};
    memcpy(bytes + 1, left, SHA256_BYTES);
    memcpy(bytes + 1 + SHA256_BYTES, right, SHA256_BYTES);
    sha256(bytes, sizeof bytes, out);
}

void merkle_init(struct merkle *tree)
{
    memset(tree, 0, sizeof *tree);
}

void merkle_add_hash(struct merkle *tree, const uint8_t hash[static SHA256_BYTES])
{
    uint8_t sum[SHA256_BYTES];
    memcpy(sum, hash, sizeof sum);
    /* a bit that is set in `size` is a complete subtree; adding one carries through them */
    for (uint64_t carry = tree->size; carry & 1; carry >>= 1)
        merkle_node_hash(tree->roots[--tree->depth], sum, sum);
    memcpy(tree->roots[tree->depth++], sum, sizeof sum);
    tree->size++;
}

void merkle_add(struct merkle *tree, const void *leaf, size_t len)
{
    uint8_t sum[SHA256_BYTES];
    merkle_leaf_hash(leaf, len, sum);
    merkle_add_hash(tree, sum);
}

void merkle_root(const struct merkle *tree, uint8_t out[static SHA256_BYTES])
{
    if (tree->size == 0) {
        sha256("", 0, out);
        return;
    }
    unsigned i = tree->depth - 1;
    memcpy(out, tree->roots[i], SHA256_BYTES);
    while (i > 0)
        merkle_node_hash(tree->roots[--i], out, out);
}

/* ---- checking ---------------------------------------------------------------- */

bool merkle_includes(const uint8_t leaf[static SHA256_BYTES], uint64_t index, uint64_t size,
                     const struct merkle_path *path, const uint8_t root[static SHA256_BYTES])
{
    uint8_t sum[SHA256_BYTES];
    if (index >= size)
        return false;
    uint64_t at = index, last = size - 1;
    memcpy(sum, leaf, sizeof sum);
    for (size_t i = 0; i < path->count; i++) {
        if (last == 0)
            return false;
        if ((at & 1) || at == last) {
            merkle_node_hash(path->hashes[i], sum, sum);
            for (; !(at & 1) && at > 0; at >>= 1)
                last >>= 1;
        } else
            merkle_node_hash(sum, path->hashes[i], sum);
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && memcmp(sum, root, sizeof sum) == 0;
}

bool merkle_consistent(uint64_t from, const uint8_t root_from[static SHA256_BYTES], uint64_t to,
                       const uint8_t root_to[static SHA256_BYTES],
                       const struct merkle_path *path)
{
    uint8_t old[SHA256_BYTES], new[SHA256_BYTES];
    if (from == 0 || from > to)
        return false;
    if (from == to)
        return path->count == 0 && memcmp(root_from, root_to, SHA256_BYTES) == 0;
    bool whole = (from & (from - 1)) == 0; /* then the old root begins the proof itself */
    size_t i = whole ? 0 : 1;
    if (path->count < 1)
        return false;
    memcpy(old, whole ? root_from : path->hashes[0], sizeof old);
    memcpy(new, old, sizeof new);
    uint64_t at = from - 1, last = to - 1;
    for (; at & 1; at >>= 1)
        last >>= 1;
    for (; i < path->count; i++) {
        if (last == 0)
            return false;
        if ((at & 1) || at == last) {
            merkle_node_hash(path->hashes[i], old, old);
            merkle_node_hash(path->hashes[i], new, new);
            for (; !(at & 1) && at > 0; at >>= 1)
                last >>= 1;
        } else
            merkle_node_hash(new, path->hashes[i], new);
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && memcmp(old, root_from, sizeof old) == 0 &&
           memcmp(new, root_to, sizeof new) == 0;
}
