/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/data.h"
#include "cli/drawing.h"
#include "cli/report.h"
#include "cli/text.h"
#include "spooler/base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PNG_MAX (64 * 1024 * 1024)

static const struct args_option options[] = {
    {"data", 'd', "FIELD=VALUE", true, "a field's value, @row.json or @rows.csv"},
    {"row", 0, "N", false, "which row of @rows.csv (default 1)"},
    {"samples", 0, NULL, false, "fill in the template's samples for what is not given"},
    {"model", 'm', "MODEL", false, "as this printer model prints it (default zpl-203)"},
    {"output", 'o', "FILE", false,
     "the PNG; - = standard output (default: the template's name.png)"},
    DRAWING_FONTS_OPTION,
    {0},
};

struct preview {
    struct tem *tem;
    const struct model *model;
    struct template *template;
    struct renderer *renderer;
    json_t *data;
    struct sample sample;
    struct rendered rendered;
    struct bitmap bitmap;
    struct buf png;
    char output[1024];
};

static enum code read_data(struct preview *p, struct findings *findings)
{
    const struct args *args = &p->tem->args;
    const char *row = args_get(args, "row"), *text;
    uint64_t number = 1;
    struct why why = {{0}};
    size_t at = 0;
    enum err err = ERR_NONE;
    if (row && !args_number(row, 1, UINT32_MAX, &number))
        return tem_usage(p->tem, "--row %s: expected a row's number, from 1", row);
    while (!err && (text = args_next(args, "data", &at)) != NULL)
        err = data_add(p->data, text, number, findings, &why);
    if (err == ERR_INPUT && findings->count)
        return CODE_BAD;
    return err ? tem_fail_err(p->tem, err, &why) : CODE_DONE;
}

/* Findings go to the caller; CODE_BAD without words means that they say it. */
static enum code draw(struct preview *p, struct findings *findings)
{
    struct why why = {{0}};
    /* Without any data the samples are what one wants to see; with data, what would print. */
    bool samples = args_get(&p->tem->args, "samples") || json_object_size(p->data) == 0;
    enum err err = sample_bind(p->template, p->data, samples, &p->sample, findings, &why);
    if (!err) {
        drawing_check_size(p->template, p->model, findings);
        err = findings->errors ? ERR_INPUT : ERR_NONE;
    }
    if (!err)
        err = render_chunk(p->renderer, p->template, &p->sample.doc, 1, p->model->dots_per_m,
                           &p->rendered, findings);
    if (!err)
        err = rendered_compose(&p->rendered, 0, &p->bitmap);
    if (!err)
        err = png_write(&p->bitmap, p->model->dots_per_m, &p->png, &why);
    if (err == ERR_INPUT && findings->errors)
        return CODE_BAD;
    return err ? tem_fail_err(p->tem, err, &why) : CODE_DONE;
}

static enum code write_png(struct preview *p)
{
    struct why why = {{0}};
    bool to_stdout = strcmp(p->output, "-") == 0;
    int fd = to_stdout ? STDOUT_FILENO
                       : open(p->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        err_errno(&why, ERR_SYSTEM, errno, "open %s", p->output);
        return tem_fail(p->tem, CODE_BAD, "%s", why.text);
    }
    enum err err = fd_write_all(fd, p->png.bytes, p->png.len, &why);
    if (!to_stdout && close(fd) != 0 && !err)
        err = err_errno(&why, ERR_SYSTEM, errno, "close");
    return err ? tem_fail(p->tem, CODE_INTERNAL, "%s: %s", p->output, why.text) : CODE_DONE;
}

static void say_words(const struct preview *p, FILE *to)
{
    struct buf line = BUF_INIT(65536);
    long long width = template_width_um(p->template), height = template_height_um(p->template);
    text_clean(p->output, &line);
    buf_printf(&line, ": %u x %u dots, %lld.%02lld x %lld.%02lld mm on %s\n",
               p->bitmap.width_dots, p->bitmap.height_dots, width / 1000, width % 1000 / 10,
               height / 1000, height % 1000 / 10, p->model->name);
    for (size_t i = 0; i < template_field_count(p->template); i++) {
        if (!p->sample.numbers[i])
            continue;
        buf_printf(&line, "%s = ", template_field(p->template, i)->name);
        text_clean(p->sample.numbers[i], &line);
        buf_add_text(&line, "  (a SAMPLE: this number was not issued)\n");
    }
    fputs(buf_text(&line), to);
    buf_free(&line);
}

static bool say_json(const struct preview *p, FILE *to)
{
    json_t *numbers = json_object();
    bool bad = !numbers;
    for (size_t i = 0; i < template_field_count(p->template); i++) {
        if (p->sample.numbers[i])
            bad |= json_object_set_new(numbers, template_field(p->template, i)->name,
                                       json_string(p->sample.numbers[i])) != 0;
    }
    json_t *json = json_pack("{ss ss ss sI sI sI so}", "file", p->output, "template",
                             template_name(p->template), "model", p->model->name, "dots_per_m",
                             (json_int_t)p->model->dots_per_m, "width_dots",
                             (json_int_t)p->bitmap.width_dots, "height_dots",
                             (json_int_t)p->bitmap.height_dots, "sample_numbers", numbers);
    bad |= !json || json_dumpf(json, to, JSON_COMPACT) != 0 || fputc('\n', to) == EOF;
    json_decref(json);
    return !bad;
}

static enum code say(const struct preview *p)
{
    FILE *to = strcmp(p->output, "-") == 0 ? p->tem->err.stream : p->tem->out.stream;
    if (!p->tem->json)
        say_words(p, to);
    else if (!say_json(p, to))
        return tem_fail(p->tem, CODE_INTERNAL, "what was drawn cannot be told as JSON");
    return CODE_DONE;
}

/* Warnings and notes are told, too; they keep nothing from being drawn. */
static enum code say_findings(struct preview *p, const struct findings *findings)
{
    struct tem *tem = p->tem;
    if (tem->json && findings->errors) {
        json_t *list = json_array();
        for (size_t i = 0; i < findings->count; i++) {
            if (json_array_append_new(list, report_finding_json(&findings->list[i])) != 0)
                break; /* out of memory: the first ones are worth telling */
        }
        json_t *json = json_pack("{ss ss so}", "type", "urn:tem:problem:input", "detail",
                                 "this label cannot be drawn", "findings", list);
        if (!json || json_dumpf(json, tem->err.stream, JSON_COMPACT) != 0 ||
            fputc('\n', tem->err.stream) == EOF)
            fputs("{}\n", tem->err.stream);
        json_decref(json);
        return CODE_BAD;
    }
    if (findings->errors)
        (void)tem_fail(tem, CODE_BAD,
                       "this label cannot be drawn"); /* the code is returned below */
    for (size_t i = 0; i < findings->count && !tem->json; i++)
        report_finding(&tem->err, &findings->list[i]);
    return findings->errors ? CODE_BAD : CODE_DONE;
}

static enum code prepare(struct preview *p, struct findings *findings)
{
    struct tem *tem = p->tem;
    struct why why = {{0}};
    const char *model = args_get(&tem->args, "model"), *output = args_get(&tem->args, "output");
    enum code code = drawing_model(tem, model ? model : "zpl-203", &p->model);
    if (code)
        return code;
    if (output && strcmp(output, "-") == 0 && isatty(STDOUT_FILENO))
        return tem_usage(
            tem, "-o - would write an image to your terminal; give it a file or a pipe");
    enum err err = template_load(tem->args.words[0], &p->template, findings);
    if (err)
        return err == ERR_INPUT && findings->errors ? CODE_BAD : tem_fail_err(tem, err, &why);
    int n = output
                ? snprintf(p->output, sizeof p->output, "%s", output)
                : snprintf(p->output, sizeof p->output, "%s.png", template_name(p->template));
    if (n < 0 || (size_t)n >= sizeof p->output)
        return tem_usage(tem, "the output's name is too long");
    return drawing_renderer(tem, &p->renderer);
}

static enum code run(struct tem *tem)
{
    struct preview p = {.tem = tem, .data = json_object(), .png = BUF_INIT(PNG_MAX)};
    struct findings findings = {0};
    enum code code =
        p.data ? prepare(&p, &findings) : tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (!code)
        code = read_data(&p, &findings);
    if (!code)
        code = draw(&p, &findings);
    if (!code || (code == CODE_BAD && findings.errors))
        code = say_findings(&p, &findings);
    if (!code)
        code = write_png(&p);
    if (!code)
        code = say(&p);
    findings_clear(&findings);
    bitmap_free(&p.bitmap);
    rendered_free(&p.rendered);
    sample_free(&p.sample);
    renderer_free(p.renderer);
    template_free(p.template);
    json_decref(p.data);
    buf_free(&p.png);
    return code;
}

const struct command command_preview = {
    .name = "preview",
    .usage = "FILE [--data FIELD=VALUE ...] [--model MODEL] [-o FILE]",
    .summary = "draw a label as a PNG, dot for dot as it prints (needs no temd)",
    .options = options,
    .min_words = 1,
    .max_words = 1,
    .help = "  tem preview pack.yaml -o pack.png\n"
            "        with the template's samples\n"
            "  tem preview pack.yaml -d @order.csv --row 3 -m zpl-300 -o pack.png\n"
            "        the third row of an order, as a 300 dpi printer prints it\n"
            "  tem preview pack.yaml --samples -d product=\"Vitamin C 1000 mg\" -o pack.png\n"
            "        one value, the rest from the samples\n"
            "  tem preview pack.yaml -o - | display\n"
            "\n"
            "Numbers are samples, never issued ones: -d serial=7K3QF9ZT chooses one. The dots "
            "are those that\n"
            "the printer gets; darkness and speed are up to the printer.\n",
    .run = run,
};
