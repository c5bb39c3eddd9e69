/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/resolve.h"

#include "spooler/base/near.h"
#include "spooler/intake/job-json.h"
#include "spooler/intake/json-job.h"
#include "spooler/job/chunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const decisions[] = {
    [DECISION_PRINTED] = "printed",
    [DECISION_SPOILED] = "spoiled",
    [DECISION_ABSENT] = "absent",
    [DECISION_DOUBT] = "doubt",
};
static const char *const range_keys[] = {"first",       "last",   "first_number",
                                         "last_number", "series", "decision"};
static const char *const named_keys[] = {"series", "number"};

/* The job while its numbers are looked up. */
struct lookup {
    struct request *request;
    struct act *act;
    struct txn *txn;
    struct job job;
    const char *series; /* only of this one; NULL = of any */
    const char *number;
    uint64_t label; /* 0 = not found */
    size_t matches; /* different labels */
};

static enum err ask_segment(void *arg, const struct segment *segment, struct why *why)
{
    struct lookup *look = arg;
    struct registry *registry = look->request->config->registry;
    struct scope_ref scope;
    struct number_place place;
    struct label_place label;
    enum err err = registry_scope(look->txn, registry, segment->scope_id, &scope, why);
    if (err || (look->series && strcmp(look->series, scope.series) != 0))
        return err;
    err = registry_find(look->txn, registry, scope.series, scope.scope, look->number, &place,
                        NULL);
    if (!err)
        err = label_find(look->txn, &place, &label, NULL);
    if (err == ERR_NOT_FOUND || err == ERR_INPUT)
        return ERR_NONE;
    if (err)
        return err_set(why, err, "number \"%s\": %s", look->number, err_meaning(err));
    if (label.job_id != look->job.id || label.label == look->label)
        return ERR_NONE;
    look->label = label.label;
    look->matches++;
    return ERR_NONE;
}

/* The job's label with this number; 0 and a finding when it is none or not certain. */
static enum err number_label(struct lookup *look, struct place place, const char *series,
                             const char *number, uint64_t *out, struct why *why)
{
    struct findings *findings = &look->request->findings;
    look->series = series;
    look->number = number;
    look->label = 0;
    look->matches = 0;
    enum err err =
        job_segments(look->txn, look->job.id, 1, look->job.quantity, ask_segment, look, why);
    if (err)
        return err;
    *out = look->matches == 1 ? look->label : 0;
    if (look->matches == 0)
        findings_add(findings, SEVERITY_ERROR, "foreign-number", place, number,
                     "a number of this job, as it is printed",
                     "job %lld has no label with this number", (long long)look->job.id);
    else if (look->matches > 1)
        findings_add(findings, SEVERITY_ERROR, "ambiguous-number", place, number,
                     "{\"series\": \"...\", \"number\": \"...\"}, or the label's index",
                     "%zu labels of job %lld have this number, each of another series or scope",
                     look->matches, (long long)look->job.id);
    return ERR_NONE;
}

/* A label's index from a JSON integer; 0 and a finding otherwise. */
static uint64_t index_label(struct lookup *look, const char *field, json_t *value)
{
    json_int_t label = json_integer_value(value);
    if (json_is_integer(value) && label >= 1 && (uint64_t)label <= look->job.quantity)
        return (uint64_t)label;
    char shown[96], expected[80];
    snprintf(expected, sizeof expected, "a label 1 to %llu, or a number as a string",
             (unsigned long long)look->job.quantity);
    findings_add(&look->request->findings, SEVERITY_ERROR, "bad-label",
                 (struct place){.field = field}, value ? json_body_show(value, shown) : NULL,
                 expected, "there is no such label in the job");
    return 0;
}

/* An index, a number, or {"series", "number"}. */
static enum err any_label(struct lookup *look, const char *field, json_t *value,
                          const char *series, uint64_t *out, struct why *why)
{
    struct findings *findings = &look->request->findings;
    struct place place = {.field = field};
    if (json_is_string(value))
        return number_label(look, place, series, json_string_value(value), out, why);
    if (!json_is_object(value)) {
        *out = index_label(look, field, value);
        return ERR_NONE;
    }
    char path[64];
    snprintf(path, sizeof path, "%s.", field);
    json_body_keys(value, path, named_keys, COUNT(named_keys), findings);
    const char *named = json_body_text(value, path, "series", findings);
    const char *number = json_body_text(value, path, "number", findings);
    if (number)
        return number_label(look, place, named, number, out, why);
    findings_add(findings, SEVERITY_ERROR, "missing", place, NULL, "\"number\": \"...\"",
                 "the label has no number here");
    return ERR_NONE;
}

static bool take_decision(struct lookup *look, const char *path, json_t *range,
                          enum decision *out)
{
    struct findings *findings = &look->request->findings;
    const char *word = json_body_text(range, path, "decision", findings);
    for (size_t i = 0; word && i < COUNT(decisions); i++) {
        if (strcmp(decisions[i], word) == 0) {
            *out = (enum decision)i;
            return true;
        }
    }
    char field[64];
    snprintf(field, sizeof field, "%sdecision", path);
    findings_add(findings, SEVERITY_ERROR, "bad-decision", (struct place){.field = field}, word,
                 "printed, spoiled, absent or doubt",
                 "it is not said what became of the labels");
    return false;
}

/* One end of a range: `name` an index, or `name`_number a printed number. */
static enum err take_end(struct lookup *look, const char *path, json_t *range, const char *name,
                         uint64_t *out, struct why *why)
{
    char field[64], key[32];
    snprintf(key, sizeof key, "%s_number", name);
    json_t *number = json_object_get(range, key);
    snprintf(field, sizeof field, "%s%s", path, number ? key : name);
    if (!number)
        return any_label(look, field, json_object_get(range, name), NULL, out, why);
    const char *series = json_body_text(range, path, "series", &look->request->findings);
    return any_label(look, field, number, series, out, why);
}

static enum err take_range(struct lookup *look, size_t index, json_t *range,
                           struct decided *out, struct why *why)
{
    struct findings *findings = &look->request->findings;
    char path[40];
    snprintf(path, sizeof path, "ranges[%zu].", index);
    if (!json_is_object(range))
        return findings_add(findings, SEVERITY_ERROR, "wrong-type",
                            (struct place){.field = "ranges"}, NULL,
                            "{\"first\": 1, \"last\": 2, \"decision\": \"printed\"}",
                            "range %zu is no object", index);
    json_body_keys(range, path, range_keys, COUNT(range_keys), findings);
    take_decision(look, path, range, &out->decision);
    enum err err = take_end(look, path, range, "first", &out->first, why);
    if (!err)
        err = take_end(look, path, range, "last", &out->last, why);
    if (!err && out->first > out->last && out->last != 0)
        findings_add(findings, SEVERITY_ERROR, "bad-range", (struct place){.field = path}, NULL,
                     "first before last", "label %llu comes after label %llu",
                     (unsigned long long)out->first, (unsigned long long)out->last);
    return err;
}

static enum err take_ranges(struct lookup *look, json_t *ranges, struct why *why)
{
    struct act *act = look->act;
    size_t count = json_array_size(ranges);
    if (!json_is_array(ranges) || count == 0 || count > RESOLVE_MAX_RANGES)
        return findings_add(&look->request->findings, SEVERITY_ERROR, "bad-ranges",
                            (struct place){.field = "ranges"}, NULL,
                            "a list of 1 to 1000 ranges", "the ranges cannot be read");
    act->ranges = calloc(count, sizeof *act->ranges);
    if (!act->ranges)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    act->range_count = count;
    enum err err = ERR_NONE;
    for (size_t i = 0; i < count && (!err || err == ERR_INPUT); i++)
        err = take_range(look, i, json_array_get(ranges, i), &act->ranges[i], why);
    return err;
}

static bool says_absent(const struct act *act)
{
    for (size_t i = 0; i < act->range_count; i++) {
        if (act->ranges[i].decision == DECISION_ABSENT)
            return true;
    }
    return act->last_good > 0; /* what comes after it is absent */
}

/* A printer that answers was emptied before anybody was asked. One that does not keeps what
 * waits in it, and would print it beside the new attempt: a person has to see to it. */
static enum err check_emptied(void *arg, const char *printer, uint64_t device, struct why *why)
{
    static const char *const words[] = {
        [PRINTER_EMPTIED] = "",
        [PRINTER_NOT_EMPTIED] = "which Tem has not emptied yet (see `tem printers`; look at the"
                                " roll after that)",
        [PRINTER_EXCHANGED] =
            "which was exchanged since: the one that they were sent to may still"
            " hold them",
        [PRINTER_UNKNOWN] = "which does not say what it holds",
    };
    struct lookup *look = arg;
    (void)why; /* findings tell */
    enum printer_holds holds = job_json_holds(look->request->config, printer, device);
    if (holds == PRINTER_EMPTIED)
        return ERR_NONE;
    return findings_add(&look->request->findings, SEVERITY_ERROR, "printer-not-cleared",
                        (struct place){.field = "printer_cleared"}, NULL,
                        "true, after the printer was switched off and on",
                        "labels called absent may still wait in printer %s, %s: they would come"
                        " out and be on paper twice",
                        printer, words[holds]);
}

static enum err check_cleared(struct lookup *look, struct why *why)
{
    if (!says_absent(look->act) ||
        json_is_true(json_object_get(look->act->root, "printer_cleared")))
        return ERR_NONE;
    look->act->absent = true;
    return chunk_doubtful(look->txn, look->job.id, check_emptied, look, why);
}

static enum err read_orders(struct txn *txn, void *arg, struct why *why)
{
    struct lookup *look = arg;
    bool replayed; /* what was answered once is not judged again */
    look->txn = txn;
    enum err err = request_replay(txn, look->request, &replayed, why);
    if (err || replayed)
        return err;
    err = job_get(txn, look->request->job_id, &look->job, why);
    json_t *last_good = json_object_get(look->act->root, "last_good");
    json_t *ranges = json_object_get(look->act->root, "ranges");
    if (err)
        return err;
    if (!last_good == !ranges)
        return findings_add(&look->request->findings, SEVERITY_ERROR, "missing",
                            (struct place){.field = "last_good"}, NULL,
                            "either last_good or ranges", "it is not said what to decide");
    err = last_good ? any_label(look, "last_good", last_good, NULL, &look->act->last_good, why)
                    : take_ranges(look, ranges, why);
    return err ? err : check_cleared(look, why);
}

static enum err read_labels(struct txn *txn, void *arg, struct why *why)
{
    struct lookup *look = arg;
    struct act *act = look->act;
    look->txn = txn;
    enum err err = job_get(txn, look->request->job_id, &look->job, why);
    act->ranges = err ? NULL : calloc(1, sizeof *act->ranges);
    if (err || !act->ranges)
        return err ? err : err_set(why, ERR_NO_MEMORY, "out of memory");
    act->range_count = 1;
    err = any_label(look, "first", json_object_get(act->root, "first"), NULL,
                    &act->ranges[0].first, why);
    json_t *last = json_object_get(act->root, "last");
    act->ranges[0].last = act->ranges[0].first;
    return err || !last ? err : any_label(look, "last", last, NULL, &act->ranges[0].last, why);
}

enum err resolve_read_labels(struct request *request, struct act *act, struct why *why)
{
    struct lookup look = {.request = request, .act = act};
    return store_read(request->config->store, read_labels, &look, why);
}

enum err resolve_read(struct request *request, struct act *act, struct why *why)
{
    struct lookup look = {.request = request, .act = act};
    return store_read(request->config->store, read_orders, &look, why);
}
