/* SPDX-License-Identifier: Apache-2.0 */
/* printer-test.c: a label without a number through the whole path: temd, CUPS, temfeed, the
 * printer, its confirmation. Its template is made for the stock that is loaded. */
#include "cli/client.h"
#include "cli/job-view.h"
#include "cli/printer-text.h"
#include "cli/printer.h"
#include "cli/report.h"
#include "cli/text.h"
#include "spooler/base/clock.h"
#include "spooler/base/near.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_S       60
#define LOOK_MS      200
#define PRINTERS_MAX 256

struct trial {
    struct tem *tem;
    const char *printer, *person;
    char model[64];
    struct test_label label;
    uint64_t wait_s;
    int64_t job_id, began_ms;
    char words[1024]; /* what was said last */
};

static enum code no_such_printer(struct trial *trial, const json_t *list)
{
    const char *names[PRINTERS_MAX];
    size_t i, count = 0;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        if (count < PRINTERS_MAX)
            names[count++] = json_text(one, "name");
    }
    const char *near = near_word(trial->printer, names, count);
    return tem_fail(trial->tem, CODE_BAD, "temd has no printer \"%s\"%s%s%s: tem printers",
                    trial->printer, near ? " (nearest: " : "", near ? near : "",
                    near ? ")" : "");
}

static enum code read_printer(struct trial *trial, const json_t *answer)
{
    struct tem *tem = trial->tem;
    const json_t *printer = printer_in(answer, trial->printer);
    const char *given = args_get(&tem->args, "stock");
    if (!printer)
        return no_such_printer(trial, json_object_get(answer, "printers"));
    const char *stock = given ? given : json_text(printer, "stock");
    if (!size_parse(stock, &trial->label.width_um, &trial->label.height_um))
        return tem_usage(tem, "the stock \"%s\" is not width x height in mm; say --stock 50x30",
                         stock);
    trial->label.confirms = json_is_true(json_object_get(printer, "evidence"));
    trial->label.name_bytes = strlen(trial->printer);
    snprintf(trial->model, sizeof trial->model, "%s", json_text(printer, "model"));
    if (strcmp(json_text(printer, "state"), "refused") == 0)
        return tem_fail(tem, CODE_REFUSED, "%s: %s", trial->printer,
                        json_text(printer, "words"));
    return CODE_DONE;
}

static enum code look_at_printer(struct trial *trial)
{
    struct http_answer answer;
    enum code code = client_get(trial->tem, "/v1/printers", &answer);
    if (code)
        return code;
    code = read_printer(trial, answer.json);
    http_answer_free(&answer);
    return code;
}

/* POSTs under a key of its own. */
static enum code post(struct trial *trial, const char *path, const char *type, const char *body,
                      struct http_answer *out)
{
    char key[CLIENT_KEY_SIZE];
    enum code code = client_new_key(trial->tem, key);
    struct http_ask ask = {.method = "POST",
                           .path = path,
                           .content_type = type,
                           .body = body,
                           .len = strlen(body),
                           .idempotency_key = key};
    return code ? code : client_post(trial->tem, &ask, NULL, out);
}

/* The same stock has the same template: it is added once. */
static enum code add_template(struct trial *trial)
{
    struct buf yaml = BUF_INIT(64 * 1024), path = BUF_INIT(1024);
    struct http_answer answer;
    test_label_add(&trial->label, &yaml);
    buf_add_text(&path, "/v1/templates");
    http_add_param(&path, "person", trial->person);
    enum code code =
        buf_err(&yaml) || buf_err(&path)
            ? tem_fail(trial->tem, CODE_INTERNAL, "out of memory")
            : post(trial, buf_text(&path), "application/yaml", buf_text(&yaml), &answer);
    if (!code)
        http_answer_free(&answer);
    buf_free(&yaml);
    buf_free(&path);
    return code;
}

static enum code order(struct trial *trial)
{
    char name[TEST_NAME_SIZE];
    struct http_answer answer;
    json_t *json =
        json_pack("{ss ss si s{ss ss} ss*}", "template", test_label_name(&trial->label, name),
                  "printer", trial->printer, "quantity", 1, "data", "printer", trial->printer,
                  "model", trial->model, "person", trial->person);
    char *body = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    enum code code = body ? post(trial, "/v1/jobs", "application/json", body, &answer)
                          : tem_fail(trial->tem, CODE_BAD, "the name is no valid UTF-8 text");
    free(body);
    if (code)
        return code;
    trial->job_id = (int64_t)json_count(answer.json, "id");
    trial->began_ms = clock_mono_ms(&clock_system);
    http_answer_free(&answer);
    return trial->job_id ? CODE_DONE : client_nonsense(trial->tem, "a job");
}

/* ---- what becomes of it -------------------------------------------------------------------
 */

static void say_line(struct trial *trial, const char *text)
{
    struct buf clean = BUF_INIT(8192);
    text_clean(text, &clean);
    fprintf(trial->tem->out.stream, "  %s\n", buf_text(&clean));
    (void)fflush(trial->tem->out.stream); /* a failure stays in the stream; main tells it */
    buf_free(&clean);
}

/* The printer's state and words, each time they change. */
static enum code say_printer(struct trial *trial)
{
    struct tem *tem = trial->tem;
    struct http_answer answer;
    enum code code = client_get(tem, "/v1/printers", &answer);
    if (code)
        return code;
    const json_t *printer = printer_in(answer.json, trial->printer);
    const json_t *printing = json_object_get(printer, "printing");
    struct buf now = BUF_INIT(2048);
    if (printing && (int64_t)json_count(printing, "job") != trial->job_id)
        buf_printf(&now, "job %" PRIu64 " is before it: ", json_count(printing, "job"));
    printer_say(printer, &now);
    http_answer_free(&answer);
    const char *text = buf_text(&now);
    if (!tem->json && strcmp(text, trial->words) != 0 && strcmp(text, "idle") != 0)
        say_line(trial, text);
    snprintf(trial->words, sizeof trial->words, "%s", text);
    buf_free(&now);
    return CODE_DONE;
}

static void say_seconds(struct buf *out, int64_t ms)
{
    buf_printf(out, "%lld.%lld s", (long long)ms / 1000, (long long)ms % 1000 / 100);
}

static enum code say_result(struct trial *trial, const struct job_view *job,
                            enum job_verdict verdict)
{
    struct tem *tem = trial->tem;
    struct buf text = BUF_INIT(4096);
    int64_t ms = clock_mono_ms(&clock_system) - trial->began_ms;
    if (verdict != JOB_IS_DONE) {
        job_view_sentence(job, &tem->out);
        job_view_advice(job, &tem->out);
        buf_free(&text);
        return job_view_code(verdict);
    }
    if (trial->label.confirms) {
        buf_printf(&text, "%s confirmed the label after ", trial->printer);
        say_seconds(&text, ms);
        buf_add_text(&text, ": temd, CUPS, temfeed and the printer's answers work");
    } else {
        buf_add_text(&text, "sent after ");
        say_seconds(&text, ms);
        buf_printf(&text, "; %s cannot confirm: look whether it came out", trial->printer);
    }
    say_line(trial, buf_text(&text));
    say_line(trial, "Frame: 1 mm from each edge. Ticks: 5 mm. Bars: 0.125 to 1 mm, even and "
                    "black; else change `darkness`.");
    buf_free(&text);
    return CODE_DONE;
}

static enum code say_late(struct trial *trial)
{
    struct tem *tem = trial->tem;
    return tem_fail(tem, CODE_ATTENTION,
                    "not confirmed after %" PRIu64 " s (%s). Job %" PRId64
                    " goes on waiting: tem printer status %s says what for, tem cancel %" PRId64
                    " takes it back",
                    trial->wait_s, *trial->words ? trial->words : "no word from temd",
                    trial->job_id, trial->printer, trial->job_id);
}

/* One look at the job; *ended when there is nothing more to wait for. */
static enum code look_at_job(struct trial *trial, bool *ended)
{
    struct tem *tem = trial->tem;
    struct http_answer answer;
    struct job_view job;
    char path[64];
    snprintf(path, sizeof path, "/v1/jobs/%" PRId64, trial->job_id);
    enum code code = client_get(tem, path, &answer);
    if (code)
        return code;
    if (!job_view_read(answer.json, &job))
        code = client_nonsense(tem, "a job");
    else {
        enum job_verdict verdict = job_view_verdict(&job);
        *ended = verdict != JOB_GOES_ON;
        if (*ended && client_is_json(tem, &answer))
            code = job_view_code(verdict);
        else if (*ended)
            code = say_result(trial, &job, verdict);
    }
    http_answer_free(&answer);
    return code;
}

static enum code follow(struct trial *trial)
{
    struct tem *tem = trial->tem;
    int64_t until_ms = trial->began_ms + (int64_t)trial->wait_s * 1000;
    if (!tem->json)
        fprintf(tem->out.stream, "test label for %s: job %" PRId64 "\n", trial->printer,
                trial->job_id);
    for (;;) {
        bool ended = false;
        enum code code = look_at_job(trial, &ended);
        if (code || ended)
            return code;
        code = say_printer(trial);
        if (code)
            return code;
        if (atomic_load(tem->stop))
            return CODE_INTERRUPTED;
        if (clock_mono_ms(&clock_system) > until_ms)
            return say_late(trial);
        tem_sleep(tem, LOOK_MS);
    }
}

enum code printer_test(struct tem *tem, const char *const *words, size_t count)
{
    (void)count; /* one, as the table says */
    struct trial trial = {.tem = tem,
                          .printer = words[0],
                          .person = args_get(&tem->args, "person"),
                          .wait_s = WAIT_S};
    const char *wait = args_get(&tem->args, "wait");
    if (wait && !args_number(wait, 1, 3600, &trial.wait_s))
        return tem_usage(tem, "--wait %s: expected seconds from 1 to 3600", wait);
    if (!tem->server.socket_path[0] && !trial.person)
        return tem_usage(tem, "over %s nobody knows who you are: add --person NAME",
                         tem->server.name);
    enum code code = look_at_printer(&trial);
    if (!code)
        code = add_template(&trial);
    if (!code)
        code = order(&trial);
    return code ? code : follow(&trial);
}
