/* SPDX-License-Identifier: Apache-2.0 */
/* What a placeholder's format makes of a value, which values it refuses, and what numbers with
 * check digits and decimals may be. Days of the year and ISO weeks: Python's strftime. */
#include "templates/template.h"
#include "tests/unit/findings-list.h"
#include "tests/unit/tap.h"

/* A template with one field and one text. Line 5: the field; line 7: its text. */
#define HEAD "tem: 1\nname: t\nsize: 50 x 30 mm\nfields:\n  a: {"
#define TAIL "}\nelements:\n  - {text: '"
#define END  "', at: [1, 1]}\n"
#define NBSP "\xC2\xA0"

/* `want`: the text on the label; in "<...>" the findings instead: those of the template or,
 * when that is good, those of the row. */
static const struct {
    const char *name, *field, *text, *value, *want;
} rows[] = {
    /* decimals, written */
    {"as it is", "type: decimal", "{a}", "12.50", "12.50"},
    {"two decimals", "type: decimal", "{a:.2}", "12.5", "12.50"},
    {"two decimals with a comma", "type: decimal", "{a:,2}", "12.5", "12,50"},
    {"Vietnamese thousands", "type: decimal", "{a:.,2}", "1234567.5", "1.234.567,50"},
    {"English thousands", "type: decimal", "{a:,.2}", "-1234.5", "-1,234.50"},
    {"spaces between thousands", "type: decimal", "{a: ,1}", "123456", "123" NBSP "456,0"},
    {"three digits need no mark", "type: decimal", "{a:.,0}", "123", "123"},
    {"no decimals", "type: decimal", "{a:.0}", "7.00", "7"},
    {"zeros at the end are no decimals", "type: decimal", "{a:.1}", "12.500", "12.5"},
    {"nothing is rounded", "type: decimal", "{a:.1}", "12.55", "<0:0 too-many-decimals>"},
    {"all that are left out are zeros", "type: decimal", "{a:.0}", "0.5",
     "<0:0 too-many-decimals>"},
    {"the strictest of two formats", "type: decimal", "{a:.1} {a:.3}", "0.25",
     "<0:0 too-many-decimals>"},
    {"more digits than a double has", "type: decimal", "{a:.,2}", "12345678901234567890123.25",
     "12.345.678.901.234.567.890.123,25"},
    {"integer with a comma", "type: integer", "{a:.,0} kg", "12345", "12.345 kg"},
    {"integer with decimals", "type: integer", "{a:,1}", "5", "5,0"},
    {"integer padded", "type: integer", "{a:04}", "5", "0005"},
    {"nothing for nothing", "type: decimal", "x{a:.2}", "", "x"},

    /* implied decimals: six digits of AI 310n */
    {"six digits, three decimals", "type: decimal", "{a:6.3}", "12.5", "012500"},
    {"six digits, no decimals", "type: decimal", "{a:6.0}", "999999", "999999"},
    {"all six are decimals", "type: decimal", "{a:6.6}", "0.123456", "123456"},
    {"zero", "type: decimal", "{a:6.2}", "0", "000000"},
    {"a fourth decimal", "type: decimal", "{a:6.3}", "12.5005", "<0:0 too-many-decimals>"},
    {"a fourth digit", "type: decimal", "{a:6.3}", "1000", "<0:0 too-many-digits>"},
    {"999.999 fits", "type: decimal", "{a:6.3}", "999.999", "999999"},
    {"negative", "type: decimal", "{a:6.3}", "-1", "<0:0 too-many-digits>"},
    {"integer as six digits", "type: integer", "{a:6.1}", "77", "000770"},
    {"integer that does not fit", "type: integer", "{a:3.1}", "100", "<0:0 too-many-digits>"},

    /* formats that are none */
    {"19 decimals", "type: decimal", "{a:.19}", "1", "<7:12 bad-format>"},
    {"no number", "type: decimal", "{a:.}", "1", "<7:12 bad-format>"},
    {"both marks alike", "type: decimal", "{a:..2}", "1", "<7:12 bad-format>"},
    {"printf's", "type: decimal", "{a:.2f}", "1", "<7:12 bad-format>"},
    {"more decimals than digits", "type: decimal", "{a:3.4}", "1", "<7:12 bad-format>"},
    {"padding of a decimal", "type: decimal", "{a:04}", "1", "<7:12 bad-format>"},
    {"decimals of a text", "type: text", "{a:.2}", "1", "<7:12 bad-format>"},
    {"format of a GLN", "type: gln", "{a:13}", "4000001000005", "<7:12 bad-format>"},
    {"default with more decimals than are shown", "type: decimal, default: 1.25", "{a:.1}", "1",
     "<5:31 too-many-decimals>"},
    {"sample with more digits than are shown", "type: integer, sample: 1000", "{a:3.0}", "1",
     "<5:30 too-many-digits>"},
    {"default GTIN that is longer than shown", "type: gtin, default: '12345678901231'",
     "{a:13}", "", "<5:28 gtin-too-long>"},

    /* decimals, checked */
    {"minimum", "type: decimal, min: 0.5", "{a}", "0.50", "0.50"},
    {"below the minimum", "type: decimal, min: 0.5", "{a}", "0.4999999999999999999",
     "<0:0 too-small>"},
    {"negative below the minimum", "type: decimal, min: -2.5", "{a}", "-2.51",
     "<0:0 too-small>"},
    {"negative above the minimum", "type: decimal, min: -2.5", "{a}", "-2.49", "-2.49"},
    {"9 is below 10", "type: decimal, max: 10", "{a}", "9.9", "9.9"},
    {"above the maximum", "type: decimal, max: 10", "{a}", "10.00000000000000000001",
     "<0:0 too-large>"},
    {"more digits than 2^64", "type: decimal, max: 18446744073709551616", "{a}",
     "18446744073709551617", "<0:0 too-large>"},
    {"two decimals are allowed", "type: decimal, decimals: 2", "{a}", "1.25", "1.25"},
    {"three are not", "type: decimal, decimals: 2", "{a}", "1.250", "<0:0 too-many-decimals>"},
    {"fewer are", "type: decimal, decimals: 2", "{a}", "1", "1"},
    {"no negative zero", "type: decimal", "{a}", "-0.00", "<0:0 bad-decimal>"},
    {"41 characters", "type: decimal", "{a}", "12345678901234567890123456789012345678901",
     "<0:0 bad-decimal>"},
    {"max below min", "type: decimal, min: 2, max: 1.99", "{a}", "2", "<5:35 bad-number>"},
    {"min is no decimal", "type: decimal, min: 1e3", "{a}", "2", "<5:27 bad-number>"},
    {"decimals of an integer", "type: integer, decimals: 1", "{a}", "2",
     "<5:32 key-not-for-type>"},
    {"19 decimals in a field", "type: decimal, decimals: 19", "{a}", "2", "<5:32 bad-number>"},

    /* dates */
    {"day of the year", "type: date", "{a:%y%j}", "2026-02-28", "26059"},
    {"last day of a leap year", "type: date", "{a:%j}", "2020-12-31", "366"},
    {"ISO week", "type: date", "{a:%G-W%V-%u}", "2026-02-28", "2026-W09-6"},
    {"January in last year's week", "type: date", "{a:%G-W%V-%u}", "2027-01-01", "2026-W53-5"},
    {"December in next year's week", "type: date", "{a:%G-W%V-%u}", "2024-12-30", "2025-W01-1"},
    {"Sunday in week 53", "type: date", "{a:%G-W%V-%u}", "2021-01-03", "2020-W53-7"},
    {"year 1900 begins on Monday", "type: date", "{a:%G-W%V-%u}", "1900-01-01", "1900-W01-1"},
    {"year 2099", "type: date", "{a:%G-W%V-%u %j}", "2099-12-31", "2099-W53-4 365"},
    {"month's name", "type: date", "{a:%b}", "2026-02-28", "<7:12 bad-format>"},

    /* numbers with check digits: GS1 General Specifications 7.9; the SSCC is facts' */
    {"GLN", "type: gln", "{a}", "9520123456788", "9520123456788"},
    {"GLN's check digit", "type: gln", "{a}", "9520123456789", "<0:0 gln-check-digit>"},
    {"GLN of 12 digits", "type: gln", "{a}", "952012345678", "<0:0 bad-gln>"},
    {"GLN of a GTIN-14", "type: gln", "{a}", "09520123456788", "<0:0 bad-gln>"},
    {"SSCC", "type: sscc", "{a}", "095201234567891235", "095201234567891235"},
    {"SSCC's check digit", "type: sscc", "{a}", "095201234567891236", "<0:0 sscc-check-digit>"},
    {"SSCC with its AI", "type: sscc", "{a}", "00095201234567891235", "<0:0 bad-sscc>"},
    {"SSCC with a blank", "type: sscc", "{a}", "09520123456789123 ", "<0:0 bad-sscc>"},
    {"GTIN's check digit", "type: gtin", "{a}", "9520123456789", "<0:0 gtin-check-digit>"},
    {"sample GLN", "type: gln, sample: '9520123456780'", "{a}", "", "<5:26 gln-check-digit>"},
    {"max of an SSCC", "type: sscc, max: 3", "{a}", "", "<5:24 key-not-for-type>"},

    /* character sets */
    {"ASCII", "type: text, charset: ascii", "{a}", "a ~", "a ~"},
    {"outside of ASCII", "type: text, charset: ascii", "{a}", "\xC3\xA9", "<0:0 charset>"},
    {"alphanumeric", "type: text, charset: alphanumeric", "{a}", "aZ09", "aZ09"},
    {"blank in alphanumeric", "type: text, charset: alphanumeric", "{a}", "a b",
     "<0:0 charset>"},
};

static const char *refused(const struct findings *findings)
{
    static char text[512];
    snprintf(text, sizeof text, "<%s>", findings_list(findings));
    return text;
}

static void test_row(size_t i)
{
    char yaml[1024], got[512] = "";
    struct template *template = NULL;
    struct findings findings;
    struct row row = {0};
    struct label_doc doc = {0};
    struct why why = {""};
    int len = snprintf(yaml, sizeof yaml, HEAD "%s" TAIL "%s" END, rows[i].field, rows[i].text);
    findings_init(&findings);
    if (template_parse(yaml, (size_t)len, "t.yaml", &template, &findings) ||
        template_check_row(template, &rows[i].value, (struct place){0}, &row, &findings)) {
        snprintf(got, sizeof got, "%s", refused(&findings));
    } else {
        struct bind_input input = {.row = &row};
        if (template_bind(template, &input, &doc, &why) == ERR_NONE)
            snprintf(got, sizeof got, "%s", doc.drawn[0].content);
    }
    if (!tap_is_str(got, rows[i].want, "%s", rows[i].name))
        findings_show(&findings);
    label_doc_free(&doc);
    row_free(&row);
    template_free(template);
    findings_clear(&findings);
}

/* A person reads which digit is right. */
static void test_right_digit(void)
{
    static const char yaml[] = HEAD "type: sscc" TAIL "{a}" END;
    static const char *const value[] = {"095201234567891230"};
    struct template *template = NULL;
    struct findings findings;
    struct row row = {0};
    findings_init(&findings);
    template_parse(yaml, sizeof yaml - 1, "t.yaml", &template, &findings);
    template_check_row(template, value, (struct place){0}, &row, &findings);
    tap_is_str(findings.count ? findings.list[0].expected : "", "check digit 5",
               "the right check digit is named");
    template_free(template);
    findings_clear(&findings);
}

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        test_row(i);
    test_right_digit();
    return tap_done();
}
