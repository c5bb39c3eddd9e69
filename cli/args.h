/* SPDX-License-Identifier: Apache-2.0 */
/* args.h: a subcommand's words and options, by tables that are its help as well.
 *
 * Options may stand anywhere: --name VALUE, --name=VALUE, -l VALUE; "--" ends them; "-" is a
 * word (standard input or output). Pure. Values are borrowed from argv. */
#ifndef TEM_CLI_ARGS_H
#define TEM_CLI_ARGS_H

#include "spooler/base/buf.h"
#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A table of these ends with a row without name. */
struct args_option {
    const char *name;  /* without its dashes */
    char letter;       /* 0 = none */
    const char *value; /* what stands for its value in help; NULL = a switch */
    bool many;         /* may be given more than once */
    const char *help;
};

struct args_given {
    const struct args_option *option;
    const char *value; /* "" for a switch */
};

struct args {
    const char **words;
    size_t word_count;
    struct args_given *given; /* in their order */
    size_t given_count;
};

/* `argv` starts with the first argument. `common` is looked at after `own`. ERR_INPUT: an
 * unknown option (names the nearest), one without its value, or twice. */
enum err args_parse(int argc, const char *const *argv, const struct args_option *own,
                    const struct args_option *common, struct args *out, struct why *why);
void args_free(struct args *args);
/* The value of an option, "" for a switch, NULL when it is not given. */
const char *args_get(const struct args *args, const char *name);
/* Its values one after the other: *at starts at 0. NULL after the last. */
const char *args_next(const struct args *args, const char *name, size_t *at);
/* How many of `argv` come before the first word that is neither an option of `common` nor its
 * value; argc when there is none. */
int args_leading(int argc, const char *const *argv, const struct args_option *common);
/* The options as help shows them, a line each. */
void args_help(const struct args_option *options, struct buf *out);

/* A whole number of decimal digits only, min..max. */
bool args_number(const char *text, uint64_t min, uint64_t max, uint64_t *out);

#endif
