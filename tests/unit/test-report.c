/* SPDX-License-Identifier: Apache-2.0 */
/* Every label and every number accounted for: stories whose figures were counted by hand, over
 * HTTP as people ask for them; samples; a new number in place of a damaged label. */
#include "tests/unit/intake-kit.h"

#include "spooler/intake/period.h"
#include "spooler/job/chunk.h"
#include "spooler/job/report.h"

/* ---- printing without a printer ---------------------------------------------------------- */

struct act {
    int64_t job;
    uint32_t most;
    struct chunk chunk;
    struct chunk_outcome outcome;
    uint64_t label;
    enum decision decision;
    const char *words;
};

static enum err send_chunk(struct txn *txn, void *arg, struct why *why)
{
    static const uint8_t root[32] = {7};
    struct act *act = arg;
    enum err err = chunk_next(txn, "line1", act->most, &act->chunk, why);
    if (!err)
        err = chunk_take_ids(txn, 1, &act->chunk.id, why);
    act->chunk.epoch = 1;
    return err ? err : chunk_send(txn, &act->chunk, root, why);
}

static enum err settle(struct txn *txn, void *arg, struct why *why)
{
    struct act *act = arg;
    return chunk_settle(txn, act->chunk.id, &act->outcome, why);
}

static enum err resolve(struct txn *txn, void *arg, struct why *why)
{
    struct act *act = arg;
    return job_resolve(txn, act->job, act->label, act->label, act->decision, "anna", act->words,
                       why);
}

static void must(store_op *op, struct act *act, const char *name)
{
    struct why why = {""};
    if (store_write(store, op, act, &why)) {
        printf("Bail out! %s: %s\n", name, why.text);
        exit(99);
    }
}

/* The next chunk of at most `most` labels; of `sent` of them `confirmed` are. */
static void print(uint32_t most, uint32_t sent, uint32_t confirmed)
{
    struct act act = {.most = most,
                      .outcome = {.ended_clean = true, .sent = sent, .confirmed = confirmed}};
    must(send_chunk, &act, "send");
    must(settle, &act, "settle");
}

static void decide(int64_t job, uint64_t label, enum decision decision, const char *words)
{
    struct act act = {.job = job, .label = label, .decision = decision, .words = words};
    must(resolve, &act, "resolve");
}

/* ---- asking ------------------------------------------------------------------------------ */

static int64_t new_job(const char *body)
{
    struct reply reply =
        ask((struct ask){.method = "POST", .path = JOBS, .type = JSON, .body = body});
    int64_t id = int_of(reply.json, "id");
    show_if(reply.status != 201, &reply);
    tap_is_int(reply.status, 201, "a job: %.60s", body);
    reply_free(&reply);
    return id;
}

static struct reply order(int64_t job, const char *action, const char *body)
{
    char path[80];
    snprintf(path, sizeof path, "/v1/jobs/%lld/%s", (long long)job, action);
    return ask((struct ask){.method = "POST", .path = path, .type = JSON, .body = body});
}

static void ordered(int64_t job, const char *action, const char *body, long status,
                    const char *name)
{
    struct reply reply = order(job, action, body);
    show_if(reply.status != status, &reply);
    tap_is_int(reply.status, status, "%s", name);
    reply_free(&reply);
}

static struct reply report(int64_t job, const char *accept)
{
    char path[80];
    snprintf(path, sizeof path, "/v1/jobs/%lld/report", (long long)job);
    return ask((struct ask){.method = "GET", .path = path, .header = accept});
}

/* "requested=10 printed=8 spoiled=1": what is not 0, then whether it adds up. */
static void is_equation(const struct reply *reply, const char *want, const char *name)
{
    char text[512] = "";
    size_t len = 0;
    const char *key;
    json_t *value, *equation = json_object_get(reply->json, "equation");
    json_object_foreach(equation, key, value)
    {
        if (json_integer_value(value) > 0)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s=%lld ", key,
                                    (long long)json_integer_value(value));
    }
    snprintf(text + len, sizeof text - len, "%s",
             json_is_true(json_object_get(equation, "adds_up")) ? "adds up" : "DOES NOT");
    tap_is_str(text, want, "%s", name);
}

/* ---- a job ------------------------------------------------------------------------------- */

/* Ten labels F00 to F09: 1 to 6 are printed, 2 and 3 again; of 7 to 9 one is confirmed, then 8
 * is found and 9 torn; 10 is cancelled. On paper: 1 to 9, and 2 and 3 a second time. */
static int64_t tell_story(void)
{
    int64_t job = new_job(FEW(
        "\"quantity\":10,\"reference\":\"PO-1\",\"data\":{\"product\":\"Thuốc & <nước>\"}"));
    print(6, 6, 6);
    ordered(job, "reprint", "{\"first\":2,\"last\":3,\"reason\":\"damaged\",\"words\":\"ướt\"}",
            201, "labels 2 and 3 once more");
    print(100, 2, 2);
    print(3, 3, 1);
    decide(job, 8, DECISION_PRINTED, "on the roll");
    decide(job, 9, DECISION_SPOILED, "torn, \"in two\"");
    ordered(job, "cancel", "{\"reason\":\"<script>alert(1)</script>\"}", 200,
            "the rest is cancelled");
    return job;
}

static void test_job_json(int64_t job)
{
    struct reply reply = report(job, NULL);
    json_t *paper = json_object_get(reply.json, "paper");
    json_t *runs = json_object_get(reply.json, "runs");
    tap_is_str(reply.type, "application/json", "JSON unless another form is asked for");
    is_equation(&reply, "printed=8 spoiled=1 unused=1 requested=10 sum=10 adds up",
                "ten labels");
    tap_is_int(int_of(paper, "labels"), 9, "nine labels are on paper");
    tap_is_int(int_of(paper, "reprints"), 2, "two of them twice");
    tap_is_int(int_of(paper, "sheets"), 11, "eleven sheets");
    tap_is_int(int_of(paper, "perhaps"), 0, "nothing is open");
    static const struct {
        int first, last, attempt, sheets;
        const char *state, *first_number, *last_number, *words;
    } want[] = {
        {1, 1, 1, 1, "printed", "F00", "F00", NULL},
        {2, 3, 2, 2, "printed", "F01", "F02", NULL},
        {4, 8, 1, 1, "printed", "F03", "F07", NULL},
        {9, 9, 1, 1, "spoiled", "F08", "F08", "torn, \"in two\""},
        {10, 10, 1, 0, "unused", "F09", "F09", "<script>alert(1)</script>"},
    };
    tap_is_int((long long)json_array_size(runs), 5, "five runs");
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        json_t *run = json_array_get(runs, i);
        json_t *numbers = json_array_get(json_object_get(run, "numbers"), 0);
        tap_ok(int_of(run, "first") == want[i].first && int_of(run, "last") == want[i].last &&
                   int_of(run, "attempt") == want[i].attempt,
               "run %d-%d", want[i].first, want[i].last);
        tap_is_int(int_of(run, "sheets"), want[i].sheets, "on so many sheets each");
        tap_is_str(text_of(run, "state"), want[i].state, "its state");
        tap_is_str(text_of(numbers, "first_number"), want[i].first_number, "its first number");
        tap_is_str(text_of(numbers, "last_number"), want[i].last_number, "its last number");
        tap_is_str(text_of(json_object_get(run, "because"), "words"), want[i].words, "and why");
    }
    json_t *reprint = json_array_get(json_object_get(reply.json, "reprints"), 0);
    tap_is_str(text_of(reprint, "reason"), "damaged", "the reprint's reason");
    tap_is_str(text_of(reprint, "words"), "ướt", "and words");
    tap_is_str(text_of(reprint, "person"), user, "and who ordered it");
    tap_is_str(text_of(json_object_get(reply.json, "data"), "product"), "Thuốc & <nước>",
               "what is on all labels");
    tap_is_str(text_of(reply.json, "closed_at"), "2026-03-01T08:00:00.000Z", "when it ended");
    reply_free(&reply);
}

static void test_job_csv(int64_t job)
{
    struct reply reply = report(job, "Accept: text/csv");
    char want[2048];
    snprintf(
        want, sizeof want,
        "job,template,first_label,last_label,labels,state,attempt,sheets,field,series,scope,"
        "first_counter,last_counter,first_number,last_number,at,by,words\r\n"
        "%lld,few,1,1,1,printed,1,1,number,few,,0,0,F00,F00,,,\r\n"
        "%lld,few,2,3,2,printed,2,2,number,few,,1,2,F01,F02,,,\r\n"
        "%lld,few,4,8,5,printed,1,1,number,few,,3,7,F03,F07,,,\r\n"
        "%lld,few,9,9,1,spoiled,1,1,number,few,,8,8,F08,F08,2026-03-01T08:00:00.000Z,anna,"
        "\"torn, \"\"in two\"\"\"\r\n"
        "%lld,few,10,10,1,unused,1,0,number,few,,9,9,F09,F09,2026-03-01T08:00:00.000Z,%s,"
        "<script>alert(1)</script>\r\n",
        (long long)job, (long long)job, (long long)job, (long long)job, (long long)job, user);
    tap_is_str(reply.type, "text/csv; charset=utf-8", "CSV");
    tap_is_str(reply.body, want, "as RFC 4180 has it");
    reply_free(&reply);
}

static void test_job_html(int64_t job)
{
    struct reply reply =
        report(job, "Accept: text/html,application/xhtml+xml,application/json;q=0.9");
    tap_is_str(reply.type, "text/html; charset=utf-8", "what a browser asks for");
    static const struct {
        const char *text;
        bool there;
    } rows[] = {{"<title>Job ", true},
                {"All 10 labels are accounted for.", true},
                {"Prepared by", true},
                {"Checked by", true},
                {"&lt;script&gt;alert(1)&lt;/script&gt;", true},
                {"Thuốc &amp; &lt;nước&gt;", true},
                {"torn, &quot;in two&quot;", true},
                {"2026-03-01 15:00:00 +07:00", true}, /* the site's time */
                {"<script", false},
                {"<nước", false},
                {"http", true}, /* only the CSP's http-equiv: nothing is fetched */
                {"src=", false},
                {"href=", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tap_ok((reply.body && strstr(reply.body, rows[i].text) != NULL) == rows[i].there,
               "%s %s", rows[i].text, rows[i].there ? "is there" : "is not there");
    const char *http = reply.body ? strstr(reply.body, "http") : NULL;
    tap_ok(http && strncmp(http, "http-equiv", 10) == 0 && !strstr(http + 1, "http"),
           "no address on the page");
    reply_free(&reply);
}

static void test_open_job(void)
{
    int64_t job = new_job(FEW("\"quantity\":5,\"data\":{\"product\":\"A\"}"));
    print(3, 3, 2); /* 1 and 2 printed, 3 in doubt, 4 and 5 to come */
    struct reply reply = report(job, NULL);
    is_equation(&reply, "reserved=2 printed=2 in_doubt=1 requested=5 sum=5 adds up",
                "a job on its way");
    tap_is_int(int_of(json_object_get(reply.json, "paper"), "perhaps"), 1,
               "the one in doubt may be on paper");
    tap_ok(json_is_null(json_object_get(reply.json, "closed_at")), "not ended");
    reply_free(&reply);
    decide(job, 3, DECISION_ABSENT, "never came out");
    print(100, 1, 1); /* its second attempt, which is a chunk of its own */
    print(100, 2, 2);
    reply = report(job, NULL);
    is_equation(&reply, "printed=5 requested=5 sum=5 adds up", "and at its end");
    tap_is_int(int_of(json_object_get(reply.json, "paper"), "sheets"), 5,
               "an attempt that does not exist is no sheet");
    reply_free(&reply);
    reply = report(999, NULL);
    tap_is_int(reply.status, 404, "no such job");
    reply_free(&reply);
}

/* Numbers that the store lost: the report says so instead of adding up the rest. */
static enum err lose_segment(struct txn *txn, void *arg, struct why *why)
{
    return sql_run(txn, why, "UPDATE segment SET last = last - 1 WHERE job_id = ?1", "i",
                   *(int64_t *)arg);
}

static void test_hole(void)
{
    int64_t job = new_job(FEW("\"quantity\":3,\"data\":{\"product\":\"A\"}"));
    print(100, 3, 3);
    store_write(store, lose_segment, &job, NULL);
    struct reply reply = report(job, NULL);
    is_equation(&reply, "printed=3 requested=3 sum=3 DOES NOT", "a label without its number");
    reply_free(&reply);
    reply = report(job, "Accept: text/html");
    tap_ok(reply.body && strstr(reply.body, "NOT ACCOUNTED FOR"),
           "in large letters on the page");
    reply_free(&reply);
    reply = ask((struct ask){.method = "GET", .path = "/v1/series/few/report"});
    json_t *sums = json_object_get(reply.json, "sums");
    tap_is_int(int_of(sums, "unexplained"), 1, "the number is missed in its series");
    tap_ok(json_is_false(json_object_get(sums, "adds_up")), "which does not add up");
    reply_free(&reply);
}

/* ---- samples ----------------------------------------------------------------------------- */

static void test_sample(void)
{
    static const struct {
        const char *name, *body;
        long status;
        const char *code;
    } rows[] = {
        {"of two labels", FEW("\"sample\":true,\"quantity\":2,\"data\":{\"product\":\"A\"}"),
         400, "sample-quantity"},
        {"of two rows", FEW("\"sample\":true,\"data\":{\"product\":\"A\"},\"items\":[{},{}]"),
         400, "sample-quantity"},
        {"maybe", FEW("\"sample\":\"yes\",\"data\":{\"product\":\"A\"}"), 400, "wrong-type"},
        {"of one", FEW("\"sample\":true,\"quantity\":1,\"data\":{\"product\":\"A\"}"), 201,
         NULL},
        {"without a quantity", FEW("\"sample\":true,\"data\":{\"product\":\"A\"}"), 201, NULL},
        {"no sample without a quantity", FEW("\"sample\":false,\"data\":{\"product\":\"A\"}"),
         400, "bad-quantity"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct counts before = count_all();
        struct reply reply = ask(
            (struct ask){.method = "POST", .path = JOBS, .type = JSON, .body = rows[i].body});
        json_t *finding = json_array_get(json_object_get(reply.json, "findings"), 0);
        show_if(reply.status != rows[i].status, &reply);
        tap_is_int(reply.status, rows[i].status, "sample: %s", rows[i].name);
        tap_is_str(text_of(finding, "code"), rows[i].code, "%s: code", rows[i].name);
        if (rows[i].status == 201) {
            tap_ok(json_is_true(json_object_get(reply.json, "sample")), "the job says so");
            print(100, 1, 1);
            struct reply told = report(int_of(reply.json, "id"), NULL);
            is_equation(&told, "spoiled=1 requested=1 sum=1 adds up", "its number is void");
            tap_is_int(int_of(json_object_get(told.json, "paper"), "sheets"), 1,
                       "on one sheet");
            reply_free(&told);
        } else
            tap_ok(same_counts(before, count_all()), "%s: nothing changed", rows[i].name);
        reply_free(&reply);
    }
}

/* ---- a new number ------------------------------------------------------------------------ */

#define ANEW                                                                                   \
    "{\"template\":\"anew\",\"printer\":\"line1\",\"items\":[{\"data\":{\"product\":\"A\"}},"  \
    "{\"data\":{\"product\":\"B\"}},{\"data\":{\"product\":\"C\"}}]}"
#define AGAIN "{\"first\":2,\"reason\":\"damaged\",\"words\":\"torn\"}"

static void replaced(int64_t job)
{
    struct reply reply = order(job, "reprint", AGAIN), told;
    json_t *made = json_object_get(reply.json, "job");
    int64_t by_job = int_of(made, "id");
    show_if(reply.status != 201, &reply);
    tap_is_int(reply.status, 201, "label 2 gets a new number");
    tap_is_str(text_of(reply.json, "kind"), "replacement", "kind");
    tap_is_int(int_of(json_object_get(made, "replaces"), "job"), job, "the new job replaces");
    tap_is_int(int_of(json_object_get(made, "replaces"), "label"), 2, "label 2");
    tap_is_int(int_of(made, "quantity"), 1, "by one label");
    print(100, 1, 1);
    told = report(by_job, NULL);
    tap_is_str(text_of(json_object_get(told.json, "data"), "product"), "B",
               "with the same data");
    is_equation(&told, "printed=1 requested=1 sum=1 adds up", "printed");
    reply_free(&told);
    told = report(job, NULL);
    is_equation(&told, "printed=2 spoiled=1 requested=3 sum=3 adds up", "the old one is void");
    json_t *entry = json_array_get(json_object_get(told.json, "replaced"), 0);
    tap_is_int(int_of(entry, "label"), 2, "the old job's report names the label");
    tap_is_int(int_of(entry, "by_job"), by_job, "and the job");
    tap_is_str(text_of(json_object_get(json_array_get(json_object_get(told.json, "runs"), 1),
                                       "because"),
                       "words"),
               "damaged: torn", "and why");
    reply_free(&told);
    reply_free(&reply);
}

static enum err use_up(struct txn *txn, void *arg, struct why *why)
{
    (void)arg;
    return sql_run(txn, why,
                   "UPDATE scope SET next = 100 WHERE generation_id ="
                   " (SELECT id FROM generation WHERE series = 'few')",
                   "");
}

static void test_replacement(void)
{
    static const struct {
        const char *name, *body;
        long status;
    } refused[] = {
        {"two labels", "{\"first\":1,\"last\":2,\"reason\":\"damaged\"}", 400},
        {"a reason that is not configured", "{\"first\":1,\"reason\":\"boredom\"}", 400},
        {"no such label", "{\"first\":4,\"reason\":\"damaged\"}", 400},
        {"a label that is void already", AGAIN, 409},
    };
    int64_t job = new_job(ANEW);
    ordered(job, "reprint", AGAIN, 409, "not while it is not printed");
    print(100, 3, 3);
    replaced(job);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct counts before = count_all();
        ordered(job, "reprint", refused[i].body, refused[i].status, refused[i].name);
        tap_ok(same_counts(before, count_all()), "%s: nothing changed", refused[i].name);
    }
    int64_t never = new_job("{\"template\":\"never\",\"printer\":\"line1\",\"quantity\":1}");
    print(100, 1, 1);
    ordered(never, "reprint", "{\"first\":1,\"reason\":\"lost\"}", 400,
            "the template says never");
    store_write(store, use_up, NULL, NULL);
    struct counts before = count_all();
    ordered(job, "reprint", "{\"first\":3,\"reason\":\"lost\"}", 409, "no number is left");
    tap_ok(same_counts(before, count_all()), "and the old label is not void either");
}

static struct reply approve(int64_t id, const char *person)
{
    char path[80], body[80];
    snprintf(path, sizeof path, "/v1/reprints/%lld/approve", (long long)id);
    snprintf(body, sizeof body, "{\"person\":\"%s\"}", person);
    return ask((struct ask){.method = "POST", .path = path, .type = JSON, .body = body});
}

/* One label of `job` is ordered, and agreed to by a second person: the job that replaces it. */
static int64_t replaced_by_two(int64_t job, const char *body)
{
    struct reply reply = order(job, "reprint", body), agreed;
    int64_t id = int_of(reply.json, "id");
    show_if(reply.status != 201, &reply);
    tap_is_int(reply.status, 201, "a new number is ordered");
    tap_is_str(text_of(reply.json, "kind"), "reprint", "as an order");
    tap_is_str(text_of(reply.json, "number"), "new", "for a new number");
    tap_is_str(text_of(reply.json, "state"), "waiting", "which waits for a second person");
    reply_free(&reply);
    ordered(job, "reprint", body, 409, "and not twice");
    agreed = approve(id, user);
    tap_is_int(agreed.status, 403, "who ordered it cannot agree");
    reply_free(&agreed);
    agreed = approve(id, "binh");
    show_if(agreed.status != 200, &agreed);
    tap_is_int(agreed.status, 200, "another one can");
    tap_is_str(text_of(agreed.json, "kind"), "replacement", "and that replaces the label");
    int64_t made = int_of(json_object_get(agreed.json, "job"), "id");
    reply_free(&agreed);
    agreed = approve(id, "binh");
    tap_is_int(agreed.status, 409, "once");
    reply_free(&agreed);
    return made;
}

/* The policy's approver and limit are for new numbers as well. */
static void test_replacement_policy(void)
{
    int64_t job = new_job("{\"template\":\"duo\",\"printer\":\"line1\",\"items\":["
                          "{\"data\":{\"product\":\"A\"}},{\"data\":{\"product\":\"B\"}}]}");
    ordered(job, "reprint", AGAIN, 409, "not while it is not printed");
    print(100, 2, 2);
    int64_t second = replaced_by_two(job, AGAIN);
    struct reply told = report(job, NULL);
    is_equation(&told, "printed=1 spoiled=1 requested=2 sum=2 adds up", "void when agreed to");
    json_t *entry = json_array_get(json_object_get(told.json, "reprints"), 0);
    tap_is_str(text_of(entry, "state"), "done", "the order is done");
    tap_is_str(text_of(entry, "person"), user, "who ordered it");
    tap_ok(strncmp(text_of(entry, "approver"), "binh", 4) == 0, "who agreed");
    tap_is_int(int_of(entry, "by_job"), second, "and the job that replaces the label");
    reply_free(&told);
    print(100, 1, 1);
    int64_t third = replaced_by_two(second, "{\"first\":1,\"reason\":\"damaged\"}");
    print(100, 1, 1);
    struct reply reply = order(third, "reprint", "{\"first\":1,\"reason\":\"damaged\"}");
    tap_is_int(reply.status, 409, "the limit of two new numbers in one place is reached");
    tap_ok(strstr(text_of(reply.json, "detail"), "2") != NULL, "and named");
    reply_free(&reply);
    told = report(third, NULL);
    is_equation(&told, "printed=1 requested=1 sum=1 adds up", "the last one stays good");
    reply_free(&told);
    reply = order(job, "reprint", "{\"first\":1,\"reason\":\"lost\"}");
    tap_is_int(reply.status, 201, "a label that waits for a second person");
    told = report(job, NULL);
    is_equation(&told, "printed=1 spoiled=1 requested=2 sum=2 adds up", "is not void yet");
    decide(job, 1, DECISION_SPOILED, "torn");
    struct reply late = approve(int_of(reply.json, "id"), "binh");
    tap_is_int(late.status, 409, "nor replaced when it is void meanwhile");
    reply_free(&late);
    reply_free(&told);
    reply_free(&reply);
}

/* ---- numbers of a series ----------------------------------------------------------------- */

static struct store *numbers_store;
static struct registry *numbers;

static void open_numbers(uint64_t last_used)
{
    struct why why = {""};
    const struct series_config config = {
        .name = "s",
        .format = {.kind = NUMBER_SEQUENTIAL, .alphabet = "0123456789", .length = 4},
        .last_used = last_used,
        .has_last_used = true};
    registry_free(numbers);
    if (registry_open(numbers_store, &config, 1, fixture_path("keys2"), &random_system, NULL,
                      &numbers, &why)) {
        printf("Bail out! %s\n", why.text);
        exit(99);
    }
}

struct made {
    uint64_t labels;
    int64_t at_ms, id;
};

static enum err make_job(struct txn *txn, void *arg, struct why *why)
{
    static const uint8_t hash[32] = {1};
    struct made *made = arg;
    struct job_new job = {.template_hash = hash,
                          .template_name = "t",
                          .template_body = "yaml",
                          .template_len = 4,
                          .pieces = 1,
                          .close_at = "printed",
                          .on_doubt = "hold",
                          .printer = "p",
                          .caller = "unix:test"};
    struct segment_plan plan = {.first = 1, .last = made->labels, .series = "s", .scope = "A"};
    enum err err = job_stage(txn, &job, &made->id, why);
    if (!err)
        err = job_accept(txn, numbers, made->id, made->labels, &plan, 1, why);
    return err ? err
               : sql_run(txn, why, "UPDATE job SET accepted_ms = ?2 WHERE id = ?1", "ii",
                         made->id, made->at_ms);
}

static int64_t job_at(uint64_t labels, int64_t at_ms)
{
    struct made made = {.labels = labels, .at_ms = at_ms};
    struct why why = {""};
    if (store_write(numbers_store, make_job, &made, &why))
        printf("# %s\n", why.text);
    return made.id;
}

static enum err run_sql(struct txn *txn, void *arg, struct why *why)
{
    (void)why;
    const int *which = arg;
    switch (*which) { /* statements are literals */
    case 0:
        return sql_run(txn, why, "UPDATE scope SET next = next + 4", "");
    case 1:
        return sql_run(txn, why, "UPDATE scope SET next = next + 1", "");
    case 2:
        return sql_run(txn, why, "UPDATE job SET accepted_ms = 9000 WHERE id = 2", "");
    default:
        return sql_run(txn, why, "UPDATE segment SET range_first = 21 WHERE job_id = 3", "");
    }
}

static void change(int which)
{
    if (store_write(numbers_store, run_sql, &which, NULL))
        printf("# statement %d failed\n", which);
}

struct asked {
    struct period period;
    char text[512];
    size_t len;
    struct scope_account account;
};

static enum err spell_piece(void *arg, const struct piece *piece, struct why *why)
{
    struct asked *asked = arg;
    (void)why;
    asked->len +=
        (size_t)snprintf(asked->text + asked->len, sizeof asked->text - asked->len,
                         "%s%s %llu-%llu", asked->len ? ", " : "", piece_kind_name(piece->kind),
                         (unsigned long long)piece->first, (unsigned long long)piece->last);
    return ERR_NONE;
}

static struct asked *asking_now;
static struct txn *asking_txn;

static enum err spell_scope(void *arg, const struct scope_ref *scope, struct why *why)
{
    (void)arg;
    return scope_account(asking_txn, scope, &asking_now->period, 1000000, spell_piece,
                         asking_now, &asking_now->account, why);
}

static enum err spell_all(struct txn *txn, void *arg, struct why *why)
{
    asking_now = arg;
    asking_txn = txn;
    enum err err = period_find(txn, &asking_now->period, why);
    if (!err)
        err = registry_scopes(txn, numbers, spell_scope, NULL, why);
    period_free(&asking_now->period);
    return err;
}

/* Pieces as text; and they cover first to last, each counter once. */
static void is_pieces(int64_t from_ms, int64_t to_ms, const char *want, uint64_t others,
                      const char *name)
{
    struct asked asked = {.period = {.from_ms = from_ms, .to_ms = to_ms}};
    tap_is_int(store_read(numbers_store, spell_all, &asked, NULL), ERR_NONE, "%s", name);
    tap_is_str(asked.text, want, "%s: pieces", name);
    const struct scope_account *account = &asked.account;
    tap_is_int((long long)account->others, (long long)others, "%s: of other periods", name);
    tap_is_int((long long)(account->sums[PIECE_RANGE] + account->sums[PIECE_SKIPPED] +
                           account->sums[PIECE_MISSING] + account->others -
                           account->sums[PIECE_DOUBLE]),
               (long long)(account->last - account->first + 1), "%s: each counter once", name);
}

/* 0-4 were an older system's; a job has 5-9; last_used 19 skips 10-19; a job has 20-22; 23-26
 * are lost; a job has 27-28. */
static void test_scope(void)
{
    const int64_t start = INT64_MIN, end = INT64_MAX;
    if (mkdir(fixture_path("keys2"), 0700) != 0)
        abort();
    numbers_store = fixture_open(fixture_path("numbers"));
    open_numbers(4);
    job_at(5, 1000);
    open_numbers(19);
    job_at(3, 2000);
    is_pieces(start, end, "skipped 0-4, range 5-9, skipped 10-19, range 20-22", 0, "explained");
    change(0);
    job_at(2, 3000);
    is_pieces(
        start, end,
        "skipped 0-4, range 5-9, skipped 10-19, range 20-22, unexplained 23-26, range 27-28", 0,
        "a hole");
    is_pieces(start, 2000, "skipped 0-4, range 5-9", 0, "the first period");
    is_pieces(2000, 3000, "skipped 10-19, range 20-22", 0, "the second");
    is_pieces(3000, end, "unexplained 23-26, range 27-28", 0, "the one that is not over");
    is_pieces(2500, 2600, "", 0, "one without jobs");
    change(1);
    is_pieces(3000, end, "unexplained 23-26, range 27-28, unexplained 29-29", 0,
              "and what was lost behind it");
    is_pieces(3000, 4000, "unexplained 23-26, range 27-28", 0, "which is not of a past period");
    change(2);
    is_pieces(1000, 4000, "skipped 0-4, range 5-9, unexplained 23-26, range 27-28", 13,
              "a job of another period between");
    change(3);
    is_pieces(start, end,
              "skipped 0-4, range 5-9, skipped 10-19, range 20-22, range 21-22,"
              " double 21-22, unexplained 23-29",
              0, "two jobs with one number");
    registry_free(numbers);
    store_close(numbers_store);
}

static void test_series_http(void)
{
    static const struct {
        const char *path;
        long status;
    } rows[] = {{"/v1/series/few/report", 200},
                {"/v1/series/few/report?from=2026-03-01&to=2026-03-01", 200},
                {"/v1/series/few/report?scope=nobody", 200},
                {"/v1/series/fex/report", 404},
                {"/v1/series/few/report?from=2026-02-30", 400},
                {"/v1/series/few/report?from=2026-03-02&to=2026-03-01", 400},
                {"/v1/series/few/report?form=csv", 400},
                {"/v1/series//report", 404},
                {"/v1/series/a/b/report", 404}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reply reply = ask((struct ask){.method = "GET", .path = rows[i].path});
        show_if(reply.status != rows[i].status, &reply);
        tap_is_int(reply.status, rows[i].status, "%s", rows[i].path);
        reply_free(&reply);
    }
    struct reply reply = ask((struct ask){
        .method = "GET", .path = "/v1/series/few/report", .header = "Accept: text/csv"});
    tap_ok(reply.body && strncmp(reply.body, "series,scope,generation,kind,job,", 33) == 0,
           "as CSV");
    reply_free(&reply);
}

/* ---- times ------------------------------------------------------------------------------- */

/* Milliseconds from Python's datetime. */
static void test_period(void)
{
    static const struct {
        const char *text;
        bool end;
        int64_t want; /* -1 = no such time */
    } rows[] = {
        {"2026-03-01", false, 1772298000000},
        {"2026-03-01", true, 1772384400000},
        {"2026-03-01T08:00", false, 1772326800000},
        {"2026-03-01 08:00:30", true, 1772326830000},
        {"2026-03-01T08:00:00.250Z", false, 1772352000250},
        {"2026-03-01T08:00:00-05:30", false, 1772371800000},
        {"2024-02-29Z", false, 1709164800000},
        {"1970-01-01Z", false, 0},
        {"2100-02-28Z", true, 4107542400000},
        {"2026-02-29", false, -1},
        {"2100-02-29", false, -1},
        {"2026-3-1", false, -1},
        {"2026-03-01T24:00", false, -1},
        {"2026-03-01T", false, -1},
        {"2026-03-01T08:00+0700", false, -1},
        {"2026-03-01x", false, -1},
        {"", false, -1},
    };
    char text[PERIOD_TEXT];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = -1;
        bool good = period_parse(rows[i].text, 420, rows[i].end, &ms);
        tap_is_int(ms, rows[i].want, "\"%s\"%s", rows[i].text, rows[i].end ? " as an end" : "");
        tap_ok(good == (rows[i].want >= 0), "is %s time", good ? "a" : "no");
    }
    tap_is_str(period_local(1772352000000, 420, text), "2026-03-01 15:00:00 +07:00",
               "local time");
    tap_is_str(period_local(1772352000000, -210, text), "2026-03-01 04:30:00 -03:30", "west");
}

int main(void)
{
    begin_world();
    int64_t job = tell_story();
    test_job_json(job);
    test_job_csv(job);
    test_job_html(job);
    test_open_job();
    test_hole();
    test_sample();
    test_series_http();
    test_replacement_policy();
    test_replacement();
    test_scope();
    test_period();
    end_world();
    return tap_done();
}
