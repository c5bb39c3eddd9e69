/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/store/side.h"

#include "spooler/base/durable.h"
#include "spooler/store/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct side {
    struct conn conn;
    struct txn txn;
    char *path;
};

struct txn *side_txn(struct side *side)
{
    return &side->txn;
}

void side_close(struct side *side)
{
    if (!side)
        return;
    conn_drop_statements(&side->conn);
    (void)sqlite3_close(side->conn.db); /* nothing was written that is still wanted */
    free(side->path);
    free(side);
}

static enum err open_flags(const char *path, int flags, struct side **out, struct why *why)
{
    struct side *side = calloc(1, sizeof *side);
    if (!side || !(side->path = strdup(path))) {
        free(side);
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    side->txn.conn = &side->conn;
    enum err err = ERR_NONE;
    if (sqlite3_open_v2(path, &side->conn.db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        err = side->conn.db ? conn_fail(&side->conn, path, why)
                            : err_set(why, ERR_NO_MEMORY, "out of memory");
    if (err)
        side_close(side);
    else
        *out = side;
    return err;
}

/* ---- writing ------------------------------------------------------------------------- */

/* Made here and not by SQLite, which would take one that is there. */
static enum err file_make(const char *path, struct why *why)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
        return err_errno(why, errno == EEXIST ? ERR_STATE : ERR_SYSTEM, errno, "%s", path);
    return close(fd) == 0 ? ERR_NONE : err_errno(why, ERR_SYSTEM, errno, "close %s", path);
}

enum err side_make(const char *path, const char *schema, struct side **out, struct why *why)
{
    struct side *side = NULL;
    enum err err = file_make(path, why);
    if (!err)
        err = open_flags(path, SQLITE_OPEN_READWRITE, &side, why);
    if (!err)
        err = conn_script(&side->conn,
                          "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                          "PRAGMA temp_store = MEMORY; BEGIN",
                          why);
    if (!err)
        err = conn_script(&side->conn, schema, why);
    if (err)
        side_close(side);
    else
        *out = side;
    return err;
}

enum err side_finish(struct side *side, struct why *why)
{
    enum err err = conn_exec(&side->conn, "COMMIT", why);
    conn_drop_statements(&side->conn);
    if (!err && sqlite3_close(side->conn.db) != SQLITE_OK)
        err = conn_fail(&side->conn, "close", why);
    else if (!err)
        side->conn.db = NULL;
    if (!err)
        err = durable_sync_file(side->path, why);
    side_close(side);
    return err;
}

/* ---- reading ------------------------------------------------------------------------- */

/* Everything that the file consists of, one text. */
static enum err schema_text(struct txn *txn, struct buf *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT type || ' ' || name || ' ' || coalesce (sql, '')"
                             " FROM sqlite_schema ORDER BY type, name",
                             "");
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        buf_add_text(out, rows_text(rows, 0));
        buf_add_byte(out, '\n');
    }
    rows_end(rows);
    return err ? err : buf_err(out) ? err_set(why, ERR_CORRUPT, "its schema is too long") : err;
}

/* The same tables as an empty file that was just made. */
static enum err schema_holds(struct side *side, const char *schema, struct why *why)
{
    struct buf have = BUF_INIT(64 * 1024), want = BUF_INIT(64 * 1024);
    struct side *empty = NULL;
    enum err err = open_flags(":memory:", SQLITE_OPEN_READWRITE, &empty, why);
    if (!err)
        err = conn_script(&empty->conn, schema, why);
    if (!err)
        err = schema_text(&empty->txn, &want, why);
    if (!err)
        err = schema_text(&side->txn, &have, why);
    if (!err && strcmp(buf_text(&have), buf_text(&want)) != 0)
        err = err_set(why, ERR_CORRUPT, "%s has not the tables of an archive", side->path);
    side_close(empty);
    buf_free(&have);
    buf_free(&want);
    return err;
}

static enum err is_sound(struct side *side, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(&side->txn, &rows, why, "PRAGMA integrity_check(1)", "");
    if (!err)
        err = rows_next(rows, &have, why);
    const char *said = !err && have ? rows_text(rows, 0) : NULL;
    if (!err && (!said || strcmp(said, "ok") != 0))
        err = err_set(why, ERR_CORRUPT, "%s is damaged: %.200s", side->path,
                      said ? said : "no answer");
    rows_end(rows);
    return err;
}

enum err side_open(const char *path, const char *schema, struct side **out, struct why *why)
{
    struct side *side = NULL;
    if (access(path, R_OK) != 0)
        return err_errno(why, ERR_NOT_FOUND, errno, "%s", path);
    enum err err = open_flags(path, SQLITE_OPEN_READONLY, &side, why);
    if (err)
        return err;
    (void)sqlite3_db_config(side->conn.db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    err = conn_script(&side->conn,
                      "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;"
                      "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; BEGIN",
                      why);
    if (!err)
        err = schema_holds(side, schema, why);
    if (!err)
        err = is_sound(side, why);
    if (err)
        side_close(side);
    else
        *out = side;
    return err;
}
