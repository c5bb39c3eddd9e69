/* SPDX-License-Identifier: Apache-2.0 */
/* registry.h: hands out numbers; no number is ever issued twice.
 *
 * There is no way back to free: after a crash we would rather lose a number than print it on two
 * labels. One registry a store. A series opens one sequence a scope (a GTIN, say, or ""). A
 * generation is one format and key of a series; changing either opens the next, which must be
 * provably disjoint from the old ones. Two series may share a scope only when provably disjoint:
 * total printed length differs, or neither prefix begins with the other (promise 1).
 *
 * Thread rule: struct registry (formats and keys) is immutable after registry_open; the functions
 * that take a txn run where the txn runs. */
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
    uint64_t first, last;        /* counters; last 0 = the default: for random the domain / 10,000
                                    (a guess hits with probability below 1/10,000), for
                                    sequential the whole domain */
    uint64_t last_used;          /* taken over from an older system: counters up to this one are
                                    spent in every scope; 0 = none */
    bool has_last_used;
    uint64_t low_water;          /* warn when fewer numbers are left in a scope */
    uint64_t line;               /* in the configuration, for messages */
};

struct registry;

/* Loads generations and keys; makes the first generation of a new series and its key file
 * (`key_folder`/series-NAME-GENERATION.key, mode 0600); opens the next generation when a format
 * changed. ERR_STATE, and nothing changed: a key is lost or is not the one that was used (key
 * check value); a changed format is not provably disjoint. */
enum err registry_open(struct store *store, const struct series_config *series, size_t count,
                       const char *key_folder, const struct random_source *random,
                       struct registry **out, struct why *why);
void registry_free(struct registry *registry);
bool registry_has(const struct registry *registry, const char *series);
/* For messages: known series' names; NULL-terminated, borrowed. */
const char *const *registry_names(const struct registry *registry);

struct serial_range {
    int64_t scope_id; /* row of the scope: names series, generation and scope */
    uint64_t first;   /* counter */
    uint64_t count;
    bool low;         /* fewer than low_water are left after this */
    uint64_t left;
};

/* Reserves `count` numbers of `scope` within the caller's transaction: the range is ours only
 * once that commits. ERR_EXHAUSTED: fewer are left, nothing changed. ERR_CONFLICT: another series
 * could print the same numbers in this scope. ERR_NOT_FOUND: no such series. Cost: one row,
 * whatever `count` is. */
enum err registry_reserve(struct txn *txn, struct registry *registry, const char *series,
                          const char *scope, uint64_t count, struct serial_range *out,
                          struct why *why);

/* The printed number of `counter` in a scope opened by registry_scope(). */
struct scope_ref {
    int64_t scope_id;
    char series[64];
    char scope[256];
    uint32_t generation;
    const struct generation *numbers; /* borrows from the registry */
};
enum err registry_scope(struct txn *txn, struct registry *registry, int64_t scope_id,
                        struct scope_ref *out, struct why *why);
/* Writes the number (NUL-terminated, at most NUMBER_MAX bytes with it). */
enum err registry_number(const struct scope_ref *scope, uint64_t counter,
                         char out[static NUMBER_MAX], struct why *why);

/* A number back to its counter: each generation of series and scope that could have printed it is
 * asked. ERR_NOT_FOUND: never issued there (or malformed; `why` says which). */
struct number_place {
    int64_t scope_id;
    uint64_t counter;
};
enum err registry_find(struct txn *txn, struct registry *registry, const char *series,
                       const char *scope, const char *number, struct number_place *out,
                       struct why *why);

/* [{"name":..,"format":..,"generation":..,"scopes":[{"scope":..,"issued":..,"left":..,"low":..}]}] */
enum err registry_list(struct txn *txn, struct registry *registry, json_t **out,
                       struct why *why);

#endif
