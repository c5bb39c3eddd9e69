/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/period.h"

#include "spooler/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    (1440 * MINUTE_MS)

/* Exactly `count` digits, min..max; moves *at behind them. */
static bool digits(const char **at, int count, int min, int max, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        value = value * 10 + (**at - '0');
    }
    *out = value;
    return value >= min && value <= max;
}

static bool take(const char **at, char wanted)
{
    bool there = **at == wanted;
    *at += there;
    return there;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (leap && month == 2);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar; years from 1970. */
static int64_t day_number(int year, int month, int day)
{
    int64_t before = year - 1, days = before * 365 + before / 4 - before / 100 + before / 400;
    for (int i = 1; i < month; i++)
        days += days_of(year, i);
    return days + day - 1 - 719162;
}

/* Seconds and their fraction may be left out. */
static bool parse_clock(const char **at, int64_t *ms)
{
    int hour, minute, second = 0, fraction = 0;
    if (!digits(at, 2, 0, 23, &hour) || !take(at, ':') || !digits(at, 2, 0, 59, &minute))
        return false;
    if (take(at, ':') && !digits(at, 2, 0, 59, &second))
        return false;
    if (take(at, '.') && !digits(at, 3, 0, 999, &fraction))
        return false;
    *ms = hour * 60 * MINUTE_MS + minute * MINUTE_MS + second * 1000 + fraction;
    return true;
}

static bool parse_offset(const char **at, int64_t *offset_min)
{
    int sign = **at == '-' ? -1 : 1, hours, minutes;
    if (take(at, 'Z')) {
        *offset_min = 0;
        return true;
    }
    if (!take(at, '+') && !take(at, '-'))
        return true; /* the site's */
    if (!digits(at, 2, 0, 14, &hours) || !take(at, ':') || !digits(at, 2, 0, 59, &minutes))
        return false;
    *offset_min = sign * (hours * 60 + minutes);
    return true;
}

bool period_parse(const char *text, int32_t utc_offset_min, bool end, int64_t *out_ms)
{
    const char *at = text;
    int year, month, day;
    int64_t ms = 0, offset_min = utc_offset_min;
    if (!digits(&at, 4, 1970, 9999, &year) || !take(&at, '-') ||
        !digits(&at, 2, 1, 12, &month) || !take(&at, '-') ||
        !digits(&at, 2, 1, days_of(year, month), &day))
        return false;
    bool whole_day = *at != 'T' && *at != ' ';
    if (!whole_day) {
        at++;
        if (!parse_clock(&at, &ms))
            return false;
    }
    if (!parse_offset(&at, &offset_min) || *at)
        return false;
    *out_ms = day_number(year, month, day) * DAY_MS + ms - offset_min * MINUTE_MS +
              (whole_day && end ? DAY_MS : 0);
    return true;
}

char *period_local(int64_t utc_ms, int32_t utc_offset_min, char out[static PERIOD_TEXT])
{
    char iso[CLOCK_ISO_SIZE];
    int minutes = abs(utc_offset_min);
    clock_iso(utc_ms + utc_offset_min * MINUTE_MS, iso);
    snprintf(out, PERIOD_TEXT, "%.10s %.8s %c%02d:%02d", iso, iso + 11,
             utc_offset_min < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
    return out;
}
