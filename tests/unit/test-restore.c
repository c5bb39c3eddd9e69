/* SPDX-License-Identifier: Apache-2.0 */
/* A store that goes back in time, by a copy that is put back or behind our back: no number that
 * left it is issued again, whatever it knows of it. */
#include "spooler/job/job.h"
#include "spooler/registry/marks.h"
#include "spooler/registry/registry.h"
#include "spooler/renew.h"
#include "spooler/store/backup.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <sys/stat.h>

static struct store *store;
static struct registry *registry;
static bool renewed;

static const struct series_config series[] = {
    {.name = "pack",
     .format = {.kind = NUMBER_SEQUENTIAL, .alphabet = "0123456789", .length = 9},
     .first = 1}};

static bool open_all(const char *folder, bool older)
{
    struct why why = {""};
    store = fixture_open(folder);
    enum err err = registry_open(store, series, 1, fixture_path("keys"), &random_system, NULL,
                                 &registry, &why);
    const struct witness_finding finding = {.state = older ? WITNESS_OLDER : WITNESS_NONE,
                                            .words = "it is older"};
    if (!err)
        err = renew_at_start(store, registry, fixture_path("keys"), &finding, &renewed, &why);
    if (err)
        printf("# %s\n", why.text);
    return !err;
}

static void close_all(void)
{
    registry_free(registry);
    store_close(store);
    registry = NULL;
    store = NULL;
}

struct ask {
    const char *scope;
    uint64_t count, first, last;
    int64_t job;
    struct job found;
};

static enum err accept_op(struct txn *txn, void *arg, struct why *why)
{
    struct ask *ask = arg;
    static const uint8_t hash[32] = {1};
    struct job_new job = {.template_hash = hash,
                          .template_name = "t",
                          .template_body = "yaml",
                          .template_len = 4,
                          .pieces = 1,
                          .close_at = "printed",
                          .on_doubt = "hold",
                          .printer = "p1",
                          .caller = "unix:test"};
    struct segment_plan plan = {
        .field = 0, .first = 1, .last = ask->count, .series = "pack", .scope = ask->scope};
    enum err err = job_stage(txn, &job, &ask->job, why);
    return err ? err : job_accept(txn, registry, ask->job, ask->count, &plan, 1, why);
}

static enum err range_op(struct txn *txn, void *arg, struct why *why)
{
    struct ask *ask = arg;
    int64_t first = 0;
    enum err err = sql_int(txn, &first, why,
                           "SELECT range_first FROM segment WHERE job_id = ?1", "i", ask->job);
    ask->first = (uint64_t)first;
    ask->last = ask->first + ask->count - 1;
    return err;
}

/* A job of `count` numbers; where they begin. */
static uint64_t issue(const char *scope, uint64_t count, int64_t *job)
{
    struct ask ask = {.scope = scope, .count = count};
    struct why why = {""};
    if (store_write(store, accept_op, &ask, &why) || store_read(store, range_op, &ask, &why))
        printf("# %s\n", why.text);
    if (job)
        *job = ask.job;
    return ask.first;
}

static enum err get_op(struct txn *txn, void *arg, struct why *why)
{
    struct ask *ask = arg;
    return job_get(txn, ask->job, &ask->found, why);
}

static struct job get(int64_t id)
{
    struct ask ask = {.job = id};
    store_read(store, get_op, &ask, NULL);
    return ask.found;
}

/* ---- copies
 * ------------------------------------------------------------------------------------ */

static void test_copy(void)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", fixture_path("copy"));
    char kept[PATH_MAX];
    struct backup_facts facts, back;
    struct why why = {""};
    int64_t job;
    snprintf(kept, sizeof kept, "%s", fixture_path("kept.db"));
    tap_ok(open_all(folder, false) && !renewed, "a new store is not renewed");
    tap_is_int((long long)issue("A", 100, &job), 1, "its numbers begin at 1");
    tap_is_int(store_backup(folder, kept, &facts, &why), ERR_NONE, "a copy while it is open %s",
               why.text);
    tap_is_int((long long)facts.jobs, 1, "with its job");
    tap_is_int(store_backup(folder, kept, &facts, &why), ERR_STATE,
               "a copy does not overwrite another");
    tap_is_int((long long)issue("A", 250, NULL), 101, "it goes on");
    tap_is_int((long long)issue("B", 7, NULL), 1,
               "and opens a scope that the copy does not have");
    tap_is_int(store_put_back(kept, folder, 500, &back, &why), ERR_BUSY,
               "nothing is put back into a store that is open");
    uint32_t epoch = store_epoch(store);
    close_all();
    tap_is_int(store_put_back(kept, folder, 500, &back, &why), ERR_NONE, "put back %s",
               why.text);
    tap_ok(open_all(folder, false) && renewed, "the next start renews it");
    close_all();
    tap_ok(open_all(folder, false) && !renewed, "once");
    tap_is_int(store_epoch(store), epoch + 1, "in the next epoch");
    uint64_t a = issue("A", 1, NULL), b = issue("B", 1, NULL), c = issue("C", 1, NULL);
    tap_ok(a > 350, "scope A goes on behind what was issued after the copy: %llu",
           (unsigned long long)a);
    tap_ok(b > 7, "so does B, which the copy does not know: %llu", (unsigned long long)b);
    tap_is_int((long long)c, 1, "a scope that never was begins at 1: the marks know");
    struct job found = get(job);
    tap_ok(found.state == JOB_HELD && strcmp(found.hold_reason, "doubt") == 0 &&
               found.counts[LABEL_IN_DOUBT] == 100,
           "labels that were not printed at the time of the copy are in doubt, their job held");
    tap_is_int(fixture_read_int(store,
                                "SELECT count(*) FROM event WHERE CAST(body AS TEXT) LIKE"
                                " '%\"type\":\"store.renewed\"%'"),
               1, "the ledger says so");
    close_all();
}

/* On another machine there are no marks: the gap counts, also for scopes that the copy lacks.
 */
static void test_other_machine(void)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", fixture_path("first"));
    char kept[PATH_MAX], marks[PATH_MAX];
    struct backup_facts facts;
    struct why why = {""};
    snprintf(kept, sizeof kept, "%s", fixture_path("moved.db"));
    open_all(folder, false);
    issue("A", 10, NULL);
    store_backup(folder, kept, &facts, &why);
    issue("A", 10, NULL);
    snprintf(marks, sizeof marks, "%s/registry-%s.marks", fixture_path("keys"),
             store_id(store));
    close_all();
    unlink(marks);
    char other[PATH_MAX];
    snprintf(other, sizeof other, "%s", fixture_path("second"));
    tap_is_int(store_put_back(kept, other, 5000, &facts, &why), ERR_NONE,
               "put into an empty folder %s", why.text);
    tap_ok(open_all(other, false) && renewed, "renewed");
    close_all();
    open_all(other, false);
    tap_is_int((long long)issue("A", 1, NULL), 5011, "the scope skips the gap");
    tap_is_int((long long)issue("B", 1, NULL), 5001, "and so does one that is opened now");
    close_all();
}

static void test_refused(void)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", fixture_path("refuse"));
    struct backup_facts facts;
    struct why why = {""};
    char other[PATH_MAX], file[PATH_MAX];
    open_all(folder, false);
    issue("A", 3, NULL);
    snprintf(other, sizeof other, "%s", fixture_path("other.db"));
    close_all();
    open_all(fixture_path("elsewhere"), false);
    store_backup(fixture_path("elsewhere"), other, &facts, &why);
    close_all();
    tap_is_int(store_put_back(other, folder, 1, &facts, &why), ERR_STATE,
               "a copy of another store: %s", why.text);
    snprintf(file, sizeof file, "%s", fixture_path("noise"));
    FILE *noise = fopen(file, "w");
    fputs(
        "no database, but text that is long enough to be mistaken for one by a careless eye\n",
        noise);
    fclose(noise);
    tap_ok(store_put_back(file, folder, 1, &facts, &why) != ERR_NONE, "a text file: %s",
           why.text);
    tap_ok(store_put_back(fixture_path("none"), folder, 1, &facts, &why) == ERR_NOT_FOUND,
           "a file that is not there: %s", why.text);
    tap_ok(store_backup(fixture_path("none"), file, &facts, &why) == ERR_NOT_FOUND,
           "no store to copy: %s", why.text);
    tap_ok(open_all(folder, false) && !renewed, "the store is as it was");
    tap_is_int((long long)issue("A", 1, NULL), 4, "and goes on");
    close_all();
}

/* ---- behind our back
 * ------------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 22];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t n = in && out ? fread(bytes, 1, sizeof bytes, in) : 0;
    if (!out || fwrite(bytes, 1, n, out) != n || fclose(out) != 0 || fclose(in) != 0)
        abort();
}

/* As the snapshot of a virtual machine does it: the database alone is the one of yesterday. */
static void test_rolled_back(void)
{
    char folder[PATH_MAX], database[PATH_MAX + 16], old[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", fixture_path("rolled"));
    snprintf(database, sizeof database, "%s/tem.db", folder);
    snprintf(old, sizeof old, "%s", fixture_path("yesterday.db"));
    open_all(folder, false);
    issue("A", 10, NULL);
    close_all();
    copy_file(database, old);
    open_all(folder, false);
    issue("A", 90000, NULL);
    close_all();
    copy_file(old, database);
    tap_ok(open_all(folder, false), "an older database starts");
    tap_ok(issue("A", 1, NULL) > 90010,
           "marks alone tell when it is further behind than one raise");
    close_all();

    open_all(folder, false);
    uint64_t at = issue("A", 10, NULL);
    close_all();
    copy_file(database, old);
    open_all(folder, false);
    issue("A", 5, NULL); /* within one raise: only the ledger's witness can tell */
    close_all();
    copy_file(old, database);
    tap_ok(open_all(folder, true) && renewed, "told that it is older, it is renewed");
    close_all();
    open_all(folder, false);
    tap_ok(issue("A", 1, NULL) > at + 15, "and goes on at its marks");
    close_all();
}

/* ---- the file of marks
 * ------------------------------------------------------------------------- */

static enum err sum_marks(void *arg, const char *name, uint32_t generation, const char *scope,
                          uint64_t to, struct why *why)
{
    (void)name, (void)generation, (void)scope, (void)why;
    *(uint64_t *)arg += to;
    return ERR_NONE;
}

static void test_marks(void)
{
    char path[PATH_MAX];
    struct marks *marks = NULL;
    struct why why = {""};
    uint64_t sum = 0;
    struct stat st;
    snprintf(path, sizeof path, "%s", fixture_path("marks"));
    tap_is_int(marks_open(path, &marks, &why), ERR_NONE, "a new file of marks");
    marks_reach(marks, "pack", 1, "A", 5, &why);
    marks_reach(marks, "pack", 1, "A", 9, &why);
    marks_reach(marks, "pack", 1, "scope with \"quotes\" and\nlines", 1, &why);
    tap_is_int(marks_sync(marks, &why), ERR_NONE, "on disk");
    stat(path, &st);
    marks_reach(marks, "pack", 1, "A", 10005, &why);
    marks_sync(marks, &why);
    off_t before = st.st_size;
    stat(path, &st);
    tap_is_int(st.st_size, before, "up to the mark nothing is written");
    marks_reach(marks, "pack", 1, "A", 10006, &why);
    marks_sync(marks, &why);
    stat(path, &st);
    tap_ok(st.st_size > before, "beyond it a higher one is");
    marks_free(marks);
    marks = NULL;
    FILE *file = fopen(path, "a");
    fputs("{\"series\":\"pack\",\"gener", file); /* the power went */
    fclose(file);
    tap_is_int(marks_open(path, &marks, &why), ERR_NONE, "a torn last line is left out");
    marks_each(marks, sum_marks, &sum, &why);
    tap_is_int((long long)sum, 20006 + 10001, "the last mark of each scope counts");
    marks_free(marks);
    marks = NULL;
    file = fopen(path, "a");
    fputs("noise\n{}\n", file);
    fclose(file);
    tap_is_int(marks_open(path, &marks, &why), ERR_CORRUPT,
               "any other line must be looked at: %s", why.text);
}

int main(void)
{
    fixture_begin();
    if (mkdir(fixture_path("keys"), 0700) != 0)
        return 99;
    test_marks();
    test_copy();
    test_other_machine();
    test_refused();
    test_rolled_back();
    return tap_done();
}
