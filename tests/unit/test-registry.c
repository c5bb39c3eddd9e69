/* SPDX-License-Identifier: Apache-2.0 */
/* test-registry.c: promise 1 on a real store. Printed numbers come from the independent FF1
 * program of test-ff1.c with NIST's key, the key check value from Python's hashlib. */
#include "spooler/registry/registry.h"
#include "spooler/base/durable.h"
#include "spooler/base/hash.h"
#include "tests/unit/tap.h"

#include <dirent.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define A32    NUMBER_ALPHABET_DEFAULT
#define DIGITS "0123456789"
#define GTIN   "09520123456788"
#define GTIN_2 "09520123456795"

static const uint8_t nist_key[NUMBER_KEY_BYTES] = {
    0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6, 0xAB, 0xF7, 0x15,
    0x88, 0x09, 0xCF, 0x4F, 0x3C, 0xEF, 0x43, 0x59, 0xD8, 0xD5, 0x80,
    0xAA, 0x4F, 0x7F, 0x03, 0x6D, 0x6F, 0x04, 0xFC, 0x6A, 0x94};
#define NIST_KEY_CHECK "f76814709f375807"

/* ---- a store, a key folder, a registry ---------------------------------------- */

/* The key that a new generation gets. */
static enum err fill_key(void *ctx, void *bytes, size_t len, struct why *why)
{
    const uint8_t *key = ctx;
    if (len != NUMBER_KEY_BYTES)
        return err_set(why, ERR_SYSTEM, "asked for %zu bytes", len);
    memcpy(bytes, key, len);
    return ERR_NONE;
}

struct bench {
    char folder[64], keys[80];
    struct store *store;
    struct registry *registry;
    uint8_t key[NUMBER_KEY_BYTES];
    struct why why;
    char noted[256]; /* what registry_note was told */
    enum err note_says;
};

static bool store_start(struct bench *bench)
{
    struct store_config config = {
        .folder = bench->folder, .clock = &clock_system, .random = &random_system};
    if (store_open(&config, &bench->store, &bench->why) == ERR_NONE)
        return true;
    printf("Bail out! store_open: %s\n", bench->why.text);
    exit(1);
}

static void bench_open(struct bench *bench)
{
    const char *tmp = getenv("TMPDIR");
    memset(bench, 0, sizeof *bench);
    memcpy(bench->key, nist_key, sizeof nist_key);
    snprintf(bench->folder, sizeof bench->folder, "%.40s/tem-XXXXXX", tmp ? tmp : P_tmpdir);
    if (!mkdtemp(bench->folder)) {
        printf("Bail out! mkdtemp\n");
        exit(1);
    }
    snprintf(bench->keys, sizeof bench->keys, "%s/keys", bench->folder);
    store_start(bench);
}

static void remove_folder(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char name[512];
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlink(name) != 0)
            remove_folder(name);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void bench_close(struct bench *bench)
{
    registry_free(bench->registry);
    store_close(bench->store);
    remove_folder(bench->folder);
}

static enum err note_opened(struct txn *txn, void *arg, const char *series, uint32_t generation,
                            const struct number_format *format, struct why *why)
{
    struct bench *bench = arg;
    size_t len = strlen(bench->noted);
    (void)txn; /* the ledger would write here */
    snprintf(bench->noted + len, sizeof bench->noted - len, "%s %" PRIu32 " %" PRIu32 ";",
             series, generation, format->length);
    return bench->note_says ? err_set(why, bench->note_says, "as told") : ERR_NONE;
}

/* Opens (again) with this configuration. The registry of before stays when it fails, as for
 * temd the whole start would. */
static enum err configure(struct bench *bench, const struct series_config *series, size_t count)
{
    struct random_source random = {fill_key, bench->key};
    struct registry_note note = {note_opened, bench};
    struct registry *opened = NULL;
    bench->why.text[0] = bench->noted[0] = '\0';
    enum err err = registry_open(bench->store, series, count, bench->keys, &random, &note,
                                 &opened, &bench->why);
    if (err == ERR_NONE) {
        registry_free(bench->registry);
        bench->registry = opened;
    }
    return err;
}

static void must(struct bench *bench, enum err err, const char *what)
{
    if (!tap_ok(err == ERR_NONE, "%s", what))
        printf("# %s\n", bench->why.text);
}

struct count_ask {
    const char *sql;
    int64_t out;
};

static enum err count_op(struct txn *txn, void *arg, struct why *why)
{
    struct count_ask *ask = arg;
    return sql_int(txn, &ask->out, why, ask->sql, "");
}

/* First column of the first row, -1 when there is none. `sql` is a literal. */
static long long number_in(struct bench *bench, const char *sql)
{
    struct count_ask ask = {sql, -1};
    return store_read(bench->store, count_op, &ask, NULL) == ERR_NONE ? ask.out : -1;
}

struct reserve_ask {
    struct bench *bench;
    const char *series, *scope;
    uint64_t count;
    struct serial_range out;
    bool then_fail;
};

static enum err reserve_op(struct txn *txn, void *arg, struct why *why)
{
    struct reserve_ask *ask = arg;
    enum err err = registry_reserve(txn, ask->bench->registry, ask->series, ask->scope,
                                    ask->count, &ask->out, why);
    return err == ERR_NONE && ask->then_fail ? err_set(why, ERR_FULL, "the job failed") : err;
}

static enum err reserve(struct bench *bench, const char *series, const char *scope,
                        uint64_t count, struct serial_range *out)
{
    struct reserve_ask ask = {.bench = bench, .series = series, .scope = scope, .count = count};
    enum err err = store_write(bench->store, reserve_op, &ask, &bench->why);
    if (err == ERR_NONE)
        *out = ask.out;
    return err;
}

struct lookup_ask {
    struct bench *bench;
    const char *series, *scope, *number;
    int64_t scope_id;
    struct scope_ref ref;
    struct number_place place;
    json_t *list;
};

static enum err scope_op(struct txn *txn, void *arg, struct why *why)
{
    struct lookup_ask *ask = arg;
    return registry_scope(txn, ask->bench->registry, ask->scope_id, &ask->ref, why);
}

static enum err find_op(struct txn *txn, void *arg, struct why *why)
{
    struct lookup_ask *ask = arg;
    return registry_find(txn, ask->bench->registry, ask->series, ask->scope, ask->number,
                         &ask->place, why);
}

static enum err list_op(struct txn *txn, void *arg, struct why *why)
{
    struct lookup_ask *ask = arg;
    return registry_list(txn, ask->bench->registry, &ask->list, why);
}

/* The printed number of a counter; "" when refused. */
static const char *printed(struct bench *bench, int64_t scope_id, uint64_t counter,
                           char out[static NUMBER_MAX])
{
    struct lookup_ask ask = {.bench = bench, .scope_id = scope_id};
    out[0] = '\0';
    if (store_read(bench->store, scope_op, &ask, &bench->why) == ERR_NONE &&
        registry_number(&ask.ref, counter, out, &bench->why) != ERR_NONE)
        out[0] = '\0';
    return out;
}

static enum err find(struct bench *bench, const char *series, const char *scope,
                     const char *number, struct number_place *out)
{
    struct lookup_ask ask = {
        .bench = bench, .series = series, .scope = scope, .number = number};
    enum err err = store_read(bench->store, find_op, &ask, &bench->why);
    if (err == ERR_NONE)
        *out = ask.place;
    return err;
}

/* ---- reserving, printing, finding --------------------------------------------- */

static const struct series_config pack = {
    .name = "pack", .format = {NUMBER_RANDOM, A32, 10, "", CHECK_NONE}, .line = 3};

static void test_reserve(void)
{
    struct bench bench;
    struct serial_range one, many, other;
    char number[NUMBER_MAX];
    bench_open(&bench);
    must(&bench, configure(&bench, &pack, 1), "a series opens");
    tap_is_str(bench.noted, "pack 1 10;", "the ledger is told");
    must(&bench, reserve(&bench, "pack", GTIN, 1, &one), "one number");
    must(&bench, reserve(&bench, "pack", GTIN, 1000000000, &many), "a billion numbers");
    must(&bench, reserve(&bench, "pack", GTIN_2, 1, &other), "one in another scope");
    tap_ok(one.first == 0 && one.count == 1 && many.first == 1 && many.count == 1000000000,
           "the ranges follow each other");
    tap_is_int((long long)many.left, 112589990684 - 1000000001,
               "left: a ten-thousandth of 32^10 less what is out");
    tap_ok(other.first == 0 && other.scope_id != one.scope_id, "a scope has its own sequence");
    tap_is_int(number_in(&bench, "SELECT count(*) FROM scope"), 2, "one row a scope");
    tap_is_int(number_in(&bench, "SELECT next FROM scope WHERE scope = '" GTIN "'"), 1000000001,
               "which says what comes next");

    static const struct {
        uint64_t counter;
        const char *want;
    } cases[] = {{0, "Z4DSGXAEKV"},
                 {1, "H473X2AZNB"},
                 {500000000, "HXHYZ4D3CL"},
                 {999999999, "S6CCU4YY74"},
                 {1000000000, "LVPJBACPRW"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_place place = {0, 0};
        tap_is_str(printed(&bench, one.scope_id, cases[i].counter, number), cases[i].want,
                   "counter %" PRIu64, cases[i].counter);
        must(&bench, find(&bench, "pack", GTIN, cases[i].want, &place), "is found");
        tap_ok(place.scope_id == one.scope_id && place.counter == cases[i].counter,
               "at its scope and counter");
    }
    tap_is_str(printed(&bench, other.scope_id, 0, number), "E45WKT2374",
               "the other scope's first number is another");
    tap_ok(*printed(&bench, one.scope_id, 112589990683, number), "the last one has a number");
    tap_is_str(printed(&bench, one.scope_id, 112589990684, number), "",
               "no number beyond the last");
    bench_close(&bench);
}

static void test_find_refuses(void)
{
    static const struct series_config from_100 = {
        .name = "seq", .format = {NUMBER_SEQUENTIAL, DIGITS, 6, "A", CHECK_NONE}, .first = 100};
    static const struct {
        const char *name, *series, *scope, *number, *says;
    } cases[] = {
        {"the last issued", "seq", "x", "A000109", NULL},
        {"the first issued", "seq", "x", "A000100", NULL},
        {"the next, not issued yet", "seq", "x", "A000110", "never issued"},
        {"before the first", "seq", "x", "A000099", "never issued"},
        {"another scope's", "seq", "y", "A000109", "never issued"},
        {"a scope that is not open", "seq", "z", "A000100", "issued nothing"},
        {"no such series", "sek", "x", "A000100", "issued nothing"},
        {"too short", "seq", "x", "A00100", "long"},
        {"other prefix", "seq", "x", "B000100", "begin"},
        {"not in the alphabet", "seq", "x", "A00010O", "character 7"},
    };
    struct bench bench;
    struct serial_range range;
    bench_open(&bench);
    must(&bench, configure(&bench, &from_100, 1), "a series from 100");
    must(&bench, reserve(&bench, "seq", "x", 10, &range), "ten numbers");
    must(&bench, reserve(&bench, "seq", "y", 1, &range), "one elsewhere");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number_place place;
        enum err err = find(&bench, cases[i].series, cases[i].scope, cases[i].number, &place);
        tap_is_int(err, cases[i].says ? ERR_NOT_FOUND : ERR_NONE, "find: %s", cases[i].name);
        if (cases[i].says && !tap_ok(strstr(bench.why.text, cases[i].says) != NULL,
                                     "find: %s: says %s", cases[i].name, cases[i].says))
            printf("# %s\n", bench.why.text);
    }
    bench_close(&bench);
}

static void test_refusals(void)
{
    static const struct series_config small = {
        .name = "seq",
        .format = {NUMBER_SEQUENTIAL, DIGITS, 2, "", CHECK_NONE},
        .first = 1,
        .low_water = 40};
    struct bench bench;
    struct serial_range range;
    char long_scope[257];
    memset(long_scope, 'x', 256);
    long_scope[256] = '\0';
    bench_open(&bench);
    must(&bench, configure(&bench, &small, 1), "a series of 99");

    tap_is_int(reserve(&bench, "seq", "", 100, &range), ERR_EXHAUSTED, "100 of 99");
    tap_is_int(number_in(&bench, "SELECT count(*) FROM scope"), 0, "opens no scope");
    must(&bench, reserve(&bench, "seq", "", 59, &range), "59 of 99");
    tap_ok(!range.low && range.left == 40, "40 left is not low");
    must(&bench, reserve(&bench, "seq", "", 1, &range), "one more");
    tap_ok(range.low && range.left == 39, "39 left is low");
    tap_is_int(reserve(&bench, "seq", "", 40, &range), ERR_EXHAUSTED, "40 of 39");
    tap_is_int(reserve(&bench, "seq", "", UINT64_MAX, &range), ERR_EXHAUSTED, "2^64 - 1 of 39");
    tap_is_int(number_in(&bench, "SELECT next FROM scope"), 61, "changes nothing");
    must(&bench, reserve(&bench, "seq", "", 39, &range), "39 of 39");
    tap_is_int((long long)(range.first + range.count - 1), 99, "up to the last");
    tap_is_int(reserve(&bench, "seq", "", 1, &range), ERR_EXHAUSTED, "1 of 0");

    tap_is_int(reserve(&bench, "seq", "", 0, &range), ERR_INPUT, "none is refused");
    tap_is_int(reserve(&bench, "seq", long_scope, 1, &range), ERR_INPUT,
               "a scope of 256 bytes");
    must(&bench, reserve(&bench, "seq", long_scope + 1, 1, &range), "a scope of 255 bytes");
    tap_is_int(reserve(&bench, "seq", "\xFF", 1, &range), ERR_INPUT,
               "a scope that is not UTF-8");
    tap_is_int(reserve(&bench, "sec", "", 1, &range), ERR_NOT_FOUND, "no such series");
    tap_ok(strstr(bench.why.text, "\"seq\"") != NULL, "names the nearest");
    tap_ok(registry_has(bench.registry, "seq") && !registry_has(bench.registry, "sec"),
           "registry_has");
    tap_ok(strcmp(registry_names(bench.registry)[0], "seq") == 0 &&
               !registry_names(bench.registry)[1],
           "registry_names");
    bench_close(&bench);
}

/* Nobody was told of the first range, so that handing it out again is right. */
static void test_rollback(void)
{
    struct bench bench;
    struct serial_range range;
    bench_open(&bench);
    must(&bench, configure(&bench, &pack, 1), "a series");
    struct reserve_ask ask = {
        .bench = &bench, .series = "pack", .scope = "s", .count = 7, .then_fail = true};
    tap_is_int(store_write(bench.store, reserve_op, &ask, NULL), ERR_FULL, "the job fails");
    tap_is_int(number_in(&bench, "SELECT count(*) FROM scope"), 0, "its scope is not open");
    must(&bench, reserve(&bench, "pack", "s", 5, &range), "the next job");
    tap_is_int((long long)range.first, 0, "gets the same numbers");
    tap_is_int(store_write(bench.store, reserve_op, &ask, NULL), ERR_FULL, "another fails");
    must(&bench, reserve(&bench, "pack", "s", 5, &range), "the one after");
    tap_is_int((long long)range.first, 5, "goes on behind what was acknowledged");
    store_close(bench.store);
    store_start(&bench);
    must(&bench, configure(&bench, &pack, 1), "after a restart");
    tap_is_str(bench.noted, "", "no generation opens");
    must(&bench, reserve(&bench, "pack", "s", 1, &range), "a job");
    tap_is_int((long long)range.first, 10, "goes on there too");
    bench_close(&bench);
}

/* ---- two series in one scope --------------------------------------------------- */

static void test_conflicts(void)
{
    static const struct {
        const char *name;
        struct number_format a, b;
        const char *scope_a, *scope_b;
        enum err want;
    } cases[] = {
        {"equal formats, other keys",
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         "s",
         "s",
         ERR_CONFLICT},
        {"equal formats in other scopes",
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         "s",
         "t",
         ERR_NONE},
        {"the empty scope is one too",
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         "",
         "",
         ERR_CONFLICT},
        {"lengths differ",
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         {NUMBER_RANDOM, A32, 9, "", CHECK_NONE},
         "s",
         "s",
         ERR_NONE},
        {"A + 8, A2 + 7",
         {NUMBER_RANDOM, A32, 8, "A", CHECK_NONE},
         {NUMBER_RANDOM, A32, 7, "A2", CHECK_NONE},
         "s",
         "s",
         ERR_CONFLICT},
        {"A + 8, B2 + 7",
         {NUMBER_RANDOM, A32, 8, "A", CHECK_NONE},
         {NUMBER_RANDOM, A32, 7, "B2", CHECK_NONE},
         "s",
         "s",
         ERR_NONE},
        {"a check digit fills the length",
         {NUMBER_SEQUENTIAL, DIGITS, 8, "", CHECK_GS1},
         {NUMBER_SEQUENTIAL, DIGITS, 9, "", CHECK_NONE},
         "s",
         "s",
         ERR_CONFLICT},
        {"a check digit makes it longer",
         {NUMBER_SEQUENTIAL, DIGITS, 8, "", CHECK_GS1},
         {NUMBER_SEQUENTIAL, DIGITS, 8, "", CHECK_NONE},
         "s",
         "s",
         ERR_NONE},
        {"random and sequential",
         {NUMBER_RANDOM, DIGITS, 8, "", CHECK_NONE},
         {NUMBER_SEQUENTIAL, DIGITS, 8, "", CHECK_NONE},
         "s",
         "s",
         ERR_CONFLICT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int turned = 0; turned < 2; turned++) {
            struct series_config both[] = {{.name = "a", .format = cases[i].a},
                                           {.name = "b", .format = cases[i].b}};
            struct bench bench;
            struct serial_range range;
            bench_open(&bench);
            must(&bench, configure(&bench, both, 2), "two series open");
            const char *first = turned ? "b" : "a", *second = turned ? "a" : "b";
            must(
                &bench,
                reserve(&bench, first, turned ? cases[i].scope_b : cases[i].scope_a, 1, &range),
                "the first reserves");
            tap_is_int(reserve(&bench, second, turned ? cases[i].scope_a : cases[i].scope_b, 1,
                               &range),
                       cases[i].want, "conflict: %s%s", cases[i].name,
                       turned ? ", turned" : "");
            must(
                &bench,
                reserve(&bench, first, turned ? cases[i].scope_b : cases[i].scope_a, 1, &range),
                "the first goes on");
            tap_is_int(number_in(&bench, "SELECT count(*) FROM scope"),
                       cases[i].want == ERR_NONE ? 2 : 1, "a refused scope is not open");
            bench_close(&bench);
        }
}

/* ---- keys ----------------------------------------------------------------------- */

static const char *key_file(const struct bench *bench, const char *name, char out[static 160])
{
    snprintf(out, 160, "%s/%s", bench->keys, name);
    return out;
}

static void test_keys(void)
{
    char path[160], aside[160], number[NUMBER_MAX];
    struct bench bench;
    struct serial_range range;
    struct stat st;
    struct buf was = BUF_INIT(4096);
    bench_open(&bench);
    must(&bench, configure(&bench, &pack, 1), "a series");
    must(&bench, reserve(&bench, "pack", GTIN, 1, &range), "a number");
    key_file(&bench, "series-pack-1.key", path);
    key_file(&bench, "aside", aside);
    tap_ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600, "the key file has mode 0600");
    tap_is_int(number_in(&bench,
                         "SELECT count(*) FROM generation WHERE key_check = '" NIST_KEY_CHECK
                         "'"),
               1, "the store has its check value");
    must(&bench, file_read(path, 4096, &was, &bench.why), "the file is read");

    static const struct {
        const char *name, *text; /* NULL: lost; "": as it was */
        mode_t mode;
        const char *says;
    } cases[] = {
        {"lost", NULL, 0, "lost"},
        {"readable by the group", "", 0640, "chmod 600"},
        {"writable by all", "", 0602, "chmod 600"},
        {"read-only is fine", "", 0400, NULL},
        {"another key",
         "0000000000000000000000000000000000000000000000000000000000000000 0123456789abcdef "
         "1\n",
         0600, "another key"},
        {"empty", " ", 0600, "damaged"},
        {"no hex",
         "Z000000000000000000000000000000000000000000000000000000000000000 0123456789abcdef "
         "1\n",
         0600, "damaged"},
        {"too long",
         "0000000000000000000000000000000000000000000000000000000000000000 0123456789abcdef 1  "
         "   "
         "                                           \n",
         0600, "damaged"},
        {"as it was", "", 0600, NULL},
    };
    /* A second series must not come to life when the first one's key fails. */
    const struct series_config both[] = {
        {.name = "new", .format = {NUMBER_RANDOM, A32, 8, "", CHECK_NONE}}, pack};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *text = cases[i].text && *cases[i].text ? cases[i].text : buf_text(&was);
        size_t len = cases[i].text && strcmp(cases[i].text, " ") == 0 ? 0 : strlen(text);
        unlink(path);
        if (cases[i].text && durable_write(path, text, len, cases[i].mode, NULL) != ERR_NONE)
            tap_ok(false, "write the key file");
        enum err err = configure(&bench, cases[i].says ? both : &pack, cases[i].says ? 2 : 1);
        tap_is_int(err, cases[i].says ? ERR_STATE : ERR_NONE, "key: %s", cases[i].name);
        if (cases[i].says &&
            !tap_ok(strstr(bench.why.text, cases[i].says) && strstr(bench.why.text, path),
                    "key: %s: names the file and says %s", cases[i].name, cases[i].says))
            printf("# %s\n", bench.why.text);
        tap_is_int(number_in(&bench, "SELECT count(*) FROM generation"), 1,
                   "key: %s: no generation opened", cases[i].name);
        tap_ok(access(key_file(&bench, "series-new-1.key", aside), F_OK) != 0,
               "key: %s: no key file made", cases[i].name);
    }
    tap_is_str(printed(&bench, range.scope_id, 0, number), "Z4DSGXAEKV",
               "with its key back the number is the same");
    buf_free(&was);
    bench_close(&bench);
}

/* A start that dies between key file and commit. */
static void test_key_left_behind(void)
{
    char path[160], number[NUMBER_MAX];
    struct bench bench, other;
    struct serial_range range;
    struct buf was = BUF_INIT(4096);
    bench_open(&bench);
    bench.note_says = ERR_FULL;
    tap_is_int(configure(&bench, &pack, 1), ERR_FULL, "the commit fails");
    tap_is_int(number_in(&bench, "SELECT count(*) FROM generation"), 0, "no generation");
    must(&bench, file_read(key_file(&bench, "series-pack-1.key", path), 4096, &was, &bench.why),
         "its key file is there");
    bench.note_says = ERR_NONE;
    memset(bench.key, 0x55, sizeof bench.key);
    must(&bench, configure(&bench, &pack, 1), "the next start takes it over");
    must(&bench, reserve(&bench, "pack", GTIN, 1, &range), "a number");
    tap_is_str(printed(&bench, range.scope_id, 0, number), "Z4DSGXAEKV", "made with that key");

    /* The same file beside a new or an older store: numbers may be out that this store does not
     * know, and the sequence would start again. */
    bench_open(&other);
    must(&other, durable_mkdir(other.keys, 0700, &other.why), "a key folder");
    must(&other,
         durable_write(key_file(&other, "series-pack-1.key", path), was.bytes, was.len, 0600,
                       &other.why),
         "with a key of another store");
    tap_is_int(configure(&other, &pack, 1), ERR_STATE, "is not taken over");
    tap_ok(strstr(other.why.text, path) != NULL, "the message names it");
    tap_is_int(number_in(&other, "SELECT count(*) FROM generation"), 0, "no generation");
    buf_free(&was);
    bench_close(&other);
    bench_close(&bench);
}

/* ---- generations and ranges ------------------------------------------------------ */

static void test_generations(void)
{
    struct bench bench;
    struct serial_range old, new;
    struct number_place place;
    struct series_config config = pack;
    char path[160], number[NUMBER_MAX];
    bench_open(&bench);
    must(&bench, configure(&bench, &config, 1), "generation 1");
    must(&bench, reserve(&bench, "pack", GTIN, 3, &old), "three numbers");

    memcpy(config.format.prefix, "A", 2);
    config.format.length = 9;
    tap_is_int(configure(&bench, &config, 1), ERR_STATE, "a prefix of the same total length");
    tap_ok(strstr(bench.why.text, "generation 1") != NULL, "the message names the generation");
    config.format = pack.format;
    memcpy(config.format.alphabet, DIGITS, sizeof DIGITS);
    tap_is_int(configure(&bench, &config, 1), ERR_STATE, "another alphabet alone");
    tap_is_int(number_in(&bench, "SELECT count(*) FROM generation"), 1, "opened nothing");
    tap_ok(access(key_file(&bench, "series-pack-2.key", path), F_OK) != 0, "and made no key");

    config.format = pack.format;
    config.format.length = 11;
    must(&bench, configure(&bench, &config, 1), "another length opens generation 2");
    tap_is_str(bench.noted, "pack 2 11;", "the ledger is told");
    tap_ok(access(path, F_OK) == 0, "it has its own key");
    must(&bench, reserve(&bench, "pack", GTIN, 1, &new), "a number of it");
    tap_ok(new.scope_id != old.scope_id &&new.first == 0, "a sequence of its own");
    tap_is_str(printed(&bench, new.scope_id, 0, number), "UPG7MC547KF", "the new number");
    tap_is_str(printed(&bench, old.scope_id, 0, number), "Z4DSGXAEKV",
               "the old one, reprinted");
    must(&bench, find(&bench, "pack", GTIN, "Z4DSGXAEKV", &place), "the old one is found");
    tap_ok(place.scope_id == old.scope_id && place.counter == 0, "in the old generation");
    must(&bench, find(&bench, "pack", GTIN, "UPG7MC547KF", &place), "the new one is found");
    tap_ok(place.scope_id == new.scope_id &&place.counter == 0, "in the new generation");

    tap_is_int(configure(&bench, &pack, 1), ERR_STATE, "back to generation 1's format");
    must(&bench, configure(&bench, &config, 1), "generation 2 again");
    tap_is_str(bench.noted, "", "which opens nothing");
    bench_close(&bench);
}

/* Rows run one after the other on one store; scope "s" is opened by the third. */
static void test_ranges(void)
{
    static const struct {
        const char *name;
        uint64_t first, last, last_used;
        bool has_last_used;
        uint64_t reserve; /* in scope "s"; 0 = none */
        enum err want;
        uint64_t want_first;
    } cases[] = {
        {"opens", 1, 500, 0, false, 0, ERR_NONE, 0},
        {"first changes before a scope is open", 10, 500, 0, false, 0, ERR_NONE, 0},
        {"last_used at the opening of a scope", 10, 500, 99, true, 5, ERR_NONE, 100},
        {"first changes after it", 11, 500, 99, true, 0, ERR_STATE, 0},
        {"the first of before", 10, 500, 99, true, 1, ERR_NONE, 105},
        {"last_used larger moves the scope", 10, 500, 200, true, 1, ERR_NONE, 201},
        {"last_used smaller does not move it back", 10, 500, 50, true, 1, ERR_NONE, 202},
        {"no last_used does not either", 10, 500, 0, false, 1, ERR_NONE, 203},
        {"last_used that is the last issued", 10, 500, 203, true, 1, ERR_NONE, 204},
        {"last_used that is the next", 10, 500, 205, true, 1, ERR_NONE, 206},
        {"last larger", 10, 900, 0, false, 690, ERR_NONE, 207},
        {"last smaller than what is out", 10, 895, 0, false, 0, ERR_STATE, 0},
        {"last that is the last issued", 10, 896, 0, false, 0, ERR_NONE, 0},
        {"last beyond the format", 10, 1000, 0, false, 0, ERR_INPUT, 0},
        {"first beyond last", 10, 9, 0, false, 0, ERR_INPUT, 0},
        {"last_used beyond last", 10, 500, 501, true, 0, ERR_INPUT, 0},
        {"default last: the whole domain", 10, 0, 0, false, 103, ERR_NONE, 897},
    };
    struct bench bench;
    bench_open(&bench);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct series_config config = {.name = "seq",
                                       .format = {NUMBER_SEQUENTIAL, DIGITS, 3, "", CHECK_NONE},
                                       .first = cases[i].first,
                                       .last = cases[i].last,
                                       .last_used = cases[i].last_used,
                                       .has_last_used = cases[i].has_last_used};
        struct serial_range range = {0};
        if (!tap_is_int(configure(&bench, &config, 1), cases[i].want, "range: %s",
                        cases[i].name))
            printf("# %s\n", bench.why.text);
        if (cases[i].reserve == 0)
            continue;
        must(&bench, reserve(&bench, "seq", "s", cases[i].reserve, &range), "reserves");
        tap_is_int((long long)range.first, (long long)cases[i].want_first,
                   "range: %s: from here", cases[i].name);
    }
    tap_is_int(number_in(&bench, "SELECT next FROM scope"), 1000, "the domain is used up");
    tap_is_int(number_in(&bench, "SELECT count(*) FROM generation"), 1, "in one generation");
    bench_close(&bench);
}

/* Each scope is moved, or not, by itself. */
static void test_last_used_scopes(void)
{
    struct series_config config = {.name = "seq",
                                   .format = {NUMBER_SEQUENTIAL, DIGITS, 3, "", CHECK_NONE}};
    struct bench bench;
    struct serial_range range;
    bench_open(&bench);
    must(&bench, configure(&bench, &config, 1), "a series");
    must(&bench, reserve(&bench, "seq", "behind", 10, &range), "one scope is behind");
    must(&bench, reserve(&bench, "seq", "ahead", 300, &range), "one is ahead");
    config.last_used = 100;
    config.has_last_used = true;
    must(&bench, configure(&bench, &config, 1), "last_used lies between");
    must(&bench, reserve(&bench, "seq", "behind", 1, &range), "the one behind");
    tap_is_int((long long)range.first, 101, "is moved");
    must(&bench, reserve(&bench, "seq", "ahead", 1, &range), "the one ahead");
    tap_is_int((long long)range.first, 300, "is not");
    must(&bench, reserve(&bench, "seq", "new", 1, &range), "a new one");
    tap_is_int((long long)range.first, 101, "opens behind it");
    bench_close(&bench);
}

/* A random series has by default a ten-thousandth of its domain. */
static void test_default_last(void)
{
    static const struct {
        struct series_config config;
        long long last;
    } cases[] = {
        {{.name = "a", .format = {NUMBER_RANDOM, DIGITS, 6, "", CHECK_NONE}}, 99},
        {{.name = "a", .format = {NUMBER_RANDOM, DIGITS, 6, "", CHECK_NONE}, .first = 1}, 100},
        {{.name = "a", .format = {NUMBER_RANDOM, DIGITS, 6, "", CHECK_NONE}, .last = 5000},
         5000},
        {{.name = "a", .format = {NUMBER_RANDOM, DIGITS, 6, "", CHECK_NONE}, .first = 999950},
         999999},
        {{.name = "a", .format = {NUMBER_SEQUENTIAL, DIGITS, 30, "", CHECK_NONE}},
         INT64_MAX - 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        bench_open(&bench);
        must(&bench, configure(&bench, &cases[i].config, 1), "a series");
        tap_is_int(number_in(&bench, "SELECT last FROM generation"), cases[i].last,
                   "default last, row %zu", i);
        bench_close(&bench);
    }
}

static void test_gone(void)
{
    static const struct series_config next = {
        .name = "next", .format = {NUMBER_RANDOM, A32, 10, "", CHECK_NONE}};
    struct bench bench;
    struct serial_range range;
    struct number_place place;
    char number[NUMBER_MAX];
    bench_open(&bench);
    must(&bench, configure(&bench, &pack, 1), "a series");
    must(&bench, reserve(&bench, "pack", GTIN, 2, &range), "two numbers");
    must(&bench, configure(&bench, &next, 1), "it leaves the configuration");
    tap_ok(!registry_has(bench.registry, "pack"), "it is no series to reserve from");
    struct serial_range none;
    tap_is_int(reserve(&bench, "pack", GTIN, 1, &none), ERR_NOT_FOUND, "nothing is reserved");
    must(&bench, find(&bench, "pack", GTIN, "H473X2AZNB", &place), "its number is found");
    tap_is_str(printed(&bench, range.scope_id, 1, number), "H473X2AZNB", "and reprinted");
    tap_is_int(reserve(&bench, "next", GTIN, 1, &none), ERR_CONFLICT,
               "its numbers still count against a second series");
    must(&bench, configure(&bench, &pack, 1), "it comes back");
    must(&bench, reserve(&bench, "pack", GTIN, 1, &range), "and reserves");
    tap_is_int((long long)range.first, 2, "where it was");
    bench_close(&bench);
}

static void test_config(void)
{
    static const struct number_format digits = {NUMBER_SEQUENTIAL, DIGITS, 6, "", CHECK_NONE};
    static const struct {
        const char *name;
        struct series_config series[2];
        const char *says;
    } cases[] = {
        {"no name", {{.name = "", .line = 7}, {.name = "b"}}, "line 7"},
        {"a path", {{.name = "../x", .line = 7}, {.name = "b"}}, "line 7"},
        {"a slash", {{.name = "a/b", .line = 7}, {.name = "b"}}, "a/b"},
        {"a name of 64",
         {{.name = "a23456789a23456789a23456789a23456789a23456789a23456789"
                   "a234567890"},
          {.name = "b"}},
         "1 to 63"},
        {"twice", {{.name = "a", .line = 7}, {.name = "a", .line = 9}}, "line 9"},
        {"format",
         {{.name = "a"},
          {.name = "b", .line = 8, .format = {NUMBER_RANDOM, DIGITS, 5, "", CHECK_NONE}}},
         "line 8: series \"b\""},
    };
    struct bench bench;
    bench_open(&bench);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct series_config series[2] = {cases[i].series[0], cases[i].series[1]};
        for (size_t k = 0; k < 2; k++)
            if (series[k].format.length == 0)
                series[k].format = digits;
        tap_is_int(configure(&bench, series, 2), ERR_INPUT, "configuration: %s", cases[i].name);
        if (!tap_ok(strstr(bench.why.text, cases[i].says) != NULL, "says %s", cases[i].says))
            printf("# %s\n", bench.why.text);
    }
    tap_is_int(number_in(&bench, "SELECT count(*) FROM generation"), 0, "nothing opened");
    must(&bench, configure(&bench, NULL, 0), "no series at all is fine");
    bench_close(&bench);
}

static void test_list(void)
{
    struct series_config series[] = {
        {.name = "pack", .format = {NUMBER_RANDOM, DIGITS, 6, "", CHECK_NONE}, .low_water = 95},
        {.name = "gone", .format = {NUMBER_SEQUENTIAL, DIGITS, 4, "", CHECK_NONE}}};
    struct bench bench;
    struct serial_range range;
    bench_open(&bench);
    must(&bench, configure(&bench, series, 2), "two series");
    must(&bench, reserve(&bench, "pack", "s", 10, &range), "ten");
    must(&bench, reserve(&bench, "pack", "t", 1, &range), "one");
    must(&bench, reserve(&bench, "gone", "u", 4, &range), "four");
    series[0].format.length = 7;
    must(&bench, configure(&bench, series, 1), "a new generation, and one series gone");
    must(&bench, reserve(&bench, "pack", "s", 910, &range), "of the new generation");
    struct lookup_ask ask = {.bench = &bench};
    must(&bench, store_read(bench.store, list_op, &ask, &bench.why), "the list");
    char *text = json_dumps(ask.list, JSON_COMPACT | JSON_SORT_KEYS);
    tap_is_str(
        text,
        "[{\"configured\":false,\"format\":\"sequential\",\"generation\":1,\"name\":\"gone\","
        "\"scopes\":[{\"issued\":4,\"left\":0,\"low\":false,\"scope\":\"u\"}]},"
        "{\"configured\":true,\"format\":\"random\",\"generation\":2,\"name\":\"pack\","
        "\"scopes\":[{\"issued\":920,\"left\":90,\"low\":true,\"scope\":\"s\"},"
        "{\"issued\":1,\"left\":1000,\"low\":false,\"scope\":\"t\"}]}]",
        "adds up over the generations");
    free(text);
    json_decref(ask.list);
    bench_close(&bench);
}

/* ---- threads ----------------------------------------------------------------------- */

enum { THREADS = 8, ROUNDS = 50 };

struct worker {
    struct bench *bench;
    unsigned number;
    unsigned failed;
    struct serial_range got[ROUNDS];
};

static void *work(void *arg)
{
    struct worker *worker = arg;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct reserve_ask ask = {.bench = worker->bench,
                                  .series = "pack",
                                  .scope = "s",
                                  .count = 1 + (worker->number * 31 + i * 17) % 40};
        worker->failed += store_write(worker->bench->store, reserve_op, &ask, NULL) != ERR_NONE;
        worker->got[i] = ask.out;
    }
    return NULL;
}

static int by_first(const void *a, const void *b)
{
    const struct serial_range *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static void test_threads(void)
{
    static struct worker workers[THREADS];
    static struct serial_range all[THREADS * ROUNDS];
    pthread_t threads[THREADS];
    struct bench bench;
    unsigned failed = 0, wrong = 0;
    uint64_t next = 0;
    bench_open(&bench);
    must(&bench, configure(&bench, &pack, 1), "a series");
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.bench = &bench, .number = i};
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0) {
            printf("Bail out! pthread_create\n");
            exit(1);
        }
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        failed += workers[i].failed;
        memcpy(all + (size_t)i * ROUNDS, workers[i].got, sizeof workers[i].got);
    }
    qsort(all, THREADS * ROUNDS, sizeof all[0], by_first);
    for (size_t i = 0; i < THREADS * ROUNDS; i++) {
        wrong += all[i].first != next;
        next = all[i].first + all[i].count;
    }
    tap_is_int(failed, 0, "8 threads, 50 reservations each: none fails");
    tap_is_int(wrong, 0, "no overlap and no hole");
    tap_is_int(number_in(&bench, "SELECT next FROM scope"), (long long)next, "the row agrees");
    bench_close(&bench);
}

int main(void)
{
    test_reserve();
    test_find_refuses();
    test_refusals();
    test_rollback();
    test_conflicts();
    test_keys();
    test_key_left_behind();
    test_generations();
    test_ranges();
    test_last_used_scopes();
    test_default_last();
    test_gone();
    test_config();
    test_list();
    test_threads();
    return tap_done();
}
