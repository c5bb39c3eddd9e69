/* SPDX-License-Identifier: Apache-2.0 */
/* run.c: from the mark to the record; remove.c goes on from there. */
#include "spooler/archive/archive.h"

#include "spooler/archive/check.h"
#include "spooler/archive/parts.h"
#include "spooler/archive/remove.h"
#include "spooler/archive/write.h"
#include "spooler/base/durable.h"
#include "spooler/base/fault.h"
#include "spooler/base/log.h"
#include "spooler/ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKS_A_COMMIT 500

/* One archiving. */
struct run {
    const struct archive_config *config;
    const struct archive_order *order;
    struct archive archive;
    struct archive_due due;
    size_t next; /* of due.jobs, to be marked */
    char path[PATH_MAX], part[PATH_MAX];
    struct side *side;
    uint8_t leaves[SHA256_BYTES];
    uint8_t sha256[SHA256_BYTES];
};

enum err archive_sha256(const char *path, char out[static SHA256_HEX], struct why *why)
{
    uint8_t bytes[65536], hash[SHA256_BYTES];
    struct sha256_ctx ctx;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, errno, "%s", path);
    sha256_init(&ctx);
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        sha256_update(&ctx, (size_t)n, bytes);
    enum err err = n < 0 ? err_errno(why, ERR_SYSTEM, errno, "read %s", path) : ERR_NONE;
    close(fd); /* read only */
    sha256_digest(&ctx, sizeof hash, hash);
    if (!err)
        hex_text(hash, sizeof hash, out);
    return err;
}

/* ---- the file's name -----------------------------------------------------------------------
 */

enum err archive_path(const struct archive_config *config, const char *file, const char *end,
                      char out[static PATH_MAX], struct why *why)
{
    int len = snprintf(out, PATH_MAX, "%s/%s%s", config->folder, file, end);
    return len < 0 || len >= PATH_MAX ? err_set(why, ERR_TOO_LARGE, "the path is too long")
                                      : ERR_NONE;
}

static enum err check_name(const struct run *run, struct why *why)
{
    static const char good[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const char *file = run->order->file;
    size_t len = strlen(file);
    if (len == 0 || len >= ARCHIVE_NAME - 8 || file[0] == '.' || file[0] == '-' ||
        strspn(file, good) != len || (len >= 5 && strcmp(file + len - 5, ".part") == 0))
        return err_set(
            why, ERR_INPUT,
            "\"%.100s\" is no name of an archive: letters, digits, '.', '_' and '-', "
            "at most %d; it is written into %s",
            file, ARCHIVE_NAME - 9, run->config->folder);
    return ERR_NONE;
}

static enum err find_place(struct run *run, struct why *why)
{
    struct stat st;
    enum err err = check_name(run, why);
    if (!err)
        err = durable_mkdir(run->config->folder, 0750, why);
    if (!err)
        err = archive_path(run->config, run->order->file, "", run->path, why);
    if (!err)
        err = archive_path(run->config, run->order->file, ".part", run->part, why);
    if (!err && stat(run->path, &st) == 0)
        err = err_set(why, ERR_STATE, "%s is there already: nothing was written", run->path);
    return err;
}

/* ---- marks ----------------------------------------------------------------------------------
 */

static enum err is_free(struct txn *txn, const char *file, struct why *why)
{
    int64_t other = 0;
    enum err err =
        sql_int(txn, &other, why,
                "SELECT count(*) FROM archive WHERE state = 'making' OR file = ?1", "t", file);
    if (!err && other)
        err = err_set(
            why, ERR_BUSY,
            "an archive is being made, or one named %s was: wait, or take another name", file);
    return err;
}

static enum err op_due(struct txn *txn, void *arg, struct why *why)
{
    struct run *run = arg;
    enum err err = is_free(txn, run->order->file, why);
    return err ? err
               : archive_find_due(txn, &run->config->retention, run->order->before_ms,
                                  &run->due, why);
}

static enum err op_begin(struct txn *txn, void *arg, struct why *why)
{
    struct run *run = arg;
    enum err err = is_free(txn, run->order->file, why);
    if (!err)
        err = sql_run(txn, why,
                      "INSERT INTO archive (state, file, person, made_ms, jobs, labels)"
                      " VALUES ('making', ?1, ?2, ?3, ?4, ?5)",
                      "ttiii", run->order->file, run->order->person, txn_now_ms(txn),
                      (int64_t)run->due.count, run->due.labels);
    return err ? err : archive_get(txn, sql_last_id(txn), &run->archive, why);
}

/* It was due a moment ago; it is marked only if nothing was ordered meanwhile. */
static enum err mark(struct txn *txn, struct run *run, int64_t id, struct why *why)
{
    enum err err =
        sql_run(txn, why,
                "UPDATE job SET archive_id = ?1 WHERE id = ?2 AND archive_id IS NULL"
                " AND state IN ('closed','cancelled')"
                " AND NOT EXISTS (SELECT 1 FROM span WHERE job_id = ?2 AND newest = 1"
                "  AND state IN ('reserved','sending','in_doubt'))"
                " AND NOT EXISTS (SELECT 1 FROM reprint WHERE job_id = ?2"
                "  AND state IN ('waiting','open'))"
                " AND NOT EXISTS (SELECT 1 FROM chunk WHERE job_id = ?2 AND state = 'sending')",
                "ii", run->archive.id, id);
    if (!err && sql_changes(txn) != 1)
        err = err_set(why, ERR_BUSY, "something was ordered for job %lld just now: try again",
                      (long long)id);
    return err;
}

static enum err op_mark(struct txn *txn, void *arg, struct why *why)
{
    struct run *run = arg;
    enum err err = ERR_NONE;
    for (size_t i = run->next; !err && i < run->due.count && i < run->next + MARKS_A_COMMIT;
         i++)
        err = mark(txn, run, run->due.jobs[i], why);
    return err;
}

static enum err op_release(struct txn *txn, void *arg, struct why *why)
{
    int64_t id = *(int64_t *)arg;
    enum err err =
        sql_run(txn, why, "UPDATE job SET archive_id = NULL WHERE archive_id = ?1", "i", id);
    return err ? err : sql_run(txn, why, "DELETE FROM archive WHERE id = ?1", "i", id);
}

static enum err mark_all(struct run *run, struct why *why)
{
    struct store *store = run->config->store;
    enum err err = store_read(store, op_due, run, why);
    if (!err && run->due.count == 0)
        err = err_set(why, ERR_NOT_FOUND,
                      "no job is due: %lld wait for their expiry, %lld have something open",
                      (long long)run->due.not_expired, (long long)run->due.not_ready);
    if (!err)
        err = store_write(store, op_begin, run, why);
    for (; !err && run->next < run->due.count; run->next += MARKS_A_COMMIT)
        err = store_write(store, op_mark, run, why);
    fault_point("archive.marked");
    return err;
}

/* ---- the file -------------------------------------------------------------------------------
 */

static enum err op_fill(struct txn *txn, void *arg, struct why *why)
{
    struct run *run = arg;
    return archive_write(txn, run->config, &run->archive, run->side, &run->archive.events,
                         run->leaves, why);
}

/* On disk, and read again as somebody else would read it. */
static enum err make_file(struct run *run, struct why *why)
{
    struct archive_faults faults = {.count = 0};
    struct archive_facts facts;
    if (unlink(run->part) != 0 && errno != ENOENT) /* of one that died */
        return err_errno(why, ERR_SYSTEM, errno, "unlink %s", run->part);
    enum err err = side_make(run->part, archive_schema, &run->side, why);
    if (err)
        return err;
    err = store_read(run->config->store, op_fill, run, why);
    if (err)
        side_close(run->side);
    else
        err = side_finish(run->side, why);
    fault_point("archive.synced");
    if (!err)
        err = archive_check_ours(run->config, run->part, &facts, &faults, why);
    if (!err)
        hex_parse(facts.sha256, run->sha256, sizeof run->sha256);
    if (!err && (facts.jobs != run->archive.jobs || facts.events != run->archive.events))
        err = err_set(why, ERR_CORRUPT, "%s has not what was written into it", run->part);
    fault_point("archive.checked");
    archive_faults_free(&faults);
    return err;
}

/* ---- the record -----------------------------------------------------------------------------
 */

/* [[1,5],[7,7]] */
static json_t *ranges_json(const struct archive_due *due)
{
    json_t *list = json_array();
    bool bad = !list;
    for (size_t i = 0; !bad && i < due->count;) {
        size_t end = i + 1;
        while (end < due->count && due->jobs[end] == due->jobs[end - 1] + 1)
            end++;
        bad = json_array_append_new(list, json_pack("[II]", (json_int_t)due->jobs[i],
                                                    (json_int_t)due->jobs[end - 1])) != 0;
        i = end;
    }
    if (!bad)
        return list;
    json_decref(list);
    return NULL;
}

static enum err op_record(struct txn *txn, void *arg, struct why *why)
{
    struct run *run = arg;
    struct archive *archive = &run->archive;
    char hex[SHA256_HEX], leaves[SHA256_HEX];
    int64_t seq = 0;
    json_t *members = json_pack(
        "{sI ss ss sI sI sI ss so}", "archive", (json_int_t)archive->id, "file", archive->file,
        "sha256", hex_text(run->sha256, SHA256_BYTES, hex), "jobs", (json_int_t)archive->jobs,
        "labels", (json_int_t)archive->labels, "events", (json_int_t)archive->events, "leaves",
        hex_text(run->leaves, SHA256_BYTES, leaves), "job_ranges", ranges_json(&run->due));
    enum err err =
        members ? ledger_append(txn, "jobs.archived", archive->person, members, &seq, why)
                : err_set(why, ERR_NO_MEMORY, "out of memory");
    if (!err)
        err =
            sql_run(txn, why,
                    "UPDATE archive SET state = 'removing', sha256 = ?2, events = ?3, seq = ?4"
                    " WHERE id = ?1 AND state = 'making'",
                    "ibii", archive->id, (const void *)run->sha256, sizeof run->sha256,
                    archive->events, seq);
    if (!err && sql_changes(txn) != 1)
        err = err_set(why, ERR_STATE, "archive %lld is no longer being made",
                      (long long)archive->id);
    return err ? err : archive_get(txn, archive->id, archive, why);
}

/* Before the record nothing has happened: it is all taken back. */
static void take_back(struct run *run)
{
    struct why why = {""};
    int64_t id = run->archive.id;
    if (!id)
        return; /* and the part of that name may be somebody else's */
    if (store_write(run->config->store, op_release, &id, &why))
        log_error("marks of an archive that was not made stay until the next start", "why=%s",
                  logq(why.text));
    unlink(run->part); /* the next one of its name would do it as well */
}

static enum err to_record(struct run *run, struct why *why)
{
    enum err err = find_place(run, why);
    if (err)
        return err;
    err = mark_all(run, why);
    if (!err)
        err = make_file(run, why);
    fault_point("archive.record.before");
    if (!err)
        err = store_write(run->config->store, op_record, run, why);
    if (err)
        take_back(run);
    fault_point("archive.record.after");
    return err;
}

/* A store that does not fit its witness stays as it is until a person has decided. */
static enum err no_signer(struct why *why)
{
    return err_set(
        why, ERR_STATE,
        "nothing is signed now, so nothing is archived: docs/ledger.md, \"When a store "
        "does not fit its witness\"");
}

enum err archive_run(const struct archive_config *config, const struct archive_order *order,
                     struct archive *out, struct why *why)
{
    struct run run = {.config = config, .order = order};
    if (!config->signer)
        return no_signer(why);
    enum err err = to_record(&run, why);
    if (!err) {
        log_info("jobs archived", "archive=%lld file=%s sha256=%s jobs=%lld by=%s",
                 (long long)run.archive.id, logq(run.archive.file), run.archive.sha256,
                 (long long)run.archive.jobs, logq(run.archive.person));
        struct why cause = {""};
        bool left = archive_remove(config, &run.archive, &cause) == ERR_NONE;
        run.archive.state = left ? ARCHIVE_DONE : ARCHIVE_REMOVING;
        if (!left)
            log_error("archived rows have not all left the store", "archive=%lld why=%s",
                      (long long)run.archive.id, logq(cause.text));
    }
    archive_due_free(&run.due);
    if (!err)
        *out = run.archive;
    return err;
}

/* ---- after a death
 * --------------------------------------------------------------------------- */

struct left {
    struct archive list[16];
    size_t count;
    enum archive_state state; /* wanted */
};

static enum err add_left(void *arg, const struct archive *archive, struct why *why)
{
    struct left *left = arg;
    (void)why; /* what finds no room has its turn next time */
    if (archive->state == left->state && left->count < sizeof left->list / sizeof left->list[0])
        left->list[left->count++] = *archive;
    return ERR_NONE;
}

static enum err op_left(struct txn *txn, void *arg, struct why *why)
{
    return archive_list(txn, add_left, arg, why);
}

enum err archive_release(struct store *store, struct why *why)
{
    struct left left = {.state = ARCHIVE_MAKING};
    enum err err = store_read(store, op_left, &left, why);
    for (size_t i = 0; !err && i < left.count; i++) {
        err = store_write(store, op_release, &left.list[i].id, why);
        if (!err)
            log_info("an archive was not made: its jobs are as before", "file=%s",
                     logq(left.list[i].file));
    }
    return err;
}

enum err archive_resume(const struct archive_config *config, int64_t *finished, struct why *why)
{
    struct left left = {.state = ARCHIVE_REMOVING};
    if (!config->signer)
        return no_signer(why);
    enum err err = store_read(config->store, op_left, &left, why);
    size_t i = 0;
    for (; !err && i < left.count; i++)
        err = archive_remove(config, &left.list[i], why);
    if (!err && finished)
        *finished = (int64_t)i;
    return err;
}
