/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c: reads of a scanner, one a line: printed labels become verified, all others are
 * named. */
#include "cli/client.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct args_option options[] = {
    {"station", 0, "NAME", false, "where it was read; default: your user"},
    {0},
};

static const struct {
    const char *result, *words;
    enum colour colour;
} results[] = {
    {"verified", "verified", COLOUR_GREEN},
    {"duplicate", "DUPLICATE: was read before; are there two?", COLOUR_YELLOW},
    {"void", "VOID: spoiled or unused, should not be on anything", COLOUR_RED},
    {"not_printed", "NOT YET: still on its way; read it again", COLOUR_YELLOW},
    {"in_doubt", "IN DOUBT: are all its pieces there? tem resolve", COLOUR_YELLOW},
    {"unknown", "UNKNOWN: no such number was issued here", COLOUR_RED},
};

static void show(struct tem *tem, const char *text, const json_t *answer)
{
    const struct screen *screen = &tem->out;
    const char *result = json_text(answer, "result"), *words = result;
    enum colour colour = COLOUR_RED;
    struct buf line = BUF_INIT(16384);
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (strcmp(results[i].result, result) == 0) {
            words = results[i].words;
            colour = results[i].colour;
        }
    text_clean(*json_text(answer, "number") ? json_text(answer, "number") : text, &line);
    fprintf(screen->stream, "%s%s%s  %s", screen_colour(screen, colour), words,
            screen_colour(screen, COLOUR_NONE), buf_text(&line));
    if (json_count(answer, "job"))
        fprintf(screen->stream, "  label %" PRIu64 " of job %" PRIu64,
                json_count(answer, "label"), json_count(answer, "job"));
    if (json_is_true(json_object_get(answer, "out_of_order")))
        fprintf(screen->stream, "  (out of order: label %" PRIu64 " was expected)",
                json_count(answer, "expected_label"));
    fputc('\n', screen->stream);
    (void)fflush(screen->stream); /* a failure stays in the stream */
    buf_free(&line);
}

/* *good: it is verified now. */
static enum code verify(struct tem *tem, const char *text, bool *good)
{
    const char *station = args_get(&tem->args, "station");
    struct http_answer answer;
    json_t *body = json_pack("{ss ss*}", "scan", text, "station", station);
    char *sent = body ? json_dumps(body, JSON_COMPACT) : NULL;
    char key[CLIENT_KEY_SIZE];
    enum code code =
        sent ? client_new_key(tem, key) : tem_fail(tem, CODE_BAD, "the read is no UTF-8 text");
    if (!code) {
        struct http_ask ask = {.method = "POST",
                               .path = "/v1/verify",
                               .content_type = "application/json",
                               .body = sent,
                               .len = strlen(sent),
                               .idempotency_key = key};
        code = client_post(tem, &ask, NULL, &answer);
    }
    free(sent);
    json_decref(body);
    if (code)
        return code;
    *good = strcmp(json_text(answer.json, "result"), "verified") == 0;
    if (!client_is_json(tem, &answer))
        show(tem, text, answer.json);
    http_answer_free(&answer);
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    char line[1024];
    bool all = true, good = false;
    enum code code = CODE_DONE;
    if (tem->args.word_count)
        code = verify(tem, tem->args.words[0], &all);
    while (!tem->args.word_count && !code && !atomic_load(tem->stop) &&
           fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (!*line)
            continue;
        code = verify(tem, line, &good);
        if (code == CODE_BAD) /* one read that makes no sense: said; the next one may */
            code = CODE_DONE;
        all = all && good;
        good = false;
    }
    return code ? code : all ? CODE_DONE : CODE_BAD;
}

const struct command command_verify = {
    .name = "verify",
    .usage = "[SCAN] [--station NAME]",
    .summary = "a scanner reads labels back: printed ones become verified",
    .options = options,
    .min_words = 0,
    .max_words = 1,
    .help = "  tem verify                  reads scans from the keyboard or a scanner, a line "
            "each\n"
            "  tem verify \"(01)09520123456788(21)7K3QF9ZT\"\n"
            "  cat reads.txt | tem verify --station gate-1 --json\n"
            "\n"
            "Each read is answered: verified, duplicate (read before), void (spoiled or "
            "unused), not "
            "yet (still\n"
            "on its way), unknown (never issued here), and whether it came out of order. The "
            "exit code "
            "is 0 when\n"
            "all were verified, else 1.\n",
    .run = run,
};
