/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/catalog.h"

#include "spooler/base/near.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lists grow at their heads or tails by one atomic store, and nothing is taken out of them
 * before catalog_free: that is all a reader relies on. */
struct version {
    struct template *template;
    int64_t order;
    struct version *older;
};

/* A name. */
struct shelf {
    char *file; /* NULL = added */
    _Atomic(struct version *) versions;
    _Atomic(const struct version *) current; /* one of them */
    _Atomic(struct shelf *) next;
};

struct catalog {
    _Atomic(struct shelf *) first;
    atomic_size_t count;    /* shelves */
    atomic_size_t replaced; /* versions that are not current, and bytes of their YAML */
    atomic_size_t replaced_bytes;
};

static void shelf_free(struct shelf *shelf)
{
    struct version *version = shelf->versions;
    while (version) {
        struct version *older = version->older;
        template_free(version->template);
        free(version);
        version = older;
    }
    free(shelf->file);
    free(shelf);
}

void catalog_free(struct catalog *catalog)
{
    if (!catalog)
        return;
    struct shelf *shelf = catalog->first;
    while (shelf) {
        struct shelf *next = shelf->next;
        shelf_free(shelf);
        shelf = next;
    }
    free(catalog);
}

static const struct template *current(const struct shelf *shelf)
{
    return atomic_load(&shelf->current)->template;
}

static struct shelf *find_shelf(const struct catalog *catalog, const char *name)
{
    struct shelf *shelf = atomic_load(&catalog->first);
    while (shelf && strcmp(template_name(current(shelf)), name) != 0)
        shelf = atomic_load(&shelf->next);
    return shelf;
}

static struct version *find_version(const struct shelf *shelf,
                                    const uint8_t hash[static SHA256_BYTES])
{
    struct version *version = shelf ? atomic_load(&shelf->versions) : NULL;
    while (version && memcmp(template_hash(version->template), hash, SHA256_BYTES) != 0)
        version = version->older;
    return version;
}

/* A version for a template, which it takes; NULL = out of memory. */
static struct version *version_new(struct template *template, int64_t order)
{
    struct version *version = calloc(1, sizeof *version);
    if (version)
        *version = (struct version){.template = template, .order = order};
    return version;
}

/* A new name, whole before anybody can see it. Takes `template`. */
static enum err add_shelf(struct catalog *catalog, struct template *template, const char *file,
                          int64_t order)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    struct version *version = version_new(template, order);
    char *path = file ? strdup(file) : NULL;
    if (!shelf || !version || (file && !path)) {
        free(shelf);
        free(version);
        free(path);
        return ERR_NO_MEMORY;
    }
    shelf->file = path;
    atomic_init(&shelf->versions, version);
    atomic_init(&shelf->current, version);
    _Atomic(struct shelf *) *end = &catalog->first;
    for (struct shelf *at; (at = atomic_load(end)) != NULL;)
        end = &at->next;
    atomic_store(end, shelf);
    atomic_fetch_add(&catalog->count, 1);
    return ERR_NONE;
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
    err = add_shelf(catalog, template, path, 0);
    if (err)
        template_free(template);
    return err;
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

/* ---- adding --------------------------------------------------------------- */

static enum err file_has_it(const struct shelf *shelf, const char *name, struct why *why)
{
    return err_set(why, ERR_STATE,
                   "template %s is the file %s: change that file and restart temd, or give "
                   "yours another name",
                   name, shelf->file);
}

/* An earlier version may come back: it is there already. `order` is read by the one who adds.
 */
static enum err add_version(struct catalog *catalog, struct shelf *shelf,
                            struct template *template, int64_t order)
{
    struct version *version = find_version(shelf, template_hash(template));
    if (version) {
        version->order = order > version->order ? order : version->order;
        template_free(template);
    } else {
        size_t len;
        version = version_new(template, order);
        if (!version)
            return ERR_NO_MEMORY;
        (void)template_body(template, &len); /* only its length */
        version->older = atomic_load(&shelf->versions);
        atomic_store(&shelf->versions, version);
        atomic_fetch_add(&catalog->replaced, 1);
        atomic_fetch_add(&catalog->replaced_bytes, len);
    }
    if (version->order > atomic_load(&shelf->current)->order)
        atomic_store(&shelf->current, version);
    return ERR_NONE;
}

enum err catalog_add(struct catalog *catalog, struct template *template, int64_t order,
                     struct why *why)
{
    struct shelf *shelf = find_shelf(catalog, template_name(template));
    if (shelf && shelf->file)
        return file_has_it(shelf, template_name(template), why);
    enum err err = shelf ? add_version(catalog, shelf, template, order)
                         : add_shelf(catalog, template, NULL, order);
    return err ? err_set(why, err, "out of memory") : ERR_NONE;
}

enum err catalog_may_add(const struct catalog *catalog, const struct template *template,
                         struct why *why)
{
    const struct shelf *shelf = find_shelf(catalog, template_name(template));
    if (shelf && shelf->file)
        return file_has_it(shelf, template_name(template), why);
    if (find_version(shelf, template_hash(template)))
        return ERR_NONE;
    if (!shelf && catalog_count(catalog) >= CATALOG_MAX_NAMES)
        return err_set(why, ERR_STATE, "there are %zu templates, which is the most",
                       catalog_count(catalog));
    size_t replaced = atomic_load(&catalog->replaced);
    if (shelf && (replaced >= CATALOG_MAX_REPLACED ||
                  atomic_load(&catalog->replaced_bytes) >= CATALOG_MAX_BYTES))
        return err_set(why, ERR_BUSY,
                       "%zu versions of templates were replaced since temd started, and all "
                       "are held in memory: restart temd, then send it again",
                       replaced);
    return ERR_NONE;
}

/* ---- looking ---------------------------------------------------------------- */

const struct template *catalog_find(const struct catalog *catalog, const char *name)
{
    const struct shelf *shelf = find_shelf(catalog, name);
    return shelf ? current(shelf) : NULL;
}

const struct template *catalog_version(const struct catalog *catalog, const char *name,
                                       const uint8_t hash[static SHA256_BYTES])
{
    const struct version *version = find_version(find_shelf(catalog, name), hash);
    return version ? version->template : NULL;
}

const char *catalog_file(const struct catalog *catalog, const char *name)
{
    const struct shelf *shelf = find_shelf(catalog, name);
    return shelf ? shelf->file : NULL;
}

size_t catalog_count(const struct catalog *catalog)
{
    return atomic_load(&catalog->count);
}

const struct template *catalog_at(const struct catalog *catalog, size_t index)
{
    const struct shelf *shelf = atomic_load(&catalog->first);
    for (; shelf && index > 0; index--)
        shelf = atomic_load(&shelf->next);
    return shelf ? current(shelf) : NULL;
}

const char *catalog_near(const struct catalog *catalog, const char *name)
{
    size_t count = catalog_count(catalog), used = 0; /* more may come meanwhile */
    const char **names = calloc(count + 1, sizeof *names);
    const struct shelf *shelf = atomic_load(&catalog->first);
    for (; names && shelf && used < count; shelf = atomic_load(&shelf->next))
        names[used++] = template_name(current(shelf));
    const char *near = names ? near_word(name, names, used) : NULL;
    free(names);
    return near;
}
