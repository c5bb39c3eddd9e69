/* SPDX-License-Identifier: Apache-2.0 */
/* writer.h: the writer thread: a bounded queue, and group commit.
 *
 * Inner to store/. All that wait run one after the other, each in a savepoint, up to
 * WRITER_BATCH operations or WRITER_BATCH_MS of running, then share one COMMIT; nobody waits
 * for company. Results are told after it. Thread-safe but for start and stop. */
#ifndef TEM_STORE_WRITER_H
#define TEM_STORE_WRITER_H

#include "spooler/store/conn.h"

#define WRITER_BATCH    256
#define WRITER_BATCH_MS 20
#define WRITER_QUEUE    16384

struct writer;

/* Takes the connection, also on failure. Borrows what `config` points to. */
enum err writer_start(struct conn *conn, const struct store_config *config, struct writer **out,
                      struct why *why);
/* ERR_BUSY: stopping, or WRITER_QUEUE operations wait. */
enum err writer_submit(struct writer *writer, store_op *op, store_done *done, void *arg,
                       struct why *why);
/* Runs what is queued, ends the thread, closes the connection. Takes NULL. */
void writer_stop(struct writer *writer);
/* Whether the caller runs on the writer thread, where waiting for it would never end. */
bool writer_is_here(const struct writer *writer);

#endif
