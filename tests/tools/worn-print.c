/* SPDX-License-Identifier: Apache-2.0 */
/* worn-print: a one-bit picture of a label as a scanner sees it when it came from a worn
 * printer. The same picture and seed always give the same result.
 *
 *   worn-print IN.png OUT.png SEED [LOST]
 *
 * In this order, a dot being 4 x 4 parts:
 *   - 2 % (or LOST %) of the black dots, chosen at random, do not print;
 *   - gain: what is black spreads by half a dot, a quarter on each side (too much heat);
 *   - blur of one dot: across and down, a box of one dot's width twice, which is a triangle of
 * one dot's width at half its height (a scanner out of focus); sampled twice a dot. Around it
 * is white, as wide as a quiet zone: the table on which the label lies. */
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS        4
#define SAMPLES      2 /* a dot */
#define LOST_PERCENT 2 /* of the black dots, unless said */
#define MARGIN_DOTS  24
#define SIDE_MAX     8192

/* The two boxes and the sampling's own, in parts: (1 1 1 1) * (1 1 1 1) * (1 1). */
static const unsigned kernel[] = {1, 3, 5, 7, 7, 5, 3, 1};
#define TAPS       (sizeof kernel / sizeof kernel[0])
#define TAPS_HALF  (TAPS / 2 - 1) /* parts before the first of the sample's own */
#define KERNEL_SUM 32

struct dots {
    int64_t width, height;
    unsigned char *black; /* 1 a dot */
};

static int is_black(const struct dots *dots, int64_t x, int64_t y)
{
    return x >= 0 && y >= 0 && x < dots->width && y < dots->height &&
           dots->black[y * dots->width + x];
}

/* splitmix64: a published generator that is the same everywhere, unlike rand(). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int read_dots(const char *path, struct dots *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path)) {
        fprintf(stderr, "%s: %s\n", path, image.message);
        return -1;
    }
    image.format = PNG_FORMAT_GRAY;
    size_t count = (size_t)image.width * image.height;
    if (image.width <= SIDE_MAX && image.height <= SIDE_MAX)
        out->black = malloc(count);
    if (!out->black || !png_image_finish_read(&image, NULL, out->black, 0, NULL)) {
        fprintf(stderr, "%s: cannot be read\n", path);
        png_image_free(&image);
        return -1;
    }
    out->width = image.width;
    out->height = image.height;
    for (size_t i = 0; i < count; i++)
        out->black[i] = out->black[i] < 128;
    return 0;
}

static void lose_dots(struct dots *dots, uint64_t seed, unsigned percent)
{
    for (int64_t i = 0; i < dots->width * dots->height; i++)
        if (dots->black[i] && next_random(&seed) % 100 < percent)
            dots->black[i] = 0;
}

/* One row of parts after the gain: a part is black when its dot is, or the dot beside, above or
 * across the corner from which the black spreads into it. `parts` holds `width` dots from the
 * margin's left edge on. */
static void spread_row(const struct dots *dots, int64_t row, int64_t width,
                       unsigned char *parts)
{
    int64_t y = (row + PARTS) / PARTS - 1; /* row may be -1 */
    int64_t other = row - y * PARTS == 0 ? y - 1 : row - y * PARTS == PARTS - 1 ? y + 1 : y;
    for (int64_t i = 0; i < width; i++) {
        int64_t x = i - MARGIN_DOTS;
        unsigned char *part = parts + i * PARTS;
        int own = is_black(dots, x, y) || is_black(dots, x, other);
        memset(part, own, PARTS);
        if (is_black(dots, x - 1, y) || is_black(dots, x - 1, other))
            part[0] = 1;
        if (is_black(dots, x + 1, y) || is_black(dots, x + 1, other))
            part[PARTS - 1] = 1;
    }
}

static unsigned across(const unsigned char *parts, int64_t first, int64_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < TAPS; i++) {
        int64_t at = first + (int64_t)i;
        if (at >= 0 && at < count && parts[at])
            sum += kernel[i];
    }
    return sum;
}

/* The rows of parts that a row of samples is made of are kept in a ring. */
struct scan {
    const struct dots *dots;
    int64_t width_dots, width; /* with the margins; in samples */
    unsigned char *parts;
    unsigned char *ring; /* TAPS rows of sums across */
    int64_t next;        /* row of parts to be put in */
};

static void scan_row(struct scan *scan, int64_t row, unsigned char *out)
{
    const int64_t step = PARTS / SAMPLES;
    int64_t first = row * step - (int64_t)TAPS_HALF;
    for (; scan->next < first + (int64_t)TAPS; scan->next++) {
        unsigned char *sums =
            scan->ring + (scan->next + (int64_t)TAPS) % (int64_t)TAPS * scan->width;
        spread_row(scan->dots, scan->next - MARGIN_DOTS * PARTS, scan->width_dots, scan->parts);
        for (int64_t i = 0; i < scan->width; i++)
            sums[i] = (unsigned char)across(scan->parts, i * step - (int64_t)TAPS_HALF,
                                            scan->width_dots * PARTS);
    }
    for (int64_t i = 0; i < scan->width; i++) {
        unsigned sum = 0;
        for (size_t tap = 0; tap < TAPS; tap++)
            sum +=
                kernel[tap] *
                scan->ring[(first + (int64_t)(tap + TAPS)) % (int64_t)TAPS * scan->width + i];
        out[i] = (unsigned char)(255 - sum * 255 / (KERNEL_SUM * KERNEL_SUM));
    }
}

static int write_scan(const struct dots *dots, const char *path)
{
    struct scan scan = {.dots = dots, .next = -(int64_t)TAPS_HALF};
    scan.width_dots = dots->width + 2 * MARGIN_DOTS;
    scan.width = scan.width_dots * SAMPLES;
    int64_t height = (dots->height + 2 * MARGIN_DOTS) * SAMPLES;
    scan.parts = malloc((size_t)scan.width_dots * PARTS);
    scan.ring = calloc(TAPS, (size_t)scan.width);
    unsigned char *grey = malloc((size_t)scan.width * (size_t)height);
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)scan.width,
                       .height = (png_uint_32)height,
                       .flags = PNG_IMAGE_FLAG_FAST,
                       .format = PNG_FORMAT_GRAY};
    int written = 0;
    if (scan.parts && scan.ring && grey) {
        for (int64_t row = 0; row < height; row++)
            scan_row(&scan, row, grey + row * scan.width);
        written = png_image_write_to_file(&image, path, 0, grey, 0, NULL);
    }
    if (!written)
        fprintf(stderr, "%s: %s\n", path, image.message);
    free(scan.parts);
    free(scan.ring);
    free(grey);
    return written ? 0 : -1;
}

static int read_number(const char *text, unsigned long long *out)
{
    char *end = NULL;
    *out = strtoull(text, &end, 10);
    return end != text && !*end;
}

int main(int argc, char **argv)
{
    unsigned long long seed = 0, lost = LOST_PERCENT;
    if (argc < 4 || argc > 5 || !read_number(argv[3], &seed) ||
        (argc == 5 && (!read_number(argv[4], &lost) || lost > 100))) {
        fputs("usage: worn-print IN.png OUT.png SEED [LOST-PERCENT]\n", stderr);
        return 2;
    }
    struct dots dots = {0};
    int failed = read_dots(argv[1], &dots);
    if (!failed) {
        lose_dots(&dots, seed, (unsigned)lost);
        failed = write_scan(&dots, argv[2]);
    }
    free(dots.black);
    return failed ? 1 : 0;
}
