/* SPDX-License-Identifier: Apache-2.0 */
/* migrate.c: see migrate.h. */
#include "spooler/store/migrate.h"

#include "spooler/base/fault.h"
#include "spooler/base/hash.h"
#include "spooler/store/schema.h"

#include <stdio.h>
#include <string.h>

#define ID_BYTES ((STORE_ID_SIZE - 1) / 2)

static enum err version(struct conn *conn, int64_t *out, struct why *why)
{
    struct txn txn = {.conn = conn};
    return sql_int(&txn, out, why, "PRAGMA user_version", "");
}

/* In the first migration's transaction: a store without them is a broken one, never a new one.
 */
static enum err identity_make(struct conn *conn, const struct random_source *random,
                              struct why *why)
{
    struct txn txn = {.conn = conn};
    uint8_t bytes[ID_BYTES];
    char id[STORE_ID_SIZE];
    enum err err = random->fill(random->ctx, bytes, sizeof bytes, why);
    if (err)
        return err;
    return sql_run(&txn, why,
                   "INSERT INTO meta (key, value) VALUES ('store_id', ?1), ('epoch', '1')", "t",
                   hex_text(bytes, sizeof bytes, id));
}

static enum err migrate_one(struct conn *conn, int64_t from, const struct random_source *random,
                            struct why *why)
{
    char stamp[64];
    snprintf(stamp, sizeof stamp, "PRAGMA user_version = %d", (int)from + 1);
    fault_point("store.migrate.before");
    enum err err = conn_exec(conn, "BEGIN IMMEDIATE", why);
    if (err)
        return err;
    err = conn_script(conn, schema_migrations[from], why);
    if (!err && from == 0)
        err = identity_make(conn, random, why);
    if (!err)
        err = conn_script(conn, stamp, why);
    fault_point("store.migrate.commit");
    if (!err)
        err = conn_exec(conn, "COMMIT", why);
    fault_point("store.migrate.after");
    if (err && conn_in_txn(conn))
        /* the cause is told already, and the connection is closed next */
        (void)conn_exec(conn, "ROLLBACK", NULL);
    return err;
}

enum err migrate_run(struct conn *conn, const struct random_source *random, struct why *why)
{
    int64_t now = 0;
    enum err err = version(conn, &now, why);
    if (err)
        return err;
    if (now < 0 || now > schema_version)
        return err_set(why, ERR_STATE,
                       "the store has schema version %lld, this program knows up to %d: it was "
                       "made by a newer version of Tem",
                       (long long)now, schema_version);
    for (; !err && now < schema_version; now++)
        err = migrate_one(conn, now, random, why);
    return err;
}

static enum err id_read(struct txn *txn, char id[static STORE_ID_SIZE], struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    uint8_t bytes[ID_BYTES];
    enum err err =
        sql_query(txn, &rows, why, "SELECT value FROM meta WHERE key = 'store_id'", "");
    if (!err)
        err = rows_next(rows, &have, why);
    const char *text = !err && have ? rows_text(rows, 0) : NULL;
    if (!err && (!text || !hex_parse(text, bytes, sizeof bytes)))
        err = err_set(why, ERR_CORRUPT, "the store's id is \"%s\", expected 16 hex digits",
                      text ? text : "");
    if (!err)
        hex_text(bytes, sizeof bytes, id);
    rows_end(rows);
    return err;
}

enum err migrate_identity(struct conn *conn, char id[static STORE_ID_SIZE], uint32_t *epoch,
                          struct why *why)
{
    struct txn txn = {.conn = conn};
    int64_t count = 0;
    enum err err = id_read(&txn, id, why);
    if (err)
        return err;
    err = sql_int(&txn, &count, why,
                  "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'epoch'", "");
    if (err && err != ERR_NOT_FOUND)
        return err;
    if (err || count < 1 || count > UINT32_MAX)
        return err_set(why, ERR_CORRUPT, "the store's epoch is %lld, expected 1 to %u",
                       (long long)count, UINT32_MAX);
    *epoch = (uint32_t)count;
    return ERR_NONE;
}
