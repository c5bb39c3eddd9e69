/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP interface against a real store, registry and catalog: what is accepted is stored once,
 * what is refused is named and leaves the store as it was. Requests go through libcurl, or through a
 * plain socket where a client behaves badly. */
#include "spooler/intake/intake.h"
#include "spooler/intake/json-job.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define JSON_MAX 20000
#define CSV_MAX  (64 * 1024 * 1024)

static struct store *store;
static struct registry *registry;
static struct catalog *catalog;
static struct intake *intake;
static char socket_path[PATH_MAX];
static char user[64];
static atomic_int wakes;

/* ---- the world around intake --------------------------------------------------------- */

static bool view_printer(void *ctx, size_t index, struct printer_view *out)
{
    (void)ctx;
    static const struct printer_view views[] = {
        {.name = "line1", .queue = "q1", .model = "zpl-203", .evidence = true, .state = "idle"},
        {.name = "blind", .queue = "q2", .model = "tspl-203", .evidence = false, .state = "idle"},
    };
    if (index >= sizeof views / sizeof views[0])
        return false;
    *out = views[index];
    return true;
}

/* Stands for the renderer: no font has U+2603, and 40 W do not fit. */
static enum err view_label(void *ctx, const char *printer, const struct template *template,
                           const struct label_doc *doc, struct findings *findings)
{
    (void)ctx;
    (void)printer;
    (void)template;
    for (size_t i = 0; doc && i < doc->count; i++) {
        if (strstr(doc->drawn[i].content, "\xe2\x98\x83"))
            return findings_add(findings, SEVERITY_ERROR, "no-glyph",
                                (struct place){.field = "product"}, "\xe2\x98\x83",
                                "a character of the fonts", "no font has it");
    }
    return ERR_NONE;
}

static void woken(void *ctx)
{
    (void)ctx;
    atomic_fetch_add(&wakes, 1);
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

/* Templates that the stock has no reason to hold. */
static void put_templates(const char *folder)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        {"few", "tem: 1\nname: few\nsize: 40 x 20 mm\nfields:\n"
                "  product: {type: text, max: 40, required: true}\n"
                "  note: {type: text, charset: gs1-82, max: 20}\n"
                "  best: {type: date}\n"
                "  count: {type: integer}\n  weight: {type: decimal}\n  cold: {type: boolean}\n"
                "  number: {series: few}\n"
                "elements:\n  - {text: \"{product}{note}{best}{count}{weight}{cold}\", at: [1, 1]}\n"
                "  - {text: \"{number}\", at: [1, 9]}\n"},
        {"lost", "tem: 1\nname: lost\nsize: 40 x 20 mm\nfields:\n  n: {series: pakc}\n"
                 "elements:\n  - {text: \"{n}\", at: [1, 1]}\n"},
        {"sent", "tem: 1\nname: sent\nsize: 40 x 20 mm\nclose: sent\nfields:\n"
                 "  n: {series: pack}\nelements:\n  - {text: \"{n}\", at: [1, 1]}\n"},
    };
    if (mkdir(folder, 0700) != 0)
        abort();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[PATH_MAX + 128];
        snprintf(path, sizeof path, "%s/%s.yaml", folder, files[i].name);
        put_file(path, files[i].text);
    }
}

static void open_world(void)
{
    struct why why = {""};
    struct findings findings;
    findings_init(&findings);
    store = fixture_open(fixture_path("store"));
    const struct series_config series[] = {
        {.name = "pack",
         .format = {.kind = NUMBER_RANDOM, .alphabet = NUMBER_ALPHABET_DEFAULT, .length = 8}},
        {.name = "few",
         .format = {.kind = NUMBER_SEQUENTIAL, .alphabet = "0123456789", .length = 2, .prefix = "F"}},
    };
    if (mkdir(fixture_path("keys"), 0700) != 0 ||
        registry_open(store, series, 2, fixture_path("keys"), &random_system, NULL, &registry,
                      &why) != ERR_NONE) {
        printf("Bail out! registry: %s\n", why.text);
        exit(99);
    }
    char stock[PATH_MAX];
    const char *srcdir = getenv("srcdir");
    snprintf(stock, sizeof stock, "%s/templates/stock", srcdir ? srcdir : ".");
    put_templates(fixture_path("templates"));
    const char *folders[] = {stock, fixture_path("templates")};
    if (catalog_load(folders, 2, &catalog, &findings) != ERR_NONE || findings.errors) {
        for (size_t i = 0; i < findings.count; i++)
            printf("# %s\n", finding_text(&findings.list[i], (char[1024]){""}, 1024));
        printf("Bail out! templates\n");
        exit(99);
    }
    findings_clear(&findings);
}

static enum err start_intake(struct why *why)
{
    snprintf(socket_path, sizeof socket_path, "%s", fixture_path("tem.sock"));
    const struct intake_config config = {
        .socket_path = socket_path,
        .http_address = "127.0.0.1",
        .json_max_bytes = JSON_MAX,
        .csv_max_bytes = CSV_MAX,
        .utc_offset_min = 420,
        .version = "9.9",
        .store = store,
        .registry = registry,
        .catalog = catalog,
        .printer = view_printer,
        .check_label = view_label,
        .wake = woken,
    };
    return intake_start(&config, &intake, why);
}

/* ---- asking ---------------------------------------------------------------------------- */

struct reply {
    long status;
    char *body;
    size_t len;
    char type[64], location[64], replayed[16], allow[64];
    json_t *json;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct reply *reply = arg;
    size_t len = size * count;
    char *body = realloc(reply->body, reply->len + len + 1);
    if (!body)
        return 0;
    memcpy(body + reply->len, bytes, len);
    reply->body = body;
    reply->len += len;
    body[reply->len] = '\0';
    return len;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct reply *reply = arg;
    size_t len = size * count;
    const struct {
        const char *name;
        char *out;
        size_t size;
    } wanted[] = {
        {"content-type: ", reply->type, sizeof reply->type},
        {"location: ", reply->location, sizeof reply->location},
        {"idempotent-replayed: ", reply->replayed, sizeof reply->replayed},
        {"allow: ", reply->allow, sizeof reply->allow},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        size_t head = strlen(wanted[i].name);
        if (len > head + 2 && strncasecmp(bytes, wanted[i].name, head) == 0)
            snprintf(wanted[i].out, wanted[i].size, "%.*s", (int)(len - head - 2), bytes + head);
    }
    return len;
}

/* What one request is; NULL and 0 where nothing is said. */
struct ask {
    const char *method, *path, *type, *body, *key, *header;
    size_t len; /* of body; 0 = strlen */
    bool tcp, chunked;
    curl_read_callback read;
    void *read_arg;
};

static void set_body(CURL *curl, const struct ask *ask)
{
    if (ask->read) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, ask->read);
        curl_easy_setopt(curl, CURLOPT_READDATA, ask->read_arg);
    } else if (ask->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE,
                         (long)(ask->len ? ask->len : strlen(ask->body)));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body);
    }
}

static struct reply ask_with(CURL *curl, struct ask ask)
{
    struct reply reply = {0};
    char url[2048], type[128], key[300];
    snprintf(url, sizeof url, "http://localhost:%u%s", intake_port(intake), ask.path);
    snprintf(type, sizeof type, "Content-Type:%s%s", ask.type ? " " : "", ask.type ? ask.type : "");
    snprintf(key, sizeof key, "Idempotency-Key:%s%s", ask.key ? " " : "", ask.key ? ask.key : "");
    struct curl_slist *headers = curl_slist_append(NULL, type);
    headers = curl_slist_append(headers, key);
    headers = curl_slist_append(headers, "Expect:");
    if (ask.read || ask.chunked)
        headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
    if (ask.header)
        headers = curl_slist_append(headers, ask.header);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    if (!ask.tcp)
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    set_body(curl, &ask);
    if (strcmp(ask.method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask.method);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
    else
        reply.status = -(long)code;
    curl_slist_free_all(headers);
    reply.json = reply.body ? json_loadb(reply.body, reply.len, 0, NULL) : NULL;
    return reply;
}

static struct reply ask(struct ask what)
{
    static CURL *curl;
    if (!curl)
        curl = curl_easy_init();
    return ask_with(curl, what);
}

static void reply_free(struct reply *reply)
{
    json_decref(reply->json);
    free(reply->body);
    *reply = (struct reply){0};
}

#define JOBS "/v1/jobs"
#define CSV_FEW JOBS "?template=few&printer=line1"
#define CSV_PACK JOBS "?template=medicine-pack&printer=line1"
#define JSON "application/json"
#define PACK "{\"template\":\"medicine-pack\",\"printer\":\"line1\",\"quantity\":3,\"data\":{" \
             "\"product\":\"Viên nén\",\"gtin\":\"9520123456788\",\"lot\":\"L1\"," \
             "\"expiry\":\"2028-03-31\"}}"

/* What must not change when a request is refused. */
struct counts {
    int64_t jobs, numbers, events, spans, segments, pages, keys;
};

static struct counts count_all(void)
{
    return (struct counts){
        .jobs = fixture_read_int(store, "SELECT count(*) FROM job"),
        .numbers = fixture_read_int(store, "SELECT coalesce(sum(next), 0) FROM scope"),
        .events = fixture_read_int(store, "SELECT count(*) FROM event"),
        .spans = fixture_read_int(store, "SELECT count(*) FROM span"),
        .segments = fixture_read_int(store, "SELECT count(*) FROM segment"),
        .pages = fixture_read_int(store, "SELECT count(*) FROM page"),
        .keys = fixture_read_int(store, "SELECT count(*) FROM idempotency"),
    };
}

static bool same_counts(struct counts a, struct counts b)
{
    return a.jobs == b.jobs && a.numbers == b.numbers && a.events == b.events &&
           a.spans == b.spans && a.segments == b.segments && a.pages == b.pages && a.keys == b.keys;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static int64_t int_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* ---- bad input, by name ------------------------------------------------------------------ */

#define PACK_WITH(product, gtin, lot, expiry, more)                                             \
    "{\"template\":\"medicine-pack\",\"printer\":\"line1\",\"quantity\":1,\"data\":{"            \
    "\"product\":\"" product "\",\"gtin\":\"" gtin "\",\"lot\":\"" lot "\",\"expiry\":\"" expiry \
    "\"" more "}}"
#define GOOD "Thuốc", "9520123456788", "L1", "2028-03-31"
#define FEW(more) "{\"template\":\"few\",\"printer\":\"line1\"," more "}"

static const struct bad {
    const char *name, *path, *type, *body;
    long status;
    /* of the finding; 0 and NULL = not asserted */
    const char *code, *field, *value, *expected; /* expected: a part of it */
    int64_t line, column;
} bad_rows[] = {
    {"unknown template", JOBS, JSON,
     "{\"template\":\"medicine-pakc\",\"printer\":\"line1\",\"quantity\":1}", 400,
     "unknown-template", "template", "medicine-pakc", "medicine-pack", 0, 0},
    {"unknown printer", JOBS, JSON,
     "{\"template\":\"few\",\"printer\":\"line2\",\"quantity\":1,\"data\":{\"product\":\"a\"}}", 400,
     "unknown-printer", "printer", "line2", "line1", 0, 0},
    {"unknown series", JOBS, JSON,
     "{\"template\":\"lost\",\"printer\":\"line1\",\"quantity\":1}", 400, "unknown-series", "n",
     "pakc", "pack", 0, 0},
    {"no template", JOBS, JSON, "{\"printer\":\"line1\",\"quantity\":1}", 400, "missing",
     "template", NULL, "template", 0, 0},
    {"printer without evidence", JOBS, JSON,
     "{\"template\":\"few\",\"printer\":\"blind\",\"quantity\":1,\"data\":{\"product\":\"a\"}}", 400,
     "no-evidence", "printer", "blind", "close: sent", 0, 0},
    {"unknown field", JOBS, JSON, PACK_WITH("a", "9520123456788", "L1", "2028-03-31", ",\"lott\":\"x\""),
     400, "unknown-field", "data.lott", "lott", "lot", 0, 0},
    {"a value for a series field", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "L1", "2028-03-31", ",\"serial\":\"x\""), 400, "series-field",
     "data.serial", NULL, "series", 0, 0},
    {"missing field", JOBS, JSON,
     "{\"template\":\"medicine-pack\",\"printer\":\"line1\",\"quantity\":1,\"data\":{"
     "\"product\":\"a\",\"gtin\":\"9520123456788\",\"expiry\":\"2028-03-31\"}}",
     400, NULL, "data.lot", NULL, NULL, 0, 0},
    {"over-long field", JOBS, JSON,
     PACK_WITH("12345678901234567890123456789012345678901", "9520123456788", "L1", "2028-03-31", ""),
     400, NULL, "data.product", "12345678901234567890123456789012345678901", "40", 0, 0},
    {"wrong check digit", JOBS, JSON, PACK_WITH("a", "9520123456789", "L1", "2028-03-31", ""), 400,
     NULL, "data.gtin", "9520123456789", "8", 0, 0},
    {"a date that does not exist", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "L1", "2026-02-30", ""), 400, NULL, "data.expiry",
     "2026-02-30", "", 0, 0},
    {"a character outside the charset", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "Lô1", "2028-03-31", ""), 400, NULL, "data.lot", "Lô1", "", 0,
     0},
    {"a character that no font has", JOBS, JSON,
     PACK_WITH("a\u2603", "9520123456788", "L1", "2028-03-31", ""), 400, "no-glyph",
     "data.product", "\xe2\x98\x83", "fonts", 0, 0},
    {"lot with square brackets", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "L1[21]F", "2028-03-31", ""), 400, NULL, "data.lot", "L1[21]F",
     "", 0, 0},
    {"quantity 0", JOBS, JSON, FEW("\"quantity\":0,\"data\":{\"product\":\"a\"}"), 400,
     "bad-quantity", "quantity", "0", "1 to", 0, 0},
    {"quantity negative", JOBS, JSON, FEW("\"quantity\":-5,\"data\":{\"product\":\"a\"}"), 400,
     "bad-quantity", "quantity", "-5", "1 to", 0, 0},
    {"quantity as a string", JOBS, JSON, FEW("\"quantity\":\"5\",\"data\":{\"product\":\"a\"}"), 400,
     "bad-quantity", "quantity", "5", "whole number", 0, 0},
    {"quantity 1.5", JOBS, JSON, FEW("\"quantity\":1.5,\"data\":{\"product\":\"a\"}"), 400,
     "bad-quantity", "quantity", "1.5", "whole number", 0, 0},
    {"quantity beyond a job", JOBS, JSON, FEW("\"quantity\":1000000001,\"data\":{\"product\":\"a\"}"),
     400, "bad-quantity", "quantity", "1000000001", "1000000000", 0, 0},
    {"no quantity", JOBS, JSON, FEW("\"data\":{\"product\":\"a\"}"), 400, "bad-quantity", "quantity",
     NULL, "1 to", 0, 0},
    {"quantity beyond the series", JOBS, JSON, FEW("\"quantity\":101,\"data\":{\"product\":\"a\"}"),
     409, NULL, NULL, NULL, NULL, 0, 0},
    {"items whose sum is beyond a job", JOBS, JSON,
     FEW("\"data\":{\"product\":\"a\"},\"items\":[{\"quantity\":1000000000},{\"quantity\":1}]"), 400,
     "bad-quantity", "quantity", NULL, "1000000000", 0, 0},
    {"items and quantity", JOBS, JSON, FEW("\"quantity\":1,\"items\":[{\"data\":{\"product\":\"a\"}}]"),
     400, "quantity-and-items", "quantity", NULL, "each item", 0, 0},
    {"no items", JOBS, JSON, FEW("\"items\":[]"), 400, "no-rows", NULL, NULL, "at least one", 0, 0},
    {"a fault in the third item", JOBS, JSON,
     FEW("\"items\":[{\"data\":{\"product\":\"a\"}},{\"data\":{\"product\":\"b\"}},"
         "{\"data\":{\"product\":\"c\",\"best\":\"31.3.2028\"}}]"),
     400, NULL, "items[2].data.best", "31.3.2028", "YYYY-MM-DD", 0, 0},
    {"an item that is no object", JOBS, JSON, FEW("\"items\":[7]"), 400, "wrong-type", "items[0]", "7",
     "object", 0, 0},
    {"unknown key", JOBS, JSON, FEW("\"quantity\":1,\"dtaa\":{\"product\":\"a\"}"), 400, "unknown-key",
     "dtaa", "dtaa", "data", 0, 0},
    {"a real number", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":\"a\",\"weight\":0.30000000000000001}"), 400,
     "wrong-type", "data.weight", "0.3", "string", 0, 0},
    {"a list as a value", JOBS, JSON, FEW("\"quantity\":1,\"data\":{\"product\":[\"a\"]}"), 400,
     "wrong-type", "data.product", "[...]", "string", 0, 0},
    {"a person of two lines", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":\"a\"},\"person\":\"a\\nb\""), 400, "bad-text",
     "person", NULL, "one line", 0, 0},
    {"a key twice", JOBS, JSON, FEW("\"quantity\":1,\n\"quantity\":2"), 400, "json", NULL, NULL,
     "no key twice", 2, 0},
    {"JSON cut short", JOBS, JSON, "{\"template\":\"few\",\n\"printer\":\"li", 400, "json", NULL, NULL,
     NULL, 2, 0},
    {"JSON cut short between members", JOBS, JSON, "{\"template\":\"few\",\n", 400, "json", NULL, NULL,
     "the rest", 2, 0},
    {"JSON with NUL", JOBS, JSON, FEW("\"quantity\":1,\"data\":{\"product\":\"a\\u0000b\"}"), 400,
     "json", NULL, NULL, NULL, 1, 0},
    {"JSON that is a list", JOBS, JSON, "[]", 400, "json", NULL, "[...]", "object", 1, 1},
    {"JSON with bad UTF-8", JOBS, JSON, FEW("\"quantity\":1,\"data\":{\"product\":\"\xff\"}"), 400,
     "json", NULL, NULL, NULL, 1, 0},
    {"parameters beside JSON", JOBS "?template=few", JSON, PACK, 400, "unknown-parameter", "template",
     "template", NULL, 0, 0},
    {"no body", JOBS, JSON, "", 400, "no-body", NULL, NULL, "text/csv", 0, 0},
    {"another content type", JOBS, "text/plain", PACK, 415, NULL, NULL, NULL, NULL, 0, 0},
    {"no content type", JOBS, NULL, PACK, 415, NULL, NULL, NULL, NULL, 0, 0},
    {"another charset", JOBS, "application/json; charset=utf-16", PACK, 415, NULL, NULL, NULL, NULL,
     0, 0},

    {"CSV: ragged row, too few", CSV_FEW, "text/csv", "product,note\na,b\nc\n", 400, "ragged-row",
     NULL, "1 columns", "2 columns", 3, 2},
    {"CSV: ragged row, too many", CSV_FEW, "text/csv", "product,note\r\n\"x\r\ny\",b\r\nc,d,e\r\n",
     400, "ragged-row", NULL, "3 columns", "2 columns", 4, 3},
    {"CSV: unknown column", CSV_FEW, "text/csv", "product,nota\na,b\n", 400, "unknown-column", "nota",
     "nota", "note", 1, 2},
    {"CSV: a column twice", CSV_FEW, "text/csv", "product,product\na,b\n", 400, "duplicate-column",
     "product", "product", "once", 1, 2},
    {"CSV: a series' column", CSV_FEW, "text/csv", "product,number\na,b\n", 400, "series-field",
     "number", "number", "series", 1, 2},
    {"CSV: 0 rows", CSV_FEW, "text/csv", "product\n", 400, "no-rows", NULL, NULL, "at least one", 0,
     0},
    {"CSV: nothing but a mark", CSV_FEW, "text/csv", "\xef\xbb\xbf", 400, "no-header", NULL, NULL,
     "names", 1, 0},
    {"CSV: bad date", CSV_FEW, "text/csv", "product,best\na,2028-02-29\nb,2027-02-29\n", 400, NULL,
     "best", "2027-02-29", "", 3, 2},
    {"CSV: missing value", CSV_FEW, "text/csv", "note,product\nn,a\nn,\n", 400, NULL, "product", NULL,
     NULL, 3, 2},
    {"CSV: quantity 0", CSV_FEW, "text/csv", "product,quantity\na,1\nb,0\n", 400, "bad-quantity",
     "quantity", "0", "1 to", 3, 2},
    {"CSV: quantity with a point", CSV_FEW, "text/csv", "product,quantity\na,1.000\n", 400,
     "bad-quantity", "quantity", "1.000", "1 to", 2, 2},
    {"CSV: quote never closed", CSV_FEW, "text/csv", "product\n\"a\nb\n", 400, "csv-quote-open", NULL,
     NULL, "closing quote", 2, 1},
    {"CSV: not UTF-8", CSV_FEW, "text/csv", "product\nVi\xea\n", 400, NULL, "product", NULL, NULL, 2,
     1},
    {"CSV: no glyph", CSV_FEW, "text/csv", "product\na\n\xe2\x98\x83\n", 400, "no-glyph", "product",
     "\xe2\x98\x83", "fonts", 3, 1},
    {"CSV: unknown template", JOBS "?template=fwe&printer=line1", "text/csv", "product\na\n", 400,
     "unknown-template", "template", "fwe", "few", 0, 0},
    {"CSV: unknown printer", JOBS "?template=few&printer=lime1", "text/csv", "product\na\n", 400,
     "unknown-printer", "printer", "lime1", "line1", 0, 0},
    {"CSV: unknown parameter", CSV_FEW "&preson=a", "text/csv", "product\na\n", 400,
     "unknown-parameter", "preson", "preson", "person", 0, 0},
    {"CSV: unknown common field", CSV_FEW "&field.nope=a", "text/csv", "product\na\n", 400,
     "unknown-column", "field.nope", "nope", NULL, 0, 0},
    {"CSV: beyond the series", CSV_FEW, "text/csv", "product,quantity\na,60\nb,60\n", 409, NULL, NULL,
     NULL, NULL, 0, 0},
};

static bool text_is(const json_t *finding, const char *key, const char *want)
{
    const char *got = text_of(finding, key);
    bool good = !want || (got && strcmp(got, want) == 0);
    if (!good)
        printf("# %s: got \"%s\", want \"%s\"\n", key, got ? got : "(none)", want);
    return good;
}

static bool finding_is(const json_t *finding, const struct bad *want)
{
    const char *expected = text_of(finding, "expected");
    const char *message = text_of(finding, "message");
    bool good = text_is(finding, "code", want->code);
    good &= text_is(finding, "field", want->field);
    good &= text_is(finding, "value", want->value);
    if (want->expected && (!expected || !strstr(expected, want->expected))) {
        printf("# expected: \"%s\" lacks \"%s\"\n", expected ? expected : "", want->expected);
        good = false;
    }
    if (want->line && int_of(finding, "line") != want->line)
        good = false;
    if (want->column && int_of(finding, "column") != want->column)
        good = false;
    return good && message && *message;
}

static void show_if(bool bad, const struct reply *reply)
{
    if (bad)
        printf("# %ld %s\n", reply->status, reply->body ? reply->body : "");
}

static void test_bad(void)
{
    for (size_t i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; i++) {
        const struct bad *row = &bad_rows[i];
        struct counts before = count_all();
        int woken_before = wakes;
        struct reply reply = ask(
            (struct ask){.method = "POST", .path = row->path, .type = row->type, .body = row->body});
        json_t *findings = json_object_get(reply.json, "findings");
        bool good = reply.status == row->status &&
                    strcmp(reply.type, "application/problem+json") == 0 &&
                    int_of(reply.json, "status") == row->status;
        if (row->status == 400)
            good &= json_array_size(findings) == 1 &&
                    finding_is(json_array_get(findings, 0), row);
        else
            good &= text_of(reply.json, "detail") != NULL;
        tap_ok(good, "bad input: %s", row->name);
        show_if(!good, &reply);
        tap_ok(same_counts(before, count_all()) && wakes == woken_before,
               "bad input: %s: the store is as it was", row->name);
        reply_free(&reply);
    }
}

/* A request without a number left says how many were asked for and are left. */
static void test_exhausted(void)
{
    struct reply reply = ask((struct ask){
        .method = "POST", .path = JOBS, .type = JSON, .body = FEW("\"quantity\":101,\"data\":{\"product\":\"a\"}")});
    const char *detail = text_of(reply.json, "detail");
    bool good = reply.status == 409 && detail && strstr(detail, "few") && strstr(detail, "101") &&
                strstr(detail, "100");
    tap_ok(good, "beyond the series: names series, asked and left");
    show_if(!good, &reply);
    reply_free(&reply);
}

/* ---- what is taken ---------------------------------------------------------------------- */

static const struct {
    const char *name, *path, *type, *body;
    int64_t quantity;
} good_rows[] = {
    {"JSON", JOBS, JSON, PACK, 3},
    {"JSON with charset", JOBS, "application/json; charset=utf-8", PACK, 3},
    {"a lot that looks like an AI", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "L1(21)FAKE", "2028-03-31", ""), 1},
    {"^XZ^XA and _5E in a product name", JOBS, JSON,
     PACK_WITH("^XZ^XA _5E {lot} ~JA", "9520123456788", "L1", "2028-03-31", ""), 1},
    {"items over common data", JOBS, JSON,
     FEW("\"data\":{\"product\":\"a\",\"note\":\"n\"},"
         "\"items\":[{\"data\":{\"note\":\"m\"},\"quantity\":2},{},{\"data\":{\"note\":null}}]"),
     4},
    {"integers and booleans", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":12,\"count\":7,\"cold\":true,\"weight\":\"0.30\"}"), 1},
    {"CSV", CSV_FEW, "text/csv", "product,note\na,b\nc,d\n", 2},
    {"CSV: mark, CRLF, quotes", CSV_FEW, "text/csv; charset=UTF-8",
     "\xef\xbb\xbfproduct,note\r\n\"a, \"\"b\"\"\",b\r\nc,\"\"\r\n", 2},
    {"CSV: quantity and common data", CSV_FEW "&field.product=Tr%C3%A0&person=Anna&reference=PO-7",
     "text/csv", "note,quantity\na,3\nb,\n", 4},
    {"CSV: printer without evidence", JOBS "?template=sent&printer=blind", "text/csv", "quantity\n5\n",
     5},
};

static void test_good(void)
{
    for (size_t i = 0; i < sizeof good_rows / sizeof good_rows[0]; i++) {
        int woken_before = wakes;
        int64_t jobs = count_all().jobs;
        struct reply reply = ask((struct ask){.method = "POST",
                                              .path = good_rows[i].path,
                                              .type = good_rows[i].type,
                                              .body = good_rows[i].body});
        char location[64];
        snprintf(location, sizeof location, "/v1/jobs/%lld", (long long)int_of(reply.json, "id"));
        json_t *counts = json_object_get(reply.json, "counts");
        bool good = reply.status == 201 && strcmp(reply.location, location) == 0 &&
                    int_of(reply.json, "quantity") == good_rows[i].quantity &&
                    int_of(counts, "reserved") == good_rows[i].quantity &&
                    strcmp(text_of(reply.json, "state"), "open") == 0 &&
                    count_all().jobs == jobs + 1 && wakes == woken_before + 1;
        tap_ok(good, "taken: %s", good_rows[i].name);
        show_if(!good, &reply);
        reply_free(&reply);
    }
}

/* What was sent is what is stored, field by field. */
static enum err add_values(void *arg, const struct row_view *row, struct why *why)
{
    (void)why;
    struct buf *out = arg;
    buf_printf(out, "%llu-%llu", (unsigned long long)row->first, (unsigned long long)row->last);
    for (size_t i = 0; i < row->count; i++)
        buf_printf(out, "|%s", row->values[i] ? row->values[i] : "~");
    buf_add_text(out, ";");
    return ERR_NONE;
}

struct dump {
    int64_t job;
    struct buf text;
};

static enum err dump_op(struct txn *txn, void *arg, struct why *why)
{
    struct dump *dump = arg;
    struct job job;
    enum err err = job_get(txn, dump->job, &job, why);
    return err ? err
               : rows_each(txn, dump->job, 7, 1, job.quantity, add_values, &dump->text, why);
}

static void test_rows(void)
{
    struct reply reply = ask((struct ask){
        .method = "POST",
        .path = CSV_FEW "&field.note=N1",
        .type = "text/csv",
        .body = "quantity,best,product\r\n2,2028-02-29,\"Tra\xcc\x80, \"\"x\"\"\"\r\n,,b\r\n"});
    struct dump dump = {.job = int_of(reply.json, "id"), .text = BUF_INIT(10000)};
    enum err err = store_read(store, dump_op, &dump, NULL);
    tap_is_str(buf_text(&dump.text),
               "1-2|Tr\xc3\xa0, \"x\"|N1|2028-02-29|~|~|~|~;3-3|b|N1|~|~|~|~|~;",
               "rows are stored as sent, in NFC");
    tap_is_int(err, ERR_NONE, "rows are read back");
    buf_free(&dump.text);
    reply_free(&reply);
}

int main(void)
{
    fixture_begin();
    struct passwd *entry = getpwuid(getuid());
    snprintf(user, sizeof user, "%s", entry ? entry->pw_name : "");
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    open_world();
    struct why why = {""};
    if (start_intake(&why)) {
        printf("Bail out! intake: %s\n", why.text);
        return 99;
    }
    test_bad();
    test_exhausted();
    test_good();
    test_rows();
    intake_stop(intake);
    registry_free(registry);
    catalog_free(catalog);
    store_close(store);
    return tap_done();
}
