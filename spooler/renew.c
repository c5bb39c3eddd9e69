/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/renew.h"

#include "spooler/base/log.h"
#include "spooler/job/renew.h"
#include "spooler/ledger/ledger.h"
#include "spooler/registry/marks.h"
#include "spooler/store/backup.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

struct start {
    struct registry *registry;
    bool had_marks, older, renewed;
    const char *because;
    struct renewal renewal;
    size_t skipped;
};

static enum err note_skipped(struct txn *txn, json_t *skipped, struct why *why)
{
    json_t *members = json_pack("{ss sO}", "because", "marks outside the store are ahead of it",
                                "skipped", skipped);
    return members ? ledger_append(txn, "series.skipped", NULL, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err at_start(struct txn *txn, void *arg, struct why *why)
{
    struct start *start = arg;
    bool put_back = false;
    uint64_t gap = 0;
    json_t *skipped = json_array();
    if (!skipped)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = store_was_put_back(txn, &put_back, &gap, why);
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
    if (!err && put_back)
        err = store_renewed(txn, why);
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
    enum err err = marks_open(path, &marks, why);
    if (!err)
        registry_keep_marks(start->registry, marks);
    return err;
}

enum err renew_at_start(struct store *store, struct registry *registry, const char *folder,
                        bool older, const char *because, bool *renewed, struct why *why)
{
    struct start start = {.registry = registry, .older = older, .because = because};
    enum err err = keep_marks(store, &start, folder, why);
    if (!err)
        err = store_write(store, at_start, &start, why);
    if (err)
        return err;
    if (start.renewed)
        log_warn("the store is an older copy: a new epoch begins",
                 "epoch=%u labels_in_doubt=%lld jobs_held=%lld reprints_cancelled=%lld"
                 " scopes_skipped=%zu why=%s",
                 start.renewal.epoch, (long long)start.renewal.labels,
                 (long long)start.renewal.jobs, (long long)start.renewal.reprints,
                 start.skipped, logq(because && older ? because : "a copy was put back"));
    else if (start.skipped > 0)
        log_warn("numbers are skipped: marks outside the store are ahead of it", "scopes=%zu",
                 start.skipped);
    *renewed = start.renewed;
    return ERR_NONE;
}
