/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"
#include "cli/job-view.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

static const struct args_option options[] = {CLIENT_SERIES_OPTIONS, {0}};

static enum code show(struct tem *tem, const json_t *label)
{
    struct buf line = BUF_INIT(16384);
    const char *state = json_text(label, "state"), *scope = json_text(label, "scope");
    if (!*state)
        return client_nonsense(tem, "a label");
    text_clean(json_text(label, "number"), &line);
    buf_add_text(&line, ": ");
    text_clean(job_view_words(state), &line);
    buf_printf(&line, "\n  label %" PRIu64 " of job %" PRIu64, json_count(label, "label"),
               json_count(label, "job"));
    if (json_count(label, "attempt") > 1)
        buf_printf(&line, ", attempt %" PRIu64, json_count(label, "attempt"));
    buf_add_text(&line, "\n  series ");
    text_clean(json_text(label, "series"), &line);
    buf_add_text(&line, *scope ? ", scope " : "");
    text_clean(scope, &line);
    fprintf(tem->out.stream, "%s\n", buf_text(&line));
    const json_t *archived = json_object_get(label, "archived");
    if (archived && *json_text(archived, "sha256"))
        fprintf(tem->out.stream, "Archived, job %" PRIu64 ", in %s (SHA-256 %s) since %.10s\n",
                json_count(label, "job"), json_text(archived, "file"),
                json_text(archived, "sha256"), json_text(archived, "made_at"));
    if (strcmp(state, "in_doubt") == 0)
        fprintf(tem->out.stream, "What to do: tem job %" PRIu64 "\n", json_count(label, "job"));
    buf_free(&line);
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    struct http_answer answer;
    enum code code = client_find_label(tem, tem->args.words[0], &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        code = show(tem, answer.json);
    http_answer_free(&answer);
    return code;
}

const struct command command_label = {
    .name = "label",
    .usage = "NUMBER|SCAN [--series NAME [--scope TEXT]]",
    .summary = "find a label by its number or by what a scanner reads",
    .options = options,
    .min_words = 1,
    .max_words = 1,
    .help =
        "  tem label \"(01)09520123456788(21)7K3QF9ZT\"\n"
        "        the AIs as printed under the symbol; a scanner's raw text works as well\n"
        "  tem label https://id.example.vn/01/09520123456788/21/7K3QF9ZT\n"
        "        a GS1 Digital Link\n"
        "  tem label 7K3QF9ZT\n"
        "        a number that was typed; add --series pack --scope 09520123456788 when it\n"
        "        is on labels of several products\n"
        "\n"
        "Says which job and label it is and whether it is printed, in doubt, spoiled or "
        "unused. A number\n"
        "that was never issued here: exit code 1.\n",
    .run = run,
};
