/* SPDX-License-Identifier: Apache-2.0 */
/* What is encoded is exactly what was given: random data (of a fixed seed, so that a failure
 * comes again) drawn at 8 dots a mm and read back byte for byte by zxing-wasm, which nobody
 * here wrote. Only symbologies that it reads. */
#include "spooler/base/check-digit.h"
#include "tests/unit/symbol-kit.h"

#define TRIES   6
#define DIGITS  "0123456789"
#define ALNUM   DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS "abcdefghijklmnopqrstuvwxyz"
/* Code 39's signs pair up to Full ASCII in this reader. */
#define CODE_39 ALNUM "-. "
#define ASCII   ALNUM LETTERS " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
/* GS1 General Specifications, figure 7.11-1 */
#define SET_82 "!\"%&'()*+,-./" ALNUM ":;<=>?_" LETTERS

/* Content is `before`, then `min` to `max` characters of `alphabet`, then a GS1 check digit
 * where `checked`; it is read behind `added`. */
static const struct {
    const char *symbology, *alphabet;
    unsigned min, max;
    const char *before, *added;
    bool checked;
    unsigned even; /* number of characters: a multiple of this */
} rows[] = {
    {"code128", ASCII, 1, 20, "", "", false, 1},
    {"code39", CODE_39, 1, 12, "", "", false, 1},
    {"code93", ASCII, 1, 12, "", "", false, 1},
    {"codabar", DIGITS "-$:/.+", 2, 12, "A", "", false, 1},
    {"itf", DIGITS, 6, 20, "", "", false, 2},
    {"ean13", DIGITS, 11, 11, "4", "", true, 1},
    {"ean8", DIGITS, 7, 7, "", "", true, 1},
    {"upca", DIGITS, 11, 11, "", "0", true, 1},
    {"itf14", DIGITS, 12, 12, "1", "", true, 1},
    {"databar-omni", DIGITS, 13, 13, "", "01", true, 1},
    {"databar-stacked", DIGITS, 13, 13, "", "01", true, 1},
    {"databar-limited", DIGITS, 12, 12, "1", "01", true, 1},
    {"telepen", ASCII, 1, 12, "", "", false, 1},
    {"qr", ASCII "\xC3\xA9", 1, 60, "Vi\xE1\xBB\x87t ", "", false, 1},
    {"micro-qr", ALNUM, 1, 12, "", "", false, 1},
    {"rmqr", ASCII, 1, 30, "", "", false, 1},
    {"datamatrix", ASCII, 1, 60, "", "", false, 1},
    {"datamatrix", LETTERS " ", 1, 60, "\xC4\x91\xE1\xBB\x97 ", "", false, 1},
    {"aztec", ASCII, 1, 60, "", "", false, 1},
    {"pdf417", ASCII, 1, 60, "", "", false, 1},
    {"compact-pdf417", ASCII, 1, 30, "", "", false, 1},
    {"micro-pdf417", ASCII, 1, 30, "", "", false, 1},
    {"maxicode", ASCII, 1, 40, "", "", false, 1},
    /* AIs 10 and 21 behind a GTIN */
    {"gs1-datamatrix", SET_82, 1, 20, NULL, "", false, 1},
    {"gs1-128", SET_82, 1, 12, NULL, "", false, 1},
    {"gs1-qr", SET_82, 1, 20, NULL, "", false, 1},
    {"gs1-rmqr", SET_82, 1, 20, NULL, "", false, 1},
    {"databar-expanded", SET_82, 1, 10, NULL, "", false, 1},
    {"databar-expanded-stacked", SET_82, 1, 10, NULL, "", false, 1},
};
#define ROWS (sizeof rows / sizeof *rows)

static struct {
    char content[256], want[256];
} tried[ROWS][TRIES];

static unsigned any(unsigned count)
{
    static uint64_t state = UINT64_C(88172645463325252); /* xorshift64 */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % count;
}

/* Whole characters of the alphabet, which may hold some of two bytes. */
static size_t add_random(size_t row, char *out)
{
    const char *alphabet = rows[row].alphabet;
    unsigned want = rows[row].min + any(rows[row].max - rows[row].min + 1);
    size_t len = 0;
    want -= want % rows[row].even;
    for (unsigned i = 0; i < want; i++) {
        size_t at = any((unsigned)strlen(alphabet));
        while ((alphabet[at] & 0xC0) == 0x80)
            at--;
        do
            out[len++] = alphabet[at++];
        while ((alphabet[at] & 0xC0) == 0x80);
    }
    out[len] = '\0';
    return len;
}

static void make_plain(size_t row, char *content, char *want, size_t size)
{
    char random[200];
    size_t len = add_random(row, random);
    snprintf(content, size, "%s%s%s", rows[row].before, random,
             strcmp(rows[row].symbology, "codabar") == 0 ? "B" : "");
    len = strlen(content);
    if (rows[row].checked) {
        content[len + 1] = '\0';
        content[len] = gs1_check_digit(content, len);
    }
    snprintf(want, size, "%s%s", rows[row].added, content);
}

static void make_ais(size_t row, char *content, char *want, size_t size)
{
    char lot[64], serial[64];
    add_random(row, lot);
    add_random(row, serial);
    snprintf(content, size, "[01]09520123456788[10]%s[21]%s", lot, serial);
    snprintf(want, size,
             "010952012345678810%s\x1d"
             "21%s",
             lot, serial);
}

static bool draw(size_t row, size_t n, const struct template *template)
{
    char path[256], *content = tried[row][n].content, *want = tried[row][n].want;
    bool ai = rows[row].before == NULL;
    (ai ? make_ais : make_plain)(row, content, want, sizeof tried[row][n].content);
    struct element element =
        KIT_BARCODE(.symbology = rows[row].symbology, .x_um = KIT_AT, .y_um = KIT_AT,
                    .module_um = strcmp(rows[row].symbology, "maxicode") ? 375 : 930,
                    .ai_data = ai);
    snprintf(path, sizeof path, "%s/%zu-%zu.png", kit_folder, row, n);
    return kit_symbol_file(template, &element, content, 8000, path);
}

/* Bytes in hexadecimal, as the reader writes them: text would need escapes in a message. */
static void hex_of(const char *text, char *out, size_t size)
{
    size_t len = 0;
    for (; *text && len + 3 < size; text++)
        len += (size_t)snprintf(out + len, size - len, "%02x", (unsigned)(uint8_t)*text);
}

static void check(size_t row, const char **line)
{
    size_t right = 0;
    for (size_t n = 0; n < TRIES; n++) {
        char want[600] = "", got[600] = "none";
        hex_of(tried[row][n].want, want, sizeof want);
        sscanf(*line, "%*s %*s %*s %*s %599s", got);
        *line += strcspn(*line, "\n");
        *line += **line == '\n';
        right += strcmp(want, got) == 0;
        if (strcmp(want, got) != 0)
            printf("# \"%s\": got %s\n# want %s\n", tried[row][n].content, got, want);
    }
    tap_is_int((long long)right, TRIES, "%s: read as it was given", rows[row].symbology);
}

static void read_all(void)
{
    static char command[65536];
    const char *srcdir = getenv("srcdir");
    int len =
        snprintf(command, sizeof command, "cd '%s' && node '%s/tests/zpl/read-symbols.mjs'",
                 kit_folder, srcdir ? srcdir : ".");
    for (size_t i = 0; i < ROWS * TRIES; i++)
        len += snprintf(command + len, sizeof command - (size_t)len, " %zu-%zu.png", i / TRIES,
                        i % TRIES);
    const char *line = kit_run(command);
    if (!*line)
        tap_skip("tests/zpl/node_modules has no zxing-wasm: npm ci in tests/zpl");
    for (size_t row = 0; *line && row < ROWS; row++)
        check(row, &line);
}

int main(void)
{
    if (!kit_start())
        return tap_done();
    kit_make_folder();
    struct template *template = kit_template("250 x 110 mm", "Roboto, Noto Sans");
    size_t drawn = 0;
    for (size_t i = 0; i < ROWS * TRIES; i++)
        drawn += draw(i / TRIES, i % TRIES, template);
    tap_is_int((long long)drawn, (long long)(ROWS * TRIES), "all are drawn");
    if (kit_has("node") && drawn == ROWS * TRIES)
        read_all();
    else if (!kit_has("node"))
        tap_skip("node is not installed");
    for (size_t i = 0; i < ROWS * TRIES; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%zu-%zu.png", kit_folder, i / TRIES, i % TRIES);
        (void)remove(path); /* absent where it was not drawn: told above */
    }
    (void)remove(kit_folder);
    template_free(template);
    kit_end();
    return tap_done();
}
