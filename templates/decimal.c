/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/decimal.h"

#include <string.h>

#define DIGITS "0123456789"
/* A plain space could end a line in wrapped text: U+00A0. */
#define NO_BREAK_SPACE "\xC2\xA0"

bool decimal_parse(const char *text, struct decimal *out)
{
    struct decimal number = {.negative = text[0] == '-'};
    number.whole = text + number.negative;
    number.whole_len = strspn(number.whole, DIGITS);
    const char *at = number.whole + number.whole_len;
    if (number.whole_len == 0 || (number.whole[0] == '0' && number.whole_len > 1))
        return false;
    if (*at == '.') {
        number.fraction = at + 1;
        number.fraction_len = strspn(at + 1, DIGITS);
        if (number.fraction_len == 0)
            return false;
        at += 1 + number.fraction_len;
    }
    number.places = number.fraction_len;
    while (number.places > 0 && number.fraction[number.places - 1] == '0')
        number.places--;
    bool zero = number.whole[0] == '0' && number.places == 0;
    if (*at || (zero && number.negative) || (size_t)(at - text) > DECIMAL_MAX_BYTES)
        return false;
    *out = number;
    return true;
}

static int compare_size(const struct decimal *a, const struct decimal *b)
{
    if (a->whole_len != b->whole_len)
        return a->whole_len < b->whole_len ? -1 : 1;
    int whole = memcmp(a->whole, b->whole, a->whole_len);
    if (whole != 0)
        return whole;
    size_t common = a->places < b->places ? a->places : b->places;
    int fraction = common ? memcmp(a->fraction, b->fraction, common) : 0;
    if (fraction != 0)
        return fraction;
    return a->places == b->places ? 0 : a->places < b->places ? -1 : 1;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    return a->negative ? compare_size(b, a) : compare_size(a, b);
}

/* One or two digits; false = something else. */
static bool parse_places(const char *text, size_t len, size_t *out)
{
    if (len < 1 || len > 2)
        return false;
    size_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (size_t)(text[i] - '0');
    }
    *out = value;
    return value <= DECIMAL_MAX_PLACES;
}

bool decimal_format_parse(const char *text, size_t len, struct decimal_format *out)
{
    struct decimal_format format = {0};
    const char *point = memchr(text, '.', len);
    if (len > 0 && text[0] >= '1' && text[0] <= '9' && point) {
        size_t before = (size_t)(point - text);
        format.implied = true;
        bool good = parse_places(text, before, &format.digits) &&
                    parse_places(point + 1, len - before - 1, &format.places) &&
                    format.places <= format.digits;
        if (good)
            *out = format;
        return good;
    }
    bool grouped = len > 1 && strchr("., ", text[0]) && strchr(".,", text[1]);
    if (len < 2 || (!grouped && !strchr(".,", text[0])) || (grouped && text[0] == text[1]))
        return false;
    format.group = grouped ? text[0] : 0;
    format.mark = text[grouped];
    if (!parse_places(text + 1 + grouped, len - 1 - grouped, &format.places))
        return false;
    *out = format;
    return true;
}

bool decimal_fits(const struct decimal *number, const struct decimal_format *format)
{
    if (number->places > format->places)
        return false;
    if (!format->implied)
        return true;
    size_t whole = number->whole[0] == '0' ? 0 : number->whole_len;
    return !number->negative && whole + format->places <= format->digits;
}

static void add_zeros(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_add_byte(out, '0');
}

static void add_fraction(const struct decimal *number, size_t places, struct buf *out)
{
    buf_add(out, number->fraction ? number->fraction : "", number->places);
    add_zeros(out, places - number->places);
}

static void add_whole(const struct decimal *number, char group, struct buf *out)
{
    for (size_t i = 0; i < number->whole_len; i++) {
        bool between = i > 0 && (number->whole_len - i) % 3 == 0;
        if (between && group == ' ')
            buf_add_text(out, NO_BREAK_SPACE);
        else if (between && group)
            buf_add_byte(out, (uint8_t)group);
        buf_add_byte(out, (uint8_t)number->whole[i]);
    }
}

void decimal_write(const struct decimal *number, const struct decimal_format *format,
                   struct buf *out)
{
    if (format->implied) {
        bool zero = number->whole[0] == '0';
        size_t whole = zero ? 0 : number->whole_len;
        add_zeros(out, format->digits - format->places - whole);
        buf_add(out, number->whole, whole);
    } else {
        if (number->negative)
            buf_add_byte(out, '-');
        add_whole(number, format->group, out);
        if (format->places > 0)
            buf_add_byte(out, (uint8_t)format->mark);
    }
    add_fraction(number, format->places, out);
}
