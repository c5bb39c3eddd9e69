/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/drawing.h"

#include "spooler/ledger/identity.h"
#include "spooler/ledger/merkle.h"
#include "spooler/render/dots.h"

#include <stdlib.h>

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err draw(const struct drawing_tools *tools, const struct template *template,
                     struct drawing *drawing, struct why *why)
{
    struct findings findings;
    char text[400];
    findings_init(&findings);
    enum err err =
        render_chunk(tools->renderer, template, drawing->labels.docs, drawing->labels.count,
                     tools->dots_per_m, &drawing->rendered, &findings);
    if (err)
        err = err_set(why, ERR_INPUT, "%s",
                      findings.count ? finding_text(&findings.list[0], text, sizeof text)
                                     : "the labels cannot be drawn");
    findings_clear(&findings);
    return err;
}

static enum err hash(const struct drawing_tools *tools, struct drawing *drawing,
                     struct why *why)
{
    struct merkle tree;
    uint8_t leaf[DOTS_LEAF_BYTES];
    size_t count = drawing->rendered.count;
    uint8_t(*hashes)[SHA256_BYTES] = calloc(count + 1, sizeof *hashes);
    if (!hashes || dots_hash(&drawing->rendered, hashes)) {
        free(hashes);
        return no_memory(why);
    }
    merkle_init(&tree);
    for (size_t i = 0; i < count; i++) {
        identity_dots_leaf(hashes[i], tools->blinding_key, leaf);
        merkle_add(&tree, leaf, sizeof leaf);
    }
    merkle_root(&tree, drawing->dots);
    free(hashes);
    return ERR_NONE;
}

enum err drawing_make(const struct drawing_tools *tools, const struct template *template,
                      struct bound_labels *labels, struct drawing *out, struct why *why)
{
    struct drawing drawing = {.labels = *labels};
    *labels = (struct bound_labels){0};
    enum err err = draw(tools, template, &drawing, why);
    if (!err)
        err = hash(tools, &drawing, why);
    if (err)
        drawing_free(&drawing);
    else
        *out = drawing;
    return err;
}

void drawing_free(struct drawing *drawing)
{
    rendered_free(&drawing->rendered);
    bound_labels_free(&drawing->labels);
}

enum err drawing_hashes(const struct drawing *drawing, size_t first, size_t count,
                        uint8_t (*out)[SHA256_BYTES], struct why *why)
{
    for (size_t i = 0; i < count; i++)
        if (dots_hash_alone(&drawing->rendered, first + i, out[i]))
            return no_memory(why);
    return ERR_NONE;
}
