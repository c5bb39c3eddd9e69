/* SPDX-License-Identifier: Apache-2.0 */
/* seal.c: see seal.h. */
#include "spooler/ledger/seal.h"

#include "spooler/base/durable.h"
#include "spooler/base/log.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/notary.h"
#include "spooler/ledger/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seal {
    struct seal_config config;
    struct note_signer signer;
    char witness[PATH_MAX];
    struct witness_finding finding;
    struct notary *notary;
};

static enum err open_key(struct seal *seal, struct why *why)
{
    const struct seal_config *config = &seal->config;
    char own[NOTE_NAME_SIZE];
    snprintf(own, sizeof own, "tem/%s", store_id(config->store));
    const char *origin = config->origin && *config->origin ? config->origin : own;
    return note_signer_open(config->key_folder, origin, config->random, &seal->signer, why);
}

static enum err ask_witness(struct seal *seal, struct why *why)
{
    const struct seal_config *config = &seal->config;
    const char *folder = config->witness_folder;
    bool own = folder && *folder;
    enum err err = own ? durable_mkdir(folder, 0750, why) : ERR_NONE;
    folder = own ? folder : config->key_folder;
    if (!err)
        err = witness_path(folder, store_id(config->store), seal->witness, why);
    if (!err)
        err = ledger_witness_check(config->store, seal->witness, &seal->finding, why);
    if (!err && seal->finding.state == WITNESS_NONE)
        err = ledger_witness_others(folder, store_id(config->store), &seal->signer.key,
                                    &seal->finding, why);
    return err;
}

static void tell_log(const struct seal *seal)
{
    const struct witness_finding *finding = &seal->finding;
    struct buf vkey = BUF_INIT(1024);
    note_key_text(&seal->signer.key, &vkey);
    log_info("ledger key", "vkey=%s", logq(buf_text(&vkey)));
    buf_free(&vkey);
    if (witness_is_well(finding))
        log_info("ledger witness", "state=%s size=%llu store_size=%llu",
                 witness_state_name(finding->state), (unsigned long long)finding->witness_size,
                 (unsigned long long)finding->store_size);
    else
        log_error("store does not fit its witness: no number is issued", "state=%s why=%s",
                  witness_state_name(finding->state), logq(finding->words));
}

enum err seal_open(const struct seal_config *config, struct seal **out, struct why *why)
{
    struct seal *seal = calloc(1, sizeof *seal);
    if (!seal)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    seal->config = *config;
    enum err err = open_key(seal, why);
    if (!err)
        err = tree_catch_up(config->store, why);
    if (!err)
        err = ask_witness(seal, why);
    /* lent for this call only */
    seal->config.key_folder = seal->config.witness_folder = seal->config.origin = NULL;
    if (err) {
        seal_close(seal);
        return err;
    }
    tell_log(seal);
    *out = seal;
    return ERR_NONE;
}

/* A key that was replaced stays a fact of the past. */
static enum err note_key(struct txn *txn, void *arg, struct why *why)
{
    const char *vkey = arg;
    int64_t same = 0;
    enum err err = sql_int(txn, &same, why,
                           "SELECT count(*) FROM meta WHERE key = 'ledger_vkey' AND value = ?1",
                           "t", vkey);
    if (err || same)
        return err;
    err = sql_run(txn, why,
                  "INSERT INTO meta (key, value) VALUES ('ledger_vkey', ?1)"
                  " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                  "t", vkey);
    if (err)
        return err;
    json_t *members = json_pack("{ss}", "vkey", vkey);
    return members ? ledger_append(txn, "ledger.key", NULL, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

enum err seal_begin(struct seal *seal, struct why *why)
{
    struct buf vkey = BUF_INIT(1024);
    note_key_text(&seal->signer.key, &vkey);
    enum err err = buf_err(&vkey) ? err_set(why, buf_err(&vkey), "out of memory")
                                  : store_write(seal->config.store, note_key,
                                                (void *)(uintptr_t)buf_text(&vkey), why);
    buf_free(&vkey);
    if (err || !witness_is_well(&seal->finding))
        return err;
    struct why full; /* as for each line: it is said, and written later */
    if (witness_begin(seal->witness, &full))
        log_warn("witness cannot be made", "file=%s why=%s", logq(seal->witness),
                 logq(full.text));
    const struct notary_config notary = {.store = seal->config.store,
                                         .signer = &seal->signer,
                                         .witness = seal->witness,
                                         .events = seal->config.events,
                                         .seconds = seal->config.seconds};
    return notary_start(&notary, &seal->notary, why);
}

enum err seal_set_aside(const struct seal *seal, uint32_t epoch, struct why *why)
{
    char folder[PATH_MAX], name[PATH_MAX], to[PATH_MAX + 24];
    const char *slash = strrchr(seal->witness, '/');
    if (!slash)
        return ERR_NONE;
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - seal->witness), seal->witness);
    snprintf(name, sizeof name, "%s", slash + 1);
    snprintf(to, sizeof to, "%s.epoch-%u", name, epoch);
    enum err err = durable_rename(folder, name, to, why);
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

void seal_close(struct seal *seal)
{
    if (!seal)
        return;
    notary_stop(seal->notary);
    explicit_bzero(&seal->signer, sizeof seal->signer);
    free(seal);
}

const struct note_signer *seal_signer(const struct seal *seal)
{
    return witness_is_well(&seal->finding) ? &seal->signer : NULL;
}

const struct note_key *seal_key(const struct seal *seal)
{
    return &seal->signer.key;
}

const struct witness_finding *seal_finding(const struct seal *seal)
{
    return &seal->finding;
}
