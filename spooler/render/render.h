/* SPDX-License-Identifier: Apache-2.0 */
/* render.h: bound labels in, one-bit bitmaps out.
 *
 * The same label gives the same dots, byte for byte, on every machine with the same fonts
 * (promise 9); bars are whole dots, and a symbol that does not fit with its quiet zone is
 * refused, never rescaled (promise 10). What is equal on all labels of a chunk is drawn once
 * (plate), the rest as patches to be ORed onto it.
 *
 * A renderer belongs to one thread at a time (Pango's font map does); make one a thread. */
#ifndef TEM_RENDER_RENDER_H
#define TEM_RENDER_RENDER_H

#include "spooler/base/bitmap.h"
#include "spooler/base/err.h"
#include "spooler/base/findings.h"
#include "templates/template.h"

#include <stddef.h>
#include <stdint.h>

struct renderer;

/* font_folders: NULL-terminated list of folders, the only ones fonts are taken from (the
 * system's fontconfig rules would change metrics). */
enum err renderer_new(const char *const *font_folders, struct renderer **out, struct why *why);
void renderer_free(struct renderer *renderer);

/* The fonts of a template are there, with every style its elements ask for; a missing font is
 * a finding, never a silent fallback. Also the checks that need no data: module size at this
 * resolution within its symbology's legal range, element on the label. */
enum err render_check_template(struct renderer *renderer, const struct template *template,
                               uint32_t dots_per_m, struct findings *findings);
/* Everything on this label can be drawn: characters have glyphs, text and symbols fit.
 * Remembers what it has drawn before, so that rows that differ little cost little. */
enum err render_check_label(struct renderer *renderer, const struct template *template,
                            const struct label_doc *doc, uint32_t dots_per_m,
                            struct findings *findings);

struct rendered_label {
    struct patch *patches;
    size_t count;
};

struct rendered {
    struct bitmap plate; /* the whole label's size */
    struct rendered_label *labels;
    size_t count;
};

/* Draws `count` labels of one template (1 is fine). ERR_INPUT with findings when a label cannot
 * be drawn; nothing is returned then. */
enum err render_chunk(struct renderer *renderer, const struct template *template,
                      const struct label_doc *docs, size_t count, uint32_t dots_per_m,
                      struct rendered *out, struct findings *findings);
void rendered_free(struct rendered *rendered);
/* Plate and patches of label `index` put together: what the printer will show. */
enum err rendered_compose(const struct rendered *rendered, size_t index, struct bitmap *out);

/* A PNG (1 bit, grey, with its resolution) of a bitmap. */
enum err png_write(const struct bitmap *bitmap, uint32_t dots_per_m, struct buf *out,
                   struct why *why);

#endif
