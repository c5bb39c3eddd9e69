/* SPDX-License-Identifier: Apache-2.0 */
/* sample.c: `tem print --sample`: one label with a number of its own, before the run. */
#include "cli/print.h"

#include "cli/data.h"
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the first label of a CSV has on it: its first row over the data that all rows share. */
static enum code first_row(struct print_order *order, json_t *data)
{
    struct tem *tem = order->tem;
    struct findings findings = {0};
    struct why why = {{0}};
    size_t len = strlen(order->csv);
    char at[4096];
    if (len < 4 || len > sizeof at - 2 || strcmp(order->csv + len - 4, ".csv") != 0)
        return tem_usage(tem,
                         "for a sample the rows have to be in a file whose name ends in .csv");
    snprintf(at, sizeof at, "@%s", order->csv);
    enum err err = data_add(data, at, 1, &findings, &why);
    enum code code = CODE_DONE;
    if (err == ERR_INPUT && findings.count) {
        code = tem_fail(tem, CODE_BAD, "the first row cannot be read; nothing was sent");
        for (size_t i = 0; i < findings.count; i++)
            report_finding(&tem->err, &findings.list[i]);
    } else if (err)
        code = tem_fail_err(tem, err, &why);
    findings_clear(&findings);
    /* The column says how many of the row; a field of that name has a value in --data. */
    if (!code && !json_object_get(order->data, "quantity"))
        (void)json_object_del(data, "quantity"); /* not there: as wanted */
    return code;
}

static char *sample_body(struct print_order *order, const json_t *data)
{
    const struct args *args = &order->tem->args;
    json_t *json =
        json_pack("{ss ss sO sb ss* ss*}", "template", order->template_name, "printer",
                  order->printer, "data", data, "sample", 1, "person", args_get(args, "person"),
                  "reference", args_get(args, "reference"));
    char *body = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return body;
}

static enum code post_sample(struct print_order *order, const json_t *data)
{
    struct tem *tem = order->tem;
    const char *given = args_get(&tem->args, "key");
    char key[300];
    char *body = sample_body(order, data);
    enum code code =
        body ? CODE_DONE
             : tem_fail(tem, CODE_BAD, "the request is no valid UTF-8 text; nothing was sent");
    if (!code && !given)
        code = client_new_key(tem, order->key);
    if (!code) {
        /* the run's own key is still free */
        snprintf(key, sizeof key, "%.240s/sample", given ? given : order->key);
        struct http_ask ask = {.method = "POST",
                               .path = "/v1/jobs",
                               .content_type = "application/json",
                               .body = body,
                               .len = strlen(body),
                               .idempotency_key = key};
        code = print_post(tem, &ask, NULL);
    }
    free(body);
    return code;
}

/* A person at the printer looks at it; a program cannot. */
static enum code ask_whether_good(struct tem *tem)
{
    char answer[16];
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return tem_fail(
            tem, CODE_ATTENTION,
            "the sample is printed; nobody is here to say whether it is good. The "
            "run was not ordered: look at the sample, then the same without --sample");
    fputs("Is the sample good? Destroy it either way: its number is void. [y/N] ", stderr);
    bool good = fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
    return good
               ? CODE_DONE
               : tem_fail(tem, CODE_INTERRUPTED, "the run was not ordered; the sample is void");
}

enum code print_sample(struct print_order *order)
{
    struct tem *tem = order->tem;
    if (order->body_file)
        return tem_usage(tem,
                         "--json-body is the whole request: \"sample\": true belongs into it");
    if (args_get(&tem->args, "no-wait"))
        return tem_usage(tem, "a sample is waited for: --no-wait does not go with it");
    json_t *data = json_deep_copy(order->data);
    enum code code = data ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (!code && order->csv)
        code = first_row(order, data);
    if (!code)
        code = post_sample(order, data);
    json_decref(data);
    return code ? code : ask_whether_good(tem);
}
