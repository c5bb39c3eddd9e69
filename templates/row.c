/* SPDX-License-Identifier: Apache-2.0 */
/* row.c: data of one row, checked before a number is spent on it. */
#include "templates/template.h"

#include "templates/ai-data.h"
#include "templates/ai-pairs.h"
#include "templates/parts.h"
#include "templates/value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROW_MAX_BYTES (TEMPLATE_MAX_FIELDS * (TEMPLATE_MAX_VALUE + 1))

/* A row under check. */
struct checking {
    const struct template *template;
    struct place place;
    struct findings *findings;
    struct row row;
    bool good[TEMPLATE_MAX_FIELDS]; /* has its canonical value, which may be none */
};

void row_free(struct row *row)
{
    if (!row)
        return;
    free(row->values);
    buf_free(&row->text);
    *row = (struct row){0};
}

/* Appends the field's canonical value with its NUL; `given` stays false for an optional field
 * without value. */
static bool check_field(struct checking *checking, size_t index, const char *raw, bool *given)
{
    const struct field *field = &checking->template->fields[index];
    struct place place = checking->place;
    place.field = field->name;
    *given = raw && raw[0]; /* an empty cell of a CSV is no value */
    if (field->type == FIELD_SERIES) {
        if (!*given)
            return true;
        findings_add(checking->findings, SEVERITY_ERROR, "series-field", place, raw, NULL,
                     "the field's value is a number from series \"%s\", not data",
                     field->series);
        return false;
    }
    if (!*given && field->required) {
        findings_add(checking->findings, SEVERITY_ERROR, "missing", place, NULL, "a value",
                     "a required field is missing");
        return false;
    }
    struct buf *text = &checking->row.text;
    if (*given) {
        if (!value_check(field, &checking->template->rules[index], raw, place, text,
                         checking->findings))
            return false;
    } else if (field->default_text) {
        *given = true;
        buf_add_text(text, field->default_text);
    }
    if (*given)
        buf_add_byte(text, 0);
    return true;
}

static void check_fields(struct checking *checking, const char *const *raw)
{
    bool given[TEMPLATE_MAX_FIELDS] = {false};
    size_t count = checking->template->field_count;
    for (size_t i = 0; i < count; i++) {
        size_t before = checking->row.text.len;
        checking->good[i] = check_field(checking, i, raw[i], &given[i]);
        if (!checking->good[i])
            checking->row.text.len = before;
        given[i] = given[i] && checking->good[i];
    }
    /* Only now: the buffer moves while it grows. */
    const char *at = buf_text(&checking->row.text);
    for (size_t i = 0; i < count && buf_err(&checking->row.text) == ERR_NONE; i++)
        if (given[i]) {
            checking->row.values[i] = at;
            at += strlen(at) + 1;
        }
}

/* The field to name in a finding: the first of the program; NULL when one of its fields is
 * faulty already. */
static const char *program_field(const struct checking *checking, const struct program *program)
{
    const char *name = "";
    for (size_t i = program->count; i-- > 0;) {
        const struct step *step = &program->steps[i];
        if (step->kind == STEP_TEXT || step->kind == STEP_BUILTIN || step->kind == STEP_NOW)
            continue;
        if (!checking->good[step->field])
            return NULL;
        name = checking->template->fields[step->field].name;
    }
    return name;
}

/* Whether this row's labels have the shape, so that its data matter; also false where a
 * condition cannot be told, as a field in it is faulty. */
static bool has_shape(const struct checking *checking, const struct shape *shape,
                      const struct sources *sources)
{
    for (size_t i = 0; i < shape->when_count; i++)
        if (!program_field(checking, &shape->whens[i]))
            return false;
    struct buf scratch = BUF_INIT(LABEL_MAX_BYTES);
    bool wanted = shape_wanted(shape, sources, &scratch) || buf_err(&scratch);
    buf_free(&scratch);
    return wanted;
}

static enum err check_ai_parts(struct checking *checking, const struct shape *shape)
{
    struct sources sources = {.values = checking->row.values};
    if (shape->part_count == 0 || !has_shape(checking, shape, &sources))
        return ERR_NONE;
    for (size_t i = 0; i < shape->part_count; i++) {
        const struct ai_part *part = &shape->parts[i];
        const char *field = program_field(checking, &part->value);
        if (part->value.late || !field)
            continue;
        struct why why = {""};
        struct place place = checking->place;
        place.field = field[0] ? field : NULL;
        enum err err = ai_data_check(part, &sources, &why);
        int index = template_field_index(checking->template, field);
        if (err == ERR_INPUT)
            findings_add(checking->findings, SEVERITY_ERROR, "ai-value", place,
                         index >= 0 ? checking->row.values[index] : NULL, NULL, "%s", why.text);
        else if (err)
            return err;
    }
    return ERR_NONE;
}

static enum err check_scopes(struct checking *checking)
{
    for (size_t i = 0; i < checking->template->field_count; i++) {
        const struct program *scope = &checking->template->rules[i].scope;
        struct sources sources = {.values = checking->row.values};
        struct buf text = BUF_INIT(scope->worst_bytes + 1);
        if (!program_field(checking, scope))
            continue;
        program_run(scope, &sources, &text);
        enum err err = buf_err(&text);
        struct place place = checking->place;
        place.field = checking->template->fields[i].name;
        if (text.len > SCOPE_MAX_BYTES)
            findings_add(checking->findings, SEVERITY_ERROR, "scope-too-long", place,
                         buf_text(&text), "at most 255 bytes", "the scope has %zu bytes",
                         text.len);
        buf_free(&text);
        if (err)
            return err;
    }
    return ERR_NONE;
}

enum err template_check_row(const struct template *template, const char *const *raw,
                            struct place place, struct row *out, struct findings *findings)
{
    struct checking checking = {.template = template, .place = place, .findings = findings};
    size_t errors = findings->errors;
    buf_init(&checking.row.text, ROW_MAX_BYTES);
    checking.row.count = template->field_count;
    checking.row.values = calloc(template->field_count + 1, sizeof *checking.row.values);
    if (!checking.row.values)
        return ERR_NO_MEMORY;
    check_fields(&checking, raw);
    enum err err = buf_err(&checking.row.text);
    for (size_t i = 0; i < template->shape_count && err == ERR_NONE; i++)
        err = check_ai_parts(&checking, &template->shapes[i]);
    if (err == ERR_NONE && template->branches && errors == findings->errors)
        err = ai_pairs_check_row(template, &(struct sources){.values = checking.row.values},
                                 place, findings);
    if (err == ERR_NONE)
        err = check_scopes(&checking);
    if (err == ERR_NONE && errors != findings->errors)
        err = ERR_INPUT;
    if (err) {
        row_free(&checking.row);
        return err;
    }
    row_free(out);
    *out = checking.row;
    return ERR_NONE;
}

enum err template_scope(const struct template *template, size_t field, const struct row *row,
                        struct buf *out)
{
    assert(field < template->field_count && row->count == template->field_count);
    struct sources sources = {.values = row->values};
    program_run(&template->rules[field].scope, &sources, out);
    return buf_err(out);
}

enum err template_sample_row(const struct template *template, struct row *out,
                             struct findings *findings)
{
    const char *raw[TEMPLATE_MAX_FIELDS] = {NULL};
    for (size_t i = 0; i < template->field_count; i++)
        if (template->fields[i].type != FIELD_SERIES)
            raw[i] = template->fields[i].sample;
    return template_check_row(template, raw, (struct place){.file = yaml_file(template->doc)},
                              out, findings);
}
