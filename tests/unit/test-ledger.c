/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: exact bytes, numbers without gaps under 32 threads and failing operations, no way
 * to change or delete; the file of the blinding key. */
#include "spooler/base/durable.h"
#include "spooler/base/hash.h"
#include "spooler/ledger/identity.h"
#include "spooler/ledger/ledger.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <pthread.h>
#include <sys/stat.h>

#define AT "\"at\":\"2026-03-01T08:00:00.000Z\""

/* What stands in `members` must come out as it stands: jansson reads it in order. */
static const struct {
    const char *name, *type, *by, *members;
    enum err want;
    const char *body; /* NULL: nothing is appended */
} events[] = {
    {"all", "job.accepted", "anna", "{\"job\":12,\"quantity\":5000}", ERR_NONE,
     "{\"seq\":1," AT
     ",\"type\":\"job.accepted\",\"by\":\"anna\",\"job\":12,\"quantity\":5000}"},
    {"Tem itself", "store.opened", NULL, NULL, ERR_NONE,
     "{\"seq\":2," AT ",\"type\":\"store.opened\"}"},
    {"order of keys, nesting", "x.y", NULL, "{\"z\":1,\"a\":{\"y\":[1,null,true],\"b\":\"\"}}",
     ERR_NONE,
     "{\"seq\":3," AT ",\"type\":\"x.y\",\"z\":1,\"a\":{\"y\":[1,null,true],\"b\":\"\"}}"},
    {"a name that is not UTF-8", "x.y", "\xff", NULL, ERR_INPUT, NULL},
    {"Vietnamese, quotes, control", "x.y", "Th\xe1\xbb\xa7y \"T\"\n", NULL, ERR_NONE,
     "{\"seq\":4," AT ",\"type\":\"x.y\",\"by\":\"Th\xe1\xbb\xa7y \\\"T\\\"\\n\"}"},
    {"largest number", "x.y", NULL, "{\"n\":9223372036854775807}", ERR_NONE,
     "{\"seq\":5," AT ",\"type\":\"x.y\",\"n\":9223372036854775807}"},
};

struct append {
    const char *type, *by;
    json_t *members;
    int64_t seq;
};

static enum err append_op(struct txn *txn, void *arg, struct why *why)
{
    struct append *append = arg;
    return ledger_append(txn, append->type, append->by, append->members, &append->seq, why);
}

struct body {
    int64_t seq;
    struct buf text;
};

static enum err body_op(struct txn *txn, void *arg, struct why *why)
{
    struct body *body = arg;
    return ledger_body(txn, body->seq, &body->text, why);
}

static enum err size_op(struct txn *txn, void *arg, struct why *why)
{
    return ledger_size(txn, arg, why);
}

static void test_bodies(struct store *store)
{
    int64_t size = -1, written = 0;
    tap_is_int(store_read(store, size_op, &size, NULL), ERR_NONE, "size of an empty ledger");
    tap_is_int(size, 0, "it is 0");
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        struct append append = {events[i].type, events[i].by, NULL, -1};
        struct body body = {0, BUF_INIT(1000)};
        if (events[i].members)
            append.members = json_loads(events[i].members, 0, NULL);
        tap_is_int(store_write(store, append_op, &append, NULL), events[i].want, "%s",
                   events[i].name);
        written += events[i].body != NULL;
        tap_is_int(append.seq, events[i].body ? written : -1, "%s: seq", events[i].name);
        body.seq = append.seq;
        enum err err = store_read(store, body_op, &body, NULL);
        tap_is_int(err, events[i].body ? ERR_NONE : ERR_NOT_FOUND, "%s: read", events[i].name);
        if (events[i].body)
            tap_is_str(buf_text(&body.text), events[i].body, "%s: bytes", events[i].name);
        buf_free(&body.text);
    }
    tap_ok(!store_read(store, size_op, &size, NULL) && size == written, "size counts them");
}

static void test_limits(struct store *store)
{
    int64_t before = 0, after = 0;
    struct body body = {1, BUF_INIT(10)};
    tap_is_int(store_read(store, body_op, &body, NULL), ERR_TOO_LARGE,
               "a body that does not fit in the buffer");
    buf_free(&body.text);
    char *text = malloc(LEDGER_BODY_MAX + 1);
    if (!text)
        abort();
    memset(text, 'x', LEDGER_BODY_MAX);
    text[LEDGER_BODY_MAX] = '\0';
    struct append append = {"x.y", NULL, json_pack("{s:s}", "x", text), -1};
    free(text);
    tap_is_int(store_read(store, size_op, &before, NULL), ERR_NONE, "size");
    tap_is_int(store_write(store, append_op, &append, NULL), ERR_TOO_LARGE,
               "an event past the limit is refused");
    tap_ok(!store_read(store, size_op, &after, NULL) && before == after, "and not counted");
}

static enum err run_op(struct txn *txn, void *arg, struct why *why)
{
    return sql_run(txn, why, arg, "");
}

static void test_unchangeable(struct store *store)
{
    static char orders[][80] = {
        "DELETE FROM event WHERE seq = 1",
        "UPDATE event SET body = x'7b7d' WHERE seq = 1",
        "UPDATE event SET seq = 1000 WHERE seq = 1",
        "DELETE FROM event",
        "INSERT INTO event (seq, body) VALUES (1, x'7b7d')",
        "REPLACE INTO event (seq, body) VALUES (1, x'7b7d')",
    };
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        tap_is_int(store_write(store, run_op, orders[i], NULL), ERR_STATE, "refused: %s",
                   orders[i]);
}

/* ---- 32 threads ---- */

#define THREADS 32
#define EACH    200

struct worker {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t told;
    unsigned acknowledged, refused, waits;
};

struct order {
    struct worker *worker;
    bool fails;
    int64_t seq;
};

/* Appends, and every seventh then fails: its number must go to the next one. */
static enum err order_op(struct txn *txn, void *arg, struct why *why)
{
    struct order *order = arg;
    enum err err = ledger_append(txn, "test.order", NULL, NULL, &order->seq, why);
    return !err && order->fails ? err_set(why, ERR_CONFLICT, "as ordered") : err;
}

static void order_done(enum err result, const struct why *why, void *arg)
{
    struct order *order = arg;
    struct worker *worker = order->worker;
    (void)why;
    pthread_mutex_lock(&worker->lock);
    worker->acknowledged += result == ERR_NONE && !order->fails;
    worker->refused += result == ERR_CONFLICT && order->fails;
    worker->waits--;
    pthread_cond_signal(&worker->told);
    pthread_mutex_unlock(&worker->lock);
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;
    static struct order orders[THREADS * EACH];
    static pthread_mutex_t taking = PTHREAD_MUTEX_INITIALIZER;
    static size_t taken;
    for (int i = 0; i < EACH; i++) {
        pthread_mutex_lock(&taking);
        struct order *order = &orders[taken++];
        pthread_mutex_unlock(&taking);
        *order = (struct order){.worker = worker, .fails = i % 7 == 6};
        pthread_mutex_lock(&worker->lock);
        worker->waits++;
        pthread_mutex_unlock(&worker->lock);
        if (store_submit(worker->store, order_op, order_done, order, NULL))
            abort(); /* the queue holds more than all of them */
    }
    pthread_mutex_lock(&worker->lock);
    while (worker->waits > 0)
        pthread_cond_wait(&worker->told, &worker->lock);
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

static void test_threads(const char *folder)
{
    static struct worker workers[THREADS];
    struct store *store = fixture_open(folder);
    int64_t before = 0, after = 0;
    unsigned acknowledged = 0, refused = 0;
    if (store_read(store, size_op, &before, NULL))
        abort();
    for (int i = 0; i < THREADS; i++) {
        workers[i].store = store;
        pthread_mutex_init(&workers[i].lock, NULL);
        pthread_cond_init(&workers[i].told, NULL);
        if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) != 0)
            abort();
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        acknowledged += workers[i].acknowledged;
        refused += workers[i].refused;
    }
    store_close(store);
    tap_is_int(refused, THREADS * (EACH / 7), "each failing operation was told so");
    tap_is_int(acknowledged, THREADS * (EACH - EACH / 7), "each other one acknowledged");
    store = fixture_open(folder);
    tap_ok(!store_read(store, size_op, &after, NULL) && after - before == acknowledged,
           "all are there after opening again, and no more");
    tap_is_int(fixture_read_int(store, "SELECT max(seq) - count(*) FROM event"), 0, "no gap");
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM event WHERE"
                                       " json_extract(CAST(body AS TEXT), '$.seq') <> seq"),
               0, "each body has its row's number");
    store_close(store);
}

/* ---- the key ---- */

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct {
    const char *name, *text;
    mode_t mode;
    enum err want;
} keys[] = {
    {"a key", DIGITS, 0600, ERR_NONE},
    {"with a line's end", DIGITS "\n", 0600, ERR_NONE},
    {"read-only", DIGITS, 0400, ERR_NONE},
    {"readable by the group", DIGITS, 0640, ERR_STATE},
    {"readable by others", DIGITS, 0604, ERR_STATE},
    {"writable by the group", DIGITS, 0620, ERR_STATE},
    {"empty", "", 0600, ERR_STATE},
    {"a digit short", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0600,
     ERR_STATE},
    {"a digit more", DIGITS "0", 0600, ERR_STATE},
    {"two lines", DIGITS "\n\n", 0600, ERR_STATE},
    {"not hex", "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0600,
     ERR_STATE},
    {"far too long", DIGITS DIGITS DIGITS DIGITS DIGITS, 0600, ERR_STATE},
};

static void test_key_files(const char *folder)
{
    const char *path = fixture_path("keys/ledger-blinding.key");
    uint8_t want[SHA256_BYTES];
    for (unsigned i = 0; i < sizeof want; i++)
        want[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        uint8_t key[SHA256_BYTES] = {0};
        struct why why = {""};
        if (durable_write(path, keys[i].text, strlen(keys[i].text), keys[i].mode, NULL))
            abort();
        tap_is_int(identity_key(folder, &random_system, key, &why), keys[i].want, "key: %s",
                   keys[i].name);
        if (keys[i].want)
            tap_ok(strstr(why.text, "ledger-blinding.key") != NULL, "the file is named");
        else
            tap_ok(memcmp(key, want, sizeof key) == 0, "and it is the one");
    }
    if (unlink(path) != 0 || symlink("elsewhere", path) != 0)
        abort();
    tap_is_int(identity_key(folder, &random_system, want, NULL), ERR_STATE, "key: a link");
    if (unlink(path) != 0)
        abort();
}

static void test_key_made(const char *folder)
{
    uint8_t made[SHA256_BYTES] = {0}, again[SHA256_BYTES] = {0};
    static const uint8_t nothing[SHA256_BYTES];
    struct stat info;
    tap_is_int(identity_key(folder, &random_system, made, NULL), ERR_NONE, "a key is made");
    tap_ok(memcmp(made, nothing, sizeof made) != 0, "which is not nothing");
    tap_ok(stat(fixture_path("keys/ledger-blinding.key"), &info) == 0 &&
               (info.st_mode & 07777) == 0600,
           "only its owner reads it");
    tap_is_int(identity_key(folder, &random_system, again, NULL), ERR_NONE, "it is read");
    tap_ok(memcmp(made, again, sizeof made) == 0, "as it was made");
}

int main(void)
{
    fixture_begin();
    struct store *store = fixture_open(fixture_path("store"));
    test_bodies(store);
    test_limits(store);
    test_unchangeable(store);
    store_close(store);
    test_threads(fixture_path("store"));
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", fixture_path("keys"));
    if (durable_mkdir(folder, 0700, NULL))
        abort();
    test_key_files(folder);
    test_key_made(folder);
    return tap_done();
}
