/* SPDX-License-Identifier: Apache-2.0 */
/* gs1-value.c: whether a value is one that an Application Identifier may hold. */
#include "templates/gs1-ai.h"

#include "spooler/base/check-digit.h"
#include "templates/date.h"
#include "templates/gs1-coupon.h"

#include <string.h>

static const char set_82[] = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                             "abcdefghijklmnopqrstuvwxyz";
static const char set_39[] = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool among(char c, const char *set)
{
    return c && strchr(set, c);
}

bool gs1_is_82(char c)
{
    return among(c, set_82);
}

bool gs1_is_39(char c)
{
    return among(c, set_39);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_base64url(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '=';
}

static unsigned two(const char *digits)
{
    return (unsigned)(digits[0] - '0') * 10 + (unsigned)(digits[1] - '0');
}

/* ---- tests, named as in the dictionary; the components were seen to be digits where the
 * format says N ---- */

static bool test_csum(const char *text, size_t len)
{
    return gs1_check_digit(text, len - 1) == text[len - 1];
}

/* The check pair of a GMN (General Specifications 7.9.5). */
static bool test_csumalpha(const char *text, size_t len)
{
    static const unsigned primes[] = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37,
                                      41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83};
    static const char pair[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    if (len < 3 || len > sizeof primes / sizeof primes[0] + 2)
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < len - 2; i++)
        sum += (unsigned)(strchr(set_82, text[len - 3 - i]) - set_82) * primes[i];
    sum %= 1021;
    return text[len - 2] == pair[sum >> 5] && text[len - 1] == pair[sum & 31];
}

/* A two-digit year is leap when 4 divides it: 2000 is, and 1900 is out of GS1's window. */
static bool test_yymmdd(const char *text, size_t len)
{
    return len == 6 && date_exists(2000 + two(text), two(text + 2), two(text + 4));
}

/* Day 00 = the month's last (General Specifications 3.4). */
static bool test_yymmd0(const char *text, size_t len)
{
    return test_yymmdd(text, len) ||
           (len == 6 && two(text + 4) == 0 && date_exists(2000 + two(text), two(text + 2), 1));
}

static bool test_yyyymmdd(const char *text, size_t len)
{
    return len == 8 &&
           date_exists(two(text) * 100 + two(text + 2), two(text + 4), two(text + 6));
}

static bool test_hh(const char *text, size_t len)
{
    return len == 2 && two(text) < 24;
}

static bool test_mi(const char *text, size_t len)
{
    return len == 2 && two(text) < 60;
}

static bool test_hhmi(const char *text, size_t len)
{
    return len == 4 && two(text) < 24 && two(text + 2) < 60;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

static bool test_pcenc(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '%' && !(len - i > 2 && is_hex(text[i + 1]) && is_hex(text[i + 2])))
            return false;
    return true;
}

static bool test_zero(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != '0')
            return false;
    return true;
}

static bool test_nonzero(const char *text, size_t len)
{
    return !test_zero(text, len);
}

static bool test_nozeroprefix(const char *text, size_t len)
{
    return len == 1 || text[0] != '0';
}

static bool test_yesno(const char *text, size_t len)
{
    return len == 1 && among(text[0], "01");
}

static bool test_winding(const char *text, size_t len)
{
    return len == 1 && among(text[0], "019");
}

static bool test_iso5218(const char *text, size_t len)
{
    return len == 1 && among(text[0], "0129");
}

static bool test_hyphen(const char *text, size_t len)
{
    return len == 1 && text[0] == '-';
}

static bool test_iso3166alpha2(const char *text, size_t len)
{
    return len == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';
}

static bool test_hasnondigit(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_digit(text[i]))
            return true;
    return false;
}

static bool test_pieceoftotal(const char *text, size_t len)
{
    return len == 4 && two(text) > 0 && two(text) <= two(text + 2);
}

static bool test_posinseqslash(const char *text, size_t len)
{
    return len == 3 && text[1] == '/' && is_digit(text[0]) && is_digit(text[2]) &&
           text[0] > '0' && text[0] <= text[2];
}

static bool test_latitude(const char *text, size_t len)
{
    return len == 10 && memcmp(text, "1800000000", 10) <= 0;
}

static bool test_longitude(const char *text, size_t len)
{
    return len == 10 && memcmp(text, "3600000000", 10) <= 0;
}

/* ISO 13616: country and check pair go to the end, letters count from 10 on; 97 leaves 1. */
static bool test_iban(const char *text, size_t len)
{
    unsigned rest = 0;
    if (len < 5 || !test_iso3166alpha2(text, 2) || !is_digit(text[2]) || !is_digit(text[3]))
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[(i + 4) % len];
        bool letter = c >= 'A' && c <= 'Z';
        if (!letter && !is_digit(c))
            return false;
        rest = letter ? (rest * 100 + (unsigned)(c - 'A') + 10) % 97
                      : (rest * 10 + (unsigned)(c - '0')) % 97;
    }
    return rest == 1;
}

/* Commission Implementing Regulation (EU) 2018/574, the importer's index. */
static bool test_importeridx(const char *text, size_t len)
{
    return len == 1 && is_base64url(text[0]) && text[0] != '=';
}

static const struct test {
    const char *name;
    bool (*passes)(const char *text, size_t len);
    const char *expected;
} tests[] = {
    {"csum", test_csum, "a check digit (General Specifications 7.9)"},
    {"csumalpha", test_csumalpha, "the check pair of a GMN"},
    {"yymmd0", test_yymmd0, "a date YYMMDD that exists; day 00 = last of the month"},
    {"yymmdd", test_yymmdd, "a date YYMMDD that exists"},
    {"yyyymmdd", test_yyyymmdd, "a date YYYYMMDD that exists"},
    {"hhmi", test_hhmi, "a time HHMM"},
    {"hh", test_hh, "an hour 00 to 23"},
    {"mi", test_mi, "minutes 00 to 59"},
    {"ss", test_mi, "seconds 00 to 59"},
    {"pcenc", test_pcenc, "% followed by two hexadecimal digits"},
    {"yesno", test_yesno, "0 or 1"},
    {"winding", test_winding, "0, 1 or 9"},
    {"iso5218", test_iso5218, "0, 1, 2 or 9"},
    {"hyphen", test_hyphen, "a minus sign"},
    {"zero", test_zero, "0"},
    {"nonzero", test_nonzero, "more than zero"},
    {"nozeroprefix", test_nozeroprefix, "no leading zero"},
    {"pieceoftotal", test_pieceoftotal, "piece and total, such as 0102"},
    {"hasnondigit", test_hasnondigit, "at least one character that is no digit"},
    {"iso3166alpha2", test_iso3166alpha2, "a country's two capital letters"},
    {"posinseqslash", test_posinseqslash, "position and total, such as 1/3"},
    {"latitude", test_latitude, "at most 1800000000"},
    {"longitude", test_longitude, "at most 3600000000"},
    {"iban", test_iban, "an IBAN (ISO 13616) with its check digits"},
    {"importeridx", test_importeridx, "a letter, a digit, - or _"},
    {"couponcode", gs1_coupon_code, "a coupon code (GS1 US, North American coupons)"},
    {"couponposoffer", gs1_coupon_offer, "a coupon of a positive offer file"},
};

static const struct test *find_test(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        if (strlen(tests[i].name) == len && memcmp(tests[i].name, name, len) == 0)
            return &tests[i];
    return NULL;
}

/* ---- a format's components ------------------------------------------------ */

static const struct set {
    char name;
    bool (*holds)(char c);
    const char *meaning;
} sets[] = {
    {'N', is_digit, "digits"},
    {'X', gs1_is_82, "GS1 character set 82"},
    {'Y', gs1_is_39, "GS1 character set 39"},
    {'Z', is_base64url, "base64url"},
};

struct component {
    const struct set *set;
    size_t min, max;
    bool optional;
    const char *tests; /* "csum,..." up to a blank, ']' or the end */
    const char *end;
};

/* Our own table, so only its shape is read: "[X..17],csum". */
static struct component read_component(const char *format)
{
    struct component part = {.optional = *format == '['};
    format += part.optional;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (sets[i].name == *format)
            part.set = &sets[i];
    format++;
    bool variable = *format == '.';
    format += variable ? 2 : 0;
    for (; is_digit(*format); format++)
        part.max = part.max * 10 + (size_t)(*format - '0');
    part.min = variable ? 1 : part.max;
    format += *format == ']';
    part.tests = *format == ',' ? format + 1 : "";
    part.end = format + strcspn(format, " ");
    return part;
}

static enum err check_tests(const struct component *part, const char *digits, const char *text,
                            size_t len, struct why *why)
{
    for (const char *name = part->tests; *name && *name != ' ';) {
        size_t name_len = strcspn(name, ", ");
        const struct test *test = find_test(name, name_len);
        if (test && !test->passes(text, len)) {
            if (test->passes != test_csum)
                return err_set(why, ERR_INPUT, "\"%.*s\" in AI (%s): expected %s", (int)len,
                               text, digits, test->expected);
            return err_set(why, ERR_INPUT,
                           "check digit of \"%.*s\" in AI (%s) is %c, expected %c", (int)len,
                           text, digits, text[len - 1], gs1_check_digit(text, len - 1));
        }
        name += name_len + (name[name_len] == ',');
    }
    return ERR_NONE;
}

static enum err bad_character(const char *value, size_t at, size_t len, const struct set *set,
                              const char *digits, struct why *why)
{
    /* All of a UTF-8 character: half of one cannot be shown. */
    size_t more = 1;
    while (at + more < len && ((unsigned char)value[at + more] & 0xC0) == 0x80)
        more++;
    size_t position = 1;
    for (size_t i = 0; i < at; i++)
        position += ((unsigned char)value[i] & 0xC0) != 0x80;
    return err_set(why, ERR_INPUT,
                   "character \"%.*s\" at position %zu is not in %s, which AI (%s) asks for",
                   (int)more, value + at, position, set->meaning, digits);
}

enum err gs1_ai_check(const struct gs1_ai *ai, const char *digits, const char *value,
                      size_t len, struct why *why)
{
    size_t at = 0;
    for (const char *format = ai->format; *format;) {
        struct component part = read_component(format);
        format = part.end + (*part.end == ' ');
        if (part.optional && at == len)
            break;
        size_t left = len - at;
        size_t take = left < part.max ? left : part.max;
        for (size_t i = at; i < at + take; i++)
            if (!part.set->holds(value[i]))
                return bad_character(value, i, len, part.set, digits, why);
        if (take < part.min)
            return err_set(why, ERR_INPUT, "%zu characters in AI (%s), expected format %s", len,
                           digits, ai->format);
        enum err err = check_tests(&part, digits, value + at, take, why);
        if (err)
            return err;
        at += take;
    }
    if (at < len)
        return err_set(why, ERR_INPUT, "%zu characters in AI (%s), expected at most %zu", len,
                       digits, at);
    return ERR_NONE;
}
