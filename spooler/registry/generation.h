/* SPDX-License-Identifier: Apache-2.0 */
/* generation.h: what registry_open() leaves in memory; for the files of registry/ only.
 *
 * All of it but the marks is immutable once registry_open() has returned, so that any thread
 * may read it. The store's `generation` rows are written by registry_open() alone, hence all
 * are here. */
#ifndef TEM_REGISTRY_GENERATION_H
#define TEM_REGISTRY_GENERATION_H

#include "spooler/registry/keys.h"
#include "spooler/registry/number.h"
#include "spooler/registry/registry.h"

#include <stdbool.h>
#include <stdint.h>

#define SERIES_NAME_SIZE (sizeof((struct scope_ref){0}.series))
#define SCOPE_SIZE       (sizeof((struct scope_ref){0}.scope))

struct generation {
    int64_t id; /* row */
    char series[SERIES_NAME_SIZE];
    uint32_t generation;
    struct number_format format;
    uint64_t first, last; /* counters that may be issued */
    char key_check[KEY_CHECK_SIZE];
    struct ff1 cipher; /* NUMBER_RANDOM only */
};

/* A series of the configuration. */
struct series {
    const struct generation *current;
    uint64_t start; /* where a new scope begins: after last_used */
    uint64_t low_water;
};

struct registry {
    struct generation *generations; /* ordered by id */
    size_t count;
    struct series *series; /* as in the configuration */
    const char **names;    /* of series, NULL-terminated; borrow from the generations */
    size_t series_count;
    struct marks *marks; /* NULL = none are kept; the writer's thread alone touches them */
};

/* NULL when there is none. */
const struct series *registry_series(const struct registry *registry, const char *name);
const struct generation *registry_generation(const struct registry *registry, int64_t id);

/* The scope's row, or 0 in *id with *next as it was; *next is the counter issued next. */
enum err scope_load_next(struct txn *txn, const struct generation *numbers, const char *scope,
                         int64_t *id, int64_t *next, struct why *why);
/* Moves a scope from `next` on to `after`; makes it where *id is 0. */
enum err scope_save_next(struct txn *txn, const struct generation *numbers, const char *scope,
                         int64_t next, uint64_t after, int64_t *id, struct why *why);

#endif
