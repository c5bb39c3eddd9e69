/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/job-json.h"

#include "spooler/base/hash.h"
#include "spooler/intake/archives.h"
#include "spooler/intake/problem.h"
#include "spooler/job/chunk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static json_t *text_or_null(const char *text)
{
    return *text ? problem_string(text) : json_null();
}

static json_t *counts_json(const struct job *job)
{
    json_t *counts = json_object();
    for (size_t i = 0; i < LABEL_STATE_COUNT; i++) {
        if (json_object_set_new(counts, label_state_name((enum label_state)i),
                                json_integer((json_int_t)job->counts[i])) != 0) {
            json_decref(counts);
            return NULL;
        }
    }
    return counts;
}

static json_t *links_json(int64_t id)
{
    char self[48], hold[64], release[64], cancel[64], resolve[64], report[64];
    snprintf(self, sizeof self, "/v1/jobs/%" PRId64, id);
    snprintf(hold, sizeof hold, "%s/hold", self);
    snprintf(release, sizeof release, "%s/release", self);
    snprintf(cancel, sizeof cancel, "%s/cancel", self);
    snprintf(resolve, sizeof resolve, "%s/resolve", self);
    snprintf(report, sizeof report, "%s/report", self);
    return json_pack("{ss ss ss ss ss ss}", "self", self, "hold", hold, "release", release,
                     "cancel", cancel, "resolve", resolve, "report", report);
}

static json_t *replaces_json(const struct job *job)
{
    return job->replaces ? json_pack("{sI sI}", "job", (json_int_t)job->replaces, "label",
                                     (json_int_t)job->replaces_label)
                         : json_null();
}

json_t *job_json(const struct job *job)
{
    char hash[SHA256_HEX], accepted[CLOCK_ISO_SIZE];
    hex_text(job->template_hash, SHA256_BYTES, hash);
    json_t *json = json_pack(
        "{sI ss so ss so sI si so so so ss ss ss sb so so so}", "id", (json_int_t)job->id,
        "state", job_state_name(job->state), "template", problem_string(job->template_name),
        "template_hash", hash, "printer", problem_string(job->printer), "quantity",
        (json_int_t)job->quantity, "pieces", (int)job->pieces, "person",
        text_or_null(job->person), "reference", text_or_null(job->reference), "caller",
        problem_string(job->caller), "accepted_at", clock_iso(job->accepted_ms, accepted),
        "close", job->close_at, "on_doubt", job->on_doubt, "sample", job->sample, "replaces",
        replaces_json(job), "counts", counts_json(job), "links", links_json(job->id));
    if (!json || !*job->hold_reason)
        return json;
    json_t *hold = json_pack("{ss so}", "reason", job->hold_reason, "text",
                             problem_string(job->hold_text));
    if (json_object_set_new(json, "hold", hold) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

enum printer_holds job_json_holds(const struct intake_config *config, const char *printer,
                                  uint64_t device)
{
    struct printer_view view;
    for (size_t i = 0; config->printer(config->ctx, i, &view); i++) {
        if (!view.evidence || strcmp(view.name, printer) != 0)
            continue;
        bool other = device && view.device && device != view.device;
        return !view.emptied ? PRINTER_NOT_EMPTIED
               : other       ? PRINTER_EXCHANGED
                             : PRINTER_EMPTIED;
    }
    return PRINTER_UNKNOWN;
}

const char *job_json_field(const struct intake_config *config, const struct job *job,
                           size_t index)
{
    const struct template *template =
        catalog_version(config->catalog, job->template_name, job->template_hash);
    if (!template || index >= template_field_count(template))
        return NULL;
    return template_field(template, index)->name;
}

json_t *job_json_reprint(const struct reprint *reprint)
{
    char at[CLOCK_ISO_SIZE];
    return json_pack(
        "{ss sI ss ss so so so sI sI sI sI so ss so so so ss}", "kind", "reprint", "id",
        (json_int_t)reprint->id, "state", reprint_state_name(reprint->state), "number",
        reprint->new_fields ? "new" : "same", "by_job",
        reprint->by_job ? json_integer((json_int_t)reprint->by_job) : json_null(), "dots",
        text_or_null(reprint->dots), "ended", text_or_null(reprint->ended), "job",
        (json_int_t)reprint->job_id, "first", (json_int_t)reprint->first, "last",
        (json_int_t)reprint->last, "next", (json_int_t)reprint->next, "printer",
        problem_string(reprint->printer), "reason", reprint->reason, "words",
        text_or_null(reprint->words), "person", problem_string(reprint->by), "approver",
        text_or_null(reprint->approved_by), "ordered_at", clock_iso(reprint->ordered_ms, at));
}

enum err job_json_template(struct txn *txn, const struct job *job, struct template **out,
                           struct why *why)
{
    struct findings findings;
    struct buf body = BUF_INIT(TEMPLATE_MAX_BODY);
    findings_init(&findings);
    enum err err = job_template(txn, job->template_hash, &body, why);
    if (!err && template_restore(body.bytes, body.len, job->template_name, out, &findings))
        err = err_set(why, ERR_CORRUPT, "the kept version of template %s no longer loads",
                      job->template_name);
    findings_clear(&findings);
    buf_free(&body);
    return err;
}

/* What the callbacks below gather. */
struct gather {
    struct txn *txn;
    const struct intake_config *config;
    const struct job *job;
    json_t *list;
    size_t max, more;
};

static enum err append(struct gather *gather, json_t *entry, struct why *why)
{
    if (json_array_append_new(gather->list, entry) != 0)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    return ERR_NONE;
}

static bool is_full(struct gather *gather)
{
    bool full = json_array_size(gather->list) >= gather->max;
    gather->more += full;
    return full;
}

static enum err add_range(void *arg, const struct segment *segment, struct why *why)
{
    struct gather *gather = arg;
    struct scope_ref scope;
    char first[NUMBER_MAX], last[NUMBER_MAX];
    if (is_full(gather))
        return ERR_NONE;
    enum err err =
        registry_scope(gather->txn, gather->config->registry, segment->scope_id, &scope, why);
    if (!err)
        err = registry_number(&scope, segment->range_first, first, why);
    if (!err)
        err = registry_number(&scope, segment->range_first + (segment->last - segment->first),
                              last, why);
    if (err)
        return err;
    json_t *field = problem_string(job_json_field(gather->config, gather->job, segment->field));
    return append(gather,
                  json_pack("{so ss ss sI sI ss ss}", "field", field, "series", scope.series,
                            "scope", scope.scope, "first_label", (json_int_t)segment->first,
                            "last_label", (json_int_t)segment->last, "first_number", first,
                            "last_number", last),
                  why);
}

static enum err add_reprint(void *arg, const struct reprint *reprint, struct why *why)
{
    return append(arg, job_json_reprint(reprint), why);
}

static enum err take_number(void *arg, size_t field, const char *series, const char *scope,
                            const char *number, struct why *why)
{
    struct gather *gather = arg;
    json_t *name = problem_string(job_json_field(gather->config, gather->job, field));
    return append(gather,
                  json_pack("{so ss ss ss}", "field", name, "series", series, "scope", scope,
                            "number", number),
                  why);
}

/* The numbers of one label as a list. */
static enum err numbers_json(struct gather *spans, uint64_t label, json_t **out,
                             struct why *why)
{
    struct gather numbers = *spans;
    numbers.list = json_array();
    if (!numbers.list)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = label_numbers(spans->txn, spans->config->registry, spans->job->id, label,
                                 take_number, &numbers, why);
    if (err)
        json_decref(numbers.list);
    else
        *out = numbers.list;
    return err;
}

/* A person who looks at a roll compares printed numbers, so doubt is told in them as well. */
static enum err add_span(void *arg, const struct span *span, struct why *why)
{
    struct gather *gather = arg;
    if (is_full(gather))
        return ERR_NONE;
    json_t *entry = json_pack("{sI sI sI ss}", "first", (json_int_t)span->first, "last",
                              (json_int_t)span->last, "attempt", (json_int_t)span->attempt,
                              "state", label_state_name(span->state));
    json_t *first = NULL, *last = NULL;
    enum err err = entry ? ERR_NONE : err_set(why, ERR_NO_MEMORY, "out of memory");
    if (!err && span->state == LABEL_IN_DOUBT) {
        err = numbers_json(gather, span->first, &first, why);
        if (!err)
            err = numbers_json(gather, span->last, &last, why);
        if (!err && json_object_set(entry, "first_numbers", first) != 0)
            err = err_set(why, ERR_NO_MEMORY, "out of memory");
        if (!err && json_object_set(entry, "last_numbers", last) != 0)
            err = err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    json_decref(first);
    json_decref(last);
    if (err) {
        json_decref(entry);
        return err;
    }
    return append(gather, entry, why);
}

/* Puts what was gathered under `key`, and how much was left out under `more_key`. */
static enum err put_list(json_t *json, const char *key, const char *more_key,
                         struct gather *gather, struct why *why)
{
    bool bad = json_object_set_new(json, key, gather->list) != 0;
    if (gather->more)
        bad |= json_object_set_new(json, more_key, json_integer((json_int_t)gather->more)) != 0;
    return bad ? err_set(why, ERR_NO_MEMORY, "out of memory") : ERR_NONE;
}

static enum err is_emptied(void *arg, const char *printer, uint64_t device, struct why *why)
{
    struct gather *gather = arg;
    (void)why; /* cannot fail */
    gather->more += job_json_holds(gather->config, printer, device) == PRINTER_NOT_EMPTIED;
    return ERR_NONE;
}

/* Whether it makes sense to look at the roll already. */
static enum err add_emptied(struct gather *gather, json_t *json, struct why *why)
{
    gather->more = 0;
    enum err err = chunk_doubtful(gather->txn, gather->job->id, is_emptied, gather, why);
    if (!err && json_object_set_new(json, "being_emptied", json_boolean(gather->more > 0)) != 0)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    return err;
}

static enum err add_parts(struct gather *gather, unsigned parts, json_t *json, struct why *why)
{
    enum err err = ERR_NONE;
    const struct job *job = gather->job;
    if (parts & JOB_JSON_RANGES) {
        gather->list = json_array();
        gather->max = JOB_JSON_MAX_RANGES;
        gather->more = 0;
        err = job_segments(gather->txn, job->id, 1, job->quantity, add_range, gather, why);
        enum err put = put_list(json, "ranges", "ranges_more", gather, err ? NULL : why);
        err = err ? err : put;
    }
    if (!err && (parts & JOB_JSON_SPANS)) {
        gather->list = json_array();
        gather->max = JOB_JSON_MAX_SPANS;
        gather->more = 0;
        err = job_spans(gather->txn, job->id, 1, job->quantity, add_span, gather, why);
        enum err put = put_list(json, "spans", "spans_more", gather, err ? NULL : why);
        err = err ? err : put;
    }
    if (!err && (parts & JOB_JSON_SPANS) && job->counts[LABEL_IN_DOUBT] > 0)
        err = add_emptied(gather, json, why);
    if (!err && (parts & JOB_JSON_REPRINTS)) {
        gather->list = json_array();
        gather->more = 0;
        err = reprint_list(gather->txn, job->id, true, JOB_JSON_MAX_RANGES, add_reprint, gather,
                           why);
        enum err put = put_list(json, "reprints", "reprints_more", gather, err ? NULL : why);
        err = err ? err : put;
    }
    return err;
}

enum err job_json_read(struct txn *txn, const struct intake_config *config, int64_t id,
                       unsigned parts, json_t **out, struct why *why)
{
    struct job job;
    enum err err = job_get(txn, id, &job, why);
    return err ? err : job_json_whole(txn, config, &job, parts, out, why);
}

enum err job_json_whole(struct txn *txn, const struct intake_config *config,
                        const struct job *job, unsigned parts, json_t **out, struct why *why)
{
    json_t *json = job_json(job);
    if (!json)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    struct gather gather = {.txn = txn, .config = config, .job = job};
    enum err err = add_parts(&gather, parts, json, why);
    if (!err && job->archive_id)
        err = archives_put(txn, job->id, json, why);
    if (err)
        json_decref(json);
    else
        *out = json;
    return err;
}
