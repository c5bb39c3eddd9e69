/* SPDX-License-Identifier: Apache-2.0 */
/* drawing.h: a template, a row and sample numbers drawn here, without temd. One thread. */
#ifndef TEM_CLI_DRAWING_H
#define TEM_CLI_DRAWING_H

#include "cli/tem.h"
#include "drivers/driver.h"
#include "spooler/base/bitmap.h"
#include "spooler/base/findings.h"
#include "spooler/render/render.h"
#include "templates/template.h"

#include <jansson.h>

/* As template_load(); "-" is standard input, which findings call by the name of drawing_file().
 */
enum err drawing_load(const char *word, struct template **out, struct findings *findings);
const char *drawing_file(const char *word);

/* Says which model was meant when there is none of that name. */
enum code drawing_model(struct tem *tem, const char *name, const struct model **out);
/* With the fonts of --fonts (colon-separated folders), else the build's. */
enum code drawing_renderer(struct tem *tem, struct renderer **out);
#define DRAWING_FONTS_OPTION                                                                   \
    {                                                                                          \
        "fonts", 0, "FOLDERS", false, "colon-separated folders instead of the installed ones"  \
    }

/* The label is not wider or longer than the model prints. */
void drawing_check_size(const struct template *template, const struct model *model,
                        struct findings *findings);

/* A label with numbers that nobody issued. */
struct sample {
    struct row row;
    const char **numbers; /* by field; NULL for those that are no series */
    struct label_doc doc;
    struct buf room; /* text of numbers that came as JSON numbers */
};

/* `data` (field -> text) as a checked row; `samples` fills in what it does not give. For a
 * series field `data` or the template's sample gives the number, else one that its AIs can
 * hold. Findings name fields; data_places() knows where those were given. */
enum err sample_bind(const struct template *template, const json_t *data, bool samples,
                     struct sample *out, struct findings *findings, struct why *why);
/* The same label's piece `piece`, from 1. */
enum err sample_bind_piece(const struct template *template, const json_t *data, bool samples,
                           uint32_t piece, struct sample *out, struct findings *findings,
                           struct why *why);
void sample_free(struct sample *sample);

/* Row and numbers as the dots of that model: checks its size, draws, puts plate and patches
 * together. ERR_INPUT with findings. */
enum err drawing_label(struct renderer *renderer, const struct template *template,
                       const struct label_doc *doc, const struct model *model,
                       struct bitmap *out, struct findings *findings);

#endif
