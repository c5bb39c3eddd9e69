/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch.h: intent before act (promise 3).
 *
 * token .new, file and folder on disk -> COMMIT "sending" -> token .go -> Print-Job. The
 * process may die between any two of these: recovery reads the token's name (reconcile/). */
#ifndef TEM_DISPATCH_DISPATCH_H
#define TEM_DISPATCH_DISPATCH_H

#include "drivers/feed/token.h"
#include "spooler/dispatch/print-system.h"
#include "spooler/job/chunk.h"
#include "spooler/store/store.h"

/* Everything that is known of a chunk on its way. */
struct shipment {
    struct chunk chunk;
    struct token_name token;
    char name[TOKEN_NAME_SIZE]; /* the token's text: the CUPS job's name */
    const char *queue;
    const void
        *document; /* the feed stream; borrowed. NULL = not drawn yet (after a restart) */
    size_t document_len;
    int cups_job; /* 0 = not known */
};

/* Fills token and name from the chunk. */
void shipment_name(struct shipment *shipment, const char *store_id);

/* Makes the token, commits "sending" with `root`, releases the token. ERR_STATE: the job is no
 * longer open; nothing is left behind. After another error the token tells recovery how far it
 * got. */
enum err dispatch_commit(struct store *store, const char *feed_folder,
                         const struct shipment *shipment, const uint8_t root[static 32],
                         struct why *why);
/* Print-Job under the token; as often as needed. */
enum err dispatch_submit(const struct print_system *system, struct shipment *shipment,
                         struct why *why);

#endif
