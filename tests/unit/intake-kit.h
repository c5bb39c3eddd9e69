/* SPDX-License-Identifier: Apache-2.0 */
/* intake-kit.h: intake over a real store, registry and catalog in the run's folder, and a
 * client (libcurl) to ask it. For the tests of intake; included once, tap.h before it. */
#ifndef TEM_TESTS_INTAKE_KIT_H
#define TEM_TESTS_INTAKE_KIT_H

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
static char socket_path[108]; /* sun_path */
static char user[64];
static atomic_int wakes;
static struct archive_config kit_archive; /* a test fills it in */

/* ---- the world around intake --------------------------------------------------------- */

static bool view_printer(void *ctx, size_t index, struct printer_view *out)
{
    (void)ctx;
    static const struct printer_view views[] = {
        {.name = "line1",
         .queue = "q1",
         .model = "zpl-203",
         .evidence = true,
         .emptied = true,
         .state = "idle"},
        {.name = "blind",
         .queue = "q2",
         .model = "tspl-203",
         .evidence = false,
         .state = "idle"},
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

/* Stands for the renderer: what is drawn, one line each, behind a PNG's first bytes. */
static enum err view_preview(void *ctx, const char *model, const struct template *template,
                             const struct label_doc *doc, struct buf *png,
                             struct findings *findings, struct why *why)
{
    (void)why; /* cannot fail otherwise */
    if (strcmp(model, "zpl-203") != 0 && strcmp(model, "zpl-300") != 0)
        return findings_add(findings, SEVERITY_ERROR, "unknown-model",
                            (struct place){.field = "model"}, model, "zpl-203",
                            "there is no such printer model");
    if (!doc)
        return ERR_NONE;
    buf_printf(png, "\x89PNG %s\n", model);
    for (size_t i = 0; i < doc->count; i++)
        buf_printf(png, "%s\n", doc->drawn[i].content);
    return view_label(ctx, "", template, doc, findings);
}

__attribute__((unused)) static int drained; /* line1's roll is to be changed */
__attribute__((unused)) static int drain_orders;

static enum err drain_printer(void *ctx, const char *printer, bool on, struct why *why)
{
    (void)ctx;
    if (strcmp(printer, "line1") != 0)
        return err_set(why, ERR_NOT_FOUND, "there is no printer %s", printer);
    drained = on;
    drain_orders++;
    return ERR_NONE;
}

static void woken(void *ctx, const char *printer)
{
    (void)ctx;
    (void)printer;
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
        {"few",
         "tem: 1\nname: few\nsize: 40 x 20 mm\nfields:\n"
         "  product: {type: text, max: 40, required: true}\n"
         "  note: {type: text, charset: gs1-82, max: 20}\n"
         "  best: {type: date}\n"
         "  count: {type: integer}\n  weight: {type: decimal}\n  cold: {type: boolean}\n"
         "  number: {series: few}\n"
         "elements:\n  - {text: \"{product}{note}{best}{count}{weight}{cold}\", at: [1, 1]}\n"
         "  - {text: \"{number}\", at: [1, 9]}\n"},
        {"lost", "tem: 1\nname: lost\nsize: 40 x 20 mm\nfields:\n  n: {series: pakc}\n"
                 "elements:\n  - {text: \"{n}\", at: [1, 1]}\n"},
        {"wide", "tem: 1\nname: wide\nsize: 40 x 20 mm\nfields:\n"
                 "  product: {type: text, max: 40, required: true}\n"
                 "  note: {type: text, charset: gs1-82, max: 20}\n  n: {series: pack}\n"
                 "elements:\n  - {text: \"{product}{note}{n}\", at: [1, 1]}\n"},
        {"anew", "tem: 1\nname: anew\nsize: 40 x 20 mm\nreprint: {number: new}\nfields:\n"
                 "  product: {type: text, max: 40, required: true}\n  n: {series: few}\n"
                 "elements:\n  - {text: \"{product}{n}\", at: [1, 1]}\n"},
        {"duo", "tem: 1\nname: duo\nsize: 40 x 20 mm\n"
                "reprint: {number: new, approver: true, limit: 2}\nfields:\n"
                "  product: {type: text, max: 40, required: true}\n  n: {series: few}\n"
                "elements:\n  - {text: \"{product}{n}\", at: [1, 1]}\n"},
        {"never", "tem: 1\nname: never\nsize: 40 x 20 mm\nreprint: {number: never}\nfields:\n"
                  "  n: {series: few}\nelements:\n  - {text: \"{n}\", at: [1, 1]}\n"},
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
         .format =
             {.kind = NUMBER_SEQUENTIAL, .alphabet = "0123456789", .length = 2, .prefix = "F"}},
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

__attribute__((unused)) static enum err start_intake(struct why *why)
{
    snprintf(socket_path, sizeof socket_path, "%s", fixture_path("tem.sock"));
    static const char *const reasons[] = {"damaged", "lost", NULL};
    const struct intake_config config = {
        .socket_path = socket_path,
        .reprint_reasons = reasons,
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
        .preview = view_preview,
        .drain = drain_printer,
        .wake = woken,
        .archive = &kit_archive,
        .key_days = 400,
    };
    return intake_start(&config, &intake, why);
}

/* ---- asking ---------------------------------------------------------------------------- */

struct reply {
    long status;
    char *body;
    size_t len;
    char type[64], location[128], replayed[16], allow[64], sample[16];
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
        {"tem-sample: ", reply->sample, sizeof reply->sample},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        size_t head = strlen(wanted[i].name);
        if (len > head + 2 && strncasecmp(bytes, wanted[i].name, head) == 0)
            snprintf(wanted[i].out, wanted[i].size, "%.*s", (int)(len - head - 2),
                     bytes + head);
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
    snprintf(type, sizeof type, "Content-Type:%s%s", ask.type ? " " : "",
             ask.type ? ask.type : "");
    snprintf(key, sizeof key, "Idempotency-Key:%s%s", ask.key ? " " : "",
             ask.key ? ask.key : "");
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

__attribute__((unused)) static struct reply ask(struct ask what)
{
    static CURL *curl;
    if (!curl)
        curl = curl_easy_init();
    return ask_with(curl, what);
}

__attribute__((unused)) static void reply_free(struct reply *reply)
{
    json_decref(reply->json);
    free(reply->body);
    *reply = (struct reply){0};
}

#define JOBS     "/v1/jobs"
#define CSV_FEW  JOBS "?template=few&printer=line1"
#define CSV_PACK JOBS "?template=medicine-pack&printer=line1"
#define JSON     "application/json"
#define PACK                                                                                   \
    "{\"template\":\"medicine-pack\",\"printer\":\"line1\",\"quantity\":3,\"data\":{"          \
    "\"product\":\"Viên nén\",\"gtin\":\"9520123456788\",\"lot\":\"L1\","                    \
    "\"expiry\":\"2028-03-31\"}}"

/* Members after template and printer. */
#define FEW(more) "{\"template\":\"few\",\"printer\":\"line1\"," more "}"

/* What must not change when a request is refused. */
struct counts {
    int64_t jobs, numbers, events, spans, segments, pages, keys;
};

__attribute__((unused)) static struct counts count_all(void)
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

__attribute__((unused)) static bool same_counts(struct counts a, struct counts b)
{
    return a.jobs == b.jobs && a.numbers == b.numbers && a.events == b.events &&
           a.spans == b.spans && a.segments == b.segments && a.pages == b.pages &&
           a.keys == b.keys;
}

__attribute__((unused)) static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

__attribute__((unused)) static int64_t int_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

__attribute__((unused)) static void show_if(bool bad, const struct reply *reply)
{
    if (bad)
        printf("# %ld %s\n", reply->status, reply->body ? reply->body : "");
}

/* Everything up; ends the program when it cannot be. */
static void begin_world(void)
{
    struct why why = {""};
    fixture_begin();
    struct passwd *entry = getpwuid(getuid());
    snprintf(user, sizeof user, "%s", entry ? entry->pw_name : "");
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    open_world();
    if (start_intake(&why)) {
        printf("Bail out! intake: %s\n", why.text);
        exit(99);
    }
}

static void end_world(void)
{
    intake_stop(intake); /* NULL where a test stopped it */
    registry_free(registry);
    catalog_free(catalog);
    store_close(store);
}

#endif
