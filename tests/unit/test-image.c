/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: PNG files that are right and that lie, shades that become dots, ellipses. PNGs are
 * written by libpng or edited by hand; shades, sizes and dots are counted by hand or by the
 * formula of the figure. */
#include "spooler/base/picture.h"
#include "tests/unit/render-kit.h"

#include <png.h>
#include <zlib.h>

static struct template *label; /* 50 x 30 mm */

/* ---- PNG files ------------------------------------------------------------------ */

struct file {
    uint8_t bytes[4096];
    size_t len;
};

static void write_png(unsigned width, unsigned height, png_uint_32 format, const void *pixels,
                      struct file *out)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = format};
    out->len = sizeof out->bytes;
    if (!png_image_write_to_memory(&image, out->bytes, &out->len, 0, pixels, 0, NULL))
        tap_ok(false, "libpng: %s", image.message);
}

static void put_be32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Says another size in the IHDR, with the checksum that belongs to it. */
static void lie_about_size(struct file *file, uint32_t width, uint32_t height)
{
    put_be32(file->bytes + 16, width);
    put_be32(file->bytes + 20, height);
    put_be32(file->bytes + 29, (uint32_t)crc32(0, file->bytes + 12, 17));
}

static void is_refused(const struct file *file, const char *words, const char *name)
{
    struct picture picture = {0};
    struct why why = {""};
    enum err err = picture_decode(file->bytes, file->len, &picture, &why);
    tap_ok(err == ERR_INPUT && !picture.shades && strstr(why.text, words), "%s: %s", name,
           why.text);
    picture_free(&picture);
}

static void test_lies(void)
{
    static const uint8_t pixels[8 * 8] = {0};
    struct file good, file;
    write_png(8, 8, PNG_FORMAT_GRAY, pixels, &good);
    is_refused(
        &(struct file){.bytes = {"<svg xmlns='http://www.w3.org/2000/svg'/>"}, .len = 41},
        "not a PNG", "an SVG");
    is_refused(&(struct file){.len = 0}, "not a PNG", "an empty file");
    file = (struct file){.bytes = {0xff, 0xd8, 0xff, 0xe0}, .len = 30};
    is_refused(&file, "not a PNG", "a JPEG");
    for (size_t len = 8; len < good.len; len += 7) {
        file = good;
        file.len = len;
        is_refused(&file, "", "cut short");
    }
    file = good;
    lie_about_size(&file, 50000, 8);
    is_refused(&file, "50000 x 8 pixels is too large", "50,000 pixels wide");
    file = good;
    lie_about_size(&file, 8000, 8000);
    is_refused(&file, "too large", "64 million pixels");
    file = good;
    lie_about_size(&file, 0, 8);
    is_refused(&file, "without pixels", "no pixels");
    file = good;
    lie_about_size(&file, 8, 4000);
    is_refused(&file, "damaged", "fewer rows than it says");
    file = good;
    lie_about_size(&file, 8, 4);
    is_refused(&file, "damaged", "more rows than it says");
    file = good;
    file.bytes[29] ^= 1;
    is_refused(&file, "CRC", "a wrong checksum of the size");
    file = good;
    file.bytes[good.len - 20] ^= 0x55; /* in IDAT */
    is_refused(&file, "damaged", "damaged pixels");
}

static void shades_are(const struct file *file, size_t count, const uint8_t *want,
                       const char *name)
{
    struct picture picture = {0};
    struct why why = {""};
    enum err err = picture_decode(file->bytes, file->len, &picture, &why);
    tap_ok(!err && (size_t)picture.width * picture.height == count &&
               memcmp(picture.shades, want, count) == 0,
           "%s %s", name, why.text);
    for (size_t i = 0; !err && i < count; i++)
        if (picture.shades[i] != want[i])
            printf("# shade %zu is %d, want %d\n", i, picture.shades[i], want[i]);
    picture_free(&picture);
}

/* 0.2126 R + 0.7152 G + 0.0722 B, then alpha over white. */
static void test_shades(void)
{
    struct file file;
    static const uint8_t grey[] = {0, 1, 128, 255};
    write_png(4, 1, PNG_FORMAT_GRAY, grey, &file);
    shades_are(&file, 4, grey, "greys stay");
    static const uint8_t colours[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30};
    write_png(2, 2, PNG_FORMAT_RGB, colours, &file);
    shades_are(&file, 4, (const uint8_t[]){54, 182, 18, 19}, "red, green, blue, a mixture");
    static const uint8_t clear[] = {0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 255};
    write_png(1, 3, PNG_FORMAT_RGBA, clear, &file);
    shades_are(&file, 3, (const uint8_t[]){255, 127, 0}, "transparency lies on white");
}

/* ---- images on labels ------------------------------------------------------------------ */

/* 8 dots a mm: an element of n/8 mm has n dots. */
static void draw_shades(const char *name, const struct picture *picture, struct element element,
                        const char *want)
{
    struct bitmap bits;
    char got[80] = "";
    element.picture = picture;
    if (kit_draw_one(label, &element, "", 8000, &bits)) {
        snprintf(got, sizeof got, "%s", kit_code());
    } else {
        size_t at = 0;
        for (uint32_t y = 0; y < 8; y++, got[at++] = '|')
            for (uint32_t x = 0; x < 8; x++)
                got[at++] = bitmap_get(&bits, x, y) ? '#' : '.';
        got[at - 1] = 0;
        bitmap_free(&bits);
    }
    tap_is_str(got, want, "%s", name);
}

#define IMAGE(...)                                                                             \
    (struct element)                                                                           \
    {                                                                                          \
        .kind = ELEMENT_IMAGE, .width_um = -1, .height_um = -1, .threshold_percent = 50,       \
        __VA_ARGS__                                                                            \
    }
#define FREE8 "........|........|........|........"

static void test_dots(void)
{
    static uint8_t wedge[] = {0, 255, 255, 255, 0, 0, 255, 255, 0, 0, 0, 255, 0, 0, 0, 0};
    const struct picture four = {4, 4, wedge};
    draw_shades("a pixel a dot", &four, IMAGE(.width_um = 500),
                "#.......|##......|###.....|####....|" FREE8);
    draw_shades("twice as large", &four, IMAGE(.width_um = 1000),
                "##......|##......|####....|####....|######..|######..|########|########");
    /* averages of 2 x 2: 64 255 / 0 64 */
    draw_shades("half as large", &four, IMAGE(.height_um = 250),
                "#.......|##......|........|........|" FREE8);
    draw_shades("half as large, darker than a fifth only", &four,
                IMAGE(.height_um = 250, .threshold_percent = 20),
                "........|#.......|........|........|" FREE8);
    draw_shades("squeezed to two by four", &four, IMAGE(.width_um = 250, .height_um = 500),
                /* rows 128 255 / 0 255 / 0 128 / 0 0: 128 is not darker than half */
                "........|#.......|#.......|##......|" FREE8);
    draw_shades("turned by 90 degrees", &four, IMAGE(.width_um = 500, .rotate_degrees = 90),
                "####....|###.....|##......|#.......|" FREE8);
    draw_shades(
        "held by its bottom right", &four,
        IMAGE(.width_um = 500, .x_um = 1000, .y_um = 1000, .anchor = ANCHOR_BOTTOM_RIGHT),
        FREE8 "|....#...|....##..|....###.|....####");
    draw_shades("off the label", &four, IMAGE(.width_um = 60000), "off-label");
    static uint8_t white[] = {255, 255, 255, 255};
    draw_shades("all white", &(struct picture){2, 2, white}, IMAGE(.width_um = 500),
                FREE8 "|" FREE8);
    /* 5 pixels on 3 dots: (0 0 | 255 ...) shares 1, 2/3; dot 1 is 5/3 pixels wide */
    static uint8_t five[] = {0, 0, 255, 0, 0};
    draw_shades("five pixels on three dots", &(struct picture){5, 1, five},
                IMAGE(.width_um = 375, .height_um = 125),
                "#.#.....|........|........|........|" FREE8);
}

/* Error diffusion keeps the mean: of 64 x 64 dots of a shade, the share that is black. */
static void test_diffusion(void)
{
    static const uint8_t shades[] = {0, 26, 64, 128, 191, 229, 255};
    for (size_t i = 0; i < sizeof shades; i++) {
        uint8_t one = shades[i];
        const struct picture picture = {1, 1, &one};
        struct element element = IMAGE(.width_um = 8000, .height_um = 8000, .picture = &picture,
                                       .dither = DITHER_DIFFUSION);
        struct bitmap bits = {0};
        enum err err = kit_draw_one(label, &element, "", 8000, &bits);
        long black = err ? -1 : (long)bitmap_black(&bits);
        long want = 64L * 64 * (255 - one) / 255;
        tap_ok(labs(black - want) <= 64, "shade %d: %ld dots of %ld", one, black, want);
        bitmap_free(&bits);
    }
}

/* ---- ellipses --------------------------------------------------------------------------- */

/* Whether a dot's middle lies inside of an ellipse whose frame begins at `inset` dots. */
static bool inside(int x, int y, int width, int height, int inset)
{
    double a = width / 2.0 - inset, b = height / 2.0 - inset;
    double dx = x + 0.5 - width / 2.0, dy = y + 0.5 - height / 2.0;
    return a > 0 && b > 0 && dx * dx / (a * a) + dy * dy / (b * b) <= 1.0;
}

static void test_ellipse(int width, int height, int stroke)
{
    struct element element = {.kind = ELEMENT_ELLIPSE,
                              .width_um = width * 125,
                              .height_um = height * 125,
                              .filled = stroke == 0,
                              .stroke_um = stroke * 125};
    struct bitmap bits = {0};
    int wrong = 0;
    enum err err = kit_draw_one(label, &element, "", 8000, &bits);
    for (int y = 0; !err && y < 240; y++)
        for (int x = 0; x < 400; x++) {
            bool want = x < width && y < height && inside(x, y, width, height, 0) &&
                        (stroke == 0 || !inside(x, y, width, height, stroke));
            wrong += bitmap_get(&bits, (uint32_t)x, (uint32_t)y) != want;
        }
    tap_ok(!err && wrong == 0, "ellipse of %d x %d dots, stroke %d: %d dots wrong", width,
           height, stroke, wrong);
    bitmap_free(&bits);
}

int main(void)
{
    test_lies();
    test_shades();
    if (!kit_start())
        return tap_done();
    label = kit_template("50 x 30 mm", "Roboto");
    test_dots();
    test_diffusion();
    static const struct {
        int width, height, stroke;
    } ellipses[] = {{1, 1, 0},   {2, 2, 0},   {3, 5, 1},   {8, 8, 1},     {9, 9, 2},
                    {80, 40, 0}, {81, 40, 3}, {40, 81, 4}, {400, 240, 8}, {399, 239, 1},
                    {4, 100, 1}, {7, 7, 3},   {100, 3, 1}};
    for (size_t i = 0; i < sizeof ellipses / sizeof *ellipses; i++)
        test_ellipse(ellipses[i].width, ellipses[i].height, ellipses[i].stroke);
    template_free(label);
    kit_end();
    return tap_done();
}
