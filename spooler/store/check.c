/* SPDX-License-Identifier: Apache-2.0 */
/* check.c: is the file whole? On a connection of its own, which can be told to stop. */
#include "spooler/store/conn.h"
#include "spooler/store/watch.h"

#include <string.h>

/* Virtual machine instructions between two looks at `stop`: a fraction of a millisecond. */
#define STOP_EVERY 10000

static int stopped(void *arg)
{
    const atomic_bool *stop = arg;
    return atomic_load(stop);
}

/* The first line is "ok" or what was found first. */
static enum err read_verdict(struct txn *txn, bool thorough, const atomic_bool *stop,
                             struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(
        txn, &rows, why, thorough ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)", "");
    if (!err)
        err = rows_next(rows, &have, why);
    const char *said = !err && have ? rows_text(rows, 0) : NULL;
    if (err && atomic_load(stop))
        err = err_set(why, ERR_BUSY, "the check was stopped");
    else if (!err && (!said || strcmp(said, "ok") != 0))
        err = err_set(why, ERR_CORRUPT, "%s", said ? said : "quick_check said nothing");
    rows_end(rows);
    return err;
}

enum err store_check(struct store *store, const atomic_bool *stop, struct why *why)
{
    struct conn *conn = NULL;
    struct why own = {""};
    why = why ? why : &own;
    enum err err = conn_open(store_path(store), CONN_READER, &conn, why);
    if (err == ERR_CORRUPT)
        watch_damage(store_watcher(store), why->text);
    if (err)
        return err;
    sqlite3_progress_handler(conn->db, STOP_EVERY, stopped, (void *)(uintptr_t)stop);
    err = conn_exec(conn, "BEGIN DEFERRED", why);
    if (!err) {
        struct txn txn = {.conn = conn};
        /* quick_check does not hold indexes against tables: what was found damaged is looked at
         * more closely before it is called whole. */
        err = read_verdict(&txn, store_is_damaged(store), stop, why);
    }
    sqlite3_progress_handler(conn->db, 0, NULL, NULL);
    if (conn_in_txn(conn)) {
        enum err end = conn_exec(conn, "ROLLBACK", err ? NULL : why);
        err = err ? err : end;
    }
    conn_close(conn);
    if (err == ERR_CORRUPT)
        watch_damage(store_watcher(store), why->text);
    else if (!err)
        watch_whole(store_watcher(store));
    return err;
}
