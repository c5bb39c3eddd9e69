/* SPDX-License-Identifier: Apache-2.0 */
/* registry-open.c: configuration, stored generations and key files brought together at a start.
 *
 * Order: everything is checked before anything is made; then key files; then one transaction
 * for all series. A crash before its commit leaves key files that nobody used. */
#include "spooler/registry/generation.h"
#include "spooler/registry/marks.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Far beyond any plant; bounds what a damaged store makes us allocate. */
#define GENERATIONS_MAX 100000
#define SERIES_MAX      10000

/* What the store says of a generation's scopes, and what the start does to it. */
struct plan {
    uint64_t scopes, lowest_next, highest_next;
    bool fresh;       /* opens now */
    bool moved;       /* first or last differ from the row */
    uint64_t skip_to; /* scopes behind this go there; 0 = none */
};

struct opening {
    const struct series_config *config;
    size_t config_count;
    const struct registry_note *note;
    struct registry *registry; /* generations has room for one more a series */
    struct plan *plans;        /* one a generation */
    size_t room;
};

/* ---- configuration ---------------------------------------------------------- */

static uint64_t default_last(const struct series_config *config)
{
    uint64_t domain = number_domain(&config->format);
    if (config->format.kind == NUMBER_SEQUENTIAL)
        return domain - 1;
    uint64_t count = domain / 10000;
    return config->first > domain - count ? domain - 1 : config->first + count - 1;
}

static uint64_t config_last(const struct series_config *config)
{
    return config->last ? config->last : default_last(config);
}

/* The name becomes a file's name and a JSON value. */
static bool name_valid(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t len = strnlen(name, SERIES_NAME_SIZE);
    if (len == 0 || len >= SERIES_NAME_SIZE || !strchr(letters, name[0]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!strchr(letters, name[i]) && name[i] != '-' && name[i] != '.')
            return false;
    return true;
}

static enum err check_range(const struct series_config *config, struct why *why)
{
    uint64_t domain = number_domain(&config->format), last = config_last(config);
    if (config->first >= domain || last >= domain)
        return err_set(why, ERR_INPUT, "%s %" PRIu64 ": the format has counters 0 to %" PRIu64,
                       config->first >= domain ? "first" : "last",
                       config->first >= domain ? config->first : last, domain - 1);
    if (config->first > last)
        return err_set(why, ERR_INPUT, "first %" PRIu64 " is beyond last %" PRIu64,
                       config->first, last);
    if (config->has_last_used && config->last_used > last)
        return err_set(why, ERR_INPUT, "last_used %" PRIu64 " is beyond last %" PRIu64,
                       config->last_used, last);
    return ERR_NONE;
}

static enum err check_config(const struct opening *opening, struct why *why)
{
    if (opening->config_count > SERIES_MAX)
        return err_set(why, ERR_TOO_LARGE, "more than %d series", SERIES_MAX);
    for (size_t i = 0; i < opening->config_count; i++) {
        const struct series_config *config = &opening->config[i];
        struct why cause = {""};
        if (!name_valid(config->name))
            return err_set(why, ERR_INPUT,
                           "line %" PRIu64
                           ": series name \"%.80s\": expected 1 to %zu letters, "
                           "digits, _ - or ., not beginning with - or .",
                           config->line, config->name, SERIES_NAME_SIZE - 1);
        for (size_t k = 0; k < i; k++)
            if (strcmp(opening->config[k].name, config->name) == 0)
                return err_set(why, ERR_INPUT,
                               "line %" PRIu64 ": series \"%s\" is already in line %" PRIu64,
                               config->line, config->name, opening->config[k].line);
        enum err err = number_format_check(&config->format, &cause);
        if (err == ERR_NONE)
            err = check_range(config, &cause);
        if (err != ERR_NONE)
            return err_set(why, err, "line %" PRIu64 ": series \"%s\": %s", config->line,
                           config->name, cause.text);
    }
    return ERR_NONE;
}

/* ---- what the store has ------------------------------------------------------ */

static bool copy_text(char *out, size_t size, const char *text)
{
    size_t len = text ? strnlen(text, size) : size;
    if (len >= size)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

static bool read_kind(const char *kind, const char *check, struct number_format *format)
{
    if (!kind || !check)
        return false;
    format->kind = strcmp(kind, "random") == 0 ? NUMBER_RANDOM : NUMBER_SEQUENTIAL;
    format->check = strcmp(check, "gs1") == 0 ? CHECK_GS1 : CHECK_NONE;
    return strcmp(kind, number_kind_name(format->kind)) == 0 &&
           strcmp(check, number_check_name(format->check)) == 0;
}

/* False when the row is not one that we wrote. Columns as in load_op's query. */
static bool read_row(struct rows *rows, struct generation *out, struct plan *plan)
{
    int64_t generation = rows_int(rows, 2), length = rows_int(rows, 5);
    int64_t first = rows_int(rows, 8), last = rows_int(rows, 9);
    out->id = rows_int(rows, 0);
    out->generation = (uint32_t)generation;
    out->format.length = (uint32_t)length;
    out->first = (uint64_t)first;
    out->last = (uint64_t)last;
    plan->scopes = (uint64_t)rows_int(rows, 11);
    plan->lowest_next = (uint64_t)rows_int(rows, 12);
    plan->highest_next = (uint64_t)rows_int(rows, 13);
    return generation > 0 && generation <= UINT32_MAX && length > 0 && length <= UINT32_MAX &&
           first >= 0 && last >= first && rows_int(rows, 12) >= 0 &&
           copy_text(out->series, sizeof out->series, rows_text(rows, 1)) &&
           read_kind(rows_text(rows, 3), rows_text(rows, 7), &out->format) &&
           copy_text(out->format.alphabet, sizeof out->format.alphabet, rows_text(rows, 4)) &&
           copy_text(out->format.prefix, sizeof out->format.prefix, rows_text(rows, 6)) &&
           number_format_check(&out->format, NULL) == ERR_NONE &&
           out->last < number_domain(&out->format) &&
           (out->format.kind == NUMBER_SEQUENTIAL ||
            copy_text(out->key_check, sizeof out->key_check, rows_text(rows, 10)));
}

/* Room for the stored generations and one more for each series of the configuration. */
static enum err make_room(struct opening *opening, size_t stored, struct why *why)
{
    struct registry *registry = opening->registry;
    opening->room = stored + opening->config_count;
    registry->generations = calloc(opening->room + 1, sizeof *registry->generations);
    opening->plans = calloc(opening->room + 1, sizeof *opening->plans);
    registry->series = calloc(opening->config_count + 1, sizeof *registry->series);
    registry->names = calloc(opening->config_count + 1, sizeof *registry->names);
    if (!registry->generations || !opening->plans || !registry->series || !registry->names)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    return ERR_NONE;
}

static enum err load_op(struct txn *txn, void *arg, struct why *why)
{
    struct opening *opening = arg;
    struct registry *registry = opening->registry;
    struct rows *rows = NULL;
    bool have = false;
    int64_t stored = 0;
    enum err err = sql_int(txn, &stored, why, "SELECT count(*) FROM generation", "");
    if (err == ERR_NONE && stored > GENERATIONS_MAX)
        err = err_set(why, ERR_CORRUPT, "the store has %" PRId64 " generations of series",
                      stored);
    if (err == ERR_NONE)
        err = make_room(opening, (size_t)stored, why);
    if (err == ERR_NONE)
        err = sql_query(txn, &rows, why,
                        "SELECT g.id, g.series, g.generation, g.kind, g.alphabet, g.length,"
                        " g.prefix, g.checked, g.first, g.last, g.key_check, count(s.id),"
                        " coalesce(min(s.next), 0), coalesce(max(s.next), 0)"
                        " FROM generation g LEFT JOIN scope s ON s.generation_id = g.id"
                        " GROUP BY g.id ORDER BY g.id",
                        "");
    while (err == ERR_NONE && (err = rows_next(rows, &have, why)) == ERR_NONE && have) {
        size_t at = registry->count;
        if (at == (size_t)stored ||
            !read_row(rows, &registry->generations[at], &opening->plans[at]))
            err =
                err_set(why, ERR_CORRUPT, "generation row %" PRId64 " of the store is damaged",
                        rows_int(rows, 0));
        else
            registry->count++;
    }
    rows_end(rows);
    return err;
}

/* ---- what the start changes -------------------------------------------------- */

static bool same_format(const struct number_format *a, const struct number_format *b)
{
    return a->kind == b->kind && a->check == b->check && a->length == b->length &&
           strcmp(a->alphabet, b->alphabet) == 0 && strcmp(a->prefix, b->prefix) == 0;
}

/* The newest generation of a series, or `count` when the store has none. */
static size_t newest(const struct registry *registry, const char *name)
{
    size_t found = registry->count;
    for (size_t i = 0; i < registry->count; i++)
        if (strcmp(registry->generations[i].series, name) == 0 &&
            (found == registry->count ||
             registry->generations[i].generation > registry->generations[found].generation))
            found = i;
    return found;
}

static enum err plan_fresh(struct opening *opening, const struct series_config *config,
                           size_t before, struct why *why)
{
    struct registry *registry = opening->registry;
    assert(registry->count < opening->room);
    struct generation *fresh = &registry->generations[registry->count];
    *fresh = (struct generation){
        .generation =
            before < registry->count ? registry->generations[before].generation + 1 : 1,
        .format = config->format,
        .first = config->first,
        .last = config_last(config),
    };
    if (fresh->generation == 0 || !copy_text(fresh->series, sizeof fresh->series, config->name))
        return err_set(why, ERR_EXHAUSTED, "series \"%s\" has no generation left",
                       config->name);
    opening->plans[registry->count++] = (struct plan){.fresh = true};
    return ERR_NONE;
}

static enum err plan_known(struct opening *opening, const struct series_config *config,
                           size_t at, struct why *why)
{
    struct generation *known = &opening->registry->generations[at];
    struct plan *plan = &opening->plans[at];
    uint64_t last = config_last(config);
    if (config->first != known->first && plan->scopes > 0)
        return err_set(why, ERR_STATE,
                       "line %" PRIu64 ": series \"%s\": first is %" PRIu64
                       " and numbers are out already, so it cannot become %" PRIu64
                       "; use last_used to skip numbers",
                       config->line, config->name, known->first, config->first);
    if (plan->scopes > 0 && last < known->last && plan->highest_next > last + 1)
        return err_set(why, ERR_STATE,
                       "line %" PRIu64 ": series \"%s\": last cannot become %" PRIu64
                       ": counter %" PRIu64 " is out already",
                       config->line, config->name, last, plan->highest_next - 1);
    plan->moved = config->first != known->first || last != known->last;
    known->first = config->first;
    known->last = last;
    if (config->has_last_used && plan->scopes > 0 && plan->lowest_next <= config->last_used)
        plan->skip_to = config->last_used + 1;
    return ERR_NONE;
}

/* No two generations of one series may print the same number: a lookup could not tell them
 * apart, and one scope of both would put it on two labels. */
static enum err check_generations(const struct opening *opening, struct why *why)
{
    const struct registry *registry = opening->registry;
    for (size_t i = 0; i < registry->count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct generation *a = &registry->generations[k];
            const struct generation *b = &registry->generations[i];
            if (strcmp(a->series, b->series) == 0 && !number_disjoint(&a->format, &b->format))
                return err_set(
                    why, ERR_STATE,
                    "series \"%s\": the new format (generation %" PRIu32
                    ": prefix \"%s\", %zu characters in all) could print numbers of "
                    "generation %" PRIu32 " (prefix \"%s\", %zu characters): change the "
                    "length, or take a prefix that does not begin with the other",
                    b->series, b->generation, b->format.prefix, number_length(&b->format),
                    a->generation, a->format.prefix, number_length(&a->format));
        }
    return ERR_NONE;
}

static enum err plan_all(struct opening *opening, struct why *why)
{
    struct registry *registry = opening->registry;
    for (size_t i = 0; i < opening->config_count; i++) {
        const struct series_config *config = &opening->config[i];
        size_t at = newest(registry, config->name);
        enum err err;
        if (at < registry->count &&
            same_format(&registry->generations[at].format, &config->format)) {
            err = plan_known(opening, config, at, why);
        } else {
            err = plan_fresh(opening, config, at, why);
            at = registry->count - 1;
        }
        if (err != ERR_NONE)
            return err;
        registry->series[i] = (struct series){
            .current = &registry->generations[at],
            .start = registry->generations[at].first,
            .low_water = config->low_water,
        };
        if (config->has_last_used && config->last_used >= config->first)
            registry->series[i].start = config->last_used + 1;
        registry->names[i] = registry->generations[at].series;
        registry->series_count = i + 1;
    }
    return check_generations(opening, why);
}

/* ---- keys -------------------------------------------------------------------- */

/* Known keys first, so that a lost one is told before any file is made. */
static enum err open_keys(struct opening *opening, struct store *store, const char *key_folder,
                          const struct random_source *random, bool fresh, struct why *why)
{
    struct registry *registry = opening->registry;
    for (size_t i = 0; i < registry->count; i++) {
        struct generation *numbers = &registry->generations[i];
        struct key_place place = {key_folder, numbers->series, numbers->generation};
        uint8_t key[NUMBER_KEY_BYTES];
        if (numbers->format.kind != NUMBER_RANDOM || opening->plans[i].fresh != fresh)
            continue;
        enum err err = fresh ? key_make(&place, store, random, key, why)
                             : key_load(&place, numbers->key_check, key, why);
        if (err == ERR_NONE) {
            key_check(key, numbers->key_check);
            err = number_cipher(&numbers->format, key, &numbers->cipher, why);
        }
        explicit_bzero(key, sizeof key);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

/* ---- the transaction --------------------------------------------------------- */

static enum err write_fresh(struct txn *txn, const struct registry_note *note,
                            struct generation *fresh, struct why *why)
{
    const struct number_format *format = &fresh->format;
    enum err err =
        sql_run(txn, why,
                "INSERT INTO generation (series, generation, kind, alphabet, length,"
                " prefix, checked, first, last, key_check, opened_ms)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                "titt"
                "itt"
                "iiti",
                fresh->series, (int64_t)fresh->generation, number_kind_name(format->kind),
                format->alphabet, (int64_t)format->length, format->prefix,
                number_check_name(format->check), (int64_t)fresh->first, (int64_t)fresh->last,
                format->kind == NUMBER_RANDOM ? fresh->key_check : NULL, txn_now_ms(txn));
    if (err != ERR_NONE)
        return err;
    fresh->id = sql_last_id(txn);
    if (!note || !note->opened)
        return ERR_NONE;
    return note->opened(txn, note->arg, fresh->series, fresh->generation, format, why);
}

static enum err write_op(struct txn *txn, void *arg, struct why *why)
{
    struct opening *opening = arg;
    for (size_t i = 0; i < opening->registry->count; i++) {
        struct generation *numbers = &opening->registry->generations[i];
        const struct plan *plan = &opening->plans[i];
        enum err err = ERR_NONE;
        if (plan->fresh)
            err = write_fresh(txn, opening->note, numbers, why);
        if (err == ERR_NONE && plan->moved)
            err = sql_run(txn, why, "UPDATE generation SET first = ?2, last = ?3 WHERE id = ?1",
                          "iii", numbers->id, (int64_t)numbers->first, (int64_t)numbers->last);
        if (err == ERR_NONE && plan->skip_to > 0)
            err = sql_run(txn, why,
                          "INSERT INTO skipped (scope_id, first, last, reason, skipped_ms)"
                          " SELECT id, next, ?2 - 1, 'last_used', ?3 FROM scope"
                          " WHERE generation_id = ?1 AND next < ?2",
                          "iii", numbers->id, (int64_t)plan->skip_to, txn_now_ms(txn));
        if (err == ERR_NONE && plan->skip_to > 0)
            err = sql_run(txn, why,
                          "UPDATE scope SET next = ?2 WHERE generation_id = ?1 AND next < ?2",
                          "ii", numbers->id, (int64_t)plan->skip_to);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

static bool changes(const struct opening *opening)
{
    for (size_t i = 0; i < opening->registry->count; i++)
        if (opening->plans[i].fresh || opening->plans[i].moved || opening->plans[i].skip_to > 0)
            return true;
    return false;
}

enum err registry_open(struct store *store, const struct series_config *series, size_t count,
                       const char *key_folder, const struct random_source *random,
                       const struct registry_note *note, struct registry **out, struct why *why)
{
    struct opening opening = {.config = series, .config_count = count, .note = note};
    enum err err = check_config(&opening, why);
    if (err != ERR_NONE)
        return err;
    opening.registry = calloc(1, sizeof *opening.registry);
    if (!opening.registry)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    err = store_read(store, load_op, &opening, why);
    if (err == ERR_NONE)
        err = plan_all(&opening, why);
    if (err == ERR_NONE)
        err = open_keys(&opening, store, key_folder, random, false, why);
    if (err == ERR_NONE)
        err = open_keys(&opening, store, key_folder, random, true, why);
    if (err == ERR_NONE && changes(&opening))
        err = store_write(store, write_op, &opening, why);
    free(opening.plans);
    if (err == ERR_NONE)
        *out = opening.registry;
    else
        registry_free(opening.registry);
    return err;
}

void registry_free(struct registry *registry)
{
    if (!registry)
        return;
    if (registry->generations)
        explicit_bzero(registry->generations, registry->count * sizeof *registry->generations);
    free(registry->generations);
    free(registry->series);
    free(registry->names);
    marks_free(registry->marks);
    free(registry);
}
