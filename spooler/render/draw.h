/* SPDX-License-Identifier: Apache-2.0 */
/* draw.h: one element of one label becomes black pieces on the label (inside of render/).
 *
 * Each kind of element draws itself upright into a sketch of its own; draw_element() then turns
 * the sketch clockwise, places its anchor at the element's `at` and refuses what is off the
 * label. Only whole dots exist from here on, so the same element and content always give the
 * same pieces, wherever and with whatever neighbours they are drawn.
 *
 * Threads: as the renderer that is handed in. Pieces own their bitmaps. */
#ifndef TEM_RENDER_DRAW_H
#define TEM_RENDER_DRAW_H

#include "spooler/base/bitmap.h"
#include "spooler/base/err.h"
#include "spooler/base/findings.h"
#include "templates/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct barcodes;
struct fonts;

struct rect {
    int64_t x, y, width, height;
};

/* Black dots with their top left at x, y; cropped to what is black. */
struct piece {
    int64_t x_dots, y_dots;
    struct bitmap bits;
};

struct pieces {
    struct piece *list;
    size_t count, room;
};

/* Takes `bits` (frees them on failure). */
enum err pieces_add(struct pieces *pieces, int64_t x_dots, int64_t y_dots, struct bitmap *bits);
/* A solid rectangle; no side may be less than one dot. */
enum err pieces_add_rect(struct pieces *pieces, int64_t x_dots, int64_t y_dots, int64_t width,
                         int64_t height);
void pieces_free(struct pieces *pieces);
struct rect piece_rect(const struct piece *piece);
/* They have a dot in common. */
bool rects_meet(const struct rect *a, const struct rect *b);
/* What they have in common; without width or height when that is nothing. */
struct rect rects_common(const struct rect *a, const struct rect *b);

/* What an element draws in: the tools of its renderer and the label it is for. */
struct canvas {
    struct fonts *fonts;
    struct barcodes *barcodes;
    const struct template *template;
    uint32_t dots_per_m;
    int64_t width_dots, height_dots;
    struct findings *findings;
};

/* An element before it is turned and placed: pieces in its own frame, 0,0 = top left. */
struct sketch {
    struct pieces pieces;
    int64_t width, height;
    int64_t baseline;  /* of the first line, from the top: what baseline anchors mean */
    bool has_clear;    /* barcode: symbol and quiet zone, which must lie on the label */
    struct rect clear; /* empty label around it included; in frame, later label coordinates */
    bool placed;       /* box, line: the pieces are in label coordinates already */
};

/* Draws one element. On success *out holds its pieces in label coordinates (may be none; the
 * first one of a barcode is the whole symbol, its text comes after it) and
 * `clear` (may be NULL) the area that a symbol needs for itself, width 0 for other elements.
 * ERR_INPUT: findings say why. */
enum err draw_element(const struct canvas *canvas, const struct drawn *drawn,
                      struct pieces *out, struct rect *clear);

/* Where a finding about an element points to. */
struct place element_place(const struct element *element);
/* Of strokes: their width is measured, and they may lie under or round other elements. */
bool element_is_shape(enum element_kind kind);
/* Dots between the edges of a side that is `um` long and is held at `at_um` by its low end (0),
 * its middle (1) or its high end (2). */
int64_t draw_span(int64_t at_um, int64_t um, int part, uint32_t dots_per_m);
/* Horizontal and vertical part of an anchor: 0 left/top, 1 middle, 2 right/bottom; the
 * baseline counts as top. */
int anchor_across(enum anchor anchor);
int anchor_down(enum anchor anchor);
bool anchor_is_baseline(enum anchor anchor);

/* box.c: shapes. Stroke edges are rounded, a stroke has at least one dot. */
enum err box_sketch(const struct canvas *canvas, const struct drawn *drawn, struct sketch *out);
enum err line_sketch(const struct canvas *canvas, const struct drawn *drawn,
                     struct sketch *out);
enum err ellipse_sketch(const struct canvas *canvas, const struct drawn *drawn,
                        struct sketch *out);
/* image.c: a picture scaled to whole dots, then black or white. */
enum err image_sketch(const struct canvas *canvas, const struct drawn *drawn,
                      struct sketch *out);

#endif
