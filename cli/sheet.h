/* SPDX-License-Identifier: Apache-2.0 */
/* sheet.h: many labels on one picture, each as it will print: rows of an order, printer models
 * side by side in true proportion. One thread. */
#ifndef TEM_CLI_SHEET_H
#define TEM_CLI_SHEET_H

#include "cli/tem.h"
#include "drivers/driver.h"
#include "spooler/base/sheet.h"
#include "spooler/render/render.h"
#include "templates/template.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sheet_order {
    struct tem *tem;
    struct renderer *renderer;
    const struct template *template;
    const char *file; /* the template's, for findings */
    const struct model *const *models;
    size_t model_count;
    const json_t *rows; /* of data_labels(); row 0: it has no number */
    bool samples;       /* fill in what a row does not give */
    uint32_t piece;
    uint32_t scale; /* whole factor */
};

struct sheet_drawn {
    struct grey picture;
    uint32_t px_per_m;
    json_t *labels; /* [{row, model, drawn, sample_numbers, findings}] */
    size_t count, bad;
};

/* Pixels a metre with which dots of all models are whole pixels as nearly as can be: with one
 * model exactly `scale` pixels a dot, with several at least two of the coarsest one's. */
uint32_t sheet_px_per_m(const struct model *const *models, size_t count, uint32_t scale);

/* Draws them all. A label that cannot be drawn is blank and crossed out on the sheet, and its
 * faults are told on standard error; the sheet is made all the same. */
enum code sheet_draw(const struct sheet_order *order, struct sheet_drawn *out);
/* Appends what is known of one label to drawn->labels. */
struct sample;
enum err sheet_note(struct sheet_drawn *drawn, const struct template *template, int64_t row,
                    const struct model *model, const struct sample *sample,
                    const struct findings *findings);
void sheet_drawn_free(struct sheet_drawn *drawn);

#endif
