/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check-view.h"
#include "cli/drawing.h"
#include "cli/report.h"
#include "cli/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct args_option options[] = {
    {"model", 'm', "MODEL", true, "for printers of this model (default zpl-203, -300, -600)"},
    {"quiet", 'q', NULL, false, "only what was found, no measures"},
    {"use", 0, "USE", false, "where the symbols are scanned: retail, distribution, ..."},
    DRAWING_FONTS_OPTION,
    {0},
};

#define MODELS_MAX 32

/* The resolutions that label printers have. */
static const char *const usual[] = {"zpl-203", "zpl-300", "zpl-600"};

struct checking {
    struct tem *tem;
    struct renderer *renderer;
    const struct model *models[MODELS_MAX];
    size_t model_count;
    const char *use;
    json_t *files; /* --json */
    size_t errors, warnings;
};

/* ---- what is asked ------------------------------------------------------------------- */

static enum code add_model(struct checking *checking, const char *name)
{
    const struct model *model;
    enum code code = drawing_model(checking->tem, name, &model);
    for (size_t i = 0; !code && i < checking->model_count; i++) {
        if (checking->models[i] == model)
            return CODE_DONE;
    }
    if (!code && checking->model_count == MODELS_MAX)
        return tem_usage(checking->tem, "at most %d models at a time", MODELS_MAX);
    if (!code)
        checking->models[checking->model_count++] = model;
    return code;
}

static enum code take_models(struct checking *checking)
{
    const char *name;
    size_t at = 0;
    enum code code = CODE_DONE;
    while (!code && (name = args_next(&checking->tem->args, "model", &at)) != NULL)
        code = add_model(checking, name);
    bool none = checking->model_count == 0;
    for (size_t i = 0; !code && none && i < sizeof usual / sizeof usual[0]; i++)
        code = add_model(checking, usual[i]);
    return code;
}

static enum code take_use(struct checking *checking)
{
    const char *use = args_get(&checking->tem->args, "use"), *name;
    struct buf list = BUF_INIT(1024);
    checking->use = use;
    for (size_t i = 0; use && (name = gs1_use_at(i)) != NULL; i++) {
        if (strcmp(name, use) == 0)
            use = NULL;
        buf_printf(&list, "%s%s", i ? ", " : "", name);
    }
    enum code code =
        use ? tem_usage(checking->tem, "--use %s: expected one of %s", use, buf_text(&list))
            : CODE_DONE;
    buf_free(&list);
    return code;
}

/* ---- one template ------------------------------------------------------------------------ */

/* Every field without which no label can be drawn here. */
static size_t note_missing(const struct template *template, const char *file,
                           struct findings *findings)
{
    size_t missing = 0;
    for (size_t i = 0; i < template_field_count(template); i++) {
        const struct field *field = template_field(template, i);
        if (!field->required || field->sample || field->default_text)
            continue;
        findings_add(findings, SEVERITY_NOTE, "no-sample",
                     (struct place){.file = file, .field = field->name}, NULL, "sample: VALUE",
                     "without a sample no label can be tried out, and no symbol measured");
        missing++;
    }
    return missing;
}

/* Those that `to` does not have: a fault that needs no data shows again when it is drawn. */
static void add_new(const struct findings *from, struct findings *to)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct finding *one = &from->list[i];
        bool known = false;
        for (size_t n = 0; n < to->count; n++)
            known |= check_same(one, &to->list[n]);
        if (!known)
            (void)findings_add(to, one->severity, one->code,
                               (struct place){one->file, one->line, one->column, one->field},
                               one->value, one->expected, "%s", one->message);
    }
}

/* The template's own sample is drawn as well, when it has one: text that does not fit, and what
 * a symbol measures, show only then. ERR_INPUT is told by findings, and stops nothing. */
static enum err check_model(struct checking *checking, const struct template *template,
                            const struct label_doc *doc, const struct model *model,
                            struct check_view *view)
{
    struct findings *findings = &view->findings, drawn = {0};
    drawing_check_size(template, model, findings);
    enum err err =
        render_check_template(checking->renderer, template, model->dots_per_m, findings);
    if (doc && (!err || err == ERR_INPUT))
        err = render_check_label(checking->renderer, template, doc, model->dots_per_m, &drawn);
    add_new(&drawn, findings);
    findings_clear(&drawn);
    if (!err || err == ERR_INPUT)
        err = render_quality(checking->renderer, template, doc, model->dots_per_m,
                             checking->use, &view->quality, findings);
    return err;
}

static enum code check_template(struct checking *checking, const char *file,
                                const struct template *template, struct check_file *result)
{
    struct sample sample = {0};
    struct why why = {{0}};
    json_t *data = json_object();
    size_t missing = note_missing(template, file, &result->findings);
    enum err err = data ? ERR_NONE : ERR_NO_MEMORY;
    if (!err && missing == 0)
        err = sample_bind(template, data, true, &sample, &result->findings, &why);
    bool bound = !err && missing == 0;
    for (size_t i = 0; i < checking->model_count && (!err || err == ERR_INPUT); i++) {
        result->views[i].model = checking->models[i];
        result->view_count = i + 1;
        err = check_model(checking, template, bound ? &sample.doc : NULL, checking->models[i],
                          &result->views[i]);
    }
    sample_free(&sample);
    json_decref(data);
    return err && err != ERR_INPUT ? tem_fail_err(checking->tem, err, &why) : CODE_DONE;
}

static enum code report(struct checking *checking, const struct check_file *result)
{
    checking->errors += check_count(result, SEVERITY_ERROR);
    checking->warnings += check_count(result, SEVERITY_WARNING);
    if (!checking->tem->json) {
        if (check_show(result, args_get(&checking->tem->args, "quiet") == NULL,
                       &checking->tem->out))
            return CODE_DONE;
        return tem_fail(checking->tem, CODE_INTERNAL, "out of memory");
    }
    if (check_json(result, checking->files))
        return CODE_DONE;
    return tem_fail(checking->tem, CODE_BAD, "%s: the findings cannot be told as JSON",
                    result->file);
}

static enum code check_file(struct checking *checking, const char *file)
{
    struct template *template = NULL;
    struct check_view views[MODELS_MAX] = {0};
    struct check_file result = {.file = drawing_file(file), .views = views};
    enum code code = CODE_DONE;
    enum err err = drawing_load(file, &template, &result.findings);
    result.template = template;
    if (err && result.findings.errors == 0)
        code = tem_fail(checking->tem, CODE_INTERNAL, "%s: %s", file, err_meaning(err));
    if (!err)
        code = check_template(checking, result.file, template, &result);
    if (!code)
        code = report(checking, &result);
    for (size_t i = 0; i < MODELS_MAX; i++) {
        findings_clear(&views[i].findings);
        quality_free(&views[i].quality);
    }
    findings_clear(&result.findings);
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
    enum code code = checking.files ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (!code)
        code = take_models(&checking);
    if (!code)
        code = take_use(&checking);
    if (!code)
        code = drawing_renderer(tem, &checking.renderer);
    for (size_t i = 0; !code && i < tem->args.word_count && !atomic_load(tem->stop); i++)
        code = check_file(&checking, tem->args.words[i]);
    if (!code)
        code = atomic_load(tem->stop) ? CODE_INTERRUPTED : finish(&checking);
    renderer_free(checking.renderer);
    json_decref(checking.files);
    return code;
}

const struct command command_check = {
    .name = "check",
    .usage = "FILE... [--model MODEL ...] [--use USE]",
    .summary = "find every fault of a template, measure its symbols (needs no temd)",
    .options = options,
    .min_words = 1,
    .max_words = SIZE_MAX,
    .help = "  tem check pack.yaml\n"
            "        every fault with line and column; modules, sizes and quiet zones of the\n"
            "        symbols at 203, 300 and 600 dpi\n"
            "  tem check templates/*.yaml -m zpl-203 --quiet\n"
            "        many templates, for the printers that there are; only what was found\n"
            "  tem check pallet.yaml --use logistics\n"
            "        symbols against GS1's sizes for that use, which else is guessed from "
            "their AIs:\n"
            "        retail, distribution, retail-distribution, logistics, healthcare,\n"
            "        healthcare-distribution\n"
            "  tem check - < pack.yaml\n"
            "  tem check pack.yaml --json | jq '.checks[].symbols[]?'\n"
            "\n"
            "The label drawn is that of the template's samples. The exit code is 1 when there "
            "is an\n"
            "error; warnings and notes alone leave it 0.\n",
    .run = run,
};
