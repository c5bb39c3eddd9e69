/* SPDX-License-Identifier: Apache-2.0 */
/* registry.h: hands out numbers; no number is ever issued twice.
 *
 * There is no way back to free: after a crash we would rather lose a number than print it on
 * two labels. One registry a store. A series opens one sequence a scope (a GTIN, say, or ""). A
 * generation is one format and key of a series; changing either opens the next, which must be
 * provably disjoint from the old ones. Two series may share a scope only when provably
 * disjoint: total printed length differs, or neither prefix begins with the other (promise 1).
 *
 * Thread rule: struct registry (formats and keys) is immutable after registry_open (its marks
 * are the writer's); the functions that take a txn run where the txn runs. */
#ifndef TEM_REGISTRY_REGISTRY_H
#define TEM_REGISTRY_REGISTRY_H

#include "spooler/registry/number.h"
#include "spooler/store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What the configuration says of one series. */
struct series_config {
    const char *name;
    struct number_format format; /* number.h */
    uint64_t first, last; /* counters; last 0 = the default: for random the domain / 10,000
                             (a guess hits with probability below 1/10,000), for
                             sequential the whole domain */
    uint64_t last_used;   /* taken over from an older system: counters up to this one are
                             spent in every scope; 0 = none */
    bool has_last_used;
    uint64_t low_water; /* warn when fewer numbers are left in a scope */
    uint64_t line;      /* in the configuration, for messages */
};

struct registry;

/* Told, inside the transaction that opens it, of every generation (1 = a new series): the
 * ledger's event is written here. An error undoes all. Runs on the writer thread, perhaps more
 * than once (store_op). */
struct registry_note {
    enum err (*opened)(struct txn *txn, void *arg, const char *series, uint32_t generation,
                       const struct number_format *format, struct why *why);
    void *arg;
};

/* Loads generations and keys; makes the first generation of a new series and its key file
 * (`key_folder`/series-NAME-GENERATION.key, mode 0600); opens the next generation when a format
 * changed. `note` may be NULL. Not on the writer thread.
 *
 * first, last and last_used of a series may change while it runs: last grows, and shrinks to
 * what was issued; first changes until a scope is open; last_used moves every scope forward,
 * never back. A series that left the configuration keeps its rows and keys: its numbers are
 * found, and count for disjointness, but none is handed out.
 *
 * ERR_INPUT: a series makes no sense; `why` names it and its line. ERR_STATE, and nothing
 * changed: a key is lost, open to others, or is not the one that was used (key check value); a
 * changed format is not provably disjoint from an earlier generation's; first or last would
 * leave issued numbers out. A key file may be left behind by a failure; the next start takes it
 * over. */
enum err registry_open(struct store *store, const struct series_config *series, size_t count,
                       const char *key_folder, const struct random_source *random,
                       const struct registry_note *note, struct registry **out,
                       struct why *why);
void registry_free(struct registry *registry);

struct marks;
/* From now on no number is issued beyond a mark that is on disk (marks.h); takes `marks`. */
void registry_keep_marks(struct registry *registry, struct marks *marks);
/* In a transaction at start, once marks are kept: a scope that is further behind its mark than
 * one raise of it (the store is an older copy) goes on at its mark; with `all` every scope
 * does. Each scope gets a mark. `gap` is for a store without marks: every scope skips as many,
 * and scopes that are not open yet begin as much later; 0 = nothing. What was skipped is
 * appended to `skipped`: {series,generation,scope,from,to}. */
enum err registry_skip_ahead(struct txn *txn, struct registry *registry, bool all, uint64_t gap,
                             json_t *skipped, struct why *why);
/* In the transaction of reservations, after the last: their marks are on disk. */
enum err registry_settle(struct registry *registry, struct why *why);

/* Whether numbers can be reserved from it: the configuration has it. */
bool registry_has(const struct registry *registry, const char *series);
/* For messages: known series' names; NULL-terminated, borrowed. */
const char *const *registry_names(const struct registry *registry);

struct serial_range {
    int64_t scope_id; /* row of the scope: names series, generation and scope */
    uint64_t first;   /* counter */
    uint64_t count;
    bool low; /* fewer than low_water are left after this */
    uint64_t left;
};

/* Reserves `count` numbers of `scope` within the caller's transaction: the range is ours only
 * once that commits. ERR_EXHAUSTED: fewer are left, nothing changed. ERR_CONFLICT: another
 * series could print the same numbers in this scope. ERR_NOT_FOUND: no such series. ERR_INPUT:
 * count is 0, the scope is longer than 255 bytes or not UTF-8. Cost: one row, whatever `count`
 * is. */
enum err registry_reserve(struct txn *txn, struct registry *registry, const char *series,
                          const char *scope, uint64_t count, struct serial_range *out,
                          struct why *why);

/* A scope as its number printing needs it; a plain value, good as long as the registry. */
struct scope_ref {
    int64_t scope_id;
    char series[64];
    char scope[256];
    uint32_t generation;
    const struct generation *numbers; /* borrows from the registry */
};
/* ERR_NOT_FOUND: no such row. */
enum err registry_scope(struct txn *txn, struct registry *registry, int64_t scope_id,
                        struct scope_ref *out, struct why *why);
/* Writes the printed number of `counter` (NUL-terminated, at most NUMBER_MAX bytes with it).
 * ERR_INPUT: the counter is outside first..last, so it was never handed out. */
enum err registry_number(const struct scope_ref *scope, uint64_t counter,
                         char out[static NUMBER_MAX], struct why *why);

/* A number back to its counter: each generation of series and scope that could have printed it
 * is asked. ERR_NOT_FOUND: never issued there (or malformed; `why` says which). Counters that
 * last_used skipped are found like issued ones: only the job's segments know that no label of
 * ours has them. */
struct number_place {
    int64_t scope_id;
    uint64_t counter;
};
enum err registry_find(struct txn *txn, struct registry *registry, const char *series,
                       const char *scope, const char *number, struct number_place *out,
                       struct why *why);

/* Every scope that was ever opened, in the order of opening, until `fn` fails. Cost: a row
 * each. */
typedef enum err scope_fn(void *arg, const struct scope_ref *scope, struct why *why);
enum err registry_scopes(struct txn *txn, struct registry *registry, scope_fn *fn, void *arg,
                         struct why *why);

/* Counters that were left out so that no label of ours has them: last_used took over from an
 * older system, a store was restored. Whoever moves a scope forward without labels says so
 * here. */
struct skipped {
    uint64_t first, last;
    const char *reason; /* "last_used", "restore" */
    int64_t at_ms;
};
typedef enum err skipped_fn(void *arg, const struct skipped *skipped, struct why *why);
enum err registry_skip(struct txn *txn, int64_t scope_id, uint64_t first, uint64_t last,
                       const char *reason, struct why *why);
/* Those among counters first..last, in order, cut to them. */
enum err registry_skipped(struct txn *txn, int64_t scope_id, uint64_t first, uint64_t last,
                          skipped_fn *fn, void *arg, struct why *why);
/* The counter that a scope's generation begins with, and the one that is issued next. */
enum err registry_extent(struct txn *txn, const struct scope_ref *scope, uint64_t *first,
                         uint64_t *next, struct why *why);
/* "random" | "sequential": whether numbers printed one after the other look so. */
const char *registry_scope_kind(const struct scope_ref *scope);

/* [{"name":..,"format":"random"|"sequential","generation":..,"configured":..,
 *   "scopes":[{"scope":..,"issued":..,"left":..,"low":..}]}]
 * One entry a series, with its newest generation. issued: counters that left the sequence, in
 * all generations, those that last_used skipped included. left: what the newest has; 0 when the
 * configuration no longer has the series. Caller owns `out`. Cost: a row a scope. */
enum err registry_list(struct txn *txn, struct registry *registry, json_t **out,
                       struct why *why);

/* The format in which numbers of a configured series are issued now; false: no such series,
 * *out untouched. */
bool registry_format(const struct registry *registry, const char *series,
                     struct number_format *out);
/* Name of the `index`-th series that ever issued numbers, those that left the configuration,
 * too: a label is looked up long after. NULL past the end; borrowed. */
const char *registry_issuer(const struct registry *registry, size_t index);

#endif
