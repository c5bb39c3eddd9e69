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

/* ---- rows ------------------------------------------------------------------- */

/* A field's data key that the template does not know, or that takes no data. */
static void bad_field(const struct template *template, const char *path, const char *key,
                      struct findings *findings)
{
    const char *names[TEMPLATE_MAX_FIELDS];
    size_t count = 0;
    int index = template_field_index(template, key);
    for (size_t i = 0; i < template_field_count(template); i++) {
        if (template_field(template, i)->type != FIELD_SERIES)
            names[count++] = template_field(template, i)->name;
    }
    char *field = NULL;
    if (asprintf(&field, "%s%s", path, key) < 0)
        field = NULL;
    struct place place = {.field = field};
    if (index >= 0)
        findings_add(findings, SEVERITY_ERROR, "series-field", place, NULL,
                     "no value: it takes its number from a series",
                     "field %s is numbered by series %s", key,
                     template_field(template, (size_t)index)->series);
    else
        findings_add(findings, SEVERITY_ERROR, "unknown-field", place, key,
                     near_word(key, names, count), "template %s has no such field",
                     template_name(template));
    free(field);
}

/* The text of one value; NULL with a finding when it is none that keeps its digits. */
static const char *value_text(const char *path, const char *key, json_t *value,
                              enum field_type type, struct buf *numbers,
                              struct findings *findings)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value) && type == FIELD_BOOLEAN)
        return json_is_true(value) ? "true" : "false";
    if (json_is_integer(value) && type != FIELD_BOOLEAN && type != FIELD_DATE) {
        size_t at = numbers->len;
        buf_printf(numbers, "%lld", (long long)json_integer_value(value));
        buf_add_byte(numbers, '\0');
        return buf_err(numbers) ? NULL : (const char *)numbers->bytes + at;
    }
    char shown[96], field[256];
    snprintf(field, sizeof field, "%s%s", path, key);
    findings_add(findings, SEVERITY_ERROR, "wrong-type", (struct place){.field = field},
                 json_body_show(value, shown),
                 json_is_real(value) ? "the number as a string, so that no digit is lost"
                                     : "a string",
                 "the value is not of a type that this field takes");
    return NULL;
}

bool json_body_row(const struct template *template, json_t *data, const char *path,
                   const char **raw, struct buf *numbers, struct findings *findings)
{
    const char *key;
    json_t *value;
    bool good = true;
    json_object_foreach(data, key, value)
    {
        int index = template_field_index(template, key);
        if (index < 0 || template_field(template, (size_t)index)->type == FIELD_SERIES) {
            bad_field(template, path, key, findings);
            continue;
        }
        if (json_is_null(value))
            continue; /* as if the key were not there */
        raw[index] = value_text(path, key, value, template_field(template, (size_t)index)->type,
                                numbers, findings);
        good = good && raw[index];
    }
    return good;
}

json_t *json_body_data(json_t *object, const char *path, struct findings *findings)
{
    json_t *data = json_object_get(object, "data");
    if (!data || json_is_null(data) || json_is_object(data))
        return json_is_object(data) ? data : NULL;
    char shown[96], field[64];
    snprintf(field, sizeof field, "%sdata", path);
    findings_add(findings, SEVERITY_ERROR, "wrong-type", (struct place){.field = field},
                 json_body_show(data, shown), "an object: {\"field\": \"value\"}",
                 "data is no object");
    return NULL;
}
