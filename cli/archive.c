/* SPDX-License-Identifier: Apache-2.0 */
/* archive.c: old jobs go into a file; what is in such files is archive-file.c's. */
#include "cli/archive.h"

#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

#define FILES_MAX 1000

static const struct args_option options[] = {
    CLIENT_PERSON_OPTION,
    {"before", 0, "DATE", false, "only jobs that ended before this day"},
    {"dry-run", 'n', NULL, false, "say what would be archived; nothing is written"},
    {"yes", 'y', NULL, false, "do not ask"},
    {"key", 'k', "VKEY", true, "verify: the ledger's verifier key, or a file that holds it"},
    {"label", 0, "NUMBER", false, "show: the label that has this number"},
    {"job", 0, "JOB", false, "show: this job"},
    {0},
};

/* ---- orders
 * ----------------------------------------------------------------------------------- */

static enum code post(struct tem *tem, const char *file, bool dry_run, struct http_answer *out)
{
    const char *before = args_get(&tem->args, "before");
    json_t *body =
        json_pack("{ss* ss* sb}", "file", file, "before", before, "dry_run", dry_run);
    if (!body)
        return tem_fail(tem, CODE_BAD, "the file's name or the date is no valid UTF-8 text");
    return client_order_at(tem, "/v1/archives", body, out);
}

static void show_due(struct tem *tem, const json_t *json)
{
    FILE *out = tem->out.stream;
    size_t count = json_array_size(json_object_get(json, "jobs"));
    fprintf(out, "%zu jobs with %" PRIu64 " labels would be archived%s\n", count,
            json_count(json, "labels"),
            json_is_true(json_object_get(json, "more"))
                ? "; more would be left for another file"
                : "");
    if (json_count(json, "not_expired"))
        fprintf(out, "%" PRIu64 " old enough wait for the expiry date on their labels\n",
                json_count(json, "not_expired"));
    if (json_count(json, "something_open"))
        fprintf(out, "%" PRIu64 " old enough have a label, a reprint or a number open\n",
                json_count(json, "something_open"));
}

static enum code run_dry(struct tem *tem)
{
    struct http_answer answer;
    enum code code = post(tem, NULL, true, &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        show_due(tem, answer.json);
    http_answer_free(&answer);
    return CODE_DONE;
}

static enum code show_made(struct tem *tem, const json_t *json)
{
    if (!*json_text(json, "sha256"))
        return client_nonsense(tem, "an archive");
    fprintf(tem->out.stream,
            "%s: archive %" PRIu64 ", %" PRIu64 " jobs, %" PRIu64 " labels, %" PRIu64
            " events\nSHA-256 %s, on record as event %" PRIu64 "\n",
            json_text(json, "file"), json_count(json, "archive"), json_count(json, "jobs"),
            json_count(json, "labels"), json_count(json, "events"), json_text(json, "sha256"),
            json_count(json, "seq"));
    if (strcmp(json_text(json, "state"), "done") == 0)
        return CODE_DONE;
    return tem_fail(tem, CODE_ATTENTION,
                    "its rows have not all left the store (temd's log says why): tem archive "
                    "finish");
}

static enum code run_make(struct tem *tem, const char *file)
{
    struct http_answer answer;
    if (!tem_confirm(tem, "Archive? What goes into the file leaves the store."))
        return tem_fail(tem, CODE_INTERRUPTED, "nothing was changed");
    enum code code = post(tem, file, false, &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        code = show_made(tem, answer.json);
    http_answer_free(&answer);
    return code;
}

static enum code run_finish(struct tem *tem)
{
    struct http_answer answer;
    enum code code = post(tem, NULL, false, &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        fprintf(tem->out.stream, "%" PRIu64 " archives were not finished; they are now\n",
                json_count(answer.json, "finished"));
    http_answer_free(&answer);
    return CODE_DONE;
}

static enum code run_list(struct tem *tem)
{
    struct http_answer answer;
    size_t i;
    const json_t *row;
    enum code code = client_get(tem, "/v1/archives", &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        json_array_foreach(json_object_get(answer.json, "archives"), i, row)
            fprintf(tem->out.stream,
                    "%" PRIu64 "  %s  %.10s  %s  %" PRIu64 " jobs, %" PRIu64 " labels  %s\n",
                    json_count(row, "archive"), json_text(row, "file"),
                    json_text(row, "made_at"), json_text(row, "state"), json_count(row, "jobs"),
                    json_count(row, "labels"), json_text(row, "sha256"));
    http_answer_free(&answer);
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    const struct args *args = &tem->args;
    const char *first = args->word_count ? args->words[0] : "";
    if (strcmp(first, "verify") == 0 && args->word_count > 1)
        return archive_verify_files(tem, args->words + 1, args->word_count - 1);
    if (strcmp(first, "show") == 0 && args->word_count == 2)
        return archive_show_file(tem, args->words[1]);
    if (strcmp(first, "list") == 0 && args->word_count == 1)
        return run_list(tem);
    if (strcmp(first, "finish") == 0 && args->word_count == 1)
        return run_finish(tem);
    if (args_get(args, "dry-run") && args->word_count <= 1)
        return run_dry(tem);
    if (args->word_count != 1 || strcmp(first, "verify") == 0 || strcmp(first, "show") == 0)
        return tem_usage(tem, "expected: tem archive %s", tem->command->usage);
    return run_make(tem, first);
}

const struct command command_archive = {
    .name = "archive",
    .usage = "FILE [--before DATE] | --dry-run | list | finish | verify FILE... | show FILE",
    .summary = "old jobs into a file that can be checked alone, and out of the store",
    .options = options,
    .min_words = 0,
    .max_words = FILES_MAX,
    .help =
        "  tem archive --dry-run                      what is past its ages (retention: in "
        "temd.yaml)\n"
        "  tem archive 2026.tem-archive --before 2027-01-01\n"
        "        a name in the folder folders.archive; then copy the file to where records are "
        "kept\n"
        "  tem archive list                           what was archived, with its SHA-256\n"
        "  tem archive finish                         after a full disk or a crash\n"
        "  tem archive verify 2026.tem-archive --key ledger.vkey\n"
        "        needs no temd; what was changed is named, exit code 1\n"
        "  tem archive show 2026.tem-archive          the jobs in it; --job 12; --label "
        "7K3QF9ZT\n"
        "\n"
        "Only jobs that ended, with nothing open or in doubt, past retention.after_release and "
        "after_expiry;\n"
        "where after_release is never, --before says which. Numbers of archived jobs stay "
        "taken "
        "for ever.\n",
    .run = run,
};
