/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/catalog.h"

#include "spooler/base/near.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct catalog {
    struct template **list;
    size_t count;
};

void catalog_free(struct catalog *catalog)
{
    if (!catalog)
        return;
    for (size_t i = 0; i < catalog->count; i++)
        template_free(catalog->list[i]);
    free(catalog->list);
    free(catalog);
}

static int is_yaml(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* alphasort follows the locale */
}

static enum err add_file(struct catalog *catalog, const char *path, struct findings *findings)
{
    struct template *template = NULL;
    enum err err = template_load(path, &template, findings);
    if (err)
        return err == ERR_NO_MEMORY ? err : ERR_NONE; /* its findings say why it is left out */
    if (catalog_find(catalog, template_name(template))) {
        findings_add(findings, SEVERITY_ERROR, "template-name-twice",
                     (struct place){.file = path}, template_name(template),
                     "a name that no other template has", "this name is taken by another file");
        template_free(template);
        return ERR_NONE;
    }
    struct template **list = realloc(catalog->list, (catalog->count + 1) * sizeof *list);
    if (!list) {
        template_free(template);
        return ERR_NO_MEMORY;
    }
    catalog->list = list;
    list[catalog->count++] = template;
    return ERR_NONE;
}

static enum err add_folder(struct catalog *catalog, const char *folder,
                           struct findings *findings)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_yaml, by_bytes);
    if (count < 0) {
        findings_add(findings, SEVERITY_ERROR, "no-template-folder",
                     (struct place){.file = folder}, NULL, "a folder with templates (*.yaml)",
                     "the folder cannot be read");
        return ERR_NONE;
    }
    enum err err = ERR_NONE;
    for (int i = 0; i < count; i++) {
        struct buf path = BUF_INIT(8192);
        buf_printf(&path, "%s/%s", folder, entries[i]->d_name);
        if (!err)
            err =
                buf_err(&path) ? buf_err(&path) : add_file(catalog, buf_text(&path), findings);
        buf_free(&path);
        free(entries[i]);
    }
    free(entries);
    return err;
}

enum err catalog_load(const char *const *folders, size_t count, struct catalog **out,
                      struct findings *findings)
{
    struct catalog *catalog = calloc(1, sizeof *catalog);
    enum err err = catalog ? ERR_NONE : ERR_NO_MEMORY;
    for (size_t i = 0; !err && i < count; i++)
        err = add_folder(catalog, folders[i], findings);
    if (err)
        catalog_free(catalog);
    else
        *out = catalog;
    return err;
}

const struct template *catalog_find(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (strcmp(template_name(catalog->list[i]), name) == 0)
            return catalog->list[i];
    }
    return NULL;
}

size_t catalog_count(const struct catalog *catalog)
{
    return catalog->count;
}

const struct template *catalog_at(const struct catalog *catalog, size_t index)
{
    return index < catalog->count ? catalog->list[index] : NULL;
}

const char *catalog_near(const struct catalog *catalog, const char *name)
{
    const char **names = calloc(catalog->count + 1, sizeof *names);
    if (!names)
        return NULL;
    for (size_t i = 0; i < catalog->count; i++)
        names[i] = template_name(catalog->list[i]);
    const char *near = near_word(name, names, catalog->count);
    free(names);
    return near;
}
