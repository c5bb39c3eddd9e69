/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/drawn-with.h"

#include "spooler/ledger/ledger.h"

#include <stdio.h>
#include <string.h>

/* The newest version before event `before`. */
static enum err find(struct txn *txn, const char *name, int64_t before, char *version,
                     size_t size, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT version FROM drawn_with WHERE name = ?1 AND seq < ?2"
                             " ORDER BY seq DESC LIMIT 1",
                             "ti", name, before);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && have)
        snprintf(version, size, "%s", rows_text(rows, 0));
    rows_end(rows);
    return err || have ? err : ERR_NOT_FOUND;
}

enum err drawn_with_note(struct txn *txn, const char *name, const char *version,
                         struct why *why)
{
    char newest[256];
    int64_t seq = 0;
    enum err err = find(txn, name, INT64_MAX, newest, sizeof newest, why);
    if (!err && strcmp(newest, version) == 0)
        return ERR_NONE;
    if (err && err != ERR_NOT_FOUND)
        return err;
    json_t *members = json_pack("{ss ss}", "name", name, "version", version);
    err = members ? ledger_append(txn, "drawing.tool", NULL, members, &seq, why)
                  : err_set(why, ERR_NO_MEMORY, "out of memory, or a name that is not UTF-8");
    return err ? err
               : sql_run(txn, why,
                         "INSERT INTO drawn_with (name, seq, version) VALUES (?1, ?2, ?3)",
                         "tit", name, seq, version);
}

enum err drawn_with_then(struct txn *txn, int64_t chunk_id, const char *name, char *version,
                         size_t size, struct why *why)
{
    int64_t seq = 0;
    enum err err =
        sql_int(txn, &seq, why, "SELECT coalesce(sending_seq, 0) FROM chunk WHERE id = ?1", "i",
                chunk_id);
    return err ? err : find(txn, name, seq, version, size, why);
}
