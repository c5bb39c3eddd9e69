/* SPDX-License-Identifier: Apache-2.0 */
/* notary.c: see notary.h. */
#include "spooler/ledger/notary.h"

#include "spooler/base/fault.h"
#include "spooler/base/log.h"
#include "spooler/ledger/checkpoint.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/tree.h"
#include "spooler/ledger/witness.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct notary {
    struct notary_config config;
    uint64_t signed_size; /* its thread's alone */
    int64_t signed_mono_ms;
    bool witness_failed; /* said already */
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t wake;
    bool stopping;
};

/* ---- signing ----------------------------------------------------------------------- */

enum err notary_sign(struct txn *txn, const struct note_signer *signer, struct buf *out,
                     uint64_t *size, struct why *why)
{
    uint8_t root[SHA256_BYTES];
    int64_t events = 0;
    enum err err = ledger_size(txn, &events, why);
    if (!err)
        err = tree_root(txn, (uint64_t)events, root, why);
    if (err)
        return err;
    checkpoint_sign(signer, (uint64_t)events, root, out);
    if (buf_err(out))
        return err_set(why, buf_err(out), "a checkpoint: %s", err_meaning(buf_err(out)));
    *size = (uint64_t)events;
    return ERR_NONE;
}

enum err notary_newest(struct txn *txn, struct buf *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1", "");
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = err_set(why, ERR_NOT_FOUND, "the ledger was never signed");
    if (!err) {
        size_t len = 0;
        const void *note = rows_blob(rows, 0, &len);
        buf_add(out, note, len);
    }
    rows_end(rows);
    return err;
}

enum err notary_each(struct txn *txn, uint64_t after, notary_fn *fn, void *arg, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false, more = true;
    enum err err =
        sql_query(txn, &rows, why,
                  "SELECT size, made_ms, note FROM checkpoint WHERE size > ?1 ORDER BY size",
                  "i", (int64_t)after);
    while (!err && more && !(err = rows_next(rows, &have, why)) && have) {
        size_t len = 0;
        const void *note = rows_blob(rows, 2, &len);
        err = fn(arg, (uint64_t)rows_int(rows, 0), rows_int(rows, 1), note, len, &more, why);
    }
    rows_end(rows);
    return err;
}

/* A checkpoint on its way into the store. */
struct signing {
    const struct note_signer *signer;
    struct buf note;
    uint64_t size;
    int64_t made_ms;
};

static enum err sign_and_keep(struct txn *txn, void *arg, struct why *why)
{
    struct signing *signing = arg;
    buf_reset(&signing->note); /* it may run twice */
    signing->made_ms = txn_now_ms(txn);
    enum err err = notary_sign(txn, signing->signer, &signing->note, &signing->size, why);
    if (!err)
        err = sql_run(txn, why,
                      "INSERT INTO checkpoint (size, note, made_ms) VALUES (?1, ?2, ?3)"
                      " ON CONFLICT (size) DO NOTHING",
                      "ibi", (int64_t)signing->size, signing->note.bytes, signing->note.len,
                      signing->made_ms);
    return err;
}

/* A witness that cannot be written is said once: printing goes on. */
static void tell_witness(struct notary *notary, const struct signing *signing)
{
    struct why why = {""};
    fault_point("ledger.witness.before");
    enum err err =
        witness_append(notary->config.witness, signing->size, buf_text(&signing->note),
                       signing->note.len, signing->made_ms, &why);
    fault_point("ledger.witness.after");
    if (err && !notary->witness_failed)
        log_error("ledger witness cannot be written", "why=%s", logq(why.text));
    else if (!err && notary->witness_failed)
        log_info("ledger witness is written again", NULL);
    notary->witness_failed = err != ERR_NONE;
}

static enum err sign_now(struct notary *notary, struct why *why)
{
    struct signing signing = {.signer = notary->config.signer,
                              .note = BUF_INIT(CHECKPOINT_MAX)};
    fault_point("ledger.sign.before");
    enum err err = store_write(notary->config.store, sign_and_keep, &signing, why);
    fault_point("ledger.sign.after");
    if (!err && signing.size > notary->signed_size)
        tell_witness(notary, &signing);
    if (!err) {
        notary->signed_size = signing.size;
        notary->signed_mono_ms = clock_mono_ms(store_clock(notary->config.store));
    }
    buf_free(&signing.note);
    return err;
}

/* ---- the thread ---------------------------------------------------------------------- */

static enum err read_size(struct txn *txn, void *arg, struct why *why)
{
    return ledger_size(txn, arg, why);
}

static void look(struct notary *notary, bool last)
{
    const struct notary_config *config = &notary->config;
    struct why why = {""};
    int64_t size = 0;
    enum err err = store_read(config->store, read_size, &size, &why);
    uint64_t added = err ? 0 : (uint64_t)size - notary->signed_size;
    int64_t passed_ms = clock_mono_ms(store_clock(config->store)) - notary->signed_mono_ms;
    if (!err && added > 0 &&
        (last || added >= config->events || passed_ms >= config->seconds * 1000))
        err = sign_now(notary, &why);
    if (err)
        log_warn("ledger not signed", "why=%s", logq(why.text));
}

/* Waits a second or for the stop. */
static bool wait_for_stop(struct notary *notary)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until); /* fails for an unknown clock only */
    until.tv_sec++;
    pthread_mutex_lock(&notary->lock);
    int error = 0;
    while (!notary->stopping && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&notary->wake, &notary->lock, &until);
    bool stopping = notary->stopping;
    pthread_mutex_unlock(&notary->lock);
    return stopping;
}

static void *notary_main(void *arg)
{
    struct notary *notary = arg;
    bool stopping;
    do {
        stopping = wait_for_stop(notary);
        look(notary, stopping);
    } while (!stopping);
    return NULL;
}

static int make_wake(pthread_cond_t *wake)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (error)
        return error;
    error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (!error)
        error = pthread_cond_init(wake, &attributes);
    pthread_condattr_destroy(&attributes);
    return error;
}

/* Signals are for the main thread. */
static int start_thread(struct notary *notary)
{
    sigset_t all, before;
    sigfillset(&all);
    int error = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (error)
        return error;
    error = pthread_create(&notary->thread, NULL, notary_main, notary);
    int restored = pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error ? error : restored;
}

enum err notary_start(const struct notary_config *config, struct notary **out, struct why *why)
{
    struct notary *notary = calloc(1, sizeof *notary);
    if (!notary)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    notary->config = *config;
    enum err err = sign_now(notary, why);
    if (err) {
        free(notary);
        return err;
    }
    int error = pthread_mutex_init(&notary->lock, NULL);
    if (!error)
        error = make_wake(&notary->wake);
    if (!error)
        error = start_thread(notary);
    if (error) {
        free(notary);
        return err_errno(why, ERR_SYSTEM, error, "the ledger's notary does not start");
    }
    *out = notary;
    return ERR_NONE;
}

void notary_stop(struct notary *notary)
{
    if (!notary)
        return;
    pthread_mutex_lock(&notary->lock);
    notary->stopping = true;
    pthread_cond_signal(&notary->wake);
    pthread_mutex_unlock(&notary->lock);
    int error = pthread_join(notary->thread, NULL);
    if (error)
        log_error("notary not joined", "errno=%d", error);
    pthread_cond_destroy(&notary->wake);
    pthread_mutex_destroy(&notary->lock);
    free(notary);
}
