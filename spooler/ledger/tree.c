/* SPDX-License-Identifier: Apache-2.0 */
/* tree.c: see tree.h. */
#include "spooler/ledger/tree.h"

#include "spooler/base/log.h"

#include <string.h>

/* The smallest subtrees that are kept have 2^KEPT_LEVEL leaves. */
#define KEPT_LEVEL  8
#define KEPT_LEAVES (UINT64_C(1) << KEPT_LEVEL)

/* Subtrees of the smallest kind that one commit of catching up makes. */
#define CATCH_UP_STEP 64

static enum err kept_bytes(struct rows *rows, int column, uint8_t out[static SHA256_BYTES],
                           const char *what, uint64_t number, struct why *why)
{
    size_t len = 0;
    const void *bytes = rows_blob(rows, column, &len);
    if (len != SHA256_BYTES)
        return err_set(why, ERR_CORRUPT,
                       "the stored hash of %s %llu has %zu bytes, expected %d", what,
                       (unsigned long long)number, len, SHA256_BYTES);
    memcpy(out, bytes, SHA256_BYTES);
    return ERR_NONE;
}

/* The leaf of the row that stands there; of an event from before the tree it is made now. */
static enum err row_leaf(struct rows *rows, uint64_t seq, uint8_t out[static SHA256_BYTES],
                         struct why *why)
{
    if (!rows_null(rows, 1))
        return kept_bytes(rows, 1, out, "event", seq, why);
    size_t len = 0;
    const void *body = rows_blob(rows, 2, &len);
    merkle_leaf_hash(body, len, out);
    return ERR_NONE;
}

enum err tree_leaves(struct txn *txn, uint64_t first, uint64_t last, tree_leaf_fn *fn,
                     void *arg, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    uint64_t next = first;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT seq, leaf, CASE WHEN leaf IS NULL THEN body END"
                             " FROM event WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
                             "ii", (int64_t)first, (int64_t)last);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        uint8_t hash[SHA256_BYTES];
        if (rows_int(rows, 0) != (int64_t)next)
            break;
        err = row_leaf(rows, next, hash, why);
        if (!err)
            err = fn(arg, next++, hash, why);
    }
    rows_end(rows);
    if (!err && next <= last)
        err = err_set(why, ERR_CORRUPT, "event %llu is missing in the ledger",
                      (unsigned long long)next);
    return err;
}

static enum err add_leaf(void *arg, uint64_t seq, const uint8_t hash[static SHA256_BYTES],
                         struct why *why)
{
    (void)seq; /* they come in order */
    (void)why; /* cannot fail */
    merkle_add_hash(arg, hash);
    return ERR_NONE;
}

/* A complete subtree from its leaves. */
static enum err small_hash(struct txn *txn, unsigned level, uint64_t index,
                           uint8_t out[static SHA256_BYTES], struct why *why)
{
    struct merkle tree;
    merkle_init(&tree);
    uint64_t first = (index << level) + 1;
    enum err err =
        tree_leaves(txn, first, first + (UINT64_C(1) << level) - 1, add_leaf, &tree, why);
    if (!err)
        merkle_root(&tree, out);
    return err;
}

/* ERR_NOT_FOUND: not kept. */
static enum err kept_hash(struct txn *txn, unsigned level, uint64_t index,
                          uint8_t out[static SHA256_BYTES], struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why, "SELECT hash FROM subtree WHERE level = ?1 AND place = ?2",
                  "ii", (int64_t)level, (int64_t)index);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err)
        err = have ? kept_bytes(rows, 0, out, "subtree", index, why) : ERR_NOT_FOUND;
    rows_end(rows);
    return err;
}

static enum err subtree_hash(void *ctx, unsigned level, uint64_t index,
                             uint8_t out[static SHA256_BYTES], struct why *why)
{
    struct txn *txn = ctx;
    uint8_t left[SHA256_BYTES];
    if (level < KEPT_LEVEL)
        return small_hash(txn, level, index, out, why);
    enum err err = kept_hash(txn, level, index, out, why);
    if (err != ERR_NOT_FOUND)
        return err;
    if (level == KEPT_LEVEL) /* catching up has not come to it yet */
        return small_hash(txn, level, index, out, why);
    err = subtree_hash(ctx, level - 1, 2 * index, left, why);
    if (!err)
        err = subtree_hash(ctx, level - 1, 2 * index + 1, out, why);
    if (!err)
        merkle_node_hash(left, out, out);
    return err;
}

enum err tree_subtree(struct txn *txn, unsigned level, uint64_t place,
                      uint8_t out[static SHA256_BYTES], struct why *why)
{
    return subtree_hash(txn, level, place, out, why);
}

static struct merkle_source source_of(struct txn *txn)
{
    return (struct merkle_source){subtree_hash, txn};
}

enum err tree_root(struct txn *txn, uint64_t size, uint8_t out[static SHA256_BYTES],
                   struct why *why)
{
    struct merkle_source source = source_of(txn);
    return merkle_source_root(&source, size, out, why);
}

enum err tree_inclusion(struct txn *txn, uint64_t index, uint64_t size, struct merkle_path *out,
                        struct why *why)
{
    struct merkle_source source = source_of(txn);
    return merkle_source_inclusion(&source, index, size, out, why);
}

enum err tree_consistency(struct txn *txn, uint64_t from, uint64_t to, struct merkle_path *out,
                          struct why *why)
{
    struct merkle_source source = source_of(txn);
    return merkle_source_consistency(&source, from, to, out, why);
}

enum err tree_frontier(struct txn *txn, uint64_t size, struct merkle *out, struct why *why)
{
    struct merkle_source source = source_of(txn);
    return merkle_source_tree(&source, size, out, why);
}

/* ---- growing --------------------------------------------------------------------- */

static enum err keep(struct txn *txn, unsigned level, uint64_t index,
                     const uint8_t hash[static SHA256_BYTES], struct why *why)
{
    return sql_run(txn, why, "INSERT INTO subtree (level, place, hash) VALUES (?1, ?2, ?3)",
                   "iib", (int64_t)level, (int64_t)index, hash, (size_t)SHA256_BYTES);
}

enum err tree_append(struct txn *txn, uint64_t seq, struct why *why)
{
    uint8_t hash[SHA256_BYTES], left[SHA256_BYTES];
    if (seq % KEPT_LEAVES != 0)
        return ERR_NONE;
    unsigned level = KEPT_LEVEL;
    uint64_t index = seq / KEPT_LEAVES - 1;
    enum err err = small_hash(txn, level, index, hash, why);
    if (!err)
        err = keep(txn, level, index, hash, why);
    /* a right child completes its parent */
    for (; !err && (index & 1); index >>= 1, level++) {
        err = subtree_hash(txn, level, index - 1, left, why);
        if (err)
            break;
        merkle_node_hash(left, hash, hash);
        err = keep(txn, level + 1, index >> 1, hash, why);
    }
    return err;
}

struct catch_up {
    uint64_t next, all; /* subtrees of KEPT_LEAVES */
};

static enum err look_how_far(struct txn *txn, void *arg, struct why *why)
{
    struct catch_up *work = arg;
    int64_t next = 0, size = 0;
    enum err err = sql_int(
        txn, &next, why, "SELECT coalesce(max(place) + 1, 0) FROM subtree WHERE level = 8", "");
    if (!err)
        err = sql_int(txn, &size, why, "SELECT coalesce(max(seq), 0) FROM event", "");
    work->next = (uint64_t)next;
    work->all = (uint64_t)size / KEPT_LEAVES;
    return err;
}

static enum err catch_up_some(struct txn *txn, void *arg, struct why *why)
{
    const struct catch_up *work = arg; /* it may run twice: `next` is moved by the caller */
    enum err err = ERR_NONE;
    for (uint64_t i = work->next; !err && i < work->all && i < work->next + CATCH_UP_STEP; i++)
        err = tree_append(txn, (i + 1) * KEPT_LEAVES, why);
    return err;
}

enum err tree_catch_up(struct store *store, struct why *why)
{
    struct catch_up work = {0};
    int64_t told_ms = clock_mono_ms(store_clock(store));
    enum err err = store_read(store, look_how_far, &work, why);
    if (!err && work.next < work.all)
        log_info("ledger tree is built", "events=%llu of=%llu",
                 (unsigned long long)(work.next * KEPT_LEAVES),
                 (unsigned long long)(work.all * KEPT_LEAVES));
    while (!err && work.next < work.all) {
        err = store_write(store, catch_up_some, &work, why);
        work.next += CATCH_UP_STEP;
        int64_t now_ms = clock_mono_ms(store_clock(store));
        if (err || (now_ms - told_ms < 2000 && work.next < work.all))
            continue;
        told_ms = now_ms;
        uint64_t done = work.next < work.all ? work.next : work.all;
        log_info("ledger tree is built", "events=%llu of=%llu",
                 (unsigned long long)(done * KEPT_LEAVES),
                 (unsigned long long)(work.all * KEPT_LEAVES));
    }
    return err;
}
