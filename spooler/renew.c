/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/renew.h"

#include "spooler/base/fault.h"
#include "spooler/base/log.h"
#include "spooler/job/renew.h"
#include "spooler/ledger/ledger.h"
#include "spooler/registry/marks.h"
#include "spooler/store/backup.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct start {
    struct registry *registry;
    uint32_t epoch; /* that of the store as it was opened */
    bool had_marks, older, missing, put_back, renewed;
    char because[512];
    struct renewal renewal;
    size_t skipped;
};

/* ---- what is owed ---------------------------------------------------------------------- */

#define OLDER "older_copy" /* why it is one: to be renewed, whatever it looks like by now */
#define OWED                                                                                   \
    "witness_aside" /* "EPOCH SIZE": whose witness, and the events when it was renewed */

/* *found false: no such mark. */
static enum err read_mark(struct txn *txn, const char *key, char *out, size_t size, bool *found,
                          struct why *why)
{
    struct rows *rows = NULL;
    enum err err =
        sql_query(txn, &rows, why, "SELECT value FROM meta WHERE key = ?1", "t", key);
    if (!err)
        err = rows_next(rows, found, why);
    if (!err && *found)
        snprintf(out, size, "%s", rows_text(rows, 0));
    rows_end(rows);
    return err;
}

static enum err put_mark(struct txn *txn, const char *key, const char *value, struct why *why)
{
    return sql_run(txn, why,
                   "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key)"
                   " DO UPDATE SET value = excluded.value",
                   "tt", key, value);
}

static enum err drop_mark(struct txn *txn, const char *key, struct why *why)
{
    return sql_run(txn, why, "DELETE FROM meta WHERE key = ?1", "t", key);
}

struct owed {
    const struct witness_finding *finding;
    bool there;
    uint32_t epoch;
    uint64_t size;
};

static enum err read_owed(struct txn *txn, void *arg, struct why *why)
{
    struct owed *owed = arg;
    char text[64];
    enum err err = read_mark(txn, OWED, text, sizeof text, &owed->there, why);
    if (!err && owed->there &&
        sscanf(text, "%" SCNu32 " %" SCNu64, &owed->epoch, &owed->size) != 2)
        err = err_set(why, ERR_CORRUPT, "the store's mark %s is \"%s\"", OWED, text);
    return err;
}

static enum err begin(struct txn *txn, void *arg, struct why *why)
{
    struct owed *owed = arg;
    enum err err = read_owed(txn, owed, why);
    if (!err && owed->there && owed->finding->agreed_size >= owed->size) {
        owed->there = false;
        err = drop_mark(txn, OWED, why);
    }
    /* It may have been found older while its witness's disk was away. */
    if (!err && owed->finding->state == WITNESS_AGREES)
        err = drop_mark(txn, OLDER, why);
    return err || owed->finding->state != WITNESS_OLDER || owed->there
               ? err
               : put_mark(txn, OLDER, owed->finding->words, why);
}

enum err renew_begin(struct store *store, const struct witness_finding *finding, bool *owed,
                     struct why *why)
{
    struct owed found = {.finding = finding};
    enum err err = store_write(store, begin, &found, why);
    if (!err)
        *owed = found.there;
    return err;
}

enum err renew_owed(struct store *store, uint32_t *epoch, struct why *why)
{
    struct owed owed = {.epoch = store_epoch(store)};
    enum err err = store_read(store, read_owed, &owed, why);
    if (!err)
        *epoch = owed.epoch;
    return err;
}

static enum err done(struct txn *txn, void *arg, struct why *why)
{
    (void)arg; /* there is one such mark */
    return drop_mark(txn, OWED, why);
}

enum err renew_done(struct store *store, struct why *why)
{
    return store_write(store, done, NULL, why);
}

/* ---- the store's commit ------------------------------------------------------------------ */

static enum err note_skipped(struct txn *txn, json_t *skipped, struct why *why)
{
    json_t *members = json_pack("{ss sO}", "because", "marks outside the store are ahead of it",
                                "skipped", skipped);
    return members ? ledger_append(txn, "series.skipped", NULL, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* All marks of this renewal are spent, and the next one is set: the witness. */
static enum err spend_marks(struct txn *txn, const struct start *start, struct why *why)
{
    char owed[64];
    int64_t size = 0;
    enum err err = store_renewed(txn, why);
    if (!err)
        err = drop_mark(txn, OLDER, why);
    if (!err)
        err = ledger_size(txn, &size, why);
    snprintf(owed, sizeof owed, "%" PRIu32 " %" PRId64, start->epoch, size);
    return err ? err : put_mark(txn, OWED, owed, why);
}

static enum err at_start(struct txn *txn, void *arg, struct why *why)
{
    struct start *start = arg;
    bool put_back = false, marked = false;
    uint64_t gap = 0;
    json_t *skipped = json_array();
    if (!skipped)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = store_was_put_back(txn, &put_back, &gap, why);
    if (!err)
        err = read_mark(txn, OLDER, start->because, sizeof start->because, &marked, why);
    start->older = start->older || marked;
    start->renewed = put_back || start->older;
    if (!put_back)
        gap = start->older ? RENEW_GAP : 0;
    /* Marks say exactly how far numbers went; the gap is for a machine that has none. */
    if (!err)
        err = registry_skip_ahead(txn, start->registry, start->renewed,
                                  start->had_marks ? 0 : gap, skipped, why);
    start->skipped = json_array_size(skipped);
    if (!err && start->renewed)
        err = job_renew(txn, put_back ? "a copy was put back" : start->because, skipped,
                        &start->renewal, why);
    else if (!err && start->skipped > 0)
        err = note_skipped(txn, skipped, why);
    if (!err && start->renewed)
        err = spend_marks(txn, start, why);
    json_decref(skipped);
    return err;
}

static enum err keep_marks(struct store *store, struct start *start, const char *folder,
                           struct why *why)
{
    char path[PATH_MAX];
    struct stat st;
    struct marks *marks = NULL;
    int len = snprintf(path, sizeof path, "%s/registry-%s.marks", folder, store_id(store));
    if (len < 0 || len >= (int)sizeof path)
        return err_set(why, ERR_TOO_LARGE, "%.80s...: the path is too long", folder);
    start->had_marks = stat(path, &st) == 0;
    if (start->missing && !start->had_marks && !start->put_back)
        return ERR_NOT_FOUND;
    enum err err = marks_open(path, &marks, why);
    if (!err)
        registry_keep_marks(start->registry, marks);
    return err;
}

static enum err read_put_back(struct txn *txn, void *arg, struct why *why)
{
    struct start *start = arg;
    uint64_t gap;
    return store_was_put_back(txn, &start->put_back, &gap, why);
}

enum err renew_at_start(struct store *store, struct registry *registry, const char *folder,
                        const struct witness_finding *finding, bool *renewed, struct why *why)
{
    bool missing = finding->state == WITNESS_MISSING;
    struct start start = {.registry = registry,
                          .older = finding->state == WITNESS_OLDER || missing,
                          .missing = missing,
                          .epoch = store_epoch(store)};
    snprintf(start.because, sizeof start.because, "%s", finding->words);
    enum err err = store_read(store, read_put_back, &start, why);
    if (!err)
        err = keep_marks(store, &start, folder, why);
    if (err == ERR_NOT_FOUND) /* neither witness nor marks: a person knows why */
        return ERR_NONE;
    fault_point("renew.before");
    if (!err)
        err = store_write(store, at_start, &start, why);
    fault_point("renew.committed");
    if (err)
        return err;
    if (start.renewed)
        log_warn("the store is an older copy: a new epoch begins",
                 "epoch=%u labels_in_doubt=%lld jobs_held=%lld reprints_cancelled=%lld"
                 " scopes_skipped=%zu why=%s",
                 start.renewal.epoch, (long long)start.renewal.labels,
                 (long long)start.renewal.jobs, (long long)start.renewal.reprints,
                 start.skipped, logq(start.older ? start.because : "a copy was put back"));
    else if (start.skipped > 0)
        log_warn("numbers are skipped: marks outside the store are ahead of it", "scopes=%zu",
                 start.skipped);
    *renewed = start.renewed;
    return ERR_NONE;
}
