/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/post-job.h"

#include "spooler/base/log.h"
#include "spooler/intake/csv-job.h"
#include "spooler/intake/job-json.h"
#include "spooler/intake/json-job.h"
#include "spooler/intake/problem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Taken of a CSV, and of a JSON list, at once: rows are drawn on trial, and others wait for the
 * HTTP thread meanwhile. What is left comes again after their turn. */
#define FEED_BYTES 4096
#define FEED_ITEMS 64

/* What the write under way is for. */
enum purpose { FOR_NOTHING, FOR_PAGE, FOR_ACCEPT, FOR_REFUSAL };

struct post {
    struct draft draft;
    struct csv_job csv;
    struct json_job json;
    bool opened;
    bool rows_done;
    enum purpose purpose;
    enum err failed; /* a failure that is not about the input */
    struct why failed_why;
    int64_t staged_id;  /* committed; 0 = nothing is staged */
    int64_t written_id; /* by the write under way */
};

static enum step go_on(struct request *request);

static void fail(struct post *post, enum err err, const struct why *why)
{
    if (post->failed || !err || err == ERR_INPUT)
        return; /* faults of the input are findings */
    post->failed = err;
    post->failed_why = *why;
}

static struct post *post_of(struct request *request)
{
    if (!request->post)
        request->post = calloc(1, sizeof *request->post);
    return request->post;
}

enum err post_job_begin(struct request *request)
{
    struct post *post = post_of(request);
    if (!post)
        return ERR_NO_MEMORY;
    struct draft_head head = {
        .template = request_text(request, "template"),
        .printer = request_text(request, "printer"),
        .person = request_text(request, "person"),
        .reference = request_text(request, "reference"),
    };
    post->opened = true;
    enum err err = draft_open(&post->draft, request->config, &head, &request->findings);
    if (!err || err == ERR_INPUT)
        err = csv_job_open(&post->csv, &post->draft, request->params, request->param_count);
    fail(post, err, &(struct why){"out of memory"});
    return ERR_NONE;
}

/* ---- on the writer thread ---------------------------------------------------- */

static enum err op_page(struct txn *txn, void *arg, struct why *why)
{
    struct request *request = arg;
    struct post *post = request->post;
    const struct rows_writer *writer = &post->draft.writer;
    enum err err = ERR_NONE;
    post->written_id = post->staged_id;
    if (post->written_id == 0) {
        struct job_new job = draft_job(&post->draft, request->caller);
        err = job_stage(txn, &job, &post->written_id, why);
    }
    if (!err && writer->last >= writer->first)
        err = job_stage_page(txn, post->written_id, writer->first, writer->last,
                             writer->page.bytes, writer->page.len, why);
    return err;
}

/* A job of one page, as most are. */
static enum err accept_at_once(struct txn *txn, struct request *request, struct job *job,
                               struct why *why)
{
    const struct draft *draft = &request->post->draft;
    const struct job_new new_job = draft_job(draft, request->caller);
    return job_accept_at_once(txn, request->config->registry, &new_job,
                              draft->writer.page.bytes, draft->writer.page.len, draft->quantity,
                              draft->plans, draft->plan_count, job, why);
}

static enum err accept_staged(struct txn *txn, struct request *request, struct job *job,
                              struct why *why)
{
    const struct draft *draft = &request->post->draft;
    enum err err = op_page(txn, request, why);
    int64_t id = request->post->written_id;
    if (!err)
        err = job_accept(txn, request->config->registry, id, draft->quantity, draft->plans,
                         draft->plan_count, why);
    return err ? err : job_get(txn, id, job, why);
}

/* The answer is made here so that it can be kept under the key in the same commit. */
static enum err op_accept(struct txn *txn, void *arg, struct why *why)
{
    struct request *request = arg;
    struct post *post = request->post;
    struct job job;
    json_t *json = NULL;
    bool replayed;
    enum err err = request_replay(txn, request, &replayed, why);
    if (err)
        return err;
    if (replayed)
        return post->staged_id ? job_unstage(txn, post->staged_id, why) : ERR_NONE;
    err = post->staged_id ? accept_staged(txn, request, &job, why)
                          : accept_at_once(txn, request, &job, why);
    if (!err)
        err = job_json_whole(txn, request->config, &job, JOB_JSON_RANGES, &json, why);
    if (err)
        return err;
    post->written_id = job.id;
    problem_dump(&request->answer, json);
    request->status = 201;
    return request_keep(txn, request, job.id, why);
}

/* A request that was answered before is answered so again, even when its template is gone by
 * now. */
static enum err op_refuse(struct txn *txn, void *arg, struct why *why)
{
    struct request *request = arg;
    bool replayed;
    enum err err = request_replay(txn, request, &replayed, why);
    if (err && err != ERR_CONFLICT)
        return err;
    return request->post->staged_id ? job_unstage(txn, request->post->staged_id, why)
                                    : ERR_NONE;
}

static enum err op_unstage(struct txn *txn, void *arg, struct why *why)
{
    return job_unstage(txn, *(int64_t *)arg, why);
}

static void unstaged(enum err result, const struct why *why, void *arg)
{
    if (result)
        log_warn("staged job stays until the next start", "job=%" PRId64 " why=%s",
                 *(int64_t *)arg, logq(why ? why->text : ""));
    free(arg);
}

/* ---- on the HTTP thread -------------------------------------------------------- */

static enum step write_for(struct request *request, enum purpose purpose, store_op *op)
{
    request->post->purpose = purpose;
    request->post->written_id = 0;
    return request_write(request, op);
}

static enum step write_page(struct request *request)
{
    return write_for(request, FOR_PAGE, op_page);
}

static void page_written(struct request *request)
{
    struct post *post = request->post;
    fail(post, request->write_err, &request->write_why);
    if (!request->write_err)
        post->staged_id = post->written_id;
    rows_next_page(&post->draft.writer);
    post->draft.page_full = false;
}

void post_job_settle(struct request *request)
{
    if (!request->waiting || request->post->purpose != FOR_PAGE)
        return;
    request->waiting = false;
    request->post->purpose = FOR_NOTHING;
    page_written(request);
}

enum step post_job_feed(struct request *request, const char *bytes, size_t len, size_t *used)
{
    struct post *post = request->post;
    *used = len;
    if (!post || post->failed)
        return STEP_ANSWER; /* the rest is read and thrown away, so that the answer arrives */
    enum err err = csv_job_feed(&post->csv, bytes, len < FEED_BYTES ? len : FEED_BYTES, used);
    fail(post, err, &(struct why){"out of memory"});
    /* A page of a job that will be refused need not be stored. */
    if (!post->failed && post->draft.page_full && request->findings.errors == 0)
        return write_page(request);
    if (post->draft.page_full) {
        rows_next_page(&post->draft.writer);
        post->draft.page_full = false;
    }
    if (*used < len)
        request_yield(request);
    return STEP_ANSWER;
}

/* The answer of a job that is accepted, now or the first time. */
static enum step answer(struct request *request)
{
    struct post *post = request->post;
    request->content_type = "application/json";
    int64_t id = post->written_id;
    if (request->replayed) {
        json_t *kept = json_loadb(buf_text(&request->answer), request->answer.len, 0, NULL);
        id = json_integer_value(json_object_get(kept, "id"));
        json_decref(kept);
    }
    snprintf(request->location, sizeof request->location, "/v1/jobs/%" PRId64, id);
    post->staged_id = 0; /* accepted, or removed in the same commit */
    if (request->replayed)
        return STEP_ANSWER;
    log_info("job accepted",
             "job=%" PRId64 " printer=%s labels=%" PRIu64 " template=%s caller=%s", id,
             logq(post->draft.printer), post->draft.quantity,
             logq(template_name(post->draft.template)), logq(request->caller));
    request->config->wake(request->config->ctx, post->draft.printer);
    return STEP_ANSWER;
}

static enum step refuse(struct request *request)
{
    struct post *post = request->post;
    if (post->failed)
        return request_problem(request, post->failed, &post->failed_why);
    return request_refuse(request);
}

/* A refused job leaves nothing; one with a key may be a repetition. */
static enum step start_refusal(struct request *request)
{
    if (request->post->staged_id || request->key)
        return write_for(request, FOR_REFUSAL, op_refuse);
    return refuse(request);
}

static enum step written(struct request *request)
{
    struct post *post = request->post;
    enum purpose purpose = post->purpose;
    post->purpose = FOR_NOTHING;
    if (purpose == FOR_PAGE) {
        page_written(request);
        return go_on(request);
    }
    if (purpose == FOR_ACCEPT && !request->write_err)
        return answer(request);
    if (purpose == FOR_ACCEPT) {
        fail(post, request->write_err, &request->write_why);
        /* ERR_INPUT of an operation has no findings: it is told as it is. */
        if (!post->failed) {
            post->failed = request->write_err;
            post->failed_why = request->write_why;
        }
        return post->staged_id ? write_for(request, FOR_REFUSAL, op_refuse) : refuse(request);
    }
    if (!request->write_err && request->replayed)
        return answer(request);
    if (!request->write_err)
        post->staged_id = 0;
    return refuse(request);
}

/* All rows that are at hand, page by page, then the end. */
static enum step go_on(struct request *request)
{
    struct post *post = request->post;
    enum err err = ERR_NONE;
    while (!post->failed && !post->rows_done) {
        if (request->kind == BODY_CSV) {
            err = csv_job_end(&post->csv);
            post->rows_done = true;
        } else
            err = json_job_rows(&post->json, &post->draft, FEED_ITEMS, &post->rows_done);
        fail(post, err, &(struct why){"out of memory"});
        if (post->failed || post->rows_done)
            continue;
        if (post->draft.page_full && request->findings.errors == 0)
            return write_page(request);
        if (post->draft.page_full) {
            rows_next_page(&post->draft.writer);
            post->draft.page_full = false;
        }
        request_yield(request);
        return STEP_WAIT;
    }
    if (!post->failed && request->findings.errors == 0)
        fail(post, draft_finish(&post->draft), &(struct why){"out of memory"});
    if (post->failed || request->findings.errors)
        return start_refusal(request);
    return write_for(request, FOR_ACCEPT, op_accept);
}

enum step post_job(struct request *request)
{
    if (request->waiting) {
        request->waiting = false;
        return written(request);
    }
    struct post *post = post_of(request);
    if (!post)
        return request_problem(request, ERR_NO_MEMORY, NULL);
    if (!post->opened) {
        post->opened = true;
        enum err err = json_job_open(&post->json, buf_text(&request->body), request->body.len,
                                     &post->draft, request->config, &request->findings);
        fail(post, err, &(struct why){"out of memory"});
        if (!post->json.root)
            return start_refusal(request);
    }
    return go_on(request);
}

void post_job_free(struct request *request)
{
    struct post *post = request->post;
    if (!post)
        return;
    if (post->staged_id) {
        int64_t *id = malloc(sizeof *id);
        struct why why = {{0}};
        if (id)
            *id = post->staged_id;
        if (id &&
            store_submit(request->config->store, op_unstage, unstaged, id, &why) != ERR_NONE)
            unstaged(ERR_BUSY, &why, id);
    }
    csv_job_close(&post->csv);
    json_job_close(&post->json);
    draft_close(&post->draft);
    free(post);
    request->post = NULL;
}
