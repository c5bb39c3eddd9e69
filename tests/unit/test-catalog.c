/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog: names of files stay the files', the last version added is current whatever the
 * order of the calls, and who looks while somebody adds never sees anything half made. */
#include "templates/catalog.h"
#include "tests/unit/findings-list.h"
#include "tests/unit/tap.h"

#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[PATH_MAX];

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info, (void)type, (void)at;
    return remove(path);
}

static void remove_folder(void)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void yaml_of(const char *name, unsigned version, char out[static 256])
{
    snprintf(out, 256,
             "tem: 1\nname: %s\ntitle: Version %u\nsize: 40 x 20 mm\n"
             "elements:\n  - {text: \"a\", at: [1, 1]}\n",
             name, version);
}

static struct template *make(const char *name, unsigned version)
{
    char yaml[256];
    struct template *template = NULL;
    struct findings findings = {0};
    yaml_of(name, version, yaml);
    if (template_parse(yaml, strlen(yaml), NULL, &template, &findings)) {
        findings_show(&findings);
        abort();
    }
    findings_clear(&findings);
    return template;
}

static void put(const char *file, const char *text)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *out = fopen(path, "w");
    if (!out || fputs(text, out) < 0 || fclose(out) != 0)
        abort();
}

static struct catalog *load(void)
{
    struct catalog *catalog = NULL;
    struct findings findings = {0};
    const char *folders[] = {folder};
    if (catalog_load(folders, 1, &catalog, &findings) || findings.errors)
        abort();
    findings_clear(&findings);
    return catalog;
}

static const char *title_of(const struct catalog *catalog, const char *name)
{
    const struct template *template = catalog_find(catalog, name);
    return template ? template_title(template) : NULL;
}

static enum err add(struct catalog *catalog, const char *name, unsigned version, int64_t order,
                    struct why *why)
{
    struct template *template = make(name, version);
    enum err err = catalog_add(catalog, template, order, why);
    if (err)
        template_free(template);
    return err;
}

static void test_files(void)
{
    char path[PATH_MAX + 64];
    struct why why = {""};
    struct catalog *catalog = load();
    snprintf(path, sizeof path, "%s/one.yaml", folder);
    tap_is_str(catalog_file(catalog, "one"), path, "a file's name knows its file");
    tap_is_int(add(catalog, "one", 2, 1, &why), ERR_STATE, "nothing is added under it");
    tap_ok(strstr(why.text, path) != NULL, "and the file is named: %s", why.text);
    tap_is_str(title_of(catalog, "one"), "Version 1", "it stays as it is");
    tap_is_int((long long)catalog_count(catalog), 1, "one template");
    tap_ok(catalog_file(catalog, "two") == NULL, "a name that is not there has no file");
    tap_is_str(catalog_near(catalog, "onne"), "one", "the nearest name");
    catalog_free(catalog);
}

/* Each row is added; then the title of "two" is as told. */
static const struct {
    const char *name;
    unsigned version;
    int64_t order;
    const char *want;
} additions[] = {
    {"the first", 1, 10, "Version 1"},
    {"a later one", 2, 11, "Version 2"},
    {"one that was added before that, told late", 3, 10, "Version 2"},
    {"the first again", 1, 12, "Version 1"},
    {"its first addition, told late", 1, 10, "Version 1"},
    {"another, added before the first came back", 4, 11, "Version 1"},
    {"one behind all", 5, 13, "Version 5"},
};

static void test_order(void)
{
    struct catalog *catalog = load();
    const struct template *first = NULL;
    for (size_t i = 0; i < sizeof additions / sizeof additions[0]; i++) {
        if (add(catalog, "two", additions[i].version, additions[i].order, NULL))
            abort();
        first = first ? first : catalog_find(catalog, "two");
        tap_is_str(title_of(catalog, "two"), additions[i].want, "%s", additions[i].name);
    }
    tap_is_str(template_title(first), "Version 1", "the first, borrowed all along, is there");
    struct template *same = make("two", 1), *never = make("two", 99);
    tap_ok(catalog_version(catalog, "two", template_hash(same)) == first, "found by its hash");
    tap_ok(!catalog_version(catalog, "two", template_hash(never)), "another hash: none");
    tap_ok(!catalog_version(catalog, "nowhere", template_hash(same)), "another name: none");
    tap_is_int((long long)catalog_count(catalog), 2, "two names");
    tap_is_str(template_name(catalog_at(catalog, 1)), "two", "an added name has its place");
    tap_ok(!catalog_at(catalog, 2), "and none is behind it");
    tap_ok(!catalog_file(catalog, "two"), "an added name has no file");
    template_free(same);
    template_free(never);
    catalog_free(catalog);
}

static enum err may_add(const struct catalog *catalog, const char *name, unsigned version,
                        struct why *why)
{
    struct template *template = make(name, version);
    enum err err = catalog_may_add(catalog, template, why);
    template_free(template);
    return err;
}

static void test_full(void)
{
    struct catalog *catalog = load();
    struct why why = {""};
    tap_is_int(may_add(catalog, "one", 9, &why), ERR_STATE, "under a file's name: never");
    if (add(catalog, "two", 0, 1, NULL))
        abort();
    unsigned i = 1;
    for (; i <= CATALOG_MAX_REPLACED && may_add(catalog, "two", i, NULL) == ERR_NONE; i++) {
        if (add(catalog, "two", i, (int64_t)i + 1, NULL))
            abort();
    }
    tap_is_int(i, CATALOG_MAX_REPLACED + 1, "the most may be replaced");
    tap_is_int(may_add(catalog, "two", i, &why), ERR_BUSY, "one more: no");
    tap_ok(strstr(why.text, "restart") != NULL, "and what to do: %s", why.text);
    tap_is_int(may_add(catalog, "two", 7, NULL), ERR_NONE, "a version that is there: yes");
    tap_is_int(may_add(catalog, "three", 1, NULL), ERR_NONE, "a new name: yes");
    catalog_free(catalog);
}

/* What is there at the start replaced nothing: a restart always makes room. */
static void test_names(void)
{
    struct catalog *catalog = load();
    struct why why = {""};
    unsigned i = 1; /* the file */
    for (; i < CATALOG_MAX_NAMES; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%u", i);
        struct template *template = make(name, 1);
        if (catalog_add(catalog, template, i, NULL))
            abort();
    }
    tap_is_int(may_add(catalog, "t0", 1, &why), ERR_STATE, "no more: %s", why.text);
    tap_is_int(may_add(catalog, "t1", 2, NULL), ERR_NONE,
               "another version of one of them: yes");
    catalog_free(catalog);
}

/* ---- looking while somebody adds ------------------------------------------------------- */

#define READERS  4
#define NAMES    5
#define VERSIONS 150

static atomic_bool added_all;

struct reader {
    pthread_t thread;
    const struct catalog *catalog;
    unsigned long looks, bad;
};

/* Whether what is found is whole: of the name asked for, and no older than what was seen. */
static bool look_at(const struct catalog *catalog, unsigned name, unsigned seen[NAMES])
{
    char asked[16];
    unsigned version;
    snprintf(asked, sizeof asked, "n%u", name);
    const struct template *template = catalog_find(catalog, asked);
    if (!template)
        return seen[name] == 0;
    if (strcmp(template_name(template), asked) != 0 ||
        sscanf(template_title(template), "Version %u", &version) != 1 || version < seen[name])
        return false;
    seen[name] = version;
    return catalog_version(catalog, asked, template_hash(template)) == template;
}

static void *read_on(void *arg)
{
    struct reader *reader = arg;
    unsigned seen[NAMES] = {0};
    size_t count = 0;
    do {
        for (unsigned name = 0; name < NAMES; name++)
            reader->bad += !look_at(reader->catalog, name, seen);
        size_t now = catalog_count(reader->catalog);
        reader->bad += now < count || !catalog_at(reader->catalog, now - 1);
        reader->bad += catalog_near(reader->catalog, "onne") == NULL;
        count = now;
        reader->looks++;
    } while (!atomic_load(&added_all));
    return NULL;
}

static void test_readers(void)
{
    struct catalog *catalog = load();
    struct reader readers[READERS] = {0};
    unsigned long bad = 0, looks = 0;
    for (size_t i = 0; i < READERS; i++) {
        readers[i].catalog = catalog;
        if (pthread_create(&readers[i].thread, NULL, read_on, &readers[i]) != 0)
            abort();
    }
    for (unsigned version = 1; version <= VERSIONS; version++) {
        for (unsigned name = 0; name < NAMES; name++) {
            char text[16];
            snprintf(text, sizeof text, "n%u", name);
            if (add(catalog, text, version, (int64_t)version * NAMES + name, NULL))
                abort();
        }
    }
    atomic_store(&added_all, true);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        bad += readers[i].bad;
        looks += readers[i].looks;
    }
    tap_ok(bad == 0 && looks >= READERS, "%lu looks while %u versions were added: %lu bad",
           looks, NAMES * VERSIONS, bad);
    catalog_free(catalog);
}

int main(void)
{
    const char *base = getenv("TMPDIR");
    char yaml[256];
    snprintf(folder, sizeof folder, "%s/tem-test.XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(folder))
        abort();
    atexit(remove_folder);
    yaml_of("one", 1, yaml);
    put("one.yaml", yaml);
    test_files();
    test_order();
    test_full();
    test_names();
    test_readers();
    return tap_done();
}
