/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/pipeline.h"

#include "spooler/base/fault.h"
#include "drivers/feed/drain.h"
#include "spooler/base/log.h"
#include "spooler/bind.h"
#include "spooler/board.h"
#include "spooler/checker.h"
#include "spooler/comparer.h"
#include "spooler/dots-check.h"
#include "spooler/job/drawn-with.h"
#include "spooler/reconcile/clear.h"
#include "spooler/reconcile/follow.h"
#include "spooler/render/tools.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define IDLE_MS        2000  /* a printer with nothing to do looks again after this long */
#define SOON_MS        50    /* a job changed under its chunk: look again */
#define FEED_MS        30000 /* a chunk's labels take about this long to feed at most */
#define UNPROVEN_MAX   25    /* impressions of a chunk whose printer cannot confirm */
#define CHUNK_ID_BLOCK 16

/* A printer's thread and what belongs to it alone. */
struct worker {
    struct pipeline *pipeline;
    const struct pipeline_printer *printer;
    pthread_t thread;
    bool running;
    int wake_fd;
    atomic_bool hungry; /* it found nothing to do, or is about to look: a new job wakes it */
    struct renderer *renderer;
    size_t tools_noted; /* of it, in the ledger */
    struct template
        *old; /* a template version that is no longer in a folder; of the last chunk */
    struct buf document; /* of the chunk in flight */
    int64_t next_id, ids_left;
    bool doubt;              /* as read last: labels in doubt were sent to this printer */
    int64_t drawing;         /* the job whose labels are being drawn; 0 = none */
    int64_t drawing_reprint; /* its reprint order; 0 = none */
    struct board_row *row;
};

struct pipeline {
    struct pipeline_config config;
    atomic_bool stopping;
    struct worker *workers;
    struct board *board;
    struct checker *checker;
    struct comparer *comparer;
};

/* ================================ the path of a label ================================= */

static enum err take_chunk(struct worker *worker, struct chunk *chunk, struct why *why);
static enum err find_template(struct worker *worker, const struct chunk *chunk,
                              const struct template **out, struct why *why);
static enum err draw_document(struct worker *worker, const struct template *template,
                              struct chunk *chunk, bool may_cut, uint8_t root[static 32],
                              struct why *why);
static enum err note_tools(struct worker *worker, struct why *why);

/* From "reserved" to a settled chunk. Each stage knows only the next one's type. */
static enum err print_next(struct worker *worker, struct why *why)
{
    struct pipeline_config *config = &worker->pipeline->config;
    struct shipment shipment = {.queue = worker->printer->with.queue};
    const struct template *template = NULL;
    uint8_t root[SHA256_BYTES];

    /* 1. The next slice of the oldest open job for this printer. Hungry before looking: a job
     * that is accepted meanwhile is not missed. */
    atomic_store(&worker->hungry, true);
    enum err err = take_chunk(worker, &shipment.chunk, why);
    if (err != ERR_NOT_FOUND)
        atomic_store(&worker->hungry, false);
    worker->drawing = err ? 0 : shipment.chunk.job_id;
    worker->drawing_reprint = shipment.chunk.reprint_id;
    /* 2. The version of the template that the job was accepted with. */
    if (!err)
        err = find_template(worker, &shipment.chunk, &template, why);
    /* 3. Bind rows and numbers, draw plate and patches, encode for the printer. */
    if (!err)
        err = draw_document(worker, template, &shipment.chunk, true, root, why);
    if (err)
        return err == ERR_NOT_FOUND && worker->drawing ? ERR_CORRUPT : err;
    fault_point("pipeline.drawn");
    worker->drawing = 0;
    shipment.document = worker->document.bytes;
    shipment.document_len = worker->document.len;
    shipment_name(&shipment, store_id(config->store));
    /* 4. Intent before act: token on disk, COMMIT "sending", token released. */
    err = note_tools(worker, why);
    if (err)
        return err;
    err = dispatch_commit(config->store, config->feed_folder, &shipment, root, why);
    if (err)
        return err;
    /* 5. Submit under the token as often as needed; follow the journal until it is settled. */
    struct follow_env env;
    board_follow_env(worker->row, &env);
    return follow_chunk(&env, &shipment, template_pieces(template), why);
}

/* ================================ its stages ========================================== */

static enum err take_ids(struct txn *txn, void *arg, struct why *why)
{
    return chunk_take_ids(txn, CHUNK_ID_BLOCK, arg, why);
}

static enum err next_id(struct worker *worker, struct chunk *chunk, struct why *why)
{
    struct store *store = worker->pipeline->config.store;
    if (worker->ids_left == 0) {
        fault_point("pipeline.ids.before");
        enum err err = store_write(store, take_ids, &worker->next_id, why);
        fault_point("pipeline.ids.after");
        if (err)
            return err;
        worker->ids_left = CHUNK_ID_BLOCK;
    }
    chunk->id = worker->next_id++;
    chunk->epoch = store_epoch(store);
    worker->ids_left--;
    return ERR_NONE;
}

/* As much paper as feeds in about FEED_MS; less where nobody can say what printed. */
static uint32_t chunk_size(const struct worker *worker)
{
    const struct encode_printer *with = &worker->printer->with;
    int64_t pitch_um = with->stock->height_um + with->stock->gap_um;
    int64_t fed = (int64_t)with->settings->speed_mm_s * FEED_MS / (pitch_um > 0 ? pitch_um : 1);
    uint32_t most = worker->pipeline->config.chunk_impressions;
    if (with->evidence == EVIDENCE_NONE && most > UNPROVEN_MAX)
        most = UNPROVEN_MAX;
    if (fed < most)
        most = fed > 1 ? (uint32_t)fed : 1;
    return most;
}

struct next {
    const char *printer;
    uint32_t most;
    struct chunk *chunk;
};

static enum err read_next(struct txn *txn, void *arg, struct why *why)
{
    struct next *next = arg;
    return chunk_next(txn, next->printer, next->most, next->chunk, why);
}

static enum err take_chunk(struct worker *worker, struct chunk *chunk, struct why *why)
{
    struct store *store = worker->pipeline->config.store;
    if (worker->pipeline->config.stand_still)
        return ERR_NOT_FOUND;
    if (store_is_damaged(store))
        return err_set(why, ERR_CORRUPT, "the store is damaged: tem doctor says what to do");
    struct next next = {worker->printer->name, chunk_size(worker), chunk};
    enum err err = store_read(store, read_next, &next, why);
    return err ? err : next_id(worker, chunk, why);
}

struct kept_template {
    const struct chunk *chunk;
    struct job job;
    struct buf body;
};

static enum err read_template(struct txn *txn, void *arg, struct why *why)
{
    struct kept_template *kept = arg;
    enum err err = job_get(txn, kept->chunk->job_id, &kept->job, why);
    return err ? err : job_template(txn, kept->job.template_hash, &kept->body, why);
}

static enum err find_template(struct worker *worker, const struct chunk *chunk,
                              const struct template **out, struct why *why)
{
    struct kept_template kept = {.chunk = chunk, .body = BUF_INIT(TEMPLATE_MAX_BODY)};
    enum err err = store_read(worker->pipeline->config.store, read_template, &kept, why);
    const struct template *now =
        err ? NULL : catalog_find(worker->pipeline->config.catalog, kept.job.template_name);
    if (now && memcmp(template_hash(now), kept.job.template_hash, SHA256_BYTES) == 0)
        *out = now;
    else if (!err && worker->old &&
             memcmp(template_hash(worker->old), kept.job.template_hash, SHA256_BYTES) == 0)
        *out = worker->old;
    else if (!err) {
        struct findings findings;
        struct template *old = NULL;
        findings_init(&findings);
        if (template_restore(kept.body.bytes, kept.body.len, kept.job.template_name, &old,
                             &findings))
            err =
                err_set(why, ERR_CORRUPT, "the kept version of template %s no longer loads: %s",
                        kept.job.template_name,
                        findings.count ? findings.list[0].message : "out of memory");
        findings_clear(&findings);
        if (!err) {
            template_free(worker->old);
            *out = worker->old = old;
        }
    }
    buf_free(&kept.body);
    return err;
}

/* Fills worker->document and the chunk's dots. May cut the chunk so that the document stays
 * below chunk_bytes, unless it was committed already; then it must come out as it was.
 * ERR_DOTS: its dots are other ones than those that were committed, or that a reprint was
 * ordered with. */
static enum err draw_document(struct worker *worker, const struct template *template,
                              struct chunk *chunk, bool may_cut, uint8_t root[static 32],
                              struct why *why)
{
    const struct pipeline_config *config = &worker->pipeline->config;
    const struct encode_printer *with = &worker->printer->with;
    struct drawing_tools tools = {config->blinding_key, worker->renderer,
                                  with->model->dots_per_m};
    struct bound_labels labels = {0};
    struct drawing drawing = {0};
    enum err err = bind_labels(config->store, config->registry, template, chunk,
                               config->blinding_key, &labels, why);
    if (!err)
        err = drawing_make(&tools, template, &labels, &drawing, why);
    char name[64];
    snprintf(name, sizeof name, "%lld", (long long)chunk->id);
    buf_reset(&worker->document);
    if (!err)
        err = dots_check(config->store, chunk, &drawing, why);
    if (!err)
        err = encode_chunk(with, store_id(config->store), chunk, drawing.labels.pieces,
                           &drawing.rendered, name, &worker->document, why);
    uint64_t count = chunk->last - chunk->first + 1;
    bool fits = !may_cut || count == 1 || worker->document.len <= config->chunk_bytes;
    if (!err && fits) {
        memcpy(root, drawing.labels.root, SHA256_BYTES);
        memcpy(chunk->dots, drawing.dots, SHA256_BYTES);
        chunk->has_dots = true;
    }
    drawing_free(&drawing);
    if (err || fits)
        return err;
    /* Too many bytes: as many labels as fit at this size each, at least one, drawn again. */
    uint64_t fit = count * config->chunk_bytes / worker->document.len;
    chunk->last = chunk->first + (fit > 1 ? fit : 1) - 1;
    chunk->impressions = (uint32_t)(chunk->last - chunk->first + 1) * template_pieces(template);
    return draw_document(worker, template, chunk, fit > 1, root, why);
}

static enum err commit_tools(struct txn *txn, void *arg, struct why *why)
{
    const struct worker *worker = arg;
    struct render_tool tool;
    enum err err = ERR_NONE;
    for (size_t i = worker->tools_noted; !err && renderer_tool(worker->renderer, i, &tool); i++)
        err = drawn_with_note(txn, tool.name, tool.version, why);
    return err;
}

/* Fonts that this printer's labels are drawn with for the first time since the start. */
static enum err note_tools(struct worker *worker, struct why *why)
{
    struct render_tool tool;
    if (!renderer_tool(worker->renderer, worker->tools_noted, &tool))
        return ERR_NONE;
    enum err err = store_write(worker->pipeline->config.store, commit_tools, worker, why);
    while (!err && renderer_tool(worker->renderer, worker->tools_noted, &tool))
        worker->tools_noted++;
    return err;
}

/* ================================ after a restart ======================================= */

static enum err read_committed_dots(struct txn *txn, void *arg, struct why *why)
{
    return chunk_read_dots(txn, arg, NULL, 0, why);
}

static enum err redraw(void *ctx, struct shipment *shipment, struct why *why)
{
    struct worker *worker = ctx;
    const struct template *template;
    uint8_t root[SHA256_BYTES];
    enum err err =
        store_read(worker->pipeline->config.store, read_committed_dots, &shipment->chunk, why);
    if (!err)
        err = find_template(worker, &shipment->chunk, &template, why);
    if (!err)
        err = draw_document(worker, template, &shipment->chunk, false, root, why);
    if (!err) {
        shipment->document = worker->document.bytes;
        shipment->document_len = worker->document.len;
    }
    return err;
}

struct in_flight {
    const char *printer;
    struct chunk chunk;
    struct job job;
    bool found;
};

static enum err keep_first(void *arg, const struct chunk *chunk, struct why *why)
{
    struct in_flight *flight = arg;
    (void)why; /* cannot fail */
    if (!flight->found)
        flight->chunk = *chunk;
    flight->found = true;
    return ERR_NONE;
}

static enum err read_in_flight(struct txn *txn, void *arg, struct why *why)
{
    struct in_flight *flight = arg;
    enum err err = chunk_open(txn, flight->printer, keep_first, flight, why);
    return err || !flight->found ? err : job_get(txn, flight->chunk.job_id, &flight->job, why);
}

/* A chunk that an earlier run, or a failed step of this one, left on its way. ERR_NOT_FOUND:
 * none. */
static enum err finish_in_flight(struct worker *worker, struct why *why)
{
    struct in_flight flight = {.printer = worker->printer->name};
    struct store *store = worker->pipeline->config.store;
    enum err err = store_read(store, read_in_flight, &flight, why);
    if (err || !flight.found)
        return err ? err : ERR_NOT_FOUND;
    struct shipment shipment = {.queue = worker->printer->with.queue, .chunk = flight.chunk};
    shipment_name(&shipment, store_id(store));
    log_info("chunk taken up again", "job=%lld chunk=%lld printer=%s",
             (long long)flight.chunk.job_id, (long long)flight.chunk.id,
             logq(worker->printer->name));
    struct follow_env env;
    board_follow_env(worker->row, &env);
    err = follow_chunk(&env, &shipment, flight.job.pieces, why);
    return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

/* ================================ after a doubt ========================================= */

static enum err read_doubt(struct txn *txn, void *arg, struct why *why)
{
    struct worker *worker = arg;
    return chunk_in_doubt(txn, worker->printer->name, &worker->doubt, why);
}

/* Labels in doubt may still be in the printer. */
static enum err must_empty(struct worker *worker, bool *out, struct why *why)
{
    bool answers = worker->printer->with.evidence != EVIDENCE_NONE;
    *out = false;
    if (worker->pipeline->config.stand_still || !answers || board_emptied(worker->row))
        return ERR_NONE;
    enum err err = store_read(worker->pipeline->config.store, read_doubt, worker, why);
    if (!err && !worker->doubt)
        board_set_emptied(worker->row, 0);
    *out = worker->doubt;
    return err;
}

/* It is emptied before a person may call them absent, so that they cannot come out beside their
 * next attempt. */
static enum err empty_printer(struct worker *worker, struct why *why)
{
    struct store *store = worker->pipeline->config.store;
    struct shipment shipment = {.queue = worker->printer->with.queue};
    struct chunk *chunk = &shipment.chunk;
    uint64_t device = 0;
    enum err err = next_id(worker, chunk, why);
    snprintf(chunk->printer, sizeof chunk->printer, "%s", worker->printer->name);
    shipment_name(&shipment, store_id(store));
    buf_reset(&worker->document);
    if (!err)
        err = encode_clear(&worker->printer->with, store_id(store), chunk, &worker->document,
                           why);
    shipment.document = worker->document.bytes;
    shipment.document_len = worker->document.len;
    struct follow_env env;
    board_follow_env(worker->row, &env);
    if (!err)
        err = clear_printer(&env, &shipment, &device, why);
    if (!err)
        board_set_emptied(worker->row, device);
    return err;
}

/* ================================ threads ================================================ */

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
    enum err err = finish_in_flight(worker, &why);
    bool fresh = err == ERR_NOT_FOUND, to_empty = false;
    if (err == ERR_NONE)
        return 0;
    if (fresh)
        err = must_empty(worker, &to_empty, &why);
    fresh = fresh && !err;
    if (fresh && !to_empty &&
        drain_asked(worker->pipeline->config.feed_folder, worker->printer->with.queue)) {
        board_drained(worker->row);
        return IDLE_MS;
    }
    if (fresh) {
        struct queue_view queue;
        err = system->check_queue(system->ctx, worker->printer->with.queue, &queue, &why);
        if (!err && !board_claim(worker->row, queue.device, &why))
            err = ERR_DEVICE;
        if (err) {
            board_refused(worker->row, err, why.text);
            return IDLE_MS;
        }
        err = to_empty ? empty_printer(worker, &why) : print_next(worker, &why);
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
        .redraw = redraw,
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
