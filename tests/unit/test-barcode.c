/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols: what readers that nobody here wrote read from our dots, module for module what
 * zint's own program says. Row heights of stacked DataBar: ISO/IEC 24724; of PDF417: 3X
 * (ISO/IEC 15438). Symbology identifiers: ISO/IEC 15424. */
#include "tests/unit/symbol-kit.h"

#define GS       "\x1d"
#define AT       KIT_AT
#define AIS      "[01]09520123456788[17]280301[10]L123[21]7K3QF9ZT2M"
#define AIS_READ "01095201234567881728030110L123" GS "217K3QF9ZT2M" /* facts/standards.md */

static const uint32_t resolutions[] = {8000, 11811, 23622};

static const struct {
    const char *symbology, *content;
    bool ai;
    int64_t module_um;
    const char *identifier, *read; /* as ZXing reads it; NULL = it cannot */
    const char *zint;              /* arguments of zint, which gets `zint_data` or content */
    const char *zint_data;
    int rows[5]; /* heights in modules, repeated; 0 = bars, as high as asked */
    int bearer;
} symbols[] = {
    {"gs1-datamatrix", AIS, true, 500, "]d2", AIS_READ, "-b 71 --gs1 --square", NULL, {1}, 0},
    /* brackets of a value must not become an AI: CSET 82 has parentheses */
    {"gs1-datamatrix",
     "[01]09520123456788[10]L1(21)FAKE",
     true,
     500,
     "]d2",
     "010952012345678810L1(21)FAKE",
     "-b 71 --gs1 --square",
     NULL,
     {1},
     0},
    {"gs1-datamatrix",
     "[01]09520123456788[21]_>%&\"<'+/",
     true,
     500,
     "]d2",
     "010952012345678821_>%&\"<'+/",
     NULL,
     NULL,
     {1},
     0},
    {"datamatrix", "Hello 123", false, 500, "]d1", "Hello 123", "-b 71 --square", NULL, {1}, 0},
    {"datamatrix", "^XZ^XA_5E\\F{x}", false, 500, "]d1", "^XZ^XA_5E\\F{x}", NULL, NULL, {1}, 0},
    {"qr",
     "https://id.gs1.org/01/09520123456788/10/L123",
     false,
     500,
     "]Q1",
     "https://id.gs1.org/01/09520123456788/10/L123",
     "-b 58",
     NULL,
     {1},
     0},
    {"qr",
     "Vi\xe1\xbb\x87t \xe1\xbb\x97",
     false,
     500,
     "]Q1",
     "Vi\xe1\xbb\x87t \xe1\xbb\x97",
     "-b 58 --eci=26",
     NULL,
     {1},
     0},
    {"gs1-qr", AIS, true, 500, "]Q3", AIS_READ, "-b 58 --gs1", NULL, {1}, 0},
    {"micro-qr", "12345", false, 500, "]Q1", "12345", "-b 97", NULL, {1}, 0},
    {"aztec", "Aztec 123", false, 500, "]z0", "Aztec 123", "-b 92", NULL, {1}, 0},
    {"dotcode", "DotCode 1", false, 500, NULL, NULL, "-b 115", NULL, {1}, 0},
    {"gs1-dotcode", AIS, true, 500, NULL, NULL, "-b 115 --gs1", NULL, {1}, 0},
    {"pdf417", "PDF417 text 123", false, 330, "]L2", "PDF417 text 123", "-b 55", NULL, {3}, 0},
    {"micro-pdf417", "abc", false, 330, NULL, NULL, "-b 84", NULL, {2}, 0},
    {"code128", "Abc-1234567", false, 250, "]C0", "Abc-1234567", "-b 20", NULL, {0}, 0},
    {"gs1-128",
     "[01]09520123456788[10]L1(21)F",
     true,
     250,
     "]C1",
     "010952012345678810L1(21)F",
     "-b 16",
     NULL,
     {0},
     0},
    {"gs1-128",
     "[00]095201234567891235",
     true,
     500,
     "]C1",
     "00095201234567891235",
     "-b 16",
     NULL,
     {0},
     0},
    {"code39", "ABC-123", false, 250, "]A0", "ABC-123", "-b 8", NULL, {0}, 0},
    /* zxing-wasm takes "+A" for Full ASCII's "a" */
    {"hibc-39", "A123BJC5D6E71", false, 250, "]A0", "+A123BJC5D6E71G", "-b 99", NULL, {0}, 0},
    {"code93", "ABC-123", false, 250, "]G0", "ABC-123", "-b 25", NULL, {0}, 0},
    {"itf", "12345678", false, 330, "]I0", "12345678", "-b 3", NULL, {0}, 0},
    {"itf14",
     "12345678901231",
     false,
     500,
     "]I1",
     "12345678901231",
     "-b 89",
     "1234567890123",
     {0},
     2},
    {"ean13", "1234567890128", false, 330, "]E0", "1234567890128", "-b 13", NULL, {0}, 0},
    {"ean13",
     "01234567890128",
     false,
     330,
     "]E0",
     "1234567890128",
     "-b 13",
     "1234567890128",
     {0},
     0},
    {"ean8", "96385074", false, 330, "]E4", "96385074", "-b 13", "9638507", {0}, 0},
    {"upca", "416000336108", false, 330, "]E0", "416000336108", "-b 34", NULL, {0}, 0},
    {"upce", "01234565", false, 330, "]E0", "01234565", "-b 37", NULL, {0}, 0},
    {"databar-omni",
     "09520123456788",
     false,
     330,
     "]e0",
     "09520123456788" /* ZXing leaves AI 01 out */,
     "-b 29",
     NULL,
     {0},
     0},
    {"databar-limited", "09520123456788", false, 330, NULL, NULL, "-b 30", NULL, {0}, 0},
    {"databar-expanded",
     "[01]09520123456788[10]L1",
     true,
     330,
     "]e0",
     "(01)09520123456788(10)L1" /* as ZXing writes it */,
     "-b 31",
     NULL,
     {0},
     0},
    {"databar-stacked", "09520123456788", false, 330, NULL, NULL, "-b 79", NULL, {5, 1, 7}, 0},
    {"databar-stacked-omni",
     "09520123456788",
     false,
     330,
     NULL,
     NULL,
     "-b 80",
     NULL,
     {33, 1, 1, 1, 33},
     0},
    {"databar-expanded-stacked",
     "[01]09520123456788[10]L1",
     true,
     330,
     NULL,
     NULL,
     "-b 81",
     NULL,
     {34, 1, 1, 1, 34},
     0},
};

#define SYMBOLS (sizeof symbols / sizeof *symbols)

static struct element element_of(size_t i)
{
    return KIT_BARCODE(.symbology = symbols[i].symbology, .x_um = AT, .y_um = AT,
                       .module_um = symbols[i].module_um, .ai_data = symbols[i].ai);
}

/* ---- module for module what zint's program says --------------------------------- */

static void compare_with_zint(size_t i, const struct template *template)
{
    if (!symbols[i].zint)
        return;
    char command[512];
    snprintf(command, sizeof command, "zint %s --dump -d '%s'", symbols[i].zint,
             symbols[i].zint_data ? symbols[i].zint_data : symbols[i].content);
    const char *dump = kit_run(command);
    struct element element = element_of(i);
    struct bitmap label;
    uint32_t dpm = 8000;
    int64_t module = dots_from_um(symbols[i].module_um, dpm), y = dots_from_um(AT, dpm);
    if (kit_draw_one(template, &element, symbols[i].content, dpm, &label) != ERR_NONE) {
        kit_say_findings();
        tap_ok(false, "%s %s is drawn", symbols[i].symbology, symbols[i].content);
        return;
    }
    int64_t wrong = 0, rows = 0, x = dots_from_um(AT, dpm);
    if (symbols[i].rows[0] == 0) {
        int64_t bearer = symbols[i].bearer * module;
        int64_t height = 0; /* until white */
        while (bitmap_get(&label, (uint32_t)x, (uint32_t)(y + height)))
            height++;
        wrong = kit_wrong_dots(&label, dump, module, y + bearer, height - 2 * bearer);
        rows = *dump != '\0';
    } else {
        for (const char *line = dump; *line; rows++) {
            int heights = 5;
            while (symbols[i].rows[heights - 1] == 0)
                heights--;
            int64_t height = symbols[i].rows[rows % heights] * module;
            wrong += kit_wrong_dots(&label, line, module, y, height);
            y += height;
            line += strcspn(line, "\n");
            line += *line == '\n';
        }
    }
    bitmap_free(&label);
    tap_ok(rows > 0 && wrong == 0,
           "%s \"%s\": dot for dot zint's modules (%lld rows, %lld "
           "dots differ)",
           symbols[i].symbology, symbols[i].content, (long long)rows, (long long)wrong);
}

/* ---- what readers read ------------------------------------------------------------ */

static bool draw_to_file(size_t i, const struct template *template, uint32_t dpm, char *path,
                         size_t size)
{
    struct element element = element_of(i);
    snprintf(path, size, "%s/s.png", kit_folder);
    return kit_symbol_file(template, &element, symbols[i].content, dpm, path);
}

static void read_symbol(size_t i, const struct template *template, uint32_t dpm)
{
    char path[256], command[512], want[512], got[4096];
    if (!symbols[i].read)
        return;
    if (!draw_to_file(i, template, dpm, path, sizeof path)) {
        tap_ok(false, "%s is drawn at %u", symbols[i].symbology, dpm);
        return;
    }
    snprintf(command, sizeof command, "ZXingReader -norotate -noscale '%s'", path);
    const char *output = kit_run(command);
    snprintf(want, sizeof want, "%s %s", symbols[i].identifier, symbols[i].read);
    int len = snprintf(got, sizeof got, "%s ", kit_said(output, "Identifier:"));
    snprintf(got + len, sizeof got - (size_t)len, "%s", kit_bytes(kit_said(output, "Bytes:")));
    tap_is_str(got, want, "ZXing reads %s at %u dots a metre", symbols[i].symbology, dpm);
}

#define ZBAR "zbarimg -q --nodbus --raw '%s'"

static const struct {
    const char *program, *symbology, *command, *want; /* NULL: the content */
} second_readers[] = {
    {"dmtxread", "datamatrix", "dmtxread -N1 -m2000 '%s'", NULL},
    {"zbarimg", "qr", ZBAR, NULL},
    {"zbarimg", "code128", ZBAR, NULL},
    {"zbarimg", "ean13", ZBAR, NULL},
    {"zbarimg", "ean8", ZBAR, NULL},
    {"zbarimg", "databar-omni", ZBAR, "0109520123456788"},
    {"zbarimg", "databar-stacked", ZBAR, "0109520123456788"},
    {"zbarimg", "databar-stacked-omni", ZBAR, "0109520123456788"},
    {"zbarimg", "databar-expanded", ZBAR, "010952012345678810L1"},
    {"zbarimg", "databar-expanded-stacked", ZBAR, "010952012345678810L1"},
};

static void second_reader(size_t n, const struct template *template)
{
    char path[256], command[512], got[256];
    if (!kit_has(second_readers[n].program)) {
        tap_skip("%s is not installed", second_readers[n].program);
        return;
    }
    size_t i = 0;
    while (strcmp(symbols[i].symbology, second_readers[n].symbology) != 0)
        i++;
    bool drawn = draw_to_file(i, template, 8000, path, sizeof path);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(command, sizeof command, second_readers[n].command, path);
#pragma GCC diagnostic pop
    snprintf(got, sizeof got, "%s", drawn ? kit_run(command) : "");
    got[strcspn(got, "\n")] = '\0';
    const char *want = second_readers[n].want ? second_readers[n].want : symbols[i].content;
    tap_is_str(got, want, "%s reads %s", second_readers[n].program,
               second_readers[n].symbology);
}

/* ---- place and text -------------------------------------------------------------- */

/* 21 modules of 500 um on a head of 8 dots a mm, height 10 mm: turned, placed, measured. */
static void turned(const struct template *template)
{
    static const struct {
        int degrees;
        enum anchor anchor;
        uint32_t x, y, width, height; /* of the bars; Code 39 "A": 3 x 13 - 1 modules + gaps */
    } cases[] = {
        {0, ANCHOR_TOP_LEFT, 240, 240, 0, 80},
        {90, ANCHOR_TOP_LEFT, 240, 240, 80, 0},
        {180, ANCHOR_BOTTOM_RIGHT, 0, 160, 0, 80},
        {270, ANCHOR_TOP_RIGHT, 160, 240, 80, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct element element =
            KIT_BARCODE(.symbology = "code39", .x_um = 30000, .y_um = 30000, .module_um = 250,
                        .height_um = 10000, .anchor = cases[i].anchor,
                        .rotate_degrees = cases[i].degrees);
        struct bitmap label;
        uint32_t x = 0, y = 0, width = 0, height = 0;
        if (kit_draw_one(template, &element, "A", 8000, &label) != ERR_NONE) {
            kit_say_findings();
            tap_ok(false, "turned by %d: drawn", cases[i].degrees);
            continue;
        }
        bitmap_bounds(&label, &x, &y, &width, &height);
        bool ok = (cases[i].x == 0 || x == cases[i].x) && y == cases[i].y &&
                  (cases[i].width == 0 || width == cases[i].width) &&
                  (cases[i].height == 0 || height == cases[i].height);
        if (cases[i].anchor == ANCHOR_BOTTOM_RIGHT || cases[i].anchor == ANCHOR_TOP_RIGHT)
            ok = ok && x + width == 240;
        tap_ok(ok, "turned by %d: %ux%u at %u,%u", cases[i].degrees, width, height, x, y);
        bitmap_free(&label);
    }
}

/* Human-readable text stands below, and the symbol still reads. */
static void interpretation(const struct template *template)
{
    struct element element = KIT_BARCODE(.symbology = "gs1-128", .x_um = AT, .y_um = AT,
                                         .module_um = 250, .ai_data = true, .hri = HRI_BELOW,
                                         .font_style = "Regular", .font_mpt = 8000);
    struct bitmap label;
    char path[256], command[512];
    uint32_t x, y, width, height;
    enum err err = kit_draw_one(template, &element, "[01]09520123456788[10]L1", 8000, &label);
    if (!tap_ok(err == ERR_NONE, "symbol with its text is drawn"))
        return;
    bitmap_bounds(&label, &x, &y, &width, &height);
    /* bars 12.7 mm = 102 dots, one module of gap, 8 pt text of at most 27 dots */
    tap_ok(height > 102 + 2 + 10 && height < 102 + 2 + 30, "text is below the bars (%u)",
           height);
    snprintf(path, sizeof path, "%s/s.png", kit_folder);
    snprintf(command, sizeof command, "ZXingReader -norotate -noscale '%s'", path);
    if (kit_save(&label, 8000, path) && kit_has("ZXingReader"))
        tap_is_str(kit_bytes(kit_said(kit_run(command), "Bytes:")), "010952012345678810L1",
                   "symbol with text reads");
    bitmap_free(&label);
}

static int64_t ink_rows(const struct bitmap *label, uint32_t from, uint32_t to)
{
    int64_t rows = 0;
    for (uint32_t y = from; y < to; y++) {
        bool ink = false;
        for (uint32_t x = 0; x < label->width_dots && !ink; x++)
            ink = bitmap_get(label, x, y);
        rows += ink;
    }
    return rows;
}

/* Above, the text takes its place at `at`, and the bars are moved down by it. */
static void interpretation_above(const struct template *template)
{
    struct element element =
        KIT_BARCODE(.symbology = "code128", .x_um = AT, .y_um = AT, .module_um = 250,
                    .hri = HRI_ABOVE, .font_style = "Regular", .font_mpt = 8000);
    struct element bare = element;
    struct bitmap label = {0}, bars = {0};
    uint32_t x, y, width, height, bare_height;
    bare.hri = HRI_NONE;
    bool ok = kit_draw_one(template, &bare, "ABC", 8000, &bars) == ERR_NONE &&
              kit_draw_one(template, &element, "ABC", 8000, &label) == ERR_NONE;
    if (!tap_ok(ok, "symbol with its text above is drawn"))
        return;
    bitmap_bounds(&bars, &x, &y, &width, &bare_height);
    bitmap_bounds(&label, &x, &y, &width, &height);
    uint32_t top = y + height - bare_height; /* of the bars */
    bool same = true;
    for (uint32_t row = 0; row < bare_height && same; row++)
        for (uint32_t column = 0; column < bars.width_dots && same; column++)
            same = bitmap_get(&bars, column, 64 + row) == bitmap_get(&label, column, top + row);
    tap_ok(same, "the bars are the same, below the text");
    tap_ok(y >= 64 && top > y + 10 && ink_rows(&label, y, top) >= 10 &&
               ink_rows(&label, top - 2, top) == 0,
           "text of some dots, then a gap of a module (%u to %u)", y, top);
    bitmap_free(&label);
    bitmap_free(&bars);
}

/* A frame of two modules of 4 dots around quiet zones of ten: GS1 General Specifications
 * 5.3.2.4. ITF-14 is 4 + 7 x 18 + 9 - 4 = 135 modules wide at zint's ratio of 2:1 and 3:1. */
static void bearer_box(const struct template *template)
{
    struct element element = KIT_BARCODE(.symbology = "itf14", .x_um = AT, .y_um = AT,
                                         .module_um = 500, .options = {.bearer = BEARER_BOX});
    struct element bars = element;
    struct bitmap boxed = {0}, plain = {0};
    uint32_t x, y, width, height, plain_width;
    bars.options.bearer = BEARER_NONE;
    bool ok = kit_draw_one(template, &bars, "12345678901231", 8000, &plain) == ERR_NONE &&
              kit_draw_one(template, &element, "12345678901231", 8000, &boxed) == ERR_NONE;
    if (!tap_ok(ok, "ITF-14 in a box is drawn"))
        return;
    bitmap_bounds(&plain, &x, &y, &plain_width, &height);
    bitmap_bounds(&boxed, &x, &y, &width, &height);
    tap_is_int(width, plain_width + 2 * (10 + 2) * 4, "quiet zones and frame outside");
    bool frame = true, quiet = true;
    for (uint32_t row = 0; row < height; row++) {
        frame = frame && bitmap_get(&boxed, x, y + row) && bitmap_get(&boxed, x + 7, y + row) &&
                bitmap_get(&boxed, x + width - 1, y + row);
        if (row >= 8 && row < height - 8)
            quiet = quiet && !bitmap_get(&boxed, x + 8, y + row) &&
                    !bitmap_get(&boxed, x + 47, y + row) && bitmap_get(&boxed, x + 48, y + row);
    }
    tap_ok(frame && quiet, "a frame of 8 dots, 40 white ones, then the first bar");
    bitmap_free(&boxed);
    bitmap_free(&plain);
}

/* A GTIN-13 in its 14-digit form is read below the bars as it is encoded. */
static void interpreted_digits(const struct template *template)
{
    struct element element = KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT,
                                         .module_um = 330, .hri = HRI_BELOW);
    struct bitmap a = {0}, b = {0};
    bool ok = kit_draw_one(template, &element, "1234567890128", 8000, &a) == ERR_NONE &&
              kit_draw_one(template, &element, "01234567890128", 8000, &b) == ERR_NONE;
    tap_ok(ok && bitmap_equal(&a, &b), "text below shows the digits that are encoded");
    bitmap_free(&a);
    bitmap_free(&b);
}

int main(void)
{
    if (!kit_start())
        return tap_done();
    kit_make_folder();
    struct template *template = kit_template("110 x 80 mm", "Roboto, Noto Sans");
    for (size_t i = 0; kit_has("zint") && i < SYMBOLS; i++)
        compare_with_zint(i, template);
    if (!kit_has("zint"))
        tap_skip("zint is not installed");
    for (size_t i = 0; kit_has("ZXingReader") && i < SYMBOLS; i++)
        for (size_t n = 0; n < sizeof resolutions / sizeof *resolutions; n++)
            read_symbol(i, template, resolutions[n]);
    if (!kit_has("ZXingReader"))
        tap_skip("ZXingReader is not installed");
    for (size_t n = 0; n < sizeof second_readers / sizeof *second_readers; n++)
        second_reader(n, template);
    turned(template);
    interpretation(template);
    interpreted_digits(template);
    interpretation_above(template);
    bearer_box(template);
    template_free(template);
    char path[256];
    snprintf(path, sizeof path, "%s/s.png", kit_folder);
    (void)remove(path); /* absent where nothing was drawn */
    (void)remove(kit_folder);
    kit_end();
    return tap_done();
}
