/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h: old jobs leave the store into a file that stays verifiable alone.
 *
 * Order of things, each on disk before the next begins:
 *   1. one short commit: the jobs are marked; from here nobody changes them;
 *   2. the file is written as NAME.part from one snapshot, signed, synced, and read again from
 *      its first row to its last with the public key;
 *   3. one short commit: the event "jobs.archived" with the file's SHA-256; the archive is on
 *      record;
 *   4. NAME.part becomes NAME;
 *   5. many short commits: what the file has leaves the store.
 * Died before 3: nothing happened; the marks go at the next archiving or start, the part with
 * the next file of its name. Died after 3: archive_resume() goes on, after it has compared the
 * file with the recorded SHA-256. Nothing is removed that is not in the file.
 *
 * In the store stay: the job's row, its segments, its newest spans, and the leaf hashes of its
 * events. docs/administrator.md, "Archive", has the file's tables and who may want what of
 * them.
 *
 * Threads: one archiving at a time (ERR_BUSY); any thread but the writer's and the HTTP
 * thread, since it waits for commits. */
#ifndef TEM_ARCHIVE_ARCHIVE_H
#define TEM_ARCHIVE_ARCHIVE_H

#include "spooler/job/archived.h"
#include "spooler/ledger/note.h"
#include "spooler/registry/registry.h"
#include "spooler/store/store.h"

#include <jansson.h>
#include <stdatomic.h>

#define ARCHIVE_JOBS_MAX 10000 /* of one file; more are for the next */
#define ARCHIVE_NEVER    (-1)

/* How long jobs stay in the store, in days; a job is due when all have passed. */
struct retention {
    int64_t after_release; /* since it was closed or cancelled; ARCHIVE_NEVER = only by order */
    int64_t after_expiry;  /* since the latest expiry date on its labels */
};

struct archive_config {
    struct store *store;
    struct registry *registry;
    const char *folder; /* made when missing */
    const struct note_signer *signer;
    const uint8_t *blinding_key;
    struct retention retention;
    const char *version; /* Tem's, for the file */
    const atomic_bool
        *stop; /* becomes true: what is under way ends soon, ERR_BUSY; NULL = never */
};

/* An order by a named person. */
struct archive_order {
    const char *file;   /* a name in the folder: letters, digits, . _ - */
    const char *person; /* on record */
    int64_t before_ms;  /* only jobs that ended before; INT64_MAX = as retention says */
};

/* What would be, or was, archived. */
struct archive_due {
    int64_t *jobs; /* ids, ascending */
    size_t count;
    int64_t labels;
    bool more;         /* jobs are due that are not among them */
    int64_t not_ready; /* ended long enough ago, but something is open about them */
    int64_t not_expired;
};
/* ERR_STATE: neither retention nor order say how old jobs have to be. */
enum err archive_find_due(struct txn *txn, const struct retention *retention, int64_t before_ms,
                          struct archive_due *out, struct why *why);
void archive_due_free(struct archive_due *due);

/* All of it; *out is the archive on record, in state removing when what came after the record
 * failed (archive_resume() goes on). ERR_NOT_FOUND: no job is due. ERR_STATE: the file
 * is there, or its name cannot be one. ERR_FULL: the disk of the folder is full; nothing is
 * archived. ERR_CORRUPT: what was read again is not what is in the store: nothing is archived,
 * `why` says what. */
enum err archive_run(const struct archive_config *config, const struct archive_order *order,
                     struct archive *out, struct why *why);
/* At start, before anybody may order one: marks of an archive that was not made are taken away.
 */
enum err archive_release(struct store *store, struct why *why);
/* Goes on with archives on record whose rows had not all left. *finished (may be NULL): how
 * many there were. ERR_NOT_FOUND, ERR_CORRUPT: the file is not there, or is another one;
 * nothing is removed. */
enum err archive_resume(const struct archive_config *config, int64_t *finished,
                        struct why *why);

/* ---- a file, without a store ----------------------------------------------------------- */

/* Faults as sentences, the gravest first; start with {0}, free with archive_faults_free. */
#define ARCHIVE_FAULTS_MAX 20
struct archive_faults {
    char *words[ARCHIVE_FAULTS_MAX];
    size_t count, more;
};
void archive_faults_free(struct archive_faults *faults);

/* What a file says that it is. */
struct archive_facts {
    char store_id[STORE_ID_SIZE];
    int64_t archive, jobs, labels, events;
    int64_t ledger_size; /* events under its checkpoint */
    char made_at[CLOCK_ISO_SIZE], person[JOB_TEXT], origin[NOTE_NAME_SIZE];
    char sha256[SHA256_HEX];
};

/* Reads all of it against the signatures of `key`. ERR_CORRUPT: faults say what was changed;
 * `why` has the first. ERR_NOT_FOUND: no such file. */
enum err archive_check(const char *path, const struct note_key *key,
                       struct archive_facts *facts, struct archive_faults *faults,
                       struct why *why);
/* The same for a file that lies under another name than it says. */
enum err archive_sha256(const char *path, char out[static SHA256_HEX], struct why *why);

/* What the file knows of a job (id > 0), of a printed number, or of itself; caller owns *out.
 * Nothing is checked: archive_check() first. ERR_NOT_FOUND. */
enum err archive_show(const char *path, int64_t job_id, const char *number, json_t **out,
                      struct why *why);

#endif
