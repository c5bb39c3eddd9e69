/* SPDX-License-Identifier: Apache-2.0 */
/* contact-sheet: puts label pictures side by side on one PNG, one dot a pixel, like a roll that
 * was cut up and laid on a table.
 *
 *   contact-sheet OUT.png COLUMNS LABEL.png...
 */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP      16   /* pixels of table between labels */
#define TABLE    0xd8 /* grey of the table */
#define SIDE_MAX 20000

struct picture {
    unsigned width, height;
    unsigned char *grey;
};

static int read_picture(const char *path, struct picture *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path)) {
        fprintf(stderr, "%s: %s\n", path, image.message);
        return -1;
    }
    image.format = PNG_FORMAT_GRAY;
    out->grey = image.width <= SIDE_MAX && image.height <= SIDE_MAX
                    ? malloc(PNG_IMAGE_SIZE(image))
                    : NULL;
    if (!out->grey || !png_image_finish_read(&image, NULL, out->grey, 0, NULL)) {
        fprintf(stderr, "%s: cannot be read\n", path);
        png_image_free(&image);
        return -1;
    }
    out->width = image.width;
    out->height = image.height;
    return 0;
}

static void lay(unsigned char *sheet, unsigned sheet_width, const struct picture *picture,
                unsigned x, unsigned y)
{
    for (unsigned row = 0; row < picture->height; row++)
        memcpy(sheet + (size_t)(y + row) * sheet_width + x,
               picture->grey + (size_t)row * picture->width, picture->width);
}

int main(int argc, char **argv)
{
    char *end = NULL;
    unsigned columns = argc > 3 ? (unsigned)strtoul(argv[2], &end, 10) : 0;
    unsigned count = argc > 3 ? (unsigned)argc - 3 : 0;
    if (columns == 0 || columns > 100 || *end) {
        fputs("usage: contact-sheet OUT.png COLUMNS LABEL.png...\n", stderr);
        return 2;
    }
    struct picture *pictures = calloc(count, sizeof *pictures);
    unsigned cell_width = 0, cell_height = 0, rows = (count + columns - 1) / columns;
    for (unsigned i = 0; i < count; i++) {
        if (!pictures || read_picture(argv[3 + i], &pictures[i]) != 0)
            return 1;
        cell_width = pictures[i].width > cell_width ? pictures[i].width : cell_width;
        cell_height = pictures[i].height > cell_height ? pictures[i].height : cell_height;
    }
    png_image sheet = {.version = PNG_IMAGE_VERSION,
                       .width = columns * (cell_width + GAP) + GAP,
                       .height = rows * (cell_height + GAP) + GAP,
                       .format = PNG_FORMAT_GRAY};
    unsigned char *grey = sheet.width <= SIDE_MAX && sheet.height <= 4 * SIDE_MAX
                              ? malloc(PNG_IMAGE_SIZE(sheet))
                              : NULL;
    if (!grey)
        return 1;
    memset(grey, TABLE, PNG_IMAGE_SIZE(sheet));
    for (unsigned i = 0; i < count; i++)
        lay(grey, sheet.width, &pictures[i], GAP + i % columns * (cell_width + GAP),
            GAP + i / columns * (cell_height + GAP));
    int written = png_image_write_to_file(&sheet, argv[1], 0, grey, 0, NULL);
    for (unsigned i = 0; i < count; i++)
        free(pictures[i].grey);
    free(pictures);
    free(grey);
    if (!written)
        fprintf(stderr, "%s: %s\n", argv[1], sheet.message);
    return written ? 0 : 1;
}
