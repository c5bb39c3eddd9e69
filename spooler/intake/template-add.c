/* SPDX-License-Identifier: Apache-2.0 */
/* template-add.c: a template comes in: POST /v1/templates, PUT /v1/templates/{name}.
 *
 * It is parsed and checked whole before anything is written; then version and ledger event are
 * one commit, and only then the catalog has it: a job that names it is never ahead of the
 * store. Nothing is ever taken back: jobs keep the version they were accepted with, and there
 * is no deleting, since a reprint needs what was printed. */
#include "spooler/base/log.h"
#include "spooler/base/near.h"
#include "spooler/intake/json-job.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/routes.h"
#include "spooler/intake/template-json.h"
#include "spooler/intake/template-kept.h"
#include "spooler/job/version.h"

#include <inttypes.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What came in; lives with its request, the writer thread reads it. */
struct upload {
    json_t *root; /* of a JSON body; NULL = YAML */
    const char *yaml;
    size_t len;
    json_t *images; /* name -> base64; borrows from root, NULL = none */
    struct template *template;
    char by[JOB_TEXT];
    const char *previous;         /* what the caller thinks is current; NULL = whatever it is */
    struct version_change change; /* what the commit did */
};

static void upload_free(void *arg)
{
    struct upload *upload = arg;
    if (!upload)
        return;
    template_free(upload->template);
    json_decref(upload->root);
    free(upload);
}

/* ---- reading ------------------------------------------------------------------- */

static void read_yaml(struct request *request, struct upload *upload)
{
    upload->yaml = (const char *)request->body.bytes;
    upload->len = request->body.len;
}

/* {"yaml": "...", "images": {"logo.png": "<base64>"}} */
static void read_json(struct request *request, struct upload *upload)
{
    static const char *const keys[] = {"yaml", "images"};
    struct findings *findings = &request->findings;
    upload->root = json_body_parse(buf_text(&request->body), request->body.len, findings);
    if (!upload->root)
        return;
    json_body_keys(upload->root, "", keys, sizeof keys / sizeof keys[0], findings);
    upload->yaml = json_body_text(upload->root, "", "yaml", findings);
    upload->len = json_string_length(json_object_get(upload->root, "yaml"));
    upload->images = json_object_get(upload->root, "images");
    char shown[96];
    if (upload->images && !json_is_object(upload->images))
        findings_add(findings, SEVERITY_ERROR, "wrong-type", (struct place){.field = "images"},
                     json_body_show(upload->images, shown),
                     "an object: {\"logo.png\": \"...\"}", "images is no object");
    if (!upload->yaml && findings->errors == 0)
        findings_add(findings, SEVERITY_ERROR, "missing", (struct place){.field = "yaml"}, NULL,
                     "the template's YAML as a string", "no template is given");
}

static const struct {
    enum body_kind kind;
    void (*read)(struct request *request, struct upload *upload);
} readers[] = {{BODY_YAML, read_yaml}, {BODY_JSON, read_json}};

/* An image that came in the same body. Only what the template names is decoded. */
static enum err read_image(void *ctx, const char *name, struct buf *out, struct why *why)
{
    const struct upload *upload = ctx;
    const json_t *image = json_object_get(upload->images, name);
    const char *text = json_string_value(image);
    size_t len = json_string_length(image), decoded = BASE64_DECODE_LENGTH(len);
    if (!text)
        return err_set(why, ERR_NOT_FOUND, "image %s was not sent with the template", name);
    struct base64_decode_ctx decoder;
    base64_decode_init(&decoder);
    uint8_t *room = buf_room(out, decoded);
    if (!room)
        return err_set(why, buf_err(out), "image %s is too large", name);
    if (!base64_decode_update(&decoder, &decoded, room, len, text) ||
        !base64_decode_final(&decoder))
        return err_set(why, ERR_INPUT, "image %s is not base64 (RFC 4648)", name);
    out->len += decoded;
    return ERR_NONE;
}

/* What nothing on the label shows is a slip: a wrong name, an old file. */
static void check_all_used(const struct upload *upload, struct findings *findings)
{
    const char *name;
    json_t *value;
    json_object_foreach(upload->images, name, value)
    {
        const uint8_t *bytes;
        size_t len, i = 0;
        const char *used;
        while ((used = template_image(upload->template, i, &bytes, &len)) && strcmp(used, name))
            i++;
        if (!used)
            findings_add(findings, SEVERITY_ERROR, "unused-image",
                         (struct place){.field = "images"}, name, NULL,
                         "the template names no such image");
    }
}

/* The one place that makes a template of an upload. No file of this machine is ever read. */
static enum err parse(struct upload *upload, struct findings *findings)
{
    struct template_files files = {read_image, upload};
    enum err err = template_parse_with(upload->yaml, upload->len, NULL, &files,
                                       &upload->template, findings);
    if (!err)
        check_all_used(upload, findings);
    return err ? err : findings->errors ? ERR_INPUT : ERR_NONE;
}

/* ---- what has to hold before it is written ----------------------------------------- */

static void check_name(struct request *request, const struct template *template)
{
    if (*request->name && strcmp(request->name, template_name(template)) != 0)
        findings_add(&request->findings, SEVERITY_ERROR, "name-differs",
                     (struct place){.field = "name"}, template_name(template), request->name,
                     "the template's name is not the one in the path");
}

/* Warnings: the configuration may get the series later. */
static void look_at_series(struct request *request, const struct template *template)
{
    const struct registry *registry = request->config->registry;
    const char *const *names = registry_names(registry);
    size_t count = 0;
    while (names[count])
        count++;
    for (size_t i = 0; i < template_field_count(template); i++) {
        const struct field *field = template_field(template, i);
        if (field->type == FIELD_SERIES && !registry_has(registry, field->series))
            findings_add(&request->findings, SEVERITY_WARNING, "unknown-series",
                         (struct place){.field = field->name}, field->series,
                         near_word(field->series, names, count),
                         "this series is not configured: jobs will be refused");
    }
}

/* A warning when no printer can take it as it is: what each misses is told. */
static void look_at_printers(struct request *request, const struct template *template)
{
    const struct intake_config *config = request->config;
    struct printer_view view;
    struct findings missing;
    bool fits = false;
    findings_init(&missing);
    for (size_t i = 0; !fits && config->printer(config->ctx, i, &view); i++) {
        struct findings own;
        findings_init(&own);
        fits = config->check_label(config->ctx, view.name, template, NULL, &own) == ERR_NONE &&
               own.errors == 0;
        for (size_t k = 0; k < own.count; k++)
            findings_add(&missing, SEVERITY_WARNING, own.list[k].code,
                         (struct place){.line = own.list[k].line,
                                        .column = own.list[k].column,
                                        .field = own.list[k].field},
                         own.list[k].value, own.list[k].expected, "printer %s: %s", view.name,
                         own.list[k].message);
        findings_clear(&own);
    }
    for (size_t k = 0; !fits && k < missing.count; k++)
        findings_add(&request->findings, SEVERITY_WARNING, missing.list[k].code,
                     (struct place){.line = missing.list[k].line,
                                    .column = missing.list[k].column,
                                    .field = missing.list[k].field},
                     missing.list[k].value, missing.list[k].expected, "%s",
                     missing.list[k].message);
    findings_clear(&missing);
}

/* The file of this name holds this very version: it is as the caller wants it. */
static bool is_file(const struct catalog *catalog, const struct template *template)
{
    const char *name = template_name(template);
    return catalog_file(catalog, name) &&
           catalog_version(catalog, name, template_hash(template));
}

/* ERR_INPUT: findings. */
static enum err check(struct request *request, const struct template *template, struct why *why)
{
    const struct catalog *catalog = request->config->catalog;
    check_name(request, template);
    if (request->findings.errors)
        return ERR_INPUT;
    enum err err =
        is_file(catalog, template) ? ERR_NONE : catalog_may_add(catalog, template, why);
    if (err)
        return err;
    look_at_series(request, template);
    look_at_printers(request, template);
    return ERR_NONE;
}

#define NO_VERSION "none"

/* ?previous=: who looked at a version and changes that one must not undo what another person
 * did meanwhile. */
static void read_previous(struct request *request, struct upload *upload)
{
    const char *text = request_text(request, "previous");
    uint8_t hash[SHA256_BYTES];
    bool good = !text || strcmp(text, NO_VERSION) == 0 ||
                (strlen(text) == 2 * sizeof hash && hex_parse(text, hash, sizeof hash));
    if (!good)
        findings_add(&request->findings, SEVERITY_ERROR, "bad-version",
                     (struct place){.field = "previous"}, text,
                     "the 64 hex digits of a version's hash, or " NO_VERSION,
                     "this is no version of a template");
    upload->previous = text;
}

/* ---- in the commit ------------------------------------------------------------------ */

static enum err make_answer(struct request *request, const struct upload *upload,
                            struct why *why)
{
    char previous[SHA256_HEX];
    json_t *json = template_json(request->config->catalog, upload->template, true);
    json_t *before =
        upload->change.has_previous
            ? json_string(hex_text(upload->change.previous, SHA256_BYTES, previous))
            : json_null();
    bool bad = json_object_set_new(json, "previous_hash", before) != 0 ||
               json_object_set_new(json, "findings", problem_findings(&request->findings)) != 0;
    if (bad) {
        json_decref(json);
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    problem_dump(&request->answer, json);
    request->status = upload->change.same ? 200 : 201;
    return ERR_NONE;
}

/* ERR_STATE undoes what the operation wrote. */
static enum err check_previous(const struct upload *upload, struct why *why)
{
    char hash[SHA256_HEX] = NO_VERSION;
    const struct version_change *change = &upload->change;
    if (change->has_previous)
        hex_text(change->previous, SHA256_BYTES, hash);
    if (!upload->previous || change->same || strcasecmp(upload->previous, hash) == 0)
        return ERR_NONE;
    return err_set(
        why, ERR_STATE,
        "template %s was changed meanwhile: its version is %.12s, not %.12s; look at "
        "what would change again",
        template_name(upload->template), hash, upload->previous);
}

static enum err op_add(struct txn *txn, void *arg, struct why *why)
{
    struct request *request = arg;
    struct upload *upload = request->act;
    bool replayed;
    enum err err = request_replay(txn, request, &replayed, why);
    if (err || replayed)
        return err;
    struct version_new added = {.hash = template_hash(upload->template),
                                .name = template_name(upload->template),
                                .by = upload->by};
    added.body = template_body(upload->template, &added.len);
    err = version_add(txn, &added, &upload->change, why);
    if (!err)
        err = check_previous(upload, why);
    if (!err)
        err = make_answer(request, upload, why);
    return err ? err : request_keep(txn, request, 0, why);
}

/* ---- on the HTTP thread ------------------------------------------------------------------ */

/* The store has it; whoever asks from now on gets it. The same version, too: of two requests
 * the later may be looked at first. */
static void publish(struct request *request, struct upload *upload)
{
    struct why why = {{0}};
    char hash[SHA256_HEX];
    hex_text(template_hash(upload->template), SHA256_BYTES, hash);
    if (!upload->change.same)
        log_info("template added", "template=%s hash=%s by=%s",
                 logq(template_name(upload->template)), hash, logq(upload->by));
    if (catalog_add(request->config->catalog, upload->template, upload->change.seq, &why))
        log_error("added template is there after a restart only", "hash=%s why=%s", hash,
                  logq(why.text));
    else
        upload->template = NULL;
}

static enum step added(struct request *request)
{
    struct upload *upload = request->act;
    request->waiting = false;
    if (request->write_err)
        return request_problem(request, request->write_err, &request->write_why);
    request->content_type = "application/json";
    snprintf(request->location, sizeof request->location, "/v1/templates/%s",
             template_name(upload->template)); /* the same bytes name the same template */
    if (!request->replayed)
        publish(request, upload);
    return STEP_ANSWER;
}

/* The file of this name is what was sent: nothing is written. */
static enum step answer_file(struct request *request, struct upload *upload)
{
    struct why why = {{0}};
    upload->change.same = true;
    enum err err = make_answer(request, upload, &why);
    if (err)
        return request_problem(request, err, &why);
    request->content_type = "application/json";
    return STEP_ANSWER;
}

enum step add_template(struct request *request)
{
    if (request->waiting)
        return added(request);
    struct why why = {{0}};
    struct upload *upload = calloc(1, sizeof *upload);
    if (!upload)
        return request_problem(request, ERR_NO_MEMORY, NULL);
    request->act = upload;
    request->free_act = upload_free;
    request_by(request, request_text(request, "person"), upload->by);
    read_previous(request, upload);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (readers[i].kind == request->kind)
            readers[i].read(request, upload);
    }
    enum err err = ERR_INPUT;
    if (upload->yaml)
        err = parse(upload, &request->findings);
    if (!err)
        err = check(request, upload->template, &why);
    if (err && err != ERR_INPUT)
        return request_problem(request, err, &why);
    if (request->findings.errors)
        return request_refuse(request);
    return is_file(request->config->catalog, upload->template) ? answer_file(request, upload)
                                                               : request_write(request, op_add);
}
