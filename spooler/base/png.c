/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/png.h"

#include <png.h>

#include <setjmp.h>

static void add_bytes(png_structp png, png_bytep bytes, png_size_t len)
{
    struct buf *out = png_get_io_ptr(png);
    buf_add(out, bytes, len);
    if (buf_err(out))
        png_error(png, "no room"); /* jumps: libpng has no other way to be stopped */
}

static void flush_nothing(png_structp png)
{
    (void)png; /* libpng wants a function; the buffer needs none */
}

static void say_nothing(png_structp png, png_const_charp text)
{
    (void)png, (void)text; /* libpng would print warnings on stderr, which CUPS reads */
}

/* Rows of pixels as libpng takes them. */
struct picture {
    uint32_t width, height, per_m;
    int bits;
    const uint8_t *rows;
    size_t stride;
};

/* Nothing that setjmp could clobber lives here: all is in parameters that do not change. */
static enum err write_rows(png_structp png, png_infop info, const struct picture *picture,
                           struct buf *out, struct why *why)
{
    if (setjmp(png_jmpbuf(png)))
        return err_set(why, buf_err(out) ? buf_err(out) : ERR_NO_MEMORY,
                       "PNG of %u x %u dots does not fit in memory", picture->width,
                       picture->height);
    png_set_write_fn(png, out, add_bytes, flush_nothing);
    png_set_IHDR(png, info, picture->width, picture->height, picture->bits, PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 6);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    if (picture->per_m > 0)
        png_set_pHYs(png, info, picture->per_m, picture->per_m, PNG_RESOLUTION_METER);
    png_write_info(png, info);
    if (picture->bits == 1)
        png_set_invert_mono(png); /* ours: 1 = black; grey of a PNG: 0 = black */
    for (uint32_t y = 0; y < picture->height; y++)
        png_write_row(png, picture->rows + (size_t)y * picture->stride);
    png_write_end(png, info);
    return ERR_NONE;
}

static enum err write_picture(const struct picture *picture, struct buf *out, struct why *why)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, say_nothing);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    enum err err = info ? write_rows(png, info, picture, out, why)
                        : err_set(why, ERR_NO_MEMORY, "out of memory for a PNG");
    png_destroy_write_struct(&png, &info);
    return err;
}

enum err png_encode(const struct bitmap *bitmap, uint32_t dots_per_m, struct buf *out,
                    struct why *why)
{
    struct picture picture = {.width = bitmap->width_dots,
                              .height = bitmap->height_dots,
                              .per_m = dots_per_m,
                              .bits = 1,
                              .rows = bitmap->bits,
                              .stride = bitmap->stride};
    return write_picture(&picture, out, why);
}

enum err png_encode_grey(const struct grey *grey, uint32_t px_per_m, struct buf *out,
                         struct why *why)
{
    struct picture picture = {.width = grey->width_px,
                              .height = grey->height_px,
                              .per_m = px_per_m,
                              .bits = 8,
                              .rows = grey->pixels,
                              .stride = grey->width_px};
    return write_picture(&picture, out, why);
}
