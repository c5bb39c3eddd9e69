/* SPDX-License-Identifier: Apache-2.0 */
#include "canvas.h"

#include <stdlib.h>
#include <string.h>

static size_t canvas_bytes(const struct canvas *canvas)
{
    return (size_t)canvas->row_bytes * canvas->height_dots;
}

struct canvas *canvas_new(uint32_t width_dots, uint32_t height_dots)
{
    uint32_t row_bytes = (width_dots + 7) / 8;
    struct canvas *canvas = calloc(1, sizeof *canvas + (size_t)row_bytes * height_dots);
    if (canvas == NULL)
        return NULL;
    canvas->width_dots = width_dots;
    canvas->height_dots = height_dots;
    canvas->row_bytes = row_bytes;
    return canvas;
}

struct canvas *canvas_copy(const struct canvas *canvas)
{
    struct canvas *copy = canvas_new(canvas->width_dots, canvas->height_dots);
    if (copy != NULL)
        memcpy(copy->dots, canvas->dots, canvas_bytes(canvas));
    return copy;
}

static bool get_dot(const uint8_t *row, uint32_t x)
{
    return row[x / 8] >> (7 - x % 8) & 1;
}

static void put_dot(uint8_t *row, uint32_t x, bool reverse)
{
    uint8_t bit = (uint8_t)(0x80 >> x % 8);
    row[x / 8] = (uint8_t)(reverse ? row[x / 8] ^ bit : row[x / 8] | bit);
}

/* Draws one black dot of the source, magnified; false when any of it fell outside. */
static bool draw_block(struct canvas *canvas, int64_t x, int64_t y, uint32_t wide,
                       uint32_t high, bool reverse)
{
    int64_t left = x < 0 ? 0 : x, top = y < 0 ? 0 : y;
    int64_t right = x + wide > canvas->width_dots ? canvas->width_dots : x + wide;
    int64_t bottom = y + high > canvas->height_dots ? canvas->height_dots : y + high;
    for (int64_t row = top; row < bottom; row++)
        for (int64_t col = left; col < right; col++)
            put_dot(canvas->dots + (size_t)row * canvas->row_bytes, (uint32_t)col, reverse);
    return left == x && top == y && right == x + wide && bottom == y + high;
}

uint64_t canvas_draw(struct canvas *canvas, const struct gfx *gfx, int32_t x, int32_t y,
                     uint32_t magnify_x, uint32_t magnify_y, bool reverse)
{
    uint64_t outside = 0;
    for (uint32_t row = 0; row < gfx->rows; row++) {
        const uint8_t *from = gfx->dots + (size_t)row * gfx->row_bytes;
        for (uint32_t col = 0; col < gfx->row_bytes * 8; col++) {
            if (col % 8 == 0 && from[col / 8] == 0) {
                col += 7;
                continue;
            }
            if (get_dot(from, col) &&
                !draw_block(canvas, (int64_t)col * magnify_x + x, (int64_t)row * magnify_y + y,
                            magnify_x, magnify_y, reverse))
                outside++;
        }
    }
    return outside;
}

static void flip_row(uint8_t *row, uint32_t width_dots)
{
    for (uint32_t left = 0, right = width_dots - 1; left < right; left++, right--) {
        if (get_dot(row, left) != get_dot(row, right)) {
            put_dot(row, left, true);
            put_dot(row, right, true);
        }
    }
}

static void swap_rows(uint8_t *a, uint8_t *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint8_t keep = a[i];
        a[i] = b[i];
        b[i] = keep;
    }
}

void canvas_flip(struct canvas *canvas, bool left_right, bool top_bottom)
{
    uint32_t w = canvas->row_bytes, h = canvas->height_dots;
    for (uint32_t row = 0; left_right && row < h; row++)
        flip_row(canvas->dots + (size_t)row * w, canvas->width_dots);
    for (uint32_t row = 0; top_bottom && row < h / 2; row++)
        swap_rows(canvas->dots + (size_t)row * w, canvas->dots + (size_t)(h - 1 - row) * w, w);
}

uint64_t canvas_black(const struct canvas *canvas)
{
    uint64_t black = 0;
    for (size_t i = 0; i < canvas_bytes(canvas); i++)
        black += (uint64_t)__builtin_popcount(canvas->dots[i]);
    return black;
}

uint64_t canvas_fnv(const struct canvas *canvas)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < canvas_bytes(canvas); i++)
        hash = (hash ^ canvas->dots[i]) * UINT64_C(0x100000001b3);
    return hash;
}

void canvas_blank_from(struct canvas *canvas, uint32_t first_row)
{
    if (first_row < canvas->height_dots)
        memset(canvas->dots + (size_t)first_row * canvas->row_bytes, 0,
               (size_t)(canvas->height_dots - first_row) * canvas->row_bytes);
}
