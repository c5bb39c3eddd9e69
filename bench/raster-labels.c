/* SPDX-License-Identifier: Apache-2.0 */
/* raster-labels: the bench's labels as CUPS raster, for a driver of CUPS to encode.
 *
 *   raster-labels FOLDER NAME COUNT > FILE    NAME: medicine, produce, pallet */
#include "bench/labels.h"
#include "drivers/driver.h"

#include <cups/raster.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned dpi(uint32_t dots_per_m)
{
    return (unsigned)((double)dots_per_m * 0.0254 + 0.5);
}

static cups_page_header2_t page_of(const struct bitmap *label, uint32_t dots_per_m)
{
    cups_page_header2_t page;
    memset(&page, 0, sizeof page);
    page.HWResolution[0] = page.HWResolution[1] = dpi(dots_per_m);
    page.cupsWidth = label->width_dots;
    page.cupsHeight = label->height_dots;
    page.PageSize[0] = label->width_dots * 72 / dpi(dots_per_m);
    page.PageSize[1] = label->height_dots * 72 / dpi(dots_per_m);
    page.cupsBitsPerColor = page.cupsBitsPerPixel = page.cupsNumColors = 1;
    page.cupsBytesPerLine = (unsigned)label->stride;
    page.cupsColorSpace = CUPS_CSPACE_K; /* 1 = black, as ours */
    page.NumCopies = 1;
    return page;
}

static void put_label(cups_raster_t *raster, const struct bitmap *label, uint32_t dots_per_m)
{
    cups_page_header2_t page = page_of(label, dots_per_m);
    size_t len = label->stride * label->height_dots;
    if (!cupsRasterWriteHeader2(raster, &page) ||
        cupsRasterWritePixels(raster, label->bits, (unsigned)len) != len)
        bench_die("CUPS raster", NULL);
}

static void put_labels(const char *folder, const struct bench_row *row, size_t count)
{
    struct bench_labels labels;
    struct label_doc doc = {0};
    struct findings findings;
    struct renderer *renderer = bench_renderer();
    uint32_t dots_per_m = model_find(row->model)->dots_per_m;
    cups_raster_t *raster = cupsRasterOpen(STDOUT_FILENO, CUPS_RASTER_WRITE);
    if (!raster)
        bench_die("CUPS raster", NULL);
    findings_init(&findings);
    bench_labels_open(folder, row, &labels);
    for (size_t i = 0; i < count; i++) {
        struct rendered rendered;
        bench_bind(&labels, &doc, 1);
        if (render_chunk(renderer, labels.template, &doc, 1, dots_per_m, &rendered, &findings))
            bench_die("render", NULL);
        put_label(raster, &rendered.plate, dots_per_m); /* a label alone is all plate */
        rendered_free(&rendered);
    }
    cupsRasterClose(raster);
    label_doc_free(&doc);
    bench_labels_close(&labels);
    renderer_free(renderer);
}

int main(int argc, char **argv)
{
    size_t count = argc == 4 ? (size_t)strtoul(argv[3], NULL, 10) : 0;
    for (size_t i = 0; count > 0 && bench_row_at(i); i++)
        if (strcmp(argv[2], bench_row_at(i)->name) == 0) {
            put_labels(argv[1], bench_row_at(i), count);
            return 0;
        }
    fputs("usage: raster-labels FOLDER medicine|produce|pallet COUNT > FILE\n", stderr);
    return 2;
}
