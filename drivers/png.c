/* SPDX-License-Identifier: Apache-2.0 */
/* png.c: not a printer but what one would show: each impression is one whole PNG file. For
 * previews, goldens and printing to a file. It keeps nothing, asks nothing and proves nothing.
 */
#include "drivers/languages.h"

#include "spooler/base/png.h"

static enum err png_nothing(const struct chunk_setup *chunk, struct buf *out, struct why *why)
{
    (void)chunk, (void)out, (void)why; /* a file has no settings and stores no plate */
    return ERR_NONE;
}

static enum err png_impression(const struct chunk_setup *chunk,
                               const struct impression *impression, struct buf *out,
                               struct why *why)
{
    struct bitmap whole;
    enum err err = bitmap_copy(chunk->plate, &whole);
    if (err)
        return err_set(why, err, "out of memory for a label of %u x %u dots",
                       chunk->plate->width_dots, chunk->plate->height_dots);
    for (size_t i = 0; i < impression->patch_count; i++) {
        const struct patch *patch = &impression->patches[i];
        bitmap_or(&whole, &patch->bits, patch->x_dots, patch->y_dots);
    }
    err = png_encode(&whole, chunk->model->dots_per_m, out, why);
    bitmap_free(&whole);
    return err;
}

const struct driver driver_png = {
    .name = "png",
    .file_type = ".png",
    .alike = true,
    .begin = png_nothing,
    .impression = png_impression,
    .end = png_nothing,
    .cancel = png_nothing,
};
