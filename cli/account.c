/* SPDX-License-Identifier: Apache-2.0 */
/* account.c: `tem report`: every label of a job, every number of a series accounted for. */
#include "cli/account.h"

#include "cli/client.h"
#include "cli/job-view.h"
#include "cli/report.h"
#include "cli/text.h"
#include "spooler/base/durable.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct args_option options[] = {
    {"series", 's', "NAME", false, "numbers of this series instead of a job"},
    {"scope", 0, "TEXT", false, "only this scope, such as a GTIN"},
    {"from", 0, "TIME", false, "jobs accepted from this day or time on"},
    {"to", 0, "TIME", false, "until the end of this day, or before this time"},
    {"csv", 0, NULL, false, "as CSV, a row a run"},
    {"html", 0, "FILE", false, "a page to print and sign into this file; - = standard output"},
    {0},
};

/* ---- a job ------------------------------------------------------------------------------- */

static void line(struct tem *tem, const char *name, const char *value)
{
    struct buf clean = BUF_INIT(8192);
    text_clean(value, &clean);
    if (clean.len)
        fprintf(tem->out.stream, "  %-12s %s\n", name, buf_text(&clean));
    buf_free(&clean);
}

void account_time(struct tem *tem, const char *name, const char *iso)
{
    struct buf time = BUF_INIT(256);
    text_time(iso, &time);
    if (time.len)
        buf_add_text(&time, " UTC");
    line(tem, name, buf_text(&time));
    buf_free(&time);
}

static void show_job_head(struct tem *tem, const json_t *document, const struct job_view *job)
{
    const json_t *value;
    const char *name;
    char text[128];
    fprintf(tem->out.stream, "%sReport of job %" PRId64 "%s\n",
            screen_colour(&tem->out, COLOUR_BOLD), job->id,
            screen_colour(&tem->out, COLOUR_NONE));
    snprintf(text, sizeof text, "%.60s, version %.16s", job->template_name,
             json_text(json_object_get(document, "job"), "template_hash"));
    line(tem, "template", text);
    json_object_foreach(json_object_get(document, "data"), name, value)
        line(tem, name, json_string_value(value));
    line(tem, "reference", job->reference);
    line(tem, "printer", job->printer);
    line(tem, "person", job->person);
    line(tem, "caller", job->caller);
    account_time(tem, "accepted", job->accepted_at);
    account_time(tem, "ended", json_text(document, "closed_at"));
    line(tem, "state", job->state);
}

static void show_equation(struct tem *tem, const json_t *document)
{
    static const char *const states[] = {"reserved", "sending",  "sent",    "printed",
                                         "verified", "in_doubt", "spoiled", "unused"};
    const json_t *equation = json_object_get(document, "equation");
    const json_t *paper = json_object_get(document, "paper");
    bool good = json_is_true(json_object_get(equation, "adds_up"));
    FILE *out = tem->out.stream;
    fprintf(out, "\n%12" PRIu64 "  requested\n", json_count(equation, "requested"));
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        fprintf(out, "%12" PRIu64 "  %s\n", json_count(equation, states[i]),
                job_view_words(states[i]));
    fprintf(out, "%12" PRIu64 "  %ssum: %s%s\n", json_count(equation, "sum"),
            screen_colour(&tem->out, good ? COLOUR_GREEN : COLOUR_RED),
            good ? "adds up" : "DOES NOT ADD UP", screen_colour(&tem->out, COLOUR_NONE));
    fprintf(out, "\n%12" PRIu64 "  on paper", json_count(paper, "sheets"));
    fprintf(out, " = (%" PRIu64 " printed, verified or spoiled + %" PRIu64 " reprinted)",
            json_count(paper, "labels"), json_count(paper, "reprints"));
    if (json_count(paper, "pieces") > 1)
        fprintf(out, " x %" PRIu64 " pieces", json_count(paper, "pieces"));
    fputc('\n', out);
    if (json_count(paper, "perhaps"))
        fprintf(out, "%12" PRIu64 "  perhaps on paper besides\n", json_count(paper, "perhaps"));
}

static void add_run(struct table *table, const json_t *run, const json_t *numbers)
{
    const json_t *because = json_object_get(run, "because");
    table_add(table, "%" PRIu64 "-%" PRIu64, json_count(run, "first"), json_count(run, "last"));
    table_add(table, "%" PRIu64, json_count(run, "labels"));
    table_add(table, "%s", json_text(run, "state"));
    table_add(table, "%" PRIu64, json_count(run, "sheets"));
    table_add(table, "%s", json_text(numbers, "scope"));
    if (numbers)
        table_add(table, "%s .. %s", json_text(numbers, "first_number"),
                  json_text(numbers, "last_number"));
    else
        table_add(table, "%s", "");
    if (numbers)
        table_add(table, "%" PRIu64 "-%" PRIu64, json_count(numbers, "first_counter"),
                  json_count(numbers, "last_counter"));
    else
        table_add(table, "%s", "");
    table_add(table, "%s%s%s", json_text(because, "by"),
              *json_text(because, "words") ? ": " : "", json_text(because, "words"));
}

static bool show_runs(struct tem *tem, const json_t *document)
{
    static const char *const heads[] = {"LABELS",   "NUMBER", "STATE",
                                        "SHEETS",   "SCOPE",  "FIRST .. LAST NUMBER",
                                        "COUNTERS", "WHY"};
    struct table table;
    size_t i, j;
    const json_t *run, *numbers;
    bool random = false;
    table_init(&table, heads, 8, 1 << 1 | 1 << 3);
    json_array_foreach(json_object_get(document, "runs"), i, run)
    {
        const json_t *list = json_object_get(run, "numbers");
        if (!json_array_size(list))
            add_run(&table, run, NULL);
        json_array_foreach(list, j, numbers)
        {
            add_run(&table, run, numbers);
            random |= strcmp(json_text(numbers, "format"), "random") == 0;
        }
    }
    fputc('\n', tem->out.stream);
    bool ok = table_print(&table, &tem->out);
    if (json_count(document, "runs_more"))
        fprintf(tem->out.stream, "and %" PRIu64 " more: --csv has all\n",
                json_count(document, "runs_more"));
    if (random)
        fputs("Random numbers do not follow each other; their counters do.\n", tem->out.stream);
    return ok;
}

static bool show_reprints(struct tem *tem, const json_t *document)
{
    static const char *const heads[] = {"REPRINT", "LABELS", "STATE",   "REASON",
                                        "BY",      "AGREED", "AT (UTC)"};
    struct table table;
    size_t i;
    const json_t *one;
    table_init(&table, heads, 7, 1 << 0);
    json_array_foreach(json_object_get(document, "reprints"), i, one)
    {
        struct buf time = BUF_INIT(256);
        const char *words = json_text(one, "words");
        text_time(json_text(one, "ordered_at"), &time);
        table_add(&table, "%" PRIu64, json_count(one, "id"));
        table_add(&table, "%" PRIu64 "-%" PRIu64, json_count(one, "first"),
                  json_count(one, "last"));
        table_add(&table, "%s", json_text(one, "state"));
        table_add(&table, "%s%s%s", json_text(one, "reason"), *words ? ": " : "", words);
        table_add(&table, "%s", json_text(one, "person"));
        table_add(&table, "%s", json_text(one, "approver"));
        table_add(&table, "%s", buf_text(&time));
        buf_free(&time);
    }
    if (i)
        fputc('\n', tem->out.stream);
    bool ok = table_print(&table, &tem->out);
    json_array_foreach(json_object_get(document, "replaced"), i, one)
        fprintf(tem->out.stream, "label %" PRIu64 " is replaced by job %" PRIu64 "\n",
                json_count(one, "label"), json_count(one, "by_job"));
    return ok;
}

/* What persons decided; the rest of what happened is in JSON and on the page. */
static bool show_decisions(struct tem *tem, const json_t *document)
{
    static const char *const heads[] = {"AT (UTC)", "BY", "DECIDED", "WORDS"};
    struct table table;
    size_t i, j;
    const json_t *event, *change;
    table_init(&table, heads, 4, 0);
    json_array_foreach(json_object_get(document, "events"), i, event)
    {
        struct buf time = BUF_INIT(256), what = BUF_INIT(16384);
        if (strcmp(json_text(event, "type"), "label.resolved") != 0)
            continue;
        text_time(json_text(event, "at"), &time);
        json_array_foreach(json_object_get(event, "changes"), j, change) buf_printf(
            &what, "%s%" PRIu64 "-%" PRIu64 " %.20s", j ? ", " : "",
            json_count(change, "first"), json_count(change, "last"), json_text(change, "to"));
        table_add(&table, "%s", buf_text(&time));
        table_add(&table, "%s", json_text(event, "by"));
        table_add(&table, "%s", buf_text(&what));
        table_add(&table, "%s", json_text(event, "words"));
        buf_free(&time);
        buf_free(&what);
    }
    if (table.count)
        fputc('\n', tem->out.stream);
    return table_print(&table, &tem->out);
}

static enum code show_job(struct tem *tem, const json_t *document)
{
    struct job_view job;
    if (!job_view_read(json_object_get(document, "job"), &job))
        return client_nonsense(tem, "a report");
    show_job_head(tem, document, &job);
    show_equation(tem, document);
    bool ok = show_runs(tem, document);
    ok = show_reprints(tem, document) && ok;
    ok = show_decisions(tem, document) && ok;
    return ok ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
}

/* ---- asking ------------------------------------------------------------------------------ */

/* A report that does not add up is a fault, whatever form it was asked for in. A form that has
 * no such member is not judged again: its reader sees it. */
static enum code verdict(struct tem *tem, const json_t *document)
{
    const json_t *sums = json_object_get(document, "equation");
    sums = sums ? sums : json_object_get(document, "sums");
    if (json_is_true(json_object_get(sums, "adds_up")))
        return CODE_DONE;
    return tem->json ? CODE_BAD : tem_fail(tem, CODE_BAD, "not everything is accounted for");
}

static enum code show(struct tem *tem, const struct http_answer *answer)
{
    const char *kind = json_text(answer->json, "report");
    enum code code = CODE_DONE;
    if (client_is_json(tem, answer))
        return verdict(tem, answer->json);
    if (strcmp(kind, "job") == 0)
        code = show_job(tem, answer->json);
    else if (strcmp(kind, "series") == 0)
        code = account_series(tem, answer->json);
    else
        code = client_nonsense(tem, "a report");
    return code ? code : verdict(tem, answer->json);
}

static enum code write_file(struct tem *tem, const char *path, const struct buf *body)
{
    struct why why = {{0}};
    enum err err = ERR_NONE;
    if (strcmp(path, "-") == 0)
        fwrite(body->bytes, 1, body->len, tem->out.stream); /* main looks at the stream */
    else
        err = durable_write(path, body->bytes, body->len, 0644, &why);
    return err ? tem_fail_err(tem, err, &why) : CODE_DONE;
}

static enum code make_path(struct tem *tem, struct buf *path)
{
    const struct args *args = &tem->args;
    const char *series = args_get(args, "series");
    static const char *const of_series[] = {"scope", "from", "to"};
    int64_t id;
    if (!series == !args->word_count)
        return tem_usage(tem, "of what? a job's number, or --series NAME");
    for (size_t i = 0; !series && i < 3; i++)
        if (args_get(args, of_series[i]))
            return tem_usage(tem, "--%s belongs to a series: add --series NAME", of_series[i]);
    if (!series && !tem_job_id(tem, args->words[0], &id))
        return CODE_USAGE;
    if (!series)
        buf_printf(path, "/v1/jobs/%" PRId64 "/report", id);
    else if (strspn(series,
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") !=
             strlen(series))
        return tem_usage(tem, "\"%s\" is no name of a series (tem series lists them)", series);
    else
        buf_printf(path, "/v1/series/%s/report", series);
    for (size_t i = 0; series && i < 3; i++)
        http_add_param(path, of_series[i], args_get(args, of_series[i]));
    return buf_err(path) ? tem_usage(tem, "the scope is too long") : CODE_DONE;
}

static enum code run(struct tem *tem)
{
    const char *html = args_get(&tem->args, "html");
    bool csv = args_get(&tem->args, "csv") != NULL;
    struct buf path = BUF_INIT(8192);
    struct http_answer answer;
    if ((html != NULL) + csv + tem->json > 1)
        return tem_usage(tem, "one of --csv, --html and --json");
    enum code code = make_path(tem, &path);
    if (!code)
        code = client_get_as(tem, buf_text(&path),
                             html  ? "text/html"
                             : csv ? "text/csv"
                                   : "application/json",
                             &answer);
    buf_free(&path);
    if (code)
        return code;
    code = html || csv ? write_file(tem, html ? html : "-", &answer.body) : show(tem, &answer);
    http_answer_free(&answer);
    return code;
}

const struct command command_report = {
    .name = "report",
    .usage = "JOB | --series NAME [--scope TEXT] [--from TIME] [--to TIME]",
    .summary = "account for every label of a job, or every number of a series",
    .options = options,
    .max_words = 1,
    .help =
        "  tem report 12               requested, printed, spoiled ...: does it add up?\n"
        "  tem report 12 --html job-12.html     a page for the batch record, to print and "
        "sign\n"
        "  tem report 12 --csv > job-12.csv     a row a run of labels\n"
        "  tem report --series pack --scope 09520123456788 --from 2026-03-01 --to 2026-03-31\n"
        "        which numbers went to which jobs in March, and why some went to none\n"
        "\n"
        "Days and times are the site's unless Z or an offset follows them "
        "(2026-03-01T08:00+07:00).\n"
        "The exit code is 1 when labels or numbers are not accounted for (--csv and --html: "
        "0,\n"
        "they say so themselves).\n",
    .run = run,
};
