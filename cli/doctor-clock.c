/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor-clock.h"

#include <time.h>

#define YEAR_2025_MS INT64_C(1735689600000)
#define YEAR_2100_MS INT64_C(4102444800000)

enum clock_health clock_health(int64_t now_ms, bool known, bool synced)
{
    if (now_ms < YEAR_2025_MS || now_ms >= YEAR_2100_MS)
        return CLOCK_WRONG;
    return !known ? CLOCK_UNKNOWN : synced ? CLOCK_FINE : CLOCK_ALONE;
}

const char *clock_health_words(enum clock_health health)
{
    static const char *const words[] = {
        [CLOCK_FINE] = "synchronized",
        [CLOCK_ALONE] = "not synchronized with a time server",
        [CLOCK_UNKNOWN] = "the kernel does not say whether it is synchronized",
        [CLOCK_WRONG] = "which cannot be",
    };
    return words[health];
}

int clock_zone_min(int64_t now_s)
{
    time_t now = (time_t)now_s;
    struct tm parts;
    if (!gmtime_r(&now, &parts))
        return 0;
    /* UTC's parts read as local time are as far from now as the zone is from UTC. */
    parts.tm_isdst = -1;
    time_t local = mktime(&parts);
    return local == (time_t)-1 ? 0 : (int)((now - local) / 60);
}
