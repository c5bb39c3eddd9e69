/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/log.h"
#include "spooler/intake/job-json.h"
#include "spooler/intake/json-job.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/resolve.h"
#include "spooler/intake/routes.h"
#include "spooler/ledger/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* One order, as a row: what is different is what is done in the commit. */
struct order {
    const char *log;
    enum err (*run)(struct txn *txn, int64_t id, const struct act *act, struct why *why);
    const char *const *keys;
    size_t key_count;
    bool reason_needed;
    bool resolves;
    const char *event; /* an order to a printer: its name in the ledger; `run` is not used */
    bool drains;
};

static void act_free(void *arg)
{
    struct act *act = arg;
    if (!act)
        return;
    json_decref(act->root);
    free(act->ranges);
    free(act);
}

/* ---- who and why -------------------------------------------------------------------- */

/* A body's `person` is a claim; the user at the other end of the Unix socket is known. Both are
 * recorded when they differ, since an order's event has one name. */
static void take_person(struct request *request, struct act *act, const char *claimed)
{
    struct place place = {.field = "person"};
    if (claimed && !request_line_ok(claimed, REQUEST_PERSON_MAX))
        findings_add(&request->findings, SEVERITY_ERROR, "bad-text", place, claimed,
                     "1 to 64 bytes of UTF-8 text on one line", "the name cannot be recorded");
    else if (!claimed && !*request->peer)
        findings_add(&request->findings, SEVERITY_ERROR, "missing", place, NULL,
                     "the name of the person who orders this",
                     "over TCP nobody knows who you are");
    else if (!claimed || strcmp(claimed, request->peer) == 0)
        snprintf(act->by, sizeof act->by, "%s", request->peer);
    else
        snprintf(act->by, sizeof act->by, "%.64s (%.60s)", claimed, request->caller);
}

static void take_reason(struct request *request, struct act *act, const struct order *order,
                        const char *reason)
{
    struct place place = {.field = "reason"};
    if (reason && !request_line_ok(reason, sizeof act->reason - 1))
        findings_add(&request->findings, SEVERITY_ERROR, "bad-text", place, reason,
                     "1 to 400 bytes of UTF-8 text on one line",
                     "the reason cannot be recorded");
    else if (order->reason_needed && (!reason || !*reason))
        findings_add(&request->findings, SEVERITY_ERROR, "missing", place, NULL,
                     "what was seen, and why this is decided", "no reason is given");
    else
        snprintf(act->reason, sizeof act->reason, "%s", reason ? reason : "");
}

static struct act *read_act(struct request *request, const struct order *order)
{
    struct act *act = calloc(1, sizeof *act);
    if (!act)
        return NULL;
    act->order = order;
    request->act = act;
    request->free_act = act_free;
    if (request->body.len > 0)
        act->root =
            json_body_parse(buf_text(&request->body), request->body.len, &request->findings);
    if (request->body.len > 0 && !act->root)
        return act;
    json_body_keys(act->root, "", order->keys, order->key_count, &request->findings);
    take_person(request, act, json_body_text(act->root, "", "person", &request->findings));
    take_reason(request, act, order,
                json_body_text(act->root, "", "reason", &request->findings));
    return act;
}

/* ---- in the commit -------------------------------------------------------------------- */

static enum err run_hold(struct txn *txn, int64_t id, const struct act *act, struct why *why)
{
    return job_hold(txn, id, act->by, "person", *act->reason ? act->reason : "held by a person",
                    why);
}

static enum err run_release(struct txn *txn, int64_t id, const struct act *act, struct why *why)
{
    return job_release(txn, id, act->by, why);
}

static enum err run_cancel(struct txn *txn, int64_t id, const struct act *act, struct why *why)
{
    return job_cancel(txn, id, act->by, why);
}

static enum err run_resolve(struct txn *txn, int64_t id, const struct act *act, struct why *why)
{
    if (act->last_good)
        return job_resolve_last_good(txn, id, act->last_good, act->by, act->reason, why);
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < act->range_count; i++)
        err = job_resolve(txn, id, act->ranges[i].first, act->ranges[i].last,
                          act->ranges[i].decision, act->by, act->reason, why);
    return err;
}

/* The file first: an order that is on record was carried out. */
static enum err run_printer(struct txn *txn, const struct request *request,
                            const struct act *act, struct why *why)
{
    const struct intake_config *config = request->config;
    enum err err = config->drain
                       ? config->drain(config->ctx, request->name, act->order->drains, why)
                       : err_set(why, ERR_NOT_FOUND, "there are no printers here");
    if (err)
        return err;
    json_t *members = json_pack("{ss}", "printer", request->name);
    if (members && *act->reason &&
        json_object_set_new(members, "reason", json_string(act->reason)) != 0) {
        json_decref(members);
        members = NULL;
    }
    return members ? ledger_append(txn, act->order->event, act->by, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err run_and_answer(struct txn *txn, struct request *request, json_t **json,
                               struct why *why)
{
    const struct act *act = request->act;
    if (act->order->event) {
        enum err err = run_printer(txn, request, act, why);
        *json = err ? NULL
                    : json_pack("{ss sb}", "printer", request->name, "change_roll",
                                act->order->drains);
        return err || *json ? err : err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    enum err err = act->order->run(txn, request->job_id, act, why);
    return err ? err
               : job_json_read(txn, request->config, request->job_id,
                               JOB_JSON_RANGES | JOB_JSON_SPANS, json, why);
}

static enum err op_act(struct txn *txn, void *arg, struct why *why)
{
    struct request *request = arg;
    bool replayed;
    enum err err = request_replay(txn, request, &replayed, why);
    if (err || replayed)
        return err;
    json_t *json = NULL;
    err = run_and_answer(txn, request, &json, why);
    if (err)
        return err;
    problem_dump(&request->answer, json);
    request->status = 200;
    return request_keep(txn, request, request->job_id, why);
}

/* ---- on the HTTP thread ------------------------------------------------------------------ */

static enum step acted(struct request *request)
{
    const struct act *act = request->act;
    request->waiting = false;
    if (request->write_err)
        return request_problem(request, request->write_err, &request->write_why);
    request->content_type = "application/json";
    if (request->replayed)
        return STEP_ANSWER;
    if (act->order->event)
        log_info(act->order->log, "printer=%s by=%s caller=%s reason=%s", logq(request->name),
                 logq(act->by), logq(request->caller), logq(act->reason));
    else
        log_info(act->order->log, "job=%" PRId64 " by=%s caller=%s reason=%s", request->job_id,
                 logq(act->by), logq(request->caller), logq(act->reason));
    request->config->wake(request->config->ctx);
    return STEP_ANSWER;
}

static enum step run_order(struct request *request, const struct order *order)
{
    if (request->waiting)
        return acted(request);
    struct act *act = read_act(request, order);
    struct why why = {{0}};
    enum err err = act ? ERR_NONE : ERR_NO_MEMORY;
    if (!err && order->resolves && act->root)
        err = resolve_read(request, act, &why);
    if (err && err != ERR_INPUT)
        return request_problem(request, err, &why);
    return request->findings.errors ? request_refuse(request) : request_write(request, op_act);
}

static const char *const order_keys[] = {"person", "reason"};
static const char *const resolve_keys[] = {"person", "reason", "last_good", "ranges",
                                           "printer_cleared"};

enum step act_hold(struct request *request)
{
    static const struct order order = {
        .log = "job held", .run = run_hold, .keys = order_keys, .key_count = COUNT(order_keys)};
    return run_order(request, &order);
}

enum step act_release(struct request *request)
{
    static const struct order order = {.log = "job released",
                                       .run = run_release,
                                       .keys = order_keys,
                                       .key_count = COUNT(order_keys)};
    return run_order(request, &order);
}

enum step act_cancel(struct request *request)
{
    static const struct order order = {.log = "job cancelled",
                                       .run = run_cancel,
                                       .keys = order_keys,
                                       .key_count = COUNT(order_keys)};
    return run_order(request, &order);
}

enum step act_resolve(struct request *request)
{
    static const struct order order = {.log = "job resolved",
                                       .run = run_resolve,
                                       .keys = resolve_keys,
                                       .key_count = COUNT(resolve_keys),
                                       .reason_needed = true,
                                       .resolves = true};
    return run_order(request, &order);
}

enum step act_change_roll(struct request *request)
{
    static const struct order order = {.log = "printer is drained for a change of its roll",
                                       .event = "printer.change-roll",
                                       .drains = true,
                                       .keys = order_keys,
                                       .key_count = COUNT(order_keys)};
    return run_order(request, &order);
}

enum step act_resume(struct request *request)
{
    static const struct order order = {.log = "printer goes on",
                                       .event = "printer.resumed",
                                       .keys = order_keys,
                                       .key_count = COUNT(order_keys)};
    return run_order(request, &order);
}
