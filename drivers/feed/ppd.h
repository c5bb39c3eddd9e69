/* SPDX-License-Identifier: Apache-2.0 */
/* ppd.h: the one line of a queue's PPD that concerns temfeed:
 *
 *   *TemFeedFolder: "/var/lib/tem/feed"
 *
 * Read by ourselves: libcups's PPD functions are deprecated and gone in CUPS 3. Pure but for
 * reading the file. */
#ifndef TEM_DRIVERS_FEED_PPD_H
#define TEM_DRIVERS_FEED_PPD_H

#include "spooler/base/err.h"

#include <stddef.h>

/* Fills `out` (of `size` bytes) with the feed folder: absolute, named exactly once. ERR_INPUT
 * when it is something else, ERR_NOT_FOUND when there is no such file. */
enum err ppd_feed_folder(const char *ppd_path, char *out, size_t size, struct why *why);

#endif
