/* SPDX-License-Identifier: Apache-2.0 */
/* config.c: walks the option table and a YAML tree together. */
#include "config/config.h"

#include "config/options.h"
#include "spooler/base/durable.h"
#include "spooler/base/yaml.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_KEYS 32 /* direct members of one map */

struct load {
    const struct yaml_doc *doc;
    const struct config_places *places;
    struct findings *findings;
    bool no_memory;
};

/* A map being read: its rows begin with `prefix`, a person knows it as `shown`. `map` is NULL
 * when the file has none; findings are then placed at `near`, the map around it. */
struct level {
    char prefix[64];
    char shown[96];
    const struct yaml_node *map;
    const struct yaml_node *near;
    void *base;
};

static void load_map(struct load *load, const struct level *level);

static struct level level_below(const struct level *level, const struct option *option,
                                const char *suffix, const struct yaml_node *map)
{
    struct level below = {.map = map, .near = map ? map : level->near, .base = level->base};
    const char *key = option_key(option, level->prefix);
    snprintf(below.prefix, sizeof below.prefix, "%s%s", option->path, suffix);
    snprintf(below.shown, sizeof below.shown, "%.40s%.40s.", level->shown, key);
    return below;
}

static void bad_value(struct load *load, const struct option *option, const char *shown,
                      const struct yaml_node *node)
{
    char expected[256];
    findings_add(load->findings, SEVERITY_ERROR, "bad-value",
                 yaml_place(load->doc, node, shown), node->text,
                 option_expected(option, expected, sizeof expected),
                 "not a value for this option");
}

static void note_err(struct load *load, enum err err)
{
    load->no_memory |= err == ERR_NO_MEMORY;
}

/* The default. One that its own row refuses comes from the build's folders (a socket path that
 * is too long): a finding, so that temd says it instead of failing later. */
static void load_preset(struct load *load, const struct level *level,
                        const struct option *option, const char *shown)
{
    char *preset = NULL;
    if (!option->preset) {
        char expected[256];
        findings_add(load->findings, SEVERITY_ERROR, "missing-key",
                     yaml_place(load->doc, level->near, shown), NULL,
                     option_expected(option, expected, sizeof expected),
                     "this key is required");
        return;
    }
    enum err err = option_preset(option, load->places, &preset);
    if (err) {
        note_err(load, err);
        return;
    }
    char *rest = preset;
    bool list = option_is_list(option);
    do {
        char *part = list ? strsep(&rest, ":") : rest;
        err = option_set(option, part, level->base);
        note_err(load, err);
        if (err == ERR_INPUT)
            findings_add(load->findings, SEVERITY_ERROR, "bad-default",
                         yaml_place(load->doc, level->near, shown), part, NULL,
                         "the build's default does not do here; give this key");
    } while (list && rest);
    free(preset);
}

static void load_value(struct load *load, const struct level *level,
                       const struct option *option, const struct yaml_node *node)
{
    char shown[160];
    snprintf(shown, sizeof shown, "%s%s", level->shown, option_key(option, level->prefix));
    if (!node) {
        load_preset(load, level, option, shown);
        return;
    }
    bool list = option_is_list(option) && node->kind == YAML_LIST && node->count > 0;
    size_t count = list ? node->count : 1;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = list ? node->items[i] : node;
        enum err err =
            item->kind == YAML_SCALAR ? option_set(option, item->text, level->base) : ERR_INPUT;
        note_err(load, err);
        if (err == ERR_INPUT)
            bad_value(load, option, shown, item);
    }
}

static void load_section(struct load *load, const struct level *level,
                         const struct option *option, const struct yaml_node *node)
{
    struct level below = level_below(level, option, ".", node);
    if (node && node->kind != YAML_MAP) {
        below.shown[strlen(below.shown) - 1] = '\0';
        bad_value(load, option, below.shown, node);
        return;
    }
    load_map(load, &below);
}

static void load_list(struct load *load, const struct level *level, const struct option *option,
                      const struct yaml_node *node)
{
    if (!node)
        return;
    if (node->kind != YAML_LIST || node->count > (size_t)option->max) {
        bad_value(load, option, option->path, node);
        return;
    }
    size_t size = (size_t)option->min;
    char *elements = calloc(node->count ? node->count : 1, size);
    if (!elements) {
        load->no_memory = true;
        return;
    }
    /* The pointers of all lists have one representation: elements are read through their rows.
     */
    memcpy((char *)level->base + option->offset, &elements, sizeof elements);
    memcpy((char *)level->base + option->offset2, &node->count, sizeof node->count);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *item = node->items[i];
        struct level below = level_below(level, option, "[].", item);
        snprintf(below.shown, sizeof below.shown, "%s[%zu].", option->path, i + 1);
        below.base = elements + i * size;
        if (item->kind == YAML_MAP)
            load_map(load, &below);
        else
            findings_add(load->findings, SEVERITY_ERROR, "bad-value",
                         yaml_place(load->doc, item, below.shown), item->text, "a map of keys",
                         "an entry of this list is a map");
    }
}

static void check_keys(struct load *load, const struct level *level)
{
    const char *known[MAX_KEYS];
    size_t count = 0;
    for (size_t i = 0; i < option_count; i++) {
        const char *key = option_key(&options[i], level->prefix);
        assert(count < MAX_KEYS);
        if (key)
            known[count++] = key;
    }
    char where[sizeof level->shown] = "the configuration";
    size_t len = strlen(level->shown);
    if (len) /* without its last point */
        snprintf(where, sizeof where, "%.*s", (int)len - 1, level->shown);
    yaml_check_keys(load->doc, level->map, where, known, count, load->findings);
}

static void load_map(struct load *load, const struct level *level)
{
    if (level->map) /* first: a misspelt key explains the missing one */
        check_keys(load, level);
    for (size_t i = 0; i < option_count; i++) {
        const struct option *option = &options[i];
        const char *key = option_key(option, level->prefix);
        if (!key)
            continue;
        const struct yaml_node *node = level->map ? yaml_get(level->map, key) : NULL;
        if (option->type == OPTION_SECTION)
            load_section(load, level, option, node);
        else if (option->type == OPTION_MAPS)
            load_list(load, level, option, node);
        else
            load_value(load, level, option, node);
    }
}

/* ---- what one row cannot see --------------------------------------------------------------
 */

static void check_twice(struct load *load, const char *list, const char *key, size_t count,
                        const char *(*text)(const struct config *, size_t),
                        const struct config *config)
{
    const struct yaml_node *nodes = yaml_get(yaml_root(load->doc), list);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            const char *mine = text(config, i), *other = text(config, j);
            if (!mine || !other || strcmp(mine, other) != 0)
                continue;
            char shown[64];
            snprintf(shown, sizeof shown, "%s[%zu].%s", list, i + 1, key);
            findings_add(load->findings, SEVERITY_ERROR, "twice",
                         yaml_place(load->doc, yaml_get(nodes->items[i], key), shown), mine,
                         NULL, "%s[%zu] has the same %s", list, j + 1, key);
            break;
        }
}

static const char *printer_name(const struct config *config, size_t index)
{
    return config->printers[index].name;
}

static const char *printer_queue(const struct config *config, size_t index)
{
    return config->printers[index].queue;
}

static const char *series_name(const struct config *config, size_t index)
{
    return config->series[index].name;
}

static void note_lines(const struct load *load, struct config *config)
{
    const struct yaml_node *root = yaml_root(load->doc);
    for (size_t i = 0; i < config->printer_count; i++)
        config->printers[i].line = yaml_get(root, "printers")->items[i]->line;
    for (size_t i = 0; i < config->series_count; i++)
        config->series[i].line = yaml_get(root, "series")->items[i]->line;
}

/* A series without an alphabet gets its format's. */
static void fill_alphabets(struct load *load, struct config *config)
{
    for (size_t i = 0; i < config->series_count; i++) {
        struct config_series *series = &config->series[i];
        if (!series->alphabet || *series->alphabet)
            continue;
        char *alphabet = strdup(series->format == CONFIG_SEQUENTIAL ? CONFIG_ALPHABET_SEQUENTIAL
                                                                    : CONFIG_ALPHABET_RANDOM);
        load->no_memory |= !alphabet;
        free(series->alphabet);
        series->alphabet = alphabet;
    }
}

static void check_whole(struct load *load, struct config *config)
{
    note_lines(load, config);
    fill_alphabets(load, config);
    check_twice(load, "printers", "name", config->printer_count, printer_name, config);
    check_twice(load, "printers", "queue", config->printer_count, printer_queue, config);
    check_twice(load, "series", "name", config->series_count, series_name, config);
}

enum err config_parse(const char *text, size_t len, const char *file,
                      const struct config_places *places, struct config **out,
                      struct findings *findings)
{
    struct yaml_doc *doc = NULL;
    struct load load = {.places = places, .findings = findings};
    size_t errors = findings->errors;
    struct config *config = calloc(1, sizeof *config);
    if (!config)
        return ERR_NO_MEMORY;
    enum err err = yaml_parse(text, len, file, &doc, findings);
    if (err)
        goto out;
    load.doc = doc;
    struct level top = {.map = yaml_root(doc), .near = yaml_root(doc), .base = config};
    if (top.map->kind != YAML_MAP) {
        err =
            findings_add(findings, SEVERITY_ERROR, "bad-value", yaml_place(doc, top.map, NULL),
                         top.map->text, "a map of keys", "a configuration is a map of keys");
        goto out;
    }
    load_map(&load, &top);
    check_whole(&load, config);
    err = findings->errors != errors ? ERR_INPUT : load.no_memory ? ERR_NO_MEMORY : ERR_NONE;
out:
    yaml_doc_free(doc);
    if (err)
        config_free(config);
    else
        *out = config;
    return err;
}

enum err config_load(const char *path, const struct config_places *places, struct config **out,
                     struct findings *findings)
{
    struct buf text = BUF_INIT(CONFIG_MAX_BYTES);
    struct why why = {""};
    enum err err = file_read(path, CONFIG_MAX_BYTES, &text, &why);
    if (err) /* its own code (not found, denied) says more to the caller than the finding's */
        (void)findings_add(findings, SEVERITY_ERROR, "no-file", (struct place){.file = path},
                           NULL, NULL, "%s", why.text);
    else
        err = config_parse(buf_text(&text), text.len, path, places, out, findings);
    buf_free(&text);
    return err;
}

static void release(const char *list, void *base)
{
    for (size_t i = 0; i < option_count; i++) {
        size_t len = strlen(list);
        bool in_list = strchr(options[i].path, '[') != NULL;
        if (len ? strncmp(options[i].path, list, len) == 0 : !in_list)
            option_release(&options[i], base);
    }
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->printer_count; i++)
        release("printers[].", &config->printers[i]);
    for (size_t i = 0; i < config->series_count; i++)
        release("series[].", &config->series[i]);
    free(config->printers);
    free(config->series);
    release("", config);
    free(config);
}
