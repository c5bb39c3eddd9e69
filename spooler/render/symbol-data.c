/* SPDX-License-Identifier: Apache-2.0 */
/* symbol-data.c: what a symbol gets to hold: exactly what the template and its data say, or
 * nothing. zint would fill up, drop or add digits; all of that is refused here. */
#include "spooler/render/barcode.h"

#include <stdio.h>
#include <string.h>

/* zint's own limit is 17,400; nothing that fits on a label comes near. */
#define SYMBOL_MAX_BYTES 8192

enum err symbol_data_bad(const struct canvas *canvas, const struct drawn *drawn,
                         const char *what)
{
    return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-data",
                        element_place(drawn->element), drawn->content, NULL, "%s %s",
                        drawn->element->symbology, what);
}

/* GS1 General Specifications 7.9.1: weights 3, 1, 3.. from the right, the check digit left
 * out. */
static char right_check_digit(const char *digits, size_t len)
{
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < len; i++)
        sum += (unsigned)(digits[i] - '0') * ((len - i) % 2 ? 1 : 3);
    return (char)('0' + (10 - sum % 10) % 10);
}

static bool all_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static enum err wrong_length(const struct canvas *canvas, const struct drawn *drawn,
                             const struct barcode_kind *kind, uint32_t digits)
{
    return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-data",
                        element_place(drawn->element), drawn->content, NULL,
                        "%s takes %u digits, check digit included", kind->name, digits);
}

/* Number symbols take exactly their digits: zint would add what is missing, and so encode
 * another number. A GTIN in a form of 12, 13 or 14 digits may have its leading zeros. */
static enum err check_number(const struct canvas *canvas, const struct drawn *drawn,
                             const struct barcode_kind *kind, struct symbol_data *out)
{
    if (!all_digits(out->data, out->len))
        return symbol_data_bad(canvas, drawn, "takes digits only");
    bool padded = out->len >= 12 && out->len <= 14;
    while (padded && out->len > kind->digits && *out->data == '0') {
        out->data++;
        out->len--;
        out->shown_from++;
        out->shown_len--;
    }
    if (out->len != kind->digits)
        return wrong_length(canvas, drawn, kind, kind->digits);
    char right = right_check_digit(out->data, out->len), what[80];
    if (out->data[out->len - 1] == right)
        return ERR_NONE;
    snprintf(what, sizeof what, "got a number whose check digit is wrong: %c would be right",
             right);
    return symbol_data_bad(canvas, drawn, what);
}

/* With the check digit that the template asks for, the number of digits has to be even. */
static enum err check_pairs(const struct canvas *canvas, const struct drawn *drawn, size_t len)
{
    bool added = drawn->element->options.check_digit > CHECK_WORD_NONE;
    if ((len + added) % 2 == 0)
        return ERR_NONE;
    return symbol_data_bad(canvas, drawn,
                           added ? "needs an odd number of digits before its check digit (a 0 "
                                   "in front would change the data)"
                                 : "needs an even number of digits (a 0 in front would change "
                                   "the data)");
}

static enum err check_content(const struct canvas *canvas, const struct drawn *drawn,
                              const struct barcode_kind *kind, struct symbol_data *out)
{
    enum err err = ERR_NONE;
    if (kind->digits)
        err = check_number(canvas, drawn, kind, out);
    else if (kind->plain_digits && !all_digits(out->data, out->len))
        err = symbol_data_bad(canvas, drawn, "takes digits only");
    else if (kind->plain_digits && out->len != kind->plain_digits)
        err = wrong_length(canvas, drawn, kind, kind->plain_digits);
    const char *wrong = !err && kind->refuse ? kind->refuse(out->data, out->len) : NULL;
    if (wrong)
        err = symbol_data_bad(canvas, drawn, wrong);
    if (!err && kind->pairs)
        err = check_pairs(canvas, drawn, out->len);
    if (!err && kind->drop_check_digit)
        out->len--;
    return err;
}

/* "9771234567003+05": the add-on's digits behind a plus sign, of which data have none. */
static enum err check_addon(const struct canvas *canvas, const struct drawn *drawn,
                            struct symbol_data *out, const char **addon)
{
    size_t want = drawn->element->options.addon == ADDON_2 ? 2 : 5;
    const char *plus = memchr(out->data, '+', out->len);
    size_t len = plus ? out->len - (size_t)(plus + 1 - out->data) : 0;
    if (len != want || !all_digits(plus + 1, len))
        return symbol_data_bad(canvas, drawn,
                               want == 2 ? "needs + and the two digits of its add-on"
                                         : "needs + and the five digits of its add-on");
    out->len -= len + 1;
    *addon = plus;
    return ERR_NONE;
}

/* Splits off the component above the symbol: the linear symbol's data are zint's `primary`. */
static enum err take_composite(const struct canvas *canvas, const struct drawn *drawn,
                               const char *above, size_t above_len, struct symbol_data *out)
{
    if (out->len >= sizeof out->primary)
        return symbol_data_bad(canvas, drawn, "has too much data below its composite");
    memcpy(out->primary, out->data, out->len);
    out->primary[out->len] = '\0';
    out->data = above;
    out->len = above_len;
    return ERR_NONE;
}

/* ISO/IEC 16023, B.1: postcode, three digits of a country, three of a service. Mode 2 has up to
 * nine digits of a postcode, to which zint would add four zeros for the USA (840); mode 3 six
 * capitals and digits, which zint would fill up with spaces. */
static const char *bad_primary(const char *text, size_t len, int mode)
{
    static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ ";
    if (mode == 2) {
        bool usa = len > 6 && memcmp(text + len - 6, "840", 3) == 0;
        bool good = all_digits(text, len) && (len == 15 || (len > 6 && len < 15 && !usa));
        return good
                   ? NULL
                   : "of mode 2 needs a primary message of digits: postcode (nine in the USA), "
                     "country, service";
    }
    bool good = len == 12 && all_digits(text + 6, 6);
    for (size_t i = 0; good && i < 6; i++)
        good = memchr(allowed, text[i], sizeof allowed - 1) != NULL;
    return good ? NULL
                : "of mode 3 needs a primary message of 12 characters: postcode (six capitals, "
                  "digits or spaces), country, service";
}

static enum err take_primary(const struct canvas *canvas, const struct drawn *drawn,
                             struct symbol_data *out)
{
    const char *end = memchr(out->data, PRIMARY_END[0], out->len);
    size_t len = end ? (size_t)(end - out->data) : 0;
    const char *wrong = bad_primary(out->data, len, drawn->element->options.mode);
    if (wrong)
        return symbol_data_bad(canvas, drawn, wrong);
    memcpy(out->primary, out->data, len); /* at most 15 */
    out->data = end + 1;
    out->len -= len + 1;
    out->shown_from = len + 1;
    out->shown_len = out->len;
    return out->len ? ERR_NONE : symbol_data_bad(canvas, drawn, "has no data");
}

static enum err check_parts(const struct canvas *canvas, const struct drawn *drawn,
                            const struct barcode_kind *kind, struct symbol_data *out)
{
    const struct element *element = drawn->element;
    const char *end = drawn->content + drawn->content_len, *addon = NULL;
    /* the last: no AI's value can hold one, but text before it may */
    const char *bar = element->composite ? memrchr(out->data, '|', out->len) : NULL;
    if (element->composite && !bar)
        return symbol_data_bad(canvas, drawn, "has no data for its composite");
    if (bar)
        out->len = (size_t)(bar - out->data);
    out->shown_len = out->len;
    enum err err = element->options.addon ? check_addon(canvas, drawn, out, &addon) : ERR_NONE;
    if (!err)
        err = check_content(canvas, drawn, kind, out);
    if (!err && bar)
        err = take_composite(canvas, drawn, bar + 1, (size_t)(end - bar - 1), out);
    if (!err && addon) { /* digits and add-on: far fewer bytes than there is room for */
        int len = snprintf(out->own, sizeof out->own, "%.*s%.*s", (int)out->len, out->data,
                           (int)(end - addon), addon);
        out->data = out->own;
        out->len = (size_t)len;
    }
    return err;
}

/* Optional fields that a row leaves empty, or that have no sample, end here. */
static enum err no_data(const struct canvas *canvas, const struct drawn *drawn)
{
    return findings_add(canvas->findings, SEVERITY_ERROR, "symbol-data",
                        element_place(drawn->element), NULL,
                        "a value in its field (tem check draws `sample: VALUE`), or `when: "
                        "\"{field}\"` beside `data`, which leaves the barcode out",
                        "%s has no data: its fields are empty", drawn->element->symbology);
}

enum err symbol_data_check(const struct canvas *canvas, const struct drawn *drawn,
                           const struct barcode_kind *kind, struct symbol_data *out)
{
    *out = (struct symbol_data){.data = drawn->content, .len = drawn->content_len};
    if (out->len == 0)
        return no_data(canvas, drawn);
    if (out->len > SYMBOL_MAX_BYTES)
        return symbol_data_bad(canvas, drawn, "has too much data");
    if (kind->ai_data != drawn->element->ai_data)
        return symbol_data_bad(
            canvas, drawn, kind->ai_data ? "needs data with AIs" : "takes no data with AIs");
    if (drawn->element->primary)
        return take_primary(canvas, drawn, out);
    return check_parts(canvas, drawn, kind, out);
}
