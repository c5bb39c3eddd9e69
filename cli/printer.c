/* SPDX-License-Identifier: Apache-2.0 */
/* printer.c: `tem printer ACTION NAME`: finds the action. */
#include "cli/printer.h"

#include "cli/client.h"
#include "spooler/base/near.h"

#include <string.h>

static const struct {
    const char *name;
    enum code (*run)(struct tem *tem);
} actions[] = {
    {"change-roll", printer_change_roll},
    {"resume", printer_resume},
};
#define ACTIONS (sizeof actions / sizeof actions[0])

static const struct args_option options[] = {
    {"no-wait", 0, NULL, false, "do not wait until the last labels are out"},
    CLIENT_PERSON_OPTION,
    {"reason", 0, "TEXT", false, "why, for the ledger"},
    {"key", 0, "KEY", false, "idempotency key, to repeat the same order"},
    {0},
};

static enum code run(struct tem *tem)
{
    const char *word = tem->args.words[0], *names[ACTIONS];
    for (size_t i = 0; i < ACTIONS; i++) {
        if (strcmp(actions[i].name, word) == 0)
            return actions[i].run(tem);
        names[i] = actions[i].name;
    }
    const char *near = near_word(word, names, ACTIONS);
    return tem_usage(tem, "\"%s\" is nothing that can be done to a printer%s%s%s", word,
                     near ? " (nearest: " : "", near ? near : "", near ? ")" : "");
}

const struct command command_printer = {
    .name = "printer",
    .usage = "change-roll NAME [--no-wait] | resume NAME",
    .summary = "change a printer's roll without doubt",
    .options = options,
    .min_words = 2,
    .max_words = 2,
    .help =
        "  tem printer change-roll line-3    waits until the last labels are out: change it "
        "then\n"
        "  tem printer resume line-3         goes on\n"
        "\n"
        "No further label is sent, those in the printer come out and are confirmed. So the "
        "printer holds\n"
        "none when it is opened, and no label comes into doubt, however often you press "
        "FEED. Jobs wait;\n"
        "the order outlives a restart of temd and of the machine.\n",
    .run = run,
};
