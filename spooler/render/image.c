/* SPDX-License-Identifier: Apache-2.0 */
/* image.c: a picture of shades becomes dots: scaled by averaging what each dot covers, then
 * made black or white. All in integers, so that the same picture gives the same dots
 * everywhere. */
#include "spooler/render/draw.h"

#include <stdlib.h>
#include <string.h>

/* The picture at the size in dots, one shade a dot. */
struct scaled {
    int64_t width, height;
    uint8_t *shades;
};

/* Sides in um; one that is not given follows from the other and from the picture's proportions.
 */
static void sides_um(const struct element *element, int64_t *width, int64_t *height)
{
    int64_t across = element->picture->width, down = element->picture->height;
    *width = element->width_um;
    *height = element->height_um;
    if (*width < 0)
        *width = (*height * across + down / 2) / down;
    else if (*height < 0)
        *height = (*width * down + across / 2) / across;
}

/* One row of the picture, averaged to `width` dots: sums of shades, in which each pixel counts
 * by its share of the dot, `width`-ths of it; a dot's shares add up to the picture's width. */
static void squeeze_row(const uint8_t *shades, uint32_t pixels, int64_t width, uint64_t *sums)
{
    for (int64_t x = 0; x < width; x++) {
        int64_t from = x * pixels, to = from + pixels; /* in width-ths of a pixel */
        uint64_t sum = 0;
        for (int64_t at = from; at < to;) {
            int64_t pixel = at / width, end = (pixel + 1) * width;
            int64_t share = (end < to ? end : to) - at;
            sum += (uint64_t)share * shades[pixel];
            at += share;
        }
        sums[x] = sum;
    }
}

static void add_row(uint64_t *to, const uint64_t *from, int64_t count, uint64_t share)
{
    for (int64_t x = 0; x < count; x++)
        to[x] += from[x] * share;
}

/* Rows are averaged like columns: each row of dots from the rows of pixels that it covers. */
static void squeeze(const struct picture *picture, uint64_t *row, uint64_t *sums,
                    struct scaled *out)
{
    int64_t squeezed = -1; /* the row of pixels that `row` holds */
    uint64_t whole = (uint64_t)picture->width * picture->height;
    for (int64_t y = 0; y < out->height; y++) {
        int64_t from = y * picture->height, to = from + picture->height;
        memset(sums, 0, (size_t)out->width * sizeof *sums);
        for (int64_t at = from; at < to;) {
            int64_t pixel = at / out->height, end = (pixel + 1) * out->height;
            int64_t share = (end < to ? end : to) - at;
            if (pixel != squeezed)
                squeeze_row(picture->shades + (size_t)pixel * picture->width, picture->width,
                            out->width, row);
            squeezed = pixel;
            add_row(sums, row, out->width, (uint64_t)share);
            at += share;
        }
        for (int64_t x = 0; x < out->width; x++)
            out->shades[y * out->width + x] = (uint8_t)((sums[x] + whole / 2) / whole);
    }
}

static enum err scale(const struct picture *picture, struct scaled *out)
{
    uint64_t *row = malloc((size_t)out->width * sizeof *row);
    uint64_t *sums = malloc((size_t)out->width * sizeof *sums);
    out->shades = malloc((size_t)(out->width * out->height));
    bool good = row && sums && out->shades;
    if (good)
        squeeze(picture, row, sums, out);
    free(row);
    free(sums);
    return good ? ERR_NONE : ERR_NO_MEMORY;
}

static void threshold(const struct scaled *scaled, int percent, struct bitmap *bits)
{
    for (int64_t y = 0; y < scaled->height; y++)
        for (int64_t x = 0; x < scaled->width; x++)
            if (scaled->shades[y * scaled->width + x] * 100 < 255 * percent)
                bitmap_set(bits, (uint32_t)x, (uint32_t)y);
}

/* Floyd and Steinberg's error diffusion, every other row from right to left so that it leaves
 * no slanted pattern. Errors are counted in sixteenths of a shade. */
static enum err diffuse(const struct scaled *scaled, struct bitmap *bits)
{
    size_t width = (size_t)scaled->width;
    int32_t *errors =
        calloc(2 * (width + 2), sizeof *errors); /* this row's and the next one's */
    if (!errors)
        return ERR_NO_MEMORY;
    int32_t *here = errors + 1, *below = here + width + 2;
    for (int64_t y = 0; y < scaled->height; y++) {
        int64_t step = y % 2 ? -1 : 1, x = y % 2 ? scaled->width - 1 : 0;
        for (; x >= 0 && x < scaled->width; x += step) {
            int32_t shade = scaled->shades[y * scaled->width + x] * 16 + here[x];
            bool black = shade < 128 * 16;
            int32_t error = (shade - (black ? 0 : 255 * 16)) / 16;
            if (black)
                bitmap_set(bits, (uint32_t)x, (uint32_t)y);
            here[x + step] += error * 7;
            below[x - step] += error * 3;
            below[x] += error * 5;
            below[x + step] += error;
        }
        int32_t *used = here;
        here = below;
        below = used;
        memset(below - 1, 0, (width + 2) * sizeof *below);
    }
    free(errors);
    return ERR_NONE;
}

static enum err to_dots(const struct element *element, const struct scaled *scaled,
                        struct bitmap *out)
{
    enum err err = bitmap_new((uint32_t)scaled->width, (uint32_t)scaled->height, out);
    if (err)
        return err;
    if (element->dither == DITHER_THRESHOLD)
        threshold(scaled, element->threshold_percent, out);
    else
        err = diffuse(scaled, out);
    if (err)
        bitmap_free(out);
    return err;
}

/* Only what is black, so that white margins meet nothing; an image that is all white has none.
 */
static enum err add_black(const struct bitmap *bits, struct sketch *out)
{
    uint32_t x, y, width, height;
    struct bitmap crop;
    if (!bitmap_bounds(bits, &x, &y, &width, &height))
        return ERR_NONE;
    enum err err = bitmap_crop(bits, x, y, width, height, &crop);
    return err ? err : pieces_add(&out->pieces, x, y, &crop);
}

enum err image_sketch(const struct canvas *canvas, const struct drawn *drawn,
                      struct sketch *out)
{
    const struct element *element = drawn->element;
    bool upright = element->rotate_degrees % 180 == 0;
    int across = anchor_across(element->anchor), down = anchor_down(element->anchor);
    int64_t width_um, height_um;
    sides_um(element, &width_um, &height_um);
    struct scaled scaled = {
        .width = draw_span(upright ? element->x_um : element->y_um, width_um,
                           upright ? across : down, canvas->dots_per_m),
        .height = draw_span(upright ? element->y_um : element->x_um, height_um,
                            upright ? down : across, canvas->dots_per_m),
    };
    scaled.width += scaled.width == 0;
    scaled.height += scaled.height == 0;
    if (scaled.width > BITMAP_MAX_DOTS || scaled.height > BITMAP_MAX_DOTS)
        return findings_add(canvas->findings, SEVERITY_ERROR, "off-label",
                            element_place(element), NULL, NULL,
                            "image is larger than any label");
    struct bitmap bits;
    enum err err = scale(element->picture, &scaled);
    if (!err)
        err = to_dots(element, &scaled, &bits);
    free(scaled.shades);
    if (err)
        return err;
    out->width = scaled.width;
    out->height = scaled.height;
    err = add_black(&bits, out);
    bitmap_free(&bits);
    return err;
}
