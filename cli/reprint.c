/* SPDX-License-Identifier: Apache-2.0 */
/* reprint.c: one damaged label: scan it, press the reason's key, say yes. */
#include "cli/client.h"
#include "cli/job-view.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define REASONS_MAX 9 /* a key each */

static const struct args_option options[] = {
    {"to", 0, "NUMBER", false, "the labels from the first one to this one"},
    {"reason", 'r', "REASON", false, "one of the configured reasons (tem reprints shows them)"},
    {"note", 0, "TEXT", false, "what was seen, for the ledger"},
    {"printer", 'p', "NAME", false, "on this printer; default: the job's own"},
    CLIENT_SERIES_OPTIONS,
    CLIENT_PERSON_OPTION,
    {"yes", 'y', NULL, false, "do not ask"},
    {"key", 0, "KEY", false, "idempotency key, to repeat the same order"},
    {0},
};

struct reprinting {
    struct tem *tem;
    char line[1024];
    struct http_answer first, last, reasons;
    const json_t *words; /* the reasons */
    const char *reason;
};

static bool can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* One line from the person or the scanner, which ends a read with Enter. */
static bool ask(struct reprinting *r, const char *question)
{
    fprintf(stderr, "%s ", question);
    if (!fgets(r->line, sizeof r->line, stdin))
        return false;
    r->line[strcspn(r->line, "\r\n")] = '\0';
    return r->line[0] != '\0';
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
    if (!named && !can_ask())
        return tem_usage(r->tem, "which label? give its number or what a scanner reads");
    if (!named && !ask(r, "Scan or type the damaged label:"))
        return tem_fail(r->tem, CODE_INTERRUPTED, "nothing was changed");
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
    uint64_t key;
    r->reason = args_get(&r->tem->args, "reason");
    if (r->reason)
        return CODE_DONE;
    enum code code = client_get(r->tem, "/v1/reprints?open=1", &r->reasons);
    if (code)
        return code;
    r->words = json_object_get(r->reasons.json, "reasons");
    size_t count = json_array_size(r->words);
    if (!can_ask())
        return tem_usage(r->tem, "why? add --reason; tem reprints shows the reasons");
    for (size_t i = 0; i < count && i < REASONS_MAX; i++)
        fprintf(stderr, "  %zu  %s\n", i + 1, json_string_value(json_array_get(r->words, i)));
    if (!ask(r, "Why?") ||
        !args_number(r->line, 1, count < REASONS_MAX ? count : REASONS_MAX, &key))
        return tem_fail(r->tem, CODE_INTERRUPTED, "nothing was changed");
    r->reason = json_string_value(json_array_get(r->words, (size_t)key - 1));
    return CODE_DONE;
}

static json_t *make_body(struct reprinting *r)
{
    const char *printer = args_get(&r->tem->args, "printer");
    const char *note = args_get(&r->tem->args, "note");
    const json_t *last = r->last.json ? r->last.json : r->first.json;
    return json_pack("{sI sI ss ss* ss*}", "first",
                     (json_int_t)json_count(r->first.json, "label"), "last",
                     (json_int_t)json_count(last, "label"), "reason", r->reason, "words", note,
                     "printer", printer);
}

/* The template wanted a new number. */
static void say_replacement(struct reprinting *r, const json_t *order)
{
    const json_t *job = json_object_get(order, "job"), *old = json_object_get(order, "void");
    struct buf line = BUF_INIT(4096);
    buf_printf(&line, "job %" PRIu64 ": 1 label on ", json_count(job, "id"));
    text_clean(json_text(job, "printer"), &line);
    const json_t *range = json_array_get(json_object_get(job, "ranges"), 0);
    if (range) {
        buf_add_text(&line, ", new number ");
        text_clean(json_text(range, "first_number"), &line);
    }
    fprintf(r->tem->out.stream,
            "%s\nDestroy the damaged one: label %" PRIu64 " of job %" PRIu64 " is void.\n",
            buf_text(&line), json_count(old, "label"), json_count(old, "job"));
    buf_free(&line);
}

static void say(struct reprinting *r, const json_t *order)
{
    if (strcmp(json_text(order, "kind"), "replacement") == 0) {
        say_replacement(r, order);
        return;
    }
    struct buf line = BUF_INIT(4096);
    bool waiting = strcmp(json_text(order, "state"), "waiting") == 0;
    uint64_t count = json_count(order, "last") - json_count(order, "first") + 1;
    buf_printf(&line, "reprint %" PRIu64 ": ", json_count(order, "id"));
    text_count(count, "label", &line);
    buf_add_text(&line, " on ");
    text_clean(json_text(order, "printer"), &line);
    if (waiting)
        buf_printf(&line, " once another person agrees: tem reprints --approve %" PRIu64,
                   json_count(order, "id"));
    fprintf(r->tem->out.stream, "%s\nDestroy the damaged one: its number is on the new one.\n",
            buf_text(&line));
    buf_free(&line);
}

static enum code order(struct reprinting *r)
{
    struct http_answer answer;
    if (!tem_confirm(r->tem, "Print it again, and destroy the damaged one?"))
        return tem_fail(r->tem, CODE_INTERRUPTED, "nothing was changed");
    json_t *body = make_body(r);
    if (!body)
        return tem_fail(r->tem, CODE_BAD, "the reason or the note is no valid UTF-8 text");
    enum code code = client_order(r->tem, (int64_t)json_count(r->first.json, "job"), "reprint",
                                  body, &answer);
    if (code)
        return code;
    if (!client_is_json(r->tem, &answer))
        say(r, answer.json);
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
        "  tem reprint                 scan the damaged label, press the reason's key, say y\n"
        "  tem reprint 7K3QF9ZT --reason damaged --yes\n"
        "  tem reprint 7K3QF9ZT --to M2W8XC4A --reason lost --note \"box fell into the "
        "water\"\n"
        "        all labels of the job from the one to the other\n"
        "\n"
        "The same dots, the same number; your name, the reason and the time go into the "
        "ledger. "
        "Only labels\n"
        "that are on paper can be reprinted, as often as their template says; where it asks "
        "for "
        "two people,\n"
        "another one has to agree first (tem reprints --approve).\n"
        "A template may say `reprint: {number: new}`: then the damaged label is void, and a "
        "job "
        "of one label\n"
        "with the same data and a new number takes its place.\n",
    .run = run,
};
