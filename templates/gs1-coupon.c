/* SPDX-License-Identifier: Apache-2.0 */
/* gs1-coupon.c: parts of a coupon's code, after the North American Coupon Application Guideline
 * Using GS1 DataBar Expanded Symbols. */
#include "templates/gs1-coupon.h"

#include "templates/date.h"

#include <string.h>

/* A part begins with a digit of `first` ("" = none). That many digits and `more` follow where
 * it is `counted`, but none behind the digit `none`; else `more`. */
struct part {
    const char *first;
    bool counted;
    char none;
    size_t more;
    bool date;
};

#define DIGIT(allowed)                                                                         \
    {                                                                                          \
        .first = allowed                                                                       \
    }
#define DIGITS(n)                                                                              \
    {                                                                                          \
        .first = "", .more = n                                                                 \
    }
#define COUNTED(allowed, n)                                                                    \
    {                                                                                          \
        .first = allowed, .counted = true, .more = n                                           \
    }
#define DATE                                                                                   \
    {                                                                                          \
        .first = "", .more = 6, .date = true                                                   \
    }
#define END                                                                                    \
    {                                                                                          \
        .first = NULL                                                                          \
    }
#define COMPANY COUNTED("0123456", 6)
#define COMPANY_OR_NONE                                                                        \
    {                                                                                          \
        .first = "01234569", .counted = true, .none = '9', .more = 6                           \
    }
#define VALUE       COUNTED("12345", 0)
#define REQUIREMENT VALUE, DIGIT("012349"), DIGITS(3) /* with its code and family */
#define ANY         "0123456789"

static const struct part code_parts[] = {COMPANY, DIGITS(6), VALUE, REQUIREMENT, END};
static const struct part offer_parts[] = {DIGIT("01"), COMPANY, DIGITS(6), COUNTED(ANY, 6),
                                          END};
static const struct part second_purchase[] = {DIGIT("0123"), REQUIREMENT, COMPANY_OR_NONE, END};
static const struct part third_purchase[] = {REQUIREMENT, COMPANY_OR_NONE, END};
static const struct part date[] = {DATE, END};
static const struct part serial[] = {COUNTED(ANY, 6), END};
static const struct part retailer[] = {COUNTED("1234567", 6), END};
static const struct part others[] = {DIGIT("01256"), DIGIT("012"), DIGIT(ANY), DIGIT("01"),
                                     END};

/* What may follow, each once and in this order. */
static const struct {
    char name;
    const struct part *parts;
} optional[] = {{'1', second_purchase}, {'2', third_purchase}, {'3', date},  {'4', date},
                {'5', serial},          {'6', retailer},       {'9', others}};

struct reading {
    const char *at, *end;
};

static bool take(struct reading *reading, const struct part *part)
{
    size_t more = part->more;
    if (*part->first) {
        if (reading->at == reading->end || !strchr(part->first, *reading->at))
            return false;
        char first = *reading->at++;
        more += part->counted ? (size_t)(first - '0') : 0;
        more = first == part->none ? 0 : more;
    }
    if ((size_t)(reading->end - reading->at) < more)
        return false;
    const char *text = reading->at;
    reading->at += more;
    return !part->date ||
           date_exists(2000 + (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0'),
                       (unsigned)(text[2] - '0') * 10 + (unsigned)(text[3] - '0'),
                       (unsigned)(text[4] - '0') * 10 + (unsigned)(text[5] - '0'));
}

static bool take_all(struct reading *reading, const struct part *parts)
{
    for (; parts->first; parts++)
        if (!take(reading, parts))
            return false;
    return true;
}

/* Only digits are looked at from here on. */
static bool begin(struct reading *reading, const char *text, size_t len)
{
    *reading = (struct reading){text, text + len};
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

bool gs1_coupon_code(const char *text, size_t len)
{
    struct reading reading;
    const char *expires = NULL, *starts = NULL;
    bool good = begin(&reading, text, len) && take_all(&reading, code_parts);
    for (size_t i = 0; good && i < sizeof optional / sizeof optional[0]; i++) {
        if (reading.at == reading.end || *reading.at != optional[i].name)
            continue;
        expires = optional[i].name == '3' ? reading.at + 1 : expires;
        starts = optional[i].name == '4' ? reading.at + 1 : starts;
        reading.at++;
        good = take_all(&reading, optional[i].parts);
    }
    return good && reading.at == reading.end &&
           (!expires || !starts || memcmp(starts, expires, 6) <= 0);
}

bool gs1_coupon_offer(const char *text, size_t len)
{
    struct reading reading;
    return begin(&reading, text, len) && take_all(&reading, offer_parts) &&
           reading.at == reading.end;
}
