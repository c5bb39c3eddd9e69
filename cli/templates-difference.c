/* SPDX-License-Identifier: Apache-2.0 */
/* templates-difference.c: two versions of a template, or a version and a file, line by line.
 *
 * Its exit code is that of diff(1), since scripts ask it so: 1 is "different", and nothing else
 * is 1: what other commands call bad input is 2 here. */
#include "cli/client.h"
#include "cli/diff.h"
#include "cli/report.h"
#include "cli/templates.h"
#include "spooler/base/durable.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1024 * 1024) /* of a template */

enum { CODE_DIFFERENT = CODE_BAD };

/* One of the two. */
struct sort {
    char name[512];
    struct buf text;
};

/* 8 to 64 hex digits are a version; a file of such a name is ./2106c0e1. */
static bool is_version(const char *word)
{
    size_t len = strlen(word);
    return len >= 8 && len <= 64 && strspn(word, "0123456789abcdefABCDEF") == len;
}

static enum code read_version(struct tem *tem, const char *name, const char *version,
                              struct sort *out)
{
    struct http_answer answer;
    enum code code = templates_get(tem, name, "", version, "yaml", &answer);
    if (code)
        return code;
    snprintf(out->name, sizeof out->name, "%s %.*s", name, VERSION_SHOWN,
             version ? version : "(current)");
    buf_add(&out->text, answer.body.bytes, answer.body.len);
    http_answer_free(&answer);
    return buf_err(&out->text) ? tem_fail(tem, CODE_INTERNAL, "the version is too large")
                               : CODE_DONE;
}

static enum code read_any(struct tem *tem, const char *name, const char *word, struct sort *out)
{
    struct why why = {{0}};
    if (!word || is_version(word))
        return read_version(tem, name, word, out);
    snprintf(out->name, sizeof out->name, "%s", word);
    enum err err = file_read(word, FILE_MAX, &out->text, &why);
    if (err == ERR_NOT_FOUND)
        return tem_fail(tem, CODE_BAD,
                        "%s is neither a version (8 or more hex digits) nor a file", word);
    return err ? tem_fail_err(tem, err, &why) : CODE_DONE;
}

/* The version that was kept before the current one. */
static enum code find_before(struct tem *tem, const char *name, char out[static 65])
{
    struct http_answer answer;
    enum code code = templates_get(tem, name, "/versions", NULL, NULL, &answer);
    if (code)
        return code;
    const json_t *list = json_object_get(answer.json, "versions"), *version;
    size_t i;
    out[0] = '\0';
    json_array_foreach(list, i, version)
    {
        if (!json_is_true(json_object_get(version, "current")) && !out[0])
            snprintf(out, 65, "%s", json_text(version, "hash"));
    }
    http_answer_free(&answer);
    return out[0] ? CODE_DONE
                  : tem_fail(tem, CODE_BAD, "template %s has no other version yet", name);
}

static enum code show(struct tem *tem, const char *name, const struct sort sorts[2])
{
    struct buf text = BUF_INIT(8 * FILE_MAX);
    struct diff_text sides[2];
    struct diff_counts counts;
    struct why why = {{0}};
    for (size_t i = 0; i < 2; i++)
        sides[i] =
            (struct diff_text){sorts[i].name, buf_text(&sorts[i].text), sorts[i].text.len};
    enum err err = diff_unified(&sides[0], &sides[1], &text, &counts);
    bool equal = !err && counts.removed == 0 && counts.added == 0;
    enum code code = err ? tem_fail_err(tem, err, &why) : equal ? CODE_DONE : CODE_DIFFERENT;
    if (!err && !tem->json)
        templates_print_diff(&tem->out, buf_text(&text));
    if (!err && !tem->json && equal && tem->out.terminal)
        fprintf(tem->out.stream, "no difference\n");
    if (!err && tem->json) {
        json_t *json =
            json_pack("{ss ss ss sb sI sI ss}", "name", name, "a", sorts[0].name, "b",
                      sorts[1].name, "equal", equal, "removed", (json_int_t)counts.removed,
                      "added", (json_int_t)counts.added, "difference", buf_text(&text));
        if (!json || json_dumpf(json, tem->out.stream, JSON_COMPACT) != 0 ||
            fputc('\n', tem->out.stream) == EOF)
            code = tem_fail(tem, CODE_INTERNAL, "the difference cannot be told as JSON");
        json_decref(json);
    }
    buf_free(&text);
    return code;
}

enum code templates_difference(struct tem *tem, const char *const *words, size_t count)
{
    struct sort sorts[2] = {{.text = BUF_INIT(FILE_MAX)}, {.text = BUF_INIT(FILE_MAX)}};
    const char *name = words[0], *a = count > 1 ? words[1] : NULL,
               *b = count > 2 ? words[2] : NULL;
    char before[65];
    enum code code = CODE_DONE;
    if (count == 1) {
        code = find_before(tem, name, before);
        a = before;
    } else if (count == 2 && !is_version(a)) {
        b = a; /* what adding this file would change */
        a = NULL;
    }
    if (!code)
        code = read_any(tem, name, a, &sorts[0]);
    if (!code)
        code = read_any(tem, name, b, &sorts[1]);
    if (code)
        code = code == CODE_BAD ? CODE_USAGE : code;
    else
        code = show(tem, name, sorts);
    buf_free(&sorts[0].text);
    buf_free(&sorts[1].text);
    return code;
}
