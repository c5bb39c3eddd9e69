/* SPDX-License-Identifier: Apache-2.0 */
/* number.c: formats, printing and parsing of numbers. Pure: no I/O, no state. */
#include "spooler/registry/number.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* GS1 General Specifications, figure 7.11-1. */
static const char cset_82[] = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                              "abcdefghijklmnopqrstuvwxyz";
static const char cset_digits[] = "0123456789";

#define LENGTH_MAX 30
/* SP 800-38G, 5: radix^minlen >= 1,000,000 in the draft of its revision. */
#define RANDOM_DOMAIN_MIN 1000000
/* The counter is an SQLite integer, and so is the one after the last. */
#define DOMAIN_MAX (UINT64_MAX / 2)

static_assert(sizeof((struct number_format){0}.prefix) + LENGTH_MAX + 1 <= NUMBER_MAX,
              "the longest number fits");
static_assert(sizeof cset_82 == 83, "CSET 82 has 82 characters");

const char *number_kind_name(enum number_kind kind)
{
    return kind == NUMBER_RANDOM ? "random" : "sequential";
}

const char *number_check_name(enum number_check check)
{
    return check == CHECK_GS1 ? "gs1" : "none";
}

uint64_t number_domain(const struct number_format *format)
{
    uint64_t radix = strlen(format->alphabet), domain = 1;
    for (uint32_t i = 0; i < format->length; i++) {
        if (domain > DOMAIN_MAX / radix)
            return DOMAIN_MAX;
        domain *= radix;
    }
    return domain;
}

size_t number_length(const struct number_format *format)
{
    return strlen(format->prefix) + format->length + (format->check == CHECK_GS1);
}

/* Formats alone decide: another key, alphabet or range is no proof, since a key may come out
 * equal and a range may grow. Equal lengths and one prefix beginning with the other leave
 * strings that both could print (a check digit counts as any character). */
bool number_disjoint(const struct number_format *a, const struct number_format *b)
{
    size_t shorter = strlen(a->prefix);
    if (strlen(b->prefix) < shorter)
        shorter = strlen(b->prefix);
    return number_length(a) != number_length(b) || memcmp(a->prefix, b->prefix, shorter) != 0;
}

static enum err check_text(const char *text, size_t size, const char *member, bool digits,
                           struct why *why)
{
    const char *allowed = digits ? cset_digits : cset_82;
    if (!memchr(text, 0, size))
        return err_set(why, ERR_INPUT, "%s is longer than %zu characters", member, size - 1);
    const char *bad = text + strspn(text, allowed);
    if (!*bad)
        return ERR_NONE;
    if (*bad < ' ' || *bad > '~')
        return err_set(why, ERR_INPUT, "%s: byte 0x%02X is not in GS1's character set 82",
                       member, (unsigned)(unsigned char)*bad);
    return err_set(why, ERR_INPUT, "%s \"%s\": character '%c' is not %s", member, text, *bad,
                   digits ? "a digit, which check: gs1 asks for" : "in GS1's character set 82");
}

static enum err check_alphabet(const char *alphabet, struct why *why)
{
    if (strlen(alphabet) < 2)
        return err_set(why, ERR_INPUT, "alphabet \"%s\": at least 2 characters are needed",
                       alphabet);
    for (const char *at = alphabet; *at; at++)
        if (strchr(at + 1, *at))
            return err_set(why, ERR_INPUT, "alphabet \"%s\": character '%c' is in it twice",
                           alphabet, *at);
    return ERR_NONE;
}

static enum err check_random(const struct number_format *format, struct why *why)
{
    unsigned radix = (unsigned)strlen(format->alphabet);
    if (number_domain(format) < RANDOM_DOMAIN_MIN)
        return err_set(why, ERR_INPUT,
                       "%u characters of an alphabet of %u give %" PRIu64
                       " numbers; random ones need at least %d (NIST SP 800-38G): more length",
                       format->length, radix, number_domain(format), RANDOM_DOMAIN_MIN);
    if (!ff1_fits(radix, format->length))
        return err_set(
            why, ERR_INPUT,
            "%u characters of an alphabet of %u are too many for random numbers: half "
            "of them (%u) may have fewer than 2^63 values: less length",
            format->length, radix, format->length - format->length / 2);
    return ERR_NONE;
}

enum err number_format_check(const struct number_format *format, struct why *why)
{
    bool digits = format->check == CHECK_GS1;
    if (format->kind != NUMBER_RANDOM && format->kind != NUMBER_SEQUENTIAL)
        return err_set(why, ERR_INPUT, "format: expected random or sequential");
    if (format->check != CHECK_NONE && format->check != CHECK_GS1)
        return err_set(why, ERR_INPUT, "check: expected none or gs1");
    if (format->length < 1 || format->length > LENGTH_MAX)
        return err_set(why, ERR_INPUT, "length %u: expected 1 to %d", format->length,
                       LENGTH_MAX);
    enum err err =
        check_text(format->alphabet, sizeof format->alphabet, "alphabet", digits, why);
    if (err == ERR_NONE)
        err = check_alphabet(format->alphabet, why);
    if (err == ERR_NONE)
        err = check_text(format->prefix, sizeof format->prefix, "prefix", digits, why);
    if (err == ERR_NONE && format->kind == NUMBER_RANDOM)
        err = check_random(format, why);
    return err;
}

enum err number_cipher(const struct number_format *format, const uint8_t *key, struct ff1 *out,
                       struct why *why)
{
    if (ff1_init(out, key, NUMBER_KEY_BYTES, (unsigned)strlen(format->alphabet),
                 format->length) == ERR_NONE)
        return ERR_NONE;
    return err_set(why, ERR_INPUT, "alphabet and length do not suit random numbers");
}

static enum err encipher(const struct ff1 *cipher, const void *tweak, size_t tweak_len,
                         uint8_t *digits, bool encrypt, struct why *why)
{
    if (ff1_run(cipher, tweak, tweak_len, digits, encrypt) == ERR_NONE)
        return ERR_NONE;
    return err_set(why, ERR_INPUT, "series and scope are longer than %d bytes", FF1_TWEAK_MAX);
}

enum err number_print_with(const struct number_format *format, const struct ff1 *cipher,
                           const void *tweak, size_t tweak_len, uint64_t counter,
                           char out[static NUMBER_MAX], struct why *why)
{
    uint8_t digits[LENGTH_MAX] = {0};
    uint64_t radix = strlen(format->alphabet), rest = counter;
    if (counter >= number_domain(format))
        return err_set(why, ERR_INPUT,
                       "counter %" PRIu64 " does not fit: the format has %" PRIu64 " numbers",
                       counter, number_domain(format));
    for (size_t i = format->length; i-- > 0; rest /= radix)
        digits[i] = (uint8_t)(rest % radix);
    if (format->kind == NUMBER_RANDOM) {
        enum err err = encipher(cipher, tweak, tweak_len, digits, true, why);
        if (err != ERR_NONE)
            return err;
    }
    size_t len = strlen(format->prefix);
    memcpy(out, format->prefix, len);
    for (size_t i = 0; i < format->length; i++)
        out[len++] = format->alphabet[digits[i]];
    if (format->check == CHECK_GS1) {
        out[len] = gs1_check_digit(out, len);
        len++;
    }
    out[len] = '\0';
    return ERR_NONE;
}

/* The body's places in the alphabet, once the outside of the number is right. */
static enum err parse_digits(const struct number_format *format, const char *number,
                             uint8_t digits[static LENGTH_MAX], struct why *why)
{
    size_t len = strnlen(number, NUMBER_MAX), prefix = strlen(format->prefix);
    if (len != number_length(format))
        return err_set(why, ERR_INPUT, "number \"%.*s\" is not %zu characters long", NUMBER_MAX,
                       number, number_length(format));
    if (memcmp(number, format->prefix, prefix) != 0)
        return err_set(why, ERR_INPUT, "number \"%s\" does not begin with \"%s\"", number,
                       format->prefix);
    for (size_t i = 0; i < format->length; i++) {
        const char *at = strchr(format->alphabet, number[prefix + i]);
        if (!at)
            return err_set(why, ERR_INPUT,
                           "number \"%s\": character %zu is not in the alphabet", number,
                           prefix + i + 1);
        digits[i] = (uint8_t)(at - format->alphabet);
    }
    if (format->check == CHECK_GS1 && number[len - 1] != gs1_check_digit(number, len - 1))
        return err_set(why, ERR_INPUT, "number \"%s\": wrong check digit", number);
    return ERR_NONE;
}

enum err number_parse_with(const struct number_format *format, const struct ff1 *cipher,
                           const void *tweak, size_t tweak_len, const char *number,
                           uint64_t *counter, struct why *why)
{
    uint8_t digits[LENGTH_MAX] = {0};
    uint64_t radix = strlen(format->alphabet), domain = number_domain(format), value = 0;
    enum err err = parse_digits(format, number, digits, why);
    if (err == ERR_NONE && format->kind == NUMBER_RANDOM)
        err = encipher(cipher, tweak, tweak_len, digits, false, why);
    if (err != ERR_NONE)
        return err;
    for (size_t i = 0; i < format->length; i++) {
        /* Bodies past the counter's range exist where radix^length is more than 2^63 - 1. */
        if (value > (domain - 1 - digits[i]) / radix)
            return err_set(why, ERR_INPUT, "number \"%s\" is beyond the series", number);
        value = value * radix + digits[i];
    }
    *counter = value;
    return ERR_NONE;
}

enum err number_print(const struct number_format *format, const uint8_t *key, const void *tweak,
                      size_t tweak_len, uint64_t counter, char out[static NUMBER_MAX],
                      struct why *why)
{
    struct ff1 cipher;
    if (format->kind == NUMBER_SEQUENTIAL)
        return number_print_with(format, NULL, tweak, tweak_len, counter, out, why);
    enum err err = number_cipher(format, key, &cipher, why);
    if (err == ERR_NONE) {
        err = number_print_with(format, &cipher, tweak, tweak_len, counter, out, why);
        ff1_wipe(&cipher);
    }
    return err;
}

enum err number_parse(const struct number_format *format, const uint8_t *key, const void *tweak,
                      size_t tweak_len, const char *number, uint64_t *counter, struct why *why)
{
    struct ff1 cipher;
    if (format->kind == NUMBER_SEQUENTIAL)
        return number_parse_with(format, NULL, tweak, tweak_len, number, counter, why);
    enum err err = number_cipher(format, key, &cipher, why);
    if (err == ERR_NONE) {
        err = number_parse_with(format, &cipher, tweak, tweak_len, number, counter, why);
        ff1_wipe(&cipher);
    }
    return err;
}
