/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/barcode.h"
#include "templates/gs1-ai.h"
#include "templates/symbology.h"

#include <string.h>
#include <zint.h>

/* zint's symbologies that are not here, and why: Code 16K, Code 49, Codablock F (and its HIBC):
 * rows of bars between separators that zint's encoder does not give as modules, and that
 * two-dimensional symbols have replaced. Ultracode: colours. Aztec Runes, Channel Code, DAFT,
 * FIM, Flattermarken, BC412, POSTNET, PLANET, CEPNet, UPNQR, Grid Matrix, Code One: marks of
 * machines, of letters or of the past, on no product's or parcel's label. LOGMARS, NVE-18,
 * EAN-14, Code 128 B: code39, gs1-128 and code128 under another name.
 *
 * Module ranges in thousandths of a mm. GS1 symbols: the union of the X-dimension columns of
 * the GS1 General Specifications' symbol specification tables (5.12.3), as which table applies
 * depends on where the label is scanned. Other symbologies: their standards leave X to the
 * application; below 0.16 mm (2 dots at 12 dots a mm are 0.167) scanners in the field fail. */
#define X_FREE    160, 5000
#define X_EAN     264, 660
#define X_GS1_128 170, 1016
#define X_ITF14   250, 1016
#define X_DATABAR 170, 1016
#define X_GS1_2D  254, 1500
/* MaxiCode (ISO/IEC 16023): 29 W from the leftmost middle to the rightmost are 24.82 to
 * 27.93 mm. */
#define X_MAXICODE 856, 963
/* Pharmacode (Laetus): bars of 0.5 and 1.5 mm, 1.0 mm apart, or its small form of 0.35 mm; two
 * tracks: bars and spaces of 1 mm. */
#define X_PHARMA     350, 650
#define X_PHARMA_TWO 800, 2000
/* Bars of the posts are one module wide and one apart: 20 to 24 of them in 25.4 mm
 * (USPS-B-3200, Royal Mail, PostNL), 22 to 25.5 (Australia Post), 0.6 mm at 10 points of size 8
 * to 11.5 (Japan Post). Their heights are zint's compliant ones at the middle of these ranges.
 */
#define X_POST        529, 635
#define X_POST_AU     498, 577
#define X_POST_JP     480, 690
#define STATES_POST   1870, 1280, 1870
#define STATES_AU     1850, 1300, 1850
#define STATES_USPS   1230, 1220, 1230
#define STATES_PHARMA 4000, 4000
#define STATES_JP     1200, 1200, 1200

/* ---- data that zint would change ---------------------------------------------------- */

static const char *small_letters(const char *content, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (content[i] >= 'a' && content[i] <= 'z')
            return "has no small letters";
    return NULL;
}

static const char *not_digits(const char *content, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (content[i] < '0' || content[i] > '9')
            return "takes digits only";
    return NULL;
}

/* 0X to 9X are characters of their own, as 00 to 99 are; what else has an X is none. */
static const char *not_telepen_numeric(const char *content, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((content[i] < '0' || content[i] > '9') && !(content[i] == 'X' && i % 2))
            return "takes digits, two and two, and an X as the second of two";
    return NULL;
}

/* zint takes any other number system for 0. */
static const char *not_upce(const char *content, size_t len)
{
    if (len != 8)
        return "needs 8 digits, number system and check digit included";
    return content[0] == '0' || content[0] == '1' ? NULL : "has number system 0 or 1 only";
}

static const char *not_isbn(const char *content, size_t len)
{
    bool isbn = len == 13 && (memcmp(content, "978", 3) == 0 || memcmp(content, "979", 3) == 0);
    return isbn ? NULL : "needs 13 digits that begin with 978 or 979";
}

static const char *leading_zero(const char *content, size_t len)
{
    (void)len; /* one signature for all */
    return content[0] == '0' ? "has no leading zeros (they would be lost)" : NULL;
}

/* General Specifications 5.4.1: 48 characters with AIs and the FNC1 behind each value that has
 * no predefined length, but the last; zint encodes more. */
static const char *over_48(const char *content, size_t len)
{
    const char *end = content + len;
    size_t count = 0;
    for (const char *at = content; at < end;) {
        const char *close = memchr(at, ']', (size_t)(end - at));
        const char *next = close ? memchr(close, '[', (size_t)(end - close)) : NULL;
        if (!close)
            break; /* not in this form: zint says so */
        const struct gs1_ai *ai = gs1_ai_find(at + 1, (size_t)(close - at - 1));
        count += (size_t)((next ? next : end) - at) - 2;
        count += next && !(ai && ai->fixed);
        at = next ? next : end;
    }
    return count > 48 ? "holds at most 48 characters, AIs and separators included" : NULL;
}

/* The flag character is the symbology's, as its check character is. */
static const char *not_hibc(const char *content, size_t len)
{
    return content[0] == '+' ? "puts the + in front and the check character behind by itself"
                             : small_letters(content, len);
}

static const char *not_mailmark(const char *content, size_t len)
{
    if (len != 22 && len != 26)
        return "needs 22 or 26 characters, spaces at the end included";
    return small_letters(content, len);
}

/* ---- options -------------------------------------------------------------------------- */

/* zint's option_1 to option_3 have another meaning in each symbology (its manual, 4.9 and 6).
 */

/* Level and version or size. */
static void set_level_and_size(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_1 = options->error_correction ? options->error_correction : -1;
    symbol->option_2 = options->version ? options->version : options->size;
}

/* M and H are zint's levels 2 and 4. */
static void set_rmqr(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_1 = options->error_correction ? 2 * options->error_correction : -1;
    symbol->option_2 = options->size;
}

static void set_datamatrix(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_2 = options->size;
    symbol->option_3 = options->size ? 0 : DM_SQUARE;
}

/* zint counts full symbols from one layer on; those of one to three are as large as compact
 * ones and hold less. */
static void set_aztec(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_1 = options->error_correction ? options->error_correction : -1;
    symbol->option_2 = options->size > AZTEC_COMPACT ? options->size + 3 : options->size;
}

/* Levels from 0 on. */
static void set_pdf417(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_1 = options->error_correction - 1;
    symbol->option_2 = options->columns;
    symbol->option_3 = options->rows;
}

/* Modes 2 to 6. */
static void set_maxicode(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_1 = options->mode ? options->mode : 4;
}

static void set_columns(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_2 = options->columns;
    symbol->option_3 = options->rows;
}

/* "none" is zint's 0. */
static void set_check(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_2 =
        options->check_digit > CHECK_WORD_NONE ? options->check_digit - CHECK_WORD_NONE : 0;
}

/* 2 adds the check character to the text, too. */
static void set_codabar(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_2 = options->check_digit > CHECK_WORD_NONE ? 2 : 0;
}

/* zint: 0 = two check digits, 1 = one, 2 = none. */
static void set_code11(const struct symbol_options *options, struct zint_symbol *symbol)
{
    symbol->option_2 = options->check_digit ? 3 - options->check_digit : 2;
}

/* ---- table ------------------------------------------------------------------------------ */

/* Quiet zones: ISO/IEC 16022 1X, 18004 4X (Micro QR 2X), 23941 (rMQR) 2X, 24778 none, 15438 2X,
 * 24728 1X, 20830 3X, 16023 1X, 15417 and 16388 10X, 15420 EAN-13 11X and 7X, EAN-8 7X, UPC-A
 * 9X, UPC-E 9X and 7X; ITF and the other bar codes of their time 10X, Plessey's 12X; Pharmacode
 * 6 mm; DataBar (ISO/IEC 24724) none; DotCode 3X; posts 2 mm. Default heights: EAN's nominal
 * ones; 12.7 mm where GS1 wants half an inch at least; Pharmacode 8 mm; DPD 25 mm; 10 mm for
 * the rest. */
#define BARS(x, left, right, height)                                                           \
    .shape = SHAPE_BARS, X(x), .quiet_left = left, .quiet_right = right, .height_um = height
#define MATRIX(x, quiet)                                                                       \
    .shape = SHAPE_STACKED, X(x), .quiet_left = quiet, .quiet_right = quiet, .quiet_rows = quiet
/* Bars of several states: rows of their own heights. */
#define STATES(x, quiet, heights)                                                              \
    .shape = SHAPE_STACKED, X(x), .quiet_left = quiet, .quiet_right = quiet,                   \
    .quiet_rows = quiet, ROW_UM(heights)
#define ROW_UM(...)        .row_um = {__VA_ARGS__}
#define PLAIN              BARS(X_FREE, 10, 10, 10000)
#define X(...)             X_RANGE(__VA_ARGS__)
#define X_RANGE(low, high) .min_um = low, .max_um = high
#define VERSION(prefix, from, step)                                                            \
    .version = prefix, .version_from = from, .version_step = step

static const struct barcode_kind kinds[] = {
    {"code128", BARCODE_CODE128, "ASCII, and Latin-1", PLAIN},
    {"gs1-128", BARCODE_GS1_128, "AIs, at most 48 characters", BARS(X_GS1_128, 10, 10, 12700),
     .ai_data = true, .refuse = over_48, .composite = BARCODE_GS1_128_CC},
    {"code39", BARCODE_CODE39, "0-9 A-Z - . $ / + % and space", PLAIN, .refuse = small_letters,
     .set = set_check},
    {"code39-full", BARCODE_EXCODE39, "ASCII", PLAIN, .set = set_check},
    {"code93", BARCODE_CODE93, "ASCII", PLAIN},
    {"code11", BARCODE_CODE11, "digits and -", PLAIN, .set = set_code11},
    {"codabar", BARCODE_CODABAR, "digits, -$:/.+, between two letters A to D", PLAIN,
     .refuse = small_letters, .set = set_codabar},
    {"itf", BARCODE_C25INTER, "an even number of digits (with check_digit: mod10 an odd one)",
     PLAIN, .pairs = true, .refuse = not_digits, .set = set_check},
    {"itf14", BARCODE_ITF14, "14 digits, check digit included", BARS(X_ITF14, 10, 10, 12700),
     .digits = 14, .bearer = 2, .drop_check_digit = true},
    {"matrix-2of5", BARCODE_C25STANDARD, "digits", PLAIN, .set = set_check},
    {"industrial-2of5", BARCODE_C25IND, "digits", PLAIN, .set = set_check},
    {"iata-2of5", BARCODE_C25IATA, "digits", PLAIN, .set = set_check},
    {"datalogic-2of5", BARCODE_C25LOGIC, "digits", PLAIN, .set = set_check},
    {"msi", BARCODE_MSI_PLESSEY, "digits", BARS(X_FREE, 12, 12, 10000), .set = set_check},
    {"plessey", BARCODE_PLESSEY, "digits and A-F", BARS(X_FREE, 12, 12, 10000)},
    {"telepen", BARCODE_TELEPEN, "ASCII", PLAIN},
    {"telepen-numeric", BARCODE_TELEPEN_NUM,
     "digits, two and two; an X may be the second of two", PLAIN, .pairs = true,
     .refuse = not_telepen_numeric},
    {"ean13", BARCODE_EANX, "13 digits, or a GTIN of 14 with a zero in front",
     BARS(X_EAN, 11, 7, 22850), .digits = 13, .composite = BARCODE_EANX_CC},
    /* zint makes an EAN-13 of eight digits, by padding them */
    {"ean8", BARCODE_EANX, "8 digits, or a GTIN of 12 to 14 with zeros in front",
     BARS(X_EAN, 7, 7, 18230), .digits = 8, .drop_check_digit = true,
     .composite = BARCODE_EANX_CC},
    {"upca", BARCODE_UPCA, "12 digits, or a GTIN of 13 or 14 with zeros in front",
     BARS(X_EAN, 9, 9, 22850), .digits = 12, .composite = BARCODE_UPCA_CC},
    {"upce", BARCODE_UPCE, "8 digits: number system 0 or 1, six, check digit",
     BARS(X_EAN, 9, 7, 22850), .refuse = not_upce, .composite = BARCODE_UPCE_CC},
    {"isbn", BARCODE_EANX, "13 digits that begin with 978 or 979", BARS(X_EAN, 11, 7, 22850),
     .digits = 13, .refuse = not_isbn},
    {"databar-omni", BARCODE_DBAR_OMN, "a GTIN of 14 digits", BARS(X_DATABAR, 0, 0, 10890),
     .digits = 14, .min_height = 33, .composite = BARCODE_DBAR_OMN_CC},
    {"databar-limited", BARCODE_DBAR_LTD, "a GTIN of 14 digits that begins with 0 or 1",
     BARS(X_DATABAR, 0, 0, 3300), .digits = 14, .min_height = 10,
     .composite = BARCODE_DBAR_LTD_CC},
    {"databar-expanded", BARCODE_DBAR_EXP, "AIs", BARS(X_DATABAR, 0, 0, 11220), .ai_data = true,
     .min_height = 34, .composite = BARCODE_DBAR_EXP_CC},
    {"databar-stacked", BARCODE_DBAR_STK, "a GTIN of 14 digits", MATRIX(X_DATABAR, 0),
     .digits = 14, .composite = BARCODE_DBAR_STK_CC},
    {"databar-stacked-omni", BARCODE_DBAR_OMNSTK, "a GTIN of 14 digits", MATRIX(X_DATABAR, 0),
     .digits = 14, .composite = BARCODE_DBAR_OMNSTK_CC},
    {"databar-expanded-stacked", BARCODE_DBAR_EXPSTK, "AIs", MATRIX(X_DATABAR, 0),
     .ai_data = true, .set = set_columns, .composite = BARCODE_DBAR_EXPSTK_CC},
    {"qr", BARCODE_QRCODE, "any text, or a Digital Link", MATRIX(X_FREE, 4),
     .set = set_level_and_size, VERSION("", 17, 4)},
    {"gs1-qr", BARCODE_QRCODE, "AIs", MATRIX(X_GS1_2D, 4), .ai_data = true,
     .set = set_level_and_size, VERSION("", 17, 4)},
    {"micro-qr", BARCODE_MICROQR, "up to 35 digits, 21 capitals, 15 bytes", MATRIX(X_FREE, 2),
     .set = set_level_and_size, VERSION("M", 9, 2)},
    {"rmqr", BARCODE_RMQR, "any text, or a Digital Link", MATRIX(X_FREE, 2), .set = set_rmqr},
    {"gs1-rmqr", BARCODE_RMQR, "AIs", MATRIX(X_GS1_2D, 2), .ai_data = true, .set = set_rmqr},
    {"datamatrix", BARCODE_DATAMATRIX, "any text, or a Digital Link", MATRIX(X_FREE, 1),
     .set = set_datamatrix},
    {"gs1-datamatrix", BARCODE_DATAMATRIX, "AIs", MATRIX(X_GS1_2D, 1), .ai_data = true,
     .set = set_datamatrix},
    {"aztec", BARCODE_AZTEC, "any text, or a Digital Link", MATRIX(X_FREE, 0),
     .set = set_aztec},
    {"han-xin", BARCODE_HANXIN, "any text, or a Digital Link", MATRIX(X_FREE, 3),
     .set = set_level_and_size, VERSION("", 21, 2)},
    {"dotcode", BARCODE_DOTCODE, "any text, or a Digital Link", MATRIX(X_FREE, 3),
     .set = set_columns},
    {"gs1-dotcode", BARCODE_DOTCODE, "AIs", MATRIX(X_FREE, 3), .ai_data = true,
     .set = set_columns},
    {"pdf417", BARCODE_PDF417, "any text, or a Digital Link", MATRIX(X_FREE, 2),
     .set = set_pdf417},
    {"compact-pdf417", BARCODE_PDF417COMP, "any text, or a Digital Link", MATRIX(X_FREE, 2),
     .set = set_pdf417},
    {"micro-pdf417", BARCODE_MICROPDF417, "any text, or a Digital Link", MATRIX(X_FREE, 1),
     .set = set_columns},
    {"maxicode", BARCODE_MAXICODE, "any text; a carrier's message", .shape = SHAPE_HEXAGONS,
     X(X_MAXICODE), .quiet_left = 1, .quiet_right = 1, .quiet_rows = 1, .set = set_maxicode},
    {"hibc-128", BARCODE_HIBC_128,
     "HIBC data without its + and check character, which are added", PLAIN, .refuse = not_hibc,
     .zint_text = true},
    {"hibc-39", BARCODE_HIBC_39, "HIBC data without its + and check character, which are added",
     PLAIN, .refuse = not_hibc, .zint_text = true},
    {"hibc-datamatrix", BARCODE_HIBC_DM,
     "HIBC data without its + and check character, which are added", MATRIX(X_FREE, 1),
     .refuse = not_hibc, .set = set_datamatrix},
    {"hibc-qr", BARCODE_HIBC_QR, "HIBC data without its + and check character, which are added",
     MATRIX(X_FREE, 4), .refuse = not_hibc, .set = set_level_and_size, VERSION("", 17, 4)},
    {"hibc-aztec", BARCODE_HIBC_AZTEC,
     "HIBC data without its + and check character, which are added", MATRIX(X_FREE, 0),
     .refuse = not_hibc, .set = set_aztec},
    {"hibc-pdf417", BARCODE_HIBC_PDF,
     "HIBC data without its + and check character, which are added", MATRIX(X_FREE, 2),
     .refuse = not_hibc, .set = set_pdf417},
    {"hibc-micro-pdf417", BARCODE_HIBC_MICPDF,
     "HIBC data without its + and check character, which are added", MATRIX(X_FREE, 1),
     .refuse = not_hibc, .set = set_columns},
    {"code32", BARCODE_CODE32, "9 digits, check digit included; the A is not encoded", PLAIN,
     .plain_digits = 9, .drop_check_digit = true, .zint_text = true},
    {"pzn", BARCODE_PZN, "8 digits, check digit included (PZN8)", PLAIN, .plain_digits = 8,
     .drop_check_digit = true, .zint_text = true},
    {"pharmacode", BARCODE_PHARMA, "a number from 3 to 131070", BARS(X_PHARMA, 12, 12, 8000),
     .refuse = leading_zero},
    {"pharmacode-two-track", BARCODE_PHARMA_TWO, "a number from 4 to 64570080",
     STATES(X_PHARMA_TWO, 6, STATES_PHARMA), .refuse = leading_zero},
    {"vin", BARCODE_VIN,
     "17 digits and capitals but I, O, Q; a check digit of North America is checked", PLAIN,
     .refuse = small_letters},
    {"dpd", BARCODE_DPD, "28 characters, as DPD's label has them", BARS(X_FREE, 10, 10, 25000),
     .refuse = small_letters, .zint_text = true},
    {"leitcode", BARCODE_DPLEIT, "14 digits, check digit included", PLAIN, .plain_digits = 14,
     .drop_check_digit = true},
    {"identcode", BARCODE_DPIDENT, "12 digits, check digit included", PLAIN, .plain_digits = 12,
     .drop_check_digit = true},
    {"korea-post", BARCODE_KOREAPOST, "7 digits, check digit included", PLAIN,
     .plain_digits = 7, .drop_check_digit = true},
    {"usps-imail", BARCODE_USPS_IMAIL,
     "20 digits of tracking; a ZIP code of 5, 9 or 11 may follow a -",
     STATES(X_POST, 4, STATES_USPS)},
    {"royal-mail", BARCODE_RM4SCC, "postcode and delivery point; the check character is added",
     STATES(X_POST, 4, STATES_POST), .refuse = small_letters},
    {"mailmark", BARCODE_MAILMARK,
     "22 or 26 characters (types C and L), spaces at the end included",
     STATES(X_POST, 4, STATES_POST), .refuse = not_mailmark},
    {"kix", BARCODE_KIX, "up to 18 digits and capitals", STATES(X_POST, 4, STATES_POST),
     .refuse = small_letters},
    {"australia-post", BARCODE_AUSPOST,
     "8 digits, or with customer's information 13, 16, 18 or 23 characters",
     STATES(X_POST_AU, 4, STATES_AU)},
    {"japan-post", BARCODE_JAPANPOST,
     "digits, capitals and -: the postal code and the address's numbers",
     STATES(X_POST_JP, 4, STATES_JP), .refuse = small_letters},
};

const struct barcode_kind *barcode_kind_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const struct barcode_kind *barcode_kind_at(size_t index)
{
    return index < sizeof kinds / sizeof *kinds ? &kinds[index] : NULL;
}
