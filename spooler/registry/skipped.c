/* SPDX-License-Identifier: Apache-2.0 */
/* skipped.c: counters that no label will ever have, and how far a scope has come. */
#include "spooler/registry/generation.h"

enum err registry_skip(struct txn *txn, int64_t scope_id, uint64_t first, uint64_t last,
                       const char *reason, struct why *why)
{
    return sql_run(txn, why,
                   "INSERT INTO skipped (scope_id, first, last, reason, skipped_ms)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)",
                   "iiiti", scope_id, (int64_t)first, (int64_t)last, reason, txn_now_ms(txn));
}

enum err registry_skipped(struct txn *txn, int64_t scope_id, uint64_t first, uint64_t last,
                          skipped_fn *fn, void *arg, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT first, last, reason, skipped_ms FROM skipped"
                             " WHERE scope_id = ?1 AND first <= ?3 AND last >= ?2"
                             " ORDER BY first",
                             "iii", scope_id, (int64_t)first, (int64_t)last);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct skipped skipped = {.first = (uint64_t)rows_int(rows, 0),
                                  .last = (uint64_t)rows_int(rows, 1),
                                  .reason = rows_text(rows, 2),
                                  .at_ms = rows_int(rows, 3)};
        skipped.first = skipped.first > first ? skipped.first : first;
        skipped.last = skipped.last < last ? skipped.last : last;
        err = fn(arg, &skipped, why);
    }
    rows_end(rows);
    return err;
}

enum err registry_extent(struct txn *txn, const struct scope_ref *scope, uint64_t *first,
                         uint64_t *next, struct why *why)
{
    int64_t value = 0;
    enum err err =
        sql_int(txn, &value, why, "SELECT next FROM scope WHERE id = ?1", "i", scope->scope_id);
    if (err)
        return err;
    *first = scope->numbers->first;
    *next = (uint64_t)value;
    return ERR_NONE;
}

const char *registry_scope_kind(const struct scope_ref *scope)
{
    return number_kind_name(scope->numbers->format.kind);
}
