/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts); /* cannot fail for these ids */
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t system_now_ms(void *ctx)
{
    (void)ctx; /* the system's clock has no state */
    return read_ms(CLOCK_REALTIME);
}

static int64_t system_mono_ms(void *ctx)
{
    (void)ctx; /* as above */
    return read_ms(CLOCK_MONOTONIC);
}

const struct clock clock_system = {.now_ms = system_now_ms, .mono_ms = system_mono_ms};

int64_t clock_now_ms(const struct clock *clock)
{
    return clock->now_ms(clock->ctx);
}

int64_t clock_mono_ms(const struct clock *clock)
{
    return clock->mono_ms(clock->ctx);
}

char *clock_iso(int64_t utc_ms, char out[static CLOCK_ISO_SIZE])
{
    int64_t seconds = utc_ms / 1000, ms = utc_ms % 1000;
    if (ms < 0) {
        ms += 1000;
        seconds--;
    }
    time_t when = (time_t)seconds;
    struct tm tm;
    if (!gmtime_r(&when, &tm) || tm.tm_year > 9999 - 1900 || tm.tm_year < -1900) {
        snprintf(out, CLOCK_ISO_SIZE, "0000-00-00T00:00:00.000Z");
        return out;
    }
    snprintf(out, CLOCK_ISO_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
             (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
             (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
             (unsigned)tm.tm_sec % 100, (unsigned)ms % 1000);
    return out;
}
