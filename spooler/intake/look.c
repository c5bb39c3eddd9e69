/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/look.h"

#include "spooler/intake/archives.h"
#include "spooler/intake/job-json.h"
#include "spooler/intake/ledger.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/routes.h"
#include "spooler/intake/scan.h"

#include <stdio.h>
#include <string.h>

#define LIST_DEFAULT 50
#define LIST_MAX     500

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* What one look brings back. */
struct look {
    struct request *request;
    json_t *json;
    int status; /* 0 = 200 */
    size_t limit;
    int64_t before;
    const struct scan *scan;
};

/* Runs `op` on a snapshot and answers with what it made. */
static enum step answer_read(struct look *look, store_op *op)
{
    struct why why = {{0}};
    enum err err = store_read(look->request->config->store, op, look, &why);
    if (!err)
        return request_json(look->request, look->status ? look->status : 200, look->json);
    json_decref(look->json);
    return request_problem(look->request, err, &why);
}

/* ---- jobs ---------------------------------------------------------------------- */

static enum err add_job(void *arg, const struct job *job, struct why *why)
{
    struct look *look = arg;
    look->before = job->id;
    return json_array_append_new(json_object_get(look->json, "jobs"), job_json(job)) == 0
               ? ERR_NONE
               : no_memory(why);
}

static enum err read_jobs(struct txn *txn, void *arg, struct why *why)
{
    struct look *look = arg;
    look->json = json_pack("{s[]}", "jobs");
    if (!look->json)
        return no_memory(why);
    enum err err = job_list(txn, look->before, look->limit, add_job, look, why);
    if (err || json_array_size(json_object_get(look->json, "jobs")) < look->limit)
        return err;
    char next[96];
    snprintf(next, sizeof next, "/v1/jobs?before=%lld&limit=%zu", (long long)look->before,
             look->limit);
    return json_object_set_new(look->json, "next", json_string(next)) == 0 ? ERR_NONE
                                                                           : no_memory(why);
}

enum step look_jobs(struct request *request)
{
    struct look look = {
        .request = request,
        .limit = (size_t)request_number(request, "limit", 1, LIST_MAX, LIST_DEFAULT),
        .before = (int64_t)request_number(request, "before", 1, INT64_MAX, 0),
    };
    return request->findings.errors ? request_refuse(request) : answer_read(&look, read_jobs);
}

static enum err read_job(struct txn *txn, void *arg, struct why *why)
{
    struct look *look = arg;
    return job_json_read(txn, look->request->config, look->request->job_id, JOB_JSON_ALL,
                         &look->json, why);
}

enum step look_job(struct request *request)
{
    struct look look = {.request = request};
    return answer_read(&look, read_job);
}

/* ---- labels ---------------------------------------------------------------------- */

/* The label that has this number, as JSON. ERR_NOT_FOUND: never issued there. */
static enum err find_label(struct txn *txn, struct look *look, const char *series,
                           const char *scope, const char *number, struct why *why)
{
    struct number_place place;
    struct label_place label;
    enum err err =
        registry_find(txn, look->request->config->registry, series, scope, number, &place, why);
    if (!err)
        err = label_find(txn, &place, &label, why);
    if (err)
        return err;
    look->json =
        json_pack("{sI sI ss sI so so so}", "job", (json_int_t)label.job_id, "label",
                  (json_int_t)label.label, "state", label_state_name(label.state), "attempt",
                  (json_int_t)label.attempt, "series", problem_string(series), "scope",
                  problem_string(scope), "number", problem_string(number));
    return look->json ? archives_put(txn, label.job_id, look->json, why) : no_memory(why);
}

/* Asks every series that ever issued a number. */
static enum err find_anywhere(struct txn *txn, struct look *look, const char *scope,
                              const char *number, struct why *why)
{
    const struct registry *registry = look->request->config->registry;
    const char *series;
    for (size_t i = 0; (series = registry_issuer(registry, i)) != NULL; i++) {
        enum err err = find_label(txn, look, series, scope, number, NULL);
        if (err != ERR_NOT_FOUND && err != ERR_INPUT)
            return err ? err_set(why, err, "series %s: %s", series, err_meaning(err)) : err;
    }
    return ERR_NOT_FOUND;
}

/* A number that came without its scope: looked for in each that was ever opened. */
struct everywhere {
    struct txn *txn;
    struct look *look;
    const char *number;
    struct scope_ref where; /* of the label found */
    unsigned found;
};

static enum err find_in_scope(void *arg, const struct scope_ref *scope, struct why *why)
{
    struct everywhere *everywhere = arg;
    struct look *look = everywhere->look;
    json_t *before = look->json;
    enum err err = find_label(everywhere->txn, look, scope->series, scope->scope,
                              everywhere->number, NULL);
    if (err == ERR_NOT_FOUND || err == ERR_INPUT)
        return ERR_NONE;
    if (err)
        return err_set(why, err, "series %s: %s", scope->series, err_meaning(err));
    json_decref(before);
    /* Two generations of one series and scope lead to the same label. */
    if (everywhere->found && strcmp(everywhere->where.series, scope->series) == 0 &&
        strcmp(everywhere->where.scope, scope->scope) == 0)
        return ERR_NONE;
    if (everywhere->found++)
        return err_set(why, ERR_CONFLICT,
                       "number \"%s\" is a label of series %s, scope \"%s\", and one of series"
                       " %s, scope \"%s\": say which is meant",
                       everywhere->number, everywhere->where.series, everywhere->where.scope,
                       scope->series, scope->scope);
    everywhere->where = *scope;
    return ERR_NONE;
}

static enum err find_everywhere(struct txn *txn, struct look *look, const char *number,
                                struct why *why)
{
    struct everywhere everywhere = {.txn = txn, .look = look, .number = number};
    enum err err =
        registry_scopes(txn, look->request->config->registry, find_in_scope, &everywhere, why);
    return err ? err : everywhere.found ? ERR_NONE : ERR_NOT_FOUND;
}

static enum err never_issued(struct why *why, const char *number, const char *scope)
{
    return err_set(why, ERR_NOT_FOUND, "number \"%s\"%s%s%s was never issued here", number,
                   *scope ? " of scope \"" : "", scope, *scope ? "\"" : "");
}

static enum err read_number(struct txn *txn, void *arg, struct why *why)
{
    struct look *look = arg;
    const char *series = request_text(look->request, "series");
    const char *scope = request_text(look->request, "scope");
    const char *number = request_text(look->request, "number");
    scope = scope ? scope : "";
    enum err err = find_label(txn, look, series, scope, number, why);
    return err == ERR_NOT_FOUND || err == ERR_INPUT ? never_issued(why, number, scope) : err;
}

/* Readings of a scan, the most exact first: a serial of its GTIN; then numbers that came
 * without a scope (NULL: each is tried). */
static enum err read_scan(struct txn *txn, void *arg, struct why *why)
{
    struct look *look = arg;
    const char *gtin = scan_value(look->scan, "01");
    const char *serial = scan_value(look->scan, "21");
    const struct {
        const char *scope, *number;
    } readings[] = {
        {gtin, gtin ? serial : NULL},
        {gtin ? "" : NULL, serial},
        {NULL, scan_value(look->scan, "00")},
        {NULL, *look->scan->plain ? look->scan->plain : NULL},
    };
    enum err err = ERR_NOT_FOUND;
    const char *asked = NULL, *scope = "";
    for (size_t i = 0; err == ERR_NOT_FOUND && i < sizeof readings / sizeof readings[0]; i++) {
        if (!readings[i].number)
            continue;
        if (!asked) {
            asked = readings[i].number;
            scope = readings[i].scope ? readings[i].scope : "";
        }
        err = readings[i].scope
                  ? find_anywhere(txn, look, readings[i].scope, readings[i].number, why)
                  : find_everywhere(txn, look, readings[i].number, why);
    }
    return err == ERR_NOT_FOUND ? never_issued(why, asked, scope) : err;
}

enum err look_find_scan(struct txn *txn, struct request *request, const struct scan *scan,
                        json_t **out, struct why *why)
{
    struct look look = {.request = request, .scan = scan};
    enum err err = ERR_NOT_FOUND;
    if (*scan->plain || scan_value(scan, "21") || scan_value(scan, "00"))
        err = read_scan(txn, &look, why);
    if (err)
        json_decref(look.json);
    else
        *out = look.json;
    return err;
}

static enum step look_scan(struct request *request, const struct param *param)
{
    struct scan scan;
    struct why why = {{0}};
    struct place place = {.field = "scan"};
    if (scan_parse(param->value, param->len, &scan, &why) != ERR_NONE)
        findings_add(&request->findings, SEVERITY_ERROR, "bad-scan", place, param->value,
                     "what a scanner sends, or AIs in brackets, or a GS1 Digital Link", "%s",
                     why.text);
    else if (!*scan.plain && !scan_value(&scan, "21") && !scan_value(&scan, "00"))
        findings_add(&request->findings, SEVERITY_ERROR, "no-number", place, param->value,
                     "AI (21) or (00)", "the scan holds no serial number");
    if (request->findings.errors)
        return request_refuse(request);
    struct look look = {.request = request, .scan = &scan};
    return answer_read(&look, read_scan);
}

enum step look_label(struct request *request)
{
    const struct param *scan = request_param(request, "scan");
    const char *series = request_text(request, "series");
    const char *number = request_text(request, "number");
    if (scan && (series || number || request_param(request, "scope")))
        findings_add(&request->findings, SEVERITY_ERROR, "scan-and-number",
                     (struct place){.field = "scan"}, scan->value, "scan alone",
                     "a scan names its number itself");
    else if (!scan && (!series || !number))
        findings_add(&request->findings, SEVERITY_ERROR, "missing",
                     (struct place){.field = series ? "number" : "series"}, NULL,
                     "series, scope and number, or scan", "the label is not named");
    if (request->findings.errors)
        return request_refuse(request);
    if (scan)
        return look_scan(request, scan);
    struct look look = {.request = request};
    return answer_read(&look, read_number);
}

/* ---- what there is ------------------------------------------------------------------ */

static json_t *printer_json(const struct printer_view *view)
{
    json_t *json =
        json_pack("{so so so so sb ss so}", "name", problem_string(view->name), "queue",
                  problem_string(view->queue), "model", problem_string(view->model), "stock",
                  problem_string(view->stock), "evidence", view->evidence, "state", view->state,
                  "words", problem_string(view->words));
    if (json && view->job_id) {
        json_t *now =
            json_pack("{sI sI sI sI}", "job", (json_int_t)view->job_id, "chunk",
                      (json_int_t)view->chunk_id, "labels_done", (json_int_t)view->labels_done,
                      "labels_all", (json_int_t)view->labels_all);
        if (json_object_set_new(json, "printing", now) != 0) {
            json_decref(json);
            return NULL;
        }
    }
    return json;
}

enum step look_printers(struct request *request)
{
    const struct intake_config *config = request->config;
    json_t *list = json_array();
    struct printer_view view;
    memset(&view, 0, sizeof view);
    bool bad = false;
    for (size_t i = 0; !bad && config->printer(config->ctx, i, &view); i++)
        bad = json_array_append_new(list, printer_json(&view)) != 0;
    if (bad) {
        json_decref(list);
        return request_problem(request, ERR_NO_MEMORY, NULL);
    }
    return request_json(request, 200, json_pack("{so}", "printers", list));
}

static enum err read_series(struct txn *txn, void *arg, struct why *why)
{
    struct look *look = arg;
    json_t *list = NULL;
    enum err err = registry_list(txn, look->request->config->registry, &list, why);
    if (err)
        return err;
    look->json = json_pack("{so}", "series", list);
    return look->json ? ERR_NONE : no_memory(why);
}

enum step look_series(struct request *request)
{
    struct look look = {.request = request};
    return answer_read(&look, read_series);
}

/* Of a damaged store nothing is read: that might fail, and the answer be another. */
static enum step damaged(struct request *request, const struct store_health *health)
{
    const struct intake_config *config = request->config;
    return request_json(request, 503,
                        json_pack("{ss ss ss sI s{ss so}}", "status", "person", "version",
                                  config->version ? config->version : "", "store_id",
                                  store_id(config->store), "epoch",
                                  (json_int_t)store_epoch(config->store), "store", "state",
                                  "damaged", "words", problem_string(health->words)));
}

/* Healthy means: the store is whole, can be read, and is the one that was signed. */
static enum err read_health(struct txn *txn, void *arg, struct why *why)
{
    struct look *look = arg;
    const struct intake_config *config = look->request->config;
    const struct witness_finding *finding = config->seal ? seal_finding(config->seal) : NULL;
    bool well = !finding || witness_is_well(finding);
    int64_t one;
    enum err err = sql_int(txn, &one, why, "SELECT count(*) FROM meta", "");
    if (err)
        return err;
    look->status = well ? 200 : 503;
    look->json =
        json_pack("{ss ss ss sI}", "status", well ? "ok" : "person", "version",
                  config->version ? config->version : "", "store_id", store_id(config->store),
                  "epoch", (json_int_t)store_epoch(config->store));
    struct store_health health;
    store_health(config->store, &health);
    if (look->json && !well && ledger_health(finding, look->json) != 0)
        return no_memory(why);
    if (look->json && health.checking &&
        json_object_set_new(look->json, "store", json_pack("{ss}", "state", "checking")) != 0)
        return no_memory(why);
    return look->json ? ERR_NONE : no_memory(why);
}

enum step look_health(struct request *request)
{
    struct look look = {.request = request};
    struct store_health health;
    store_health(request->config->store, &health);
    return health.damaged ? damaged(request, &health) : answer_read(&look, read_health);
}
