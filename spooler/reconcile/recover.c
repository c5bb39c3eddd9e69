/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/reconcile/recover.h"

#include "spooler/base/log.h"
#include "spooler/reconcile/verdict.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

static enum err sweep_staged(struct txn *txn, void *arg, struct why *why)
{
    return job_sweep(txn, arg, why);
}

struct asked {
    int64_t chunk_id;
    bool sending;
};

static enum err is_sending(struct txn *txn, void *arg, struct why *why)
{
    struct asked *asked = arg;
    struct chunk chunk;
    enum err err = chunk_get(txn, asked->chunk_id, &chunk, &asked->sending, why);
    if (err != ERR_NOT_FOUND)
        return err;
    asked->sending = false;
    return ERR_NONE;
}

/* One file of the feed folder. */
static enum err sweep_file(struct store *store, const char *folder, const char *file,
                           struct why *why)
{
    struct token_name token;
    enum token_state state;
    if (!token_parse(file, &token, &state) || strcmp(token.store_id, store_id(store)) != 0)
        return ERR_NONE; /* another store's, or none of ours */
    struct asked asked = {.chunk_id = (int64_t)token.chunk};
    if (token.epoch == store_epoch(store)) {
        enum err err = store_read(store, is_sending, &asked, why);
        if (err || asked.sending)
            return err;
    } else if (state == TOKEN_GO || state == TOKEN_NEW) {
        enum err err = token_revoke(folder, &token, why);
        if (err && err != ERR_STATE)
            return err;
    }
    log_info("token swept", "token=%s", logq(file));
    return token_remove(folder, &token, why);
}

static enum err sweep_tokens(struct store *store, const char *folder, struct why *why)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return err_errno(why, ERR_SYSTEM, errno, "open feed folder %s", folder);
    enum err err = ERR_NONE;
    struct dirent *entry;
    while (!err && (entry = readdir(dir)))
        err = sweep_file(store, folder, entry->d_name, why);
    closedir(dir); /* read only */
    return err;
}

struct orphans {
    bool (*configured)(void *ctx, const char *printer);
    void *ctx;
    struct chunk list[64]; /* more are found at the next start */
    size_t count;
};

static enum err keep_orphan(void *arg, const struct chunk *chunk, struct why *why)
{
    struct orphans *orphans = arg;
    (void)why; /* cannot fail */
    if (!orphans->configured(orphans->ctx, chunk->printer) &&
        orphans->count < sizeof orphans->list / sizeof orphans->list[0])
        orphans->list[orphans->count++] = *chunk;
    return ERR_NONE;
}

static enum err find_orphans(struct txn *txn, void *arg, struct why *why)
{
    return chunk_open(txn, NULL, keep_orphan, arg, why);
}

struct settle {
    int64_t chunk_id;
    const struct chunk_outcome *outcome;
};

static enum err commit_settle(struct txn *txn, void *arg, struct why *why)
{
    const struct settle *settle = arg;
    return chunk_settle(txn, settle->chunk_id, settle->outcome, why);
}

/* Settles a chunk whose printer is gone from the configuration, when nothing can be started. */
static enum err settle_orphan(struct store *store, const char *folder,
                              const struct chunk *chunk, struct why *why)
{
    struct token_name token = {.epoch = chunk->epoch,
                               .job = (uint64_t)chunk->job_id,
                               .chunk = (uint64_t)chunk->id,
                               .attempt = chunk->attempt};
    memcpy(token.store_id, store_id(store), sizeof token.store_id);
    struct why lost;
    enum err err = token_revoke(folder, &token, &lost);
    if (err && err != ERR_STATE)
        return err_set(why, err, "%s", lost.text);
    struct verdict verdict;
    err = verdict_read(folder, &token, chunk->impressions, &verdict, why);
    if (err)
        return err;
    if (verdict.kind != VERDICT_OVER) {
        log_warn("a chunk still prints on a printer that is not configured",
                 "job=%lld chunk=%lld printer=%s", (long long)chunk->job_id,
                 (long long)chunk->id, logq(chunk->printer));
        return ERR_NONE;
    }
    struct settle settle = {chunk->id, &verdict.outcome};
    err = store_write(store, commit_settle, &settle, why);
    return err ? err : token_remove(folder, &token, why);
}

/* Jobs that no printer's thread will ever ask for. */
struct waiting {
    bool (*configured)(void *ctx, const char *printer);
    void *ctx;
    int64_t jobs[256]; /* more are held at the next start */
    size_t count;
};

static enum err find_waiting(struct txn *txn, void *arg, struct why *why)
{
    struct waiting *waiting = arg;
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT id, printer FROM job"
                             " WHERE state = 'open'",
                             "");
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        if (!waiting->configured(waiting->ctx, rows_text(rows, 1)) &&
            waiting->count < sizeof waiting->jobs / sizeof waiting->jobs[0])
            waiting->jobs[waiting->count++] = rows_int(rows, 0);
    }
    rows_end(rows);
    return err;
}

static enum err hold_waiting(struct txn *txn, void *arg, struct why *why)
{
    const struct waiting *waiting = arg;
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < waiting->count; i++)
        err = job_hold(txn, waiting->jobs[i], NULL, "printer",
                       "Its printer is not in temd.yaml any more. Put it back, start temd again"
                       " and release the job, or cancel it.",
                       why);
    return err;
}

enum err recover(struct store *store, const char *feed_folder,
                 bool (*configured)(void *ctx, const char *printer), void *ctx, struct why *why)
{
    int64_t swept = 0;
    enum err err = store_write(store, sweep_staged, &swept, why);
    if (!err && swept > 0)
        log_info("requests swept that were never accepted", "jobs=%lld", (long long)swept);
    struct orphans orphans = {.configured = configured, .ctx = ctx};
    if (!err)
        err = store_read(store, find_orphans, &orphans, why);
    for (size_t i = 0; !err && i < orphans.count; i++)
        err = settle_orphan(store, feed_folder, &orphans.list[i], why);
    struct waiting waiting = {.configured = configured, .ctx = ctx};
    if (!err)
        err = store_read(store, find_waiting, &waiting, why);
    if (!err && waiting.count > 0)
        err = store_write(store, hold_waiting, &waiting, why);
    return err ? err : sweep_tokens(store, feed_folder, why);
}
