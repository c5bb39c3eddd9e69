/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/chunk-leaves.h"

#include "spooler/ledger/identity.h"
#include "spooler/ledger/merkle.h"

#include <stdlib.h>

/* More than any chunk has: a stored chunk must not decide how much memory is taken. */
#define LEAVES_MAX (1024 * 1024)

enum err chunk_of_label(struct txn *txn, int64_t job_id, uint64_t label, struct chunk *out,
                        uint64_t *sending_seq, struct why *why)
{
    int64_t id = 0, seq = 0;
    struct chunk chunk;
    enum err err = sql_int(txn, &id, why,
                           "SELECT max(id) FROM chunk WHERE job_id = ?1 AND first <= ?2"
                           " AND last >= ?2 AND sending_seq IS NOT NULL",
                           "ii", job_id, (int64_t)label);
    if (!err && id == 0)
        err =
            err_set(why, ERR_NOT_FOUND,
                    "label %llu of job %lld was not sent to a printer: no event has its number",
                    (unsigned long long)label, (long long)job_id);
    if (!err)
        err = chunk_get(txn, id, &chunk, NULL, why);
    if (!err)
        err = sql_int(txn, &seq, why, "SELECT sending_seq FROM chunk WHERE id = ?1", "i", id);
    if (err)
        return err;
    *out = chunk;
    *sending_seq = (uint64_t)seq;
    return ERR_NONE;
}

struct gathering {
    struct txn *txn;
    struct registry *registry;
    const uint8_t *key;
    struct chunk_leaf *list;
    size_t count, size;
};

static enum err add_leaf(struct gathering *all, const struct scope_ref *scope, uint64_t label,
                         size_t field, const char *number, struct why *why)
{
    struct identity identity = {scope->series, scope->scope, number};
    struct buf bytes = BUF_INIT(4096);
    if (all->count == all->size) {
        size_t size = all->size ? 2 * all->size : 256;
        struct chunk_leaf *list =
            size > LEAVES_MAX ? NULL : realloc(all->list, size * sizeof *list);
        if (!list)
            return err_set(why, ERR_NO_MEMORY, "out of memory");
        all->list = list;
        all->size = size;
    }
    identity_leaf(&identity, all->key, &bytes);
    struct chunk_leaf *leaf = &all->list[all->count];
    leaf->label = label;
    leaf->field = field;
    merkle_leaf_hash(bytes.bytes, bytes.len, leaf->hash);
    enum err err = buf_err(&bytes);
    all->count += !err;
    buf_free(&bytes);
    return err ? err_set(why, err, "out of memory") : ERR_NONE;
}

static enum err take_segment(void *arg, const struct segment *segment, struct why *why)
{
    struct gathering *all = arg;
    struct scope_ref scope;
    char number[NUMBER_MAX];
    enum err err = registry_scope(all->txn, all->registry, segment->scope_id, &scope, why);
    for (uint64_t label = segment->first; !err && label <= segment->last; label++) {
        err = registry_number(&scope, segment->range_first + (label - segment->first), number,
                              why);
        if (!err)
            err = add_leaf(all, &scope, label, segment->field, number, why);
    }
    return err;
}

static int by_label(const void *a, const void *b)
{
    const struct chunk_leaf *left = a, *right = b;
    if (left->label != right->label)
        return left->label < right->label ? -1 : 1;
    return left->field < right->field ? -1 : left->field > right->field;
}

enum err chunk_leaves(struct txn *txn, struct registry *registry,
                      const uint8_t key[static SHA256_BYTES], const struct chunk *chunk,
                      struct chunk_leaf **out, size_t *count, struct why *why)
{
    struct gathering all = {.txn = txn, .registry = registry, .key = key};
    enum err err =
        job_segments(txn, chunk->job_id, chunk->first, chunk->last, take_segment, &all, why);
    if (err) {
        free(all.list);
        return err;
    }
    if (all.count)
        qsort(all.list, all.count, sizeof *all.list, by_label);
    *out = all.list;
    *count = all.count;
    return ERR_NONE;
}
