/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/picture.h"

#include <png.h>

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* Signature, length and type of IHDR, width, height. */
#define HEAD_BYTES 24

/* What the decoder reads from and writes to; reached through pointers, so that nothing that
 * setjmp could clobber lives in registers. */
struct decoding {
    const uint8_t *bytes;
    size_t len, at;
    struct why *why;
    uint8_t *rgba; /* the whole picture: interlaced ones come in seven passes */
    png_bytep *rows;
};

static void take_bytes(png_structp png, png_bytep out, png_size_t len)
{
    struct decoding *decoding = png_get_io_ptr(png);
    if (len > decoding->len - decoding->at)
        png_error(png, "the file ends too early"); /* jumps */
    memcpy(out, decoding->bytes + decoding->at, len);
    decoding->at += len;
}

static void note_error(png_structp png, png_const_charp text)
{
    struct decoding *decoding = png_get_error_ptr(png);
    err_set(decoding->why, ERR_INPUT, "the PNG is damaged: %s", text);
    png_longjmp(png, 1);
}

static void say_nothing(png_structp png, png_const_charp text)
{
    (void)png, (void)text; /* libpng would print warnings on stderr */
}

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Before libpng sees it, so that a person reads the size and not a library's words. */
static enum err check_head(const uint8_t *bytes, size_t len, struct picture *out,
                           struct why *why)
{
    if (len < HEAD_BYTES || png_sig_cmp(bytes, 0, 8) != 0 || memcmp(bytes + 12, "IHDR", 4) != 0)
        return err_set(why, ERR_INPUT, "not a PNG");
    uint32_t width = be32(bytes + 16), height = be32(bytes + 20);
    if (width == 0 || height == 0)
        return err_set(why, ERR_INPUT, "a PNG without pixels");
    if (width > PICTURE_MAX_SIDE || height > PICTURE_MAX_SIDE ||
        (uint64_t)width * height > PICTURE_MAX_PIXELS)
        return err_set(why, ERR_INPUT,
                       "a PNG of %u x %u pixels is too large; at most %d a side, %d in all",
                       width, height, PICTURE_MAX_SIDE, PICTURE_MAX_PIXELS);
    out->width = width;
    out->height = height;
    return ERR_NONE;
}

/* To eight bits of red, green, blue and alpha, whatever the file holds. */
static void read_pixels(png_structp png, png_infop info, struct decoding *decoding)
{
    png_set_read_fn(png, decoding, take_bytes);
    png_set_user_limits(png, PICTURE_MAX_SIDE, PICTURE_MAX_SIDE);
    png_set_benign_errors(png, 0); /* too many pixels are a lie, too */
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, info);
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    png_read_image(png, decoding->rows);
    png_read_end(png, NULL);
}

static enum err decode(struct decoding *decoding, uint32_t width, uint32_t height)
{
    for (uint32_t y = 0; y < height; y++)
        decoding->rows[y] = decoding->rgba + (size_t)y * width * 4;
    png_structp png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, decoding, note_error, say_nothing);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_read_struct(&png, NULL, NULL);
        return err_set(decoding->why, ERR_NO_MEMORY, "out of memory for a PNG");
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, NULL);
        return ERR_INPUT; /* note_error said why */
    }
    read_pixels(png, info, decoding);
    png_destroy_read_struct(&png, &info, NULL);
    return ERR_NONE;
}

static uint8_t shade(const uint8_t *rgba)
{
    uint32_t luma = (2126u * rgba[0] + 7152u * rgba[1] + 722u * rgba[2] + 5000) / 10000;
    return (uint8_t)((luma * rgba[3] + 255u * (255u - rgba[3]) + 127) / 255);
}

enum err picture_decode(const uint8_t *bytes, size_t len, struct picture *out, struct why *why)
{
    struct picture picture = {0};
    struct decoding decoding = {.bytes = bytes, .len = len, .why = why};
    enum err err = check_head(bytes, len, &picture, why);
    if (err)
        return err;
    size_t pixels = (size_t)picture.width * picture.height;
    decoding.rgba = malloc(pixels * 4);
    decoding.rows = calloc(picture.height, sizeof *decoding.rows);
    picture.shades = malloc(pixels);
    if (!decoding.rgba || !decoding.rows || !picture.shades)
        err = err_set(why, ERR_NO_MEMORY, "out of memory for a PNG of %u x %u pixels",
                      picture.width, picture.height);
    if (!err)
        err = decode(&decoding, picture.width, picture.height);
    for (size_t i = 0; !err && i < pixels; i++)
        picture.shades[i] = shade(decoding.rgba + 4 * i);
    free(decoding.rgba);
    free(decoding.rows);
    if (err)
        picture_free(&picture);
    else
        *out = picture;
    return err;
}

void picture_free(struct picture *picture)
{
    if (!picture)
        return;
    free(picture->shades);
    *picture = (struct picture){0};
}
