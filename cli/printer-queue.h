/* SPDX-License-Identifier: Apache-2.0 */
/* printer-queue.h: CUPS queues as an administrator sees and makes them (libcups).
 *
 * temd itself only looks whether a queue may be used (spooler/dispatch/print-system.h); its
 * judgement is part of struct queue, so that there is one. Who may change queues is CUPS's
 * business: root, or a member of its SystemGroup (lpadmin on Debian). `server`: a socket's path
 * or HOST:PORT, NULL = libcups's default ($CUPS_SERVER). Each call opens its own connection and
 * gives up after its time-out. One thread. */
#ifndef TEM_CLI_PRINTER_QUEUE_H
#define TEM_CLI_PRINTER_QUEUE_H

#include "spooler/base/buf.h"
#include "spooler/base/err.h"

#include <stdbool.h>

/* RFC 8011 5.4, and CUPS's own attributes. */
struct queue {
    bool is_class, remote;
    bool is_tem; /* its driver is Tem's PPD */
    bool enabled, accepting, shared;
    bool filter_bad; /* cupsd misses temfeed, or refuses to run it */
    char driver[128];
    char device[1024];
    char message[256]; /* printer-state-message: what is said while it works, or why it stopped
                        */
    char reasons[256]; /* printer-state-reasons, blank between */
    char users[256];   /* who may print, comma between; "" = everybody */
    char error_policy[32];
    char banners[128];      /* blank between; "" = none */
    int64_t cancel_after_s; /* job-cancel-after-default; 0 = the system's */
    enum err unfit;         /* temd would not use it, and says this */
    struct why unfit_why;
    int open_jobs; /* not completed */
};

/* ERR_NOT_FOUND: no such queue. ERR_BUSY: CUPS does not answer. */
enum err queue_get(const char *server, const char *name, struct queue *out, struct why *why);

/* What a queue is to be. */
struct queue_wish {
    const char *name;
    const char *info;   /* for people */
    const char *device; /* as device_complete() makes it */
    const char *ppd;    /* a file; NULL = the queue keeps its own */
    const char *user;   /* alone may print */
};

/* What differs, as one sentence's list ("device, who may print"); "" = nothing. Appended. */
void queue_differences(const struct queue *queue, const struct queue_wish *wish,
                       struct buf *out);
/* Makes the queue or sets all of it; enabled and accepting afterwards. ERR_DENIED: CUPS does
 * not let us. */
enum err queue_make(const char *server, const struct queue_wish *wish, struct why *why);
enum err queue_remove(const char *server, const char *name, struct why *why);
/* Its PPD, appended. */
enum err queue_ppd(const char *server, const char *name, struct buf *out, struct why *why);

/* ---- Tem's PPD --------------------------------------------------------------------------- */

/* Tem's PPD with this feed folder in it: reads `from`. ERR_INPUT when it is no PPD of Tem. */
enum err ppd_make(const char *from, const char *feed_folder, struct buf *out, struct why *why);
/* Whether two PPDs say the same to CUPS and temfeed (CUPS may rewrite defaults). */
bool ppd_same(const char *a, const char *b);

/* ---- devices ----------------------------------------------------------------------------- */

typedef void device_fn(void *arg, const char *uri, const char *make_and_model,
                       const char *device_id);
/* What CUPS's backends find within `timeout_s`. ERR_DENIED. */
enum err devices_find(const char *server, int timeout_s, device_fn *fn, void *arg,
                      struct why *why);

#endif
