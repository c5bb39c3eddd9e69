/* SPDX-License-Identifier: Apache-2.0 */
/* report-job.c: one job's labels accounted for. */
#include "spooler/intake/report-job.h"

#include "spooler/intake/job-json.h"
#include "spooler/intake/problem.h"
#include "spooler/job/rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DATA_ROWS   1000 /* of data are looked at for values that all labels share */
#define CHANGES_MAX 50   /* of an event are listed */

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* Takes `value`. */
static enum err put(json_t *object, const char *key, json_t *value, struct why *why)
{
    return json_object_set_new(object, key, value) == 0 ? ERR_NONE : no_memory(why);
}

/* ---- data that the labels share ---------------------------------------------------------- */

struct shared {
    const struct job_report *job;
    json_t *values; /* by field index: the value; null = there is none or they differ */
    uint64_t rows;
    bool stopped;
};

static enum err share_row(void *arg, const struct row_view *row, struct why *why)
{
    struct shared *shared = arg;
    if (shared->rows++ == DATA_ROWS) {
        shared->stopped = true;
        return ERR_BUSY; /* enough; told by `stopped` */
    }
    for (size_t i = 0; i < row->count; i++) {
        const char *now = row->values[i];
        const char *kept = json_string_value(json_array_get(shared->values, i));
        bool same = kept && now && strcmp(kept, now) == 0;
        int bad = 0;
        if (shared->rows == 1)
            bad = json_array_append_new(shared->values, problem_string(now));
        else if (!same)
            bad = json_array_set_new(shared->values, i, json_null());
        if (bad)
            return no_memory(why);
    }
    return ERR_NONE;
}

/* {"lot": "L1", ...}: fields that have the same value on all labels. Not told for a job of many
 * rows, where nobody looked at all of them. */
static enum err put_data(struct job_report *job, json_t *document, struct why *why)
{
    struct shared shared = {.job = job, .values = json_array()};
    json_t *data = json_object();
    enum err err = shared.values && data ? ERR_NONE : no_memory(why);
    if (!err && job->template)
        err = rows_each(job->report->txn, job->account.job.id,
                        template_field_count(job->template), 1, job->account.job.quantity,
                        share_row, &shared, why);
    if (shared.stopped)
        err = ERR_NONE;
    for (size_t i = 0; !err && !shared.stopped && i < json_array_size(shared.values); i++) {
        json_t *value = json_array_get(shared.values, i);
        if (json_is_string(value) &&
            json_object_set(data, report_field_name(job, i), value) != 0)
            err = no_memory(why);
    }
    json_decref(shared.values);
    if (err) {
        json_decref(data);
        return err;
    }
    return put(document, "data", data, why);
}

/* ---- the rest of the document ------------------------------------------------------------ */

static enum err put_sums(struct job_report *job, json_t *document, struct why *why)
{
    const struct job *of = &job->account.job;
    uint64_t sum = 0;
    for (size_t i = 0; i < LABEL_STATE_COUNT; i++)
        sum += of->counts[i];
    json_t *equation = report_counts(of->counts);
    bool good = sum == of->quantity && job->whole && job->labels == of->quantity;
    if (!equation ||
        json_object_set_new(equation, "requested", json_integer((json_int_t)of->quantity)) !=
            0 ||
        json_object_set_new(equation, "sum", json_integer((json_int_t)sum)) != 0 ||
        json_object_set_new(equation, "adds_up", json_boolean(good)) != 0) {
        json_decref(equation);
        return no_memory(why);
    }
    enum err err = put(document, "equation", equation, why);
    if (err)
        return err;
    uint64_t papers = (job->on_paper + job->reprints) * of->pieces;
    return put(document, "paper",
               json_pack("{sI sI sI sI sI}", "labels", (json_int_t)job->on_paper, "reprints",
                         (json_int_t)job->reprints, "pieces", (json_int_t)of->pieces, "sheets",
                         (json_int_t)papers, "perhaps",
                         (json_int_t)(job->perhaps * of->pieces)),
               why);
}

/* What of an event a person reads; its body is in the ledger under `seq`. */
static json_t *event_json(const json_t *event)
{
    static const char *const keys[] = {"seq",   "at",   "type",  "by",     "reason", "words",
                                       "first", "last", "label", "by_job", "reprint"};
    json_t *json = json_object(), *changes = json_object_get(event, "changes");
    bool bad = !json;
    for (size_t i = 0; !bad && i < sizeof keys / sizeof keys[0]; i++) {
        json_t *value = json_object_get(event, keys[i]);
        bad = value && json_object_set(json, keys[i], value) != 0;
    }
    json_t *list = changes && !bad ? json_array() : NULL;
    for (size_t i = 0; list && i < json_array_size(changes) && i < CHANGES_MAX; i++)
        bad |= json_array_append(list, json_array_get(changes, i)) != 0;
    if (list)
        bad |= json_object_set_new(json, "changes", list) != 0;
    if (json_array_size(changes) > CHANGES_MAX)
        bad |= json_object_set_new(
                   json, "changes_more",
                   json_integer((json_int_t)json_array_size(changes) - CHANGES_MAX)) != 0;
    if (!bad)
        return json;
    json_decref(json);
    return NULL;
}

/* *closed: when the job came to its end, as far as it has. */
static enum err put_events(struct job_report *job, json_t *document, struct why *why)
{
    json_t *list = json_array(), *event, *closed = NULL;
    size_t i, max = job->report->max_rows, count = json_array_size(job->account.events);
    bool over = job->account.job.state == JOB_CLOSED || job->account.job.state == JOB_CANCELLED;
    bool bad = !list;
    json_array_foreach(job->account.events, i, event)
    {
        const char *type = report_event_text(event, "type");
        if (strcmp(type, "job.closed") == 0 || strcmp(type, "job.cancelled") == 0)
            closed = json_object_get(event, "at");
        if (!bad && i < max)
            bad = json_array_append_new(list, event_json(event)) != 0;
    }
    if (bad) {
        json_decref(list);
        return no_memory(why);
    }
    enum err err =
        put(document, "closed_at", over && closed ? json_incref(closed) : json_null(), why);
    enum err listed = put(document, "events", list, why);
    err = err ? err : listed;
    return err || count <= max
               ? err
               : put(document, "events_more", json_integer((json_int_t)(count - max)), why);
}

static const json_t *approval_of(const struct job_report *job, int64_t reprint)
{
    size_t i;
    json_t *event;
    json_array_foreach(job->account.events, i, event)
    {
        if (strcmp(report_event_text(event, "type"), "reprint.approved") == 0 &&
            json_integer_value(json_object_get(event, "reprint")) == reprint)
            return event;
    }
    return NULL;
}

struct listing {
    struct job_report *job;
    json_t *list;
};

static enum err add_reprint(void *arg, const struct reprint *reprint, struct why *why)
{
    struct listing *listing = arg;
    json_t *json = job_json_reprint(reprint);
    const json_t *approved = approval_of(listing->job, reprint->id);
    if (!json ||
        json_object_set_new(json, "approved_at",
                            approved ? report_member(approved, "at") : json_null()) != 0 ||
        json_array_insert_new(listing->list, 0, json) != 0) /* oldest first */
        return no_memory(why);
    return ERR_NONE;
}

static enum err add_replaced(void *arg, uint64_t label, int64_t by_job, struct why *why)
{
    struct listing *listing = arg;
    return json_array_append_new(listing->list, json_pack("{sI sI}", "label", (json_int_t)label,
                                                          "by_job", (json_int_t)by_job)) == 0
               ? ERR_NONE
               : no_memory(why);
}

static enum err put_orders(struct job_report *job, json_t *document, struct why *why)
{
    struct txn *txn = job->report->txn;
    int64_t id = job->account.job.id;
    struct listing reprints = {job, json_array()}, replaced = {job, json_array()};
    enum err err = reprints.list && replaced.list ? ERR_NONE : no_memory(why);
    if (!err)
        err = reprint_list(txn, id, false, job->report->max_rows, add_reprint, &reprints, why);
    if (!err)
        err = job_replacements(txn, id, add_replaced, &replaced, why);
    enum err put_1 = put(document, "reprints", reprints.list, why);
    enum err put_2 = put(document, "replaced", replaced.list, why);
    return err ? err : put_1 ? put_1 : put_2;
}

static enum err put_head(struct job_report *job, json_t *document, struct why *why)
{
    char at[CLOCK_ISO_SIZE];
    enum err err = put(document, "report", json_string("job"), why);
    if (!err)
        err = put(document, "at", json_string(clock_iso(job->report->now_ms, at)), why);
    if (!err)
        err = put(document, "job", job_json(&job->account.job), why);
    if (!err)
        err = put_events(job, document, why);
    return err;
}

/* In the order in which people read it. */
static enum err fill(struct job_report *job, json_t *document, struct why *why)
{
    enum err err = put_head(job, document, why);
    if (!err && !job->report->csv)
        err = put_data(job, document, why);
    if (!err)
        err = put_sums(job, document, why);
    if (!err)
        err = put(document, "runs", json_incref(job->runs), why);
    if (!err && job->more)
        err = put(document, "runs_more", json_integer((json_int_t)job->more), why);
    return err ? err : put_orders(job, document, why);
}

enum err report_job(struct report *report, json_t **out, struct why *why)
{
    struct job_report job = {.report = report, .runs = json_array()};
    json_t *document = json_object();
    struct why ignored; /* a report is made without the names of fields, too */
    enum err err = job.runs && document ? ERR_NONE : no_memory(why);
    if (!err)
        err = job_account_read(report->txn, report->job_id, &job.account, why);
    if (!err && job_json_template(report->txn, &job.account.job, &job.template, &ignored))
        job.template = NULL;
    job.scope_count = TEMPLATE_MAX_FIELDS;
    job.scopes = calloc(job.scope_count, sizeof *job.scopes);
    if (!err && !job.scopes)
        err = no_memory(why);
    if (!err && report->csv)
        buf_add_text(report->csv, report_job_csv_head);
    if (!err)
        err =
            job_account_runs(report->txn, &job.account, report_take_run, &job, &job.whole, why);
    if (!err)
        err = fill(&job, document, why);
    if (err)
        json_decref(document);
    else
        *out = document;
    json_decref(job.runs);
    free(job.scopes);
    template_free(job.template);
    job_account_free(&job.account);
    return err;
}
