/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/registry/registry.h"
#include "spooler/base/near.h"
#include "spooler/base/utf8.h"
#include "spooler/registry/generation.h"
#include "spooler/registry/marks.h"

#include <inttypes.h>
#include <string.h>

/* ---- what is in memory ------------------------------------------------------- */

const struct series *registry_series(const struct registry *registry, const char *name)
{
    for (size_t i = 0; i < registry->series_count; i++)
        if (strcmp(registry->names[i], name) == 0)
            return &registry->series[i];
    return NULL;
}

const struct generation *registry_generation(const struct registry *registry, int64_t id)
{
    size_t low = 0, high = registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (registry->generations[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < registry->count && registry->generations[low].id == id;
    return found ? &registry->generations[low] : NULL;
}

bool registry_has(const struct registry *registry, const char *series)
{
    return registry_series(registry, series) != NULL;
}

const char *const *registry_names(const struct registry *registry)
{
    return registry->names;
}

/* ---- reserving --------------------------------------------------------------- */

static enum err no_series(const struct registry *registry, const char *name, struct why *why)
{
    const char *near = near_word(name, registry->names, registry->series_count);
    if (near)
        return err_set(why, ERR_NOT_FOUND,
                       "series \"%.80s\" is not in the configuration (nearest: \"%s\")", name,
                       near);
    return err_set(why, ERR_NOT_FOUND, "series \"%.80s\" is not in the configuration", name);
}

/* Any generation that has a row of this scope may have numbers out in it. Asked when a scope
 * opens: from then on its row makes every later one ask the same about it. */
static enum err check_others(struct txn *txn, const struct registry *registry,
                             const struct generation *mine, const char *scope, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT generation_id FROM scope WHERE scope = ?1", "t", scope);
    while (err == ERR_NONE && (err = rows_next(rows, &have, why)) == ERR_NONE && have) {
        const struct generation *other = registry_generation(registry, rows_int(rows, 0));
        if (!other)
            err = err_set(why, ERR_CORRUPT, "scope \"%s\" has a generation that is not loaded",
                          scope);
        else if (other != mine && !number_disjoint(&mine->format, &other->format))
            err = err_set(
                why, ERR_CONFLICT,
                "series \"%s\" could print numbers that series \"%s\" has in scope \"%s\" "
                "(prefixes \"%s\" and \"%s\", both %zu characters): give one another "
                "length or prefix",
                mine->series, other->series, scope, mine->format.prefix, other->format.prefix,
                number_length(&mine->format));
    }
    rows_end(rows);
    return err;
}

/* The scope's row, or 0 in `id`; `next` is the counter issued next. */
enum err scope_load_next(struct txn *txn, const struct generation *numbers, const char *scope,
                         int64_t *id, int64_t *next, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(
        txn, &rows, why, "SELECT id, next FROM scope WHERE generation_id = ?1 AND scope = ?2",
        "it", numbers->id, scope);
    if (err == ERR_NONE)
        err = rows_next(rows, &have, why);
    if (err == ERR_NONE && have) {
        *id = rows_int(rows, 0);
        *next = rows_int(rows, 1);
        if (*next < (int64_t)numbers->first)
            err = err_set(why, ERR_CORRUPT,
                          "series \"%s\", scope \"%s\": next %" PRId64
                          " is before first %" PRIu64,
                          numbers->series, scope, *next, numbers->first);
    }
    rows_end(rows);
    return err;
}

static uint64_t left_from(const struct generation *numbers, uint64_t next)
{
    return next > numbers->last ? 0 : numbers->last - next + 1;
}

/* The one row of a reservation. An UPDATE that misses would hand numbers out twice. */
enum err scope_save_next(struct txn *txn, const struct generation *numbers, const char *scope,
                         int64_t next, uint64_t after, int64_t *id, struct why *why)
{
    enum err err;
    if (*id == 0) {
        err = sql_run(txn, why,
                      "INSERT INTO scope (generation_id, scope, next) VALUES (?1, ?2, ?3)",
                      "iti", numbers->id, scope, (int64_t)after);
        if (err == ERR_NONE)
            *id = sql_last_id(txn);
        return err;
    }
    err = sql_run(txn, why, "UPDATE scope SET next = ?3 WHERE id = ?1 AND next = ?2", "iii",
                  *id, next, (int64_t)after);
    if (err == ERR_NONE && sql_changes(txn) != 1)
        err = err_set(why, ERR_CORRUPT, "series \"%s\", scope \"%s\" changed while reserving",
                      numbers->series, scope);
    return err;
}

/* A scope that is opened now begins later where a store was put back that may have opened it
 * before. */
static enum err add_floor(struct txn *txn, const struct series *series, int64_t *next,
                          struct why *why)
{
    int64_t floor = 0;
    enum err err =
        sql_int(txn, &floor, why,
                "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'scope_floor'", "");
    if (err)
        return err == ERR_NOT_FOUND ? ERR_NONE : err;
    uint64_t room = left_from(series->current, (uint64_t)*next);
    *next += (int64_t)((uint64_t)floor < room ? (uint64_t)floor : room);
    return ERR_NONE;
}

/* A scope was opened at `next`: why it does not begin with its series' first number. */
static enum err tell_late_start(struct txn *txn, const struct series *series, int64_t id,
                                uint64_t next, struct why *why)
{
    uint64_t first = series->current->first, start = series->start;
    enum err err = ERR_NONE;
    if (start > first)
        err = registry_skip(txn, id, first, start - 1, "last_used", why);
    if (err == ERR_NONE && next > start)
        err = registry_skip(txn, id, start, next - 1, "restore", why);
    return err;
}

enum err registry_reserve(struct txn *txn, struct registry *registry, const char *series,
                          const char *scope, uint64_t count, struct serial_range *out,
                          struct why *why)
{
    const struct series *mine = registry_series(registry, series);
    if (!mine)
        return no_series(registry, series, why);
    size_t len = strnlen(scope, SCOPE_SIZE);
    if (count == 0)
        return err_set(why, ERR_INPUT, "series \"%s\": 0 numbers asked for", series);
    if (len >= SCOPE_SIZE || !utf8_valid(scope, len))
        return err_set(why, ERR_INPUT,
                       "series \"%s\": a scope is UTF-8 text of at most %zu bytes", series,
                       SCOPE_SIZE - 1);

    const struct generation *numbers = mine->current;
    int64_t id = 0, next = (int64_t)mine->start;
    enum err err = scope_load_next(txn, numbers, scope, &id, &next, why);
    if (err == ERR_NONE && id == 0)
        err = add_floor(txn, mine, &next, why);
    bool opens = id == 0;
    if (err == ERR_NONE && opens)
        err = check_others(txn, registry, numbers, scope, why);
    if (err != ERR_NONE)
        return err;
    uint64_t left = left_from(numbers, (uint64_t)next);
    if (count > left)
        return err_set(why, ERR_EXHAUSTED,
                       "series \"%s\", scope \"%s\": %" PRIu64 " numbers asked for, %" PRIu64
                       " are left",
                       series, scope, count, left);
    err = scope_save_next(txn, numbers, scope, next, (uint64_t)next + count, &id, why);
    if (err == ERR_NONE && opens)
        err = tell_late_start(txn, mine, id, (uint64_t)next, why);
    if (err == ERR_NONE && registry->marks)
        err = marks_reach(registry->marks, numbers->series, numbers->generation, scope,
                          (uint64_t)next + count, why);
    if (err == ERR_NONE)
        *out = (struct serial_range){
            .scope_id = id,
            .first = (uint64_t)next,
            .count = count,
            .left = left - count,
            .low = left - count < mine->low_water,
        };
    return err;
}

/* ---- printing and looking up ------------------------------------------------- */

/* Of one row of (id, generation_id, scope). */
static enum err read_ref(struct rows *rows, const struct registry *registry,
                         struct scope_ref *out, struct why *why)
{
    const struct generation *numbers = registry_generation(registry, rows_int(rows, 1));
    const char *scope = rows_text(rows, 2);
    if (!numbers || !scope || strnlen(scope, SCOPE_SIZE) >= SCOPE_SIZE)
        return err_set(why, ERR_CORRUPT, "scope row %" PRId64 " of the store is damaged",
                       rows_int(rows, 0));
    *out = (struct scope_ref){
        .scope_id = rows_int(rows, 0),
        .generation = numbers->generation,
        .numbers = numbers,
    };
    memcpy(out->series, numbers->series, sizeof out->series);
    memcpy(out->scope, scope, strlen(scope) + 1);
    return ERR_NONE;
}

enum err registry_scope(struct txn *txn, struct registry *registry, int64_t scope_id,
                        struct scope_ref *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why, "SELECT id, generation_id, scope FROM scope WHERE id = ?1",
                  "i", scope_id);
    if (err == ERR_NONE)
        err = rows_next(rows, &have, why);
    if (err == ERR_NONE && !have)
        err = err_set(why, ERR_NOT_FOUND, "no scope %" PRId64, scope_id);
    if (err == ERR_NONE)
        err = read_ref(rows, registry, out, why);
    rows_end(rows);
    return err;
}

enum err registry_scopes(struct txn *txn, struct registry *registry, scope_fn *fn, void *arg,
                         struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    struct scope_ref scope;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT id, generation_id, scope FROM scope ORDER BY id", "");
    while (err == ERR_NONE && (err = rows_next(rows, &have, why)) == ERR_NONE && have) {
        err = read_ref(rows, registry, &scope, why);
        if (err == ERR_NONE)
            err = fn(arg, &scope, why);
    }
    rows_end(rows);
    return err;
}

/* FF1's tweak: one length byte before each of series, generation (big-endian) and scope. Never
 * to be changed: numbers that are out could no longer be looked up, and would be printed again.
 */
struct tweak {
    uint8_t bytes[1 + SERIES_NAME_SIZE + 1 + 4 + 1 + SCOPE_SIZE];
    size_t len;
};

static void tweak_add(struct tweak *tweak, const void *bytes, size_t len)
{
    tweak->bytes[tweak->len++] = (uint8_t)len;
    memcpy(tweak->bytes + tweak->len, bytes, len);
    tweak->len += len;
}

static void tweak_make(const struct scope_ref *scope, struct tweak *out)
{
    uint32_t n = scope->generation;
    const uint8_t generation[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                                   (uint8_t)n};
    out->len = 0;
    tweak_add(out, scope->series, strlen(scope->series));
    tweak_add(out, generation, sizeof generation);
    tweak_add(out, scope->scope, strlen(scope->scope));
}

enum err registry_number(const struct scope_ref *scope, uint64_t counter,
                         char out[static NUMBER_MAX], struct why *why)
{
    const struct generation *numbers = scope->numbers;
    struct tweak tweak;
    if (counter < numbers->first || counter > numbers->last)
        return err_set(why, ERR_INPUT, "series \"%s\" has no counter %" PRIu64, scope->series,
                       counter);
    tweak_make(scope, &tweak);
    return number_print_with(&numbers->format, &numbers->cipher, tweak.bytes, tweak.len,
                             counter, out, why);
}

/* Generations are disjoint, so at most one can have printed it. */
enum err registry_find(struct txn *txn, struct registry *registry, const char *series,
                       const char *scope, const char *number, struct number_place *out,
                       struct why *why)
{
    struct rows *rows = NULL;
    bool have = false, any = false, parsed = false, found = false;
    struct why malformed = {""};
    enum err err = sql_query(txn, &rows, why,
                             "SELECT s.id, s.generation_id, s.scope, s.next FROM generation g"
                             " JOIN scope s ON s.generation_id = g.id"
                             " WHERE g.series = ?1 AND s.scope = ?2 ORDER BY g.generation DESC",
                             "tt", series, scope);
    while (err == ERR_NONE && !found && (err = rows_next(rows, &have, why)) == ERR_NONE &&
           have) {
        struct scope_ref ref;
        struct tweak tweak;
        uint64_t counter = 0;
        any = true;
        err = read_ref(rows, registry, &ref, why);
        if (err != ERR_NONE)
            break;
        tweak_make(&ref, &tweak);
        if (number_parse_with(&ref.numbers->format, &ref.numbers->cipher, tweak.bytes,
                              tweak.len, number, &counter, &malformed) != ERR_NONE)
            continue;
        parsed = true;
        found = counter >= ref.numbers->first && counter < (uint64_t)rows_int(rows, 3);
        if (found)
            *out = (struct number_place){.scope_id = ref.scope_id, .counter = counter};
    }
    rows_end(rows);
    if (err != ERR_NONE || found)
        return err;
    if (!any)
        return err_set(why, ERR_NOT_FOUND, "series \"%.80s\" issued nothing in scope \"%.80s\"",
                       series, scope);
    if (!parsed)
        return err_set(why, ERR_NOT_FOUND, "%s", malformed.text);
    return err_set(why, ERR_NOT_FOUND,
                   "number \"%s\" was never issued by series \"%s\" in \"%s\"", number, series,
                   scope);
}

/* ---- listing ----------------------------------------------------------------- */

/* What is gathered of one scope over the generations of its series. */
struct scope_sum {
    char scope[SCOPE_SIZE];
    uint64_t issued, left;
    bool open;
};

static enum err list_add(json_t *scopes, const struct scope_sum *sum,
                         const struct series *series, struct why *why)
{
    if (!sum->open)
        return ERR_NONE;
    json_t *entry = json_pack("{s:s, s:I, s:I, s:b}", "scope", sum->scope, "issued",
                              (json_int_t)sum->issued, "left", (json_int_t)sum->left, "low",
                              series && sum->left < series->low_water);
    if (entry && json_array_append_new(scopes, entry) == 0)
        return ERR_NONE;
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err list_scopes(struct txn *txn, const struct registry *registry,
                            const struct generation *newest, json_t *scopes, struct why *why)
{
    const struct series *series = registry_series(registry, newest->series);
    struct scope_sum sum = {.open = false};
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT s.id, s.generation_id, s.scope, s.next FROM generation g"
                             " JOIN scope s ON s.generation_id = g.id WHERE g.series = ?1"
                             " ORDER BY s.scope, g.generation",
                             "t", newest->series);
    while (err == ERR_NONE && (err = rows_next(rows, &have, why)) == ERR_NONE && have) {
        struct scope_ref ref;
        uint64_t next = (uint64_t)rows_int(rows, 3);
        err = read_ref(rows, registry, &ref, why);
        if (err == ERR_NONE && (!sum.open || strcmp(sum.scope, ref.scope) != 0)) {
            err = list_add(scopes, &sum, series, why);
            sum = (struct scope_sum){.open = true};
            memcpy(sum.scope, ref.scope, sizeof sum.scope);
            sum.left = series ? left_from(newest, series->start) : 0;
        }
        if (err != ERR_NONE)
            break;
        sum.issued += next - ref.numbers->first;
        if (series && ref.numbers == newest)
            sum.left = left_from(newest, next);
    }
    rows_end(rows);
    return err == ERR_NONE ? list_add(scopes, &sum, series, why) : err;
}

static enum err list_series(struct txn *txn, const struct registry *registry,
                            const struct generation *newest, json_t *list, struct why *why)
{
    json_t *scopes = json_array();
    json_t *entry = json_pack("{s:s, s:s, s:I, s:b, s:o}", "name", newest->series, "format",
                              number_kind_name(newest->format.kind), "generation",
                              (json_int_t)newest->generation, "configured",
                              registry_has(registry, newest->series), "scopes", scopes);
    /* json_pack takes `scopes` over, on failure too; append_new does so with `entry`. */
    if (!entry || json_array_append_new(list, entry) != 0)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    return list_scopes(txn, registry, newest, scopes, why);
}

static bool is_newest(const struct registry *registry, const struct generation *numbers)
{
    for (size_t i = 0; i < registry->count; i++)
        if (registry->generations[i].generation > numbers->generation &&
            strcmp(registry->generations[i].series, numbers->series) == 0)
            return false;
    return true;
}

enum err registry_list(struct txn *txn, struct registry *registry, json_t **out,
                       struct why *why)
{
    enum err err = ERR_NONE;
    json_t *list = json_array();
    if (!list)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < registry->count && err == ERR_NONE; i++)
        if (is_newest(registry, &registry->generations[i]))
            err = list_series(txn, registry, &registry->generations[i], list, why);
    if (err == ERR_NONE)
        *out = list;
    else
        json_decref(list);
    return err;
}

bool registry_format(const struct registry *registry, const char *series,
                     struct number_format *out)
{
    const struct series *found = registry_series(registry, series);
    if (found)
        *out = found->current->format;
    return found != NULL;
}

const char *registry_issuer(const struct registry *registry, size_t index)
{
    for (size_t i = 0; i < registry->count; i++)
        if (is_newest(registry, &registry->generations[i]) && index-- == 0)
            return registry->generations[i].series;
    return NULL;
}
