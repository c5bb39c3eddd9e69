/* SPDX-License-Identifier: Apache-2.0 */
/* draw-leaf: the leaf on the stock label farm-produce, as a PNG of SIDE x SIDE pixels, black on
 * white with grey edges, so that it stays sharp at every resolution it is thresholded for.
 *
 *   draw-leaf OUT.png
 *
 * The blade is what two circles have in common, its axis from the lower left to the upper
 * right; midrib and veins are cut out. Lengths are parts of the side, so that they can be told
 * in mm: on a label of 10 mm a vein of 0.03 is 0.3 mm, two dots at 8 a mm. */
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>

#define SIDE  472 /* 10 mm at 1200 dpi */
#define FINE  4   /* points a pixel, across and down */
#define VEINS 4

static const double blade_from = -0.44, blade_to = 0.62; /* along the axis, 0 = the middle */
static const double blade_radius = 0.74;
static const double stem_end = -0.66;
static const double midrib = 0.022, vein = 0.016, stem = 0.030; /* half of the width */

/* Distance of a point from the line through (x, y) in direction `turn` (radians). */
static double off_line(double along, double across, double x, double y, double turn)
{
    return fabs((along - x) * sin(turn) - (across - y) * cos(turn));
}

static int on_vein(double along, double across)
{
    for (int i = 0; i < VEINS; i++) {
        double from = blade_from + (blade_to - blade_from) * (0.18 + 0.19 * i);
        if (off_line(along, fabs(across), from, 0, M_PI / 4.5) < vein && along > from)
            return 1;
    }
    return 0;
}

/* u, v from -0.5 to 0.5, v downwards. */
static int is_black(double u, double v)
{
    double along = (u - v) * M_SQRT1_2, across = (u + v) * M_SQRT1_2;
    double middle = (blade_from + blade_to) / 2, half = (blade_to - blade_from) / 2;
    double centre = sqrt(blade_radius * blade_radius - half * half);
    int blade = hypot(along - middle, across - centre) < blade_radius &&
                hypot(along - middle, across + centre) < blade_radius;
    if (!blade)
        return fabs(across) < stem && along > stem_end && along < blade_from + 0.06;
    if (fabs(across) < midrib && along > blade_from + 0.05 && along < blade_to - 0.10)
        return 0;
    return !on_vein(along, across);
}

static unsigned char grey(int x, int y)
{
    int white = 0;
    for (int i = 0; i < FINE * FINE; i++) {
        double u = (x + (i % FINE + 0.5) / FINE) / SIDE - 0.5;
        double v = (y + (i / FINE + 0.5) / FINE) / SIDE - 0.5;
        white += !is_black(u, v);
    }
    return (unsigned char)(white * 255 / (FINE * FINE));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: draw-leaf OUT.png\n", stderr);
        return 2;
    }
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = SIDE, .height = SIDE, .format = PNG_FORMAT_GRAY};
    unsigned char *pixels = malloc((size_t)SIDE * SIDE);
    if (!pixels)
        return 1;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            pixels[y * SIDE + x] = grey(x, y);
    int written = png_image_write_to_file(&image, argv[1], 0, pixels, 0, NULL);
    free(pixels);
    if (!written)
        fprintf(stderr, "%s: %s\n", argv[1], image.message);
    return written ? 0 : 1;
}
