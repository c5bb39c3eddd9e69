/* SPDX-License-Identifier: Apache-2.0 */
/* drain.h: "change the roll": one file a queue in the feed folder. While it is there, temfeed
 * sends no further label of that queue, waits until what is out is confirmed and ends its chunk
 * (what was not sent was not sent); temd starts no chunk. So a planned change finds an empty
 * printer and puts nothing in doubt. The file is the state: it outlives temd and the machine.
 */
#ifndef TEM_DRIVERS_FEED_DRAIN_H
#define TEM_DRIVERS_FEED_DRAIN_H

#include "spooler/base/err.h"

#include <stdbool.h>

/* temd's side: makes or removes the file, folder synced. Doing it again is fine. */
enum err drain_set(const char *folder, const char *queue, bool on, struct why *why);
/* Both sides: whether it is there. A folder that cannot be read says no. */
bool drain_asked(const char *folder, const char *queue);

#endif
