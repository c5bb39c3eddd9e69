/* SPDX-License-Identifier: Apache-2.0 */
/* What a good template says, and what rows it takes. */
#include "templates/template.h"
#include "tests/unit/findings-list.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

static struct template *load(const char *name)
{
    const char *srcdir = getenv("srcdir");
    char path[4096];
    struct findings findings;
    struct template *template = NULL;
    snprintf(path, sizeof path, "%s/%s", srcdir ? srcdir : ".", name);
    findings_init(&findings);
    template_load(path, &template, &findings);
    if (!tap_is_str(findings_list(&findings), "", "%s", name))
        findings_show(&findings);
    findings_clear(&findings);
    return template;
}

static void test_plain(void)
{
    struct template *template = load("tests/unit/data/templates/plain.yaml");
    char hex[SHA256_HEX];
    size_t len = 0;
    if (!template)
        return;
    tap_is_str(template_name(template), "plain", "name");
    tap_is_str(template_title(template), "plain", "the title is the name unless given");
    tap_is_int(template_close(template), CLOSE_PRINTED, "closed by printing unless said");
    tap_is_int(template_on_doubt(template), ON_DOUBT_HOLD, "doubt holds unless said");
    tap_is_int(template_pieces(template), 1, "one piece");
    tap_is_int((long long)template_field_count(template), 0, "no fields");
    tap_is_int((long long)template_font_count(template), 1, "one font");
    tap_is_str(template_font(template, 0), "Roboto", "the default font");
    tap_is_int(template_width_um(template), 40000, "width");
    template_yaml(template, &len);
    /* Python: sha256(b"tem-template 1\n" + len.to_bytes(8, "big") + yaml) */
    tap_is_str(hex_text(template_hash(template), SHA256_BYTES, hex),
               "fcd2967ca35726512e01a5077969ccaef1b41369477eac7b8366328f1cecdf37", "hash");
    tap_is_int((long long)len, 169, "the YAML is kept");
    template_free(template);
}

/* What archives wait for: dates that stand in AI (17) or (7003), or are named so. */
static const struct {
    const char *name, *field, *element;
    bool expires;
} expiries[] = {
    {"best before is none", "d: {type: date, required: true}",
     "barcode: gs1-datamatrix\n    module: 0.33 mm\n    data: "
     "\"(01)09520123456788(15){d:%y%m%d}\"",
     false},
    {"AI 17", "d: {type: date, required: true}",
     "barcode: gs1-datamatrix\n    module: 0.33 mm\n    data: "
     "\"(01)09520123456788(17){d:%y%m%d}\"",
     true},
    {"AI 7003", "d: {type: date, required: true}",
     "barcode: gs1-datamatrix\n    module: 0.33 mm\n    data: "
     "\"(01)09520123456788(7003){d:%y%m%d}0000\"",
     true},
    {"as text only", "d: {type: date}", "text: \"{d}\"", false},
    {"by its name", "expiry: {type: date}", "text: \"{expiry}\"", true},
    {"a text of that name", "expiry: {type: text}", "text: \"{expiry}\"", false},
};

static void test_expiry(void)
{
    for (size_t i = 0; i < sizeof expiries / sizeof expiries[0]; i++) {
        struct findings findings;
        struct template *template = NULL;
        char yaml[512];
        int len = snprintf(yaml, sizeof yaml,
                           "tem: 1\nname: x\nsize: 50 x 30 mm\nfields:\n  %s\nelements:\n"
                           "  - %s\n    at: [5, 5]\n",
                           expiries[i].field, expiries[i].element);
        findings_init(&findings);
        if (template_parse(yaml, (size_t)len, "x.yaml", &template, &findings))
            findings_show(&findings);
        tap_ok(template && template_expires(template, 0) == expiries[i].expires, "expiry: %s",
               expiries[i].name);
        template_free(template);
        findings_clear(&findings);
    }
}

static void test_all_types(void)
{
    struct template *template = load("tests/unit/data/templates/all-types.yaml");
    if (!template)
        return;
    tap_is_str(template_title(template), "Every type", "title");
    tap_is_int(template_width_um(template), 100000, "width");
    tap_is_int(template_height_um(template), 62500, "height");
    tap_is_int(template_close(template), CLOSE_SENT, "close");
    tap_is_int(template_on_doubt(template), ON_DOUBT_CONTINUE, "on_doubt");
    tap_is_int(template_pieces(template), 2, "pieces");
    tap_is_str(template_font(template, 1), "Roboto", "second font");
    tap_is_int(template_field_index(template, "cold"), 8, "index of a field");
    tap_is_int(template_field_index(template, "Cold"), -1, "index of no field");
    const struct field *serial = template_field(template, 9),
                       *ean = template_field(template, 6);
    tap_is_int(serial->type, FIELD_SERIES, "a series field needs no type");
    tap_is_str(serial->series, "a", "series");
    tap_is_str(ean->sample, "04006381333931", "the sample is canonical");
    tap_is_str(template_field(template, 3)->default_text, "7", "default");
    tap_is_int(template_field(template, 0)->max, 10, "max");
    template_free(template);
}

static const struct {
    const char *name, *font, *family, *style;
    int32_t mpt;
} fonts[] = {
    {"style and size", "Bold 8", NULL, "Bold", 8000},
    {"size", "6.5", NULL, "Regular", 6500},
    {"two styles", "Bold Italic 9.25", NULL, "Bold Italic", 9250},
    {"family", "Noto Sans 7", "Noto Sans", "Regular", 7000},
    {"family and style", "Roboto Condensed Bold 8", "Roboto Condensed", "Bold", 8000},
    {"a style's name in a family", "Roboto Black 8", "Roboto", "Black", 8000},
};

static void test_fonts(void)
{
    for (size_t i = 0; i < sizeof fonts / sizeof fonts[0]; i++) {
        char yaml[400];
        struct findings findings;
        struct template *template = NULL;
        findings_init(&findings);
        snprintf(
            yaml, sizeof yaml,
            "tem: 1\nname: t\nsize: 50 x 30 mm\nelements:\n"
            "  - {text: x, at: [1.5, 2.125], font: %s, rotate: 90, width: 30, height: 4 mm,\n"
            "     fit: shrink to 6, anchor: baseline-right}\n",
            fonts[i].font);
        if (template_parse(yaml, strlen(yaml), "t.yaml", &template, &findings) == ERR_NONE) {
            const struct element *element = template_element(template, 0);
            tap_is_str(element->font_family, fonts[i].family, "%s: family", fonts[i].name);
            tap_is_str(element->font_style, fonts[i].style, "%s: style", fonts[i].name);
            tap_is_int(element->font_mpt, fonts[i].mpt, "%s: size", fonts[i].name);
            tap_ok(element->x_um == 1500 && element->y_um == 2125 &&
                       element->width_um == 30000 && element->height_um == 4000 &&
                       element->rotate_degrees == 90 &&
                       element->anchor == ANCHOR_BASELINE_RIGHT && element->fit == FIT_SHRINK &&
                       element->shrink_to_mpt == 6000 && element->line == 5 &&
                       element->column == 5,
                   "%s: the rest", fonts[i].name);
        } else {
            tap_ok(false, "%s", fonts[i].name);
            findings_show(&findings);
        }
        template_free(template);
        findings_clear(&findings);
    }
}

/* ---- rows of all-types.yaml ------------------------------------------------------- */

#define E_ACUTE_APART "e\xCC\x81" /* e, combining acute accent */
#define TEN           "1234567890"

/* Field `field` given as `in`; `want` is its canonical value, or else `code` the finding. */
static const struct {
    const char *name, *field, *in, *want, *code;
} rows[] = {
    {"NFC", "text", "caf" E_ACUTE_APART, "caf\xC3\xA9", NULL},
    {"Vietnamese, decomposed", "text", "vie\xCC\xA3\xCC\x82n", "vi\xE1\xBB\x87n", NULL},
    {"ten code points of two bytes", "text", "đđđđđđđđđđ", "đđđđđđđđđđ", NULL},
    {"ten code points after composing", "text",
     E_ACUTE_APART E_ACUTE_APART E_ACUTE_APART E_ACUTE_APART E_ACUTE_APART E_ACUTE_APART
         E_ACUTE_APART E_ACUTE_APART E_ACUTE_APART E_ACUTE_APART,
     "éééééééééé", NULL},
    {"eleven code points", "text", TEN "1", NULL, "too-long"},
    {"one code point", "text", "x", NULL, "too-short"},
    {"printer commands are text", "text", "^XZ^XA_5E", "^XZ^XA_5E", NULL},
    {"a placeholder is text", "text", "{code}", "{code}", NULL},
    {"required and missing", "text", NULL, NULL, "missing"},
    {"required and empty", "text", "", NULL, "missing"},
    {"not UTF-8", "text", "ab\xFF", NULL, "bad-utf8"},
    {"overlong slash", "text", "ab\xC0\xAF", NULL, "bad-utf8"},
    {"new line", "text", "a\nb", NULL, "control-character"},
    {"tab", "text", "a\tb", NULL, "control-character"},
    {"DEL", "text", "a\x7F", NULL, "control-character"},
    {"C1 control", "text", "a\xC2\x85", NULL, "control-character"},
    {"line separator", "text", "a\xE2\x80\xA8", NULL, "control-character"},
    {"replacement character", "text", "Vi\xEF\xBF\xBDn", NULL, "damaged-text"},
    {"a mark before all letters", "text",
     "\xCC\x81"
     "a",
     NULL, "damaged-text"},
    {"zero width space", "text", "a\xE2\x80\x8B", NULL, "damaged-text"},
    {"override of direction", "text", "a\xE2\x80\xAE", NULL, "control-character"},
    {"isolate of direction", "text", "a\xE2\x81\xA6", NULL, "control-character"},
    {"mark of direction", "text", "a\xE2\x80\x8E", NULL, "control-character"},
    {"Hangul filler", "text", "a\xE3\x85\xA4", NULL, "damaged-text"},
    {"soft hyphen", "text", "a\xC2\xAD", NULL, "damaged-text"},
    {"zero width joiner", "text", "a\xE2\x80\x8D", "a\xE2\x80\x8D", NULL},
    {"a mark on a blank", "text", "a \xCC\x81", NULL, "damaged-text"},
    {"a mark on its letter", "text", "ba\xCC\x81", "b\xC3\xA1", NULL},
    {"no character", "text", "a\xEF\xBF\xBF", NULL, "control-character"},
    {"set 82", "code", "L1(21)FAKE", "L1(21)FAKE", NULL},
    {"square bracket in set 82", "code", "L1[21]FAKE", NULL, "charset"},
    {"set 39", "part", "A-1#/", "A-1#/", NULL},
    {"small letter in set 39", "part", "a", NULL, "charset"},
    {"whole number", "number", "9999", "9999", NULL},
    {"negative number", "number", "-5", "-5", NULL},
    {"default", "number", NULL, "7", NULL},
    {"empty takes the default", "number", "", "7", NULL},
    {"number past max", "number", "10000", NULL, "too-large"},
    {"number below min", "number", "-6", NULL, "too-small"},
    {"leading zero", "number", "07", NULL, "bad-integer"},
    {"plus sign", "number", "+7", NULL, "bad-integer"},
    {"blank", "number", " 7", NULL, "bad-integer"},
    {"decimal as integer", "number", "7.0", NULL, "bad-integer"},
    {"19 digits", "number", "1000000000000000000", NULL, "bad-integer"},
    {"decimal keeps its zeros", "weight", "12.50", "12.50", NULL},
    {"no decimals", "weight", "0", "0", NULL},
    {"negative decimal", "weight", "-0.5", "-0.5", NULL},
    {"decimal comma", "weight", "12,5", NULL, "bad-decimal"},
    {"exponent", "weight", "1e3", NULL, "bad-decimal"},
    {"point at the end", "weight", "12.", NULL, "bad-decimal"},
    {"point at the beginning", "weight", ".5", NULL, "bad-decimal"},
    {"leap day", "made", "2028-02-29", "2028-02-29", NULL},
    {"29 February of 2026", "made", "2026-02-29", NULL, "no-such-date"},
    {"30 February", "made", "2026-02-30", NULL, "no-such-date"},
    {"1900 was no leap year", "made", "1900-02-29", NULL, "no-such-date"},
    {"2000 was one", "made", "2000-02-29", "2000-02-29", NULL},
    {"month 13", "made", "2026-13-01", NULL, "no-such-date"},
    {"day 00", "made", "2026-01-00", NULL, "no-such-date"},
    {"year 2208", "made", "2208-01-01", NULL, "no-such-date"},
    {"European date", "made", "28.02.2026", NULL, "bad-date"},
    {"compact date", "made", "20260228", NULL, "bad-date"},
    {"date and time", "made", "2026-02-28T00:00", NULL, "bad-date"},
    {"GTIN-13", "ean", "4006381333931", "04006381333931", NULL},
    {"GTIN-8", "ean", "02345673", "00000002345673", NULL},
    {"GTIN-12", "ean", "416000336108", "00416000336108", NULL},
    {"GTIN-14 that is a GTIN-13", "ean", "01234567890128", "01234567890128", NULL},
    {"GTIN-14 where 13 digits are shown", "ean", "12345678901231", NULL, "gtin-too-long"},
    {"wrong check digit", "ean", "4006381333932", NULL, "gtin-check-digit"},
    {"ten digits", "ean", "4006381333", NULL, "bad-gtin"},
    {"letter in a GTIN", "ean", "400638133393X", NULL, "bad-gtin"},
    {"GTIN with blanks", "ean", "4 006381 333931", NULL, "bad-gtin"},
    {"enum", "kind", "no", "no", NULL},
    {"no such choice", "kind", "viel", NULL, "bad-choice"},
    {"boolean", "cold", "true", "true", NULL},
    {"yes is no boolean", "cold", "yes", NULL, "bad-boolean"},
    {"a number is not data", "serial", "X1", NULL, "series-field"},
    {"optional and missing", "weight", NULL, NULL, NULL},
};

static void test_rows(const struct template *template)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *raw[TEMPLATE_MAX_FIELDS] = {"Hop"};
        struct row row = {0};
        struct findings findings;
        int field = template_field_index(template, rows[i].field);
        findings_init(&findings);
        raw[field] = rows[i].in;
        enum err err = template_check_row(template, raw, (struct place){"r.csv", 7, 0, "x"},
                                          &row, &findings);
        char want[64];
        snprintf(want, sizeof want, "%s%s", rows[i].code ? "7:0 " : "",
                 rows[i].code ? rows[i].code : "");
        tap_is_str(findings_list(&findings), want, "%s", rows[i].name);
        if (rows[i].code)
            tap_ok(err == ERR_INPUT && !row.values && findings.count == 1 &&
                       strcmp(findings.list[0].field, rows[i].field) == 0 &&
                       strcmp(findings.list[0].file, "r.csv") == 0,
                   "%s: named, and nothing made", rows[i].name);
        else
            tap_is_str(err ? "refused" : row.values[field], rows[i].want, "%s: canonical",
                       rows[i].name);
        row_free(&row);
        findings_clear(&findings);
    }
}

static void test_long_values(const struct template *template)
{
    static char text[TEMPLATE_MAX_VALUE * 4 + 2];
    const char *raw[TEMPLATE_MAX_FIELDS] = {"Hop", NULL, text};
    struct row row = {0};
    struct findings findings;
    findings_init(&findings);
    memset(text, 'A', TEMPLATE_MAX_VALUE);
    tap_is_int(template_check_row(template, raw, (struct place){0}, &row, &findings), ERR_NONE,
               "1,024 bytes without max");
    memset(text, 'A', TEMPLATE_MAX_VALUE + 1);
    tap_is_int(template_check_row(template, raw, (struct place){0}, &row, &findings), ERR_INPUT,
               "1,025 bytes");
    memset(text, 'A', sizeof text - 1);
    tap_is_int(template_check_row(template, raw, (struct place){0}, &row, &findings), ERR_INPUT,
               "4,097 bytes");
    tap_ok(row.values && strlen(row.values[2]) == TEMPLATE_MAX_VALUE,
           "what was there stays when a row is refused");
    row_free(&row);
    findings_clear(&findings);
}

static void test_all_faults_at_once(const struct template *template)
{
    const char *raw[TEMPLATE_MAX_FIELDS] = {NULL, "[", "a", "x", "1,5", "2026-02-30", "1"};
    struct row row = {0};
    struct findings findings;
    findings_init(&findings);
    template_check_row(template, raw, (struct place){0}, &row, &findings);
    tap_is_str(findings_list(&findings),
               "0:0 missing, 0:0 charset, 0:0 charset, 0:0 bad-integer, 0:0 bad-decimal, "
               "0:0 no-such-date, 0:0 bad-gtin",
               "seven faults in one row");
    tap_ok(findings.count == 7 && strstr(findings.list[1].message, "\"[\" at position 1"),
           "the character and its place");
    findings_clear(&findings);
}

static void test_scope(const struct template *template)
{
    const char *raw[TEMPLATE_MAX_FIELDS] = {"H{kind}p"};
    struct row row = {0};
    struct findings findings;
    struct buf scope = BUF_INIT(300);
    findings_init(&findings);
    template_check_row(template, raw, (struct place){0}, &row, &findings);
    template_scope(template, 9, &row, &scope);
    tap_is_str(buf_text(&scope), "H{kind}p/box", "a scope of two fields, values not parsed");
    buf_reset(&scope);
    template_scope(template, 10, &row, &scope);
    tap_is_str(buf_text(&scope), "", "no scope");
    buf_free(&scope);
    row_free(&row);
    findings_clear(&findings);
}

/* ---- AIs: case.yaml (best is text, so day 00 may be given) --------------------------------
 */

static const struct {
    const char *name, *raw[4], *want, *field;
} ai_rows[] = {
    {"good", {"09520123456788", "L123", "280301", "24"}, "", NULL},
    {"day 00 in a text field", {"09520123456788", "L123", "280300", "24"}, "", NULL},
    {"month 13", {"09520123456788", "L123", "281301", "24"}, "0:0 ai-value", "best"},
    {"30 February", {"09520123456788", "L123", "260230", "24"}, "0:0 ai-value", "best"},
    {"a lot with an AI inside", {"09520123456788", "L1(21)FAKE", "280301", "24"}, "", NULL},
    {"a lot with a bracket",
     {"09520123456788", "L1[21]FAKE", "280301", "24"},
     "0:0 charset",
     "lot"},
    {"a faulty value is told once",
     {"09520123456789", "L 1", "280301", "24"},
     "0:0 gtin-check-digit, 0:0 charset",
     "gtin"},
};

static void test_ai_rows(void)
{
    struct template *template = load("tests/unit/data/templates/case.yaml");
    for (size_t i = 0; template && i < sizeof ai_rows / sizeof ai_rows[0]; i++) {
        const char *raw[5] = {ai_rows[i].raw[0], ai_rows[i].raw[1], ai_rows[i].raw[2],
                              ai_rows[i].raw[3], NULL};
        struct row row = {0};
        struct findings findings;
        findings_init(&findings);
        template_check_row(template, raw, (struct place){0}, &row, &findings);
        tap_is_str(findings_list(&findings), ai_rows[i].want, "%s", ai_rows[i].name);
        tap_is_str(findings.count ? findings.list[0].field : NULL, ai_rows[i].field,
                   "%s: field", ai_rows[i].name);
        row_free(&row);
        findings_clear(&findings);
    }
    template_free(template);
}

/* A field without a character set in an AI: link.yaml's lot. */
static void test_ai_charset(void)
{
    struct template *template = load("tests/unit/data/templates/link.yaml");
    const char *raw[] = {"09520123456788", "L1[21]\xC4\x91", "2028-03-01", NULL};
    struct row row = {0};
    struct findings findings;
    findings_init(&findings);
    if (template)
        template_check_row(template, raw, (struct place){0}, &row, &findings);
    tap_is_str(findings_list(&findings), "0:0 ai-value", "an AI's character set");
    tap_ok(findings.count && strcmp(findings.list[0].field, "lot") == 0 &&
               strstr(findings.list[0].message, "\"[\" at position 3"),
           "field, character and position");
    /* RFC 3986, 5.2.4: such a segment would take the one before it along. */
    const char *dots[] = {"09520123456788", "..", "2028-03-01", NULL};
    row_free(&row);
    findings_clear(&findings);
    if (template)
        template_check_row(template, dots, (struct place){0}, &row, &findings);
    tap_is_str(findings_list(&findings), "0:0 ai-value", "dots are no path segment");
    tap_is_int(template ? (long long)template_sample_row(template, &row, &findings) : -1,
               ERR_INPUT, "no samples, no sample row");
    row_free(&row);
    findings_clear(&findings);
    template_free(template);
}

static void test_stock(void)
{
    struct template *template = load("templates/stock/medicine-pack.yaml");
    struct row row = {0};
    struct findings findings;
    findings_init(&findings);
    if (!template)
        return;
    tap_is_int(template_sample_row(template, &row, &findings), ERR_NONE, "stock: sample row");
    int gtin = template_field_index(template, "gtin");
    tap_is_str(row.values ? row.values[gtin] : NULL, "09520123456788", "stock: sample's GTIN");
    tap_is_int(template_close(template), CLOSE_PRINTED, "stock: closed by printing");
    tap_is_int(template_on_doubt(template), ON_DOUBT_HOLD, "stock: medicines hold");
    row_free(&row);
    findings_clear(&findings);
    template_free(template);
}

static void test_no_file(void)
{
    struct template *template = NULL;
    struct findings findings;
    findings_init(&findings);
    tap_is_int(template_load("no/such/file.yaml", &template, &findings), ERR_NOT_FOUND,
               "no such file");
    tap_is_str(findings_list(&findings), "0:0 unreadable", "no such file: told");
    findings_clear(&findings);
}

int main(void)
{
    test_plain();
    test_expiry();
    test_all_types();
    test_fonts();
    struct template *template = load("tests/unit/data/templates/all-types.yaml");
    if (template) {
        test_rows(template);
        test_long_values(template);
        test_all_faults_at_once(template);
        test_scope(template);
    }
    template_free(template);
    test_ai_rows();
    test_ai_charset();
    test_stock();
    test_no_file();
    return tap_done();
}
