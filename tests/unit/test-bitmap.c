/* SPDX-License-Identifier: Apache-2.0 */
/* Bitmaps are moved by bytes and words; dot by dot, as bitmap.h describes each function, they
 * must come out the same: at all sizes round a byte and a word, at all offsets, in part and
 * wholly outside, and with no dot in the padding. */
#include "spooler/base/bitmap.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>

static uint32_t random_state = 2463534242;

static uint32_t next_random(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % below;
}

static void must(enum err err)
{
    if (err)
        abort();
}

/* density: of 8 dots so many are black; 0 = none. */
static struct bitmap random_bitmap(uint32_t width, uint32_t height, uint32_t density)
{
    struct bitmap bitmap;
    must(bitmap_new(width, height, &bitmap));
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            if (next_random(8) < density)
                bitmap_set(&bitmap, x, y);
    return bitmap;
}

static bool dot(const struct bitmap *bitmap, int64_t x, int64_t y)
{
    return x >= 0 && y >= 0 && x < bitmap->width_dots && y < bitmap->height_dots &&
           bitmap_get(bitmap, (uint32_t)x, (uint32_t)y);
}

static bool padding_is_white(const struct bitmap *bitmap)
{
    for (uint32_t y = 0; y < bitmap->height_dots; y++)
        for (size_t x = bitmap->width_dots; x < bitmap->stride * 8; x++)
            if (bitmap->bits[y * bitmap->stride + x / 8] >> (7 - x % 8) & 1)
                return false;
    return true;
}

/* What two dots of one place become. */
static bool or_dots(bool a, bool b)
{
    return a || b;
}
static bool and_dots(bool a, bool b)
{
    return a && b;
}
static bool clear_dots(bool a, bool b)
{
    return a && !b;
}

static bool or_bitmaps(struct bitmap *to, const struct bitmap *from, int64_t x, int64_t y)
{
    bitmap_or(to, from, x, y);
    return bitmap_black(to) > 0;
}
static bool clear_bitmaps(struct bitmap *to, const struct bitmap *from, int64_t x, int64_t y)
{
    bitmap_clear(to, from, x, y);
    return bitmap_black(to) > 0;
}

static const struct {
    const char *name;
    bool (*bitmaps)(struct bitmap *to, const struct bitmap *from, int64_t x, int64_t y);
    bool (*dots)(bool a, bool b);
} pairs[] = {
    {"or", or_bitmaps, or_dots},
    {"and", bitmap_and, and_dots},
    {"clear", clear_bitmaps, clear_dots},
};

static bool as_dot_by_dot(size_t pair, const struct bitmap *to, const struct bitmap *from,
                          int64_t x, int64_t y)
{
    struct bitmap got;
    must(bitmap_copy(to, &got));
    bool any = pairs[pair].bitmaps(&got, from, x, y), want_any = false, same = true;
    for (uint32_t row = 0; row < to->height_dots; row++)
        for (uint32_t column = 0; column < to->width_dots; column++) {
            bool want = pairs[pair].dots(bitmap_get(to, column, row),
                                         dot(from, (int64_t)column - x, (int64_t)row - y));
            same = same && bitmap_get(&got, column, row) == want;
            want_any = want_any || want;
        }
    same = same && any == want_any && padding_is_white(&got);
    bitmap_free(&got);
    return same;
}

static void test_pairs(void)
{
    static const uint32_t widths[] = {1, 7, 8, 9, 16, 63, 64, 65, 71, 72, 73, 130};
    for (size_t pair = 0; pair < sizeof pairs / sizeof pairs[0]; pair++) {
        size_t same = 0, count = 0;
        for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
            for (size_t n = 0; n < sizeof widths / sizeof widths[0]; n++)
                for (size_t turn = 0; turn < 24; turn++, count++) {
                    struct bitmap to = random_bitmap(widths[i], 5, 4);
                    struct bitmap from =
                        random_bitmap(widths[n], 1 + next_random(8), next_random(9));
                    int64_t x = (int64_t)next_random(160) - 80;
                    int64_t y = (int64_t)next_random(12) - 6;
                    if (turn % 3 == 0) /* whole bytes, and the very same place */
                        x = turn == 0 ? 0 : x / 8 * 8;
                    same += as_dot_by_dot(pair, &to, &from, x, turn == 0 ? 0 : y);
                    bitmap_free(&to);
                    bitmap_free(&from);
                }
        tap_is_int((long long)same, (long long)count, "%s: as dot by dot", pairs[pair].name);
    }
}

static bool crop_is_right(const struct bitmap *from)
{
    uint32_t x = next_random(from->width_dots), y = next_random(from->height_dots);
    uint32_t width = 1 + next_random(from->width_dots - x);
    uint32_t height = 1 + next_random(from->height_dots - y);
    struct bitmap crop;
    must(bitmap_crop(from, x, y, width, height, &crop));
    bool same =
        crop.width_dots == width && crop.height_dots == height && padding_is_white(&crop);
    for (uint32_t row = 0; row < height; row++)
        for (uint32_t column = 0; column < width; column++)
            same =
                same && bitmap_get(&crop, column, row) == bitmap_get(from, x + column, y + row);
    bitmap_free(&crop);
    return same;
}

static bool bounds_are_right(const struct bitmap *bitmap)
{
    int64_t left = bitmap->width_dots, right = -1, top = bitmap->height_dots, bottom = -1;
    for (int64_t y = 0; y < bitmap->height_dots; y++)
        for (int64_t x = 0; x < bitmap->width_dots; x++)
            if (dot(bitmap, x, y)) {
                left = x < left ? x : left;
                right = x > right ? x : right;
                top = y < top ? y : top;
                bottom = y > bottom ? y : bottom;
            }
    uint32_t x, y, width, height;
    bool any = bitmap_bounds(bitmap, &x, &y, &width, &height);
    if (right < 0)
        return !any;
    return any && x == left && y == top && width == right - left + 1 &&
           height == bottom - top + 1;
}

static void test_parts(void)
{
    size_t crops = 0, bounds = 0, copies = 0;
    enum { COUNT = 2000 };
    for (size_t i = 0; i < COUNT; i++) {
        struct bitmap whole = random_bitmap(1 + next_random(150), 1 + next_random(6), 4);
        struct bitmap few, copy;
        must(bitmap_new(1 + next_random(150), 1 + next_random(6), &few));
        for (uint32_t dots = next_random(3); dots > 0; dots--)
            bitmap_set(&few, next_random(few.width_dots), next_random(few.height_dots));
        must(bitmap_copy(&whole, &copy));
        crops += crop_is_right(&whole);
        bounds += bounds_are_right(&few);
        copies += bitmap_equal(&whole, &copy);
        bitmap_free(&whole);
        bitmap_free(&few);
        bitmap_free(&copy);
    }
    tap_is_int((long long)crops, COUNT, "crop: as dot by dot");
    tap_is_int((long long)bounds, COUNT, "bounds: as dot by dot");
    tap_is_int((long long)copies, COUNT, "a copy is equal");
}

int main(void)
{
    test_pairs();
    test_parts();
    return tap_done();
}
