/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/dots-check.h"

#include "spooler/job/reprint-dots.h"

#include <stdlib.h>
#include <string.h>

struct ordered {
    const struct chunk *chunk;
    uint8_t (*hashes)[SHA256_BYTES];
    size_t count;
};

static enum err read_ordered(struct txn *txn, void *arg, struct why *why)
{
    const struct ordered *ordered = arg;
    return reprint_dots_match(txn, ordered->chunk, ordered->hashes, ordered->count, why);
}

static enum err check_order(struct store *store, const struct chunk *chunk,
                            const struct drawing *drawing, struct why *why)
{
    struct ordered ordered = {.chunk = chunk, .count = drawing->rendered.count};
    ordered.hashes = calloc(ordered.count + 1, sizeof *ordered.hashes);
    if (!ordered.hashes)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = drawing_hashes(drawing, 0, ordered.count, ordered.hashes, why);
    if (!err)
        err = store_read(store, read_ordered, &ordered, why);
    free(ordered.hashes);
    return err;
}

enum err dots_check(struct store *store, const struct chunk *chunk,
                    const struct drawing *drawing, struct why *why)
{
    if (chunk->has_dots && memcmp(chunk->dots, drawing->dots, SHA256_BYTES) != 0)
        return err_set(why, ERR_DOTS,
                       "chunk %lld is drawn with other dots than were committed: a font or a"
                       " library changed",
                       (long long)chunk->id);
    return chunk->reprint_id ? check_order(store, chunk, drawing, why) : ERR_NONE;
}
