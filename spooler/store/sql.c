/* SPDX-License-Identifier: Apache-2.0 */
/* sql.c: statements within a transaction (store.h, "SQL"). */
#include "spooler/store/conn.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

/* Tells a failure, and remembers when SQLite rolled back everything with it. */
static enum err told(struct txn *txn, enum err err, const struct why *cause, struct why *why)
{
    if (!conn_in_txn(txn->conn) && !txn->lost) {
        txn->lost = err;
        txn->lost_code = txn->conn->code;
        txn->lost_why = *cause;
    }
    if (why)
        *why = *cause;
    return err;
}

static enum err failed(struct txn *txn, const char *sql, struct why *why)
{
    struct why cause = {""};
    enum err err = conn_fail(txn->conn, sql, &cause);
    return told(txn, err, &cause, why);
}

static int bind_one(sqlite3_stmt *handle, int index, char type, va_list *args,
                    sqlite3_destructor_type keep)
{
    switch (type) {
    case 'i':
        return sqlite3_bind_int64(handle, index, va_arg(*args, int64_t));
    case 't': {
        const char *text = va_arg(*args, const char *);
        if (!text)
            return sqlite3_bind_null(handle, index);
        return sqlite3_bind_text64(handle, index, text, strlen(text), keep, SQLITE_UTF8);
    }
    case 'b': {
        const void *bytes = va_arg(*args, const void *);
        size_t len = va_arg(*args, size_t);
        if (len == 0) /* bind_blob would make SQL NULL of a NULL pointer */
            return sqlite3_bind_zeroblob(handle, index, 0);
        return sqlite3_bind_blob64(handle, index, bytes, len, keep);
    }
    case 'n':
        return sqlite3_bind_null(handle, index);
    default:
        assert(false && "no such type of parameter");
        return SQLITE_MISUSE;
    }
}

/* A statement with its parameters. `keep`: SQLITE_STATIC when it runs to its end before
 * the caller's memory can go. */
static enum err start(struct txn *txn, const char *sql, const char *types, va_list *args,
                      sqlite3_destructor_type keep, struct rows **out, struct why *why)
{
    struct rows *rows = NULL;
    struct why cause = {""};
    enum err err = conn_statement(txn->conn, sql, &rows, &cause);
    if (err)
        return told(txn, err, &cause, why);
    assert((size_t)sqlite3_bind_parameter_count(rows->handle) == strlen(types));
    for (int i = 0; types[i]; i++)
        if (bind_one(rows->handle, i + 1, types[i], args, keep) != SQLITE_OK) {
            err = failed(txn, sql, why);
            conn_release(rows);
            return err;
        }
    rows->txn = txn;
    txn->open_rows++;
    *out = rows;
    return ERR_NONE;
}

int64_t txn_now_ms(struct txn *txn)
{
    return txn->now_ms;
}

enum err sql_run(struct txn *txn, struct why *why, const char *sql, const char *types, ...)
{
    struct rows *rows = NULL;
    va_list args;
    va_start(args, types);
    enum err err = start(txn, sql, types, &args, SQLITE_STATIC, &rows, why);
    va_end(args);
    bool have = true;
    while (!err && have)
        err = rows_next(rows, &have, why);
    if (rows && !err)
        txn->changes =
            sqlite3_stmt_readonly(rows->handle) ? 0 : sqlite3_changes64(txn->conn->db);
    rows_end(rows);
    return err;
}

int64_t sql_changes(struct txn *txn)
{
    return txn->changes;
}

int64_t sql_last_id(struct txn *txn)
{
    return sqlite3_last_insert_rowid(txn->conn->db);
}

enum err sql_query(struct txn *txn, struct rows **out, struct why *why, const char *sql,
                   const char *types, ...)
{
    va_list args;
    va_start(args, types);
    enum err err = start(txn, sql, types, &args, SQLITE_TRANSIENT, out, why);
    va_end(args);
    return err;
}

enum err rows_next(struct rows *rows, bool *have, struct why *why)
{
    struct txn *txn = rows->txn;
    if (txn->lost) { /* this statement would be a transaction of its own */
        if (why)
            *why = txn->lost_why;
        return txn->lost;
    }
    int code = rows->ended ? SQLITE_DONE : conn_step(txn->conn, rows);
    if (code != SQLITE_ROW)
        rows->ended = true;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return failed(txn, sqlite3_sql(rows->handle), why);
    *have = code == SQLITE_ROW;
    return ERR_NONE;
}

static int checked(const struct rows *rows, int column)
{
    assert(column >= 0 && column < sqlite3_column_count(rows->handle));
    return column;
}

int64_t rows_int(struct rows *rows, int column)
{
    return sqlite3_column_int64(rows->handle, checked(rows, column));
}

const char *rows_text(struct rows *rows, int column)
{
    return (const char *)sqlite3_column_text(rows->handle, checked(rows, column));
}

const void *rows_blob(struct rows *rows, int column, size_t *len)
{
    const void *bytes = sqlite3_column_blob(rows->handle, checked(rows, column));
    *len = (size_t)sqlite3_column_bytes(rows->handle, column);
    return bytes;
}

bool rows_null(struct rows *rows, int column)
{
    return sqlite3_column_type(rows->handle, checked(rows, column)) == SQLITE_NULL;
}

void rows_end(struct rows *rows)
{
    if (!rows)
        return;
    rows->txn->open_rows--;
    conn_release(rows);
}

enum err sql_int(struct txn *txn, int64_t *out, struct why *why, const char *sql,
                 const char *types, ...)
{
    struct rows *rows = NULL;
    bool have = false;
    va_list args;
    va_start(args, types);
    enum err err = start(txn, sql, types, &args, SQLITE_STATIC, &rows, why);
    va_end(args);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = ERR_NOT_FOUND;
    if (!err)
        *out = rows_int(rows, 0);
    rows_end(rows);
    return err;
}

/* One row, column by column; SQLite copies what is bound. */
static enum err copy_row(struct rows *rows, struct txn *to, const char *insert, struct why *why)
{
    struct rows *target = NULL;
    struct why cause = {""};
    bool have = true;
    enum err err = conn_statement(to->conn, insert, &target, &cause);
    if (err)
        return told(to, err, &cause, why);
    int columns = sqlite3_column_count(rows->handle);
    assert(sqlite3_bind_parameter_count(target->handle) == columns);
    target->txn = to;
    to->open_rows++;
    for (int i = 0; !err && i < columns; i++)
        if (sqlite3_bind_value(target->handle, i + 1, sqlite3_column_value(rows->handle, i)) !=
            SQLITE_OK)
            err = failed(to, insert, why);
    while (!err && have)
        err = rows_next(target, &have, why);
    rows_end(target);
    return err;
}

enum err sql_copy(struct txn *from, const char *select, int64_t id, struct txn *to,
                  const char *insert, int64_t *count, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(from, &rows, why, select, "i", id);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        err = copy_row(rows, to, insert, why);
        *count += !err;
    }
    rows_end(rows);
    return err;
}
