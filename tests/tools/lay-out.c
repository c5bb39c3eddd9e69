/* SPDX-License-Identifier: Apache-2.0 */
/* lay-out: puts label pictures on one PNG, one dot a pixel, like labels cut off their
 * rolls and laid on a table: one below the other, a new column when the next would be lower
 * than HEIGHT.
 *
 *   lay-out OUT.png HEIGHT LABEL.png...
 */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP      16   /* pixels of table between labels */
#define TABLE    0xd8 /* grey of the table */
#define CORNER   8    /* radius of the labels' corners; no label prints there */
#define SIDE_MAX 20000

struct picture {
    unsigned width, height, x, y;
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

/* Places all pictures; gives the sheet's size. */
static void arrange(struct picture *pictures, unsigned count, unsigned most, unsigned *width,
                    unsigned *height)
{
    unsigned x = GAP, y = GAP, column = 0;
    *height = 0;
    for (unsigned i = 0; i < count; i++) {
        struct picture *picture = &pictures[i];
        if (y > GAP && y - GAP + picture->height > most) {
            x += column + GAP;
            y = GAP;
            column = 0;
        }
        picture->x = x;
        picture->y = y;
        y += picture->height + GAP;
        column = picture->width > column ? picture->width : column;
        *height = y > *height ? y : *height;
    }
    *width = x + column + GAP;
}

/* A die leaves rounded corners. */
static int is_cut(const struct picture *picture, unsigned x, unsigned y)
{
    unsigned left = x < picture->width - 1 - x ? x : picture->width - 1 - x;
    unsigned above = y < picture->height - 1 - y ? y : picture->height - 1 - y;
    if (left >= CORNER || above >= CORNER)
        return 0;
    unsigned across = CORNER - left, down = CORNER - above;
    return across * across + down * down > CORNER * CORNER;
}

static void lay(unsigned char *sheet, unsigned sheet_width, const struct picture *picture)
{
    for (unsigned y = 0; y < picture->height; y++)
        for (unsigned x = 0; x < picture->width; x++)
            if (!is_cut(picture, x, y))
                sheet[(size_t)(picture->y + y) * sheet_width + picture->x + x] =
                    picture->grey[(size_t)y * picture->width + x];
}

static int write_sheet(const char *path, const struct picture *pictures, unsigned count,
                       unsigned width, unsigned height)
{
    png_image sheet = {.version = PNG_IMAGE_VERSION,
                       .width = width,
                       .height = height,
                       .format = PNG_FORMAT_GRAY};
    unsigned char *grey =
        width <= SIDE_MAX && height <= SIDE_MAX ? malloc(PNG_IMAGE_SIZE(sheet)) : NULL;
    if (!grey) {
        fprintf(stderr, "%s: a sheet of %u x %u pixels is too large\n", path, width, height);
        return -1;
    }
    memset(grey, TABLE, PNG_IMAGE_SIZE(sheet));
    for (unsigned i = 0; i < count; i++)
        lay(grey, width, &pictures[i]);
    int written = png_image_write_to_file(&sheet, path, 0, grey, 0, NULL);
    if (!written)
        fprintf(stderr, "%s: %s\n", path, sheet.message);
    free(grey);
    return written ? 0 : -1;
}

int main(int argc, char **argv)
{
    char *end = NULL;
    unsigned long most = argc > 3 ? strtoul(argv[2], &end, 10) : 0;
    unsigned count = argc > 3 ? (unsigned)argc - 3 : 0, width = 0, height = 0;
    if (most == 0 || most > SIDE_MAX || *end) {
        fputs("usage: lay-out OUT.png HEIGHT LABEL.png...\n", stderr);
        return 2;
    }
    struct picture *pictures = calloc(count, sizeof *pictures);
    int failed = pictures ? 0 : -1;
    for (unsigned i = 0; i < count && !failed; i++)
        failed = read_picture(argv[3 + i], &pictures[i]);
    if (!failed) {
        arrange(pictures, count, (unsigned)most, &width, &height);
        failed = write_sheet(argv[1], pictures, count, width, height);
    }
    for (unsigned i = 0; pictures && i < count; i++)
        free(pictures[i].grey);
    free(pictures);
    return failed ? 1 : 0;
}
