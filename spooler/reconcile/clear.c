/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/reconcile/clear.h"

#include "spooler/base/fault.h"
#include "spooler/base/log.h"
#include "spooler/reconcile/verdict.h"
#include "spooler/reconcile/words.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define LOOK_MS         200
#define CUPS_LOOK_MS    1000
#define RESUBMIT_MIN_MS 1000
#define RESUBMIT_MAX_MS 30000

struct clearing {
    const struct follow_env *env;
    struct shipment *shipment;
    int64_t next_submit_ms; /* 0 = CUPS has it */
    int64_t next_look_ms;
    int64_t backoff_ms;
};

static int64_t now(const struct clearing *c)
{
    return clock_mono_ms(c->env->clock);
}

static void show(struct clearing *c, const char *words)
{
    char text[512];
    snprintf(text, sizeof text, "it is being emptied: labels in doubt may still be in it%s%s",
             *words ? "; " : "", words);
    c->env->show(c->env->ctx, c->shipment, 0, text);
}

static void plan_submit(struct clearing *c)
{
    c->shipment->cups_job = 0;
    c->next_submit_ms = now(c) + c->backoff_ms;
    c->backoff_ms = c->backoff_ms * 2 < RESUBMIT_MAX_MS ? c->backoff_ms * 2 : RESUBMIT_MAX_MS;
}

static void submit(struct clearing *c)
{
    struct why why;
    c->next_submit_ms = 0;
    c->next_look_ms = now(c) + CUPS_LOOK_MS;
    if (dispatch_submit(c->env->system, c->shipment, &why)) {
        show(c, why.text);
        plan_submit(c);
    }
}

/* What people may do to a job in CUPS (cancel, hold, move) only delays this. */
static void look_at_cups(struct clearing *c)
{
    const struct print_system *system = c->env->system;
    struct shipment *shipment = c->shipment;
    struct print_job job = {.state = PRINT_JOB_GONE};
    struct queue_view queue;
    char words[400] = "";
    struct why why;
    c->next_look_ms = now(c) + CUPS_LOOK_MS;
    if (system->check_queue(system->ctx, shipment->queue, &queue, &why)) {
        show(c, why.text);
        return;
    }
    if (!queue.enabled)
        snprintf(words, sizeof words, "the queue is stopped: cupsenable %s", shipment->queue);
    else
        words_of_queue(&queue, words, sizeof words);
    show(c, words);
    if (system->look(system->ctx, shipment->queue, shipment->cups_job, shipment->name, &job,
                     &why))
        return; /* no answer now; asked again at the next look */
    if (job.state == PRINT_JOB_HELD && !job.moved) {
        show(c, "its CUPS job is held: release it there");
        return;
    }
    struct why stopped; /* of no account: it ends with the others of its name */
    if (job.state == PRINT_JOB_STOPPED)
        (void)system->cancel(system->ctx, shipment->queue, shipment->name, &stopped);
    if (job.moved || (job.state != PRINT_JOB_WAITING && job.state != PRINT_JOB_RUNNING))
        plan_submit(c);
}

/* *over: the printer is empty. */
static enum err step(struct clearing *c, bool *over, uint64_t *device, struct why *why)
{
    struct verdict verdict;
    enum err err = verdict_read(c->env->feed_folder, &c->shipment->token, 0, &verdict, why);
    if (err)
        return err;
    switch (verdict.kind) {
    case VERDICT_PREPARED:
        return token_release(c->env->feed_folder, &c->shipment->token, why);
    case VERDICT_WAITING:
        if (c->next_submit_ms && now(c) >= c->next_submit_ms)
            submit(c);
        else if (!c->next_submit_ms && now(c) >= c->next_look_ms)
            look_at_cups(c);
        break;
    case VERDICT_RUNNING:
        break; /* taken: it is empty already; its end is a moment away */
    case VERDICT_OVER:
        if (verdict.outcome.withdrawn || verdict.outcome.lost)
            return err_set(why, ERR_STATE, "the token that clears printer %s is gone",
                           c->shipment->chunk.printer);
        *over = true;
        *device = verdict.outcome.device;
        break;
    }
    return ERR_NONE;
}

static void wait_for_news(struct clearing *c)
{
    struct pollfd fd = {.fd = c->env->wake_fd, .events = POLLIN};
    uint64_t count;
    if (poll(&fd, 1, LOOK_MS) > 0 && read(c->env->wake_fd, &count, sizeof count) < 0 &&
        errno != EAGAIN)
        log_warn("wake", "errno=%d", errno);
}

static void drop(struct clearing *c)
{
    const struct print_system *system = c->env->system;
    struct shipment *shipment = c->shipment;
    struct why why;
    if (token_remove(c->env->feed_folder, &shipment->token, &why))
        log_warn("token left behind", "token=%s why=%s", shipment->name, logq(why.text));
    if (system->cancel(system->ctx, shipment->queue, shipment->name, &why))
        log_warn("cancel in CUPS failed", "token=%s why=%s", shipment->name, logq(why.text));
}

enum err clear_printer(const struct follow_env *env, struct shipment *shipment,
                       uint64_t *device, struct why *why)
{
    struct clearing c = {.env = env, .shipment = shipment, .backoff_ms = RESUBMIT_MIN_MS};
    bool over = false;
    show(&c, "");
    enum err err = token_create(env->feed_folder, &shipment->token, why);
    fault_point("clear.token.made");
    if (!err)
        err = token_release(env->feed_folder, &shipment->token, why);
    fault_point("clear.token.released");
    c.next_submit_ms = now(&c);
    while (!err && !over) {
        if (env->stopping(env->ctx))
            err = err_set(why, ERR_BUSY, "stopping");
        else
            err = step(&c, &over, device, why);
        if (!err && !over)
            wait_for_news(&c);
    }
    fault_point("clear.over");
    if (over)
        log_info("printer emptied after a doubt", "printer=%s", logq(shipment->chunk.printer));
    drop(&c);
    return err;
}
