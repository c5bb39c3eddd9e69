/* SPDX-License-Identifier: Apache-2.0 */
/* store-fixture.h: what the store's and the ledger's tests share: a folder that goes away, a
 * store with a fixed clock, this program again as a child that may be killed. Included once. */
#ifndef TEM_TESTS_STORE_FIXTURE_H
#define TEM_TESTS_STORE_FIXTURE_H

#include "spooler/base/log.h"
#include "spooler/store/store.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* 2026-03-01T08:00:00.000Z */
#define FIXTURE_NOW_MS 1772352000000

/* What a test lets pass. */
static int64_t fixture_later_ms;

static int64_t fixture_now(void *ctx)
{
    (void)ctx;
    return FIXTURE_NOW_MS + fixture_later_ms;
}

/* Stands still, so that a slow machine does not cut a batch short. */
static int64_t fixture_mono(void *ctx)
{
    (void)ctx;
    return 0;
}

static const struct clock fixture_clock = {.now_ms = fixture_now, .mono_ms = fixture_mono};

static char fixture_folder[PATH_MAX];

static int fixture_remove(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

static void fixture_end(void)
{
    if (fixture_folder[0])
        nftw(fixture_folder, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Makes the folder of this run; it goes at exit. */
static void fixture_begin(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(fixture_folder, sizeof fixture_folder, "%s/tem-test.XXXXXX",
             base ? base : P_tmpdir);
    if (!mkdtemp(fixture_folder))
        abort();
    atexit(fixture_end);
    log_set_level(LOG_LEVEL_ERROR);
}

/* A path inside the run's folder. */
static const char *fixture_path(const char *name)
{
    static char paths[4][PATH_MAX + 64];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", fixture_folder, name);
    return path;
}

__attribute__((unused)) static enum err fixture_try(const char *folder,
                                                    void (*fatal)(const struct why *),
                                                    struct store **out, struct why *why)
{
    struct store_config config = {
        .folder = folder, .clock = &fixture_clock, .random = &random_system, .fatal = fatal};
    return store_open(&config, out, why);
}

/* A store that must open. */
__attribute__((unused)) static struct store *fixture_open(const char *folder)
{
    struct store *store = NULL;
    struct why why = {""};
    if (fixture_try(folder, NULL, &store, &why)) {
        printf("Bail out! %s: %s\n", folder, why.text);
        exit(99);
    }
    return store;
}

/* This program again with these arguments and TEM_FAULT; *out reads what it writes to
 * descriptor 3. Returns its process id. */
__attribute__((unused)) static pid_t fixture_child(const char *fault, const char *what,
                                                   const char *folder, int *out)
{
    int ends[2];
    if (pipe(ends) != 0)
        abort();
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        abort();
    if (child == 0) {
        close(ends[0]);
        if (ends[1] != 3 && dup2(ends[1], 3) < 0)
            _exit(98);
        if (fault && setenv("TEM_FAULT", fault, 1) != 0)
            _exit(98);
        execl("/proc/self/exe", "child", what, folder, (char *)NULL);
        _exit(98);
    }
    close(ends[1]);
    *out = ends[0];
    return child;
}

/* 0 to 255: exit code; 1000 + n: killed by signal n. */
__attribute__((unused)) static int fixture_wait(pid_t child)
{
    int status = 0;
    if (waitpid(child, &status, 0) != child)
        return -1;
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- operations ---- */

struct fixture_count {
    const char *sql;
    int64_t value;
};

static enum err fixture_count_op(struct txn *txn, void *arg, struct why *why)
{
    struct fixture_count *count = arg;
    return sql_int(txn, &count->value, why, count->sql, "");
}

/* What a query for one number gives on a reader; -1 when it fails. */
__attribute__((unused)) static int64_t fixture_read_int(struct store *store, const char *sql)
{
    struct fixture_count count = {.sql = sql, .value = -1};
    if (store_read(store, fixture_count_op, &count, NULL))
        return -1;
    return count.value;
}

/* Inserts a row of table meta named by the int64_t at `arg`. */
__attribute__((unused)) static enum err fixture_insert_op(struct txn *txn, void *arg,
                                                          struct why *why)
{
    return sql_run(txn, why, "INSERT INTO meta (key, value) VALUES ('row ' || ?1, 'x')", "i",
                   *(int64_t *)arg);
}

#define FIXTURE_ROWS "SELECT count(*) FROM meta WHERE key LIKE 'row %'"

#endif
