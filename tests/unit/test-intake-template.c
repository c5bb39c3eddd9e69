/* SPDX-License-Identifier: Apache-2.0 */
/* Templates over the API: added, looked at, previewed; what is refused names its place and
 * leaves store, ledger and numbers as they were. */
#include "spooler/intake/template-kept.h"
#include "spooler/job/job.h"
#include "tests/unit/intake-kit.h"

#define TEMPLATES "/v1/templates"
#define MINE      TEMPLATES "/mine"
#define YAML      "application/yaml"

/* `more` tells versions apart. */
#define MINE_YAML(more)                                                                        \
    "tem: 1\nname: mine\nsize: 40 x 20 mm\nfields:\n"                                          \
    "  product: {type: text, max: 40, required: true, sample: Trà}\n"                         \
    "  count: {type: integer}\n  n: {series: few, sample: F07}\n"                              \
    "elements:\n  - {text: \"{product}" more "{count}\", at: [1, 1]}\n"                        \
    "  - {text: \"{n}\", at: [1, 9]}\n"

static struct reply submit(const char *method, const char *path, const char *type,
                           const char *body, const char *key)
{
    return ask(
        (struct ask){.method = method, .path = path, .type = type, .body = body, .key = key});
}

static struct reply get(const char *path, const char *header)
{
    return ask((struct ask){.method = "GET", .path = path, .header = header});
}

static int64_t events(void)
{
    return fixture_read_int(store,
                            "SELECT count(*) FROM event WHERE"
                            " json_extract(CAST(body AS TEXT), '$.type') = 'template.added'");
}

/* ---- adding ------------------------------------------------------------------------------ */

/* In their order; each is a new version, or (200) changes nothing. */
static const struct addition {
    const char *name, *method, *path, *type, *body;
    long status;
    int64_t events; /* template.added, all told */
} additions[] = {
    {"PUT, a new name", "PUT", MINE, YAML, MINE_YAML(""), 201, 1},
    {"PUT again", "PUT", MINE, YAML, MINE_YAML(""), 200, 1},
    {"POST, the same version", "POST", TEMPLATES, YAML, MINE_YAML(""), 200, 1},
    {"POST, another version", "POST", TEMPLATES, YAML, MINE_YAML("b"), 201, 2},
    {"the first again", "PUT", MINE, "text/yaml", MINE_YAML(""), 201, 3},
    {"as JSON", "PUT", MINE, JSON,
     "{\"yaml\":\"tem: 1\\nname: mine\\nsize: 40 x 20 mm\\n"
     "elements:\\n  - {text: c, at: [1, 1]}\\n\",\"images\":{}}",
     201, 4},
    {"and the second, of YAML's older name", "PUT", MINE, "application/x-yaml; charset=utf-8",
     MINE_YAML("b"), 201, 5},
};

static void test_add(void)
{
    char before[SHA256_HEX] = "";
    for (size_t i = 0; i < sizeof additions / sizeof additions[0]; i++) {
        const struct addition *row = &additions[i];
        struct reply reply = submit(row->method, row->path, row->type, row->body, NULL);
        const char *hash = text_of(reply.json, "hash");
        const char *previous = text_of(reply.json, "previous_hash");
        bool good = reply.status == row->status && hash && strcmp(reply.location, MINE) == 0 &&
                    events() == row->events && strcmp(previous ? previous : "", before) == 0;
        tap_ok(good, "%s: %ld", row->name, row->status);
        show_if(!good, &reply);
        snprintf(before, sizeof before, "%s", hash ? hash : "");
        reply_free(&reply);
        reply = get(MINE, NULL);
        tap_is_str(text_of(reply.json, "hash"), before, "%s: it is current", row->name);
        reply_free(&reply);
    }
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM event WHERE seq = (SELECT seq FROM template_added) AND"
             " json_extract(CAST(body AS TEXT), '$.by') = '%s' AND"
             " json_extract(CAST(body AS TEXT), '$.template') = 'mine' AND"
             " json_extract(CAST(body AS TEXT), '$.template_hash') = '%s' AND"
             " length(json_extract(CAST(body AS TEXT), '$.previous_hash')) = 64",
             user, before);
    tap_is_int(fixture_read_int(store, sql), 1, "the ledger says who, what and after what");
}

/* POST changes state: a key makes it safe to send again (promise 8). PUT needs none. */
static void test_key(void)
{
    struct reply first = submit("POST", TEMPLATES, YAML, MINE_YAML("k"), "key-t");
    struct reply other = submit("POST", TEMPLATES, YAML, MINE_YAML("l"), NULL);
    int64_t before = events();
    struct reply again = submit("POST", TEMPLATES, YAML, MINE_YAML("k"), "key-t");
    tap_ok(first.status == 201 && again.status == 201 && strcmp(first.body, again.body) == 0 &&
               strcmp(again.replayed, "true") == 0 && strcmp(again.location, MINE) == 0,
           "the same request under its key: the same answer");
    tap_is_int(events(), before, "and nothing is written");
    struct reply now = get(MINE, NULL);
    tap_is_str(text_of(now.json, "hash"), text_of(other.json, "hash"),
               "a replay does not bring an old version back");
    reply_free(&again);
    again = submit("POST", TEMPLATES, YAML, MINE_YAML("m"), "key-t");
    tap_is_int(again.status, 409, "another body under the key: 409");
    reply_free(&first);
    reply_free(&other);
    reply_free(&again);
    reply_free(&now);
}

/* Two people change one template: the second, who looked at the first's old one, is told. */
static void test_previous(void)
{
    char path[256];
    struct reply first = submit("PUT", MINE, YAML, MINE_YAML("q1"), NULL);
    snprintf(path, sizeof path, MINE "?previous=%s", text_of(first.json, "hash"));
    struct reply second = submit("PUT", path, YAML, MINE_YAML("q2"), NULL);
    tap_is_int(second.status, 201, "previous: it is what was current");
    int64_t before = events();
    struct reply late = submit("PUT", path, YAML, MINE_YAML("q3"), NULL);
    const char *detail = text_of(late.json, "detail");
    tap_ok(late.status == 409 && detail && strstr(detail, "meanwhile") && events() == before,
           "previous: another is by now: 409, nothing written");
    show_if(late.status != 409, &late);
    reply_free(&late);
    late = submit("PUT", path, YAML, MINE_YAML("q2"), NULL);
    tap_is_int(late.status, 200, "previous: somebody added the very same: fine");
    reply_free(&late);
    late = submit("PUT", MINE "?previous=none", YAML, MINE_YAML("q3"), NULL);
    tap_is_int(late.status, 409, "previous=none: there is one");
    reply_free(&late);
    late = submit("POST", TEMPLATES "?previous=none", YAML,
                  "tem: 1\nname: newest\nsize: 40 x 20 mm\nelements:\n"
                  "  - {text: a, at: [1, 1]}\n",
                  NULL);
    tap_is_int(late.status, 201, "previous=none: there was none");
    reply_free(&late);
    struct reply now = get(MINE, NULL);
    tap_is_str(text_of(now.json, "hash"), text_of(second.json, "hash"),
               "what was current still is");
    reply_free(&first);
    reply_free(&second);
    reply_free(&now);
}

static void test_person(void)
{
    struct ask put = {
        .method = "PUT", .path = MINE, .type = YAML, .body = MINE_YAML("p"), .tcp = true};
    struct reply reply = ask(put);
    tap_is_int(reply.status, 400, "over TCP somebody has to be named");
    reply_free(&reply);
    put.path = MINE "?person=Lan";
    reply = ask(put);
    tap_is_int(reply.status, 201, "over TCP with a person");
    reply_free(&reply);
    reply = get(MINE, NULL);
    tap_is_str(text_of(json_object_get(reply.json, "source"), "added_by"),
               "Lan (http:loopback)", "who added it is told");
    reply_free(&reply);
}

/* ---- what is refused ------------------------------------------------------------------------
 */

static const struct bad {
    const char *name, *method, *path, *type, *body;
    size_t len; /* 0 = strlen */
    long status;
    const char *code, *field; /* of the first finding; NULL = not asserted */
    int64_t line, column;
} bad_rows[] = {
    {"a name that a file has", "PUT", TEMPLATES "/few", YAML,
     "tem: 1\nname: few\nsize: 40 x 20 mm\nelements:\n  - {text: x, at: [1, 1]}\n", 0, 409,
     NULL, NULL, 0, 0},
    {"another name than the path's", "PUT", TEMPLATES "/yours", YAML, MINE_YAML("x"), 0, 400,
     "name-differs", "name", 0, 0},
    {"an unknown key", "PUT", MINE, YAML, "tem: 1\nname: mine\nsise: 40 x 20 mm\n", 0, 400,
     "unknown-key", NULL, 3, 1},
    {"a value far inside", "PUT", MINE, YAML,
     "tem: 1\nname: mine\nsize: 40 x 20 mm\nfields:\n  a: {type: txt}\n"
     "elements:\n  - {text: \"{a}\", at: [1, 1]}\n",
     0, 400, "bad-choice", NULL, 5, 13},
    {"not YAML", "PUT", MINE, YAML, "tem: [1\nname: mine\n", 0, 400, "yaml-syntax", NULL, 2, 5},
    {"a tab", "PUT", MINE, YAML, "tem: 1\n\tname: mine\n", 0, 400, "yaml-tab", NULL, 2, 1},
    {"a NUL", "PUT", MINE, YAML, "tem: 1\nname: mi\0ne\n", 19, 400, "yaml-control", NULL, 2, 9},
    {"not UTF-8", "PUT", MINE, YAML, "tem: 1\nname: \xff\n", 0, 400, "yaml-utf8", NULL, 2, 7},
    {"a name with a slash in it", "POST", TEMPLATES, YAML,
     "tem: 1\nname: a/b\nsize: 40 x 20 mm\nelements:\n  - {text: x, at: [1, 1]}\n", 0, 400,
     "bad-name", NULL, 2, 7},
    {"a slash in the path", "PUT", TEMPLATES "/a%2Fb", YAML, MINE_YAML("x"), 0, 404, NULL, NULL,
     0, 0},
    {"a NUL in the path", "PUT", TEMPLATES "/mi%00ne", YAML, MINE_YAML("x"), 0, 400,
     "name-differs", NULL, 0, 0},
    {"no body", "PUT", MINE, YAML, "", 0, 400, NULL, NULL, 0, 0},
    {"another content type", "PUT", MINE, "text/plain", MINE_YAML("x"), 0, 415, NULL, NULL, 0,
     0},
    {"CSV", "POST", TEMPLATES, "text/csv", "a,b\n", 0, 415, NULL, NULL, 0, 0},
    {"JSON that ends early", "POST", TEMPLATES, JSON, "{\"yaml\":", 0, 400, "json", NULL, 1, 8},
    {"JSON without a template", "POST", TEMPLATES, JSON, "{}", 0, 400, "missing", "yaml", 0, 0},
    {"JSON whose images are a list", "POST", TEMPLATES, JSON, "{\"yaml\":\"\",\"images\":[1]}",
     0, 400, "wrong-type", "images", 0, 0},
    {"an image that was not sent", "POST", TEMPLATES, JSON,
     "{\"yaml\":\"tem: 1\\nname: i\\nsize: 50 x 30 mm\\nelements:\\n  - image: "
     "a.png\\n    at: [1, 1]\\n    width: 9\\n\"}",
     0, 400, "image-unreadable", NULL, 5, 12},
    {"an image that is not base64", "POST", TEMPLATES, JSON,
     "{\"yaml\":\"tem: 1\\nname: i\\nsize: 50 x 30 mm\\nelements:\\n  - image: "
     "a.png\\n    at: [1, 1]\\n    width: 9\\n\",\"images\":{\"a.png\":\"!!\"}}",
     0, 400, "image-unreadable", NULL, 5, 12},
    {"a file of the server as an image", "POST", TEMPLATES, YAML,
     "tem: 1\nname: i\nsize: 50 x 30 mm\nelements:\n  - image: README.md\n    at: [1, 1]\n"
     "    width: 9\n",
     0, 400, "image-unreadable", NULL, 5, 12},
    {"an image that nothing shows", "POST", TEMPLATES, JSON,
     "{\"yaml\":\"tem: 1\\nname: i\\nsize: 50 x 30 mm\\nelements:\\n  - {text: x, at: [1, "
     "1]}\\n\",\"images\":{\"a.png\":\"\"}}",
     0, 400, "unused-image", "images", 0, 0},
    {"JSON with a key that there is not", "POST", TEMPLATES, JSON, "{\"yaml\":\"a\",\"b\":1}",
     0, 400, "unknown-key", NULL, 0, 0},
    {"a fault in JSON's YAML", "POST", TEMPLATES, JSON, "{\"yaml\":\"tem: 1\\nnaem: x\\n\"}", 0,
     400, "unknown-key", NULL, 2, 1},
    {"an unknown parameter", "PUT", MINE "?persn=Lan", YAML, MINE_YAML("x"), 0, 400,
     "unknown-parameter", "persn", 0, 0},
    {"a previous version by its beginning", "PUT", MINE "?previous=12345678", YAML,
     MINE_YAML("x"), 0, 400, "bad-version", "previous", 0, 0},
    {"a person of two lines", "PUT", MINE "?person=a%0Ab", YAML, MINE_YAML("x"), 0, 400,
     "bad-text", "person", 0, 0},
};

static void test_bad(void)
{
    struct reply was = get(MINE, NULL);
    for (size_t i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; i++) {
        const struct bad *row = &bad_rows[i];
        struct counts before = count_all();
        int64_t kept = fixture_read_int(store, "SELECT count(*) FROM template");
        struct reply reply = ask((struct ask){.method = row->method,
                                              .path = row->path,
                                              .type = row->type,
                                              .body = row->body,
                                              .len = row->len});
        json_t *finding = json_array_get(json_object_get(reply.json, "findings"), 0);
        const char *code = text_of(finding, "code"), *field = text_of(finding, "field");
        bool good = reply.status == row->status &&
                    (!row->code || (code && strcmp(code, row->code) == 0)) &&
                    (!row->field || (field && strcmp(field, row->field) == 0)) &&
                    (!row->line || (int_of(finding, "line") == row->line &&
                                    int_of(finding, "column") == row->column));
        tap_ok(good, "refused: %s", row->name);
        show_if(!good, &reply);
        tap_ok(same_counts(before, count_all()) &&
                   kept == fixture_read_int(store, "SELECT count(*) FROM template"),
               "%s: nothing changed", row->name);
        reply_free(&reply);
    }
    struct reply now = get(MINE, NULL);
    tap_is_str(now.body, was.body, "what was current still is");
    reply_free(&was);
    reply_free(&now);
}

/* All faults at once, and the file that has the name. */
static void test_words(void)
{
    struct reply reply =
        submit("PUT", MINE, YAML, "tem: 2\nname: Mine\nsize: 40 x\ncolour: red\n", NULL);
    tap_ok(json_array_size(json_object_get(reply.json, "findings")) >= 4,
           "every fault is told at once");
    show_if(reply.status != 400, &reply);
    reply_free(&reply);
    reply = submit(
        "PUT", TEMPLATES "/few", YAML,
        "tem: 1\nname: few\nsize: 40 x 20 mm\nelements:\n  - {text: x, at: [1, 1]}\n", NULL);
    const char *detail = text_of(reply.json, "detail");
    tap_ok(detail && strstr(detail, fixture_path("templates/few.yaml")),
           "409 says which file has the name: %s", detail ? detail : "");
    reply_free(&reply);
    reply = get(TEMPLATES "/few?format=yaml", NULL);
    struct reply same = submit("PUT", TEMPLATES "/few", YAML, reply.body, NULL);
    tap_is_int(same.status, 200, "the very version that the file has is fine");
    reply_free(&reply);
    reply_free(&same);
    reply = submit("PUT", TEMPLATES "/odd", YAML,
                   "tem: 1\nname: odd\nsize: 40 x 20 mm\nfields:\n  n: {series: pakc}\n"
                   "elements:\n  - {text: \"{n}\", at: [1, 1]}\n",
                   NULL);
    json_t *finding = json_array_get(json_object_get(reply.json, "findings"), 0);
    const char *expected = text_of(finding, "expected");
    tap_ok(reply.status == 201 && expected && strcmp(expected, "pack") == 0 &&
               strcmp(text_of(finding, "severity"), "warning") == 0,
           "a series that is not configured is a warning, with the nearest");
    show_if(reply.status != 201, &reply);
    reply_free(&reply);
}

static void test_large(void)
{
    size_t len = TEMPLATE_MAX_BYTES + 1;
    char *body = malloc(len + 1);
    if (!body)
        abort();
    memset(body, '\n', len);
    memcpy(body, MINE_YAML("q"), strlen(MINE_YAML("q")));
    body[len] = '\0';
    struct ask put = {.method = "PUT", .path = MINE, .type = YAML, .body = body, .len = len};
    struct reply reply = ask(put);
    tap_is_int(reply.status, 413, "a template over 1 MB");
    reply_free(&reply);
    put.chunked = true;
    reply = ask(put);
    tap_is_int(reply.status, 413, "one that does not say its length");
    reply_free(&reply);
    put.chunked = false;
    put.len = len - 1;
    reply = ask(put);
    tap_is_int(reply.status, 201, "one of exactly 1 MB, above the limit of JSON bodies");
    show_if(reply.status != 201, &reply);
    reply_free(&reply);
    free(body);
}

/* ---- looking
 * ---------------------------------------------------------------------------------- */

static const struct look {
    const char *name, *path, *header;
    long status;
    const char *type;
} looks[] = {
    {"JSON unless said", MINE, NULL, 200, JSON},
    {"?format=yaml", MINE "?format=yaml", NULL, 200, YAML},
    {"Accept: YAML", MINE, "Accept: application/yaml", 200, YAML},
    {"Accept: YAML first", MINE, "Accept: text/yaml;q=0.9, application/json", 200, YAML},
    {"Accept: JSON first", MINE, "Accept: application/json, application/yaml", 200, JSON},
    {"Accept: a browser's", MINE, "Accept: text/html,application/xhtml+xml,*/*;q=0.8", 200,
     JSON},
    {"?format= goes over Accept", MINE "?format=json", "Accept: application/yaml", 200, JSON},
    {"an unknown format", MINE "?format=xml", NULL, 400, NULL},
    {"a name that is not there", TEMPLATES "/mien", NULL, 404, NULL},
    {"its versions", TEMPLATES "/mien/versions", NULL, 404, NULL},
    {"its preview", TEMPLATES "/mien/preview", NULL, 404, NULL},
    {"a version of seven digits", MINE "?version=1234567", NULL, 400, NULL},
    {"a version that is no hash", MINE "?version=12345678g", NULL, 400, NULL},
    {"a version of 65 digits",
     MINE "?version=00000000000000000000000000000000000000000000000000000000000000000", NULL,
     400, NULL},
    {"a version that is not there", MINE "?version=00000000", NULL, 404, NULL},
    {"a version of a name that is not there", TEMPLATES "/mien?version=00000000", NULL, 404,
     NULL},
    {"no such path", MINE "/", NULL, 404, NULL},
    {"no name", TEMPLATES "/", NULL, 404, NULL},
    {"versions", MINE "/versions", NULL, 200, JSON},
    {"preview", MINE "/preview", NULL, 200, "image/png"},
};

static void test_looks(void)
{
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        const struct look *row = &looks[i];
        struct reply reply = get(row->path, row->header);
        bool good =
            reply.status == row->status && (!row->type || strcmp(reply.type, row->type) == 0);
        tap_ok(good, "GET: %s", row->name);
        show_if(!good, &reply);
        struct reply head =
            ask((struct ask){.method = "HEAD", .path = row->path, .header = row->header});
        tap_ok(head.status == row->status && head.len == 0 &&
                   strcmp(head.type, reply.type) == 0,
               "HEAD: %s", row->name);
        reply_free(&head);
        reply_free(&reply);
    }
    struct reply reply = get(TEMPLATES "/mien", NULL);
    const char *detail = text_of(reply.json, "detail");
    tap_ok(detail && strstr(detail, "mine"), "404 names the nearest: %s", detail ? detail : "");
    reply_free(&reply);
    static const struct {
        const char *method, *path, *allow;
    } methods[] = {{"DELETE", MINE, "GET, HEAD, PUT"},
                   {"DELETE", TEMPLATES, "GET, HEAD, POST"},
                   {"POST", MINE, "GET, HEAD, PUT"},
                   {"POST", MINE "/versions", "GET, HEAD"},
                   {"PUT", MINE "/preview", "GET, HEAD, POST"}};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        reply = ask((struct ask){.method = methods[i].method, .path = methods[i].path});
        tap_ok(reply.status == 405 && strcmp(reply.allow, methods[i].allow) == 0,
               "%s %s: 405, %s", methods[i].method, methods[i].path, methods[i].allow);
        show_if(reply.status != 405, &reply);
        reply_free(&reply);
    }
}

static void test_members(void)
{
    struct reply put = submit("PUT", MINE, YAML, MINE_YAML("z"), NULL);
    struct reply reply = get(MINE, NULL), yaml = get(MINE "?format=yaml", NULL);
    tap_is_str(yaml.body, MINE_YAML("z"), "the exact YAML");
    json_t *fields = json_object_get(reply.json, "fields");
    json_t *product = json_array_get(fields, 0), *n = json_array_get(fields, 2);
    tap_ok(int_of(reply.json, "width_um") == 40000 &&
               int_of(reply.json, "height_um") == 20000 && int_of(reply.json, "pieces") == 1 &&
               json_is_true(json_object_get(reply.json, "current")),
           "size and pieces");
    tap_ok(strcmp(text_of(product, "type"), "text") == 0 &&
               json_is_true(json_object_get(product, "required")) &&
               strcmp(text_of(product, "sample"), "Trà") == 0 && int_of(product, "max") == 40 &&
               strcmp(text_of(n, "series"), "few") == 0 &&
               strcmp(text_of(n, "type"), "series") == 0,
           "fields with type, sample and series");
    tap_is_str(text_of(json_object_get(reply.json, "source"), "kind"), "api",
               "where it comes from: the API");
    reply_free(&put);
    reply_free(&reply);
    reply_free(&yaml);
    reply = get(TEMPLATES "/few", NULL);
    json_t *source = json_object_get(reply.json, "source");
    tap_is_str(text_of(source, "file"), fixture_path("templates/few.yaml"),
               "where it comes from: a file");
    reply_free(&reply);
    reply = get(TEMPLATES, NULL);
    size_t i, mine = 0;
    json_t *one;
    json_array_foreach(json_object_get(reply.json, "templates"), i, one) mine +=
        strcmp(text_of(one, "name"), "mine") == 0;
    tap_is_int((long long)mine, 1, "the list has it once, however many versions it had");
    reply_free(&reply);
}

/* ---- versions
 * ------------------------------------------------------------------------------------ */

#define JOB                                                                                    \
    "{\"template\":\"mine\",\"printer\":\"line1\",\"quantity\":2,\"data\":{\"product\":\"a\"}" \
    "}"

/* A version whose hash begins like another's: SHA-256 gives none, so the store is told one. */
static enum err insert_twin(struct txn *txn, void *arg, struct why *why)
{
    uint8_t hash[SHA256_BYTES];
    if (!hex_parse(arg, hash, sizeof hash))
        return err_set(why, ERR_INPUT, "no hash");
    hash[SHA256_BYTES - 1] ^= 1;
    return sql_run(txn, why,
                   "INSERT INTO template (hash, name, body, kept_ms)"
                   " SELECT ?1, name, body, 0 FROM template WHERE name = 'mine' LIMIT 1",
                   "b", (const void *)hash, sizeof hash);
}

static void test_twins(const char *hash)
{
    char path[256];
    struct why why = {""};
    if (store_write(store, insert_twin, (void *)(uintptr_t)hash, &why))
        printf("# %s\n", why.text);
    snprintf(path, sizeof path, MINE "?version=%.62s", hash);
    struct reply reply = get(path, NULL);
    const char *detail = text_of(reply.json, "detail");
    tap_ok(reply.status == 409 && detail && strstr(detail, "more digits"),
           "digits that two versions have: 409 asks for more");
    show_if(reply.status != 409, &reply);
    reply_free(&reply);
    snprintf(path, sizeof path, MINE "?version=%s", hash);
    reply = get(path, NULL);
    tap_is_str(text_of(reply.json, "hash"), hash, "all digits: that one");
    reply_free(&reply);
}

static void test_versions(void)
{
    struct reply old = submit("PUT", MINE, YAML, MINE_YAML("old"), NULL);
    struct reply job = submit("POST", JOBS, JSON, JOB, NULL);
    struct reply new = submit("PUT", MINE, YAML, MINE_YAML("new"), NULL);
    struct reply second = submit("POST", JOBS, JSON, JOB, NULL);
    tap_ok(job.status == 201 && second.status == 201 &&
               strcmp(text_of(job.json, "template_hash"), text_of(old.json, "hash")) == 0 &&
               strcmp(text_of(second.json, "template_hash"), text_of(new.json, "hash")) == 0,
           "a job has the version that was current");
    char path[256];
    snprintf(path, sizeof path, "/v1/jobs/%lld", (long long)int_of(job.json, "id"));
    struct reply looked = get(path, NULL);
    json_t *range = json_array_get(json_object_get(looked.json, "ranges"), 0);
    tap_is_str(text_of(range, "field"), "n", "and keeps it: its fields are still known");
    reply_free(&looked);
    looked = get(MINE "/versions", NULL);
    json_t *list = json_object_get(looked.json, "versions"), *first = json_array_get(list, 0);
    tap_ok(strcmp(text_of(first, "hash"), text_of(new.json, "hash")) == 0 &&
               json_is_true(json_object_get(first, "current")) && int_of(first, "jobs") == 1 &&
               text_of(first, "kept_at"),
           "versions: the current one first, with its jobs");
    show_if(looked.status != 200, &looked);
    size_t i, current = 0, found = 0;
    json_t *version;
    json_array_foreach(list, i, version)
    {
        current += json_is_true(json_object_get(version, "current"));
        found += strcmp(text_of(version, "hash"), text_of(old.json, "hash")) == 0 &&
                 int_of(version, "jobs") == 1;
    }
    tap_ok(current == 1 && found == 1, "one is current, and the old one has its job");
    reply_free(&looked);
    snprintf(path, sizeof path, MINE "?format=yaml&version=%.8s", text_of(old.json, "hash"));
    looked = get(path, NULL);
    tap_is_str(looked.body, MINE_YAML("old"), "an old version by eight digits of its hash");
    reply_free(&looked);
    snprintf(path, sizeof path, MINE "?version=%s", text_of(old.json, "hash"));
    looked = get(path, NULL);
    tap_ok(json_is_false(json_object_get(looked.json, "current")) &&
               strcmp(text_of(json_object_get(looked.json, "source"), "kind"), "kept") == 0,
           "an old version is not called current");
    reply_free(&looked);
    looked = get(TEMPLATES "/wide/versions", NULL);
    first = json_array_get(json_object_get(looked.json, "versions"), 0);
    tap_ok(json_is_true(json_object_get(first, "current")) &&
               json_is_null(json_object_get(first, "kept_at")) && int_of(first, "jobs") == 0,
           "a file that nobody used yet is current and not kept");
    snprintf(path, sizeof path, TEMPLATES "/wide?version=%.9s", text_of(first, "hash"));
    reply_free(&looked);
    looked = get(path, NULL);
    tap_is_int(looked.status, 200, "and found by its hash");
    reply_free(&looked);
    test_twins(text_of(old.json, "hash"));
    reply_free(&old);
    reply_free(&new);
    reply_free(&job);
    reply_free(&second);
}

/* ---- preview
 * ------------------------------------------------------------------------------------------ */

static const struct preview {
    const char *name, *method, *path, *body;
    long status;
    const char *want;  /* 200: what is drawn, else the code of a finding */
    const char *field; /* of that finding; NULL = not asserted */
} previews[] = {
    {"nothing given: samples", "GET", MINE "/preview", NULL, 200, "zpl-203\nTrànew\nF07\n",
     NULL},
    {"an empty body", "POST", MINE "/preview", "{}", 200, "zpl-203\nTrànew\nF07\n", NULL},
    {"data and model", "POST", MINE "/preview",
     "{\"data\":{\"product\":\"Chè\",\"count\":12},\"model\":\"zpl-300\"}", 200,
     "zpl-300\nChènew12\nF07\n", NULL},
    {"the same in parameters", "GET",
     MINE "/preview?field.product=Ch%C3%A8&field.count=12&model=zpl-300", NULL, 200,
     "zpl-300\nChènew12\nF07\n", NULL},
    {"samples for the rest", "POST", MINE "/preview",
     "{\"data\":{\"count\":3},\"samples\":true}", 200, "zpl-203\nTrànew3\nF07\n", NULL},
    {"no sample in the template: of the series' format", "GET", TEMPLATES "/sent/preview", NULL,
     200, NULL, NULL},
    {"a number may not be chosen", "POST", MINE "/preview",
     "{\"data\":{\"product\":\"a\",\"n\":\"F01\"}}", 400, "series-field", "data.n"},
    {"a required field without samples", "POST", MINE "/preview", "{\"data\":{\"count\":3}}",
     400, "missing", "data.product"},
    {"an unknown field", "GET", MINE "/preview?field.prodct=a", NULL, 400, "unknown-field",
     "field.prodct"},
    {"bytes that are no UTF-8", "GET", MINE "/preview?field.product=%ff", NULL, 400, "bad-utf8",
     "field.product"},
    {"an unknown model", "POST", MINE "/preview", "{\"model\":\"zpl-204\"}", 400,
     "unknown-model", "model"},
    {"a label that cannot be drawn", "POST", MINE "/preview",
     "{\"data\":{\"product\":\"\xe2\x98\x83\"}}", 400, "no-glyph", NULL},
    {"samples that are neither", "GET", MINE "/preview?samples=1", NULL, 400, "wrong-type",
     "samples"},
    {"an unknown key", "POST", MINE "/preview", "{\"modle\":\"zpl-203\"}", 400, "unknown-key",
     "modle"},
    {"an unknown parameter", "GET", MINE "/preview?modle=zpl-203", NULL, 400,
     "unknown-parameter", "modle"},
    {"data that is no object", "POST", MINE "/preview", "{\"data\":[1]}", 400, "wrong-type",
     "data"},
    {"a version that is no hash", "POST", MINE "/preview", "{\"version\":\"x\"}", 400,
     "bad-version", "version"},
};

static void test_preview(void)
{
    struct counts before = count_all();
    for (size_t i = 0; i < sizeof previews / sizeof previews[0]; i++) {
        const struct preview *row = &previews[i];
        struct reply reply =
            submit(row->method, row->path, row->body ? JSON : NULL, row->body, NULL);
        json_t *finding = json_array_get(json_object_get(reply.json, "findings"), 0);
        const char *code = text_of(finding, "code"), *field = text_of(finding, "field");
        bool good = reply.status == row->status;
        if (row->status == 200)
            good = good && strcmp(reply.sample, "true") == 0 &&
                   strcmp(reply.type, "image/png") == 0 && reply.len > 5 &&
                   (!row->want || strcmp(reply.body + 5, row->want) == 0);
        else
            good = good && !*reply.sample && code && strcmp(code, row->want) == 0 &&
                   (!row->field || (field && strcmp(field, row->field) == 0));
        tap_ok(good, "preview: %s", row->name);
        show_if(!good, &reply);
        reply_free(&reply);
    }
    struct reply reply =
        submit("POST", MINE "/preview", JSON,
               "{\"data\":{\"prodct\":\"a\",\"count\":\"x\"},\"model\":\"no\"}", NULL);
    tap_ok(json_array_size(json_object_get(reply.json, "findings")) >= 3,
           "preview: model and data are told at once");
    show_if(reply.status != 400, &reply);
    reply_free(&reply);
    tap_ok(same_counts(before, count_all()), "previews issue no number and write nothing");
}

static void test_old_preview(void)
{
    struct reply old = submit("PUT", MINE, YAML, MINE_YAML("v1"), NULL);
    struct reply new = submit("PUT", MINE, YAML, MINE_YAML("v2"), NULL);
    char path[256];
    snprintf(path, sizeof path, MINE "/preview?version=%.12s", text_of(old.json, "hash"));
    struct reply reply = get(path, NULL);
    tap_ok(reply.status == 200 && strstr(reply.body, "Tràv1\n"), "preview of an old version");
    show_if(reply.status != 200, &reply);
    reply_free(&old);
    reply_free(&new);
    reply_free(&reply);
}

/* ---- images: sent, kept, there after a restart
 * ------------------------------------------------ */

/* A PNG of 2 x 1 pixels, black and white, made with Python's zlib and struct. */
#define DOTS_PNG                                                                               \
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg+A8AAQIBAEK+"                 \
    "vGgAAAAASUVORK5CYII="
#define DOTS_JSON                                                                              \
    "{\"yaml\":\"tem: 1\\nname: dots\\nsize: 40 x 20 mm\\nelements:\\n  - image: d.png\\n    " \
    "at: "                                                                                     \
    "[1, 1]\\n    width: 9\\n\",\"images\":{\"d.png\":\"" DOTS_PNG "\"}}"

static void test_image(void)
{
    struct reply reply =
        ask((struct ask){.method = "POST", .path = TEMPLATES, .type = JSON, .body = DOTS_JSON});
    tap_is_int(reply.status, 201, "a template with its image");
    reply_free(&reply);
    reply =
        ask((struct ask){.method = "POST", .path = TEMPLATES, .type = JSON, .body = DOTS_JSON});
    tap_is_int(reply.status, 200, "the same again is the same version");
    reply_free(&reply);
    reply = get(TEMPLATES "/dots?format=yaml", NULL);
    tap_ok(reply.status == 200 && strstr(reply.body, "image: d.png") &&
               !strstr(reply.body, "PNG"),
           "its YAML is the YAML alone");
    reply_free(&reply);
}

/* ---- a restart
 * ------------------------------------------------------------------------------------------ */

static void restart(const char *const *folders, size_t count)
{
    struct why why = {""};
    struct findings findings = {0};
    intake_stop(intake);
    intake = NULL;
    catalog_free(catalog);
    catalog = NULL;
    enum err err = catalog_load(folders, count, &catalog, &findings);
    findings_clear(&findings);
    if (!err)
        err = template_kept_load(store, catalog, &why);
    if (!err)
        err = start_intake(&why);
    if (err) {
        printf("Bail out! %s\n", why.text);
        exit(99);
    }
}

static enum err spoil_body(struct txn *txn, void *arg, struct why *why)
{
    (void)arg; /* the name is enough */
    return sql_run(txn, why,
                   "UPDATE template SET body = CAST('tem: 9' AS BLOB) WHERE name = 'odd'", "");
}

static void test_restart(void)
{
    char own[PATH_MAX], file[PATH_MAX + 16];
    struct why why = {""};
    snprintf(own, sizeof own, "%s", fixture_path("own"));
    snprintf(file, sizeof file, "%s/mine.yaml", own);
    const char *folders[] = {own};
    if (mkdir(own, 0700) != 0)
        abort();
    struct reply was = submit("PUT", MINE, YAML, MINE_YAML("last"), NULL);
    struct reply old = get(MINE "/versions", NULL);
    char path[256];
    snprintf(path, sizeof path, MINE "?format=yaml&version=%s",
             text_of(json_array_get(json_object_get(old.json, "versions"), 1), "hash"));
    struct reply old_yaml = get(path, NULL);
    if (store_write(store, spoil_body, NULL, &why))
        printf("# %s\n", why.text);
    restart(folders, 1);
    struct reply now = get(MINE, NULL), yaml = get(MINE "?format=yaml", NULL);
    tap_is_str(text_of(now.json, "hash"), text_of(was.json, "hash"),
               "after a restart the last one added is current");
    tap_is_str(yaml.body, MINE_YAML("last"), "byte for byte");
    struct reply again = get(path, NULL);
    tap_ok(again.status == 200 && strcmp(again.body, old_yaml.body) == 0,
           "and an older one is read from the store");
    struct reply preview = get(path, NULL);
    reply_free(&preview);
    snprintf(path, sizeof path, MINE "/preview?version=%s",
             text_of(json_array_get(json_object_get(old.json, "versions"), 1), "hash"));
    preview = get(path, NULL);
    tap_is_int(preview.status, 200, "and previewed");
    reply_free(&preview);
    struct reply dots = get(TEMPLATES "/dots/preview", NULL);
    tap_is_int(dots.status, 200, "one with an image has its image");
    reply_free(&dots);
    struct reply odd = get(TEMPLATES "/odd", NULL);
    tap_is_int(odd.status, 404, "one that no longer loads is left out, the others work");
    reply_free(&odd);
    reply_free(&was);
    reply_free(&old);
    reply_free(&old_yaml);
    reply_free(&now);
    reply_free(&yaml);
    reply_free(&again);

    put_file(file, MINE_YAML("file"));
    restart(folders, 1);
    yaml = get(MINE "?format=yaml", NULL);
    tap_is_str(yaml.body, MINE_YAML("file"), "a file that takes the name is what counts");
    reply_free(&yaml);
    struct reply put = submit("PUT", MINE, YAML, MINE_YAML("more"), NULL);
    tap_is_int(put.status, 409, "and the name is the administrator's from now on");
    reply_free(&put);
    unlink(file);
    restart(folders, 1);
    yaml = get(MINE "?format=yaml", NULL);
    tap_is_str(yaml.body, MINE_YAML("last"), "without the file the last one added is back");
    reply_free(&yaml);
}

/* ---- many at once
 * ----------------------------------------------------------------------------------------- */

#define CLIENTS 8
#define EACH    12

static void *add_on(void *arg)
{
    long *bad = arg;
    CURL *curl = curl_easy_init();
    for (int i = 0; i < EACH; i++) {
        char body[512];
        snprintf(body, sizeof body,
                 "tem: 1\nname: busy\nsize: 40 x 20 mm\ntitle: %p %d\n"
                 "elements:\n  - {text: a, at: [1, 1]}\n",
                 arg, i);
        struct reply put = ask_with(
            curl, (struct ask){
                      .method = "PUT", .path = TEMPLATES "/busy", .type = YAML, .body = body});
        struct reply job = ask_with(
            curl, (struct ask){
                      .method = "POST",
                      .path = JOBS,
                      .type = JSON,
                      .body = "{\"template\":\"busy\",\"printer\":\"line1\",\"quantity\":1}"});
        *bad += put.status != 201 || job.status != 201;
        reply_free(&put);
        reply_free(&job);
    }
    curl_easy_cleanup(curl);
    return NULL;
}

/* Whatever the order in which commits were answered: what is shown is what the store has. */
static void test_many(void)
{
    pthread_t threads[CLIENTS];
    long bad[CLIENTS] = {0}, sum = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        if (pthread_create(&threads[i], NULL, add_on, &bad[i]) != 0)
            abort();
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
        sum += bad[i];
    }
    tap_is_int(sum, 0, "8 clients add and order: all accepted");
    struct reply reply = get(TEMPLATES "/busy", NULL);
    char sql[256];
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM template_added WHERE name = 'busy' AND lower(hex(hash)) = '%s'",
        text_of(reply.json, "hash"));
    tap_is_int(fixture_read_int(store, sql), 1, "the current version is the store's");
    reply_free(&reply);
    tap_is_int(fixture_read_int(
                   store, "SELECT count(*) FROM template_added AS a JOIN event AS e ON"
                          " e.seq = (SELECT max(seq) FROM event WHERE"
                          " json_extract(CAST(body AS TEXT), '$.template') = 'busy' AND"
                          " json_extract(CAST(body AS TEXT), '$.type') = 'template.added')"
                          " WHERE a.name = 'busy' AND a.seq = e.seq AND lower(hex(a.hash)) ="
                          " json_extract(CAST(e.body AS TEXT), '$.template_hash')"),
               1, "and the ledger's last");
}

/* More versions than are held in one run. Behind test_many: what is there stays usable. */
static void test_full_catalog(void)
{
    CURL *curl = curl_easy_init();
    long status = 201;
    char body[256];
    int taken = 0;
    for (int i = 0; i <= CATALOG_MAX_REPLACED && status == 201; i++) {
        snprintf(body, sizeof body,
                 "tem: 1\nname: full\nsize: 40 x 20 mm\ntitle: T%d\n"
                 "elements:\n  - {text: a, at: [1, 1]}\n",
                 i);
        struct reply reply = ask_with(
            curl,
            (struct ask){.method = "POST", .path = TEMPLATES, .type = YAML, .body = body});
        status = reply.status;
        taken += status == 201;
        if (status != 201)
            tap_ok(status == 503 && strstr(text_of(reply.json, "detail"), "restart"),
                   "too many versions in one run (%d): 503 says what to do", taken);
        reply_free(&reply);
    }
    tap_ok(taken > 0 && taken <= CATALOG_MAX_REPLACED, "those before were taken");
    struct reply reply = submit("PUT", MINE, YAML, MINE_YAML("last"), NULL);
    tap_is_int(reply.status, 200, "a version that is there is fine");
    reply_free(&reply);
    reply = submit("POST", TEMPLATES, YAML,
                   "tem: 1\nname: fresh\nsize: 40 x 20 mm\nelements:\n"
                   "  - {text: a, at: [1, 1]}\n",
                   NULL);
    tap_is_int(reply.status, 201, "a new name replaces nothing, and is taken");
    reply_free(&reply);
    reply = submit("POST", JOBS, JSON, JOB, NULL);
    tap_is_int(reply.status, 201, "and jobs are accepted");
    reply_free(&reply);
    curl_easy_cleanup(curl);
}

static void test_full_disk(void)
{
    struct rlimit limit, old;
    if (getrlimit(RLIMIT_FSIZE, &old) != 0 || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        abort();
    limit = old;
    limit.rlim_cur = 4096; /* no file of the store may be written past this */
    struct reply was = get(MINE, NULL);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
    struct reply reply = submit("PUT", MINE, YAML, MINE_YAML("disk"), NULL);
    if (setrlimit(RLIMIT_FSIZE, &old) != 0)
        abort();
    struct reply now = get(MINE, NULL);
    tap_is_int(reply.status, 507, "no space for a template: 507");
    tap_is_str(text_of(now.json, "hash"), text_of(was.json, "hash"),
               "nobody can order with what is not on disk");
    reply_free(&was);
    reply_free(&reply);
    reply_free(&now);
}

int main(void)
{
    begin_world();
    test_add();
    test_key();
    test_previous();
    test_person();
    test_bad();
    test_words();
    test_large();
    test_looks();
    test_members();
    test_versions();
    test_preview();
    test_old_preview();
    test_full_disk();
    test_image();
    test_restart();
    test_many();
    test_full_catalog();
    end_world();
    return tap_done();
}
