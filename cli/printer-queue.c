/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/printer-queue.h"

#include "spooler/base/fault.h"
#include "spooler/base/durable.h"
#include "spooler/dispatch/print-system.h"

#include <cups/cups.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_MS 5000
#define ANSWER_S   20.0
#define PPD_MAX    (256 * 1024)

/* The default waits for a job's labels in a peeler only three hours (MaxJobTime). */
#define CANCEL_AFTER_S (30 * 24 * 3600)

static int give_up(http_t *http, void *ctx)
{
    (void)http; /* libcups' signature */
    (void)ctx;  /* as above */
    return 0;
}

/* Nobody is asked for a password: CUPS knows root and the members of lpadmin by the socket. */
static const char *no_password(const char *prompt, http_t *http, const char *method,
                               const char *resource, void *ctx)
{
    (void)prompt, (void)http, (void)method, (void)resource, (void)ctx; /* libcups' signature */
    return NULL;
}

static enum err cups_connect(const char *server, double answer_s, http_t **out, struct why *why)
{
    cupsSetPasswordCB2(no_password, NULL);
    cupsSetServer(server); /* NULL: $CUPS_SERVER and client.conf again */
    http_t *http = httpConnect2(cupsServer(), ippPort(), NULL, AF_UNSPEC,
                                HTTP_ENCRYPTION_IF_REQUESTED, 1, CONNECT_MS, NULL);
    if (!http)
        return err_set(why, ERR_BUSY, "CUPS at %s does not answer: %s", cupsServer(),
                       cupsLastErrorString());
    httpSetTimeout(http, answer_s, give_up, NULL);
    *out = http;
    return ERR_NONE;
}

static ipp_t *new_request(ipp_op_t op, const char *queue)
{
    char uri[1024];
    ipp_t *request = ippNewRequest(op);
    httpAssembleURIf(HTTP_URI_CODING_ALL, uri, sizeof uri, "ipp", NULL, "localhost", ippPort(),
                     "/printers/%s", queue ? queue : "");
    if (queue)
        ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", NULL, uri);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL,
                 cupsUser());
    return request;
}

/* Judges an answer; `what` was asked for. */
static enum err judge(ipp_status_t status, const char *what, struct why *why)
{
    if (status < IPP_STATUS_ERROR_BAD_REQUEST)
        return ERR_NONE;
    if (status == IPP_STATUS_ERROR_NOT_FOUND)
        return err_set(why, ERR_NOT_FOUND, "CUPS has no queue %s", what);
    if (status == IPP_STATUS_ERROR_NOT_AUTHENTICATED ||
        status == IPP_STATUS_ERROR_NOT_AUTHORIZED || status == IPP_STATUS_ERROR_FORBIDDEN ||
        status == IPP_STATUS_ERROR_CUPS_AUTHENTICATION_CANCELED)
        return err_set(
            why, ERR_DENIED,
            "CUPS does not let %s do that (%s): do it as root (sudo), or as a member "
            "of CUPS's SystemGroup (Debian: lpadmin)",
            cupsUser(), what);
    const char *said = cupsLastErrorString();
    return err_set(why, status >= IPP_STATUS_ERROR_INTERNAL ? ERR_BUSY : ERR_DEVICE,
                   "CUPS: %s: %s", what, said && *said ? said : ippErrorString(status));
}

/* Sends a request (taken), with a file when there is one. *out NULL: the answer is not wanted.
 */
static enum err ask(const char *server, ipp_t *request, const char *resource, const char *file,
                    const char *what, ipp_t **out, struct why *why)
{
    http_t *http = NULL;
    enum err err = cups_connect(server, ANSWER_S, &http, why);
    if (err) {
        ippDelete(request);
        return err;
    }
    fault_point("queue.ask.before");
    ipp_t *answer = cupsDoFileRequest(http, request, resource, file); /* takes the request */
    fault_point("queue.ask.after");
    err = judge(cupsLastError(), what, why);
    if (!err && !answer)
        err = err_set(why, ERR_BUSY, "CUPS: %s: no answer", what);
    httpClose(http);
    if (err || !out)
        ippDelete(answer);
    else
        *out = answer;
    return err;
}

/* ---- looking ------------------------------------------------------------------------------
 */

static ipp_attribute_t *find(ipp_t *answer, const char *name)
{
    return ippFindAttribute(answer, name, IPP_TAG_ZERO);
}

static void copy_text(ipp_t *answer, const char *name, char *out, size_t size)
{
    const char *text = ippGetString(find(answer, name), 0, NULL);
    snprintf(out, size, "%s", text ? text : "");
}

/* All values but "none", `glue` between. */
static void join(ipp_t *answer, const char *name, char glue, char *out, size_t size)
{
    ipp_attribute_t *attr = find(answer, name);
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < ippGetCount(attr) && at < size; i++) {
        const char *word = ippGetString(attr, i, NULL);
        if (!word || strcmp(word, "none") == 0)
            continue;
        int n = at ? snprintf(out + at, size - at, "%c%s", glue, word)
                   : snprintf(out, size, "%s", word);
        at += n > 0 ? (size_t)n : 0;
    }
}

static void read_queue(ipp_t *answer, struct queue *queue)
{
    int type = ippGetInteger(find(answer, "printer-type"), 0);
    queue->is_class = type & CUPS_PRINTER_CLASS;
    queue->remote = type & (CUPS_PRINTER_REMOTE | CUPS_PRINTER_DISCOVERED);
    queue->enabled = ippGetInteger(find(answer, "printer-state"), 0) != IPP_PSTATE_STOPPED;
    queue->accepting = ippGetBoolean(find(answer, "printer-is-accepting-jobs"), 0);
    queue->shared = ippGetBoolean(find(answer, "printer-is-shared"), 0);
    queue->cancel_after_s = ippGetInteger(find(answer, "job-cancel-after-default"), 0);
    queue->open_jobs = ippGetInteger(find(answer, "queued-job-count"), 0);
    copy_text(answer, "printer-make-and-model", queue->driver, sizeof queue->driver);
    copy_text(answer, "device-uri", queue->device, sizeof queue->device);
    copy_text(answer, "printer-state-message", queue->message, sizeof queue->message);
    copy_text(answer, "printer-error-policy", queue->error_policy, sizeof queue->error_policy);
    join(answer, "printer-state-reasons", ' ', queue->reasons, sizeof queue->reasons);
    join(answer, "job-sheets-default", ' ', queue->banners, sizeof queue->banners);
    join(answer, "requesting-user-name-allowed", ',', queue->users, sizeof queue->users);
    if (strcmp(queue->users, "all") == 0)
        queue->users[0] = '\0';
    queue->is_tem = strncmp(queue->driver, "Tem ", 4) == 0;
    queue->filter_bad = strstr(queue->reasons, "cups-missing-filter") ||
                        strstr(queue->reasons, "cups-insecure-filter");
}

enum err queue_get(const char *server, const char *name, struct queue *out, struct why *why)
{
    static const char *const names[] = {
        "printer-type",
        "printer-state",
        "printer-state-message",
        "printer-state-reasons",
        "printer-is-accepting-jobs",
        "printer-is-shared",
        "printer-make-and-model",
        "printer-error-policy",
        "job-sheets-default",
        "device-uri",
        "requesting-user-name-allowed",
        "job-cancel-after-default",
        "queued-job-count",
    };
    ipp_t *request = new_request(IPP_OP_GET_PRINTER_ATTRIBUTES, name), *answer = NULL;
    ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes",
                  sizeof names / sizeof names[0], NULL, names);
    enum err err = ask(server, request, "/", NULL, name, &answer, why);
    if (err)
        return err;
    struct queue queue = {0};
    struct print_system system;
    read_queue(answer, &queue);
    ippDelete(answer);
    cups_print_system(server, &system);
    queue.unfit = system.check_queue(system.ctx, name, NULL, &queue.unfit_why);
    *out = queue;
    return ERR_NONE;
}

/* ---- making -------------------------------------------------------------------------------
 */

static void note(struct buf *out, bool differs, const char *words)
{
    if (differs)
        buf_printf(out, "%s%s", out->len ? ", " : "", words);
}

void queue_differences(const struct queue *queue, const struct queue_wish *wish,
                       struct buf *out)
{
    note(out, strcmp(queue->device, wish->device) != 0, "device");
    note(out, wish->ppd != NULL, "driver (PPD)");
    note(out, strcmp(queue->error_policy, "abort-job") != 0, "error policy");
    note(out, strcmp(queue->users, wish->user) != 0, "who may print");
    note(out, queue->banners[0] != '\0', "banners");
    note(out, queue->shared, "sharing");
    note(out, queue->cancel_after_s != CANCEL_AFTER_S, "time a job may take");
    note(out, !queue->enabled, "disabled");
    note(out, !queue->accepting, "rejecting jobs");
}

static ipp_t *make_request(const struct queue_wish *wish)
{
    static const char *const no_sheets[] = {"none", "none"};
    ipp_t *request = new_request(IPP_OP_CUPS_ADD_MODIFY_PRINTER, wish->name);
    ippAddString(request, IPP_TAG_PRINTER, IPP_TAG_URI, "device-uri", NULL, wish->device);
    ippAddString(request, IPP_TAG_PRINTER, IPP_TAG_TEXT, "printer-info", NULL, wish->info);
    ippAddString(request, IPP_TAG_PRINTER, IPP_TAG_NAME, "printer-error-policy", NULL,
                 "abort-job");
    ippAddString(request, IPP_TAG_PRINTER, IPP_TAG_NAME, "requesting-user-name-allowed", NULL,
                 wish->user);
    ippAddStrings(request, IPP_TAG_PRINTER, IPP_TAG_NAME, "job-sheets-default", 2, NULL,
                  no_sheets);
    ippAddBoolean(request, IPP_TAG_PRINTER, "printer-is-shared", 0);
    ippAddInteger(request, IPP_TAG_PRINTER, IPP_TAG_INTEGER, "job-cancel-after-default",
                  CANCEL_AFTER_S);
    ippAddBoolean(request, IPP_TAG_PRINTER, "printer-is-accepting-jobs", 1);
    ippAddInteger(request, IPP_TAG_PRINTER, IPP_TAG_ENUM, "printer-state", IPP_PSTATE_IDLE);
    return request;
}

enum err queue_make(const char *server, const struct queue_wish *wish, struct why *why)
{
    return ask(server, make_request(wish), "/admin/", wish->ppd, wish->name, NULL, why);
}

enum err queue_remove(const char *server, const char *name, struct why *why)
{
    return ask(server, new_request(IPP_OP_CUPS_DELETE_PRINTER, name), "/admin/", NULL, name,
               NULL, why);
}

enum err queue_ppd(const char *server, const char *name, struct buf *out, struct why *why)
{
    char resource[256];
    http_t *http = NULL;
    FILE *file = tmpfile();
    if (!file)
        return err_errno(why, ERR_SYSTEM, errno, "a temporary file");
    enum err err = cups_connect(server, ANSWER_S, &http, why);
    snprintf(resource, sizeof resource, "/printers/%s.ppd", name);
    if (!err && cupsGetFd(http, resource, fileno(file)) != HTTP_STATUS_OK)
        err = err_set(why, ERR_NOT_FOUND, "CUPS has no PPD of queue %s", name);
    if (!err && fseek(file, 0, SEEK_SET) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "a temporary file");
    for (size_t n = 1; !err && n > 0;) {
        char bytes[8192];
        n = fread(bytes, 1, sizeof bytes, file);
        buf_add(out, bytes, n);
        err = buf_err(out);
    }
    httpClose(http);
    if (fclose(file) != 0 && !err)
        err = err_errno(why, ERR_SYSTEM, errno, "a temporary file");
    return err;
}

/* ---- Tem's PPD ----------------------------------------------------------------------------
 */

static const char folder_key[] = "*TemFeedFolder:";

enum err ppd_make(const char *from, const char *feed_folder, struct buf *out, struct why *why)
{
    struct buf text = BUF_INIT(PPD_MAX);
    int found = 0;
    if (strpbrk(feed_folder, "\"\r\n"))
        return err_set(why, ERR_INPUT, "%s: no PPD can name a folder with a quote in its name",
                       feed_folder);
    enum err err = file_read(from, PPD_MAX, &text, why);
    const char *line = err ? "" : buf_text(&text);
    while (*line) {
        size_t len = strcspn(line, "\n");
        if (strncmp(line, folder_key, sizeof folder_key - 1) == 0) {
            buf_printf(out, "%s \"%s\"\n", folder_key, feed_folder);
            found++;
        } else
            buf_printf(out, "%.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
    if (!err && found != 1)
        err = err_set(why, ERR_INPUT, "%s is not Tem's PPD: it has %d lines %s", from, found,
                      folder_key);
    buf_free(&text);
    return err ? err : buf_err(out);
}

/* The next line that counts; NULL at the end. cupsd may write defaults anew. */
static const char *next_line(const char **at, size_t *len)
{
    for (;;) {
        const char *line = *at;
        if (!*line)
            return NULL;
        *len = strcspn(line, "\n");
        *at = line + *len + (line[*len] == '\n');
        while (*len && line[*len - 1] == '\r')
            (*len)--;
        if (*len && strncmp(line, "*%", 2) != 0 && strncmp(line, "*Default", 8) != 0)
            return line;
    }
}

bool ppd_same(const char *a, const char *b)
{
    for (;;) {
        size_t a_len = 0, b_len = 0;
        const char *in_a = next_line(&a, &a_len), *in_b = next_line(&b, &b_len);
        if (!in_a || !in_b)
            return !in_a && !in_b;
        if (a_len != b_len || memcmp(in_a, in_b, a_len) != 0)
            return false;
    }
}

/* ---- devices ------------------------------------------------------------------------------
 */

/* A device's attributes come in no fixed order; one without a name ends it. */
static void tell_devices(ipp_t *answer, device_fn *fn, void *arg)
{
    const char *uri = NULL, *make = "", *id = "";
    for (ipp_attribute_t *attr = ippFirstAttribute(answer);; attr = ippNextAttribute(answer)) {
        const char *name = attr ? ippGetName(attr) : NULL;
        const char *text = name ? ippGetString(attr, 0, NULL) : NULL;
        if (name && strcmp(name, "device-uri") == 0)
            uri = text;
        else if (name && strcmp(name, "device-make-and-model") == 0)
            make = text ? text : "";
        else if (name && strcmp(name, "device-id") == 0)
            id = text ? text : "";
        if (name)
            continue;
        if (uri)
            fn(arg, uri, make, id);
        uri = NULL;
        make = id = "";
        if (!attr)
            break;
    }
}

enum err devices_find(const char *server, int timeout_s, device_fn *fn, void *arg,
                      struct why *why)
{
    http_t *http = NULL;
    enum err err = cups_connect(server, timeout_s + ANSWER_S, &http, why);
    if (err)
        return err;
    ipp_t *request = new_request(IPP_OP_CUPS_GET_DEVICES, NULL);
    ippAddInteger(request, IPP_TAG_OPERATION, IPP_TAG_INTEGER, "timeout", timeout_s);
    ipp_t *answer = cupsDoRequest(http, request, "/"); /* takes the request */
    ipp_status_t status = cupsLastError();
    /* "not found": no backend found anything */
    if (status != IPP_STATUS_ERROR_NOT_FOUND)
        err = judge(status, "looking for devices", why);
    if (!err && answer)
        tell_devices(answer, fn, arg);
    ippDelete(answer);
    httpClose(http);
    return err;
}
