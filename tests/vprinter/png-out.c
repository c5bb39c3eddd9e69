/* SPDX-License-Identifier: Apache-2.0 */
#include "png-out.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <unistd.h>

static bool write_png(FILE *file, const struct canvas *canvas, uint32_t dots_per_m)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    if (info == NULL || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_init_io(png, file);
    png_set_compression_level(png, 2);
    png_set_filter(png, 0, PNG_FILTER_NONE);
    png_set_IHDR(png, info, canvas->width_dots, canvas->height_dots, 1, PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_pHYs(png, info, dots_per_m, dots_per_m, PNG_RESOLUTION_METER);
    png_write_info(png, info);
    png_set_invert_mono(png);
    for (uint32_t row = 0; row < canvas->height_dots; row++)
        png_write_row(png, canvas->dots + (size_t)row * canvas->row_bytes);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return true;
}

bool png_out(const char *path, const struct canvas *canvas, uint32_t dots_per_m)
{
    FILE *file = fopen(path, "wbe");
    if (file == NULL)
        return false;
    bool ok = write_png(file, canvas, dots_per_m);
    if (fclose(file) != 0)
        ok = false;
    if (!ok)
        (void)unlink(path); /* it is of no use, and the caller reports the failure */
    return ok;
}
