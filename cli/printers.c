/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

static const char *const heads[] = {"PRINTER", "STATE", "JOB",     "LABELS",
                                    "MODEL",   "STOCK", "CONFIRMS"};

static void add_row(struct table *table, const json_t *printer)
{
    const json_t *printing = json_object_get(printer, "printing");
    table_add(table, "%s", json_text(printer, "name"));
    table_add(table, "%s", json_text(printer, "state"));
    if (printing) {
        table_add(table, "%" PRIu64, json_count(printing, "job"));
        table_add(table, "%" PRIu64 "/%" PRIu64, json_count(printing, "labels_done"),
                  json_count(printing, "labels_all"));
    } else {
        table_add(table, "-");
        table_add(table, "-");
    }
    table_add(table, "%s", json_text(printer, "model"));
    table_add(table, "%s", json_text(printer, "stock"));
    table_add(table, "%s", json_is_true(json_object_get(printer, "evidence")) ? "yes" : "no");
}

/* What it waits for or how it is mended: sentences, too long for a column. */
static void say_words(const struct screen *screen, const json_t *list)
{
    size_t i;
    const json_t *printer;
    bool first = true;
    json_array_foreach(list, i, printer)
    {
        struct buf line = BUF_INIT(8192);
        if (!*json_text(printer, "words"))
            continue;
        text_clean(json_text(printer, "name"), &line);
        buf_add_text(&line, ": ");
        text_clean(json_text(printer, "words"), &line);
        fprintf(screen->stream, "%s%s%s%s\n", first ? "\n" : "",
                screen_colour(screen, COLOUR_YELLOW), buf_text(&line),
                screen_colour(screen, COLOUR_NONE));
        first = false;
        buf_free(&line);
    }
}

static enum code show(struct tem *tem, const json_t *list)
{
    struct table table;
    size_t i;
    const json_t *printer;
    if (!json_is_array(list))
        return client_nonsense(tem, "printers");
    table_init(&table, heads, sizeof heads / sizeof heads[0], 1 << 2 | 1 << 3);
    json_array_foreach(list, i, printer) add_row(&table, printer);
    if (!table_print(&table, &tem->out))
        return tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (!json_array_size(list))
        fputs("no printers are configured\n", tem->out.stream);
    say_words(&tem->out, list);
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    struct http_answer answer;
    enum code code = client_get(tem, "/v1/printers", &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        code = show(tem, json_object_get(answer.json, "printers"));
    http_answer_free(&answer);
    return code;
}

const struct command command_printers = {
    .name = "printers",
    .usage = "",
    .summary = "list printers, what they do and what they wait for",
    .help =
        "  tem printers\n"
        "  tem printers --json | jq -r '.printers[] | select(.state != \"idle\") | .words'\n"
        "\n"
        "States: idle, printing, waiting (for a person: labels, ribbon, a closed head), "
        "drained (its\n"
        "roll is to be changed; tem printer resume goes on), refused (its\n"
        "queue is not as it must be; the command that mends it is shown), offline (CUPS or the "
        "printer\n"
        "is away). CONFIRMS: the printer says what it printed; without that a label is "
        "`sent`.\n",
    .run = run,
};
