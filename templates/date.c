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
