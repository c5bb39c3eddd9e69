/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/act.h"

#include "spooler/base/log.h"
#include "spooler/intake/job-json.h"
#include "spooler/intake/json-job.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/resolve.h"
#include "spooler/intake/routes.h"
#include "spooler/job/chunk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void act_free(void *arg)
{
    struct act *act = arg;
    if (!act)
        return;
    json_decref(act->root);
    free(act->ranges);
    reprint_dots_free(&act->dots);
    free(act);
}

/* ---- who and why -------------------------------------------------------------------- */

static void take_reason(struct request *request, struct act *act, const struct order *order,
                        const char *reason)
{
    struct place place = {.field = "reason"};
    if (reason &&
        !request_line_ok(&request->findings, "reason", reason, sizeof act->reason - 1))
        return;
    if (order->reason_needed && (!reason || !*reason))
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
    act->registry = request->config->registry;
    act->config = request->config;
    request->act = act;
    request->free_act = act_free;
    if (request->body.len > 0)
        act->root =
            json_body_parse(buf_text(&request->body), request->body.len, &request->findings);
    if (request->body.len > 0 && !act->root)
        return act;
    json_body_keys(act->root, "", order->keys, order->key_count, &request->findings);
    request_by(request, json_body_text(act->root, "", "person", &request->findings), act->by);
    take_reason(request, act, order,
                json_body_text(act->root, "", "reason", &request->findings));
    return act;
}

/* ---- in the commit -------------------------------------------------------------------- */

static enum err run_hold(struct txn *txn, int64_t id, struct act *act, struct why *why)
{
    return job_hold(txn, id, act->by, "person", *act->reason ? act->reason : "held by a person",
                    why);
}

static enum err run_release(struct txn *txn, int64_t id, struct act *act, struct why *why)
{
    return job_release(txn, id, act->by, why);
}

static enum err run_cancel(struct txn *txn, int64_t id, struct act *act, struct why *why)
{
    return job_cancel(txn, id, act->by, *act->reason ? act->reason : NULL, why);
}

static enum err still_emptied(void *arg, const char *printer, uint64_t device, struct why *why)
{
    const struct act *act = arg;
    return job_json_holds(act->config, printer, device) == PRINTER_EMPTIED
               ? ERR_NONE
               : err_set(why, ERR_STATE,
                         "labels came into doubt just now and may still be in printer %s: look"
                         " at the roll again when it was emptied",
                         printer);
}

static enum err run_resolve(struct txn *txn, int64_t id, struct act *act, struct why *why)
{
    /* Asked before; but meanwhile a chunk may have ended in doubt. */
    enum err doubt = act->absent ? chunk_doubtful(txn, id, still_emptied, act, why) : ERR_NONE;
    if (doubt)
        return doubt;
    if (act->last_good)
        return job_resolve_last_good(txn, id, act->last_good, act->by, act->reason, why);
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < act->range_count; i++)
        err = job_resolve(txn, id, act->ranges[i].first, act->ranges[i].last,
                          act->ranges[i].decision, act->by, act->reason, why);
    return err;
}

static enum err op_act(struct txn *txn, void *arg, struct why *why)
{
    struct request *request = arg;
    struct act *act = request->act;
    bool replayed;
    enum err err = request_replay(txn, request, &replayed, why);
    if (err || replayed)
        return err;
    if (act->order->run)
        err = act->order->run(txn, request->job_id, act, why);
    json_t *json = NULL;
    if (!err && act->order->tell)
        err = act->order->tell(txn, request, act, &json, why);
    else if (!err)
        err = job_json_read(txn, request->config, request->job_id, JOB_JSON_ALL, &json, why);
    if (err)
        return err;
    problem_dump(&request->answer, json);
    request->status = act->order->status ? act->order->status : 200;
    return request_keep(txn, request, act->order->tell ? 0 : request->job_id, why);
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
    if (*request->name)
        log_info(act->order->log, "printer=%s by=%s caller=%s reason=%s", logq(request->name),
                 logq(act->by), logq(request->caller), logq(act->reason));
    else
        log_info(act->order->log, "job=%" PRId64 " by=%s caller=%s reason=%s", request->job_id,
                 logq(act->by), logq(request->caller), logq(act->reason));
    request->config->wake(request->config->ctx, NULL);
    return STEP_ANSWER;
}

static enum err op_ponder(struct txn *txn, void *arg, struct why *why)
{
    struct request *request = arg;
    struct act *act = request->act;
    bool replayed; /* what was answered once is not thought about again */
    enum err err = request_replay(txn, request, &replayed, why);
    return err || replayed ? err : act->order->ponder(txn, request, act, why);
}

static enum step pondered(struct request *request, struct act *act)
{
    act->pondering = false;
    request->waiting = false;
    if (request->write_err)
        return request_problem(request, request->write_err, &request->write_why);
    return request_write(request, op_act);
}

enum step act_run(struct request *request, const struct order *order)
{
    if (request->waiting && ((struct act *)request->act)->pondering)
        return pondered(request, request->act);
    if (request->waiting)
        return acted(request);
    struct act *act = read_act(request, order);
    struct why why = {{0}};
    enum err err = act ? ERR_NONE : ERR_NO_MEMORY;
    if (!err && order->read && act->root)
        err = order->read(request, act, &why);
    if (err && err != ERR_INPUT)
        return request_problem(request, err, &why);
    if (request->findings.errors)
        return request_refuse(request);
    act->pondering = order->ponder != NULL;
    return order->ponder ? request_read_aside(request, op_ponder)
                         : request_write(request, op_act);
}

static const char *const order_keys[] = {"person", "reason"};
static const char *const resolve_keys[] = {"person", "reason", "last_good", "ranges",
                                           "printer_cleared"};

enum step act_hold(struct request *request)
{
    static const struct order order = {
        .log = "job held", .run = run_hold, .keys = order_keys, .key_count = COUNT(order_keys)};
    return act_run(request, &order);
}

enum step act_release(struct request *request)
{
    static const struct order order = {.log = "job released",
                                       .run = run_release,
                                       .keys = order_keys,
                                       .key_count = COUNT(order_keys)};
    return act_run(request, &order);
}

enum step act_cancel(struct request *request)
{
    static const struct order order = {.log = "job cancelled",
                                       .run = run_cancel,
                                       .keys = order_keys,
                                       .key_count = COUNT(order_keys)};
    return act_run(request, &order);
}

enum step act_resolve(struct request *request)
{
    static const struct order order = {.log = "job resolved",
                                       .run = run_resolve,
                                       .keys = resolve_keys,
                                       .key_count = COUNT(resolve_keys),
                                       .reason_needed = true,
                                       .read = resolve_read};
    return act_run(request, &order);
}
