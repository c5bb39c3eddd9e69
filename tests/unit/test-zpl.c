/* SPDX-License-Identifier: Apache-2.0 */
/* The ZPL and png drivers. Expected bytes are argued from the manual (facts); payloads are
 * decoded by other code: nettle's base64, zlib, libpng and a decoder of ACS written here from
 * the facts. */
#include "drivers/driver.h"
#include "drivers/zpl-answer.h"
#include "drivers/zpl-graphic.h"
#include "spooler/base/png.h"
#include "tests/unit/tap.h"

#include <nettle/base64.h>
#include <png.h>
#include <stdlib.h>
#include <zlib.h>

static uint32_t random_state = 12345;

static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

/* ---- encodings ------------------------------------------------------------- */

static void test_crc(void)
{
    /* the check value of CRC-16/XMODEM, and of nothing at all */
    tap_is_int(zpl_crc16("123456789", 9), 0x31C3, "CRC-16 of 123456789");
    tap_is_int(zpl_crc16("", 0), 0, "CRC-16 of nothing");
}

static void test_base64(void)
{
    static const struct {
        const char *in, *want;
    } cases[] = {/* RFC 4648 section 10 */
                 {"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_INIT(64);
        zpl_base64((const uint8_t *)cases[i].in, strlen(cases[i].in), &out);
        tap_is_str(buf_text(&out), cases[i].want, "base64 of \"%s\"", cases[i].in);
        buf_free(&out);
    }
}

static void test_acs(void)
{
    /* fill: byte, count, and after them one more byte; rows of `row_bytes` */
    static const struct {
        const char *name;
        uint8_t byte;
        size_t count;
        int last; /* -1 = none */
        size_t row_bytes;
        const char *want;
    } cases[] = {
        {"400 hex Cs are zC (facts)", 0xCC, 200, -1, 200, "zC"},
        {"47 hex Cs are hMC (facts)", 0xCC, 23, 0xC0, 24, "hMC,"},
        {"a white row is a comma", 0, 4, -1, 4, ","},
        {"the second white row repeats the first, never begins", 0, 8, -1, 4, ",:"},
        {"three equal rows", 0xA5, 3, -1, 1, "A5::"},
        {"trailing white is cut", 0xF0, 1, -1, 1, "F,"},
        {"leading white is not", 0x0F, 1, -1, 1, "0F"},
        {"two equal digits stay as they are", 0xFF, 1, -1, 1, "FF"},
        {"19 is Y", 0xFF, 9, 0xF0, 10, "YF,"},
        {"20 is g, without a rest", 0xFF, 10, -1, 10, "gF"},
        {"21 is gG", 0xFF, 10, 0xF0, 11, "gGF,"},
        {"420 is 419 and one more", 0xFF, 210, -1, 210, "zYFF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bits[256];
        size_t len = cases[i].count;
        memset(bits, cases[i].byte, len);
        if (cases[i].last >= 0)
            bits[len++] = (uint8_t)cases[i].last;
        struct buf out = BUF_INIT(1024);
        zpl_acs(bits, cases[i].row_bytes, len / cases[i].row_bytes, &out);
        tap_is_str(buf_text(&out), cases[i].want, "ACS: %s", cases[i].name);
        buf_free(&out);
    }
}

static int hex_value(char c)
{
    const char *digits = "0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* From the facts alone: counts add, `,` fills the row with 0, `:` repeats the row before. */
static bool decode_acs(const char *text, size_t len, size_t row_bytes, uint8_t *out,
                       size_t out_bytes)
{
    size_t nibbles = out_bytes * 2, row = row_bytes * 2, at = 0, count = 0;
    memset(out, 0, out_bytes);
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        int value = hex_value(c);
        if (c >= 'G' && c <= 'Y') {
            count += (size_t)(c - 'G') + 1;
        } else if (c >= 'g' && c <= 'z') {
            count += 20 * ((size_t)(c - 'g') + 1);
        } else if (c == ',') {
            at = at / row * row + row;
        } else if (c == ':') {
            if (at < row || at % row)
                return false;
            memcpy(out + at / 2, out + (at - row) / 2, row_bytes);
            at += row;
        } else if (value >= 0) {
            for (count = count ? count : 1; count > 0; count--, at++) {
                if (at >= nibbles)
                    return false;
                out[at / 2] |= (uint8_t)(at % 2 ? value : value << 4);
            }
        } else {
            return false;
        }
        if (at > nibbles)
            return false;
    }
    return at == nibbles;
}

static void random_bits(struct bitmap *bitmap, unsigned kind)
{
    for (uint32_t y = 0; y < bitmap->height_dots; y++)
        for (uint32_t x = 0; x < bitmap->width_dots; x++)
            if (kind == 0   ? next_random() % 2
                : kind == 1 ? (x / 37 + y / 11) % 3 == 0
                : kind == 2 ? x > 30 && x < bitmap->width_dots - 9
                            : false)
                bitmap_set(bitmap, x, y);
}

static bool same_as_acs(const struct bitmap *bitmap)
{
    size_t len = bitmap->stride * bitmap->height_dots;
    struct buf acs = BUF_INIT(1 << 22);
    uint8_t *back = malloc(len);
    zpl_acs(bitmap->bits, bitmap->stride, bitmap->height_dots, &acs);
    bool same = back && !buf_err(&acs) &&
                decode_acs((const char *)acs.bytes, acs.len, bitmap->stride, back, len) &&
                memcmp(back, bitmap->bits, len) == 0;
    free(back);
    buf_free(&acs);
    return same;
}

static bool decode_z64(const char *text, size_t text_len, uint8_t *out, size_t out_bytes)
{
    if (text_len < 10 || memcmp(text, ":Z64:", 5) != 0 || text[text_len - 5] != ':')
        return false;
    size_t packed_len = text_len - 10;
    uint8_t *packed = malloc(packed_len + 4);
    struct base64_decode_ctx ctx;
    base64_decode_init(&ctx);
    size_t raw_len = BASE64_DECODE_LENGTH(packed_len);
    uLongf len = out_bytes;
    bool ok = base64_decode_update(&ctx, &raw_len, packed, packed_len, text + 5) &&
              base64_decode_final(&ctx) && uncompress(out, &len, packed, raw_len) == Z_OK &&
              len == out_bytes;
    free(packed);
    return ok;
}

static bool same_as_z64(const struct bitmap *bitmap)
{
    size_t len = bitmap->stride * bitmap->height_dots;
    struct buf z64 = BUF_INIT(1 << 22);
    char crc[8];
    uint8_t *back = malloc(len);
    bool same = !zpl_z64(bitmap->bits, len, &z64, NULL) &&
                decode_z64((const char *)z64.bytes, z64.len, back, len) &&
                memcmp(back, bitmap->bits, len) == 0;
    snprintf(crc, sizeof crc, "%04X", zpl_crc16(z64.bytes + 5, z64.len - 10));
    same = same && memcmp(z64.bytes + z64.len - 4, crc, 4) == 0;
    free(back);
    buf_free(&z64);
    return same;
}

static void test_round_trips(void)
{
    static const struct {
        uint32_t width, height;
    } sizes[] = {{1, 1}, {8, 3}, {9, 2}, {831, 40}, {3400, 5}, {16384, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        bool acs = true, z64 = true;
        for (unsigned kind = 0; kind < 4; kind++) {
            struct bitmap bitmap;
            if (bitmap_new(sizes[i].width, sizes[i].height, &bitmap))
                abort();
            random_bits(&bitmap, kind);
            acs = acs && same_as_acs(&bitmap);
            z64 = z64 && same_as_z64(&bitmap);
            bitmap_free(&bitmap);
        }
        tap_ok(acs, "ACS comes back, %u x %u", sizes[i].width, sizes[i].height);
        tap_ok(z64, "Z64 comes back, %u x %u", sizes[i].width, sizes[i].height);
    }
}

/* ---- whole commands ---------------------------------------------------------- */

struct chunk {
    struct stock stock;
    struct settings settings;
    struct bitmap plate;
    struct chunk_setup setup;
};

static void make_chunk(struct chunk *chunk, const char *model, uint32_t width, uint32_t height)
{
    *chunk = (struct chunk){
        .stock = {50000, 30000, 3000, MEDIA_GAP},
        .settings = {50, 110, MEDIA_THERMAL_TRANSFER, OUTPUT_TEAR},
    };
    if (bitmap_new(width, height, &chunk->plate))
        abort();
    chunk->setup = (struct chunk_setup){.model = model_find(model),
                                        .stock = &chunk->stock,
                                        .settings = &chunk->settings,
                                        .plate = &chunk->plate,
                                        .plate_id = "ABCD1234",
                                        .impressions = 1,
                                        .name = "chunk"};
}

static const struct driver *zpl(void)
{
    return model_find("zpl-203")->driver;
}

/* Every setting on its own row: what it must say, and for which input. */
static void test_settings(void)
{
    static const struct {
        const char *name;
        struct settings settings;
        enum media_tracking tracking;
        const char *want;
    } cases[] = {
        {"half of ~SD's 30", {50, 110, 0, 0}, 0, "~SD15\n"},
        {"darkness 0", {0, 110, 0, 0}, 0, "~SD00\n"},
        {"darkness 100", {100, 110, 0, 0}, 0, "~SD30\n"},
        {"darkness beyond the range", {140, 110, 0, 0}, 0, "~SD30\n"},
        {"110 mm/s is 4 inches rounded down", {50, 110, 0, 0}, 0, "^PR4,4,2^"},
        {"51 mm/s is 2 inches", {50, 51, 0, 0}, 0, "^PR2,2,2^"},
        {"slower than the slowest", {50, 10, 0, 0}, 0, "^PR2,2,2^"},
        {"faster than the fastest", {50, 999, 0, 0}, 0, "^PR12,12,2^"},
        {"gap", {50, 110, 0, 0}, MEDIA_GAP, "^MNY^"},
        {"mark", {50, 110, 0, 0}, MEDIA_MARK, "^MNM^"},
        {"continuous", {50, 110, 0, 0}, MEDIA_CONTINUOUS, "^MNN^"},
        {"direct thermal", {50, 110, MEDIA_DIRECT_THERMAL, 0}, 0, "^MTD^"},
        {"ribbon", {50, 110, MEDIA_THERMAL_TRANSFER, 0}, 0, "^MTT^"},
        {"tear", {50, 110, 0, OUTPUT_TEAR}, 0, "^MMT^"},
        {"peel", {50, 110, 0, OUTPUT_PEEL}, 0, "^MMP^"},
        {"cut", {50, 110, 0, OUTPUT_CUT}, 0, "^MMC^"},
        {"no reprint by itself", {50, 110, 0, 0}, 0, "^JZN^"},
        {"origin", {50, 110, 0, 0}, 0, "^LH0,0^LS0^LT0^"},
        {"not turned, mirrored, inverted", {50, 110, 0, 0}, 0, "^PON^PMN^LRN^"},
        {"size of the label", {50, 110, 0, 0}, 0, "^PW16^LL2^"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct chunk chunk;
        struct buf out = BUF_INIT(4096);
        make_chunk(&chunk, "zpl-203", 16, 2);
        chunk.settings = cases[i].settings;
        chunk.stock.tracking = cases[i].tracking;
        enum err err = zpl()->begin(&chunk.setup, &out, NULL);
        tap_ok(!err && strstr(buf_text(&out), cases[i].want), "begin: %s: %s", cases[i].name,
               cases[i].want);
        buf_free(&out);
        bitmap_free(&chunk.plate);
    }
}

static void test_commands(void)
{
    struct chunk chunk;
    struct buf out = BUF_INIT(4096);
    make_chunk(&chunk, "zpl-203", 16, 3);
    bitmap_fill(&chunk.plate, 0, 0, 16, 2); /* FFFF, FFFF, 0000 */
    tap_ok(!zpl()->begin(&chunk.setup, &out, NULL) &&
               strstr(buf_text(&out), "~DGR:ABCD1234.GRF,6,2,JF:,\n"),
           "plate: 6 bytes in rows of 2, four Fs, the same, white: ACS is the shorter here");
    tap_ok(!strstr(buf_text(&out), "^FO") && !strstr(buf_text(&out), "^PQ"),
           "begin has no field and prints nothing");

    struct patch patch = {8, 1, {0}};
    if (bitmap_new(8, 2, &patch.bits))
        abort();
    bitmap_set(&patch.bits, 0, 0);        /* 80 */
    bitmap_fill(&patch.bits, 4, 1, 4, 1); /* 0F */
    struct impression impression = {1, 1, 1, &patch, 1};
    buf_reset(&out);
    tap_ok(!zpl()->impression(&chunk.setup, &impression, &out, NULL), "impression");
    tap_is_str(buf_text(&out),
               "^XA^PW16^LL3\n^FO0,0^XGR:ABCD1234.GRF,1,1^FS\n^FO8,1^GFA,2,2,1,8,0F^FS\n"
               "^PQ1,0,0,N^XZ\n",
               "impression: plate recalled, patch drawn onto it, one label");
    buf_reset(&out);
    tap_ok(!zpl()->end(&chunk.setup, &out, NULL), "end");
    tap_is_str(buf_text(&out), "^XA^IDR:ABCD1234.GRF^FS^XZ\n", "end: deletes the plate");
    buf_reset(&out);
    tap_ok(!zpl()->cancel(&chunk.setup, &out, NULL), "cancel");
    tap_is_str(buf_text(&out), "~JA\n", "cancel: ~JA");
    buf_reset(&out);
    tap_ok(!zpl()->query(QUERY_COUNT, &out), "query");
    tap_is_str(buf_text(&out), "! U1 getvar \"odometer.total_label_count\"\r\n", "counter");
    buf_reset(&out);
    tap_ok(!zpl()->query(QUERY_FAULTS, &out), "query");
    tap_is_str(buf_text(&out), "~HQES\r\n", "faults");
    buf_reset(&out);
    tap_ok(!zpl()->query(QUERY_IDENTITY, &out), "query");
    tap_is_str(buf_text(&out), "! U1 getvar \"device.unique_id\"\r\n", "identity");
    buf_reset(&out);

    patch.x_dots = 9;
    tap_is_int(zpl()->impression(&chunk.setup, &impression, &out, NULL), ERR_INPUT,
               "a patch beyond the right edge is refused");
    patch.x_dots = UINT32_MAX;
    tap_is_int(zpl()->impression(&chunk.setup, &impression, &out, NULL), ERR_INPUT,
               "a patch far off is refused");
    memcpy(chunk.setup.plate_id, "AB^XZ123", 9);
    tap_is_int(zpl()->begin(&chunk.setup, &out, NULL), ERR_INPUT,
               "a plate name that is a command is refused");
    bitmap_free(&patch.bits);
    bitmap_free(&chunk.plate);
    make_chunk(&chunk, "zpl-203", 833, 3);
    buf_reset(&out);
    tap_is_int(zpl()->begin(&chunk.setup, &out, NULL), ERR_INPUT,
               "wider than the head: refused");
    buf_free(&out);
    bitmap_free(&chunk.plate);
}

/* 104 bytes a row: 961 rows are 99944 bytes, one more would be over ^GF's 99999. */
static void test_bands(void)
{
    struct chunk chunk;
    struct buf out = BUF_INIT(1 << 20);
    make_chunk(&chunk, "zpl-203", 832, 1000);
    struct patch patch = {0, 0, chunk.plate};
    struct impression impression = {1, 1, 1, &patch, 1};
    tap_ok(!zpl()->impression(&chunk.setup, &impression, &out, NULL) &&
               strstr(buf_text(&out), "^FO0,0^GFA,99944,99944,104,,:") &&
               strstr(buf_text(&out), ":^FS\n^FO0,961^GFA,4056,4056,104,,:"),
           "a patch over 99999 bytes goes in bands");
    buf_reset(&out);
    random_bits(&chunk.plate, 0);
    tap_ok(!zpl()->begin(&chunk.setup, &out, NULL) &&
               strstr(buf_text(&out), "~DGR:ABCD1234.GRF,104000,104,:Z64:"),
           "a noisy plate goes as Z64");
    buf_free(&out);
    bitmap_free(&chunk.plate);
}

/* ---- answers ----------------------------------------------------------------- */

#define HS1(b, c, eee, l) "\002030," b "," c ",1245," eee ",0,0,0,000,0,0," l "\003\r\n"
#define HS2(o, p, t, u)   "\002000,0," o "," p ",0,2,4," t "," u ",1,000\003\r\n"
#define HS3               "\0021234,0\003\r\n"
#define HQES(f, g, h)                                                                          \
    "\002\r\nPRINTER STATUS\r\nERRORS: " f " " g " " h                                         \
    "\r\nWARNINGS: 0 00000000 00000000\r\n\003\r\n"

static const struct answer {
    const char *name, *bytes;
    int events; /* how many; the last is looked at */
    enum event_kind kind;
    uint64_t value;
    uint32_t conditions;
    bool idle;
} answers[] = {
    {"ready", HS1("0", "0", "000", "0") HS2("0", "0", "0", "00000000") HS3, 1, EVENT_STATUS, 0,
     0, true},
    {"paper out", HS1("1", "0", "000", "0") HS2("0", "0", "0", "00000000") HS3, 1, EVENT_STATUS,
     0, 1 << CONDITION_MEDIA_EMPTY, true},
    {"paused, too hot", HS1("0", "1", "000", "1") HS2("0", "0", "0", "00000000") HS3, 1,
     EVENT_STATUS, 0, 1 << CONDITION_PAUSED | 1 << CONDITION_OVER_TEMP, true},
    {"head open, ribbon out", HS1("0", "0", "000", "0") HS2("1", "1", "0", "00000000") HS3, 1,
     EVENT_STATUS, 0, 1 << CONDITION_HEAD_OPEN | 1 << CONDITION_RIBBON_EMPTY, true},
    {"formats wait", HS1("0", "0", "003", "0") HS2("0", "0", "0", "00000000") HS3, 1,
     EVENT_STATUS, 0, 0, false},
    {"a label waits to be taken", HS1("0", "0", "000", "0") HS2("0", "0", "1", "00000000") HS3,
     1, EVENT_STATUS, 0, 0, false},
    {"labels remain", HS1("0", "0", "000", "0") HS2("0", "0", "0", "00000002") HS3, 1,
     EVENT_STATUS, 0, 0, false},
    {"count", "\"123\"", 1, EVENT_COUNT, 123, 0, false},
    {"count with line end", "\"4294967296\"\r\n", 1, EVENT_COUNT, 4294967296u, 0, false},
    {"unknown name", "\"?\"\r\n", 1, EVENT_UNSUPPORTED, 0, 0, false},
    {"unknown name, bare", "?", 1, EVENT_UNSUPPORTED, 0, 0, false},
    {"a serial number", "\"XXRBJ092100178\"\r\n", 1, EVENT_NAME, 0, 0, false},
    {"one of digits alone", "\"184700525\"\r\n", 1, EVENT_COUNT, 184700525, 0, false},
    {"no faults", HQES("0", "00000000", "00000000"), 1, EVENT_FAULTS, 0, 0, false},
    {"faults: media out, head open", HQES("1", "00000000", "00000005"), 1, EVENT_FAULTS, 0,
     1 << CONDITION_MEDIA_EMPTY | 1 << CONDITION_HEAD_OPEN, false},
    {"faults: ribbon out, paused", HQES("1", "00000000", "00010002"), 1, EVENT_FAULTS, 0,
     1 << CONDITION_RIBBON_EMPTY | 1 << CONDITION_PAUSED, false},
    {"faults: cutter", HQES("1", "00000000", "00000008"), 1, EVENT_FAULTS, 0,
     1 << CONDITION_CUTTER, false},
    {"faults: head and motor hot", HQES("1", "00000000", "00000030"), 1, EVENT_FAULTS, 0,
     1 << CONDITION_OVER_TEMP, false},
    {"faults: jam", HQES("1", "00000000", "00001000"), 1, EVENT_FAULTS, 0, 1 << CONDITION_JAM,
     false},
    {"faults: feed", HQES("1", "00000000", "00004000"), 1, EVENT_FAULTS, 0, 1 << CONDITION_JAM,
     false},
    {"faults: a bad element has no row", HQES("1", "00000000", "00000040"), 1, EVENT_FAULTS, 0,
     1 << CONDITION_OTHER, false},
    {"faults: the other group", HQES("1", "00000001", "00000000"), 1, EVENT_FAULTS, 0,
     1 << CONDITION_OTHER, false},
    {"faults: said and not named", HQES("1", "00000000", "00000000"), 1, EVENT_FAULTS, 0,
     1 << CONDITION_OTHER, false},
    {"faults with the blanks of another firmware",
     "\002\r\n  PRINTER STATUS                       \r\n  ERRORS:         1 00000000 00000004 "
     "\r\n  WARNINGS:       1 00000000 00000002 \r\n\003\r\n",
     1, EVENT_FAULTS, 0, 1 << CONDITION_HEAD_OPEN, false},
    {"faults cut short are none", "\002\r\nPRINTER STATUS\r\nERRORS: 1 000\003\"7\"", 1,
     EVENT_COUNT, 7, 0, false},
    {"faults in the middle of a status",
     HS1("0", "0", "000", "0") HQES("1", "00000000", "00000004") HS2("0", "0", "0", "00000000")
         HS3,
     2, EVENT_STATUS, 0, 0, true},
    {"count after status", HS1("0", "0", "000", "0") HS2("0", "0", "0", "00000000") HS3 "\"7\"",
     2, EVENT_COUNT, 7, 0, false},
    {"noise, then a count", "hello world\" \002\003\"12\n\"9\"\"8\"", 2, EVENT_COUNT, 8, 0,
     false},
    {"first line lost", HS2("0", "0", "0", "00000000") HS3 "\"1\"", 1, EVENT_COUNT, 1, 0,
     false},
    {"second line lost", HS1("0", "0", "000", "0") HS3 "\"1\"", 1, EVENT_COUNT, 1, 0, false},
    {"a line cut by the next answer",
     "\002030,0,0,12" HS1("0", "0", "000", "0") HS2("0", "0", "0", "00000000") HS3, 1,
     EVENT_STATUS, 0, 0, true},
    {"too long for a count: a text", "\"1234567890123456789\"", 1, EVENT_NAME, 0, 0, false},
    {"too long for anything",
     "\"12345678901234567890123456789012345678901234567890123456789012345678901\"", 0, 0, 0, 0,
     false},
    {"empty quotes", "\"\"", 0, 0, 0, 0, false},
};

/* Feeds `bytes` in pieces of `piece`, as a reader does that keeps what was not taken. */
static int parse_all(const char *bytes, size_t len, size_t piece, struct device_event *last)
{
    struct parse_state state = {0};
    uint8_t kept[4096];
    size_t kept_len = 0;
    int events = 0;
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        memcpy(kept + kept_len, bytes + at, n);
        kept_len += n;
        for (;;) {
            bool have = false;
            size_t used = zpl_parse(&state, kept, kept_len, last, &have);
            if (used > kept_len)
                return -1;
            memmove(kept, kept + used, kept_len - used);
            kept_len -= used;
            events += have;
            if (used == 0)
                break;
        }
        if (kept_len > ZPL_ANSWER_MAX)
            return -2;
    }
    return events;
}

static void test_answers(void)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct answer *a = &answers[i];
        size_t len = strlen(a->bytes);
        bool ok = true;
        for (size_t piece = 1; piece <= len; piece++) {
            struct device_event e = {.kind = EVENT_STATUS};
            int events = parse_all(a->bytes, len, piece, &e);
            ok = ok && events == a->events;
            if (a->events)
                ok = ok && e.kind == a->kind && e.value == a->value &&
                     e.conditions == a->conditions && e.idle == a->idle;
        }
        tap_ok(ok, "answer, in pieces of every size: %s", a->name);
    }
}

/* Marks: the same text the same, another text another. */
static void test_marks(void)
{
    struct device_event a = {0}, b = {0}, c = {0};
    parse_all("\"SN1\"", 5, 5, &a);
    parse_all("\"SN1\"", 5, 1, &b);
    parse_all("\"SN2\"", 5, 5, &c);
    tap_ok(a.mark != 0 && a.mark == b.mark && a.mark != c.mark, "marks tell serial numbers");
}

static void test_garbage(void)
{
    static const char alphabet[] = "\002\003\"?0123456789,,,\r\nAz ERRORS:";
    bool ok = true;
    for (int i = 0; i < 3000; i++) {
        char bytes[600];
        struct device_event e;
        for (size_t j = 0; j < sizeof bytes; j++)
            bytes[j] =
                i % 2 ? alphabet[next_random() % (sizeof alphabet - 1)] : (char)next_random();
        ok = ok && parse_all(bytes, sizeof bytes, 1 + next_random() % 64, &e) >= 0;
    }
    tap_ok(ok, "garbage: never past the end, never waits for more than %d bytes",
           ZPL_ANSWER_MAX);
}

/* ---- models, names, png ------------------------------------------------------ */

static void test_models(void)
{
    static const struct {
        const char *name;
        uint32_t dots_per_m;
        enum evidence evidence;
    } rows[] = {{"zpl-203", 8000, EVIDENCE_COUNTER},     {"zpl-300", 11811, EVIDENCE_COUNTER},
                {"zpl-300-12", 12000, EVIDENCE_COUNTER}, {"zpl-600", 23622, EVIDENCE_COUNTER},
                {"png-203", 8000, EVIDENCE_NONE},        {"png-300", 11811, EVIDENCE_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct model *model = model_find(rows[i].name);
        tap_ok(model && model == model_at(i) && model->dots_per_m == rows[i].dots_per_m &&
                   model->evidence == rows[i].evidence,
               "model %s", rows[i].name);
    }
    tap_ok(!model_at(sizeof rows / sizeof rows[0]) && !model_find("zpl"), "no other model");
    bool distinct = true;
    for (size_t i = 0; i < CONDITION_COUNT; i++)
        for (size_t j = 0; j < i; j++)
            distinct = distinct && strcmp(condition_keyword((enum condition)i),
                                          condition_keyword((enum condition)j)) != 0;
    tap_ok(distinct, "each condition has a keyword of its own");
}

static void test_plate_name(void)
{
    struct bitmap a, b, c;
    char name_a[PLATE_ID_SIZE], name_b[PLATE_ID_SIZE], name_c[PLATE_ID_SIZE];
    if (bitmap_new(8, 2, &a) || bitmap_new(16, 1, &b) || bitmap_new(8, 2, &c))
        abort();
    bitmap_set(&c, 7, 1);
    plate_name(&a, name_a);
    plate_name(&b, name_b);
    plate_name(&c, name_c);
    tap_ok(strlen(name_a) == 8 && strspn(name_a, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 8,
           "a plate's name is 8 of A-Z and 0-9");
    tap_ok(strcmp(name_a, name_b) != 0, "same bytes, other size: other name");
    tap_ok(strcmp(name_a, name_c) != 0, "one dot: other name");
    bitmap_free(&a);
    bitmap_free(&b);
    bitmap_free(&c);
}

static void test_png(void)
{
    struct chunk chunk;
    struct buf out = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);
    make_chunk(&chunk, "png-300", 131, 17);
    random_bits(&chunk.plate, 1);
    struct patch patch = {100, 3, {0}};
    if (bitmap_new(20, 9, &patch.bits))
        abort();
    random_bits(&patch.bits, 0);
    struct impression impression = {1, 1, 1, &patch, 1};
    const struct driver *driver = chunk.setup.model->driver;
    tap_ok(!driver->begin(&chunk.setup, &out, NULL) && out.len == 0, "png: begin says nothing");
    tap_ok(!driver->impression(&chunk.setup, &impression, &out, NULL) &&
               !driver->impression(&chunk.setup, &impression, &again, NULL) &&
               out.len == again.len && memcmp(out.bytes, again.bytes, out.len) == 0,
           "png: the same bytes twice");
    png_image image = {.version = PNG_IMAGE_VERSION};
    uint8_t grey[131 * 17];
    bool ok = png_image_begin_read_from_memory(&image, out.bytes, out.len) != 0;
    image.format = PNG_FORMAT_GRAY;
    ok = ok && image.width == 131 && image.height == 17 &&
         png_image_finish_read(&image, NULL, grey, 0, NULL) != 0;
    for (uint32_t y = 0; ok && y < 17; y++) {
        for (uint32_t x = 0; x < 131; x++) {
            bool inside = x >= 100 && x < 120 && y >= 3 && y < 12;
            bool black = bitmap_get(&chunk.plate, x, y) ||
                         (inside && bitmap_get(&patch.bits, x - 100, y - 3));
            ok = ok && grey[y * 131 + x] == (black ? 0 : 255);
        }
    }
    tap_ok(ok, "png: plate and patch, dot for dot, read by libpng");
    static const uint8_t phys[] = {'p', 'H', 'Y', 's', 0, 0, 0x2E, 0x23, 0, 0, 0x2E, 0x23, 1};
    tap_ok(memmem(out.bytes, out.len, phys, sizeof phys) != NULL, "png: 11811 dots a metre");
    png_image_free(&image);
    bitmap_free(&patch.bits);
    bitmap_free(&chunk.plate);
    buf_free(&out);
    buf_free(&again);
}

int main(void)
{
    test_crc();
    test_base64();
    test_acs();
    test_round_trips();
    test_settings();
    test_commands();
    test_bands();
    test_answers();
    test_marks();
    test_garbage();
    test_models();
    test_plate_name();
    test_png();
    return tap_done();
}
