/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/archive/remove.h"

#include "spooler/archive/check.h"
#include "spooler/archive/parts.h"
#include "spooler/base/durable.h"
#include "spooler/base/fault.h"
#include "spooler/ledger/merkle.h"
#include "spooler/store/side.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A commit takes some milliseconds: jobs are accepted and chunks settled between them. */
#define EVENTS_A_COMMIT 500

struct removal {
    const struct archive_config *config;
    const struct archive *archive;
    struct side *side;
    int64_t seqs[EVENTS_A_COMMIT];
    uint8_t leaves[EVENTS_A_COMMIT][SHA256_BYTES];
    size_t count;
    int64_t changed; /* rows, in the last commit */
};

/* ---- the file
 * -------------------------------------------------------------------------------- */

static enum err settle_name(const struct removal *removal, char path[static PATH_MAX],
                            struct why *why)
{
    const struct archive *archive = removal->archive;
    char part[PATH_MAX], name[ARCHIVE_NAME + 8];
    snprintf(name, sizeof name, "%s.part", archive->file);
    enum err err = archive_path(removal->config, archive->file, "", path, why);
    if (!err)
        err = archive_path(removal->config, name, "", part, why);
    if (!err && access(path, F_OK) == 0) /* its name may not be on disk yet */
        return durable_sync_folder(removal->config->folder, why);
    if (err || access(part, F_OK) != 0)
        return err;
    err = durable_rename(removal->config->folder, name, archive->file, why);
    fault_point("archive.renamed");
    return err;
}

static enum err open_file(struct removal *removal, struct why *why)
{
    const struct archive *archive = removal->archive;
    char path[PATH_MAX], sha256[SHA256_HEX];
    enum err err = settle_name(removal, path, why);
    if (!err)
        err = archive_sha256(path, sha256, why);
    if (!err && strcmp(sha256, archive->sha256) != 0)
        err =
            err_set(why, ERR_CORRUPT,
                    "%s is not the file that was archived: its SHA-256 is %s, on record is %s. "
                    "Nothing is removed from the store",
                    path, sha256, archive->sha256);
    return err ? err : side_open(path, archive_schema, &removal->side, why);
}

/* ---- rows
 * ------------------------------------------------------------------------------------ */

static const char *const deletions[] = {
    "DELETE FROM page WHERE (job_id, first) IN (SELECT p.job_id, p.first FROM job AS j"
    " JOIN page AS p ON p.job_id = j.id WHERE j.archive_id = ?1 LIMIT 64)",
    "DELETE FROM span WHERE newest = 0 AND (job_id, first, attempt) IN"
    " (SELECT s.job_id, s.first, s.attempt FROM job AS j JOIN span AS s ON s.job_id = j.id"
    "  AND s.newest = 0 WHERE j.archive_id = ?1 LIMIT 500)",
    "DELETE FROM chunk WHERE id IN (SELECT c.id FROM job AS j JOIN chunk AS c"
    " ON c.job_id = j.id WHERE j.archive_id = ?1 LIMIT 500)",
    /* last: chunks refer to it */
    "DELETE FROM reprint WHERE id IN (SELECT r.id FROM job AS j JOIN reprint AS r"
    " ON r.job_id = j.id WHERE j.archive_id = ?1 LIMIT 500)",
};

/* The first kind of which there are rows left. */
static enum err op_rows(struct txn *txn, void *arg, struct why *why)
{
    struct removal *removal = arg;
    enum err err = ERR_NONE;
    removal->changed = 0;
    for (size_t i = 0; !err && !removal->changed && i < sizeof deletions / sizeof deletions[0];
         i++) {
        err = sql_run(txn, why, deletions[i], "i", removal->archive->id);
        removal->changed = err ? 0 : sql_changes(txn);
    }
    return err;
}

/* ---- bodies of events
 * ------------------------------------------------------------------------ */

/* *there: the body stands in the store and is the one that the file has. */
static enum err is_same(struct txn *txn, int64_t seq, const uint8_t leaf[static SHA256_BYTES],
                        bool *there, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    uint8_t hash[SHA256_BYTES];
    enum err err =
        sql_query(txn, &rows, why,
                  "SELECT body FROM event WHERE seq = ?1 AND archive_id IS NULL", "i", seq);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && have) {
        size_t len = 0;
        const void *body = rows_blob(rows, 0, &len);
        merkle_leaf_hash(body, len, hash);
        if (memcmp(hash, leaf, sizeof hash) != 0)
            err =
                err_set(why, ERR_CORRUPT,
                        "event %lld in the store is not the one in the archive: it stays where "
                        "it is",
                        (long long)seq);
    }
    rows_end(rows);
    *there = have;
    return err;
}

static enum err op_events(struct txn *txn, void *arg, struct why *why)
{
    const struct removal *removal = arg;
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < removal->count; i++) {
        bool there = false;
        err = is_same(txn, removal->seqs[i], removal->leaves[i], &there, why);
        if (!err && there)
            err = sql_run(txn, why,
                          "UPDATE event SET body = x'', leaf = ?2, archive_id = ?3"
                          " WHERE seq = ?1",
                          "ibi", removal->seqs[i], (const void *)removal->leaves[i],
                          (size_t)SHA256_BYTES, removal->archive->id);
    }
    return err;
}

/* The next events of the file, behind `after`. */
static enum err read_events(struct removal *removal, int64_t after, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    size_t len = 0;
    removal->count = 0;
    enum err err = sql_query(side_txn(removal->side), &rows, why,
                             "SELECT seq, leaf FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                             "ii", after, (int64_t)EVENTS_A_COMMIT);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        const void *leaf = rows_blob(rows, 1, &len);
        if (len != SHA256_BYTES)
            err = err_set(why, ERR_CORRUPT, "a leaf of the archive has %zu bytes", len);
        else {
            removal->seqs[removal->count] = rows_int(rows, 0);
            memcpy(removal->leaves[removal->count++], leaf, len);
        }
    }
    rows_end(rows);
    return err;
}

static enum err remove_events(struct removal *removal, struct why *why)
{
    int64_t after = 0;
    enum err err = read_events(removal, after, why);
    while (!err && removal->count && !(err = archive_stopping(removal->config->stop, why))) {
        err = store_write(removal->config->store, op_events, removal, why);
        after = removal->seqs[removal->count - 1];
        fault_point("archive.remove.events");
        if (!err)
            err = read_events(removal, after, why);
    }
    return err;
}

static enum err op_done(struct txn *txn, void *arg, struct why *why)
{
    const struct removal *removal = arg;
    return sql_run(txn, why, "UPDATE archive SET state = 'done' WHERE id = ?1", "i",
                   removal->archive->id);
}

enum err archive_remove(const struct archive_config *config, const struct archive *archive,
                        struct why *why)
{
    struct removal removal = {.config = config, .archive = archive, .changed = 1};
    enum err err = open_file(&removal, why);
    while (!err && removal.changed && !(err = archive_stopping(config->stop, why))) {
        err = store_write(config->store, op_rows, &removal, why);
        fault_point("archive.remove.rows");
    }
    if (!err)
        err = remove_events(&removal, why);
    fault_point("archive.done.before");
    if (!err)
        err = store_write(config->store, op_done, &removal, why);
    side_close(removal.side);
    return err;
}
