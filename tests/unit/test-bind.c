/* SPDX-License-Identifier: Apache-2.0 */
/* What one label's elements say once data, numbers and built-ins are bound. GS1 forms are the
 * worked examples of GS1's standards (Digital Link, General Specifications). */
#include "templates/template.h"
#include "tests/unit/findings-list.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

static struct template *load(const char *name)
{
    const char *srcdir = getenv("srcdir");
    char path[4096];
    struct findings findings;
    struct template *template = NULL;
    snprintf(path, sizeof path, "%s/%s", srcdir ? srcdir : ".", name);
    findings_init(&findings);
    if (!tap_is_int(template_load(path, &template, &findings), ERR_NONE, "%s", name))
        findings_show(&findings);
    findings_clear(&findings);
    return template;
}

/* Checks and binds; the contents as "a\nb", "ERR why" when it is refused. */
static const char *bind(const struct template *template, const char *const *raw,
                        const char *const *numbers, struct builtins builtins,
                        struct label_doc *doc)
{
    static char text[8192];
    struct row row = {0};
    struct findings findings;
    struct why why = {""};
    size_t at = 0;
    findings_init(&findings);
    text[0] = 0;
    if (template_check_row(template, raw, (struct place){0}, &row, &findings) != ERR_NONE) {
        snprintf(text, sizeof text, "ROW %s", findings_list(&findings));
        findings_clear(&findings);
        return text;
    }
    struct bind_input input = {.row = &row, .numbers = numbers, .builtins = builtins};
    if (template_bind(template, &input, doc, &why) != ERR_NONE)
        snprintf(text, sizeof text, "ERR %s%s", why.text, doc->count ? ", but not empty" : "");
    for (size_t i = 0; i < doc->count && at < sizeof text; i++) {
        int wrote =
            snprintf(text + at, sizeof text - at, "%s%s", i ? "\n" : "", doc->drawn[i].content);
        at += wrote > 0 ? (size_t)wrote : 0;
        if (strlen(doc->drawn[i].content) != doc->drawn[i].content_len)
            snprintf(text, sizeof text, "length of %zu is wrong", i);
    }
    row_free(&row);
    findings_clear(&findings);
    return text;
}

static const struct {
    const char *name;
    const char *raw[9];
    const char *numbers[2]; /* fields 9 and 10 */
    struct builtins builtins;
    const char *want;
} rows[] = {
    {"all given",
     {"Hop", "A/1", "P", "-5", "12.50", "2026-02-28", "4006381333931", "no", "true"},
     {"S1", "S2"},
     {12, 5000, 2, 77, 1772323200000, 420}, /* 2026-03-01T00:00:00Z, read at 07:00 */
     "Hop|A/1|P|-5|-0005|12.50\n"
     "2026-02-28|28/02/2026|26%|04006381333931|4006381333931\n"
     "no|true|S1|S2\n"
     "012/5000 2 77\n"
     "2026-03-01 07:00:00|01.03.26 07:00:00\n"
     "keep cold\n"
     "code A/1\n"
     "HopA/1"},
    {"defaults and nothing",
     {"Hop"},
     {"S1", "S2"},
     {1000, 1000, 1, 1, 951782399999, 0}, /* 2000-02-28T23:59:59.999Z */
     "Hop|||7|0007|\n"
     "||||\n"
     "box|false|S1|S2\n"
     "1000/1000 1 1\n"
     "2000-02-28 23:59:59|28.02.00 23:59:59\n"
     "Hop"},
    {"west of Greenwich, over a leap day",
     {"Hop"},
     {"1", "2"},
     {1, 1, 1, 1, 951868800000, -1}, /* 2000-03-01T00:00Z */
     "Hop|||7|0007|\n||||\nbox|false|1|2\n001/1 1 1\n"
     "2000-02-29 23:59:00|29.02.00 23:59:00\nHop"},
    {"values are not parsed",
     {"{code}}{{", "(21)text", "#", NULL, NULL, NULL, NULL, NULL, NULL},
     {"{text}", "^XZ"},
     {1, 1, 1, 1, 0, 0},
     "{code}}{{|(21)text|#|7|0007|\n||||\nbox|false|{text}|^XZ\n001/1 1 1\n"
     "1970-01-01 00:00:00|01.01.70 00:00:00\ncode (21)text\n{code}}{{(21)text"},
    {"printer commands are literal",
     {"^XZ^XA", "_5E", NULL, NULL, NULL, NULL, NULL, NULL, "false"},
     {"~HS", "$1"},
     {1, 1, 1, 1, 0, 0},
     "^XZ^XA|_5E||7|0007|\n||||\nbox|false|~HS|$1\n001/1 1 1\n"
     "1970-01-01 00:00:00|01.01.70 00:00:00\ncode _5E\n^XZ^XA_5E"},
    {"a number is missing",
     {"Hop"},
     {"S1", NULL},
     {1, 1, 1, 1, 0, 0},
     "ERR field \"second\" has no number"},
    {"a number is empty",
     {"Hop"},
     {"", "S2"},
     {1, 1, 1, 1, 0, 0},
     "ERR field \"serial\" has no number"},
};

/* One doc for all rows: what an earlier label left must not show. */
static void test_all_types(void)
{
    struct template *template = load("tests/unit/data/templates/all-types.yaml");
    struct label_doc doc = {0};
    for (size_t i = 0; template && i < sizeof rows / sizeof rows[0]; i++) {
        const char *raw[TEMPLATE_MAX_FIELDS] = {NULL}, *numbers[TEMPLATE_MAX_FIELDS] = {NULL};
        memcpy(raw, rows[i].raw, sizeof rows[i].raw);
        memcpy(numbers + 9, rows[i].numbers, sizeof rows[i].numbers);
        tap_is_str(bind(template, raw, numbers, rows[i].builtins, &doc), rows[i].want, "%s",
                   rows[i].name);
    }
    label_doc_free(&doc);
    template_free(template);
}

/* The General Specifications' and Digital Link's example, and one with special characters. */
static const struct {
    const char *name, *file;
    const char *raw[5];
    const char *number; /* of the last field */
    const char *want;
} gs1[] = {
    {"Digital Link: order of keys, qualifiers, attributes",
     "tests/unit/data/templates/link.yaml",
     {"9520123456788", "L123", "2028-03-01"},
     "7K3QF9ZT2M",
     "https://id.gs1.org/01/09520123456788/10/L123/21/7K3QF9ZT2M?17=280301"},
    {"Digital Link: percent-encoding",
     "tests/unit/data/templates/link.yaml",
     {"09520123456788", "L/1+2", "2028-03-01"},
     "A&B%C",
     "https://id.gs1.org/01/09520123456788/10/L%2F1%2B2/21/A%26B%25C?17=280301"},
    {"Digital Link: a value cannot add a part",
     "tests/unit/data/templates/link.yaml",
     {"09520123456788", "L?17=2/22/", "2028-03-01"},
     "A",
     "https://id.gs1.org/01/09520123456788/10/L%3F17%3D2%2F22%2F/21/A?17=280301"},
    {"case: square brackets",
     "tests/unit/data/templates/case.yaml",
     {"09520123456788", "L1(21)FAKE", "280300", "24"},
     "095201234567891235",
     "[02]09520123456788[15]280300[37]24[10]L1(21)FAKE\n[00]095201234567891235"},
    {"case: an SSCC with a wrong check digit",
     "tests/unit/data/templates/case.yaml",
     {"09520123456788", "L1", "280300", "24"},
     "095201234567891234",
     "ERR check digit of \"095201234567891234\" in AI (00) is 4, expected 5"},
    {"case: an SSCC of 17 digits",
     "tests/unit/data/templates/case.yaml",
     {"09520123456788", "L1", "280300", "24"},
     "09520123456789123",
     "ERR 17 characters in AI (00), expected format N18,csum"},
    {"pack: an imported number with a bracket",
     "tests/unit/data/templates/link.yaml",
     {"09520123456788", "L1", "2028-03-01"},
     "X[10]Y",
     "ERR character \"[\" at position 2 is not in GS1 character set 82, which AI (21) asks "
     "for"},
};

static void test_gs1(void)
{
    struct label_doc doc = {0};
    for (size_t i = 0; i < sizeof gs1 / sizeof gs1[0]; i++) {
        struct template *template = load(gs1[i].file);
        const char *numbers[TEMPLATE_MAX_FIELDS] = {NULL};
        if (!template)
            continue;
        numbers[template_field_count(template) - 1] = gs1[i].number;
        tap_is_str(bind(template, gs1[i].raw, numbers, (struct builtins){0}, &doc), gs1[i].want,
                   "%s", gs1[i].name);
        template_free(template);
    }
    label_doc_free(&doc);
}

/* Fields: gtin, lot, count, item, sscc. */
static const struct {
    const char *name;
    const char *raw[4];
    const char *want;
} branches[] = {
    {"no branch", {"09520123456788"}, "1"},
    {"one branch, its symbol without the key it needs",
     {"09520123456788", "L1"},
     "ROW 0:0 ai-needs"},
    {"two branches",
     {"09520123456788", "L1", NULL, "true"},
     "1\nLOT L1\n[10]L1\n[01]09520123456788"},
    {"a false boolean is no branch",
     {"09520123456788", "L1", NULL, "false"},
     "ROW 0:0 ai-needs"},
    {"a group in a group",
     {"09520123456788", "L1", "5"},
     "1\nLOT L1\n5 of L1\n\n[10]L1\n[00]106141412345678908[02]09520123456788[37]5"},
    {"the inner one alone is not drawn",
     {"09520123456788", NULL, "5"},
     "1\n[00]106141412345678908[02]09520123456788[37]5"},
    {"branches that exclude each other",
     {"09520123456788", NULL, "5", "true"},
     "ROW 0:0 ai-excludes, 0:0 ai-excludes"},
    {"a faulty value in a condition", {"09520123456788", "L 1"}, "ROW 0:0 charset"},
};

static void test_branches(void)
{
    struct template *template = load("tests/unit/data/templates/branches.yaml");
    struct label_doc doc = {0};
    for (size_t i = 0; template && i < sizeof branches / sizeof branches[0]; i++) {
        const char *raw[TEMPLATE_MAX_FIELDS] = {NULL}, *numbers[TEMPLATE_MAX_FIELDS] = {NULL};
        memcpy(raw, branches[i].raw, sizeof branches[i].raw);
        numbers[4] = "106141412345678908";
        tap_is_str(bind(template, raw, numbers, (struct builtins){.piece_index = 1}, &doc),
                   branches[i].want, "%s", branches[i].name);
    }
    const struct element *inner = template ? template_element(template, 2) : NULL;
    const struct element *line = template ? template_element(template, 3) : NULL;
    tap_ok(inner && inner->x_um == 12000 && inner->y_um == 8000, "groups move what is in them");
    tap_ok(line && line->x_um == 10000 && line->to_x_um == 15000 && line->to_y_um == 5000,
           "both ends of a line");
    tap_ok(template && template_pieces_differ(template), "the pieces differ");
    label_doc_free(&doc);
    template_free(template);
}

/* ---- a template with its image, as a store keeps it ------------------------------------ */

/* A PNG of 2 x 1 pixels, black and white: made with Python's zlib and struct. */
static const uint8_t png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
    0x00, 0xd1, 0x49, 0x20, 0x56, 0x00, 0x00, 0x00, 0x0b, 0x49, 0x44, 0x41, 0x54, 0x78,
    0x9c, 0x63, 0x60, 0xf8, 0x0f, 0x00, 0x01, 0x02, 0x01, 0x00, 0x42, 0xbe, 0xbc, 0x68,
    0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

static enum err hand_out(void *ctx, const char *name, struct buf *out, struct why *why)
{
    const bool *other = ctx;
    if (strcmp(name, "img/a.png") != 0)
        return err_set(why, ERR_NOT_FOUND, "there is no %s", name);
    buf_add(out, png, sizeof png);
    if (*other) /* bytes behind the end of a PNG are no pixels, but another file */
        buf_add_byte(out, 0);
    return buf_err(out);
}

static void test_body(void)
{
    static const char yaml[] = "tem: 1\nname: t\nsize: 50 x 30 mm\nelements:\n"
                               "  - {image: img/a.png, at: [1, 1], width: 4}\n"
                               "  - {image: img/a.png, at: [1, 9], width: 4}\n";
    bool other = false;
    struct template_files files = {hand_out, &other};
    struct template *first = NULL, *second = NULL, *third = NULL;
    struct findings findings;
    findings_init(&findings);
    template_parse_with(yaml, sizeof yaml - 1, "t.yaml", &files, &first, &findings);
    other = true;
    template_parse_with(yaml, sizeof yaml - 1, "t.yaml", &files, &third, &findings);
    findings_show(&findings);
    if (!tap_ok(first && third, "a template with an image"))
        return;
    size_t len, yaml_len;
    const void *body = template_body(first, &len);
    uint8_t hash[SHA256_BYTES];
    sha256(body, len, hash);
    tap_ok(memcmp(hash, template_hash(first), sizeof hash) == 0, "the hash is the body's");
    tap_ok(len < sizeof yaml + sizeof png + 100, "the image is kept once");
    tap_ok(memcmp(template_hash(first), template_hash(third), SHA256_BYTES) != 0,
           "another image, another template");
    tap_is_int(template_restore(body, len, "kept", &second, &findings), ERR_NONE, "restored");
    tap_ok(second && memcmp(template_hash(first), template_hash(second), SHA256_BYTES) == 0,
           "the same template again");
    const char *text = second ? template_yaml(second, &yaml_len) : "";
    tap_ok(second && yaml_len == sizeof yaml - 1 && memcmp(text, yaml, yaml_len) == 0,
           "its YAML");
    template_free(second);
    for (size_t cut = 0; cut < len; cut += 5) {
        struct template *none = NULL;
        if (template_restore(body, cut, "kept", &none, &findings) == ERR_NONE)
            tap_ok(false, "a body cut at %zu was restored", cut);
        findings_clear(&findings);
    }
    second = NULL;
    static const char plain[] =
        "tem: 1\nname: t\nsize: 50 x 30 mm\nelements: [{text: x, at: [1, 1]}]\n";
    tap_is_int(template_restore(plain, sizeof plain - 1, "kept", &second, &findings), ERR_NONE,
               "plain YAML, as older stores have it");
    template_free(first);
    template_free(second);
    template_free(third);
    findings_clear(&findings);
}

static void test_stock(void)
{
    struct template *template = load("templates/stock/medicine-pack.yaml");
    struct row row = {0};
    struct findings findings;
    struct label_doc doc = {0};
    const char *numbers[] = {NULL, NULL, NULL, NULL, NULL, "7K3QF9ZT"};
    findings_init(&findings);
    if (!template || template_sample_row(template, &row, &findings) != ERR_NONE) {
        tap_ok(false, "stock: sample row");
        return;
    }
    struct bind_input input = {.row = &row, .numbers = numbers};
    tap_is_int(template_bind(template, &input, &doc, NULL), ERR_NONE, "stock: bound");
    tap_is_int((long long)doc.count, (long long)template_element_count(template),
               "stock: each element is drawn");
    for (size_t i = 0; i < doc.count; i++) {
        if (doc.drawn[i].element->kind == ELEMENT_LINE)
            tap_is_str(doc.drawn[i].content, "", "stock: a line has no content");
        if (doc.drawn[i].element->kind != ELEMENT_BARCODE)
            continue;
        tap_is_str(doc.drawn[i].content, "[01]09520123456788[17]280331[10]L2403A[21]7K3QF9ZT",
                   "stock: symbol");
        tap_ok(doc.drawn[i].element->ai_data && doc.drawn[i].element->quiet &&
                   doc.drawn[i].element->module_um == 500,
               "stock: its element");
    }
    label_doc_free(&doc);
    row_free(&row);
    template_free(template);
    findings_clear(&findings);
}

/* The same doc for a template with more elements: its room must grow. */
static void test_growing(void)
{
    struct template *small = load("tests/unit/data/templates/plain.yaml");
    struct template *large = load("tests/unit/data/templates/all-types.yaml");
    struct label_doc doc = {0};
    const char *raw[TEMPLATE_MAX_FIELDS] = {"Hop"};
    const char *numbers[TEMPLATE_MAX_FIELDS] = {[9] = "S1", [10] = "S2"};
    if (small && large) {
        tap_is_str(bind(small, raw, NULL, (struct builtins){0}, &doc), "Fragile {100%}",
                   "braces, and a doc that is new");
        bind(large, raw, numbers, (struct builtins){0}, &doc);
        tap_is_int((long long)doc.count, 6, "more elements than before");
        tap_is_str(bind(small, raw, NULL, (struct builtins){0}, &doc), "Fragile {100%}",
                   "fewer again");
    }
    label_doc_free(&doc);
    template_free(small);
    template_free(large);
}

int main(void)
{
    test_all_types();
    test_gs1();
    test_branches();
    test_body();
    test_stock();
    test_growing();
    return tap_done();
}
