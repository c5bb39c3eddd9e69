/* SPDX-License-Identifier: Apache-2.0 */
/* render-private.h: what render.c (checks) and plate.c (chunks) share of a renderer; nobody
 * else includes it. */
#ifndef TEM_RENDER_RENDER_PRIVATE_H
#define TEM_RENDER_RENDER_PRIVATE_H

#include "spooler/render/draw.h"
#include "spooler/render/render.h"

struct memory;

struct renderer {
    struct fonts *fonts;
    struct barcodes *barcodes;
    struct memory *memory; /* elements that were checked and found good */
};

/* A canvas of the template's label; ERR_INPUT with a finding when it is larger than any head.
 */
enum err canvas_make(struct renderer *renderer, const struct template *template,
                     uint32_t dots_per_m, struct findings *findings, struct canvas *out);

#endif
