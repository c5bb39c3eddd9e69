/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print.h"

#include "cli/data.h"
#include "cli/follow.h"
#include "cli/job-view.h"
#include "cli/report.h"
#include "cli/text.h"
#include "spooler/base/durable.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define QUANTITY_MAX UINT64_C(1000000000)

static const struct args_option options[] = {
    {"printer", 'p', "NAME", false, "where to (tem printers lists them)"},
    {"quantity", 'n', "N", false, "labels with this data (default 1)"},
    {"data", 'd', "FIELD=VALUE", true, "a field's value, or @row.json"},
    {"csv", 0, "FILE", false, "a row a label, the header names the fields; - = stdin"},
    {"json-body", 0, "FILE", false, "a whole request as for POST /v1/jobs; - = stdin"},
    {"reference", 'r', "TEXT", false, "your order's number, kept with the job"},
    {"person", 0, "NAME", false, "who asked for it, kept with the job beside your user"},
    {"key", 0, "KEY", false, "idempotency key: one job however often it is sent"},
    {"sample", 0, NULL, false, "one label first, and ask whether it is good"},
    {"no-wait", 0, NULL, false, "do not follow the job, print its number"},
    {0},
};

static enum code read_data(struct print_order *order)
{
    struct tem *tem = order->tem;
    struct findings findings = {0};
    struct why why = {{0}};
    size_t at = 0;
    const char *text;
    enum err err = ERR_NONE;
    while (!err && (text = args_next(&tem->args, "data", &at)) != NULL) {
        if (data_names_rows(text)) /* its first row alone is not what anybody wants */
            return tem_usage(tem, "--data %s: rows to print are given by --csv %s", text,
                             text + 1);
        err = data_add(order->data, text, 1, &findings, &why);
    }
    enum code code = CODE_DONE;
    if (err == ERR_INPUT && findings.count) {
        code = tem_fail(tem, CODE_BAD, "the data cannot be read; nothing was sent");
        for (size_t i = 0; i < findings.count; i++)
            report_finding(&tem->err, &findings.list[i]);
    } else if (err)
        code = tem_fail_err(tem, err, &why);
    findings_clear(&findings);
    return code;
}

/* temd's limits hold; these only catch what cannot be a quantity before anything is sent. */
static enum code read_quantity(struct print_order *order, uint64_t *out)
{
    const char *text = args_get(&order->tem->args, "quantity");
    *out = 1;
    if (text && !args_number(text, 1, QUANTITY_MAX, out))
        return tem_usage(order->tem,
                         "--quantity %s: expected a whole number from 1 to 1000000000", text);
    return CODE_DONE;
}

static enum code make_json(struct print_order *order)
{
    struct tem *tem = order->tem;
    uint64_t quantity;
    enum code code = read_quantity(order, &quantity);
    if (code)
        return code;
    json_t *json =
        json_pack("{ss ss sO sI}", "template", order->template_name, "printer", order->printer,
                  "data", order->data, "quantity", (json_int_t)quantity);
    static const char *const texts[] = {"person", "reference"};
    bool bad = !json;
    for (size_t i = 0; i < 2; i++) {
        const char *text = args_get(&tem->args, texts[i]);
        bad |= text && json_object_set_new(json, texts[i], json_string(text)) != 0;
    }
    order->body = bad ? NULL : json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (!order->body)
        return tem_fail(tem, CODE_BAD, "the request is no valid UTF-8 text; nothing was sent");
    order->ask.body = order->body;
    order->ask.len = strlen(order->body);
    return CODE_DONE;
}

/* A pipe cannot be sent again after a lost connection: it is kept in a file without a name
 * first. */
static enum err keep_copy(FILE *from, FILE **out, struct why *why)
{
    char bytes[65536];
    size_t n;
    FILE *copy = tmpfile();
    if (!copy)
        return err_errno(why, ERR_SYSTEM, errno, "a temporary file");
    while ((n = fread(bytes, 1, sizeof bytes, from)) > 0) {
        if (fwrite(bytes, 1, n, copy) != n)
            break;
    }
    if (n > 0 || ferror(from) || fflush(copy) != 0) {
        int error = errno;
        if (fclose(copy) != 0)
            error = errno;
        return err_errno(why, ERR_SYSTEM, error, "copying the input");
    }
    *out = copy;
    return ERR_NONE;
}

static enum err open_upload(const char *path, FILE **out, struct why *why)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rbe");
    if (!file)
        return err_errno(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, errno, "open %s",
                         path);
    if (fseeko(file, 0, SEEK_END) == 0 && !is_stdin) {
        *out = file;
        return ERR_NONE;
    }
    enum err err = keep_copy(file, out, why);
    if (!is_stdin && fclose(file) != 0 && !err)
        err = err_errno(why, ERR_SYSTEM, errno, "close %s", path);
    return err;
}

static enum code take_file(struct print_order *order, const char *path)
{
    struct why why = {{0}};
    enum err err = open_upload(path, &order->upload, &why);
    if (err)
        return tem_fail_err(order->tem, err, &why);
    off_t len = fseeko(order->upload, 0, SEEK_END) == 0 ? ftello(order->upload) : -1;
    if (len < 0)
        return tem_fail(order->tem, CODE_INTERNAL, "%s has no length", path);
    order->ask.upload = order->upload;
    order->ask.upload_len = (uint64_t)len;
    return CODE_DONE;
}

/* Values that all rows share go into the query. */
static enum code make_csv(struct print_order *order)
{
    static const char *const texts[] = {"person", "reference"};
    struct tem *tem = order->tem;
    if (args_get(&tem->args, "quantity"))
        return tem_usage(tem,
                         "with --csv each row says its own quantity, in a column `quantity`");
    http_add_param(&order->path, "template", order->template_name);
    http_add_param(&order->path, "printer", order->printer);
    for (size_t i = 0; i < 2; i++)
        http_add_param(&order->path, texts[i], args_get(&tem->args, texts[i]));
    const char *field;
    json_t *value;
    json_object_foreach(order->data, field, value)
    {
        char name[256];
        snprintf(name, sizeof name, "field.%s", field);
        if (!json_is_string(value))
            return tem_usage(tem, "with --csv, --data %s has to be a text", field);
        http_add_param(&order->path, name, json_string_value(value));
    }
    order->ask.content_type = "text/csv";
    return take_file(order, order->csv);
}

static enum code make_body(struct print_order *order)
{
    static const char *const others[] = {"printer", "quantity", "data",
                                         "csv",     "person",   "reference"};
    struct tem *tem = order->tem;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (args_get(&tem->args, others[i]))
            return tem_usage(tem, "--json-body is the whole request: --%s belongs into it",
                             others[i]);
    }
    if (order->template_name)
        return tem_usage(tem, "--json-body is the whole request: it names the template");
    return take_file(order, order->body_file);
}

static enum code make_request(struct print_order *order)
{
    struct tem *tem = order->tem;
    order->ask = (struct http_ask){.method = "POST", .content_type = "application/json"};
    buf_add_text(&order->path, "/v1/jobs");
    if (order->body_file)
        return make_body(order);
    if (!order->template_name)
        return tem_usage(tem, "no template is named");
    if (!order->printer)
        return tem_usage(tem, "no printer is named: --printer NAME (tem printers lists them)");
    enum code code = read_data(order);
    if (code)
        return code;
    return order->csv ? make_csv(order) : make_json(order);
}

static void say_accepted(const struct tem *tem, const struct job_view *job, bool replayed)
{
    struct buf line = BUF_INIT(8192);
    buf_printf(&line, "job %lld %s: ", (long long)job->id,
               replayed ? "was accepted before, under the same key" : "accepted");
    text_count(job->quantity, "label", &line);
    buf_add_text(&line, " on ");
    text_clean(job->printer, &line);
    const json_t *range = json_array_get(job->ranges, 0);
    if (range && json_array_size(job->ranges) == 1) {
        buf_add_text(&line, ", first number ");
        text_clean(json_text(range, "first_number"), &line);
        buf_add_text(&line, job->quantity > 1 ? ", last " : "");
        text_clean(job->quantity > 1 ? json_text(range, "last_number") : "", &line);
    }
    fprintf(tem->out.stream, "%s\n", buf_text(&line));
    (void)fflush(tem->out.stream); /* a failure stays in the stream; main tells it */
    buf_free(&line);
}

/* Posts a request and follows its job. */
enum code print_post(struct tem *tem, struct http_ask *ask, const char *file)
{
    struct http_answer answer;
    struct job_view job;
    enum code code =
        client_post(tem, ask, file && strcmp(file, "-") == 0 ? "stdin" : file, &answer);
    if (code)
        return code;
    bool is_job = job_view_read(answer.json, &job);
    bool no_wait = args_get(&tem->args, "no-wait") != NULL;
    if (!is_job)
        code = client_nonsense(tem, "a job");
    else if (!no_wait || !client_is_json(tem, &answer)) {
        if (!tem->json)
            say_accepted(tem, &job, answer.replayed);
        if (!no_wait)
            code = follow_job(tem, job.id);
    }
    http_answer_free(&answer);
    return code;
}

static enum code send(struct print_order *order)
{
    struct tem *tem = order->tem;
    enum code code = CODE_DONE;
    order->ask.path = buf_text(&order->path);
    order->ask.idempotency_key = args_get(&tem->args, "key");
    if (!order->ask.idempotency_key) {
        code = client_new_key(tem, order->key);
        order->ask.idempotency_key = order->key;
    }
    if (!code && buf_err(&order->path))
        code = tem_usage(tem, "the data that all rows share is too long; put it into the file");
    return code ? code
                : print_post(tem, &order->ask, order->csv ? order->csv : order->body_file);
}

static enum code run(struct tem *tem)
{
    struct print_order order = {
        .tem = tem,
        .template_name = tem->args.word_count ? tem->args.words[0] : NULL,
        .printer = args_get(&tem->args, "printer"),
        .csv = args_get(&tem->args, "csv"),
        .body_file = args_get(&tem->args, "json-body"),
        .data = json_object(),
        .path = BUF_INIT(64 * 1024),
    };
    enum code code =
        order.data ? make_request(&order) : tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (!code && args_get(&tem->args, "sample"))
        code = print_sample(&order);
    if (!code)
        code = send(&order);
    if (order.upload && fclose(order.upload) != 0 && !code)
        code = tem_fail(tem, CODE_INTERNAL, "the input cannot be closed");
    json_decref(order.data);
    buf_free(&order.path);
    free(order.body);
    return code;
}

const struct command command_print = {
    .name = "print",
    .usage = "TEMPLATE --printer NAME [--quantity N] [--data FIELD=VALUE ...] [--csv FILE] "
             "[--sample]",
    .summary = "print labels and follow them until they are on paper",
    .options = options,
    .max_words = 1,
    .help =
        "  tem print medicine-pack -p line-3 -n 500 -d gtin=09520123456788 -d lot=L2403A \\\n"
        "      -d product=\"Paracetamol 500 mg\" -d expiry=2028-03-31\n"
        "        500 labels, each with a number that no other label has\n"
        "  tem print medicine-pack -p line-3 --csv order.csv -r PO-4711\n"
        "        a label a row; a column `quantity` says how many of each\n"
        "  export-labels | tem print medicine-pack -p line-3 --csv - -d lot=L2403A\n"
        "        rows from a program; the lot is the same on all\n"
        "  tem print medicine-pack -p line-3 -d @row.json --no-wait --json\n"
        "        only order it; the answer as JSON\n"
        "  tem print medicine-pack -p line-3 --csv order.csv --sample\n"
        "        the first label by itself, with a number of its own that is void afterwards; "
        "the "
        "run\n"
        "        only when you say that it is good\n"
        "  tem print --json-body request.json --key PO-4711/1\n"
        "        a request as a program would send it; sent twice it is still one job\n"
        "\n"
        "Without --key one is made, and after a lost connection the request is sent again "
        "under it:\n"
        "the job is accepted once. Ctrl-C stops the watching, never the printing.\n"
        "When labels come into doubt the job is held, the exit code is 5, and you are told "
        "what to do.\n",
    .run = run,
};
