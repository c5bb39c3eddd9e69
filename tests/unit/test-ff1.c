/* SPDX-License-Identifier: Apache-2.0 */
/* test-ff1.c: FF1 against NIST's nine sample vectors (FF1samples), against rows from an
 * independent big-number program on OpenSSL's AES (itself checked with the nine), and as a
 * permutation of a whole domain. */
#include "spooler/registry/ff1.h"
#include "spooler/registry/number.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

#define CHARS "0123456789abcdefghijklmnopqrstuvwxyz"

static const uint8_t nist_key[32] = {0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6,
                                     0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C,
                                     0xEF, 0x43, 0x59, 0xD8, 0xD5, 0x80, 0xAA, 0x4F,
                                     0x7F, 0x03, 0x6D, 0x6F, 0x04, 0xFC, 0x6A, 0x94};

static void test_nist(void)
{
    static const struct {
        size_t key_len;
        const char *tweak;
        unsigned radix;
        const char *in, *want;
    } cases[] = {
        {16, "", 10, "0123456789", "2433477484"},
        {16, "9876543210", 10, "0123456789", "6124200773"},
        {16, "7777pqrs777", 36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
        {24, "", 10, "0123456789", "2830668132"},
        {24, "9876543210", 10, "0123456789", "2496655549"},
        {24, "7777pqrs777", 36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
        {32, "", 10, "0123456789", "6657667009"},
        {32, "9876543210", 10, "0123456789", "1001623463"},
        {32, "7777pqrs777", 36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t n = strlen(cases[i].in), tweak_len = strlen(cases[i].tweak);
        uint8_t digits[FF1_DIGITS_MAX];
        char got[FF1_DIGITS_MAX + 1] = "";
        for (size_t k = 0; k < n; k++)
            digits[k] = (uint8_t)(strchr(CHARS, cases[i].in[k]) - CHARS);
        enum err err = ff1_crypt(nist_key, cases[i].key_len, cases[i].tweak, tweak_len,
                                 cases[i].radix, digits, n, true);
        for (size_t k = 0; k < n; k++)
            got[k] = CHARS[digits[k]];
        tap_ok(err == ERR_NONE, "NIST sample %zu is accepted", i + 1);
        tap_is_str(got, cases[i].want, "NIST sample %zu encrypts", i + 1);
        err = ff1_crypt(nist_key, cases[i].key_len, cases[i].tweak, tweak_len, cases[i].radix,
                        digits, n, false);
        for (size_t k = 0; k < n; k++)
            got[k] = CHARS[digits[k]];
        tap_ok(err == ERR_NONE && strcmp(got, cases[i].in) == 0, "NIST sample %zu decrypts",
               i + 1);
    }
}

/* Odd lengths, halves just below 2^63, tweaks that end before, in and on AES blocks. */
static void test_independent(void)
{
    static const struct {
        unsigned radix;
        size_t n, tweak_len;
        uint8_t want[FF1_DIGITS_MAX];
    } cases[] = {
        {32, 8, 25, {16, 28, 11, 21, 0, 29, 17, 20}},
        {32, 9, 0, {1, 18, 14, 3, 3, 7, 20, 31, 21}},
        {32, 24, 25, {23, 21, 29, 4,  1, 29, 26, 25, 14, 3,  2,  19,
                      28, 30, 20, 13, 1, 2,  31, 17, 10, 27, 17, 23}},
        {10, 12, 24, {8, 5, 0, 5, 3, 1, 8, 8, 8, 4, 4, 4}},
        {10, 30, 7, {4, 6, 7, 6, 2, 3, 5, 2, 8, 0, 7, 0, 0, 1, 0,
                     6, 9, 4, 0, 3, 9, 8, 8, 4, 2, 4, 4, 1, 5, 6}},
        {2, 60, 16, {1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1,
                     0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 1, 1,
                     1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0}},
        {82, 18, 200, {42, 31, 32, 65, 68, 28, 11, 79, 73, 77, 80, 23, 10, 12, 2, 32, 48, 78}},
        {36, 19, 8, {25, 23, 34, 29, 7, 32, 19, 33, 23, 21, 7, 9, 1, 3, 1, 10, 33, 6, 25}},
        {29, 7, 15, {5, 11, 28, 2, 2, 5, 16}},
        {10, 6, 9, {0, 3, 2, 0, 1, 1}},
        {10, 7, 300, {4, 7, 3, 8, 8, 9, 8}},
        {62, 11, 6, {23, 38, 18, 43, 59, 16, 42, 59, 29, 20, 55}},
        {32, 10, 5, {19, 12, 3, 19, 28, 6, 8, 6, 20, 13}},
        {32, 10, 6, {17, 7, 27, 18, 20, 30, 28, 19, 23, 6}},
        {32, 10, 4, {16, 8, 17, 27, 16, 18, 12, 30, 21, 16}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t digits[FF1_DIGITS_MAX] = {0}, plain[FF1_DIGITS_MAX] = {0}, tweak[512];
        size_t n = cases[i].n;
        for (size_t k = 0; k < sizeof tweak; k++)
            tweak[k] = (uint8_t)(k * 7 + 3);
        for (size_t k = 0; k < n; k++)
            digits[k] = plain[k] = (uint8_t)((k * 5 + 1) % cases[i].radix);
        enum err err =
            ff1_crypt(nist_key, 32, tweak, cases[i].tweak_len, cases[i].radix, digits, n, true);
        tap_ok(err == ERR_NONE && memcmp(digits, cases[i].want, n) == 0,
               "radix %u, %zu digits, tweak of %zu: as the independent program", cases[i].radix,
               n, cases[i].tweak_len);
        err = ff1_crypt(nist_key, 32, tweak, cases[i].tweak_len, cases[i].radix, digits, n,
                        false);
        tap_ok(err == ERR_NONE && memcmp(digits, plain, n) == 0, "and back");
    }
}

static void test_limits(void)
{
    static const struct {
        const char *name;
        size_t key_len, tweak_len;
        unsigned radix;
        size_t n;
        enum err want;
    } cases[] = {
        {"key of 15 bytes", 15, 0, 10, 10, ERR_INPUT},
        {"key of 33 bytes", 33, 0, 10, 10, ERR_INPUT},
        {"radix 1", 32, 0, 1, 10, ERR_INPUT},
        {"radix 95", 32, 0, 95, 8, ERR_INPUT},
        {"one digit", 32, 0, 10, 1, ERR_INPUT},
        {"65 digits", 32, 0, 2, 65, ERR_INPUT},
        {"half of 2^63", 32, 0, 8, 42, ERR_INPUT},
        {"half of 2^60", 32, 0, 8, 40, ERR_NONE},
        {"half of 2^32, 64 digits", 32, 0, 2, 64, ERR_NONE},
        {"half of 32^13", 32, 0, 32, 26, ERR_INPUT},
        {"half of 32^12", 32, 0, 32, 24, ERR_NONE},
        {"odd length counts its longer half", 32, 0, 32, 25, ERR_INPUT},
        {"tweak of 512 bytes", 32, 512, 10, 10, ERR_NONE},
        {"tweak of 513 bytes", 32, 513, 10, 10, ERR_INPUT},
        {"digit that is the radix", 32, 0, 3, 10, ERR_INPUT},
    };
    static const uint8_t tweak[513], key[33];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t digits[65] = {0}, before[65] = {0};
        /* Value 3 is a digit of every radix but 1, 2 and 3. */
        digits[0] = before[0] = cases[i].radix > 2 ? 3 : 1;
        enum err err = ff1_crypt(key, cases[i].key_len, tweak, cases[i].tweak_len,
                                 cases[i].radix, digits, cases[i].n, true);
        tap_is_int(err, cases[i].want, "%s", cases[i].name);
        if (cases[i].want != ERR_NONE)
            tap_ok(memcmp(digits, before, sizeof digits) == 0, "%s: digits are untouched",
                   cases[i].name);
    }
}

/* Every counter of a domain of a million has its own number, and each comes back. */
static void test_permutation(void)
{
    enum { DOMAIN = 1000000 };
    struct ff1 ff1;
    uint8_t *seen = calloc(DOMAIN, 1);
    unsigned twice = 0, strayed = 0, same = 0;
    if (!tap_ok(seen && ff1_init(&ff1, nist_key, 32, 10, 6) == ERR_NONE, "set up")) {
        free(seen);
        return;
    }
    for (unsigned i = 0; i < DOMAIN; i++) {
        uint8_t digits[6];
        unsigned value = 0, rest = i;
        for (size_t k = 6; k-- > 0; rest /= 10)
            digits[k] = (uint8_t)(rest % 10);
        strayed += ff1_run(&ff1, "scope", 5, digits, true) != ERR_NONE;
        for (size_t k = 0; k < 6; k++)
            value = value * 10 + digits[k];
        twice += seen[value]++ != 0;
        same += value == i;
        if (i % 100 == 0) {
            strayed += ff1_run(&ff1, "scope", 5, digits, false) != ERR_NONE;
            for (size_t k = 0, back = 0; k < 6; k++) {
                back = back * 10 + digits[k];
                strayed += k == 5 && back != i;
            }
        }
    }
    tap_is_int(twice, 0, "a million counters, no number twice");
    tap_is_int(strayed, 0, "each hundredth comes back to its counter");
    /* A random permutation has one fixed point on average; the identity would have a million.
     */
    tap_ok(same < 20, "numbers are not their counters (%u are)", same);
    ff1_wipe(&ff1);
    free(seen);
}

int main(void)
{
    test_nist();
    test_independent();
    test_limits();
    test_permutation();
    return tap_done();
}
