/* SPDX-License-Identifier: Apache-2.0 */
/* What a template may choose of a barcode, from its words to the size of the symbol; and that
 * the tables of templates/, of spooler/render/ and of docs/templates.md say the same. */
#include "spooler/render/barcode.h"
#include "templates/symbology.h"
#include "tests/unit/render-kit.h"

/* ---- from the template's words to modules -------------------------------------------------
 */

/* Loads a template with one barcode and draws it; *width and *height in modules of 4 dots. */
static bool draw_yaml(const char *symbology, const char *keys, const char *data, int *width,
                      int *height)
{
    char yaml[1024];
    struct template *template = NULL;
    struct findings findings;
    struct bitmap label;
    findings_init(&findings);
    int len = snprintf(yaml, sizeof yaml,
                       "tem: 1\nname: t\nsize: 160 x 110 mm\nelements:\n"
                       "  - {barcode: %s, at: [8, 8], module: 0.5 mm, data: '%s', %s}\n",
                       symbology, data, keys);
    enum err err = template_parse(yaml, (size_t)len, "t.yaml", &template, &findings);
    if (!err)
        err = kit_draw_one(template, template_element(template, 0), data, 8000, &label);
    *width = *height = 0;
    if (!err) {
        uint32_t x, y, dots_x = 0, dots_y = 0;
        bitmap_bounds(&label, &x, &y, &dots_x, &dots_y);
        *width = (int)dots_x / 4;
        *height = (int)dots_y / 4;
        bitmap_free(&label);
    }
    template_free(template);
    findings_clear(&findings);
    return err == ERR_NONE;
}

/* Each size that a template may name is the size of the symbol. */
static void test_sizes(const char *symbology, const char *const *sizes, size_t want)
{
    size_t count = 0, wrong = 0;
    for (; sizes[count]; count++) {
        char key[64], drawn[32];
        int width, height;
        snprintf(key, sizeof key, "size: %s", sizes[count]);
        draw_yaml(symbology, key, "12", &width, &height);
        snprintf(drawn, sizeof drawn, "%dx%d", height, width);
        if (strcmp(drawn, sizes[count]) != 0)
            printf("# %s drawn as %s\n", sizes[count], drawn);
        wrong += strcmp(drawn, sizes[count]) != 0;
    }
    tap_ok(wrong == 0 && count == want, "%s: %zu sizes as they are called", symbology, count);
}

/* Sizes by the standards: QR Code 17 + 4v, Micro QR Code 9 + 2v, Han Xin 21 + 2v; PDF417
 * 69 + 17c modules wide, compact 35 + 17c; ten rows of MicroPDF417 in one column: 38 wide. */
static const struct {
    const char *symbology, *keys, *data;
    int width, height;
} words[] = {
    {"qr", "version: 40", "x", 177, 177},
    {"qr", "version: 1, error_correction: L", "12345678901234567890123456789012345678901", 21,
     21},
    {"qr", "error_correction: H", "123456789012345678", 25, 25},
    {"micro-qr", "version: M3", "12", 15, 15},
    {"han-xin", "version: 10", "12", 41, 41},
    {"datamatrix", "shape: rectangle", "12", 18, 8},
    {"datamatrix", "shape: square", "12", 10, 10},
    {"aztec", "error_correction: 50%", "12", 15, 15},
    {"dotcode", "columns: 25", "Hello", 25, 0},
    {"pdf417", "columns: 3, rows: 12", "Hello", 120, 36},
    {"pdf417", "columns: 3, rows: 12, row_height: 5", "Hello", 120, 60},
    {"compact-pdf417", "columns: 3, rows: 12", "Hello", 86, 36},
    {"micro-pdf417", "columns: 1", "abc", 38, 22},
    {"micro-pdf417", "columns: 1, row_height: 3", "abc", 38, 33},
};

static void test_words(void)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        int width, height;
        bool drawn =
            draw_yaml(words[i].symbology, words[i].keys, words[i].data, &width, &height);
        if (!drawn)
            kit_say_findings();
        tap_ok(drawn && width == words[i].width &&
                   (words[i].height == 0 || height == words[i].height),
               "%s %s: %d x %d modules", words[i].symbology, words[i].keys, width, height);
    }
}

/* ---- tables -------------------------------------------------------------------------------
 */

/* Both halves know the same names; an option that is not in this test was never seen working.
 */
static void test_tables(void)
{
    size_t drawn = 0;
    for (size_t i = 0; i < symbology_count; i++) {
        const struct barcode_kind *kind = barcode_kind_find(symbologies[i].name);
        drawn += kind != NULL;
        tap_ok(kind && kind->ai_data == symbologies[i].ai &&
                   (kind->composite != 0) == symbologies[i].composite,
               "%s can be drawn", symbologies[i].name);
    }
    size_t kinds = 0;
    while (barcode_kind_at(kinds))
        kinds++;
    tap_is_int((long long)kinds, (long long)drawn, "nothing is drawn that has no name");
}

/* ---- the table of docs/templates.md -------------------------------------------------------
 */

static void add_mm(struct buf *text, int64_t um)
{
    char mm[32];
    int len = snprintf(mm, sizeof mm, "%d.%03d", (int)(um / 1000), (int)(um % 1000));
    while (mm[len - 1] == '0')
        len--;
    buf_add(text, mm, (size_t)len - (mm[len - 1] == '.'));
}

/* "| 0.264 to 0.66 | 11X, 7X |" */
static void end_of_row(const struct barcode_kind *kind, struct buf *text)
{
    buf_add_text(text, "| ");
    add_mm(text, kind->min_um);
    buf_add_text(text, " to ");
    add_mm(text, kind->max_um);
    if (kind->quiet_rows)
        buf_printf(text, " | %uX all round |", kind->quiet_rows);
    else if (kind->quiet_left == 0)
        buf_add_text(text, " | none |");
    else if (kind->quiet_left == kind->quiet_right)
        buf_printf(text, " | %uX |", kind->quiet_left);
    else
        buf_printf(text, " | %uX, %uX |", kind->quiet_left, kind->quiet_right);
}

/* The docs' cell about its data, without their quotes of code. */
static bool takes_is_right(const char *row, const struct barcode_kind *kind)
{
    struct buf cell = BUF_INIT(1024);
    const char *at = strstr(row, "` | "),
               *end = at ? strstr(at + 4, " | ") : NULL; /* "| `name` | data | options |" */
    for (at = end ? at + 4 : NULL; at < end; at++)
        if (*at != '`')
            buf_add_byte(&cell, (uint8_t)*at);
    bool right = strcmp(buf_text(&cell), kind->takes) == 0;
    if (!right)
        printf("# %s: \"%s\", not \"%s\"\n", kind->name, kind->takes, buf_text(&cell));
    buf_free(&cell);
    return right;
}

static bool row_is_right(const char *docs, const struct symbology *symbology)
{
    struct buf begin = BUF_INIT(256), end = BUF_INIT(256);
    char row[1024] = "";
    buf_printf(&begin, "\n| `%s` |", symbology->name);
    end_of_row(barcode_kind_find(symbology->name), &end);
    const char *at = strstr(docs, buf_text(&begin));
    if (at)
        snprintf(row, sizeof row, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
    bool right = strstr(row, buf_text(&end)) != NULL &&
                 takes_is_right(row, barcode_kind_find(symbology->name));
    for (unsigned i = OPTION_END + 1; i < OPTION_COUNT; i++) {
        enum symbol_option option = (enum symbol_option)i;
        char name[64];
        snprintf(name, sizeof name, "`%s`", symbol_option_name(option));
        right &= (strstr(row, name) != NULL) == (symbol_option_rule(symbology, option) != NULL);
    }
    right &= (strstr(row, "`composite`") != NULL) == symbology->composite;
    if (!right)
        printf("# %s: \"%s\" should end with %s\n", symbology->name, row, buf_text(&end));
    buf_free(&begin);
    buf_free(&end);
    return right;
}

static void test_docs(void)
{
    static char docs[65536];
    char path[4096];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof path, "%s/docs/templates.md", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");
    size_t len = file ? fread(docs, 1, sizeof docs - 1, file) : 0;
    docs[len] = '\0';
    if (file)
        fclose(file);
    size_t wrong = 0;
    for (size_t i = 0; i < symbology_count; i++)
        wrong += !row_is_right(docs, &symbologies[i]);
    tap_ok(wrong == 0, "docs/templates.md says what the tables say");
}

int main(void)
{
    if (!kit_start())
        return tap_done();
    test_tables();
    test_sizes("datamatrix", datamatrix_sizes, 48);
    test_sizes("aztec", aztec_sizes, 33);
    test_sizes("rmqr", symbol_option_rule(symbology_find("rmqr"), OPTION_SIZE)->words, 32);
    test_words();
    test_docs();
    kit_end();
    return tap_done();
}
