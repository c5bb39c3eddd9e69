/* SPDX-License-Identifier: Apache-2.0 */
/* value.c: a scalar's text as the value of its option. Written by hand where libc would read
 * the locale. */
#include "config/options.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **text_at(const struct option *option, void *base)
{
    return (char **)((char *)base + option->offset);
}

static int64_t *number_at(const struct option *option, void *base)
{
    return (int64_t *)((char *)base + option->offset);
}

static bool in_range(const struct option *option, int64_t value)
{
    return value >= option->min && value <= option->max;
}

/* Decimal digits into *out, *text moved behind them; false without a digit or past int64_t. */
static bool take_digits(const char **text, int64_t *out)
{
    int64_t value = 0;
    const char *at = *text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (value > (INT64_MAX - (*at - '0')) / 10)
            return false;
        value = value * 10 + (*at - '0');
    }
    if (at == *text)
        return false;
    *text = at;
    *out = value;
    return true;
}

static enum err set_copy(char **field, const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        return ERR_NO_MEMORY;
    *field = copy;
    return ERR_NONE;
}

static enum err set_text(const struct option *option, const char *text, void *base)
{
    if (strlen(text) > (size_t)option->max)
        return ERR_INPUT;
    for (const char *at = text; *at; at++)
        if (*at <= ' ' || *at > '~')
            return ERR_INPUT;
    return set_copy(text_at(option, base), text);
}

static enum err set_name(const struct option *option, const char *text, void *base)
{
    static const char first[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const char others[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    if (!*text || strlen(text) > (size_t)option->max || strspn(text, first) == 0 ||
        text[strspn(text, others)])
        return ERR_INPUT;
    return set_copy(text_at(option, base), text);
}

static bool is_path(const struct option *option, const char *text)
{
    if (text[0] != '/' || strlen(text) > (size_t)option->max)
        return false;
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ')
            return false;
    return true;
}

static enum err set_path(const struct option *option, const char *text, void *base)
{
    return is_path(option, text) ? set_copy(text_at(option, base), text) : ERR_INPUT;
}

static enum err add_item(const struct option *option, const char *text, void *base)
{
    struct config_list *list = (struct config_list *)(void *)((char *)base + option->offset);
    char **items = realloc(list->items, (list->count + 2) * sizeof *items);
    if (!items)
        return ERR_NO_MEMORY;
    list->items = items;
    items[list->count] = NULL; /* the list stays terminated when the copy fails */
    enum err err = set_copy(&items[list->count], text);
    if (err)
        return err;
    items[++list->count] = NULL;
    return ERR_NONE;
}

static enum err add_path(const struct option *option, const char *text, void *base)
{
    return is_path(option, text) ? add_item(option, text, base) : ERR_INPUT;
}

/* YAML has seen to it that it is UTF-8. */
static enum err add_line(const struct option *option, const char *text, void *base)
{
    if (!*text || strlen(text) > (size_t)option->max)
        return ERR_INPUT;
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return ERR_INPUT;
    return add_item(option, text, base);
}

bool option_is_list(const struct option *option)
{
    return option->type == OPTION_PATHS || option->type == OPTION_LINES;
}

static enum err set_whole(const struct option *option, const char *text, void *base)
{
    int64_t value;
    bool minus = *text == '-';
    text += minus;
    if (!take_digits(&text, &value) || *text || !in_range(option, minus ? -value : value))
        return ERR_INPUT;
    *number_at(option, base) = minus ? -value : value;
    return ERR_NONE;
}

/* "50", "50 mm", "33.5mm": thousandths of a mm, exactly. */
static enum err set_length(const struct option *option, const char *text, void *base)
{
    int64_t mm, um = 0;
    if (!take_digits(&text, &mm) || mm > option->max / 1000)
        return ERR_INPUT;
    if (*text == '.') {
        const char *digits = ++text;
        if (!take_digits(&text, &um) || text - digits > 3)
            return ERR_INPUT;
        for (ptrdiff_t have = text - digits; have < 3; have++)
            um *= 10;
    }
    text += *text == ' ';
    if ((*text && strcmp(text, "mm") != 0) || !in_range(option, mm * 1000 + um))
        return ERR_INPUT;
    *number_at(option, base) = mm * 1000 + um;
    return ERR_NONE;
}

static enum err set_size(const struct option *option, const char *text, void *base)
{
    static const struct {
        const char *name;
        int shift;
    } units[] = {{"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
    int64_t value;
    if (!take_digits(&text, &value))
        return ERR_INPUT;
    text += *text == ' ';
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(text, units[i].name) != 0)
            continue;
        if (value > option->max >> units[i].shift || !in_range(option, value << units[i].shift))
            return ERR_INPUT;
        *number_at(option, base) = value << units[i].shift;
        return ERR_NONE;
    }
    return ERR_INPUT;
}

/* "400 days", "18 months", "5 years". A month counts 31 days and a year 366: never too early.
 */
static enum err set_age(const struct option *option, const char *text, void *base)
{
    static const struct {
        const char *name;
        int64_t days;
    } units[] = {{"day", 1},     {"days", 1},   {"month", 31},
                 {"months", 31}, {"year", 366}, {"years", 366}};
    int64_t value;
    if (strcmp(text, "never") == 0) {
        *number_at(option, base) = CONFIG_NEVER;
        return ERR_NONE;
    }
    if (!take_digits(&text, &value) || value > option->max)
        return ERR_INPUT;
    text += *text == ' ';
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(units[i].name, text) != 0 || !in_range(option, value * units[i].days))
            continue;
        *number_at(option, base) = value * units[i].days;
        return ERR_NONE;
    }
    return ERR_INPUT;
}

static enum err set_word(const struct option *option, const char *text, void *base)
{
    const char *word = option->words;
    size_t len = strlen(text);
    for (int64_t index = 0; word; index++) {
        size_t word_len = strcspn(word, "|");
        if (word_len == len && memcmp(word, text, len) == 0) {
            *number_at(option, base) = index;
            return ERR_NONE;
        }
        word = word[word_len] ? word + word_len + 1 : NULL;
    }
    return ERR_INPUT;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "+07:00"; the zones in use reach from -12:00 to +14:00. */
static enum err set_offset(const struct option *option, const char *text, void *base)
{
    if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
        !is_digit(text[1]) || !is_digit(text[2]) || !is_digit(text[4]) || !is_digit(text[5]) ||
        text[4] > '5')
        return ERR_INPUT;
    int minutes =
        ((text[1] - '0') * 10 + text[2] - '0') * 60 + (text[4] - '0') * 10 + text[5] - '0';
    if (text[0] == '-')
        minutes = -minutes;
    if (minutes < -12 * 60 || minutes > 14 * 60)
        return ERR_INPUT;
    *number_at(option, base) = minutes;
    return ERR_NONE;
}

/* Splits "host:port" or "[host]:port"; the port may be missing (-1). */
static bool split_host(const char *text, char host[static 64], int64_t *port)
{
    const char *end = text[0] == '[' ? strchr(text, ']') : text + strcspn(text, ":");
    const char *start = text + (text[0] == '[');
    if (!end || end - start >= 64)
        return false;
    memcpy(host, start, (size_t)(end - start));
    host[end - start] = '\0';
    end += *end == ']';
    *port = -1;
    if (!*end)
        return true;
    end++;
    return end[-1] == ':' && take_digits(&end, port) && !*end && *port <= 65535;
}

static bool is_loopback(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static enum err set_listener(const struct option *option, const char *text, void *base)
{
    char host[64];
    int64_t port;
    if (strcmp(text, "none") == 0)
        return ERR_NONE;
    if (!split_host(text, host, &port) || port < 0 || !is_loopback(host))
        return ERR_INPUT;
    *(int64_t *)(void *)((char *)base + option->offset2) = port;
    return set_copy(text_at(option, base), host);
}

static enum err set_folder(const struct option *option, const char *text, void *base)
{
    return *text ? set_path(option, text, base) : ERR_NONE;
}

static enum err set_server(const struct option *option, const char *text, void *base)
{
    char host[64];
    int64_t port;
    if (!*text)
        return ERR_NONE;
    if (is_path(option, text) || (split_host(text, host, &port) &&
                                  (strcmp(host, "localhost") == 0 || is_loopback(host))))
        return set_copy(text_at(option, base), text);
    return ERR_INPUT;
}

static const struct {
    enum err (*set)(const struct option *option, const char *text, void *base);
    const char *expected; /* %s: the range or the words */
    bool owns_text;
} types[OPTION_TYPES] = {
    [OPTION_SECTION] = {NULL, "a map of keys", false},
    [OPTION_MAPS] = {NULL, "a list of %s maps", false},
    [OPTION_TEXT] = {set_text, "%s printable characters without blanks", true},
    [OPTION_NAME] = {set_name, "a name of %s letters, digits, '.', '_' or '-'", true},
    [OPTION_PATH] = {set_path, "an absolute path of %s bytes", true},
    [OPTION_FOLDER] = {set_folder, "an absolute path of %s bytes, or nothing", true},
    [OPTION_PATHS] = {add_path, "an absolute path of %s bytes, or a list of such paths", false},
    [OPTION_LINES] = {add_line, "a text of %s bytes on one line, or a list of such texts",
                      false},
    [OPTION_WHOLE] = {set_whole, "a whole number %s", false},
    [OPTION_LENGTH] = {set_length, "a length such as 33.5 mm, %s", false},
    [OPTION_SIZE] = {set_size, "a size such as 16 MiB, %s", false},
    [OPTION_WORD] = {set_word, "one of %s", false},
    [OPTION_AGE] = {set_age, "an age such as 400 days, 18 months or 5 years, %s; or never",
                    false},
    [OPTION_OFFSET] = {set_offset, "hours and minutes east of UTC, such as +07:00", false},
    [OPTION_LISTENER] = {set_listener,
                         "a loopback address and port such as 127.0.0.1:8631, or none", true},
    [OPTION_SERVER] = {set_server, "the path of a socket, localhost:PORT, or nothing", true},
};

enum err option_set(const struct option *option, const char *text, void *base)
{
    return types[option->type].set(option, text, base);
}

/* Range or words of an option, for people. */
static void describe(const struct option *option, char *out, size_t size)
{
    int64_t unit = 1;
    const char *name = "";
    switch (option->type) {
    case OPTION_WORD:
        snprintf(out, size, "%s", option->words);
        for (char *bar = out; (bar = strchr(bar, '|'));)
            *bar = ' ';
        return;
    case OPTION_WHOLE:
        if (option->max == INT64_MAX) {
            snprintf(out, size, "from %" PRId64, option->min);
            return;
        }
        break;
    case OPTION_LENGTH:
        unit = 1000;
        name = " mm";
        break;
    case OPTION_AGE:
        name = " days";
        break;
    case OPTION_SIZE:
        unit = 1024;
        name = " KiB";
        break;
    default:
        snprintf(out, size, "at most %" PRId64, option->max);
        return;
    }
    snprintf(out, size, "from %" PRId64 " to %" PRId64 "%s", option->min / unit,
             option->max / unit, name);
}

char *option_expected(const struct option *option, char *out, size_t size)
{
    char detail[128];
    const char *expected = types[option->type].expected;
    const char *hole = strstr(expected, "%s");
    describe(option, detail, sizeof detail);
    if (hole)
        snprintf(out, size, "%.*s%s%s", (int)(hole - expected), expected, detail, hole + 2);
    else
        snprintf(out, size, "%s", expected);
    return out;
}

void option_release(const struct option *option, void *base)
{
    if (types[option->type].owns_text) {
        free(*text_at(option, base));
        *text_at(option, base) = NULL;
    }
    if (option_is_list(option)) {
        struct config_list *list =
            (struct config_list *)(void *)((char *)base + option->offset);
        for (size_t i = 0; i < list->count; i++)
            free(list->items[i]);
        free(list->items);
        *list = (struct config_list){0};
    }
}
