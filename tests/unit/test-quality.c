/* SPDX-License-Identifier: Apache-2.0 */
/* What is found about a label's print quality, and what is measured: each row a template's
 * elements. Expectations are worked out by hand from millimetres, dots a metre and the figures
 * of the symbologies' standards, never taken from our own output. */
#include "spooler/render/quality.h"
#include "tests/unit/render-kit.h"

#include <inttypes.h>

static struct template *parse(const char *elements)
{
    char yaml[4096];
    int len = snprintf(yaml, sizeof yaml,
                       "tem: 1\nname: q\nsize: 100 x 60 mm\nfonts: [Roboto]\nelements:\n%s",
                       elements);
    struct template *template = NULL;
    struct findings findings;
    char text[512];
    findings_init(&findings);
    if (template_parse(yaml, (size_t)len, "q.yaml", &template, &findings) != ERR_NONE) {
        for (size_t i = 0; i < findings.count; i++)
            printf("# %s\n", finding_text(&findings.list[i], text, sizeof text));
        template = NULL;
    }
    findings_clear(&findings);
    return template;
}

/* "W module-rounded 6:5|..." */
static void findings_words(const struct findings *findings, char *out, size_t size)
{
    size_t len = 0;
    *out = '\0';
    for (size_t i = 0; i < findings->count && len < size; i++) {
        const struct finding *one = &findings->list[i];
        len += (size_t)snprintf(out + len, size - len, "%s%c %s %" PRIu64, i ? "|" : "",
                                "EWN"[one->severity], one -> code, one -> line);
    }
}

static enum err measure(const char *elements, uint32_t dpm, const char *use, bool data,
                        struct quality *quality, struct findings *findings,
                        struct template **template)
{
    struct row row = {0};
    struct label_doc doc = {0};
    struct why why = {{0}};
    const char *numbers[TEMPLATE_MAX_FIELDS] = {0};
    findings_init(findings);
    *template = parse(elements);
    if (!*template)
        return ERR_INPUT;
    enum err err = template_sample_row(*template, &row, findings);
    struct bind_input input = {.row = &row,
                               .numbers = numbers,
                               .builtins = {.label_index = 1, .label_count = 1, .job_id = 1}};
    if (!err)
        err = template_bind(*template, &input, &doc, &why);
    if (!err)
        err = render_quality(kit_renderer, *template, data ? &doc : NULL, dpm, use, quality,
                             findings);
    row_free(&row);
    label_doc_free(&doc);
    return err;
}

/* The first element stands on line 6. */
static const struct {
    const char *name;
    uint32_t dpm;
    const char *use, *elements, *want;
} rows[] = {
    {"nothing to say", 8000, NULL, "  - {text: Hello, at: [5, 5], font: Regular 10}\n", ""},

    /* 0.33 mm at 8 dots a mm: 2.64, so 3 dots of 0.125 mm = 0.375 mm, +13.6% */
    {"a module rounded up is a note", 8000, NULL,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.33 mm}\n",
     "N module-rounded 6"},
    /* 0.3 mm: 2.4, so 2 dots = 0.25 mm, -16.7% */
    {"rounded down by more than 10% is a warning", 8000, NULL,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.3 mm}\n",
     "W module-rounded 6"},
    {"0.375 mm are 3 dots", 8000, NULL,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.375 mm}\n", ""},
    /* 0.33 x 11.811 = 3.898: 4 dots = 0.33867 mm, +2.6% */
    {"at 11.8 dots a mm 2.6% more", 11811, NULL,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.33 mm}\n",
     "N module-rounded 6"},
    /* 0.339 x 11.811 = 4.004 */
    {"a thousandth is not told", 11811, NULL,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.339 mm}\n", ""},
    /* 0.17 x 8 = 1.36: 1 dot = 0.125 mm, GS1-128 takes 0.170: 2 dots */
    {"an illegal module: the nearest legal one is named", 8000, NULL,
     "  - {barcode: gs1-128, at: [20, 20], data: \"(01)09520123456788\", module: 0.17 mm}\n",
     "N legal-module 6"},

    {"bars across the feed", 8000, NULL,
     "  - {barcode: code128, at: [30, 20], data: ABC, module: 0.25 mm, rotate: 90}\n",
     "N ladder-bars 6"},
    {"upside down they are along it", 8000, NULL,
     "  - {barcode: code128, at: [30, 20], data: ABC, module: 0.25 mm, rotate: 180}\n", ""},

    {"one dot at 8 dots a mm is thin", 8000, NULL,
     "  - {line: 0.125 mm, at: [5, 5], to: [50, 5]}\n", "N thin-stroke 6"},
    {"two are not", 8000, NULL, "  - {line: 0.25 mm, at: [5, 5], to: [50, 5]}\n", ""},
    /* 3 dots of 1/23.622 mm = 0.127 mm */
    {"three at 23.6 are", 23622, NULL, "  - {line: 0.13 mm, at: [5, 5], to: [50, 5]}\n",
     "N thin-stroke 6"},

    {"text over text", 8000, NULL,
     "  - {text: HHHH, at: [5, 5], font: Bold 12}\n"
     "  - {text: MMMM, at: [6, 6], font: Bold 12}\n",
     "W overlap 7"},
    {"a line through text", 8000, NULL,
     "  - {text: HHHH, at: [5, 5], font: Bold 12}\n"
     "  - {line: 0.25 mm, at: [2, 7.5], to: [30, 7.5]}\n",
     "W overlap 7"},
    {"a frame around text is none", 8000, NULL,
     "  - {box: 0.25 mm, at: [2, 2], width: 40, height: 15}\n"
     "  - {text: HHHH, at: [5, 5], font: Bold 12}\n",
     ""},
    {"a frame that crosses text is one", 8000, NULL,
     "  - {box: 0.25 mm, at: [2, 2], width: 4, height: 15}\n"
     "  - {text: HHHH, at: [5, 5], font: Bold 12}\n",
     "W overlap 7"},
    {"lines and boxes make tables", 8000, NULL,
     "  - {box: 0.25 mm, at: [2, 2], width: 40, height: 15}\n"
     "  - {line: 0.25 mm, at: [2, 8], to: [42, 8]}\n",
     ""},
    {"text over a symbol", 8000, NULL,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.5 mm}\n"
     "  - {text: HHHH, at: [20, 20], font: Bold 12}\n",
     "W overlap 7"},

    /* 4 dots = 0.5 mm; 7 dots = 0.875; 8 dots = 1 mm is fine */
    {"ink at 0.5 mm", 8000, NULL, "  - {box: 0.25 mm, at: [0.5, 5], width: 40, height: 15}\n",
     "N near-edge 6"},
    {"ink at 1 mm", 8000, NULL, "  - {box: 0.25 mm, at: [1, 5], width: 40, height: 15}\n", ""},
    {"ink at the right", 8000, NULL,
     "  - {box: 0.25 mm, at: [50, 5], width: 49.125, height: 15}\n", "N near-edge 6"},

    /* 1X = 0.5 mm and 1 mm of shift */
    {"a quiet zone that ends at the edge", 8000, NULL,
     "  - {barcode: datamatrix, at: [1.25, 20], data: ABC, module: 0.5 mm}\n",
     "N quiet-zone-at-edge 6"},
    {"with room to shift", 8000, NULL,
     "  - {barcode: datamatrix, at: [1.5, 20], data: ABC, module: 0.5 mm}\n", ""},
    /* "ABC" is a symbol of 10 x 10: 5 mm; the rule is 0.375 mm to its right */
    {"no quiet zone, and ink in it", 8000, NULL,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.5 mm, quiet: none}\n"
     "  - {box: 0.25 mm, at: [25.375, 18], width: 1, height: 10}\n",
     "W no-quiet-zone 6"},
    {"no quiet zone, and yet one is free", 8000, NULL,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.5 mm, quiet: none}\n"
     "  - {box: 0.25 mm, at: [25.5, 18], width: 1, height: 10}\n",
     ""},

    /* EAN-13 is 22.85 mm high at X = 0.33 mm, so 25.97 at 0.375 */
    {"EAN-13 as a shop wants it", 8000, NULL,
     "  - {barcode: ean13, at: [20, 20], data: \"9520123456788\", module: 0.375 mm, height: "
     "26}\n",
     ""},
    {"cut low", 8000, NULL,
     "  - {barcode: ean13, at: [20, 20], data: \"9520123456788\", module: 0.375 mm, height: "
     "20}\n",
     "W gs1-height 6"},
    {"for a carton it is too small", 8000, "distribution",
     "  - {barcode: ean13, at: [20, 20], data: \"9520123456788\", module: 0.375 mm, height: "
     "26}\n",
     "W gs1-module 6"},
    {"an SSCC in 0.5 mm, 32 mm high", 8000, NULL,
     "  - {barcode: gs1-128, at: [10, 5], data: \"(00)095201234567891235\", module: 0.5 mm, "
     "height: 32}\n",
     ""},
    {"an SSCC in 0.25 mm, 10 mm high", 8000, NULL,
     "  - {barcode: gs1-128, at: [10, 5], data: \"(00)095201234567891235\", module: 0.25 mm, "
     "height: 10}\n",
     "W gs1-module 6|W gs1-height 6"},
    /* 31.75 mm is asked of all symbols of a label with an SSCC, 0.5 mm of all modules */
    {"what stands beside an SSCC is on the same pallet", 8000, NULL,
     "  - {barcode: gs1-128, at: [10, 2], data: \"(00)095201234567891235\", module: 0.5 mm, "
     "height: 32}\n"
     "  - {barcode: gs1-128, at: [10, 36], data: \"(410)9520123456788\", module: 0.5 mm, "
     "height: 20}\n",
     "W gs1-height 7"},
    {"without one nobody knows where it is scanned", 8000, NULL,
     "  - {barcode: gs1-128, at: [10, 36], data: \"(410)9520123456788\", module: 0.5 mm, "
     "height: 20}\n",
     ""},
    {"a symbol that would fit with a smaller module", 8000, NULL,
     "  - {barcode: datamatrix, at: [95.5, 20], data: ABC, module: 0.5 mm}\n",
     "N fitting-module 6"},
    {"one that would not even with the least", 8000, NULL,
     "  - {barcode: datamatrix, at: [99, 20], data: ABC, module: 0.5 mm}\n", ""},
    {"a text that would fit when it is smaller", 8000, NULL,
     "  - {text: Hello there, at: [5, 5], width: 15, font: Regular 10}\n", "N fitting-font 6"},
    {"one that fits nowhere", 8000, NULL,
     "  - {text: Hello there, at: [5, 5], width: 2, font: Regular 10}\n", ""},
    /* a medicine: 0.254 to 0.990 mm; the same symbol in a shop 0.375 at least */
    {"a medicine's DataMatrix", 11811, NULL,
     "  - {barcode: gs1-datamatrix, at: [20, 20], module: 0.254 mm, data: "
     "\"(01)09520123456788(17)280301(21)7K3QF9ZT\"}\n",
     ""},
    {"the same in a shop", 11811, "retail",
     "  - {barcode: gs1-datamatrix, at: [20, 20], module: 0.254 mm, data: "
     "\"(01)09520123456788(17)280301(21)7K3QF9ZT\"}\n",
     "W gs1-module 6"},
    {"a use that has no such symbol says nothing", 8000, "logistics",
     "  - {barcode: ean13, at: [20, 20], data: \"9520123456788\", module: 0.375 mm}\n", ""},
};

static void test_findings(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct quality quality = {0};
        struct findings findings;
        struct template *template = NULL;
        char got[1024];
        enum err err = measure(rows[i].elements, rows[i].dpm, rows[i].use, true, &quality,
                               &findings, &template);
        findings_words(&findings, got, sizeof got);
        tap_is_str(err ? err_name(err) : got, rows[i].want, "found: %s", rows[i].name);
        quality_free(&quality);
        findings_clear(&findings);
        template_free(template);
    }
}

/* ---- measures ------------------------------------------------------------------------ */

/* "{field} {value}|" of the first finding, and the figures of the first symbol as
 * "dots um, columns x rows, width x height, left/top/right/bottom needed:free:line". */
static void symbol_words(const struct quality *quality, char *out, size_t size)
{
    if (quality->count == 0) {
        snprintf(out, size, "none");
        return;
    }
    const struct quality_symbol *s = &quality->symbols[0];
    int len = snprintf(out, size, "%" PRId64 " %" PRId64, s->module_dots, s->module_um);
    if (!s->drawn)
        return;
    len += snprintf(out + len, size - (size_t)len,
                    ", %" PRId64 " x %" PRId64 ", %" PRId64 " x %" PRId64, s->columns, s->rows,
                    s->width_um, s->height_um);
    for (int i = 0; i < SIDES; i++)
        len += snprintf(out + len, size - (size_t)len, ", %" PRId64 ":%" PRId64 ":%" PRIu64,
                        s->sides[i].needed_um, s->sides[i].free_um, s->sides[i].line);
}

static const struct {
    const char *name;
    uint32_t dpm;
    bool data;
    const char *elements, *want;
} measures[] = {
    /* ISO/IEC 16022: 3 characters fit 10 x 10; 4 dots a module, 40 dots = 5 mm. The label is
     * 100 x 60 mm: 20 left, 20 top, 75 right, 35 bottom. */
    {"a DataMatrix alone", 8000, true,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.5 mm}\n",
     "4 500, 10 x 10, 5000 x 5000, 500:20000:0, 500:20000:0, 500:75000:0, 500:35000:0"},
    {"a box to its right and a rule below", 8000, true,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.5 mm}\n"
     "  - {box: 0.25 mm, at: [30, 10], width: 5, height: 30}\n"
     "  - {box: filled, at: [10, 27], width: 50, height: 0.5}\n",
     "4 500, 10 x 10, 5000 x 5000, 500:20000:0, 500:20000:0, 500:5000:7, 500:2000:8"},
    /* ISO/IEC 15420: 95 modules, 11X left and 7X right; 3 dots: 285 dots = 35.625 mm; quiet
     * 4.125 and 2.625 mm, none above or below */
    {"an EAN-13", 8000, true,
     "  - {barcode: ean13, at: [20, 10], data: \"9520123456788\", module: 0.33 mm, height: "
     "20}\n",
     "3 375, 95 x 0, 35625 x 20000, 4125:20000:0, 0:10000:0, 2625:44375:0, 0:30000:0"},
    /* A rule above its left quiet zone, which ends at 15.875 mm, is above the symbol, not in
     * it: 10 - 6.5 mm. */
    {"what is above a quiet zone is not beside the symbol", 8000, true,
     "  - {barcode: ean13, at: [20, 10], data: \"9520123456788\", module: 0.33 mm, height: "
     "20}\n"
     "  - {box: filled, at: [5, 6], width: 14, height: 0.5}\n",
     "3 375, 95 x 0, 35625 x 20000, 4125:20000:0, 0:3500:7, 2625:44375:0, 0:30000:0"},
    /* Turned clockwise its left is at the label's top. 20 x 35.625 mm now. */
    {"an EAN-13 turned by 90 degrees", 8000, true,
     "  - {barcode: ean13, at: [20, 10], data: \"9520123456788\", module: 0.33 mm, height: 20, "
     "rotate: 90}\n",
     "3 375, 95 x 0, 35625 x 20000, 0:20000:0, 4125:10000:0, 0:60000:0, 2625:14375:0"},
    {"turned by 180: left and right change places", 8000, true,
     "  - {barcode: ean13, at: [20, 10], data: \"9520123456788\", module: 0.33 mm, height: 20, "
     "rotate: 180}\n",
     "3 375, 95 x 0, 35625 x 20000, 2625:20000:0, 0:10000:0, 4125:44375:0, 0:30000:0"},
    /* ISO/IEC 18004: version 1 is 21 x 21, 4X; 0.5 mm at 11.811: 5.9, 6 dots = 0.508 mm; 126
     * dots = 10.668 mm; 24 dots = 2.032 mm. 236.22 -> 236 dots = 19.981 mm to the left. */
    {"a QR code at 300 dpi", 11811, true,
     "  - {barcode: qr, at: [20, 20], data: ABC, module: 0.5 mm}\n",
     "6 508, 21 x 21, 10668 x 10668, 2032:19981:0, 2032:19981:0, 2032:69342:0, 2032:29379:0"},
    {"without data only the module", 8000, false,
     "  - {barcode: qr, at: [20, 20], data: ABC, module: 0.5 mm}\n", "4 500"},
    {"of several the nearest, whichever comes first", 8000, true,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.5 mm}\n"
     "  - {box: filled, at: [40, 10], width: 1, height: 30}\n"
     "  - {box: filled, at: [30, 10], width: 1, height: 30}\n"
     "  - {box: filled, at: [35, 10], width: 1, height: 30}\n",
     "4 500, 10 x 10, 5000 x 5000, 500:20000:0, 500:20000:0, 500:5000:8, 500:35000:0"},
    /* from 18 to 22 mm, where the symbol begins at 20 */
    {"ink that reaches into the symbol leaves nothing free", 8000, true,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.5 mm}\n"
     "  - {box: filled, at: [18, 22], width: 4, height: 1}\n",
     "4 500, 10 x 10, 5000 x 5000, 500:0:7, 500:20000:0, 500:75000:0, 500:35000:0"},
    /* Dots 156 and 157 across, 158 and 159 down; the symbol begins at 160: the nearest is three
     * dots beside and one or two above it, so two are free on its left. */
    {"ink in a corner of the quiet zone counts on the farther side", 8000, true,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.5 mm}\n"
     "  - {box: filled, at: [19.5, 19.75], width: 0.25, height: 0.25}\n",
     "4 500, 10 x 10, 5000 x 5000, 500:250:7, 500:20000:0, 500:75000:0, 500:35000:0"},
    {"its own human-readable text is no ink in its way", 8000, true,
     "  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.5 mm, hri: below}\n",
     "4 500, 10 x 10, 5000 x 5000, 500:20000:0, 500:20000:0, 500:75000:0, 500:35000:0"},
};

static void test_measures(void)
{
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        struct quality quality = {0};
        struct findings findings;
        struct template *template = NULL;
        char got[512];
        enum err err = measure(measures[i].elements, measures[i].dpm, NULL, measures[i].data,
                               &quality, &findings, &template);
        symbol_words(&quality, got, sizeof got);
        tap_is_str(err ? err_name(err) : got, measures[i].want, "measured: %s",
                   measures[i].name);
        quality_free(&quality);
        findings_clear(&findings);
        template_free(template);
    }
}

/* The mend that a finding names. */
static void test_mends(void)
{
    static const struct {
        const char *elements, *value, *expected;
    } cases[] = {
        {"  - {barcode: datamatrix, at: [20, 20], data: ABC, module: 0.33 mm}\n", "0.330 mm",
         "module: 0.250 mm (2 dots) or 0.375 mm (3 dots)"},
        /* 10 modules and 1 of quiet zone: 5.5 mm at 0.5 mm, 4.125 at 0.375; 4.5 are there */
        {"  - {barcode: datamatrix, at: [95.5, 20], data: ABC, module: 0.5 mm}\n", NULL,
         "module: 0.375 mm (3 dots) would fit here"},
        {"  - {line: 0.1 mm, at: [5, 5], to: [50, 5]}\n", "0.125 mm (1 dot)",
         "0.250 mm (2 dots)"},
        {"  - {box: 0.25 mm, at: [0.5, 5], width: 40, height: 15}\n", "0.500 mm", "1.000 mm"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct quality quality = {0};
        struct findings findings;
        struct template *template = NULL;
        (void)measure(cases[i].elements, 8000, NULL, true, &quality, &findings, &template);
        bool any = findings.count > 0;
        const char *mend = any && findings.list[0].expected ? findings.list[0].expected
                           : any                            ? findings.list[0].message
                                                            : "";
        tap_is_str(any ? findings.list[0].value : "", cases[i].value, "mend %zu: value", i);
        tap_is_str(mend, cases[i].expected, "mend %zu", i);
        quality_free(&quality);
        findings_clear(&findings);
        template_free(template);
    }
}

static void test_guess(void)
{
    static const struct {
        const char *symbology, *content;
        bool ai_data;
        const char *want; /* "" = nothing */
    } cases[] = {
        {"gs1-128", "[00]095201234567891235", true, "logistics"},
        {"gs1-128", "[00]095201234567891235[02]09520123456788[37]24", true, "logistics"},
        {"gs1-128", "[01]09520123456788[10]L1", true, "distribution"},
        {"gs1-datamatrix", "[01]09520123456788[17]280301[10]L[21]7K", true, "healthcare"},
        {"gs1-datamatrix", "[01]09520123456788[10]L", true, "retail"},
        {"gs1-datamatrix", "[8004]0952012345678", true, ""},
        {"ean13", "9520123456788", false, "retail"},
        {"itf14", "09520123456788", false, "distribution"},
        {"qr", "https://id.gs1.org/01/09520123456788/10/L1", false, "retail"},
        {"qr", "https://example.com/01/2024", false, ""},
        {"code128", "ABC", false, ""},
        {"no-such", "[00]095201234567891235", true, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = gs1_use_guess(cases[i].symbology, cases[i].content,
                                        strlen(cases[i].content), cases[i].ai_data);
        tap_is_str(got ? got : "", cases[i].want, "use of %s %s", cases[i].symbology,
                   cases[i].content);
    }
    tap_ok(gs1_range_find("retail", "ean") == NULL, "a part of a name is no name");
    tap_ok(gs1_range_find("logistics", "ean13") == NULL, "table 5 has no EAN-13");
}

int main(void)
{
    if (!kit_start())
        return tap_done();
    test_findings();
    test_measures();
    test_mends();
    test_guess();
    kit_end();
    return tap_done();
}
