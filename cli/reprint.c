/* SPDX-License-Identifier: Apache-2.0 */
/* reprint.c: one damaged label: scan it, press the reason's key, say yes. */
#include "cli/client.h"
#include "cli/job-view.h"
#include "cli/key.h"
#include "cli/report.h"
#include "cli/reprint-view.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

#define REASONS_MAX 9 /* a key each */
#define OTHER_DOTS  "urn:tem:problem:dots"

static const struct args_option options[] = {
    {"to", 0, "NUMBER", false, "the labels from the first one to this one"},
    {"reason", 'r', "REASON", false, "one of the configured reasons (tem reprints shows them)"},
    {"note", 0, "TEXT", false, "what was seen, for the ledger"},
    {"printer", 'p', "NAME", false, "on this printer; default: the job's own"},
    CLIENT_SERIES_OPTIONS,
    CLIENT_PERSON_OPTION,
    {"changed-dots", 0, NULL, false, "accept that the dots are not those that were printed"},
    {"yes", 'y', NULL, false, "do not ask (of changed dots all the same)"},
    {"key", 0, "KEY", false, "idempotency key, to repeat the same order"},
    {0},
};

struct reprinting {
    struct tem *tem;
    char line[1024];
    struct http_answer first, last, reasons;
    const json_t *words; /* the reasons */
    const char *reason;
    bool other_dots; /* the person accepts them */
};

/* One line from the person or the scanner, which ends a read with Enter. */
static bool ask(struct reprinting *r, const char *question)
{
    fprintf(stderr, "%s ", question);
    if (!fgets(r->line, sizeof r->line, stdin))
        return false;
    r->line[strcspn(r->line, "\r\n")] = '\0';
    return r->line[0] != '\0';
}

static enum code nothing(struct reprinting *r)
{
    return tem_fail(r->tem, CODE_INTERRUPTED, "nothing was changed");
}

static void show_label(struct reprinting *r, const json_t *label)
{
    struct buf line = BUF_INIT(16384);
    text_clean(json_text(label, "number"), &line);
    buf_printf(&line, ": label %" PRIu64 " of job %" PRIu64 ", ", json_count(label, "label"),
               json_count(label, "job"));
    text_clean(job_view_words(json_text(label, "state")), &line);
    fprintf(r->tem->json ? stderr : r->tem->out.stream, "%s\n", buf_text(&line));
    buf_free(&line);
}

static enum code find_labels(struct reprinting *r)
{
    const struct args *args = &r->tem->args;
    const char *to = args_get(args, "to");
    const char *named = args->word_count ? args->words[0] : NULL;
    if (!named && !key_can_ask())
        return tem_usage(r->tem, "which label? give its number or what a scanner reads");
    if (!named && !ask(r, "Scan or type the damaged label:"))
        return nothing(r);
    enum code code = client_find_label(r->tem, named ? named : r->line, &r->first);
    if (!code)
        show_label(r, r->first.json);
    if (!code && to)
        code = client_find_label(r->tem, to, &r->last);
    if (!code && to)
        show_label(r, r->last.json);
    if (!code && to && json_count(r->first.json, "job") != json_count(r->last.json, "job"))
        code =
            tem_fail(r->tem, CODE_BAD, "these are labels of two jobs: order them one by one");
    return code;
}

/* The digit that a person pressed, or the reason that was given. */
static enum code choose_reason(struct reprinting *r)
{
    r->reason = args_get(&r->tem->args, "reason");
    if (r->reason)
        return CODE_DONE;
    enum code code = client_get(r->tem, "/v1/reprints?open=1", &r->reasons);
    if (code)
        return code;
    r->words = json_object_get(r->reasons.json, "reasons");
    size_t count = json_array_size(r->words);
    if (!key_can_ask())
        return tem_usage(r->tem, "why? add --reason; tem reprints shows the reasons");
    for (size_t i = 0; i < count && i < REASONS_MAX; i++)
        fprintf(stderr, "  %zu  %s\n", i + 1, json_string_value(json_array_get(r->words, i)));
    char key = key_ask(r->tem, "Why?");
    if (key < '1' || (size_t)(key - '1') >= (count < REASONS_MAX ? count : REASONS_MAX))
        return nothing(r);
    r->reason = json_string_value(json_array_get(r->words, (size_t)(key - '1')));
    return CODE_DONE;
}

static json_t *make_body(struct reprinting *r)
{
    const char *printer = args_get(&r->tem->args, "printer");
    const char *note = args_get(&r->tem->args, "note");
    const json_t *last = r->last.json ? r->last.json : r->first.json;
    return json_pack("{sI sI ss ss* ss* ss*}", "first",
                     (json_int_t)json_count(r->first.json, "label"), "last",
                     (json_int_t)json_count(last, "label"), "reason", r->reason, "words", note,
                     "printer", printer, "changed_dots", r->other_dots ? "accept" : NULL);
}

static enum code post(struct reprinting *r, struct http_answer *answer)
{
    json_t *body = make_body(r);
    return body ? client_order_unless(r->tem, (int64_t)json_count(r->first.json, "job"),
                                      "reprint", body, OTHER_DOTS, answer)
                : tem_fail(r->tem, CODE_BAD, "the reason or the note is no valid UTF-8 text");
}

/* The dots would be other ones. Whether the person wants them all the same; --yes is no answer
 * to that. */
static enum code accept_dots(struct reprinting *r, const struct http_answer *answer)
{
    enum code code = report_problem(r->tem, answer, NULL);
    if (r->tem->json)
        return code;
    if (!key_can_ask()) {
        fprintf(r->tem->err.stream, "  to print it all the same, add --changed-dots\n");
        return code;
    }
    r->other_dots = key_yes(r->tem, "Print it all the same? It goes into the ledger. [y/N]");
    return r->other_dots ? CODE_DONE : nothing(r);
}

static enum code order(struct reprinting *r)
{
    struct http_answer answer;
    const struct args *args = &r->tem->args;
    r->other_dots = args_get(args, "changed-dots") != NULL;
    if (!args_get(args, "yes") && key_can_ask() &&
        !key_yes(r->tem, "Print it again, and destroy the damaged one? [y/N]"))
        return nothing(r);
    enum code code = post(r, &answer);
    if (!code && answer.status / 100 != 2) {
        code = accept_dots(r, &answer);
        http_answer_free(&answer);
        if (!code)
            code = post(r, &answer);
        if (!code && answer.status / 100 != 2) {
            code = report_problem(r->tem, &answer, NULL);
            http_answer_free(&answer);
        }
    }
    if (code)
        return code;
    if (!client_is_json(r->tem, &answer))
        reprint_view_say(r->tem, answer.json);
    http_answer_free(&answer);
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    struct reprinting r = {.tem = tem};
    enum code code = find_labels(&r);
    if (!code)
        code = choose_reason(&r);
    if (!code)
        code = order(&r);
    http_answer_free(&r.first);
    http_answer_free(&r.last);
    http_answer_free(&r.reasons);
    return code;
}

const struct command command_reprint = {
    .name = "reprint",
    .usage = "[NUMBER|SCAN] [--to NUMBER] [--reason REASON] [--note TEXT]",
    .summary = "print a damaged label again, with the same or a new number",
    .options = options,
    .min_words = 0,
    .max_words = 1,
    .help =
        "  tem reprint                 scan the damaged label, press the reason's key and y\n"
        "  tem reprint 7K3QF9ZT --reason damaged --yes\n"
        "  tem reprint 7K3QF9ZT --to M2W8XC4A --reason lost --note \"box fell into the "
        "water\"\n"
        "        all labels of the job from the one to the other\n"
        "\n"
        "The same dots, the same number; your name, the reason and the time go into the "
        "ledger. When a font\n"
        "or a library changed, so that the dots would not be those that were printed, tem says "
        "so and asks.\n"
        "Only labels that are on paper can be reprinted, as often as their template says; "
        "where it asks "
        "for "
        "two people,\n"
        "another one has to agree first (tem reprints --approve).\n"
        "A template may say `reprint: {number: new}`: then the damaged label is void, and a "
        "job "
        "of one label\n"
        "with the same data and a new number takes its place.\n",
    .run = run,
};
