/* SPDX-License-Identifier: Apache-2.0 */
/* templates-add.c: a template from a file into temd: checked here first, shown against the
 * current version, asked, added. */
#include "cli/client.h"
#include "cli/diff.h"
#include "cli/drawing.h"
#include "cli/report.h"
#include "cli/templates.h"
#include "cli/text.h"

#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MODEL "zpl-203"
#define MODELS_MAX    32

struct adding {
    struct tem *tem;
    const char *file;
    struct template *template;
    char previous[65]; /* hash of the current version; "" = there is none */
    bool same;
};

/* ---- what can be checked here --------------------------------------------------------- */

static void show_findings(struct tem *tem, const struct findings *findings)
{
    for (size_t i = 0; i < findings->count && !tem->json; i++)
        report_finding(&tem->err, &findings->list[i]);
    if (findings->dropped && !tem->json)
        fprintf(tem->err.stream, "  and %zu more\n", findings->dropped);
}

static enum code refuse(struct tem *tem, const char *file, const struct findings *findings)
{
    if (!tem->json) {
        (void)tem_fail(tem, CODE_BAD, "%s has faults; nothing was added",
                       file); /* the code is returned below */
        show_findings(tem, findings);
        return CODE_BAD;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        if (json_array_append_new(list, report_finding_json(&findings->list[i])) != 0)
            break; /* out of memory: the first ones are worth telling */
    }
    json_t *json = json_pack("{ss ss sb so}", "type", "urn:tem:problem:input", "detail",
                             "the template has faults; nothing was added", "retry", false,
                             "findings", list);
    if (!json || json_dumpf(json, tem->err.stream, JSON_COMPACT) != 0)
        fputs("{}", tem->err.stream);
    fputc('\n', tem->err.stream);
    json_decref(json);
    return CODE_BAD;
}

static enum code load(struct adding *adding)
{
    struct findings findings = {0};
    struct why why = {{0}};
    enum err err = template_load(adding->file, &adding->template, &findings);
    enum code code = CODE_DONE;
    if (findings.errors)
        code = refuse(adding->tem, adding->file, &findings);
    else if (err)
        code = tem_fail_err(adding->tem, err, &why);
    else
        show_findings(adding->tem, &findings);
    findings_clear(&findings);
    return code;
}

/* The models of the plant's printers, each once; the default one when it has no printer. */
static size_t list_models(const json_t *printers, const char *models[static MODELS_MAX])
{
    size_t count = 0, i;
    const json_t *printer;
    json_array_foreach(printers, i, printer)
    {
        const char *model = json_text(printer, "model");
        bool known = count == MODELS_MAX || !model_find(model);
        for (size_t k = 0; k < count; k++)
            known |= strcmp(models[k], model) == 0;
        if (!known)
            models[count++] = model;
    }
    if (count == 0)
        models[count++] = DEFAULT_MODEL;
    return count;
}

static enum err check_model(struct adding *adding, struct renderer *renderer, const char *name,
                            struct findings *findings)
{
    const struct model *model = model_find(name);
    struct findings own = {0};
    size_t before = findings->errors;
    drawing_check_size(adding->template, model, findings);
    enum err err = render_check_template(renderer, adding->template, model->dots_per_m, &own);
    for (size_t i = 0; i < own.count; i++) {
        const struct finding *finding = &own.list[i];
        findings_add(findings, finding->severity, finding->code,
                     (struct place){.file = finding->file,
                                    .line = finding->line,
                                    .column = finding->column,
                                    .field = finding->field},
                     finding->value, finding->expected, "%s: %s", name, finding->message);
    }
    findings_clear(&own);
    return findings->errors > before ? ERR_INPUT : err;
}

/* One that can print it is enough; else what each model misses is told. */
static enum code check_models(struct adding *adding, struct renderer *renderer,
                              const char *const *models, size_t count)
{
    struct findings findings = {0};
    struct why why = {{0}};
    enum err err = ERR_INPUT;
    for (size_t i = 0; i < count && err == ERR_INPUT; i++)
        err = check_model(adding, renderer, models[i], &findings);
    enum code code = CODE_DONE;
    if (err == ERR_INPUT)
        code = refuse(adding->tem, adding->file, &findings);
    else if (err)
        code = tem_fail_err(adding->tem, err, &why);
    findings_clear(&findings);
    return code;
}

static enum code check(struct adding *adding)
{
    struct renderer *renderer = NULL;
    struct http_answer answer;
    const char *models[MODELS_MAX];
    enum code code = client_get(adding->tem, "/v1/printers", &answer);
    if (code)
        return code;
    size_t count = list_models(json_object_get(answer.json, "printers"), models);
    code = drawing_renderer(adding->tem, &renderer);
    if (!code)
        code = check_models(adding, renderer, models, count);
    renderer_free(renderer);
    http_answer_free(&answer);
    return code;
}

/* ---- what is there ---------------------------------------------------------------------- */

/* The path of the template, "/v1/templates/NAME". */
static void add_path(struct buf *path, const struct adding *adding, const char *format)
{
    buf_add_text(path, "/v1/templates/");
    http_add_part(path, template_name(adding->template));
    http_add_param(path, "format", format);
}

static enum code show_change(struct adding *adding, const struct http_answer *answer)
{
    struct tem *tem = adding->tem;
    struct buf text = BUF_INIT(8 * TEMPLATE_MAX_BYTES);
    struct diff_counts counts;
    struct why why = {{0}};
    char name[160];
    snprintf(name, sizeof name, "%s %.*s (current)", template_name(adding->template),
             VERSION_SHOWN, adding->previous);
    struct diff_text now = {name, buf_text(&answer->body), answer->body.len};
    struct diff_text new = {.name = adding->file};
    new.bytes = template_yaml(adding->template, &new.len);
    enum err err = diff_unified(&now, &new, &text, &counts);
    if (!err && !tem->json)
        templates_print_diff(&tem->out, buf_text(&text));
    if (!err && !tem->json && fflush(tem->out.stream) != 0)
        err = err_set(&why, ERR_SYSTEM, "standard output cannot be written");
    buf_free(&text);
    return err ? tem_fail_err(tem, err, &why) : CODE_DONE;
}

/* Shows what changes and asks. A name that is a file's is temd's to refuse. */
static enum code ask(struct adding *adding)
{
    struct tem *tem = adding->tem;
    struct http_answer answer;
    char question[256];
    enum code code =
        templates_get(tem, template_name(adding->template), "", NULL, "yaml", &answer);
    if (!code)
        code = show_change(adding, &answer);
    if (code)
        return code;
    http_answer_free(&answer);
    snprintf(question, sizeof question,
             "Make this the current version of %s? Jobs that are accepted keep theirs.",
             template_name(adding->template));
    return tem_confirm(tem, question) ? CODE_DONE
                                      : tem_fail(tem, CODE_INTERRUPTED, "not added");
}

/* A template of this name that is not there is no failure. */
static enum code look(struct adding *adding)
{
    struct tem *tem = adding->tem;
    struct http_answer answer;
    struct why why = {{0}};
    struct buf path = BUF_INIT(1024);
    char hash[SHA256_HEX];
    add_path(&path, adding, NULL);
    enum err err = client_try(tem, buf_text(&path), &answer, &why);
    buf_free(&path);
    if (err)
        return tem_fail(tem, CODE_UNREACHED, "%s", why.text);
    enum code code = CODE_DONE;
    if (answer.status == 200)
        snprintf(adding->previous, sizeof adding->previous, "%s",
                 json_text(answer.json, "hash"));
    else if (answer.status != 404)
        code = report_problem(tem, &answer, NULL);
    bool file = strcmp(json_text(json_object_get(answer.json, "source"), "kind"), "file") == 0;
    http_answer_free(&answer);
    hex_text(template_hash(adding->template), SHA256_BYTES, hash);
    adding->same = strcmp(hash, adding->previous) == 0;
    return code || adding->same || file || !*adding->previous ? code : ask(adding);
}

/* ---- adding it ----------------------------------------------------------------------------
 */

static enum code say(struct adding *adding, const struct http_answer *answer)
{
    struct tem *tem = adding->tem;
    const char *hash = json_text(answer->json, "hash");
    if (!*hash)
        return client_nonsense(tem, "a template");
    struct buf line = BUF_INIT(4096);
    text_clean(json_text(answer->json, "name"), &line);
    buf_printf(&line, ": version %.*s is current", VERSION_SHOWN, hash);
    if (answer->status == 200)
        buf_add_text(&line, " already; nothing was changed");
    else if (*adding->previous)
        buf_printf(&line, ", before it %.*s", VERSION_SHOWN, adding->previous);
    fprintf(tem->out.stream, "%s\n", buf_text(&line));
    buf_free(&line);
    report_findings(tem, json_object_get(answer->json, "findings"), adding->file);
    return CODE_DONE;
}

static bool add_image(json_t *images, const char *name, const uint8_t *bytes, size_t len)
{
    size_t text_len = BASE64_ENCODE_RAW_LENGTH(len);
    char *text = malloc(text_len + 1);
    if (!text)
        return false;
    base64_encode_raw(text, len, bytes);
    bool good = json_object_set_new(images, name, json_stringn(text, text_len)) == 0;
    free(text);
    return good;
}

/* YAML alone as it is; with images a JSON that has both, which the caller frees. NULL: out of
 * memory, or not UTF-8 (which no template is). */
static char *with_images(const struct template *template)
{
    const uint8_t *bytes;
    const char *name;
    size_t len, yaml_len;
    const char *yaml = template_yaml(template, &yaml_len);
    json_t *images = json_object();
    bool good = images != NULL;
    for (size_t i = 0; good && (name = template_image(template, i, &bytes, &len)); i++)
        good = add_image(images, name, bytes, len);
    json_t *json = json_pack("{ss% so}", "yaml", yaml, yaml_len, "images", images);
    char *text = good && json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return text;
}

static enum code submit(struct adding *adding)
{
    struct tem *tem = adding->tem;
    char made[CLIENT_KEY_SIZE];
    const char *key = args_get(&tem->args, "key"), *person = args_get(&tem->args, "person");
    struct buf path = BUF_INIT(1024);
    struct http_answer answer;
    enum code code = key ? CODE_DONE : client_new_key(tem, made);
    if (code)
        return code;
    struct http_ask ask = {.method = "POST",
                           .content_type = "application/yaml",
                           .idempotency_key = key ? key : made};
    const uint8_t *first;
    char *json = NULL;
    ask.body = template_yaml(adding->template, &ask.len);
    if (template_image(adding->template, 0, &first, &ask.len)) {
        json = with_images(adding->template);
        if (!json)
            return tem_fail(tem, CODE_INTERNAL, "out of memory");
        ask.content_type = "application/json";
        ask.body = json;
        ask.len = strlen(json);
    }
    buf_add_text(&path, "/v1/templates");
    http_add_param(&path, "person", person);
    /* What was shown is what is changed: not what another person made of it meanwhile. */
    http_add_param(&path, "previous", *adding->previous ? adding->previous : NULL);
    ask.path = buf_text(&path);
    code = buf_err(&path) ? tem_usage(tem, "the name is too long")
                          : client_post(tem, &ask, adding->file, &answer);
    buf_free(&path);
    free(json);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        code = say(adding, &answer);
    http_answer_free(&answer);
    return code;
}

enum code templates_add(struct tem *tem, const char *const *words, size_t count)
{
    (void)count; /* one, as the table says */
    struct adding adding = {.tem = tem, .file = words[0]};
    if (!tem->server.socket_path[0] && !args_get(&tem->args, "person"))
        return tem_usage(tem, "over %s nobody knows who you are: add --person NAME",
                         tem->server.name);
    enum code code = load(&adding);
    if (!code)
        code = check(&adding);
    if (!code)
        code = look(&adding);
    if (!code)
        code = submit(&adding);
    template_free(adding.template);
    return code;
}
