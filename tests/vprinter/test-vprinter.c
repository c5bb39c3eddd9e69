/* SPDX-License-Identifier: Apache-2.0
 *
 * test-vprinter: does the virtual printer read ZPL as the facts say?
 *
 * Expected bytes come from facts/printer-languages.md, from Python's zlib and binascii.crc_hqx
 * (the packed vectors), or were drawn by hand; none from this program's own output.
 * `test-vprinter NAME` runs the rows with that name alone. */
#include "host.h"
#include "zpl-interpret.h"

#include <stdlib.h>
#include <string.h>

static int failed, number;
static const char *only;

static bool wanted(const char *name)
{
    return only == NULL || strcmp(only, name) == 0;
}

static void result(bool ok, const char *name, const char *detail)
{
    (void)printf("%sok %d - %s\n", ok ? "" : "not ", ++number, name);
    if (!ok)
        (void)printf("# got: %s\n", detail);
    failed += !ok;
}

/* `want`: the bytes in hex, or, after an exclamation mark, a part of the complaint. */
static const struct {
    const char *name, *field, *want;
} fields[] = {
    {"plain hex", "A,2,2,1,80FF", "80ff"},
    {"zC is 400 Cs", "A,200,200,200,zC",
     "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
     "ccc"
     "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
     "ccc"
     "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
     "ccc"
     "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
     "ccc"
     "cccccccccccccccccccccccccccccccc"},
    {"hMC is 47 Cs", "A,24,24,24,hMC0", "ccccccccccccccccccccccccccccccccccccccccccccccc0"},
    {"counts add in any order", "A,11,11,11,HgA", "aaaaaaaaaaaaaaaaaaaaaa"},
    {"G is one", "A,1,1,1,GFG0", "f0"},
    {"Y is nineteen", "A,10,10,10,YF0", "fffffffffffffffffff0"},
    {"comma fills the rest of a row", "A,4,4,2,8,FF,", "8000ff00"},
    {"comma at a row's start is a white row", "A,4,4,2,,1234", "00001234"},
    {"colon repeats the row before", "A,6,6,2,1234::", "123412341234"},
    {"line ends inside data do not count", "A,2,2,1,8\r\n0FF", "80ff"},
    {"colon first", "A,2,2,1,:FF", "!no row before"},
    {"colon inside a row", "A,4,4,2,12:", "!middle of a row"},
    {"colon beyond the end", "A,2,2,2,1234:", "!beyond"},
    {"comma beyond the end", "A,2,2,2,1234,", "!beyond"},
    {"exclamation mark", "A,2,2,2,12!", "!disagree"},
    {"count at the end", "A,2,2,2,123H", "!at the end"},
    {"count before a comma", "A,2,2,2,H,", "!without a hex digit"},
    {"too little", "A,2,2,1,80F", "!3 of 4"},
    {"too much", "A,2,2,1,80FF0", "!beyond"},
    {"a run too long", "A,2,2,1,JF0", "!beyond"},
    {"a letter that is nothing", "A,1,1,1,Z0", "!neither"},
    {"B64", "A,6,6,2,:B64://+AAYAB:852A", "ffff80018001"},
    {"B64, small letters in the CRC", "A,6,6,2,:B64://+AAYAB:852a", "ffff80018001"},
    {"B64 with wrong CRC", "A,6,6,2,:B64://+AAYAB:852B", "!CRC"},
    {"B64 of another size", "A,4,4,2,:B64://+AAYAB:852A", "!holds 6"},
    {"Z64", "A,32,32,2,:Z64:eNr7/7+BETf8/x8Aub4LCw==:2FF6",
     "ffff8001800180018001800180018001800180018001800180018001"
     "8001ffff"},
    {"Z64 with dead CRC", "A,32,32,2,:Z64:eNr7/7+BETf8/x8Aub4LCw==:dead", "!CRC"},
    {"Z64 of one row less", "A,30,30,2,:Z64:eNr7/7+BETf8/x8Aub4LCw==:2FF6", "!more than"},
    {"Z64 of one row more", "A,34,34,2,:Z64:eNr7/7+BETf8/x8Aub4LCw==:2FF6", "!32 bytes"},
    {"Z64 without CRC", "A,32,32,2,:Z64:eNr7/7+BETf8/x8Aub4LCw==", "!CRC"},
    {"raw", "B,2,2,1,^~", "5e7e"},
    {"raw that ends in a blank", "B,2,2,1,A ", "4120"},
    {"raw too short", "B,3,3,1,AB", "!declared are 3"},
    {"type C", "C,2,2,1,80FF", "!type A or B"},
    {"b and c differ", "A,4,2,1,80FF", "!differ"},
    {"c is over the cap", "A,100000,100000,100,FF", "!1 to 99999"},
    {"c is no whole rows", "A,3,3,2,80FF00", "!whole rows"},
    {"row bytes 0", "A,2,2,0,80FF", "!row bytes"},
    {"parameters missing", "A,2,2", "!5 parameters"},
};

static void test_field(size_t i)
{
    char memory[1024];
    struct line got = line_in(memory, sizeof memory);
    struct complaint why = {""};
    struct gfx gfx = {0};
    const char *want = fields[i].want;
    if (gfx_field(fields[i].field, strlen(fields[i].field), &gfx, &why)) {
        for (size_t k = 0; k < (size_t)gfx.row_bytes * gfx.rows; k++)
            line_add(&got, "%02x", gfx.dots[k]);
    } else {
        line_add(&got, "!%s", why.text);
    }
    bool ok = want[0] == '!' ? memory[0] == '!' && strstr(memory, want + 1) != NULL
                             : strcmp(memory, want) == 0;
    result(ok, fields[i].name, memory);
    gfx_free(&gfx);
}

/* What a stream draws: rows of `#` and `.` ending in `/`, labels in order, each with `*copies`
 * when more than one and `!errors`; `<` for each immediate command, at the time it comes. */
static const struct {
    const char *name, *stream, *want;
} streams[] = {
    {"one dot", "^XA^PW8^LL2^FO0,0^GFA,1,1,1,80^FS^XZ", "#......./......../"},
    {"field origin", "^XA^PW8^LL2^FO3,1^GFA,1,1,1,80^FS^XZ", "......../...#..../"},
    {"fields are ORed", "^XA^PW8^LL1^FO0,0^GFA,1,1,1,C0^FS^FO0,0^GFA,1,1,1,60^FS^XZ",
     "###...../"},
    {"^LRY reverses", "^XA^PW8^LL1^LRY^FO0,0^GFA,1,1,1,C0^FS^FO0,0^GFA,1,1,1,60^FS^XZ",
     "#.#...../"},
    {"^LH moves", "^XA^PW8^LL2^LH1,1^FO1,0^GFA,1,1,1,80^FS^XZ", "......../..#...../"},
    {"^POI turns", "^XA^PW8^LL2^POI^FO0,0^GFA,1,1,1,C0^FS^XZ", "......../......##/"},
    {"^PMY mirrors", "^XA^PW7^LL1^PMY^FO0,0^GFA,1,1,1,C0^FS^XZ", ".....##/"},
    {"stored and magnified", "~DGR:A.GRF,2,1,4080^XA^PW8^LL4^FO1,0^XGR:A.GRF,2,2^FS^XZ",
     "...##.../...##.../.##...../.##...../"},
    {"a graphic replaces its namesake",
     "~DGR:A.GRF,1,1,80~DGR:A.GRF,1,1,01^XA^PW8^LL1^FO0,0^XGR:A.GRF,1,1^FS^XZ", ".......#/"},
    {"deleted", "~DGR:A.GRF,1,1,80^XA^IDR:A.GRF^FS^XZ^XA^PW8^LL1^XGR:A.GRF,1,1^FS^XZ",
     "......../!1"},
    {"never stored", "^XA^PW8^LL1^XGR:A.GRF,1,1^FS^XZ", "......../!1"},
    {"settings alone print nothing", "^XA^PW8^LL1^MMT^XZ", ""},
    {"sizes stay for the next format", "^XA^PW8^LL1^XZ^XA^FO0,0^GFA,1,1,1,80^FS^XZ",
     "#......./"},
    {"a white field prints a label", "^XA^PW8^LL1^FO0,0^GFA,1,1,1,00^FS^XZ", "......../"},
    {"copies do not stay", "^XA^PW8^LL1^GFA,1,1,1,80^FS^PQ3^XZ^XA^GFA,1,1,1,80^FS^XZ",
     "#......./*3#......./"},
    {"raw data look like commands", "^XA^PW8^LL3^FO0,0^GFB,3,3,1,^XZ^FS^XZ",
     ".#.####./.#.##.../.#.##.#./"},
    {"queries come before labels", "~HS^XA^PW8~HS^LL1^GFA,1,1,1,80~HS^FS^XZ~HQES",
     "<<<<#......./"},
    {"half a query", "~HQ^XA^PW8^LL1^GFA,1,1,1,80^FS^XZ", "?command is cut short?#......./"},
    {"black dots outside", "^XA^PW8^LL1^FO1,0^GFA,1,1,1,01^FS^XZ", "......../!1"},
    {"white padding may stick out", "^XA^PW9^LL1^FO8,0^GFA,1,1,1,80^FS^XZ", "........#/"},
    {"white rows may not", "^XA^PW8^LL1^GFA,2,2,1,8000^FS^XZ", "#......./!1"},
    {"unknown command", "^XA^PW8^LL1^QQ1^GFA,1,1,1,80^FS^XZ", "#......./!1"},
    {"setting out of range", "~SD31^XA^PW8^LL1^GFA,1,1,1,80^FS^XZ", "#......./!1"},
    {"setting with a wrong letter", "^XA^PW8^LL1^MMX^GFA,1,1,1,80^FS^XZ", "#......./!1"},
    {"no ^FS", "^XA^PW8^LL1^GFA,1,1,1,80^XZ", "......../!1"},
    {"wrong Z64 prints with an error", "^XA^PW8^LL2^GFA,2,2,1,:Z64:eNo7wAwAAYUAxA==:0000^FS^XZ",
     "......../......../!1"},
    {"right Z64", "^XA^PW8^LL2^GFA,2,2,1,:Z64:eNo7wAwAAYUAxA==:032A^FS^XZ",
     "##....../......##/"},
    {"a query ends a download",
     "~DGR:A.GRF,1,1,80\r\n! U1 getvar \"x\"\r\n"
     "^XA^PW8^LL1^XGR:A.GRF,1,1^FS^XZ",
     "<#......./"},
    {"comments are nothing", "^XA^FXsee, here!^PW8^LL1^GFA,1,1,1,80^FS^XZ", "#......./"},
};

struct bench {
    struct interpreter in;
    struct line *got;
};

static void draw_label(struct line *got, const struct image *image)
{
    const struct canvas *c = image->canvas;
    for (uint32_t y = 0; y < c->height_dots; y++) {
        for (uint32_t x = 0; x < c->width_dots; x++)
            line_add(got, "%c", c->dots[y * c->row_bytes + x / 8] & 0x80 >> x % 8 ? '#' : '.');
        line_add(got, "/");
    }
    if (image->copies > 1)
        line_add(got, "*%u", image->copies);
    if (image->errors.count > 0)
        line_add(got, "!%u", image->errors.count);
}

/* Commands are obeyed at once, except that labels are kept back to show what overtakes them. */
static struct image *drawn[8];
static size_t drawn_count;

static void on_command(void *context, struct token *token)
{
    struct bench *bench = context;
    struct image *image = interpreter_run(&bench->in, token);
    if (image != NULL && drawn_count < 8)
        drawn[drawn_count++] = image;
    free(token);
}

static void on_immediate(void *context, const struct token *token)
{
    (void)token;
    line_add(((struct bench *)context)->got, "<");
}

static void on_line(void *context, uint64_t offset, const char *s, size_t n)
{
    (void)offset, (void)s, (void)n;
    line_add(((struct bench *)context)->got, "<");
}

static void on_error(void *context, uint64_t offset, const char *s, size_t n, const char *text)
{
    (void)offset, (void)s, (void)n;
    line_add(((struct bench *)context)->got, "?%s?", text);
}

/* The same stream in pieces of `step` bytes must draw the same. */
static void draw_stream(const char *stream, size_t step, struct line *got)
{
    static struct report report;
    static struct bench bench;
    struct settings factory = settings_factory(16, 8, 'T');
    struct token_sink sink = {&bench, on_command, on_immediate, on_line, on_error};
    struct tokenizer *tk = tokenizer_new(&sink);
    if (tk == NULL)
        abort();
    report = (struct report){0};
    interpreter_init(&bench.in, &report, &factory);
    bench.got = got;
    drawn_count = 0;
    for (size_t n = strlen(stream), at = 0; at < n; at += step)
        tokenizer_feed(tk, stream + at, n - at < step ? n - at : step);
    for (size_t i = 0; i < drawn_count; i++) {
        draw_label(got, drawn[i]);
        image_free(drawn[i]);
    }
    tokenizer_free(tk);
    interpreter_power_on(&bench.in);
}

static void test_stream(size_t i)
{
    char whole[1024], bytewise[1024];
    struct line a = line_in(whole, sizeof whole), b = line_in(bytewise, sizeof bytewise);
    draw_stream(streams[i].stream, 4096, &a);
    draw_stream(streams[i].stream, 1, &b);
    bool same = strcmp(whole, bytewise) == 0;
    result(same && strcmp(whole, streams[i].want) == 0, streams[i].name,
           same ? whole : bytewise);
}

static void test_crc(void)
{
    char memory[8];
    struct line got = line_in(memory, sizeof memory);
    line_add(&got, "%04X", gfx_crc16("123456789", 9));
    result(strcmp(memory, "31C3") == 0, "CRC self-test", memory);
}

/* The columns are those of the facts: aaa,b,c,dddd,eee,f,g,h,iii,j,k,l and so on. */
static void test_status(void)
{
    char memory[256];
    struct line got = line_in(memory, sizeof memory);
    struct host_view view = {.paper_out = true,
                             .paused = true,
                             .length_dots = 240,
                             .formats = 7,
                             .partial_format = true,
                             .head_open = true,
                             .mode = 'P',
                             .label_waiting = true,
                             .labels_remaining = 12,
                             .graphics = 1};
    host_status(&view, &got);
    result(strcmp(memory, "\x02"
                          "030,1,1,0240,007,0,0,1,000,0,0,0\x03\r\n"
                          "\x02"
                          "000,0,1,0,0,1,6,1,00000012,1,001\x03\r\n"
                          "\x02"
                          "1234,0\x03\r\n") == 0,
           "~HS columns", memory);
}

/* The bits are those of the facts: 1 media, 2 ribbon, 4 head, 8 cutter, 1000 jam, 10000 pause.
 */
static void test_errors(void)
{
    char memory[256];
    struct line got = line_in(memory, sizeof memory);
    struct host_view view = {.ribbon_out = true, .cutter = true, .jam = true, .paused = true};
    host_errors(&view, &got);
    result(strstr(memory, "ERRORS: 1 00000000 0001100A\r\n") != NULL, "~HQES bits", memory);
}

static void test_getvar(void)
{
    static const char line[] = "! U1 getvar \"odometer.total_label_count\"";
    char memory[64];
    struct line got = line_in(memory, sizeof memory);
    struct host_view view = {.odometer = 123};
    bool ok = host_getvar(&view, line, sizeof line - 1, &got);
    result(ok && strcmp(memory, "\"123\"") == 0, "odometer", memory);
}

static const struct {
    const char *name;
    void (*run)(void);
} others[] = {{"CRC self-test", test_crc},
              {"~HS columns", test_status},
              {"~HQES bits", test_errors},
              {"odometer", test_getvar}};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

int main(int argc, char **argv)
{
    only = argc > 1 ? argv[1] : NULL;
    for (size_t i = 0; i < COUNT(others); i++)
        if (wanted(others[i].name))
            others[i].run();
    for (size_t i = 0; i < COUNT(fields); i++)
        if (wanted(fields[i].name))
            test_field(i);
    for (size_t i = 0; i < COUNT(streams); i++)
        if (wanted(streams[i].name))
            test_stream(i);
    (void)printf("1..%d\n", number);
    return failed > 0 || fflush(stdout) != 0;
}
