/* SPDX-License-Identifier: Apache-2.0 */
/* Vietnamese: all 134 letters that are not plain ASCII, with the stock labels' fonts. Composed
 * and decomposed input are the same dots, and no two letters are, at the sizes that labels are
 * printed in.
 *
 * The letters are made here from the alphabet's own rule (12 vowels, 6 tones, and d with a
 * stroke) by GLib's normalisation, so that nothing is copied from what we drew. */
#include "tests/unit/render-kit.h"

#include <glib.h>

#define LETTERS 134

struct letter {
    char composed[8];
    char decomposed[12];
};

static struct letter letters[LETTERS];

static void put_letter(const char *text, size_t *count)
{
    gchar *composed = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
    gchar *decomposed = g_utf8_normalize(text, -1, G_NORMALIZE_NFD);
    bool ascii = composed[0] >= 0 && (unsigned char)composed[0] < 0x80;
    if (!ascii && *count < LETTERS) {
        snprintf(letters[*count].composed, sizeof letters->composed, "%s", composed);
        snprintf(letters[*count].decomposed, sizeof letters->decomposed, "%s", decomposed);
    }
    *count += !ascii;
    g_free(composed);
    g_free(decomposed);
}

static void make_letters(void)
{
    static const char *const vowels[] = {"a", "a\xcc\x86", "a\xcc\x82", "e", "e\xcc\x82", "i",
                                         "o", "o\xcc\x82", "o\xcc\x9b", "u", "u\xcc\x9b", "y"};
    /* none, grave, hook above, tilde, acute, dot below */
    static const char *const tones[] = {"",         "\xcc\x80", "\xcc\x89",
                                        "\xcc\x83", "\xcc\x81", "\xcc\xa3"};
    size_t count = 0;
    char text[16];
    for (int upper = 0; upper < 2; upper++) {
        for (size_t vowel = 0; vowel < sizeof vowels / sizeof *vowels; vowel++) {
            for (size_t tone = 0; tone < sizeof tones / sizeof *tones; tone++) {
                snprintf(text, sizeof text, "%s%s", vowels[vowel], tones[tone]);
                text[0] = upper ? (char)(text[0] - 'a' + 'A') : text[0];
                put_letter(text, &count);
            }
        }
        put_letter(upper ? "\xc4\x90" : "\xc4\x91", &count);
    }
    tap_is_int((long long)count, LETTERS, "the alphabet has 134 letters beyond ASCII");
}

/* What the stock templates print with, and the fallback family. */
static const struct {
    const char *family, *style;
} fonts[] = {
    {"Roboto", "Regular"},        {"Roboto", "Bold"},       {"Roboto Condensed", "Regular"},
    {"Roboto Condensed", "Bold"}, {"Noto Sans", "Regular"}, {"Noto Sans", "Bold"},
};
static const int32_t sizes_mpt[] = {6500, 7000, 7500, 8000, 8500, 9000, 10000, 11000, 12000};
static const uint32_t resolutions[] = {8000, 11811};

static bool draw(const struct template *template, size_t font, int32_t mpt, uint32_t dpm,
                 const char *text, struct bitmap *out)
{
    struct element element =
        KIT_TEXT(.x_um = 3000, .y_um = 7000, .anchor = ANCHOR_BASELINE_LEFT, .font_mpt = mpt,
                 .font_family = fonts[font].family, .font_style = fonts[font].style);
    return kit_draw_one(template, &element, text, dpm, out) == ERR_NONE;
}

static unsigned dots_apart(const struct bitmap *a, const struct bitmap *b)
{
    unsigned count = 0;
    for (size_t i = 0; i < a->stride * a->height_dots; i++)
        count += (unsigned)__builtin_popcount(a->bits[i] ^ b->bits[i]);
    return count;
}

/* The pair of letters that is hardest to tell apart, and how many pairs are the same. */
static void compare_all(const struct bitmap *drawn, const char *where)
{
    unsigned least = UINT32_MAX, same = 0;
    size_t one = 0, other = 0;
    for (size_t i = 0; i < LETTERS; i++) {
        for (size_t j = i + 1; j < LETTERS; j++) {
            unsigned apart = dots_apart(&drawn[i], &drawn[j]);
            same += apart == 0;
            if (apart < least) {
                least = apart;
                one = i;
                other = j;
            }
        }
    }
    printf("# %s: nearest %s and %s, %u dots apart\n", where, letters[one].composed,
           letters[other].composed, least);
    tap_is_int(same, 0, "%s: no two letters are the same dots", where);
}

static void proof(const struct template *template, size_t font, int32_t mpt, uint32_t dpm)
{
    static struct bitmap drawn[LETTERS];
    char where[96];
    unsigned bad = 0, other_dots = 0;
    snprintf(where, sizeof where, "%s %s %d.%02d pt at %u dots a m", fonts[font].family,
             fonts[font].style, mpt / 1000, mpt % 1000 / 10, dpm);
    for (size_t i = 0; i < LETTERS; i++) {
        struct bitmap again = {0};
        bool ok = draw(template, font, mpt, dpm, letters[i].composed, &drawn[i]) &&
                  draw(template, font, mpt, dpm, letters[i].decomposed, &again);
        bad += !ok;
        other_dots += ok && !bitmap_equal(&drawn[i], &again);
        bitmap_free(&again);
    }
    tap_is_int(bad, 0, "%s: all letters are drawn", where);
    tap_is_int(other_dots, 0, "%s: decomposed letters are the same dots", where);
    if (bad == 0)
        compare_all(drawn, where);
    for (size_t i = 0; i < LETTERS; i++)
        bitmap_free(&drawn[i]);
}

/* ---- marks that people can tell ------------------------------------------------------ */

/* Sizes that the stock labels print Vietnamese in at 8 dots a mm, because marks are clear
 * there: a dot below is of four dots at least, and but for `bars` letters of 24 a tilde is no
 * plain bar. (At 7 and 9 pt Bold the hinter makes most of them bars, at 7 to 8 pt Regular it
 * leaves two dots of the dot below.) */
static const struct {
    const char *family, *style;
    int32_t mpt;
    uint32_t dots_per_m;
    unsigned bars;
} clear[] = {
    {"Roboto Condensed", "Regular", 8500, 8000, 1},
    {"Roboto Condensed", "Bold", 8500, 8000, 2},
    {"Roboto Condensed", "Bold", 9500, 8000, 0},
    {"Roboto Condensed", "Bold", 11000, 8000, 0},
    {"Roboto Condensed", "Bold", 13500, 8000, 0},
    {"Roboto Condensed", "Regular", 7000, 11811, 0},
    {"Roboto Condensed", "Bold", 8500, 11811, 0},
};

static bool is_black(const struct bitmap *bits, uint32_t x, uint32_t y)
{
    return bits->bits[y * bits->stride + x / 8] >> (7 - x % 8) & 1;
}

/* The topmost row is one run of four dots or more: a wave begins with less, or twice. */
static bool top_is_bar(const struct bitmap *bits)
{
    uint32_t left, top, width, height;
    unsigned runs = 0, dots = 0;
    bitmap_bounds(bits, &left, &top, &width, &height);
    for (uint32_t x = left; x < left + width; x++) {
        dots += is_black(bits, x, top);
        runs += is_black(bits, x, top) && (x == left || !is_black(bits, x - 1, top));
    }
    return runs == 1 && dots >= 4;
}

/* Black dots from the lowest row up to the first empty one. */
static unsigned dots_below(const struct bitmap *bits)
{
    uint32_t left, top, width, height;
    unsigned dots = 0;
    bitmap_bounds(bits, &left, &top, &width, &height);
    for (uint32_t y = top + height; y-- > top;) {
        unsigned row = 0;
        for (uint32_t x = left; x < left + width; x++)
            row += is_black(bits, x, y);
        if (row == 0)
            break;
        dots += row;
    }
    return dots;
}

static void marks_are_clear(const struct template *template, size_t n)
{
    unsigned bars = 0, tildes = 0, least = UINT32_MAX;
    for (size_t i = 0; i < LETTERS; i++) {
        bool tilde = strstr(letters[i].decomposed, "\xcc\x83") != NULL;
        bool dot = strstr(letters[i].decomposed, "\xcc\xa3") != NULL;
        struct element element =
            KIT_TEXT(.x_um = 3000, .y_um = 7000, .anchor = ANCHOR_BASELINE_LEFT,
                     .font_mpt = clear[n].mpt, .font_family = clear[n].family,
                     .font_style = clear[n].style);
        struct bitmap bits = {0};
        if ((!tilde && !dot) || kit_draw_one(template, &element, letters[i].composed,
                                             clear[n].dots_per_m, &bits) != ERR_NONE)
            continue;
        tildes += tilde;
        bars += tilde && top_is_bar(&bits);
        least = dot && dots_below(&bits) < least ? dots_below(&bits) : least;
        bitmap_free(&bits);
    }
    tap_ok(tildes == 24 && bars <= clear[n].bars && least >= 4,
           "%s %s %d.%02d pt at %u dots a m: %u of %u tildes are bars, dots below have %u",
           clear[n].family, clear[n].style, clear[n].mpt / 1000, clear[n].mpt % 1000 / 10,
           clear[n].dots_per_m, bars, tildes, least);
}

/* Data is composed before anything else sees it: what is hashed, stored and drawn is one text.
 */
static void canonical(void)
{
    static const char yaml[] = "tem: 1\nname: letters\nsize: 20 x 10 mm\nfonts: [Roboto]\n"
                               "fields:\n  letter: {type: text, required: true}\n"
                               "elements:\n  - {text: \"{letter}\", at: [1, 1]}\n";
    struct template *template = NULL;
    unsigned wrong = 0;
    findings_clear(&kit_findings);
    if (template_parse(yaml, sizeof yaml - 1, "letters.yaml", &template, &kit_findings)) {
        kit_say_findings();
        exit(99);
    }
    for (size_t i = 0; i < LETTERS; i++) {
        struct row row = {0};
        const char *raw[] = {letters[i].decomposed};
        enum err err =
            template_check_row(template, raw, (struct place){0}, &row, &kit_findings);
        wrong += err || strcmp(row.values[0], letters[i].composed) != 0;
        row_free(&row);
    }
    tap_is_int(wrong, 0, "a row's decomposed letters become composed ones");
    template_free(template);
}

int main(void)
{
    make_letters();
    if (!kit_start())
        return tap_done();
    struct template *template = kit_template("12 x 10 mm", "Roboto, Noto Sans");
    for (size_t font = 0; font < sizeof fonts / sizeof *fonts; font++)
        for (size_t size = 0; size < sizeof sizes_mpt / sizeof *sizes_mpt; size++)
            for (size_t dpi = 0; dpi < 2; dpi++)
                proof(template, font, sizes_mpt[size], resolutions[dpi]);
    for (size_t i = 0; i < sizeof clear / sizeof *clear; i++)
        marks_are_clear(template, i);
    canonical();
    template_free(template);
    kit_end();
    return tap_done();
}
