/* SPDX-License-Identifier: Apache-2.0 */
/* date.h: days that exist in the proleptic Gregorian calendar (ISO 8601). Pure. */
#ifndef TEM_TEMPLATES_DATE_H
#define TEM_TEMPLATES_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool date_exists(unsigned year, unsigned month, unsigned day);
/* 1 to 366. */
unsigned date_day_of_year(unsigned year, unsigned month, unsigned day);
/* 1 = Monday to 7 = Sunday. */
unsigned date_weekday(unsigned year, unsigned month, unsigned day);
/* ISO 8601 week (1 to 53) and the year that the week belongs to. */
unsigned date_week(unsigned year, unsigned month, unsigned day, unsigned *week_year);

/* A moment taken apart; year to 9999. */
struct moment {
    unsigned year, month, day, hour, minute, second;
};

/* UTC milliseconds since 1970, shown `utc_offset_min` minutes east of Greenwich. What lies
 * outside the years 1970 to 9999 is moved to their edge. */
struct moment moment_of(int64_t utc_ms, int32_t utc_offset_min);

#endif
