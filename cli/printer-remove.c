/* SPDX-License-Identifier: Apache-2.0 */
/* printer-remove.c: removes a printer's queue, unless labels are on their way through it. */
#include "cli/client.h"
#include "cli/printer-queue.h"
#include "cli/printer.h"
#include "cli/report.h"

#include <inttypes.h>
#include <string.h>

static bool is_open(const json_t *job, const char *printer)
{
    static const char *const states[] = {"open", "held", "cancelling"};
    if (strcmp(json_text(job, "printer"), printer) != 0)
        return false;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(json_text(job, "state"), states[i]) == 0)
            return true;
    }
    return false;
}

/* The newest open job of this printer, 0 = none; page by page. */
static enum err find_open_job(struct tem *tem, const char *printer, uint64_t *job)
{
    struct http_answer answer;
    struct why why;
    struct buf path = BUF_INIT(256);
    enum err err = ERR_NONE;
    buf_add_text(&path, "/v1/jobs?limit=500");
    *job = 0;
    while (!err && path.len && !*job) {
        size_t i;
        const json_t *one;
        err = client_try(tem, buf_text(&path), &answer, &why);
        if (err)
            break;
        if (answer.status != 200)
            err = ERR_UNKNOWN;
        json_array_foreach(json_object_get(answer.json, "jobs"), i, one)
        {
            if (!*job && is_open(one, printer))
                *job = json_count(one, "id");
        }
        buf_reset(&path);
        buf_add_text(&path, json_text(answer.json, "next"));
        http_answer_free(&answer);
    }
    buf_free(&path);
    return err;
}

static enum code check_idle(struct tem *tem, const char *printer, const struct queue *queue)
{
    uint64_t job = 0;
    if (args_get(&tem->args, "force"))
        return CODE_DONE;
    if (queue->open_jobs > 0)
        return tem_fail(
            tem, CODE_REFUSED,
            "queue has %d open CUPS jobs: labels may be on their way. Cancel the job "
            "(tem jobs) and wait, or say --force: what is out is then in doubt",
            queue->open_jobs);
    if (find_open_job(tem, printer, &job))
        return tem_fail(tem, CODE_REFUSED,
                        "without temd nobody knows whether a job is open: start it, or say "
                        "--force");
    if (job)
        return tem_fail(tem, CODE_REFUSED,
                        "job %" PRIu64 " is open on %s: tem cancel %" PRIu64
                        ", or let it end; or say --force",
                        job, printer, job);
    return CODE_DONE;
}

static enum code remove_queue(struct tem *tem, const struct site *site, const char *printer)
{
    struct why why = {{0}};
    struct queue queue;
    const char *name = printer_queue_name(tem, site, printer);
    const struct config_printer *configured = site_printer(site, printer);
    char question[160];
    enum err err = queue_get(site->cups_server, name, &queue, &why);
    if (err)
        return tem_fail_err(tem, err, &why);
    if (!queue.is_tem)
        return tem_fail(tem, CODE_REFUSED,
                        "queue %s is not Tem's (its driver is \"%s\"): lpadmin -x %s", name,
                        queue.driver, name);
    enum code code = check_idle(tem, printer, &queue);
    if (code)
        return code;
    snprintf(question, sizeof question, "Remove the CUPS queue %s?", name);
    if (!tem_confirm(tem, question))
        return CODE_INTERRUPTED;
    err = queue_remove(site->cups_server, name, &why);
    if (err)
        return tem_fail_err(tem, err, &why);
    if (tem->json)
        fprintf(tem->out.stream, "{\"removed\":\"%s\"}\n", name); /* a name has no quotes */
    else
        fprintf(tem->out.stream, "queue %s is removed\n", name);
    if (configured && !tem->json)
        fprintf(tem->out.stream,
                "Take it out of %s, too (line %llu), and restart temd: until then it says that "
                "the queue is missing\n",
                site->file, (unsigned long long)configured->line);
    return CODE_DONE;
}

enum code printer_remove(struct tem *tem, const char *const *words, size_t count)
{
    (void)count; /* one, as the table says */
    struct site site;
    site_load(tem, &site);
    enum code code = remove_queue(tem, &site, words[0]);
    site_free(&site);
    return code;
}
