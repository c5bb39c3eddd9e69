/* SPDX-License-Identifier: Apache-2.0 */
/* print-system.h: the print system under us (CUPS), through a struct so that tests replace it.
 *
 * Nothing here is evidence that a label printed or did not (promise 5): answers only decide
 * whether a document is submitted again under the same token, and what people are shown. Every
 * call opens its own connection and gives up after its time-out. Thread-safe. */
#ifndef TEM_DISPATCH_PRINT_SYSTEM_H
#define TEM_DISPATCH_PRINT_SYSTEM_H

#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* A queue as its server describes it (RFC 8011 5.4). */
struct queue_view {
    bool enabled; /* printer-state is not stopped */
    bool accepting;
    char device[256];  /* device-uri without options that only say how; "" = the server does not
                          say */
    char message[256]; /* printer-state-message */
    char reasons[256]; /* printer-state-reasons, blank between; "" for none */
};

enum print_job_state {
    PRINT_JOB_GONE,    /* not there, or that id is another job by now */
    PRINT_JOB_WAITING, /* pending */
    PRINT_JOB_HELD,
    PRINT_JOB_RUNNING,
    PRINT_JOB_STOPPED,
    PRINT_JOB_CANCELLED,
    PRINT_JOB_ENDED, /* completed or aborted */
};

struct print_job {
    enum print_job_state state;
    bool moved; /* it is in another queue now */
    char message[256];
};

struct print_system {
    /* ERR_DEVICE: a queue that must not be used; `why` says what is wrong and the command that
     * mends it. ERR_BUSY: the server does not answer (now). ERR_NOT_FOUND: no such queue. */
    enum err (*check_queue)(void *ctx, const char *queue, struct queue_view *out,
                            struct why *why);
    /* One Print-Job request. ERR_BUSY: no answer, it may have been taken. ERR_DEVICE: refused.
     */
    enum err (*submit)(void *ctx, const char *queue, const char *name, const void *bytes,
                       size_t len, int *job, struct why *why);
    /* `name`: what the job was called; a job of another name is not ours (ids are used again).
     */
    enum err (*look)(void *ctx, const char *queue, int job, const char *name,
                     struct print_job *out, struct why *why);
    /* The newest job of that name that has not ended; ERR_NOT_FOUND when there is none. */
    enum err (*find)(void *ctx, const char *queue, const char *name, int *job, struct why *why);
    /* Cancels every job of that name that has not ended; none is fine. */
    enum err (*cancel)(void *ctx, const char *queue, const char *name, struct why *why);
    void *ctx;
};

/* Fills *out with the CUPS at `server` (host[:port] or a socket's path; NULL = the default),
 * which must outlive it. */
void cups_print_system(const char *server, struct print_system *out);

#endif
