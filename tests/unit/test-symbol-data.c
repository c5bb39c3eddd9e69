/* SPDX-License-Identifier: Apache-2.0 */
/* What no symbol is drawn of: modules, sizes and data that its symbology does not take, or that
 * an encoder would change. */
#include "tests/unit/render-kit.h"

#define AT  8000 /* um: room for every quiet zone */
#define AIS "[01]09520123456788[17]280301[10]L123[21]7K3QF9ZT2M"

static const struct {
    const char *name;
    struct element element;
    const char *content;
    uint32_t dpm;
    const char *code; /* "" = drawn */
} refusals[] = {
    /* 0.33 mm at 8 dots a mm is 3 dots = 0.375 mm; 0.27 mm is 2 = 0.25 mm < 0.254 mm */
    {"module 0.33 mm is 3 dots",
     KIT_BARCODE(.symbology = "gs1-datamatrix", .x_um = AT, .y_um = AT, .module_um = 330,
                 .ai_data = true),
     AIS, 8000, ""},
    {"module 0.25 mm is below GS1's range",
     KIT_BARCODE(.symbology = "gs1-datamatrix", .x_um = AT, .y_um = AT, .module_um = 270,
                 .ai_data = true),
     AIS, 8000, "module-size"},
    {"3 dots at 11811 are 0.254 mm",
     KIT_BARCODE(.symbology = "gs1-datamatrix", .x_um = AT, .y_um = AT, .module_um = 254,
                 .ai_data = true),
     AIS, 11811, ""},
    {"EAN module of 0.75 mm",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 750),
     "1234567890128", 8000, "module-size"},
    {"no module", KIT_BARCODE(.symbology = "qr", .x_um = AT, .y_um = AT), "x", 8000,
     "module-size"},
    {"wrong check digit in an AI",
     KIT_BARCODE(.symbology = "gs1-datamatrix", .x_um = AT, .y_um = AT, .module_um = 500,
                 .ai_data = true),
     "[01]09520123456789", 8000, "symbol-data"},
    {"month 13",
     KIT_BARCODE(.symbology = "gs1-datamatrix", .x_um = AT, .y_um = AT, .module_um = 500,
                 .ai_data = true),
     "[01]09520123456788[17]281301", 8000, "symbol-data"},
    {"plain data for a GS1 symbol",
     KIT_BARCODE(.symbology = "gs1-datamatrix", .x_um = AT, .y_um = AT, .module_um = 500),
     "hello", 8000, "symbol-data"},
    {"AI data for a plain symbol",
     KIT_BARCODE(.symbology = "qr", .x_um = AT, .y_um = AT, .module_um = 500, .ai_data = true),
     AIS, 8000, "symbol-data"},
    {"empty data", KIT_BARCODE(.symbology = "qr", .x_um = AT, .y_um = AT, .module_um = 500), "",
     8000, "symbol-data"},
    {"EAN-13 check digit",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330),
     "1234567890127", 8000, "symbol-data"},
    {"EAN-13 without check digit",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330),
     "123456789012", 8000, "symbol-data"},
    {"EAN-13 of a GTIN-14",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330),
     "12345678901231", 8000, "symbol-data"},
    {"EAN-13 add-on",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330),
     "1234567890128+12", 8000, "symbol-data"},
    {"ITF with an odd number of digits",
     KIT_BARCODE(.symbology = "itf", .x_um = AT, .y_um = AT, .module_um = 330), "12345", 8000,
     "symbol-data"},
    {"small letters in Code 39",
     KIT_BARCODE(.symbology = "code39", .x_um = AT, .y_um = AT, .module_um = 250), "abc", 8000,
     "symbol-data"},
    {"Vietnamese in Code 128",
     KIT_BARCODE(.symbology = "code128", .x_um = AT, .y_um = AT, .module_um = 250),
     "\xe1\xbb\x97", 8000, "symbol-data"},
    {"QR Code of version 1 that is too small",
     KIT_BARCODE(.symbology = "qr", .x_um = AT, .y_um = AT, .module_um = 500,
                 .options = {.version = 1}),
     "1234567890123456789012345678901234567890123456", 8000, "symbol-too-small"},
    {"DataMatrix of 10 modules that is too small",
     KIT_BARCODE(.symbology = "datamatrix", .x_um = AT, .y_um = AT, .module_um = 500,
                 .options = {.size = 1}),
     "Hello", 8000, "symbol-too-small"},
    {"Aztec of 15 modules that is too small",
     KIT_BARCODE(.symbology = "aztec", .x_um = AT, .y_um = AT, .module_um = 500,
                 .options = {.size = 1}),
     "Aztec Code is too small for so much of it", 8000, "symbol-too-small"},
    {"PDF417 of one column and three rows",
     KIT_BARCODE(.symbology = "pdf417", .x_um = AT, .y_um = AT, .module_um = 330,
                 .options = {.columns = 1, .rows = 3}),
     "Hello", 8000, "symbol-too-small"},
    {"rMQR of 7 x 43 that is too small",
     KIT_BARCODE(.symbology = "rmqr", .x_um = AT, .y_um = AT, .module_um = 500,
                 .options = {.size = 1}),
     "1234567890123456789", 8000, "symbol-too-small"},
    {"too much for any size",
     KIT_BARCODE(.symbology = "micro-qr", .x_um = AT, .y_um = AT, .module_um = 500,
                 .options = {.version = 4}),
     "1234567890123456789012345678901234567890", 8000, "symbol-data"},
    {"rectangle that is too small",
     KIT_BARCODE(.symbology = "datamatrix", .x_um = AT, .y_um = AT, .module_um = 250,
                 .options = {.shape = SHAPE_WORD_RECTANGLE}),
     "1234567890123456789012345678901234567890123456789012345678901234567890abcdefghijklmnopqrs"
     "tuvwxyz",
     8000, "symbol-too-small"},
    {"level H of M1",
     KIT_BARCODE(.symbology = "micro-qr", .x_um = AT, .y_um = AT, .module_um = 500,
                 .options = {.version = 1, .error_correction = 2}),
     "12345", 8000, "symbol-data"},
    {"add-on is missing",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330,
                 .options = {.addon = ADDON_2}),
     "1234567890128", 8000, "symbol-data"},
    {"add-on of one digit",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330,
                 .options = {.addon = ADDON_2}),
     "1234567890128+1", 8000, "symbol-data"},
    {"add-on of letters",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330,
                 .options = {.addon = ADDON_2}),
     "1234567890128+ab", 8000, "symbol-data"},
    {"add-on of the other length",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330,
                 .options = {.addon = ADDON_5}),
     "1234567890128+12", 8000, "symbol-data"},
    {"check digit of an EAN with add-on",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330,
                 .options = {.addon = ADDON_2}),
     "1234567890127+12", 8000, "symbol-data"},
    {"even digits before ITF's check digit",
     KIT_BARCODE(.symbology = "itf", .x_um = AT, .y_um = AT, .module_um = 330,
                 .options = {.check_digit = 2}),
     "1234", 8000, "symbol-data"},
    {"small letters in Codabar",
     KIT_BARCODE(.symbology = "codabar", .x_um = AT, .y_um = AT, .module_um = 250), "a123b",
     8000, "symbol-data"},
    {"Codabar without start",
     KIT_BARCODE(.symbology = "codabar", .x_um = AT, .y_um = AT, .module_um = 250), "123", 8000,
     "symbol-data"},
    {"small letters in HIBC",
     KIT_BARCODE(.symbology = "hibc-128", .x_um = AT, .y_um = AT, .module_um = 250), "a123",
     8000, "symbol-data"},
    {"HIBC with its flag",
     KIT_BARCODE(.symbology = "hibc-128", .x_um = AT, .y_um = AT, .module_um = 250), "+A123",
     8000, "symbol-data"},
    {"PZN's check digit",
     KIT_BARCODE(.symbology = "pzn", .x_um = AT, .y_um = AT, .module_um = 250), "27580898",
     8000, "symbol-data"},
    {"PZN without check digit",
     KIT_BARCODE(.symbology = "pzn", .x_um = AT, .y_um = AT, .module_um = 250), "2758089", 8000,
     "symbol-data"},
    {"PZN with a letter",
     KIT_BARCODE(.symbology = "pzn", .x_um = AT, .y_um = AT, .module_um = 250), "2758089X",
     8000, "symbol-data"},
    {"Code 32's check digit",
     KIT_BARCODE(.symbology = "code32", .x_um = AT, .y_um = AT, .module_um = 250), "143523125",
     8000, "symbol-data"},
    {"Leitcode's check digit",
     KIT_BARCODE(.symbology = "leitcode", .x_um = AT, .y_um = AT, .module_um = 375),
     "21348075016402", 8000, "symbol-data"},
    {"Identcode's check digit",
     KIT_BARCODE(.symbology = "identcode", .x_um = AT, .y_um = AT, .module_um = 375),
     "563102430312", 8000, "symbol-data"},
    {"Korea Post's check digit",
     KIT_BARCODE(.symbology = "korea-post", .x_um = AT, .y_um = AT, .module_um = 375),
     "9234571", 8000, "symbol-data"},
    {"VIN's check digit",
     KIT_BARCODE(.symbology = "vin", .x_um = AT, .y_um = AT, .module_um = 250),
     "1FTCR10UXTPA78181", 8000, "symbol-data"},
    /* read back by ZXing as 0039379000083 */
    {"UPC-E of number system 7",
     KIT_BARCODE(.symbology = "upce", .x_um = AT, .y_um = AT, .module_um = 330), "73937983",
     8000, "symbol-data"},
    {"EAN-8 of ten digits",
     KIT_BARCODE(.symbology = "ean8", .x_um = AT, .y_um = AT, .module_um = 330), "0096385074",
     8000, "symbol-data"},
    {"EAN-8 of a GTIN-13",
     KIT_BARCODE(.symbology = "ean8", .x_um = AT, .y_um = AT, .module_um = 330),
     "0000096385074", 8000, ""},
    /* 16 + 22 + 1 separator + 9 = 48 */
    {"GS1-128 of 48 characters",
     KIT_BARCODE(.symbology = "gs1-128", .x_um = AT, .y_um = AT, .module_um = 170,
                 .ai_data = true),
     "[01]09520123456788[10]ABCDEFGHIJKLMNOPQRST[21]1234567", 11811, ""},
    {"GS1-128 of 49 characters",
     KIT_BARCODE(.symbology = "gs1-128", .x_um = AT, .y_um = AT, .module_um = 170,
                 .ai_data = true),
     "[01]09520123456788[10]ABCDEFGHIJKLMNOPQRST[21]12345678", 11811, "symbol-data"},
    {"ISBN that is none",
     KIT_BARCODE(.symbology = "isbn", .x_um = AT, .y_um = AT, .module_um = 330),
     "1234567890128", 8000, "symbol-data"},
    {"UPC-E's check digit",
     KIT_BARCODE(.symbology = "upce", .x_um = AT, .y_um = AT, .module_um = 330), "01234566",
     8000, "symbol-data"},
    {"Pharmacode with leading zeros",
     KIT_BARCODE(.symbology = "pharmacode", .x_um = AT, .y_um = AT, .module_um = 500), "0003",
     8000, "symbol-data"},
    {"Pharmacode that is too small",
     KIT_BARCODE(.symbology = "pharmacode", .x_um = AT, .y_um = AT, .module_um = 500), "2",
     8000, "symbol-data"},
    {"odd digits in numeric Telepen",
     KIT_BARCODE(.symbology = "telepen-numeric", .x_um = AT, .y_um = AT, .module_um = 250),
     "123", 8000, "symbol-data"},
    {"small letters for Royal Mail",
     KIT_BARCODE(.symbology = "royal-mail", .x_um = AT, .y_um = AT, .module_um = 600),
     "le28hs9z", 8000, "symbol-data"},
    {"small letters for KIX",
     KIT_BARCODE(.symbology = "kix", .x_um = AT, .y_um = AT, .module_um = 600), "2500gg30250",
     8000, "symbol-data"},
    {"short Mailmark",
     KIT_BARCODE(.symbology = "mailmark", .x_um = AT, .y_um = AT, .module_um = 600),
     "1100000000000XY11", 8000, "symbol-data"},
    {"bars of 0.5 mm for Royal Mail",
     KIT_BARCODE(.symbology = "royal-mail", .x_um = AT, .y_um = AT, .module_um = 500),
     "LE28HS9Z", 8000, "module-size"},
    {"bars of 0.5 mm for Australia Post",
     KIT_BARCODE(.symbology = "australia-post", .x_um = AT, .y_um = AT, .module_um = 500),
     "96184209", 8000, ""},
    {"DPD parcel of 27 characters",
     KIT_BARCODE(.symbology = "dpd", .x_um = AT, .y_um = AT, .module_um = 375),
     "000393206219912345678101040", 8000, "symbol-data"},
    {"composite without its data",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330,
                 .composite = true),
     "1234567890128", 8000, "symbol-data"},
    {"composite of a wrong EAN",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330,
                 .composite = true),
     "1234567890127|[21]X1", 8000, "symbol-data"},
    {"data that bring a composite of their own",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330,
                 .composite = true),
     "1234567890128|[21]FAKE|[10]L1", 8000, "symbol-data"},
    {"a postcode that would end the primary message",
     KIT_BARCODE(.symbology = "maxicode", .x_um = AT, .y_um = AT, .module_um = 930,
                 .options = {.mode = 2}, .primary = true),
     "999999999840012|840012" PRIMARY_END "test", 8000, "symbol-data"},
    {"composite with an AI that cannot be",
     KIT_BARCODE(.symbology = "ean13", .x_um = AT, .y_um = AT, .module_um = 330,
                 .composite = true),
     "1234567890128|[17]281301", 8000, "symbol-data"},
    {"MaxiCode without its primary message",
     KIT_BARCODE(.symbology = "maxicode", .x_um = AT, .y_um = AT, .module_um = 930,
                 .options = {.mode = 2}, .primary = true),
     "test", 8000, "symbol-data"},
    {"American postcode of five digits",
     KIT_BARCODE(.symbology = "maxicode", .x_um = AT, .y_um = AT, .module_um = 930,
                 .options = {.mode = 2}, .primary = true),
     "99999840012" PRIMARY_END "test", 8000, "symbol-data"},
    {"German postcode of five digits",
     KIT_BARCODE(.symbology = "maxicode", .x_um = AT, .y_um = AT, .module_um = 930,
                 .options = {.mode = 2}, .primary = true),
     "10115276012" PRIMARY_END "test", 8000, ""},
    {"short postcode in mode 3",
     KIT_BARCODE(.symbology = "maxicode", .x_um = AT, .y_um = AT, .module_um = 930,
                 .options = {.mode = 3}, .primary = true),
     "B1050056999" PRIMARY_END "test", 8000, "symbol-data"},
    {"small letters in mode 3",
     KIT_BARCODE(.symbology = "maxicode", .x_um = AT, .y_um = AT, .module_um = 930,
                 .options = {.mode = 3}, .primary = true),
     "b1050 056999" PRIMARY_END "test", 8000, "symbol-data"},
    {"MaxiCode of 8 dots",
     KIT_BARCODE(.symbology = "maxicode", .x_um = AT, .y_um = AT, .module_um = 1000), "test",
     8000, "module-size"},
    {"MaxiCode of 10 dots at 11811",
     KIT_BARCODE(.symbology = "maxicode", .x_um = AT, .y_um = AT, .module_um = 880), "test",
     11811, "module-size"},
    {"unknown symbology",
     KIT_BARCODE(.symbology = "qrr", .x_um = AT, .y_um = AT, .module_um = 500), "x", 8000,
     "unknown-symbology"},
    /* QR version 1: 21 + 2 x 4 modules of 4 dots: 14.5 mm; 3.9 mm leave less than 4 modules */
    {"QR quiet zone ends at the label's edge",
     KIT_BARCODE(.symbology = "qr", .x_um = 2000, .y_um = 2000, .module_um = 500), "x", 8000,
     ""},
    {"QR quiet zone off the label",
     KIT_BARCODE(.symbology = "qr", .x_um = 1900, .y_um = 2000, .module_um = 500), "x", 8000,
     "symbol-does-not-fit"},
    {"QR without quiet zone may be there",
     KIT_BARCODE(.symbology = "qr", .x_um = 1900, .y_um = 2000, .module_um = 500,
                 .quiet = false),
     "x", 8000, ""},
    {"QR in a width of 14.5 mm",
     KIT_BARCODE(.symbology = "qr", .x_um = AT, .y_um = AT, .module_um = 500,
                 .width_um = 14500),
     "x", 8000, ""},
    {"QR in a width of 14.4 mm",
     KIT_BARCODE(.symbology = "qr", .x_um = AT, .y_um = AT, .module_um = 500,
                 .width_um = 14300),
     "x", 8000, "symbol-does-not-fit"},
    {"QR in a height of 14.4 mm",
     KIT_BARCODE(.symbology = "qr", .x_um = AT, .y_um = AT, .module_um = 500,
                 .height_um = 14300),
     "x", 8000, "symbol-does-not-fit"},
    {"Code 128 off the label",
     KIT_BARCODE(.symbology = "code128", .x_um = AT, .y_um = AT, .module_um = 500),
     "0123456789abcdefghijklmnopq", 8000, "symbol-does-not-fit"},
    {"DataBar lower than 33X",
     KIT_BARCODE(.symbology = "databar-omni", .x_um = AT, .y_um = AT, .module_um = 375,
                 .height_um = 12000),
     "09520123456788", 8000, "symbol-height"},
    {"DataBar of 33X",
     KIT_BARCODE(.symbology = "databar-omni", .x_um = AT, .y_um = AT, .module_um = 375,
                 .height_um = 12375),
     "09520123456788", 8000, ""},
};

static void refusal(size_t i, const struct template *template)
{
    struct bitmap label;
    enum err err = kit_draw_one(template, &refusals[i].element, refusals[i].content,
                                refusals[i].dpm, &label);
    tap_is_str(kit_code(), refusals[i].code, "%s", refusals[i].name);
    if (err == ERR_NONE)
        bitmap_free(&label);
    else if (kit_findings.count && kit_findings.list[0].line != 2)
        tap_ok(false, "%s: finding has the element's line", refusals[i].name);
}

/* Words for who made the label, what is taken, and zint's own number only as a detail. */
static void words_are_ours(const struct template *template)
{
    static const struct {
        const char *symbology, *content, *says, *expected;
    } rows[] = {
        {"code39", "#~^", "code39 cannot hold this content: it has a character",
         "0-9 A-Z - . $ / + % and space"},
        {"code39", "#~^", "(zint 324: ", NULL},
        {"qr", "", "qr has no data", "`when: \"{field}\"`"},
        {"qr", "", "its fields are empty", "`sample: VALUE`"},
        {"vin", "123", "its length does not suit", "17 digits and capitals"},
        {"codabar", "123", "a form that is none of", "between two letters A to D"},
        {"micro-qr", "1234567890123456789012345678901234567890", "its length does not suit",
         "up to 35 digits"},
        /* "S" and a letter of three bytes, then a digit: three characters, not five */
        {"itf",
         "S\xe1\xbb\x91"
         "1",
         "itf takes digits only", NULL},
        {"itf", "12a", "itf takes digits only", NULL},
        {"itf", "123", "itf needs an even number of digits", NULL},
        {"telepen-numeric", "12X4", "an X as the second of two", NULL},
        {"telepen-numeric", "X4", "an X as the second of two", NULL},
        {"telepen-numeric", "1x", "an X as the second of two", NULL},
        {"telepen-numeric", "123X5", "needs an even number", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct element element = KIT_BARCODE(.symbology = rows[i].symbology, .x_um = AT,
                                             .y_um = AT, .module_um = 375);
        struct bitmap label = {0};
        kit_draw_one(template, &element, rows[i].content, 8000, &label);
        const struct finding *one = kit_findings.count ? &kit_findings.list[0] : NULL;
        const char *expected = one && one->expected ? one->expected : "";
        tap_ok(one && strstr(one->message, rows[i].says) &&
                   (!rows[i].expected || strstr(expected, rows[i].expected)),
               "%s of \"%s\": \"%s\" expected \"%s\"", rows[i].symbology, rows[i].content,
               one ? one->message : "drawn", expected);
        bitmap_free(&label);
    }
}

/* The size that would do is named. */
static void size_is_named(const struct template *template)
{
    struct element element = KIT_BARCODE(.symbology = "qr", .x_um = AT, .y_um = AT,
                                         .module_um = 500, .options = {.version = 1});
    struct bitmap label;
    kit_draw_one(template, &element, "the quick brown fox jumps over a lazy dog", 8000, &label);
    const char *message = kit_findings.count ? kit_findings.list[0].message : "";
    /* ISO/IEC 18004, table 7: version 3 at level L takes 53 bytes, version 2 takes 32 */
    tap_ok(strstr(message, "version 3, 29 rows of 29 modules") != NULL, "%s", message);
}

int main(void)
{
    if (!kit_start())
        return tap_done();
    struct template *template = kit_template("110 x 80 mm", "Roboto, Noto Sans");
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        refusal(i, template);
    words_are_ours(template);
    size_is_named(template);
    template_free(template);
    kit_end();
    return tap_done();
}
