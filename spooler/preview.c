/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/preview.h"

#include "drivers/driver.h"
#include "spooler/base/mm.h"
#include "spooler/base/near.h"

#include <stdio.h>

#define MODELS_MAX 64

static enum err unknown_model(const char *name, struct findings *findings)
{
    const char *names[MODELS_MAX];
    size_t count = 0;
    for (const struct model *model; count < MODELS_MAX && (model = model_at(count)) != NULL;)
        names[count++] = model->name;
    const char *near = near_word(name, names, count);
    return findings_add(
        findings, SEVERITY_ERROR, "unknown-model", (struct place){.field = "model"}, name,
        near ? near : "a model such as zpl-203", "there is no such printer model");
}

/* Also bounds the bitmap. */
static enum err check_size(const struct template *template, const struct model *model,
                           struct findings *findings)
{
    int64_t width = dots_from_um(template_width_um(template), model->dots_per_m);
    int64_t height = dots_from_um(template_height_um(template), model->dots_per_m);
    char got[64], expected[64];
    if (width <= model->max_width_dots && height <= model->max_length_dots)
        return ERR_NONE;
    snprintf(got, sizeof got, "%lld x %lld dots", (long long)width, (long long)height);
    snprintf(expected, sizeof expected, "at most %u x %u dots", model->max_width_dots,
             model->max_length_dots);
    return findings_add(findings, SEVERITY_ERROR, "label-too-large",
                        (struct place){.field = "size"}, got, expected,
                        "%s cannot print a label of this size", model->name);
}

enum err preview_draw(struct renderer *renderer, const char *model,
                      const struct template *template, const struct label_doc *doc,
                      struct buf *png, struct findings *findings, struct why *why)
{
    const struct model *found = model_find(model);
    struct rendered rendered = {0};
    struct bitmap bitmap = {0};
    if (!found)
        return unknown_model(model, findings);
    enum err err = check_size(template, found, findings);
    if (!err && doc)
        err = render_chunk(renderer, template, doc, 1, found->dots_per_m, &rendered, findings);
    if (!err && doc)
        err = rendered_compose(&rendered, 0, &bitmap);
    if (!err && doc)
        err = png_write(&bitmap, found->dots_per_m, png, why);
    bitmap_free(&bitmap);
    rendered_free(&rendered);
    return err;
}
