/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c: a scanner tells what it read. Every read is answered: what it verifies, what was
 * read before, what should not be on anything, what nobody knows here. */
#include "spooler/base/log.h"
#include "spooler/intake/json-job.h"
#include "spooler/intake/look.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/routes.h"
#include "spooler/job/verify.h"

#include <stdlib.h>
#include <string.h>

/* One read; lives with its request. */
struct reading {
    json_t *root;
    struct scan scan;
    const char *text;
    char station[JOB_TEXT];
    bool known;
};

static void reading_free(void *arg)
{
    struct reading *reading = arg;
    if (!reading)
        return;
    json_decref(reading->root);
    free(reading);
}

static struct reading *read_body(struct request *request)
{
    static const char *const keys[] = {"scan", "station"};
    struct findings *findings = &request->findings;
    struct why why = {{0}};
    struct reading *reading = calloc(1, sizeof *reading);
    if (!reading)
        return NULL;
    request->act = reading;
    request->free_act = reading_free;
    reading->root = json_body_parse(buf_text(&request->body), request->body.len, findings);
    if (!reading->root)
        return reading;
    json_body_keys(reading->root, "", keys, 2, findings);
    reading->text = json_body_text(reading->root, "", "scan", findings);
    const char *station = json_body_text(reading->root, "", "station", findings);
    if (station) /* findings refuse the reading */
        (void)request_line_ok(findings, "station", station, REQUEST_PERSON_MAX);
    snprintf(reading->station, sizeof reading->station, "%s",
             station          ? station
             : *request->peer ? request->peer
                              : request->caller);
    struct place place = {.field = "scan"};
    if (!reading->text)
        findings_add(findings, SEVERITY_ERROR, "missing", place, NULL, "what the scanner sent",
                     "nothing was read");
    else if (scan_parse(reading->text, strlen(reading->text), &reading->scan, &why))
        findings_add(findings, SEVERITY_ERROR, "bad-scan", place, reading->text,
                     "what a scanner sends, or a GS1 Digital Link", "%s", why.text);
    return reading;
}

static json_t *answer_json(const json_t *label, const struct verify_answer *answer)
{
    json_t *json = json_deep_copy(label);
    json_int_t number = json_integer_value(json_object_get(label, "label"));
    bool moved = answer->result == VERIFY_DONE && answer->expected &&
                 (json_int_t)answer->expected != number;
    bool bad =
        !json ||
        json_object_set_new(json, "result", json_string(verify_result_name(answer->result))) !=
            0 ||
        json_object_set_new(json, "state", json_string(label_state_name(answer->state))) != 0 ||
        json_object_set_new(json, "out_of_order", json_boolean(moved)) != 0 ||
        json_object_set_new(json, "expected_label",
                            answer->expected ? json_integer((json_int_t)answer->expected)
                                             : json_null()) != 0;
    if (!bad)
        return json;
    json_decref(json);
    return NULL;
}

static enum err op_verify(struct txn *txn, void *arg, struct why *why)
{
    struct request *request = arg;
    struct reading *reading = request->act;
    struct verify_answer answer;
    json_t *label = NULL, *json = NULL;
    bool replayed;
    enum err err = request_replay(txn, request, &replayed, why);
    if (err || replayed)
        return err;
    err = look_find_scan(txn, request, &reading->scan, &label, why);
    reading->known = err != ERR_NOT_FOUND;
    if (!err)
        err = label_verify(txn, json_integer_value(json_object_get(label, "job")),
                           (uint64_t)json_integer_value(json_object_get(label, "label")),
                           reading->station, &answer, why);
    if (!err)
        json = answer_json(label, &answer);
    else if (!reading->known) {
        json = json_pack("{ss so}", "result", "unknown", "scan", problem_string(reading->text));
        err = ERR_NONE;
    }
    json_decref(label);
    if (!err && !json)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    if (err)
        return err;
    problem_dump(&request->answer, json);
    request->status = 200;
    return request_keep(txn, request, 0, why);
}

enum step verify_post(struct request *request)
{
    if (!request->waiting) {
        struct reading *reading = read_body(request);
        if (!reading)
            return request_problem(request, ERR_NO_MEMORY, NULL);
        return request->findings.errors ? request_refuse(request)
                                        : request_write(request, op_verify);
    }
    const struct reading *reading = request->act;
    request->waiting = false;
    if (request->write_err)
        return request_problem(request, request->write_err, &request->write_why);
    if (!request->replayed && !reading->known)
        log_warn("a number was read that was never issued here", "scan=%s station=%s",
                 logq(reading->text), logq(reading->station));
    request->content_type = "application/json";
    request->config->wake(request->config->ctx, NULL);
    return STEP_ANSWER;
}
