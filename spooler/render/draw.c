/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/draw.h"

#include "spooler/base/mm.h"
#include "spooler/render/barcode.h"
#include "spooler/render/text.h"

#include <assert.h>
#include <stdlib.h>

enum err pieces_add(struct pieces *pieces, int64_t x_dots, int64_t y_dots, struct bitmap *bits)
{
    if (pieces->count == pieces->room) {
        size_t room = pieces->room ? pieces->room * 2 : 4;
        struct piece *list = realloc(pieces->list, room * sizeof *list);
        if (!list) {
            bitmap_free(bits);
            return ERR_NO_MEMORY;
        }
        pieces->list = list;
        pieces->room = room;
    }
    pieces->list[pieces->count++] = (struct piece){x_dots, y_dots, *bits};
    *bits = (struct bitmap){0};
    return ERR_NONE;
}

enum err pieces_add_rect(struct pieces *pieces, int64_t x_dots, int64_t y_dots, int64_t width,
                         int64_t height)
{
    if (width > BITMAP_MAX_DOTS || height > BITMAP_MAX_DOTS)
        return ERR_TOO_LARGE;
    struct bitmap bits;
    enum err err = bitmap_new((uint32_t)width, (uint32_t)height, &bits);
    if (err)
        return err;
    bitmap_fill(&bits, 0, 0, width, height);
    return pieces_add(pieces, x_dots, y_dots, &bits);
}

void pieces_free(struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++)
        bitmap_free(&pieces->list[i].bits);
    free(pieces->list);
    *pieces = (struct pieces){0};
}

struct rect piece_rect(const struct piece *piece)
{
    return (struct rect){piece->x_dots, piece->y_dots, piece->bits.width_dots,
                         piece->bits.height_dots};
}

bool rects_meet(const struct rect *a, const struct rect *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
           b->y < a->y + a->height;
}

struct rect rects_common(const struct rect *a, const struct rect *b)
{
    int64_t left = a->x > b->x ? a->x : b->x, top = a->y > b->y ? a->y : b->y;
    int64_t right = a->x + a->width, bottom = a->y + a->height;
    right = right < b->x + b->width ? right : b->x + b->width;
    bottom = bottom < b->y + b->height ? bottom : b->y + b->height;
    return (struct rect){left, top, right > left ? right - left : 0,
                         bottom > top ? bottom - top : 0};
}

static const struct {
    const char *name;
    enum err (*sketch)(const struct canvas *canvas, const struct drawn *drawn,
                       struct sketch *out);
    bool shape; /* strokes and areas that frame or divide what else there is */
} kinds[] = {
    [ELEMENT_TEXT] = {"text", text_sketch, false},
    [ELEMENT_BARCODE] = {"barcode", barcode_sketch, false},
    [ELEMENT_IMAGE] = {"image", image_sketch, false},
    [ELEMENT_BOX] = {"box", box_sketch, true},
    [ELEMENT_LINE] = {"line", line_sketch, true},
    [ELEMENT_ELLIPSE] = {"ellipse", ellipse_sketch, true},
};

bool element_is_shape(enum element_kind kind)
{
    return kinds[kind].shape;
}

struct place element_place(const struct element *element)
{
    return (struct place){
        .line = element->line, .column = element->column, .field = kinds[element->kind].name};
}

bool anchor_is_baseline(enum anchor anchor)
{
    return anchor >= ANCHOR_BASELINE_LEFT;
}

/* The anchors are listed row by row, three a row. */
int anchor_across(enum anchor anchor)
{
    return (int)anchor % 3;
}

int anchor_down(enum anchor anchor)
{
    return anchor_is_baseline(anchor) ? 0 : (int)anchor / 3;
}

int64_t draw_span(int64_t at_um, int64_t um, int part, uint32_t dots_per_m)
{
    int64_t low = at_um - (part == 0 ? 0 : part == 1 ? um / 2 : um);
    return dots_from_um(low + um, dots_per_m) - dots_from_um(low, dots_per_m);
}

/* A rectangle of a frame of the size `frame`, where it lies once the frame is turned. */
static struct rect turned(struct rect rect, const struct sketch *frame, int degrees)
{
    int64_t right = frame->width - rect.x - rect.width;
    int64_t bottom = frame->height - rect.y - rect.height;
    switch (degrees) {
    case 90:
        return (struct rect){bottom, rect.x, rect.height, rect.width};
    case 180:
        return (struct rect){right, bottom, rect.width, rect.height};
    case 270:
        return (struct rect){rect.y, right, rect.height, rect.width};
    default:
        return rect;
    }
}

/* Where the turned frame's top left lies on the label. A baseline anchor is a point of the text
 * and turns with it; every other anchor is one of the turned box. */
static void frame_origin(const struct canvas *canvas, const struct element *element,
                         const struct sketch *sketch, int64_t *x, int64_t *y)
{
    int across = anchor_across(element->anchor), down = anchor_down(element->anchor);
    bool upright = element->rotate_degrees % 180 == 0;
    int64_t width = upright ? sketch->width : sketch->height;
    int64_t height = upright ? sketch->height : sketch->width;
    struct rect point = {width * across / 2, height * down / 2, 0, 0};
    if (anchor_is_baseline(element->anchor)) {
        point = (struct rect){sketch->width * across / 2, sketch->baseline, 0, 0};
        point = turned(point, sketch, element->rotate_degrees);
    }
    *x = dots_from_um(element->x_um, canvas->dots_per_m) - point.x;
    *y = dots_from_um(element->y_um, canvas->dots_per_m) - point.y;
}

static enum err turn_and_place(const struct canvas *canvas, const struct element *element,
                               struct sketch *sketch)
{
    int degrees = element->rotate_degrees;
    int64_t x, y;
    frame_origin(canvas, element, sketch, &x, &y);
    for (size_t i = 0; i < sketch->pieces.count; i++) {
        struct piece *piece = &sketch->pieces.list[i];
        struct rect rect = turned(piece_rect(piece), sketch, degrees);
        if (degrees != 0) {
            struct bitmap bits;
            enum err err = bitmap_rotate(&piece->bits, degrees, &bits);
            if (err)
                return err;
            bitmap_free(&piece->bits);
            piece->bits = bits;
        }
        piece->x_dots = x + rect.x;
        piece->y_dots = y + rect.y;
    }
    sketch->clear = turned(sketch->clear, sketch, degrees);
    sketch->clear.x += x;
    sketch->clear.y += y;
    return ERR_NONE;
}

/* How far a rectangle sticks out of the label, on the side where it does so most. */
static int64_t sticks_out(const struct canvas *canvas, struct rect rect, const char **side)
{
    const struct {
        const char *side;
        int64_t dots;
    } sides[] = {
        {"left", -rect.x},
        {"top", -rect.y},
        {"right", rect.x + rect.width - canvas->width_dots},
        {"bottom", rect.y + rect.height - canvas->height_dots},
    };
    int64_t most = 0;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        if (sides[i].dots > most) {
            most = sides[i].dots;
            *side = sides[i].side;
        }
    }
    return most;
}

static enum err check_on_label(const struct canvas *canvas, const struct drawn *drawn,
                               const struct sketch *sketch)
{
    const struct element *element = drawn->element;
    const char *content = drawn->content_len ? drawn->content : NULL;
    const char *side = "";
    int64_t out = sketch->has_clear ? sticks_out(canvas, sketch->clear, &side) : 0;
    if (out > 0)
        return findings_add(
            canvas->findings, SEVERITY_ERROR, "symbol-does-not-fit", element_place(element),
            content, NULL,
            "symbol does not fit: with its quiet zone it sticks out of the label's %s by "
            "%s",
            side, mm_of_dots(out, canvas->dots_per_m).text);
    for (size_t i = 0; i < sketch->pieces.count; i++) {
        out = sticks_out(canvas, piece_rect(&sketch->pieces.list[i]), &side);
        if (out > 0)
            return findings_add(canvas->findings, SEVERITY_ERROR, "off-label",
                                element_place(element), content, NULL,
                                "element sticks out of the label's %s by %s", side,
                                mm_of_dots(out, canvas->dots_per_m).text);
    }
    return ERR_NONE;
}

enum err draw_element(const struct canvas *canvas, const struct drawn *drawn,
                      struct pieces *out, struct rect *clear)
{
    const struct element *element = drawn->element;
    struct sketch sketch = {0};
    enum err err = kinds[element->kind].sketch(canvas, drawn, &sketch);
    if (!err && !sketch.placed)
        err = turn_and_place(canvas, element, &sketch);
    if (!err)
        err = check_on_label(canvas, drawn, &sketch);
    if (err) {
        pieces_free(&sketch.pieces);
        return err;
    }
    *out = sketch.pieces;
    if (clear)
        *clear = sketch.has_clear ? sketch.clear : (struct rect){0};
    return ERR_NONE;
}
