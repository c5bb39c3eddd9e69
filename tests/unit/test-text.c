/* SPDX-License-Identifier: Apache-2.0 */
/* Text: where lines stand (from the font's own tables), what fits, what turns, what is refused.
 *
 * Roboto Regular's tables: 2048 units an em, hhea ascender 1900, descender -500, line gap 0;
 * OS/2 cap height 1456. 8 pt at 8 dots a mm are 22.58 dots: ascent 20.95 -> 21, pitch 2400
 * units = 26.46 -> 26, caps 16.05 -> 16. */
#include "tests/unit/render-kit.h"

#define DPM     8000
#define ASCENT  21
#define DESCENT 6
#define PITCH   26
#define CAPS    16

struct ink {
    uint32_t x, y, width, height;
};

static bool ink_of(const struct template *template, const struct element *element,
                   const char *text, struct ink *ink)
{
    struct bitmap label;
    if (kit_draw_one(template, element, text, DPM, &label) != ERR_NONE)
        return false;
    *ink = (struct ink){0};
    bitmap_bounds(&label, &ink->x, &ink->y, &ink->width, &ink->height);
    bitmap_free(&label);
    return true;
}

/* "H" stands on the baseline and is as high as a capital; `want` are rows on the label. */
static const struct {
    const char *name;
    enum anchor anchor;
    const char *text;
    uint32_t top, bottom; /* of the ink; bottom = one past */
} stands[] = {
    {"top anchor is the ascent's top", ANCHOR_TOP_LEFT, "H", 80 + ASCENT - CAPS, 80 + ASCENT},
    {"baseline anchor", ANCHOR_BASELINE_LEFT, "H", 80 - CAPS, 80},
    {"bottom anchor is the descent's end", ANCHOR_BOTTOM_LEFT, "H", 80 - DESCENT - CAPS,
     80 - DESCENT},
    {"pitch of lines", ANCHOR_TOP_LEFT, "H\nH", 80 + ASCENT - CAPS, 80 + ASCENT + PITCH},
    {"empty line keeps the pitch", ANCHOR_TOP_LEFT, "H\n\nH", 80 + ASCENT - CAPS,
     80 + ASCENT + 2 * PITCH},
    {"baseline of the first line", ANCHOR_BASELINE_RIGHT, "H\nH", 80 - CAPS, 80 + PITCH},
    /* U+1C80 is in Noto Sans only, whose ascent is larger */
    {"a fallback glyph moves nothing", ANCHOR_TOP_LEFT, "H\n\xe1\xb2\x80\nH",
     80 + ASCENT - CAPS, 80 + ASCENT + 2 * PITCH},
};

static void standing(const struct template *template)
{
    for (size_t i = 0; i < sizeof stands / sizeof *stands; i++) {
        struct element element =
            KIT_TEXT(.x_um = 20000, .y_um = 10000, .anchor = stands[i].anchor);
        struct ink ink = {0};
        bool ok = ink_of(template, &element, stands[i].text, &ink);
        tap_ok(ok && ink.y == stands[i].top && ink.y + ink.height == stands[i].bottom,
               "%s: rows %u to %u, want %u to %u", stands[i].name, ink.y, ink.y + ink.height,
               stands[i].top, stands[i].bottom);
    }
}

/* Anchors across: lines of a block are aligned at the side that is held. */
static void anchored(const struct template *template)
{
    struct element element = KIT_TEXT(.x_um = 20000, .y_um = 10000);
    struct ink left, center, right;
    ink_of(template, &element, "HHH\nH", &left);
    element.anchor = ANCHOR_TOP_CENTER;
    ink_of(template, &element, "HHH\nH", &center);
    element.anchor = ANCHOR_TOP_RIGHT;
    ink_of(template, &element, "HHH\nH", &right);
    tap_ok(left.x >= 160 && left.x <= 163, "left edge at the anchor (%u)", left.x);
    tap_ok(right.x + right.width <= 160 && right.x + right.width >= 157,
           "right edge at the anchor (%u)", right.x + right.width);
    tap_ok(center.x + center.width / 2 >= 159 && center.x + center.width / 2 <= 161,
           "middle at the anchor (%u)", center.x + center.width / 2);
}

/* The whole label turned by the bitmap's own function is the label with turned text. */
static void turned(const struct template *template)
{
    static const struct {
        int degrees;
        enum anchor anchor;
        int64_t x_um, y_um;
    } cases[] = {
        {90, ANCHOR_TOP_RIGHT, 35000, 6000},
        {180, ANCHOR_BOTTOM_RIGHT, 34000, 35000},
        {270, ANCHOR_BOTTOM_LEFT, 5000, 34000},
    };
    struct element straight = KIT_TEXT(.x_um = 6000, .y_um = 5000);
    const char *text = "Vi\xc3\xaan n\xc3\xa9n\nLOT 7"; /* aligned left */
    struct bitmap label;
    if (kit_draw_one(template, &straight, text, DPM, &label) != ERR_NONE)
        return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct element element =
            KIT_TEXT(.x_um = cases[i].x_um, .y_um = cases[i].y_um, .anchor = cases[i].anchor,
                     .rotate_degrees = cases[i].degrees);
        struct bitmap got = {0}, want = {0};
        bool ok = kit_draw_one(template, &element, text, DPM, &got) == ERR_NONE &&
                  bitmap_rotate(&label, cases[i].degrees, &want) == ERR_NONE;
        tap_ok(ok && bitmap_equal(&got, &want), "text turned by %d", cases[i].degrees);
        bitmap_free(&got);
        bitmap_free(&want);
    }
    bitmap_free(&label);
}

/* Baselines turn with the text: read from below, the letters' feet are at x. */
static void turned_baseline(const struct template *template)
{
    struct element element = KIT_TEXT(.x_um = 20000, .y_um = 20000, .rotate_degrees = 270,
                                      .anchor = ANCHOR_BASELINE_LEFT);
    struct ink ink = {0};
    bool ok = ink_of(template, &element, "HH", &ink);
    tap_ok(ok && ink.x + ink.width == 160 && ink.width == CAPS, "270: feet at x (%u)",
           ink.x + ink.width);
    tap_ok(ink.y + ink.height <= 160 && ink.y + ink.height >= 157, "270: starts at y (%u)",
           ink.y + ink.height);
}

/* ---- fit --------------------------------------------------------------------------- */

static const struct {
    const char *name, *text;
    struct element element;
    const char *code;
    uint32_t min_lines, max_lines, max_width; /* of the ink, where drawn; 0 = any */
} fits[] = {
    {"fits", "HHH", KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000), "", 1, 1, 160},
    {"refuse", "HHHHHHHHHHHHHHHHHHHH", KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000),
     "text-does-not-fit", 0, 0, 0},
    {"shrink", "HHHHHHHHHHHHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000, .fit = FIT_SHRINK,
              .shrink_to_mpt = 4000),
     "", 1, 1, 160},
    {"shrink has an end", "HHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000, .fit = FIT_SHRINK,
              .shrink_to_mpt = 4000),
     "text-does-not-fit", 0, 0, 0},
    {"wrap", "HHHH HHHH HHHH HHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000, .fit = FIT_WRAP), "", 2, 2, 160},
    {"wrap keeps line feeds", "HH\nHHHH HHHH HHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000, .fit = FIT_WRAP), "", 3, 3, 160},
    {"wrap does not break a word", "HHHHHHHHHHHHHHHHHHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000, .fit = FIT_WRAP),
     "text-does-not-fit", 0, 0, 0},
    {"wrap within a height", "HHHH HHHH HHHH HHHH HHHH HHHH HHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000, .height_um = 6700,
              .fit = FIT_WRAP),
     "text-does-not-fit", 0, 0, 0},
    /* two lines: 21 + 6 + 26 dots = 6.625 mm */
    {"two lines in their height", "H\nH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .height_um = 6625), "", 2, 2, 0},
    {"two lines in less", "H\nH", KIT_TEXT(.x_um = 5000, .y_um = 5000, .height_um = 6500),
     "text-does-not-fit", 0, 0, 0},
    {"ellipsis", "HHHHHHHHHHHHHHHHHHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000, .fit = FIT_ELLIPSIS), "", 1, 1,
     160},
    {"ellipsis drops lines", "HH\nHH\nHH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 20000, .height_um = 6700,
              .fit = FIT_ELLIPSIS),
     "", 2, 2, 160},
    {"ellipsis in no room", "HHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 5000, .width_um = 500, .fit = FIT_ELLIPSIS),
     "text-does-not-fit", 0, 0, 0},
    {"turned: the width runs along the line", "HHHHHHHHHHHHHHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 2000, .width_um = 36000, .rotate_degrees = 90), "", 0, 0,
     0},
    {"turned: and is kept", "HHHHHHHHHHHHHHHHHHHH",
     KIT_TEXT(.x_um = 5000, .y_um = 2000, .width_um = 20000, .height_um = 36000,
              .rotate_degrees = 90),
     "text-does-not-fit", 0, 0, 0},
    {"off the label", "HHHHHHHHHHHHHHHHHHHHHHH", KIT_TEXT(.x_um = 5000, .y_um = 5000),
     "off-label", 0, 0, 0},
    {"nothing", "", KIT_TEXT(.x_um = 5000, .y_um = 5000), "", 0, 0, 0},
};

static void fitting(const struct template *template)
{
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
        struct ink ink = {0};
        bool drawn = ink_of(template, &fits[i].element, fits[i].text, &ink);
        tap_is_str(kit_code(), fits[i].code, "fit: %s", fits[i].name);
        if (!drawn || fits[i].max_lines == 0)
            continue;
        uint32_t least = (fits[i].min_lines - 1) * PITCH, most = fits[i].max_lines * PITCH;
        tap_ok(ink.height > least && ink.height <= most, "fit: %s: %u dots high", fits[i].name,
               ink.height);
        if (fits[i].max_width)
            tap_ok(ink.width <= fits[i].max_width, "fit: %s: %u dots wide", fits[i].name,
                   ink.width);
    }
}

/* Shrinking goes in steps of a quarter point and stops at the first size that fits. */
static void shrinking(const struct template *template)
{
    struct element element = KIT_TEXT(.x_um = 2000, .y_um = 5000, .width_um = 20000,
                                      .fit = FIT_SHRINK, .shrink_to_mpt = 4000);
    struct bitmap shrunk = {0}, same = {0}, larger = {0};
    const char *text = "HHHHHHHHHHHHHH";
    if (kit_draw_one(template, &element, text, DPM, &shrunk) != ERR_NONE)
        return;
    int32_t mpt = 8000;
    element.fit = FIT_REFUSE;
    for (; mpt >= 4000; mpt -= 250) {
        element.font_mpt = mpt;
        if (kit_draw_one(template, &element, text, DPM, &same) == ERR_NONE)
            break;
    }
    tap_ok(mpt < 8000 && mpt > 4000 && bitmap_equal(&shrunk, &same),
           "shrunk text is the largest that fits (%d)", mpt);
    bitmap_free(&shrunk);
    bitmap_free(&same);
    bitmap_free(&larger);
}

/* ---- what is refused, and where ------------------------------------------------------- */

static const struct {
    const char *name, *text, *code, *says;
} refusals[] = {
    {"Vietnamese", "\xc4\x90\xe1\xba\xb7ng \xe1\xbb\x97 \xe1\xbb\xaf \xe1\xba\xb7 \xe1\xba\xab",
     "", ""},
    {"a character that no font has", "ab\xe4\xb8\xad", "no-glyph", "character 3, U+4E2D"},
    {"an emoji", "\xf0\x9f\x98\x80", "no-glyph", "character 1, U+1F600"},
    {"replacement character", "a\xef\xbf\xbd", "replacement-character", "character 2, U+FFFD"},
    {"tab", "a\tb", "control-character", "character 2, U+0009"},
    {"escape", "\x1b[0m", "control-character", "character 1, U+001B"},
    {"DEL", "a\x7f", "control-character", "character 2, U+007F"},
    {"C1 control", "\xc2\x85", "control-character", "character 1, U+0085"},
    {"line separator", "a\xe2\x80\xa8", "control-character", "character 2, U+2028"},
    {"right-to-left override",
     "\xe2\x80\xae"
     "123",
     "control-character", "character 1, U+202E"},
    {"not UTF-8", "a\xff", "not-utf-8", "byte 2"},
    {"markup is text", "<b>&amp;</b> {x} ^XZ", "", ""},
};

static void refused(const struct template *template)
{
    struct element element = KIT_TEXT(.x_um = 2000, .y_um = 5000);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct bitmap label = {0};
        enum err err = kit_draw_one(template, &element, refusals[i].text, DPM, &label);
        tap_is_str(kit_code(), refusals[i].code, "%s", refusals[i].name);
        bitmap_free(&label);
        if (err == ERR_NONE)
            continue;
        const struct finding *finding = &kit_findings.list[0];
        tap_ok(strstr(finding->message, refusals[i].says) && finding->line == 1,
               "%s: says \"%s\"", refusals[i].name, finding->message);
    }
}

/* Which side is too small is what has to be mended. */
static void side_is_named(const struct template *template)
{
    static const struct {
        const char *name, *text, *says;
        struct element element;
    } rows[] = {
        {"a text that is too wide", "HHHH", "mm wide, 1.000 mm are there",
         KIT_TEXT(.x_um = 2000, .y_um = 5000, .width_um = 1000)},
        {"a text that is too high", "HHHH", "mm high, 1.000 mm are there",
         KIT_TEXT(.x_um = 2000, .y_um = 5000, .height_um = 1000)},
        {"an ellipsis that is too wide", "HHHH", "mm wide, 0.500 mm are there",
         KIT_TEXT(.x_um = 2000, .y_um = 5000, .width_um = 500, .fit = FIT_ELLIPSIS)},
        {"an ellipsis that is too wide, with room above", "HHHH\nHH",
         "mm wide, 0.500 mm are there",
         KIT_TEXT(.x_um = 2000, .y_um = 5000, .width_um = 500, .height_um = 20000,
                  .fit = FIT_ELLIPSIS)},
        {"an ellipsis that is too high", "HHHH", "mm high, 1.000 mm are there",
         KIT_TEXT(.x_um = 2000, .y_um = 5000, .width_um = 20000, .height_um = 1000,
                  .fit = FIT_ELLIPSIS)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bitmap label = {0};
        (void)kit_draw_one(template, &rows[i].element, rows[i].text, DPM, &label);
        const char *message = kit_findings.count ? kit_findings.list[0].message : "";
        tap_ok(strstr(message, rows[i].says), "%s: \"%s\"", rows[i].name, message);
        bitmap_free(&label);
    }
}

static void fonts_missing(void)
{
    static const struct {
        const char *fonts, *family, *style, *code;
    } cases[] = {
        {"Roboto", NULL, "Regular", ""},
        {"Roboto", NULL, "Bold", ""},
        {"Roboto, Noto Sans", NULL, "Medium", ""},
        {"Roboto", "Roboto Condensed", "Bold", ""},
        {"Roboto", NULL, "Ultra", "missing-style"},
        {"Nonesuch", NULL, "Regular", "missing-font"},
        {"Roboto, Nonesuch", NULL, "Regular", "missing-font"},
        {"Roboto", "Nonesuch", "Regular", "missing-font"},
        {"sans-serif", NULL, "Regular", "missing-font"},
    };
    struct template *roboto = kit_template("50 x 30 mm", "Roboto");
    struct element plain = KIT_TEXT(.x_um = 2000, .y_um = 5000);
    struct bitmap none = {0};
    (void)kit_draw_one(roboto, &plain, "\xe1\xb2\x80", DPM, &none); /* the finding says it */
    tap_is_str(kit_code(), "no-glyph", "a character of a font that is not listed");
    template_free(roboto);
    bitmap_free(&none);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct template *template = kit_template("50 x 30 mm", cases[i].fonts);
        struct element element =
            KIT_TEXT(.x_um = 2000, .y_um = 5000, .font_family = cases[i].family,
                     .font_style = cases[i].style);
        struct bitmap label = {0};
        (void)kit_draw_one(template, &element, "H", DPM, &label); /* the finding says it */
        tap_is_str(kit_code(), cases[i].code, "fonts [%s], family %s, style %s", cases[i].fonts,
                   cases[i].family ? cases[i].family : "-", cases[i].style);
        bitmap_free(&label);
        template_free(template);
    }
}

/* ---- shapes of letters ------------------------------------------------------------------ */

/* Each mark adds dots above or below its letter. */
static void marks(const struct template *template)
{
    static const struct {
        const char *letter, *marked;
        bool above;
    } cases[] = {
        {"o", "\xc3\xb4", true},                /* o circumflex */
        {"\xc3\xb4", "\xe1\xbb\x97", true},     /* and tilde */
        {"a", "\xe1\xba\xa1", false},           /* dot below */
        {"\xe1\xba\xa1", "\xe1\xba\xb7", true}, /* and breve */
        {"A", "\xc3\x82", true},
        {"\xc3\x82", "\xe1\xba\xaa", true},
    };
    struct element element = KIT_TEXT(.x_um = 20000, .y_um = 10000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ink plain = {0}, marked = {0};
        bool ok = ink_of(template, &element, cases[i].letter, &plain) &&
                  ink_of(template, &element, cases[i].marked, &marked);
        ok = ok && (cases[i].above ? marked.y < plain.y
                                   : marked.y + marked.height > plain.y + plain.height);
        tap_ok(ok, "%s is higher or deeper than %s", cases[i].marked, cases[i].letter);
    }
}

/* In a right-to-left line the first letter is the rightmost. */
static void right_to_left(void)
{
    struct template *template = kit_template("40 x 40 mm", "Noto Sans Hebrew, Roboto");
    struct element element = KIT_TEXT(.x_um = 35000, .y_um = 10000, .anchor = ANCHOR_TOP_RIGHT);
    struct bitmap one = {0}, two = {0}, part_one = {0}, part_two = {0};
    uint32_t x, y, width, height;
    bool ok = kit_draw_one(template, &element, "\xd7\x90", DPM, &one) == ERR_NONE &&
              kit_draw_one(template, &element, "\xd7\x90\xd7\x91", DPM, &two) == ERR_NONE &&
              bitmap_bounds(&one, &x, &y, &width, &height) &&
              bitmap_crop(&one, x, 0, 320 - x, 320, &part_one) == ERR_NONE &&
              bitmap_crop(&two, x, 0, 320 - x, 320, &part_two) == ERR_NONE;
    if (!ok && strcmp(kit_code(), "missing-font") == 0)
        tap_skip("Noto Sans Hebrew is not installed");
    else
        tap_ok(ok && bitmap_equal(&part_one, &part_two) &&
                   bitmap_black(&two) > bitmap_black(&one),
               "Hebrew runs from the right");
    bitmap_free(&one);
    bitmap_free(&two);
    bitmap_free(&part_one);
    bitmap_free(&part_two);
    template_free(template);
}

int main(void)
{
    if (!kit_start())
        return tap_done();
    struct template *template = kit_template("40 x 40 mm", "Roboto, Noto Sans");
    standing(template);
    anchored(template);
    turned(template);
    turned_baseline(template);
    fitting(template);
    shrinking(template);
    refused(template);
    side_is_named(template);
    marks(template);
    template_free(template);
    fonts_missing();
    right_to_left();
    kit_end();
    return tap_done();
}
