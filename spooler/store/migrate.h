/* SPDX-License-Identifier: Apache-2.0 */
/* migrate.h: brings a database to the schema that this program knows. Inner to store/. */
#ifndef TEM_STORE_MIGRATE_H
#define TEM_STORE_MIGRATE_H

#include "spooler/store/conn.h"

/* Runs the missing migrations, each in one transaction with its user_version; the first also
 * makes the store's id and epoch. ERR_STATE: the database is from a newer version. */
enum err migrate_run(struct conn *conn, const struct random_source *random, struct why *why);
/* Reads both back. ERR_CORRUPT when one is missing or malformed. */
enum err migrate_identity(struct conn *conn, char id[static STORE_ID_SIZE], uint32_t *epoch,
                          struct why *why);

#endif
