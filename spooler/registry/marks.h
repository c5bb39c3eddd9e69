/* SPDX-License-Identifier: Apache-2.0 */
/* marks.h: how far numbers may have gone, in a file outside the store; for the files of
 * registry/ and for who starts it.
 *
 * A store that is put back from an older copy, by us or behind our back (the snapshot of a
 * virtual machine), would issue the numbers again that were issued since. So for each scope a
 * mark stands in a file elsewhere: no number at or beyond it leaves before a higher mark is on
 * disk. Marks are raised MARKS_AHEAD at a time, so that it costs one sync for as many numbers;
 * after a rollback a scope goes on at its mark, and what lies between is skipped.
 *
 * One line a mark, appended; the last one of a scope counts:
 *   {"series":"pack","generation":1,"scope":"09520123456788","to":10001}
 * The file is written anew at each start. One owner: the writer's thread. */
#ifndef TEM_REGISTRY_MARKS_H
#define TEM_REGISTRY_MARKS_H

#include "spooler/base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define MARKS_AHEAD 10000

struct marks;

/* Reads `path`; a file that is not there has no marks. A last line that was torn by a power cut
 * is left out: what it would have allowed was never issued. ERR_CORRUPT: another line is none.
 */
enum err marks_open(const char *path, struct marks **out, struct why *why);
void marks_free(struct marks *marks);

/* Notes that counters below `next` of a scope are about to be issued. Nothing is on disk before
 * marks_sync(). */
enum err marks_reach(struct marks *marks, const char *series, uint32_t generation,
                     const char *scope, uint64_t next, struct why *why);
/* All that was noted is on disk. Must come before the commit that issues it. */
enum err marks_sync(struct marks *marks, struct why *why);

typedef enum err mark_fn(void *arg, const char *series, uint32_t generation, const char *scope,
                         uint64_t to, struct why *why);
enum err marks_each(const struct marks *marks, mark_fn *fn, void *arg, struct why *why);

#endif
