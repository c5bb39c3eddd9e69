/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline.h: the whole path of a label; the only file that knows all stages.
 *
 * One thread a printer, so that a slow printer never holds another. A thread takes the next
 * chunk of a job for its printer, binds, draws and encodes it, commits "sending", hands it to
 * CUPS and follows its journal until it is settled; then the next. */
#ifndef TEM_SPOOLER_PIPELINE_H
#define TEM_SPOOLER_PIPELINE_H

#include "spooler/base/hash.h"
#include "spooler/dispatch/print-system.h"
#include "spooler/encode.h"
#include "spooler/intake/intake.h"

struct pipeline_printer {
    const char *name;
    struct encode_printer with;
};

struct pipeline_config {
    struct store *store;
    struct registry *registry;
    const struct catalog *catalog;
    struct print_system system;
    const char *feed_folder;
    const char *const *font_folders;
    uint8_t blinding_key[SHA256_BYTES];
    uint32_t chunk_impressions;
    size_t chunk_bytes;
    bool stand_still; /* no chunk is started: the store is not to be believed (seal.h) */
    const struct pipeline_printer *printers; /* borrowed, like all above */
    size_t printer_count;
};

struct pipeline;

enum err pipeline_start(const struct pipeline_config *config, struct pipeline **out,
                        struct why *why);
/* Threads leave what is in flight as it is: temfeed goes on, the journal is read at the next
 * start. */
void pipeline_stop(struct pipeline *pipeline);

/* The callbacks of struct intake_config; ctx = the pipeline. */
void pipeline_wake(void *pipeline, const char *printer);
enum err pipeline_drain(void *pipeline, const char *printer, bool on, struct why *why);
bool pipeline_printer_view(void *pipeline, size_t index, struct printer_view *out);
enum err pipeline_check_label(void *pipeline, const char *printer,
                              const struct template *template, const struct label_doc *doc,
                              struct findings *findings);
enum err pipeline_preview(void *pipeline, const char *model, const struct template *template,
                          const struct label_doc *doc, struct buf *png,
                          struct findings *findings, struct why *why);
enum err pipeline_compare(void *pipeline, struct txn *txn, const struct reprint_new *order,
                          struct reprint_dots *out, struct why *why);

#endif
