/* SPDX-License-Identifier: Apache-2.0 */
/* void.c: a label that is on paper is destroyed: its number counts as spoiled. */
#include "cli/client.h"
#include "cli/job-view.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>

static const struct args_option options[] = {
    {"reason", 'r', "TEXT", false, "why; goes into the ledger"},
    CLIENT_SERIES_OPTIONS,
    CLIENT_PERSON_OPTION,
    {"yes", 'y', NULL, false, "do not ask"},
    {"key", 0, "KEY", false, "idempotency key, to repeat the same order"},
    {0},
};

static enum code spoil(struct tem *tem, const json_t *label, const char *reason)
{
    struct http_answer answer;
    json_int_t index = (json_int_t)json_count(label, "label");
    json_t *body = json_pack("{ss s[{sI sI ss}]}", "reason", reason, "ranges", "first", index,
                             "last", index, "decision", "spoiled");
    if (!body)
        return tem_fail(tem, CODE_BAD, "the reason is no valid UTF-8 text");
    enum code code =
        client_order(tem, (int64_t)json_count(label, "job"), "resolve", body, &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        fprintf(tem->out.stream, "void: its number will not be on any label again\n");
    http_answer_free(&answer);
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    struct http_answer answer;
    char question[256];
    const char *reason = args_get(&tem->args, "reason");
    if (!reason)
        return tem_usage(tem, "why? add --reason TEXT");
    enum code code = client_find_label(tem, tem->args.words[0], &answer);
    if (code)
        return code;
    snprintf(question, sizeof question,
             "Label %" PRIu64 " of job %" PRIu64 " is %.40s. Is it destroyed?",
             json_count(answer.json, "label"), json_count(answer.json, "job"),
             json_text(answer.json, "state"));
    code = tem_confirm(tem, question) ? spoil(tem, answer.json, reason)
                                      : tem_fail(tem, CODE_INTERRUPTED, "nothing was changed");
    http_answer_free(&answer);
    return code;
}

const struct command command_void = {
    .name = "void",
    .usage = "NUMBER|SCAN --reason TEXT",
    .summary = "a label was destroyed: its number is spoiled for good",
    .options = options,
    .min_words = 1,
    .max_words = 1,
    .help =
        "  tem void 7K3QF9ZT --reason \"torn while it was applied\"\n"
        "\n"
        "For a label that will not be used. To replace a damaged one by the same number: tem "
        "reprint.\n",
    .run = run,
};
