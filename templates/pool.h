/* SPDX-License-Identifier: Apache-2.0 */
/* pool.h: memory that lives as long as its template and is freed with it. One owner while it
 * grows. */
#ifndef TEM_TEMPLATES_POOL_H
#define TEM_TEMPLATES_POOL_H

#include <stddef.h>

struct pool_block;
struct pool {
    struct pool_block *last;
};

/* Zeroed; NULL when memory is out. count * size must not wrap: both are bounded by
 * TEMPLATE_MAX_*. */
void *pool_zalloc(struct pool *pool, size_t count, size_t size);
/* A copy with a NUL added; NULL when memory is out. */
char *pool_text(struct pool *pool, const char *text, size_t len);
void pool_free(struct pool *pool);

#endif
