/* SPDX-License-Identifier: Apache-2.0 */
/* example.c: the option table as a file that people can read and temd can load. */
#include "config/config.h"

#include "config/options.h"

#include <stdlib.h>
#include <string.h>

static void add_place(struct buf *out, const struct config_places *places, const char *name,
                      size_t len)
{
    const struct {
        const char *name;
        const char *folder;
    } rows[] = {
        {"state", places->state}, {"run", places->run},     {"data", places->data},
        {"feed", places->feed},   {"fonts", places->fonts},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
            buf_add_text(out, rows[i].folder);
}

enum err option_preset(const struct option *option, const struct config_places *places,
                       char **out)
{
    struct buf text = BUF_INIT(64 * 1024);
    const char *at = option->preset;
    buf_add_text(&text, ""); /* an empty default is a text, too */
    while (*at) {
        size_t len = strcspn(at, "@");
        buf_add(&text, at, len);
        at += len;
        if (!*at)
            break;
        len = strcspn(at + 1, "@");
        add_place(&text, places, at + 1, len);
        at += len + 2;
    }
    enum err err = buf_err(&text);
    char *taken = err ? NULL : strdup(buf_text(&text));
    buf_free(&text);
    if (!taken)
        return err ? err : ERR_NO_MEMORY;
    *out = taken;
    return ERR_NONE;
}

/* Where the rows of one list begin each line with '#', so that taking the '#' away makes it
 * count. */
struct layout {
    struct buf *out;
    const char *comment;
    size_t indent;
    bool first; /* the next key opens a list's map: "- " */
};

static void add_indent(struct layout *layout)
{
    buf_add_text(layout->out, layout->comment);
    for (size_t i = 0; i < layout->indent; i++)
        buf_add_text(layout->out, "  ");
}

static void add_help(struct layout *layout, const char *help)
{
    while (*help) {
        size_t len = strcspn(help, "\n");
        add_indent(layout);
        buf_add_text(layout->out, "# ");
        buf_add(layout->out, help, len);
        buf_add_byte(layout->out, '\n');
        help += len + (help[len] == '\n');
    }
}

/* "a:b" as "[a, b]", one as it is. */
static void add_paths(struct buf *out, char *paths)
{
    bool many = strchr(paths, ':') != NULL;
    const char *glue = many ? "[" : "";
    for (char *part; (part = strsep(&paths, ":"));) {
        buf_printf(out, "%s%s", glue, part);
        glue = ", ";
    }
    buf_add_text(out, many ? "]" : "");
}

static void add_words(struct buf *out, const char *words)
{
    for (; *words; words++) {
        if (*words == '|')
            buf_add_text(out, " | ");
        else
            buf_add_byte(out, (uint8_t)*words);
    }
}

static enum err add_value(struct layout *layout, const struct option *option,
                          const struct config_places *places)
{
    struct buf *out = layout->out;
    char *value = NULL;
    enum err err = ERR_NONE;
    if (option->sample)
        value = strdup(option->sample);
    else
        err = option_preset(option, places, &value);
    if (err || !value)
        return err ? err : ERR_NO_MEMORY;
    if (option_is_list(option))
        add_paths(out, value);
    else
        buf_add_text(out, *value ? value : "\"\"");
    free(value);
    if (option->words) {
        buf_add_text(out, "  # ");
        add_words(out, option->words);
    }
    return buf_err(out);
}

static enum err add_option(struct layout *layout, const struct option *option,
                           const struct config_places *places)
{
    const char *key = strrchr(option->path, '.');
    key = key ? key + 1 : option->path;
    layout->indent -= layout->first; /* the list's dash stands where the map's keys do not */
    add_help(layout, option->help);
    if (option->type == OPTION_MAPS) {
        buf_printf(layout->out, "%s: []\n#%s:\n", key, key);
        return buf_err(layout->out);
    }
    add_indent(layout);
    buf_printf(layout->out, "%s%s:", layout->first ? "- " : "", key);
    enum err err = buf_err(layout->out);
    if (option->type != OPTION_SECTION) {
        buf_add_byte(layout->out, ' ');
        err = add_value(layout, option, places);
    }
    buf_add_byte(layout->out, '\n');
    return err;
}

enum err config_example(const struct config_places *places, struct buf *out)
{
    enum err err = ERR_NONE;
    buf_add_text(
        out,
        "# SPDX-License-Identifier: Apache-2.0\n"
        "# Tem's configuration: every option with its default; what is left out has it.\n"
        "# An unknown key or a value out of range stops the start and is told with its line.\n"
        "# `temd --example-config` prints this file.\n");
    for (size_t i = 0; i < option_count && !err; i++) {
        const char *path = options[i].path;
        struct layout layout = {.out = out, .comment = strchr(path, '[') ? "#" : ""};
        for (const char *at = path; *at; at++)
            layout.indent += *at == '.';
        layout.indent += *layout.comment != '\0';
        layout.first = i > 0 && options[i - 1].type == OPTION_MAPS;
        if (!layout.indent)
            buf_add_byte(out, '\n');
        err = add_option(&layout, &options[i], places);
    }
    return err ? err : buf_err(out);
}
