/* SPDX-License-Identifier: Apache-2.0 */
/* The hash over a label's dots: a vector made by hand with coreutils, and random labels against
 * the definition of dots.h read dot by dot. */
#include "spooler/render/dots.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>

#define LABELS_MAX 9

static uint32_t seed = 20261129;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525 + 1013904223; /* Knuth's; good enough to place patches */
    return (seed >> 8) % below;
}

/* ---- the definition, read dot by dot ------------------------------------------------------
 */

struct text {
    uint8_t bytes[1 << 20];
    size_t len;
};
static struct text text;

static void put(uint64_t value, int bytes)
{
    while (bytes-- > 0)
        text.bytes[text.len++] = (uint8_t)(value >> 8 * bytes);
}

static uint8_t byte_of(const struct bitmap *bitmap, uint32_t row, uint32_t at)
{
    unsigned byte = 0;
    for (uint32_t x = 8 * at; x < 8 * at + 8; x++)
        byte = byte << 1 | (x < bitmap->width_dots && bitmap_get(bitmap, x, row));
    return (uint8_t)byte;
}

static bool as_above(const struct bitmap *bitmap, uint32_t row)
{
    for (uint32_t x = 0; x < bitmap->width_dots; x++)
        if (bitmap_get(bitmap, x, row) != (row > 0 && bitmap_get(bitmap, x, row - 1)))
            return false;
    return true;
}

static void put_rows(const struct bitmap *bitmap)
{
    uint32_t bytes = (bitmap->width_dots + 7) / 8;
    for (uint32_t row = 0; row < bitmap->height_dots; row++) {
        uint32_t first = 0, end = bytes;
        if (as_above(bitmap, row))
            continue;
        while (first < bytes && !byte_of(bitmap, row, first))
            first++;
        while (end > first && !byte_of(bitmap, row, end - 1))
            end--;
        put(row, 4);
        put(first < end ? first : 0, 2);
        put(end - first, 2);
        for (uint32_t at = first; at < end; at++)
            put(byte_of(bitmap, row, at), 1);
    }
}

/* Hash of drawing `index` of `count` composed ones. */
static void defined(const struct bitmap *drawings, size_t count, size_t index,
                    uint8_t out[static SHA256_BYTES])
{
    struct bitmap common, rest;
    uint32_t w = drawings[0].width_dots, h = drawings[0].height_dots;
    bitmap_new(w, h, &common);
    bitmap_new(w, h, &rest);
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++) {
            bool on_all = true;
            for (size_t i = 0; i < count; i++)
                on_all = on_all && bitmap_get(&drawings[i], x, y);
            if (on_all)
                bitmap_set(&common, x, y);
            else if (bitmap_get(&drawings[index], x, y))
                bitmap_set(&rest, x, y);
        }
    uint8_t hash[SHA256_BYTES];
    text.len = 0;
    put(w, 4);
    put(h, 4);
    put_rows(&common);
    sha256(text.bytes, text.len, hash);
    memcpy(text.bytes, hash, sizeof hash);
    text.len = sizeof hash;
    put_rows(&rest);
    sha256(text.bytes, text.len, out);
    bitmap_free(&common);
    bitmap_free(&rest);
}

/* ---- labels -------------------------------------------------------------------------------
 */

/* A patch somewhere on the label: solid, bars, or scattered dots. */
static void random_patch(const struct bitmap *plate, struct patch *out)
{
    uint32_t width = 1 + draw(plate->width_dots), height = 1 + draw(plate->height_dots);
    if (draw(3)) {
        width = 1 + draw(plate->width_dots < 12 ? plate->width_dots : 12);
        height = 1 + draw(plate->height_dots < 9 ? plate->height_dots : 9);
    }
    out->x_dots = draw(plate->width_dots - width + 1);
    out->y_dots = draw(plate->height_dots - height + 1);
    bitmap_new(width, height, &out->bits);
    uint32_t kind = draw(3);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            if (kind == 0 || (kind == 1 && x % 3 == 0) || (kind == 2 && draw(2)))
                bitmap_set(&out->bits, x, y);
}

static void random_labels(struct rendered *out, struct rendered_label *labels)
{
    uint32_t width = 1 + draw(200), height = 1 + draw(60);
    *out = (struct rendered){.labels = labels, .count = 1 + draw(LABELS_MAX)};
    bitmap_new(width, height, &out->plate);
    for (uint32_t i = draw(80); i > 0; i--)
        bitmap_set(&out->plate, draw(width), draw(height));
    for (size_t i = 0; i < out->count; i++) {
        labels[i].count = draw(5);
        labels[i].patches = calloc(5, sizeof *labels[i].patches);
        for (size_t n = 0; n < labels[i].count; n++)
            random_patch(&out->plate, &labels[i].patches[n]);
        /* the same patch on all: dots in common that are not on the plate */
        if (labels[i].count && i > 0 && labels[0].count && draw(2)) {
            bitmap_free(&labels[i].patches[0].bits);
            labels[i].patches[0] = labels[0].patches[0];
            bitmap_copy(&labels[0].patches[0].bits, &labels[i].patches[0].bits);
        }
    }
}

static void free_labels(struct rendered *rendered)
{
    for (size_t i = 0; i < rendered->count; i++) {
        for (size_t n = 0; n < rendered->labels[i].count; n++)
            bitmap_free(&rendered->labels[i].patches[n].bits);
        free(rendered->labels[i].patches);
    }
    bitmap_free(&rendered->plate);
}

/* ---- tests --------------------------------------------------------------------------------
 */

/* Two labels of 16 x 2 dots. On both the first dot of row 0; label 1 has nothing else, label 2
 * dot 15 of row 1. So rows(common) = row 0: 80, row 1: white; rows(rest 1) = nothing;
 * rows(rest 2) = row 1: its second byte 01. By coreutils:
 *   printf '\0\0\0\20\0\0\0\2\0\0\0\0\0\0\0\1\200\0\0\0\1\0\0\0\0' | sha256sum | cut -c-64 |
 *       tr a-f A-F | basenc -d --base16 > c
 *   sha256sum < c
 *   { cat c; printf '\0\0\0\1\0\1\0\1\1'; } | sha256sum */
static void test_vector(void)
{
    static const char *const want[] = {
        "05a577fd041cfa3cedb62b1ddcfed2938c319a71b8fedd6a75b17a7f6ffe5093",
        "ceacf194278411b3c6dc38322d0278c0a46c88bc2f466c533b18139d163e2773",
    };
    struct patch patch = {.x_dots = 15, .y_dots = 1};
    struct rendered_label labels[2] = {{0}, {.patches = &patch, .count = 1}};
    struct rendered rendered = {.labels = labels, .count = 2};
    uint8_t hashes[2][SHA256_BYTES];
    char hex[SHA256_HEX];
    bitmap_new(16, 2, &rendered.plate);
    bitmap_set(&rendered.plate, 0, 0);
    bitmap_new(1, 1, &patch.bits);
    bitmap_set(&patch.bits, 0, 0);
    tap_is_int(dots_hash(&rendered, hashes), ERR_NONE, "two labels by hand");
    for (size_t i = 0; i < 2; i++)
        tap_is_str(hex_text(hashes[i], SHA256_BYTES, hex), want[i], "label %zu by hand", i + 1);
    bitmap_free(&patch.bits);
    bitmap_free(&rendered.plate);
}

static size_t wrong_hashes(const struct rendered *rendered)
{
    struct bitmap drawings[LABELS_MAX];
    uint8_t hashes[LABELS_MAX][SHA256_BYTES], want[SHA256_BYTES], alone[SHA256_BYTES];
    size_t wrong = dots_hash(rendered, hashes) != ERR_NONE;
    for (size_t i = 0; i < rendered->count; i++)
        rendered_compose(rendered, i, &drawings[i]);
    for (size_t i = 0; i < rendered->count; i++) {
        defined(drawings, rendered->count, i, want);
        wrong += memcmp(hashes[i], want, SHA256_BYTES) != 0;
        defined(&drawings[i], 1, 0, want);
        wrong += dots_hash_alone(rendered, i, alone) != ERR_NONE;
        wrong += memcmp(alone, want, SHA256_BYTES) != 0;
    }
    for (size_t i = 0; i < rendered->count; i++)
        bitmap_free(&drawings[i]);
    return wrong;
}

static void test_random(void)
{
    struct rendered_label labels[LABELS_MAX];
    struct rendered rendered;
    size_t wrong = 0, alone = 0, many = 0;
    for (int run = 0; run < 2000; run++) {
        random_labels(&rendered, labels);
        wrong += wrong_hashes(&rendered);
        alone += rendered.count == 1;
        many += rendered.count > 1;
        free_labels(&rendered);
    }
    tap_is_int((long long)wrong, 0, "random labels hash as dots.h defines it");
    tap_ok(alone > 50 && many > 50, "one label and several were among them");
}

/* The same composed dots, drawn as patches or all on plates of their own labels. */
static void test_split(void)
{
    struct rendered_label labels[LABELS_MAX], moved_labels[LABELS_MAX] = {{0}};
    struct patch whole[LABELS_MAX] = {{0}};
    struct rendered rendered;
    size_t different = 0;
    for (int run = 0; run < 200; run++) {
        uint8_t before[LABELS_MAX][SHA256_BYTES], after[LABELS_MAX][SHA256_BYTES];
        random_labels(&rendered, labels);
        struct rendered moved = {.labels = moved_labels, .count = rendered.count};
        bitmap_new(rendered.plate.width_dots, rendered.plate.height_dots, &moved.plate);
        for (size_t i = 0; i < rendered.count; i++) {
            rendered_compose(&rendered, i, &whole[i].bits);
            moved_labels[i] = (struct rendered_label){&whole[i], 1};
        }
        dots_hash(&rendered, before);
        dots_hash(&moved, after);
        different += memcmp(before, after, rendered.count * SHA256_BYTES) != 0;
        for (size_t i = 0; i < rendered.count; i++)
            bitmap_free(&whole[i].bits);
        bitmap_free(&moved.plate);
        free_labels(&rendered);
    }
    tap_is_int((long long)different, 0, "what is on the plate makes no difference");
}

/* Each dot counts: one that is turned over gives another hash. */
static void test_each_dot(void)
{
    struct rendered_label label = {0};
    struct rendered rendered = {.labels = &label, .count = 1};
    uint8_t before[1][SHA256_BYTES], after[1][SHA256_BYTES];
    size_t missed = 0;
    bitmap_new(70, 9, &rendered.plate);
    bitmap_fill(&rendered.plate, 10, 2, 40, 5);
    dots_hash(&rendered, before);
    for (uint32_t y = 0; y < 9; y++)
        for (uint32_t x = 0; x < 70; x++) {
            uint8_t *byte = &rendered.plate.bits[y * rendered.plate.stride + x / 8];
            *byte ^= (uint8_t)(0x80 >> x % 8);
            dots_hash(&rendered, after);
            missed += memcmp(before, after, sizeof before) == 0;
            *byte ^= (uint8_t)(0x80 >> x % 8);
        }
    tap_is_int((long long)missed, 0, "any other dot gives another hash");
    bitmap_free(&rendered.plate);
    bitmap_new(70, 10, &rendered.plate);
    bitmap_fill(&rendered.plate, 10, 2, 40, 5);
    dots_hash(&rendered, after);
    tap_ok(memcmp(before, after, sizeof before) != 0, "a white row more is another label");
    bitmap_free(&rendered.plate);
}

int main(void)
{
    test_vector();
    test_random();
    test_split();
    test_each_dot();
    return tap_done();
}
