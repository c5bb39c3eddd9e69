/* SPDX-License-Identifier: Apache-2.0 */
/* reprint.c: orders to print labels again that are on paper, a second person's word, and what
 * is ordered. */
#include "spooler/base/near.h"
#include "spooler/intake/act.h"
#include "spooler/intake/job-json.h"
#include "spooler/intake/json-job.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/resolve.h"
#include "spooler/intake/routes.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define LIST_MAX     500

/* ---- reading an order -------------------------------------------------------------------- */

struct asking {
    struct request *request;
    struct reprint_policy policy;
    size_t field_count;
};

/* What the job's own version of its template says. */
static enum err read_policy(struct txn *txn, void *arg, struct why *why)
{
    struct asking *asking = arg;
    struct job job;
    struct template *template = NULL;
    enum err err = job_get(txn, asking->request->job_id, &job, why);
    if (!err)
        err = job_json_template(txn, &job, &template, why);
    if (!err) {
        asking->policy = template_reprint(template);
        asking->field_count = template_field_count(template);
    }
    template_free(template);
    return err;
}

static void check_reason(struct request *request, const char *reason)
{
    const char *const *reasons = request->config->reprint_reasons;
    size_t count = 0;
    struct buf list = BUF_INIT(4096);
    for (; reasons && reasons[count]; count++) {
        if (strcmp(reasons[count], reason) == 0) {
            buf_free(&list);
            return;
        }
        buf_printf(&list, "%s%s", count ? " | " : "", reasons[count]);
    }
    findings_add(&request->findings, SEVERITY_ERROR, "bad-reason",
                 (struct place){.field = "reason"}, reason, buf_text(&list),
                 "not one of the configured reasons for a reprint");
    buf_free(&list);
}

static enum err check_printer(struct request *request, const char *printer)
{
    const struct intake_config *config = request->config;
    struct printer_view view;
    for (size_t i = 0; config->printer(config->ctx, i, &view); i++)
        if (strcmp(view.name, printer) == 0)
            return ERR_NONE;
    return findings_add(&request->findings, SEVERITY_ERROR, "unknown-printer",
                        (struct place){.field = "printer"}, printer, NULL,
                        "there is no such printer");
}

/* The template wants a new number: what is asked becomes a replacement, at once or when a
 * second person agrees. */
static void take_replacement(struct request *request, struct act *act,
                             const struct asking *asking)
{
    if (act->reprint.last != act->reprint.first)
        findings_add(&request->findings, SEVERITY_ERROR, "one-label",
                     (struct place){.field = "last"}, NULL, "one label an order",
                     "each label gets a new number and a job of its own");
    if (asking->policy.approver) {
        act->reprint.new_fields = asking->field_count;
        act->reprint.caller = request->caller;
        return;
    }
    act->replaces = true;
    act->replacement = (struct replacement){.job_id = act->reprint.job_id,
                                            .label = act->reprint.first,
                                            .field_count = asking->field_count,
                                            .printer = act->reprint.printer,
                                            .reason = act->reason,
                                            .words = act->reprint.words,
                                            .by = act->by,
                                            .caller = request->caller,
                                            .limit = asking->policy.limit};
}

/* A person has to have been told what is accepted: any other word is not one. */
static bool read_consent(struct request *request, json_t *root)
{
    const char *word = json_body_text(root, "", "changed_dots", &request->findings);
    bool accepted = word && strcmp(word, "accept") == 0;
    if (word && !accepted)
        findings_add(&request->findings, SEVERITY_ERROR, "bad-consent",
                     (struct place){.field = "changed_dots"}, word, "accept",
                     "either other dots are accepted, or nothing is said of them");
    return accepted;
}

static enum err read_reprint(struct request *request, struct act *act, struct why *why)
{
    struct asking asking = {.request = request};
    struct findings *findings = &request->findings;
    enum err err = store_read(request->config->store, read_policy, &asking, why);
    if (!err)
        err = resolve_read_labels(request, act, why);
    if (err)
        return err;
    const char *words = json_body_text(act->root, "", "words", findings);
    if (words)
        (void)request_line_ok(findings, "words", words, 400); /* findings refuse the order */
    act->reprint = (struct reprint_new){
        .job_id = request->job_id,
        .first = act->ranges ? act->ranges[0].first : 0,
        .last = act->ranges ? act->ranges[0].last : 0,
        .printer = json_body_text(act->root, "", "printer", findings),
        .reason = act->reason,
        .words = words,
        .by = act->by,
        .needs_approval = asking.policy.approver,
        .limit = asking.policy.limit,
        .other_dots = read_consent(request, act->root),
    };
    if (*act->reason)
        check_reason(request, act->reason);
    if (act->reprint.printer)
        check_printer(request, act->reprint.printer);
    if (asking.policy.number == REPRINT_NEW)
        take_replacement(request, act, &asking);
    else if (asking.policy.number == REPRINT_NEVER)
        findings_add(findings, SEVERITY_ERROR, "reprint-not-allowed",
                     (struct place){.field = "first"}, NULL,
                     "the label void (tem void NUMBER --reason TEXT), and a new order where one"
                     " is needed",
                     "the template lets no label take the place of another");
    return ERR_NONE;
}

/* ---- before the commit --------------------------------------------------------------------
 */

/* Labels with the number that they have must have their dots as well. */
static enum err compare(struct txn *txn, struct request *request, struct act *act,
                        struct why *why)
{
    const struct intake_config *config = request->config;
    if (act->replaces || act->reprint.new_fields || !config->compare)
        return ERR_NONE;
    act->reprint.dots = &act->dots;
    return config->compare(config->ctx, txn, &act->reprint, &act->dots, why);
}

/* ---- in the commit ----------------------------------------------------------------------- */

static enum err run_reprint(struct txn *txn, int64_t id, struct act *act, struct why *why)
{
    (void)id; /* the order has it */
    if (act->replaces)
        return label_replace(txn, act->registry, &act->replacement, &act->made, why);
    return reprint_order(txn, &act->reprint, &act->made, why);
}

static enum err run_approve(struct txn *txn, int64_t id, struct act *act, struct why *why)
{
    int64_t new_job = 0;
    act->made = id;
    enum err err = reprint_approve(txn, id, act->by, why);
    if (!err)
        err = replace_ordered(txn, act->registry, id, &new_job, why);
    if (!err && new_job) {
        act->replaces = true;
        act->made = new_job;
    }
    return err;
}

static enum err run_cancel(struct txn *txn, int64_t id, struct act *act, struct why *why)
{
    act->made = id;
    return reprint_cancel(txn, id, act->by, why);
}

/* {"kind": "replacement", "void": {job, label}, "job": the new one} */
static enum err tell_replacement(struct txn *txn, struct request *request, struct act *act,
                                 json_t **out, struct why *why)
{
    json_t *job = NULL;
    enum err err = job_json_read(txn, request->config, act->made, JOB_JSON_RANGES, &job, why);
    if (err)
        return err;
    json_t *old = json_incref(json_object_get(job, "replaces"));
    *out = json_pack("{ss so so}", "kind", "replacement", "void", old, "job", job);
    return *out ? ERR_NONE : err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err tell_reprint(struct txn *txn, struct request *request, struct act *act,
                             json_t **out, struct why *why)
{
    struct reprint reprint;
    if (act->replaces)
        return tell_replacement(txn, request, act, out, why);
    enum err err = reprint_get(txn, act->made, &reprint, why);
    if (!err && !(*out = job_json_reprint(&reprint)))
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    return err;
}

/* ---- routes ------------------------------------------------------------------------------ */

enum step reprint_post(struct request *request)
{
    static const char *const keys[] = {"person", "reason",  "words",       "first",
                                       "last",   "printer", "changed_dots"};
    static const struct order order = {.log = "reprint ordered",
                                       .keys = keys,
                                       .key_count = COUNT(keys),
                                       .reason_needed = true,
                                       .status = 201,
                                       .read = read_reprint,
                                       .ponder = compare,
                                       .run = run_reprint,
                                       .tell = tell_reprint};
    return act_run(request, &order);
}

static const char *const word_keys[] = {"person", "reason"};

enum step reprint_post_approve(struct request *request)
{
    static const struct order order = {.log = "reprint approved",
                                       .keys = word_keys,
                                       .key_count = COUNT(word_keys),
                                       .run = run_approve,
                                       .tell = tell_reprint};
    return act_run(request, &order);
}

enum step reprint_post_cancel(struct request *request)
{
    static const struct order order = {.log = "reprint cancelled",
                                       .keys = word_keys,
                                       .key_count = COUNT(word_keys),
                                       .run = run_cancel,
                                       .tell = tell_reprint};
    return act_run(request, &order);
}

struct listing {
    struct request *request;
    json_t *list;
};

static enum err add_reprint(void *arg, const struct reprint *reprint, struct why *why)
{
    struct listing *listing = arg;
    return json_array_append_new(listing->list, job_json_reprint(reprint)) == 0
               ? ERR_NONE
               : err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err read_list(struct txn *txn, void *arg, struct why *why)
{
    struct listing *listing = arg;
    int64_t job = (int64_t)request_number(listing->request, "job", 1, INT64_MAX, 0);
    bool open = request_number(listing->request, "open", 0, 1, 0) != 0;
    return reprint_list(txn, job, open, LIST_MAX, add_reprint, listing, why);
}

static json_t *reasons_json(const struct intake_config *config)
{
    json_t *list = json_array();
    for (size_t i = 0; list && config->reprint_reasons && config->reprint_reasons[i]; i++)
        if (json_array_append_new(list, problem_string(config->reprint_reasons[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

enum step reprint_look(struct request *request)
{
    struct listing listing = {.request = request, .list = json_array()};
    struct why why = {{0}};
    enum err err = listing.list ? store_read(request->config->store, read_list, &listing, &why)
                                : ERR_NO_MEMORY;
    if (!err && !request->findings.errors)
        return request_json(request, 200,
                            json_pack("{so so}", "reprints", listing.list, "reasons",
                                      reasons_json(request->config)));
    json_decref(listing.list);
    return err ? request_problem(request, err, &why) : request_refuse(request);
}
