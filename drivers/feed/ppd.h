/* SPDX-License-Identifier: Apache-2.0 */
/* ppd.h: the lines of a queue's PPD that concern temfeed:
 *
 *   *TemFeedFolder: "/var/lib/tem/feed"
 *   *TemSnmpPort: "161"                    may be missing; 0 = SNMP is not asked
 *
 * Read by ourselves: libcups's PPD functions are deprecated and gone in CUPS 3. Pure but for
 * reading the file. */
#ifndef TEM_DRIVERS_FEED_PPD_H
#define TEM_DRIVERS_FEED_PPD_H

#include "spooler/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Fills `out` (of `size` bytes) with the feed folder: absolute, named exactly once. ERR_INPUT
 * when it is something else, ERR_NOT_FOUND when there is no such file. */
enum err ppd_feed_folder(const char *ppd_path, char *out, size_t size, struct why *why);
/* 161 where the PPD has no such line. ERR_INPUT when it is no port. */
enum err ppd_snmp_port(const char *ppd_path, uint16_t *out, struct why *why);

#endif
