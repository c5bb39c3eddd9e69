/* SPDX-License-Identifier: Apache-2.0 */
/* merkle-proof.c: proofs made from the hashes of complete subtrees (merkle.h).
 *
 * The recursions of RFC 6962 section 2.1 over a range of leaves that begins at `start` and has
 * `size` of them; start is a multiple of the largest power of two that is not above size. */
#include "spooler/ledger/merkle.h"

#include <string.h>

/* The largest power of two smaller than `size`, which is at least 2. */
static uint64_t split_of(uint64_t size)
{
    return UINT64_C(1) << (63 - __builtin_clzll(size - 1));
}

static unsigned level_of(uint64_t size)
{
    return (unsigned)__builtin_ctzll(size);
}

static bool is_complete(uint64_t size)
{
    return (size & (size - 1)) == 0;
}

/* MTH(D[start : start + size]) */
static enum err range_root(const struct merkle_source *source, uint64_t start, uint64_t size,
                           uint8_t out[static SHA256_BYTES], struct why *why)
{
    if (is_complete(size))
        return source->hash(source->ctx, level_of(size), start >> level_of(size), out, why);
    uint64_t left = split_of(size);
    uint8_t sum[SHA256_BYTES];
    enum err err = range_root(source, start, left, sum, why);
    if (!err)
        err = range_root(source, start + left, size - left, out, why);
    if (!err)
        merkle_node_hash(sum, out, out);
    return err;
}

enum err merkle_source_root(const struct merkle_source *source, uint64_t size,
                            uint8_t out[static SHA256_BYTES], struct why *why)
{
    if (size > 0)
        return range_root(source, 0, size, out, why);
    sha256("", 0, out);
    return ERR_NONE;
}

enum err merkle_source_tree(const struct merkle_source *source, uint64_t size,
                            struct merkle *out, struct why *why)
{
    struct merkle tree;
    merkle_init(&tree);
    enum err err = ERR_NONE;
    while (!err && tree.size < size) {
        uint64_t rest = size - tree.size;
        uint64_t part = is_complete(rest) ? rest : split_of(rest);
        err = range_root(source, tree.size, part, tree.roots[tree.depth++], why);
        tree.size += part;
    }
    if (!err)
        *out = tree;
    return err;
}

static enum err add_range(const struct merkle_source *source, uint64_t start, uint64_t size,
                          struct merkle_path *path, struct why *why)
{
    enum err err = range_root(source, start, size, path->hashes[path->count], why);
    path->count += !err;
    return err;
}

/* PATH(index, D[start : start + size]) */
static enum err add_path(const struct merkle_source *source, uint64_t index, uint64_t start,
                         uint64_t size, struct merkle_path *path, struct why *why)
{
    if (size == 1)
        return ERR_NONE;
    uint64_t left = split_of(size);
    bool is_left = index < left;
    enum err err = is_left
                       ? add_path(source, index, start, left, path, why)
                       : add_path(source, index - left, start + left, size - left, path, why);
    if (err)
        return err;
    return is_left ? add_range(source, start + left, size - left, path, why)
                   : add_range(source, start, left, path, why);
}

enum err merkle_source_inclusion(const struct merkle_source *source, uint64_t index,
                                 uint64_t size, struct merkle_path *out, struct why *why)
{
    struct merkle_path path = {0};
    if (index >= size)
        return err_set(why, ERR_INPUT, "a tree of %llu leaves has no leaf %llu",
                       (unsigned long long)size, (unsigned long long)index);
    enum err err = add_path(source, index, 0, size, &path, why);
    if (!err)
        *out = path;
    return err;
}

/* SUBPROOF(from, D[start : start + size], known) */
static enum err add_subproof(const struct merkle_source *source, uint64_t from, uint64_t start,
                             uint64_t size, bool known, struct merkle_path *path,
                             struct why *why)
{
    if (from == size)
        return known ? ERR_NONE : add_range(source, start, size, path, why);
    uint64_t left = split_of(size);
    enum err err;
    if (from <= left) {
        err = add_subproof(source, from, start, left, known, path, why);
        return err ? err : add_range(source, start + left, size - left, path, why);
    }
    err = add_subproof(source, from - left, start + left, size - left, false, path, why);
    return err ? err : add_range(source, start, left, path, why);
}

enum err merkle_source_consistency(const struct merkle_source *source, uint64_t from,
                                   uint64_t to, struct merkle_path *out, struct why *why)
{
    struct merkle_path path = {0};
    if (from == 0 || from > to)
        return err_set(why, ERR_INPUT,
                       "sizes %llu and %llu: expected 1 or more, and the older "
                       "one first",
                       (unsigned long long)from, (unsigned long long)to);
    enum err err = add_subproof(source, from, 0, to, true, &path, why);
    if (!err)
        *out = path;
    return err;
}
