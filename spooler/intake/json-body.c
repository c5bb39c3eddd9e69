/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/near.h"
#include "spooler/intake/json-job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *json_body_parse(const char *text, size_t len, struct findings *findings)
{
    json_error_t error;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (root && json_is_object(root))
        return root;
    if (root) {
        char shown[96];
        findings_add(findings, SEVERITY_ERROR, "json", (struct place){.line = 1, .column = 1},
                     json_body_show(root, shown), "an object: {...}",
                     "the body is JSON, but no object");
        json_decref(root);
        return NULL;
    }
    struct place place = {.line = error.line > 0 ? (uint64_t)error.line : 1,
                          .column = error.column > 0 ? (uint32_t)error.column : 1};
    bool cut = json_error_code(&error) == json_error_premature_end_of_input;
    findings_add(findings, SEVERITY_ERROR, "json", place, NULL,
                 cut ? "the rest of the document" : "JSON (RFC 8259), no key twice",
                 "the body is no JSON: %s", error.text);
    return NULL;
}

void json_body_keys(json_t *object, const char *path, const char *const *known, size_t count,
                    struct findings *findings)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        bool found = false;
        for (size_t i = 0; i < count; i++)
            found = found || strcmp(known[i], key) == 0;
        if (found)
            continue;
        char *field = NULL;
        if (asprintf(&field, "%s%s", path, key) < 0)
            field = NULL;
        findings_add(findings, SEVERITY_ERROR, "unknown-key", (struct place){.field = field},
                     key, near_word(key, known, count), "there is no such key here");
        free(field);
    }
}

const char *json_body_text(json_t *object, const char *path, const char *key,
                           struct findings *findings)
{
    json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value))
        return NULL;
    if (json_is_string(value))
        return json_string_value(value);
    char shown[96], field[128];
    snprintf(field, sizeof field, "%s%s", path, key);
    findings_add(findings, SEVERITY_ERROR, "wrong-type", (struct place){.field = field},
                 json_body_show(value, shown), "a string", "the value is no string");
    return NULL;
}

const char *json_body_show(json_t *value, char out[static 96])
{
    /* Never a whole document: arrays and objects are named, not shown. */
    if (json_is_array(value) || json_is_object(value))
        snprintf(out, 96, "%s", json_is_array(value) ? "[...]" : "{...}");
    else if (json_is_string(value))
        snprintf(out, 96, "%s", json_string_value(value));
    else {
        size_t len = json_dumpb(value, out, 95, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
        out[len < 95 ? len : 95] = '\0';
    }
    return out;
}
