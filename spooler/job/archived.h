/* SPDX-License-Identifier: Apache-2.0 */
/* archived.h: jobs whose rows went into an archive file, as everybody else sees them.
 *
 * Of an archived job the store keeps its row, its segments and the newest spans: no number of
 * it can be issued again, a scan still finds it, and its states still add up. All else is in
 * the file. From the moment an archive is begun its jobs are as they are: nobody reprints,
 * verifies or decides about them. All functions run inside the caller's txn. */
#ifndef TEM_JOB_ARCHIVED_H
#define TEM_JOB_ARCHIVED_H

#include "spooler/base/hash.h"
#include "spooler/job/job.h"

#define ARCHIVE_NAME 128 /* bytes of a file's name with its NUL */

/* making: being written, nothing has left the store; removing: on record, rows leave the store
 * into what the file has of them; done. */
#define ARCHIVE_STATE_MAP(X)                                                                   \
    X(ARCHIVE_MAKING, "making")                                                                \
    X(ARCHIVE_REMOVING, "removing")                                                            \
    X(ARCHIVE_DONE, "done")
enum archive_state {
#define X(code, name) code,
    ARCHIVE_STATE_MAP(X)
#undef X
        ARCHIVE_STATE_COUNT
};
const char *archive_state_name(enum archive_state state);

struct archive {
    int64_t id;
    enum archive_state state;
    char file[ARCHIVE_NAME];
    char sha256[SHA256_HEX]; /* "" while it is made */
    char person[JOB_TEXT];
    int64_t made_ms;
    int64_t jobs, labels, events;
    int64_t seq; /* the event jobs.archived; 0 while it is made */
};

/* ERR_NOT_FOUND. */
enum err archive_get(struct txn *txn, int64_t id, struct archive *out, struct why *why);
typedef enum err archive_fn(void *arg, const struct archive *archive, struct why *why);
/* Oldest first. */
enum err archive_list(struct txn *txn, archive_fn *fn, void *arg, struct why *why);

/* The archive that a job is in. ERR_NOT_FOUND, without `why`: it is in none. */
enum err archive_of_job(struct txn *txn, int64_t job_id, struct archive *out, struct why *why);
/* ERR_STATE, and `why` names the file, for a job that is archived or being archived. */
enum err archive_refuse(struct txn *txn, int64_t job_id, struct why *why);
/* The same for one whose rows may have left the store already: for readers. */
enum err archive_gone(struct txn *txn, int64_t job_id, struct why *why);

#endif
