/* SPDX-License-Identifier: Apache-2.0 */
/* conn.c: see conn.h. */
#include "spooler/store/conn.h"

#include "spooler/base/log.h"
#include "spooler/store/watch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct setting {
    const char *set;
    const char *read; /* NULL: `set` itself answers */
    const char *want;
};

/* Durability hangs on these, and SQLite ignores a PRAGMA that it cannot or will not obey. */
static const struct setting writer_settings[] = {
    {"PRAGMA journal_mode = wal", NULL, "wal"},
    {"PRAGMA synchronous = FULL", "PRAGMA synchronous", "2"},
    {"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1"},
    /* without it REPLACE deletes rows past the triggers that forbid it */
    {"PRAGMA recursive_triggers = ON", "PRAGMA recursive_triggers", "1"},
    {"PRAGMA journal_size_limit = 67108864", NULL, "67108864"},
    /* the writer checkpoints by itself, since SQLite's own keeps a failed fsync quiet */
    {"PRAGMA wal_autocheckpoint = 0", NULL, "0"},
    {"PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2"},
};

static const struct setting reader_settings[] = {
    {"PRAGMA journal_mode", NULL, "wal"},
    {"PRAGMA query_only = ON", "PRAGMA query_only", "1"},
    {"PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2"},
};

/* Quotas and file size limits come as plain write errors; only ENOSPC is SQLITE_FULL. Asked for
 * failed writes only: a failure after the commit frame is on disk must not pass for "full".
 * Not sqlite3_system_errno: a failing COMMIT does not set it (3.40). */
static bool write_was_full(const struct conn *conn)
{
    int error = conn->step_errno;
    return conn->code == SQLITE_IOERR_WRITE &&
           (error == ENOSPC || error == EDQUOT || error == EFBIG);
}

static enum err map(const struct conn *conn)
{
    static const struct {
        int primary;
        enum err err;
    } codes[] = {
        {SQLITE_FULL, ERR_FULL},        {SQLITE_CORRUPT, ERR_CORRUPT},
        {SQLITE_NOTADB, ERR_CORRUPT},   {SQLITE_NOMEM, ERR_NO_MEMORY},
        {SQLITE_CONSTRAINT, ERR_STATE}, {SQLITE_TOOBIG, ERR_TOO_LARGE},
        {SQLITE_BUSY, ERR_BUSY},
    };
    if (write_was_full(conn))
        return ERR_FULL;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].primary == (conn->code & 0xff))
            return codes[i].err;
    return ERR_SYSTEM;
}

enum err conn_fail(struct conn *conn, const char *doing, struct why *why)
{
    conn->code = sqlite3_extended_errcode(conn->db);
    enum err err = map(conn);
    const char *text = sqlite3_errmsg(conn->db);
    /* the results only repeat a code; the map above decides, for an fsync must never be "full"
     */
    if ((conn->code & 0xff) == SQLITE_IOERR && conn->step_errno)
        (void)err_errno(why, err, conn->step_errno, "%s (SQLite %d, in: %.120s)", text,
                        conn->code, doing);
    else
        (void)err_set(why, err, "%s (SQLite %d, in: %.120s)", text, conn->code, doing);
    conn->step_errno = 0;
    if (err == ERR_CORRUPT && conn->watch)
        watch_damage(conn->watch, text);
    return err;
}

bool conn_sync_failed(int code)
{
    return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

bool conn_in_txn(const struct conn *conn)
{
    return !sqlite3_get_autocommit(conn->db);
}

/* ---- statements ---- */

static void statement_free(struct rows *rows)
{
    if (rows)
        /* repeats the error of the last step, which was told then */
        (void)sqlite3_finalize(rows->handle);
    free(rows);
}

static bool same_sql(const struct rows *rows, const char *sql)
{
    /* the text is compared even when the pointer is the same: a caller that broke the rule of
     * literals would otherwise run another statement */
    return strcmp(sqlite3_sql(rows->handle), sql) == 0;
}

static struct rows *find(struct conn *conn, const char *sql)
{
    for (size_t i = 0; i < conn->count; i++)
        if (conn->statements[i]->sql == sql && same_sql(conn->statements[i], sql))
            return conn->statements[i];
    for (size_t i = 0; i < conn->count; i++)
        if (same_sql(conn->statements[i], sql))
            return conn->statements[i];
    return NULL;
}

/* Where a new statement may be kept; NULL when all are in use. */
static struct rows **place(struct conn *conn)
{
    if (conn->count < CONN_STATEMENTS)
        return &conn->statements[conn->count++];
    struct rows **oldest = NULL;
    for (size_t i = 0; i < conn->count; i++)
        if (!conn->statements[i]->busy &&
            (!oldest || conn->statements[i]->used < (*oldest)->used))
            oldest = &conn->statements[i];
    if (oldest)
        statement_free(*oldest);
    return oldest;
}

static enum err prepare(struct conn *conn, const char *sql, bool keep, struct rows **out,
                        struct why *why)
{
    struct rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    unsigned flags = keep ? SQLITE_PREPARE_PERSISTENT : 0;
    if (sqlite3_prepare_v3(conn->db, sql, -1, flags, &rows->handle, NULL) != SQLITE_OK) {
        free(rows);
        return conn_fail(conn, sql, why);
    }
    assert(rows->handle); /* an empty statement is our bug */
    rows->sql = sql;
    struct rows **kept = keep ? place(conn) : NULL;
    if (kept)
        *kept = rows;
    rows->cached = kept != NULL;
    *out = rows;
    return ERR_NONE;
}

enum err conn_statement(struct conn *conn, const char *sql, struct rows **out, struct why *why)
{
    struct rows *rows = find(conn, sql);
    if (!rows || rows->busy) {
        enum err err = prepare(conn, sql, !rows, &rows, why);
        if (err)
            return err;
    }
    rows->busy = true;
    rows->ended = false;
    rows->used = ++conn->uses;
    *out = rows;
    return ERR_NONE;
}

void conn_release(struct rows *rows)
{
    rows->busy = false;
    rows->txn = NULL;
    if (!rows->cached) {
        statement_free(rows);
        return;
    }
    (void)sqlite3_reset(rows->handle); /* repeats the error of the last step */
    /* bindings may point to the caller's memory; this cannot fail */
    (void)sqlite3_clear_bindings(rows->handle);
}

int conn_step(struct conn *conn, struct rows *rows)
{
    errno = 0;
    int code = sqlite3_step(rows->handle);
    conn->step_errno = code == SQLITE_ROW || code == SQLITE_DONE ? 0 : errno;
    return code;
}

enum err conn_exec(struct conn *conn, const char *sql, struct why *why)
{
    struct rows *rows = NULL;
    enum err err = conn_statement(conn, sql, &rows, why);
    if (err)
        return err;
    int code = conn_step(conn, rows);
    while (code == SQLITE_ROW)
        code = conn_step(conn, rows);
    if (code != SQLITE_DONE)
        err = conn_fail(conn, sql, why);
    conn_release(rows);
    return err;
}

enum err conn_script(struct conn *conn, const char *sql, struct why *why)
{
    if (sqlite3_exec(conn->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return conn_fail(conn, sql, why);
    return ERR_NONE;
}

/* ---- opening ---- */

static enum err setting_holds(struct conn *conn, const char *read, const char *want,
                              struct why *why)
{
    struct rows *rows = NULL;
    enum err err = conn_statement(conn, read, &rows, why);
    if (err)
        return err;
    int code = conn_step(conn, rows);
    const char *got = NULL;
    if (code == SQLITE_ROW)
        got = (const char *)sqlite3_column_text(rows->handle, 0);
    else if (code != SQLITE_DONE)
        err = conn_fail(conn, read, why);
    if (!err && (!got || strcmp(got, want) != 0))
        err = err_set(why, ERR_STATE, "%s: the database answers \"%s\", needed is \"%s\"", read,
                      got ? got : "", want);
    conn_release(rows);
    return err;
}

static enum err settings_apply(struct conn *conn, const struct setting *settings, size_t count,
                               struct why *why)
{
    for (size_t i = 0; i < count; i++) {
        const char *read = settings[i].read;
        enum err err = ERR_NONE;
        if (read)
            err = conn_exec(conn, settings[i].set, why);
        if (!err)
            err = setting_holds(conn, read ? read : settings[i].set, settings[i].want, why);
        if (err)
            return err;
    }
    return ERR_NONE;
}

enum err conn_open(const char *path, enum conn_kind kind, struct conn **out, struct why *why)
{
    struct conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err;
    if (sqlite3_open_v2(path, &conn->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(conn->db, CONN_BUSY_MS) != SQLITE_OK) {
        err = conn->db ? conn_fail(conn, path, why)
                       : err_set(why, ERR_NO_MEMORY, "out of memory");
        goto out;
    }
    if (kind == CONN_WRITER)
        err = settings_apply(conn, writer_settings,
                             sizeof writer_settings / sizeof writer_settings[0], why);
    else
        err = settings_apply(conn, reader_settings,
                             sizeof reader_settings / sizeof reader_settings[0], why);
out:
    if (err)
        conn_close(conn);
    else
        *out = conn;
    return err;
}

void conn_drop_statements(struct conn *conn)
{
    for (size_t i = 0; i < conn->count; i++) {
        assert(!conn->statements[i]->busy); /* rows_end was forgotten */
        statement_free(conn->statements[i]);
    }
    conn->count = 0;
}

void conn_close(struct conn *conn)
{
    if (!conn)
        return;
    conn_drop_statements(conn);
    int code = sqlite3_close(conn->db);
    if (code != SQLITE_OK)
        log_error("store connection does not close", "sqlite=%d reason=%s", code,
                  logq(sqlite3_errmsg(conn->db)));
    assert(code == SQLITE_OK); /* a statement outside the cache was not given back */
    free(conn);
}
