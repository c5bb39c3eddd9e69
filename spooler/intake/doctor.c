/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/doctor.h"

#include "spooler/base/log.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/routes.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A result is good for ten times as long as it took, and for this long at least: whoever asks
 * each second must not have the whole store read each second. */
#define FRESH_MS    1000
#define FRESH_TIMES 10

#define HOUR_MS      (INT64_C(3600) * 1000)
#define SENDING_LONG HOUR_MS        /* longer than any chunk but one in a peeler */
#define HELD_LONG    (24 * HOUR_MS) /* somebody forgot it */
#define WAL_LARGE    (INT64_C(512) * 1024 * 1024) /* the writer shortens it at 64 MiB */

struct doctor {
    const struct intake_config *config;
    pthread_t thread;
    bool started; /* there is a thread to be joined; the HTTP thread's alone */
    atomic_bool stop;
    pthread_mutex_t lock; /* for what follows */
    bool running;
    json_t *checks;                       /* of the last examination; NULL = none yet */
    int64_t began_ms, ended_ms;           /* UTC, of the one whose checks these are */
    int64_t began_mono_ms, ended_mono_ms; /* the same, for ages */
};

/* One examination under way. */
struct exam {
    struct doctor *doctor;
    json_t *checks;
    bool no_memory;
};

/* ---- the list -----------------------------------------------------------------------------
 */

/* `mend` may be NULL where nothing has to be done. */
static void add(struct exam *exam, const char *name, const char *verdict, const char *mend,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

static void add(struct exam *exam, const char *name, const char *verdict, const char *mend,
                const char *format, ...)
{
    struct buf words = BUF_INIT(4096);
    va_list args;
    va_start(args, format);
    buf_vprintf(&words, format, args);
    va_end(args);
    json_t *row = json_pack("{ss ss so ss}", "name", name, "verdict", verdict, "words",
                            problem_string(buf_text(&words)), "mend", mend ? mend : "");
    exam->no_memory |= json_array_append_new(exam->checks, row) != 0;
    buf_free(&words);
}

/* A check that could not be made is a fault of its own. */
static void add_failed(struct exam *exam, const char *name, enum err err, const struct why *why)
{
    add(exam, name, "fail", "read temd's log; is the disk failing?", "cannot be checked: %s",
        why->text[0] ? why->text : err_meaning(err));
}

/* ---- the checks ---------------------------------------------------------------------------
 */

static int64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static void check_store(struct exam *exam)
{
    const struct intake_config *config = exam->doctor->config;
    const char *path = store_path(config->store);
    int64_t began_ms = clock_mono_ms(&clock_system);
    struct why why = {""};
    enum err err = store_check(config->store, &exam->doctor->stop, &why);
    if (err == ERR_CORRUPT)
        add(exam, "store", "fail",
            "stop temd, copy its store folder away, and restore the newest good copy "
            "(docs/administrator.md, \"Back up\")",
            "%s is damaged: %s", path, why.text);
    else if (err)
        add_failed(exam, "store", err, &why);
    else
        add(exam, "store", "ok", NULL, "quick_check: ok, %" PRId64 " KiB in %" PRId64 " ms",
            size_of(path) / 1024, clock_mono_ms(&clock_system) - began_ms);
}

static void check_wal(struct exam *exam)
{
    char path[4096];
    snprintf(path, sizeof path, "%s-wal", store_path(exam->doctor->config->store));
    int64_t bytes = size_of(path);
    bool large = bytes > WAL_LARGE;
    add(exam, "store-log", large ? "warn" : "ok",
        large ? "end programs that have tem.db open (fuser -v tem.db), such as an sqlite3 or a "
                "backup that hangs"
              : NULL,
        "%" PRId64 " KiB not yet in the database", bytes / 1024);
}

/* Promise 6: in order of their labels, the newest spans of a job begin at 1, follow each other
 * without gap or overlap, and end at its quantity. */
static enum err check_sums(struct txn *txn, struct exam *exam, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why,
                  "SELECT count(*), sum(bad), min(CASE WHEN bad THEN id END), sum(quantity)"
                  " FROM (SELECT j.id AS id, j.quantity AS quantity,"
                  "  coalesce(sum(s.first <> s.before + 1), 1) > 0"
                  "  OR coalesce(max(s.last), 0) <> j.quantity AS bad"
                  "  FROM job AS j LEFT JOIN (SELECT job_id, first, last,"
                  "   lag(last, 1, 0) OVER (PARTITION BY job_id ORDER BY first) AS before"
                  "   FROM span WHERE newest = 1) AS s ON s.job_id = j.id"
                  "  WHERE j.accepted_ms IS NOT NULL GROUP BY j.id)",
                  "");
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && have) {
        int64_t bad = rows_int(rows, 1);
        if (bad)
            add(exam, "label-sums", "fail",
                "do not print on: keep a copy of the store folder and restore the newest good "
                "one (docs/administrator.md, \"Back up\")",
                "the labels of %" PRId64
                " jobs do not add up to what was ordered; the first is "
                "job %" PRId64,
                bad, rows_int(rows, 2));
        else
            add(exam, "label-sums", "ok", NULL,
                "each of %" PRId64 " labels of %" PRId64 " jobs has one state",
                rows_int(rows, 3), rows_int(rows, 0));
    }
    rows_end(rows);
    return err;
}

static enum err check_chunks(struct txn *txn, struct exam *exam, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT count(*), min(sent_ms), printer, job_id FROM chunk"
                             " WHERE state = 'sending'",
                             "");
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && have) {
        int64_t age_ms = rows_int(rows, 0) ? txn_now_ms(txn) - rows_int(rows, 1) : 0;
        const char *printer = rows_text(rows, 2);
        if (age_ms > SENDING_LONG)
            add(exam, "chunks", "warn",
                "look at the printer: tem printer status says what it waits for",
                "job %" PRId64 " has a chunk on its way to %s for %" PRId64 " min",
                rows_int(rows, 3), printer ? printer : "", age_ms / 60000);
        else
            add(exam, "chunks", "ok", NULL, "%" PRId64 " on their way", rows_int(rows, 0));
    }
    rows_end(rows);
    return err;
}

static enum err check_held(struct txn *txn, struct exam *exam, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT count(*), min(accepted_ms), id FROM job"
                             " WHERE state = 'held'",
                             "");
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && have) {
        int64_t count = rows_int(rows, 0);
        int64_t age_ms = count ? txn_now_ms(txn) - rows_int(rows, 1) : 0;
        bool old = age_ms > HELD_LONG;
        if (count)
            add(exam, "held-jobs", old ? "warn" : "ok",
                old ? "tem job NUMBER says what it waits for: resolve, release or cancel it"
                    : NULL,
                "%" PRId64 " jobs wait for a person; the oldest, job %" PRId64
                ", was accepted %" PRId64 " h ago",
                count, rows_int(rows, 2), age_ms / HOUR_MS);
        else
            add(exam, "held-jobs", "ok", NULL, "no job waits for a person");
    }
    rows_end(rows);
    return err;
}

static enum err check_doubt(struct txn *txn, struct exam *exam, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT coalesce(sum(last - first + 1), 0), min(job_id) FROM span"
                             " WHERE newest = 1 AND state = 'in_doubt'",
                             "");
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && have) {
        int64_t labels = rows_int(rows, 0);
        if (labels)
            add(exam, "doubt", "warn", "look at the roll, then: tem resolve NUMBER",
                "%" PRId64 " labels may exist or not; the first are of job %" PRId64, labels,
                rows_int(rows, 1));
        else
            add(exam, "doubt", "ok", NULL, "no label is in doubt");
    }
    rows_end(rows);
    return err;
}

static enum err check_series(struct txn *txn, struct exam *exam, struct why *why)
{
    json_t *list = NULL, *series, *scope;
    size_t i, k, low = 0;
    struct buf words = BUF_INIT(1024);
    enum err err = registry_list(txn, exam->doctor->config->registry, &list, why);
    if (err)
        return err;
    json_array_foreach(list, i, series)
    {
        json_array_foreach(json_object_get(series, "scopes"), k, scope)
        {
            if (json_is_true(json_object_get(scope, "low")) && low++ < 3)
                buf_printf(&words, "%s%.64s, scope \"%.64s\": %" JSON_INTEGER_FORMAT " left",
                           words.len ? "; " : "",
                           json_string_value(json_object_get(series, "name")),
                           json_string_value(json_object_get(scope, "scope")),
                           json_integer_value(json_object_get(scope, "left")));
        }
    }
    if (low)
        add(exam, "series", "warn",
            "open a new generation in time: another length or prefix in temd.yaml",
            "%zu scopes run low: %s", low, buf_text(&words));
    else
        add(exam, "series", "ok", NULL, "%zu series, none runs low", json_array_size(list));
    buf_free(&words);
    json_decref(list);
    return ERR_NONE;
}

/* How much there is is told beside it: both only ever grow. */
static enum err check_ledger(struct txn *txn, struct exam *exam, struct why *why)
{
    int64_t events = 0, last = 0, keys = 0;
    enum err err = sql_int(txn, &events, why, "SELECT count(*) FROM event", "");
    if (!err)
        err = sql_int(txn, &last, why, "SELECT coalesce(max(seq), 0) FROM event", "");
    if (!err)
        err = sql_int(txn, &keys, why, "SELECT count(*) FROM idempotency", "");
    if (err)
        return err;
    if (events == last)
        add(exam, "ledger", "ok", NULL,
            "%" PRId64 " events, none is missing; %" PRId64 " answers kept under their keys",
            events, keys);
    else
        add(exam, "ledger", "fail",
            "somebody changed the store by hand: keep a copy, restore the newest good one "
            "(docs/administrator.md, \"Back up\")",
            "%" PRId64 " events, but the last has number %" PRId64, events, last);
    return ERR_NONE;
}

/* What is on record and has not all left the store waits for a word, not for a clock. */
static enum err check_archives(struct txn *txn, struct exam *exam, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT count(*), coalesce(sum(jobs), 0),"
                             " min(CASE WHEN state = 'removing' THEN file END) FROM archive"
                             " WHERE state <> 'making'",
                             "");
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && have) {
        const char *left = rows_text(rows, 2);
        if (left)
            add(exam, "archives", "warn",
                "put the file into folders.archive if it is not there, then: tem archive "
                "finish",
                "rows of %s have not all left the store", left);
        else
            add(exam, "archives", "ok", NULL, "%" PRId64 " jobs in %" PRId64 " archives",
                rows_int(rows, 1), rows_int(rows, 0));
    }
    rows_end(rows);
    return err;
}

static enum err examine_rows(struct txn *txn, void *arg, struct why *why)
{
    static const struct {
        const char *name;
        enum err (*run)(struct txn *txn, struct exam *exam, struct why *why);
    } checks[] = {
        {"label-sums", check_sums},   {"chunks", check_chunks}, {"held-jobs", check_held},
        {"doubt", check_doubt},       {"series", check_series}, {"ledger", check_ledger},
        {"archives", check_archives},
    };
    struct exam *exam = arg;
    (void)why; /* each check's fault is a row */
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct why cause = {""};
        enum err err = checks[i].run(txn, exam, &cause);
        if (err)
            add_failed(exam, checks[i].name, err, &cause);
    }
    return ERR_NONE;
}

/* ---- when ----------------------------------------------------------------------------------
 */

static void *examine(void *arg)
{
    struct exam exam = {.doctor = arg, .checks = json_array()};
    struct doctor *doctor = exam.doctor;
    struct why why = {""};
    int64_t began_ms = clock_now_ms(&clock_system), began_mono = clock_mono_ms(&clock_system);
    check_store(&exam);
    check_wal(&exam);
    enum err err = store_read(doctor->config->store, examine_rows, &exam, &why);
    if (err)
        add_failed(&exam, "label-sums", err, &why);
    if (exam.no_memory)
        log_warn("the examination is incomplete: out of memory", NULL);
    pthread_mutex_lock(&doctor->lock);
    json_decref(doctor->checks);
    doctor->checks = exam.checks;
    doctor->began_ms = began_ms;
    doctor->ended_ms = clock_now_ms(&clock_system);
    doctor->began_mono_ms = began_mono;
    doctor->ended_mono_ms = clock_mono_ms(&clock_system);
    doctor->running = false;
    pthread_mutex_unlock(&doctor->lock);
    return NULL;
}

enum err doctor_new(const struct intake_config *config, struct doctor **out, struct why *why)
{
    struct doctor *doctor = calloc(1, sizeof *doctor);
    if (!doctor)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    doctor->config = config;
    pthread_mutex_init(&doctor->lock, NULL); /* never fails for a default mutex */
    *out = doctor;
    return ERR_NONE;
}

static void join(struct doctor *doctor)
{
    if (doctor->started)
        pthread_join(doctor->thread, NULL); /* our own thread: cannot fail */
    doctor->started = false;
}

void doctor_free(struct doctor *doctor)
{
    if (!doctor)
        return;
    atomic_store(&doctor->stop, true);
    join(doctor);
    json_decref(doctor->checks);
    pthread_mutex_destroy(&doctor->lock);
    free(doctor);
}

/* Under the lock. */
static bool is_fresh(const struct doctor *doctor)
{
    int64_t took_ms = doctor->ended_mono_ms - doctor->began_mono_ms;
    int64_t good_ms = took_ms * FRESH_TIMES > FRESH_MS ? took_ms * FRESH_TIMES : FRESH_MS;
    return doctor->checks && clock_mono_ms(&clock_system) - doctor->ended_mono_ms <= good_ms;
}

/* Under the lock, which is given back meanwhile: the thread that ended needs it no more. */
static enum err start(struct doctor *doctor, struct why *why)
{
    join(doctor);
    int error = pthread_create(&doctor->thread, NULL, examine, doctor);
    if (error)
        return err_errno(why, ERR_SYSTEM, error, "start the examination");
    doctor->started = doctor->running = true;
    return ERR_NONE;
}

enum step look_doctor(struct request *request)
{
    struct doctor *doctor = request->doctor;
    struct why why = {""};
    char began[CLOCK_ISO_SIZE], ended[CLOCK_ISO_SIZE];
    pthread_mutex_lock(&doctor->lock);
    bool running = doctor->running, fresh = !running && is_fresh(doctor);
    enum err err = running || fresh ? ERR_NONE : start(doctor, &why);
    json_t *json = json_pack("{sb sO? s{ss ss}}", "running", !fresh, "checks", doctor->checks,
                             "examined", "began_at", clock_iso(doctor->began_ms, began),
                             "ended_at", clock_iso(doctor->ended_ms, ended));
    pthread_mutex_unlock(&doctor->lock);
    if (!err)
        return request_json(request, fresh ? 200 : 202, json);
    json_decref(json);
    return request_problem(request, err, &why);
}
