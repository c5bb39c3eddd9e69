/* SPDX-License-Identifier: Apache-2.0 */
/* side.h: an SQLite file that is not the store: written once from beginning to end, then only
 * read. SQL goes through the functions of store.h.
 *
 * What is written has no journal: a file that was not finished is thrown away. What is read may
 * come from anybody: it is opened read-only, and nothing but the tables it must have is in it.
 * One thread at a time. */
#ifndef TEM_STORE_SIDE_H
#define TEM_STORE_SIDE_H

#include "spooler/store/store.h"

struct side;

/* Makes `path`, which must not be there, with these tables. ERR_STATE: it is there. */
enum err side_make(const char *path, const char *schema, struct side **out, struct why *why);
/* All is on disk when it returns: committed, closed, synced. Frees `side`, whatever happens. */
enum err side_finish(struct side *side, struct why *why);

/* Opens one for reading. ERR_CORRUPT: SQLite's check finds damage, or it has other tables,
 * views or triggers than `schema` makes. ERR_NOT_FOUND. */
enum err side_open(const char *path, const char *schema, struct side **out, struct why *why);

/* Good until it is closed. */
struct txn *side_txn(struct side *side);
/* Takes NULL. */
void side_close(struct side *side);

#endif
