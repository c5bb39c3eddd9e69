/* SPDX-License-Identifier: Apache-2.0 */
/* doctor-host.c: the clock, which dates on labels and in the ledger come from, and the zone. */
#include "cli/doctor.h"

#include "cli/doctor-clock.h"
#include "spooler/base/clock.h"

#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

static void check_clock(struct doctor *doctor)
{
    struct timex timex = {.modes = 0}; /* only looks */
    char now[CLOCK_ISO_SIZE];
    int64_t now_ms = clock_now_ms(&clock_system);
    int state = adjtimex(&timex);
    bool known = state >= 0,
         synced = known && state != TIME_ERROR && !(timex.status & STA_UNSYNC);
    enum clock_health health = clock_health(now_ms, known, synced);
    doctor_mend(doctor, health == CLOCK_WRONG
                            ? "set the clock (timedatectl set-time) before anything is printed"
                            : "timedatectl set-ntp true, or give the machine a time server");
    doctor_add(doctor, "clock",
               health == CLOCK_FINE    ? VERDICT_OK
               : health == CLOCK_WRONG ? VERDICT_FAIL
                                       : VERDICT_WARN,
               "%s, %s", clock_iso(now_ms, now), clock_health_words(health));
}

static void check_zone(struct doctor *doctor)
{
    int64_t now_s = clock_now_ms(&clock_system) / 1000;
    int ours = (int)doctor->site.config->utc_offset_min, system = clock_zone_min(now_s);
    doctor_mend(doctor,
                "site: {utc_offset: \"%+03d:%02d\"} in %s, if labels are to have the time "
                "of this machine's zone",
                system / 60, abs(system) % 60, doctor->site.file);
    doctor_add(doctor, "time-zone", ours == system ? VERDICT_OK : VERDICT_WARN,
               ours == system ? "labels have UTC%+03d:%02d, as this machine"
                              : "labels have UTC%+03d:%02d, this machine another zone",
               ours / 60, abs(ours) % 60);
}

void doctor_host(struct doctor *doctor)
{
    check_clock(doctor);
    if (doctor->site.config)
        check_zone(doctor);
}
