/* SPDX-License-Identifier: Apache-2.0 */
/* archives.c: a named person has old jobs archived; what was archived until now. */
#include "spooler/intake/archives.h"

#include "spooler/base/log.h"
#include "spooler/intake/json-job.h"
#include "spooler/intake/period.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/routes.h"

#include <stdlib.h>
#include <string.h>

json_t *archives_json(const struct archive *archive)
{
    char at[CLOCK_ISO_SIZE];
    return json_pack(
        "{sI ss so so so ss sI sI sI sI}", "archive", (json_int_t)archive->id, "state",
        archive_state_name(archive->state), "file", problem_string(archive->file), "sha256",
        *archive->sha256 ? json_string(archive->sha256) : json_null(), "person",
        problem_string(archive->person), "made_at", clock_iso(archive->made_ms, at), "jobs",
        (json_int_t)archive->jobs, "labels", (json_int_t)archive->labels, "events",
        (json_int_t)archive->events, "seq", (json_int_t)archive->seq);
}

enum err archives_put(struct txn *txn, int64_t job_id, json_t *object, struct why *why)
{
    struct archive archive;
    enum err err = archive_of_job(txn, job_id, &archive, why);
    if (err == ERR_NOT_FOUND)
        return ERR_NONE;
    if (!err && json_object_set_new(object, "archived", archives_json(&archive)) != 0)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    return err;
}

/* ---- what there is -------------------------------------------------------------------------
 */

static enum err add_archive(void *arg, const struct archive *archive, struct why *why)
{
    return json_array_append_new(arg, archives_json(archive)) == 0
               ? ERR_NONE
               : err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err read_archives(struct txn *txn, void *arg, struct why *why)
{
    return archive_list(txn, add_archive, arg, why);
}

enum step archives_look(struct request *request)
{
    struct why why = {{0}};
    json_t *list = json_array();
    enum err err = store_read(request->config->store, read_archives, list, &why);
    if (!err)
        return request_json(request, 200, json_pack("{so}", "archives", list));
    json_decref(list);
    return request_problem(request, err, &why);
}

/* ---- an order ------------------------------------------------------------------------------
 */

struct order {
    json_t *root;
    char person[JOB_TEXT];
    const char *file; /* NULL = none: dry_run, or only what was begun is finished */
    int64_t before_ms;
    bool dry_run;
};

static void order_free(void *arg)
{
    struct order *order = arg;
    if (!order)
        return;
    json_decref(order->root);
    free(order);
}

static int64_t read_before(struct request *request, json_t *root)
{
    int64_t ms = INT64_MAX;
    const char *text = json_body_text(root, "", "before", &request->findings);
    if (text && !period_parse(text, request->config->utc_offset_min, false, &ms))
        findings_add(
            &request->findings, SEVERITY_ERROR, "no-such-time",
            (struct place){.field = "before"}, text,
            "a day (2026-03-01) or a time (2026-03-01T08:00, with Z or +07:00 behind it)",
            "there is no such time");
    return ms;
}

static struct order *read_order(struct request *request)
{
    static const char *const keys[] = {"file", "before", "dry_run", "person"};
    struct findings *findings = &request->findings;
    struct order *order = calloc(1, sizeof *order);
    if (!order)
        return NULL;
    request->act = order;
    request->free_act = order_free;
    order->root = json_body_parse(buf_text(&request->body), request->body.len, findings);
    if (!order->root)
        return order;
    json_body_keys(order->root, "", keys, sizeof keys / sizeof keys[0], findings);
    request_by(request, json_body_text(order->root, "", "person", findings), order->person);
    order->file = json_body_text(order->root, "", "file", findings);
    order->before_ms = read_before(request, order->root);
    order->dry_run = json_is_true(json_object_get(order->root, "dry_run"));
    return order;
}

/* ---- on a thread of its own -----------------------------------------------------------------
 */

static enum err op_replay(struct txn *txn, void *arg, struct why *why)
{
    bool replayed;
    return request_replay(txn, arg, &replayed, why);
}

static enum err op_keep(struct txn *txn, void *arg, struct why *why)
{
    return request_keep(txn, arg, 0, why);
}

struct looking {
    const struct request *request;
    struct archive_due due;
};

static enum err op_due(struct txn *txn, void *arg, struct why *why)
{
    struct looking *looking = arg;
    const struct order *order = looking->request->act;
    return archive_find_due(txn, &looking->request->config->archive->retention,
                            order->before_ms, &looking->due, why);
}

static enum err look_what(struct request *request, json_t **out, struct why *why)
{
    struct looking looking = {.request = request};
    enum err err = store_read(request->config->store, op_due, &looking, why);
    if (err)
        return err;
    json_t *jobs = json_array();
    for (size_t i = 0; jobs && i < looking.due.count; i++)
        if (json_array_append_new(jobs, json_integer((json_int_t)looking.due.jobs[i])) != 0)
            err = err_set(why, ERR_NO_MEMORY, "out of memory");
    *out = json_pack("{sb so sI sb sI sI}", "dry_run", true, "jobs", jobs, "labels",
                     (json_int_t)looking.due.labels, "more", looking.due.more, "not_expired",
                     (json_int_t)looking.due.not_expired, "something_open",
                     (json_int_t)looking.due.not_ready);
    archive_due_free(&looking.due);
    return err;
}

static enum err finish_or_make(struct request *request, json_t **out, struct why *why)
{
    const struct archive_config *config = request->config->archive;
    const struct order *order = request->act;
    struct archive archive;
    int64_t finished = 0;
    enum err err = archive_resume(config, &finished, why);
    if (!err && !order->file) {
        *out = json_pack("{sI}", "finished", (json_int_t)finished);
        return ERR_NONE;
    }
    struct archive_order wanted = {order->file, order->person, order->before_ms};
    if (!err)
        err = archive_run(config, &wanted, &archive, why);
    if (!err)
        *out = archives_json(&archive);
    return err;
}

static enum err work(struct request *request, struct why *why)
{
    const struct order *order = request->act;
    json_t *json = NULL;
    enum err err = store_read(request->config->store, op_replay, request, why);
    if (err || request->replayed)
        return err;
    err = order->dry_run ? look_what(request, &json, why) : finish_or_make(request, &json, why);
    if (err) {
        json_decref(json);
        return err;
    }
    problem_dump(&request->answer, json);
    request->status = order->file && !order->dry_run ? 201 : 200;
    if (order->dry_run || !order->file)
        return ERR_NONE;
    return store_write(request->config->store, op_keep, request, why);
}

enum step archives_post(struct request *request)
{
    struct why why = {{0}};
    if (request->waiting) {
        request->waiting = false;
        if (request->write_err)
            return request_problem(request, request->write_err, &request->write_why);
        request->content_type = "application/json";
        return STEP_ANSWER;
    }
    if (!request->config->archive) {
        err_set(&why, ERR_STATE, "nothing can be archived here");
        return request_problem(request, ERR_STATE, &why);
    }
    if (!request->local) {
        err_set(&why, ERR_DENIED, "archives are ordered over temd's socket, on its machine");
        return request_problem(request, ERR_DENIED, &why);
    }
    if (!read_order(request))
        return request_problem(request, ERR_NO_MEMORY, NULL);
    return request->findings.errors ? request_refuse(request)
                                    : request_work_aside(request, work);
}
