/* SPDX-License-Identifier: Apache-2.0 */
/* doctor-clock.h: what the time says about the clock. Pure, but for the zone. */
#ifndef TEM_CLI_DOCTOR_CLOCK_H
#define TEM_CLI_DOCTOR_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum clock_health { CLOCK_FINE, CLOCK_ALONE, CLOCK_UNKNOWN, CLOCK_WRONG };

/* `known`: the kernel says whether it is synchronized. A time before this version was made, or
 * past 2100, is wrong whatever the kernel says. */
enum clock_health clock_health(int64_t now_ms, bool known, bool synced);
const char *clock_health_words(enum clock_health health);

/* Minutes east of UTC of this machine's zone ($TZ, /etc/localtime) at that time. */
int clock_zone_min(int64_t now_s);

#endif
