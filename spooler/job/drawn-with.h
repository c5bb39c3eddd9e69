/* SPDX-License-Identifier: Apache-2.0 */
/* drawn-with.h: fonts and libraries that labels were drawn with, as far as they changed; for
 * people who ask why dots are not what they were. Within the caller's txn. */
#ifndef TEM_JOB_DRAWN_WITH_H
#define TEM_JOB_DRAWN_WITH_H

#include "spooler/store/store.h"

/* Labels are drawn with this version from now on. Event "drawing.tool" unless it was the newest
 * one already. */
enum err drawn_with_note(struct txn *txn, const char *name, const char *version,
                         struct why *why);
/* The version that was noted last before the chunk was sent; ERR_NOT_FOUND: none was. */
enum err drawn_with_then(struct txn *txn, int64_t chunk_id, const char *name, char *version,
                         size_t size, struct why *why);

#endif
