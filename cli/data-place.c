/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/data.h"
#include "templates/template.h"

#include <string.h>

static const char *text_of(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key));
}

static uint64_t line_of(const json_t *row, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(row, key));
}

/* One without a place: of a value, of a value that is missing, or of the row as a whole. */
static void complete(const json_t *row, const struct template *template,
                     struct finding *finding)
{
    const char *field = finding->field, *file = text_of(row, "file");
    const json_t *source =
        field ? json_object_get(json_object_get(row, "sources"), field) : NULL;
    bool ours = field && template_field_index(template, field) >= 0;
    if (json_is_string(source))
        file = json_string_value(source);
    else if (!file || json_is_null(source) || (field && !ours && !source))
        return; /* of the command line, or nothing that a row could say */
    else
        finding->line = line_of(row, ours || !field ? "line" : "head");
    finding->column = (uint32_t)json_integer_value(source);
    finding->file = strdup(file); /* NULL = out of memory: told without it */
}

void data_places(const json_t *row, const struct template *template, const char *file,
                 struct findings *findings, size_t from)
{
    for (size_t i = from; i < findings->count; i++) {
        struct finding *finding = &findings->list[i];
        if (!finding->line && !finding->file)
            complete(row, template, finding);
    }
    findings_name_file(findings, from, file);
}
