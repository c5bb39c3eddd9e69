/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of a template that a printer takes, and what must not be. */
#include "spooler/checker.h"

#include "tests/unit/render-kit.h"

#include "drivers/driver.h"

static const char yaml[] = "tem: 1\nname: t\nsize: 40 x 20 mm\nelements:\n"
                           "  - {text: A, at: [1, 1]}\n";
static const char off_yaml[] = "tem: 1\nname: off\nsize: 20 x 10 mm\nfonts: [Nowhere]\n"
                               "elements:\n  - {text: A, at: [1, 1]}\n";

static const struct stock wide = {.width_um = 50000, .height_um = 30000, .gap_um = 3000};
static const struct stock narrow = {.width_um = 30000, .height_um = 20000, .gap_um = 3000};

/* In this order: what one row leaves behind must not decide another. */
static const struct {
    const char *name, *printer;
    bool off; /* the template whose font is missing */
    enum err want;
    const char *code; /* of the first finding; NULL = none */
} rows[] = {
    {"a template that fits", "wide", false, ERR_NONE, NULL},
    {"the same again", "wide", false, ERR_NONE, NULL},
    {"on a printer with a smaller stock", "narrow", false, ERR_INPUT,
     "label-larger-than-stock"},
    {"that is refused each time", "narrow", false, ERR_INPUT, "label-larger-than-stock"},
    {"and still good on the other", "wide", false, ERR_NONE, NULL},
    {"another template that cannot be drawn", "wide", true, ERR_INPUT, "missing-font"},
    {"is refused each time", "wide", true, ERR_INPUT, "missing-font"},
    {"a printer that is not there", "nowhere", false, ERR_NOT_FOUND, NULL},
};

int main(void)
{
    struct pipeline_printer printers[2] = {{.name = "wide"}, {.name = "narrow"}};
    struct checker *checker = NULL;
    struct template *template = NULL, *off = NULL;
    struct why why = {""};
    printers[0].with = (struct encode_printer){.model = model_find("zpl-203"), .stock = &wide};
    printers[1].with =
        (struct encode_printer){.model = model_find("zpl-203"), .stock = &narrow};
    const struct pipeline_config config = {
        .font_folders = kit_font_folders(), .printers = printers, .printer_count = 2};
    struct findings findings;
    findings_init(&findings);
    if (!tap_ok(!checker_new(&config, &checker, &why), "a checker") ||
        !tap_ok(!template_parse(yaml, sizeof yaml - 1, "t", &template, &findings) &&
                    !template_parse(off_yaml, sizeof off_yaml - 1, "off", &off, &findings),
                "two templates"))
        return tap_done();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        findings_clear(&findings);
        enum err err = checker_check(checker, rows[i].printer, rows[i].off ? off : template,
                                     NULL, &findings);
        tap_is_int(err, rows[i].want, "%s", rows[i].name);
        tap_is_str(findings.count ? findings.list[0].code : NULL, rows[i].code, "its finding");
    }
    findings_clear(&findings);
    template_free(template);
    template_free(off);
    checker_free(checker);
    checker_free(NULL);
    return tap_done();
}
