/* SPDX-License-Identifier: Apache-2.0 */
/* merkle.h: RFC 6962 section 2.1 hashing: leaf = SHA256(00 || d), node = SHA256(01 || l || r),
 * empty root = SHA256(""). Leaves are added one by one in O(log n) memory. */
#ifndef TEM_LEDGER_MERKLE_H
#define TEM_LEDGER_MERKLE_H

#include "spooler/base/hash.h"

#include <stddef.h>
#include <stdint.h>

/* A tree that only grows: the roots of its complete subtrees, largest first. */
struct merkle {
    uint64_t size;
    uint8_t roots[64][SHA256_BYTES];
    unsigned depth; /* entries used in roots */
};

void merkle_init(struct merkle *tree);
void merkle_add(struct merkle *tree, const void *leaf, size_t len);
void merkle_root(const struct merkle *tree, uint8_t out[static SHA256_BYTES]);

#endif
