/* SPDX-License-Identifier: Apache-2.0 */
/* renew.h: a store that is an older copy of itself, put back by a person or behind our back.
 *
 * What it calls reserved or sending may have been printed since the copy was made; nobody here
 * knows. */
#ifndef TEM_JOB_RENEW_H
#define TEM_JOB_RENEW_H

#include "spooler/store/store.h"

#include <jansson.h>

struct renewal {
    uint32_t epoch; /* the new one */
    int64_t jobs, labels, reprints;
};

/* In one transaction: the next epoch begins (tokens of the one before are revoked at recovery),
 * labels that were reserved or sending are in doubt, their jobs are held, chunks under way are
 * over, reprint orders that are not done are cancelled, and "store.renewed" says so with
 * `because` and the numbers that were skipped (`skipped`, borrowed). The store must be opened
 * again: its epoch is another. */
enum err job_renew(struct txn *txn, const char *because, json_t *skipped, struct renewal *out,
                   struct why *why);

#endif
