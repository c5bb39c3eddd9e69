/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/value.h"

#include "spooler/base/check-digit.h"
#include "spooler/base/near.h"
#include "spooler/base/text-fault.h"
#include "spooler/base/utf8.h"
#include "templates/date.h"
#include "templates/decimal.h"
#include "templates/read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A value under check. text: NFC. */
struct subject {
    const struct field *field;
    const struct rule *rule;
    const char *text;
    size_t len;
    struct place place;
    struct findings *findings;
    struct buf *out;
};

static bool refuse(const struct subject *subject, const char *code, const char *expected,
                   const char *message)
{
    findings_add(subject->findings, SEVERITY_ERROR, code, subject->place, subject->text,
                 expected, "%s", message);
    return false;
}

static bool accept(const struct subject *subject)
{
    buf_add(subject->out, subject->text, subject->len);
    return true;
}

/* ---- by type ------------------------------------------------------------------ */

static bool any_character(char c)
{
    (void)c; /* the signature of a character set's test */
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_ascii(char c)
{
    return c >= ' ' && c <= '~';
}

static bool is_alphanumeric(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static const struct {
    bool (*holds)(char c);
    const char *name;
} charsets[] = {
    [CHARSET_ANY] = {any_character, "any"},
    [CHARSET_ASCII] = {is_ascii, "ASCII"},
    [CHARSET_ALPHANUMERIC] = {is_alphanumeric, "letters A-Z, a-z and digits"},
    [CHARSET_GS1_82] = {gs1_is_82, "GS1 character set 82"},
    [CHARSET_GS1_39] = {gs1_is_39, "GS1 character set 39"},
    [CHARSET_DIGITS] = {is_digit, "digits"},
};

static bool check_charset(const struct subject *subject)
{
    bool (*holds)(char c) = charsets[subject->rule->charset].holds;
    size_t position = 1;
    for (size_t at = 0; at < subject->len; position++) {
        uint32_t code_point = 0; /* valid: seen before */
        size_t taken = utf8_decode(subject->text + at, subject->len - at, &code_point);
        if (!holds(subject->text[at])) {
            findings_add(subject->findings, SEVERITY_ERROR, "charset", subject->place,
                         subject->text, charsets[subject->rule->charset].name,
                         "character \"%.*s\" at position %zu is not in %s", (int)taken,
                         subject->text + at, position, charsets[subject->rule->charset].name);
            return false;
        }
        at += taken;
    }
    return true;
}

static bool check_length(const struct subject *subject)
{
    size_t count = utf8_length(subject->text, subject->len);
    uint32_t max = subject->field->max;
    char expected[64];
    if ((max && count > max) || subject->len > TEMPLATE_MAX_VALUE) {
        bool characters = max && count > max;
        snprintf(expected, sizeof expected, "at most %u %s",
                 characters ? max : (unsigned)TEMPLATE_MAX_VALUE,
                 characters ? "characters" : "bytes");
        findings_add(subject->findings, SEVERITY_ERROR, "too-long", subject->place,
                     subject->text, expected, "%zu %s are too many",
                     characters ? count : subject->len, characters ? "characters" : "bytes");
        return false;
    }
    if (count < subject->rule->min) {
        snprintf(expected, sizeof expected, "at least %u characters", subject->rule->min);
        findings_add(subject->findings, SEVERITY_ERROR, "too-short", subject->place,
                     subject->text, expected, "%zu characters are too few", count);
        return false;
    }
    return true;
}

static bool check_text(const struct subject *subject)
{
    bool length = check_length(subject);
    return check_charset(subject) && length && accept(subject);
}

/* A label that shows fewer decimals or digits would show another number: nothing is rounded. */
static bool check_shown(const struct subject *subject, const struct decimal *number)
{
    const struct rule *rule = subject->rule;
    char expected[80];
    if (number->places > rule->shown_places) {
        snprintf(expected, sizeof expected, "at most %zu decimals", rule->shown_places);
        return refuse(subject, "too-many-decimals", expected,
                      "the label shows fewer decimals than this number has");
    }
    size_t whole = number->whole[0] == '0' ? 0 : number->whole_len;
    if (rule->shown_whole == DECIMALS_ANY || (!number->negative && whole <= rule->shown_whole))
        return true;
    snprintf(expected, sizeof expected, "at most %zu digits before the decimals, no minus",
             rule->shown_whole);
    return refuse(subject, "too-many-digits", expected,
                  "the label has fewer digits than this number needs");
}

static bool check_integer(const struct subject *subject)
{
    int64_t value = 0;
    char expected[80] = "a whole number without leading zeros, of at most 18 digits";
    const struct rule *rule = subject->rule;
    if (!parse_integer(subject->text, &value))
        return refuse(subject, "bad-integer", expected, "not a whole number");
    if (rule->has_min_value && value < rule->min_value) {
        snprintf(expected, sizeof expected, "at least %" PRId64, rule->min_value);
        return refuse(subject, "too-small", expected, "the number is too small");
    }
    if (rule->has_max_value && value > rule->max_value) {
        snprintf(expected, sizeof expected, "at most %" PRId64, rule->max_value);
        return refuse(subject, "too-large", expected, "the number is too large");
    }
    struct decimal number;
    return decimal_parse(subject->text, &number) && check_shown(subject, &number) &&
           accept(subject);
}

static bool check_bounds(const struct subject *subject, const struct decimal *number)
{
    const struct rule *rule = subject->rule;
    struct decimal bound;
    char expected[DECIMAL_MAX_BYTES + 16];
    if (rule->least && decimal_parse(rule->least, &bound) &&
        decimal_compare(number, &bound) < 0) {
        snprintf(expected, sizeof expected, "at least %s", rule->least);
        return refuse(subject, "too-small", expected, "the number is too small");
    }
    if (rule->most && decimal_parse(rule->most, &bound) &&
        decimal_compare(number, &bound) > 0) {
        snprintf(expected, sizeof expected, "at most %s", rule->most);
        return refuse(subject, "too-large", expected, "the number is too large");
    }
    if (number->fraction_len > rule->decimals) {
        snprintf(expected, sizeof expected, "at most %zu decimals", rule->decimals);
        return refuse(subject, "too-many-decimals", expected,
                      "the number has too many decimals");
    }
    return true;
}

/* As it is written: 12.50 stays 12.50. */
static bool check_decimal(const struct subject *subject)
{
    struct decimal number;
    if (!decimal_parse(subject->text, &number))
        return refuse(subject, "bad-decimal", "digits with a point, such as 12.50",
                      "not a decimal number");
    return check_bounds(subject, &number) && check_shown(subject, &number) && accept(subject);
}

static bool check_date(const struct subject *subject)
{
    static const char shape[] = "dddd-dd-dd";
    bool good = subject->len == sizeof shape - 1;
    for (size_t i = 0; good && i < subject->len; i++)
        good = shape[i] == 'd' ? is_digit(subject->text[i]) : subject->text[i] == shape[i];
    if (!good)
        return refuse(subject, "bad-date", "YYYY-MM-DD", "not a date that is understood");
    unsigned number[10];
    for (size_t i = 0; i < 10; i++)
        number[i] = (unsigned)(subject->text[i] - '0');
    unsigned year = number[0] * 1000 + number[1] * 100 + number[2] * 10 + number[3];
    if (!date_exists(year, number[5] * 10 + number[6], number[8] * 10 + number[9]))
        return refuse(subject, "no-such-date", "a day that the calendar has",
                      "there is no such day");
    /* A label's %y has two digits; a year such as 0226 or 2208 is a slip. */
    if (year < 1900 || year > 2099)
        return refuse(subject, "no-such-date", "a year from 1900 to 2099",
                      "the year is not plausible");
    return accept(subject);
}

/* GS1 General Specifications 7.9: the last digit of each GS1 number checks the others. The
 * right one is named: a person then sees whether it was mistyped or left out. */
static bool check_last_digit(const struct subject *subject, const char *code)
{
    size_t len = subject->len;
    char expected = gs1_check_digit(subject->text, len - 1), right[32];
    if (subject->text[len - 1] == expected)
        return true;
    snprintf(right, sizeof right, "check digit %c", expected);
    findings_add(subject->findings, SEVERITY_ERROR, code, subject->place, subject->text, right,
                 "the check digit is %c, expected %c", subject->text[len - 1], expected);
    return false;
}

static bool check_gtin(const struct subject *subject)
{
    const char *text = subject->text;
    size_t len = subject->len;
    if (strspn(text, "0123456789") != len || (len != 8 && len != 12 && len != 13 && len != 14))
        return refuse(subject, "bad-gtin", "8, 12, 13 or 14 digits", "not a GTIN");
    if (!check_last_digit(subject, "gtin-check-digit"))
        return false;
    char padded[] = "00000000000000";
    memcpy(padded + 14 - len, text, len);
    size_t shown = subject->rule->gtin_digits;
    if (shown < 14 && strspn(padded, "0") < 14 - shown) {
        char right[64];
        snprintf(right, sizeof right, "a GTIN of at most %zu digits", shown);
        return refuse(subject, "gtin-too-long", right,
                      "the label shows fewer digits than this GTIN has");
    }
    buf_add(subject->out, padded, 14);
    return true;
}

/* General Specifications 3.4 (AIs 410 to 417): thirteen digits. */
static bool check_gln(const struct subject *subject)
{
    if (strspn(subject->text, "0123456789") != subject->len || subject->len != 13)
        return refuse(subject, "bad-gln", "13 digits", "not a GLN");
    return check_last_digit(subject, "gln-check-digit") && accept(subject);
}

/* General Specifications 3.3 (AI 00): extension digit, company prefix, reference, check digit.
 */
static bool check_sscc(const struct subject *subject)
{
    if (strspn(subject->text, "0123456789") != subject->len || subject->len != 18)
        return refuse(subject, "bad-sscc", "18 digits", "not an SSCC");
    return check_last_digit(subject, "sscc-check-digit") && accept(subject);
}

static bool check_enum(const struct subject *subject)
{
    const struct rule *rule = subject->rule;
    for (size_t i = 0; i < rule->word_count; i++)
        if (strcmp(rule->words[i], subject->text) == 0)
            return accept(subject);
    char expected[400];
    read_list(expected, sizeof expected, rule->words, rule->word_count);
    const char *near = near_word(subject->text, rule->words, rule->word_count);
    char message[200];
    snprintf(message, sizeof message, "not one of the values%s%s%s",
             near ? "; the nearest is \"" : "", near ? near : "", near ? "\"" : "");
    return refuse(subject, "bad-choice", expected, message);
}

static bool check_boolean(const struct subject *subject)
{
    if (strcmp(subject->text, "true") == 0 || strcmp(subject->text, "false") == 0)
        return accept(subject);
    return refuse(subject, "bad-boolean", "true | false", "neither true nor false");
}

/* Only a sample is ever checked: printed numbers come from the registry. */
static bool check_series(const struct subject *subject)
{
    if (subject->len < TEMPLATE_NUMBER_MAX)
        return accept(subject);
    return refuse(subject, "too-long", "at most 63 bytes", "longer than any number");
}

static bool (*const checks[])(const struct subject *subject) = {
    [FIELD_TEXT] = check_text,       [FIELD_INTEGER] = check_integer,
    [FIELD_DECIMAL] = check_decimal, [FIELD_DATE] = check_date,
    [FIELD_GTIN] = check_gtin,       [FIELD_GLN] = check_gln,
    [FIELD_SSCC] = check_sscc,       [FIELD_ENUM] = check_enum,
    [FIELD_BOOLEAN] = check_boolean, [FIELD_SERIES] = check_series,
};

bool value_check(const struct field *field, const struct rule *rule, const char *raw,
                 struct place place, struct buf *out, struct findings *findings)
{
    /* Composing never makes a text four times shorter. */
    size_t len = strnlen(raw, 4 * TEMPLATE_MAX_VALUE + 1);
    if (len > 4 * TEMPLATE_MAX_VALUE) {
        findings_add(findings, SEVERITY_ERROR, "too-long", place, raw, "at most 1024 bytes",
                     "the value is far too long");
        return false;
    }
    struct text_fault fault;
    if (text_fault(raw, len, &fault)) {
        findings_add(findings, SEVERITY_ERROR, fault.code, place, raw, fault.expected, "%s",
                     fault.words);
        return false;
    }
    char *composed = NULL;
    enum err err = utf8_nfc(raw, len, &composed);
    if (err) {
        if (err == ERR_NO_MEMORY)
            out->err = ERR_NO_MEMORY;
        findings_add(findings, SEVERITY_ERROR, err_name(err), place, NULL, NULL, "%s",
                     err_meaning(err));
        return false;
    }
    struct subject subject = {.field = field,
                              .rule = rule,
                              .text = composed,
                              .len = strlen(composed),
                              .place = place,
                              .findings = findings,
                              .out = out};
    bool good = checks[field->type](&subject);
    free(composed);
    return good;
}
