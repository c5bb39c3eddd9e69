/* SPDX-License-Identifier: Apache-2.0 */
/* printer-roll.c: the roll is changed while nothing is in the printer. */
#include "cli/client.h"
#include "cli/printer.h"
#include "cli/report.h"
#include "cli/text.h"

#include <stdio.h>
#include <string.h>

#define POLL_MS 300

static enum code order(struct tem *tem, const char *action, struct http_answer *answer)
{
    char path[160];
    const char *reason = args_get(&tem->args, "reason");
    int len = snprintf(path, sizeof path, "/v1/printers/%s/%s", tem->args.words[1], action);
    if (len < 0 || len >= (int)sizeof path || strpbrk(tem->args.words[1], "/%?# "))
        return tem_fail(tem, CODE_BAD, "there is no printer \"%s\"", tem->args.words[1]);
    json_t *body = json_object();
    if (!body || (reason && json_object_set_new(body, "reason", json_string(reason)) != 0)) {
        json_decref(body);
        return tem_fail(tem, CODE_BAD, "the reason is no valid UTF-8 text");
    }
    return client_order_at(tem, path, body, answer);
}

static void say(struct tem *tem, const char *words)
{
    struct buf line = BUF_INIT(8192);
    text_clean(words, &line);
    fprintf(tem->out.stream, "%s: %s\n", tem->args.words[1], buf_text(&line));
    fflush(tem->out.stream); /* what cannot be written shows at the end of main */
    buf_free(&line);
}

/* Until temd says that it is drained; what it waits for is told once each. */
static enum code wait_until_drained(struct tem *tem)
{
    char told[512] = "";
    while (!atomic_load(tem->stop)) {
        struct http_answer answer;
        enum code code = client_get(tem, "/v1/printers", &answer);
        if (code)
            return code;
        const json_t *printer = printer_in(answer.json, tem->args.words[1]);
        bool drained = printer && strcmp(json_text(printer, "state"), "drained") == 0;
        const char *words = printer ? json_text(printer, "words") : "";
        if (*words && strcmp(words, told) != 0) {
            snprintf(told, sizeof told, "%s", words);
            say(tem, words);
        }
        http_answer_free(&answer);
        if (!printer)
            return client_nonsense(tem, "the printer");
        if (drained)
            return CODE_DONE;
        tem_sleep(tem, POLL_MS);
    }
    return tem_fail(tem, CODE_INTERRUPTED,
                    "not waited for; the printer is drained all the same");
}

enum code printer_change_roll(struct tem *tem, const char *const *words, size_t count)
{
    (void)words; /* args has them, too */
    (void)count;
    struct http_answer answer;
    enum code code = order(tem, "change-roll", &answer);
    if (code)
        return code;
    bool wait = !client_is_json(tem, &answer) && !args_get(&tem->args, "no-wait");
    http_answer_free(&answer);
    return wait ? wait_until_drained(tem) : CODE_DONE;
}

enum code printer_resume(struct tem *tem, const char *const *words, size_t count)
{
    (void)words; /* args has them, too */
    (void)count;
    struct http_answer answer;
    enum code code = order(tem, "resume", &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        say(tem, "goes on");
    http_answer_free(&answer);
    return CODE_DONE;
}
