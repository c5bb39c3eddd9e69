/* SPDX-License-Identifier: Apache-2.0 */
/* template-preview.c: a label as it would print, as a PNG. No number is issued for it: series
 * fields show the template's sample, or a number of their series' format. */
#include "spooler/intake/json-job.h"
#include "spooler/intake/routes.h"
#include "spooler/intake/stand-in.h"
#include "spooler/intake/template-kept.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_MODEL "zpl-203"

/* What one preview is made of; lives for one call of the handler. */
struct preview {
    struct request *request;
    json_t *root; /* the body; NULL = none */
    const char *model, *version;
    bool samples;
    struct wanted wanted;
    const char *raw[TEMPLATE_MAX_FIELDS];
    struct buf numbers; /* text of values that came as JSON numbers */
    struct row row;
    struct label_doc doc;
    struct buf png;
};

static void preview_free(struct preview *preview)
{
    json_decref(preview->root);
    wanted_free(&preview->wanted);
    buf_free(&preview->numbers);
    row_free(&preview->row);
    label_doc_free(&preview->doc);
    buf_free(&preview->png);
}

/* ---- what is asked for -------------------------------------------------------- */

static bool bool_of(struct request *request, const char *text, json_t *value)
{
    bool yes = text ? strcmp(text, "true") == 0 : json_is_true(value);
    bool known = text ? yes || strcmp(text, "false") == 0
                      : !value || json_is_null(value) || json_is_boolean(value);
    char shown[96];
    if (!known)
        findings_add(&request->findings, SEVERITY_ERROR, "wrong-type",
                     (struct place){.field = "samples"},
                     text ? text : json_body_show(value, shown), "true or false",
                     "samples is neither yes nor no");
    return yes;
}

/* POST says it in its body, GET in parameters. */
static void read_ask(struct preview *preview)
{
    static const char *const keys[] = {"data", "model", "samples", "version"};
    struct request *request = preview->request;
    struct findings *findings = &request->findings;
    if (request->body.len == 0) {
        preview->model = request_text(request, "model");
        preview->version = request_text(request, "version");
        preview->samples = bool_of(request, request_text(request, "samples"), NULL);
        return;
    }
    preview->root = json_body_parse(buf_text(&request->body), request->body.len, findings);
    if (!preview->root)
        return;
    json_body_keys(preview->root, "", keys, sizeof keys / sizeof keys[0], findings);
    preview->model = json_body_text(preview->root, "", "model", findings);
    preview->version = json_body_text(preview->root, "", "version", findings);
    preview->samples = bool_of(request, NULL, json_object_get(preview->root, "samples"));
}

#define FIELD_PREFIX "field."

/* Parameters field.NAME as an object, so that both ways to ask are checked alike. */
static json_t *data_of_params(const struct request *request)
{
    json_t *data = json_object();
    for (size_t i = 0; i < request->param_count; i++) {
        const struct param *param = &request->params[i];
        if (strncmp(param->name, FIELD_PREFIX, strlen(FIELD_PREFIX)) != 0)
            continue;
        /* Not checked here: the row's check says what is wrong with bytes that are not UTF-8.
         */
        if (json_object_set_new_nocheck(data, param->name + strlen(FIELD_PREFIX),
                                        json_string_nocheck(param->value)) != 0) {
            json_decref(data);
            return NULL;
        }
    }
    return data;
}

/* The row's check names fields; a caller has to find the value in what it sent. */
static void complete_fields(struct preview *preview, size_t from, const char *path)
{
    struct findings *findings = &preview->request->findings;
    for (size_t i = from; i < findings->count; i++) {
        struct finding *finding = &findings->list[i];
        char *whole = NULL;
        if (!finding->field || asprintf(&whole, "%s%s", path, finding->field) < 0)
            continue; /* the field alone says it, too */
        free(finding->field);
        finding->field = whole;
    }
}

/* Puts the data at its fields; what is not given is the sample, where samples are asked for or
 * nothing is given at all. */
static enum err read_data(struct preview *preview)
{
    const struct template *template = preview->wanted.template;
    struct findings *findings = &preview->request->findings;
    json_t *params = preview->root ? NULL : data_of_params(preview->request);
    json_t *data = preview->root ? json_body_data(preview->root, "", findings) : params;
    const char *path = preview->root ? "data." : FIELD_PREFIX;
    if (!preview->root && !params)
        return ERR_NO_MEMORY;
    bool samples = preview->samples || json_object_size(data) == 0;
    preview->root = preview->root ? preview->root : params; /* what raw[] borrows from */
    if (!buf_room(&preview->numbers, JSON_BODY_NUMBERS))
        return ERR_NO_MEMORY;
    if (!json_body_row(template, data, path, preview->raw, &preview->numbers, findings))
        return ERR_INPUT; /* "missing" would be said of a value that is there */
    for (size_t i = 0; samples && i < template_field_count(template); i++) {
        const struct field *field = template_field(template, i);
        if (field->type != FIELD_SERIES && !preview->raw[i])
            preview->raw[i] = field->sample;
    }
    size_t from = findings->count;
    enum err err =
        template_check_row(template, preview->raw, (struct place){0}, &preview->row, findings);
    complete_fields(preview, from, path);
    return err;
}

/* ---- numbers that nobody issued -------------------------------------------------- */

/* Tried one after the other until one is what the field's AIs can hold: the template's sample,
 * numbers of the series' format, digits, an SSCC with its check digit (GS1 General
 * Specifications 3.3.1). */
static const char *const last_resorts[] = {"SAMPLE0001", "0000000001", "106141412345678908"};
#define TRIES (3 + sizeof last_resorts / sizeof last_resorts[0])

static const char *sample_number(const struct registry *registry, const struct field *field,
                                 size_t attempt, char room[static NUMBER_MAX])
{
    struct number_format format;
    if (attempt >= 3)
        return last_resorts[attempt - 3];
    if (attempt == 0 && field->sample)
        return field->sample;
    bool known = registry_format(registry, field->series, &format);
    return known && stand_in(&format, attempt < 2, room) ? room : last_resorts[0];
}

static enum err bind_sample(struct preview *preview, struct why *why)
{
    const struct template *template = preview->wanted.template;
    const struct intake_config *config = preview->request->config;
    size_t count = template_field_count(template);
    const char *numbers[TEMPLATE_MAX_FIELDS] = {0};
    char(*room)[NUMBER_MAX] = calloc(count + 1, sizeof *room);
    struct bind_input input = {
        .row = &preview->row,
        .numbers = numbers,
        .builtins = {.label_index = 1,
                     .label_count = 1,
                     .piece_index = 1,
                     .job_id = 1,
                     .accepted_ms = clock_now_ms(store_clock(config->store)),
                     .utc_offset_min = config->utc_offset_min},
    };
    enum err err = room ? ERR_INPUT : ERR_NO_MEMORY;
    for (size_t attempt = 0; err == ERR_INPUT && attempt < TRIES; attempt++) {
        for (size_t i = 0; i < count; i++) {
            const struct field *field = template_field(template, i);
            if (field->type == FIELD_SERIES)
                numbers[i] = sample_number(config->registry, field, attempt, room[i]);
        }
        err = template_bind(template, &input, &preview->doc, why);
    }
    free(room);
    if (err == ERR_INPUT)
        findings_add(&preview->request->findings, SEVERITY_ERROR, "no-sample-number",
                     (struct place){0}, NULL, "`sample: NUMBER` in the template", "%s",
                     why->text);
    return err;
}

/* ---- all of it ------------------------------------------------------------------- */

/* All that is wrong is told at once: a model that does not exist keeps no data unchecked. */
static enum err prepare(struct preview *preview, const char *model, struct why *why)
{
    struct request *request = preview->request;
    const struct intake_config *config = request->config;
    enum err err = wanted_find(config->store, config->catalog, request->name, preview->version,
                               &preview->wanted, &request->findings, why);
    if (err)
        return err;
    err = config->preview(config->ctx, model, preview->wanted.template, NULL, NULL,
                          &request->findings, why);
    if (!err || err == ERR_INPUT)
        err = read_data(preview);
    return !err && request->findings.errors ? ERR_INPUT : err;
}

static enum err make(struct preview *preview, struct why *why)
{
    struct request *request = preview->request;
    const struct intake_config *config = request->config;
    read_ask(preview);
    const char *model = preview->model ? preview->model : DEFAULT_MODEL;
    enum err err = request->findings.errors ? ERR_INPUT : prepare(preview, model, why);
    if (!err)
        err = bind_sample(preview, why);
    if (!err)
        err = config->preview(config->ctx, model, preview->wanted.template, &preview->doc,
                              &preview->png, &request->findings, why);
    return err;
}

enum step preview_template(struct request *request)
{
    struct preview preview = {.request = request,
                              .numbers = BUF_INIT(2 * JSON_BODY_NUMBERS),
                              .png = BUF_INIT(REQUEST_ANSWER_MAX)};
    struct why why = {{0}};
    enum err err = make(&preview, &why);
    enum step step = STEP_ANSWER;
    if (request->findings.errors)
        step = request_refuse(request);
    else if (err)
        step = request_problem(request, err, &why);
    else {
        request->sample = true;
        step = request_bytes(request, "image/png", preview.png.bytes, preview.png.len);
    }
    preview_free(&preview);
    return step;
}
