/* SPDX-License-Identifier: Apache-2.0 */
/* merkle.c: see merkle.h. nettle itself and not base/hash.h: a leaf is hashed behind its
 * prefix byte without being copied. */
#include "spooler/ledger/merkle.h"

#include <nettle/sha2.h>
#include <string.h>

static void node(const uint8_t left[static SHA256_BYTES],
                 const uint8_t right[static SHA256_BYTES], uint8_t out[static SHA256_BYTES])
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

void merkle_add(struct merkle *tree, const void *leaf, size_t len)
{
    static const uint8_t prefix = 0x00;
    struct sha256_ctx hash;
    uint8_t sum[SHA256_BYTES];
    sha256_init(&hash);
    sha256_update(&hash, 1, &prefix);
    sha256_update(&hash, len, leaf);
    sha256_digest(&hash, sizeof sum, sum);
    /* a bit that is set in `size` is a complete subtree; adding one carries through them */
    for (uint64_t carry = tree->size; carry & 1; carry >>= 1)
        node(tree->roots[--tree->depth], sum, sum);
    memcpy(tree->roots[tree->depth++], sum, sizeof sum);
    tree->size++;
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
        node(tree->roots[--i], out, out);
}
