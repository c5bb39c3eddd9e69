/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/symbology.h"

#include <string.h>

/* ---- what options may be ------------------------------------------------------------ */

/* ISO/IEC 18004; for Micro QR Code without H; rMQR (ISO/IEC 23941) has two. */
static const char *const qr_levels[] = {"L", "M", "Q", "H", NULL};
static const char *const micro_qr_levels[] = {"L", "M", "Q", NULL};
static const char *const micro_qr_versions[] = {"M1", "M2", "M3", "M4", NULL};
static const char *const rmqr_levels[] = {"M", "H", NULL};
static const char *const rmqr_sizes[] = {
    "7x43",  "7x59",  "7x77",  "7x99",   "7x139",  "9x43",  "9x59",   "9x77",  "9x99",
    "9x139", "11x27", "11x43", "11x59",  "11x77",  "11x99", "11x139", "13x27", "13x43",
    "13x59", "13x77", "13x99", "13x139", "15x43",  "15x59", "15x77",  "15x99", "15x139",
    "17x43", "17x59", "17x77", "17x99",  "17x139", NULL};
/* ISO/IEC 20830 (Han Xin). */
static const char *const han_xin_levels[] = {"L1", "L2", "L3", "L4", NULL};
/* ISO/IEC 24778: share of the symbol that is error correction, beside three code words. */
static const char *const aztec_levels[] = {"10%", "23%", "36%", "50%", NULL};
const char *const aztec_sizes[] = {
    "15x15",   "19x19",   "23x23",   "27x27",   "31x31",   "37x37",   "41x41",
    "45x45",   "49x49",   "53x53",   "57x57",   "61x61",   "67x67",   "71x71",
    "75x75",   "79x79",   "83x83",   "87x87",   "91x91",   "95x95",   "101x101",
    "105x105", "109x109", "113x113", "117x117", "121x121", "125x125", "131x131",
    "135x135", "139x139", "143x143", "147x147", "151x151", NULL};
const char *const datamatrix_sizes[] = {
    "10x10", "12x12", "14x14",   "16x16",   "18x18",   "20x20",   "22x22", "24x24", "26x26",
    "32x32", "36x36", "40x40",   "44x44",   "48x48",   "52x52",   "64x64", "72x72", "80x80",
    "88x88", "96x96", "104x104", "120x120", "132x132", "144x144", "8x18",  "8x32",  "12x26",
    "12x36", "16x36", "16x48",   "8x48",    "8x64",    "8x80",    "8x96",  "8x120", "8x144",
    "12x64", "12x88", "16x64",   "20x36",   "20x44",   "20x64",   "22x48", "24x48", "24x64",
    "26x40", "26x48", "26x64",   NULL};
static const char *const datamatrix_shapes[] = {"square", "rectangle", NULL};
static const char *const bearers[] = {"none", "bars", "box", NULL};
static const char *const addons[] = {"2", "5", NULL};
static const char *const checks_10[] = {"none", "mod10", NULL};
static const char *const checks_16[] = {"none", "mod16", NULL};
static const char *const checks_43[] = {"none", "mod43", NULL};
static const char *const checks_11[] = {"none", "mod11", "mod11-mod11", NULL};
static const char *const checks_msi[] = {"none",  "mod10",       "mod10-mod10",
                                         "mod11", "mod11-mod10", NULL};

#define LIST(...) ((const struct option_rule[]){__VA_ARGS__, {.option = OPTION_END}})
#define WORDS(o, w)                                                                            \
    {                                                                                          \
        .option = OPTION_##o, .words = w                                                       \
    }
#define RANGE(o, low, high)                                                                    \
    {                                                                                          \
        .option = OPTION_##o, .min = low, .max = high                                          \
    }

#define QR LIST(WORDS(ERROR_CORRECTION, qr_levels), RANGE(VERSION, 1, 40))
#define MICRO_QR                                                                               \
    LIST(WORDS(ERROR_CORRECTION, micro_qr_levels), WORDS(VERSION, micro_qr_versions))
#define RMQR    LIST(WORDS(ERROR_CORRECTION, rmqr_levels), WORDS(SIZE, rmqr_sizes))
#define HAN_XIN LIST(WORDS(ERROR_CORRECTION, han_xin_levels), RANGE(VERSION, 1, 84))
#define DATAMATRIX                                                                             \
    LIST(WORDS(SHAPE, datamatrix_shapes),                                                      \
         {.option = OPTION_SIZE, .words = datamatrix_sizes, .excludes = OPTION_SHAPE})
/* A size leaves as much error correction as its content leaves room for. */
#define AZTEC                                                                                  \
    LIST(WORDS(ERROR_CORRECTION, aztec_levels),                                                \
         {.option = OPTION_SIZE, .words = aztec_sizes, .excludes = OPTION_ERROR_CORRECTION})
#define DOTCODE LIST(RANGE(COLUMNS, 5, 200))
/* ISO/IEC 15438: rows of 3X at least. */
#define PDF417                                                                                 \
    LIST(RANGE(ERROR_CORRECTION, 0, 8), RANGE(COLUMNS, 1, 30), RANGE(ROWS, 3, 90),             \
         RANGE(ROW_HEIGHT, 3, 20))
/* ISO/IEC 24728: rows of 2X at least. */
#define MICRO_PDF417 LIST(RANGE(COLUMNS, 1, 4), RANGE(ROW_HEIGHT, 2, 20))
/* ISO/IEC 24724: pairs of symbol characters a row, up to eleven rows. */
#define STACKED                                                                                \
    LIST(RANGE(COLUMNS, 1, 10),                                                                \
         {.option = OPTION_ROWS, .min = 2, .max = 11, .excludes = OPTION_COLUMNS})
#define CHECK(words) LIST(WORDS(CHECK_DIGIT, words))
#define ITF          LIST(WORDS(CHECK_DIGIT, checks_10), WORDS(BEARER, bearers))
#define ITF14        LIST(WORDS(BEARER, bearers))
#define ADDON        LIST(WORDS(ADDON, addons))

/* ---- symbologies ------------------------------------------------------------------------ */

const struct symbology symbologies[] = {
    {"code128", false, false, NULL, false, false},
    {"gs1-128", true, false, NULL, true, false},
    {"code39", false, false, CHECK(checks_43), false, false},
    {"code39-full", false, false, CHECK(checks_43), false, false},
    {"code93", false, false, NULL, false, false},
    {"code11", false, false, CHECK(checks_11), false, false},
    {"codabar", false, false, CHECK(checks_16), false, false},
    {"itf", false, false, ITF, false, false},
    {"itf14", false, false, ITF14, false, false},
    {"matrix-2of5", false, false, CHECK(checks_10), false, false},
    {"industrial-2of5", false, false, CHECK(checks_10), false, false},
    {"iata-2of5", false, false, CHECK(checks_10), false, false},
    {"datalogic-2of5", false, false, CHECK(checks_10), false, false},
    {"msi", false, false, CHECK(checks_msi), false, false},
    {"plessey", false, false, NULL, false, false},
    {"telepen", false, false, NULL, false, false},
    {"telepen-numeric", false, false, NULL, false, false},
    {"ean13", false, false, ADDON, true, false},
    {"ean8", false, false, ADDON, true, false},
    {"upca", false, false, ADDON, true, false},
    {"upce", false, false, ADDON, true, false},
    {"isbn", false, false, ADDON, false, false},
    {"databar-omni", false, false, NULL, true, false},
    {"databar-stacked", false, false, NULL, true, false},
    {"databar-stacked-omni", false, false, NULL, true, false},
    {"databar-limited", false, false, NULL, true, false},
    {"databar-expanded", true, false, NULL, true, false},
    {"databar-expanded-stacked", true, false, STACKED, true, false},
    {"qr", false, true, QR, false, false},
    {"gs1-qr", true, false, QR, false, false},
    {"micro-qr", false, true, MICRO_QR, false, false},
    {"rmqr", false, true, RMQR, false, false},
    {"gs1-rmqr", true, false, RMQR, false, false},
    {"datamatrix", false, true, DATAMATRIX, false, false},
    {"gs1-datamatrix", true, false, DATAMATRIX, false, false},
    {"aztec", false, true, AZTEC, false, false},
    {"han-xin", false, true, HAN_XIN, false, false},
    {"dotcode", false, true, DOTCODE, false, false},
    {"gs1-dotcode", true, false, DOTCODE, false, false},
    {"pdf417", false, true, PDF417, false, false},
    {"compact-pdf417", false, true, PDF417, false, false},
    {"micro-pdf417", false, true, MICRO_PDF417, false, false},
    {"maxicode", false, false, LIST(RANGE(MODE, 2, 6)), false, true},
    {"hibc-128", false, false, NULL, false, false},
    {"hibc-39", false, false, NULL, false, false},
    {"hibc-datamatrix", false, false, DATAMATRIX, false, false},
    {"hibc-qr", false, false, QR, false, false},
    {"hibc-aztec", false, false, AZTEC, false, false},
    {"hibc-pdf417", false, false, PDF417, false, false},
    {"hibc-micro-pdf417", false, false, MICRO_PDF417, false, false},
    {"code32", false, false, NULL, false, false},
    {"pzn", false, false, NULL, false, false},
    {"pharmacode", false, false, NULL, false, false},
    {"pharmacode-two-track", false, false, NULL, false, false},
    {"vin", false, false, NULL, false, false},
    {"dpd", false, false, NULL, false, false},
    {"leitcode", false, false, NULL, false, false},
    {"identcode", false, false, NULL, false, false},
    {"korea-post", false, false, NULL, false, false},
    {"usps-imail", false, false, NULL, false, false},
    {"royal-mail", false, false, NULL, false, false},
    {"mailmark", false, false, NULL, false, false},
    {"kix", false, false, NULL, false, false},
    {"australia-post", false, false, NULL, false, false},
    {"japan-post", false, false, NULL, false, false},
};

const size_t symbology_count = sizeof symbologies / sizeof symbologies[0];
_Static_assert(sizeof symbologies / sizeof symbologies[0] <= SYMBOLOGIES_MAX, "a bound");

const struct symbology *symbology_find(const char *name)
{
    for (size_t i = 0; i < symbology_count; i++)
        if (strcmp(symbologies[i].name, name) == 0)
            return &symbologies[i];
    return NULL;
}

/* ---- options ------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    size_t offset;
} options[OPTION_COUNT] = {
#define ROW(o, member) [OPTION_##o] = {#member, offsetof(struct symbol_options, member)}
    ROW(ERROR_CORRECTION, error_correction),
    ROW(VERSION, version),
    ROW(SIZE, size),
    ROW(SHAPE, shape),
    ROW(COLUMNS, columns),
    ROW(ROWS, rows),
    ROW(ROW_HEIGHT, row_height),
    ROW(CHECK_DIGIT, check_digit),
    ROW(BEARER, bearer),
    ROW(ADDON, addon),
    ROW(MODE, mode),
#undef ROW
};

const char *symbol_option_name(enum symbol_option option)
{
    return options[option].name;
}

uint16_t *symbol_option_at(struct symbol_options *all, enum symbol_option option)
{
    return (uint16_t *)(void *)((char *)all + options[option].offset);
}

const struct option_rule *symbol_option_rule(const struct symbology *symbology,
                                             enum symbol_option option)
{
    const struct option_rule *rule = symbology->options;
    while (rule && rule->option != OPTION_END && rule->option != option)
        rule++;
    return rule && rule->option == option ? rule : NULL;
}
