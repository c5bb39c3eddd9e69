/* SPDX-License-Identifier: Apache-2.0
 *
 * zpl-interpret.h: obeys commands in order and draws formats.
 *
 * A format prints when it has at least one field, even one whose data were refused: such a
 * label carries its errors. A format of settings alone prints nothing. */
#ifndef VPRINTER_ZPL_INTERPRET_H
#define VPRINTER_ZPL_INTERPRET_H

#include "canvas.h"
#include "graphics.h"
#include "report.h"
#include "zpl-settings.h"
#include "zpl-tokenize.h"

/* A drawn format on its way to the paper. Owns the canvas; image_free() takes NULL. */
struct image {
    struct canvas *canvas;
    struct settings settings;
    struct error_list errors;
    uint32_t copies;
    uint64_t fnv, black;
};

void image_free(struct image *image);

struct interpreter {
    struct report *report; /* borrowed */
    int32_t head_dots;
    struct settings factory, saved, now;
    struct graphics graphics;
    bool in_format, has_field;
    int32_t x, y;
    uint32_t copies;
    struct gfx pending; /* the field before its ^FS */
    uint32_t magnify_x, magnify_y;
    bool field_open;
    struct canvas *canvas, *kept; /* kept: the bitmap under ^MCN */
    struct error_list errors;     /* since the last label */
};

/* Borrows `report`; `factory` also gives the width of the head. */
void interpreter_init(struct interpreter *in, struct report *report,
                      const struct settings *factory);

/* Obeys one command. Returns the label that it completed, owned by the caller, or NULL. */
struct image *interpreter_run(struct interpreter *in, const struct token *token);

/* Whether an ^XZ now would complete a label. */
bool interpreter_would_print(const struct interpreter *in);

/* Forgets the format in the making. */
void interpreter_abandon(struct interpreter *in);

/* As after switching on: saved settings, empty R:. Also frees everything. */
void interpreter_power_on(struct interpreter *in);

#endif
