/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/template-json.h"

#include "spooler/intake/problem.h"

static json_t *field_json(const struct field *field)
{
    return json_pack("{so ss sb sI so so so}", "name", problem_string(field->name), "type",
                     field_type_name(field->type), "required", field->required, "max",
                     (json_int_t)field->max, "sample", problem_string(field->sample), "default",
                     problem_string(field->default_text), "series",
                     problem_string(field->series));
}

static json_t *fields_json(const struct template *template)
{
    json_t *fields = json_array();
    for (size_t i = 0; i < template_field_count(template); i++) {
        if (json_array_append_new(fields, field_json(template_field(template, i))) != 0) {
            json_decref(fields);
            return NULL;
        }
    }
    return fields;
}

static json_t *source_json(const struct catalog *catalog, const struct template *template,
                           bool current)
{
    const char *file = current ? catalog_file(catalog, template_name(template)) : NULL;
    if (file)
        return json_pack("{ss so}", "kind", "file", "file", problem_string(file));
    return json_pack("{ss}", "kind", current ? "api" : "kept");
}

/* A name has no characters that a URI would have to escape. */
static json_t *links_json(const char *name)
{
    struct buf self = BUF_INIT(256), versions = BUF_INIT(256), preview = BUF_INIT(256);
    buf_printf(&self, "/v1/templates/%s", name);
    buf_printf(&versions, "/v1/templates/%s/versions", name);
    buf_printf(&preview, "/v1/templates/%s/preview", name);
    json_t *json = json_pack("{ss ss ss}", "self", buf_text(&self), "versions",
                             buf_text(&versions), "preview", buf_text(&preview));
    buf_free(&self);
    buf_free(&versions);
    buf_free(&preview);
    return json;
}

json_t *template_json(const struct catalog *catalog, const struct template *template,
                      bool current)
{
    static const char *const close_words[] = {"sent", "printed", "verified"};
    char hash[SHA256_HEX];
    hex_text(template_hash(template), SHA256_BYTES, hash);
    return json_pack(
        "{so so ss sb so sI sI sI ss ss so so}", "name",
        problem_string(template_name(template)), "title",
        problem_string(template_title(template)), "hash", hash, "current", current, "source",
        source_json(catalog, template, current), "width_um",
        (json_int_t)template_width_um(template), "height_um",
        (json_int_t)template_height_um(template), "pieces",
        (json_int_t)template_pieces(template), "close", close_words[template_close(template)],
        "on_doubt", template_on_doubt(template) == ON_DOUBT_HOLD ? "hold" : "continue",
        "fields", fields_json(template), "links", links_json(template_name(template)));
}
