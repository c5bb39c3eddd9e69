/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/request.h"

#include "spooler/base/fault.h"
#include "spooler/base/log.h"
#include "spooler/base/near.h"
#include "spooler/base/text-fault.h"
#include "spooler/base/utf8.h"
#include "spooler/intake/problem.h"
#include "spooler/intake/routes.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct param *request_param(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->param_count; i++) {
        if (strcmp(request->params[i].name, name) == 0)
            return &request->params[i];
    }
    return NULL;
}

const char *request_text(const struct request *request, const char *name)
{
    const struct param *param = request_param(request, name);
    return param ? param->value : NULL;
}

static bool is_known(const char *name, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(known[i], name) == 0)
            return true;
    }
    return false;
}

void request_check_params(struct request *request, const char *const *known, size_t count,
                          const char *prefix)
{
    for (size_t i = 0; i < request->param_count; i++) {
        const struct param *param = &request->params[i];
        struct place place = {.field = param->name};
        if (request_param(request, param->name) != param)
            findings_add(&request->findings, SEVERITY_ERROR, "duplicate-parameter", place,
                         param->value, "each parameter once", "the parameter is given twice");
        if (is_known(param->name, known, count) ||
            (prefix && strncmp(param->name, prefix, strlen(prefix)) == 0))
            continue;
        const char *near = near_word(param->name, known, count);
        findings_add(&request->findings, SEVERITY_ERROR, "unknown-parameter", place,
                     param->name, near, "this request has no such parameter");
    }
}

bool request_line_ok(struct findings *findings, const char *field, const char *text, size_t max)
{
    size_t len = strlen(text);
    struct text_fault fault;
    char expected[64];
    bool bad = text_fault(text, len, &fault);
    if (!bad && len > 0 && len <= max)
        return true;
    snprintf(expected, sizeof expected, "1 to %zu bytes of UTF-8 text on one line", max);
    findings_add(findings, SEVERITY_ERROR, "bad-text", (struct place){.field = field}, text,
                 expected, "the text cannot be recorded%s%s", bad ? ": " : "",
                 bad ? fault.words : "");
    return false;
}

bool request_parse_number(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; text[i] >= '0' && text[i] <= '9'; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (i == 0 || text[i])
        return false;
    *out = value;
    return true;
}

uint64_t request_number(struct request *request, const char *name, uint64_t min, uint64_t max,
                        uint64_t otherwise)
{
    const char *text = request_text(request, name);
    uint64_t value;
    if (!text)
        return otherwise;
    if (request_parse_number(text, max, &value) && value >= min)
        return value;
    char expected[64];
    snprintf(expected, sizeof expected, "a whole number %llu to %llu", (unsigned long long)min,
             (unsigned long long)max);
    findings_add(&request->findings, SEVERITY_ERROR, "not-a-number",
                 (struct place){.field = name}, text, expected,
                 "the parameter is out of its range or no number");
    return otherwise;
}

/* A claim is a claim; the user at the other end of the socket is known. An order's event has
 * one name, so both stand in it when they differ. */
void request_by(struct request *request, const char *claimed, char out[static JOB_TEXT])
{
    struct place place = {.field = "person"};
    if (claimed && !request_line_ok(&request->findings, "person", claimed, REQUEST_PERSON_MAX))
        return;
    if (!claimed && !*request->peer)
        findings_add(&request->findings, SEVERITY_ERROR, "missing", place, NULL,
                     "the name of the person who orders this",
                     "over TCP nobody knows who you are");
    else if (!claimed || strcmp(claimed, request->peer) == 0)
        snprintf(out, JOB_TEXT, "%s", request->peer);
    else
        snprintf(out, JOB_TEXT, "%.64s (%.60s)", claimed, request->caller);
}

uint64_t request_body_max(const struct request *request)
{
    const struct intake_config *config = request->config;
    switch (request->kind) {
    case BODY_CSV:
        return config->csv_max_bytes;
    case BODY_YAML:
        return TEMPLATE_MAX_BYTES;
    default:
        return config->json_max_bytes;
    }
}

/* Lets the connection go on. MHD resumes it when it runs next; its own channel did not wake our
 * poll (seen with 0.9.75), hence the eventfd. */
static void resume(struct request *request)
{
    uint64_t one = 1;
    struct writes *writes = request->writes; /* the request may be gone after the resume */
    MHD_resume_connection(request->connection);
    if (!atomic_exchange(&writes->woken, true) &&
        write(writes->wake_fd, &one, sizeof one) != sizeof one)
        log_error("eventfd failed", "errno=%d", errno);
}

void request_yield(struct request *request)
{
    MHD_suspend_connection(request->connection);
    resume(request);
}

/* On the writer thread. After the resume the request is the HTTP thread's again. */
static void written(enum err result, const struct why *why, void *arg)
{
    struct request *request = arg;
    struct writes *writes = request->writes;
    fault_point("intake.written");
    request->write_err = result;
    if (why)
        request->write_why = *why;
    resume(request);
    atomic_fetch_sub(&writes->pending, 1); /* last: intake_stop waits for it */
}

enum step request_write(struct request *request, store_op *op)
{
    request->waiting = true;
    request->write_err = ERR_NONE;
    request->write_why.text[0] = '\0';
    fault_point("intake.write.before");
    atomic_fetch_add(&request->writes->pending, 1);
    MHD_suspend_connection(
        request->connection); /* first: the commit may be faster than we are */
    struct why why = {{0}};
    enum err err = store_submit(request->config->store, op, written, request, &why);
    if (err)
        written(err, &why, request);
    return STEP_WAIT;
}

/* What the thread of a read or of work aside is given: one of the two. */
struct aside {
    struct request *request;
    store_op *op;
    request_work *work;
};

static void *run_aside(void *arg)
{
    struct aside aside = *(struct aside *)arg;
    struct why why = {{0}};
    free(arg);
    atomic_size_t *count = &aside.request->writes->aside;
    enum err err =
        aside.work ? aside.work(aside.request, &why)
                   : store_read(aside.request->config->store, aside.op, aside.request, &why);
    atomic_fetch_sub(count, 1);
    written(err, &why, aside.request);
    return NULL;
}

/* Signals are blocked in the HTTP thread, and so in those it starts. */
static enum err start_aside(const struct aside *what, struct why *why)
{
    struct aside *aside = malloc(sizeof *aside);
    pthread_attr_t attributes;
    pthread_t thread;
    if (!aside)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    *aside = *what;
    int error = pthread_attr_init(&attributes);
    if (!error) {
        error = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        error = error ? error : pthread_create(&thread, &attributes, run_aside, aside);
        (void)pthread_attr_destroy(&attributes); /* cannot fail for one that was made */
    }
    if (!error)
        return ERR_NONE;
    free(aside);
    return err_errno(why, ERR_SYSTEM, error, "starting a thread beside the others");
}

static enum step go_aside(const struct aside *aside)
{
    struct request *request = aside->request;
    struct why why = {{0}};
    request->waiting = true;
    request->write_err = ERR_NONE;
    request->write_why.text[0] = '\0';
    atomic_fetch_add(&request->writes->pending, 1);
    MHD_suspend_connection(request->connection); /* first: the read may be faster than we are */
    enum err err = ERR_NONE;
    if (atomic_fetch_add(&request->writes->aside, 1) >= REQUEST_ASIDE_MAX)
        err = err_set(&why, ERR_BUSY, "%d reports and comparisons are being made already",
                      REQUEST_ASIDE_MAX);
    else
        err = start_aside(aside, &why);
    if (err) {
        atomic_fetch_sub(&request->writes->aside, 1);
        written(err, &why, request);
    }
    return STEP_WAIT;
}

enum step request_read_aside(struct request *request, store_op *op)
{
    return go_aside(&(struct aside){.request = request, .op = op});
}

enum step request_work_aside(struct request *request, request_work *work)
{
    return go_aside(&(struct aside){.request = request, .work = work});
}

/* Keys that were made before are forgotten; 0 = none are. */
static int64_t oldest_key_ms(struct txn *txn, const struct request *request)
{
    int64_t days = request->config->key_days;
    return days > 0 ? txn_now_ms(txn) - days * INT64_C(86400000) : 0;
}

enum err request_replay(struct txn *txn, struct request *request, bool *done, struct why *why)
{
    *done = false;
    request->replayed = false;
    buf_reset(&request->answer);
    if (!request->key)
        return ERR_NONE;
    int status;
    enum err err =
        idempotency_find(txn, request->caller, request->key, request->hash,
                         oldest_key_ms(txn, request), &status, &request->answer, why);
    if (err == ERR_NOT_FOUND)
        return ERR_NONE;
    if (err)
        return err;
    request->status = status;
    request->replayed = true;
    *done = true;
    return ERR_NONE;
}

enum err request_keep(struct txn *txn, struct request *request, int64_t job_id, struct why *why)
{
    if (buf_err(&request->answer))
        return err_set(why, buf_err(&request->answer), "the answer: %s",
                       err_meaning(buf_err(&request->answer)));
    if (!request->key)
        return ERR_NONE;
    assert(request->status >= 200 && request->status < 300);
    return idempotency_keep(txn, request->caller, request->key, request->hash,
                            oldest_key_ms(txn, request), request->status,
                            buf_text(&request->answer), request->answer.len, job_id, why);
}

enum step request_json(struct request *request, int status, json_t *json)
{
    buf_reset(&request->answer);
    problem_dump(&request->answer, json);
    request->status = status;
    request->content_type = "application/json";
    if (buf_err(&request->answer))
        return request_problem(request, buf_err(&request->answer), NULL);
    return STEP_ANSWER;
}

enum step request_bytes(struct request *request, const char *type, const void *bytes,
                        size_t len)
{
    buf_reset(&request->answer);
    buf_add(&request->answer, bytes, len);
    request->status = 200;
    request->content_type = type;
    if (buf_err(&request->answer))
        return request_problem(request, buf_err(&request->answer), NULL);
    return STEP_ANSWER;
}

enum step request_problem(struct request *request, enum err code, const struct why *why)
{
    buf_reset(&request->answer);
    problem_write(&request->answer, code, 0, why ? why->text : NULL, &request->findings);
    request->status = err_http(code);
    request->content_type = "application/problem+json";
    request->location[0] = '\0';
    request->replayed = false;
    request->sample = false;
    if (err_http(code) >= 500)
        log_warn("request failed", "status=%d err=%s caller=%s why=%s", request->status,
                 err_name(code), logq(request->caller), logq(why ? why->text : ""));
    return STEP_ANSWER;
}

enum step request_refuse(struct request *request)
{
    struct why why;
    err_set(&why, ERR_INPUT, "%zu fault%s in the request; nothing was changed",
            request->findings.errors, request->findings.errors == 1 ? "" : "s");
    return request_problem(request, ERR_INPUT, &why);
}
