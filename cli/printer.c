/* SPDX-License-Identifier: Apache-2.0 */
/* printer.c: the table of actions of `tem printer`, and what they share. */
#include "cli/printer.h"

#include "cli/client.h"
#include "cli/report.h"
#include "spooler/base/near.h"

#include <string.h>

static const struct args_option options[] = {
    {"device", 0, "URI", false, "add: socket://ADDRESS, usb://...; else the queue's own"},
    {"model", 'm', "MODEL", false, "add: zpl-203, ...; else temd.yaml's"},
    {"stock", 0, "WxH", false, "add, test: a label on the roll in mm, such as 50x30"},
    {"gap", 0, "MM", false, "add: between two labels (3)"},
    {"evidence", 0, "full|none", false, "add: none = the printer cannot say what it printed"},
    {"queue", 0, "NAME", false, "add, remove: the CUPS queue; else temd.yaml's or the same"},
    {"ppd", 0, "FILE", false, "add: Tem's PPD; else the installed one"},
    {"force", 0, NULL, false, "add, remove: although a job is open"},
    {"wait", 0, "SECONDS", false, "test: at most (60); discover: how long to look (10)"},
    {"no-wait", 0, NULL, false, "change-roll: do not wait until the last labels are out"},
    {"reason", 0, "TEXT", false, "change-roll, resume: why, for the ledger"},
    {"key", 0, "KEY", false, "change-roll, resume: idempotency key, to repeat the same order"},
    {"yes", 'y', NULL, false, "remove: do not ask"},
    SITE_USER_OPTION,
    SITE_CONFIG_OPTION,
    SITE_CUPS_OPTION,
    CLIENT_PERSON_OPTION,
    {0},
};

static const struct printer_action actions[] = {
    {"add",
     "NAME --device URI --model MODEL [--stock WxH] [--gap MM] [--evidence none]",
     1,
     1,
     {"device", "model", "stock", "gap", "evidence", "queue", "ppd", "force", "user", "config",
      "cups"},
     printer_add},
    {"test", "NAME [--wait SECONDS]", 1, 1, {"stock", "wait", "person"}, printer_test},
    {"status", "[NAME]", 0, 1, {"config", "cups", "user"}, printer_status},
    {"remove",
     "NAME [--force]",
     1,
     1,
     {"queue", "force", "yes", "config", "cups"},
     printer_remove},
    {"change-roll",
     "NAME [--no-wait]",
     1,
     1,
     {"no-wait", "person", "reason", "key"},
     printer_change_roll},
    {"resume", "NAME", 1, 1, {"person", "reason", "key"}, printer_resume},
    {"discover", "[--wait SECONDS]", 0, 0, {"wait", "config", "cups"}, printer_discover},
};
#define ACTIONS (sizeof actions / sizeof actions[0])

/* ---- shared ------------------------------------------------------------------------ */

const char *printer_queue_name(struct tem *tem, const struct site *site, const char *name)
{
    const char *given = args_get(&tem->args, "queue");
    const struct config_printer *printer = site_printer(site, name);
    return given ? given : printer ? printer->queue : name;
}

const json_t *printer_in(const json_t *answer, const char *name)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(answer, "printers"), i, one)
    {
        if (strcmp(json_text(one, "name"), name) == 0)
            return one;
    }
    return NULL;
}

void printer_say(const json_t *printer, struct buf *out)
{
    const char *state = json_text(printer, "state"), *words = json_text(printer, "words");
    size_t len = strlen(state);
    if (strncmp(words, state, len) == 0 && words[len] == ':') /* temfeed says it, too */
        buf_add_text(out, words);
    else
        buf_printf(out, "%s%s%s", state, *words ? ": " : "", words);
}

/* ---- which action ---------------------------------------------------------------------- */

static enum code unknown_action(struct tem *tem, const char *word)
{
    const char *names[ACTIONS];
    for (size_t i = 0; i < ACTIONS; i++)
        names[i] = actions[i].name;
    const char *near = near_word(word, names, ACTIONS);
    if (near)
        return tem_usage(tem, "there is no action \"%s\" (nearest: %s)", word, near);
    return tem_usage(tem,
                     "there is no action \"%s\"; to see that printer: tem printer status %s",
                     word, word);
}

/* An option of another action would be overlooked. */
static enum code check_options(struct tem *tem, const struct printer_action *action)
{
    for (size_t i = 0; i < tem->args.given_count; i++) {
        const struct args_option *option = tem->args.given[i].option;
        bool ours = false, taken = false;
        for (const struct args_option *row = options; row->name; row++)
            ours |= row == option;
        for (size_t k = 0; action->takes[k]; k++)
            taken |= strcmp(action->takes[k], option->name) == 0;
        if (ours && !taken)
            return tem_usage(tem, "tem printer %s takes no --%s", action->name, option->name);
    }
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    const struct args *args = &tem->args;
    const struct printer_action *action = NULL;
    size_t count = args->word_count - 1; /* the table of commands asks for one word */
    for (size_t i = 0; i < ACTIONS; i++) {
        if (strcmp(actions[i].name, args->words[0]) == 0)
            action = &actions[i];
    }
    if (!action)
        return unknown_action(tem, args->words[0]);
    if (count < action->min_words || count > action->max_words)
        return tem_usage(tem, "expected: tem printer %s %s", action->name, action->usage);
    enum code code = check_options(tem, action);
    return code ? code : action->run(tem, args->words + 1, count);
}

const struct command command_printer = {
    .name = "printer",
    .usage = "add NAME ... | test NAME | status [NAME] | change-roll NAME | resume NAME | "
             "remove NAME | discover",
    .summary = "make a printer's CUPS queue, test it, see what is wrong with it",
    .options = options,
    .min_words = 1,
    .max_words = 2,
    .help =
        "  sudo tem printer discover            what CUPS finds, and which of it speaks ZPL\n"
        "  sudo tem printer add line1 --device socket://192.0.2.7 --model zpl-203 --stock "
        "50x30\n"
        "        makes the queue (or mends it) and shows the lines for temd.yaml\n"
        "  sudo tem printer add line1           mends the queue of a printer that temd.yaml "
        "has\n"
        "  tem printer test line1               prints a label without a number through all of "
        "it\n"
        "  tem printer status                   queue, temd's view and the printer's own "
        "words\n"
        "  tem printer change-roll line1        waits until the last labels are out: change it "
        "then\n"
        "  tem printer resume line1             goes on\n"
        "  sudo tem printer remove line1        when no job is open\n"
        "\n"
        "change-roll: no further label is sent, those in the printer come out and are "
        "confirmed. "
        "So\n"
        "none comes into doubt when it is opened, however often you press FEED. Jobs wait; the "
        "order\n"
        "outlives a restart of temd and of the machine.\n"
        "\n"
        "add, remove and discover ask CUPS on this machine; it lets root do that, and members "
        "of its\n"
        "SystemGroup (Debian: lpadmin). The queue gets Tem's PPD, its device with the options "
        "that a\n"
        "confirmation needs, the error policy abort-job, no banners, and is open to temd's "
        "user alone.\n"
        "`tem printers` lists what temd prints to.\n",
    .run = run,
};
