/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/data.h"
#include "cli/drawing.h"
#include "cli/preview.h"
#include "spooler/base/durable.h"
#include "spooler/base/png.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PNG_MAX   (128 * 1024 * 1024)
#define SCALE_MAX 20

static const struct args_option options[] = {
    {"data", 'd', "FIELD=VALUE", true, "a field's value, @row.json or @rows.csv"},
    {"row", 0, "N", false,
     "which row of @rows.csv (default 1); of a sheet 1-5,8 (default all)"},
    {"samples", 0, NULL, false, "fill in the template's samples for what is not given"},
    {"model", 'm', "MODEL", true, "as this printer model prints it (default zpl-203)"},
    {"sheet", 0, NULL, false, "many labels on one picture: rows and models"},
    {"scale", 0, "N", false, "N pixels a dot (default 1)"},
    {"piece", 0, "N", false, "which of the label's pieces (default 1)"},
    {"output", 'o', "FILE", false,
     "the PNG; - = standard output (default: the template's name.png)"},
    {"inline", 0, "HOW", false, "in the terminal: auto, kitty, iterm, sixel, blocks, none"},
    DRAWING_FONTS_OPTION,
    {0},
};

/* ---- what is asked ------------------------------------------------------------------- */

static enum code take_models(struct preview *p)
{
    size_t at = 0;
    const char *name = args_next(&p->tem->args, "model", &at);
    enum code code = CODE_DONE;
    if (!name)
        return drawing_model(p->tem, "zpl-203", &p->models[p->model_count++]);
    for (; name && !code; name = args_next(&p->tem->args, "model", &at)) {
        if (p->model_count == PREVIEW_MODELS_MAX)
            return tem_usage(p->tem, "at most %d models at a time", PREVIEW_MODELS_MAX);
        code = drawing_model(p->tem, name, &p->models[p->model_count++]);
    }
    return code;
}

static enum code take_number(struct preview *p, const char *option, uint64_t max, uint64_t *out)
{
    const char *text = args_get(&p->tem->args, option);
    *out = 1;
    if (text && !args_number(text, 1, max, out))
        return tem_usage(p->tem, "--%s %s: expected a whole number, 1 to %llu", option, text,
                         (unsigned long long)max);
    return CODE_DONE;
}

/* Only rows by their numbers. */
static enum code take_ranges(struct preview *p, struct ranges *out)
{
    const char *text = args_get(&p->tem->args, "row");
    struct why why = {{0}};
    enum err err = text ? ranges_add(out, text, &why) : ERR_NONE;
    bool bad = err != ERR_NONE;
    for (size_t i = 0; i < out->count; i++)
        bad |= out->list[i].by_number || out->list[i].first == 0;
    if (bad)
        return tem_usage(p->tem, "--row %s: expected rows' numbers from 1, such as 3 or 1-5,8",
                         text);
    bool many = out->count > 1 || (out->count == 1 && out->list[0].first != out->list[0].last);
    p->sheet |= many;
    return CODE_DONE;
}

static enum code read_data(struct preview *p, const struct ranges *ranges,
                           struct findings *findings)
{
    struct range first = {.first = 1, .last = 1};
    struct ranges only_first = {.list = &first, .count = 1};
    const struct ranges *wanted = ranges->count ? ranges : p->sheet ? NULL : &only_first;
    const struct args *args = &p->tem->args;
    struct why why = {{0}};
    size_t at = 0;
    enum err err = data_labels(args, wanted, p->rows, findings, &why);
    bool numbered = json_integer_value(json_object_get(json_array_get(p->rows, 0), "row")) > 0;
    if (!err && ranges->count && !numbered)
        return tem_usage(p->tem, "--row needs the file that has the rows: --data @rows.csv");
    /* Without any data the samples are what one wants to see; with data, what would print. */
    p->samples = args_get(args, "samples") || !args_next(args, "data", &at);
    if (err == ERR_INPUT && findings->errors)
        return CODE_BAD;
    return err ? tem_fail_err(p->tem, err, &why) : CODE_DONE;
}

/* ---- drawing --------------------------------------------------------------------------- */

/* One label, dot for dot: its file has one bit a dot, so that it can be compared. */
static enum code draw_label(struct preview *p, struct findings *findings)
{
    const json_t *data = json_object_get(json_array_get(p->rows, 0), "data");
    const struct model *model = p->models[0];
    struct sample sample = {0};
    struct bitmap bits = {0}, scaled = {0};
    struct why why = {{0}};
    enum err err = sample_bind_piece(p->template, data, p->samples, (uint32_t)p->piece, &sample,
                                     findings, &why);
    if (!err)
        err = drawing_label(p->renderer, p->template, &sample.doc, model, &bits, findings);
    if (!err)
        err = bitmap_scale(&bits, (uint32_t)p->scale, &scaled);
    data_places(json_array_get(p->rows, 0), p->template, drawing_file(p->tem->args.words[0]),
                findings, 0);
    p->drawn.px_per_m = model->dots_per_m * (uint32_t)p->scale;
    if (!err)
        err = grey_from_bitmap(&scaled, &p->drawn.picture);
    if (!err)
        err = png_encode(&scaled, p->drawn.px_per_m, &p->png, &why);
    if (!err) {
        p->drawn.labels = json_array();
        err = sheet_note(&p->drawn, p->template, 0, model, &sample, findings);
    }
    sample_free(&sample);
    bitmap_free(&bits);
    bitmap_free(&scaled);
    if (err == ERR_INPUT && findings->errors)
        return CODE_BAD;
    return err ? tem_fail_err(p->tem, err, &why) : CODE_DONE;
}

static enum code draw_sheet(struct preview *p)
{
    struct why why = {{0}};
    struct sheet_order order = {
        .tem = p->tem,
        .renderer = p->renderer,
        .template = p->template,
        .file = drawing_file(p->tem->args.words[0]),
        .models = p->models,
        .model_count = p->model_count,
        .rows = p->rows,
        .samples = p->samples,
        .piece = (uint32_t)p->piece,
        .scale = (uint32_t)p->scale,
    };
    enum code code = sheet_draw(&order, &p->drawn);
    if (code)
        return code;
    enum err err = png_encode_grey(&p->drawn.picture, p->drawn.px_per_m, &p->png, &why);
    return err ? tem_fail_err(p->tem, err, &why) : CODE_DONE;
}

/* ---- what comes of it ----------------------------------------------------------------- */

static enum code write_png(struct preview *p)
{
    struct why why = {{0}};
    bool to_stdout = strcmp(p->output, "-") == 0;
    if (!p->output[0])
        return CODE_DONE;
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

/* ---- the whole of it ------------------------------------------------------------------- */

/* Whoever says how to show it and names no file wants to look, not to keep. */
static enum code take_output(struct preview *p)
{
    struct tem *tem = p->tem;
    const char *output = args_get(&tem->args, "output"), *how = args_get(&tem->args, "inline");
    if (output && strcmp(output, "-") == 0)
        p->how = INLINE_NONE;
    if (!output && how && p->how != INLINE_NONE && tem->out.terminal)
        return CODE_DONE;
    int n = output ? snprintf(p->output, sizeof p->output, "%s", output)
                   : snprintf(p->output, sizeof p->output, "%s%s.png",
                              template_name(p->template), p->sheet ? "-sheet" : "");
    if (n < 1 || (size_t)n >= sizeof p->output)
        return tem_usage(tem, "the output's name is empty or too long");
    return CODE_DONE;
}

static enum code take_options(struct preview *p, struct ranges *ranges)
{
    struct tem *tem = p->tem;
    const char *output = args_get(&tem->args, "output");
    p->sheet = args_get(&tem->args, "sheet") != NULL;
    enum code code = take_models(p);
    p->sheet |= p->model_count > 1;
    if (!code)
        code = take_number(p, "scale", SCALE_MAX, &p->scale);
    if (!code)
        code = take_number(p, "piece", UINT32_MAX, &p->piece);
    if (!code)
        code = take_ranges(p, ranges);
    if (!code && output && strcmp(output, "-") == 0 && isatty(STDOUT_FILENO))
        code = tem_usage(
            tem, "-o - would write an image to your terminal; give it a file or a pipe");
    if (!code)
        code = inline_mode(tem, &p->how);
    return code;
}

static enum code prepare(struct preview *p, struct findings *findings)
{
    struct tem *tem = p->tem;
    struct why why = {{0}};
    enum err err = drawing_load(tem->args.words[0], &p->template, findings);
    if (err)
        return findings->errors ? CODE_BAD : tem_fail_err(tem, err, &why);
    if (p->piece > template_pieces(p->template))
        return tem_usage(tem, "--piece %llu: the label has %u", (unsigned long long)p->piece,
                         template_pieces(p->template));
    enum code code = take_output(p);
    return code ? code : drawing_renderer(tem, &p->renderer);
}

static enum code show(struct preview *p)
{
    struct inline_picture picture = {.png = &p->png, .grey = &p->drawn.picture};
    enum code code = write_png(p);
    if (!code && p->how != INLINE_NONE)
        code = inline_show(p->tem, p->how, &picture);
    if (!code)
        code = preview_say(p);
    return code ? code : p->drawn.bad ? CODE_BAD : CODE_DONE;
}

static enum code run(struct tem *tem)
{
    struct preview p = {.tem = tem, .rows = json_array(), .png = BUF_INIT(PNG_MAX)};
    struct findings findings = {0};
    struct ranges ranges = {0};
    enum code code =
        p.rows ? take_options(&p, &ranges) : tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (!code)
        code = prepare(&p, &findings);
    if (!code)
        code = read_data(&p, &ranges, &findings);
    if (!code)
        code = p.sheet ? draw_sheet(&p) : draw_label(&p, &findings);
    if (!code || (code == CODE_BAD && findings.errors))
        code = preview_say_findings(&p, &findings);
    if (!code)
        code = show(&p);
    findings_clear(&findings);
    ranges_free(&ranges);
    sheet_drawn_free(&p.drawn);
    renderer_free(p.renderer);
    template_free(p.template);
    json_decref(p.rows);
    buf_free(&p.png);
    return code;
}

const struct command command_preview = {
    .name = "preview",
    .usage = "FILE [--data FIELD=VALUE ...] [--model MODEL ...] [--sheet] [-o FILE]",
    .summary = "draw labels as a PNG, dot for dot as they print (needs no temd)",
    .options = options,
    .min_words = 1,
    .max_words = 1,
    .help = "  tem preview pack.yaml -o pack.png\n"
            "        with the template's samples\n"
            "  tem preview pack.yaml -d @order.csv --row 3 -m zpl-300 -o pack.png\n"
            "        the third row of an order, as a 300 dpi printer prints it\n"
            "  tem preview pack.yaml -d @order.csv --sheet -o order.png\n"
            "        every row of the order on one picture; those that cannot be printed are\n"
            "        crossed out, and the exit code is 1\n"
            "  tem preview pack.yaml -m zpl-203 -m zpl-300 -o both.png\n"
            "        side by side, in true proportion\n"
            "  tem preview pack.yaml --samples -d product=\"Vitamin C 1000 mg\" -o pack.png\n"
            "        one value, the rest from the samples\n"
            "  tem preview pack.yaml --inline auto\n"
            "        only in the terminal: kitty, iTerm2 and sixel show the dots, any other\n"
            "        UTF-8 terminal braille\n"
            "  tem preview - -o - < pack.yaml | display\n"
            "\n"
            "Numbers are samples, never issued ones: -d serial=7K3QF9ZT chooses one. The dots "
            "are those that\n"
            "the printer gets; darkness and speed are up to the printer.\n",
    .run = run,
};
