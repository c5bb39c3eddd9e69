/* SPDX-License-Identifier: Apache-2.0 */
/* cut-sheet: finds the labels on a sheet by their paper, which is whiter than the table, and
 * writes each as a picture of its own, so that a reader which takes one symbol a picture can
 * read them. Knows nothing of how sheets are laid. Prints "N X Y WIDTH HEIGHT" for each.
 *
 *   cut-sheet SHEET.png FOLDER
 */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE 0xd8

struct sheet {
    unsigned width, height;
    unsigned char *grey;
    unsigned char *taken;
};

static int is_table(const struct sheet *sheet, unsigned x, unsigned y)
{
    return x >= sheet->width || y >= sheet->height ||
           sheet->grey[y * sheet->width + x] == TABLE;
}

static int write_label(const struct sheet *sheet, unsigned x, unsigned y, unsigned width,
                       unsigned height, const char *path)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = width,
                       .height = height,
                       .format = PNG_FORMAT_GRAY};
    unsigned char *grey = malloc((size_t)width * height);
    if (!grey)
        return 1;
    for (unsigned row = 0; row < height; row++)
        memcpy(grey + (size_t)row * width, sheet->grey + (y + row) * sheet->width + x, width);
    int written = png_image_write_to_file(&image, path, 0, grey, 0, NULL);
    free(grey);
    return !written;
}

/* Paper begins at a pixel that is neither table nor black; captions are black on the table. */
static int cut(struct sheet *sheet, const char *folder)
{
    unsigned count = 0;
    for (unsigned i = 0; i < sheet->width * sheet->height; i++) {
        if (sheet->taken[i] || sheet->grey[i] == TABLE || sheet->grey[i] == 0)
            continue;
        unsigned x = i % sheet->width, y = i / sheet->width, width = 0, height = 0;
        char path[4096];
        while (!is_table(sheet, x + width, y))
            width++;
        while (!is_table(sheet, x, y + height))
            height++;
        for (unsigned row = 0; row < height; row++)
            memset(sheet->taken + (y + row) * sheet->width + x, 1, width);
        snprintf(path, sizeof path, "%s/%03u.png", folder, ++count);
        if (write_label(sheet, x, y, width, height, path))
            return 1;
        printf("%u %u %u %u %u\n", count, x, y, width, height);
    }
    return 0;
}

int main(int argc, char **argv)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (argc != 3) {
        fputs("usage: cut-sheet SHEET.png FOLDER\n", stderr);
        return 2;
    }
    if (!png_image_begin_read_from_file(&image, argv[1])) {
        fprintf(stderr, "%s: %s\n", argv[1], image.message);
        return 1;
    }
    image.format = PNG_FORMAT_GRAY;
    size_t size = PNG_IMAGE_SIZE(image);
    struct sheet sheet = {image.width, image.height, malloc(size), calloc(size, 1)};
    int failed = !sheet.grey || !sheet.taken ||
                 !png_image_finish_read(&image, NULL, sheet.grey, 0, NULL) ||
                 cut(&sheet, argv[2]);
    free(sheet.grey);
    free(sheet.taken);
    return failed;
}
