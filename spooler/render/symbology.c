/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/barcode.h"

#include <string.h>
#include <zint.h>

/* Module ranges in thousandths of a mm. GS1 symbols: the union of the X-dimension columns of
 * the GS1 General Specifications' symbol specification tables (5.12.3), as which table applies
 * depends on where the label is scanned. Other symbologies: their standards leave X to the
 * application; below 0.16 mm (2 dots at 12 dots a mm are 0.167) scanners in the field fail. */
#define X_FREE    160, 5000
#define X_EAN     264, 660
#define X_GS1_128 170, 1016
#define X_ITF14   250, 1016
#define X_DATABAR 170, 1016
#define X_GS1_2D  254, 1500

static const char *odd_digits(const char *content, size_t len)
{
    (void)content; /* one signature for all */
    return len % 2 ? "needs an even number of digits (a 0 in front would change the data)"
                   : NULL;
}

static const char *small_letters(const char *content, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (content[i] >= 'a' && content[i] <= 'z')
            return "has no small letters";
    return NULL;
}

static const char *not_eight(const char *content, size_t len)
{
    (void)content; /* one signature for all */
    return len == 8 ? NULL : "needs 8 digits, number system and check digit included";
}

/* Quiet zones: ISO/IEC 16022 1X, 18004 4X (Micro QR 2X), 24778 none, 15438 2X, 24728 1X,
 * 15417 and 16388 10X, 15420 EAN-13 11X and 7X, EAN-8 7X, UPC-A 9X, UPC-E 9X and 7X; ITF 10X;
 * DataBar (ISO/IEC 24724) none; DotCode 3X. Default heights: EAN's nominal ones; 12.7 mm where
 * GS1 wants half an inch at least; 10 mm for the rest. */
#define BARS(x, left, right, height)                                                           \
    .shape = SHAPE_BARS, X(x), .quiet_left = left, .quiet_right = right, .height_um = height
#define MATRIX(x, quiet)                                                                       \
    .shape = SHAPE_STACKED, X(x), .quiet_left = quiet, .quiet_right = quiet, .quiet_rows = quiet
#define X(...)             X_RANGE(__VA_ARGS__)
#define X_RANGE(low, high) .min_um = low, .max_um = high

static const struct barcode_kind kinds[] = {
    {"code128", BARCODE_CODE128, BARS(X_FREE, 10, 10, 10000)},
    {"gs1-128", BARCODE_GS1_128, BARS(X_GS1_128, 10, 10, 12700), .ai_data = true},
    {"code39", BARCODE_CODE39, BARS(X_FREE, 10, 10, 10000), .refuse = small_letters},
    {"code93", BARCODE_CODE93, BARS(X_FREE, 10, 10, 10000)},
    {"itf", BARCODE_C25INTER, BARS(X_FREE, 10, 10, 10000), .refuse = odd_digits},
    {"itf14", BARCODE_ITF14, BARS(X_ITF14, 10, 10, 12700), .digits = 14, .bearer = 2,
     .drop_check_digit = true},
    {"ean13", BARCODE_EANX, BARS(X_EAN, 11, 7, 22850), .digits = 13},
    /* zint makes an EAN-13 of eight digits, by padding them */
    {"ean8", BARCODE_EANX, BARS(X_EAN, 7, 7, 18230), .digits = 8, .drop_check_digit = true},
    {"upca", BARCODE_UPCA, BARS(X_EAN, 9, 9, 22850), .digits = 12},
    {"upce", BARCODE_UPCE, BARS(X_EAN, 9, 7, 22850), .refuse = not_eight},
    {"databar-omni", BARCODE_DBAR_OMN, BARS(X_DATABAR, 0, 0, 10890), .digits = 14,
     .min_height = 33},
    {"databar-limited", BARCODE_DBAR_LTD, BARS(X_DATABAR, 0, 0, 3300), .digits = 14,
     .min_height = 10},
    {"databar-expanded", BARCODE_DBAR_EXP, BARS(X_DATABAR, 0, 0, 11220), .ai_data = true,
     .min_height = 34},
    {"databar-stacked", BARCODE_DBAR_STK, MATRIX(X_DATABAR, 0), .digits = 14},
    {"databar-stacked-omni", BARCODE_DBAR_OMNSTK, MATRIX(X_DATABAR, 0), .digits = 14},
    {"databar-expanded-stacked", BARCODE_DBAR_EXPSTK, MATRIX(X_DATABAR, 0), .ai_data = true},
    {"qr", BARCODE_QRCODE, MATRIX(X_FREE, 4)},
    {"gs1-qr", BARCODE_QRCODE, MATRIX(X_GS1_2D, 4), .ai_data = true},
    {"micro-qr", BARCODE_MICROQR, MATRIX(X_FREE, 2)},
    {"datamatrix", BARCODE_DATAMATRIX, MATRIX(X_FREE, 1), .option_3 = DM_SQUARE},
    {"gs1-datamatrix", BARCODE_DATAMATRIX, MATRIX(X_GS1_2D, 1), .ai_data = true,
     .option_3 = DM_SQUARE},
    {"aztec", BARCODE_AZTEC, MATRIX(X_FREE, 0)},
    {"dotcode", BARCODE_DOTCODE, MATRIX(X_FREE, 3)},
    {"gs1-dotcode", BARCODE_DOTCODE, MATRIX(X_FREE, 3), .ai_data = true},
    {"pdf417", BARCODE_PDF417, MATRIX(X_FREE, 2)},
    {"micro-pdf417", BARCODE_MICROPDF417, MATRIX(X_FREE, 1)},
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
