/* SPDX-License-Identifier: Apache-2.0 */
/* drawing.h: a chunk's labels, bound, drawn and hashed: what its printer will show, and what
 * the ledger says of it. */
#ifndef TEM_SPOOLER_DRAWING_H
#define TEM_SPOOLER_DRAWING_H

#include "spooler/bind.h"
#include "spooler/render/render.h"

struct drawing {
    struct bound_labels labels;
    struct rendered rendered;   /* as many drawings as labels.count */
    uint8_t dots[SHA256_BYTES]; /* RFC 6962 root over identity_dots_leaf() of each drawing */
};

/* What is drawn with. */
struct drawing_tools {
    const uint8_t *blinding_key; /* SHA256_BYTES */
    struct renderer *renderer;
    uint32_t dots_per_m;
};

/* Takes `labels`, also on failure. ERR_INPUT: they cannot be drawn, `why` has the first
 * finding.
 */
enum err drawing_make(const struct drawing_tools *tools, const struct template *template,
                      struct bound_labels *labels, struct drawing *out, struct why *why);
void drawing_free(struct drawing *drawing);
/* Hashes of `count` drawings from `first` (counted from 0) on, each for itself (dots.h): they
 * do not depend on how labels were cut into chunks. */
enum err drawing_hashes(const struct drawing *drawing, size_t first, size_t count,
                        uint8_t (*out)[SHA256_BYTES], struct why *why);

#endif
