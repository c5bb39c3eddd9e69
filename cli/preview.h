/* SPDX-License-Identifier: Apache-2.0 */
/* preview.h: tem preview, inside of it: what is drawn and what is said of it. */
#ifndef TEM_CLI_PREVIEW_H
#define TEM_CLI_PREVIEW_H

#include "cli/inline.h"
#include "cli/sheet.h"
#include "cli/tem.h"
#include "drivers/driver.h"
#include "spooler/base/buf.h"
#include "spooler/base/findings.h"
#include "spooler/render/render.h"
#include "templates/template.h"

#include <jansson.h>

#define PREVIEW_MODELS_MAX 8

struct preview {
    struct tem *tem;
    const struct model *models[PREVIEW_MODELS_MAX];
    size_t model_count;
    struct template *template;
    struct renderer *renderer;
    bool sheet;
    uint64_t scale, piece;
    json_t *rows; /* [{row, data}], one of them where it is no sheet */
    bool samples;
    struct sheet_drawn drawn;
    struct buf png;
    char output[1024]; /* "" = only to be shown */
    enum inline_mode how;
};

/* What was drawn, in words or JSON; on standard error where the PNG goes to standard output. */
enum code preview_say(const struct preview *preview);
/* Warnings and notes are told, too; they keep nothing from being drawn. CODE_BAD with errors.
 */
enum code preview_say_findings(struct preview *preview, const struct findings *findings);

#endif
