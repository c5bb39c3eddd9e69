/* SPDX-License-Identifier: Apache-2.0 */
/* Every fault of a template is found when it is loaded, where it stands. Lines and columns are
 * counted by hand: HEAD has three lines; in block style a key of a field or an element begins
 * in column 5, its value in column 7 + the key's length. */
#include "templates/template.h"
#include "tests/unit/findings-list.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

#define HEAD "tem: 1\nname: t\nsize: 50 x 30 mm\n"
#define E    "elements: [{text: x, at: [1, 1]}]\n"
/* Lines 4 to 6; the row goes on in line 7. */
#define TEXT_AT "elements:\n  - text: x\n    at: [1, 1]\n"
#define CODE_AT "elements:\n  - barcode: code128\n    at: [1, 1]\n"
/* Lines 4 to 8; an option follows in line 9, its value in column 7 + its length. */
#define QR_AT   "elements:\n  - barcode: qr\n    at: [1, 1]\n    module: 0.5\n    data: x\n"
#define MAXI_AT "elements:\n  - barcode: maxicode\n    at: [1, 1]\n    module: 0.93\n"
#define ITF_AT  "elements:\n  - barcode: itf\n    at: [1, 1]\n    module: 0.5\n    data: 12\n"
#define EAN_AT                                                                                 \
    "elements:\n  - barcode: ean13\n    at: [1, 1]\n    module: 0.33\n"                        \
    "    data: '1234567890128'\n"
/* A weight in line 5, data in line 10. */
#define GS1_WEIGHT(ai, format)                                                                 \
    "fields:\n  w: {type: decimal, required: true}\nelements:\n  - barcode: gs1-datamatrix\n"  \
    "    at: [1, 1]\n    module: 0.5 mm\n    data: '(01)09520123456788(" ai "){w:" format      \
    "}'\n"
/* A symbol's head, lines 4 to 7; `data` follows in line 8, its value in column 11. */
#define GS1 "elements:\n  - barcode: gs1-datamatrix\n    at: [1, 1]\n    module: 0.5 mm\n"
/* The same behind fields in lines 4 to 8; `data` in line 13. */
#define GS1_FIELDS                                                                             \
    "fields:\n"                                                                                \
    "  gtin: {type: gtin, required: true}\n"                                                   \
    "  lot: {type: text, max: 20, required: true}\n"                                           \
    "  made: {type: date, required: true}\n"                                                   \
    "  note: {type: text, max: 20}\n" GS1
#define USE "  - {text: \"{gtin}{lot}{made}{note}\", at: [1, 20]}\n"
/* A field `a` from line 5 on, its first key in line 6; E's elements use it. */
#define FIELD "fields:\n  a:\n"
#define USE_A "elements: [{text: \"{a}\", at: [1, 1]}]\n"

static const struct {
    const char *name, *in, *want;
} cases[] = {
    {"the smallest template", HEAD E, ""},

    /* the head */
    {"not YAML", HEAD "elements: [", "5:1 yaml-syntax"},
    {"a list", "- tem: 1\n", "1:1 bad-value"},
    {"an empty map lacks all", "{}\n",
     "1:1 missing-key, 1:1 missing-key, 1:1 missing-key, 1:1 missing-key"},
    {"no version", "name: t\nsize: 50 x 30 mm\n" E, "1:1 missing-key"},
    {"a later version", "tem: 2\nname: t\nsize: 50 x 30 mm\n" E, "1:6 bad-number"},
    {"unknown key", HEAD "titel: x\n" E, "4:1 unknown-key"},
    {"capital in the name", "tem: 1\nname: Tem\nsize: 50 x 30 mm\n" E, "2:7 bad-name"},
    {"slash in the name", "tem: 1\nname: a/b\nsize: 50 x 30 mm\n" E, "2:7 bad-name"},
    {"dots for a name", "tem: 1\nname: ..\nsize: 50 x 30 mm\n" E, "2:7 bad-name"},
    {"size without x", "tem: 1\nname: t\nsize: 50 mm\n" E, "3:7 bad-size"},
    {"size in inches", "tem: 1\nname: t\nsize: 2 x 1 in\n" E, "3:7 bad-size"},
    {"size with a comma", "tem: 1\nname: t\nsize: 50,5 x 30 mm\n" E, "3:7 bad-size"},
    {"size of nothing", "tem: 1\nname: t\nsize: 0 x 30 mm\n" E, "3:7 bad-size"},
    {"size past 16,384 dots", "tem: 1\nname: t\nsize: 1366 x 30 mm\n" E, "3:7 bad-size"},
    {"size finer than a um", "tem: 1\nname: t\nsize: 50.0001 x 30 mm\n" E, "3:7 bad-size"},
    {"close is no evidence", HEAD "close: done\n" E, "4:8 bad-choice"},
    {"on_doubt", HEAD "on_doubt: retry\n" E, "4:11 bad-choice"},
    {"no pieces", HEAD "pieces: 0\n" E, "4:9 bad-number"},
    {"octal pieces", HEAD "pieces: 02\n" E, "4:9 bad-number"},
    {"fonts as a text", HEAD "fonts: Roboto\n" E, "4:8 bad-value"},
    {"a font without a name", HEAD "fonts: ['']\n" E, "4:9 bad-value"},
    {"no elements", HEAD, "1:1 missing-key"},
    {"empty elements", HEAD "elements: []\n", "4:11 bad-value"},
    {"several faults at once", "tem: 1\nname: A\nsize: x\nclose: no\n" E,
     "2:7 bad-name, 3:7 bad-size, 4:8 bad-choice"},

    /* fields */
    {"a field's name", HEAD "fields:\n  A: {type: text, required: true}\n" E,
     "5:3 bad-name, 5:3 unused-field"},
    {"the name now", HEAD "fields:\n  now: {type: text}\n" E, "5:3 bad-name, 5:3 unused-field"},
    {"two fields of one name", HEAD "fields:\n  a: {type: text}\n  a: {type: date}\n" USE_A,
     "6:3 yaml-duplicate-key"},
    {"a field is no map", HEAD "fields:\n  a: text\n" USE_A, "5:6 bad-value"},
    {"a field without type", HEAD "fields:\n  a: {required: true}\n" USE_A, "5:6 missing-key"},
    {"unknown type", HEAD FIELD "    type: string\n" USE_A, "6:11 bad-choice"},
    {"unknown key of a field", HEAD FIELD "    type: text\n    maximum: 3\n" USE_A,
     "7:5 unknown-key"},
    {"max of a date", HEAD FIELD "    type: date\n    max: 3\n" USE_A, "7:10 key-not-for-type"},
    {"charset of an integer", HEAD FIELD "    type: integer\n    charset: digits\n" USE_A,
     "7:14 key-not-for-type"},
    {"unknown charset", HEAD FIELD "    type: text\n    charset: latin\n" USE_A,
     "7:14 bad-choice"},
    {"max of nothing", HEAD FIELD "    type: text\n    max: 0\n" USE_A, "7:10 bad-number"},
    {"max past the limit", HEAD FIELD "    type: text\n    max: 1025\n" USE_A,
     "7:10 bad-number"},
    {"max below min", HEAD FIELD "    type: text\n    max: 2\n    min: 3\n" USE_A,
     "7:10 bad-number"},
    {"required is a word", HEAD FIELD "    type: text\n    required: yes\n" USE_A,
     "7:15 bad-choice"},
    {"required with a default",
     HEAD FIELD "    type: text\n    required: true\n    default: x\n" USE_A,
     "8:14 contradiction"},
    {"sample too long", HEAD FIELD "    type: text\n    max: 2\n    sample: abc\n" USE_A,
     "8:13 too-long"},
    {"sample of another charset",
     HEAD FIELD "    type: text\n    charset: digits\n    sample: 12a\n" USE_A, "8:13 charset"},
    {"sample with a wrong check digit",
     HEAD FIELD "    type: gtin\n    sample: '09520123456789'\n" USE_A,
     "7:13 gtin-check-digit"},
    {"sample on 30 February", HEAD FIELD "    type: date\n    sample: 2026-02-30\n" USE_A,
     "7:13 no-such-date"},
    {"default that is no date", HEAD FIELD "    type: date\n    default: 30.12.2026\n" USE_A,
     "7:14 bad-date"},
    {"sample outside of min and max",
     HEAD FIELD "    type: integer\n    max: 5\n    sample: 6\n" USE_A, "8:13 too-large"},
    {"enum without values", HEAD FIELD "    type: enum\n" USE_A, "6:5 missing-key"},
    {"enum's default is not among them",
     HEAD FIELD "    type: enum\n    values: [x, y]\n    default: z\n" USE_A,
     "8:14 bad-choice"},
    {"boolean's sample", HEAD FIELD "    type: boolean\n    sample: yes\n" USE_A,
     "7:13 bad-boolean"},
    {"series field without series", HEAD FIELD "    type: series\n" USE_A, "6:5 missing-key"},
    {"series of a text", HEAD FIELD "    type: text\n    series: s\n" USE_A,
     "7:13 key-not-for-type"},
    {"required number", HEAD FIELD "    series: s\n    required: true\n" USE_A,
     "7:15 key-not-for-type"},
    {"default of a number", HEAD FIELD "    series: s\n    default: x\n" USE_A,
     "7:14 key-not-for-type"},
    {"series with a blank", HEAD FIELD "    series: a b\n" USE_A, "6:13 bad-name"},
    {"scope of an unknown field", HEAD FIELD "    series: s\n    scope: '{gtn}'\n" USE_A,
     "7:12 unknown-placeholder"},
    {"scope of a built-in", HEAD FIELD "    series: s\n    scope: '{job.id}'\n" USE_A,
     "7:12 unknown-placeholder"},
    {"scope of a number", HEAD FIELD "    series: s\n    scope: '{a}'\n" USE_A,
     "7:12 bad-scope"},
    {"scope of an optional field",
     HEAD FIELD "    series: s\n    scope: '{b}'\n  b: {type: text}\n" USE_A,
     "7:12 bad-scope, 8:3 unused-field"},
    {"a field that nothing uses", HEAD "fields:\n  a: {type: text}\n" E, "5:3 unused-field"},

    /* elements */
    {"an element is no map", HEAD "elements: [x]\n", "4:12 bad-value"},
    {"an element without kind", HEAD "elements:\n  - at: [1, 1]\n", "5:5 no-kind"},
    {"an element of two kinds", HEAD TEXT_AT "    barcode: qr\n", "5:5 two-kinds"},
    {"a slip in the kind", HEAD "elements:\n  - txt: x\n    at: [1, 1]\n", "5:5 unknown-key"},
    {"an image that is not there",
     HEAD "elements:\n  - image: no-such.png\n    at: [1, 1]\n    width: 9\n",
     "5:12 image-unreadable"},
    {"an image above the template's folder",
     HEAD "elements:\n  - image: ../x.png\n    at: [1, 1]\n    width: 9\n", "5:12 bad-name"},
    {"an image from anywhere",
     HEAD "elements:\n  - image: /etc/passwd\n    at: [1, 1]\n    width: 9\n", "5:12 bad-name"},
    {"an image whose path hides its way up",
     HEAD "elements:\n  - image: a/../../x.png\n    at: [1, 1]\n    width: 9\n",
     "5:12 bad-name"},
    {"an image without a side", HEAD "elements:\n  - image: no-such.png\n    at: [1, 1]\n",
     "5:12 image-unreadable, 5:5 missing-key"},
    {"dithering by another name",
     HEAD "elements:\n  - image: /x\n    at: [1, 1]\n    width: 9\n    dither: ordered\n",
     "5:12 bad-name, 8:13 bad-choice"},
    {"a threshold of error diffusion",
     HEAD "elements:\n  - image: /x\n    at: [1, 1]\n    width: 9\n    dither: diffusion\n"
          "    threshold: 40\n",
     "5:12 bad-name, 9:16 contradiction"},
    {"a threshold that leaves nothing",
     HEAD "elements:\n  - image: /x\n    at: [1, 1]\n    width: 9\n    threshold: 100\n",
     "5:12 bad-name, 8:16 bad-number"},
    {"an ellipse without sides", HEAD "elements:\n  - ellipse: 1 mm\n    at: [1, 1]\n",
     "5:5 missing-key, 5:5 missing-key"},
    {"an ellipse with data",
     HEAD "elements:\n  - ellipse: filled\n    at: [1, 1]\n    width: 9\n    height: 9\n"
          "    data: x\n",
     "9:11 key-not-for-kind"},
    {"a title with an escape", "tem: 1\nname: t\ntitle: \"a\\e[31m\"\nsize: 50 x 30 mm\n" E,
     "3:8 control-character"},
    {"a title that turns direction",
     "tem: 1\nname: t\ntitle: \"a\\u202Eb\"\nsize: 50 x 30 mm\n" E, "3:8 control-character"},
    {"a title of two lines", "tem: 1\nname: t\ntitle: \"a\\nb\"\nsize: 50 x 30 mm\n" E,
     "3:8 control-character"},
    {"a font with an invisible character",
     "tem: 1\nname: t\nsize: 50 x 30 mm\nfonts: [\"Ro\\u200bboto\"]\n" E, "4:9 damaged-text"},
    {"an enum's value with a control character",
     HEAD FIELD "    type: enum\n    values: [x, \"y\\tz\"]\n" USE_A, "7:17 control-character"},
    {"an enum's value with an invisible character",
     HEAD FIELD "    type: enum\n    values: [x, \"x\\u00AD\"]\n" USE_A, "7:17 damaged-text"},
    {"an enum's value twice", HEAD FIELD "    type: enum\n    values: [x, y, x]\n" USE_A,
     "7:20 duplicate-value"},
    /* U+00E1, and the same letter as a and U+0301: what is compared is composed */
    {"an enum's value twice, composed otherwise",
     HEAD FIELD "    type: enum\n    values: [\"\\xE1\", \"a\\u0301\"]\n" USE_A,
     "7:22 duplicate-value"},
    {"a mark without a letter", HEAD "elements: [{text: \"\\u0301abc\", at: [1, 1]}]\n",
     "4:19 damaged-text"},
    {"an empty group", HEAD "elements:\n  - group: {when: x, elements: []}\n",
     "5:19 bad-value, 5:32 bad-value"},
    {"a group of nothing", HEAD "elements:\n  - group: {when: x}\n",
     "5:19 bad-value, 5:12 missing-key"},
    {"a group that is a text", HEAD "elements:\n  - group: x\n", "5:12 bad-value"},
    {"a group with a font",
     HEAD "elements:\n  - group: {font: Bold 8, elements: [{text: x, "
          "at: [1, 1]}]}\n",
     "5:13 unknown-key"},
    {"a key beside a group",
     HEAD "elements:\n  - group: {elements: [{text: x, at: [1, 1]}]}\n    when: x\n",
     "5:5 key-not-for-kind"},
    {"a fault inside of groups",
     HEAD "elements:\n  - group:\n      elements:\n        - group:\n            elements:\n"
          "              - text: '{x}'\n                at: [1, 1]\n",
     "9:23 unknown-placeholder"},
    {"unknown key of an element", HEAD TEXT_AT "    fnt: Bold 8\n", "7:5 unknown-key"},
    {"key of another kind", HEAD TEXT_AT "    module: 0.5 mm\n", "7:13 key-not-for-kind"},
    {"text without place", HEAD "elements:\n  - text: x\n", "5:5 missing-key"},
    {"text without text", HEAD "elements:\n  - text: ''\n    at: [1, 1]\n", "5:11 bad-value"},
    {"place of three numbers", HEAD "elements:\n  - text: x\n    at: [1, 1, 1]\n",
     "6:9 bad-value"},
    {"place off the label", HEAD "elements:\n  - text: x\n    at: [50.001, 30.001]\n",
     "6:10 bad-length, 6:18 bad-length"},
    {"negative place", HEAD "elements:\n  - text: x\n    at: [-1, 1]\n", "6:10 bad-length"},
    {"place with a comma", HEAD "elements:\n  - text: x\n    at: ['1,5', 1]\n",
     "6:10 bad-length"},
    {"anchor", HEAD TEXT_AT "    anchor: middle\n", "7:13 bad-choice"},
    {"a barcode has no baseline",
     HEAD CODE_AT "    anchor: baseline-left\n    module: 0.5\n    data: x\n",
     "7:13 bad-choice"},
    {"rotate", HEAD TEXT_AT "    rotate: 45\n", "7:13 bad-choice"},
    {"width", HEAD TEXT_AT "    width: 0\n", "7:12 bad-length"},
    {"font without size", HEAD TEXT_AT "    font: Roboto Bold\n", "7:11 bad-font"},
    {"font of 2 points", HEAD TEXT_AT "    font: Bold 2\n", "7:11 bad-font"},
    {"fit", HEAD TEXT_AT "    fit: shrink\n", "7:10 bad-choice"},
    {"shrink to a word", HEAD TEXT_AT "    width: 9\n    fit: shrink to fit\n", "8:10 bad-fit"},
    {"shrink to more", HEAD TEXT_AT "    width: 9\n    fit: shrink to 9\n", "8:10 bad-fit"},
    {"wrap without width", HEAD TEXT_AT "    fit: wrap\n", "7:10 fit-without-width"},
    {"line without end", HEAD "elements:\n  - line: 0.3 mm\n    at: [1, 1]\n",
     "5:5 missing-key"},
    {"line of no length", HEAD "elements:\n  - line: 0.3 mm\n    at: [1, 1]\n    to: [1, 1]\n",
     "7:9 bad-value"},
    {"line's stroke", HEAD "elements:\n  - line: thin\n    at: [1, 1]\n    to: [2, 1]\n",
     "5:11 bad-length"},
    {"box without size", HEAD "elements:\n  - box: 0.3 mm\n    at: [1, 1]\n",
     "5:5 missing-key, 5:5 missing-key"},

    /* placeholders */
    {"unknown placeholder",
     HEAD FIELD "    type: text\nelements:\n"
                "  - text: '{a} {aa}'\n    at: [1, 1]\n",
     "8:11 unknown-placeholder"},
    {"brace without end", HEAD "elements:\n  - text: 'x {a'\n    at: [1, 1]\n",
     "5:11 stray-brace"},
    {"brace without beginning", HEAD "elements:\n  - text: 'x }'\n    at: [1, 1]\n",
     "5:11 stray-brace"},
    {"no name in braces", HEAD "elements:\n  - text: '{}'\n    at: [1, 1]\n",
     "5:11 bad-placeholder"},
    {"format of a text",
     HEAD FIELD "    type: text\nelements:\n"
                "  - text: '{a:04}'\n    at: [1, 1]\n",
     "8:11 bad-format"},
    {"hour of a date",
     HEAD FIELD "    type: date\nelements:\n"
                "  - text: '{a:%H}'\n    at: [1, 1]\n",
     "8:11 bad-format"},
    {"percent at the end",
     HEAD FIELD "    type: date\nelements:\n"
                "  - text: '{a:%d%}'\n    at: [1, 1]\n",
     "8:11 bad-format"},
    {"padding without zero",
     HEAD FIELD "    type: integer\nelements:\n"
                "  - text: '{a:4}'\n    at: [1, 1]\n",
     "8:11 bad-format"},
    {"GTIN of 10 digits",
     HEAD FIELD "    type: gtin\nelements:\n"
                "  - text: '{a:10}'\n    at: [1, 1]\n",
     "8:11 bad-format"},
    {"time of now", HEAD "elements:\n  - text: '{now:%Q}'\n    at: [1, 1]\n",
     "5:11 bad-format"},

    /* barcodes and AIs */
    {"unknown barcode",
     HEAD "elements:\n  - barcode: gs1-datamatix\n    at: [1, 1]\n"
          "    module: 0.5 mm\n    data: x\n",
     "5:14 bad-choice"},
    {"barcode without module and data", HEAD CODE_AT, "5:5 missing-key, 5:5 missing-key"},
    {"module", HEAD CODE_AT "    module: 0.33 in\n    data: x\n", "7:13 bad-length"},
    {"quiet", HEAD CODE_AT "    module: 0.5\n    data: x\n    quiet: no\n", "9:12 bad-choice"},
    {"hri", HEAD CODE_AT "    module: 0.5\n    data: x\n    hri: over\n", "9:10 bad-choice"},
    {"hri above", HEAD CODE_AT "    module: 0.5\n    data: x\n    hri: above\n", ""},
    {"font of a barcode's text", HEAD QR_AT "    hri: below\n    font: Bold 7\n", ""},
    {"version of Code 128", HEAD CODE_AT "    module: 0.5\n    data: x\n    version: 3\n",
     "9:14 key-not-for-symbology"},
    {"addon of Code 128", HEAD CODE_AT "    module: 0.5\n    data: x\n    addon: 2\n",
     "9:12 key-not-for-symbology"},
    {"composite of Code 128",
     HEAD CODE_AT "    module: 0.5\n    data: x\n    composite: '(10)x'\n",
     "9:16 key-not-for-symbology"},
    {"option of a text", HEAD TEXT_AT "    version: 3\n", "7:14 key-not-for-kind"},
    {"a slip in an option", HEAD QR_AT "    verson: 3\n", "9:5 unknown-key"},
    {"version 0", HEAD QR_AT "    version: 0\n", "9:14 bad-number"},
    {"version 41", HEAD QR_AT "    version: 41\n", "9:14 bad-number"},
    {"version 40", HEAD QR_AT "    version: 40\n", ""},
    {"error correction of a level that is none", HEAD QR_AT "    error_correction: X\n",
     "9:23 bad-choice"},
    {"small level", HEAD QR_AT "    error_correction: l\n", "9:23 bad-choice"},
    {"columns of a QR Code", HEAD QR_AT "    columns: 3\n", "9:14 key-not-for-symbology"},
    {"size of a QR Code", HEAD QR_AT "    size: 21x21\n", "9:11 key-not-for-symbology"},
    {"size that no DataMatrix has",
     HEAD GS1 "    data: '(01)09520123456788'\n    size: 11x11\n", "9:11 bad-choice"},
    {"a shape and a size",
     HEAD GS1 "    data: '(01)09520123456788'\n    size: 26x26\n    shape: square\n",
     "9:11 contradiction"},
    {"a size of the rectangular extension",
     HEAD GS1 "    data: '(01)09520123456788'\n    size: 8x64\n", ""},
    {"an ITF's bearer", HEAD ITF_AT "    bearer: frame\n", "9:13 bad-choice"},
    {"a check digit that ITF has not", HEAD ITF_AT "    check_digit: mod43\n",
     "9:18 bad-choice"},
    {"MaxiCode of mode 4", HEAD MAXI_AT "    data: x\n", ""},
    {"MaxiCode of mode 2", HEAD MAXI_AT "    data: x\n    mode: 2\n    primary: '1'\n", ""},
    {"mode 2 without primary", HEAD MAXI_AT "    data: x\n    mode: 2\n", "8:11 missing-key"},
    {"primary in mode 4", HEAD MAXI_AT "    data: x\n    primary: '1'\n", "9:14 contradiction"},
    {"mode 7", HEAD MAXI_AT "    data: x\n    mode: 7\n", "9:11 bad-number"},
    {"primary of a QR Code", HEAD QR_AT "    primary: '1'\n", "9:14 key-not-for-symbology"},
    {"composite with an AI of the symbol below",
     HEAD "elements:\n  - barcode: gs1-128\n    at: [1, 1]\n    module: 0.5\n"
          "    data: '(01)09520123456788'\n    composite: '(01)09520123456788'\n",
     "9:16 ai-repeated"},
    {"composite that is no AI", HEAD EAN_AT "    composite: L123\n", "9:16 ai-syntax"},
    {"composite of an EAN brings its AI 01", HEAD EAN_AT "    composite: '(10)L123'\n", ""},
    {"composite and add-on", HEAD EAN_AT "    composite: '(10)L123'\n    addon: 2\n",
     "9:16 contradiction"},
    {"composite that excludes 01", HEAD EAN_AT "    composite: '(02)09520123456788(37)1'\n",
     "5:5 ai-excludes, 5:5 ai-needs"},
    {"decimals that the AI says", HEAD GS1_WEIGHT("3103", "6.3"), ""},
    {"decimals that the AI does not say", HEAD GS1_WEIGHT("3102", "6.3"), "10:11 ai-decimals"},
    {"decimals with a point in an AI", HEAD GS1_WEIGHT("3103", ".3"), "10:11 ai-decimals"},
    {"decimals as they are written",
     HEAD "fields:\n  w: {type: decimal, required: true}\nelements:\n"
          "  - barcode: gs1-datamatrix\n    at: [1, 1]\n    module: 0.5 mm\n"
          "    data: '(01)09520123456788(3103){w}'\n",
     "10:11 ai-decimals"},
    {"whole grams are kilograms with three decimals",
     HEAD "fields:\n  w: {type: integer, required: true}\nelements:\n"
          "  - barcode: gs1-datamatrix\n    at: [1, 1]\n    module: 0.5 mm\n"
          "    data: '(01)09520123456788(3103){w:06}'\n",
     ""},
    {"decimals of a volume", HEAD GS1_WEIGHT("3162", "6.2"), ""},
    {"data without AI", HEAD GS1 "    data: '123'\n", "8:11 ai-syntax"},
    {"AI without end", HEAD GS1 "    data: '(01'\n", "8:11 ai-syntax"},
    {"unknown AI", HEAD GS1 "    data: '(05)123'\n", "8:11 unknown-ai"},
    {"AI that is a word", HEAD GS1 "    data: '(gtin)123'\n", "8:11 unknown-ai"},
    {"AI of nothing", HEAD GS1 "    data: '(10)'\n", "8:11 ai-empty, 5:5 ai-needs"},
    {"AI twice", HEAD GS1 "    data: '(91)a(91)b'\n", "8:11 ai-repeated"},
    {"text with a wrong check digit", HEAD GS1 "    data: '(01)09520123456789'\n",
     "8:11 ai-value"},
    {"text outside of set 82", HEAD GS1 "    data: '(91)a b'\n", "8:11 ai-value"},
    {"day 32", HEAD GS1 "    data: '(01)09520123456788(17)280132'\n", "8:11 ai-value"},
    {"day 00 is allowed", HEAD GS1 "    data: '(01)09520123456788(17)280100'\n", ""},
    {"21 needs 01", HEAD GS1 "    data: '(21)X'\n", "5:5 ai-needs"},
    {"37 needs 00", HEAD GS1 "    data: '(02)09520123456788(37)24(10)L1'\n", "5:5 ai-needs"},
    {"02 needs 37", HEAD GS1 "    data: '(02)09520123456788(10)L1'\n", "5:5 ai-needs"},
    {"235 excludes 21", HEAD GS1 "    data: '(01)09520123456788(21)A(235)B'\n",
     "5:5 ai-excludes"},
    {"01 excludes 02",
     HEAD GS1 "    data: '(00)095201234567891235(01)09520123456788(02)09520123456788(37)1'\n",
     "5:5 ai-excludes, 5:5 ai-excludes"},
    {"a date without format", HEAD GS1_FIELDS "    data: '(01){gtin}(17){made}'\n" USE,
     "13:11 ai-value"},
    {"a date in the wrong order",
     HEAD GS1_FIELDS "    data: '(01){gtin}(17){made:%d%m%y}'\n" USE, "13:11 ai-value"},
    {"a field that may be empty", HEAD GS1_FIELDS "    data: '(01){gtin}(10){note}'\n" USE,
     "13:11 ai-optional"},
    {"unknown placeholder in an AI", HEAD GS1_FIELDS "    data: '(01){gtin}(10){lott}'\n" USE,
     "13:11 unknown-placeholder"},
    {"the right way", HEAD GS1_FIELDS "    data: '(01){gtin}(17){made:%y%m%d}(10){lot}'\n" USE,
     ""},
    {"Digital Link in a GS1 symbol",
     HEAD GS1 "    data: {digital-link: https://x.vn, ai: '(01)09520123456788'}\n",
     "8:11 digital-link"},
    {"Digital Link without base",
     HEAD "elements:\n  - {barcode: qr, at: [1, 1], module: 0.5 mm,\n"
          "     data: {ai: '(01)09520123456788'}}\n",
     "6:12 missing-key"},
    {"Digital Link with a query",
     HEAD "elements:\n  - {barcode: qr, at: [1, 1], module: 0.5 mm,\n"
          "     data: {digital-link: 'https://x.vn?a=', ai: '(01)09520123456788'}}\n",
     "6:27 digital-link"},
    {"Digital Link without key",
     HEAD "elements:\n  - {barcode: qr, at: [1, 1], module: 0.5 mm,\n"
          "     data: {digital-link: 'https://x.vn', ai: '(91)x'}}\n",
     "6:47 digital-link"},
    {"AI that a Digital Link cannot carry",
     HEAD "elements:\n  - {barcode: qr, at: [1, 1], module: 0.5 mm,\n"
          "     data: {digital-link: 'https://x.vn', ai: '(00)095201234567891235(21)x'}}\n",
     "6:47 digital-link, 5:5 ai-needs"},

    /* two numbers, conditions */
    {"two fields of one series and scope",
     HEAD
     "fields:\n  a: {series: s}\n  b: {series: s}\nelements: [{text: '{a}{b}', at: [1, 1]}]\n",
     "6:15 series-twice"},
    {"two fields of one series and the same text of scope",
     HEAD "fields:\n  g: {type: gtin, required: true}\n  a: {series: s, scope: '{g}'}\n"
          "  b: {series: s, scope: '{g}'}\nelements: [{text: '{a}{b}', at: [1, 1]}]\n",
     "7:15 series-twice"},
    {"two fields of one series in two scopes",
     HEAD "fields:\n  g: {type: gtin, required: true}\n  a: {series: s, scope: '{g}'}\n"
          "  b: {series: s}\nelements: [{text: '{a}{b}', at: [1, 1]}]\n",
     ""},
    {"an optional value where it is guarded",
     HEAD GS1_FIELDS "    data: '(91){note}'\n"
                     "    when: '{note}'\n" USE,
     ""},
    {"guarded by a text with it",
     HEAD GS1_FIELDS "    data: '(91){note}'\n"
                     "    when: 'x{note}'\n" USE,
     "14:11 bad-value, 13:11 ai-optional"},
    {"guarded by another field",
     HEAD GS1_FIELDS "    data: '(91){note}'\n"
                     "    when: '{lot}'\n" USE,
     "13:11 ai-optional"},
    {"AIs that exclude each other, one on condition",
     HEAD GS1_FIELDS
     "    data: '(01){gtin}'\n" USE
     "  - barcode: gs1-datamatrix\n    at: [1, 9]\n    module: 0.5 mm\n    when: '{note}'\n"
     "    data: '(00)106141412345678908(02){gtin}(37)5'\n",
     ""},
};

static void test_case(const char *name, const char *in, size_t len, const char *want)
{
    struct findings findings;
    struct template *template = NULL;
    findings_init(&findings);
    enum err err = template_parse(in, len, "t.yaml", &template, &findings);
    if (!tap_is_str(findings_list(&findings), want, "%s", name))
        findings_show(&findings);
    bool refused = findings.errors > 0;
    tap_ok(err == (refused ? ERR_INPUT : ERR_NONE) && !template == refused, "%s: answer", name);
    template_free(template);
    findings_clear(&findings);
}

/* A row's own words for the nearest known name. */
static void test_nearest(void)
{
    static const char in[] = HEAD "fields:\n  expiry: {type: date}\n"
                                  "elements: [{text: '{expiri}', at: [1, 1], widht: 2}]\n";
    struct findings findings;
    struct template *template = NULL;
    findings_init(&findings);
    template_parse(in, sizeof in - 1, "t.yaml", &template, &findings);
    tap_is_str(findings_list(&findings),
               "6:43 unknown-key, 6:19 unknown-placeholder, 5:3 unused-field",
               "a key and a placeholder");
    tap_is_str(findings.count == 3 ? findings.list[0].expected : NULL,
               "\"width\", the nearest known one", "the key's neighbour");
    tap_is_str(findings.count == 3 ? findings.list[1].expected : NULL,
               "\"expiry\", the nearest known one", "the placeholder's neighbour");
    template_free(template);
    findings_clear(&findings);
}

static void test_bounds(void)
{
    struct buf text = BUF_INIT(2 * TEMPLATE_MAX_BYTES);
    buf_add_text(&text, HEAD "fields:\n");
    for (int i = 0; i <= TEMPLATE_MAX_FIELDS; i++)
        buf_printf(&text, "  f%d: {type: text}\n", i);
    buf_add_text(&text, E);
    test_case("101 fields", buf_text(&text), text.len, "5:3 too-many");

    buf_reset(&text);
    buf_add_text(&text, HEAD "elements:\n");
    for (int i = 0; i <= TEMPLATE_MAX_ELEMENTS; i++)
        buf_add_text(&text, "  - {text: x, at: [1, 1]}\n");
    test_case("501 elements", buf_text(&text), text.len, "5:3 too-many");

    buf_reset(&text);
    buf_add_text(&text, HEAD "elements:\n");
    for (int i = 0; i < 10000; i++)
        buf_add_text(&text, "  - {text: x, at: [1, 1]}\n");
    test_case("10,000 elements", buf_text(&text), text.len, "10004:5 yaml-nodes");

    buf_reset(&text);
    buf_add_text(&text, HEAD "elements:\n");
    for (int i = 0; i < 20; i++) {
        buf_add_text(&text, "  - group:\n      elements:\n");
        for (int j = 0; j < 26; j++)
            buf_add_text(&text, "        - {text: x, at: [1, 1]}\n");
    }
    test_case("520 elements in groups", buf_text(&text), text.len, "5:3 too-many");

    buf_reset(&text);
    buf_add_text(&text, HEAD "elements: ");
    for (int i = 0; i < 1000; i++)
        buf_add_text(&text, "[{group: {elements: ");
    test_case("groups 1,000 deep", buf_text(&text), text.len, "4:212 yaml-depth");

    buf_reset(&text); /* 500 x 3 x 1,024 bytes in the worst case */
    buf_add_text(&text, HEAD "fields:\n  a: {type: text}\nelements:\n");
    for (int i = 0; i < TEMPLATE_MAX_ELEMENTS; i++)
        buf_add_text(&text, "  - {text: '{a}{a}{a}', at: [1, 1]}\n");
    test_case("a label of 1.5 MB", buf_text(&text), text.len, "7:3 label-too-large");

    buf_reset(&text);
    buf_add_text(&text, HEAD "elements:\n  - text: '");
    for (int i = 0; i < 201; i++)
        buf_add_text(&text, "{{}}");
    buf_add_text(&text, "'\n    at: [1, 1]\n");
    test_case("804 braces", buf_text(&text), text.len, "5:11 too-long");

    buf_reset(&text);
    while (text.len <= TEMPLATE_MAX_BYTES)
        buf_add_text(&text, "# nothing but comments, more than a megabyte of them\n");
    test_case("more than 1 MB", buf_text(&text), text.len, "0:0 yaml-size");
    buf_free(&text);
}

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        test_case(cases[i].name, cases[i].in, strlen(cases[i].in), cases[i].want);
    test_nearest();
    test_bounds();
    return tap_done();
}
