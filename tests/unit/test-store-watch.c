/* SPDX-License-Identifier: Apache-2.0 */
/* Is the database whole? When that is asked, what becomes of damage, and that it is remembered.
 */
#include "spooler/base/durable.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

static const char *folder;

static bool is_open_mark(void)
{
    struct stat st;
    return stat(fixture_path("store/tem.open"), &st) == 0;
}

static struct store_health health_of(struct store *store)
{
    struct store_health health;
    store_health(store, &health);
    return health;
}

/* Waits for the background check. */
static struct store_health checked(struct store *store)
{
    for (int i = 0; i < 3000 && health_of(store).checking && !health_of(store).damaged; i++)
        usleep(10000);
    return health_of(store);
}

/* Opens the store and dies without a word, as kill -9. */
static void crash(void)
{
    int out = -1;
    tap_is_int(fixture_wait(fixture_child(NULL, "crash", folder, &out)), 7, "a temd is gone");
    close(out);
}

/* Pages that nothing but the check reads. */
static enum err fill_op(struct txn *txn, void *arg, struct why *why)
{
    (void)arg; /* nothing more is needed */
    return sql_run(txn, why,
                   "INSERT INTO idempotency (caller, key, hash, status, body, made_ms)"
                   " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <"
                   " 300) SELECT 'unix:anna', 'key ' || i, x'00', 201, randomblob(1000), 1"
                   " FROM n",
                   "");
}

static void overwrite_last_page(void)
{
    unsigned char noise[4096];
    struct stat st;
    const char *path = fixture_path("store/tem.db");
    memset(noise, 0x5a, sizeof noise);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    tap_ok(fd >= 0 && fstat(fd, &st) == 0 &&
               pwrite(fd, noise, sizeof noise, st.st_size - 4096) == 4096 && close(fd) == 0,
           "a page is overwritten");
}

static void copy(const char *from, const char *to, const char *name)
{
    struct buf bytes = BUF_INIT(64 * 1024 * 1024);
    tap_ok(file_read(from, bytes.max - 1, &bytes, NULL) == ERR_NONE &&
               durable_write(to, bytes.bytes, bytes.len, 0640, NULL) == ERR_NONE,
           "%s", name);
    buf_free(&bytes);
}

static void test_when(void)
{
    struct why why = {""};
    struct store *store = fixture_open(folder);
    tap_ok(is_open_mark(), "while a temd has the store its folder says so");
    tap_ok(!health_of(store).checking && !store_is_damaged(store),
           "a new store: nothing to check");
    tap_is_int(store_watch(store, &why), ERR_NONE, "and nothing is checked");
    tap_is_int(store_write(store, fill_op, NULL, &why), ERR_NONE, "it is used");
    store_close(store);
    tap_ok(!is_open_mark(), "a clean stop");
    store = fixture_open(folder);
    tap_ok(!health_of(store).checking, "after it nothing is checked");
    store_close(store);
    crash();
    tap_ok(is_open_mark(), "a stop that was none");
    store = fixture_open(folder);
    tap_ok(health_of(store).checking, "after it the store has to be checked");
    store_close(store); /* before it was */
    store = fixture_open(folder);
    tap_ok(health_of(store).checking, "which a stop does not make good");
    tap_is_int(store_watch(store, &why), ERR_NONE, "the check begins");
    struct store_health health = checked(store);
    tap_ok(!health.checking && !health.damaged, "and finds nothing");
    store_close(store);
    tap_ok(!is_open_mark(), "a clean stop again");
}

static void test_damage(void)
{
    struct why why = {""};
    copy(fixture_path("store/tem.db"), fixture_path("good.db"), "a good copy");
    overwrite_last_page();
    crash();
    struct store *store = fixture_open(folder);
    tap_ok(!store_is_damaged(store), "nobody met it yet");
    tap_is_int(store_watch(store, &why), ERR_NONE, "the check begins");
    struct store_health health = checked(store);
    tap_ok(health.damaged && store_is_damaged(store) && health.words[0], "and finds it: %s",
           health.words);
    store_close(store);
    store = fixture_open(folder);
    health = health_of(store);
    tap_ok(store_is_damaged(store) && health.words[0],
           "the next start knows from its first moment");
    store_close(store);
    copy(fixture_path("good.db"), fixture_path("store/tem.db"), "the copy is put back");
    store = fixture_open(folder);
    tap_ok(store_is_damaged(store), "which nobody has seen yet");
    tap_is_int(store_watch(store, &why), ERR_NONE, "the check begins");
    for (int i = 0; i < 3000 && store_is_damaged(store); i++)
        usleep(10000);
    tap_ok(!store_is_damaged(store), "and finds nothing: all goes on");
    store_close(store);
    tap_ok(!is_open_mark(), "a clean stop");
}

/* Damage that a statement meets is damage, whoever asked. */
static void test_met(void)
{
    overwrite_last_page();
    struct store *store = fixture_open(folder);
    tap_ok(!store_is_damaged(store), "after a clean stop nothing is checked");
    tap_is_int((int)fixture_read_int(store, "SELECT sum(length(body) + length(key)) FROM"
                                            " idempotency NOT INDEXED"),
               -1, "a query meets it");
    fixture_read_int(store, "SELECT count(*) FROM idempotency WHERE key > 'key'");
    tap_ok(store_is_damaged(store), "and the store is known to be damaged");
    store_close(store);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "crash") == 0) {
        struct why why = {""};
        struct store *store = fixture_open(argv[2]);
        int64_t row = 1;
        (void)store_write(store, fixture_insert_op, &row, &why); /* it is there at a second */
        _exit(7);
    }
    fixture_begin();
    folder = strdup(fixture_path("store"));
    test_when();
    test_damage();
    test_met();
    free((void *)(uintptr_t)folder);
    return tap_done();
}
