/* SPDX-License-Identifier: Apache-2.0 */
/* check.h: what the steps of a check share; inside archive/ only. A step says what it finds
 * with archive_fault(), and fails only when it could not look. */
#ifndef TEM_ARCHIVE_CHECK_H
#define TEM_ARCHIVE_CHECK_H

#include "spooler/archive/archive.h"
#include "spooler/ledger/checkpoint.h"

struct check {
    struct txn *txn; /* the file */
    const struct note_key *key;
    struct archive_facts *facts;
    struct archive_faults *faults;
    struct checkpoint checkpoint; /* size 0 = it is not signed by the key */
    const atomic_bool *stop;      /* as in archive_config */
};

void archive_fault(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* archive_check() of a file of our own, which may have to end early. */
enum err archive_check_ours(const struct archive_config *config, const char *path,
                            struct archive_facts *facts, struct archive_faults *faults,
                            struct why *why);
/* ERR_BUSY: it is time to end. */
enum err archive_stopping(const atomic_bool *stop, struct why *why);

/* Each event as it was hashed, in its place, and all of them under the checkpoint. */
enum err archive_check_tree(struct check *check, struct why *why);
/* The numbers of each chunk are those that its sending event was signed for. */
enum err archive_check_numbers(struct check *check, struct why *why);

#endif
