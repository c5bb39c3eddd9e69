/* SPDX-License-Identifier: Apache-2.0 */
/* watch.c: see watch.h. */
#include "spooler/store/watch.h"

#include "spooler/base/durable.h"
#include "spooler/base/log.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FILE_NAME  "tem.open"
#define DAMAGED    "damaged: " /* what the file begins with then */
#define FILE_MAX   1024
#define LEAST_NICE 19

struct watch {
    char folder[PATH_MAX];
    char path[PATH_MAX];
    struct store *store; /* while the thread runs */
    pthread_t thread;
    bool started;
    atomic_bool stop;
    atomic_bool damaged;  /* read without the lock */
    pthread_mutex_t lock; /* for what follows, and the file */
    bool due;             /* not checked since a stop that was not clean */
    char words[sizeof((struct store_health *)0)->words];
};

/* ---- the file ---------------------------------------------------------------------------- */

static enum err write_file(struct watch *watch, struct why *why)
{
    char text[FILE_MAX];
    bool damaged = atomic_load(&watch->damaged);
    int len = snprintf(text, sizeof text, "%s%s\n", damaged ? DAMAGED : "open", watch->words);
    return durable_write(watch->path, text, (size_t)len, 0640, why);
}

/* A file that a power cut left empty says as much as one that says "open". */
static void take_words(struct watch *watch, const struct buf *text)
{
    const char *at = buf_text(text);
    if (strncmp(at, DAMAGED, sizeof DAMAGED - 1) != 0)
        return;
    at += sizeof DAMAGED - 1;
    snprintf(watch->words, sizeof watch->words, "%.*s", (int)strcspn(at, "\n"), at);
    atomic_store(&watch->damaged, true);
}

static enum err read_file(struct watch *watch, struct why *why)
{
    struct buf text = BUF_INIT(FILE_MAX + 1);
    enum err err = file_read(watch->path, FILE_MAX, &text, why);
    watch->due = !err;
    if (!err)
        take_words(watch, &text);
    buf_free(&text);
    return err == ERR_NOT_FOUND ? write_file(watch, why) : err;
}

enum err watch_open(const char *folder, struct watch **out, struct why *why)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    pthread_mutex_init(&watch->lock, NULL); /* never fails for a default mutex */
    int len = snprintf(watch->path, sizeof watch->path, "%s/" FILE_NAME, folder);
    enum err err = len < (int)sizeof watch->path
                       ? ERR_NONE
                       : err_set(why, ERR_TOO_LARGE, "%.80s...: the path is too long", folder);
    snprintf(watch->folder, sizeof watch->folder, "%s", folder);
    if (!err)
        err = read_file(watch, why);
    if (err)
        watch_close(watch, false);
    else
        *out = watch;
    return err;
}

void watch_stop(struct watch *watch)
{
    if (!watch || !watch->started)
        return;
    atomic_store(&watch->stop, true);
    pthread_join(watch->thread, NULL); /* our own thread: cannot fail */
    watch->started = false;
}

void watch_close(struct watch *watch, bool clean)
{
    struct why why = {""};
    if (!watch)
        return;
    bool gone =
        clean && !watch->due && !atomic_load(&watch->damaged) && unlink(watch->path) == 0;
    /* A file that comes back costs a check. */
    if (gone && durable_sync_folder(watch->folder, &why))
        log_warn("store folder not synced", "reason=%s", logq(why.text));
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

/* ---- what is known ----------------------------------------------------------------------- */

static void keep(struct watch *watch)
{
    struct why why = {""};
    if (write_file(watch, &why))
        log_error("store's state cannot be kept", "reason=%s", logq(why.text));
}

void watch_damage(struct watch *watch, const char *words)
{
    pthread_mutex_lock(&watch->lock);
    bool known = atomic_load(&watch->damaged) && strcmp(watch->words, words) == 0;
    if (!known) {
        snprintf(watch->words, sizeof watch->words, "%s", words);
        for (char *c = watch->words; *c; c++)
            *c = *c == '\n' ? ' ' : *c;
        bool first = !atomic_exchange(&watch->damaged, true);
        keep(watch);
        if (first)
            log_error("the store is damaged: no number is issued, no chunk starts", "found=%s",
                      logq(watch->words));
    }
    pthread_mutex_unlock(&watch->lock);
}

void watch_whole(struct watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    bool was = atomic_exchange(&watch->damaged, false);
    watch->due = false;
    watch->words[0] = '\0';
    if (was) {
        keep(watch);
        log_warn("the store is whole again", NULL);
    }
    pthread_mutex_unlock(&watch->lock);
}

bool watch_is_damaged(const struct watch *watch)
{
    return atomic_load(&watch->damaged);
}

void watch_tell(struct watch *watch, struct store_health *out)
{
    pthread_mutex_lock(&watch->lock);
    out->damaged = atomic_load(&watch->damaged);
    out->checking = watch->due;
    memcpy(out->words, watch->words, sizeof out->words);
    pthread_mutex_unlock(&watch->lock);
}

/* ---- the check --------------------------------------------------------------------------- */

static void *check(void *arg)
{
    struct watch *watch = arg;
    struct why why = {""};
    /* Linux: of this thread alone. Refused, the check is only less polite. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), LEAST_NICE);
    int64_t began_ms = clock_mono_ms(&clock_system);
    enum err err = store_check(watch->store, &watch->stop, &why);
    long long took_ms = (long long)(clock_mono_ms(&clock_system) - began_ms);
    if (!err)
        log_info("store checked after a stop that was not clean", "ms=%lld", took_ms);
    else if (err != ERR_CORRUPT && err != ERR_BUSY) /* damage is told; a stop is none */
        log_error("store cannot be checked", "reason=%s", logq(why.text));
    return NULL;
}

enum err watch_start(struct watch *watch, struct store *store, struct why *why)
{
    sigset_t all, before;
    if (!watch->due)
        return ERR_NONE;
    watch->store = store;
    sigfillset(&all); /* signals are for the main thread */
    int error = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!error)
        error = pthread_create(&watch->thread, NULL, check, watch);
    watch->started = !error;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL); /* the mask is one that was in force */
    return error ? err_errno(why, ERR_SYSTEM, error, "start the check of the store") : ERR_NONE;
}
