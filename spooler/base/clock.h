/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h: the time, through a struct so that tests replace it. */
#ifndef TEM_BASE_CLOCK_H
#define TEM_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* now_ms: UTC milliseconds since 1970, may jump. mono_ms: never jumps back. */
struct clock {
    int64_t (*now_ms)(void *ctx);
    int64_t (*mono_ms)(void *ctx);
    void *ctx;
};

extern const struct clock clock_system;

int64_t clock_now_ms(const struct clock *clock);
int64_t clock_mono_ms(const struct clock *clock);

#define CLOCK_ISO_SIZE 32
/* "2026-03-01T08:00:00.000Z" (RFC 3339, UTC, milliseconds) into `out`; returns it. */
char *clock_iso(int64_t utc_ms, char out[static CLOCK_ISO_SIZE]);

#endif
