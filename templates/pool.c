/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/pool.h"

#include <stdlib.h>
#include <string.h>

struct pool_block {
    struct pool_block *before;
    max_align_t memory[];
};

void *pool_zalloc(struct pool *pool, size_t count, size_t size)
{
    struct pool_block *block = calloc(1, sizeof *block + count * size);
    if (!block)
        return NULL;
    block->before = pool->last;
    pool->last = block;
    return block->memory;
}

char *pool_text(struct pool *pool, const char *text, size_t len)
{
    char *copy = pool_zalloc(pool, len + 1, 1);
    if (copy)
        memcpy(copy, text, len);
    return copy;
}

void pool_free(struct pool *pool)
{
    while (pool->last) {
        struct pool_block *before = pool->last->before;
        free(pool->last);
        pool->last = before;
    }
}
