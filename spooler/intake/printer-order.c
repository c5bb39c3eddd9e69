/* SPDX-License-Identifier: Apache-2.0 */
/* printer-order.c: a printer's roll is to be changed, and it goes on. */
#include "spooler/intake/act.h"
#include "spooler/intake/routes.h"
#include "spooler/ledger/ledger.h"

/* The file first: an order that is on record was carried out. */
static enum err order_printer(struct txn *txn, const struct request *request,
                              const struct act *act, bool drains, const char *event,
                              struct why *why)
{
    const struct intake_config *config = request->config;
    enum err err = config->drain ? config->drain(config->ctx, request->name, drains, why)
                                 : err_set(why, ERR_NOT_FOUND, "there are no printers here");
    if (err)
        return err;
    json_t *members = json_pack("{ss}", "printer", request->name);
    if (members && *act->reason &&
        json_object_set_new(members, "reason", json_string(act->reason)) != 0) {
        json_decref(members);
        members = NULL;
    }
    return members ? ledger_append(txn, event, act->by, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err answer_printer(const struct request *request, bool drains, json_t **out,
                               struct why *why)
{
    *out = json_pack("{ss sb}", "printer", request->name, "change_roll", drains);
    return *out ? ERR_NONE : err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err tell_change_roll(struct txn *txn, struct request *request, struct act *act,
                                 json_t **out, struct why *why)
{
    enum err err = order_printer(txn, request, act, true, "printer.change-roll", why);
    return err ? err : answer_printer(request, true, out, why);
}

static enum err tell_resume(struct txn *txn, struct request *request, struct act *act,
                            json_t **out, struct why *why)
{
    enum err err = order_printer(txn, request, act, false, "printer.resumed", why);
    return err ? err : answer_printer(request, false, out, why);
}

static const char *const keys[] = {"person", "reason"};

enum step act_change_roll(struct request *request)
{
    static const struct order order = {.log = "printer is drained for a change of its roll",
                                       .keys = keys,
                                       .key_count = 2,
                                       .tell = tell_change_roll};
    return act_run(request, &order);
}

enum step act_resume(struct request *request)
{
    static const struct order order = {
        .log = "printer goes on", .keys = keys, .key_count = 2, .tell = tell_resume};
    return act_run(request, &order);
}
