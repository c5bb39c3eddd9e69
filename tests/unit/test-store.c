/* SPDX-License-Identifier: Apache-2.0 */
/* The store: opening, SQL, operations that fail alone, the queue, readers, and what is left
 * after the process was killed at any moment. A full disk and a failing one: test-store-full.c.
 */
#include "spooler/store/schema.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

/* ---- opening ---- */

static enum err fixed_fill(void *ctx, void *bytes, size_t len, struct why *why)
{
    (void)ctx;
    (void)why;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)(0xa0 + i);
    return ERR_NONE;
}

static unsigned mode_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_mode & 07777 : 0;
}

/* As an administrator with the sqlite3 program. */
static void outside(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        printf("Bail out! %s\n", sqlite3_errmsg(db));
        exit(99);
    }
    sqlite3_close(db);
}

static void test_open(void)
{
    const struct random_source fixed = {.fill = fixed_fill};
    struct store_config config = {
        .folder = fixture_path("a/b/new"), .clock = &fixture_clock, .random = &fixed};
    struct store *store = NULL, *second = NULL;
    struct why why = {""};
    mode_t mask = umask(0);
    tap_is_int(store_open(&config, &store, NULL), ERR_NONE, "a new store, its folder made");
    umask(mask);
    tap_is_str(store_id(store), "a0a1a2a3a4a5a6a7", "id: random bytes as hex");
    tap_is_int(store_epoch(store), 1, "epoch of a new store");
    tap_ok(store_clock(store) == &fixture_clock, "the clock is handed on");
    tap_is_int(mode_of(config.folder), 0750, "mode of the folder");
    tap_is_int(mode_of(fixture_path("a/b/new/tem.db")), 0640, "mode of the database");
    tap_is_int(mode_of(fixture_path("a/b/new/tem.db-wal")), 0640, "mode of its log");
    tap_is_int(fixture_try(config.folder, NULL, &second, &why), ERR_BUSY, "a second opening");
    tap_ok(strstr(why.text, "/tem.lock") != NULL && !second, "names the lock: %s", why.text);
    store_close(store);
    tap_is_int(fixture_try(config.folder, NULL, &second, NULL), ERR_NONE, "then it is free");
    tap_is_str(store_id(second), "a0a1a2a3a4a5a6a7", "the id stays");
    store_close(second);
    store_close(NULL);
}

static const struct {
    const char *name, *sql; /* NULL: the file is made garbage */
    enum err want;
    unsigned epoch;
    const char *why;
} openings[] = {
    {"epoch of a restored store", "UPDATE meta SET value = '7' WHERE key = 'epoch'", ERR_NONE,
     7, ""},
    {"newer version", "PRAGMA user_version = 99", ERR_STATE, 0, "99"},
    {"negative version", "PRAGMA user_version = -1", ERR_STATE, 0, "-1"},
    {"id lost", "DELETE FROM meta WHERE key = 'store_id'", ERR_CORRUPT, 0, "id"},
    {"id malformed", "UPDATE meta SET value = 'a0a1a2a3a4a5a6' WHERE key = 'store_id'",
     ERR_CORRUPT, 0, "a0a1a2a3a4a5a6"},
    {"epoch lost", "DELETE FROM meta WHERE key = 'epoch'", ERR_CORRUPT, 0, "epoch"},
    {"epoch malformed", "UPDATE meta SET value = 'one' WHERE key = 'epoch'", ERR_CORRUPT, 0,
     "epoch"},
    {"epoch past 32 bits", "UPDATE meta SET value = '4294967296' WHERE key = 'epoch'",
     ERR_CORRUPT, 0, "4294967296"},
    {"not a database", NULL, ERR_CORRUPT, 0, ""},
};

static void test_openings(void)
{
    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        char folder[PATH_MAX], path[PATH_MAX + 8];
        struct store *store = NULL;
        struct why why = {""};
        snprintf(folder, sizeof folder, "%s-%zu", fixture_path("opening"), i);
        snprintf(path, sizeof path, "%s/tem.db", folder);
        store_close(fixture_open(folder));
        if (openings[i].sql) {
            outside(path, openings[i].sql);
        } else {
            int fd = open(path, O_WRONLY);
            if (fd < 0 || write(fd, "This is no database.....", 24) != 24 || close(fd) != 0)
                abort();
        }
        tap_is_int(fixture_try(folder, NULL, &store, &why), openings[i].want, "open: %s",
                   openings[i].name);
        tap_ok(strstr(why.text, openings[i].why) != NULL, "says why: %s", why.text);
        if (store)
            tap_is_int(store_epoch(store), openings[i].epoch, "its epoch");
        store_close(store);
    }
}

/* A store as version 1 of the schema left it: the answers kept under keys come along. */
static void test_old_answers(void)
{
    char folder[PATH_MAX], path[PATH_MAX + 8];
    snprintf(folder, sizeof folder, "%s", fixture_path("old"));
    snprintf(path, sizeof path, "%s/tem.db", folder);
    if (mkdir(folder, 0700) != 0)
        abort();
    outside(path, schema_migrations[0]);
    outside(
        path,
        "INSERT INTO meta (key, value) VALUES ('store_id', 'a0a1a2a3a4a5a6a7'), ('epoch', '1');"
        "INSERT INTO idempotency VALUES ('http:a', 'k1', x'01', 201, x'6f6e65', 7, 5),"
        "  ('http:b', 'k1', x'02', 200, x'74776f', NULL, 6);"
        "PRAGMA user_version = 1");
    struct store *store = fixture_open(folder);
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM idempotency WHERE (caller, key,"
                                       " hash, status, CAST (body AS TEXT), made_ms) IN"
                                       " (VALUES ('http:a', 'k1', x'01', 201, 'one', 5),"
                                       "  ('http:b', 'k1', x'02', 200, 'two', 6))"),
               2, "answers of an older store are there");
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM idempotency"), 2, "and no others");
    store_close(store);
}

/* What SQLite answers on the two kinds of connection. */
static const struct {
    const char *sql;
    int64_t writer, reader;
} settings[] = {
    {"PRAGMA synchronous", 2, 2},
    {"PRAGMA foreign_keys", 1, 0},
    {"PRAGMA recursive_triggers", 1, 0},
    {"PRAGMA query_only", 0, 1},
    {"SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'", 1, 1},
};

static void test_settings(struct store *store)
{
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct fixture_count count = {settings[i].sql, -1};
        tap_ok(!store_write(store, fixture_count_op, &count, NULL) &&
                   count.value == settings[i].writer,
               "writer: %s is %lld", settings[i].sql, (long long)count.value);
        tap_is_int(fixture_read_int(store, settings[i].sql), settings[i].reader, "reader: %s",
                   settings[i].sql);
    }
}

/* ---- SQL ---- */

static enum err values_op(struct txn *txn, void *arg, struct why *why)
{
    static const char bytes[] = "a\0b";
    static const int64_t numbers[] = {INT64_MIN, -1, 0, INT64_MAX};
    struct rows *rows = NULL;
    bool have = false;
    size_t len = 99;
    (void)arg;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int64_t got = 7;
        tap_ok(!sql_int(txn, &got, why, "SELECT ?1", "i", numbers[i]) && got == numbers[i],
               "number %lld", (long long)numbers[i]);
    }
    tap_is_int(
        sql_query(txn, &rows, why,
                  "SELECT ?1, ?2, ?3, ?4, ?5, typeof (?5) UNION ALL SELECT 1, 2, 3, 4, 5, 6",
                  "tbtnb", "Th\xe1\xbb\xa7y", bytes, (size_t)3, (const char *)NULL,
                  (const void *)NULL, (size_t)0),
        ERR_NONE, "a query");
    tap_ok(!rows_next(rows, &have, why) && have, "has a row");
    tap_is_str(rows_text(rows, 0), "Th\xe1\xbb\xa7y", "text");
    const void *blob = rows_blob(rows, 1, &len);
    tap_ok(len == 3 && memcmp(blob, bytes, 3) == 0, "bytes with a NUL");
    tap_ok(rows_null(rows, 2) && !rows_text(rows, 2), "a NULL text is SQL NULL");
    tap_ok(rows_null(rows, 3), "n is SQL NULL");
    tap_ok(!rows_null(rows, 4), "no bytes are not NULL");
    tap_is_str(rows_text(rows, 5), "blob", "but a blob");
    rows_blob(rows, 4, &len);
    tap_is_int((long long)len, 0, "of length 0");
    tap_ok(!rows_next(rows, &have, why) && have && rows_int(rows, 3) == 4, "the second row");
    tap_ok(!rows_next(rows, &have, why) && !have, "no third");
    tap_ok(!rows_next(rows, &have, why) && !have, "nor does it begin again");
    rows_end(rows);
    rows_end(NULL);
    tap_is_int(txn_now_ms(txn), FIXTURE_NOW_MS, "the time is the clock's");
    return ERR_NONE;
}

#define COUNT_TO_3 "SELECT value FROM json_each ('[1,2,3]')"

/* The same statement inside itself, as code that walks a tree does. */
static enum err nested_op(struct txn *txn, void *arg, struct why *why)
{
    struct rows *outer = NULL, *inner = NULL;
    bool have = true;
    int64_t *sum = arg;
    enum err err = sql_query(txn, &outer, why, COUNT_TO_3, "");
    while (!err && !(err = rows_next(outer, &have, why)) && have) {
        err = sql_query(txn, &inner, why, COUNT_TO_3, "");
        while (!err && !(err = rows_next(inner, &have, why)) && have)
            *sum += rows_int(outer, 0) * rows_int(inner, 0);
        rows_end(inner);
    }
    rows_end(outer);
    return err;
}

/* More statements than are kept: each still is what it says. */
static enum err many_op(struct txn *txn, void *arg, struct why *why)
{
    char sql[64];
    int64_t *right = arg;
    for (int i = 0; i < 1000; i++) {
        int64_t got = -1;
        snprintf(sql, sizeof sql, "SELECT %d", i % 400);
        enum err err = sql_int(txn, &got, why, sql, "");
        if (err)
            return err;
        *right += got == i % 400;
    }
    return ERR_NONE;
}

static enum err changes_op(struct txn *txn, void *arg, struct why *why)
{
    int64_t got = 55;
    (void)arg;
    tap_ok(!sql_run(txn, why, "INSERT INTO meta VALUES ('c1', ''), ('c2', '')", "") &&
               sql_changes(txn) == 2,
           "rows changed: 2");
    tap_ok(!sql_run(txn, why, "DELETE FROM meta WHERE key = 'c3'", "") && sql_changes(txn) == 0,
           "rows changed: 0");
    tap_ok(!sql_run(txn, why, "DELETE FROM meta WHERE key LIKE 'c_'", "") &&
               sql_changes(txn) == 2,
           "rows changed: 2");
    tap_ok(!sql_run(txn, why, "SELECT 1", "") && sql_changes(txn) == 0, "a query changes none");
    tap_is_int(sql_int(txn, &got, why, "SELECT 1 WHERE 0", ""), ERR_NOT_FOUND, "no row");
    tap_is_int(got, 55, "leaves the result alone");
    tap_ok(!sql_run(txn, why, "INSERT INTO event (seq, body) VALUES (41, ?1)", "b", "x",
                    (size_t)1) &&
               sql_last_id(txn) == 41,
           "last id");
    return ERR_INPUT; /* leaves nothing */
}

static void test_sql(struct store *store)
{
    int64_t sum = 0, right = 0;
    tap_is_int(store_write(store, values_op, NULL, NULL), ERR_NONE, "values on the writer");
    tap_is_int(store_read(store, values_op, NULL, NULL), ERR_NONE, "values on a reader");
    tap_is_int(store_write(store, changes_op, NULL, NULL), ERR_INPUT,
               "what an op returns is told");
    tap_ok(!store_read(store, nested_op, &sum, NULL) && sum == 36, "a statement inside itself");
    tap_ok(!store_write(store, many_op, &right, NULL) && right == 1000, "more than are kept");
}

/* ---- errors ---- */

static const char big_sql[] = "INSERT INTO meta VALUES ('big', zeroblob (2000000000))";

static const struct {
    const char *name, *sql;
    enum err want;
    const char *why;
} errors[] = {
    {"unique", "INSERT INTO meta VALUES ('epoch', '2')", ERR_STATE, "meta.key"},
    {"not null", "INSERT INTO meta VALUES ('k', NULL)", ERR_STATE, "meta.value"},
    {"strict", "INSERT INTO event (seq, body) VALUES (1, 'text')", ERR_STATE, "event.body"},
    {"foreign key", "INSERT INTO scope (generation_id, scope, next) VALUES (77, 's', 1)",
     ERR_STATE, "FOREIGN KEY"},
    {"too large", big_sql, ERR_TOO_LARGE, "big"},
    {"no such table", "SELECT * FROM nothing", ERR_SYSTEM, "nothing"},
};

static enum err sql_op(struct txn *txn, void *arg, struct why *why)
{
    return sql_run(txn, why, *(const char *const *)arg, "");
}

static enum err silent_op(struct txn *txn, void *arg, struct why *why)
{
    (void)txn;
    (void)arg;
    (void)why;
    return ERR_NOT_FOUND;
}

static void test_errors(struct store *store)
{
    struct why why = {""};
    const char *write = "INSERT INTO meta VALUES ('reader', 'writes')";
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const char *sql = errors[i].sql;
        tap_is_int(store_write(store, sql_op, &sql, &why), errors[i].want, "%s",
                   errors[i].name);
        tap_ok(strstr(why.text, errors[i].why) != NULL, "says: %s", why.text);
    }
    tap_is_int(store_write(store, silent_op, NULL, &why), ERR_NOT_FOUND, "without a word");
    tap_is_str(why.text, err_meaning(ERR_NOT_FOUND), "gets the code's own");
    tap_ok(store_read(store, sql_op, &write, NULL) != ERR_NONE, "a reader cannot write");
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM meta WHERE key = 'reader'"), 0,
               "and has not");
}

/* ---- one commit ---- */

struct gate {
    sem_t entered, open;
};

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        if (errno != EINTR)
            abort();
}

/* An operation that holds the writer until the gate opens: what is submitted meanwhile
 * shares its commit. */
static enum err gate_op(struct txn *txn, void *arg, struct why *why)
{
    (void)txn;
    (void)why;
    struct gate *gate = arg;
    sem_post(&gate->entered);
    wait_for(&gate->open);
    return ERR_NONE;
}

/* Returns when the writer stands at the gate. */
static void gate_close(struct store *store, struct gate *gate)
{
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->open, 0, 0);
    if (store_submit(store, gate_op, NULL, gate, NULL))
        abort();
    wait_for(&gate->entered);
}

static void gate_free(struct gate *gate)
{
    sem_destroy(&gate->entered);
    sem_destroy(&gate->open);
}

static enum err nothing_op(struct txn *txn, void *arg, struct why *why)
{
    (void)txn;
    (void)arg;
    (void)why;
    return ERR_NONE;
}

#define MEMBERS 4

struct member {
    const char *sql[2]; /* an error of the first is swallowed */
    enum err own;       /* returned after them */
    enum err want;
    enum err got[2]; /* of the statements */
    enum err told;
    sqlite3 *witness; /* a connection of another's */
    int64_t seen;     /* rows it sees when the result is told */
};

static enum err member_op(struct txn *txn, void *arg, struct why *why)
{
    struct member *member = arg;
    for (int i = 0; i < 2; i++)
        if (member->sql[i])
            member->got[i] = sql_run(txn, why, member->sql[i], "");
    return member->own;
}

static void member_done(enum err result, const struct why *why, void *arg)
{
    struct member *member = arg;
    sqlite3_stmt *statement = NULL;
    (void)why;
    member->told = result;
    if (sqlite3_prepare_v2(member->witness, FIXTURE_ROWS, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        member->seen = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
}

#define ROW(name) "INSERT INTO meta VALUES ('row " name "', '')"

static const struct {
    const char *name;
    struct member members[MEMBERS];
    int64_t rows; /* afterwards, and when each result is told */
} batches[] = {
    {"one fails alone",
     {{.sql = {ROW("a")}},
      {.sql = {ROW("b")}, .own = ERR_CONFLICT, .want = ERR_CONFLICT},
      {.sql = {ROW("b")}},
      {.sql = {ROW("c")}}},
     3},
    {"a swallowed error",
     {{.sql = {ROW("a")}},
      {.sql = {ROW("a"), ROW("d")}},
      {.sql = {ROW("e"), "INSERT INTO meta VALUES ('row f', NULL)"}},
      {.sql = {ROW("g")}, .own = ERR_STATE, .want = ERR_STATE}},
     3},
    /* SQLite rolls back the lot: nobody may be acknowledged, and the swallower's second
     * statement would commit by itself if it ran. Those behind it have a commit of their own */
    {"the transaction is lost",
     {{.sql = {ROW("a")}, .want = ERR_STATE},
      {.sql = {ROW("b")}, .own = ERR_CONFLICT, .want = ERR_STATE},
      {.sql = {"INSERT OR ROLLBACK INTO meta VALUES ('epoch', '')", ROW("c")},
       .want = ERR_STATE},
      {.sql = {ROW("d")}}},
     1},
};

static void test_batches(struct store *store)
{
    const char *wipe = "DELETE FROM meta WHERE key LIKE 'row %'";
    sqlite3 *witness = NULL;
    if (sqlite3_open(fixture_path("store/tem.db"), &witness) != SQLITE_OK)
        abort();
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        struct member members[MEMBERS];
        struct gate gate;
        memcpy(members, batches[i].members, sizeof members);
        gate_close(store, &gate);
        for (int j = 0; j < MEMBERS; j++) {
            members[j].witness = witness;
            members[j].told = (enum err) - 1;
            store_submit(store, member_op, member_done, &members[j], NULL);
        }
        sem_post(&gate.open);
        store_write(store, nothing_op, NULL, NULL); /* all before it are told when it is */
        for (int j = 0; j < MEMBERS; j++) {
            tap_is_int(members[j].told, members[j].want, "%s: %d is told", batches[i].name, j);
            if (members[j].told == ERR_NONE)
                tap_is_int(members[j].seen, batches[i].rows, "%s: %d is durable when told",
                           batches[i].name, j);
        }
        tap_is_int(fixture_read_int(store, FIXTURE_ROWS), batches[i].rows, "%s: rows",
                   batches[i].name);
        tap_is_int(store_write(store, sql_op, &wipe, NULL), ERR_NONE, "the store goes on");
        gate_free(&gate);
    }
    sqlite3_close(witness);
}

static int64_t hurried_mono(void *ctx)
{
    static _Atomic int64_t now_ms;
    (void)ctx;
    return atomic_fetch_add(&now_ms, 30);
}

/* A batch also ends when it has run for a while: nobody waits for all that the queue holds. */
static void test_slow_batch(const char *folder)
{
    const struct clock clock = {.now_ms = fixture_now, .mono_ms = hurried_mono};
    const struct store_config config = {
        .folder = folder, .clock = &clock, .random = &random_system};
    struct member members[] = {{.sql = {ROW("a")}}, {.sql = {ROW("b")}}, {.sql = {ROW("c")}}};
    struct store *store = NULL;
    sqlite3 *witness = NULL;
    struct gate gate;
    if (store_open(&config, &store, NULL) ||
        sqlite3_open(fixture_path("slow/tem.db"), &witness) != SQLITE_OK)
        abort();
    gate_close(store, &gate);
    for (int i = 0; i < 3; i++) {
        members[i].witness = witness;
        store_submit(store, member_op, member_done, &members[i], NULL);
    }
    sem_post(&gate.open);
    store_close(store);
    for (int i = 0; i < 3; i++)
        tap_is_int(members[i].seen, i + 1, "slow operations commit one by one: %d", i);
    sqlite3_close(witness);
    gate_free(&gate);
}

/* ---- the queue ---- */

static void count_done(enum err result, const struct why *why, void *arg)
{
    (void)why;
    if (result == ERR_NONE)
        ++*(int *)arg; /* on the writer thread only, and read after the store is closed */
}

static void test_queue(const char *folder)
{
    struct store *store = fixture_open(folder);
    struct why why = {""};
    int done = 0, queued = 0, never = 0;
    static int64_t numbers[500];
    struct gate gate;
    for (size_t i = 0; i < 500; i++) {
        numbers[i] = (int64_t)i;
        queued += store_submit(store, fixture_insert_op, count_done, &numbers[i], NULL) == 0;
    }
    store_write(store, nothing_op, NULL, NULL);
    int64_t gone = 1000;
    tap_is_int(store_write(store, fixture_insert_op, &gone, NULL), ERR_NONE, "all ran");
    tap_is_int(fixture_read_int(store, FIXTURE_ROWS), queued + 1, "in turn");
    gate_close(store, &gate);
    for (queued = 0; queued < 100000; queued++)
        if (store_submit(store, nothing_op, count_done, &done, NULL))
            break;
    tap_ok(queued >= 10000 && queued < 100000, "the queue ends, at %d", queued);
    tap_is_int(store_submit(store, nothing_op, count_done, &never, &why), ERR_BUSY,
               "beyond it");
    tap_ok(why.text[0] != '\0', "it says: %s", why.text);
    sem_post(&gate.open);
    store_close(store);
    tap_is_int(done, queued, "closing ran all that were queued");
    tap_is_int(never, 0, "and not the refused");
    gate_free(&gate);
}

static void test_drain(const char *folder)
{
    static int64_t numbers[1000];
    struct store *store = fixture_open(folder);
    for (size_t i = 0; i < 1000; i++) {
        numbers[i] = (int64_t)i;
        if (store_submit(store, fixture_insert_op, NULL, &numbers[i], NULL))
            abort();
    }
    store_close(store);
    store = fixture_open(folder);
    tap_is_int(fixture_read_int(store, FIXTURE_ROWS), 1000, "closing at once loses nothing");
    store_close(store);
}

/* ---- 32 threads ---- */

#define THREADS 32
#define EACH    200

struct blocking {
    struct store *store;
    int64_t first;
    unsigned acknowledged, read_wrong;
    pthread_t thread;
};

/* Waits for each, and must then read its own row. */
static void *blocking_main(void *arg)
{
    struct blocking *blocking = arg;
    for (int64_t i = 0; i < EACH; i++) {
        int64_t number = blocking->first + i;
        blocking->acknowledged +=
            store_write(blocking->store, fixture_insert_op, &number, NULL) == ERR_NONE;
        blocking->read_wrong += fixture_read_int(blocking->store, FIXTURE_ROWS) < i + 1;
    }
    return NULL;
}

static void test_threads(const char *folder)
{
    static struct blocking threads[THREADS];
    struct store *store = fixture_open(folder);
    unsigned acknowledged = 0, wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        threads[i] = (struct blocking){.store = store, .first = 100000 + i * EACH};
        if (pthread_create(&threads[i].thread, NULL, blocking_main, &threads[i]) != 0)
            abort();
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i].thread, NULL);
        acknowledged += threads[i].acknowledged;
        wrong += threads[i].read_wrong;
    }
    store_close(store);
    tap_is_int(acknowledged, THREADS * EACH, "32 threads: each of 200 writes is acknowledged");
    tap_is_int(wrong, 0, "and seen by a reader then");
    store = fixture_open(folder);
    tap_is_int(fixture_read_int(store, FIXTURE_ROWS), THREADS * EACH,
               "and there after opening");
    store_close(store);
}

/* ---- readers ---- */

struct snapshot {
    struct store *store;
    int64_t before, after;
    enum err written;
};

static enum err snapshot_op(struct txn *txn, void *arg, struct why *why)
{
    struct snapshot *snapshot = arg;
    int64_t number = 42;
    enum err err = sql_int(txn, &snapshot->before, why, FIXTURE_ROWS, "");
    snapshot->written = store_write(snapshot->store, fixture_insert_op, &number, why);
    return err ? err : sql_int(txn, &snapshot->after, why, FIXTURE_ROWS, "");
}

static int64_t file_bytes(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_size : -1;
}

static enum err large_op(struct txn *txn, void *arg, struct why *why)
{
    (void)arg;
    return sql_run(txn, why,
                   "INSERT INTO event (seq, body) SELECT coalesce (max (seq), 0) + 1,"
                   " zeroblob (100000) FROM event",
                   "");
}

static void test_readers(const char *folder)
{
    struct store *store = fixture_open(folder);
    struct snapshot snapshot = {.store = store, .before = -1, .after = -2, .written = ERR_BUSY};
    tap_is_int(store_read(store, snapshot_op, &snapshot, NULL), ERR_NONE, "a long reader");
    tap_is_int(snapshot.written, ERR_NONE, "does not hold up the writer");
    tap_ok(snapshot.before == 0 && snapshot.after == 0, "and keeps its snapshot");
    tap_is_int(fixture_read_int(store, FIXTURE_ROWS), 1, "the next one sees the row");
    for (int i = 0; i < 200; i++)
        if (store_write(store, large_op, NULL, NULL))
            abort();
    int64_t bytes = file_bytes(fixture_path("readers/tem.db-wal"));
    tap_ok(bytes > 0 && bytes < 8000000, "20 MB written, the log has %lld bytes",
           (long long)bytes);
    store_close(store);
}

/* ---- killed ---- */

static void report_done(enum err result, const struct why *why, void *arg)
{
    (void)why;
    if (result == ERR_NONE && write(3, arg, sizeof(int64_t)) != sizeof(int64_t))
        _exit(97);
}

static void *crash_main(void *arg)
{
    struct store *store = arg;
    static int64_t numbers[400000];
    static _Atomic size_t next;
    for (size_t i; (i = next++) < 400000;) {
        numbers[i] = 1000000 * (int64_t)getpid() + (int64_t)i;
        while (store_submit(store, fixture_insert_op, report_done, &numbers[i], NULL))
            sched_yield();
    }
    pause();
    return NULL;
}

static int crash_child(const char *folder)
{
    struct store *store = fixture_open(folder);
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        if (pthread_create(&thread[i], NULL, crash_main, store) != 0)
            return 96;
    pause();
    return 95;
}

static enum err present_op(struct txn *txn, void *arg, struct why *why)
{
    int64_t there = 0;
    return sql_int(txn, &there, why, "SELECT 1 FROM meta WHERE key = 'row ' || ?1", "i",
                   *(int64_t *)arg);
}

/* Reads numbers until the pipe ends; returns how many. The child is killed `after_us` after the
 * first. */
static size_t crash_once(const char *folder, long after_us, int64_t *numbers, size_t max)
{
    int out = -1;
    size_t count = 0;
    pid_t child = fixture_child(NULL, "crash", folder, &out);
    while (count < max) {
        ssize_t n = read(out, &numbers[count], sizeof numbers[0]);
        if (n != (ssize_t)sizeof numbers[0])
            break;
        if (count++ == 0) {
            struct pollfd no = {.fd = -1};
            const struct timespec pause_for = {.tv_nsec = after_us * 1000};
            /* reading goes on in the pipe's buffer: the child may fill it and wait, as well */
            (void)ppoll(&no, 0, &pause_for, NULL);
            kill(child, SIGKILL);
        }
    }
    if (fixture_wait(child) != 1000 + SIGKILL)
        abort();
    close(out);
    return count;
}

static void test_crash(const char *folder)
{
    static int64_t numbers[100000];
    size_t told = 0, lost = 0, odd = 0;
    srandom((unsigned)getpid());
    for (int i = 0; i < 20; i++) {
        size_t count = crash_once(folder, random() % 20000, numbers, 100000);
        struct store *store = fixture_open(folder);
        for (size_t j = 0; j < count; j++)
            lost += store_read(store, present_op, &numbers[j], NULL) != ERR_NONE;
        struct fixture_count count_check = {"SELECT count(*) FROM pragma_integrity_check"
                                            " WHERE integrity_check <> 'ok'",
                                            -1};
        odd +=
            store_read(store, fixture_count_op, &count_check, NULL) || count_check.value != 0;
        told += count;
        store_close(store);
    }
    tap_ok(told > 20, "20 kills: %zu were acknowledged", told);
    tap_is_int((long long)lost, 0, "each of them is there");
    tap_is_int((long long)odd, 0, "and the database is whole");
}

static void fatal_exit(const struct why *why)
{
    _exit(why->text[0] ? 42 : 43);
}

/* Writes rows 1 to 3, each in a commit of its own, and tells each one's outcome on
 * descriptor 3: its number = acknowledged, negative = disk full. */
static int fault_child(const char *folder, void (*fatal)(const struct why *))
{
    struct store *store = NULL;
    if (fixture_try(folder, fatal, &store, NULL))
        return 90;
    for (int64_t i = 1; i <= 3; i++) {
        enum err err = store_write(store, fixture_insert_op, &i, NULL);
        int64_t told = err == ERR_NONE ? i : err == ERR_FULL ? -i : -100;
        if (write(3, &told, sizeof told) != sizeof told)
            return 91;
    }
    store_close(store);
    return 0;
}

static const struct {
    const char *name, *fault, *child;
    int exit;
    int64_t told[3]; /* 0 = nothing */
    int64_t rows;
} faults[] = {
    {"no fault", NULL, "fault", 0, {1, 2, 3}, 3},
    {"killed before the commit", "store.commit.before:2", "fault", 1000 + SIGKILL, {1}, 1},
    {"killed after the commit", "store.commit.after:2", "fault", 1000 + SIGKILL, {1}, 2},
    {"killed before it is told", "store.done.before:2", "fault", 1000 + SIGKILL, {1}, 2},
    {"COMMIT fails", "store.commit.fail:2:fail", "fault", 42, {1}, 1},
    {"COMMIT fails, nobody cares", "store.commit.fail:2:fail", "abort", 1000 + SIGABRT, {1}, 1},
    {"the disk is full once", "store.commit.full:2:fail", "fault", 0, {1, -2, 3}, 2},
};

static void test_faults(void)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        char folder[PATH_MAX];
        int64_t told[4] = {0};
        int out = -1;
        snprintf(folder, sizeof folder, "%s-%zu", fixture_path("fault"), i);
        store_close(fixture_open(folder));
        pid_t child = fixture_child(faults[i].fault, faults[i].child, folder, &out);
        for (size_t j = 0; j < 4; j++)
            if (read(out, &told[j], sizeof told[j]) != sizeof told[j])
                break;
        close(out);
        tap_is_int(fixture_wait(child), faults[i].exit, "%s: how it ends", faults[i].name);
        tap_ok(memcmp(told, faults[i].told, sizeof faults[i].told) == 0 && told[3] == 0,
               "%s: acknowledged %lld %lld %lld", faults[i].name, (long long)told[0],
               (long long)told[1], (long long)told[2]);
        struct store *store = fixture_open(folder);
        tap_is_int(fixture_read_int(store, FIXTURE_ROWS), faults[i].rows, "%s: rows",
                   faults[i].name);
        store_close(store);
    }
}

static int child_main(const char *what, const char *folder)
{
    log_set_level(LOG_LEVEL_ERROR);
    if (strcmp(what, "crash") == 0)
        return crash_child(folder);
    if (freopen("/dev/null", "w", stderr) == NULL) /* it tells why it aborts */
        return 94;
    return fault_child(folder, strcmp(what, "abort") == 0 ? NULL : fatal_exit);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return child_main(argv[1], argv[2]);
    fixture_begin();
    test_open();
    test_openings();
    test_old_answers();
    struct store *store = fixture_open(fixture_path("store"));
    test_settings(store);
    test_sql(store);
    test_errors(store);
    test_batches(store);
    store_close(store);
    test_slow_batch(fixture_path("slow"));
    test_queue(fixture_path("queue"));
    test_drain(fixture_path("drain"));
    test_threads(fixture_path("threads"));
    test_readers(fixture_path("readers"));
    test_crash(fixture_path("crash"));
    test_faults();
    return tap_done();
}
