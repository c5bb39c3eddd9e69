/* SPDX-License-Identifier: Apache-2.0 */
/* same-dots: how many pixels differ between two PNGs (files may differ where pixels do not:
 * another zlib packs otherwise). Exit status 0: none; 1: some, or another size; 2: not
 * readable.
 *
 *   same-dots A.png B.png
 */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char *read_grey(const char *path, png_image *image)
{
    *image = (png_image){.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(image, path)) {
        fprintf(stderr, "%s: %s\n", path, image->message);
        return NULL;
    }
    image->format = PNG_FORMAT_GRAY;
    unsigned char *grey = malloc(PNG_IMAGE_SIZE(*image));
    if (!grey || !png_image_finish_read(image, NULL, grey, 0, NULL)) {
        fprintf(stderr, "%s: cannot be read\n", path);
        png_image_free(image);
        free(grey);
        return NULL;
    }
    return grey;
}

int main(int argc, char **argv)
{
    png_image one, other;
    if (argc != 3) {
        fputs("usage: same-dots A.png B.png\n", stderr);
        return 2;
    }
    unsigned char *a = read_grey(argv[1], &one), *b = read_grey(argv[2], &other);
    int code = a && b ? 0 : 2;
    if (code == 0 && (one.width != other.width || one.height != other.height)) {
        printf("%u x %u and %u x %u pixels\n", one.width, one.height, other.width,
               other.height);
        code = 1;
    } else if (code == 0) {
        size_t count = (size_t)one.width * one.height, differ = 0;
        for (size_t i = 0; i < count; i++)
            differ += a[i] != b[i];
        printf("%zu of %zu pixels differ\n", differ, count);
        code = differ > 0;
    }
    free(a);
    free(b);
    return code;
}
