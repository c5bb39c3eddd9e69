/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"
#include "cli/job-view.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>

static const struct args_option options[] = {
    {"limit", 'n', "N", false, "at most so many, 1 to 500 (default 20)"},
    {"before", 0, "JOB", false, "those before this job"},
    {0},
};

static const char *const heads[] = {"JOB",      "STATE",     "DONE",
                                    "LABELS",   "DOUBT",     "PRINTER",
                                    "TEMPLATE", "REFERENCE", "ACCEPTED (UTC)"};

static void add_row(struct table *table, const struct job_view *job)
{
    struct buf time = BUF_INIT(256);
    text_time(job->accepted_at, &time);
    table_add(table, "%" PRId64, job->id);
    table_add(table, "%s%s%s", job->state, *job->hold_reason ? ": " : "", job->hold_reason);
    table_add(table, "%" PRIu64, job_view_done(job));
    table_add(table, "%" PRIu64, job->quantity);
    if (job->counts[COUNT_IN_DOUBT])
        table_add(table, "%" PRIu64, job->counts[COUNT_IN_DOUBT]);
    else
        table_add(table, "-");
    table_add(table, "%s", job->printer);
    table_add(table, "%s", job->template_name);
    table_add(table, "%s", job->reference);
    table_add(table, "%s", buf_text(&time));
    buf_free(&time);
}

static enum code show(struct tem *tem, const struct http_answer *answer)
{
    const json_t *list = json_object_get(answer->json, "jobs"), *one;
    struct table table;
    struct job_view job = {0};
    size_t i;
    if (!json_is_array(list))
        return client_nonsense(tem, "jobs");
    table_init(&table, heads, sizeof heads / sizeof heads[0],
               1 << 0 | 1 << 2 | 1 << 3 | 1 << 4);
    json_array_foreach(list, i, one)
    {
        if (job_view_read(one, &job))
            add_row(&table, &job);
    }
    if (!table_print(&table, &tem->out))
        return tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (!json_array_size(list))
        fputs("no jobs\n", tem->out.stream);
    else if (json_object_get(answer->json, "next"))
        fprintf(tem->out.stream, "older ones: tem jobs --before %" PRId64 "\n", job.id);
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    const char *limit = args_get(&tem->args, "limit"), *before = args_get(&tem->args, "before");
    uint64_t number;
    if (limit && !args_number(limit, 1, 500, &number))
        return tem_usage(tem, "--limit %s: expected 1 to 500", limit);
    if (before && !args_number(before, 1, INT64_MAX, &number))
        return tem_usage(tem, "--before %s: expected a job's number", before);
    struct buf path = BUF_INIT(256);
    struct http_answer answer;
    buf_add_text(&path, "/v1/jobs");
    http_add_param(&path, "limit", limit ? limit : "20");
    http_add_param(&path, "before", before);
    enum code code = client_get(tem, buf_text(&path), &answer);
    buf_free(&path);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        code = show(tem, &answer);
    http_answer_free(&answer);
    return code;
}

const struct command command_jobs = {
    .name = "jobs",
    .usage = "[--limit N] [--before JOB]",
    .summary = "list jobs, the newest first",
    .options = options,
    .help = "  tem jobs                    the newest 20\n"
            "  tem jobs -n 100             more of them\n"
            "  tem jobs --before 1200      older ones\n"
            "  tem jobs --json | jq -r '.jobs[] | select(.state == \"held\") | .id'\n"
            "\n"
            "DONE counts labels that are on paper as far as is known; DOUBT those that a "
            "person has to\n"
            "decide (tem job JOB says how).\n",
    .run = run,
};
