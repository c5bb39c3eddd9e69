/* SPDX-License-Identifier: Apache-2.0 */
/* preview.h: one label as a printer of a model would print it, as a PNG; whoever owns the
 * renderer calls it from one thread at a time. */
#ifndef TEM_SPOOLER_PREVIEW_H
#define TEM_SPOOLER_PREVIEW_H

#include "spooler/render/render.h"

/* `doc` and `png` NULL: only whether the model can print it. ERR_INPUT: no such model (the
 * finding names the nearest), or a label that cannot be drawn for it. `png` is appended to. */
enum err preview_draw(struct renderer *renderer, const char *model,
                      const struct template *template, const struct label_doc *doc,
                      struct buf *png, struct findings *findings, struct why *why);

#endif
