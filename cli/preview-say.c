/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/preview.h"
#include "cli/report.h"
#include "cli/text.h"

#include <string.h>

static void say_words(const struct preview *p, FILE *to)
{
    struct buf line = BUF_INIT(65536);
    long long width = template_width_um(p->template), height = template_height_um(p->template);
    const struct sheet_drawn *drawn = &p->drawn;
    text_clean(p->output[0] ? p->output : template_name(p->template), &line);
    if (p->sheet) {
        buf_add_text(&line, ": ");
        text_count(drawn->count, "label", &line);
        buf_printf(&line, ", %u x %u pixels", drawn->picture.width_px,
                   drawn->picture.height_px);
        if (drawn->bad)
            buf_printf(&line, ", %zu of them cannot be printed", drawn->bad);
    } else
        buf_printf(&line, ": %u x %u dots, %lld.%02lld x %lld.%02lld mm on %s",
                   drawn->picture.width_px / (unsigned)p->scale,
                   drawn->picture.height_px / (unsigned)p->scale, width / 1000,
                   width % 1000 / 10, height / 1000, height % 1000 / 10, p->models[0]->name);
    buf_add_byte(&line, '\n');
    const char *name;
    json_t *number;
    json_object_foreach(json_object_get(json_array_get(drawn->labels, 0), "sample_numbers"),
                        name, number)
    {
        buf_printf(&line, "%s = ", name);
        text_clean(json_string_value(number), &line);
        buf_add_text(&line, "  (a SAMPLE: this number was not issued)\n");
    }
    fputs(buf_text(&line), to);
    buf_free(&line);
}

static bool say_json(const struct preview *p, FILE *to)
{
    const struct sheet_drawn *drawn = &p->drawn;
    json_t *json;
    if (p->sheet)
        json =
            json_pack("{ss ss sI sI sI sI sI sO}", "file", p->output, "template",
                      template_name(p->template), "px_per_m", (json_int_t)drawn->px_per_m,
                      "width_px", (json_int_t)drawn->picture.width_px, "height_px",
                      (json_int_t)drawn->picture.height_px, "count", (json_int_t)drawn->count,
                      "bad", (json_int_t)drawn->bad, "labels", drawn->labels);
    else
        json = json_pack("{ss ss ss sI sI sI sO}", "file", p->output, "template",
                         template_name(p->template), "model", p->models[0]->name, "dots_per_m",
                         (json_int_t)p->models[0]->dots_per_m, "width_dots",
                         (json_int_t)(drawn->picture.width_px / p->scale), "height_dots",
                         (json_int_t)(drawn->picture.height_px / p->scale), "sample_numbers",
                         json_object_get(json_array_get(drawn->labels, 0), "sample_numbers"));
    bool bad = !json || json_dumpf(json, to, JSON_COMPACT) != 0 || fputc('\n', to) == EOF;
    json_decref(json);
    return !bad;
}

enum code preview_say(const struct preview *p)
{
    FILE *to = strcmp(p->output, "-") == 0 ? p->tem->err.stream : p->tem->out.stream;
    if (!p->tem->json)
        say_words(p, to);
    else if (!say_json(p, to))
        return tem_fail(p->tem, CODE_INTERNAL, "what was drawn cannot be told as JSON");
    return CODE_DONE;
}

enum code preview_say_findings(struct preview *p, const struct findings *findings)
{
    struct tem *tem = p->tem;
    const char *detail = p->sheet ? "nothing can be drawn" : "this label cannot be drawn";
    if (tem->json && findings->errors) {
        json_t *list = json_array();
        for (size_t i = 0; i < findings->count; i++) {
            if (json_array_append_new(list, report_finding_json(&findings->list[i])) != 0)
                break; /* out of memory: the first ones are worth telling */
        }
        json_t *json = json_pack("{ss ss so}", "type", "urn:tem:problem:input", "detail",
                                 detail, "findings", list);
        if (!json || json_dumpf(json, tem->err.stream, JSON_COMPACT) != 0 ||
            fputc('\n', tem->err.stream) == EOF)
            fputs("{}\n", tem->err.stream);
        json_decref(json);
        return CODE_BAD;
    }
    if (findings->errors)
        (void)tem_fail(tem, CODE_BAD, "%s", detail); /* the code is returned below */
    for (size_t i = 0; i < findings->count && !tem->json; i++)
        report_finding(&tem->err, &findings->list[i]);
    return findings->errors ? CODE_BAD : CODE_DONE;
}
