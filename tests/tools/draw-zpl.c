/* SPDX-License-Identifier: Apache-2.0 */
/* draw-zpl: a template's sample label, as our ZPL and as our dots, for a judge who draws ZPL.
 *
 *   draw-zpl TEMPLATE.yaml MODEL OUT     writes OUT.zpl and OUT.png, prints "WIDTH HEIGHT" in
 * dots
 *
 * Three labels that differ in their numbers are drawn as a chunk, so that there are a plate and
 * patches; the second of them is written. */
#include "drivers/driver.h"
#include "spooler/base/check-digit.h"
#include "spooler/base/durable.h"
#include "spooler/render/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABELS 3
#define SHOWN  1

static const struct settings settings = {.darkness_percent = 50, .speed_mm_s = 150};

static void die(const char *what, const struct why *why)
{
    fprintf(stderr, "%s: %s\n", what, why->text);
    exit(1);
}

static void die_of_findings(const struct findings *findings)
{
    char text[1024];
    for (size_t i = 0; i < findings->count; i++)
        fprintf(stderr, "%s\n", finding_text(&findings->list[i], text, sizeof text));
    exit(1);
}

static void write_out(const char *out, const char *suffix, const struct buf *bytes)
{
    char path[4096];
    struct why why;
    snprintf(path, sizeof path, "%s%s", out, suffix);
    if (buf_err(bytes) || durable_write(path, bytes->bytes, bytes->len, 0644, &why))
        die(path, &why);
}

/* The sample of a series field, with other last characters for other labels; where the sample
 * ends with a GS1 check digit, so does each of them. */
static void number_for(const struct field *field, size_t label, char out[static 64])
{
    static const char *const ends[LABELS] = {"2M", NULL, "23"}; /* NULL: the sample itself */
    snprintf(out, 64, "%s", field->sample ? field->sample : "7K3QF9ZT2M");
    size_t len = strlen(out);
    if (!ends[label] || len < 4)
        return;
    bool checked = gs1_check_digit(out, len - 1) == out[len - 1];
    if (checked || strspn(out, "0123456789") == len)
        out[len - 2] = (char)('0' + label * 3 + 1);
    else
        memcpy(out + len - 2, ends[label], 2);
    if (checked)
        out[len - 1] = gs1_check_digit(out, len - 1);
}

static void bind(const struct template *template, const struct row *row, struct label_doc *docs)
{
    static char printed[TEMPLATE_MAX_FIELDS][64];
    const char *numbers[TEMPLATE_MAX_FIELDS] = {NULL};
    struct why why;
    for (size_t label = 0; label < LABELS; label++) {
        for (size_t i = 0; i < template_field_count(template); i++) {
            const struct field *field = template_field(template, i);
            if (field->type != FIELD_SERIES)
                continue;
            number_for(field, label, printed[i]);
            numbers[i] = printed[i];
        }
        struct bind_input input = {.row = row,
                                   .numbers = numbers,
                                   .builtins = {.label_index = label + 1,
                                                .label_count = LABELS,
                                                .piece_index = 1,
                                                .job_id = 1}};
        if (template_bind(template, &input, &docs[label], &why))
            die("bind", &why);
    }
}

static void encode(const struct template *template, const struct model *model,
                   const struct rendered *rendered, struct buf *zpl)
{
    struct stock stock = {.width_um = template_width_um(template),
                          .height_um = template_height_um(template),
                          .gap_um = 3000};
    struct chunk_setup chunk = {.model = model,
                                .stock = &stock,
                                .settings = &settings,
                                .plate = &rendered->plate,
                                .impressions = 1,
                                .name = "drawn"};
    struct impression impression = {.index = 1,
                                    .first_label = 1,
                                    .last_label = 1,
                                    .patches = rendered->labels[SHOWN].patches,
                                    .patch_count = rendered->labels[SHOWN].count};
    struct why why;
    plate_name(&rendered->plate, chunk.plate_id);
    if (model->driver->begin(&chunk, zpl, &why) ||
        model->driver->impression(&chunk, &impression, zpl, &why))
        die("encode", &why);
}

int main(int argc, char **argv)
{
    const char *fonts[] = {TEM_FONT_FOLDERS, NULL, NULL};
    const struct model *model = argc == 4 ? model_find(argv[2]) : NULL;
    if (!model) {
        fputs("usage: draw-zpl TEMPLATE.yaml MODEL OUT\n", stderr);
        return 2;
    }
    char folders[] = TEM_FONT_FOLDERS; /* two folders, a colon between */
    char *colon = strchr(folders, ':');
    fonts[0] = folders;
    if (colon) {
        *colon = '\0';
        fonts[1] = colon + 1;
    }
    struct template *template = NULL;
    struct renderer *renderer = NULL;
    struct row row = {0};
    struct label_doc docs[LABELS] = {{0}};
    struct rendered rendered = {0};
    struct bitmap whole = {0};
    struct findings findings;
    struct why why;
    struct buf zpl = BUF_INIT(16 * 1024 * 1024), png = BUF_INIT(16 * 1024 * 1024);
    findings_init(&findings);
    if (template_load(argv[1], &template, &findings) ||
        template_sample_row(template, &row, &findings))
        die_of_findings(&findings);
    bind(template, &row, docs);
    if (renderer_new(fonts, &renderer, &why))
        die("fonts", &why);
    if (render_chunk(renderer, template, docs, LABELS, model->dots_per_m, &rendered, &findings))
        die_of_findings(&findings);
    encode(template, model, &rendered, &zpl);
    if (rendered_compose(&rendered, SHOWN, &whole) ||
        png_write(&whole, model->dots_per_m, &png, &why))
        die("picture", &why);
    write_out(argv[3], ".zpl", &zpl);
    write_out(argv[3], ".png", &png);
    printf("%u %u\n", whole.width_dots, whole.height_dots);
    buf_free(&zpl);
    buf_free(&png);
    bitmap_free(&whole);
    rendered_free(&rendered);
    renderer_free(renderer);
    for (size_t i = 0; i < LABELS; i++)
        label_doc_free(&docs[i]);
    row_free(&row);
    template_free(template);
    findings_clear(&findings);
    return 0;
}
