/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that is full or fails: nobody is acknowledged, the store goes on when there is space
 * again, and a failed fsync ends the process. SQLite's file layer is wrapped so that it fails
 * on order; one test has the kernel refuse (a file size limit). */
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* ---- files that fail on order ---- */

enum part { PART_DATABASE = SQLITE_OPEN_MAIN_DB, PART_LOG = SQLITE_OPEN_WAL };

/* Which part fails, how: SQLite's code, 0 = it works. errno_value goes with a failed write. */
static struct {
    _Atomic int part, write_code, sync_code, errno_value;
    _Atomic int spare_writes; /* so many still work */
} trouble;

static sqlite3_vfs *real_vfs;
static sqlite3_io_methods real_database, real_log, bad_database, bad_log;

static int bad_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    bool log = file->pMethods == &bad_log;
    if (trouble.part == (log ? PART_LOG : PART_DATABASE) && trouble.write_code &&
        trouble.spare_writes-- <= 0) {
        errno = trouble.errno_value;
        return trouble.write_code;
    }
    return (log ? real_log : real_database).xWrite(file, bytes, len, at);
}

static int bad_sync(sqlite3_file *file, int flags)
{
    bool log = file->pMethods == &bad_log;
    if (trouble.part == (log ? PART_LOG : PART_DATABASE) && trouble.sync_code) {
        errno = trouble.errno_value;
        return trouble.sync_code;
    }
    return (log ? real_log : real_database).xSync(file, flags);
}

static int bad_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    int code = real_vfs->xOpen(real_vfs, name, file, flags, out);
    if (code != SQLITE_OK)
        return code;
    sqlite3_io_methods *real = flags & PART_LOG ? &real_log : &real_database;
    sqlite3_io_methods *bad = flags & PART_LOG ? &bad_log : &bad_database;
    if (!(flags & (PART_LOG | PART_DATABASE)))
        return code;
    *real = *file->pMethods;
    *bad = *real;
    bad->xWrite = bad_write;
    bad->xSync = bad_sync;
    file->pMethods = bad;
    return code;
}

static void wrap_files(void)
{
    static sqlite3_vfs wrapped;
    real_vfs = sqlite3_vfs_find(NULL);
    wrapped = *real_vfs;
    wrapped.zName = "tem-test";
    wrapped.xOpen = bad_open;
    if (sqlite3_vfs_register(&wrapped, 1) != SQLITE_OK)
        abort();
}

static void trouble_is(int part, int write_code, int errno_value, int sync_code,
                       int spare_writes)
{
    trouble.spare_writes = spare_writes;
    trouble.errno_value = errno_value;
    trouble.write_code = write_code;
    trouble.sync_code = sync_code;
    trouble.part = part;
}

static void trouble_ends(void)
{
    trouble_is(0, 0, 0, 0, 0);
}

/* ---- a shared commit meets a full disk ---- */

#define ROWS 20

struct row {
    int64_t number;
    enum err own; /* fails by itself with this */
    size_t bytes; /* of ballast: past the page cache it reaches the disk before COMMIT */
    enum err told;
    struct why why;
};

static enum err row_op(struct txn *txn, void *arg, struct why *why)
{
    struct row *row = arg;
    enum err err = fixture_insert_op(txn, &row->number, why);
    if (!err && row->bytes)
        err =
            sql_run(txn, why, "INSERT INTO meta VALUES ('ballast ' || ?1, hex(zeroblob (?2)))",
                    "ii", row->number, (int64_t)row->bytes);
    return err ? err : row->own;
}

static void row_done(enum err result, const struct why *why, void *arg)
{
    struct row *row = arg;
    row->told = result;
    row->why = *why;
}

static enum err gate_op(struct txn *txn, void *arg, struct why *why)
{
    (void)txn;
    (void)why;
    while (sem_wait(arg) != 0)
        if (errno != EINTR)
            abort();
    return ERR_NONE;
}

static enum err nothing_op(struct txn *txn, void *arg, struct why *why)
{
    (void)txn;
    (void)arg;
    (void)why;
    return ERR_NONE;
}

/* ROWS rows in one commit, the fourth failing by itself. */
static void share(struct store *store, struct row *rows, int64_t first, size_t bytes)
{
    sem_t gate;
    sem_init(&gate, 0, 0);
    store_submit(store, gate_op, NULL, &gate, NULL);
    for (int i = 0; i < ROWS; i++) {
        rows[i] = (struct row){.number = first + i, .bytes = bytes, .told = (enum err) - 1};
        rows[i].own = i == 3 ? ERR_CONFLICT : ERR_NONE;
        store_submit(store, row_op, row_done, &rows[i], NULL);
    }
    sem_post(&gate);
    store_write(store, nothing_op, NULL, NULL);
    sem_destroy(&gate);
}

static int told(const struct row *rows, enum err what)
{
    int count = 0;
    for (int i = 0; i < ROWS; i++)
        count += rows[i].told == what;
    return count;
}

static const struct {
    const char *name;
    int code, error, spare;
    size_t bytes;
    bool
        all; /* a full disk in COMMIT: all are in it. Else the first part, and more to follow */
    enum err want;
} fulls[] = {
    {"no space at COMMIT", SQLITE_FULL, ENOSPC, 0, 0, true, ERR_FULL},
    {"no space in the middle of COMMIT", SQLITE_FULL, ENOSPC, 1, 0, true, ERR_FULL},
    {"quota at COMMIT", SQLITE_IOERR_WRITE, EDQUOT, 0, 0, true, ERR_FULL},
    {"file size limit at COMMIT", SQLITE_IOERR_WRITE, EFBIG, 0, 0, true, ERR_FULL},
    {"no space inside an operation", SQLITE_FULL, ENOSPC, 0, 1000000, false, ERR_FULL},
    {"quota inside an operation", SQLITE_IOERR_WRITE, EDQUOT, 0, 1000000, false, ERR_FULL},
    {"a bad disk inside an operation", SQLITE_IOERR_WRITE, EIO, 0, 1000000, false, ERR_SYSTEM},
};

static void test_full(const char *folder)
{
    static struct row rows[ROWS];
    struct store *store = fixture_open(folder);
    int64_t first = 0, there = 0;
    for (size_t i = 0; i < sizeof fulls / sizeof fulls[0]; i++) {
        trouble_is(PART_LOG, fulls[i].code, fulls[i].error, 0, fulls[i].spare);
        share(store, rows, first += 100, fulls[i].bytes);
        trouble_ends();
        tap_is_int(told(rows, ERR_NONE), 0, "%s: nobody is acknowledged", fulls[i].name);
        tap_is_int(told(rows, fulls[i].want) + told(rows, ERR_CONFLICT), ROWS,
                   "%s: all are told", fulls[i].name);
        if (fulls[i].all)
            tap_is_int(told(rows, fulls[i].want), ROWS, "%s: the same", fulls[i].name);
        tap_ok(rows[0].why.text[0] != '\0', "why: %s", rows[0].why.text);
        tap_is_int(fixture_read_int(store, FIXTURE_ROWS), there, "%s: nothing is there",
                   fulls[i].name);
        share(store, rows, first += 100, 0);
        there += ROWS - 1;
        tap_is_int(told(rows, ERR_NONE), ROWS - 1, "%s: the store goes on", fulls[i].name);
        tap_is_int(fixture_read_int(store, FIXTURE_ROWS), there, "%s: and keeps them",
                   fulls[i].name);
    }
    store_close(store);
    store = fixture_open(folder);
    tap_is_int(fixture_read_int(store, FIXTURE_ROWS), there, "after opening again: the same");
    store_close(store);
}

/* ---- a full disk at a checkpoint ---- */

static void test_checkpoint_full(const char *folder)
{
    struct store *store = fixture_open(folder);
    unsigned acknowledged = 0;
    trouble_is(PART_DATABASE, SQLITE_FULL, ENOSPC, 0, 0);
    for (int i = 0; i < 10; i++) {
        struct row row = {.number = i, .bytes = 1000000};
        acknowledged += store_write(store, row_op, &row, NULL) == ERR_NONE;
    }
    trouble_ends();
    tap_is_int(acknowledged, 10, "the log took all while the database could not grow");
    for (int i = 10; i < 20; i++) {
        struct row row = {.number = i, .bytes = 1000000};
        acknowledged += store_write(store, row_op, &row, NULL) == ERR_NONE;
    }
    struct stat info;
    tap_ok(stat(fixture_path("checkpoint/tem.db"), &info) == 0 && info.st_size > 20000000,
           "with space again the database has caught up: %lld bytes", (long long)info.st_size);
    store_close(store);
    tap_ok(stat(fixture_path("checkpoint/tem.db-wal"), &info) != 0, "closing leaves no log");
    store = fixture_open(folder);
    tap_is_int(fixture_read_int(store, FIXTURE_ROWS), acknowledged, "nothing is lost");
    store_close(store);
}

/* ---- opening ---- */

static void copy_file(const char *from, const char *to)
{
    static char bytes[4000000];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!in || !out)
        abort();
    size_t len = fread(bytes, 1, sizeof bytes, in);
    if (fwrite(bytes, 1, len, out) != len || fclose(out) != 0)
        abort();
    fclose(in);
}

static const struct {
    const char *name;
    int part, write_code, errno_value, sync_code;
    enum err want;
} opens[] = {
    {"the log cannot be copied", PART_DATABASE, SQLITE_FULL, ENOSPC, 0, ERR_FULL},
    {"the database cannot be written", PART_DATABASE, SQLITE_IOERR_WRITE, EIO, 0, ERR_SYSTEM},
    {"the database cannot be synced", PART_DATABASE, 0, 0, SQLITE_IOERR_FSYNC, ERR_SYSTEM},
    {"the log cannot be synced", PART_LOG, 0, 0, SQLITE_IOERR_FSYNC, ERR_SYSTEM},
    {"nothing is wrong", 0, 0, 0, 0, ERR_NONE},
};

/* What a killed process leaves, copied while it lived: a log that holds what was acknowledged.
 */
static void test_open_trouble(void)
{
    struct store *store = fixture_open(fixture_path("live"));
    for (int64_t i = 0; i < 3; i++)
        if (store_write(store, fixture_insert_op, &i, NULL))
            abort();
    if (mkdir(fixture_path("left"), 0700) != 0)
        abort();
    copy_file(fixture_path("live/tem.db"), fixture_path("left/tem.db"));
    copy_file(fixture_path("live/tem.db-wal"), fixture_path("left/tem.db-wal"));
    store_close(store);
    for (size_t i = 0; i < sizeof opens / sizeof opens[0]; i++) {
        struct store *left = NULL;
        struct stat info;
        trouble_is(opens[i].part, opens[i].write_code, opens[i].errno_value, opens[i].sync_code,
                   0);
        tap_is_int(fixture_try(fixture_path("left"), NULL, &left, NULL), opens[i].want,
                   "opening: %s", opens[i].name);
        trouble_ends();
        if (!left)
            continue;
        tap_ok(stat(fixture_path("left/tem.db-wal"), &info) == 0 && info.st_size == 0,
               "the log is copied and cut when it opens");
        tap_is_int(fixture_read_int(left, FIXTURE_ROWS), 3, "nothing was lost on the way");
        store_close(left);
    }
}

/* Another program reads an old snapshot: the log cannot be copied whole, so nothing is issued.
 */
static void test_open_reader(const char *folder)
{
    struct store *store = fixture_open(folder);
    sqlite3 *reader = NULL;
    struct why why = {""};
    int64_t number = 1;
    if (sqlite3_open(fixture_path("reader/tem.db"), &reader) != SQLITE_OK ||
        sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM meta", NULL, NULL, NULL) != SQLITE_OK)
        abort();
    tap_is_int(store_write(store, fixture_insert_op, &number, NULL), ERR_NONE,
               "a row is written");
    store_close(store);
    store = NULL;
    tap_is_int(fixture_try(folder, NULL, &store, &why), ERR_BUSY, "not opened: %s", why.text);
    sqlite3_close(reader);
    store = fixture_open(folder);
    tap_is_int(fixture_read_int(store, FIXTURE_ROWS), 1, "it opens when the reader is gone");
    store_close(store);
}

/* ---- a failing fsync ---- */

static void fatal_exit(const struct why *why)
{
    _exit(why->text[0] ? 42 : 43);
}

static const struct {
    const char *name;
    int part, write_code, sync_code, error;
    size_t bytes;
} failing[] = {
    {"fsync fails at COMMIT", PART_LOG, 0, SQLITE_IOERR_FSYNC, EIO, 0},
    {"fsync fails at COMMIT, for space", PART_LOG, 0, SQLITE_IOERR_FSYNC, ENOSPC, 0},
    {"the folder's fsync fails at COMMIT", PART_LOG, 0, SQLITE_IOERR_DIR_FSYNC, EIO, 0},
    {"COMMIT cannot write", PART_LOG, SQLITE_IOERR_WRITE, 0, EIO, 0},
    {"fsync fails at a checkpoint", PART_DATABASE, 0, SQLITE_IOERR_FSYNC, EIO, 3000000},
};

/* Exit code 42: fatal was called, and until then nothing but what the first write was told. */
static int failing_child(const char *folder, size_t i)
{
    struct store *store = NULL;
    struct row row = {.number = 1};
    if (fixture_try(folder, fatal_exit, &store, NULL) || store_write(store, row_op, &row, NULL))
        return 90;
    trouble_is(failing[i].part, failing[i].write_code, failing[i].error, failing[i].sync_code,
               0);
    for (row.number = 2; row.number < 6; row.number++) {
        row.bytes = failing[i].bytes;
        enum err err = store_write(store, row_op, &row, NULL);
        if (failing[i].part == PART_LOG)
            return err ? 91 : 92; /* it came back: who was told what is not known */
    }
    return 93;
}

static void test_failing(void)
{
    for (size_t i = 0; i < sizeof failing / sizeof failing[0]; i++) {
        char folder[PATH_MAX];
        snprintf(folder, sizeof folder, "%s-%zu", fixture_path("failing"), i);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            _exit(failing_child(folder, i));
        tap_is_int(fixture_wait(child), 42, "%s: the process ends", failing[i].name);
        struct store *store = fixture_open(folder);
        tap_ok(fixture_read_int(store, FIXTURE_ROWS) >= 1, "%s: what was told is there",
               failing[i].name);
        store_close(store);
    }
}

/* ---- the kernel's word ---- */

/* Bits of what went right: a file size limit stops the log's growth, and is lifted again. */
static int limited_child(const char *folder)
{
    struct store *store = fixture_open(folder);
    struct row row = {.number = 1, .bytes = 100000};
    struct rlimit limit;
    int right = 0;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        return 90;
    right |= store_write(store, row_op, &row, NULL) == ERR_NONE ? 1 : 0;
    limit.rlim_cur = 400000;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 91;
    enum err err = ERR_NONE;
    while (!err && row.number++ < 10)
        err = store_write(store, row_op, &row, NULL);
    right |= err == ERR_FULL ? 2 : 0;
    right |= fixture_read_int(store, FIXTURE_ROWS) == row.number - 1 ? 4 : 0;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 92;
    right |= store_write(store, row_op, &row, NULL) == ERR_NONE ? 8 : 0;
    store_close(store);
    store = fixture_open(folder);
    right |= fixture_read_int(store, FIXTURE_ROWS) == row.number ? 16 : 0;
    store_close(store);
    return right;
}

static void test_limited(const char *folder)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(limited_child(folder));
    tap_is_int(fixture_wait(child), 31,
               "a file size limit: refused, nothing lost, goes on after");
}

int main(void)
{
    fixture_begin();
    log_set_level(LOG_LEVEL_ERROR);
    wrap_files();
    test_full(fixture_path("full"));
    test_checkpoint_full(fixture_path("checkpoint"));
    test_open_trouble();
    test_open_reader(fixture_path("reader"));
    test_failing();
    test_limited(fixture_path("limited"));
    return tap_done();
}
