/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/archived.h"

#include <stdio.h>
#include <string.h>

static const char *const state_names[] = {
#define X(code, name) name,
    ARCHIVE_STATE_MAP(X)
#undef X
};

const char *archive_state_name(enum archive_state state)
{
    return state_names[state];
}

static void copy_text(struct rows *rows, int column, char *out, size_t size)
{
    const char *text = rows_text(rows, column);
    snprintf(out, size, "%s", text ? text : "");
}

#define ARCHIVE_COLUMNS                                                                        \
    "SELECT a.id, a.state, a.file, a.sha256, a.person, a.made_ms, a.jobs, a.labels, a.events," \
    " coalesce (a.seq, 0) FROM archive AS a "

static enum err from_row(struct rows *rows, struct archive *out, struct why *why)
{
    struct archive archive = {.id = rows_int(rows, 0)};
    const char *state = rows_text(rows, 1);
    size_t i = 0, len = 0;
    while (i < ARCHIVE_STATE_COUNT && strcmp(state_names[i], state ? state : "") != 0)
        i++;
    const void *hash = rows_blob(rows, 3, &len);
    if (i == ARCHIVE_STATE_COUNT || (len != SHA256_BYTES && i != ARCHIVE_MAKING))
        return err_set(why, ERR_CORRUPT, "archive %lld is stored with state \"%s\"",
                       (long long)archive.id, state ? state : "");
    archive.state = (enum archive_state)i;
    if (len == SHA256_BYTES)
        hex_text(hash, len, archive.sha256);
    copy_text(rows, 2, archive.file, sizeof archive.file);
    copy_text(rows, 4, archive.person, sizeof archive.person);
    archive.made_ms = rows_int(rows, 5);
    archive.jobs = rows_int(rows, 6);
    archive.labels = rows_int(rows, 7);
    archive.events = rows_int(rows, 8);
    archive.seq = rows_int(rows, 9);
    *out = archive;
    return ERR_NONE;
}

/* The one row of a query that was started; ERR_NOT_FOUND without `why`. */
static enum err one_row(struct rows *rows, struct archive *out, struct why *why)
{
    bool have = false;
    enum err err = rows_next(rows, &have, why);
    return err ? err : have ? from_row(rows, out, why) : ERR_NOT_FOUND;
}

enum err archive_get(struct txn *txn, int64_t id, struct archive *out, struct why *why)
{
    struct rows *rows = NULL;
    enum err err = sql_query(txn, &rows, why, ARCHIVE_COLUMNS "WHERE a.id = ?1", "i", id);
    if (!err)
        err = one_row(rows, out, why);
    rows_end(rows);
    return err == ERR_NOT_FOUND ? err_set(why, err, "there is no archive %lld", (long long)id)
                                : err;
}

enum err archive_of_job(struct txn *txn, int64_t job_id, struct archive *out, struct why *why)
{
    struct rows *rows = NULL;
    enum err err = sql_query(txn, &rows, why,
                             ARCHIVE_COLUMNS "JOIN job AS j ON j.archive_id = a.id"
                                             " WHERE j.id = ?1",
                             "i", job_id);
    if (!err)
        err = one_row(rows, out, why);
    rows_end(rows);
    return err;
}

enum err archive_list(struct txn *txn, archive_fn *fn, void *arg, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why, ARCHIVE_COLUMNS "ORDER BY a.id", "");
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct archive archive;
        err = from_row(rows, &archive, why);
        if (!err)
            err = fn(arg, &archive, why);
    }
    rows_end(rows);
    return err;
}

static enum err refuse(struct txn *txn, int64_t job_id, bool reader, struct why *why)
{
    struct archive archive;
    char at[CLOCK_ISO_SIZE];
    enum err err = archive_of_job(txn, job_id, &archive, why);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_NONE : err;
    if (archive.state == ARCHIVE_MAKING && reader)
        return ERR_NONE;
    if (archive.state == ARCHIVE_MAKING)
        return err_set(why, ERR_STATE,
                       "job %lld is being archived into %s: its labels stay as "
                       "they are",
                       (long long)job_id, archive.file);
    return err_set(
        why, ERR_STATE,
        "job %lld is archived in %s (SHA-256 %s) since %.10s: its labels stay as they "
        "are; tem archive show answers from the file",
        (long long)job_id, archive.file, archive.sha256, clock_iso(archive.made_ms, at));
}

enum err archive_refuse(struct txn *txn, int64_t job_id, struct why *why)
{
    return refuse(txn, job_id, false, why);
}

enum err archive_gone(struct txn *txn, int64_t job_id, struct why *why)
{
    return refuse(txn, job_id, true, why);
}
