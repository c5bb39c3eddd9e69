/* SPDX-License-Identifier: Apache-2.0 */
/* The path of a label; pipeline-threads.c has the threads that walk it. */
#include "spooler/base/fault.h"
#include "spooler/base/log.h"
#include "spooler/bind.h"
#include "spooler/dots-check.h"
#include "spooler/job/drawn-with.h"
#include "spooler/pipeline-private.h"
#include "spooler/reconcile/clear.h"
#include "spooler/reconcile/follow.h"
#include "spooler/render/tools.h"

#include <string.h>

#define FEED_MS        30000 /* a chunk's labels take about this long to feed at most */
#define UNPROVEN_MAX   25    /* impressions of a chunk whose printer cannot confirm */
#define CHUNK_ID_BLOCK 16

/* ================================ the path of a label ================================= */

static enum err take_chunk(struct worker *worker, struct chunk *chunk, struct why *why);
static enum err find_template(struct worker *worker, const struct chunk *chunk,
                              const struct template **out, struct why *why);
static enum err draw_document(struct worker *worker, const struct template *template,
                              struct chunk *chunk, bool may_cut, uint8_t root[static 32],
                              struct why *why);
static enum err note_tools(struct worker *worker, struct why *why);

/* From "reserved" to a settled chunk. Each stage knows only the next one's type. */
enum err pipeline_print_next(struct worker *worker, struct why *why)
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

enum err pipeline_redraw(void *ctx, struct shipment *shipment, struct why *why)
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
enum err pipeline_finish_in_flight(struct worker *worker, struct why *why)
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
enum err pipeline_must_empty(struct worker *worker, bool *out, struct why *why)
{
    bool answers = worker->printer->with.evidence != EVIDENCE_NONE;
    *out = false;
    if (worker->pipeline->config.stand_still || !answers || board_emptied(worker->row))
        return ERR_NONE;
    enum err err = store_read(worker->pipeline->config.store, read_doubt, worker, why);
    *out = !err && worker->doubt;
    return err;
}

/* It is emptied before a person may call them absent, so that they cannot come out beside their
 * next attempt. */
enum err pipeline_empty_printer(struct worker *worker, struct why *why)
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
