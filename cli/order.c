/* SPDX-License-Identifier: Apache-2.0 */
/* order.c: hold, release, cancel: orders that name a job and nothing else. */
#include "cli/client.h"
#include "cli/job-view.h"

#include <inttypes.h>

#define REASON_OPTION                                                                          \
    {                                                                                          \
        "reason", 0, "TEXT", false, "why, for the ledger"                                      \
    }
#define KEY_OPTION                                                                             \
    {                                                                                          \
        "key", 0, "KEY", false, "idempotency key, to repeat the same order"                    \
    }

static const struct args_option options[] = {
    CLIENT_PERSON_OPTION, REASON_OPTION, KEY_OPTION, {0}};
static const struct args_option cancel_options[] = {
    CLIENT_PERSON_OPTION, REASON_OPTION, {"yes", 'y', NULL, false, "do not ask"},
    KEY_OPTION,           {0},
};

static enum code run_order(struct tem *tem, int64_t id, const char *action)
{
    struct http_answer answer;
    struct job_view job;
    json_t *body = json_object();
    const char *reason = args_get(&tem->args, "reason");
    if (!body || (reason && json_object_set_new(body, "reason", json_string(reason)) != 0)) {
        json_decref(body);
        return tem_fail(tem, CODE_BAD, "the reason is no valid UTF-8 text");
    }
    enum code code = client_order(tem, id, action, body, &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer)) {
        if (job_view_read(answer.json, &job))
            job_view_sentence(&job, &tem->out);
        else
            code = client_nonsense(tem, "a job");
    }
    http_answer_free(&answer);
    return code;
}

static enum code run_named(struct tem *tem)
{
    int64_t id;
    return tem_job_id(tem, tem->args.words[0], &id) ? run_order(tem, id, tem->command->name)
                                                    : CODE_USAGE;
}

static enum code run_cancel(struct tem *tem)
{
    int64_t id;
    char question[128];
    if (!tem_job_id(tem, tem->args.words[0], &id))
        return CODE_USAGE;
    snprintf(question, sizeof question,
             "Cancel job %" PRId64 "? Labels that are not printed never will be.", id);
    if (!tem_confirm(tem, question))
        return tem_fail(tem, CODE_INTERRUPTED, "not cancelled");
    return run_order(tem, id, "cancel");
}

const struct command command_hold = {
    .name = "hold",
    .usage = "JOB [--reason TEXT]",
    .summary = "pause a job",
    .options = options,
    .min_words = 1,
    .max_words = 1,
    .help = "  tem hold 12                 to let another job go first\n"
            "  tem hold 12 --reason \"wrong ribbon\"\n"
            "  tem release 12              to go on\n"
            "\n"
            "The chunk that is under way, at most 100 labels or so, is still printed; no new "
            "one is sent.\n",
    .run = run_named,
};

const struct command command_release = {
    .name = "release",
    .usage = "JOB [--reason TEXT]",
    .summary = "let a held job go on",
    .options = options,
    .min_words = 1,
    .max_words = 1,
    .help = "  tem release 12\n"
            "\n"
            "A job that is held for doubt is not released but resolved (tem help resolve): "
            "somebody has\n"
            "to look which labels exist.\n",
    .run = run_named,
};

const struct command command_cancel = {
    .name = "cancel",
    .usage = "JOB [--reason TEXT] [--yes]",
    .summary = "stop a job for good; unprinted numbers are never used",
    .options = cancel_options,
    .min_words = 1,
    .max_words = 1,
    .help = "  tem cancel 12               asks first\n"
            "  tem cancel 12 --yes --reason \"order PO-4711 withdrawn\"\n"
            "\n"
            "What the printer still holds is cleared, what it printed is counted. The numbers "
            "of all other\n"
            "labels become `unused`: they are never given to another label.\n",
    .run = run_cancel,
};
