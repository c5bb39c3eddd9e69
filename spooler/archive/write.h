/* SPDX-License-Identifier: Apache-2.0 */
/* write.h: the jobs that are marked for an archive, written into a new file; inside archive/
 * only. */
#ifndef TEM_ARCHIVE_WRITE_H
#define TEM_ARCHIVE_WRITE_H

#include "spooler/archive/archive.h"
#include "spooler/store/side.h"

/* Fills a file that was just made from the snapshot of `txn`. *events: how many it has;
 * `leaves`: SHA-256 over "SEQ LEAF\n", their numbers and leaf hashes in hex, in order. */
enum err archive_write(struct txn *txn, const struct archive_config *config,
                       const struct archive *archive, struct side *side, int64_t *events,
                       uint8_t leaves[static SHA256_BYTES], struct why *why);

#endif
