/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline-private.h: what the path of a label (pipeline.c) and the threads that walk it
 * (pipeline-threads.c) share. Nobody else includes it. */
#ifndef TEM_SPOOLER_PIPELINE_PRIVATE_H
#define TEM_SPOOLER_PIPELINE_PRIVATE_H

#include "spooler/board.h"
#include "spooler/checker.h"
#include "spooler/comparer.h"
#include "spooler/dispatch/dispatch.h"
#include "spooler/pipeline.h"

#include <pthread.h>
#include <stdatomic.h>

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

/* All of these run on the worker's own thread.
 *
 * The next chunk, from "reserved" to settled. ERR_NOT_FOUND: nothing to print; worker->drawing
 * says whose labels could not be drawn. */
enum err pipeline_print_next(struct worker *worker, struct why *why);
/* A chunk that an earlier run, or a failed step of this one, left on its way. ERR_NOT_FOUND:
 * none. */
enum err pipeline_finish_in_flight(struct worker *worker, struct why *why);
/* Whether labels in doubt may still be in the printer; and to empty it, before a person may
 * call them absent. */
enum err pipeline_must_empty(struct worker *worker, bool *out, struct why *why);
enum err pipeline_empty_printer(struct worker *worker, struct why *why);
/* follow_env.redraw; ctx = the worker. */
enum err pipeline_redraw(void *ctx, struct shipment *shipment, struct why *why);

#endif
