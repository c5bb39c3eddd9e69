/* SPDX-License-Identifier: Apache-2.0 */
/* backup.h: a whole copy of a store in one file, made while temd prints, and back again.
 *
 * A copy is one snapshot of the database (VACUUM INTO), checked before it gets its name. It
 * holds no keys: they are backed up apart, once. Putting it back is for a store that no temd
 * has open. */
#ifndef TEM_STORE_BACKUP_H
#define TEM_STORE_BACKUP_H

#include "spooler/store/store.h"

/* What a copy is of. */
struct backup_facts {
    char store_id[STORE_ID_SIZE];
    uint32_t epoch;
    int64_t events; /* in its ledger */
    int64_t jobs;
};

/* Copies the store in `folder` to `file`, which must not be there. ERR_NOT_FOUND: no store
 * there. ERR_STATE: the file is there. ERR_CORRUPT: the copy does not pass SQLite's check. */
enum err store_backup(const char *folder, const char *file, struct backup_facts *out,
                      struct why *why);
/* Checks `file` and puts it in the place of the store in `folder`, marked to be renewed at the
 * next start (job/renew.h): each scope skips `gap` numbers where no marks tell more. What was
 * there is kept beside it as tem.db.before-N. ERR_BUSY: a temd has it open. ERR_STATE: another
 * store is there. ERR_CORRUPT, ERR_STATE: no copy of ours, damaged, or of a newer version. */
enum err store_put_back(const char *file, const char *folder, uint64_t gap,
                        struct backup_facts *out, struct why *why);

/* At start: whether the store was put back and has not been renewed since; its gap. */
enum err store_was_put_back(struct txn *txn, bool *yes, uint64_t *gap, struct why *why);
enum err store_renewed(struct txn *txn, struct why *why);

#endif
