/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/connection.h"

#include "spooler/base/fault.h"
#include "spooler/intake/head.h"
#include "spooler/intake/peer.h"
#include "spooler/intake/post-job.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/routes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A body that is too large is read a little further and thrown away, so that the answer
 * arrives; who sends more without end is cut off. */
#define OVERRUN_MAX (16 * 1024 * 1024)

/* Who is at the other end stays the same as long as the connection does; asking the user
 * database for each request would cost more than the request. The context is the user's name;
 * NULL = unknown. */
void connection_opened(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode what)
{
    struct door *door = cls;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        free(*context);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        door->local ? MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
                    : NULL;
    char user[PEER_USER_SIZE];
    *context = info && peer_user(info->connect_fd, user, sizeof user) ? strdup(user) : NULL;
}

void *connection_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct door *door = cls;
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->config = door->shared->config;
    request->writes = &door->shared->writes;
    request->doctor = door->shared->doctor;
    request->connection = connection;
    request->local = door->local;
    request->body = BUF_INIT(door->shared->config->json_max_bytes);
    request->answer = BUF_INIT(REQUEST_ANSWER_MAX);
    request->uri = strdup(uri);
    return request;
}

static void request_free(struct request *request)
{
    post_job_free(request);
    if (request->free_act)
        request->free_act(request->act);
    for (size_t i = 0; i < request->param_count; i++) {
        free(request->params[i].name);
        free(request->params[i].value);
    }
    free(request->params);
    free(request->uri);
    buf_free(&request->body);
    buf_free(&request->answer);
    findings_clear(&request->findings);
    free(request);
}

void connection_completed(void *cls, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode how)
{
    struct door *door = cls;
    struct request *request = *state;
    (void)connection; /* the request knows it */
    (void)how;        /* answered or broken off: the request ends either way */
    if (!request)
        return;
    door->shared->active -= request->begun;
    request_free(request);
    *state = NULL;
}

/* ---- answering ------------------------------------------------------------------------- */

static bool add_header(struct MHD_Response *response, const char *name, const char *value)
{
    return !*value || MHD_add_response_header(response, name, value) == MHD_YES;
}

static struct MHD_Response *take_answer(struct request *request)
{
    struct MHD_Response *response = request->stream;
    request->stream = NULL;
    if (response)
        return response;
    size_t len = request->answer.len;
    char *bytes = buf_take(&request->answer);
    response =
        bytes ? MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE) : NULL;
    if (!response)
        free(bytes);
    return response;
}

static enum MHD_Result send_answer(struct request *request)
{
    struct MHD_Response *response = take_answer(request);
    if (!response)
        return MHD_NO; /* not even a problem could be written: the connection ends */
    bool good = add_header(response, "Content-Type", request->content_type) &&
                add_header(response, "Cache-Control", "no-store") &&
                add_header(response, "X-Content-Type-Options", "nosniff") &&
                add_header(response, "Location", request->location) &&
                add_header(response, "Allow", request->allow) &&
                add_header(response, "Idempotent-Replayed", request->replayed ? "true" : "") &&
                add_header(response, "Tem-Sample", request->sample ? "true" : "");
    enum MHD_Result result =
        good ? MHD_queue_response(request->connection, (unsigned)request->status, response)
             : MHD_NO;
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_refusal(struct request *request)
{
    if (request->refused == ERR_STATE) { /* the one that has a status of its own: 405 */
        struct why why;
        err_set(&why, ERR_STATE, "this path answers %s only", request->allow);
        request_problem(request, ERR_STATE, NULL);
        buf_reset(&request->answer);
        problem_write(&request->answer, ERR_STATE, 405, why.text, &request->findings);
        request->status = 405;
    } else if (request->refused == ERR_INPUT)
        request_refuse(request);
    else
        request_problem(request, request->refused, &request->write_why);
    return send_answer(request);
}

/* ---- the body ---------------------------------------------------------------------------- */

static enum MHD_Result receive(struct request *request, const char *bytes, size_t *size)
{
    size_t used = *size;
    if (!request->refused_set && request->received + *size > request_body_max(request)) {
        request->refused_set = true;
        request->refused =
            err_set(&request->write_why, ERR_TOO_LARGE,
                    "the body is larger than %" PRIu64 " bytes", request_body_max(request));
    }
    if (request->refused_set && request->received > request_body_max(request) + OVERRUN_MAX)
        return MHD_NO;
    if (!request->refused_set && request->kind == BODY_CSV)
        post_job_feed(request, bytes, *size, &used);
    else if (!request->refused_set)
        buf_add(&request->body, bytes, *size);
    sha256_update(&request->hasher, used, (const uint8_t *)bytes);
    request->received += used;
    *size -= used;
    return MHD_YES;
}

/* Once, when the last byte is here; a page of it may still be waiting for its result. */
static void end_body(struct request *request)
{
    request->complete = true;
    if (!request->refused_set && buf_err(&request->body)) {
        request->refused_set = true;
        request->refused = err_set(&request->write_why, buf_err(&request->body), "the body");
    }
    if (!request->refused_set)
        head_body_complete(request);
}

static enum MHD_Result complete(struct request *request)
{
    if (!request->complete)
        end_body(request);
    if (request->refused_set)
        return send_refusal(request);
    bool wrote = request->waiting; /* what it waited for is on disk by now */
    if (request->route->run(request) == STEP_WAIT)
        return MHD_YES;
    if (wrote)
        fault_point("intake.answer.before");
    enum MHD_Result result = send_answer(request);
    if (wrote)
        fault_point("intake.answer.queued");
    return result;
}

enum MHD_Result connection_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    struct door *door = cls;
    struct request *request = *state;
    (void)connection; /* the request knows it */
    (void)version;    /* 1.0 and 1.1 are answered alike */
    if (!request || !request->uri)
        return MHD_NO;
    if (!request->begun) {
        request->begun = true;
        door->shared->active++;
        head_read(request, method, url, door->shared->stopping);
        /* Answered before the body: when nothing is to come (then in the next call, which keeps
         * the connection), and when what is to come is not wanted. */
        return request->refused_set && head_body_is_large(request) ? send_refusal(request)
                                                                   : MHD_YES;
    }
    /* Recorded before anything else may end the request: what is staged must be removed then.
     */
    if (request->post && *upload_size)
        post_job_settle(request);
    return *upload_size ? receive(request, upload, upload_size) : complete(request);
}
