/* SPDX-License-Identifier: Apache-2.0 */
/* writer.c: see writer.h.
 *
 * When the shared transaction is lost (disk full, memory out), everybody in it is answered with
 * that error, those too whose operation had failed by itself: what they saw was rolled back. */
#include "spooler/store/writer.h"

#include "spooler/base/fault.h"
#include "spooler/base/log.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Pages in the WAL after which it is copied into the database, and after which the next
 * commit may wait CHECKPOINT_WAIT_MS for readers, so that the WAL starts again at its front:
 * readers that overlap without a gap would else let it grow for ever. 4 MB and 64 MB. */
#define CHECKPOINT_PAGES   1000
#define RESTART_PAGES      16384
#define CHECKPOINT_WAIT_MS 20

struct request {
    store_op *op;
    store_done *done;
    void *arg;
};

struct outcome {
    struct request request;
    enum err err;
    struct why why;
};

struct writer {
    struct conn *conn;
    const struct clock *clock;
    void (*fatal)(const struct why *why);
    pthread_t thread;
    int wal_pages; /* writer thread only, as conn */
    int checkpoint_at;
    struct outcome batch[WRITER_BATCH];

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t wake;
    bool stopping;
    size_t head, count;
    struct request queue[WRITER_QUEUE];
};

/* Nothing may be told or done after this: what is on disk is not known. */
static _Noreturn void die(struct writer *writer, const struct why *why)
{
    if (writer->fatal)
        writer->fatal(why);
    log_error("store is lost", "reason=%s", logq(why->text));
    abort();
}

/* ---- the queue ---- */

enum err writer_submit(struct writer *writer, store_op *op, store_done *done, void *arg,
                       struct why *why)
{
    enum err err = ERR_NONE;
    pthread_mutex_lock(&writer->lock);
    if (writer->stopping) {
        err = err_set(why, ERR_BUSY, "the store is closing");
    } else if (writer->count == WRITER_QUEUE) {
        err = err_set(why, ERR_BUSY, "%d operations wait for the store already", WRITER_QUEUE);
    } else {
        size_t tail = (writer->head + writer->count++) % WRITER_QUEUE;
        writer->queue[tail] = (struct request){op, done, arg};
        pthread_cond_signal(&writer->wake);
    }
    pthread_mutex_unlock(&writer->lock);
    return err;
}

/* The next request; false when there is none (`wait`: none is left and none will come). */
static bool take(struct writer *writer, bool wait, struct request *out)
{
    pthread_mutex_lock(&writer->lock);
    while (wait && writer->count == 0 && !writer->stopping)
        pthread_cond_wait(&writer->wake, &writer->lock);
    bool have = writer->count > 0;
    if (have) {
        *out = writer->queue[writer->head];
        writer->head = (writer->head + 1) % WRITER_QUEUE;
        writer->count--;
    }
    pthread_mutex_unlock(&writer->lock);
    return have;
}

/* ---- a batch ---- */

/* Remembers that the transaction is gone or unusable. */
static void lose(struct txn *txn, enum err err, const struct why *why)
{
    if (txn->lost)
        return;
    txn->lost = err;
    txn->lost_code = txn->conn->code;
    txn->lost_why = *why;
}

static void run_one(struct writer *writer, struct txn *txn, struct outcome *outcome)
{
    struct conn *conn = writer->conn;
    struct why why = {""};
    outcome->why = why;
    enum err err = conn_exec(conn, "SAVEPOINT op", &why);
    if (err) {
        lose(txn, err, &why);
        return;
    }
    txn->now_ms = clock_now_ms(writer->clock);
    txn->changes = 0;
    err = outcome->request.op(txn, outcome->request.arg, &outcome->why);
    assert(txn->open_rows == 0); /* an operation forgot rows_end */
    if (err && !outcome->why.text[0])
        (void)err_set(&outcome->why, err, "%s", err_meaning(err)); /* returns err */
    outcome->err = err;
    if (txn->lost)
        return;
    enum err end = err ? conn_exec(conn, "ROLLBACK TO op", &why) : ERR_NONE;
    if (!end)
        end = conn_exec(conn, "RELEASE op", &why);
    if (end)
        lose(txn, end, &why);
}

/* Commits or finds the transaction lost; does not come back when nobody can know. */
static void commit(struct writer *writer, struct txn *txn)
{
    struct why why = {""};
    fault_point("store.commit.before");
    if (fault_fails("store.commit.fail")) {
        (void)err_set(&why, ERR_SYSTEM, "a test let COMMIT fail"); /* returns its code */
        die(writer, &why);
    }
    enum err err = fault_fails("store.commit.full")
                       ? err_set(&why, ERR_FULL, "a test filled the disk")
                       : conn_exec(writer->conn, "COMMIT", &why);
    if (!err) {
        fault_point("store.commit.after");
        return;
    }
    if (err != ERR_FULL)
        die(writer, &why);
    lose(txn, err, &why);
}

/* Leaves no transaction open after a lost one, so that the next can begin. */
static void sweep(struct writer *writer, struct txn *txn)
{
    struct why why = {""};
    if (conn_sync_failed(txn->lost_code))
        die(writer, &txn->lost_why);
    fault_point("store.rollback.before");
    if (conn_in_txn(writer->conn) && conn_exec(writer->conn, "ROLLBACK", &why) &&
        conn_in_txn(writer->conn))
        die(writer, &why);
    fault_point("store.rollback.after");
    log_warn("store transaction lost", "error=%s reason=%s", err_name(txn->lost),
             logq(txn->lost_why.text));
}

/* Runs what waits, the first being in the batch already. Returns how many. */
static size_t run_all(struct writer *writer, struct txn *txn)
{
    int64_t until_ms = clock_mono_ms(writer->clock) + WRITER_BATCH_MS;
    size_t count = 0;
    do {
        run_one(writer, txn, &writer->batch[count++]);
    } while (!txn->lost && count < WRITER_BATCH && clock_mono_ms(writer->clock) < until_ms &&
             take(writer, false, &writer->batch[count].request));
    return count;
}

static void run_batch(struct writer *writer)
{
    struct txn txn = {.conn = writer->conn};
    size_t count = 1;
    struct why why = {""};
    enum err err = conn_exec(writer->conn, "BEGIN IMMEDIATE", &why);
    if (err)
        lose(&txn, err, &why);
    else
        count = run_all(writer, &txn);
    if (!txn.lost)
        commit(writer, &txn);
    if (txn.lost)
        sweep(writer, &txn);
    for (size_t i = 0; i < count; i++) {
        struct outcome *outcome = &writer->batch[i];
        fault_point("store.done.before");
        if (outcome->request.done)
            outcome->request.done(txn.lost ? txn.lost : outcome->err,
                                  txn.lost ? &txn.lost_why : &outcome->why,
                                  outcome->request.arg);
        fault_point("store.done.after");
    }
}

/* ---- the WAL ---- */

static int after_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
    (void)db; /* SQLite's hook gives them, there is one */
    (void)name;
    struct writer *writer = arg;
    if (pages < writer->wal_pages)
        writer->checkpoint_at = CHECKPOINT_PAGES; /* it began again at its front */
    writer->wal_pages = pages;
    return SQLITE_OK;
}

/* Copies the WAL into the database. A full disk or a slow reader only puts it off. */
static void checkpoint(struct writer *writer)
{
    if (writer->wal_pages < writer->checkpoint_at)
        return;
    sqlite3 *db = writer->conn->db;
    bool restart = writer->wal_pages >= RESTART_PAGES;
    (void)sqlite3_busy_timeout(db, CHECKPOINT_WAIT_MS); /* fails for a bad handle only */
    fault_point("store.checkpoint.before");
    int code = sqlite3_wal_checkpoint_v2(
        db, NULL, restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    fault_point("store.checkpoint.after");
    struct why why = {""};
    if (code != SQLITE_OK && code != SQLITE_BUSY) {
        (void)conn_fail(writer->conn, "wal_checkpoint", &why); /* decided by its code below */
        if (conn_sync_failed(writer->conn->code))
            die(writer, &why);
        log_warn("store checkpoint failed", "reason=%s", logq(why.text));
    }
    (void)sqlite3_busy_timeout(db, CONN_BUSY_MS);
    writer->checkpoint_at = writer->wal_pages + CHECKPOINT_PAGES;
}

/* ---- the thread ---- */

static void *writer_main(void *arg)
{
    struct writer *writer = arg;
    while (take(writer, true, &writer->batch[0].request)) {
        run_batch(writer);
        checkpoint(writer);
    }
    return NULL;
}

/* Signals are for the main thread: this one must not be torn out of a write. */
static int thread_start(struct writer *writer)
{
    sigset_t all, before;
    if (sigfillset(&all) != 0)
        return -1;
    int error = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (error)
        return error;
    error = pthread_create(&writer->thread, NULL, writer_main, writer);
    int restored = pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert(restored == 0); /* the mask is one that was in force */
    (void)restored;        /* unused where asserts are off */
    return error;
}

enum err writer_start(struct conn *conn, const struct store_config *config, struct writer **out,
                      struct why *why)
{
    struct writer *writer = calloc(1, sizeof *writer);
    if (!writer) {
        conn_close(conn);
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    writer->conn = conn;
    writer->clock = config->clock;
    writer->fatal = config->fatal;
    writer->checkpoint_at = CHECKPOINT_PAGES;
    (void)sqlite3_wal_hook(conn->db, after_commit, writer); /* the hook before: none */
    int error = pthread_mutex_init(&writer->lock, NULL);
    if (!error)
        error = pthread_cond_init(&writer->wake, NULL);
    if (!error)
        error = thread_start(writer);
    if (error) {
        conn_close(conn);
        free(writer);
        return err_errno(why, ERR_SYSTEM, error, "the store's writer thread does not start");
    }
    *out = writer;
    return ERR_NONE;
}

void writer_stop(struct writer *writer)
{
    if (!writer)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_broadcast(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    int error = pthread_join(writer->thread, NULL);
    assert(error == 0);
    (void)error; /* unused where asserts are off */
    conn_close(writer->conn);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

bool writer_is_here(const struct writer *writer)
{
    return pthread_equal(pthread_self(), writer->thread) != 0;
}
