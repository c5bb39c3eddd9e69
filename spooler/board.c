/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/board.h"

#include "spooler/base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct board_row {
    struct board *board;
    char device[256]; /* of its queue, when last seen; "" = not known */
    struct printer_view view;
    struct follow_env env;
};

struct board {
    pthread_mutex_t lock;
    size_t count;
    struct board_row rows[];
};

static void fill(struct printer_view *view, const struct pipeline_printer *printer)
{
    const struct encode_printer *with = &printer->with;
    long long w = with->stock->width_um, h = with->stock->height_um, g = with->stock->gap_um;
    snprintf(view->name, sizeof view->name, "%s", printer->name);
    snprintf(view->queue, sizeof view->queue, "%s", with->queue);
    snprintf(view->model, sizeof view->model, "%s", with->model->name);
    snprintf(view->stock, sizeof view->stock, "%lld.%lld x %lld.%lld mm, gap %lld.%lld mm",
             w / 1000, w % 1000 / 100, h / 1000, h % 1000 / 100, g / 1000, g % 1000 / 100);
    view->evidence = with->evidence != EVIDENCE_NONE;
    snprintf(view->state, sizeof view->state, "idle");
}

enum err board_new(const struct pipeline_printer *printers, size_t count, struct board **out,
                   struct why *why)
{
    struct board *board = calloc(1, sizeof *board + count * sizeof board->rows[0]);
    if (!board)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    pthread_mutex_init(&board->lock, NULL); /* never fails for a default mutex */
    board->count = count;
    for (size_t i = 0; i < count; i++) {
        board->rows[i].board = board;
        fill(&board->rows[i].view, &printers[i]);
    }
    *out = board;
    return ERR_NONE;
}

void board_free(struct board *board)
{
    if (!board)
        return;
    pthread_mutex_destroy(&board->lock);
    free(board);
}

bool board_view(struct board *board, size_t index, struct printer_view *out)
{
    if (index >= board->count)
        return false;
    pthread_mutex_lock(&board->lock);
    *out = board->rows[index].view;
    pthread_mutex_unlock(&board->lock);
    return true;
}

/* Callers hold no lock. */
static void set(struct board_row *row, const char *state, const char *words, int64_t job_id,
                int64_t chunk_id, uint64_t done, uint64_t all)
{
    struct printer_view *view = &row->view;
    pthread_mutex_lock(&row->board->lock);
    snprintf(view->state, sizeof view->state, "%s", state);
    snprintf(view->words, sizeof view->words, "%s", words ? words : "");
    view->job_id = job_id;
    view->chunk_id = chunk_id;
    view->labels_done = done;
    view->labels_all = all;
    pthread_mutex_unlock(&row->board->lock);
}

static enum err redraw(void *ctx, struct shipment *shipment, struct why *why)
{
    struct board_row *row = ctx;
    return row->env.redraw(row->env.ctx, shipment, why);
}

static bool stopping(void *ctx)
{
    struct board_row *row = ctx;
    return row->env.stopping(row->env.ctx);
}

static void show(void *ctx, const struct shipment *shipment, uint64_t labels_done,
                 const char *waiting_for)
{
    const struct chunk *chunk = &shipment->chunk;
    set(ctx, waiting_for ? "waiting" : "printing", waiting_for, chunk->job_id, chunk->id,
        labels_done, chunk->last - chunk->first + 1);
}

static void in_doubt(void *ctx)
{
    struct board_row *row = ctx;
    pthread_mutex_lock(&row->board->lock);
    row->view.emptied = false;
    pthread_mutex_unlock(&row->board->lock);
}

bool board_emptied(struct board_row *row)
{
    pthread_mutex_lock(&row->board->lock);
    bool emptied = row->view.emptied;
    pthread_mutex_unlock(&row->board->lock);
    return emptied;
}

void board_set_emptied(struct board_row *row, uint64_t device)
{
    pthread_mutex_lock(&row->board->lock);
    row->view.emptied = true;
    row->view.device = device;
    pthread_mutex_unlock(&row->board->lock);
}

struct board_row *board_row(struct board *board, size_t index, const struct follow_env *env)
{
    board->rows[index].env = *env;
    return &board->rows[index];
}

void board_follow_env(struct board_row *row, struct follow_env *out)
{
    *out = row->env;
    out->redraw = redraw;
    out->stopping = stopping;
    out->show = show;
    out->in_doubt = in_doubt;
    out->ctx = row;
}

bool board_claim(struct board_row *row, const char *device, struct why *why)
{
    struct board *board = row->board;
    const struct board_row *other = NULL;
    pthread_mutex_lock(&board->lock);
    for (size_t i = 0; *device && !other && i < board->count; i++)
        if (&board->rows[i] != row && strcmp(board->rows[i].device, device) == 0)
            other = &board->rows[i];
    snprintf(row->device, sizeof row->device, "%s", other ? "" : device);
    pthread_mutex_unlock(&board->lock);
    if (other) /* its names never change */
        (void)err_set(why, ERR_DEVICE,
                      "queues %s and %s have the same device: each would count and clear the"
                      " other's labels. Remove one of the two printers",
                      row->view.queue, other->view.queue);
    return !other;
}

void board_idle(struct board_row *row)
{
    set(row, "idle", NULL, 0, 0, 0, 0);
}

void board_drained(struct board_row *row)
{
    char words[sizeof row->view.words];
    if (row->view.evidence)
        snprintf(words, sizeof words, "drained: change the roll, then: tem printer resume %s",
                 row->view.name);
    else /* it cannot be asked what is still in it */
        snprintf(words, sizeof words,
                 "nothing more is sent; wait until it stands still, change the roll and do not"
                 " switch it off, then: tem printer resume %s",
                 row->view.name);
    if (strcmp(row->view.state, "drained") != 0) /* only this worker writes the row */
        log_info("printer is drained", "printer=%s", logq(row->view.name));
    set(row, "drained", words, 0, 0, 0, 0);
}

void board_refused(struct board_row *row, enum err err, const char *words)
{
    const char *state = err == ERR_BUSY ? "offline" : "refused";
    if (strcmp(row->view.state, state) != 0) /* only this worker writes the row */
        log_warn("printer cannot be used", "printer=%s state=%s why=%s", logq(row->view.name),
                 state, logq(words));
    set(row, state, words, 0, 0, 0, 0);
}
