/* SPDX-License-Identifier: Apache-2.0 */
/* Symbologies beyond those of test-barcode.c, options and composites. Each row is drawn at 8
 * and 11.811 dots a mm and read by zxing-wasm, which nobody here wrote, and held module for
 * module against zint's own program. `format` NULL: no reader that runs here knows it, and
 * zint's program alone has a say: 2 of 5 but Interleaved, Code 11, MSI, Plessey, Pharmacode,
 * Han Xin, DotCode, Korea Post and the four-state codes of the posts. Of a composite the reader
 * reads the linear symbol, and zint's program shows the component above it. UPC-A and UPC-E are
 * sent as the 13 digits of a GTIN (ISO/IEC 15424). */
#include "tests/unit/symbol-kit.h"

#define AT KIT_AT
#define GS "\x1d"
/* Header of a carrier's message: ISO/IEC 15434. */
#define SHIP                                                                                   \
    "[)>\x1e"                                                                                  \
    "01" GS "96"
#define PRIMARY_2 "999999999840012"
/* Heights of rows in dots at 8 dots a mm, repeated. */
#define ROWS(...)    .rows = {__VA_ARGS__}
#define BARS         ROWS(0)
#define OPTIONS(...) .options = {__VA_ARGS__}

static const uint32_t resolutions[] = {8000, 11811};

static const struct case_row {
    const char *symbology, *content;
    int64_t module_um;
    struct symbol_options options;
    bool ai, composite, primary;
    const char *zint;      /* arguments of zint's program; NULL = not compared */
    const char *zint_data; /* NULL = the content */
    int rows[13];          /* heights in dots; BARS = one row, as high as it is */
    const char *format, *identifier, *level, *version, *read; /* of the reader */
} symbols[] = {
    /* ---- symbologies ---- */
    {"code39-full", "Abc", 250, .zint = "-b 9", BARS, .format = "Code39Ext",
     .identifier = "]A4", .read = "Abc"},
    {"code11", "123-45", 250, .zint = "-b 1 --vers=2", BARS},
    {"codabar", "A1234B", 250, .zint = "-b 18", BARS, .format = "Codabar", .identifier = "]F0",
     .read = "A1234B"},
    {"matrix-2of5", "12345", 250, .zint = "-b 2", BARS},
    {"iata-2of5", "12345", 250, .zint = "-b 4", BARS},
    {"datalogic-2of5", "12345", 250, .zint = "-b 6", BARS},
    {"industrial-2of5", "12345", 250, .zint = "-b 7", BARS},
    {"msi", "12345", 250, .zint = "-b 47", BARS},
    {"plessey", "12AB", 250, .zint = "-b 86", BARS},
    {"telepen", "Abc", 250, .zint = "-b 32", BARS, .format = "TelepenAlpha",
     .identifier = "]B0", .read = "Abc"},
    /* read as text: a pair of digits is the character of its value + 27 */
    {"telepen-numeric", "1234", 250, .zint = "-b 87", BARS, .format = "TelepenAlpha",
     .identifier = "]B0", .read = "'="},
    /* a digit with an X, by which the reader knows what it reads */
    {"telepen-numeric", "3X12", 250, .zint = "-b 87", BARS, .format = "TelepenNumeric",
     .identifier = "]B1", .read = "3X12"},
    {"isbn", "9789295055124", 330, .zint = "-b 69", BARS, .format = "EAN13",
     .identifier = "]E0", .read = "9789295055124"},
    {"databar-limited", "09520123456788", 330, .zint = "-b 30", ROWS(30),
     .format = "DataBarLtd", .identifier = "]e0", .read = "0109520123456788"},
    {"databar-stacked", "09520123456788", 330, .zint = "-b 79", ROWS(15, 3, 21),
     .format = "DataBarStk", .identifier = "]e0", .read = "0109520123456788"},
    {"databar-stacked-omni", "09520123456788", 330, .zint = "-b 80", ROWS(99, 3, 3, 3, 99),
     .format = "DataBarStk", .identifier = "]e0", .read = "0109520123456788"},
    {"rmqr", "12345", 500, .zint = "-b 145", ROWS(4), .format = "RMQRCode", .identifier = "]Q1",
     .read = "12345"},
    {"gs1-rmqr", "[01]09520123456788[10]L1[21]X", 500, .ai = true, .zint = "-b 145 --gs1",
     ROWS(4), .format = "RMQRCode", .identifier = "]Q3",
     .read = "010952012345678810L1" GS "21X"},
    {"han-xin", "Hanxin", 500, .zint = "-b 116", ROWS(4)},
    {"compact-pdf417", "PDF417 text 123", 330, .zint = "-b 56", ROWS(9), .format = "PDF417",
     .identifier = "]L2", .read = "PDF417 text 123"},
    {"micro-pdf417", "abc", 330, .zint = "-b 84", ROWS(6), .format = "MicroPDF417",
     .identifier = "]L2", .read = "abc"},
    {"hibc-128", "A123BJC5D6E71", 250, .zint = "-b 98", BARS, .format = "Code128",
     .identifier = "]C0", .read = "+A123BJC5D6E71G"},
    {"hibc-39", "A123BJC5D6E71", 250, .zint = "-b 99", BARS},
    {"hibc-datamatrix", "A123BJC5D6E71", 500, .zint = "-b 102 --square", ROWS(4),
     .format = "DataMatrix", .identifier = "]d1", .read = "+A123BJC5D6E71G"},
    {"hibc-qr", "A123BJC5D6E71", 500, .zint = "-b 104", ROWS(4), .format = "QRCode",
     .identifier = "]Q1", .read = "+A123BJC5D6E71G"},
    {"hibc-aztec", "A123BJC5D6E71", 500, .zint = "-b 112", ROWS(4), .format = "Aztec",
     .identifier = "]z0", .read = "+A123BJC5D6E71G"},
    {"hibc-pdf417", "A123BJC5D6E71", 330, .zint = "-b 106", ROWS(9), .format = "PDF417",
     .identifier = "]L2", .read = "+A123BJC5D6E71G"},
    {"hibc-micro-pdf417", "A123BJC5D6E71", 330, .zint = "-b 108", ROWS(6),
     .format = "MicroPDF417", .identifier = "]L2", .read = "+A123BJC5D6E71G"},
    {"code32", "143523126", 250, .zint = "-b 129", .zint_data = "14352312", BARS,
     .format = "Code32", .identifier = "]A0", .read = "A143523126"},
    {"pzn", "27580899", 250, .zint = "-b 52", .zint_data = "2758089", BARS, .format = "PZN",
     .identifier = "]A0", .read = "-27580899"},
    {"pharmacode", "131070", 500, .zint = "-b 51", BARS},
    {"pharmacode-two-track", "29876543", 1000, .zint = "-b 53", ROWS(32)},
    {"vin", "1FTCR10UXTPA78180", 250, .zint = "-b 73", BARS, .format = "Code39",
     .identifier = "]A0", .read = "1FTCR10UXTPA78180"},
    {"dpd", "%000393206219912345678101040", 375, .zint = "-b 96", BARS, .format = "Code128",
     .identifier = "]C0", .read = "%000393206219912345678101040"},
    {"leitcode", "21348075016401", 375, .zint = "-b 21", .zint_data = "2134807501640", BARS,
     .format = "ITF", .identifier = "]I0", .read = "21348075016401"},
    {"identcode", "563102430313", 375, .zint = "-b 22", .zint_data = "56310243031", BARS,
     .format = "ITF", .identifier = "]I0", .read = "563102430313"},
    {"korea-post", "9234570", 375, .zint = "-b 77", .zint_data = "923457", ROWS(80)},
    /* heights: 1.87 mm is 15 dots, 1.28 mm 10, 1.85 mm 15, 1.3 mm 10, 1.23 and 1.2 mm 10 */
    {"usps-imail", "01234567094987654321-01234", 600, .zint = "-b 85", ROWS(10)},
    {"royal-mail", "LE28HS9Z", 600, .zint = "-b 70", ROWS(15, 10, 15)},
    {"mailmark", "1100000000000XY11     ", 600, .zint = "-b 121", ROWS(15, 10, 15)},
    {"kix", "2500GG30250", 600, .zint = "-b 90", ROWS(15, 10, 15)},
    {"australia-post", "96184209", 500, .zint = "-b 63", ROWS(15, 10, 15)},
    {"japan-post", "15400233-16-4-205", 600, .zint = "-b 76", ROWS(10)},

    {"maxicode", "MaxiCode 123", 930, .format = "MaxiCode", .identifier = "]U0", .level = "4",
     .read = "MaxiCode 123"},
    /* the reader puts the primary message where ISO/IEC 16023, B.2.1, has it */
    {"maxicode", PRIMARY_2 PRIMARY_END SHIP "1Z12345675" GS "UPSN", 930, OPTIONS(.mode = 2),
     .primary = true, .format = "MaxiCode", .identifier = "]U1", .level = "2",
     .read = SHIP "999999999" GS "840" GS "012" GS "1Z12345675" GS "UPSN"},
    {"maxicode", "B1050 056999" PRIMARY_END "test", 930, OPTIONS(.mode = 3), .primary = true,
     .format = "MaxiCode", .identifier = "]U1", .level = "3",
     .read = "B1050 " GS "056" GS "999" GS "test"},

    /* ---- options; a version of QR Code 1 has 21 modules, of 2 25, of 5 37 ---- */
    {"qr", "12345", 500, OPTIONS(.error_correction = 4), .zint = "-b 58 --secure=4", ROWS(4),
     .format = "QRCode", .identifier = "]Q1", .level = "H", .version = "1", .read = "12345"},
    {"qr", "12345", 500, OPTIONS(.version = 5, .error_correction = 3),
     .zint = "-b 58 --secure=3 --vers=5", ROWS(4), .format = "QRCode", .identifier = "]Q1",
     .version = "5", .read = "12345"},
    {"micro-qr", "12345", 500, OPTIONS(.version = 4, .error_correction = 3),
     .zint = "-b 97 --secure=3 --vers=4", ROWS(4), .format = "MicroQRCode", .identifier = "]Q1",
     .level = "Q", .version = "M4", .read = "12345"},
    {"rmqr", "12345", 500, OPTIONS(.error_correction = 1, .size = 3),
     .zint = "-b 145 --secure=2 --vers=3", ROWS(4), .format = "RMQRCode", .identifier = "]Q1",
     .level = "M", .version = "R7x77", .read = "12345"},
    {"rmqr", "12345", 500, OPTIONS(.error_correction = 2, .size = 32), ROWS(4),
     .format = "RMQRCode", .identifier = "]Q1", .level = "H", .version = "R17x139",
     .read = "12345"},
    {"han-xin", "Hanxin", 500, OPTIONS(.error_correction = 3, .version = 4),
     .zint = "-b 116 --secure=3 --vers=4", ROWS(4)},
    {"datamatrix", "Hello", 500, OPTIONS(.size = 26), .zint = "-b 71 --vers=26", ROWS(4),
     .format = "DataMatrix", .identifier = "]d1", .read = "Hello"},
    {"gs1-datamatrix", "[01]09520123456788[10]L1", 500, OPTIONS(.shape = 2), .ai = true,
     .zint = "-b 71 --gs1 --vers=27", ROWS(4), .format = "DataMatrix", .identifier = "]d2",
     .read = "010952012345678810L1"},
    {"datamatrix", "Hello", 500, OPTIONS(.size = 48), .zint = "-b 71 --vers=48", ROWS(4),
     .format = "DataMatrix", .identifier = "]d7", .read = "Hello"},
    {"aztec", "Aztec 123", 500, OPTIONS(.size = 5), .zint = "-b 92 --vers=8", ROWS(4),
     .format = "Aztec", .identifier = "]z0", .read = "Aztec 123"},
    {"aztec", "Aztec 123 with more of error correction", 500, OPTIONS(.error_correction = 4),
     .zint = "-b 92 --secure=4", ROWS(4), .format = "Aztec", .identifier = "]z0",
     .read = "Aztec 123 with more of error correction"},
    {"dotcode", "Hello", 500, OPTIONS(.columns = 20), .zint = "-b 115 --cols=20", ROWS(4)},
    {"pdf417", "Hello", 330, OPTIONS(.error_correction = 1), .zint = "-b 55 --secure=0",
     ROWS(9), .format = "PDF417", .identifier = "]L2", .read = "Hello"},
    {"pdf417", "Hello", 330, OPTIONS(.error_correction = 6, .columns = 4, .row_height = 4),
     .zint = "-b 55 --secure=5 --cols=4", ROWS(12), .format = "PDF417", .identifier = "]L2",
     .read = "Hello"},
    {"pdf417", "Hello", 330, OPTIONS(.columns = 2, .rows = 20),
     .zint = "-b 55 --cols=2 --rows=20", ROWS(9), .format = "PDF417", .identifier = "]L2",
     .read = "Hello"},
    {"micro-pdf417", "abc", 330, OPTIONS(.columns = 4, .row_height = 3),
     .zint = "-b 84 --cols=4", ROWS(9), .format = "MicroPDF417", .identifier = "]L2",
     .read = "abc"},
    {"databar-expanded-stacked", "[01]09520123456788[10]L1", 330, OPTIONS(.columns = 1),
     .ai = true, .zint = "-b 81 --cols=1", ROWS(102, 3, 3, 3, 102, 3, 3, 3, 102, 3, 3, 3, 102),
     .format = "DataBarExpStk", .identifier = "]e0", .read = "010952012345678810L1"},
    {"databar-expanded-stacked", "[01]09520123456788[10]L1", 330, OPTIONS(.rows = 2),
     .ai = true, .zint = "-b 81 --cols=2", ROWS(102, 3, 3, 3, 102), .format = "DataBarExpStk",
     .identifier = "]e0", .read = "010952012345678810L1"},
    /* ]A1 and the like say that the reader found a check digit right: ISO/IEC 15424. Check
       digits: modulo 43 of A, B, C (10 + 11 + 12 = 33 is X); modulo 10 of 12345 is 7 */
    {"code39", "ABC", 250, OPTIONS(.check_digit = 2), .zint = "-b 8 --vers=1", BARS,
     .format = "Code39", .identifier = "]A1", .read = "ABCX"},
    {"code39", "ABC", 250, OPTIONS(.check_digit = 1), .zint = "-b 8", BARS, .format = "Code39",
     .identifier = "]A0", .read = "ABC"},
    {"itf", "12345", 330, OPTIONS(.check_digit = 2), .zint = "-b 3 --vers=1", BARS,
     .format = "ITF", .identifier = "]I1", .read = "123457"},
    {"codabar", "A1234B", 250, OPTIONS(.check_digit = 2), .zint = "-b 18 --vers=1", BARS,
     .format = "Codabar", .identifier = "]F0", .read = "A12345B"},
    {"code11", "123-45", 250, OPTIONS(.check_digit = 2), .zint = "-b 1 --vers=1", BARS},
    {"code11", "123-45", 250, OPTIONS(.check_digit = 3), .zint = "-b 1", BARS},
    {"matrix-2of5", "12345", 250, OPTIONS(.check_digit = 2), .zint = "-b 2 --vers=1", BARS},
    {"msi", "12345", 250, OPTIONS(.check_digit = 2), .zint = "-b 47 --vers=1", BARS},
    {"msi", "12345", 250, OPTIONS(.check_digit = 5), .zint = "-b 47 --vers=4", BARS},
    {"ean13", "1234567890128+12", 330, OPTIONS(.addon = 1), .zint = "-b 13", BARS,
     .format = "EAN13", .identifier = "]E3", .read = "123456789012812"},
    {"isbn", "9789295055124+54321", 330, OPTIONS(.addon = 2), .zint = "-b 69", BARS,
     .format = "EAN13", .identifier = "]E3", .read = "978929505512454321"},
    {"ean8", "96385074+12", 330, OPTIONS(.addon = 1), .zint = "-b 13",
     .zint_data = "9638507+12", BARS, .format = "EAN8", .identifier = "]E3",
     .read = "9638507412"},
    {"upca", "416000336108+12345", 330, OPTIONS(.addon = 2), .zint = "-b 34", BARS,
     .format = "EAN13", .identifier = "]E3", .read = "041600033610812345"},
    {"itf14", "12345678901231", 500, OPTIONS(.bearer = 1), .zint = "-b 89",
     .zint_data = "1234567890123", BARS, .format = "ITF", .identifier = "]I1",
     .read = "12345678901231"},

    /* ---- composites: the component above, a separator of one module or more, the bars ---- */
    {"gs1-128", "[01]09520123456788|[10]L123", 250, .ai = true, .composite = true,
     .zint = "-b 131 --primary='[01]09520123456788'", .zint_data = "[10]L123",
     ROWS(4, 4, 4, 2, 102), .format = "Code128", .identifier = "]C1",
     .read = "0109520123456788"},
    {"ean13", "1234567890128|[21]X1", 330, .composite = true,
     .zint = "-b 130 --primary=1234567890128", .zint_data = "[21]X1",
     ROWS(6, 6, 6, 6, 6, 6, 183), .format = "EAN13", .identifier = "]E0",
     .read = "1234567890128"},
    {"ean8", "96385074|[21]X1", 330, .composite = true, .zint = "-b 130 --primary=9638507",
     .zint_data = "[21]X1", ROWS(6, 6, 6, 6, 6, 6, 6, 146), .format = "EAN8",
     .identifier = "]E4", .read = "96385074"},
    {"upca", "416000336108|[21]X1", 330, .composite = true,
     .zint = "-b 135 --primary=416000336108", .zint_data = "[21]X1",
     ROWS(6, 6, 6, 6, 6, 6, 183), .format = "EAN13", .identifier = "]E0",
     .read = "0416000336108"},
    {"upce", "01234565|[21]X1", 330, .composite = true, .zint = "-b 136 --primary=01234565",
     .zint_data = "[21]X1", ROWS(6, 6, 6, 6, 6, 6, 6, 6, 183), .format = "UPCE",
     .identifier = "]E0", .read = "0012345000065"},
    {"databar-omni", "09520123456788|[10]L123", 330, .composite = true,
     .zint = "-b 132 --primary=09520123456788", .zint_data = "[10]L123", ROWS(6, 6, 6, 3, 99),
     .format = "DataBarOmni", .identifier = "]e0", .read = "0109520123456788"},
    {"databar-limited", "09520123456788|[10]L123", 330, .composite = true,
     .zint = "-b 133 --primary=09520123456788", .zint_data = "[10]L123",
     ROWS(6, 6, 6, 6, 3, 30), .format = "DataBarLtd", .identifier = "]e0",
     .read = "0109520123456788"},
    {"databar-expanded", "[01]09520123456788|[21]L123", 330, .ai = true, .composite = true,
     .zint = "-b 134 --primary='[01]09520123456788'", .zint_data = "[21]L123",
     ROWS(6, 6, 6, 3, 102), .format = "DataBarExp", .identifier = "]e0",
     .read = "0109520123456788"},
    {"databar-stacked", "09520123456788|[10]L123", 330, .composite = true,
     .zint = "-b 137 --primary=09520123456788", .zint_data = "[10]L123",
     ROWS(6, 6, 6, 6, 6, 3, 15, 3, 21), .format = "DataBarStk", .identifier = "]e0",
     .read = "0109520123456788"},
    {"databar-stacked-omni", "09520123456788|[10]L123", 330, .composite = true,
     .zint = "-b 138 --primary=09520123456788", .zint_data = "[10]L123",
     ROWS(6, 6, 6, 6, 6, 3, 99, 3, 3, 3, 99), .format = "DataBarStk", .identifier = "]e0",
     .read = "0109520123456788"},
    {"databar-expanded-stacked", "[01]09520123456788|[21]L123", 330, .ai = true,
     .composite = true, .zint = "-b 139 --primary='[01]09520123456788'",
     .zint_data = "[21]L123", ROWS(6, 6, 6, 3, 102, 3, 3, 3, 102), .format = "DataBarExpStk",
     .identifier = "]e0", .read = "0109520123456788"},
};

#define SYMBOLS (sizeof symbols / sizeof *symbols)

static struct element element_of(const struct case_row *row)
{
    return KIT_BARCODE(.symbology = row->symbology, .x_um = AT, .y_um = AT,
                       .module_um = row->module_um, .ai_data = row->ai,
                       .composite = row->composite, .primary = row->primary,
                       .options = row->options);
}

/* ---- zint's program ------------------------------------------------------------------- */

static size_t height_count(const struct case_row *row)
{
    size_t count = sizeof row->rows / sizeof *row->rows;
    while (count > 1 && row->rows[count - 1] == 0)
        count--;
    return count;
}

/* Bars are as high as they are: until the first white dot at their left edge. */
static int64_t row_height(const struct case_row *row, const struct bitmap *label, int64_t n,
                          int64_t y)
{
    int64_t height = row->rows[(size_t)n % height_count(row)];
    uint32_t x = (uint32_t)dots_from_um(AT, 8000);
    if (height == 0)
        while (bitmap_get(label, x, (uint32_t)(y + height)))
            height++;
    return height;
}

static void compare_with_zint(const struct case_row *row, const struct template *template)
{
    char command[512];
    struct element element = element_of(row);
    struct bitmap label;
    if (!row->zint)
        return;
    snprintf(command, sizeof command, "zint %s --dump -d '%s'", row->zint,
             row->zint_data ? row->zint_data : row->content);
    const char *dump = kit_run(command);
    if (kit_draw_one(template, &element, row->content, 8000, &label) != ERR_NONE) {
        kit_say_findings();
        tap_ok(false, "%s \"%s\" is drawn", row->symbology, row->content);
        return;
    }
    int64_t module = dots_from_um(row->module_um, 8000), y = dots_from_um(AT, 8000);
    int64_t wrong = 0, rows = 0;
    uint32_t x0, y0, width, height;
    bitmap_bounds(&label, &x0, &y0, &width, &height);
    for (const char *line = dump; *line; rows++) {
        int64_t dots = row_height(row, &label, rows, y);
        wrong += kit_wrong_dots(&label, line, module, y, dots);
        y += dots;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    tap_ok(rows > 0 && wrong == 0 && y == y0 + height,
           "%s \"%s\": zint's modules (%lld rows, %lld dots differ, ends at %lld of %u)",
           row->symbology, row->content, (long long)rows, (long long)wrong, (long long)y,
           y0 + height);
    bitmap_free(&label);
}

/* ---- a reader --------------------------------------------------------------------------- */

static void file_name(char *out, size_t size, size_t i, size_t n)
{
    snprintf(out, size, "%s/%zu-%zu.png", kit_folder, i, n);
}

static void check_reading(const struct case_row *row, uint32_t dpm, const char *line)
{
    char format[32] = "", identifier[16] = "", level[16] = "", version[32] = "", hex[400] = "";
    char got[4096], want[4096];
    sscanf(line, "%31s %15s %15s %31s %399s", format, identifier, level, version, hex);
    snprintf(got, sizeof got, "%s %s %s %s %s", format, identifier, row->level ? level : "",
             row->version ? version : "", kit_bytes(hex));
    snprintf(want, sizeof want, "%s %s %s %s %s", row->format, row->identifier,
             row->level ? row->level : "", row->version ? row->version : "", row->read);
    tap_is_str(got, want, "zxing-wasm reads %s \"%s\" at %u dots a metre", row->symbology,
               row->content, dpm);
}

/* One run of the reader for all, as it takes a while to start. */
static void read_all(const struct template *template)
{
    static char command[65536];
    const char *srcdir = getenv("srcdir");
    size_t count = sizeof resolutions / sizeof *resolutions;
    int len =
        snprintf(command, sizeof command, "cd '%s' && node '%s/tests/zpl/read-symbols.mjs'",
                 kit_folder, srcdir ? srcdir : ".");
    for (size_t i = 0; i < SYMBOLS; i++)
        for (size_t n = 0; symbols[i].format && n < count; n++) {
            char path[256];
            struct element element = element_of(&symbols[i]);
            file_name(path, sizeof path, i, n);
            if (!kit_symbol_file(template, &element, symbols[i].content, resolutions[n], path))
                tap_ok(false, "%s \"%s\" is drawn", symbols[i].symbology, symbols[i].content);
            len += snprintf(command + len, sizeof command - (size_t)len, " %zu-%zu.png", i, n);
        }
    const char *line = kit_run(command);
    if (!*line)
        tap_skip("tests/zpl/node_modules has no zxing-wasm: npm ci in tests/zpl");
    for (size_t i = 0; i < SYMBOLS; i++)
        for (size_t n = 0; symbols[i].format && n < count; n++) {
            char path[256];
            if (*line)
                check_reading(&symbols[i], resolutions[n], line);
            line += strcspn(line, "\n");
            line += *line == '\n';
            file_name(path, sizeof path, i, n);
            (void)remove(path); /* absent where it was not drawn: told above */
        }
}

int main(void)
{
    if (!kit_start())
        return tap_done();
    kit_make_folder();
    struct template *template = kit_template("160 x 110 mm", "Roboto, Noto Sans");
    for (size_t i = 0; kit_has("zint") && i < SYMBOLS; i++)
        compare_with_zint(&symbols[i], template);
    if (!kit_has("zint"))
        tap_skip("zint is not installed");
    if (kit_has("node"))
        read_all(template);
    else
        tap_skip("node is not installed");
    template_free(template);
    (void)remove(kit_folder);
    kit_end();
    return tap_done();
}
