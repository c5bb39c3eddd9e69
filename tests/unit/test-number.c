/* SPDX-License-Identifier: Apache-2.0 */
/* test-number.c: formats, check digits, printing, parsing and what counts as disjoint. Random
 * numbers come from the independent FF1 program of test-ff1.c; check digits from GS1's
 * examples. */
#include "spooler/registry/number.h"
#include "tests/unit/tap.h"

#include <inttypes.h>

#define A32    NUMBER_ALPHABET_DEFAULT
#define DIGITS "0123456789"
#define CSET82                                                                                 \
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

static const uint8_t key[NUMBER_KEY_BYTES] = {0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6,
                                              0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C,
                                              0xEF, 0x43, 0x59, 0xD8, 0xD5, 0x80, 0xAA, 0x4F,
                                              0x7F, 0x03, 0x6D, 0x6F, 0x04, 0xFC, 0x6A, 0x94};

static void test_check_digit(void)
{
    static const struct {
        const char *name, *in;
        int want;
    } cases[] = {
        {"GTIN-8", "0234567", '3'},
        {"GTIN-12", "41600033610", '8'},
        {"GTIN-13", "123456789012", '8'},
        {"GTIN-13 of the book", "629104150021", '3'},
        {"GTIN-14", "1234567890123", '1'},
        {"SSCC", "12345678901234567", '5'},
        {"letters are refused", "62910415A021", 0},
        {"a sign is refused", "-29104150021", 0},
        {"empty is refused", "", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tap_is_int(gs1_check_digit(cases[i].in, strlen(cases[i].in)), cases[i].want, "%s",
                   cases[i].name);
}

static void test_format(void)
{
    static const struct {
        const char *name;
        struct number_format format;
        const char *says; /* NULL: fits */
    } cases[] = {
        {"default", {NUMBER_RANDOM, A32, 8, "", CHECK_NONE}, NULL},
        {"all of CSET 82", {NUMBER_RANDOM, CSET82, 18, "", CHECK_NONE}, NULL},
        {"half beyond 2^63", {NUMBER_RANDOM, CSET82, 19, "", CHECK_NONE}, "2^63"},
        {"half beyond 2^63, 32", {NUMBER_RANDOM, A32, 25, "", CHECK_NONE}, "2^63"},
        {"half within 2^63, 32", {NUMBER_RANDOM, A32, 24, "", CHECK_NONE}, NULL},
        {"sequential has no halves", {NUMBER_SEQUENTIAL, A32, 30, "", CHECK_NONE}, NULL},
        {"domain of a million", {NUMBER_RANDOM, DIGITS, 6, "", CHECK_NONE}, NULL},
        {"domain too small", {NUMBER_RANDOM, DIGITS, 5, "", CHECK_NONE}, "SP 800-38G"},
        {"domain too small, 32^3", {NUMBER_RANDOM, A32, 3, "", CHECK_NONE}, "SP 800-38G"},
        {"sequential may be small", {NUMBER_SEQUENTIAL, DIGITS, 1, "", CHECK_NONE}, NULL},
        {"length 0", {NUMBER_SEQUENTIAL, DIGITS, 0, "", CHECK_NONE}, "length 0"},
        {"length 31", {NUMBER_SEQUENTIAL, DIGITS, 31, "", CHECK_NONE}, "length 31"},
        {"alphabet empty", {NUMBER_SEQUENTIAL, "", 8, "", CHECK_NONE}, "alphabet"},
        {"alphabet of one", {NUMBER_SEQUENTIAL, "A", 8, "", CHECK_NONE}, "alphabet"},
        {"alphabet doubled",
         {NUMBER_SEQUENTIAL, "ABCA", 8, "", CHECK_NONE},
         "'A' is in it twice"},
        {"alphabet with blank", {NUMBER_SEQUENTIAL, "A B", 8, "", CHECK_NONE}, "' '"},
        {"alphabet with #", {NUMBER_SEQUENTIAL, "AB#", 8, "", CHECK_NONE}, "'#'"},
        {"alphabet with a UTF-8 letter",
         {NUMBER_SEQUENTIAL, "AB\xC4\x90", 8, "", CHECK_NONE},
         "byte 0xC4"},
        {"prefix with ^", {NUMBER_SEQUENTIAL, DIGITS, 8, "A^", CHECK_NONE}, "prefix"},
        {"prefix with line end",
         {NUMBER_SEQUENTIAL, DIGITS, 8, "A\n", CHECK_NONE},
         "byte 0x0A"},
        {"check digit", {NUMBER_SEQUENTIAL, DIGITS, 9, "1952012", CHECK_GS1}, NULL},
        {"check digit, alphabet",
         {NUMBER_SEQUENTIAL, "0123A", 9, "1", CHECK_GS1},
         "check: gs1"},
        {"check digit, prefix", {NUMBER_SEQUENTIAL, DIGITS, 9, "1A", CHECK_GS1}, "check: gs1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct why why = {""};
        enum err err = number_format_check(&cases[i].format, &why);
        tap_is_int(err, cases[i].says ? ERR_INPUT : ERR_NONE, "format: %s", cases[i].name);
        if (cases[i].says && !tap_ok(strstr(why.text, cases[i].says) != NULL,
                                     "format: %s: says %s", cases[i].name, cases[i].says))
            printf("# %s\n", why.text);
    }
    struct number_format unended = {NUMBER_SEQUENTIAL, DIGITS, 8, "", CHECK_NONE};
    memset(unended.prefix, 'A', sizeof unended.prefix);
    tap_is_int(number_format_check(&unended, NULL), ERR_INPUT, "format: prefix without end");
}

static void test_domain(void)
{
    static const struct {
        struct number_format format;
        uint64_t domain;
        size_t length;
    } cases[] = {
        {{NUMBER_RANDOM, A32, 8, "", CHECK_NONE}, 1099511627776, 8},
        {{NUMBER_RANDOM, A32, 12, "P", CHECK_NONE}, UINT64_C(1) << 60, 13},
        {{NUMBER_RANDOM, A32, 13, "", CHECK_NONE}, INT64_MAX, 13},
        {{NUMBER_SEQUENTIAL, DIGITS, 18, "", CHECK_NONE}, UINT64_C(1000000000000000000), 18},
        {{NUMBER_SEQUENTIAL, DIGITS, 19, "", CHECK_NONE}, INT64_MAX, 19},
        {{NUMBER_SEQUENTIAL, "01", 30, "AB", CHECK_NONE}, 1073741824, 32},
        {{NUMBER_SEQUENTIAL, DIGITS, 9, "1952012", CHECK_GS1}, 1000000000, 17},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tap_is_int((long long)number_domain(&cases[i].format), (long long)cases[i].domain,
                   "domain of row %zu", i);
        tap_is_int((long long)number_length(&cases[i].format), (long long)cases[i].length,
                   "length of row %zu", i);
    }
}

static void test_print(void)
{
    static const struct {
        const char *name;
        struct number_format format;
        const char *tweak;
        size_t tweak_len;
        uint64_t counter;
        const char *want; /* NULL: refused */
    } cases[] = {
#define PACK88                                                                                 \
    "\4pack\4\0\0\0\1\16"                                                                      \
    "09520123456788",                                                                          \
        25
        {"first", {NUMBER_RANDOM, A32, 8, "", CHECK_NONE}, PACK88, 0, "VHHMHZYV"},
        {"second", {NUMBER_RANDOM, A32, 8, "", CHECK_NONE}, PACK88, 1, "B9ZL5ZHD"},
        {"far", {NUMBER_RANDOM, A32, 8, "", CHECK_NONE}, PACK88, 109951162, "5LM6QUQW"},
        {"other scope",
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         "\4pack\4\0\0\0\1\16"
         "09520123456795",
         25,
         0,
         "2QV5YYAB"},
        {"other generation",
         {NUMBER_RANDOM, A32, 9, "", CHECK_NONE},
         "\4pack\4\0\0\0\2\16"
         "09520123456788",
         25,
         0,
         "3UZCBUH38"},
        {"prefix",
         {NUMBER_RANDOM, A32, 10, "V-", CHECK_NONE},
         "\4pack\4\0\0\0\1\0",
         11,
         12345,
         "V-MWUQK9Q3XV"},
        {"check digit",
         {NUMBER_RANDOM, DIGITS, 9, "1952012", CHECK_GS1},
         "\4sscc\4\0\0\0\1\0",
         11,
         77,
         "19520124503971801"},
        {"random beyond the domain",
         {NUMBER_RANDOM, DIGITS, 6, "", CHECK_NONE},
         "",
         0,
         1000000,
         NULL},
        {"sequential 0", {NUMBER_SEQUENTIAL, DIGITS, 6, "", CHECK_NONE}, "", 0, 0, "000000"},
        {"sequential", {NUMBER_SEQUENTIAL, DIGITS, 6, "A", CHECK_NONE}, "", 0, 4711, "A004711"},
        {"sequential, last",
         {NUMBER_SEQUENTIAL, DIGITS, 6, "", CHECK_NONE},
         "",
         0,
         999999,
         "999999"},
        {"sequential beyond",
         {NUMBER_SEQUENTIAL, DIGITS, 6, "", CHECK_NONE},
         "",
         0,
         1000000,
         NULL},
        {"sequential, letters",
         {NUMBER_SEQUENTIAL, "ABC", 4, "x", CHECK_NONE},
         "",
         0,
         5,
         "xAABC"},
        {"sequential, GTIN-13",
         {NUMBER_SEQUENTIAL, DIGITS, 2, "6291041500", CHECK_GS1},
         "",
         0,
         21,
         "6291041500213"},
        {"sequential, SSCC",
         {NUMBER_SEQUENTIAL, DIGITS, 10, "1234567", CHECK_GS1},
         "",
         0,
         8901234567,
         "123456789012345675"},
        {"sequential, 2^63 - 2",
         {NUMBER_SEQUENTIAL, DIGITS, 30, "", CHECK_NONE},
         "",
         0,
         INT64_MAX - 1,
         "000000000009223372036854775806"},
        {"sequential, 2^63 - 1",
         {NUMBER_SEQUENTIAL, DIGITS, 30, "", CHECK_NONE},
         "",
         0,
         INT64_MAX,
         NULL},
        {"sequential, 2^64 - 1",
         {NUMBER_SEQUENTIAL, DIGITS, 30, "", CHECK_NONE},
         "",
         0,
         UINT64_MAX,
         NULL},
        {"longest",
         {NUMBER_SEQUENTIAL, DIGITS, 30, "1111111111111111111111111111111", CHECK_GS1},
         "",
         0,
         7,
         "11111111111111111111111111111110000000000000000000000000000076"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char got[NUMBER_MAX] = "";
        uint64_t counter = 0;
        const uint8_t *with = cases[i].format.kind == NUMBER_RANDOM ? key : NULL;
        enum err err = number_print(&cases[i].format, with, cases[i].tweak, cases[i].tweak_len,
                                    cases[i].counter, got, NULL);
        tap_is_int(err, cases[i].want ? ERR_NONE : ERR_INPUT, "print: %s", cases[i].name);
        tap_is_str(got, cases[i].want ? cases[i].want : "", "print: %s", cases[i].name);
        if (!cases[i].want)
            continue;
        err = number_parse(&cases[i].format, with, cases[i].tweak, cases[i].tweak_len,
                           cases[i].want, &counter, NULL);
        tap_ok(err == ERR_NONE && counter == cases[i].counter,
               "parse: %s: %" PRIu64 " comes back", cases[i].name, counter);
    }
}

static void test_parse_refuses(void)
{
    static const struct number_format serial = {NUMBER_RANDOM, A32, 8, "V", CHECK_NONE};
    static const struct number_format gtin = {NUMBER_SEQUENTIAL, DIGITS, 2, "6291041500",
                                              CHECK_GS1};
    static const struct number_format wide = {NUMBER_SEQUENTIAL, DIGITS, 20, "", CHECK_NONE};
    static const struct {
        const char *name;
        const struct number_format *format;
        const char *in, *says;
    } cases[] = {
        {"empty", &serial, "", "long"},
        {"too short", &serial, "V2345678", "long"},
        {"too long", &serial, "V234567899", "long"},
        {"much too long", &serial,
         "V2345678923456789234567892345678923456789234567892345678923456789234567892345678",
         "long"},
        {"other prefix", &serial, "W23456789", "begin"},
        {"confusable character", &serial, "V2345678I", "character 9"},
        {"lower case", &serial, "V2345678a", "character 9"},
        {"check digit", &gtin, "6291041500214", "check digit"},
        {"check digit is a letter", &gtin, "629104150021A", "check digit"},
        {"2^63 - 1", &wide, "09223372036854775807", "beyond"},
        {"2^64", &wide, "18446744073709551616", "beyond"},
        {"all nines", &wide, "99999999999999999999", "beyond"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct why why = {""};
        uint64_t counter = 42;
        const uint8_t *with = cases[i].format->kind == NUMBER_RANDOM ? key : NULL;
        enum err err = number_parse(cases[i].format, with, "", 0, cases[i].in, &counter, &why);
        tap_is_int(err, ERR_INPUT, "parse: %s is refused", cases[i].name);
        if (!tap_ok(strstr(why.text, cases[i].says) != NULL, "parse: %s: says %s",
                    cases[i].name, cases[i].says))
            printf("# %s\n", why.text);
        tap_is_int((long long)counter, 42, "parse: %s: counter untouched", cases[i].name);
    }
}

static void test_disjoint(void)
{
    static const struct {
        const char *name;
        struct number_format a, b;
        bool want;
    } cases[] = {
        {"itself",
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         false},
        {"other length",
         {NUMBER_RANDOM, A32, 8, "", CHECK_NONE},
         {NUMBER_RANDOM, A32, 9, "", CHECK_NONE},
         true},
        {"A + 8, A2 + 7",
         {NUMBER_RANDOM, A32, 8, "A", CHECK_NONE},
         {NUMBER_RANDOM, A32, 7, "A2", CHECK_NONE},
         false},
        {"A + 8, B + 8",
         {NUMBER_RANDOM, A32, 8, "A", CHECK_NONE},
         {NUMBER_RANDOM, A32, 8, "B", CHECK_NONE},
         true},
        {"A + 8, B2 + 7",
         {NUMBER_RANDOM, A32, 8, "A", CHECK_NONE},
         {NUMBER_RANDOM, A32, 7, "B2", CHECK_NONE},
         true},
        {"A2 + 7, A3 + 7",
         {NUMBER_RANDOM, A32, 7, "A2", CHECK_NONE},
         {NUMBER_RANDOM, A32, 7, "A3", CHECK_NONE},
         true},
        {"A + 8, A + 7: lengths differ",
         {NUMBER_RANDOM, A32, 8, "A", CHECK_NONE},
         {NUMBER_RANDOM, A32, 7, "A", CHECK_NONE},
         true},
        {"no prefix + 9, A + 8",
         {NUMBER_RANDOM, A32, 9, "", CHECK_NONE},
         {NUMBER_RANDOM, A32, 8, "A", CHECK_NONE},
         false},
        {"random and sequential",
         {NUMBER_RANDOM, DIGITS, 8, "", CHECK_NONE},
         {NUMBER_SEQUENTIAL, DIGITS, 8, "", CHECK_NONE},
         false},
        {"other alphabet is no proof",
         {NUMBER_RANDOM, "ABCDEF", 8, "", CHECK_NONE},
         {NUMBER_SEQUENTIAL, DIGITS, 8, "", CHECK_NONE},
         false},
        {"a check digit is a character",
         {NUMBER_SEQUENTIAL, DIGITS, 8, "1", CHECK_GS1},
         {NUMBER_SEQUENTIAL, DIGITS, 9, "1", CHECK_NONE},
         false},
        {"a check digit makes it longer",
         {NUMBER_SEQUENTIAL, DIGITS, 8, "1", CHECK_GS1},
         {NUMBER_SEQUENTIAL, DIGITS, 8, "1", CHECK_NONE},
         true},
        {"check digits, 12 + 3, 1 + 4",
         {NUMBER_SEQUENTIAL, DIGITS, 3, "12", CHECK_GS1},
         {NUMBER_SEQUENTIAL, DIGITS, 4, "1", CHECK_GS1},
         false},
        {"check digits, 12 + 3, 2 + 4",
         {NUMBER_SEQUENTIAL, DIGITS, 3, "12", CHECK_GS1},
         {NUMBER_SEQUENTIAL, DIGITS, 4, "2", CHECK_GS1},
         true},
        {"case differs",
         {NUMBER_SEQUENTIAL, DIGITS, 4, "a", CHECK_NONE},
         {NUMBER_SEQUENTIAL, DIGITS, 4, "A", CHECK_NONE},
         true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tap_ok(number_disjoint(&cases[i].a, &cases[i].b) == cases[i].want, "disjoint: %s",
               cases[i].name);
        tap_ok(number_disjoint(&cases[i].b, &cases[i].a) == cases[i].want,
               "disjoint: %s, turned round", cases[i].name);
    }
}

/* Against the definition: two small formats are disjoint only if no number of one is one of the
 * other's. All pairs of a family whose domains can be walked. */
static void test_disjoint_walk(void)
{
    static const struct number_format family[] = {
        {NUMBER_SEQUENTIAL, DIGITS, 3, "", CHECK_NONE},
        {NUMBER_SEQUENTIAL, DIGITS, 2, "1", CHECK_NONE},
        {NUMBER_SEQUENTIAL, DIGITS, 1, "12", CHECK_NONE},
        {NUMBER_SEQUENTIAL, DIGITS, 2, "", CHECK_GS1},
        {NUMBER_SEQUENTIAL, DIGITS, 1, "1", CHECK_GS1},
        {NUMBER_SEQUENTIAL, DIGITS, 2, "2", CHECK_NONE},
        {NUMBER_SEQUENTIAL, DIGITS, 2, "", CHECK_NONE},
        {NUMBER_SEQUENTIAL, DIGITS, 3, "1", CHECK_NONE},
    };
    enum { COUNT = sizeof family / sizeof family[0] };
    for (size_t a = 0; a < COUNT; a++)
        for (size_t b = 0; b < COUNT; b++) {
            uint64_t both = 0, other;
            for (uint64_t i = 0; i < number_domain(&family[a]); i++) {
                char number[NUMBER_MAX];
                if (number_print(&family[a], NULL, "", 0, i, number, NULL) == ERR_NONE)
                    both +=
                        number_parse(&family[b], NULL, "", 0, number, &other, NULL) == ERR_NONE;
            }
            tap_ok(!number_disjoint(&family[a], &family[b]) || both == 0,
                   "disjoint walk %zu, %zu: %" PRIu64 " in both", a, b, both);
        }
}

int main(void)
{
    test_check_digit();
    test_format();
    test_domain();
    test_print();
    test_parse_refuses();
    test_disjoint();
    test_disjoint_walk();
    return tap_done();
}
