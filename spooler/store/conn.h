/* SPDX-License-Identifier: Apache-2.0 */
/* conn.h: one SQLite connection: how it is opened, what its errors mean, its statements.
 *
 * Inner to store/. A connection belongs to one thread at a time (opened without SQLite's own
 * mutexes); whoever hands it on does so under a lock. */
#ifndef TEM_STORE_CONN_H
#define TEM_STORE_CONN_H

#include "spooler/base/err.h"
#include "spooler/store/store.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prepared statements kept a connection. Past it, the one not used for longest goes. */
#define CONN_STATEMENTS 192

/* Another program (an administrator's sqlite3) that holds a lock is waited for this long. */
#define CONN_BUSY_MS 5000

/* A prepared statement; also what a caller steps through. */
struct rows {
    struct txn *txn; /* who steps through it now */
    sqlite3_stmt *handle;
    const char *sql; /* the literal it was asked for by; compared, never read */
    uint64_t used;   /* conn->uses when it was last handed out */
    bool busy;       /* handed out */
    bool cached;     /* kept when it is given back */
    bool ended;      /* stepped past its last row: SQLite would start it again */
};

struct conn {
    sqlite3 *db;
    struct rows *statements[CONN_STATEMENTS];
    size_t count;
    uint64_t uses;
    int code;            /* SQLite's extended code of the failure told last */
    struct watch *watch; /* told of damage; may be NULL */
    int step_errno;      /* errno of the step that failed just now, until it is told */
};

/* A transaction. Once SQLite has rolled back all of it by itself (a full disk), `lost` is set
 * and every further statement is refused: it would commit on its own. */
struct txn {
    struct conn *conn;
    int64_t now_ms;
    int64_t changes;
    unsigned open_rows;
    enum err lost;
    int lost_code; /* SQLite's extended code */
    struct why lost_why;
};

enum conn_kind { CONN_WRITER, CONN_READER };

/* Opens an existing file, with every setting read back. ERR_STATE when one does not hold. */
enum err conn_open(const char *path, enum conn_kind kind, struct conn **out, struct why *why);
/* Takes NULL. A statement that is still handed out is our bug: asserted. */
void conn_close(struct conn *conn);
/* Its statements alone: side.h closes by itself. */
void conn_drop_statements(struct conn *conn);

/* Runs one statement without parameters, prepared once. */
enum err conn_exec(struct conn *conn, const char *sql, struct why *why);
/* Runs a text of several statements, as migrations are. */
enum err conn_script(struct conn *conn, const char *sql, struct why *why);
/* Makes an error of the connection's last failure: FULL and a write refused by quota or file
 * size limit are ERR_FULL, CORRUPT and NOTADB ERR_CORRUPT, NOMEM ERR_NO_MEMORY, CONSTRAINT
 * ERR_STATE, TOOBIG ERR_TOO_LARGE, BUSY ERR_BUSY, all others ERR_SYSTEM. */
enum err conn_fail(struct conn *conn, const char *doing, struct why *why);
/* Whether this extended code says that an fsync failed: what is on disk is then unknown. */
bool conn_sync_failed(int code);
/* Whether a transaction is open. */
bool conn_in_txn(const struct conn *conn);

/* Hands out a statement, bindings empty; conn_release gives it back. One that is in use
 * already is prepared a second time. */
enum err conn_statement(struct conn *conn, const char *sql, struct rows **out, struct why *why);
/* sqlite3_step, which must be how a statement is stepped: conn_fail needs its errno. */
int conn_step(struct conn *conn, struct rows *rows);
void conn_release(struct rows *rows);

#endif
