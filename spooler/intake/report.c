/* SPDX-License-Identifier: Apache-2.0 */
/* report.c: the two routes of reports, and what both kinds share. */
#include "spooler/intake/report.h"

#include "spooler/base/near.h"
#include "spooler/intake/period.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/routes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- shared ------------------------------------------------------------------------------ */

void csv_text(struct buf *out, const char *text, bool last)
{
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (quoted)
        buf_add_byte(out, '"');
    for (const char *at = text; *at; at++) {
        if (*at == '"')
            buf_add_byte(out, '"');
        buf_add_byte(out, (uint8_t)*at);
    }
    if (quoted)
        buf_add_byte(out, '"');
    buf_add_text(out, last ? "\r\n" : ",");
}

void csv_number(struct buf *out, uint64_t number, bool last)
{
    buf_printf(out, "%" PRIu64 "%s", number, last ? "\r\n" : ",");
}

json_t *report_counts(const uint64_t counts[static LABEL_STATE_COUNT])
{
    json_t *json = json_object();
    for (size_t i = 0; i < LABEL_STATE_COUNT; i++) {
        if (json_object_set_new(json, label_state_name((enum label_state)i),
                                json_integer((json_int_t)counts[i])) != 0) {
            json_decref(json);
            return NULL;
        }
    }
    return json;
}

enum err report_numbers(struct report *report, const struct segment *segment,
                        struct scope_ref *cache, struct printed *out, struct why *why)
{
    struct printed printed = {.scope = cache,
                              .first_counter = segment->range_first,
                              .last_counter =
                                  segment->range_first + (segment->last - segment->first)};
    enum err err = ERR_NONE;
    if (cache->scope_id != segment->scope_id)
        err = registry_scope(report->txn, report->config->registry, segment->scope_id, cache,
                             why);
    if (!err)
        err = registry_number(cache, printed.first_counter, printed.first, why);
    if (!err)
        err = registry_number(cache, printed.last_counter, printed.last, why);
    if (!err)
        *out = printed;
    return err;
}

/* ---- what is asked ----------------------------------------------------------------------- */

/* The first form in the Accept header that we have; weights are not looked at, since clients
 * that use them name the best first. Without one of ours it is JSON. */
static enum report_form accepted_form(const struct request *request)
{
    static const struct {
        const char *type;
        enum report_form form;
    } rows[] = {{"application/json", REPORT_JSON},
                {"text/csv", REPORT_CSV},
                {"text/html", REPORT_HTML}};
    const char *accept =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Accept");
    const char *first = NULL;
    enum report_form form = REPORT_JSON;
    for (size_t i = 0; accept && i < sizeof rows / sizeof rows[0]; i++) {
        const char *at = strcasestr(accept, rows[i].type);
        if (at && (!first || at < first)) {
            first = at;
            form = rows[i].form;
        }
    }
    return form;
}

static int64_t take_time(struct request *request, const char *name, int64_t otherwise)
{
    const char *text = request_text(request, name);
    int64_t ms = otherwise;
    if (text &&
        !period_parse(text, request->config->utc_offset_min, strcmp(name, "to") == 0, &ms))
        findings_add(
            &request->findings, SEVERITY_ERROR, "no-such-time", (struct place){.field = name},
            text, "a day (2026-03-01) or a time (2026-03-01T08:00, with Z or +07:00 behind it)",
            "there is no such time");
    return ms;
}

static struct report *new_report(struct request *request)
{
    struct report *report = calloc(1, sizeof *report);
    if (!report)
        return NULL;
    request->act = report;
    request->free_act = free;
    report->config = request->config;
    report->form = accepted_form(request);
    report->max_rows = report->form == REPORT_HTML ? REPORT_PAGE_ROWS : REPORT_JSON_ROWS;
    report->csv = report->form == REPORT_CSV ? &request->answer : NULL;
    report->job_id = request->job_id;
    report->series = request->name;
    report->scope = request_text(request, "scope");
    report->from = request_text(request, "from");
    report->to = request_text(request, "to");
    report->period.from_ms = take_time(request, "from", PERIOD_ALL_FROM);
    report->period.to_ms = take_time(request, "to", PERIOD_ALL_TO);
    if (report->period.from_ms >= report->period.to_ms && !request->findings.errors)
        findings_add(&request->findings, SEVERITY_ERROR, "no-period",
                     (struct place){.field = "to"}, report->to, "a time after `from`",
                     "the period is over before it begins");
    return report;
}

/* ---- on the report's own thread ---------------------------------------------------------- */

static const struct kind {
    enum err (*make)(struct report *report, json_t **out, struct why *why);
    void (*page)(const json_t *document, int32_t utc_offset_min, struct buf *out);
} of_job = {report_job, report_html_job}, of_series = {report_series, report_html_series};

static enum err make(struct request *request, const struct kind *kind, struct txn *txn,
                     struct why *why)
{
    struct report *report = request->act;
    json_t *document = NULL;
    buf_reset(&request->answer);
    report->txn = txn;
    report->now_ms = clock_now_ms(store_clock(report->config->store));
    enum err err = kind->make(report, &document, why);
    if (!err && report->form == REPORT_JSON)
        problem_dump(&request->answer, json_incref(document));
    else if (!err && report->form == REPORT_HTML)
        kind->page(document, report->config->utc_offset_min, &request->answer);
    json_decref(document);
    if (!err && buf_err(&request->answer) == ERR_TOO_LARGE)
        err = err_set(why, ERR_TOO_LARGE,
                      "the report is larger than %d bytes: ask for a shorter period, or for one"
                      " scope",
                      REQUEST_ANSWER_MAX);
    else if (!err)
        err = buf_err(&request->answer);
    return err;
}

static enum err make_job(struct txn *txn, void *arg, struct why *why)
{
    return make(arg, &of_job, txn, why);
}

static enum err make_series(struct txn *txn, void *arg, struct why *why)
{
    return make(arg, &of_series, txn, why);
}

/* ---- routes ------------------------------------------------------------------------------ */

static enum step run(struct request *request, store_op *op)
{
    static const char *const types[] = {[REPORT_JSON] = "application/json",
                                        [REPORT_CSV] = "text/csv; charset=utf-8",
                                        [REPORT_HTML] = "text/html; charset=utf-8"};
    if (!request->waiting) {
        if (!new_report(request))
            return request_problem(request, ERR_NO_MEMORY, NULL);
        return request->findings.errors ? request_refuse(request)
                                        : request_read_aside(request, op);
    }
    const struct report *report = request->act;
    request->waiting = false;
    if (request->write_err)
        return request_problem(request, request->write_err, &request->write_why);
    request->status = 200;
    request->content_type = types[report->form];
    return STEP_ANSWER;
}

enum step report_get_job(struct request *request)
{
    return run(request, make_job);
}

enum step report_get_series(struct request *request)
{
    return run(request, make_series);
}
