/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts of `tem printer` and `tem doctor`: device URIs, sizes, lines for temd.yaml,
 * the test label, what a device may be, PPDs, the clock. */
#include "cli/doctor-clock.h"
#include "cli/printer-queue.h"
#include "cli/printer-text.h"
#include "config/config.h"
#include "drivers/driver.h"
#include "templates/template.h"
#include "tests/unit/render-kit.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Options as the CUPS manual's "Network printers" has them for AppSocket; RFC 3986 for hosts.
 */
static void test_devices(void)
{
    static const struct {
        const char *uri;
        bool confirms;
        const char *want; /* NULL: refused, and `said` is in the words */
        const char *said;
        bool answers;
    } cases[] = {
        {"socket://192.0.2.7", true,
         "socket://192.0.2.7:9100/?snmp=false&waiteof=false&contimeout=60", NULL, true},
        {"socket://192.0.2.7", false,
         "socket://192.0.2.7:9100/?snmp=false&waiteof=true&contimeout=60", NULL, true},
        {"socket://zebra.example:6101/", true,
         "socket://zebra.example:6101/?snmp=false&waiteof=false&contimeout=60", NULL, true},
        {"socket://[2001:db8::7]", true,
         "socket://[2001:db8::7]:9100/?snmp=false&waiteof=false&contimeout=60", NULL, true},
        {"socket://[2001:db8::7]:9101", true,
         "socket://[2001:db8::7]:9101/?snmp=false&waiteof=false&contimeout=60", NULL, true},
        {"socket://192.0.2.7:9100/?contimeout=5&waiteof=true", true,
         "socket://192.0.2.7:9100/?contimeout=5&waiteof=true&snmp=false", NULL, true},
        {"socket://192.0.2.7:9100?snmp=true", true,
         "socket://192.0.2.7:9100/?snmp=true&waiteof=false&contimeout=60", NULL, true},
        {"socket://192.0.2.7:9100/?snmp=false&waiteof=false&contimeout=60", true,
         "socket://192.0.2.7:9100/?snmp=false&waiteof=false&contimeout=60", NULL, true},
        {"usb://Zebra/ZD421?serial=D1", true, "usb://Zebra/ZD421?serial=D1", NULL, true},
        {"ipp://192.0.2.7/ipp/print", false, "ipp://192.0.2.7/ipp/print", NULL, false},
        {"lpd://192.0.2.7/q", false, "lpd://192.0.2.7/q", NULL, false},
        {"socket://", true, NULL, "socket://ADDRESS", false},
        {"socket:///", true, NULL, "socket://ADDRESS", false},
        {"socket:192.0.2.7", true, NULL, "socket://ADDRESS", false},
        {"dnssd://Zebra._pdl-datastream._tcp.local/", true, NULL, "socket://ADDRESS", false},
        {"192.0.2.7", true, NULL, "expected socket://ADDRESS", false},
        {"file:/dev/null", true, NULL, "expected socket://ADDRESS", false},
        {"", true, NULL, "expected socket://ADDRESS", false},
        {"socket://a b", true, NULL, "blanks", false},
        {"socket://\xc3\xa4", true, NULL, "ASCII", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF_INIT(2048);
        const struct device_kind *kind = NULL;
        struct why why = {{0}};
        enum err err = device_complete(cases[i].uri, cases[i].confirms, &out, &kind, &why);
        bool good = cases[i].want ? !err && strcmp(buf_text(&out), cases[i].want) == 0 &&
                                        kind->answers == cases[i].answers
                                  : err == ERR_INPUT && strstr(why.text, cases[i].said);
        tap_ok(good, "device \"%s\"%s", cases[i].uri, cases[i].confirms ? "" : ", no evidence");
        if (!good)
            printf("# %s %s\n", buf_text(&out), why.text);
        buf_free(&out);
    }
}

static void test_sizes(void)
{
    static const struct {
        const char *text;
        int64_t width, height; /* 0 = refused */
    } cases[] = {
        {"50x30", 50000, 30000},
        {"50 x 30 mm", 50000, 30000},
        {"50.5X30.25", 50500, 30250},
        {"50.0 x 30.0 mm, gap 3.0 mm", 50000, 30000},
        {"100.125x1", 100125, 1000},
        {"50", 0, 0},
        {"50x", 0, 0},
        {"x30", 0, 0},
        {"50x30cm", 0, 0},
        {"50,5x30", 0, 0},
        {"0.5x30", 0, 0},
        {"-50x30", 0, 0},
        {"50.1234x30", 0, 0},
        {"1366x30", 0, 0},
        {"99999999999999999999x30", 0, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t width = 0, height = 0;
        bool good = size_parse(cases[i].text, &width, &height);
        tap_ok(good == (cases[i].width != 0) && width == cases[i].width &&
                   height == cases[i].height,
               "size \"%s\"", cases[i].text);
    }
    int64_t um = 7;
    tap_ok(mm_parse("3", &um) && um == 3000, "3 mm");
    tap_ok(mm_parse("2.5 mm", &um) && um == 2500, "2.5 mm");
    tap_ok(!mm_parse("2.5 inch", &um) && !mm_parse("", &um) && um == 2500, "no mm");
}

/* What is shown is read by the loader that will read it. */
static void test_entry(void)
{
    const struct config_places places = {"/s", "/r", "/d", "/f", "/fonts"};
    const struct printer_entry entries[] = {
        {"line1", "tem-line1", "zpl-203", 50000, 30000, 3000, true},
        {"a.b_c-d", "q", "zpl-300", 100500, 1000, 0, false},
    };
    for (size_t i = 0; i < COUNT(entries); i++) {
        struct buf yaml = BUF_INIT(2048);
        struct config *config = NULL;
        struct findings findings;
        findings_init(&findings);
        buf_add_text(&yaml, "printers:\n  ");
        entry_add(&entries[i], &yaml);
        buf_add_text(&yaml, "\n");
        enum err err =
            config_parse(buf_text(&yaml), yaml.len, "x", &places, &config, &findings);
        const struct config_printer *read = err ? NULL : &config->printers[0];
        tap_ok(read && strcmp(read->name, entries[i].name) == 0 &&
                   strcmp(read->queue, entries[i].queue) == 0 &&
                   strcmp(read->model, entries[i].model) == 0 &&
                   read->width_um == entries[i].width_um &&
                   read->height_um == entries[i].height_um &&
                   read->gap_um == entries[i].gap_um &&
                   (read->evidence == CONFIG_EVIDENCE_FULL) == entries[i].confirms,
               "temd.yaml reads the lines for %s", entries[i].name);
        config_free(config);
        findings_clear(&findings);
        buf_free(&yaml);
    }
}

static enum err draw(const struct template *template, const char *printer, uint32_t dots_per_m,
                     struct bitmap *out)
{
    struct row row = {0};
    struct label_doc doc = {0};
    struct why why = {{0}};
    const char *raw[] = {printer, "zpl-203"}, *numbers[] = {NULL, NULL};
    struct rendered rendered;
    findings_clear(&kit_findings);
    enum err err = template_check_row(template, raw, (struct place){0}, &row, &kit_findings);
    struct bind_input input = {
        .row = &row,
        .numbers = numbers,
        .builtins = {1, 1, 1, 1, 1772352000000, 420},
    };
    if (!err)
        err = template_bind(template, &input, &doc, &why);
    if (!err)
        err = render_check_template(kit_renderer, template, dots_per_m, &kit_findings);
    if (!err)
        err =
            render_chunk(kit_renderer, template, &doc, 1, dots_per_m, &rendered, &kit_findings);
    if (!err) {
        err = rendered_compose(&rendered, 0, out);
        rendered_free(&rendered);
    }
    label_doc_free(&doc);
    row_free(&row);
    kit_say_findings();
    return err;
}

/* The frame's outer edge is 1 mm from each edge of the label, rounded to a dot. */
static bool frame_is_right(const struct bitmap *label, uint32_t dots_per_m)
{
    uint32_t mm = (dots_per_m + 500) / 1000;
    uint32_t middle = mm * 3; /* no tick is there */
    uint32_t right = label->width_dots - 1 - mm;
    return !bitmap_get(label, mm - 1, middle) && bitmap_get(label, mm, middle) &&
           bitmap_get(label, right, middle) && !bitmap_get(label, right + 2, middle);
}

static void test_label(const struct test_label *label, const char *printer)
{
    static const char *const models[] = {"zpl-203", "zpl-300", "zpl-300-12", "zpl-600"};
    struct buf yaml = BUF_INIT(64 * 1024);
    struct template *template = NULL;
    char name[TEST_NAME_SIZE];
    findings_clear(&kit_findings);
    test_label_add(label, &yaml);
    test_label_name(label, name);
    enum err err = template_parse(buf_text(&yaml), yaml.len, name, &template, &kit_findings);
    kit_say_findings();
    tap_ok(!err && strcmp(template_name(template), name) == 0 &&
               template_width_um(template) == label->width_um &&
               template_height_um(template) == label->height_um,
           "%s loads", name);
    for (size_t i = 0; !err && i < COUNT(models); i++) {
        struct bitmap bitmap = {0};
        uint32_t dots_per_m = model_find(models[i])->dots_per_m;
        err = draw(template, printer, dots_per_m, &bitmap);
        tap_ok(!err && frame_is_right(&bitmap, dots_per_m), "%s for %s on %s", name, printer,
               models[i]);
        bitmap_free(&bitmap);
    }
    template_free(template);
    buf_free(&yaml);
}

/* A test label for any stock loads, fits and can be drawn at each resolution. */
static void test_labels(void)
{
    static const struct {
        int64_t width, height;
        const char *printer;
    } stocks[] = {
        {50000, 30000, "line1"},
        {20000, 10000, "line1"},
        {100000, 150000, "line1"},
        {12000, 6000, "l"},
        {30000, 20000, "p"},
        {50500, 25250, "packing-hall-2.left"},
        {104000, 20000, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"},
        {104000, 40000, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"},
        {25000, 25000, "abcdefghijklmnopqrstuvwxyz"},
    };
    if (!kit_start())
        return;
    for (size_t i = 0; i < COUNT(stocks); i++) {
        struct test_label label = {stocks[i].width, stocks[i].height, strlen(stocks[i].printer),
                                   i % 2 == 0};
        test_label(&label, stocks[i].printer);
    }
    kit_end();
}

/* Device IDs as in IEEE 1284 and Zebra's manuals: MFG, CMD, MDL. */
static void test_guesses(void)
{
    static const struct {
        const char *make, *id, *want;
    } cases[] = {
        {"Zebra Technologies ZTC ZD421-203dpi ZPL", "", "zpl-203"},
        {"Zebra ZD421-300dpi", "", "zpl-300"},
        {"ZDesigner ZT610-600dpi ZPL", "", "zpl-600"},
        {"ZTC GK420d", "", "zpl-203"},
        {"Unknown", "MFG:Zebra Technologies ;CMD:ZPL;MDL:ZTC ZT230-300 dpi;", "zpl-300"},
        {"Godex G500", "MFG:Godex;CMD:EZPL;MDL:G500;", "zpl-203"},
        {"HP LaserJet 400", "MFG:HP;CMD:PCL,PS;MDL:LaserJet 400;", NULL},
        {"Unknown", "", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *got = device_model(cases[i].make, cases[i].id);
        tap_ok(got ? cases[i].want && strcmp(got, cases[i].want) == 0 && model_find(got)
                   : !cases[i].want,
               "\"%s\" is %s", cases[i].make,
               cases[i].want ? cases[i].want : "nothing we know");
    }
}

/* Seconds since 1970 by `date -u -d ... +%s`. */
static void test_clock(void)
{
    static const struct {
        const char *name;
        int64_t now_ms;
        bool known, synced;
        enum clock_health want;
    } cases[] = {
        {"synchronized", 1772352000000, true, true, CLOCK_FINE},
        {"alone", 1772352000000, true, false, CLOCK_ALONE},
        {"the kernel does not say", 1772352000000, false, false, CLOCK_UNKNOWN},
        {"1970, an empty battery", 60000, true, true, CLOCK_WRONG},
        {"the end of 2024", 1735689599999, true, true, CLOCK_WRONG},
        {"2100", 4102444800000, true, true, CLOCK_WRONG},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        tap_ok(clock_health(cases[i].now_ms, cases[i].known, cases[i].synced) == cases[i].want,
               "clock: %s", cases[i].name);
    static const struct {
        const char *zone;
        int want;
    } zones[] = {{"UTC0", 0}, {"<+07>-7", 420}, {"<+0530>-5:30", 330}, {"<-03>3", -180}};
    for (size_t i = 0; i < COUNT(zones); i++) {
        setenv("TZ", zones[i].zone, 1);
        tap_ok(clock_zone_min(1772352000) == zones[i].want, "zone %s", zones[i].zone);
    }
}

#define PPD(default_size, filter, folder)                                                      \
    "*PPD-Adobe: \"4.3\"\n*% a comment\n*DefaultPageSize: " default_size                       \
    "\n*cupsFilter2: \"" filter "\"\n*TemFeedFolder: \"" folder "\"\n"

/* cupsd writes defaults anew and may leave comments out; all else has to be the same. */
static void test_ppds(void)
{
    static const char ours[] = PPD("A", "f", "/feed");
    static const struct {
        const char *name, *ppd;
        bool same;
    } cases[] = {
        {"itself", PPD("A", "f", "/feed"), true},
        {"another default", PPD("B", "f", "/feed"), true},
        {"lines that end as in DOS",
         "*PPD-Adobe: \"4.3\"\r\n*cupsFilter2: \"f\"\r\n*TemFeedFolder: \"/feed\"\r\n", true},
        {"another filter", PPD("A", "g", "/feed"), false},
        {"another feed folder", PPD("A", "f", "/feed2"), false},
        {"a line less", "*PPD-Adobe: \"4.3\"\n*cupsFilter2: \"f\"\n", false},
        {"a line more", PPD("A", "f", "/feed") "*cupsFilter2: \"raw\"\n", false},
        {"nothing", "", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        tap_ok(ppd_same(ours, cases[i].ppd) == cases[i].same &&
                   ppd_same(cases[i].ppd, ours) == cases[i].same,
               "PPD: %s", cases[i].name);
    static const struct {
        const char *name, *text, *folder;
        enum err want;
    } made[] = {
        {"ours", PPD("A", "f", "/old"), "/feed", ERR_NONE},
        {"a folder with a quote", PPD("A", "f", "/old"), "/fe\"ed", ERR_INPUT},
        {"a folder with a line end", PPD("A", "f", "/old"), "/fe\ned", ERR_INPUT},
        {"somebody else's", "*PPD-Adobe: \"4.3\"\n", "/feed", ERR_INPUT},
        {"two folders", PPD("A", "f", "/a") "*TemFeedFolder: \"/b\"\n", "/feed", ERR_INPUT},
    };
    char path[256];
    snprintf(path, sizeof path, "%s/x.ppd", kit_make_folder());
    for (size_t i = 0; i < COUNT(made); i++) {
        struct buf out = BUF_INIT(4096);
        struct why why;
        FILE *file = fopen(path, "w");
        bool put = file && fputs(made[i].text, file) >= 0;
        put = file && fclose(file) == 0 && put;
        enum err err = ppd_make(path, made[i].folder, &out, &why);
        tap_ok(put && err == made[i].want && (err || strcmp(buf_text(&out), ours) == 0),
               "PPD made from: %s", made[i].name);
        buf_free(&out);
    }
    struct buf none = BUF_INIT(4096);
    tap_ok(unlink(path) == 0 && rmdir(kit_folder) == 0 &&
               ppd_make(path, "/feed", &none, NULL) == ERR_NOT_FOUND,
           "PPD made from: no file");
}

int main(void)
{
    test_ppds();
    test_devices();
    test_sizes();
    test_entry();
    test_labels();
    test_guesses();
    test_clock();
    return tap_done();
}
