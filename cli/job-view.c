/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/job-view.h"

#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

#define DOUBTS_SHOWN 8

static const struct {
    const char *state, *words;
} counts[] = {
#define X(name, word, words) {word, words},
    JOB_COUNT_MAP(X)
#undef X
};

bool job_view_read(const json_t *json, struct job_view *out)
{
    const json_t *hold = json_object_get(json, "hold");
    const json_t *states = json_object_get(json, "counts");
    const json_t *replaces = json_object_get(json, "replaces");
    struct job_view job = {
        .id = (int64_t)json_count(json, "id"),
        .quantity = json_count(json, "quantity"),
        .pieces = json_count(json, "pieces"),
        .state = json_text(json, "state"),
        .template_name = json_text(json, "template"),
        .printer = json_text(json, "printer"),
        .person = json_text(json, "person"),
        .reference = json_text(json, "reference"),
        .caller = json_text(json, "caller"),
        .accepted_at = json_text(json, "accepted_at"),
        .close = json_text(json, "close"),
        .on_doubt = json_text(json, "on_doubt"),
        .being_emptied = json_is_true(json_object_get(json, "being_emptied")),
        .sample = json_is_true(json_object_get(json, "sample")),
        .replaces_job = json_count(replaces, "job"),
        .replaces_label = json_count(replaces, "label"),
        .reprints = json_array_size(json_object_get(json, "reprints")),
        .hold_reason = json_text(hold, "reason"),
        .hold_text = json_text(hold, "text"),
        .archive = json_text(json_object_get(json, "archived"), "file"),
        .ranges = json_object_get(json, "ranges"),
        .spans = json_object_get(json, "spans"),
        .ranges_more = json_count(json, "ranges_more"),
        .spans_more = json_count(json, "spans_more"),
    };
    for (size_t i = 0; i < JOB_COUNTS; i++)
        job.counts[i] = json_count(states, counts[i].state);
    if (!job.id || !job.quantity || !*job.state || !json_is_object(states))
        return false;
    *out = job;
    return true;
}

uint64_t job_view_done(const struct job_view *job)
{
    return job->counts[COUNT_SENT] + job->counts[COUNT_PRINTED] + job->counts[COUNT_VERIFIED] +
           (job->sample ? job->counts[COUNT_SPOILED] : 0);
}

enum job_verdict job_view_verdict(const struct job_view *job)
{
    bool doubt = job->counts[COUNT_IN_DOUBT] > 0;
    if (strcmp(job->state, "held") == 0)
        return doubt ? JOB_IS_IN_DOUBT : JOB_IS_HELD;
    if (strcmp(job->state, "cancelled") == 0)
        return doubt ? JOB_IS_IN_DOUBT : JOB_IS_CANCELLED;
    if (strcmp(job->state, "closed") == 0)
        return job_view_done(job) == job->quantity ? JOB_IS_DONE : JOB_IS_INCOMPLETE;
    if (job->counts[COUNT_RESERVED] + job->counts[COUNT_SENDING] > 0)
        return JOB_GOES_ON;
    if (strcmp(job->state, "open") != 0)
        return JOB_GOES_ON;
    /* Nothing is left to print, but the job is open: it waits for a person, or for scans. */
    if (doubt)
        return JOB_IS_IN_DOUBT;
    return job_view_done(job) == job->quantity ? JOB_IS_DONE : JOB_IS_INCOMPLETE;
}

enum code job_view_code(enum job_verdict verdict)
{
    return verdict == JOB_IS_DONE || verdict == JOB_GOES_ON ? CODE_DONE : CODE_ATTENTION;
}

const char *job_view_words(const char *state)
{
    for (size_t i = 0; i < JOB_COUNTS; i++) {
        if (strcmp(counts[i].state, state) == 0)
            return counts[i].words;
    }
    return state;
}

void job_view_numbers(const json_t *numbers, struct buf *out)
{
    size_t i;
    const json_t *one;
    json_array_foreach(numbers, i, one)
    {
        buf_add_text(out, i ? " / " : "");
        text_clean(json_text(one, "number"), out);
    }
}

/* "printed", "in doubt": the words up to their colon. */
static int short_words(const char *words)
{
    return (int)strcspn(words, ":");
}

void job_view_sentence(const struct job_view *job, const struct screen *screen)
{
    struct buf line = BUF_INIT(4096);
    enum job_verdict verdict = job_view_verdict(job);
    enum colour colour = verdict == JOB_IS_DONE ? COLOUR_GREEN : COLOUR_YELLOW;
    buf_printf(&line, "job %lld ", (long long)job->id);
    text_clean(job->state, &line);
    buf_add_text(&line, ": ");
    bool first = true;
    for (size_t i = 0; i < JOB_COUNTS; i++) {
        if (!job->counts[i])
            continue;
        if (first)
            text_count(job->counts[i], "label", &line);
        else
            buf_printf(&line, ", %llu", (unsigned long long)job->counts[i]);
        buf_printf(&line, " %.*s", short_words(counts[i].words), counts[i].words);
        first = false;
    }
    fprintf(screen->stream, "%s%s%s\n", screen_colour(screen, colour), buf_text(&line),
            screen_colour(screen, COLOUR_NONE));
    buf_free(&line);
}

const char *job_view_absent(const struct job_view *job)
{
    bool ending = strcmp(job->state, "cancelled") == 0 || strcmp(job->state, "cancelling") == 0;
    return ending ? "will never be printed" : "to be printed (again)";
}

static void say_clean(const struct screen *screen, const char *before, const char *text)
{
    struct buf clean = BUF_INIT(65536);
    text_clean(text, &clean);
    if (clean.len)
        fprintf(screen->stream, "%s%s\n", before, buf_text(&clean));
    buf_free(&clean);
}

/* A run of labels in doubt, of one chunk: one fault, one last good label. */
struct doubt {
    uint64_t first, last;
    const json_t *first_numbers, *last_numbers;
};

static size_t find_doubts(const struct job_view *job, struct doubt *out, size_t max)
{
    size_t i, count = 0;
    const json_t *span;
    json_array_foreach(job->spans, i, span)
    {
        if (strcmp(json_text(span, "state"), "in_doubt") != 0)
            continue;
        const json_t *last_numbers = json_object_get(span, "last_numbers");
        uint64_t first = json_count(span, "first"), last = json_count(span, "last");
        if (count < max)
            out[count] = (struct doubt){first, last, json_object_get(span, "first_numbers"),
                                        last_numbers};
        count++;
    }
    return count;
}

static void show_doubt(const struct doubt *doubt, const struct screen *screen)
{
    struct buf numbers = BUF_INIT(8192);
    unsigned long long first = doubt->first, last = doubt->last;
    job_view_numbers(doubt->first_numbers, &numbers);
    if (numbers.len && first != last)
        buf_add_text(&numbers, " .. ");
    if (first != last)
        job_view_numbers(doubt->last_numbers, &numbers);
    if (first == last)
        fprintf(screen->stream, "  label %llu in doubt", first);
    else
        fprintf(screen->stream, "  labels %llu-%llu in doubt", first, last);
    fprintf(screen->stream, "%s%s\n", numbers.len ? ":  " : "", buf_text(&numbers));
    buf_free(&numbers);
}

/* "NUMBER is on the last good label, such as 7K3QF9ZT; ...". The command has no number ready in
 * it: one that is copied without a look at the roll would be a false statement. */
static void explain_last_good(const struct doubt *doubt, struct buf *out)
{
    const char *number = json_text(json_array_get(doubt->first_numbers, 0), "number");
    buf_add_text(out, "NUMBER is on the last good label");
    buf_add_text(out, *number ? ", such as " : " (or label:N)");
    text_clean(number, out);
    buf_add_text(out, "; those after it do not exist");
}

/* The commands for the first run in doubt, with what each of them means. */
static void show_decisions(const struct job_view *job, const struct doubt *doubt,
                           const struct screen *screen)
{
    struct buf range = BUF_INIT(64), last_good = BUF_INIT(1024), absent = BUF_INIT(256);
    unsigned long long first = doubt->first, last = doubt->last;
    buf_printf(&range, first == last ? "%llu" : "%llu-%llu", first, last);
    explain_last_good(doubt, &last_good);
    buf_printf(&absent, "none of them exists: %s", job_view_absent(job));
    const struct {
        const char *option, *value, *meaning;
    } rows[] = {
        {"last-good", "NUMBER", buf_text(&last_good)},
        {"absent", buf_text(&range), buf_text(&absent)},
        {"printed", buf_text(&range), "all of them exist and are good"},
        {"spoiled", buf_text(&range), "they exist and are useless: to be destroyed"},
    };
    int width = range.len > strlen("NUMBER") ? (int)range.len : (int)strlen("NUMBER");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        fprintf(screen->stream, "  tem resolve %lld --%-9s %-*s  %s%s%s\n", (long long)job->id,
                rows[i].option, width, rows[i].value, screen_colour(screen, COLOUR_DIM),
                rows[i].meaning, screen_colour(screen, COLOUR_NONE));
    buf_free(&range);
    buf_free(&last_good);
    buf_free(&absent);
}

static void advise_doubt(const struct job_view *job, const struct screen *screen)
{
    struct doubt doubts[DOUBTS_SHOWN];
    size_t count = find_doubts(job, doubts, DOUBTS_SHOWN);
    for (size_t i = 0; i < count && i < DOUBTS_SHOWN; i++)
        show_doubt(&doubts[i], screen);
    if (count > DOUBTS_SHOWN || job->spans_more)
        fprintf(screen->stream, "  and more: tem job %lld\n", (long long)job->id);
    if (!count)
        return;
    fputs(
        job->being_emptied
            ? "\nWait: the printer is being emptied, so that none of them comes out later"
              " (tem printers says what it\nwaits for). Then look at the roll and say one of\n"
            : "\nWhat is on the roll? Say one of\n",
        screen->stream);
    show_decisions(job, &doubts[0], screen);
    if (job->pieces > 1)
        fprintf(screen->stream,
                "A label has %" PRIu64
                " pieces: it is good when all are there. Destroy those of"
                " a label that has fewer.\n",
                job->pieces);
    if (strcmp(job->state, "held") == 0)
        fputs("When no doubt is left, the job goes on by itself.\n", screen->stream);
}

void job_view_advice(const struct job_view *job, const struct screen *screen)
{
    enum job_verdict verdict = job_view_verdict(job);
    if (verdict == JOB_IS_HELD) {
        say_clean(screen, "", job->hold_text);
        fprintf(screen->stream,
                "To go on:  tem release %lld\nTo stop it for good:  tem cancel %lld\n",
                (long long)job->id, (long long)job->id);
    }
    if (verdict == JOB_IS_IN_DOUBT)
        say_clean(screen, "", job->hold_text);
    if (job->counts[COUNT_IN_DOUBT] > 0)
        advise_doubt(job, screen);
}
