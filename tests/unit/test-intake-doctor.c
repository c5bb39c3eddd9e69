/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/doctor: answered at once, the result comes from a thread; what a damaged promise
 * looks like; store_check() and its stop. */
#include "tests/unit/tap.h"

#include "tests/unit/intake-kit.h"

#define DOCTOR "/v1/doctor"
#define TRIES  1000

/* Asks until there is a result; the caller frees it. */
static struct reply examined(void)
{
    for (int i = 0; i < TRIES; i++) {
        struct reply reply = ask((struct ask){.method = "GET", .path = DOCTOR});
        if (reply.status != 202)
            return reply;
        reply_free(&reply);
        usleep(10000);
    }
    return (struct reply){0};
}

static const json_t *check_of(const struct reply *reply, const char *name)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(reply->json, "checks"), i, one)
    {
        if (strcmp(text_of(one, "name"), name) == 0)
            return one;
    }
    return NULL;
}

static void check_is(const char *name, const char *verdict, const char *words)
{
    struct reply reply = {0};
    const json_t *check = NULL;
    bool good = false;
    for (int i = 0; i < 50 && !good; i++) { /* a result is good for some time */
        reply_free(&reply);
        reply = examined();
        check = check_of(&reply, name);
        good = check && strcmp(text_of(check, "verdict"), verdict) == 0 &&
               strstr(text_of(check, "words"), words);
        if (!good)
            usleep(100000);
    }
    tap_ok(good && (strcmp(verdict, "ok") == 0) == (*text_of(check, "mend") == '\0'),
           "%s: %s, %s", name, verdict, words);
    show_if(!good, &reply);
    reply_free(&reply);
}

static enum err run_sql(struct txn *txn, void *arg, struct why *why)
{
    const char *const *which = arg;
    if (strcmp(*which, "gap") == 0)
        return sql_run(txn, why, "UPDATE job SET quantity = quantity + 1 WHERE id = 1", "");
    if (strcmp(*which, "no gap") == 0)
        return sql_run(txn, why, "UPDATE job SET quantity = quantity - 1 WHERE id = 1", "");
    if (strcmp(*which, "half archived") == 0)
        return sql_run(txn, why,
                       "INSERT INTO archive (state, file, sha256, person, made_ms)"
                       " VALUES ('removing', 'one', zeroblob (32), 'anna', 1)",
                       "");
    if (strcmp(*which, "archived") == 0)
        return sql_run(txn, why, "UPDATE archive SET state = 'done'", "");
    return sql_run(
        txn, why,
        "INSERT INTO meta (key, value) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
        " SELECT i + 1 FROM n WHERE i < 50000) SELECT 'row ' || i, hex(randomblob(50))"
        " FROM n",
        "");
}

static void run(const char *which)
{
    struct why why = {""};
    if (store_write(store, run_sql, &which, &why))
        printf("Bail out! %s\n", why.text);
}

static void test_answers(void)
{
    struct reply reply = ask((struct ask){.method = "GET", .path = DOCTOR});
    tap_ok(reply.status == 202 && json_is_true(json_object_get(reply.json, "running")) &&
               json_is_null(json_object_get(reply.json, "checks")),
           "the first is told that it is under way");
    show_if(reply.status != 202, &reply);
    reply_free(&reply);
    reply = examined();
    tap_ok(reply.status == 200 && json_is_false(json_object_get(reply.json, "running")) &&
               json_array_size(json_object_get(reply.json, "checks")) == 9,
           "then the result");
    show_if(reply.status != 200, &reply);
    reply_free(&reply);
    reply = ask((struct ask){.method = "POST", .path = DOCTOR});
    tap_is_int(reply.status, 405, "it is only looked at");
    reply_free(&reply);
    reply = ask((struct ask){.method = "GET", .path = DOCTOR "?x=1"});
    tap_is_int(reply.status, 400, "an unknown parameter");
    reply_free(&reply);
}

static void test_checks(void)
{
    check_is("label-sums", "ok", "0 labels of 0 jobs");
    struct reply reply =
        ask((struct ask){.method = "POST", .path = JOBS, .type = JSON, .body = PACK});
    tap_is_int(reply.status, 201, "a job of three labels");
    reply_free(&reply);
    check_is("label-sums", "ok", "each of 3 labels of 1 jobs");
    check_is("store", "ok", "quick_check: ok");
    check_is("ledger", "ok", "none is missing");
    check_is("archives", "ok", "0 jobs in 0 archives");
    run("half archived");
    check_is("archives", "warn", "rows of one have not all left");
    run("archived");
    check_is("archives", "ok", "0 jobs in 1 archives");
    run("gap");
    check_is("label-sums", "fail", "job 1");
    run("no gap");
    check_is("label-sums", "ok", "each of 3 labels");
}

static void test_store_check(void)
{
    struct why why = {""};
    atomic_bool stop = false;
    run("many rows");
    tap_is_int(store_check(store, &stop, &why), ERR_NONE, "a store that is whole");
    atomic_store(&stop, true);
    tap_is_int(store_check(store, &stop, &why), ERR_BUSY, "a check that is told to stop");
    tap_is_int(store_read(store, fixture_count_op,
                          &(struct fixture_count){.sql = "SELECT count(*) FROM meta"}, &why),
               ERR_NONE, "others read on");
}

/* temd stops while it examines itself: the thread is waited for. */
static void test_stop(void)
{
    struct reply reply = {.status = 200};
    for (int i = 0; i < TRIES && reply.status == 200; i++) {
        reply_free(&reply);
        reply = ask((struct ask){.method = "GET", .path = DOCTOR});
        usleep(10000);
    }
    tap_is_int(reply.status, 202, "an examination begins");
    reply_free(&reply);
    intake_stop(intake);
    intake = NULL;
    tap_ok(true, "and ends with the rest"); /* else store_close() would assert */
}

int main(void)
{
    begin_world();
    test_answers();
    test_checks();
    test_store_check();
    test_stop();
    end_world();
    return tap_done();
}
