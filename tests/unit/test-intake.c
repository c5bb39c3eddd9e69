/* SPDX-License-Identifier: Apache-2.0 */
/* What POST /v1/jobs takes and refuses: what is taken is stored as sent; what is refused is
 * named, with place, value and expectation, and leaves the store as it was. */
#include "tests/unit/intake-kit.h"

/* ---- bad input, by name ------------------------------------------------------------------ */

#define PACK_WITH(product, gtin, lot, expiry, more)                                            \
    "{\"template\":\"medicine-pack\",\"printer\":\"line1\",\"quantity\":1,\"data\":{"          \
    "\"product\":\"" product "\",\"gtin\":\"" gtin "\",\"lot\":\"" lot                         \
    "\",\"expiry\":\"" expiry "\"" more "}}"
#define GOOD "Thuốc", "9520123456788", "L1", "2028-03-31"

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
     "{\"template\":\"few\",\"printer\":\"line2\",\"quantity\":1,\"data\":{\"product\":\"a\"}}",
     400, "unknown-printer", "printer", "line2", "line1", 0, 0},
    {"unknown series", JOBS, JSON,
     "{\"template\":\"lost\",\"printer\":\"line1\",\"quantity\":1}", 400, "unknown-series", "n",
     "pakc", "pack", 0, 0},
    {"no template", JOBS, JSON, "{\"printer\":\"line1\",\"quantity\":1}", 400, "missing",
     "template", NULL, "template", 0, 0},
    {"printer without evidence", JOBS, JSON,
     "{\"template\":\"few\",\"printer\":\"blind\",\"quantity\":1,\"data\":{\"product\":\"a\"}}",
     400, "no-evidence", "printer", "blind", "close: sent", 0, 0},
    {"unknown field", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "L1", "2028-03-31", ",\"lott\":\"x\""), 400,
     "unknown-field", "data.lott", "lott", "lot", 0, 0},
    {"a value for a series field", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "L1", "2028-03-31", ",\"serial\":\"x\""), 400,
     "series-field", "data.serial", NULL, "series", 0, 0},
    {"missing field", JOBS, JSON,
     "{\"template\":\"medicine-pack\",\"printer\":\"line1\",\"quantity\":1,\"data\":{"
     "\"product\":\"a\",\"gtin\":\"9520123456788\",\"expiry\":\"2028-03-31\"}}",
     400, NULL, "data.lot", NULL, NULL, 0, 0},
    {"over-long field", JOBS, JSON,
     PACK_WITH("12345678901234567890123456789012345678901", "9520123456788", "L1", "2028-03-31",
               ""),
     400, NULL, "data.product", "12345678901234567890123456789012345678901", "40", 0, 0},
    {"wrong check digit", JOBS, JSON, PACK_WITH("a", "9520123456789", "L1", "2028-03-31", ""),
     400, NULL, "data.gtin", "9520123456789", "8", 0, 0},
    {"a date that does not exist", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "L1", "2026-02-30", ""), 400, NULL, "data.expiry",
     "2026-02-30", "", 0, 0},
    {"a character outside the charset", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "Lô1", "2028-03-31", ""), 400, NULL, "data.lot", "Lô1", "",
     0, 0},
    {"a character that no font has", JOBS, JSON,
     PACK_WITH("a\u2603", "9520123456788", "L1", "2028-03-31", ""), 400, "no-glyph",
     "data.product", "\xe2\x98\x83", "fonts", 0, 0},
    {"lot with square brackets", JOBS, JSON,
     PACK_WITH("a", "9520123456788", "L1[21]F", "2028-03-31", ""), 400, NULL, "data.lot",
     "L1[21]F", "", 0, 0},
    {"quantity 0", JOBS, JSON, FEW("\"quantity\":0,\"data\":{\"product\":\"a\"}"), 400,
     "bad-quantity", "quantity", "0", "1 to", 0, 0},
    {"quantity negative", JOBS, JSON, FEW("\"quantity\":-5,\"data\":{\"product\":\"a\"}"), 400,
     "bad-quantity", "quantity", "-5", "1 to", 0, 0},
    {"quantity as a string", JOBS, JSON, FEW("\"quantity\":\"5\",\"data\":{\"product\":\"a\"}"),
     400, "bad-quantity", "quantity", "5", "whole number", 0, 0},
    {"quantity 1.5", JOBS, JSON, FEW("\"quantity\":1.5,\"data\":{\"product\":\"a\"}"), 400,
     "bad-quantity", "quantity", "1.5", "whole number", 0, 0},
    {"quantity beyond a job", JOBS, JSON,
     FEW("\"quantity\":1000000001,\"data\":{\"product\":\"a\"}"), 400, "bad-quantity",
     "quantity", "1000000001", "1000000000", 0, 0},
    {"no quantity", JOBS, JSON, FEW("\"data\":{\"product\":\"a\"}"), 400, "bad-quantity",
     "quantity", NULL, "1 to", 0, 0},
    {"quantity beyond the series", JOBS, JSON,
     FEW("\"quantity\":101,\"data\":{\"product\":\"a\"}"), 409, NULL, NULL, NULL, NULL, 0, 0},
    {"items whose sum is beyond a job", JOBS, JSON,
     FEW("\"data\":{\"product\":\"a\"},\"items\":[{\"quantity\":1000000000},{\"quantity\":1}]"),
     400, "bad-quantity", "quantity", NULL, "1000000000", 0, 0},
    {"items and quantity", JOBS, JSON,
     FEW("\"quantity\":1,\"items\":[{\"data\":{\"product\":\"a\"}}]"), 400,
     "quantity-and-items", "quantity", NULL, "each item", 0, 0},
    {"no items", JOBS, JSON, FEW("\"items\":[]"), 400, "no-rows", NULL, NULL, "at least one", 0,
     0},
    {"a fault in the third item", JOBS, JSON,
     FEW("\"items\":[{\"data\":{\"product\":\"a\"}},{\"data\":{\"product\":\"b\"}},"
         "{\"data\":{\"product\":\"c\",\"best\":\"31.3.2028\"}}]"),
     400, NULL, "items[2].data.best", "31.3.2028", "YYYY-MM-DD", 0, 0},
    {"an item that is no object", JOBS, JSON, FEW("\"items\":[7]"), 400, "wrong-type",
     "items[0]", "7", "object", 0, 0},
    {"a real number", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":\"a\",\"weight\":0.30000000000000001}"), 400,
     "wrong-type", "data.weight", "0.3", "string", 0, 0},
    {"a list as a value", JOBS, JSON, FEW("\"quantity\":1,\"data\":{\"product\":[\"a\"]}"), 400,
     "wrong-type", "data.product", "[...]", "string", 0, 0},
    {"a person of two lines", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":\"a\"},\"person\":\"a\\nb\""), 400, "bad-text",
     "person", NULL, "one line", 0, 0},
    {"a person whose name turns direction (U+202E)", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":\"a\"},\"person\":\"An \\u202enaL\""), 400,
     "bad-text", "person", NULL, "one line", 0, 0},
    {"a person with an invisible character", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":\"a\"},\"person\":\"Lan\\u200b\""), 400,
     "bad-text", "person", NULL, "one line", 0, 0},
    {"a person with a mark of direction (U+200E)", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":\"a\"},\"person\":\"Lan\\u200e\""), 400,
     "bad-text", "person", NULL, "one line", 0, 0},
    {"a reference with a control of ISO 6429", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":\"a\"},\"reference\":\"PO\\u009b1m\""), 400,
     "bad-text", "reference", NULL, "one line", 0, 0},
    {"a key twice", JOBS, JSON, FEW("\"quantity\":1,\n\"quantity\":2"), 400, "json", NULL, NULL,
     "no key twice", 2, 0},
    {"JSON cut short", JOBS, JSON, "{\"template\":\"few\",\n\"printer\":\"li", 400, "json",
     NULL, NULL, NULL, 2, 0},
    {"JSON cut short between members", JOBS, JSON, "{\"template\":\"few\",\n", 400, "json",
     NULL, NULL, "the rest", 2, 0},
    {"JSON with NUL", JOBS, JSON, FEW("\"quantity\":1,\"data\":{\"product\":\"a\\u0000b\"}"),
     400, "json", NULL, NULL, NULL, 1, 0},
    {"JSON that is a list", JOBS, JSON, "[]", 400, "json", NULL, "[...]", "object", 1, 1},
    {"JSON with bad UTF-8", JOBS, JSON, FEW("\"quantity\":1,\"data\":{\"product\":\"\xff\"}"),
     400, "json", NULL, NULL, NULL, 1, 0},
    {"parameters beside JSON", JOBS "?template=few", JSON, PACK, 400, "unknown-parameter",
     "template", "template", NULL, 0, 0},
    {"no body", JOBS, JSON, "", 400, "no-body", NULL, NULL, "text/csv", 0, 0},
    {"another content type", JOBS, "text/plain", PACK, 415, NULL, NULL, NULL, NULL, 0, 0},
    {"no content type", JOBS, NULL, PACK, 415, NULL, NULL, NULL, NULL, 0, 0},
    {"another charset", JOBS, "application/json; charset=utf-16", PACK, 415, NULL, NULL, NULL,
     NULL, 0, 0},

    {"CSV: ragged row, too few", CSV_FEW, "text/csv", "product,note\na,b\nc\n", 400,
     "ragged-row", NULL, "1 columns", "2 columns", 3, 2},
    {"CSV: ragged row, too many", CSV_FEW, "text/csv",
     "note,product\r\n\"x\",\"y,\"\r\n\r\nc,d,e\r\n", 400, "ragged-row", NULL, "3 columns",
     "2 columns", 4, 3},
    {"CSV: unknown column", CSV_FEW, "text/csv", "product,nota\na,b\n", 400, "unknown-column",
     "nota", "nota", "note", 1, 2},
    {"CSV: a column twice", CSV_FEW, "text/csv", "product,product\na,b\n", 400,
     "duplicate-column", "product", "product", "once", 1, 2},
    {"CSV: a series' column", CSV_FEW, "text/csv", "product,number\na,b\n", 400, "series-field",
     "number", "number", "series", 1, 2},
    {"CSV: 0 rows", CSV_FEW, "text/csv", "product\n", 400, "no-rows", NULL, NULL,
     "at least one", 0, 0},
    {"CSV: nothing but a mark", CSV_FEW, "text/csv", "\xef\xbb\xbf", 400, "no-header", NULL,
     NULL, "names", 1, 0},
    {"CSV: bad date", CSV_FEW, "text/csv", "product,best\na,2028-02-29\nb,2027-02-29\n", 400,
     NULL, "best", "2027-02-29", "", 3, 2},
    {"CSV: missing value", CSV_FEW, "text/csv", "note,product\nn,a\nn,\n", 400, NULL, "product",
     NULL, NULL, 3, 2},
    {"CSV: quantity 0", CSV_FEW, "text/csv", "product,quantity\na,1\nb,0\n", 400,
     "bad-quantity", "quantity", "0", "1 to", 3, 2},
    {"CSV: quantity with a point", CSV_FEW, "text/csv", "product,quantity\na,1.000\n", 400,
     "bad-quantity", "quantity", "1.000", "1 to", 2, 2},
    {"CSV: quote never closed", CSV_FEW, "text/csv", "product\n\"a\nb\n", 400, "csv-quote-open",
     NULL, NULL, "closing quote", 2, 1},
    {"CSV: not UTF-8", CSV_FEW, "text/csv", "product\nVi\xea\n", 400, NULL, "product", NULL,
     NULL, 2, 1},
    {"CSV: no glyph", CSV_FEW, "text/csv", "product\na\n\xe2\x98\x83\n", 400, "no-glyph",
     "product", "\xe2\x98\x83", "fonts", 3, 1},
    {"CSV: unknown template", JOBS "?template=fwe&printer=line1", "text/csv", "product\na\n",
     400, "unknown-template", "template", "fwe", "few", 0, 0},
    {"CSV: unknown printer", JOBS "?template=few&printer=lime1", "text/csv", "product\na\n",
     400, "unknown-printer", "printer", "lime1", "line1", 0, 0},
    {"CSV: unknown parameter", CSV_FEW "&preson=a", "text/csv", "product\na\n", 400,
     "unknown-parameter", "preson", "preson", "person", 0, 0},
    {"CSV: unknown common field", CSV_FEW "&field.nope=a", "text/csv", "product\na\n", 400,
     "unknown-column", "field.nope", "nope", NULL, 0, 0},
    {"CSV: beyond the series", CSV_FEW, "text/csv", "product,quantity\na,60\nb,60\n", 409, NULL,
     NULL, NULL, NULL, 0, 0},
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

static void test_bad(void)
{
    for (size_t i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; i++) {
        const struct bad *row = &bad_rows[i];
        struct counts before = count_all();
        int woken_before = wakes;
        struct reply reply = ask((struct ask){
            .method = "POST", .path = row->path, .type = row->type, .body = row->body});
        json_t *findings = json_object_get(reply.json, "findings");
        bool good = reply.status == row->status &&
                    strcmp(reply.type, "application/problem+json") == 0 &&
                    int_of(reply.json, "status") == row->status;
        if (row->status == 400)
            good &=
                json_array_size(findings) == 1 && finding_is(json_array_get(findings, 0), row);
        else
            good &= text_of(reply.json, "detail") != NULL;
        tap_ok(good, "bad input: %s", row->name);
        show_if(!good, &reply);
        tap_ok(same_counts(before, count_all()) && wakes == woken_before,
               "bad input: %s: the store is as it was", row->name);
        reply_free(&reply);
    }
}

/* All faults are told at once. */
static const struct {
    const char *name, *body, *want; /* "code field" of each finding */
} several[] = {
    {"unknown key", FEW("\"quantity\":1,\"dtaa\":{\"product\":\"a\"}"),
     "unknown-key dtaa;missing data.product;"},
    {"every field", PACK_WITH("", "9520123456789", "L1[", "2026-02-30", ",\"lto\":\"x\""),
     "unknown-field data.lto;missing data.product;gtin-check-digit data.gtin;"
     "charset data.lot;no-such-date data.expiry;"},
    {"head and data", "{\"template\":\"few\",\"printer\":\"line9\",\"quantity\":0}",
     "unknown-printer printer;bad-quantity quantity;"},
};

static void test_several(void)
{
    for (size_t i = 0; i < sizeof several / sizeof several[0]; i++) {
        struct reply reply = ask((struct ask){
            .method = "POST", .path = JOBS, .type = JSON, .body = several[i].body});
        struct buf got = BUF_INIT(10000);
        json_t *finding;
        size_t k;
        json_array_foreach(json_object_get(reply.json, "findings"), k, finding)
        {
            buf_printf(&got, "%s %s;", text_of(finding, "code"), text_of(finding, "field"));
        }
        tap_is_str(buf_text(&got), several[i].want, "several faults: %s", several[i].name);
        buf_free(&got);
        reply_free(&reply);
    }
}

/* A request without a number left says how many were asked for and are left. */
static void test_exhausted(void)
{
    struct reply reply =
        ask((struct ask){.method = "POST",
                         .path = JOBS,
                         .type = JSON,
                         .body = FEW("\"quantity\":101,\"data\":{\"product\":\"a\"}")});
    const char *detail = text_of(reply.json, "detail");
    bool good = reply.status == 409 && detail && strstr(detail, "few") &&
                strstr(detail, "101") && strstr(detail, "100");
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
         "\"items\":[{\"data\":{\"note\":\"m\"},\"quantity\":2},{},{\"data\":{\"note\":null}}"
         "]"),
     4},
    {"integers and booleans", JOBS, JSON,
     FEW("\"quantity\":1,\"data\":{\"product\":12,\"count\":7,\"cold\":true,\"weight\":\"0."
         "30\"}"),
     1},
    {"CSV", CSV_FEW, "text/csv", "product,note\na,b\nc,d\n", 2},
    {"CSV: mark, CRLF, quotes", CSV_FEW, "text/csv; charset=UTF-8",
     "\xef\xbb\xbfproduct,note\r\n\"a, \"\"b\"\"\",b\r\nc,\"\"\r\n", 2},
    {"CSV: quantity and common data",
     CSV_FEW "&field.product=Tr%C3%A0&person=Anna&reference=PO-7", "text/csv",
     "note,quantity\na,3\nb,\n", 4},
    {"CSV: printer without evidence", JOBS "?template=sent&printer=blind", "text/csv",
     "quantity\n5\n", 5},
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
        snprintf(location, sizeof location, "/v1/jobs/%lld",
                 (long long)int_of(reply.json, "id"));
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
    begin_world();
    test_bad();
    test_several();
    test_exhausted();
    test_good();
    test_rows();
    end_world();
    return tap_done();
}
