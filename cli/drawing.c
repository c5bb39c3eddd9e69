/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/drawing.h"

#include "spooler/base/clock.h"
#include "spooler/base/durable.h"
#include "spooler/base/mm.h"
#include "spooler/base/near.h"

#include <stdlib.h>
#include <string.h>

#define FOLDERS_MAX 16
#define MODELS_MAX  64

const char *drawing_file(const char *word)
{
    return strcmp(word, "-") == 0 ? "stdin" : word;
}

enum err drawing_load(const char *word, struct template **out, struct findings *findings)
{
    struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES + 1);
    struct why why = {{0}};
    if (strcmp(word, "-") != 0)
        return template_load(word, out, findings);
    enum err err = file_read("/dev/stdin", TEMPLATE_MAX_BYTES, &text, &why);
    if (!err)
        err = template_parse(buf_text(&text), text.len, drawing_file(word), out, findings);
    else
        (void)findings_add(findings, SEVERITY_ERROR, "unreadable",
                           (struct place){.file = drawing_file(word)}, NULL, NULL, "%s",
                           why.text); /* err says so */
    buf_free(&text);
    return err;
}

enum code drawing_model(struct tem *tem, const char *name, const struct model **out)
{
    const char *names[MODELS_MAX];
    size_t count = 0;
    *out = model_find(name);
    if (*out)
        return CODE_DONE;
    struct buf list = BUF_INIT(4096);
    for (const struct model *model; count < MODELS_MAX && (model = model_at(count)) != NULL;
         count++) {
        names[count] = model->name;
        buf_printf(&list, "%s%s", count ? ", " : "", model->name);
    }
    const char *near = near_word(name, names, count);
    enum code code = tem_usage(tem, "there is no model \"%s\"%s%s%s; there are %s", name,
                               near ? " (nearest: " : "", near ? near : "", near ? ")" : "",
                               buf_text(&list));
    buf_free(&list);
    return code;
}

enum code drawing_renderer(struct tem *tem, struct renderer **out)
{
    const char *given = args_get(&tem->args, "fonts"), *folders[FOLDERS_MAX + 1] = {0};
    struct why why = {{0}};
    char *list = strdup(given ? given : TEM_FONT_FOLDERS), *rest = list, *folder;
    size_t count = 0;
    while (rest && count < FOLDERS_MAX && (folder = strsep(&rest, ":")) != NULL) {
        if (*folder)
            folders[count++] = folder;
    }
    enum err err = list ? renderer_new(folders, out, &why) : ERR_NO_MEMORY;
    free(list);
    return err ? tem_fail_err(tem, err, &why) : CODE_DONE;
}

void drawing_check_size(const struct template *template, const struct model *model,
                        struct findings *findings)
{
    int64_t width = dots_from_um(template_width_um(template), model->dots_per_m);
    int64_t height = dots_from_um(template_height_um(template), model->dots_per_m);
    char got[160], expected[200];
    snprintf(got, sizeof got, "%s x %s", mm_text(template_width_um(template)).text,
             mm_text(template_height_um(template)).text);
    snprintf(expected, sizeof expected, "at most %s x %s",
             mm_of_dots(model->max_width_dots, model->dots_per_m).text,
             mm_of_dots(model->max_length_dots, model->dots_per_m).text);
    if (width > model->max_width_dots || height > model->max_length_dots)
        findings_add(findings, SEVERITY_ERROR, "label-too-large",
                     (struct place){.field = "size"}, got, expected,
                     "%s cannot print a label of this size", model->name);
}

/* ---- a label with sample numbers ----------------------------------------------------- */

/* Tried one after the other: a number of letters and digits, one of digits, an SSCC (GS1
 * General Specifications 3.3.1 with its check digit, as AI 00 asks for). */
static const char *const stand_ins[] = {"SAMPLE0001", "0000000001", "106141412345678908"};
#define STAND_INS (sizeof stand_ins / sizeof stand_ins[0])

void sample_free(struct sample *sample)
{
    row_free(&sample->row);
    label_doc_free(&sample->doc);
    free(sample->numbers);
    buf_free(&sample->room);
    *sample = (struct sample){0};
}

/* Text of one value, for raw[]; numbers of JSON need room of their own. */
static const char *value_text(const json_t *value, struct buf *room)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    if (!json_is_integer(value))
        return NULL;
    size_t at = room->len;
    buf_printf(room, "%lld", (long long)json_integer_value(value));
    buf_add_byte(room, 0);
    return buf_err(room) ? NULL : (const char *)room->bytes + at;
}

static enum err unknown_field(const struct template *template, const char *key,
                              struct findings *findings)
{
    const char *names[TEMPLATE_MAX_FIELDS];
    size_t count = template_field_count(template);
    for (size_t i = 0; i < count; i++)
        names[i] = template_field(template, i)->name;
    return findings_add(findings, SEVERITY_ERROR, "unknown-field", (struct place){.field = key},
                        NULL, near_word(key, names, count), "template %s has no such field",
                        template_name(template));
}

/* raw[i] and numbers[i] from `data`; borrowed from it and `room`. */
static enum err take_data(const struct template *template, const json_t *data, struct buf *room,
                          const char **raw, const char **numbers, struct findings *findings)
{
    const char *key;
    json_t *value;
    enum err err = ERR_NONE;
    json_object_foreach((json_t *)data, key, value) /* the macro's iterator is not const */
    {
        int index = template_field_index(template, key);
        if (index < 0) {
            err = unknown_field(template, key, findings);
            continue;
        }
        const char *text = json_is_null(value) ? NULL : value_text(value, room);
        if (!text && !json_is_null(value))
            err = findings_add(findings, SEVERITY_ERROR, "wrong-type",
                               (struct place){.field = key}, NULL, "a string",
                               "the value is not of a type that a field takes");
        if (template_field(template, (size_t)index)->type == FIELD_SERIES)
            numbers[index] = text;
        else
            raw[index] = text;
    }
    return err;
}

static enum err bind_numbers(const struct template *template, uint32_t piece,
                             struct sample *sample, struct why *why)
{
    struct bind_input input = {
        .row = &sample->row,
        .numbers = sample->numbers,
        .builtins = {.label_index = 1, .label_count = 1, .piece_index = piece, .job_id = 1},
    };
    size_t count = template_field_count(template);
    bool given[TEMPLATE_MAX_FIELDS] = {false};
    for (size_t i = 0; i < count; i++)
        given[i] = sample->numbers[i] != NULL;
    input.builtins.accepted_ms = clock_now_ms(&clock_system);
    enum err err = ERR_NONE;
    for (size_t try = 0; try < STAND_INS; try++) {
        for (size_t i = 0; i < count; i++) {
            if (template_field(template, i)->type == FIELD_SERIES && !given[i])
                sample->numbers[i] = stand_ins[try];
        }
        err = template_bind(template, &input, &sample->doc, why);
        if (err != ERR_INPUT)
            return err;
    }
    return err;
}

enum err sample_bind(const struct template *template, const json_t *data, bool samples,
                     struct sample *out, struct findings *findings, struct why *why)
{
    return sample_bind_piece(template, data, samples, 1, out, findings, why);
}

enum err sample_bind_piece(const struct template *template, const json_t *data, bool samples,
                           uint32_t piece, struct sample *out, struct findings *findings,
                           struct why *why)
{
    struct sample sample = {.room = BUF_INIT(TEMPLATE_MAX_FIELDS * 24)};
    size_t count = template_field_count(template);
    const char *raw[TEMPLATE_MAX_FIELDS] = {0};
    /* All of it at once: the texts are borrowed while the buffer grows. */
    enum err err = buf_room(&sample.room, TEMPLATE_MAX_FIELDS * 24) ? ERR_NONE : ERR_NO_MEMORY;
    sample.numbers = calloc(count + 1, sizeof *sample.numbers);
    if (!sample.numbers)
        err = ERR_NO_MEMORY;
    if (!err)
        err = take_data(template, data, &sample.room, raw, sample.numbers, findings);
    for (size_t i = 0; i < count; i++) {
        const struct field *field = template_field(template, i);
        if (!sample.numbers || !field->sample)
            continue;
        if (field->type == FIELD_SERIES && !sample.numbers[i])
            sample.numbers[i] = field->sample;
        else if (field->type != FIELD_SERIES && samples && !raw[i])
            raw[i] = field->sample;
    }
    if (!err)
        err = template_check_row(template, raw, (struct place){0}, &sample.row, findings);
    if (!err && (err = bind_numbers(template, piece, &sample, why)) == ERR_INPUT)
        findings_add(findings, SEVERITY_ERROR, "no-sample-number", (struct place){0}, NULL,
                     "--data FIELD=NUMBER, or `sample: NUMBER` in the template", "%s",
                     why->text);
    if (err) {
        sample_free(&sample);
        return err;
    }
    *out = sample;
    return ERR_NONE;
}

enum err drawing_label(struct renderer *renderer, const struct template *template,
                       const struct label_doc *doc, const struct model *model,
                       struct bitmap *out, struct findings *findings)
{
    struct rendered rendered = {0};
    drawing_check_size(template, model, findings);
    if (findings->errors)
        return ERR_INPUT;
    enum err err =
        render_chunk(renderer, template, doc, 1, model->dots_per_m, &rendered, findings);
    if (!err)
        err = rendered_compose(&rendered, 0, out);
    rendered_free(&rendered);
    return err;
}
