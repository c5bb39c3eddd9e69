/* SPDX-License-Identifier: Apache-2.0 */
/* store.h: the one SQLite database; one writer thread with group commit, readers of their own.
 *
 * Callers hand the writer an operation. Each runs in a savepoint; all that wait share one
 * COMMIT. An operation's result is told only after that COMMIT is on disk (promise 2).
 * synchronous=FULL, WAL, foreign keys, STRICT tables, PRAGMA user_version migrations
 * (schema.c). A full disk answers ERR_FULL to all in that commit; any other failed COMMIT or
 * fsync ends the process. Nothing is issued after a start until
 * wal_checkpoint(TRUNCATE) has succeeded. One temd a store: a lock file beside it.
 *
 * Only store/ knows SQLite. Others speak SQL through the functions below.
 * Threads: struct store is shared; struct txn and struct rows belong to the thread that runs
 * the operation. */
#ifndef TEM_STORE_STORE_H
#define TEM_STORE_STORE_H

#include "spooler/base/buf.h"
#include "spooler/base/clock.h"
#include "spooler/base/err.h"
#include "spooler/base/random.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct txn; /* a transaction: the writer's, or a reader's snapshot */

/* 16 lower-case hex digits, made once from random bytes; in every token's name. */
#define STORE_ID_SIZE 17

struct store_config {
    const char *folder; /* holds tem.db, tem.lock; made with mode 0750 when missing */
    const struct clock *clock;
    const struct random_source *random;
    /* Called from the writer thread when a COMMIT or fsync failed for another reason than a
     * full disk; must not return. NULL = log and abort(). Tests replace it. */
    void (*fatal)(const struct why *why);
};

/* Opens or creates, migrates, checkpoints the WAL, starts the writer. ERR_BUSY: another temd
 * has this store. ERR_STATE: made by a newer version. */
enum err store_open(const struct store_config *config, struct store **out, struct why *why);
/* Finishes what is queued, then closes. */
void store_close(struct store *store);

const char *store_id(const struct store *store);
/* Counts up with every restore of an older copy; 1 in a new store. */
uint32_t store_epoch(const struct store *store);
const struct clock *store_clock(const struct store *store);

/* ---- writing --------------------------------------------------------------- */

/* Runs on the writer thread inside a savepoint; an error rolls back just this one. May be run
 * again from the start when the commit it shared was rolled back, so it must not have effects
 * outside the database. */
typedef enum err store_op(struct txn *txn, void *arg, struct why *why);
/* Called on the writer thread, after the commit is durable (or the operation failed). Must not
 * block and must not call the store. */
typedef void store_done(enum err result, const struct why *why, void *arg);

/* Queues and returns at once. ERR_BUSY when stopping or when the queue is full (done is not
 * called then). */
enum err store_submit(struct store *store, store_op *op, store_done *done, void *arg,
                      struct why *why);
/* Queues and waits: returns the operation's result after its commit. Not on the writer thread.
 */
enum err store_write(struct store *store, store_op *op, void *arg, struct why *why);
/* Runs at once on a reader's connection in a snapshot of its own; must not write. */
enum err store_read(struct store *store, store_op *op, void *arg, struct why *why);

/* ---- looking after it ------------------------------------------------------- */

/* The database's file; its log is beside it, "-wal" behind the name. */
const char *store_path(const struct store *store);
/* PRAGMA quick_check on a connection of its own; minutes on a large store, in which others go
 * on but the log is not shortened. What it finds is the store's health from then on.
 * ERR_CORRUPT: `why` says what was found first. ERR_BUSY: `stop` became true. */
enum err store_check(struct store *store, const atomic_bool *stop, struct why *why);

/* Damage is whatever a check or any statement met. It outlasts the process, until a check finds
 * nothing. Who issues numbers or starts chunks asks first, and does not. */
struct store_health {
    bool damaged;
    bool checking; /* after a stop that was not clean, and not through yet */
    char words[400];
};
void store_health(struct store *store, struct store_health *out);
/* The same, for those who ask often. */
bool store_is_damaged(const struct store *store);
/* Once all else runs: checks the store on a thread of its own, at the lowest priority, when the
 * last stop was not a clean one or it was found damaged before. store_close ends it. */
enum err store_watch(struct store *store, struct why *why);

/* ---- SQL -------------------------------------------------------------------- */

/* The time of this transaction, UTC milliseconds: the same for all operations in one savepoint.
 */
int64_t txn_now_ms(struct txn *txn);

/* `types` has a letter for each parameter (?1..): i int64_t, t const char* (NULL = SQL NULL),
 * b const void* + size_t (length 0 is an empty blob, whatever the pointer), n nothing (SQL
 * NULL). Statements are cached by their text, which must be a string literal. Runs to its end.
 */
enum err sql_run(struct txn *txn, struct why *why, const char *sql, const char *types, ...);
/* Rows changed by the last sql_run of this txn. */
int64_t sql_changes(struct txn *txn);
int64_t sql_last_id(struct txn *txn);

struct rows;
/* Starts a query; rows_end() must follow (NULL is fine), before the txn ends. */
enum err sql_query(struct txn *txn, struct rows **out, struct why *why, const char *sql,
                   const char *types, ...);
/* Steps to the next row; *have = false at the end. */
enum err rows_next(struct rows *rows, bool *have, struct why *why);
int64_t rows_int(struct rows *rows, int column);
/* NULL for SQL NULL; valid until the next rows_next or rows_end. */
const char *rows_text(struct rows *rows, int column);
const void *rows_blob(struct rows *rows, int column, size_t *len);
bool rows_null(struct rows *rows, int column);
void rows_end(struct rows *rows);

/* Each row of `select` (with one parameter, `id`) becomes a row of `insert` in another
 * database, whose parameters are the columns in their order. *count: rows, added to. */
enum err sql_copy(struct txn *from, const char *select, int64_t id, struct txn *to,
                  const char *insert, int64_t *count, struct why *why);

/* First column of the first row. ERR_NOT_FOUND (without `why`) when there is none. */
enum err sql_int(struct txn *txn, int64_t *out, struct why *why, const char *sql,
                 const char *types, ...);

#endif
