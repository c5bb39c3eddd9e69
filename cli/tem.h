/* SPDX-License-Identifier: Apache-2.0 */
/* tem.h: what every subcommand of `tem` is and is given. A subcommand is one file that ends in
 * its row; main.c lists the rows. One thread. */
#ifndef TEM_CLI_TEM_H
#define TEM_CLI_TEM_H

#include "cli/args.h"
#include "cli/http.h"
#include "cli/screen.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* What the process ends with, for scripts. Documented in help, docs/operator.md and tem.1. */
#define CODE_MAP(X)                                                                            \
    X(CODE_DONE, 0, "done")                                                                    \
    X(CODE_BAD, 1, "bad input, no such thing, or faults were found; nothing was changed")      \
    X(CODE_USAGE, 2, "the command line is wrong")                                              \
    X(CODE_UNREACHED, 3, "temd was not reached, or the connection to it was lost")             \
    X(CODE_REFUSED, 4, "refused: wrong state, another request's key, or too few numbers left") \
    X(CODE_ATTENTION, 5,                                                                       \
      "a person is needed: a job is held, in doubt or not all printed, or a check failed")     \
    X(CODE_BUSY, 6, "busy or full: the same again later may work")                             \
    X(CODE_INTERNAL, 7, "a fault of the system or of Tem itself")                              \
    X(CODE_INTERRUPTED, 130,                                                                   \
      "interrupted (Ctrl-C), or answered no; a job that was accepted goes on")

enum code {
#define X(name, number, words) name = number,
    CODE_MAP(X)
#undef X
};

struct tem;

struct command {
    const char *name;
    const char *usage; /* what follows "tem NAME " */
    const char *summary;
    const struct args_option *options;
    size_t min_words, max_words;
    const char *help; /* examples first */
    enum code (*run)(struct tem *tem);
};

struct tem {
    const struct command *command;
    struct args args;
    bool json;
    struct screen out, err;
    struct server server;
    struct http *http;       /* NULL until client.h opens it */
    const atomic_bool *stop; /* Ctrl-C was pressed */
};

/* A failure in words: "tem: ..." on standard error, or a problem document there with --json.
 * Returns `code`. */
enum code tem_fail(struct tem *tem, enum code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As tem_fail with CODE_USAGE, and where to read on. */
enum code tem_usage(struct tem *tem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* tem_fail for what failed here, with the exit code of this error. */
enum code tem_fail_err(struct tem *tem, enum err err, const struct why *why);
/* A word of the command line that is a job's number; false: said so. */
bool tem_job_id(struct tem *tem, const char *word, int64_t *out);
/* Asks "... [y/N]" on the terminal; true when the answer is yes, when --yes is given, and when
 * nobody is there to be asked (standard input or error is no terminal). */
bool tem_confirm(struct tem *tem, const char *question);
/* Sleeps; ends early when Ctrl-C is pressed. */
void tem_sleep(const struct tem *tem, int ms);

extern const struct command command_print, command_jobs, command_job, command_hold,
    command_release, command_cancel, command_resolve, command_label, command_printers,
    command_series, command_templates, command_ledger, command_check, command_preview,
    command_reprint, command_reprints, command_verify, command_void, command_backup,
    command_restore, command_archive, command_report, command_printer, command_doctor;

#endif
