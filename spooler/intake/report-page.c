/* SPDX-License-Identifier: Apache-2.0 */
/* report-page.c: a job's report as a page, from its JSON document. */
#include "spooler/intake/report-html.h"
#include "spooler/intake/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE 512

/* ---- a job: who, what, when -------------------------------------------------------------- */

static void job_head(struct page *page, const json_t *document)
{
    const json_t *job = json_object_get(document, "job"), *value;
    const json_t *replaces = json_object_get(job, "replaces");
    const char *name;
    char line[LINE];
    page_pairs(page);
    page_pair(page, "Template", page_text(job, "template"));
    page_pair_mono(page, "Version (SHA-256)", page_text(job, "template_hash"));
    json_object_foreach(json_object_get(document, "data"), name, value)
        page_pair(page, name, json_string_value(value));
    page_pair(page, "Reference", page_text(job, "reference"));
    page_pair(page, "Printer", page_text(job, "printer"));
    page_pair(page, "Requested by", page_text(job, "person"));
    page_pair(page, "Received from", page_text(job, "caller"));
    page_pair_time(page, "Accepted", page_text(job, "accepted_at"));
    page_pair_time(page, "Ended", page_text(document, "closed_at"));
    page_pair(page, "State of the job", page_text(job, "state"));
    page_pair(page, "Sample",
              json_is_true(json_object_get(job, "sample")) ? "printed to be looked at, and void"
                                                           : "");
    snprintf(line, sizeof line, "label %" PRIu64 " of job %" PRIu64,
             page_count(replaces, "label"), page_count(replaces, "job"));
    page_pair(page, "Replaces", json_is_object(replaces) ? line : "");
    page_pairs_end(page);
}

static void job_verdict(struct page *page, const json_t *document)
{
    const json_t *equation = json_object_get(document, "equation");
    uint64_t requested = page_count(equation, "requested");
    uint64_t doubt = page_count(equation, "in_doubt"), sent = page_count(equation, "sent");
    uint64_t open = page_count(equation, "reserved") + page_count(equation, "sending");
    char line[LINE];
    if (!json_is_true(json_object_get(equation, "adds_up")))
        snprintf(line, sizeof line,
                 "NOT ACCOUNTED FOR: the states do not cover each of the %" PRIu64
                 " labels once.",
                 requested);
    else if (open || doubt)
        snprintf(line, sizeof line,
                 "Each of the %" PRIu64 " labels has one state. Not final: %" PRIu64
                 " to be printed, %" PRIu64 " in doubt.",
                 requested, open, doubt);
    else
        snprintf(line, sizeof line, "All %" PRIu64 " labels are accounted for.%s", requested,
                 sent ? " Some were sent to a printer that cannot confirm." : "");
    page_verdict(page, json_is_true(json_object_get(equation, "adds_up")), line);
}

static void job_equation(struct page *page, const json_t *document)
{
    static const char *const heads[] = {"Labels", "#Number", NULL};
    static const struct {
        const char *key, *words;
    } rows[] = {{"reserved", "reserved: not printed yet"},
                {"sending", "on the way to the printer"},
                {"sent", "sent: the printer does not confirm"},
                {"printed", "printed: confirmed by the printer or a person"},
                {"verified", "verified: printed and read back by a scanner"},
                {"in_doubt", "in doubt: may or may not exist"},
                {"spoiled", "spoiled: exists, not to be used"},
                {"unused", "unused: never printed, number never used again"}};
    const json_t *equation = json_object_get(document, "equation");
    bool good = json_is_true(json_object_get(equation, "adds_up"));
    page_section(page, "1. Every label");
    page_table(page, heads);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        page_number_row(page, rows[i].words, page_count(equation, rows[i].key));
    page_row(page, "total");
    page_cell(page, "sum");
    page_number(page, page_count(equation, "sum"));
    page_row(page, good ? "total" : "total bad");
    page_cell(page, good ? "requested: adds up" : "requested: DOES NOT ADD UP");
    page_number(page, page_count(equation, "requested"));
    page_table_end(page);
}

static void job_paper(struct page *page, const json_t *document)
{
    static const char *const heads[] = {"Paper", "#Number", NULL};
    const json_t *equation = json_object_get(document, "equation");
    const json_t *paper = json_object_get(document, "paper");
    page_section(page, "2. Labels on paper");
    page_table(page, heads);
    page_number_row(page, "printed", page_count(equation, "printed"));
    page_number_row(page, "verified", page_count(equation, "verified"));
    page_number_row(page, "spoiled", page_count(equation, "spoiled"));
    page_number_row(page, "reprints: a number on one more label, by order (section 5)",
                    page_count(paper, "reprints"));
    if (page_count(paper, "pieces") > 1)
        page_number_row(page, "each label is so many pieces", page_count(paper, "pieces"));
    page_row(page, "total");
    page_cell(page, "on paper");
    page_number(page, page_count(paper, "sheets"));
    if (page_count(paper, "perhaps"))
        page_number_row(page, "besides, perhaps on paper: sending, sent, in doubt",
                        page_count(paper, "perhaps"));
    page_table_end(page);
}

/* ---- a job: its labels ------------------------------------------------------------------- */

static void run_row(struct page *page, const json_t *run, const json_t *numbers)
{
    page_row(page, strcmp(page_text(run, "state"), "in_doubt") == 0 ? "bad" : NULL);
    page_range(page, page_count(run, "first"), page_count(run, "last"));
    page_number(page, page_count(run, "labels"));
    page_cell(page, page_state(page_text(run, "state")));
    page_number(page, page_count(run, "sheets"));
    char line[LINE] = "";
    if (numbers)
        snprintf(line, sizeof line, "%s %s", page_text(numbers, "series"),
                 page_text(numbers, "scope"));
    page_cell(page, line);
    page_mono_range(page, page_text(numbers, "first_number"),
                    page_text(numbers, "last_number"));
    if (numbers)
        page_range(page, page_count(numbers, "first_counter"),
                   page_count(numbers, "last_counter"));
    else
        page_cell(page, "");
}

static void job_runs(struct page *page, const json_t *document)
{
    static const char *const heads[] = {
        "#Labels",   "#Number", "State", "#Sheets each", "Series, scope", "First, last number",
        "#Counters", NULL};
    size_t i, j;
    const json_t *run, *numbers;
    bool random = false;
    page_section(page, "3. Numbers and what became of them");
    page_table(page, heads);
    json_array_foreach(json_object_get(document, "runs"), i, run)
    {
        const json_t *list = json_object_get(run, "numbers");
        if (!json_array_size(list))
            run_row(page, run, NULL);
        json_array_foreach(list, j, numbers)
        {
            run_row(page, run, numbers);
            random |= strcmp(page_text(numbers, "format"), "random") == 0;
        }
    }
    page_table_end(page);
    page_more(page, document, "runs_more", "runs of labels");
    if (random)
        page_note(page,
                  "Numbers of a random series do not follow each other: first and last are "
                  "those of the first and the last label. Counters do follow each other, "
                  "and each stands for one number.");
}

static bool is_void(const json_t *run)
{
    const char *state = page_text(run, "state");
    return strcmp(state, "spoiled") == 0 || strcmp(state, "unused") == 0;
}

static void job_void(struct page *page, const json_t *document)
{
    static const char *const heads[] = {"#Labels", "#Number", "State", "When",
                                        "Who",     "Why",     NULL};
    const json_t *run;
    size_t i, count = 0;
    page_section(page, "4. Void: spoiled and unused");
    json_array_foreach(json_object_get(document, "runs"), i, run)
    {
        const json_t *because = json_object_get(run, "because");
        bool sampled = strcmp(page_text(because, "event"), "label.sampled") == 0;
        if (!is_void(run))
            continue;
        if (count++ == 0)
            page_table(page, heads);
        page_row(page, NULL);
        page_range(page, page_count(run, "first"), page_count(run, "last"));
        page_number(page, page_count(run, "labels"));
        page_cell(page, page_text(run, "state"));
        page_time(page, page_text(because, "at"));
        page_cell(page, page_text(because, "by"));
        page_cell(page, sampled                        ? "a sample"
                        : *page_text(because, "words") ? page_text(because, "words")
                        : strcmp(page_text(run, "state"), "unused") == 0
                            ? "the job was cancelled"
                            : "");
    }
    if (count)
        page_table_end(page);
    else
        page_note(page, "None.");
}

/* ---- a job: orders of people ------------------------------------------------------------- */

/* What a batch record must not leave out: the new label is not like the old one. */
static const char *reprint_remark(const json_t *order)
{
    static const struct {
        const char *key, *value, *words;
    } rows[] = {{"number", "new", ", new number"},
                {"dots", "changed", ", other dots accepted"},
                {"dots", "not_compared", ", dots not compared: accepted"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(page_text(order, rows[i].key), rows[i].value) == 0)
            return rows[i].words;
    return "";
}

static void reprint_row(struct page *page, const json_t *order)
{
    char line[LINE];
    const char *words = page_text(order, "words");
    page_row(page, NULL);
    page_number(page, page_count(order, "id"));
    page_range(page, page_count(order, "first"), page_count(order, "last"));
    snprintf(line, sizeof line, "%s%s", page_text(order, "state"), reprint_remark(order));
    page_cell(page, line);
    snprintf(line, sizeof line, "%s%s%s", page_text(order, "reason"), *words ? ": " : "",
             words);
    page_cell(page, line);
    page_time(page, page_text(order, "ordered_at"));
    page_cell(page, page_text(order, "person"));
    page_cell(page, page_text(order, "approver"));
}

static void job_reprints(struct page *page, const json_t *document)
{
    static const char *const heads[] = {"#Order",  "#Labels",    "State",     "Reason",
                                        "Ordered", "Ordered by", "Agreed by", NULL};
    const json_t *reprints = json_object_get(document, "reprints");
    const json_t *replaced = json_object_get(document, "replaced"), *one;
    size_t i;
    char line[LINE];
    page_section(page, "5. Reprints and replacements");
    if (json_array_size(reprints)) {
        page_table(page, heads);
        json_array_foreach(reprints, i, one) reprint_row(page, one);
        page_table_end(page);
    }
    json_array_foreach(replaced, i, one)
    {
        snprintf(line, sizeof line,
                 "Label %" PRIu64 " is void; job %" PRIu64 " has a new number for it.",
                 page_count(one, "label"), page_count(one, "by_job"));
        page_note(page, line);
    }
    if (!json_array_size(reprints) && !json_array_size(replaced))
        page_note(page, "None.");
}

static const char *event_words(const char *type)
{
    static const struct {
        const char *type, *words;
    } rows[] = {{"job.accepted", "accepted"},
                {"job.held", "held"},
                {"job.released", "released"},
                {"job.resumed", "goes on: no doubt is left"},
                {"job.reopened", "open again"},
                {"job.closed", "closed"},
                {"job.cancelling", "cancelled"},
                {"job.cancelled", "cancelled: settled"},
                {"label.resolved", "decided"},
                {"label.sampled", "sample void"},
                {"label.unused", "unused"},
                {"label.replaced", "replaced"},
                {"reprint.ordered", "reprint ordered"},
                {"reprint.approved", "reprint agreed to"},
                {"reprint.cancelled", "reprint cancelled"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].type, type) == 0)
            return rows[i].words;
    return type;
}

/* "decided: 3 - 5 in doubt to printed; ..." */
static void event_cell(struct page *page, const json_t *event)
{
    struct buf line = BUF_INIT(16384);
    const json_t *change;
    size_t i;
    buf_add_text(&line, event_words(page_text(event, "type")));
    if (page_count(event, "reprint"))
        buf_printf(&line, " (%" PRIu64 ")", page_count(event, "reprint"));
    json_array_foreach(json_object_get(event, "changes"), i, change)
    {
        uint64_t first = page_count(change, "first"), last = page_count(change, "last");
        buf_printf(&line, "%s %" PRIu64, i ? ";" : ":", first);
        if (last != first)
            buf_printf(&line, "\xe2\x80\x93%" PRIu64, last);
        buf_printf(&line, " %s to %s", page_state(page_text(change, "from")),
                   page_state(page_text(change, "to")));
    }
    if (page_count(event, "changes_more"))
        buf_printf(&line, "; and %" PRIu64 " more", page_count(event, "changes_more"));
    page_cell(page, buf_text(&line));
    buf_free(&line);
}

static void job_events(struct page *page, const json_t *document)
{
    static const char *const heads[] = {"When", "Who", "What", "Words", "#Event", NULL};
    const json_t *event;
    size_t i;
    page_section(page, "6. What happened, and who decided");
    page_table(page, heads);
    json_array_foreach(json_object_get(document, "events"), i, event)
    {
        char line[LINE];
        const char *reason = page_text(event, "reason"), *words = page_text(event, "words");
        page_row(page, NULL);
        page_time(page, page_text(event, "at"));
        page_cell(page, page_text(event, "by"));
        event_cell(page, event);
        snprintf(line, sizeof line, "%s%s%s", reason, *reason && *words ? ": " : "", words);
        page_cell(page, line);
        page_number(page, page_count(event, "seq"));
    }
    page_table_end(page);
    page_more(page, document, "events_more", "events");
}

void report_html_job(const json_t *document, int32_t utc_offset_min, struct buf *out)
{
    struct page page = {.out = out, .utc_offset_min = utc_offset_min};
    const json_t *job = json_object_get(document, "job");
    char title[LINE], line[LINE];
    snprintf(title, sizeof title, "Job %" PRIu64, page_count(job, "id"));
    snprintf(line, sizeof line, "Job %" PRIu64 " of %s", page_count(job, "id"),
             page_text(job, "template"));
    page_begin(&page, title, "Label accountability report", line);
    job_verdict(&page, document);
    job_head(&page, document);
    job_equation(&page, document);
    job_paper(&page, document);
    job_runs(&page, document);
    job_void(&page, document);
    job_reprints(&page, document);
    job_events(&page, document);
    page_end(&page, page_text(document, "at"));
}
