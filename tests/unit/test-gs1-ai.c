/* SPDX-License-Identifier: Apache-2.0 */
/* Values and company of Application Identifiers. Numbers with check digits are GS1's own
 * examples; formats are compared with the GS1 Barcode Syntax Dictionary where it is at hand. */
#include "spooler/base/buf.h"
#include "spooler/base/durable.h"
#include "templates/gs1-ai.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

static const struct {
    const char *name, *ai, *value;
    bool good;
} values[] = {
    {"SSCC", "00", "123456789012345675", true},
    {"SSCC, wrong digit", "00", "123456789012345674", false},
    {"GTIN-14", "01", "12345678901231", true},
    {"GTIN-14 of the facts", "01", "09520123456788", true},
    {"GTIN-14, wrong digit", "01", "09520123456789", false},
    {"GTIN-13 is not padded here", "01", "1234567890128", false},
    {"GTIN-14 with a letter", "01", "1234567890123A", false},
    {"GLN", "414", "1234567890128", true},
    {"GMN", "8013", "1987654Ad4X4bL5ttr2310c2K", true},
    {"GMN of digits", "8013", "12345678901234567890123NT", true},
    {"GMN, wrong pair", "8013", "1987654Ad4X4bL5ttr2310c2L", false},
    {"GMN, wrong character", "8013", "1987654Ad4X4bL5ttr2310d2K", false},
    {"lot", "10", "L123", true},
    {"lot of 20", "10", "12345678901234567890", true},
    {"lot of 21", "10", "123456789012345678901", false},
    {"empty lot", "10", "", false},
    {"serial with a blank", "21", "ABC DEF", false},
    {"all special characters of set 82", "21", "_>%&\"<'+/!()*,-.:;=?", true},
    {"another AI in parentheses is a value", "10", "L1(21)FAKE", true},
    {"square bracket", "10", "L1[21]FAKE", false},
    {"hash is in set 39 only", "10", "L#1", false},
    {"hash in a CPID", "8010", "4012345A#1", true},
    {"small letter in a CPID", "8010", "4012345a", false},
    {"group separator", "10",
     "L1\x1d"
     "21X",
     false},
    {"Vietnamese letter", "10", "L\xC4\x91", false},
    {"expiry", "17", "280301", true},
    {"expiry, day 00", "17", "280300", true},
    {"expiry, month 13", "17", "281301", false},
    {"expiry, month 00", "17", "280001", false},
    {"expiry, day 00 of month 13", "17", "281300", false},
    {"30 February", "11", "260230", false},
    {"29 February of a leap year", "11", "280229", true},
    {"29 February of 2000", "11", "000229", true},
    {"29 February of no leap year", "11", "270229", false},
    {"harvest date has no day 00", "7007", "280300", false},
    {"harvest dates", "7007", "280301280302", true},
    {"expiry and time", "7003", "2803012359", true},
    {"hour 24", "7003", "2803012400", false},
    {"weight", "3103", "001250", true},
    {"weight, too short", "3103", "1250", false},
    {"count", "37", "24", true},
    {"count of 9 digits", "37", "123456789", false},
    /* BWIPP's example: company 0614141, offer 654321, save 500, buy 1, expires 10-12-31 */
    {"coupon", "8110", "106141416543213500110000310123196000", true},
    {"coupon without more", "8110", "106141416543213500110000", true},
    {"coupon, cut", "8110", "10614141654321350011000", false},
    {"coupon, expires on 31 February", "8110", "106141416543213500110000310023196000", false},
    {"coupon, begins after it ends", "8110", "1061414165432135001100003101231410123", false},
    {"coupon, begins before it ends", "8110",
     "10614141654321350011000031012314101019"
     "96000",
     true},
    {"coupon, parts out of order", "8110", "10614141654321350011000041012013101231", false},
    {"coupon, serial of 15 digits", "8110", "10614141654321350011000059012345678901234", true},
    {"coupon, second purchase of any company", "8110",
     "1061414165432135001100001"
     "011000"
     "0"
     "9",
     true},
    {"coupon, company of 13 digits", "8110", "706141416543213500110000", false},
    {"coupon, multiplied twice", "8110", "106141416543213500110000310123196002", false},
    {"coupon with a letter", "8110", "10614141654321350011000A", false},
    {"positive offer", "8112", "001234560000210001234", true},
    {"positive offer, more behind", "8112", "0012345600002100012345", false},
    {"positive offer, format 2", "8112", "201234560000210001234", false},
    /* ISO 13616's own examples */
    {"IBAN", "8007", "GB29NWBK60161331926819", true},
    {"IBAN of another country", "8007", "DE89370400440532013000", true},
    {"IBAN, two digits swapped", "8007", "GB29NWBK60161331926891", false},
    {"IBAN in small letters", "8007", "gb29NWBK60161331926819", false},
    {"UIC", "7040", "1ABC", true},
    {"UIC, importer's index", "7040", "1AB_", true},
    {"UIC, no such index", "7040", "1AB%", false},
    {"GRAI", "8003", "01234567890128AB", true},
    {"GRAI without serial", "8003", "01234567890128", true},
    {"GRAI, first digit 1", "8003", "11234567890128", false},
    {"GDTI with serial", "253", "1234567890128ABC", true},
    {"countries", "423", "704840", true},
    {"half a country", "423", "70484", false},
    {"piece 1 of 2", "8006", "123456789012310102", true},
    {"piece 3 of 2", "8006", "123456789012310302", false},
    {"percent-encoded", "4300", "A%20B", true},
    {"half percent-encoded", "4300", "A%2", false},
    {"internal, 90 characters", "99",
     "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
     "0",
     true},
};

static void test_values(void)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const struct gs1_ai *ai = gs1_ai_find(values[i].ai, strlen(values[i].ai));
        struct why why = {""};
        enum err err =
            ai ? gs1_ai_check(ai, values[i].ai, values[i].value, strlen(values[i].value), &why)
               : ERR_NOT_FOUND;
        tap_is_int(err, values[i].good ? ERR_NONE : ERR_INPUT, "%s", values[i].name);
        tap_ok(values[i].good == !why.text[0], "%s: says why: %s", values[i].name, why.text);
    }
}

static void test_position(void)
{
    struct why why = {""};
    gs1_ai_check(gs1_ai_find("10", 2), "10", "L1[2", 4, &why);
    tap_ok(strstr(why.text, "\"[\" at position 3"), "names character and position");
    gs1_ai_check(gs1_ai_find("10", 2), "10", "L\xC4\x91", 3, &why);
    tap_ok(strstr(why.text, "\"\xC4\x91\" at position 2"), "a whole character, not half of it");
}

static void test_find(void)
{
    static const struct {
        const char *digits;
        bool known;
    } rows[] = {{"01", true},   {"3105", true}, {"3106", false}, {"91", true},   {"99", true},
                {"05", false},  {"1", false},   {"", false},     {"001", false}, {"8112", true},
                {"8110", true}, {"8111", true}, {"31000", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tap_ok(!gs1_ai_find(rows[i].digits, strlen(rows[i].digits)) == !rows[i].known,
               "AI \"%s\"", rows[i].digits);
}

/* `ai` stands with `with`. */
static const struct {
    const char *ai, *with[4], *missing, *excluded;
} pairs[] = {
    {"21", {"01"}, NULL, NULL},
    {"21", {"8006"}, NULL, NULL},
    {"21", {"00"}, "01,03,8006", NULL},
    {"21", {"01", "235"}, NULL, "235"},
    {"10", {"02"}, NULL, NULL},
    {"17", {"255"}, NULL, NULL},
    {"10", {"255"}, "01,02,03,8006,8026", NULL},
    {"37", {"00", "02"}, NULL, NULL},
    {"37", {"02"}, "00", NULL},
    {"37", {"00"}, "02,8026", NULL},
    {"02", {"37"}, NULL, NULL},
    {"02", {"01", "37"}, NULL, "01"},
    {"250", {"01"}, "21", NULL},
    {"250", {"01", "21"}, NULL, NULL},
    {"7004", {"01"}, "01+10", NULL},
    {"7004", {"01", "10"}, NULL, NULL},
    {"3103", {"01", "3103"}, NULL, NULL},
    {"3103", {"01", "3102"}, NULL, "3102"},
    {"00", {NULL}, NULL, NULL},
};

static void test_pairs(void)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct gs1_ai *ai = gs1_ai_find(pairs[i].ai, strlen(pairs[i].ai));
        const char *all[5] = {pairs[i].ai};
        size_t count = 1;
        for (size_t k = 0; k < 4 && pairs[i].with[k]; k++)
            all[count++] = pairs[i].with[k];
        char missing[GS1_LIST_SIZE] = "";
        bool needs = gs1_ai_needs(ai, all, count, missing);
        tap_is_str(needs ? NULL : missing, pairs[i].missing, "row %zu: (%s) needs", i + 1,
                   pairs[i].ai);
        tap_is_str(gs1_ai_excluded(ai, pairs[i].ai, all, count), pairs[i].excluded,
                   "row %zu: (%s) excludes", i + 1, pairs[i].ai);
    }
}

/* Tests that are left out, as templates/gs1-ai.c says: lists and lengths that change. */
static bool is_left_out(const char *test, size_t len)
{
    static const char *const names[] = {"gcppos1", "gcppos2",   "iso3166",    "iso3166999",
                                        "iso4217", "mediatype", "packagetype"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == len && memcmp(names[i], test, len) == 0)
            return true;
    return false;
}

/* "N13,csum,gcppos1": as our table has it. */
static void add_component(struct buf *text, const char *word)
{
    size_t len = strcspn(word, ",");
    buf_printf(text, " %.*s", (int)len, word);
    for (const char *at = word + len; *at == ',';) {
        size_t test = strcspn(++at, ",");
        if (!is_left_out(at, test))
            buf_printf(text, ",%.*s", (int)test, at);
        at += test;
    }
}

/* A line of the dictionary, or the row of our table, in one form: first-last, flags,
 * components, req, ex, dlpkey. */
static void add_line(struct buf *text, const char *line)
{
    char word[256];
    int used = 0;
    struct buf needs = BUF_INIT(256), excludes = BUF_INIT(256), key = BUF_INIT(256);
    struct buf format = BUF_INIT(256);
    bool fixed = false, attribute = false;
    for (const char *at = line; sscanf(at, " %255s%n", word, &used) == 1; at += used) {
        if (word[0] == '#')
            break;
        if (strncmp(word, "req=", 4) == 0)
            buf_printf(&needs, "%s%s", needs.len ? ";" : "", word + 4);
        else if (strncmp(word, "ex=", 3) == 0)
            buf_printf(&excludes, "%s%s", excludes.len ? "," : "", word + 3);
        else if (strncmp(word, "dlpkey", 6) == 0)
            buf_printf(&key, " key=%s", word[6] ? word + 7 : "");
        else if (strspn(word, "*?") == strlen(word)) {
            fixed = strchr(word, '*');
            attribute = strchr(word, '?');
        } else
            add_component(&format, word);
    }
    buf_printf(text, "%s %s%s req=%s ex=%s%s", buf_text(&format), fixed ? "*" : "",
               attribute ? "?" : "", buf_text(&needs), buf_text(&excludes), buf_text(&key));
    buf_free(&format);
    buf_free(&needs);
    buf_free(&excludes);
    buf_free(&key);
}

static void add_row(struct buf *text, const struct gs1_ai *row)
{
    buf_printf(text, " %s %s%s req=%s ex=%s", row->format, row->fixed ? "*" : "",
               row->attribute ? "?" : "", row->needs ? row->needs : "",
               row->excludes ? row->excludes : "");
    if (row->qualifiers)
        buf_printf(text, " key=%s", row->qualifiers);
}

/* One line of the dictionary, AI or range first. False when our table differs. */
static bool line_agrees(const char *line)
{
    char ai[16] = "";
    int used = 0;
    if (sscanf(line, "%15[0-9-]%n", ai, &used) != 1)
        return true;
    char *dash = strchr(ai, '-');
    size_t len = dash ? (size_t)(dash - ai) : strlen(ai);
    const struct gs1_ai *row = gs1_ai_find(ai, len);
    if (!row || strncmp(row->first, ai, len) != 0 ||
        strcmp(row->last, dash ? dash + 1 : ai) != 0) {
        printf("# %s is not in our table\n", ai);
        return false;
    }
    struct buf theirs = BUF_INIT(1024), ours = BUF_INIT(1024);
    add_line(&theirs, line + used);
    add_row(&ours, row);
    bool same = strcmp(buf_text(&theirs), buf_text(&ours)) == 0;
    if (!same)
        printf("# %s: theirs%s, ours%s\n", ai, buf_text(&theirs), buf_text(&ours));
    buf_free(&theirs);
    buf_free(&ours);
    return same;
}

static void test_dictionary(void)
{
    char path[4096];
    const char *shared = getenv("TEM_SHARED"), *srcdir = getenv("srcdir");
    if (shared)
        snprintf(path, sizeof path, "%s/data/gs1/gs1-syntax-dictionary.txt", shared);
    else
        snprintf(path, sizeof path, "%s/../shared/data/gs1/gs1-syntax-dictionary.txt",
                 srcdir ? srcdir : ".");
    struct buf text = BUF_INIT(1024 * 1024);
    if (file_read(path, 1024 * 1024, &text, NULL) != ERR_NONE) {
        tap_skip("the GS1 syntax dictionary is not there: %s", path);
        buf_free(&text);
        return;
    }
    buf_add_byte(&text, 0);
    size_t rows = 0, wrong = 0;
    for (char *line = (char *)text.bytes, *end; line && *line; line = end ? end + 1 : NULL) {
        end = strchr(line, '\n');
        if (end)
            *end = 0;
        rows += line[0] >= '0' && line[0] <= '9';
        wrong += !line_agrees(line);
    }
    tap_ok(rows > 200, "the dictionary has rows: %zu", rows);
    tap_is_int((long long)wrong, 0, "rows that differ from ours");
    buf_free(&text);
}

int main(void)
{
    test_values();
    test_position();
    test_find();
    test_pairs();
    test_dictionary();
    return tap_done();
}
