/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"
#include "cli/follow.h"
#include "cli/job-view.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

static const struct args_option options[] = {
    {"follow", 'f', NULL, false, "watch it until it is done or needs a person"},
    {"spans", 0, NULL, false, "also what became of which labels"},
    {0},
};

static void say(const struct screen *screen, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(const struct screen *screen, const char *name, const char *format, ...)
{
    struct buf raw = BUF_INIT(4096), clean = BUF_INIT(16384);
    va_list args;
    va_start(args, format);
    buf_vprintf(&raw, format, args);
    va_end(args);
    text_clean(buf_text(&raw), &clean);
    if (clean.len)
        fprintf(screen->stream, "  %s%-10s%s %s\n", screen_colour(screen, COLOUR_DIM), name,
                screen_colour(screen, COLOUR_NONE), buf_text(&clean));
    buf_free(&raw);
    buf_free(&clean);
}

static void show_head(const struct job_view *job, const struct screen *screen)
{
    struct buf time = BUF_INIT(256);
    text_time(job->accepted_at, &time);
    job_view_sentence(job, screen);
    say(screen, "template", "%s", job->template_name);
    say(screen, "printer", "%s", job->printer);
    say(screen, "reference", "%s", job->reference);
    say(screen, "accepted", "%s UTC, from %s%s%s", buf_text(&time), job->caller,
        *job->person ? " for " : "", job->person);
    if (job->sample)
        say(screen, "sample", "to be looked at and destroyed: its number is void");
    if (job->replaces_job)
        say(screen, "replaces", "label %" PRIu64 " of job %" PRIu64, job->replaces_label,
            job->replaces_job);
    if (*job->archive)
        say(screen, "archived", "in %s: tem archive show FILE --job %" PRId64, job->archive,
            job->id);
    if (job->reprints)
        say(screen, "reprints", "%" PRIu64 " not done: tem reprints --open --job %" PRId64,
            job->reprints, job->id);
    buf_free(&time);
}

static void show_counts(const struct job_view *job, const struct screen *screen)
{
    static const char *const states[] = {
#define X(name, word, words) word,
        JOB_COUNT_MAP(X)
#undef X
    };
    fprintf(screen->stream, "\n%12" PRIu64 "  labels ordered\n", job->quantity);
    for (size_t i = 0; i < JOB_COUNTS; i++) {
        if (job->counts[i])
            fprintf(screen->stream, "%s%12" PRIu64 "  %s%s\n",
                    screen_colour(screen, i == COUNT_IN_DOUBT ? COLOUR_YELLOW : COLOUR_NONE),
                    job->counts[i], job_view_words(states[i]),
                    screen_colour(screen, COLOUR_NONE));
    }
}

static bool show_ranges(const struct job_view *job, const struct screen *screen)
{
    static const char *const heads[] = {"LABELS", "SERIES", "SCOPE", "FIRST NUMBER",
                                        "LAST NUMBER"};
    struct table table;
    size_t i;
    const json_t *range;
    table_init(&table, heads, 5, 0);
    json_array_foreach(job->ranges, i, range)
    {
        table_add(&table, "%" PRIu64 "-%" PRIu64, json_count(range, "first_label"),
                  json_count(range, "last_label"));
        table_add(&table, "%s", json_text(range, "series"));
        table_add(&table, "%s", json_text(range, "scope"));
        table_add(&table, "%s", json_text(range, "first_number"));
        table_add(&table, "%s", json_text(range, "last_number"));
    }
    if (i)
        fputc('\n', screen->stream);
    bool ok = table_print(&table, screen);
    if (job->ranges_more)
        fprintf(screen->stream, "and %" PRIu64 " more ranges\n", job->ranges_more);
    return ok;
}

static bool show_spans(const struct job_view *job, const struct screen *screen)
{
    static const char *const heads[] = {"LABELS", "ATTEMPT", "STATE"};
    struct table table;
    size_t i;
    const json_t *span;
    table_init(&table, heads, 3, 1 << 1);
    json_array_foreach(job->spans, i, span)
    {
        table_add(&table, "%" PRIu64 "-%" PRIu64, json_count(span, "first"),
                  json_count(span, "last"));
        table_add(&table, "%" PRIu64, json_count(span, "attempt"));
        table_add(&table, "%s", job_view_words(json_text(span, "state")));
    }
    fputc('\n', screen->stream);
    bool ok = table_print(&table, screen);
    if (job->spans_more)
        fprintf(screen->stream, "and %" PRIu64 " more\n", job->spans_more);
    return ok;
}

static enum code show(struct tem *tem, const struct job_view *job)
{
    show_head(job, &tem->out);
    show_counts(job, &tem->out);
    bool ok = show_ranges(job, &tem->out);
    if (args_get(&tem->args, "spans"))
        ok = show_spans(job, &tem->out) && ok;
    if (*job->hold_reason || job->counts[COUNT_IN_DOUBT])
        fputc('\n', tem->out.stream);
    job_view_advice(job, &tem->out);
    return ok ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
}

static enum code run(struct tem *tem)
{
    int64_t id;
    struct http_answer answer;
    struct job_view job;
    if (!tem_job_id(tem, tem->args.words[0], &id))
        return CODE_USAGE;
    if (args_get(&tem->args, "follow"))
        return follow_job(tem, id);
    char path[64];
    snprintf(path, sizeof path, "/v1/jobs/%" PRId64, id);
    enum code code = client_get(tem, path, &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        code =
            job_view_read(answer.json, &job) ? show(tem, &job) : client_nonsense(tem, "a job");
    http_answer_free(&answer);
    return code;
}

const struct command command_job = {
    .name = "job",
    .usage = "JOB [--follow] [--spans]",
    .summary = "show one job: counts, numbers, what is in doubt and what to do",
    .options = options,
    .min_words = 1,
    .max_words = 1,
    .help = "  tem job 12                  where it stands; for a held job, what to do\n"
            "  tem job 12 --follow         watch it (Ctrl-C stops the watching only)\n"
            "  tem job 12 --spans          which labels are printed, in doubt, spoiled\n"
            "  tem job 12 --json | jq .counts\n"
            "\n"
            "The counts always add up to the labels ordered. The exit code is 0 when the job "
            "could be\n"
            "shown; with --follow it says what came of the job (tem --help lists the codes).\n",
    .run = run,
};
