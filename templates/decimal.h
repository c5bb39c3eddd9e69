/* SPDX-License-Identifier: Apache-2.0 */
/* decimal.h: decimal numbers of many digits, compared and written exactly: never as floating
 * point, never rounded. Pure. */
#ifndef TEM_TEMPLATES_DECIMAL_H
#define TEM_TEMPLATES_DECIMAL_H

#include "spooler/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Longest text of a decimal. */
#define DECIMAL_MAX_BYTES 40
/* Most decimals, and most digits of DECIMAL_IMPLIED, that a format may ask for. */
#define DECIMAL_MAX_PLACES 18

/* Taken apart; borrows from the text. Digits that carry no value (zeros at the end of the
 * fraction) are not counted in `places`. */
struct decimal {
    bool negative;
    const char *whole;
    size_t whole_len;
    const char *fraction;
    size_t fraction_len; /* as written */
    size_t places;       /* decimals that it takes to write the value exactly */
};

/* "-12.50": digits, no leading zero but one, a point between digits, no minus before zero. */
bool decimal_parse(const char *text, struct decimal *out);
/* Below, equal or above 0 as a is below, equal or above b. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

/* How a number is written. */
struct decimal_format {
    bool implied; /* `digits` digits in all, the last `places` of them decimals, no mark */
    size_t digits;
    size_t places; /* decimals, exactly */
    char mark;     /* between whole number and decimals */
    char group;    /* between thousands; 0 = nothing, ' ' = a space that does not break */
};

/* "6.3" (implied), ".2", ",2", ".,2", ",.2", " ,2", " .2": see docs/templates.md. */
bool decimal_format_parse(const char *text, size_t len, struct decimal_format *out);
/* Whether the format can write the number without losing anything. */
bool decimal_fits(const struct decimal *number, const struct decimal_format *format);
/* Appends it. What does not fit has been refused before. */
void decimal_write(const struct decimal *number, const struct decimal_format *format,
                   struct buf *out);

#endif
