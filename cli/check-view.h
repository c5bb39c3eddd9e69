/* SPDX-License-Identifier: Apache-2.0 */
/* check-view.h: what `tem check` found out about one template, as a person reads it and as
 * JSON. One thread; borrows what it shows. */
#ifndef TEM_CLI_CHECK_VIEW_H
#define TEM_CLI_CHECK_VIEW_H

#include "cli/screen.h"
#include "drivers/driver.h"
#include "spooler/base/findings.h"
#include "spooler/render/quality.h"
#include "templates/template.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* On one model. */
struct check_view {
    const struct model *model;
    struct findings findings;
    struct quality quality;
};

struct check_file {
    const char *file;
    const struct template *template; /* NULL: it cannot be read */
    struct findings findings;        /* on whatever model */
    struct check_view *views;
    size_t view_count;
};

/* They say the same of the same place. */
bool check_same(const struct finding *a, const struct finding *b);
/* Findings of that severity; what is found on several models with the same words counts once.
 */
size_t check_count(const struct check_file *result, enum severity severity);
/* For 80 columns: a table a symbol where `measures` are wanted, then a line a finding. false =
 * out of memory. */
bool check_show(const struct check_file *result, bool measures, const struct screen *screen);
/* Appends {file, model, errors, findings, symbols} for each model to `array`, before them one
 * without a model when there is something to say. false = out of memory. */
bool check_json(const struct check_file *result, json_t *array);

#endif
