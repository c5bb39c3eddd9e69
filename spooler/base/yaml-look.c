/* SPDX-License-Identifier: Apache-2.0 */
/* yaml-look.c: what stands where in a document that was read. */
#include "spooler/base/near.h"
#include "spooler/base/yaml-private.h"

#include <stdio.h>
#include <string.h>

struct place yaml_place(const struct yaml_doc *doc, const struct yaml_node *node,
                        const char *field)
{
    return (struct place){.file = doc->file,
                          .line = node ? node->line : 0,
                          .column = node ? node->column : 0,
                          .field = field};
}

const struct yaml_node *yaml_root(const struct yaml_doc *doc)
{
    return doc->root;
}

const char *yaml_file(const struct yaml_doc *doc)
{
    return doc->file;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i].name, key) == 0)
            return map->items[i];
    return NULL;
}

void yaml_check_keys(const struct yaml_doc *doc, const struct yaml_node *map, const char *where,
                     const char *const *known, size_t known_count, struct findings *findings)
{
    if (map->kind != YAML_MAP)
        return;
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_key *key = &map->keys[i];
        size_t k = 0;
        while (k < known_count && strcmp(known[k], key->name) != 0)
            k++;
        if (k < known_count)
            continue;
        struct place place = {
            .file = doc->file, .line = key->line, .column = key->column, .field = where};
        const char *near = near_word(key->name, known, known_count);
        char expected[128];
        snprintf(expected, sizeof expected, "\"%s\", the nearest known one", near ? near : "");
        findings_add(findings, SEVERITY_ERROR, "unknown-key", place, key->name,
                     near ? expected : NULL, "unknown key");
    }
}
