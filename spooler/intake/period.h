/* SPDX-License-Identifier: Apache-2.0 */
/* period.h: days and times as people write them (RFC 3339, ISO 8601). Pure. */
#ifndef TEM_INTAKE_PERIOD_H
#define TEM_INTAKE_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-03-01", "2026-03-01T08:00", "2026-03-01 08:00:30.250", each with Z or +07:00 behind it;
 * without one it is the site's time. `end`: a day means the moment it is over. false: no such
 * time. */
bool period_parse(const char *text, int32_t utc_offset_min, bool end, int64_t *out_ms);

#define PERIOD_TEXT 40
/* "2026-03-01 15:00:00 +07:00" from UTC milliseconds; returns `out`. */
char *period_local(int64_t utc_ms, int32_t utc_offset_min, char out[static PERIOD_TEXT]);

#endif
