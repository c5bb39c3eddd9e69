/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/drawing.h"
#include "cli/report.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>

static const struct args_option options[] = {
    {"model", 'm', "MODEL", true, "for printers of this model (default zpl-203)"},
    DRAWING_FONTS_OPTION,
    {0},
};

struct checking {
    struct tem *tem;
    struct renderer *renderer;
    json_t *files; /* --json */
    size_t errors, warnings;
};

/* The findings of one file: those of the template, then those of each model. */
static void show(struct checking *checking, const char *title, const struct findings *findings)
{
    const struct screen *screen = &checking->tem->out;
    struct buf clean = BUF_INIT(65536);
    text_clean(title, &clean);
    fprintf(screen->stream, "%s%s%s%s\n", screen_colour(screen, COLOUR_BOLD), buf_text(&clean),
            screen_colour(screen, COLOUR_NONE), findings->count ? "" : ": no faults");
    for (size_t i = 0; i < findings->count; i++)
        report_finding(screen, &findings->list[i]);
    if (findings->dropped)
        fprintf(screen->stream, "  and %zu more\n", findings->dropped);
    buf_free(&clean);
}

static bool note_json(struct checking *checking, const char *file, const char *model,
                      const struct findings *findings)
{
    json_t *list = json_array();
    bool bad = !list;
    for (size_t i = 0; i < findings->count; i++)
        bad |= json_array_append_new(list, report_finding_json(&findings->list[i])) != 0;
    json_t *entry = json_pack("{ss ss? sI so}", "file", file, "model", model, "errors",
                              (json_int_t)findings->errors, "findings", list);
    return json_array_append_new(checking->files, entry) == 0 && !bad;
}

static enum code report(struct checking *checking, const char *file, const char *model,
                        const struct findings *findings)
{
    char title[1024];
    checking->errors += findings->errors;
    for (size_t i = 0; i < findings->count; i++)
        checking->warnings += findings->list[i].severity == SEVERITY_WARNING;
    snprintf(title, sizeof title, "%s%s%s", file, model ? " on " : "", model ? model : "");
    if (!checking->tem->json)
        show(checking, title, findings);
    else if (!note_json(checking, file, model, findings))
        return tem_fail(checking->tem, CODE_BAD, "%s: the findings cannot be told as JSON",
                        file);
    return CODE_DONE;
}

/* The template's own sample is drawn as well, when it has one: text that does not fit shows
 * only then. */
static enum err check_sample(struct checking *checking, const struct template *template,
                             const struct model *model, struct findings *findings,
                             struct why *why)
{
    struct sample sample = {0};
    for (size_t i = 0; i < template_field_count(template); i++) {
        const struct field *field = template_field(template, i);
        if (field->required && !field->sample && !field->default_text) {
            findings_add(findings, SEVERITY_NOTE, "no-sample",
                         (struct place){.field = field->name}, NULL, "sample: VALUE",
                         "without a sample no label can be tried out here");
            return ERR_NONE;
        }
    }
    json_t *data = json_object();
    enum err err =
        data ? sample_bind(template, data, true, &sample, findings, why) : ERR_NO_MEMORY;
    if (!err)
        err = render_check_label(checking->renderer, template, &sample.doc, model->dots_per_m,
                                 findings);
    sample_free(&sample);
    json_decref(data);
    return err;
}

static enum code check_model(struct checking *checking, const char *file,
                             const struct template *template, const char *name)
{
    const struct model *model;
    struct findings findings = {0};
    struct why why = {{0}};
    enum code code = drawing_model(checking->tem, name, &model);
    if (code)
        return code;
    drawing_check_size(template, model, &findings);
    enum err err =
        render_check_template(checking->renderer, template, model->dots_per_m, &findings);
    if (!err)
        err = check_sample(checking, template, model, &findings, &why);
    code = err && err != ERR_INPUT ? tem_fail_err(checking->tem, err, &why)
                                   : report(checking, file, name, &findings);
    findings_clear(&findings);
    return code;
}

static enum code check_file(struct checking *checking, const char *file)
{
    struct template *template = NULL;
    struct findings findings = {0};
    struct why why = {{0}};
    size_t at = 0;
    enum err err = template_load(file, &template, &findings);
    enum code code = CODE_DONE;
    if (err && err != ERR_INPUT)
        code = tem_fail_err(checking->tem, err, &why);
    else if (err || findings.count)
        code = report(checking, file, NULL, &findings);
    const char *model = args_next(&checking->tem->args, "model", &at);
    if (!code && !err && !model)
        code = check_model(checking, file, template, "zpl-203");
    for (; !code && !err && model; model = args_next(&checking->tem->args, "model", &at))
        code = check_model(checking, file, template, model);
    findings_clear(&findings);
    template_free(template);
    return code;
}

static enum code finish(struct checking *checking)
{
    struct tem *tem = checking->tem;
    FILE *out = tem->out.stream;
    if (tem->json) {
        json_t *json =
            json_pack("{sI sI sO}", "errors", (json_int_t)checking->errors, "warnings",
                      (json_int_t)checking->warnings, "checks", checking->files);
        bool bad = !json || json_dumpf(json, out, JSON_COMPACT) != 0 || fputc('\n', out) == EOF;
        json_decref(json);
        if (bad)
            return tem_fail(tem, CODE_INTERNAL, "the findings cannot be written");
    } else if (checking->errors || checking->warnings) {
        struct buf line = BUF_INIT(256);
        text_count(checking->errors, "error", &line);
        buf_add_text(&line, ", ");
        text_count(checking->warnings, "warning", &line);
        fprintf(out, "%s\n", buf_text(&line));
        buf_free(&line);
    }
    return checking->errors ? CODE_BAD : CODE_DONE;
}

static enum code run(struct tem *tem)
{
    struct checking checking = {.tem = tem, .files = json_array()};
    enum code code = checking.files ? drawing_renderer(tem, &checking.renderer)
                                    : tem_fail(tem, CODE_INTERNAL, "out of memory");
    for (size_t i = 0; !code && i < tem->args.word_count; i++)
        code = check_file(&checking, tem->args.words[i]);
    if (!code)
        code = finish(&checking);
    renderer_free(checking.renderer);
    json_decref(checking.files);
    return code;
}

const struct command command_check = {
    .name = "check",
    .usage = "FILE... [--model MODEL ...]",
    .summary = "find every fault of a template, with line and column (needs no temd)",
    .options = options,
    .min_words = 1,
    .max_words = 1000,
    .help = "  tem check pack.yaml\n"
            "  tem check templates/*.yaml -m zpl-203 -m zpl-300\n"
            "        modules, quiet zones and text at both resolutions\n"
            "  tem check pack.yaml --json | jq '.checks[].findings[]'\n"
            "\n"
            "The template's samples are drawn, too. The exit code is 1 when there is an error; "
            "warnings\n"
            "and notes alone leave it 0.\n",
    .run = run,
};
