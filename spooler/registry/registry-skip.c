/* SPDX-License-Identifier: Apache-2.0 */
/* registry-skip.c: numbers that a store does not know to be issued, because it is an older
 * copy, are skipped. */
#include "spooler/registry/generation.h"
#include "spooler/registry/marks.h"
#include "spooler/registry/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void registry_keep_marks(struct registry *registry, struct marks *marks)
{
    marks_free(registry->marks);
    registry->marks = marks;
}

enum err registry_settle(struct registry *registry, struct why *why)
{
    return registry->marks ? marks_sync(registry->marks, why) : ERR_NONE;
}

/* Scopes that are to go on later. */
struct skipping {
    struct txn *txn;
    struct registry *registry;
    bool all;
    json_t *skipped;
};

static const struct generation *find_generation(const struct registry *registry,
                                                const char *series, uint32_t generation)
{
    for (size_t i = 0; i < registry->count; i++)
        if (registry->generations[i].generation == generation &&
            strcmp(registry->generations[i].series, series) == 0)
            return &registry->generations[i];
    return NULL;
}

/* One past the last is as far as a scope can go. */
static uint64_t at_most(const struct generation *numbers, uint64_t next)
{
    return next > numbers->last + 1 ? numbers->last + 1 : next;
}

static enum err skip_scope(struct skipping *skipping, const struct generation *numbers,
                           const char *scope, int64_t id, int64_t next, uint64_t to,
                           struct why *why)
{
    to = at_most(numbers, to);
    if ((uint64_t)next >= to)
        return ERR_NONE;
    enum err err = scope_save_next(skipping->txn, numbers, scope, next, to, &id, why);
    if (!err)
        err = registry_skip(skipping->txn, id, (uint64_t)next, to - 1, "restore", why);
    json_t *entry = err ? NULL
                        : json_pack("{ss sI ss sI sI}", "series", numbers->series, "generation",
                                    (json_int_t)numbers->generation, "scope", scope, "from",
                                    (json_int_t)next, "to", (json_int_t)to);
    if (!err && json_array_append_new(skipping->skipped, entry) != 0)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    return err;
}

/* A mark of a generation that the store does not have: it was opened after the copy was made,
 * and opens again under the same key; its scopes are met when they are reserved from. */
static enum err skip_to_mark(void *arg, const char *series, uint32_t generation,
                             const char *scope, uint64_t to, struct why *why)
{
    struct skipping *skipping = arg;
    const struct generation *numbers = find_generation(skipping->registry, series, generation);
    if (!numbers)
        return ERR_NONE;
    int64_t id = 0, next = (int64_t)numbers->first;
    enum err err = scope_load_next(skipping->txn, numbers, scope, &id, &next, why);
    bool behind = id == 0 || (uint64_t)next + MARKS_AHEAD < to;
    return err || !(behind || skipping->all)
               ? err
               : skip_scope(skipping, numbers, scope, id, next, to, why);
}

struct open_scope {
    int64_t id, generation_id, next;
    char scope[SCOPE_SIZE];
};

/* Each scope of the store skips `gap` (0 = none) and has a mark from now on. */
static enum err skip_gap(struct skipping *skipping, uint64_t gap, struct why *why)
{
    struct registry *registry = skipping->registry;
    struct rows *rows = NULL;
    struct open_scope *list = NULL;
    size_t count = 0;
    bool have = false;
    enum err err = sql_query(skipping->txn, &rows, why,
                             "SELECT id, generation_id, scope, next FROM scope", "");
    while (err == ERR_NONE && (err = rows_next(rows, &have, why)) == ERR_NONE && have) {
        struct open_scope *more = realloc(list, (count + 1) * sizeof *more);
        if (!more) {
            err = err_set(why, ERR_NO_MEMORY, "out of memory");
            break;
        }
        list = more;
        list[count].id = rows_int(rows, 0);
        list[count].generation_id = rows_int(rows, 1);
        snprintf(list[count].scope, SCOPE_SIZE, "%s", rows_text(rows, 2));
        list[count++].next = rows_int(rows, 3);
    }
    rows_end(rows);
    for (size_t i = 0; i < count && err == ERR_NONE; i++) {
        const struct generation *numbers = registry_generation(registry, list[i].generation_id);
        uint64_t next = (uint64_t)list[i].next;
        if (!numbers)
            continue; /* registry_open has said so */
        if (gap)
            err = skip_scope(skipping, numbers, list[i].scope, list[i].id, list[i].next,
                             next + gap, why);
        if (err == ERR_NONE && registry->marks)
            err = marks_reach(registry->marks, numbers->series, numbers->generation,
                              list[i].scope, gap ? at_most(numbers, next + gap) : next, why);
    }
    free(list);
    return err;
}

enum err registry_skip_ahead(struct txn *txn, struct registry *registry, bool all, uint64_t gap,
                             json_t *skipped, struct why *why)
{
    struct skipping skipping = {txn, registry, all, skipped};
    enum err err = ERR_NONE;
    if (registry->marks)
        err = marks_each(registry->marks, skip_to_mark, &skipping, why);
    if (err == ERR_NONE)
        err = skip_gap(&skipping, gap, why);
    if (err == ERR_NONE && gap)
        err =
            sql_run(txn, why,
                    "INSERT INTO meta (key, value) VALUES ('scope_floor', ?1) ON CONFLICT (key)"
                    " DO UPDATE SET value = CAST(value AS INTEGER) + CAST(?1 AS INTEGER)",
                    "i", (int64_t)gap);
    return err ? err : registry_settle(registry, why);
}
