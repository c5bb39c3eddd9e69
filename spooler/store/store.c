/* SPDX-License-Identifier: Apache-2.0 */
/* store.c: opening and closing, waiting for the writer, the readers' connections. */
#include "spooler/store/store.h"

#include "spooler/base/durable.h"
#include "spooler/base/log.h"
#include "spooler/store/conn.h"
#include "spooler/store/migrate.h"
#include "spooler/store/watch.h"
#include "spooler/store/writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Readers at a time; one more waits. Each costs a file descriptor and a page cache. */
#define READERS 8

/* How long opening waits for another program that reads the database. */
#define SETTLE_MS 500

struct store {
    struct store_config config;
    char *folder;        /* absolute: a reader may be opened after a chdir */
    char path[PATH_MAX]; /* the database */
    int lock_fd;
    struct watch *watch;
    char id[STORE_ID_SIZE];
    uint32_t epoch;
    struct writer *writer;

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t given_back;
    struct conn *readers[READERS]; /* those that are free */
    size_t free_count;
    size_t opened;
};

/* ---- opening ---- */

static enum err join(char out[static PATH_MAX], const char *folder, const char *name,
                     struct why *why)
{
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    if (len < 0 || len >= PATH_MAX)
        return err_set(why, ERR_TOO_LARGE, "%.80s...: the path is too long", folder);
    return ERR_NONE;
}

static enum err folder_open(struct store *store, struct why *why)
{
    enum err err = durable_mkdir(store->config.folder, 0750, why);
    if (err)
        return err;
    store->folder = realpath(store->config.folder, NULL);
    if (!store->folder)
        return err_errno(why, ERR_SYSTEM, errno, "%s", store->config.folder);
    return join(store->path, store->folder, "tem.db", why);
}

/* The lock goes with the descriptor: when the process dies, however it does, it is free. */
static enum err lock_take(struct store *store, struct why *why)
{
    char path[PATH_MAX];
    enum err err = join(path, store->folder, "tem.lock", why);
    if (err)
        return err;
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (store->lock_fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "%s", path);
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return ERR_NONE;
    if (errno == EWOULDBLOCK)
        return err_set(why, ERR_BUSY, "%s: another temd has this store", path);
    return err_errno(why, ERR_SYSTEM, errno, "%s: cannot be locked", path);
}

/* Made here and not by SQLite: the WAL takes its mode from it, and its name must be on disk. */
static enum err file_make(struct store *store, struct why *why)
{
    int fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "%s", store->path);
    if (close(fd) != 0)
        return err_errno(why, ERR_SYSTEM, errno, "%s", store->path);
    return durable_sync_folder(store->folder, why);
}

/* After a failed fsync the last process could not know what is on disk. Until all of the WAL
 * is copied and synced, nothing may be issued on its word. */
static enum err wal_settle(struct conn *conn, struct why *why)
{
    (void)sqlite3_busy_timeout(conn->db, SETTLE_MS); /* fails for a bad handle only */
    int code =
        sqlite3_wal_checkpoint_v2(conn->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code == SQLITE_OK) {
        (void)sqlite3_busy_timeout(conn->db, CONN_BUSY_MS);
        return ERR_NONE;
    }
    struct why cause = {""};
    enum err err = conn_fail(conn, "wal_checkpoint(TRUNCATE)", &cause);
    return err_set(why, err, "the store's log cannot be settled%s: %.300s",
                   err == ERR_BUSY ? ", another program reads the database" : "", cause.text);
}

static enum err database_open(struct store *store, struct why *why)
{
    struct conn *conn = NULL;
    enum err err = file_make(store, why);
    if (!err)
        err = conn_open(store->path, CONN_WRITER, &conn, why);
    if (!err)
        err = migrate_run(conn, store->config.random, why);
    if (!err)
        err = migrate_identity(conn, store->id, &store->epoch, why);
    if (!err)
        err = wal_settle(conn, why);
    if (err) {
        conn_close(conn);
        return err;
    }
    conn->watch = store->watch;
    return writer_start(conn, &store->config, &store->writer, why);
}

static void store_free(struct store *store)
{
    if (store->lock_fd >= 0 && close(store->lock_fd) != 0)
        log_warn("store lock does not close", "folder=%s", logq(store->folder));
    pthread_cond_destroy(&store->given_back);
    pthread_mutex_destroy(&store->lock);
    free(store->folder);
    free(store);
}

enum err store_open(const struct store_config *config, struct store **out, struct why *why)
{
    assert(sqlite3_threadsafe()); /* each distribution's is; connections cross threads */
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    store->config = *config;
    store->lock_fd = -1;
    int error = pthread_mutex_init(&store->lock, NULL);
    if (!error)
        error = pthread_cond_init(&store->given_back, NULL);
    if (error) {
        free(store);
        return err_errno(why, ERR_SYSTEM, error, "the store's lock");
    }
    enum err err = folder_open(store, why);
    if (!err)
        err = lock_take(store, why);
    if (!err)
        err = watch_open(store->folder, &store->watch, why);
    if (!err)
        err = database_open(store, why);
    if (err == ERR_CORRUPT && store->watch)
        watch_damage(store->watch, why ? why->text : err_meaning(err));
    if (err) {
        watch_close(store->watch, false);
        store_free(store);
    } else
        *out = store;
    return err;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    watch_stop(store->watch);
    assert(store->free_count == store->opened); /* a reader still runs */
    for (size_t i = 0; i < store->free_count; i++)
        conn_close(store->readers[i]);
    writer_stop(store->writer); /* last: who closes last copies the WAL, with its settings */
    watch_close(store->watch, true);
    store_free(store);
}

const char *store_id(const struct store *store)
{
    return store->id;
}

uint32_t store_epoch(const struct store *store)
{
    return store->epoch;
}

const char *store_path(const struct store *store)
{
    return store->path;
}

struct watch *store_watcher(struct store *store)
{
    return store->watch;
}

void store_health(struct store *store, struct store_health *out)
{
    watch_tell(store->watch, out);
}

bool store_is_damaged(const struct store *store)
{
    return watch_is_damaged(store->watch);
}

enum err store_watch(struct store *store, struct why *why)
{
    return watch_start(store->watch, store, why);
}

const struct clock *store_clock(const struct store *store)
{
    return store->config.clock;
}

/* ---- writing ---- */

enum err store_submit(struct store *store, store_op *op, store_done *done, void *arg,
                      struct why *why)
{
    return writer_submit(store->writer, op, done, arg, why);
}

struct waiter {
    store_op *op;
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool done;
    enum err err;
    struct why why;
};

static enum err waiter_op(struct txn *txn, void *arg, struct why *why)
{
    struct waiter *waiter = arg;
    return waiter->op(txn, waiter->arg, why);
}

static void waiter_done(enum err result, const struct why *why, void *arg)
{
    struct waiter *waiter = arg;
    pthread_mutex_lock(&waiter->lock);
    waiter->err = result;
    waiter->why = *why;
    waiter->done = true;
    pthread_cond_signal(&waiter->told);
    pthread_mutex_unlock(&waiter->lock);
}

enum err store_write(struct store *store, store_op *op, void *arg, struct why *why)
{
    assert(!writer_is_here(store->writer));
    struct waiter waiter = {.op = op,
                            .arg = arg,
                            .lock = PTHREAD_MUTEX_INITIALIZER,
                            .told = PTHREAD_COND_INITIALIZER};
    enum err err = writer_submit(store->writer, waiter_op, waiter_done, &waiter, why);
    if (err)
        return err;
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.done)
        pthread_cond_wait(&waiter.told, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    pthread_cond_destroy(&waiter.told);
    pthread_mutex_destroy(&waiter.lock);
    if (waiter.err && why)
        *why = waiter.why;
    return waiter.err;
}

/* ---- reading ---- */

static void reader_give(struct store *store, struct conn *conn)
{
    pthread_mutex_lock(&store->lock);
    if (conn)
        store->readers[store->free_count++] = conn;
    else
        store->opened--; /* it could not be opened: its place is free again */
    pthread_cond_signal(&store->given_back);
    pthread_mutex_unlock(&store->lock);
}

static enum err reader_take(struct store *store, struct conn **out, struct why *why)
{
    struct conn *conn = NULL;
    pthread_mutex_lock(&store->lock);
    while (store->free_count == 0 && store->opened == READERS)
        pthread_cond_wait(&store->given_back, &store->lock);
    if (store->free_count > 0)
        conn = store->readers[--store->free_count];
    else
        store->opened++;
    pthread_mutex_unlock(&store->lock);
    if (!conn) {
        enum err err = conn_open(store->path, CONN_READER, &conn, why);
        if (err) {
            if (err == ERR_CORRUPT)
                watch_damage(store->watch, why ? why->text : err_meaning(err));
            reader_give(store, NULL);
            return err;
        }
        conn->watch = store->watch;
    }
    *out = conn;
    return ERR_NONE;
}

enum err store_read(struct store *store, store_op *op, void *arg, struct why *why)
{
    struct conn *conn = NULL;
    enum err err = reader_take(store, &conn, why);
    if (err)
        return err;
    err = conn_exec(conn, "BEGIN DEFERRED", why);
    if (!err) {
        struct txn txn = {.conn = conn, .now_ms = clock_now_ms(store->config.clock)};
        err = op(&txn, arg, why);
        assert(txn.open_rows == 0); /* the operation forgot rows_end */
    }
    /* nothing was written: ROLLBACK ends the snapshot as well as COMMIT, whatever happened */
    if (conn_in_txn(conn)) {
        enum err end = conn_exec(conn, "ROLLBACK", err ? NULL : why);
        if (!err)
            err = end;
    }
    reader_give(store, conn);
    return err;
}
