/* SPDX-License-Identifier: Apache-2.0 */
/* maxicode.c: MaxiCode's hexagons and rings as dots (ISO/IEC 16023:2000, 4.11 and figure 8).
 *
 * W, from the middle of a hexagon to its neighbour's, is a whole number of dots; rows lie W x
 * sqrt(3)/2 apart, which is none, so that a hexagon's outline differs by a dot from row to row.
 * A dot is black when its middle is. All in thousandths of a dot, without floating point. */
#include "spooler/render/maxicode.h"

#include <zint.h>

#define ROWS 33
/* Hundred thousandths: sqrt(3)/2, 1/sqrt(3), 1/(2 sqrt(3)). */
#define PITCH 86603
#define TALL  57735
#define PARTS 100000

/* Of W: the rings' outer and inner radii (zint's vectors give the same: three rings of 0.7845 W
 * around 8.215, 5.077 and 1.939 W). */
static const struct {
    int64_t outer, inner;
} rings[] = {{450000, 371546}, {293095, 214641}, {136195, 57741}};

static int64_t distance(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

int64_t maxicode_width(int64_t module)
{
    return 30 * module;
}

int64_t maxicode_height(int64_t module)
{
    return (((ROWS - 1) * PITCH + 2 * TALL) * module + PARTS - 1) / PARTS;
}

/* x, y: the middle; points above and below, flat sides. */
static void draw_hexagon(struct bitmap *bits, int64_t module, int64_t x, int64_t y)
{
    int64_t wide = module * 1000, tall = wide * TALL / PARTS;
    for (int64_t row = (y - tall) / 1000; row <= (y + tall) / 1000; row++)
        for (int64_t column = (x - wide / 2) / 1000; column <= (x + wide / 2) / 1000;
             column++) {
            int64_t dx = distance(column * 1000 + 500, x), dy = distance(row * 1000 + 500, y);
            bool inside = 2 * dx <= wide && dy + dx * TALL / PARTS <= tall;
            if (inside && row >= 0 && row < bits->height_dots && column < bits->width_dots)
                bitmap_set(bits, (uint32_t)column, (uint32_t)row);
        }
}

static void draw_rings(struct bitmap *bits, int64_t module)
{
    int64_t wide = module * 1000, x = wide * 29 / 2;
    int64_t y = wide * (16 * PITCH + TALL) / PARTS;
    for (uint32_t row = 0; row < bits->height_dots; row++)
        for (uint32_t column = 0; column < bits->width_dots; column++) {
            int64_t dx = column * INT64_C(1000) + 500 - x, dy = row * INT64_C(1000) + 500 - y;
            int64_t square = dx * dx + dy * dy;
            for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
                int64_t outer = rings[i].outer * wide / PARTS;
                int64_t inner = rings[i].inner * wide / PARTS;
                if (square <= outer * outer && square >= inner * inner)
                    bitmap_set(bits, column, row);
            }
        }
}

void maxicode_draw(const struct zint_symbol *symbol, int64_t module, struct bitmap *bits)
{
    int64_t wide = module * 1000;
    for (int row = 0; row < symbol->rows; row++)
        for (int column = 0; column < symbol->width; column++) {
            bool black = symbol->encoded_data[row][column >> 3] >> (column & 7) & 1;
            if (black)
                draw_hexagon(bits, module, column * wide + wide / 2 + row % 2 * wide / 2,
                             wide * (row * PITCH + TALL) / PARTS);
        }
    draw_rings(bits, module);
}
