/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/problem.h"

#include "spooler/base/json-text.h"
#include "spooler/base/utf8.h"

#include <stdlib.h>
#include <string.h>

json_t *problem_string(const char *text)
{
    if (!text)
        return json_null();
    size_t len = strlen(text);
    if (utf8_valid(text, len))
        return json_string_nocheck(text);
    char *copy = strdup(text);
    for (size_t i = 0; copy && i < len;) {
        uint32_t point;
        size_t n = utf8_decode(copy + i, len - i, &point);
        if (n == 0)
            copy[i] = '?';
        i += n ? n : 1;
    }
    json_t *string = copy ? json_string_nocheck(copy) : NULL;
    free(copy);
    return string;
}

/* json_object_set_new refuses NULL, and a problem that lacks a member still tells the rest. */
static void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new_nocheck(object, key, value) != 0)
        return;
}

static json_t *finding_json(const struct finding *finding)
{
    static const char *const severities[] = {"error", "warning", "note"};
    json_t *json = json_object();
    put(json, "severity", json_string(severities[finding->severity]));
    put(json, "code", problem_string(finding->code));
    if (finding->file)
        put(json, "file", problem_string(finding->file));
    if (finding->line)
        put(json, "line", json_integer((json_int_t)finding->line));
    if (finding->column)
        put(json, "column", json_integer(finding->column));
    if (finding->field)
        put(json, "field", problem_string(finding->field));
    if (finding->value)
        put(json, "value", problem_string(finding->value));
    if (finding->expected)
        put(json, "expected", problem_string(finding->expected));
    put(json, "message", problem_string(finding->message));
    return json;
}

json_t *problem_findings(const struct findings *findings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        if (json_array_append_new(list, finding_json(&findings->list[i])) != 0)
            break; /* out of memory: the first ones are worth sending */
    }
    return list;
}

void problem_write(struct buf *out, enum err code, int status, const char *detail,
                   const struct findings *findings)
{
    json_t *json = json_object();
    struct buf type = BUF_INIT(64);
    buf_printf(&type, "urn:tem:problem:%s", err_name(code));
    put(json, "type", problem_string(buf_text(&type)));
    buf_free(&type);
    put(json, "title", problem_string(err_meaning(code)));
    put(json, "status", json_integer(status ? status : err_http(code)));
    if (detail && *detail)
        put(json, "detail", problem_string(detail));
    put(json, "retry", json_boolean(err_retry(code)));
    put(json, "findings", problem_findings(findings));
    if (findings->dropped)
        put(json, "findings_more", json_integer((json_int_t)findings->dropped));
    problem_dump(out, json);
}

void problem_dump(struct buf *out, json_t *json)
{
    json_text(json, out);
    buf_add_byte(out, '\n');
    json_decref(json);
}
