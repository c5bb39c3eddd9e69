/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.c: a person says which labels exist. What is sent are label indexes, after each
 * number was looked up, so that what is shown and confirmed is what is done. */
#include "cli/client.h"
#include "cli/job-view.h"
#include "cli/ranges.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct args_option options[] = {
    {"last-good", 'l', "NUMBER", false,
     "the last good label; what is in doubt after it does not exist"},
    {"printed", 0, "RANGE", true, "these exist and are good"},
    {"absent", 0, "RANGE", true, "these do not exist: they are printed (again)"},
    {"spoiled", 0, "RANGE", true, "these exist but are useless: destroy them"},
    {"reason", 0, "TEXT", false, "what was seen; default: what you say here"},
    {"printer-cleared", 0, NULL, false,
     "the printer was switched off and on, so that nothing waits in it any more"},
    CLIENT_PERSON_OPTION,
    {"yes", 'y', NULL, false, "do not ask"},
    {"key", 0, "KEY", false, "idempotency key, to repeat the same order"},
    {0},
};

static const struct {
    const char *name, *words;
} decisions[] = {
    {"printed", "good: on paper"},
    {"absent", "absent: "},
    {"spoiled", "spoiled: to be destroyed"},
};
#define DECISIONS (sizeof decisions / sizeof decisions[0])

struct resolving {
    struct tem *tem;
    int64_t id;
    struct http_answer answer; /* the job before it */
    struct job_view job;
    json_t *body;
    struct buf said;   /* the reason that stands for itself: what was ordered */
    struct buf effect; /* what will be done, a line a range */
};

/* Asks in each series and scope of the job. *label = 0: no label of this job has the number. */
static enum code find_number(struct resolving *r, const char *number, uint64_t *label)
{
    size_t i;
    const json_t *range;
    *label = 0;
    json_array_foreach(r->job.ranges, i, range)
    {
        struct buf path = BUF_INIT(8192);
        struct http_answer answer;
        struct why why = {{0}};
        buf_add_text(&path, "/v1/labels");
        http_add_param(&path, "series", json_text(range, "series"));
        http_add_param(&path, "scope", json_text(range, "scope"));
        http_add_param(&path, "number", number);
        enum err err = client_try(r->tem, buf_text(&path), &answer, &why);
        buf_free(&path);
        if (err)
            return tem_fail(r->tem, CODE_UNREACHED, "%s", why.text);
        uint64_t found =
            answer.status == 200 && json_count(answer.json, "job") == (uint64_t)r->id
                ? json_count(answer.json, "label")
                : 0;
        enum code code = answer.status == 200 || answer.status == 404
                             ? CODE_DONE
                             : report_problem(r->tem, &answer, NULL);
        http_answer_free(&answer);
        if (code)
            return code;
        if (found && *label && found != *label)
            return tem_fail(r->tem, CODE_BAD,
                            "labels %" PRIu64 " and %" PRIu64 " of job %" PRId64
                            " both have the number %s; name the label: label:%" PRIu64,
                            *label, found, r->id, number, *label);
        *label = found ? found : *label;
    }
    return CODE_DONE;
}

static enum code number_to_label(struct resolving *r, const char *number, uint64_t *label)
{
    enum code code = find_number(r, number, label);
    if (code || *label)
        return code;
    const char *hint = "";
    uint64_t digits;
    if (r->job.ranges_more)
        hint = " (as far as was looked; name the label by its index: label:N)";
    else if (args_number(number, 1, UINT64_MAX, &digits))
        hint = " (a label's index is written label:N)";
    else if (strchr(number, '-'))
        hint = " (a range of numbers is written A..B)";
    return tem_fail(r->tem, CODE_BAD,
                    "no label of job %" PRId64 " has the number %s%s; nothing was changed",
                    r->id, number, hint);
}

/* Digits alone might be meant as a label or as a printed number: only one may be possible. */
static enum code settle_unsure(struct resolving *r, struct range *range)
{
    uint64_t as_first, as_last = 0;
    char first[24], last[24];
    snprintf(first, sizeof first, "%" PRIu64, range->first);
    snprintf(last, sizeof last, "%" PRIu64, range->last);
    enum code code = find_number(r, first, &as_first);
    if (!code)
        code = find_number(r, last, &as_last);
    if (code || (!as_first && !as_last))
        return code;
    if (as_first == range->first && as_last == range->last)
        return CODE_DONE;
    if (range->last > r->job.quantity && as_first && as_last) {
        range->first = as_first;
        range->last = as_last;
        return CODE_DONE;
    }
    return tem_fail(
        r->tem, CODE_BAD,
        "%s%s%s may be meant as a label or as a printed number; write label:%s or number:%s",
        first, range->first == range->last ? "" : "-", range->first == range->last ? "" : last,
        first, first);
}

static enum code settle(struct resolving *r, struct range *range)
{
    enum code code = CODE_DONE;
    if (range->by_number) {
        code = number_to_label(r, range->from, &range->first);
        if (!code)
            code = number_to_label(r, range->to, &range->last);
    } else if (range->unsure)
        code = settle_unsure(r, range);
    if (code)
        return code;
    if (range->first > range->last)
        return tem_fail(r->tem, CODE_BAD,
                        "%s is label %" PRIu64 " and comes after %s, label %" PRIu64,
                        range->from, range->first, range->to, range->last);
    if (range->last > r->job.quantity)
        return tem_fail(r->tem, CODE_BAD,
                        "there is no label %" PRIu64 ": job %" PRId64
                        " has labels 1 to %" PRIu64,
                        range->last, r->id, r->job.quantity);
    return CODE_DONE;
}

static void note_effect(struct resolving *r, uint64_t first, uint64_t last, size_t decision)
{
    bool absent = strcmp(decisions[decision].name, "absent") == 0;
    const char *words = decisions[decision].words;
    const char *more = absent ? job_view_absent(&r->job) : "";
    if (first == last)
        buf_printf(&r->effect, "  label %-18" PRIu64 " %s%s\n", first, words, more);
    else {
        char range[48];
        snprintf(range, sizeof range, "%" PRIu64 "-%" PRIu64, first, last);
        buf_printf(&r->effect, "  labels %-17s %s%s\n", range, words, more);
    }
}

/* ---- --printed, --absent, --spoiled ------------------------------------------------- */

static enum code add_ranges(struct resolving *r, size_t decision, json_t *list)
{
    struct ranges ranges = {0};
    struct why why = {{0}};
    const char *name = decisions[decision].name, *text;
    size_t at = 0;
    enum code code = CODE_DONE;
    while (!code && (text = args_next(&r->tem->args, name, &at)) != NULL) {
        buf_printf(&r->said, "%s%s %s", r->said.len ? "; " : "", name, text);
        if (ranges_add(&ranges, text, &why) != ERR_NONE)
            code = tem_usage(r->tem, "--%s %s: %s", name, text, why.text);
    }
    for (size_t i = 0; !code && i < ranges.count; i++) {
        struct range *range = &ranges.list[i];
        code = settle(r, range);
        if (code)
            break;
        note_effect(r, range->first, range->last, decision);
        json_t *one = json_pack("{sI sI ss}", "first", (json_int_t)range->first, "last",
                                (json_int_t)range->last, "decision", name);
        if (json_array_append_new(list, one) != 0)
            code = tem_fail(r->tem, CODE_INTERNAL, "out of memory");
    }
    ranges_free(&ranges);
    return code;
}

/* One label, one decision: temd would take the first and refuse the second. */
static enum code check_overlap(struct resolving *r, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        for (size_t j = 0; j < i; j++) {
            const json_t *a = json_array_get(list, i), *b = json_array_get(list, j);
            uint64_t first = json_count(a, "first"), other = json_count(b, "first");
            if (first <= json_count(b, "last") && other <= json_count(a, "last"))
                return tem_fail(r->tem, CODE_BAD,
                                "label %" PRIu64 " is decided twice; nothing was changed",
                                first > other ? first : other);
        }
    }
    return CODE_DONE;
}

static enum code use_ranges(struct resolving *r)
{
    json_t *list = json_array();
    enum code code = list ? CODE_DONE : tem_fail(r->tem, CODE_INTERNAL, "out of memory");
    for (size_t i = 0; !code && i < DECISIONS; i++)
        code = add_ranges(r, i, list);
    if (!code)
        code = check_overlap(r, list);
    if (!code && json_object_set(r->body, "ranges", list) != 0)
        code = tem_fail(r->tem, CODE_INTERNAL, "out of memory");
    json_decref(list);
    return code;
}

/* ---- --last-good -------------------------------------------------------------------- */

/* The run in doubt that holds the label or starts right behind it; temd decides the same run.
 */
static bool find_run(const struct job_view *job, uint64_t label, uint64_t *first,
                     uint64_t *last)
{
    size_t i;
    const json_t *span;
    *last = 0;
    json_array_foreach(job->spans, i, span)
    {
        uint64_t a = json_count(span, "first"), b = json_count(span, "last");
        if (strcmp(json_text(span, "state"), "in_doubt") == 0 && !*last && b >= label &&
            a <= label + 1) {
            *first = a;
            *last = b;
        }
    }
    return *last != 0;
}

static enum code use_last_good(struct resolving *r, const char *text)
{
    uint64_t label, first = 0, last = 0;
    enum code code = CODE_DONE;
    bool has_numbers = json_array_size(r->job.ranges) > 0;
    const char *digits = strncmp(text, "label:", 6) == 0 ? text + 6 : has_numbers ? "" : text;
    if (!args_number(digits, 1, r->job.quantity, &label))
        code = number_to_label(r, strncmp(text, "number:", 7) == 0 ? text + 7 : text, &label);
    if (code)
        return code;
    bool found = find_run(&r->job, label, &first, &last);
    if (!found && !r->job.spans_more)
        return tem_fail(
            r->tem, CODE_REFUSED,
            "label %" PRIu64 " of job %" PRId64
            " is neither in doubt nor right before labels in doubt; tem job %" PRId64
            " shows which are",
            label, r->id, r->id);
    if (!found) /* temd told only the first spans, but decides over all */
        buf_printf(&r->effect,
                   "  the labels in doubt round label %" PRIu64
                   ": good up to it, absent after it\n",
                   label);
    if (found && label >= first)
        note_effect(r, first, label, 0);
    if (found && label < last)
        note_effect(r, label + 1, last, 1);
    buf_printf(&r->said, "last good label on the roll: %s", text);
    json_t *value = json_integer((json_int_t)label);
    if (json_object_set_new(r->body, "last_good", value) != 0)
        return tem_fail(r->tem, CODE_INTERNAL, "out of memory");
    return CODE_DONE;
}

/* ---- the whole ------------------------------------------------------------------------ */

static enum code make_order(struct resolving *r)
{
    const struct args *args = &r->tem->args;
    const char *last_good = args_get(args, "last-good"), *reason = args_get(args, "reason");
    char path[64];
    snprintf(path, sizeof path, "/v1/jobs/%" PRId64, r->id);
    enum code code = client_get(r->tem, path, &r->answer);
    if (code)
        return code;
    if (!job_view_read(r->answer.json, &r->job))
        return client_nonsense(r->tem, "a job");
    code = last_good ? use_last_good(r, last_good) : use_ranges(r);
    if (code)
        return code;
    struct buf clean = BUF_INIT(65536), cut = BUF_INIT(400);
    text_clean(reason ? reason : buf_text(&r->said), &clean);
    text_cut(buf_text(&clean), 130, &cut); /* at most 400 bytes are kept: 130 characters of 3 */
    bool bad = json_object_set_new(r->body, "reason",
                                   json_string(reason ? reason : buf_text(&cut))) != 0 ||
               (args_get(args, "printer-cleared") &&
                json_object_set_new(r->body, "printer_cleared", json_true()) != 0);
    buf_free(&clean);
    buf_free(&cut);
    return bad ? tem_fail(r->tem, CODE_BAD, "the reason is no valid UTF-8 text") : CODE_DONE;
}

static enum code send_order(struct resolving *r)
{
    struct tem *tem = r->tem;
    struct http_answer answer;
    struct job_view job;
    if (!tem->json)
        fprintf(tem->out.stream, "Job %" PRId64 ":\n%s", r->id, buf_text(&r->effect));
    (void)fflush(tem->out.stream); /* before the question; a failure stays in the stream */
    if (!tem_confirm(tem, "Is that what is on the roll?"))
        return tem_fail(tem, CODE_INTERRUPTED, "nothing was changed");
    enum code code = client_order(tem, r->id, "resolve", json_incref(r->body), &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer)) {
        if (job_view_read(answer.json, &job)) {
            job_view_sentence(&job, &tem->out);
            job_view_advice(&job, &tem->out);
        } else
            code = client_nonsense(tem, "a job");
    }
    http_answer_free(&answer);
    return code;
}

static enum code run(struct tem *tem)
{
    struct resolving r = {.tem = tem,
                          .body = json_object(),
                          .said = BUF_INIT(65536),
                          .effect = BUF_INIT(1024 * 1024)};
    size_t ways = 0;
    for (size_t i = 0; i < DECISIONS; i++)
        ways += args_get(&tem->args, decisions[i].name) != NULL;
    bool last_good = args_get(&tem->args, "last-good") != NULL;
    enum code code = CODE_DONE;
    if (!tem_job_id(tem, tem->args.words[0], &r.id))
        code = CODE_USAGE;
    else if (last_good ? ways > 0 : ways == 0)
        code = tem_usage(tem, last_good ? "--last-good decides all by itself"
                                        : "what do you see? --last-good NUMBER, or --printed, "
                                          "--absent, --spoiled RANGE");
    else if (!r.body)
        code = tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (!code)
        code = make_order(&r);
    if (!code)
        code = send_order(&r);
    http_answer_free(&r.answer);
    json_decref(r.body);
    buf_free(&r.said);
    buf_free(&r.effect);
    return code;
}

const struct command command_resolve = {
    .name = "resolve",
    .usage = "JOB --last-good NUMBER | [--printed RANGE] [--absent RANGE] [--spoiled RANGE]",
    .summary = "say which labels in doubt exist, after looking at the roll",
    .options = options,
    .min_words = 1,
    .max_words = 1,
    .help = "  tem resolve 12 --last-good 7K3QF9ZT\n"
            "        the last good label on the roll has this number: those in doubt up to it "
            "exist, those\n"
            "        after it do not and are printed (again)\n"
            "  tem resolve 12 --absent 97-100\n"
            "        none of labels 97 to 100 exists\n"
            "  tem resolve 12 --printed 97,98 --spoiled 99 --absent 100\n"
            "        two are good, one is torn, one was never printed\n"
            "  tem resolve 12 --printed 7K3QF9ZT..M2W8XC4A\n"
            "        from the label with this number to the label with that\n"
            "\n"
            "RANGE: labels of the job (7, 5-9, label:7), or printed numbers (7K3QF9ZT, A..B), "
            "commas between\n"
            "them; number:X for a number that holds a comma or is made of digits.\n"
            "You are shown what will be done and asked. Your name, what you saw and the time "
            "go into the\n"
            "ledger. Say only what you have seen: a label called absent that exists is a "
            "duplicate.\n",
    .run = run,
};
