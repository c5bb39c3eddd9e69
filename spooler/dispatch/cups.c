/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/dispatch/print-system.h"

#include "spooler/base/fault.h"

#include <cups/cups.h>
#include <stdio.h>
#include <string.h>

/* A cupsd that is stopped must not hold a printer's thread for ever. */
#define CONNECT_MS 5000
#define ANSWER_S   20.0
/* A label that waits in a peeler is no fault: the system's MaxJobTime must not end it. */
#define CANCEL_AFTER_S (30 * 24 * 3600)

static int give_up(http_t *http, void *ctx)
{
    (void)http; /* libcups' signature */
    (void)ctx;  /* as above */
    return 0;
}

static http_t *server_connect(void *ctx, struct why *why)
{
    if (ctx)
        cupsSetServer(ctx); /* the calling thread's own setting */
    http_t *http = httpConnect2(cupsServer(), ippPort(), NULL, AF_UNSPEC,
                                HTTP_ENCRYPTION_IF_REQUESTED, 1, CONNECT_MS, NULL);
    if (http)
        httpSetTimeout(http, ANSWER_S, give_up, NULL);
    else
        err_set(why, ERR_BUSY, "CUPS at %s does not answer: %s", cupsServer(),
                cupsLastErrorString());
    return http;
}

static ipp_t *new_request(ipp_op_t op, const char *queue)
{
    char uri[1024];
    httpAssembleURIf(HTTP_URI_CODING_ALL, uri, sizeof uri, "ipp", NULL, "localhost", ippPort(),
                     "/printers/%s", queue);
    ipp_t *request = ippNewRequest(op);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", NULL, uri);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL,
                 cupsUser());
    return request;
}

static void ask_for(ipp_t *request, int count, const char *const *names)
{
    ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes", count,
                  NULL, names);
}

/* Sends a request without a document. NULL: no answer (ERR_BUSY in *err). */
static ipp_t *ask(void *ctx, ipp_t *request, const char *resource, enum err *err,
                  struct why *why)
{
    http_t *http = server_connect(ctx, why);
    if (!http) {
        ippDelete(request);
        *err = ERR_BUSY;
        return NULL;
    }
    ipp_t *answer = cupsDoRequest(http, request, resource); /* takes the request */
    httpClose(http);
    *err = answer ? ERR_NONE : err_set(why, ERR_BUSY, "CUPS: %s", cupsLastErrorString());
    return answer;
}

static const char *text_of(ipp_t *answer, const char *name)
{
    const char *text = ippGetString(ippFindAttribute(answer, name, IPP_TAG_ZERO), 0, NULL);
    return text ? text : "";
}

static void join(ipp_t *answer, const char *name, char *out, size_t size)
{
    ipp_attribute_t *attr = ippFindAttribute(answer, name, IPP_TAG_ZERO);
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < ippGetCount(attr) && at < size; i++) {
        const char *word = ippGetString(attr, i, NULL);
        if (!word || strcmp(word, "none") == 0)
            continue;
        int n = snprintf(out + at, size - at, "%s%s", at ? " " : "", word);
        at += n > 0 ? (size_t)n : 0;
    }
}

/* What makes a queue unfit: any of these would let numbers on paper that nobody accounts for.
 */
static enum err judge_queue(ipp_t *answer, const char *queue, struct why *why)
{
    int type = ippGetInteger(ippFindAttribute(answer, "printer-type", IPP_TAG_ENUM), 0);
    const char *model = text_of(answer, "printer-make-and-model");
    const char *policy = text_of(answer, "printer-error-policy");
    if (type & CUPS_PRINTER_CLASS)
        return err_set(
            why, ERR_DEVICE,
            "%s is a class: CUPS would choose the printer. Name one queue in temd.yaml", queue);
    if (type & CUPS_PRINTER_REMOTE)
        return err_set(why, ERR_DEVICE,
                       "%s is on another server: run temd there, or make a local queue:"
                       " lpadmin -p NAME -E -v DEVICE-URI -P tem.ppd",
                       queue);
    if (strncmp(model, "Tem ", 4) != 0)
        return err_set(why, ERR_DEVICE,
                       "%s does not print through temfeed (its driver is \"%s\"):"
                       " lpadmin -p %s -P tem.ppd",
                       queue, *model ? model : "none", queue);
    if (strcmp(policy, "abort-job") != 0)
        return err_set(why, ERR_DEVICE,
                       "%s has error policy \"%s\", which sends a job again:"
                       " lpadmin -p %s -o printer-error-policy=abort-job",
                       queue, policy, queue);
    ipp_attribute_t *sheets = ippFindAttribute(answer, "job-sheets-default", IPP_TAG_ZERO);
    for (int i = 0; i < ippGetCount(sheets); i++) {
        const char *sheet = ippGetString(sheets, i, NULL);
        if (sheet && strcmp(sheet, "none") != 0)
            return err_set(why, ERR_DEVICE,
                           "%s prints banner pages onto labels:"
                           " lpadmin -p %s -o job-sheets-default=none,none",
                           queue, queue);
    }
    return ERR_NONE;
}

static enum err cups_check_queue(void *ctx, const char *queue, struct queue_view *out,
                                 struct why *why)
{
    static const char *const names[] = {
        "printer-type",
        "printer-make-and-model",
        "printer-error-policy",
        "job-sheets-default",
        "printer-state",
        "printer-state-message",
        "printer-state-reasons",
        "printer-is-accepting-jobs",
        "device-uri",
    };
    ipp_t *request = new_request(IPP_OP_GET_PRINTER_ATTRIBUTES, queue);
    ask_for(request, sizeof names / sizeof names[0], names);
    enum err err;
    fault_point("cups.check.before");
    ipp_t *answer = ask(ctx, request, "/", &err, why);
    fault_point("cups.check.after");
    if (!answer)
        return err;
    ipp_status_t status = ippGetStatusCode(answer);
    if (status == IPP_STATUS_ERROR_NOT_FOUND)
        err = err_set(why, ERR_NOT_FOUND,
                      "CUPS has no queue %s: lpadmin -p %s -E -v DEVICE-URI -P tem.ppd"
                      " -o printer-error-policy=abort-job",
                      queue, queue);
    else if (status >= IPP_STATUS_ERROR_BAD_REQUEST)
        err = err_set(why, ERR_BUSY, "CUPS: %s", ippErrorString(status));
    else
        err = judge_queue(answer, queue, why);
    if (!err && out) {
        int state = ippGetInteger(ippFindAttribute(answer, "printer-state", IPP_TAG_ENUM), 0);
        *out = (struct queue_view){
            .enabled = state != IPP_PSTATE_STOPPED,
            .accepting = ippGetBoolean(
                ippFindAttribute(answer, "printer-is-accepting-jobs", IPP_TAG_BOOLEAN), 0)};
        snprintf(out->message, sizeof out->message, "%s",
                 text_of(answer, "printer-state-message"));
        join(answer, "printer-state-reasons", out->reasons, sizeof out->reasons);
        snprintf(out->device, sizeof out->device, "%s", text_of(answer, "device-uri"));
        /* Options of these say how, not where; usb's say which of several. */
        if (strncmp(out->device, "socket:", 7) == 0 || strncmp(out->device, "serial:", 7) == 0)
            out->device[strcspn(out->device, "?")] = '\0';
    }
    ippDelete(answer);
    return err;
}

static enum err cups_submit(void *ctx, const char *queue, const char *name, const void *bytes,
                            size_t len, int *job, struct why *why)
{
    char resource[256];
    snprintf(resource, sizeof resource, "/printers/%s", queue);
    http_t *http = server_connect(ctx, why);
    if (!http)
        return ERR_BUSY;
    ipp_t *request = new_request(IPP_OP_PRINT_JOB, queue);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "job-name", NULL, name);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_MIMETYPE, "document-format", NULL,
                 "application/vnd.tem-labels");
    ippAddString(request, IPP_TAG_JOB, IPP_TAG_NAME, "job-sheets", NULL, "none");
    ippAddInteger(request, IPP_TAG_JOB, IPP_TAG_INTEGER, "job-cancel-after", CANCEL_AFTER_S);
    /* One Print-Job with its length known: cut in the middle it leaves nothing behind. */
    fault_point("cups.submit.before");
    http_status_t status = cupsSendRequest(http, request, resource, ippLength(request) + len);
    fault_point("cups.submit.begun");
    if (status == HTTP_STATUS_CONTINUE)
        status = cupsWriteRequestData(http, bytes, len);
    fault_point("cups.submit.written");
    ipp_t *answer = status == HTTP_STATUS_CONTINUE ? cupsGetResponse(http, resource) : NULL;
    fault_point("cups.submit.answered");
    enum err err = ERR_NONE;
    if (!answer)
        err = err_set(why, ERR_BUSY, "CUPS did not answer a Print-Job: %s",
                      cupsLastErrorString());
    else if (ippGetStatusCode(answer) >= IPP_STATUS_ERROR_BAD_REQUEST)
        err = err_set(why, ERR_DEVICE, "CUPS refused the job: %s: %s",
                      ippErrorString(ippGetStatusCode(answer)),
                      text_of(answer, "status-message"));
    else
        *job = ippGetInteger(ippFindAttribute(answer, "job-id", IPP_TAG_INTEGER), 0);
    ippDelete(answer);
    ippDelete(request);
    httpClose(http);
    return err;
}

static enum print_job_state job_state(int state)
{
    switch (state) {
    case IPP_JSTATE_PENDING:
        return PRINT_JOB_WAITING;
    case IPP_JSTATE_HELD:
        return PRINT_JOB_HELD;
    case IPP_JSTATE_PROCESSING:
        return PRINT_JOB_RUNNING;
    case IPP_JSTATE_STOPPED:
        return PRINT_JOB_STOPPED;
    case IPP_JSTATE_CANCELED:
        return PRINT_JOB_CANCELLED;
    default:
        return PRINT_JOB_ENDED;
    }
}

static ipp_t *job_request(ipp_op_t op, int job)
{
    char uri[256];
    snprintf(uri, sizeof uri, "ipp://localhost/jobs/%d", job);
    ipp_t *request = ippNewRequest(op);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_URI, "job-uri", NULL, uri);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL,
                 cupsUser());
    return request;
}

static enum err cups_look(void *ctx, const char *queue, int job, const char *name,
                          struct print_job *out, struct why *why)
{
    static const char *const names[] = {"job-state", "job-name", "job-printer-uri",
                                        "job-printer-state-message"};
    ipp_t *request = job_request(IPP_OP_GET_JOB_ATTRIBUTES, job);
    ask_for(request, sizeof names / sizeof names[0], names);
    enum err err;
    fault_point("cups.look.before");
    ipp_t *answer = ask(ctx, request, "/", &err, why);
    fault_point("cups.look.after");
    if (!answer)
        return err;
    ipp_status_t status = ippGetStatusCode(answer);
    struct print_job found = {.state = PRINT_JOB_GONE};
    if (status >= IPP_STATUS_ERROR_BAD_REQUEST && status != IPP_STATUS_ERROR_NOT_FOUND)
        err = err_set(why, ERR_BUSY, "CUPS: %s", ippErrorString(status));
    else if (status < IPP_STATUS_ERROR_BAD_REQUEST &&
             strcmp(text_of(answer, "job-name"), name) == 0) {
        const char *uri = text_of(answer, "job-printer-uri");
        const char *last = strrchr(uri, '/');
        found.state =
            job_state(ippGetInteger(ippFindAttribute(answer, "job-state", IPP_TAG_ENUM), 0));
        found.moved = last && strcmp(last + 1, queue) != 0;
        snprintf(found.message, sizeof found.message, "%s",
                 text_of(answer, "job-printer-state-message"));
    }
    ippDelete(answer);
    if (!err)
        *out = found;
    return err;
}

#define SAME_NAME_MAX 64

/* Ids of the jobs of that name that have not ended, oldest first. */
static enum err list_jobs(void *ctx, const char *queue, const char *name,
                          int ids[static SAME_NAME_MAX], size_t *count, struct why *why)
{
    static const char *const names[] = {"job-id", "job-name"};
    ipp_t *request = new_request(IPP_OP_GET_JOBS, queue);
    ask_for(request, sizeof names / sizeof names[0], names);
    enum err err;
    fault_point("cups.list.before");
    ipp_t *answer = ask(ctx, request, "/", &err, why);
    fault_point("cups.list.after");
    if (!answer)
        return err;
    int id = 0;
    bool same = false;
    *count = 0;
    /* A job's attributes come in no fixed order; one without a name ends it. */
    for (ipp_attribute_t *attr = ippFirstAttribute(answer);; attr = ippNextAttribute(answer)) {
        const char *attr_name = attr ? ippGetName(attr) : NULL;
        if (attr_name && strcmp(attr_name, "job-id") == 0)
            id = ippGetInteger(attr, 0);
        else if (attr_name && strcmp(attr_name, "job-name") == 0)
            same = strcmp(ippGetString(attr, 0, NULL), name) == 0;
        if (attr_name)
            continue;
        if (id && same && *count < SAME_NAME_MAX)
            ids[(*count)++] = id;
        id = 0;
        same = false;
        if (!attr)
            break;
    }
    ippDelete(answer);
    return ERR_NONE;
}

static enum err cups_find(void *ctx, const char *queue, const char *name, int *job,
                          struct why *why)
{
    int ids[SAME_NAME_MAX];
    size_t count = 0;
    enum err err = list_jobs(ctx, queue, name, ids, &count, why);
    if (!err && count == 0)
        err = err_set(why, ERR_NOT_FOUND, "CUPS has no active job %s", name);
    if (!err)
        *job = ids[count - 1];
    return err;
}

static enum err cancel_job(void *ctx, int job, struct why *why)
{
    enum err err;
    fault_point("cups.cancel.before");
    ipp_t *answer = ask(ctx, job_request(IPP_OP_CANCEL_JOB, job), "/jobs/", &err, why);
    fault_point("cups.cancel.after");
    if (!answer)
        return err;
    ipp_status_t status = ippGetStatusCode(answer);
    ippDelete(answer);
    /* not-possible: it has ended already, which is what was wanted */
    if (status < IPP_STATUS_ERROR_BAD_REQUEST || status == IPP_STATUS_ERROR_NOT_POSSIBLE ||
        status == IPP_STATUS_ERROR_NOT_FOUND)
        return ERR_NONE;
    return err_set(why, ERR_DEVICE, "CUPS: cancel job %d: %s", job, ippErrorString(status));
}

static enum err cups_cancel(void *ctx, const char *queue, const char *name, struct why *why)
{
    int ids[SAME_NAME_MAX];
    size_t count = 0;
    enum err err = list_jobs(ctx, queue, name, ids, &count, why);
    for (size_t i = 0; !err && i < count; i++)
        err = cancel_job(ctx, ids[i], why);
    return err;
}

void cups_print_system(const char *server, struct print_system *out)
{
    *out = (struct print_system){
        .check_queue = cups_check_queue,
        .submit = cups_submit,
        .look = cups_look,
        .find = cups_find,
        .cancel = cups_cancel,
        .ctx = (void *)(uintptr_t)server,
    };
}
