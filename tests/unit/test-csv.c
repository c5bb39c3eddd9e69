/* SPDX-License-Identifier: Apache-2.0 */
/* CSV after RFC 4180, section 2, in every chunking. Expected cells are written by hand. */
#include "spooler/intake/csv.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* Records as "1:a|b;2:c|d;": line, cells, end. A fault is appended as "!code@line:column". */
static struct buf seen = {.max = 1 << 20};

static enum err on_record(void *arg, const struct csv_record *record, bool *pause)
{
    buf_printf(&seen, "%llu:", (unsigned long long)record->line);
    for (size_t i = 0; i < record->count; i++)
        buf_printf(&seen, "%s%s", i ? "|" : "", record->cells[i]);
    buf_add_text(&seen, ";");
    *pause = arg != NULL;
    return ERR_NONE;
}

static const struct {
    const char *name, *in, *want;
} cases[] = {
    {"LF", "a,b\nc,d\n", "1:a|b;2:c|d;"},
    {"CRLF", "a,b\r\nc,d\r\n", "1:a|b;2:c|d;"},
    {"last line without its end", "a,b\nc,d", "1:a|b;2:c|d;"},
    {"byte order mark",
     "\xef\xbb\xbf"
     "a\nb\n",
     "1:a;2:b;"},
    {"a mark and nothing else", "\xef\xbb\xbf", ""},
    {"a mark that is none", "\xef\xbb\x41\n", "1:\xef\xbb\x41;"},
    {"a mark inside is text",
     "a\n\xef\xbb\xbf"
     "b\n",
     "1:a;2:\xef\xbb\xbf"
     "b;"},
    {"quotes", "\"a\",\"b,c\"\n", "1:a|b,c;"},
    {"doubled quotes", "\"a\"\"b\",\"\"\"\"\n", "1:a\"b|\";"},
    {"line ends inside quotes", "\"a\nb\"\n\"c\r\nd\"\ne\n", "1:a\nb;3:c\r\nd;5:e;"},
    {"empty cells", ",\n,,\n", "1:|;2:||;"},
    {"a quoted empty cell is a record", "\"\"\n", "1:;"},
    {"blank lines are passed over, and counted", "a\n\n\r\nb\n\n", "1:a;4:b;"},
    {"blanks are data", " a , b \n", "1: a | b ;"},
    {"empty", "", ""},
    {"a quote inside a bare cell", "a\nx,b\"c\"\nz\n", "1:a;!csv-quote@2:2"},
    {"text after a closing quote", "\"a\"b\n", "!csv-quote@1:1"},
    {"blank after a closing quote", "\"a\" ,b\n", "!csv-quote@1:1"},
    {"carriage return alone", "a\rb\n", "!csv-line-end@1:1"},
    {"old Mac line ends", "a,b\rc,d\r", "!csv-line-end@1:2"},
    {"carriage return at the end", "a\n\r", "1:a;!csv-line-end@2:1"},
    {"quote never closed", "a\n\"b\nc\n", "1:a;!csv-quote-open@2:1"},
    {"cut inside quotes", "a,b\nc,\"d", "1:a|b;!csv-quote-open@2:2"},
    {"a mark cut short", "\xef\xbb", "!csv-utf8@1:1"},
};

static const char *run(const char *in, size_t len, size_t chunk, void *pause)
{
    struct csv csv;
    struct findings findings;
    findings_init(&findings);
    buf_reset(&seen);
    csv_init(&csv, on_record, pause);
    for (size_t at = 0; at < len;) {
        size_t size = len - at < chunk ? len - at : chunk, used = 0;
        csv_feed(&csv, in + at, size, &used, &findings);
        at += used;
    }
    csv_end(&csv, &findings);
    for (size_t i = 0; i < findings.count; i++)
        buf_printf(&seen, "!%s@%llu:%u", findings.list[i].code,
                   (unsigned long long)findings.list[i].line, findings.list[i].column);
    findings_clear(&findings);
    csv_free(&csv);
    return buf_text(&seen);
}

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = strlen(cases[i].in);
        bool good = tap_is_str(run(cases[i].in, len, len + 1, NULL), cases[i].want, "%s, whole",
                               cases[i].name);
        for (size_t chunk = 1; good && chunk <= len; chunk++)
            good = strcmp(run(cases[i].in, len, chunk, NULL), cases[i].want) == 0;
        tap_ok(good, "%s, in chunks of every size", cases[i].name);
        tap_is_str(run(cases[i].in, len, len + 1, &good), cases[i].want,
                   "%s, pausing behind each record", cases[i].name);
    }
}

static void test_nul(void)
{
    tap_is_str(run("a\nb\0c\n", 6, 6, NULL), "1:a;!csv-nul@2:1", "NUL");
}

/* A record of `cells` cells of `bytes` x each. */
static char *long_record(size_t cells, size_t bytes, size_t *len)
{
    char *text = malloc(cells * (bytes + 1));
    if (!text)
        abort();
    for (size_t i = 0; i < cells; i++) {
        memset(text + i * (bytes + 1), 'x', bytes);
        text[(i + 1) * (bytes + 1) - 1] = i + 1 < cells ? ',' : '\n';
    }
    *len = cells * (bytes + 1);
    return text;
}

static const struct {
    const char *name;
    size_t cells, bytes;
    const char *fault; /* NULL = it is a record */
} limits[] = {
    {"65536 bytes in one cell", 1, 65536, NULL},
    {"65537 bytes in one cell", 1, 65537, "!csv-record-too-long@1:1"},
    {"65536 bytes in 64 cells", 64, 1024, NULL},
    {"65600 bytes in 64 cells", 64, 1025, "!csv-record-too-long@1:64"},
    {"100 columns", 100, 1, NULL},
    {"101 columns", 101, 1, "!csv-too-many-columns@1:100"},
};

static void test_limits(void)
{
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        size_t len;
        char *text = long_record(limits[i].cells, limits[i].bytes, &len);
        const char *got = run(text, len, 4096, NULL);
        if (limits[i].fault)
            tap_is_str(got, limits[i].fault, "%s", limits[i].name);
        else /* "1:", the cells with their separators, ";" */
            tap_is_int((long long)strlen(got), (long long)(2 + len), "%s", limits[i].name);
        free(text);
    }
}

int main(void)
{
    test_cases();
    test_nul();
    test_limits();
    buf_free(&seen);
    return tap_done();
}
