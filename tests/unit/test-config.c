/* SPDX-License-Identifier: Apache-2.0 */
/* test-config.c: what an administrator writes, and what is said about it. */
#include "config/config.h"
#include "spooler/base/durable.h"
#include "tests/unit/tap.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* Debian's folders: config/temd.yaml is the example for these. */
static const struct config_places debian = {
    .state = "/var/lib/tem",
    .run = "/run/tem",
    .data = "/usr/share/tem",
    .feed = "/var/lib/tem/feed",
    .fonts = "/usr/share/fonts/truetype/roboto:/usr/share/fonts/truetype/noto",
};

static struct config *parse(const char *text, struct findings *findings)
{
    struct config *config = NULL;
    findings_init(findings);
    (void)config_parse(text, strlen(text), "t.yaml", &debian, &config,
                       findings); /* NULL tells */
    return config;
}

/* ---- bad input: code, line, column, field
 * ---------------------------------------------------- */

#define PRINTER "{name: a, queue: q, model: zpl-203, stock: {width: 50 mm, height: 30 mm}}"

static const struct {
    const char *name, *in, *code;
    unsigned line, column;
    const char *field;
} bad[] = {
    {"unknown key", "log: {level: info}\nlistn: {}\n", "unknown-key", 2, 1, NULL},
    {"unknown key in a section", "limits:\n  body_byte: 1 MiB\n", "unknown-key", 2, 3, NULL},
    {"unknown key in a list", "printers:\n  - {nam: a}\n", "unknown-key", 2, 6, NULL},
    {"not a map", "- a\n", "bad-value", 1, 1, NULL},
    {"section is a scalar", "log: info\n", "bad-value", 1, 6, "log"},
    {"value is a list", "log: {level: [info]}\n", "bad-value", 1, 14, "log.level"},
    {"unknown word", "log:\n  level: loud\n", "bad-value", 2, 10, "log.level"},
    {"half a word", "log: {level: warn|info}\n", "bad-value", 1, 14, "log.level"},
    {"relative folder", "folders: {store: var}\n", "bad-value", 1, 18, "folders.store"},
    {"empty list of folders", "fonts: []\n", "bad-value", 1, 8, "fonts"},
    {"relative font folder", "fonts: [/a, b]\n", "bad-value", 1, 13, "fonts"},
    {"not loopback", "listen: {http: 0.0.0.0:80}\n", "bad-value", 1, 16, "listen.http"},
    {"a name is no address", "listen: {http: localhost:80}\n", "bad-value", 1, 16,
     "listen.http"},
    {"no port", "listen: {http: 127.0.0.1}\n", "bad-value", 1, 16, "listen.http"},
    {"port past the end", "listen: {http: 127.0.0.1:65536}\n", "bad-value", 1, 16,
     "listen.http"},
    {"remote CUPS", "cups: {server: printserver.example}\n", "bad-value", 1, 16, "cups.server"},
    {"an age without its unit", "retention: {after_release: 5}\n", "bad-value", 1, 28,
     "retention.after_release"},
    {"an age below nothing", "retention: {after_expiry: -1 days}\n", "bad-value", 1, 27,
     "retention.after_expiry"},
    {"an age past a hundred years", "retention: {after_release: 101 years}\n", "bad-value", 1,
     28, "retention.after_release"},
    {"keys forgotten at once", "retention: {keys: 0 days}\n", "bad-value", 1, 19,
     "retention.keys"},
    {"offset without sign", "site: {utc_offset: '07:00'}\n", "bad-value", 1, 20,
     "site.utc_offset"},
    {"offset past the zones", "site: {utc_offset: +14:01}\n", "bad-value", 1, 20,
     "site.utc_offset"},
    {"minutes past 59", "site: {utc_offset: +07:60}\n", "bad-value", 1, 20, "site.utc_offset"},
    {"size below", "limits: {chunk_bytes: 63 KiB}\n", "bad-value", 1, 23, "limits.chunk_bytes"},
    {"size above", "limits: {chunk_bytes: 17 MiB}\n", "bad-value", 1, 23, "limits.chunk_bytes"},
    {"size overflows", "limits: {csv_bytes: 99999999999999999999}\n", "bad-value", 1, 21,
     "limits.csv_bytes"},
    {"size overflows by its unit", "limits: {csv_bytes: 9223372036854775807 GiB}\n",
     "bad-value", 1, 21, "limits.csv_bytes"},
    {"unknown unit", "limits: {csv_bytes: 1 GB}\n", "bad-value", 1, 21, "limits.csv_bytes"},
    {"no number", "limits: {chunk_impressions: many}\n", "bad-value", 1, 29,
     "limits.chunk_impressions"},
    {"number and more", "limits: {chunk_impressions: 10x}\n", "bad-value", 1, 29,
     "limits.chunk_impressions"},
    {"zero impressions", "limits: {chunk_impressions: 0}\n", "bad-value", 1, 29,
     "limits.chunk_impressions"},
    {"printers is a map", "printers: {a: b}\n", "bad-value", 1, 11, "printers"},
    {"printer without name",
     "printers:\n  - {queue: q, model: m, stock: {width: 50, height: 30}}\n", "missing-key", 2,
     5, "printers[1].name"},
    {"printer without stock", "printers:\n  - {name: a, queue: q, model: m}\n", "missing-key",
     2, 5, "printers[1].stock.width"},
    {"stock without height",
     "printers:\n  - {name: a, queue: q, model: m, stock: {width: 50}}\n", "missing-key", 2, 42,
     "printers[1].stock.height"},
    {"too wide",
     "printers:\n  - {name: a, queue: q, model: m, stock: {width: 2 m, height: 1}}\n",
     "bad-value", 2, 50, "printers[1].stock.width"},
    {"four decimals",
     "printers:\n  - {name: a, queue: q, model: m, stock: {width: 5.0001, height: 1}}\n",
     "bad-value", 2, 50, "printers[1].stock.width"},
    {"a comma is no point",
     "printers:\n  - {name: a, queue: q, model: m, stock: {width: '5,5', height: 1}}\n",
     "bad-value", 2, 50, "printers[1].stock.width"},
    {"window 65",
     "printers: [{name: a, queue: q, model: m, window: 65,\n"
     "  stock: {width: 5, height: 1}}]\n",
     "bad-value", 1, 50, "printers[1].window"},
    {"name with a blank",
     "printers: [{name: a b, queue: q, model: m, stock: {width: 5, height: 1}}]\n", "bad-value",
     1, 19, "printers[1].name"},
    {"two printers of one name",
     "printers:\n - " PRINTER
     "\n - {name: a, queue: r, model: m, stock: {width: 5, height: 1}}\n",
     "twice", 3, 11, "printers[2].name"},
    {"two printers on one queue",
     "printers:\n - " PRINTER
     "\n - {name: b, queue: q, model: m, stock: {width: 5, height: 1}}\n",
     "twice", 3, 21, "printers[2].queue"},
    {"two series of one name", "series:\n - {name: s, length: 8}\n - {name: s, length: 9}\n",
     "twice", 3, 11, "series[2].name"},
    {"series without length", "series:\n - {name: s}\n", "missing-key", 2, 4,
     "series[1].length"},
    {"series of length 31", "series:\n - {name: s, length: 31}\n", "bad-value", 2, 22,
     "series[1].length"},
    {"prefix of 32",
     "series:\n - {name: s, length: 3, prefix: 12345678901234567890123456789012}\n",
     "bad-value", 2, 33, "series[1].prefix"},
    {"negative first", "series:\n - {name: s, length: 3, first: -1}\n", "bad-value", 2, 32,
     "series[1].first"},
};

static void test_bad(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct findings findings;
        char text[512] = "no finding";
        struct config *config = parse(bad[i].in, &findings);
        const struct finding *first = findings.count ? &findings.list[0] : NULL;
        bool same =
            !config && first && strcmp(first->code, bad[i].code) == 0 &&
            first->line == bad[i].line && first->column == bad[i].column &&
            (!bad[i].field || (first->field && strcmp(first->field, bad[i].field) == 0));
        if (!tap_ok(same, "bad: %s", bad[i].name))
            printf("# got %s\n", first ? finding_text(first, text, sizeof text) : text);
        findings_clear(&findings);
        config_free(config);
    }
}

/* Every fault is told, not just the first; the nearest known key is named. */
static void test_all_told(void)
{
    struct findings findings;
    char text[512] = "";
    struct config *config = parse("lisen: {}\nlog: {level: x}\nfonts: y\n", &findings);
    tap_is_int((long long)findings.errors, 3, "three faults give three findings");
    for (size_t i = 0; i < findings.count; i++)
        if (strcmp(findings.list[i].code, "unknown-key") == 0)
            finding_text(&findings.list[i], text, sizeof text);
    tap_ok(strstr(text, "listen") != NULL, "the nearest known key is named: %s", text);
    findings_clear(&findings);
    config_free(config);
}

/* ---- good input
 * ------------------------------------------------------------------------------ */

static void test_defaults(void)
{
    struct findings findings;
    struct config *config = parse("log: {}\n", &findings);
    if (!tap_ok(config != NULL, "an almost empty file loads"))
        return;
    tap_is_str(config->socket_path, "/run/tem/temd.sock", "default socket");
    tap_is_str(config->http_address, "127.0.0.1", "default address");
    tap_is_int(config->http_port, 8631, "default port");
    tap_is_str(config->store_folder, "/var/lib/tem/store", "default store");
    tap_is_str(config->feed_folder, "/var/lib/tem/feed", "default feed folder");
    tap_is_int((long long)config->font_folders.count, 2, "default font folders");
    tap_is_str(config->font_folders.items[1], "/usr/share/fonts/truetype/noto", "the second");
    tap_ok(config->font_folders.items[2] == NULL, "a list ends with NULL");
    tap_ok(config->cups_server == NULL, "default CUPS is CUPS's own");
    tap_is_int(config->body_bytes, 16777216, "16 MiB");
    tap_is_int(config->after_release_days, CONFIG_NEVER, "nothing is archived unless ordered");
    tap_is_int(config->after_expiry_days, 366, "a year is never too short");
    tap_is_int(config->key_days, 400, "keys");
    tap_is_int(config->csv_bytes, 1073741824, "1 GiB");
    tap_is_int(config->chunk_impressions, 100, "100 impressions a chunk");
    tap_is_int(config->chunk_bytes, 1048576, "1 MiB a chunk");
    tap_is_int(config->log_level, 2, "log level info");
    tap_is_int((long long)config->printer_count, 0, "no printers");
    config_free(config);
    findings_clear(&findings);
}

static void test_values(void)
{
    struct findings findings;
    struct config *config = parse(
        "listen: {http: \"[::1]:0\"}\n"
        "site: {utc_offset: -03:30}\n"
        "cups: {server: /run/cups/cups.sock}\n"
        "fonts: /fonts\n"
        "folders: {templates: [/a, /b]}\n"
        "printers:\n"
        "  - {name: a, queue: q, model: zpl-300, window: 1, evidence: none, darkness: 0,\n"
        "     speed_mm_s: 400, media: transfer, output: cut,\n"
        "     stock: {width: 33.5 mm, height: 0.001e, gap: 0, tracking: continuous}}\n",
        &findings);
    tap_ok(config == NULL, "a length with letters is refused");
    config_free(config);
    findings_clear(&findings);
    config = parse(
        "listen: {http: \"[::1]:0\"}\n"
        "site: {utc_offset: -03:30}\n"
        "cups: {server: /run/cups/cups.sock}\n"
        "fonts: /fonts\n"
        "folders: {templates: [/a, /b]}\n"
        "printers:\n"
        "  - {name: a, queue: q, model: zpl-300, window: 1, evidence: none, darkness: 0,\n"
        "     speed_mm_s: 400, media: transfer, output: cut,\n"
        "     stock: {width: 33.5 mm, height: 1.005, gap: 0, tracking: continuous}}\n"
        "series:\n"
        "  - {name: s, format: sequential, length: 6, last_used: 41, check: gs1}\n"
        "  - {name: r, length: 10, alphabet: AB, prefix: X-, last: 9223372036854775807}\n",
        &findings);
    if (!tap_ok(config != NULL, "a full file loads"))
        return;
    const struct config_printer *printer = config->printers;
    const struct config_series *series = config->series;
    tap_is_str(config->http_address, "::1", "IPv6 loopback without brackets");
    tap_is_int(config->http_port, 0, "any port");
    tap_is_int(config->utc_offset_min, -210, "-03:30 is -210 minutes");
    tap_is_str(config->cups_server, "/run/cups/cups.sock", "CUPS socket");
    tap_is_int((long long)config->font_folders.count, 1, "one folder is a list of one");
    tap_is_str(config->template_folders.items[1], "/b", "a list of folders");
    tap_is_int(printer->width_um, 33500, "33.5 mm");
    tap_is_int(printer->height_um, 1005, "1.005 mm");
    tap_is_int(printer->gap_um, 0, "no gap");
    tap_is_int(printer->tracking, CONFIG_CONTINUOUS, "continuous");
    tap_is_int(printer->evidence, CONFIG_EVIDENCE_NONE, "no evidence");
    tap_is_int(printer->media, CONFIG_TRANSFER, "transfer");
    tap_is_int(printer->output, CONFIG_CUT, "cut");
    tap_is_int((long long)printer->line, 7, "a printer knows its line");
    tap_is_int((long long)config->series_count, 2, "two series");
    tap_is_str(series[0].alphabet, "0123456789", "sequential: digits");
    tap_is_int(series[0].last_used, 41, "last used");
    tap_is_int(series[0].check, CONFIG_CHECK_GS1, "check digit");
    tap_is_str(series[1].alphabet, "AB", "an alphabet of its own");
    tap_is_str(series[1].prefix, "X-", "prefix");
    tap_is_int(series[1].last, INT64_MAX, "the last counter there is");
    tap_is_int(series[1].last_used, -1, "nothing used before");
    config_free(config);
    findings_clear(&findings);
}

/* ---- the example
 * ------------------------------------------------------------------------------ */

/* The example with its comments made to count: "#printers:" and what is below lose the '#', the
 * empty lists go. */
static void uncomment(const char *text, struct buf *out)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        bool empty_list = len > 4 && strncmp(text + len - 4, ": []", 4) == 0;
        size_t skip = text[0] == '#' && text[1] != ' ';
        if (text[0] == '#' && text[1] == ' ' && text[2] == ' ')
            skip = 1;
        if (!empty_list)
            buf_add(out, text + skip, len - skip);
        buf_add_byte(out, '\n');
        text += len + (text[len] == '\n');
    }
}

static void test_example(void)
{
    struct buf example = BUF_INIT(65536), file = BUF_INIT(65536), counted = BUF_INIT(65536);
    struct findings findings;
    struct why why = {""};
    char path[4096];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof path, "%s/config/temd.yaml", srcdir ? srcdir : ".");
    tap_is_int(config_example(&debian, &example), ERR_NONE, "the example prints");
    tap_is_int(file_read(path, 65536, &file, &why), ERR_NONE, "config/temd.yaml is there");
    tap_is_str(buf_text(&example), buf_text(&file), "config/temd.yaml is the example");

    struct config *config = parse(buf_text(&example), &findings);
    tap_ok(config && findings.count == 0, "the example loads");
    config_free(config);
    findings_clear(&findings);

    uncomment(buf_text(&example), &counted);
    config = parse(buf_text(&counted), &findings);
    char text[512] = "";
    if (findings.count)
        printf("# %s\n", finding_text(&findings.list[0], text, sizeof text));
    tap_ok(config && config->printer_count == 1 && config->series_count == 1,
           "its comments load, too");
    if (config && config->printer_count == 1 && config->series_count == 1) {
        tap_is_str(config->printers[0].model, "zpl-203", "its printer");
        tap_is_int(config->printers[0].height_um, 30000, "its stock");
        tap_is_int(config->series[0].length, 10, "its series");
    }
    config_free(config);
    findings_clear(&findings);
    buf_free(&example);
    buf_free(&file);
    buf_free(&counted);
}

int main(void)
{
    setlocale(LC_ALL, "vi_VN.UTF-8"); /* where it exists, a decimal comma; no value may care */
    test_bad();
    test_all_told();
    test_defaults();
    test_values();
    test_example();
    return tap_done();
}
