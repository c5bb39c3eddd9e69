/* SPDX-License-Identifier: Apache-2.0 */
/* report-runs.c: a job's labels, run by run, as JSON or CSV. */
#include "spooler/intake/report-job.h"

#include "spooler/intake/problem.h"

#include <string.h>

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

const char *report_field_name(const struct job_report *job, size_t index)
{
    return job->template && index < template_field_count(job->template)
               ? template_field(job->template, index)->name
               : NULL;
}

/* ---- runs of labels ---------------------------------------------------------------------- */

static json_t *numbers_json(const struct job_report *job, const struct segment *segment,
                            const struct printed *printed)
{
    return json_pack("{so ss ss ss sI sI ss ss}", "field",
                     problem_string(report_field_name(job, segment->field)), "series",
                     printed->scope->series, "scope", printed->scope->scope, "format",
                     registry_scope_kind(printed->scope), "first_counter",
                     (json_int_t)printed->first_counter, "last_counter",
                     (json_int_t)printed->last_counter, "first_number", printed->first,
                     "last_number", printed->last);
}

json_t *report_member(const json_t *event, const char *key)
{
    json_t *value = json_object_get(event, key);
    return value ? json_incref(value) : json_null();
}

/* The order that cancelled the job: it is why labels are unused. */
static const json_t *cancelled_by(const struct job_report *job)
{
    size_t i;
    json_t *event;
    json_array_foreach(job->account.events, i, event)
    {
        const char *type = json_string_value(json_object_get(event, "type"));
        if (type && strcmp(type, "job.cancelling") == 0)
            return event;
    }
    return NULL;
}

static json_t *because_json(const struct job_report *job, const struct run *run)
{
    const json_t *event = run->because ? run->because->event : NULL;
    if (run->state == LABEL_UNUSED && cancelled_by(job))
        event = cancelled_by(job);
    if (!event)
        return json_null();
    return json_pack("{so so so so ss}", "at", report_member(event, "at"), "event",
                     report_member(event, "type"), "by", report_member(event, "by"), "words",
                     report_member(event, "words"), "was",
                     run->because ? label_state_name(run->because->from) : "");
}

static uint32_t sheets_of(const struct run *run)
{
    return run->reprinted + run_on_paper(run->state);
}

static enum err add_numbers(struct job_report *job, const struct run *run, json_t *list,
                            struct why *why)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < run->segment_count; i++) {
        struct printed printed;
        err = report_numbers(job->report, run->segments[i], &job->scopes[i], &printed, why);
        if (!err &&
            json_array_append_new(list, numbers_json(job, run->segments[i], &printed)) != 0)
            err = no_memory(why);
    }
    return err;
}

static enum err add_run(struct job_report *job, const struct run *run, struct why *why)
{
    if (json_array_size(job->runs) >= job->report->max_rows) {
        job->more++;
        return ERR_NONE;
    }
    json_t *numbers = json_array();
    enum err err = numbers ? add_numbers(job, run, numbers, why) : no_memory(why);
    json_t *json =
        json_pack("{sI sI sI ss sI sI so so}", "first", (json_int_t)run->first, "last",
                  (json_int_t)run->last, "labels", (json_int_t)(run->last - run->first + 1),
                  "state", label_state_name(run->state), "attempt", (json_int_t)run->attempt,
                  "sheets", (json_int_t)sheets_of(run) * job->account.job.pieces, "numbers",
                  numbers, "because", because_json(job, run));
    if (err) {
        json_decref(json);
        return err;
    }
    return json_array_append_new(job->runs, json) == 0 ? ERR_NONE : no_memory(why);
}

/* ---- the same as CSV: a row a run and series field --------------------------------------- */

const char report_job_csv_head[] =
    "job,template,first_label,last_label,labels,state,attempt,sheets,field,series,scope,"
    "first_counter,last_counter,first_number,last_number,at,by,words\r\n";

const char *report_event_text(const json_t *event, const char *key)
{
    const char *text = event ? json_string_value(json_object_get(event, key)) : NULL;
    return text ? text : "";
}

static void csv_run(struct job_report *job, const struct run *run)
{
    struct buf *csv = job->report->csv;
    csv_number(csv, (uint64_t)job->account.job.id, false);
    csv_text(csv, job->account.job.template_name, false);
    csv_number(csv, run->first, false);
    csv_number(csv, run->last, false);
    csv_number(csv, run->last - run->first + 1, false);
    csv_text(csv, label_state_name(run->state), false);
    csv_number(csv, run->attempt, false);
    csv_number(csv, (uint64_t)sheets_of(run) * job->account.job.pieces, false);
}

static void csv_because(struct job_report *job, const struct run *run)
{
    struct buf *csv = job->report->csv;
    const json_t *event = run->because ? run->because->event : NULL;
    if (run->state == LABEL_UNUSED && cancelled_by(job))
        event = cancelled_by(job);
    csv_text(csv, report_event_text(event, "at"), false);
    csv_text(csv, report_event_text(event, "by"), false);
    csv_text(csv, report_event_text(event, "words"), true);
}

static enum err add_csv(struct job_report *job, const struct run *run, struct why *why)
{
    struct buf *csv = job->report->csv;
    enum err err = ERR_NONE;
    if (run->segment_count == 0) {
        csv_run(job, run);
        buf_add_text(csv, ",,,,,,,");
        csv_because(job, run);
    }
    for (size_t i = 0; !err && i < run->segment_count; i++) {
        struct printed printed;
        const char *name = report_field_name(job, run->segments[i]->field);
        err = report_numbers(job->report, run->segments[i], &job->scopes[i], &printed, why);
        if (err)
            break;
        csv_run(job, run);
        csv_text(csv, name ? name : "", false);
        csv_text(csv, printed.scope->series, false);
        csv_text(csv, printed.scope->scope, false);
        csv_number(csv, printed.first_counter, false);
        csv_number(csv, printed.last_counter, false);
        csv_text(csv, printed.first, false);
        csv_text(csv, printed.last, false);
        csv_because(job, run);
    }
    return err ? err : buf_err(csv);
}

enum err report_take_run(void *arg, const struct run *run, struct why *why)
{
    struct job_report *job = arg;
    uint64_t labels = run->last - run->first + 1;
    bool perhaps =
        run->state == LABEL_SENDING || run->state == LABEL_SENT || run->state == LABEL_IN_DOUBT;
    job->labels += labels;
    job->on_paper += run_on_paper(run->state) ? labels : 0;
    job->reprints += run->reprinted * labels;
    job->perhaps += perhaps ? labels : 0;
    if (run->segment_count > job->scope_count)
        return err_set(why, ERR_CORRUPT, "a label has more numbers than a template has fields");
    return job->report->csv ? add_csv(job, run, why) : add_run(job, run, why);
}
