/* SPDX-License-Identifier: Apache-2.0 */
/* watch.h: whether the database is whole, and remembering it across stops.
 *
 * Inner to store/. The file tem.open in the store's folder is there while a temd has the store,
 * and stays after a stop that was not a clean one: then the database is read through at the
 * next start, in the background. What was found damaged is written into it: the next start
 * knows it from the first moment, until a check says that the database is whole. Thread-safe.
 */
#ifndef TEM_STORE_WATCH_H
#define TEM_STORE_WATCH_H

#include "spooler/store/store.h"

struct watch;

/* Reads and makes the file; the folder is locked already. Borrows nothing. */
enum err watch_open(const char *folder, struct watch **out, struct why *why);
/* Ends the background check, which needs the store. Takes NULL. */
void watch_stop(struct watch *watch);
/* After it. The file goes when the stop is a clean one and nothing is left to be checked. Takes
 * NULL. */
void watch_close(struct watch *watch, bool clean);

/* store.c's: the store's own. */
struct watch *store_watcher(struct store *store);

/* Starts the background check if one is due. */
enum err watch_start(struct watch *watch, struct store *store, struct why *why);
/* What SQLite said: the database is damaged. Said once in the log. */
void watch_damage(struct watch *watch, const char *words);
/* A check went through and found nothing. */
void watch_whole(struct watch *watch);
bool watch_is_damaged(const struct watch *watch);
void watch_tell(struct watch *watch, struct store_health *out);

#endif
