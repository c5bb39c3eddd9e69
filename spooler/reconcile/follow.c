/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/reconcile/follow.h"

#include "drivers/feed/drain.h"
#include "spooler/base/fault.h"
#include "spooler/base/log.h"
#include "spooler/reconcile/verdict.h"
#include "spooler/reconcile/words.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define UNSTARTED_MANY 3
#define OVER_SELF_MS   2000 /* a job whose filter has ended needs a moment to end itself */
#define OVER_WAIT_MS                                                                           \
    60000 /* JobKillDelay is 30 s: a filter that outlives this is no job of CUPS */
#define TICK_MS         1000 /* people's orders and CUPS are looked at this often */
#define RESUBMIT_MIN_MS 1000
#define RESUBMIT_MAX_MS 30000

/* Where the following of one chunk stands. */
struct following {
    const struct follow_env *env;
    struct shipment *shipment;
    uint32_t pieces;
    int inotify_fd; /* -1 = none: the tick alone */
    int64_t next_confirm_ms;
    int64_t next_look_ms;   /* at CUPS */
    int64_t next_submit_ms; /* 0 = nothing to submit */
    int64_t backoff_ms;
    bool cancel_asked;
    bool other_dots;   /* drawn again it is not what was committed: it must not be sent */
    int64_t over_ms;   /* since when it is over with a doubt, while CUPS has its job; 0 = not */
    const char *order; /* somebody's in CUPS, seen when it was over; NULL = none */
    unsigned unstarted; /* CUPS jobs that ended and left the token as it was */
    uint64_t told;      /* labels committed as printed */
    char waiting_for[512];
};

static int64_t now(const struct following *f)
{
    return clock_mono_ms(f->env->clock);
}

/* ---- the store ------------------------------------------------------------------- */

struct confirm {
    int64_t chunk_id;
    uint64_t labels;
};

static enum err commit_confirm(struct txn *txn, void *arg, struct why *why)
{
    const struct confirm *confirm = arg;
    return chunk_confirm(txn, confirm->chunk_id, confirm->labels, why);
}

struct hold {
    int64_t job_id, reprint_id;
    const char *reason;
    const char *text;
};

static enum err commit_hold(struct txn *txn, void *arg, struct why *why)
{
    const struct hold *hold = arg;
    return chunk_hold(txn, hold->job_id, hold->reprint_id, hold->reason, hold->text, why);
}

struct settle {
    int64_t chunk_id;
    const struct chunk_outcome *outcome;
    struct hold hold; /* reason NULL = none */
};

static enum err commit_settle(struct txn *txn, void *arg, struct why *why)
{
    struct settle *settle = arg;
    enum err err = chunk_settle(txn, settle->chunk_id, settle->outcome, why);
    return err || !settle->hold.reason ? err : commit_hold(txn, &settle->hold, why);
}

static enum err settle_chunk(struct following *f, const struct chunk_outcome *outcome,
                             const char *hold, const char *hold_text, struct why *why)
{
    const struct chunk *chunk = &f->shipment->chunk;
    struct settle settle = {
        chunk->id, outcome, {chunk->job_id, chunk->reprint_id, hold, hold_text}};
    if (!outcome->withdrawn && (outcome->lost || outcome->confirmed < outcome->sent))
        f->env->in_doubt(f->env->ctx); /* first: nobody may call them absent in between */
    fault_point("follow.settle.before");
    enum err err = store_write(f->env->store, commit_settle, &settle, why);
    if (err)
        return err;
    fault_point("follow.settle.after");
    log_info("chunk settled", "job=%lld chunk=%lld printer=%s sent=%u confirmed=%u of=%u%s%s%s",
             (long long)chunk->job_id, (long long)chunk->id, logq(chunk->printer),
             outcome->sent, outcome->confirmed, chunk->impressions,
             outcome->withdrawn ? " withdrawn=1" : "", outcome->words ? " why=" : "",
             outcome->words ? logq(outcome->words) : "");
    /* A file that stays is swept at the next start: its chunk is settled. */
    struct why left;
    if (token_remove(f->env->feed_folder, &f->shipment->token, &left))
        log_warn("token left behind", "token=%s why=%s", f->shipment->name, logq(left.text));
    fault_point("follow.token.removed");
    return ERR_NONE;
}

struct standing {
    const struct chunk *chunk;
    struct job job;
};

static enum err read_job(struct txn *txn, void *arg, struct why *why)
{
    struct standing *standing = arg;
    return chunk_job(txn, standing->chunk, &standing->job, why);
}

/* ---- CUPS ------------------------------------------------------------------------- */

static bool cancel_in_cups(struct following *f)
{
    const struct print_system *system = f->env->system;
    struct why why;
    enum err err = system->cancel(system->ctx, f->shipment->queue, f->shipment->name, &why);
    if (err)
        log_warn("cancel in CUPS failed", "token=%s why=%s", f->shipment->name, logq(why.text));
    return !err;
}

static void plan_submit(struct following *f)
{
    f->next_submit_ms = now(f) + f->backoff_ms;
    f->backoff_ms = f->backoff_ms * 2 < RESUBMIT_MAX_MS ? f->backoff_ms * 2 : RESUBMIT_MAX_MS;
}

static void submit(struct following *f)
{
    struct shipment *shipment = f->shipment;
    struct why why;
    enum err err = ERR_NONE;
    f->next_submit_ms = 0;
    if (!shipment->document) {
        fault_point("follow.redraw.before");
        err = f->env->redraw(f->env->ctx, shipment, &why);
        fault_point("follow.redraw.after");
    }
    if (!err)
        err = dispatch_submit(f->env->system, shipment, &why);
    if (err) {
        snprintf(f->waiting_for, sizeof f->waiting_for, "%s", why.text);
        f->other_dots = err == ERR_DOTS;
        log_warn("submission failed", "job=%lld chunk=%lld printer=%s why=%s",
                 (long long)shipment->chunk.job_id, (long long)shipment->chunk.id,
                 logq(shipment->chunk.printer), logq(why.text));
        plan_submit(f);
        return;
    }
    log_info("chunk submitted", "job=%lld chunk=%lld printer=%s labels=%llu-%llu cups_job=%d",
             (long long)shipment->chunk.job_id, (long long)shipment->chunk.id,
             logq(shipment->chunk.printer), (unsigned long long)shipment->chunk.first,
             (unsigned long long)shipment->chunk.last, shipment->cups_job);
    f->next_look_ms = now(f) + TICK_MS;
}

/* What CUPS did with our job is somebody's order there: it holds the job here. */
static const char *meddled(const struct print_job *job)
{
    if (job->moved)
        return "its CUPS job was moved to another queue; it prints nothing there."
               " Release it here to go on";
    if (job->state == PRINT_JOB_CANCELLED)
        return "its CUPS job was cancelled. Release it here to go on, or cancel it";
    if (job->state == PRINT_JOB_HELD)
        return "its CUPS job was held. Release it here to go on";
    return NULL;
}

/* The token is .go: is the document on its way? *order: somebody's order in CUPS, else NULL. */
static void look_at_cups(struct following *f, const char **order)
{
    const struct print_system *system = f->env->system;
    struct shipment *shipment = f->shipment;
    struct queue_view queue;
    struct print_job job = {.state = PRINT_JOB_GONE};
    struct why why;
    f->next_look_ms = now(f) + TICK_MS;
    if (system->check_queue(system->ctx, shipment->queue, &queue, &why)) {
        snprintf(f->waiting_for, sizeof f->waiting_for, "%s", why.text);
        return;
    }
    if (system->look(system->ctx, shipment->queue, shipment->cups_job, shipment->name, &job,
                     &why))
        return; /* no answer now; asked again at the next tick */
    *order = meddled(&job);
    if (!queue.enabled)
        snprintf(f->waiting_for, sizeof f->waiting_for, "the queue is stopped: cupsenable %s",
                 shipment->queue);
    else
        snprintf(f->waiting_for, sizeof f->waiting_for, "%s",
                 *job.message ? job.message : queue.message);
    bool over = job.state == PRINT_JOB_GONE || job.state == PRINT_JOB_ENDED ||
                job.state == PRINT_JOB_STOPPED;
    if (*order || !over)
        return;
    if (job.state == PRINT_JOB_STOPPED)
        cancel_in_cups(f); /* the filter failed before it took the token */
    if (++f->unstarted >= UNSTARTED_MANY)
        snprintf(
            f->waiting_for, sizeof f->waiting_for,
            "CUPS ends the chunk's job without starting it: does the PPD of queue %s name the"
            " folder %s, and may CUPS's filter user write there?",
            shipment->queue, f->env->feed_folder);
    shipment->cups_job = 0; /* that one is over; what becomes of it is nobody's order */
    if (f->next_submit_ms == 0)
        plan_submit(f);
}

/* ---- steps ---------------------------------------------------------------------------- */

/* Withdraws the token. *over: it was ours to withdraw, and the chunk is settled. */
static enum err withdraw(struct following *f, const char *hold, const char *text, bool *over,
                         struct why *why)
{
    struct chunk_outcome outcome = {.withdrawn = true};
    /* The order first: a crash in between must not forget it. The token decides what started.
     */
    struct hold order = {f->shipment->chunk.job_id, f->shipment->chunk.reprint_id, hold, text};
    fault_point("follow.withdraw.before");
    enum err err = hold ? store_write(f->env->store, commit_hold, &order, why) : ERR_NONE;
    fault_point("follow.withdraw.ordered");
    if (!err)
        err = token_revoke(f->env->feed_folder, &f->shipment->token, why);
    if (err == ERR_STATE)
        return ERR_NONE; /* temfeed was first: its journal decides */
    if (err)
        return err;
    cancel_in_cups(f); /* what stays there prints nothing */
    err = settle_chunk(f, &outcome, NULL, NULL, why);
    *over = !err;
    return err;
}

/* A chunk that ended early may have been ended by somebody in CUPS. */
static void look_for_order(struct following *f, const struct chunk_outcome *outcome)
{
    const struct print_system *system = f->env->system;
    struct print_job job = {.state = PRINT_JOB_GONE};
    struct why ignored; /* no answer: then nobody's order is known */
    if (outcome->sent < f->shipment->chunk.impressions && f->shipment->cups_job &&
        !f->cancel_asked && !f->order &&
        system->look(system->ctx, f->shipment->queue, f->shipment->cups_job, f->shipment->name,
                     &job, &ignored) == ERR_NONE)
        f->order = meddled(&job);
}

static enum err step_waiting(struct following *f, const struct job *job, bool *over,
                             struct why *why)
{
    const char *order = NULL;
    /* held, cancelled, to be drawn and committed anew, or the roll is to be changed, and
     * nothing has started */
    if (job->state != JOB_OPEN || f->other_dots ||
        drain_asked(f->env->feed_folder, f->shipment->queue))
        return withdraw(f, NULL, NULL, over, why);
    if (f->next_submit_ms && now(f) >= f->next_submit_ms)
        submit(f);
    else if (f->shipment->cups_job && now(f) >= f->next_look_ms)
        look_at_cups(f, &order);
    return order ? withdraw(f, "cups", order, over, why) : ERR_NONE;
}

static enum err step_running(struct following *f, const struct job *job,
                             const struct verdict *verdict, struct why *why)
{
    uint64_t labels = verdict->outcome.confirmed / f->pieces;
    if (job->state == JOB_CANCELLING && !f->cancel_asked) {
        fault_point("follow.cancel.before");
        enum err err = token_ask_cancel(f->env->feed_folder, &f->shipment->token, why);
        fault_point("follow.cancel.asked");
        if (err)
            return err;
        f->cancel_asked = cancel_in_cups(f); /* else again at the next tick */
    }
    if (labels > f->told && now(f) >= f->next_confirm_ms) {
        struct confirm confirm = {f->shipment->chunk.id, labels};
        fault_point("follow.confirm.before");
        enum err err = store_write(f->env->store, commit_confirm, &confirm, why);
        fault_point("follow.confirm.after");
        if (err)
            return err;
        f->told = labels;
        f->next_confirm_ms = now(f) + FOLLOW_GATHER_MS;
    }
    return ERR_NONE;
}

static void wait_for_news(struct following *f)
{
    struct pollfd fds[2] = {{.fd = f->env->wake_fd, .events = POLLIN},
                            {.fd = f->inotify_fd, .events = POLLIN}};
    char drain[4096];
    if (poll(fds, 2, f->inotify_fd < 0 ? 100 : TICK_MS) <= 0)
        return;
    if (fds[0].revents && read(f->env->wake_fd, drain, 8) < 0 && errno != EAGAIN)
        log_warn("wake", "errno=%d", errno);
    if (!fds[1].revents)
        return;
    /* Records come in bursts: gather them, then read the journal once. */
    usleep(5000);
    if (read(f->inotify_fd, drain, sizeof drain) < 0 && errno != EAGAIN)
        log_warn("inotify", "errno=%d", errno);
}

/* What temfeed says it waits for; after it was killed, what it left in the queue. */
static void look_at_queue(struct following *f)
{
    const struct print_system *system = f->env->system;
    struct queue_view queue;
    struct why why;
    f->next_look_ms = now(f) + TICK_MS;
    f->waiting_for[0] = '\0';
    if (system->check_queue(system->ctx, f->shipment->queue, &queue, &why))
        return;
    words_of_queue(&queue, f->waiting_for, sizeof f->waiting_for);
    if (!f->waiting_for[0] && drain_asked(f->env->feed_folder, f->shipment->queue))
        snprintf(f->waiting_for, sizeof f->waiting_for,
                 "the roll is to be changed: the last labels come out");
}

/* A chunk is over with a doubt, but CUPS still has its job: a temfeed may be printing that
 * nobody can follow, or a backend be delivering what a killed one left. Nobody is asked to look
 * at the roll before that has ended, by itself or by our order. */
static bool still_feeding(struct following *f, const struct chunk_outcome *outcome)
{
    const struct print_system *system = f->env->system;
    struct why why;
    int job;
    if (!outcome->lost && outcome->confirmed >= outcome->sent)
        return false; /* no doubt */
    if (f->over_ms == 0)
        f->over_ms = now(f);
    if (now(f) - f->over_ms > OVER_WAIT_MS ||
        system->find(system->ctx, f->shipment->queue, f->shipment->name, &job, &why) ==
            ERR_NOT_FOUND)
        return false;
    if (!f->cancel_asked && (outcome->lost || now(f) - f->over_ms > OVER_SELF_MS))
        f->cancel_asked = cancel_in_cups(f);
    snprintf(f->waiting_for, sizeof f->waiting_for,
             "the chunk ended in doubt: its CUPS job is being stopped");
    f->env->show(f->env->ctx, f->shipment, outcome->confirmed / f->pieces, f->waiting_for);
    return true;
}

static enum err step(struct following *f, bool *over, struct why *why)
{
    struct verdict verdict;
    struct standing standing = {.chunk = &f->shipment->chunk};
    enum err err = verdict_read(f->env->feed_folder, &f->shipment->token,
                                f->shipment->chunk.impressions, &verdict, why);
    if (!err)
        err = store_read(f->env->store, read_job, &standing, why);
    if (err)
        return err;
    switch (verdict.kind) {
    case VERDICT_PREPARED: /* a restart between commit and release */
        err = withdraw(f, NULL, NULL, over, why);
        break;
    case VERDICT_WAITING:
        err = step_waiting(f, &standing.job, over, why);
        break;
    case VERDICT_RUNNING:
        if (now(f) >= f->next_look_ms)
            look_at_queue(f);
        err = step_running(f, &standing.job, &verdict, why);
        break;
    case VERDICT_OVER:
        look_for_order(f, &verdict.outcome);
        if (still_feeding(f, &verdict.outcome))
            return ERR_NONE;
        err = settle_chunk(f, &verdict.outcome, f->order ? "cups" : NULL, f->order, why);
        *over = !err;
        break;
    }
    if (!err && !*over)
        f->env->show(f->env->ctx, f->shipment, verdict.outcome.confirmed / f->pieces,
                     f->waiting_for[0] ? f->waiting_for : NULL);
    return err;
}

enum err follow_chunk(const struct follow_env *env, struct shipment *shipment, uint32_t pieces,
                      struct why *why)
{
    struct following f = {
        .env = env, .shipment = shipment, .pieces = pieces, .backoff_ms = RESUBMIT_MIN_MS};
    f.inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (f.inotify_fd >= 0 &&
        inotify_add_watch(f.inotify_fd, env->feed_folder,
                          IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE) < 0)
        log_warn("feed folder cannot be watched", "errno=%d", errno);
    f.next_submit_ms = now(&f); /* at once; the token lets it print only once */
    struct why nothing;
    if (!shipment->document &&
        env->system->find(env->system->ctx, shipment->queue, shipment->name,
                          &shipment->cups_job, &nothing) == ERR_NONE)
        f.next_submit_ms = 0; /* CUPS has it from before the restart */
    enum err err = ERR_NONE;
    bool over = false;
    while (!err && !over) {
        if (env->stopping(env->ctx)) {
            err = err_set(why, ERR_BUSY, "stopping");
            break;
        }
        err = step(&f, &over, why);
        if (!err && !over)
            wait_for_news(&f);
    }
    if (f.inotify_fd >= 0)
        close(f.inotify_fd); /* nothing written: nothing to lose */
    return err;
}
