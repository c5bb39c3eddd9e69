/* SPDX-License-Identifier: Apache-2.0 */
/* intake.h: requests come in: HTTP over a Unix socket and loopback TCP (libmicrohttpd).
 *
 * Intake parses, authenticates and bounds; it commits a job through the store and wakes the
 * pipeline, and never calls dispatch. The HTTP loop does not block: a request that waits for a
 * commit is suspended and resumed after it. A 2xx goes out only after the commit (promise 2).
 * docs/integrator.md describes the interface.
 *
 * Thread rule: one HTTP thread of its own; the callbacks below are called on it. An examination
 * (doctor.h) reads the store on a thread that lives as long as it takes. */
#ifndef TEM_INTAKE_INTAKE_H
#define TEM_INTAKE_INTAKE_H

#include "spooler/archive/archive.h"
#include "spooler/base/findings.h"
#include "spooler/job/job.h"
#include "spooler/ledger/seal.h"
#include "spooler/registry/registry.h"
#include "spooler/store/store.h"
#include "templates/catalog.h"

#include <stddef.h>
#include <stdint.h>

/* A printer as people see it; a copy of what the pipeline knew a moment ago. */
struct printer_view {
    char name[64];
    char queue[128];
    char model[64];
    char stock[96];  /* "50 x 30 mm, gap 3 mm" */
    bool evidence;   /* says what it printed */
    bool emptied;    /* no label in doubt can be in it any more; only where it answers */
    uint64_t device; /* which one was emptied; 0 = not known */
    char state[16];  /* idle | printing | waiting | drained | refused | offline */
    char words[512]; /* what it waits for, or why it is refused and the command that mends it */
    int64_t job_id;  /* 0 = none */
    int64_t chunk_id;
    uint64_t labels_done; /* of the chunk in flight */
    uint64_t labels_all;
};

struct reprint_new;
struct reprint_dots;

struct intake_config {
    const char *socket_path;  /* NULL = no Unix socket */
    const char *http_address; /* "127.0.0.1" or "::1"; NULL = none */
    uint16_t http_port;       /* 0 = a free one, see intake_port() */
    size_t json_max_bytes;    /* of a JSON body */
    uint64_t csv_max_bytes;   /* of a CSV body */
    int32_t utc_offset_min;   /* the site's, given to jobs */
    const char *version;      /* shown by /healthz; NULL = "" */

    struct store *store;
    struct registry *registry;
    struct catalog *catalog;

    const char *const *reprint_reasons; /* NULL-terminated; NULL = no reprints */
    const struct seal *seal;            /* NULL = the ledger is not signed, jobs are accepted */
    const struct archive_config *archive; /* NULL = nothing can be archived */
    int64_t key_days;            /* an idempotency key of this age is forgotten; 0 = never */
    const uint8_t *blinding_key; /* identity.h; NULL = no proofs of labels */

    /* Printers by index until false; copies. */
    bool (*printer)(void *ctx, size_t index, struct printer_view *out);
    /* Can this label be drawn for this printer? Findings say what not (template too large for
     * the stock, no glyph, no fit). `doc` NULL = only the checks that need no data; errors
     * only, what a designer should hear may be left out. */
    enum err (*check_label)(void *ctx, const char *printer, const struct template *template,
                            const struct label_doc *doc, struct findings *findings);
    /* Draws a label as a printer of this model would print it, as a PNG. No printer and no
     * number is involved. `doc` and `png` NULL = only whether the model can print such a
     * template. ERR_INPUT: findings say what is wrong with model or label. */
    enum err (*preview)(void *ctx, const char *model, const struct template *template,
                        const struct label_doc *doc, struct buf *png, struct findings *findings,
                        struct why *why);
    /* Draws the labels of an order again, with what was printed with them, and compares: are
     * the dots those that were printed? Takes as long as drawing takes, so never on the HTTP
     * thread; within a read. ERR_STATE: they cannot be drawn any more. NULL = orders are not
     * compared.
     */
    enum err (*compare)(void *ctx, struct txn *txn, const struct reprint_new *order,
                        struct reprint_dots *out, struct why *why);
    /* "Change the roll": on = no further label is sent to that printer, what is out is waited
     * for; off = it goes on. On disk when it returns. Called on the store's writer thread.
     * ERR_NOT_FOUND: no such printer. NULL = no printer can be drained. */
    enum err (*drain)(void *ctx, const char *printer, bool on, struct why *why);
    /* Something changed for the pipeline. `printer`: a job was accepted for it; NULL: a job was
     * held, released, cancelled, resolved. */
    void (*wake)(void *ctx, const char *printer);
    void *ctx;
};

struct intake;

/* ERR_SYSTEM when an address cannot be bound (`why` names it). */
enum err intake_start(const struct intake_config *config, struct intake **out, struct why *why);
/* The TCP port in use; 0 = none. */
uint16_t intake_port(const struct intake *intake);
/* Stops taking requests, answers those that wait for a commit, ends the thread. */
void intake_stop(struct intake *intake);

#endif
