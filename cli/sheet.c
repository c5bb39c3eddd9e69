/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sheet.h"

#include "cli/data.h"
#include "cli/drawing.h"
#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CAPTION_WIDTH_MM 120
#define CAPTION_MAX      80

/* ---- captions ------------------------------------------------------------------------- */

/* A template of our own whose one text is the caption, in the fonts that are there anyway. */
static struct template *caption_template(const struct template *template, const char *style)
{
    const char *font = template_font_count(template) ? template_font(template, 0) : "Roboto";
    struct template *made = NULL;
    struct findings findings = {0};
    struct buf yaml = BUF_INIT(4096);
    json_t *name = json_string(font); /* quoted as JSON, which YAML reads */
    char *quoted = json_dumps(name, JSON_ENCODE_ANY);
    buf_printf(&yaml,
               "tem: 1\nname: caption\nsize: %d x 4 mm\nfonts: [%s]\n"
               "fields: {caption: {type: text, required: true}}\n"
               "elements:\n  - {text: \"{caption}\", at: [0, 0], font: %s 8}\n",
               CAPTION_WIDTH_MM, quoted ? quoted : "Roboto", style);
    if (template_parse(buf_text(&yaml), yaml.len, "caption", &made, &findings) != ERR_NONE)
        made = NULL;
    findings_clear(&findings);
    buf_free(&yaml);
    free(quoted);
    json_decref(name);
    return made;
}

/* What is black of it, so that it takes no more room than it needs. */
static enum err crop(struct bitmap *bitmap)
{
    uint32_t x, y, width, height;
    struct bitmap cropped;
    if (!bitmap_bounds(bitmap, &x, &y, &width, &height))
        return ERR_NOT_FOUND;
    enum err err = bitmap_crop(bitmap, x, y, width, height, &cropped);
    bitmap_free(bitmap);
    if (!err)
        *bitmap = cropped;
    return err;
}

static enum err draw_caption(const struct sheet_order *order, const struct template *template,
                             const char *text, uint32_t px_per_m, struct bitmap *out)
{
    struct model paper = {.name = "caption",
                          .dots_per_m = px_per_m,
                          .max_width_dots = BITMAP_MAX_DOTS,
                          .max_length_dots = BITMAP_MAX_DOTS};
    struct findings findings = {0};
    struct why why = {{0}};
    struct sample sample = {0};
    json_t *data = json_pack("{ss}", "caption", text);
    enum err err =
        data ? sample_bind(template, data, false, &sample, &findings, &why) : ERR_NO_MEMORY;
    if (!err)
        err = drawing_label(order->renderer, template, &sample.doc, &paper, out, &findings);
    if (!err)
        err = crop(out);
    sample_free(&sample);
    findings_clear(&findings);
    json_decref(data);
    return err;
}

/* A font without these styles, or without our characters, gives a sheet without captions. */
static void add_caption(const struct sheet_order *order, const char *text, uint32_t px_per_m,
                        struct bitmap *out)
{
    static const char *const styles[] = {"Regular", "Book", "Medium", "Bold"};
    for (size_t i = 0; i < sizeof styles / sizeof styles[0] && !out->bits; i++) {
        struct template *template = caption_template(order->template, styles[i]);
        if (template && draw_caption(order, template, text, px_per_m, out) != ERR_NONE)
            bitmap_free(out);
        template_free(template);
    }
}

/* ---- one label ------------------------------------------------------------------------- */

/* NULL = out of memory. */
static json_t *numbers_json(const struct template *template, const struct sample *sample)
{
    json_t *numbers = json_object();
    bool bad = !numbers;
    for (size_t i = 0; sample->numbers && i < template_field_count(template); i++) {
        if (sample->numbers[i])
            bad |= json_object_set_new(numbers, template_field(template, i)->name,
                                       json_string(sample->numbers[i])) != 0;
    }
    if (!bad)
        return numbers;
    json_decref(numbers);
    return NULL;
}

enum err sheet_note(struct sheet_drawn *drawn, const struct template *template, int64_t row,
                    const struct model *model, const struct sample *sample,
                    const struct findings *findings)
{
    json_t *list = json_array();
    bool bad = !list;
    for (size_t i = 0; i < findings->count; i++)
        bad |= json_array_append_new(list, report_finding_json(&findings->list[i])) != 0;
    json_t *label = json_pack("{sI ss sb so so}", "row", (json_int_t)row, "model", model->name,
                              "drawn", findings->errors == 0, "sample_numbers",
                              numbers_json(template, sample), "findings", list);
    return json_array_append_new(drawn->labels, label) == 0 && !bad ? ERR_NONE : ERR_NO_MEMORY;
}

static void say_bad(const struct sheet_order *order, const char *name,
                    const struct findings *findings)
{
    const struct screen *screen = &order->tem->err;
    if (order->tem->json)
        return;
    fprintf(screen->stream, "%stem: %s cannot be drawn%s\n", screen_colour(screen, COLOUR_BOLD),
            name, screen_colour(screen, COLOUR_NONE));
    for (size_t i = 0; i < findings->count; i++)
        report_finding(screen, &findings->list[i]);
}

/* Pixels of so many dots: exact where dots are whole pixels. */
static uint32_t pixels(int64_t um, const struct model *model, uint32_t px_per_m)
{
    int64_t dots = dots_from_um(um, model->dots_per_m);
    return (uint32_t)((dots * px_per_m + model->dots_per_m / 2) / model->dots_per_m);
}

static enum err draw_one(const struct sheet_order *order, const json_t *entry,
                         const struct model *model, struct sheet_drawn *drawn,
                         struct sheet_label *label, struct why *why)
{
    struct sample sample = {0};
    struct findings findings = {0};
    char caption[CAPTION_MAX];
    int64_t row = json_integer_value(json_object_get(entry, "row"));
    if (row > 0)
        snprintf(caption, sizeof caption, "row %" PRId64 ", %s", row, model->name);
    else
        snprintf(caption, sizeof caption, "%s", model->name);
    enum err err = sample_bind_piece(order->template, json_object_get(entry, "data"),
                                     order->samples, order->piece, &sample, &findings, why);
    if (!err)
        err = drawing_label(order->renderer, order->template, &sample.doc, model, &label->bits,
                            &findings);
    data_places(entry, order->template, order->file, &findings, 0);
    label->crossed = err == ERR_INPUT;
    label->width_px = pixels(template_width_um(order->template), model, drawn->px_per_m);
    label->height_px = pixels(template_height_um(order->template), model, drawn->px_per_m);
    drawn->bad += label->crossed;
    if (label->crossed)
        say_bad(order, caption, &findings);
    if (!err || err == ERR_INPUT) {
        size_t len = strlen(caption);
        if (label->crossed)
            snprintf(caption + len, sizeof caption - len, ": cannot be printed");
        add_caption(order, caption, drawn->px_per_m, &label->caption);
        err = sheet_note(drawn, order->template, row, model, &sample, &findings);
    }
    sample_free(&sample);
    findings_clear(&findings);
    return err;
}

/* ---- all ----------------------------------------------------------------------------- */

uint32_t sheet_px_per_m(const struct model *const *models, size_t count, uint32_t scale)
{
    uint32_t finest = models[0]->dots_per_m, coarsest = finest, times = 1;
    for (size_t i = 1; i < count; i++) {
        finest = models[i]->dots_per_m > finest ? models[i]->dots_per_m : finest;
        coarsest = models[i]->dots_per_m < coarsest ? models[i]->dots_per_m : coarsest;
    }
    if (finest != coarsest && (uint64_t)finest < 2 * (uint64_t)coarsest)
        times = 2;
    return finest * times * scale;
}

static enum err draw_all(const struct sheet_order *order, struct sheet_label *labels,
                         struct sheet_drawn *drawn, struct why *why)
{
    size_t i;
    const json_t *entry;
    enum err err = ERR_NONE;
    json_array_foreach(order->rows, i, entry)
    {
        for (size_t n = 0; n < order->model_count && !err; n++)
            err = draw_one(order, entry, order->models[n], drawn, &labels[drawn->count++], why);
        if (err || atomic_load(order->tem->stop))
            break;
    }
    return err;
}

enum code sheet_draw(const struct sheet_order *order, struct sheet_drawn *out)
{
    size_t count = json_array_size(order->rows) * order->model_count;
    struct sheet_label *labels = calloc(count + 1, sizeof *labels);
    struct why why = {{0}};
    *out = (struct sheet_drawn){
        .labels = json_array(),
        .px_per_m = sheet_px_per_m(order->models, order->model_count, order->scale)};
    enum err err = labels && out->labels ? ERR_NONE : ERR_NO_MEMORY;
    if (!err)
        err = draw_all(order, labels, out, &why);
    if (!err && !atomic_load(order->tem->stop))
        err = sheet_lay(labels, out->count, 0, order->model_count, &out->picture);
    for (size_t i = 0; labels && i < count; i++) {
        bitmap_free(&labels[i].bits);
        bitmap_free(&labels[i].caption);
    }
    free(labels);
    if (err == ERR_TOO_LARGE)
        return tem_fail(order->tem, CODE_BAD,
                        "a sheet of %zu such labels is too large; choose fewer with --row",
                        out->count);
    if (atomic_load(order->tem->stop))
        return CODE_INTERRUPTED;
    return err ? tem_fail_err(order->tem, err, &why) : CODE_DONE;
}

void sheet_drawn_free(struct sheet_drawn *drawn)
{
    grey_free(&drawn->picture);
    json_decref(drawn->labels);
    *drawn = (struct sheet_drawn){0};
}
