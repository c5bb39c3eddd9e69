/* SPDX-License-Identifier: Apache-2.0 */
/* How the HTTP interface behaves: idempotency, many clients at once, clients that go away or
 * are slow, limits, people's orders, lookups, a full disk, start and stop. */
#include "spooler/base/durable.h"
#include "spooler/job/chunk.h"
#include "tests/unit/intake-kit.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

#define SENT(n) "{\"template\":\"sent\",\"printer\":\"line1\",\"quantity\":" #n "}"

static struct reply post(const char *path, const char *body, const char *key)
{
    return ask(
        (struct ask){.method = "POST", .path = path, .type = JSON, .body = body, .key = key});
}

static struct reply get(const char *path)
{
    return ask((struct ask){.method = "GET", .path = path});
}

static bool is_status(struct reply *reply, long want, const char *name)
{
    bool good = tap_is_int(reply->status, want, "%s", name);
    show_if(!good, reply);
    return good;
}

static void expect(struct reply reply, long want, const char *name)
{
    is_status(&reply, want, name);
    reply_free(&reply);
}

/* ---- idempotency (promise 8) --------------------------------------------------------------
 */

static void test_replay(void)
{
    struct reply first = post(JOBS, PACK, "key-1");
    struct counts before = count_all();
    struct reply again = post(JOBS, PACK, "key-1");
    tap_ok(first.status == 201 && *first.replayed == '\0',
           "a key's first request is carried out");
    tap_ok(again.status == 201 && strcmp(first.body, again.body) == 0,
           "the same answer, byte for byte");
    tap_is_str(again.replayed, "true", "Idempotent-Replayed");
    tap_is_str(again.location, first.location, "Location, replayed");
    tap_ok(same_counts(before, count_all()), "a replay changes nothing");
    reply_free(&first);
    reply_free(&again);
}

/* Anything else about the request makes it another one. */
static const struct {
    const char *name, *path, *type, *body;
} others[] = {
    {"body", JOBS, JSON, PACK " "},
    {"content type", JOBS, "application/json; charset=utf-8", PACK},
    {"path", "/v1/jobs/1/hold", JSON, "{}"},
    {"everything", CSV_FEW, "text/csv", "product\na\n"},
};

static void test_conflict(void)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct counts before = count_all();
        struct reply reply = ask((struct ask){.method = "POST",
                                              .path = others[i].path,
                                              .type = others[i].type,
                                              .body = others[i].body,
                                              .key = "key-1"});
        tap_is_int(reply.status, 409, "same key, other %s: 409", others[i].name);
        tap_ok(same_counts(before, count_all()), "same key, other %s: nothing changed",
               others[i].name);
        reply_free(&reply);
    }
    struct ask csv = {.method = "POST",
                      .path = CSV_FEW,
                      .type = "text/csv",
                      .body = "product\na\n",
                      .key = "key-csv"};
    expect(ask(csv), 201, "a key with a CSV");
    csv.path = CSV_FEW "&reference=x";
    expect(ask(csv), 409, "same key, same body, other query: 409");
    struct reply other = ask((struct ask){.method = "POST",
                                          .path = JOBS,
                                          .type = JSON,
                                          .body = PACK,
                                          .key = "key-1",
                                          .tcp = true});
    tap_ok(other.status == 201 && *other.replayed == '\0',
           "another caller's key is another key");
    reply_free(&other);
}

static void test_keys(void)
{
    char longest[257];
    memset(longest, 'k', 256);
    longest[256] = '\0';
    expect(post(JOBS, PACK, longest), 400, "a key of 256 characters is refused");
    longest[255] = '\0';
    expect(post(JOBS, PACK, longest), 201, "a key of 255 characters is taken");
    expect(post(JOBS, PACK, "a b"), 400, "a key with a blank is refused");
    expect(post(JOBS, "{", "key-2"), 400, "a request that fails");
    expect(post(JOBS, PACK, "key-2"), 201, "does not use its key up");
}

/* Rows for as many pages as one wants, from a counter. */
struct rows_source {
    uint64_t next, last;
    const char *head;
    size_t cut_at; /* fail after so many bytes; 0 = never */
    size_t sent;
    unsigned delay_us;
};

static size_t read_rows(char *out, size_t size, size_t count, void *arg)
{
    struct rows_source *rows = arg;
    size_t room = size * count, used = 0;
    if (rows->cut_at && rows->sent >= rows->cut_at)
        return CURL_READFUNC_ABORT;
    if (rows->next == 0) {
        used = (size_t)snprintf(out, room, "%s", rows->head);
        rows->next = 1;
    }
    while (used + 200 < room && rows->next <= rows->last) {
        used += (size_t)snprintf(out + used, room - used, "%08llu and %08llu some name,N%llu\n",
                                 (unsigned long long)(rows->next * 7919),
                                 (unsigned long long)(rows->next * 104729),
                                 (unsigned long long)rows->next);
        rows->next++;
        if (rows->delay_us)
            break;
    }
    if (rows->delay_us)
        usleep(rows->delay_us);
    rows->sent += used;
    return used;
}

#define CSV_SENT JOBS "?template=wide&printer=line1"

static struct reply post_rows(struct rows_source *rows, const char *key)
{
    return ask((struct ask){.method = "POST",
                            .path = CSV_SENT,
                            .type = "text/csv",
                            .read = read_rows,
                            .read_arg = rows,
                            .key = key});
}

static long rss_kb(void)
{
    char text[128] = "";
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0, resident = 0;
    if (file && fgets(text, sizeof text, file))
        sscanf(text, "%ld %ld", &pages, &resident);
    if (file)
        fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* The body has 7 MB; what grows is SQLite's cache. */
static void test_large(void)
{
    uint64_t rows = SANITIZED ? 20000 : 100000;
    struct rows_source source = {.last = rows, .head = "product,note\n"};
    long before_kb = rss_kb();
    struct reply reply = post_rows(&source, "large");
    long grown_kb = rss_kb() - before_kb;
    tap_ok(is_status(&reply, 201, "a large CSV") &&
               int_of(reply.json, "quantity") == (int64_t)rows,
           "all of its rows are labels");
    int64_t job = int_of(reply.json, "id");
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM page WHERE job_id = %lld", (long long)job);
    tap_ok(fixture_read_int(store, sql) >= (SANITIZED ? 10 : 50),
           "it was staged in many pages");
    if (SANITIZED)
        tap_skip("memory is not measured under a sanitizer");
    else
        tap_ok(grown_kb < 5 * 1024, "memory stays bounded: %ld KiB more", grown_kb);
    struct counts before = count_all();
    struct rows_source same = {.last = rows, .head = "product,note\n"};
    struct reply again = post_rows(&same, "large");
    tap_ok(again.status == 201 && strcmp(again.replayed, "true") == 0 &&
               strcmp(again.body, reply.body) == 0,
           "its repetition, staged again, is a replay");
    tap_ok(same_counts(before, count_all()), "and leaves nothing staged");
    struct rows_source other = {.last = rows - 1, .head = "product,note\n"};
    expect(post_rows(&other, "large"), 409, "another large CSV under its key: 409");
    tap_ok(same_counts(before, count_all()), "and leaves nothing staged, either");
    reply_free(&reply);
    reply_free(&again);
}

/* A fault in the last row of many pages. */
/* More items than are drawn in one turn; in the second list the last one is at fault. */
static void test_many_items(void)
{
    static const struct {
        int last_quantity;
        long want;
        const char *says;
    } lists[] = {{1, 201, "\"quantity\":300"}, {0, 400, "items[299].quantity"}};
    for (size_t n = 0; n < sizeof lists / sizeof lists[0]; n++) {
        char body[JSON_MAX];
        size_t at = (size_t)snprintf(
            body, sizeof body, "{\"template\":\"sent\",\"printer\":\"line1\",\"items\":[");
        for (int i = 0; i < 299; i++)
            at += (size_t)snprintf(body + at, sizeof body - at, "{\"quantity\":1},");
        snprintf(body + at, sizeof body - at, "{\"quantity\":%d}]}", lists[n].last_quantity);
        struct reply reply =
            ask((struct ask){.method = "POST", .path = JOBS, .type = JSON, .body = body});
        tap_ok(reply.status == lists[n].want && strstr(reply.body, lists[n].says),
               "300 items: %ld, %s", reply.status, lists[n].says);
        reply_free(&reply);
    }
}

static void test_large_refused(void)
{
    struct counts before = count_all();
    struct rows_source source = {.last = 8000, .head = "product,nota\n"};
    expect(post_rows(&source, NULL), 400, "a large CSV with an unknown column");
    tap_ok(same_counts(before, count_all()), "leaves nothing");
}

static bool eventually_same(struct counts want)
{
    for (int i = 0; i < 200; i++) {
        if (same_counts(want, count_all()))
            return true;
        usleep(10000);
    }
    return false;
}

static void test_gone(void)
{
    struct counts before = count_all();
    struct rows_source source = {.last = 100000, .head = "product,note\n", .cut_at = 800000};
    struct reply reply = post_rows(&source, NULL);
    tap_is_int(reply.status, -CURLE_ABORTED_BY_CALLBACK, "a client that goes away in its CSV");
    tap_ok(eventually_same(before), "leaves nothing, not even staged rows");
    reply_free(&reply);
}

/* ---- limits ------------------------------------------------------------------------------ */

static void test_limits(void)
{
    char *body = malloc(JSON_MAX + 2);
    if (!body)
        abort();
    memset(body, ' ', JSON_MAX + 1);
    memcpy(body, SENT(1), strlen(SENT(1)));
    body[JSON_MAX + 1] = '\0';
    struct counts before = count_all();
    struct ask large = {
        .method = "POST", .path = JOBS, .type = JSON, .body = body, .len = JSON_MAX + 1};
    expect(ask(large), 413, "a body over the limit");
    large.chunked = true;
    expect(ask(large), 413, "a body over the limit that does not say its length");
    tap_ok(same_counts(before, count_all()), "changes nothing");
    large.len = JSON_MAX;
    expect(ask(large), 201, "a body of exactly the limit");
    free(body);
}

/* A raw conversation over the Unix socket or TCP; returns the answer's first bytes. */
static size_t converse(bool tcp, const char *text, char *out, size_t size)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(intake_port(intake)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    snprintf(name.sun_path, sizeof name.sun_path, "%s", socket_path);
    int fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
    int result = tcp ? connect(fd, (struct sockaddr *)&address, sizeof address)
                     : connect(fd, (struct sockaddr *)&name, sizeof name);
    size_t used = 0;
    struct timeval wait = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (result == 0 && fd_write_all(fd, text, strlen(text), NULL) == ERR_NONE) {
        ssize_t n;
        while (used + 1 < size && (n = read(fd, out + used, size - used - 1)) > 0)
            used += (size_t)n;
    }
    close(fd);
    out[used] = '\0';
    return used;
}

static const struct {
    const char *name, *text, *want; /* what the answer begins with */
    bool tcp;
} raw_rows[] = {
    {"Host localhost",
     "GET /healthz HTTP/1.1\r\nHost: localhost:99\r\nConnection: close\r\n\r\n", "HTTP/1.1 200",
     true},
    {"Host [::1]", "GET /healthz HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 200", true},
    {"a foreign Host over TCP",
     "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "HTTP/1.1 403",
     true},
    {"a Host that begins like ours",
     "GET /healthz HTTP/1.1\r\nHost: localhost.evil.example\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 403", true},
    {"no Host over TCP", "GET /healthz HTTP/1.0\r\n\r\n", "HTTP/1.", true},
    {"any Host over the Unix socket",
     "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "HTTP/1.1 200",
     false},
    {"a foreign Origin over TCP",
     "GET /healthz HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
     "Connection: close\r\n\r\n",
     "HTTP/1.1 403", true},
    {"our own Origin",
     "GET /healthz HTTP/1.1\r\nHost: localhost:1\r\nOrigin: http://localhost:1\r\n"
     "Connection: close\r\n\r\n",
     "HTTP/1.1 200", true},
    {"too large, announced: answered without the body",
     "POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
     "Content-Length: 999999999\r\n\r\n",
     "HTTP/1.1 413", false},
    {"100-continue",
     "POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
     "Content-Length: 50\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 100 Continue", false},
    {"100-continue for what is not wanted",
     "POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"
     "Content-Length: 50\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 415", false},
    {"a NUL in a parameter",
     "GET /v1/labels?series=pack&number=A%00B HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 400", false},
};

static void test_raw(void)
{
    for (size_t i = 0; i < sizeof raw_rows / sizeof raw_rows[0]; i++) {
        char answer[4096];
        /* The one that waits for a body that never comes. */
        bool waits = strstr(raw_rows[i].want, "100 ") != NULL;
        converse(raw_rows[i].tcp, raw_rows[i].text, answer, waits ? 26 : sizeof answer);
        bool good = strncmp(answer, raw_rows[i].want, strlen(raw_rows[i].want)) == 0;
        if (strstr(raw_rows[i].name, "no Host"))
            good = good && strstr(answer, " 403 ");
        tap_ok(good, "%s", raw_rows[i].name);
        if (!good)
            printf("# %s\n", answer);
    }
}

/* ---- methods and paths ---------------------------------------------------------------------
 */

static const struct {
    const char *method, *path;
    long status;
    const char *allow;
} method_rows[] = {
    {"GET", "/nowhere", 404, ""},
    {"GET", "/v1/jobs/", 404, ""},
    {"GET", "/v1/jobs/x", 404, ""},
    {"GET", "/v1/jobs/-1", 404, ""},
    {"GET", "/v1/jobs/99999999999999999999", 404, ""},
    {"GET", "/v1/jobs/9223372036854775807", 404, ""},
    {"GET", "/v1/jobs/0", 404, ""},
    {"POST", "/v1/jobs/9999/hold", 404, ""},
    {"DELETE", "/v1/jobs", 405, "POST, GET, HEAD"},
    {"GET", "/v1/jobs/1/hold", 405, "POST"},
    {"PUT", "/v1/jobs/1", 405, "GET, HEAD"},
    {"POST", "/healthz", 405, "GET, HEAD"},
    {"HEAD", "/healthz", 200, ""},
    {"HEAD", "/v1/jobs", 200, ""},
    {"HEAD", "/nowhere", 404, ""},
    {"GET", "/v1/jobs?limit=0", 400, ""},
    {"GET", "/v1/jobs?limit=501", 400, ""},
    {"GET", "/v1/jobs?limit=5&limit=6", 400, ""},
    {"GET", "/v1/jobs?limti=5", 400, ""},
    {"GET", "/v1/jobs?before=1&limit=500", 200, ""},
    {"GET", "/v1/printers", 200, ""},
    {"GET", "/v1/templates", 200, ""},
    {"GET", "/v1/series", 200, ""},
};

static void test_methods(void)
{
    for (size_t i = 0; i < sizeof method_rows / sizeof method_rows[0]; i++) {
        struct reply reply =
            ask((struct ask){.method = method_rows[i].method, .path = method_rows[i].path});
        bool head = strcmp(method_rows[i].method, "HEAD") == 0;
        bool good = reply.status == method_rows[i].status &&
                    strcmp(reply.allow, method_rows[i].allow) == 0 && (reply.len == 0) == head;
        tap_ok(good, "%s %s: %ld", method_rows[i].method, method_rows[i].path,
               method_rows[i].status);
        show_if(!good, &reply);
        reply_free(&reply);
    }
}

static void test_lists(void)
{
    struct reply reply = get("/healthz");
    tap_is_str(text_of(reply.json, "status"), "ok", "healthy");
    tap_is_str(text_of(reply.json, "version"), "9.9", "its version");
    tap_is_str(text_of(reply.json, "store_id"), store_id(store), "its store");
    reply_free(&reply);
    reply = get("/v1/jobs?limit=2");
    json_t *jobs = json_object_get(reply.json, "jobs");
    int64_t last = int_of(json_array_get(jobs, 1), "id");
    tap_ok(json_array_size(jobs) == 2 && int_of(json_array_get(jobs, 0), "id") > last,
           "jobs, newest first, as many as asked");
    char *next = strdup(text_of(reply.json, "next"));
    reply_free(&reply);
    reply = get(next);
    jobs = json_object_get(reply.json, "jobs");
    tap_ok(int_of(json_array_get(jobs, 0), "id") < last, "the next page goes on behind");
    free(next);
    reply_free(&reply);
    reply = get("/v1/printers");
    tap_is_str(text_of(json_array_get(json_object_get(reply.json, "printers"), 1), "name"),
               "blind", "printers");
    reply_free(&reply);
}

/* ---- orders
 * ---------------------------------------------------------------------------------- */

struct sending {
    struct chunk chunk;
    uint32_t impressions;
    struct chunk_outcome outcome;
};

static enum err send_op(struct txn *txn, void *arg, struct why *why)
{
    static const uint8_t root[32] = {7};
    struct sending *sending = arg;
    enum err err = chunk_next(txn, "line1", sending->impressions, &sending->chunk, why);
    if (!err)
        err = chunk_take_ids(txn, 1, &sending->chunk.id, why);
    sending->chunk.epoch = 1;
    if (!err)
        err = chunk_send(txn, &sending->chunk, root, why);
    return err ? err : chunk_settle(txn, sending->chunk.id, &sending->outcome, why);
}

/* A new job of 10 on line1, alone there, whose first 6 labels went out and nobody knows more.
 */
static int64_t job_in_doubt(void)
{
    struct reply reply = get("/v1/jobs?limit=500");
    json_t *job;
    size_t i;
    json_array_foreach(json_object_get(reply.json, "jobs"), i, job)
    {
        char path[64];
        snprintf(path, sizeof path, "/v1/jobs/%lld/cancel", (long long)int_of(job, "id"));
        struct reply cancelled = post(path, "{}", NULL);
        reply_free(&cancelled);
    }
    reply_free(&reply);
    reply =
        post(JOBS,
             "{\"template\":\"medicine-pack\",\"printer\":\"line1\",\"quantity\":10,\"data\":{"
             "\"product\":\"a\",\"gtin\":\"9520123456788\",\"lot\":\"L1\","
             "\"expiry\":\"2028-03-31\"}}",
             NULL);
    struct sending sending = {.impressions = 6, .outcome = {.lost = true}};
    struct why why = {""};
    if (store_write(store, send_op, &sending, &why))
        printf("# %s\n", why.text);
    int64_t id = int_of(reply.json, "id");
    reply_free(&reply);
    return id;
}

static struct reply order(int64_t id, const char *what, const char *body, bool tcp)
{
    char path[64];
    snprintf(path, sizeof path, "/v1/jobs/%lld/%s", (long long)id, what);
    return ask(
        (struct ask){.method = "POST", .path = path, .type = JSON, .body = body, .tcp = tcp});
}

static bool counts_are(struct reply *reply, int64_t reserved, int64_t in_doubt, int64_t printed,
                       int64_t spoiled, int64_t unused)
{
    json_t *counts = json_object_get(reply->json, "counts");
    bool good = int_of(counts, "reserved") == reserved &&
                int_of(counts, "in_doubt") == in_doubt &&
                int_of(counts, "printed") == printed && int_of(counts, "spoiled") == spoiled &&
                int_of(counts, "unused") == unused;
    show_if(!good, reply);
    return good;
}

/* The number of a label in doubt, as GET /v1/jobs/{id} tells it. */
static void doubt_number(int64_t id, const char *which, char out[static NUMBER_MAX])
{
    char path[64];
    snprintf(path, sizeof path, "/v1/jobs/%lld", (long long)id);
    struct reply reply = get(path);
    json_t *span = json_array_get(json_object_get(reply.json, "spans"), 0);
    const char *number = text_of(json_array_get(json_object_get(span, which), 0), "number");
    snprintf(out, NUMBER_MAX, "%s", number ? number : "");
    show_if(!number, &reply);
    reply_free(&reply);
}

static const struct {
    const char *name, *body, *code, *field;
    bool tcp;
} bad_orders[] = {
    {"no reason", "{\"last_good\":3}", "missing", "reason", false},
    {"a reason that turns direction", "{\"last_good\":3,\"reason\":\"a\\u2066b\"}", "bad-text",
     "reason", false},
    {"nothing decided", "{\"reason\":\"r\"}", "missing", "last_good", false},
    {"both", "{\"reason\":\"r\",\"last_good\":3,\"ranges\":[]}", "missing", "last_good", false},
    {"no person over TCP", "{\"reason\":\"r\",\"last_good\":3}", "missing", "person", true},
    {"label 0", "{\"reason\":\"r\",\"last_good\":0}", "bad-label", "last_good", false},
    {"label 11 of 10", "{\"reason\":\"r\",\"last_good\":11}", "bad-label", "last_good", false},
    {"a number of another job", "{\"reason\":\"r\",\"last_good\":\"22222222\"}",
     "foreign-number", "last_good", false},
    {"an unknown decision",
     "{\"reason\":\"r\",\"ranges\":[{\"first\":1,\"last\":2,\"decision\":\"lost\"}]}",
     "bad-decision", "ranges[0].decision", false},
    {"a range backwards",
     "{\"reason\":\"r\",\"ranges\":[{\"first\":3,\"last\":2,\"decision\":\"printed\"}]}",
     "bad-range", "ranges[0].", false},
    {"no ranges", "{\"reason\":\"r\",\"ranges\":[]}", "bad-ranges", "ranges", false},
    {"an unknown key", "{\"reason\":\"r\",\"lastgood\":3,\"last_good\":3}", "unknown-key",
     "lastgood", false},
};

static void test_bad_orders(int64_t id)
{
    struct counts before = count_all();
    for (size_t i = 0; i < sizeof bad_orders / sizeof bad_orders[0]; i++) {
        struct reply reply = order(id, "resolve", bad_orders[i].body, bad_orders[i].tcp);
        json_t *finding = json_array_get(json_object_get(reply.json, "findings"), 0);
        const char *code = text_of(finding, "code"), *field = text_of(finding, "field");
        bool good = reply.status == 400 && code && strcmp(code, bad_orders[i].code) == 0 &&
                    field && strcmp(field, bad_orders[i].field) == 0;
        tap_ok(good, "resolve: %s", bad_orders[i].name);
        show_if(!good, &reply);
        reply_free(&reply);
    }
    expect(order(id, "resolve", NULL, false), 400, "resolve without a body");
    expect(order(id, "hold", NULL, true), 400, "hold over TCP without a person");
    expect(order(id, "cancel", "{}", true), 400, "cancel over TCP without a person");
    tap_ok(same_counts(before, count_all()), "refused orders change nothing");
}

static void test_resolve(void)
{
    int64_t id = job_in_doubt();
    char first[NUMBER_MAX], last[NUMBER_MAX], body[256];
    doubt_number(id, "first_numbers", first);
    doubt_number(id, "last_numbers", last);
    test_bad_orders(id);
    snprintf(body, sizeof body, "{\"reason\":\"seen\",\"last_good\":\"%s\",\"person\":\"Lan\"}",
             first);
    struct reply reply = order(id, "resolve", body, false);
    tap_ok(is_status(&reply, 200, "resolve by the last good number") &&
               counts_are(&reply, 9, 0, 1, 0, 0),
           "up to it printed, behind it reserved again");
    reply_free(&reply);
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM event WHERE json_extract(CAST(body AS TEXT), '$.type') ="
             " 'label.resolved' AND json_extract(CAST(body AS TEXT), '$.by') = 'Lan (unix:%s)'",
             user);
    tap_ok(fixture_read_int(store, sql) > 0, "the ledger names the person and the user");

    id = job_in_doubt();
    doubt_number(id, "last_numbers", last);
    snprintf(
        body, sizeof body,
        "{\"reason\":\"seen\",\"ranges\":[{\"first\":1,\"last\":4,\"decision\":\"printed\"},"
        "{\"first\":5,\"last_number\":\"%s\",\"decision\":\"spoiled\"}]}",
        last);
    reply = order(id, "resolve", body, false);
    tap_ok(is_status(&reply, 200, "resolve by ranges") && counts_are(&reply, 4, 0, 4, 2, 0),
           "each as decided");
    tap_is_str(text_of(reply.json, "state"), "open", "the job goes on");
    reply_free(&reply);

    reply = order(id, "hold", "{\"reason\":\"wrong roll\"}", false);
    json_t *hold = json_object_get(reply.json, "hold");
    tap_ok(is_status(&reply, 200, "hold") && strcmp(text_of(hold, "text"), "wrong roll") == 0 &&
               strcmp(text_of(hold, "reason"), "person") == 0,
           "why it is held");
    reply_free(&reply);
    reply = order(id, "release", NULL, false);
    tap_ok(is_status(&reply, 200, "release without a body") &&
               strcmp(text_of(reply.json, "state"), "open") == 0,
           "released");
    reply_free(&reply);
    reply = order(id, "cancel", "{\"person\":\"Lan\"}", true);
    tap_ok(is_status(&reply, 200, "cancel over TCP") && counts_are(&reply, 0, 0, 4, 2, 4),
           "what was reserved never prints; what printed counts");
    reply_free(&reply);
    expect(order(id, "release", NULL, false), 409, "a cancelled job is not released");
}

/* ---- labels
 * ------------------------------------------------------------------------------------ */

static void label_is(const char *path, const char *name, int64_t job)
{
    struct reply reply = get(path);
    bool good = job ? reply.status == 200 && int_of(reply.json, "job") == job &&
                          int_of(reply.json, "label") == 1
                    : reply.status == 404;
    tap_ok(good, "%s", name);
    show_if(!good, &reply);
    reply_free(&reply);
}

static void test_labels(void)
{
    struct reply reply = post(JOBS, PACK, NULL);
    int64_t id = int_of(reply.json, "id");
    json_t *range = json_array_get(json_object_get(reply.json, "ranges"), 0);
    char number[NUMBER_MAX], path[512];
    snprintf(number, sizeof number, "%s", text_of(range, "first_number"));
    tap_ok(strlen(number) == 8 && strcmp(text_of(range, "scope"), "09520123456788") == 0 &&
               strcmp(text_of(range, "field"), "serial") == 0 &&
               int_of(range, "last_label") == 3,
           "a job tells its range");
    static const struct {
        const char *name, *before, *after;
        bool found;
    } rows[] = {
        {"series, scope, number", "series=pack&scope=09520123456788&number=", "", true},
        {"another scope", "series=pack&scope=00000000000000&number=", "", false},
        {"no scope", "series=pack&number=", "", false},
        {"another series", "series=few&scope=09520123456788&number=", "", false},
        {"a series that is not there", "series=x&scope=09520123456788&number=", "", false},
        {"malformed number", "series=pack&scope=09520123456788&number=0", "", false},
        {"scan: DataMatrix", "scan=%5Dd2010952012345678810L1%1D21", "", true},
        {"scan: GTIN and lot behind",
         "scan=%5Dd20109520123456788"
         "21",
         "%1D10L1", true},
        {"scan: brackets", "scan=%5B01%5D09520123456788%5B21%5D", "", true},
        {"scan: Digital Link", "scan=https%3A%2F%2Fid.gs1.org%2F01%2F09520123456788%2F21%2F",
         "", true},
        {"scan: another GTIN", "scan=%5Dd2010000000000000021", "", false},
        {"scan: a bare number is looked for in every scope", "scan=", "", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(path, sizeof path, "/v1/labels?%s%s%s", rows[i].before, number, rows[i].after);
        label_is(path, rows[i].name, rows[i].found ? id : 0);
    }
    reply_free(&reply);
    reply = post(JOBS, FEW("\"quantity\":1,\"data\":{\"product\":\"a\"}"), NULL);
    range = json_array_get(json_object_get(reply.json, "ranges"), 0);
    snprintf(path, sizeof path, "/v1/labels?scan=%s", text_of(range, "first_number"));
    label_is(path, "scan: a bare number without a scope", int_of(reply.json, "id"));
    reply_free(&reply);
    label_is("/v1/labels?scan=F99", "never issued", 0);
    expect(get("/v1/labels"), 400, "neither scan nor number");
    expect(get("/v1/labels?series=few"), 400, "a series without a number");
    expect(get("/v1/labels?scan=a&number=b"), 400, "scan and number");
    expect(get("/v1/labels?scan=%5Dd20109520123456788"), 400, "a scan without a serial");
}

/* ---- many at once
 * ------------------------------------------------------------------------------ */

#define CLIENTS   32
#define JOBS_EACH 20

struct client {
    pthread_t thread;
    unsigned index;
    int64_t ids[JOBS_EACH];
    char firsts[JOBS_EACH][NUMBER_MAX];
    int good;
};

static void *run_client(void *arg)
{
    struct client *client = arg;
    CURL *curl = curl_easy_init();
    for (unsigned i = 0; i < JOBS_EACH; i++) {
        struct reply reply = ask_with(curl, (struct ask){.method = "POST",
                                                         .path = JOBS,
                                                         .type = JSON,
                                                         .body = SENT(1),
                                                         .tcp = client->index % 2});
        const char *number =
            text_of(json_array_get(json_object_get(reply.json, "ranges"), 0), "first_number");
        client->ids[i] = int_of(reply.json, "id");
        snprintf(client->firsts[i], NUMBER_MAX, "%s", number ? number : "");
        client->good += reply.status == 201;
        reply_free(&reply);
    }
    curl_easy_cleanup(curl);
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int by_id(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

static void test_many(void)
{
    static struct client clients[CLIENTS];
    static int64_t ids[CLIENTS * JOBS_EACH];
    static char numbers[CLIENTS * JOBS_EACH][NUMBER_MAX];
    int good = 0, same_ids = 0, same_numbers = 0;
    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.index = i};
        if (pthread_create(&clients[i].thread, NULL, run_client, &clients[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        good += clients[i].good;
        memcpy(ids + i * JOBS_EACH, clients[i].ids, sizeof clients[i].ids);
        memcpy(numbers + i * JOBS_EACH, clients[i].firsts, sizeof clients[i].firsts);
    }
    qsort(ids, CLIENTS * JOBS_EACH, sizeof ids[0], by_id);
    qsort(numbers, CLIENTS * JOBS_EACH, sizeof numbers[0], by_text);
    for (size_t i = 1; i < CLIENTS * JOBS_EACH; i++) {
        same_ids += ids[i] == ids[i - 1];
        same_numbers += strcmp(numbers[i], numbers[i - 1]) == 0;
    }
    tap_is_int(good, CLIENTS * JOBS_EACH, "32 clients of 20 jobs: all accepted");
    tap_is_int(same_ids, 0, "no job's number twice");
    tap_is_int(same_numbers, 0, "no label's number twice");
}

static void *run_slow(void *arg)
{
    struct rows_source source = {.last = 40, .head = "product,note\n", .delay_us = 20000};
    struct ask what = {.method = "POST",
                       .path = CSV_SENT,
                       .type = "text/csv",
                       .read = read_rows,
                       .read_arg = &source};
    CURL *curl = curl_easy_init();
    struct reply reply = ask_with(curl, what);
    *(long *)arg = reply.status;
    reply_free(&reply);
    curl_easy_cleanup(curl);
    return NULL;
}

/* Clients that dribble do not hold up others. */
static void test_slow(void)
{
    pthread_t threads[8];
    long status[8] = {0};
    int good = 0, quick = 0;
    for (int i = 0; i < 8; i++) {
        if (pthread_create(&threads[i], NULL, run_slow, &status[i]) != 0)
            abort();
    }
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < 20; i++) {
        struct reply reply = post(JOBS, SENT(1), NULL);
        quick += reply.status == 201;
        reply_free(&reply);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        good += status[i] == 201;
    }
    tap_is_int(good, 8, "slow clients are served");
    tap_ok(quick == 20 && end.tv_sec - start.tv_sec < 5, "others are not held up by them");
}

/* ---- a full disk (promise 2)
 * --------------------------------------------------------------------- */

static void test_full(void)
{
    struct rlimit limit, old;
    struct counts before = count_all();
    if (getrlimit(RLIMIT_FSIZE, &old) != 0 || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        abort();
    limit = old;
    limit.rlim_cur = 4096; /* no file of the store may grow or be written past this */
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
    struct reply reply = post(JOBS, PACK, "full");
    struct rows_source source = {.last = 5000, .head = "product,note\n"};
    struct reply csv = post_rows(&source, NULL);
    if (setrlimit(RLIMIT_FSIZE, &old) != 0)
        abort();
    is_status(&reply, 507, "no space for a job: 507");
    tap_ok(json_is_true(json_object_get(reply.json, "retry")), "it may be tried again");
    is_status(&csv, 507, "no space for a page: 507");
    tap_ok(eventually_same(before), "nothing was accepted");
    expect(post(JOBS, PACK, "full"), 201, "space again: accepted, under the same key");
    reply_free(&reply);
    reply_free(&csv);
}

/* ---- start and stop
 * --------------------------------------------------------------------------------- */

static void *stop_intake(void *arg)
{
    (void)arg;
    usleep(20000);
    intake_stop(intake);
    return NULL;
}

static void test_second(void)
{
    struct stat status;
    tap_ok(stat(socket_path, &status) == 0 && (status.st_mode & 07777) == 0660,
           "the socket is for user and group");
    struct intake *running = intake;
    struct why why = {""};
    intake = NULL;
    enum err err = start_intake(&why);
    tap_ok(err == ERR_BUSY && !intake && strstr(why.text, "answers"), "a second one: busy");
    intake = running;
}

/* Jobs until one is refused; how many were acknowledged. Does not look at `intake`, which goes.
 */
static int post_until_refused(void)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    int accepted = 0;
    long status = 201;
    curl_easy_setopt(curl, CURLOPT_URL, "http://localhost" JOBS);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, SENT(1));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    while (status == 201) {
        struct reply reply = {0};
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply);
        status = curl_easy_perform(curl) == CURLE_OK ? 0 : -1;
        if (status == 0)
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        accepted += status == 201;
        free(reply.body);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return accepted;
}

/* Whoever was told 201 has a job, and nobody else, also when the stop comes in between. */
static void test_stop(void)
{
    struct stat status;
    int64_t jobs = count_all().jobs;
    pthread_t stopper;
    if (pthread_create(&stopper, NULL, stop_intake, NULL) != 0)
        abort();
    int accepted = post_until_refused();
    pthread_join(stopper, NULL);
    intake = NULL;
    tap_ok(accepted > 0 && count_all().jobs == jobs + accepted,
           "stopped in the middle: every job is one that was acknowledged (%d)", accepted);
    tap_ok(stat(socket_path, &status) != 0 && errno == ENOENT, "the socket is gone");
}

/* A socket that a killed process left is replaced; a file that is none is not. */
static void test_stale(void)
{
    struct why why = {""};
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0)
        abort();
    close(fd);
    tap_is_int(start_intake(&why), ERR_NONE, "a stale socket is replaced");
    expect(get("/healthz"), 200, "and answers");
    intake_stop(intake);
    intake = NULL;
    put_file(socket_path, "precious");
    tap_is_int(start_intake(&why), ERR_SYSTEM, "a file in its place is left alone");
    unlink(socket_path);
}

int main(void)
{
    begin_world();
    test_replay();
    test_conflict();
    test_keys();
    test_methods();
    test_lists();
    test_limits();
    test_raw();
    test_labels();
    test_resolve();
    test_large();
    test_large_refused();
    test_many_items();
    test_gone();
    test_many();
    test_slow();
    test_full();
    test_second();
    test_stop();
    test_stale();
    end_world();
    return tap_done();
}
