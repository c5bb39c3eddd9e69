/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline-threads.c: one thread a printer; what wakes it, what it shows, what ends it. */
#include "drivers/feed/drain.h"
#include "spooler/base/log.h"
#include "spooler/pipeline-private.h"
#include "spooler/reconcile/follow.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define IDLE_MS 2000 /* a printer with nothing to do looks again after this long */
#define SOON_MS 50   /* a job changed under its chunk: look again */

static bool stopping(void *ctx)
{
    const struct worker *worker = ctx;
    return atomic_load(&worker->pipeline->stopping);
}

struct stuck {
    int64_t job_id, reprint_id;
    const char *text;
};

static enum err hold_job(struct txn *txn, void *arg, struct why *why)
{
    const struct stuck *stuck = arg;
    return chunk_hold(txn, stuck->job_id, stuck->reprint_id, "drawing", stuck->text, why);
}

/* A job whose labels cannot be drawn must not stop the jobs behind it: it is held, a reprint is
 * cancelled. Whether that is done. */
static bool hold_undrawable(struct worker *worker, const struct why *because)
{
    struct why why;
    struct stuck stuck = {worker->drawing, worker->drawing_reprint, because->text};
    enum err err = store_write(worker->pipeline->config.store, hold_job, &stuck, &why);
    log_error(stuck.reprint_id ? "reprint cancelled" : "job held: its labels cannot be drawn",
              "job=%lld reprint=%lld printer=%s why=%s", (long long)stuck.job_id,
              (long long)stuck.reprint_id, logq(worker->printer->name),
              logq(err ? why.text : because->text));
    return !err;
}

static void pause_worker(struct worker *worker, int ms)
{
    struct pollfd fd = {.fd = worker->wake_fd, .events = POLLIN};
    uint64_t count;
    if (poll(&fd, 1, ms) > 0 && read(worker->wake_fd, &count, sizeof count) < 0 &&
        errno != EAGAIN)
        log_warn("wake", "errno=%d", errno);
}

/* One turn; returns how long to pause before the next. */
static int turn(struct worker *worker)
{
    struct why why = {""};
    const struct print_system *system = &worker->pipeline->config.system;
    worker->drawing = 0;
    enum err err = pipeline_finish_in_flight(worker, &why);
    bool fresh = err == ERR_NOT_FOUND, to_empty = false;
    if (err == ERR_NONE)
        return 0;
    if (fresh)
        err = pipeline_must_empty(worker, &to_empty, &why);
    fresh = fresh && !err;
    if (fresh && !to_empty &&
        drain_asked(worker->pipeline->config.feed_folder, worker->printer->with.queue)) {
        board_drained(worker->row);
        return IDLE_MS;
    }
    if (fresh) {
        struct queue_view queue;
        err = system->check_queue(system->ctx, worker->printer->with.queue, &queue, &why);
        if (err == ERR_NOT_FOUND || err == ERR_DEVICE)
            (void)board_claim(worker->row, "", NULL); /* "" is never another's */
        if (!err && !board_claim(worker->row, queue.device, &why))
            err = ERR_DEVICE;
        if (err) {
            board_refused(worker->row, err, why.text);
            return IDLE_MS;
        }
        err =
            to_empty ? pipeline_empty_printer(worker, &why) : pipeline_print_next(worker, &why);
    }
    if (worker->drawing &&
        (err == ERR_INPUT || err == ERR_CORRUPT || err == ERR_TOO_LARGE || err == ERR_DOTS))
        return hold_undrawable(worker, &why) ? 0 : IDLE_MS;
    bool passing = !err || err == ERR_NOT_FOUND || err == ERR_BUSY || err == ERR_STATE;
    if (passing)
        board_idle(worker->row);
    else
        board_refused(worker->row, err, why.text); /* a full disk, a feed folder that is gone */
    return !err ? 0 : err == ERR_STATE ? SOON_MS : IDLE_MS;
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    while (!stopping(worker)) {
        int pause_ms = turn(worker);
        if (pause_ms && !stopping(worker))
            pause_worker(worker, pause_ms);
    }
    return NULL;
}

static enum err worker_start(struct pipeline *pipeline, size_t index, struct why *why)
{
    const struct pipeline_config *config = &pipeline->config;
    struct worker *worker = &pipeline->workers[index];
    worker->pipeline = pipeline;
    worker->printer = &config->printers[index];
    worker->document = BUF_INIT(256 * 1024 * 1024);
    worker->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (worker->wake_fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "eventfd");
    enum err err = renderer_new(config->font_folders, &worker->renderer, why);
    if (err)
        return err;
    struct follow_env env = {
        .store = config->store,
        .clock = store_clock(config->store),
        .system = &config->system,
        .feed_folder = config->feed_folder,
        .wake_fd = worker->wake_fd,
        .stopping = stopping,
        .redraw = pipeline_redraw,
        .ctx = worker,
    };
    worker->row = board_row(pipeline->board, index, &env);
    int error = pthread_create(&worker->thread, NULL, work, worker);
    if (error)
        return err_errno(why, ERR_SYSTEM, error, "start the thread of printer %s",
                         worker->printer->name);
    worker->running = true;
    return ERR_NONE;
}

enum err pipeline_start(const struct pipeline_config *config, struct pipeline **out,
                        struct why *why)
{
    struct pipeline *pipeline = calloc(1, sizeof *pipeline);
    struct worker *workers = calloc(config->printer_count + 1, sizeof *workers);
    if (!pipeline || !workers) {
        free(pipeline);
        free(workers);
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    pipeline->config = *config;
    pipeline->workers = workers;
    for (size_t i = 0; i < config->printer_count; i++)
        workers[i].wake_fd = -1;
    enum err err = board_new(config->printers, config->printer_count, &pipeline->board, why);
    if (!err)
        err = checker_new(config, &pipeline->checker, why);
    if (!err)
        err = comparer_new(&pipeline->config, &pipeline->comparer, why);
    for (size_t i = 0; !err && i < config->printer_count; i++)
        err = worker_start(pipeline, i, why);
    if (err)
        pipeline_stop(pipeline);
    else
        *out = pipeline;
    return err;
}

void pipeline_stop(struct pipeline *pipeline)
{
    if (!pipeline)
        return;
    atomic_store(&pipeline->stopping, true);
    pipeline_wake(pipeline, NULL);
    for (size_t i = 0; i < pipeline->config.printer_count; i++) {
        struct worker *worker = &pipeline->workers[i];
        if (worker->running)
            pthread_join(worker->thread, NULL); /* our own thread: cannot fail */
        renderer_free(worker->renderer);
        template_free(worker->old);
        buf_free(&worker->document);
        if (worker->wake_fd >= 0)
            close(worker->wake_fd); /* an eventfd loses nothing */
    }
    checker_free(pipeline->checker);
    comparer_free(pipeline->comparer);
    board_free(pipeline->board);
    free(pipeline->workers);
    free(pipeline);
}

/* A new job is nothing to a printer that has one; waking it for each would cost what the next
 * thousand jobs need. */
static bool concerns(struct worker *worker, const char *printer)
{
    return !printer || (strcmp(worker->printer->name, printer) == 0 &&
                        atomic_exchange(&worker->hungry, false));
}

void pipeline_wake(void *ctx, const char *printer)
{
    struct pipeline *pipeline = ctx;
    const uint64_t one = 1;
    for (size_t i = 0; i < pipeline->config.printer_count; i++) {
        struct worker *worker = &pipeline->workers[i];
        if (worker->wake_fd >= 0 && concerns(worker, printer) &&
            write(worker->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
            log_warn("wake", "errno=%d", errno);
    }
}

static const struct pipeline_printer *find_printer(const struct pipeline *pipeline,
                                                   const char *name)
{
    for (size_t i = 0; i < pipeline->config.printer_count; i++)
        if (strcmp(pipeline->config.printers[i].name, name) == 0)
            return &pipeline->config.printers[i];
    return NULL;
}

enum err pipeline_drain(void *ctx, const char *printer, bool on, struct why *why)
{
    struct pipeline *pipeline = ctx;
    const struct pipeline_printer *found = find_printer(pipeline, printer);
    if (!found)
        return err_set(why, ERR_NOT_FOUND, "there is no printer %s", printer);
    return drain_set(pipeline->config.feed_folder, found->with.queue, on, why);
}

bool pipeline_printer_view(void *ctx, size_t index, struct printer_view *out)
{
    struct pipeline *pipeline = ctx;
    return board_view(pipeline->board, index, out);
}

enum err pipeline_check_label(void *ctx, const char *printer, const struct template *template,
                              const struct label_doc *doc, struct findings *findings)
{
    struct pipeline *pipeline = ctx;
    return checker_check(pipeline->checker, printer, template, doc, findings);
}

enum err pipeline_preview(void *ctx, const char *model, const struct template *template,
                          const struct label_doc *doc, struct buf *png,
                          struct findings *findings, struct why *why)
{
    struct pipeline *pipeline = ctx;
    return checker_preview(pipeline->checker, model, template, doc, png, findings, why);
}

enum err pipeline_compare(void *ctx, struct txn *txn, const struct reprint_new *order,
                          struct reprint_dots *out, struct why *why)
{
    struct pipeline *pipeline = ctx;
    return comparer_compare(pipeline->comparer, txn, order, out, why);
}
