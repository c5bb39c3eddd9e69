/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/render.h"

#include "spooler/base/png.h"
#include "spooler/render/barcode.h"
#include "spooler/render/font.h"
#include "spooler/render/memory.h"
#include "spooler/render/render-private.h"
#include "spooler/render/text.h"

#include <inttypes.h>
#include <stdlib.h>

enum err renderer_new(const char *const *font_folders, struct renderer **out, struct why *why)
{
    struct renderer *renderer = calloc(1, sizeof *renderer);
    if (!renderer)
        return err_set(why, ERR_NO_MEMORY, "out of memory for a renderer");
    enum err err = fonts_new(font_folders, &renderer->fonts, why);
    if (!err)
        err = barcodes_new(&renderer->barcodes, why);
    if (!err)
        err = memory_new(&renderer->memory, why);
    if (err) {
        renderer_free(renderer);
        return err;
    }
    *out = renderer;
    return ERR_NONE;
}

void renderer_free(struct renderer *renderer)
{
    if (!renderer)
        return;
    fonts_free(renderer->fonts);
    barcodes_free(renderer->barcodes);
    memory_free(renderer->memory);
    free(renderer);
}

enum err canvas_make(struct renderer *renderer, const struct template *template,
                     uint32_t dots_per_m, struct findings *findings, struct canvas *out)
{
    int64_t width = dots_from_um(template_width_um(template), dots_per_m);
    int64_t height = dots_from_um(template_height_um(template), dots_per_m);
    if (width < 1 || height < 1 || width > BITMAP_MAX_DOTS || height > BITMAP_MAX_DOTS)
        return findings_add(
            findings, SEVERITY_ERROR, "label-size", (struct place){0}, NULL, NULL,
            "a label of %" PRId64 " x %" PRId64 " dots cannot be drawn; at most %d a side",
            width, height, BITMAP_MAX_DOTS);
    *out = (struct canvas){.fonts = renderer->fonts,
                           .barcodes = renderer->barcodes,
                           .template = template,
                           .dots_per_m = dots_per_m,
                           .width_dots = width,
                           .height_dots = height,
                           .findings = findings};
    return ERR_NONE;
}

/* The anchor's point must be on the label, whatever the data. */
static enum err check_anchor(const struct canvas *canvas, const struct element *element)
{
    int64_t x = dots_from_um(element->x_um, canvas->dots_per_m);
    int64_t y = dots_from_um(element->y_um, canvas->dots_per_m);
    if (x >= 0 && y >= 0 && x <= canvas->width_dots && y <= canvas->height_dots)
        return ERR_NONE;
    return findings_add(canvas->findings, SEVERITY_ERROR, "off-label", element_place(element),
                        NULL, NULL, "element is not on the label");
}

/* A shape needs no data: it is drawn. */
static enum err check_shape(const struct canvas *canvas, const struct element *element)
{
    struct drawn drawn = {.element = element, .content = "", .content_len = 0};
    struct pieces pieces = {0};
    enum err err = draw_element(canvas, &drawn, &pieces, NULL);
    pieces_free(&pieces);
    return err;
}

static enum err (*const checks[])(const struct canvas *, const struct element *) = {
    [ELEMENT_TEXT] = text_check,   [ELEMENT_BARCODE] = barcode_check,
    [ELEMENT_IMAGE] = check_shape, [ELEMENT_BOX] = check_shape,
    [ELEMENT_LINE] = check_shape,  [ELEMENT_ELLIPSE] = check_shape,
};

enum err render_check_template(struct renderer *renderer, const struct template *template,
                               uint32_t dots_per_m, struct findings *findings)
{
    struct canvas canvas;
    enum err err = canvas_make(renderer, template, dots_per_m, findings, &canvas);
    if (err)
        return err;
    for (size_t i = 0; i < template_element_count(template); i++) {
        const struct element *element = template_element(template, i);
        enum err at = check_anchor(&canvas, element);
        enum err one = at ? at : checks[element->kind](&canvas, element);
        if (one && one != ERR_INPUT)
            return one;
        err = err ? err : one;
    }
    return err;
}

/* Draws what is not known yet. */
static enum err check_elements(struct renderer *renderer, const struct canvas *canvas,
                               const struct label_doc *doc)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; i < doc->count; i++) {
        const struct drawn *drawn = &doc->drawn[i];
        if (memory_find(renderer->memory, drawn))
            continue;
        struct pieces pieces = {0};
        struct rect clear;
        enum err one = draw_element(canvas, drawn, &pieces, &clear);
        if (!one)
            memory_keep(renderer->memory, drawn, &pieces, clear);
        pieces_free(&pieces);
        if (one && one != ERR_INPUT)
            return one;
        err = err ? err : one;
    }
    return err;
}

/* Something may lie in what a symbol needs for itself; also when the memory lost an element. */
static bool may_meet(const struct memory *memory, const struct label_doc *doc)
{
    for (size_t i = 0; i < doc->count; i++) {
        const struct trace *symbol = memory_find(memory, &doc->drawn[i]);
        if (!symbol)
            return true;
        for (size_t other = 0; symbol->clear.width > 0 && other < doc->count; other++) {
            const struct trace *trace = memory_find(memory, &doc->drawn[other]);
            if (!trace)
                return true;
            for (size_t n = 0; other != i && n < trace->count; n++)
                if (rects_meet(&symbol->clear, &trace->inks[n]))
                    return true;
        }
    }
    return false;
}

enum err render_check_label(struct renderer *renderer, const struct template *template,
                            const struct label_doc *doc, uint32_t dots_per_m,
                            struct findings *findings)
{
    struct canvas canvas;
    enum err err = canvas_make(renderer, template, dots_per_m, findings, &canvas);
    if (err)
        return err;
    memory_about(renderer->memory, template, dots_per_m);
    err = check_elements(renderer, &canvas, doc);
    if (err || !may_meet(renderer->memory, doc))
        return err;
    struct rendered rendered = {0};
    err = render_chunk(renderer, template, doc, 1, dots_per_m, &rendered, findings);
    rendered_free(&rendered);
    return err;
}

enum err png_write(const struct bitmap *bitmap, uint32_t dots_per_m, struct buf *out,
                   struct why *why)
{
    return png_encode(bitmap, dots_per_m, out, why);
}
