/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/dispatch/dispatch.h"

#include "drivers/feed/journal.h"
#include "spooler/base/fault.h"
#include "spooler/base/log.h"

#include <string.h>

void shipment_name(struct shipment *shipment, const char *store_id)
{
    const struct chunk *chunk = &shipment->chunk;
    shipment->token = (struct token_name){
        .epoch = chunk->epoch,
        .job = (uint64_t)chunk->job_id,
        .chunk = (uint64_t)chunk->id,
        .attempt = chunk->attempt,
    };
    memcpy(shipment->token.store_id, store_id, sizeof shipment->token.store_id);
    token_text(&shipment->token, shipment->name);
}

struct sending {
    const struct chunk *chunk;
    const uint8_t *root;
};

static enum err commit_sending(struct txn *txn, void *arg, struct why *why)
{
    const struct sending *sending = arg;
    return chunk_send(txn, sending->chunk, sending->root, why);
}

/* A token that nothing was committed for; what stays is swept at the next start. */
static void drop_token(const char *feed_folder, const struct shipment *shipment)
{
    struct why why;
    if (token_remove(feed_folder, &shipment->token, &why))
        log_warn("token left behind", "token=%s why=%s", shipment->name, logq(why.text));
}

enum err dispatch_commit(struct store *store, const char *feed_folder,
                         const struct shipment *shipment, const uint8_t root[static 32],
                         struct why *why)
{
    struct sending sending = {&shipment->chunk, root};
    fault_point("dispatch.token.before");
    enum err err = token_create(feed_folder, &shipment->token, why);
    if (!err)
        err = token_make_room(feed_folder, &shipment->token,
                              journal_bytes(shipment->chunk.impressions), why);
    if (err) {
        drop_token(feed_folder, shipment);
        return err;
    }
    fault_point("dispatch.commit.before");
    err = store_write(store, commit_sending, &sending, why);
    if (err) {
        /* Nothing was committed: the token means nothing and must not stay. */
        drop_token(feed_folder, shipment);
        return err;
    }
    fault_point("dispatch.release.before");
    err = token_release(feed_folder, &shipment->token, why);
    fault_point("dispatch.release.after");
    return err;
}

enum err dispatch_submit(const struct print_system *system, struct shipment *shipment,
                         struct why *why)
{
    fault_point("dispatch.submit.before");
    enum err err =
        system->submit(system->ctx, shipment->queue, shipment->name, shipment->document,
                       shipment->document_len, &shipment->cups_job, why);
    fault_point("dispatch.submit.after");
    return err;
}
