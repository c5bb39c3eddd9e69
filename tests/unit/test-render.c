/* SPDX-License-Identifier: Apache-2.0 */
/* Plates and patches, shapes, checks of templates and labels, and that the same label gives the
 * same dots whatever is around it. */
#include "spooler/base/hash.h"
#include "tests/unit/render-kit.h"

#include <locale.h>

#define LABELS 12
#define AIS    "[01]09520123456788[17]280301[10]L123[21]7K3QF9ZT"

static const char *const serials[LABELS] = {
    "7K3QF9ZT", "8A2B3C4D", "9XYZ2345", "ABCDEFGH", "JKLMNPQR", "STUVWXYZ",
    "23456789", "7K3QF9ZU", "7K3QF9ZV", "ZZZZZZZZ", "22222222", "PQRSTUVW",
};

/* A medicine-like label: title, three lines, symbol, rule, frame, and a note on some labels. */
enum { TITLE, LINES, SYMBOL, RULE, FRAME, NOTE, ELEMENTS };

static const struct element elements[ELEMENTS] = {
    [TITLE] = KIT_TEXT(.x_um = 2000, .y_um = 2000, .font_style = "Bold", .width_um = 40000,
                       .fit = FIT_SHRINK, .shrink_to_mpt = 6500),
    [LINES] = KIT_TEXT(.x_um = 2000, .y_um = 9000, .font_mpt = 7000),
    [SYMBOL] = KIT_BARCODE(.symbology = "gs1-datamatrix", .x_um = 34000, .y_um = 10000,
                           .module_um = 500, .ai_data = true),
    [RULE] = {.kind = ELEMENT_LINE,
              .line = 3,
              .x_um = 2000,
              .y_um = 8000,
              .to_x_um = 48000,
              .to_y_um = 8000,
              .stroke_um = 250,
              .width_um = -1,
              .height_um = -1},
    [FRAME] = {.kind = ELEMENT_BOX,
               .line = 4,
               .x_um = 500,
               .y_um = 500,
               .width_um = 49000,
               .height_um = 29000,
               .stroke_um = 250},
    [NOTE] = KIT_TEXT(.x_um = 2000, .y_um = 24000, .font_mpt = 7000),
};

struct labels {
    struct label_doc docs[LABELS];
    struct drawn drawn[LABELS][ELEMENTS];
    char lines[LABELS][128], symbol[LABELS][128];
};

static void labels_make(struct labels *labels)
{
    *labels = (struct labels){0};
    for (size_t i = 0; i < LABELS; i++) {
        struct drawn *drawn = labels->drawn[i];
        size_t count = 0;
        snprintf(labels->lines[i], sizeof labels->lines[i], "LOT L123\nEXP 2028-03\nSN %s",
                 serials[i]);
        snprintf(labels->symbol[i], sizeof labels->symbol[i],
                 "[01]09520123456788[17]280301[10]L123[21]%s", serials[i]);
        drawn[count++] = (struct drawn){&elements[TITLE], "Vi\xc3\xaan n\xc3\xa9n 500 mg", 0};
        drawn[count++] = (struct drawn){&elements[LINES], labels->lines[i], 0};
        drawn[count++] = (struct drawn){&elements[SYMBOL], labels->symbol[i], 0};
        drawn[count++] = (struct drawn){&elements[RULE], "", 0};
        drawn[count++] = (struct drawn){&elements[FRAME], "", 0};
        if (i % 3 == 1)
            drawn[count++] = (struct drawn){&elements[NOTE], "M\xe1\xba\xabu", 0};
        for (size_t n = 0; n < count; n++)
            drawn[n].content_len = strlen(drawn[n].content);
        labels->docs[i] = (struct label_doc){.drawn = drawn, .count = count};
    }
}

/* Every label of the chunk, put together, is the label drawn alone: by `other`. */
static void chunk_is_its_labels(struct labels *labels, const struct template *template,
                                struct renderer *other, uint32_t dpm)
{
    struct rendered chunk, single;
    findings_clear(&kit_findings);
    if (render_chunk(kit_renderer, template, labels->docs, LABELS, dpm, &chunk,
                     &kit_findings) != ERR_NONE) {
        kit_say_findings();
        tap_ok(false, "chunk is drawn at %u", dpm);
        return;
    }
    size_t same = 0, inside = 0, patches = 0;
    for (size_t i = 0; i < LABELS; i++) {
        struct bitmap a = {0}, b = {0};
        if (render_chunk(other, template, &labels->docs[i], 1, dpm, &single, &kit_findings) !=
            ERR_NONE)
            continue;
        same += rendered_compose(&chunk, i, &a) == ERR_NONE &&
                rendered_compose(&single, 0, &b) == ERR_NONE && bitmap_equal(&a, &b);
        for (size_t n = 0; n < chunk.labels[i].count; n++) {
            const struct patch *patch = &chunk.labels[i].patches[n];
            uint32_t x, y, width, height;
            patches++;
            inside += patch->x_dots + patch->bits.width_dots <= chunk.plate.width_dots &&
                      patch->y_dots + patch->bits.height_dots <= chunk.plate.height_dots &&
                      bitmap_bounds(&patch->bits, &x, &y, &width, &height) && x == 0 &&
                      y == 0 && width == patch->bits.width_dots &&
                      height == patch->bits.height_dots;
        }
        tap_is_int((long long)single.labels[0].count, 0, "%u: a label alone is all plate", dpm);
        bitmap_free(&a);
        bitmap_free(&b);
        rendered_free(&single);
    }
    tap_is_int((long long)same, LABELS, "%u: labels alone have the same dots", dpm);
    /* number line and symbol; on 4 of 12 a note */
    tap_is_int((long long)patches, 2 * LABELS + 4, "%u: patches are what differs", dpm);
    tap_is_int((long long)inside, (long long)patches, "%u: patches are cropped and inside",
               dpm);
    rendered_free(&chunk);
}

/* The number's patch is one line high: the lines above it are on the plate. */
static void lines_on_plate(struct labels *labels, const struct template *template)
{
    struct rendered chunk;
    if (render_chunk(kit_renderer, template, labels->docs, LABELS, 8000, &chunk,
                     &kit_findings) != ERR_NONE)
        return;
    const struct patch *number = &chunk.labels[1].patches[0]; /* no Q, which descends */
    /* 7 pt: ascent 18, pitch 23 dots; line 3 stands on 72 + 18 + 2 x 23 = 136 */
    tap_is_int(number->y_dots + number->bits.height_dots, 136, "the number's foot");
    tap_ok(number->bits.height_dots <= 16, "and its height (%u)", number->bits.height_dots);
    rendered_free(&chunk);
}

/* Whatever is black on all labels is on the plate: no dot is in the patches of every one. */
static void shared_dots_on_plate(struct labels *labels, const struct template *template)
{
    struct rendered chunk;
    struct bitmap common = {0}, patches;
    if (render_chunk(kit_renderer, template, labels->docs, LABELS, 8000, &chunk,
                     &kit_findings) != ERR_NONE)
        return;
    bool any = true;
    for (size_t i = 0; i < LABELS; i++) {
        uint32_t width = chunk.plate.width_dots, height = chunk.plate.height_dots;
        if (bitmap_new(width, height, &patches) != ERR_NONE)
            abort();
        for (size_t n = 0; n < chunk.labels[i].count; n++) {
            const struct patch *patch = &chunk.labels[i].patches[n];
            bitmap_or(&patches, &patch->bits, patch->x_dots, patch->y_dots);
        }
        if (i == 0)
            common = patches;
        else
            any = bitmap_and(&common, &patches, 0, 0);
        if (i > 0)
            bitmap_free(&patches);
    }
    tap_ok(!any, "no dot is in the patches of all labels");
    bitmap_free(&common);
    rendered_free(&chunk);
}

/* ---- shapes ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    struct element element;
    uint32_t dpm;
    uint32_t x, y, width, height;
    uint64_t black;
    const char *code;
} shapes[] = {
    {"box",
     {.kind = ELEMENT_BOX,
      .x_um = 1000,
      .y_um = 1000,
      .width_um = 10000,
      .height_um = 5000,
      .stroke_um = 250},
     8000,
     8,
     8,
     80,
     40,
     80 * 40 - 76 * 36,
     ""},
    /* edges 11.81 -> 12, 129.92 -> 130, 70.87 -> 71; stroke 2.95 -> 3 */
    {"box: edges are rounded",
     {.kind = ELEMENT_BOX,
      .x_um = 1000,
      .y_um = 1000,
      .width_um = 10000,
      .height_um = 5000,
      .stroke_um = 250},
     11811,
     12,
     12,
     118,
     59,
     118 * 59 - 112 * 53,
     ""},
    {"box: filled",
     {.kind = ELEMENT_BOX,
      .x_um = 1000,
      .y_um = 1000,
      .width_um = 10000,
      .height_um = 5000,
      .stroke_um = 250,
      .filled = true},
     8000,
     8,
     8,
     80,
     40,
     80 * 40,
     ""},
    {"box: thinnest stroke",
     {.kind = ELEMENT_BOX,
      .x_um = 1000,
      .y_um = 1000,
      .width_um = 10000,
      .height_um = 5000,
      .stroke_um = 1},
     8000,
     8,
     8,
     80,
     40,
     80 * 40 - 78 * 38,
     ""},
    {"box: anchor and turn",
     {.kind = ELEMENT_BOX,
      .x_um = 20000,
      .y_um = 20000,
      .width_um = 10000,
      .height_um = 5000,
      .stroke_um = 250,
      .rotate_degrees = 90,
      .anchor = ANCHOR_BOTTOM_RIGHT},
     8000,
     120,
     80,
     40,
     80,
     80 * 40 - 76 * 36,
     ""},
    {"box: the whole label",
     {.kind = ELEMENT_BOX, .width_um = 50000, .height_um = 30000, .stroke_um = 125},
     8000,
     0,
     0,
     400,
     240,
     2 * 400 + 2 * 238,
     ""},
    {"box: off the label",
     {.kind = ELEMENT_BOX,
      .x_um = 1000,
      .width_um = 50000,
      .height_um = 30000,
      .stroke_um = 125},
     8000,
     0,
     0,
     0,
     0,
     0,
     "off-label"},
    {"box: no size",
     {.kind = ELEMENT_BOX, .x_um = 1000, .width_um = -1, .height_um = -1, .stroke_um = 125},
     8000,
     0,
     0,
     0,
     0,
     0,
     "no-size"},
    {"line across",
     {.kind = ELEMENT_LINE,
      .x_um = 2000,
      .y_um = 11000,
      .to_x_um = 48000,
      .to_y_um = 11000,
      .stroke_um = 250},
     8000,
     16,
     87,
     368,
     2,
     368 * 2,
     ""},
    {"line down, from below",
     {.kind = ELEMENT_LINE,
      .x_um = 10000,
      .y_um = 20000,
      .to_x_um = 10000,
      .to_y_um = 10000,
      .stroke_um = 500},
     8000,
     78,
     80,
     4,
     80,
     4 * 80,
     ""},
    {"line: thinnest",
     {.kind = ELEMENT_LINE,
      .x_um = 2000,
      .y_um = 11000,
      .to_x_um = 48000,
      .to_y_um = 11000,
      .stroke_um = 1},
     8000,
     16,
     88,
     368,
     1,
     368,
     ""},
    {"line: off the label",
     {.kind = ELEMENT_LINE,
      .x_um = 2000,
      .y_um = 11000,
      .to_x_um = 51000,
      .to_y_um = 11000,
      .stroke_um = 250},
     8000,
     0,
     0,
     0,
     0,
     0,
     "off-label"},
};

static void drawn_shapes(const struct template *template)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct bitmap label = {0};
        uint32_t x = 0, y = 0, width = 0, height = 0;
        enum err err = kit_draw_one(template, &shapes[i].element, "", shapes[i].dpm, &label);
        tap_is_str(kit_code(), shapes[i].code, "%s", shapes[i].name);
        if (err != ERR_NONE || shapes[i].black == 0)
            continue;
        bitmap_bounds(&label, &x, &y, &width, &height);
        tap_ok(x == shapes[i].x && y == shapes[i].y && width == shapes[i].width &&
                   height == shapes[i].height && bitmap_black(&label) == shapes[i].black,
               "%s: %ux%u at %u,%u, %llu black", shapes[i].name, width, height, x, y,
               (unsigned long long)bitmap_black(&label));
        bitmap_free(&label);
    }
}

/* A 45 degree line of 10 mm by 10 mm, 1 mm wide: area 14.1 mm2 = 905 dots. */
static void slanted(const struct template *template)
{
    struct element element = {.kind = ELEMENT_LINE,
                              .x_um = 10000,
                              .y_um = 10000,
                              .to_x_um = 20000,
                              .to_y_um = 20000,
                              .stroke_um = 1000};
    struct bitmap label;
    if (!tap_ok(kit_draw_one(template, &element, "", 8000, &label) == ERR_NONE, "slanted line"))
        return;
    uint64_t black = bitmap_black(&label);
    tap_ok(black > 850 && black < 960, "slanted line has its area (%llu)",
           (unsigned long long)black);
    tap_ok(bitmap_get(&label, 120, 120) && !bitmap_get(&label, 120, 130),
           "slanted line is where it should be");
    bitmap_free(&label);
}

/* ---- what must stay empty -------------------------------------------------------------- */

static void quiet_zones(const struct template *template)
{
    /* a DataMatrix of 22 modules at 34,10 mm, 0.5 mm: 11 mm and 0.5 mm of quiet zone */
    static const struct {
        const char *name;
        int64_t x_um, width_um;
        const char *code;
    } cases[] = {
        {"a box that ends at the quiet zone", 25000, 8500, ""},
        {"a box that ends in the quiet zone", 25000, 8750, "quiet-zone"},
        {"a frame around symbol and quiet zone", 33250, 12500, ""},
        {"a frame in the quiet zone", 33750, 11500, "quiet-zone"},
        {"a box over the symbol", 36000, 2000, "quiet-zone"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool frame = cases[i].width_um > 10000;
        struct element box = {.kind = ELEMENT_BOX,
                              .line = 9,
                              .x_um = cases[i].x_um,
                              .y_um = frame ? cases[i].x_um - 24000 : 12000,
                              .width_um = cases[i].width_um,
                              .height_um = frame ? cases[i].width_um : 2000,
                              .stroke_um = 250};
        struct drawn drawn[] = {{&elements[SYMBOL], AIS, strlen(AIS)}, {&box, "", 0}};
        struct label_doc doc = {.drawn = drawn, .count = 2};
        struct bitmap label = {0};
        (void)kit_draw(template, drawn, 2, 8000, &label); /* the finding says it */
        tap_is_str(kit_code(), cases[i].code, "%s", cases[i].name);
        bitmap_free(&label);
        for (int again = 0; again < 2; again++) {
            findings_clear(&kit_findings);
            (void)render_check_label(kit_renderer, template, &doc, 8000, &kit_findings);
            tap_is_str(kit_code(), cases[i].code, "%s, checked", cases[i].name);
        }
    }
}

/* ---- checks ------------------------------------------------------------------------------ */

static void checked_labels(struct labels *labels, const struct template *template)
{
    findings_clear(&kit_findings);
    size_t good = 0;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < LABELS; i++)
            good += render_check_label(kit_renderer, template, &labels->docs[i], 8000,
                                       &kit_findings) == ERR_NONE;
    tap_is_int((long long)good, 2 * LABELS, "labels are good, and stay so when remembered");

    struct drawn bad[] = {{&elements[TITLE], "a\tb", 3}, {&elements[NOTE], "\xe4\xb8\xad", 3}};
    struct label_doc doc = {.drawn = bad, .count = 2};
    for (int round = 0; round < 2; round++) {
        findings_clear(&kit_findings);
        enum err err = render_check_label(kit_renderer, template, &doc, 8000, &kit_findings);
        tap_ok(err == ERR_INPUT && kit_findings.errors == 2, "both faults are found, round %d",
               round);
    }
    struct rendered out;
    struct label_doc docs[] = {labels->docs[0], doc};
    findings_clear(&kit_findings);
    tap_ok(render_chunk(kit_renderer, template, docs, 2, 8000, &out, &kit_findings) ==
                   ERR_INPUT &&
               kit_findings.errors == 2,
           "a chunk with a bad label is not drawn");
}

static const struct {
    const char *name, *element, *code;
    uint32_t dpm;
} templates[] = {
    {"text", "{text: x, at: [1, 1], font: Regular 8}", "", 8000},
    {"style that is not there", "{text: x, at: [1, 1], font: Medium Italic 8}", "", 8000},
    {"small text", "{text: x, at: [1, 1], font: Regular 6}", "small-text", 8000},
    {"small when shrunk", "{text: x, at: [1, 1], font: Regular 8, width: 9, fit: shrink to 6}",
     "small-text", 8000},
    {"module is legal", "{barcode: qr, data: x, at: [5, 5], module: 0.33 mm}", "", 8000},
    {"module is too small at 8 dots a mm",
     "{barcode: gs1-datamatrix, data: \"(01)09520123456788\", at: [5, 5], module: 0.27 mm}",
     "module-size", 8000},
    {"the same module at 24 dots a mm",
     "{barcode: gs1-datamatrix, data: \"(01)09520123456788\", at: [5, 5], module: 0.27 mm}", "",
     23622},
    {"box on the label", "{box: 0.25 mm, at: [1, 1], width: 10, height: 5}", "", 8000},
};

static void checked_templates(void)
{
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        char yaml[512];
        int len =
            snprintf(yaml, sizeof yaml,
                     "tem: 1\nname: t\nsize: 50 x 30 mm\nfonts: [Roboto]\nelements:\n  - %s\n",
                     templates[i].element);
        struct template *template;
        findings_clear(&kit_findings);
        if (template_parse(yaml, (size_t)len, "t.yaml", &template, &kit_findings) != ERR_NONE) {
            kit_say_findings();
            tap_ok(false, "%s: parsed", templates[i].name);
            continue;
        }
        enum err err =
            render_check_template(kit_renderer, template, templates[i].dpm, &kit_findings);
        tap_is_str(kit_code(), templates[i].code, "template: %s", templates[i].name);
        tap_ok((err == ERR_INPUT) == (kit_findings.errors > 0), "template: %s: verdict",
               templates[i].name);
        tap_ok(kit_findings.count == 0 || kit_findings.list[0].line == 6, "template: %s: place",
               templates[i].name);
        template_free(template);
    }
}

/* ---- the same dots everywhere ---------------------------------------------------------------
 */

/* SHA-256 over the dots of all labels, at two resolutions. */
static void dots_hash(char out[static SHA256_HEX])
{
    static struct labels labels;
    struct template *template = kit_template("50 x 30 mm", "Roboto, Noto Sans");
    struct buf all = BUF_INIT(64 * 1024 * 1024);
    labels_make(&labels);
    for (uint32_t dpm = 8000; dpm < 13000; dpm += 3811) {
        struct rendered chunk;
        if (render_chunk(kit_renderer, template, labels.docs, LABELS, dpm, &chunk,
                         &kit_findings) != ERR_NONE)
            continue;
        for (size_t i = 0; i < LABELS; i++) {
            struct bitmap label;
            if (rendered_compose(&chunk, i, &label) != ERR_NONE)
                continue;
            buf_add(&all, label.bits, label.stride * label.height_dots);
            bitmap_free(&label);
        }
        rendered_free(&chunk);
    }
    uint8_t hash[SHA256_BYTES];
    sha256(all.bytes, all.len, hash);
    hex_text(hash, sizeof hash, out);
    buf_free(&all);
    template_free(template);
}

static void same_everywhere(const char *self)
{
    static const char *const environments[] = {
        "LC_ALL=C",
        "LC_ALL=C.UTF-8 LANG=vi_VN.UTF-8",
        "LC_ALL=vi_VN.UTF-8 LANGUAGE=zh",
        "LANGUAGE=tr PANGO_LANGUAGE=ja:ar FC_LANG=ja",
        "FREETYPE_PROPERTIES='truetype:interpreter-version=35 autofitter:no-stem-darkening=0'",
        "FONTCONFIG_FILE=/dev/null",
    };
    char want[SHA256_HEX], command[1024], got[SHA256_HEX];
    dots_hash(want);
    for (size_t i = 0; i < sizeof environments / sizeof *environments; i++) {
        snprintf(command, sizeof command, "%s '%s' --hash 2>/dev/null", environments[i], self);
        snprintf(got, sizeof got, "%.64s", kit_run(command));
        tap_is_str(got, want, "same dots with %s", environments[i]);
    }
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    if (argc > 1 && strcmp(argv[1], "--hash") == 0) {
        char hash[SHA256_HEX];
        if (!kit_start())
            return 1;
        dots_hash(hash);
        printf("%s\n", hash);
        fflush(stdout);
        kit_end();
        return 0;
    }
    if (!kit_start())
        return tap_done();
    static struct labels labels;
    labels_make(&labels);
    struct renderer *other = kit_renderer_new();
    struct template *template = kit_template("50 x 30 mm", "Roboto, Noto Sans");
    chunk_is_its_labels(&labels, template, other, 8000);
    chunk_is_its_labels(&labels, template, other, 11811);
    chunk_is_its_labels(&labels, template, other, 23622);
    lines_on_plate(&labels, template);
    shared_dots_on_plate(&labels, template);
    drawn_shapes(template);
    slanted(template);
    quiet_zones(template);
    checked_labels(&labels, template);
    checked_templates();
    same_everywhere(argv[0]);
    template_free(template);
    renderer_free(other);
    kit_end();
    return tap_done();
}
