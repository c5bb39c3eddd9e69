/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/date.h"

#define MS_A_DAY         86400000LL
#define LAST_DAY_OF_9999 2932896LL

static bool leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year));
}

bool date_exists(unsigned year, unsigned month, unsigned day)
{
    return month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

unsigned date_day_of_year(unsigned year, unsigned month, unsigned day)
{
    for (unsigned before = 1; before < month; before++)
        day += days_in(year, before);
    return day;
}

unsigned date_weekday(unsigned year, unsigned month, unsigned day)
{
    /* 0001-01-01 was a Monday in this calendar. */
    unsigned years = year - 1;
    unsigned days = years * 365 + years / 4 - years / 100 + years / 400;
    return (days + date_day_of_year(year, month, day) - 1) % 7 + 1;
}

/* A year has 53 weeks when it begins on a Thursday, or on a Wednesday and is a leap year. */
static unsigned weeks_in(unsigned year)
{
    unsigned first = date_weekday(year, 1, 1);
    return first == 4 || (first == 3 && leap(year)) ? 53 : 52;
}

unsigned date_week(unsigned year, unsigned month, unsigned day, unsigned *week_year)
{
    unsigned week =
        (date_day_of_year(year, month, day) + 10 - date_weekday(year, month, day)) / 7;
    bool before = week == 0, after = !before && week > weeks_in(year);
    *week_year = before ? year - 1 : after ? year + 1 : year;
    return before ? weeks_in(year - 1) : after ? 1 : week;
}

struct moment moment_of(int64_t utc_ms, int32_t utc_offset_min)
{
    const int64_t last_ms = (LAST_DAY_OF_9999 + 1) * MS_A_DAY - 1;
    int64_t ms = utc_ms < 0 ? 0 : utc_ms > last_ms ? last_ms : utc_ms;
    ms += utc_offset_min * 60000LL;
    ms = ms < 0 ? 0 : ms > last_ms ? last_ms : ms;
    int64_t second = ms % MS_A_DAY / 1000;
    /* Years of 365.2425 days begin in March here, so that the leap day is a year's last
     * (H. Hinnant's civil_from_days); 719468 days lie between 0000-03-01 and 1970-01-01. */
    int64_t days = ms / MS_A_DAY + 719468;
    int64_t era = days / 146097, day_of_era = days % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    return (struct moment){
        .year = (unsigned)(era * 400 + year_of_era + (month >= 10)),
        .month = (unsigned)(month < 10 ? month + 3 : month - 9),
        .day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1),
        .hour = (unsigned)(second / 3600),
        .minute = (unsigned)(second / 60 % 60),
        .second = (unsigned)(second % 60),
    };
}
