/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/sheet.h"

#include <stdlib.h>
#include <string.h>

#define GAP_PX     16 /* of table between labels */
#define CAPTION_PX 4  /* of table between a label and its caption */
#define TABLE      0xd8
#define CROSS      0x80

/* ---- grey pictures -------------------------------------------------------------------- */

static enum err grey_new(uint64_t width_px, uint64_t height_px, uint8_t value, struct grey *out)
{
    if (width_px == 0 || height_px == 0)
        return ERR_INPUT;
    if (width_px > SHEET_MAX_PIXELS || height_px > SHEET_MAX_PIXELS / width_px)
        return ERR_TOO_LARGE;
    uint8_t *pixels = malloc(width_px * height_px);
    if (!pixels)
        return ERR_NO_MEMORY;
    memset(pixels, value, width_px * height_px);
    *out = (struct grey){(uint32_t)width_px, (uint32_t)height_px, pixels};
    return ERR_NONE;
}

void grey_free(struct grey *grey)
{
    if (!grey)
        return;
    free(grey->pixels);
    *grey = (struct grey){0};
}

/* The nearest dot for each pixel: with a whole factor every dot becomes as many pixels. */
static void put_bitmap(const struct bitmap *bitmap, struct grey *to, uint32_t x, uint32_t y,
                       uint32_t width_px, uint32_t height_px, uint8_t paper)
{
    for (uint32_t row = 0; row < height_px; row++) {
        uint32_t from = (uint32_t)((uint64_t)row * bitmap->height_dots / height_px);
        uint8_t *line = to->pixels + (size_t)(y + row) * to->width_px + x;
        for (uint32_t column = 0; column < width_px; column++) {
            uint32_t dot = (uint32_t)((uint64_t)column * bitmap->width_dots / width_px);
            line[column] = bitmap_get(bitmap, dot, from) ? 0 : paper;
        }
    }
}

enum err grey_from_bitmap(const struct bitmap *bitmap, struct grey *out)
{
    enum err err = grey_new(bitmap->width_dots, bitmap->height_dots, 255, out);
    if (!err)
        put_bitmap(bitmap, out, 0, 0, bitmap->width_dots, bitmap->height_dots, 255);
    return err;
}

static uint8_t average(const struct grey *from, uint32_t x, uint32_t y, uint32_t factor)
{
    uint64_t sum = 0, count = 0;
    for (uint32_t row = y; row < y + factor && row < from->height_px; row++) {
        for (uint32_t column = x; column < x + factor && column < from->width_px; column++) {
            sum += from->pixels[(size_t)row * from->width_px + column];
            count++;
        }
    }
    return (uint8_t)(sum / count);
}

enum err grey_shrink(const struct grey *from, uint32_t factor, struct grey *out)
{
    enum err err = grey_new((from->width_px + factor - 1) / factor,
                            (from->height_px + factor - 1) / factor, 255, out);
    for (uint32_t y = 0; !err && y < out->height_px; y++) {
        for (uint32_t x = 0; x < out->width_px; x++)
            out->pixels[(size_t)y * out->width_px + x] =
                average(from, x * factor, y * factor, factor);
    }
    return err;
}

/* ---- the sheet ------------------------------------------------------------------------ */

struct cells {
    uint64_t width_px, height_px;
    size_t columns, rows;
};

static struct cells measure(const struct sheet_label *labels, size_t count)
{
    struct cells cells = {0};
    for (size_t i = 0; i < count; i++) {
        const struct sheet_label *label = &labels[i];
        uint64_t width = label->width_px, height = label->height_px;
        if (label->caption.bits) {
            width = label->caption.width_dots > width ? label->caption.width_dots : width;
            height += CAPTION_PX + label->caption.height_dots;
        }
        cells.width_px = width > cells.width_px ? width : cells.width_px;
        cells.height_px = height > cells.height_px ? height : cells.height_px;
    }
    cells.width_px += GAP_PX;
    cells.height_px += GAP_PX;
    return cells;
}

/* The fewest columns with which the sheet is at least 4 to 3. */
static size_t fitting_columns(const struct cells *cells, size_t count, size_t group)
{
    size_t columns = group;
    while (columns < count) {
        uint64_t rows = (count + columns - 1) / columns;
        if (columns * cells->width_px * 3 >= rows * cells->height_px * 4)
            break;
        columns += group;
    }
    return columns;
}

/* Two lines from corner to corner, three pixels wide. */
static void cross_out(struct grey *sheet, uint32_t x, uint32_t y, uint32_t width,
                      uint32_t height)
{
    uint32_t longer = width > height ? width : height;
    for (uint32_t i = 0; i < longer; i++) {
        uint32_t across = (uint32_t)((uint64_t)i * width / longer);
        uint32_t down = (uint32_t)((uint64_t)i * height / longer);
        for (uint32_t n = 0; n < 3 && across + n < width; n++) {
            sheet->pixels[(size_t)(y + down) * sheet->width_px + x + across + n] = CROSS;
            sheet->pixels[(size_t)(y + height - 1 - down) * sheet->width_px + x + across + n] =
                CROSS;
        }
    }
}

static void lay_one(const struct sheet_label *label, struct grey *sheet, uint32_t x, uint32_t y)
{
    for (uint32_t row = 0; row < label->height_px; row++)
        memset(sheet->pixels + (size_t)(y + row) * sheet->width_px + x, 255, label->width_px);
    if (label->bits.bits)
        put_bitmap(&label->bits, sheet, x, y, label->width_px, label->height_px, 255);
    if (label->crossed)
        cross_out(sheet, x, y, label->width_px, label->height_px);
    if (label->caption.bits)
        put_bitmap(&label->caption, sheet, x, y + label->height_px + CAPTION_PX,
                   label->caption.width_dots, label->caption.height_dots, TABLE);
}

enum err sheet_lay(const struct sheet_label *labels, size_t count, size_t columns, size_t group,
                   struct grey *out)
{
    struct cells cells = measure(labels, count);
    if (count == 0)
        return ERR_INPUT;
    cells.columns = columns ? columns : fitting_columns(&cells, count, group ? group : 1);
    cells.columns = cells.columns < count ? cells.columns : count;
    cells.rows = (count + cells.columns - 1) / cells.columns;
    struct grey sheet;
    enum err err = grey_new(cells.columns * cells.width_px + GAP_PX,
                            cells.rows * cells.height_px + GAP_PX, TABLE, &sheet);
    if (err)
        return err;
    for (size_t i = 0; i < count; i++)
        lay_one(&labels[i], &sheet, (uint32_t)(GAP_PX + i % cells.columns * cells.width_px),
                (uint32_t)(GAP_PX + i / cells.columns * cells.height_px));
    *out = sheet;
    return ERR_NONE;
}
