/* SPDX-License-Identifier: Apache-2.0 */
/* follow.h: stays with one chunk from its submission until it is settled.
 *
 * The token's name and the journal decide; CUPS is asked only whether the document has to be
 * submitted again under the same token, and what to tell people. Runs on the printer's own
 * thread and may take hours: a peeler that waits is no fault. */
#ifndef TEM_RECONCILE_FOLLOW_H
#define TEM_RECONCILE_FOLLOW_H

#include "spooler/base/clock.h"
#include "spooler/dispatch/dispatch.h"

#include <stdbool.h>

/* "printed" events are gathered this long, or until the chunk ends: one a label would be most
 * of what a store holds. What is printed meanwhile is in the journal, and shown at once. */
#define FOLLOW_GATHER_MS 15000

/* What the follower needs of its surroundings. */
struct follow_env {
    struct store *store;
    const struct clock *clock;
    const struct print_system *system;
    const char *feed_folder;
    int wake_fd; /* an eventfd that becomes readable when a job changed or temd stops */

    bool (*stopping)(void *ctx);
    /* Draws the document of shipment->chunk again (after a restart); sets shipment->document.
     * ERR_DOTS: its dots would not be those that were committed; the chunk is withdrawn. */
    enum err (*redraw)(void *ctx, struct shipment *shipment, struct why *why);
    /* Shown to people: labels confirmed so far, and what it waits for (NULL = it prints). */
    void (*show)(void *ctx, const struct shipment *shipment, uint64_t labels_done,
                 const char *waiting_for);
    /* Labels of this chunk are about to come into doubt: they may still be in the printer. */
    void (*in_doubt)(void *ctx);
    void *ctx;
};

/* Returns ERR_NONE when the chunk is settled and its token removed; ERR_BUSY when temd stops
 * (the chunk goes on by itself, the journal is read at the next start); others: the store
 * failed. */
enum err follow_chunk(const struct follow_env *env, struct shipment *shipment, uint32_t pieces,
                      struct why *why);

#endif
