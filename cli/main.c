/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: finds the subcommand, reads its arguments, runs it; help. No logic of its own. */
#include "cli/tem.h"

#include "cli/text.h"
#include "spooler/base/near.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &command_print,   &command_jobs,    &command_job,      &command_hold,    &command_release,
    &command_cancel,  &command_resolve, &command_label,    &command_reprint, &command_reprints,
    &command_void,    &command_verify,  &command_printers, &command_series,  &command_templates,
    &command_ledger,  &command_backup,  &command_restore,  &command_archive, &command_check,
    &command_preview, &command_report,  &command_printer,  &command_doctor,
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static const struct args_option common[] = {
    {"server", 0, "ADDRESS", false, "unix:/PATH or http://127.0.0.1:PORT; else $TEM_SERVER"},
    {"json", 0, NULL, false, "one JSON document, as the server gave it; errors too, on stderr"},
    {"help", 'h', NULL, false, "this text"},
    {"version", 0, NULL, false, "the version"},
    {0},
};

static const char intro[] =
    "tem: print serialized labels, and know which of them exist\n"
    "\n"
    "Usage: tem COMMAND ...        tem help COMMAND shows its examples\n"
    "\n";

static const char examples[] =
    "\n"
    "Examples:\n"
    "  tem print medicine-pack --printer line-3 --quantity 500 \\\n"
    "      --data product=\"Paracetamol 500 mg\" --data gtin=09520123456788 \\\n"
    "      --data lot=L2403A --data expiry=2028-03-31\n"
    "  tem jobs                          what is printing, waiting, held\n"
    "  tem job 12                        one job, label by label\n"
    "  tem report 12 --html job-12.html  every label accounted for, to print and sign\n"
    "  tem resolve 12 --last-good 7K3QF9ZT   after a fault: the last good label on the roll\n"
    "  tem check pack.yaml && tem preview pack.yaml -o pack.png\n"
    "  tem templates add pack.yaml       into a running temd, for the next jobs\n";

static atomic_bool stop;

static void on_interrupt(int signal)
{
    (void)signal; /* only SIGINT comes here */
    atomic_store(&stop, true);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static void print_codes(FILE *to)
{
    static const struct {
        int code;
        const char *words;
    } codes[] = {
#define X(name, number, words) {number, words},
        CODE_MAP(X)
#undef X
    };
    fputs("\nExit codes:\n", to);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        fprintf(to, "  %3d  %s\n", codes[i].code, codes[i].words);
}

static void print_options(FILE *to, const char *title, const struct args_option *options)
{
    struct buf text = BUF_INIT(16384);
    args_help(options, &text);
    if (text.len)
        fprintf(to, "\n%s:\n%s", title, buf_text(&text));
    buf_free(&text);
}

static enum code help_all(FILE *to)
{
    fputs(intro, to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs(examples, to);
    print_options(to, "Options of every command", common);
    print_codes(to);
    return CODE_DONE;
}

static enum code help_command(FILE *to, const struct command *command)
{
    fprintf(to, "tem %s: %s\n\nUsage: tem %s %s\n\n%s", command->name, command->summary,
            command->name, command->usage, command->help);
    print_options(to, "Options", command->options);
    print_options(to, "Options of every command", common);
    return CODE_DONE;
}

static void fail_json(FILE *to, enum code code, const char *text)
{
    const char *type = code == CODE_USAGE         ? "urn:tem:problem:usage"
                       : code == CODE_UNREACHED   ? "urn:tem:problem:unreached"
                       : code == CODE_INTERRUPTED ? "urn:tem:problem:interrupted"
                                                  : "urn:tem:problem:client";
    json_t *json = json_pack("{ss ss sb s[]}", "type", type, "detail", text, "retry",
                             code == CODE_UNREACHED || code == CODE_BUSY, "findings");
    if (!json || json_dumpf(json, to, JSON_COMPACT) != 0)
        fputs("{}", to);
    fputc('\n', to);
    json_decref(json);
}

static void vfail(struct tem *tem, enum code code, const char *format, va_list args)
{
    struct buf raw = BUF_INIT(8192), clean = BUF_INIT(32768);
    buf_vprintf(&raw, format, args);
    text_clean(buf_text(&raw), &clean);
    if (tem->json)
        fail_json(tem->err.stream, code, buf_text(&clean));
    else
        fprintf(tem->err.stream, "%stem: %s%s\n", screen_colour(&tem->err, COLOUR_BOLD),
                buf_text(&clean), screen_colour(&tem->err, COLOUR_NONE));
    buf_free(&raw);
    buf_free(&clean);
}

enum code tem_fail(struct tem *tem, enum code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfail(tem, code, format, args);
    va_end(args);
    return code;
}

enum code tem_usage(struct tem *tem, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfail(tem, CODE_USAGE, format, args);
    va_end(args);
    if (!tem->json && tem->command)
        fprintf(tem->err.stream, "usage: tem %s %s\ntem help %s shows examples\n",
                tem->command->name, tem->command->usage, tem->command->name);
    return CODE_USAGE;
}

enum code tem_fail_err(struct tem *tem, enum err err, const struct why *why)
{
    static const struct {
        enum err err;
        enum code code;
    } rows[] = {{ERR_INPUT, CODE_BAD},     {ERR_NOT_FOUND, CODE_BAD},
                {ERR_TOO_LARGE, CODE_BAD}, {ERR_DENIED, CODE_REFUSED},
                {ERR_BUSY, CODE_BUSY},     {ERR_FULL, CODE_BUSY}};
    enum code code = CODE_INTERNAL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].err == err)
            code = rows[i].code;
    }
    return tem_fail(tem, code, "%s", why->text[0] ? why->text : err_meaning(err));
}

bool tem_job_id(struct tem *tem, const char *word, int64_t *out)
{
    uint64_t id;
    if (args_number(word, 1, INT64_MAX, &id)) {
        *out = (int64_t)id;
        return true;
    }
    (void)tem_usage(tem,
                    "\"%s\" is no job; expected its number, such as 12 (tem jobs lists them)",
                    word); /* the caller returns the code */
    return false;
}

bool tem_confirm(struct tem *tem, const char *question)
{
    char answer[16];
    if (args_get(&tem->args, "yes") || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return true;
    fprintf(stderr, "%s [y/N] ", question);
    if (!fgets(answer, sizeof answer, stdin))
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

void tem_sleep(const struct tem *tem, int ms)
{
    /* The handler interrupts poll(); a signal between the two only costs one more wait. */
    if (!atomic_load(tem->stop) && poll(NULL, 0, ms) < 0 && errno != EINTR)
        return;
}

static enum code unknown_command(struct tem *tem, const char *name)
{
    const char *names[COMMANDS + 1] = {"help"};
    for (size_t i = 0; i < COMMANDS; i++)
        names[i + 1] = commands[i]->name;
    const char *near = near_word(name, names, COMMANDS + 1);
    return tem_usage(tem, "there is no command \"%s\"%s%s%s; tem --help lists them", name,
                     near ? " (nearest: " : "", near ? near : "", near ? ")" : "");
}

static enum code help_for(struct tem *tem, const char *name)
{
    const struct command *command = find_command(name);
    return command ? help_command(tem->out.stream, command) : unknown_command(tem, name);
}

/* Everything but the subcommand's own rules: how many words, which server. */
static enum code prepare(struct tem *tem)
{
    const struct command *command = tem->command;
    size_t words = tem->args.word_count;
    struct why why = {{0}};
    if (words < command->min_words)
        return tem_usage(tem, "%s", words ? "something is missing" : "nothing is named");
    if (words > command->max_words)
        return tem_usage(tem, "\"%s\" is one word too many",
                         tem->args.words[command->max_words]);
    const char *address = args_get(&tem->args, "server");
    if (!address)
        address = getenv("TEM_SERVER");
    if (!address || !*address)
        address = "unix:" TEM_RUNSTATEDIR "/temd.sock";
    if (server_parse(address, &tem->server, &why) != ERR_NONE)
        return tem_usage(tem, "%s", why.text);
    return CODE_DONE;
}

/* Given as an option of this table: a subcommand may have one of the same name. */
static bool is_given(const struct args *args, const struct args_option *table, const char *name)
{
    for (size_t i = 0; i < args->given_count; i++) {
        const struct args_option *option = args->given[i].option;
        for (const struct args_option *row = table; row->name; row++) {
            if (row == option && strcmp(row->name, name) == 0)
                return true;
        }
    }
    return false;
}

/* `argv` holds the subcommand's name at `at`; what stands before it are common options. */
static enum code run(struct tem *tem, int argc, const char **argv, int at)
{
    struct why why = {{0}};
    const struct args_option *own = NULL;
    if (at < argc) {
        tem->command = find_command(argv[at]);
        if (!tem->command && strcmp(argv[at], "help") != 0)
            return unknown_command(tem, argv[at]);
        own = tem->command ? tem->command->options : NULL;
        memmove(argv + at, argv + at + 1, (size_t)(argc - at - 1) * sizeof *argv);
        argc--;
    } else
        at = -1;
    if (args_parse(argc, argv, own, common, &tem->args, &why) != ERR_NONE)
        return tem_usage(tem, "%s", why.text);
    tem->json = args_get(&tem->args, "json") != NULL;
    if (is_given(&tem->args, common, "version"))
        return fputs("tem " TEM_VERSION "\n", tem->out.stream) < 0 ? CODE_INTERNAL : CODE_DONE;
    if (!tem->command) {
        if (tem->args.word_count)
            return help_for(tem, tem->args.words[0]);
        (void)help_all(at < 0 && !args_get(&tem->args, "help") ? tem->err.stream
                                                               : tem->out.stream);
        return at < 0 && !args_get(&tem->args, "help") ? CODE_USAGE : CODE_DONE;
    }
    if (args_get(&tem->args, "help"))
        return help_command(tem->out.stream, tem->command);
    enum code code = prepare(tem);
    return code ? code : tem->command->run(tem);
}

int main(int argc, char **argv)
{
    struct tem tem = {.stop = &stop};
    screen_open(stdout, &tem.out);
    screen_open(stderr, &tem.err);
    struct sigaction action = {.sa_handler = on_interrupt}; /* no SA_RESTART: waits end */
    enum code code = CODE_INTERNAL;
    const char **words = calloc((size_t)argc + 1, sizeof *words);
    if (words && sigaction(SIGINT, &action, NULL) == 0) {
        for (int i = 1; i < argc; i++)
            words[i - 1] = argv[i];
        code = run(&tem, argc - 1, words, args_leading(argc - 1, words, common));
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("tem: standard output cannot be written\n", stderr);
        code = code ? code : CODE_INTERNAL;
    }
    http_close(tem.http);
    args_free(&tem.args);
    free(words);
    return (int)code;
}
