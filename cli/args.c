/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include "spooler/base/near.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 64

/* The row whose name is text[0..len), or whose letter is `letter`. */
static const struct args_option *find_in(const struct args_option *options, const char *text,
                                         size_t len, char letter)
{
    for (; options && options->name; options++) {
        if (letter ? options->letter == letter
                   : strlen(options->name) == len && memcmp(options->name, text, len) == 0)
            return options;
    }
    return NULL;
}

static bool is_option(const char *text)
{
    return text[0] == '-' && text[1];
}

/* Takes an option's text apart: "--name=value", "--name", "-lvalue", "-l". */
static const struct args_option *match(const char *text, const struct args_option *own,
                                       const struct args_option *common, const char **value)
{
    bool is_long = text[1] == '-';
    const char *name = text + (is_long ? 2 : 1);
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    char letter = is_long ? '\0' : name[0];
    const struct args_option *option = find_in(own, name, len, letter);
    if (!option)
        option = find_in(common, name, len, letter);
    if (is_long)
        *value = equals ? equals + 1 : NULL;
    else
        *value = name[1] ? name + 1 : NULL;
    return option;
}

static enum err unknown(const char *text, const struct args_option *own,
                        const struct args_option *common, struct why *why)
{
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (; own && own->name && count < NAMES_MAX; own++)
        names[count++] = own->name;
    for (; common && common->name && count < NAMES_MAX; common++)
        names[count++] = common->name;
    char word[NAMES_MAX];
    const char *name = text + strspn(text, "-");
    size_t len = strcspn(name, "=");
    len = len < sizeof word ? len : sizeof word - 1;
    memcpy(word, name, len);
    word[len] = '\0';
    const char *near = near_word(word, names, count);
    return err_set(why, ERR_INPUT, "there is no option %s%s%s%s", text,
                   near ? " (nearest: --" : "", near ? near : "", near ? ")" : "");
}

static enum err add(struct args *args, const struct args_option *option, const char *value,
                    struct why *why)
{
    if (!option->many && args_get(args, option->name) && option->value)
        return err_set(why, ERR_INPUT, "--%s is given twice", option->name);
    args->given[args->given_count++] = (struct args_given){option, value};
    return ERR_NONE;
}

enum err args_parse(int argc, const char *const *argv, const struct args_option *own,
                    const struct args_option *common, struct args *out, struct why *why)
{
    struct args args = {.words = calloc((size_t)argc + 1, sizeof *args.words),
                        .given = calloc((size_t)argc + 1, sizeof *args.given)};
    enum err err = ERR_NONE;
    if (!args.words || !args.given)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    bool ended = false;
    for (int i = 0; i < argc && !err; i++) {
        const char *text = argv[i], *value = NULL;
        if (ended || !is_option(text)) {
            args.words[args.word_count++] = text;
            continue;
        }
        if (strcmp(text, "--") == 0) {
            ended = true;
            continue;
        }
        const struct args_option *option = match(text, own, common, &value);
        if (!option)
            err = unknown(text, own, common, why);
        else if (!option->value && value)
            err = err_set(why, ERR_INPUT, "--%s takes no value", option->name);
        else if (option->value && !value && i + 1 == argc)
            err = err_set(why, ERR_INPUT, "--%s wants a value: --%s %s", option->name,
                          option->name, option->value);
        else
            err = add(&args, option, !option->value ? "" : value ? value : argv[++i], why);
    }
    if (err) {
        args_free(&args);
        return err;
    }
    *out = args;
    return ERR_NONE;
}

void args_free(struct args *args)
{
    free(args->words);
    free(args->given);
    *args = (struct args){0};
}

const char *args_next(const struct args *args, const char *name, size_t *at)
{
    while (*at < args->given_count) {
        const struct args_given *given = &args->given[(*at)++];
        if (strcmp(given->option->name, name) == 0)
            return given->value;
    }
    return NULL;
}

const char *args_get(const struct args *args, const char *name)
{
    size_t at = 0;
    return args_next(args, name, &at);
}

int args_leading(int argc, const char *const *argv, const struct args_option *common)
{
    int i = 0;
    while (i < argc && is_option(argv[i])) {
        const char *value = NULL;
        const struct args_option *option = match(argv[i], NULL, common, &value);
        i += option && option->value && !value ? 2 : 1;
    }
    return i < argc ? i : argc;
}

void args_help(const struct args_option *options, struct buf *out)
{
    for (; options && options->name; options++) {
        struct buf left = BUF_INIT(256);
        if (options->letter)
            buf_printf(&left, "-%c, ", options->letter);
        buf_printf(&left, "--%s%s%s", options->name, options->value ? " " : "",
                   options->value ? options->value : "");
        buf_printf(out, "  %-24s %s%s\n", buf_text(&left), options->help,
                   options->many ? " (repeatable)" : "");
        buf_free(&left);
    }
}

bool args_number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; text[i] >= '0' && text[i] <= '9'; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (i == 0 || text[i] || value < min || value > max)
        return false;
    *out = value;
    return true;
}
