/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h: the tables of an archive file and their digests; inside archive/ only.
 *
 * A part is what one table says of one job (of the file as a whole: job 0). Its digest is the
 * SHA-256 over one line a row, in the table's order; a line is what the part's SELECT makes:
 * each value as SQLite's quote() writes it, texts as their bytes, commas between, a newline at
 * its end. docs/administrator.md tells it to those who check without Tem. */
#ifndef TEM_ARCHIVE_PARTS_H
#define TEM_ARCHIVE_PARTS_H

#include "spooler/base/hash.h"
#include "spooler/store/store.h"

extern const char archive_schema[];

struct archive_part {
    const char *name;  /* the table's */
    const char *lines; /* SELECT of lines; ?1 = job */
    const char *count; /* rows of the whole table, whatever job they say; no parameter */
    bool whole;        /* of the file, not of a job */
};
extern const struct archive_part archive_parts[];
extern const size_t archive_part_count;

/* Digest and rows of one part. */
enum err archive_part_digest(struct txn *txn, const struct archive_part *part, int64_t job_id,
                             int64_t *rows, uint8_t out[static SHA256_BYTES], struct why *why);
/* Over the table of digests itself: this is what the manifest signs. */
enum err archive_digest(struct txn *txn, uint8_t out[static SHA256_BYTES], struct why *why);

/* A text of the table meta, cut to `size`; ERR_NOT_FOUND. */
enum err archive_meta(struct txn *txn, const char *key, char *out, size_t size,
                      struct why *why);
/* Appends the note of this kind; ERR_NOT_FOUND. */
enum err archive_note(struct txn *txn, const char *kind, struct buf *out, struct why *why);

/* What the manifest says, as it is signed. */
struct archive_manifest {
    const char *origin;
    int64_t archive, jobs, labels, events;
    const uint8_t *digest;
};
void archive_manifest_text(const struct archive_manifest *manifest, struct buf *out);

#endif
