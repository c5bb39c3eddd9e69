/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/draw.h"

#include <stdlib.h>

static int64_t at_least_one(int64_t dots)
{
    return dots > 0 ? dots : 1;
}

/* Left and right edge of a side that is held at `at_um` by its low end, middle or high end. */
static void edges(int64_t at_um, int64_t um, int part, uint32_t dots_per_m, int64_t *low,
                  int64_t *size)
{
    int64_t low_um = at_um - (part == 0 ? 0 : part == 1 ? um / 2 : um);
    *low = dots_from_um(low_um, dots_per_m);
    *size = at_least_one(draw_span(at_um, um, part, dots_per_m));
}

/* Where a shape with width and height lies: its edges are rounded, its stroke is a thickness,
 * the same number of dots on all sides. */
struct outline {
    int64_t x, y, width, height, stroke;
    bool filled; /* or so thin that the stroke fills it */
};

static struct outline outline_of(const struct canvas *canvas, const struct element *element)
{
    bool upright = element->rotate_degrees % 180 == 0;
    int64_t width_um = upright ? element->width_um : element->height_um;
    int64_t height_um = upright ? element->height_um : element->width_um;
    struct outline out;
    edges(element->x_um, width_um, anchor_across(element->anchor), canvas->dots_per_m, &out.x,
          &out.width);
    edges(element->y_um, height_um, anchor_down(element->anchor), canvas->dots_per_m, &out.y,
          &out.height);
    out.stroke = at_least_one(dots_from_um(element->stroke_um, canvas->dots_per_m));
    out.filled = element->filled || out.stroke * 2 >= out.width || out.stroke * 2 >= out.height;
    return out;
}

static enum err has_size(const struct canvas *canvas, const struct element *element)
{
    if (element->width_um >= 0 && element->height_um >= 0)
        return ERR_NONE;
    return findings_add(canvas->findings, SEVERITY_ERROR, "no-size", element_place(element),
                        NULL, "width and height", "it needs its width and its height");
}

enum err box_sketch(const struct canvas *canvas, const struct drawn *drawn, struct sketch *out)
{
    if (has_size(canvas, drawn->element) != ERR_NONE)
        return ERR_INPUT;
    struct outline box = outline_of(canvas, drawn->element);
    out->placed = true;
    if (box.filled)
        return pieces_add_rect(&out->pieces, box.x, box.y, box.width, box.height);
    const struct rect sides[] = {
        {box.x, box.y, box.width, box.stroke},
        {box.x, box.y + box.height - box.stroke, box.width, box.stroke},
        {box.x, box.y + box.stroke, box.stroke, box.height - 2 * box.stroke},
        {box.x + box.width - box.stroke, box.y + box.stroke, box.stroke,
         box.height - 2 * box.stroke},
    };
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        enum err err = pieces_add_rect(&out->pieces, sides[i].x, sides[i].y, sides[i].width,
                                       sides[i].height);
        if (err)
            return err;
    }
    return ERR_NONE;
}

/* Where a row of dots, whose middle lies `twice_y` half dots below the ellipse's, enters it:
 * the first dot from the left whose middle is inside; `width` when none is. Middles and axes
 * are counted in half dots, so that all is integers: (2x + 1 - w)^2 h^2 + (twice_y)^2 w^2 <=
 * w^2 h^2. */
static int64_t first_inside(int64_t width, int64_t height, int64_t twice_y)
{
    int64_t low = 0, high = width;
    int64_t room = (height * height - twice_y * twice_y) * width * width;
    while (low < high) {
        int64_t x = low + (high - low) / 2, across = 2 * x + 1 - width;
        bool inside = across >= 0 || across * across * height * height <= room;
        if (inside)
            high = x;
        else
            low = x + 1;
    }
    return low * 2 < width ? low : width;
}

/* The dots of one row: black between the outer and the inner ellipse. */
static void ellipse_row(const struct outline *ellipse, int64_t row, struct bitmap *bits)
{
    int64_t twice_y = 2 * row + 1 - ellipse->height;
    int64_t left = first_inside(ellipse->width, ellipse->height, twice_y);
    int64_t inner_width = ellipse->width - 2 * ellipse->stroke;
    int64_t inner_height = ellipse->height - 2 * ellipse->stroke;
    if (left == ellipse->width)
        return;
    bitmap_fill(bits, left, row, ellipse->width - 2 * left, 1);
    if (ellipse->filled || twice_y <= -inner_height || twice_y >= inner_height)
        return;
    int64_t hole = ellipse->stroke + first_inside(inner_width, inner_height, twice_y);
    if (hole * 2 >= ellipse->width)
        return;
    uint8_t *line = bits->bits + (size_t)row * bits->stride;
    for (int64_t x = hole; x < ellipse->width - hole; x++)
        line[x / 8] &= (uint8_t) ~(0x80 >> x % 8);
}

enum err ellipse_sketch(const struct canvas *canvas, const struct drawn *drawn,
                        struct sketch *out)
{
    if (has_size(canvas, drawn->element) != ERR_NONE)
        return ERR_INPUT;
    struct outline ellipse = outline_of(canvas, drawn->element);
    struct bitmap bits;
    out->placed = true;
    if (ellipse.width > BITMAP_MAX_DOTS || ellipse.height > BITMAP_MAX_DOTS)
        return findings_add(canvas->findings, SEVERITY_ERROR, "off-label",
                            element_place(drawn->element), NULL, NULL,
                            "ellipse is larger than any label");
    enum err err = bitmap_new((uint32_t)ellipse.width, (uint32_t)ellipse.height, &bits);
    if (err)
        return err;
    for (int64_t row = 0; row < ellipse.height; row++)
        ellipse_row(&ellipse, row, &bits);
    return pieces_add(&out->pieces, ellipse.x, ellipse.y, &bits);
}

/* A dot is black when its middle lies within half a stroke of the line and between its ends.
 * All in thousandths of a dot, integers: floating point differs between machines. */
static void draw_slanted(struct bitmap *bits, int64_t x0, int64_t y0, int64_t x1, int64_t y1,
                         int64_t stroke)
{
    int64_t dx = x1 - x0, dy = y1 - y0;
    __int128 length2 = (__int128)dx * dx + (__int128)dy * dy;
    for (uint32_t row = 0; row < bits->height_dots; row++) {
        for (uint32_t column = 0; column < bits->width_dots; column++) {
            int64_t px = (int64_t)column * 1000 + 500 - x0;
            int64_t py = (int64_t)row * 1000 + 500 - y0;
            __int128 along = (__int128)px * dx + (__int128)py * dy;
            __int128 away = (__int128)px * dy - (__int128)py * dx;
            if (along >= 0 && along <= length2 &&
                4 * away * away <= (__int128)stroke * stroke * length2)
                bitmap_set(bits, column, row);
        }
    }
}

static enum err slanted_sketch(const struct canvas *canvas, const struct element *element,
                               int64_t stroke, struct sketch *out)
{
    uint32_t dpm = canvas->dots_per_m;
    int64_t x0 = dots_from_um(element->x_um, dpm), y0 = dots_from_um(element->y_um, dpm);
    int64_t x1 = dots_from_um(element->to_x_um, dpm), y1 = dots_from_um(element->to_y_um, dpm);
    int64_t left = (x0 < x1 ? x0 : x1) - stroke, top = (y0 < y1 ? y0 : y1) - stroke;
    int64_t width = llabs(x1 - x0) + 2 * stroke, height = llabs(y1 - y0) + 2 * stroke;
    if (width > BITMAP_MAX_DOTS || height > BITMAP_MAX_DOTS)
        return findings_add(canvas->findings, SEVERITY_ERROR, "off-label",
                            element_place(element), NULL, NULL,
                            "line is longer than any label");
    struct bitmap bits, crop;
    enum err err = bitmap_new((uint32_t)width, (uint32_t)height, &bits);
    if (err)
        return err;
    draw_slanted(&bits, (x0 - left) * 1000, (y0 - top) * 1000, (x1 - left) * 1000,
                 (y1 - top) * 1000, stroke * 1000);
    uint32_t x, y, w, h;
    if (bitmap_bounds(&bits, &x, &y, &w, &h)) {
        err = bitmap_crop(&bits, x, y, w, h, &crop);
        if (!err)
            err = pieces_add(&out->pieces, left + x, top + y, &crop);
    }
    bitmap_free(&bits);
    return err;
}

/* The stroke lies on both sides of a line from `at` to `to`; its ends are cut square. */
enum err line_sketch(const struct canvas *canvas, const struct drawn *drawn, struct sketch *out)
{
    const struct element *element = drawn->element;
    uint32_t dpm = canvas->dots_per_m;
    int64_t stroke = at_least_one(dots_from_um(element->stroke_um, dpm));
    int64_t half_um = element->stroke_um / 2;
    int64_t x0 = element->x_um, x1 = element->to_x_um;
    int64_t y0 = element->y_um, y1 = element->to_y_um;
    int64_t low_x = x0 < x1 ? x0 : x1, low_y = y0 < y1 ? y0 : y1;
    int64_t x, y, size;
    out->placed = true;
    if (y0 == y1) {
        edges(low_x, llabs(x1 - x0), 0, dpm, &x, &size);
        return pieces_add_rect(&out->pieces, x, dots_from_um(y0 - half_um, dpm), size, stroke);
    }
    if (x0 == x1) {
        edges(low_y, llabs(y1 - y0), 0, dpm, &y, &size);
        return pieces_add_rect(&out->pieces, dots_from_um(x0 - half_um, dpm), y, stroke, size);
    }
    return slanted_sketch(canvas, element, stroke, out);
}
