/* SPDX-License-Identifier: Apache-2.0 */
/* What our YAML refuses and where it says the fault is; positions are counted by hand. */
#include "spooler/base/buf.h"
#include "spooler/base/yaml.h"
#include "tests/unit/findings-list.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
    const char *name;
    const char *in;
    size_t len;
    const char *want;
} bad[] = {
    {"empty file", TEXT(""), "1:1 yaml-empty"},
    {"only a comment", TEXT("# nothing\n"), "1:1 yaml-empty"},
    {"only a byte order mark", TEXT("\xEF\xBB\xBF"), "1:1 yaml-empty"},
    {"tab", TEXT("a:\t1\n"), "1:3 yaml-tab"},
    {"tab in a comment", TEXT("a: 1 #\tx\n"), "1:7 yaml-tab"},
    {"a tab each in two lines", TEXT("a:\n\tb: 1\n\tc:\t2\n"), "2:1 yaml-tab, 3:1 yaml-tab"},
    {"lines that end CR LF", TEXT("a: 1\r\nb:\t2\r\n"), "2:3 yaml-tab"},
    {"lines that end CR", TEXT("a: 1\rb:\t2\r"), "2:3 yaml-tab"},
    {"anchor and alias", TEXT("a: &x 1\nb: *x\n"), "1:4 yaml-anchor, 2:4 yaml-alias"},
    {"anchor of a list", TEXT("a: &x [1]\n"), "1:4 yaml-anchor"},
    {"alias as a key", TEXT("a: &x 1\n*x : 2\n"),
     "1:4 yaml-anchor, 2:1 yaml-alias, 2:1 yaml-key"},
    {"tag", TEXT("a: !!int 1\n"), "1:4 yaml-tag"},
    {"tag of a map", TEXT("a: !x {b: 1}\n"), "1:4 yaml-tag"},
    {"tag directive", TEXT("%TAG ! tag:x,2000:\n---\na: 1\n"), "1:1 yaml-tag"},
    {"merge key", TEXT("b: {<<: {c: 1}}\n"), "1:5 yaml-merge"},
    {"second document", TEXT("a: 1\n---\nb: 2\n"), "2:1 yaml-documents"},
    {"key twice", TEXT("a: 1\nb: 2\na: 3\n"), "3:1 yaml-duplicate-key"},
    {"key three times", TEXT("a: 1\na: 2\na: 3\n"),
     "2:1 yaml-duplicate-key, 3:1 yaml-duplicate-key"},
    {"key twice, once quoted", TEXT("a: {x: 1, 'x': 2}\n"), "1:11 yaml-duplicate-key"},
    {"empty key", TEXT("'': 1\n"), "1:1 yaml-key"},
    {"list as a key", TEXT("? [a]\n: 1\n"), "1:3 yaml-key"},
    {"NUL", TEXT("a: 1\0b: 2\n"), "1:5 yaml-control"},
    {"escaped NUL", TEXT("a: \"x\\0y\"\n"), "1:4 yaml-control"},
    {"escape character", TEXT("a: 1\nb: \x1b[0m\n"), "2:4 yaml-control"},
    {"C1 control", TEXT("a: \xC2\x85\n"), "1:4 yaml-control"},
    {"line separator", TEXT("a: x\xE2\x80\xA8y\n"), "1:5 yaml-control"},
    {"not UTF-8", TEXT("a: \xFF\n"), "1:4 yaml-utf8"},
    {"not UTF-8 behind two bytes of one column", TEXT("a: \xC4\x91\xFF\n"), "1:5 yaml-utf8"},
    {"overlong", TEXT("a: \xC0\x80\n"), "1:4 yaml-utf8"},
    {"surrogate", TEXT("a: \xED\xA0\x80\n"), "1:4 yaml-utf8"},
    {"cut short", TEXT("a: \xE2\x80"), "1:4 yaml-utf8"},
    {"UTF-16",
     TEXT("\xFF\xFE"
          "a\0"),
     "1:1 yaml-utf8"},
    {"list without end", TEXT("a: [1, 2\n"), "2:1 yaml-syntax"},
    {"wrong indentation", TEXT("a: 1\n b: 2\n"), "2:3 yaml-syntax"},
};

static void test_bad(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct findings findings;
        struct yaml_doc *doc = NULL;
        findings_init(&findings);
        enum err err = yaml_parse(bad[i].in, bad[i].len, "t.yaml", &doc, &findings);
        tap_is_str(findings_list(&findings), bad[i].want, "%s", bad[i].name);
        tap_ok(err == ERR_INPUT && !doc, "%s: refused", bad[i].name);
        yaml_doc_free(doc);
        findings_clear(&findings);
    }
}

/* A file made of `count` times `unit` between `before` and `after`. */
static void test_made(const char *name, const char *before, const char *unit, size_t count,
                      const char *after, const char *want)
{
    size_t unit_len = strlen(unit), len = strlen(before) + count * unit_len + strlen(after);
    char *text = malloc(len + 1), *at = text;
    if (!text)
        abort();
    at = stpcpy(at, before);
    for (size_t i = 0; i < count; i++, at += unit_len)
        memcpy(at, unit, unit_len);
    stpcpy(at, after);
    struct findings findings;
    struct yaml_doc *doc = NULL;
    findings_init(&findings);
    enum err err = yaml_parse(text, len, NULL, &doc, &findings);
    tap_is_str(findings_list(&findings), want, "%s", name);
    tap_ok(want[0] ? err == ERR_INPUT && !doc : err == ERR_NONE && doc, "%s: answer", name);
    yaml_doc_free(doc);
    findings_clear(&findings);
    free(text);
}

static void test_bounds(void)
{
    test_made("depth 32", "", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "");
    test_made("depth 33", "", "[", 33, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "1:33 yaml-depth");
    test_made("depth 1000", "", "[", 1000, "]", "1:33 yaml-depth");
    test_made("depth by indentation", "", "- ", 1000, "a\n", "1:65 yaml-depth");
    test_made("1 MiB", "a: ", "x", YAML_MAX_BYTES - 3, "", "");
    test_made("1 MiB and a byte", "a: ", "x", YAML_MAX_BYTES - 2, "", "0:0 yaml-size");
    test_made("50,000 values", "[", "1,", 49999, "]", "");
    test_made("50,001 values", "[", "1,", 50000, "]", "1:100000 yaml-nodes");
}

static void test_many_keys(void)
{
    struct buf text = BUF_INIT(YAML_MAX_BYTES);
    for (int i = 0; i < 40000; i++)
        buf_printf(&text, "key%d: 1\n", i);
    buf_add_text(&text, "key39999: 2\n");
    struct findings findings;
    struct yaml_doc *doc = NULL;
    findings_init(&findings);
    yaml_parse(buf_text(&text), text.len, NULL, &doc, &findings);
    tap_is_str(findings_list(&findings), "40001:1 yaml-duplicate-key",
               "one key twice among 40,000");
    yaml_doc_free(doc);
    findings_clear(&findings);
    buf_free(&text);
}

/* Words that YAML 1.1 would turn into something else stay what was written. */
static const struct {
    const char *name, *in, *want;
    bool quoted;
    uint64_t line;
    uint32_t column;
} scalars[] = {
    {"no", "a: no\n", "no", false, 1, 4},
    {"octal", "a: 0012\n", "0012", false, 1, 4},
    {"exponent", "a: 1e3\n", "1e3", false, 1, 4},
    {"null", "a: ~\n", "~", false, 1, 4},
    {"nothing", "a:\n", "", false, 2, 1},
    {"empty quotes", "a: ''\n", "", true, 1, 4},
    {"date", "a: 2026-02-28\n", "2026-02-28", false, 1, 4},
    {"escapes", "a: \"\\t\\n\\u0111\"\n", "\t\n\xC4\x91", true, 1, 4},
    {"Vietnamese", "\xC4\x91: \n  a\na: x\n", "x", false, 3, 4},
    {"block", "a: |\n  x\n  y\n", "x\ny\n", true, 1, 4},
    {"byte order mark",
     "\xEF\xBB\xBF"
     "a: x\n",
     "x", false, 1, 4},
    {"document start", "---\na: x\n...\n", "x", false, 2, 4},
    {"a quoted merge key is a key", "'<<': 1\na: x\n", "x", false, 2, 4},
};

static void test_scalars(void)
{
    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++) {
        struct findings findings;
        struct yaml_doc *doc = NULL;
        findings_init(&findings);
        enum err err =
            yaml_parse(scalars[i].in, strlen(scalars[i].in), "t.yaml", &doc, &findings);
        const struct yaml_node *node = err ? NULL : yaml_get(yaml_root(doc), "a");
        tap_is_str(node ? node->text : NULL, scalars[i].want, "%s", scalars[i].name);
        tap_ok(node && node->kind == YAML_SCALAR && node->quoted == scalars[i].quoted,
               "%s: quoted or not", scalars[i].name);
        if (strcmp(scalars[i].name, "nothing") != 0) /* where nothing is, is libyaml's choice */
            tap_ok(node && node->line == scalars[i].line && node->column == scalars[i].column,
                   "%s: place", scalars[i].name);
        yaml_doc_free(doc);
        findings_clear(&findings);
    }
}

static void test_tree(void)
{
    static const char text[] = "m: {a: [1, [2]], b: {}}\nlable: x\nother: y\n";
    static const char *const known[] = {"m", "label", "title"};
    struct findings findings;
    struct yaml_doc *doc = NULL;
    findings_init(&findings);
    if (!tap_ok(yaml_parse(text, sizeof text - 1, "t.yaml", &doc, &findings) == ERR_NONE,
                "tree"))
        return;
    const struct yaml_node *m = yaml_get(yaml_root(doc), "m"), *a = yaml_get(m, "a");
    tap_ok(m && m->kind == YAML_MAP && m->count == 2, "map");
    tap_ok(a && a->kind == YAML_LIST && a->count == 2 && a->items[1]->kind == YAML_LIST,
           "lists");
    tap_is_str(a ? a->items[1]->items[0]->text : NULL, "2", "inner item");
    tap_ok(yaml_get(m, "b") && yaml_get(m, "b")->count == 0, "empty map");
    tap_ok(!yaml_get(m, "c") && !yaml_get(a, "a"), "what is not there");
    yaml_check_keys(doc, yaml_root(doc), "element 3", known, 3, &findings);
    tap_is_str(findings_list(&findings), "2:1 unknown-key, 3:1 unknown-key", "unknown keys");
    tap_ok(findings.count == 2 && findings.list[0].expected &&
               strncmp(findings.list[0].expected, "\"label\"", 7) == 0,
           "the nearest is named");
    tap_ok(findings.count == 2 && !findings.list[1].expected, "none is near");
    tap_is_str(findings.count ? findings.list[0].field : NULL, "element 3", "where");
    tap_is_str(findings.count ? findings.list[0].value : NULL, "lable", "which");
    yaml_doc_free(doc);
    findings_clear(&findings);
}

int main(void)
{
    test_bad();
    test_bounds();
    test_many_keys();
    test_scalars();
    test_tree();
    return tap_done();
}
