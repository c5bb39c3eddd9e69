/* SPDX-License-Identifier: Apache-2.0 */
/* contact-sheet: puts label pictures side by side on one PNG, one dot a pixel, like a roll that
 * was cut up and laid on a table.
 *
 *   contact-sheet OUT.png COLUMNS LABEL.png...
 */
#include "spooler/base/png.h"
#include "spooler/base/sheet.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

#define PNG_MAX (64 * 1024 * 1024)

/* Dark pixels are ink. */
static int read_picture(const char *path, struct sheet_label *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    unsigned char *grey = NULL;
    if (!png_image_begin_read_from_file(&image, path)) {
        fprintf(stderr, "%s: %s\n", path, image.message);
        return -1;
    }
    image.format = PNG_FORMAT_GRAY;
    int failed = bitmap_new(image.width, image.height, &out->bits) != ERR_NONE ||
                 (grey = malloc(PNG_IMAGE_SIZE(image))) == NULL ||
                 !png_image_finish_read(&image, NULL, grey, 0, NULL);
    for (unsigned i = 0; !failed && i < image.width * image.height; i++) {
        if (grey[i] < 128)
            bitmap_set(&out->bits, i % image.width, i / image.width);
    }
    if (failed)
        fprintf(stderr, "%s: cannot be read\n", path);
    png_image_free(&image);
    free(grey);
    out->width_px = image.width;
    out->height_px = image.height;
    return failed ? -1 : 0;
}

static int write_sheet(const struct grey *sheet, const char *path)
{
    struct buf png = BUF_INIT(PNG_MAX);
    struct why why = {{0}};
    FILE *file = NULL;
    int failed = png_encode_grey(sheet, 0, &png, &why) != ERR_NONE ||
                 (file = fopen(path, "wb")) == NULL ||
                 fwrite(png.bytes, 1, png.len, file) != png.len;
    failed = (file && fclose(file) != 0) || failed;
    if (failed)
        fprintf(stderr, "%s: cannot be written%s%s\n", path, why.text[0] ? ": " : "", why.text);
    buf_free(&png);
    return failed;
}

int main(int argc, char **argv)
{
    char *end = NULL;
    unsigned columns = argc > 3 ? (unsigned)strtoul(argv[2], &end, 10) : 0;
    unsigned count = argc > 3 ? (unsigned)argc - 3 : 0;
    struct grey sheet = {0};
    if (columns == 0 || columns > 100 || *end) {
        fputs("usage: contact-sheet OUT.png COLUMNS LABEL.png...\n", stderr);
        return 2;
    }
    struct sheet_label *labels = calloc(count, sizeof *labels);
    int failed = labels == NULL;
    for (unsigned i = 0; !failed && i < count; i++)
        failed = read_picture(argv[3 + i], &labels[i]) != 0;
    if (!failed && sheet_lay(labels, count, columns, 1, &sheet) != ERR_NONE) {
        fputs("contact-sheet: the sheet is too large\n", stderr);
        failed = 1;
    }
    failed = failed || write_sheet(&sheet, argv[1]);
    for (unsigned i = 0; labels && i < count; i++)
        bitmap_free(&labels[i].bits);
    free(labels);
    grey_free(&sheet);
    return failed;
}
