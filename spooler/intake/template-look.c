/* SPDX-License-Identifier: Apache-2.0 */
/* template-look.c: GET /v1/templates and what is below it. */
#include "spooler/intake/problem.h"
#include "spooler/intake/routes.h"
#include "spooler/intake/template-json.h"
#include "spooler/intake/template-kept.h"
#include "spooler/job/version.h"

#include <string.h>
#include <strings.h>

#define VERSIONS_MAX 100 /* listed */

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

enum step look_templates(struct request *request)
{
    const struct catalog *catalog = request->config->catalog;
    json_t *list = json_array();
    bool bad = false;
    for (size_t i = 0; !bad && i < catalog_count(catalog); i++)
        bad = json_array_append_new(list,
                                    template_json(catalog, catalog_at(catalog, i), true)) != 0;
    if (bad) {
        json_decref(list);
        return request_problem(request, ERR_NO_MEMORY, NULL);
    }
    return request_json(request, 200, json_pack("{so}", "templates", list));
}

/* ---- one ------------------------------------------------------------------------ */

/* The first of `accept`'s types that we have; its q-values are not weighed. */
static bool accepts_yaml(const char *accept)
{
    static const struct {
        const char *type;
        bool yaml;
    } types[] = {{"application/yaml", true},
                 {"application/x-yaml", true},
                 {"text/yaml", true},
                 {"text/x-yaml", true},
                 {"application/json", false},
                 {"application/*", false},
                 {"*/*", false}};
    while (accept && *accept) {
        accept += strspn(accept, ", \t");
        size_t len = strcspn(accept, ",; \t");
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
            if (strlen(types[i].type) == len && strncasecmp(types[i].type, accept, len) == 0)
                return types[i].yaml;
        }
        accept += strcspn(accept, ",");
    }
    return false;
}

/* ?format= goes over Accept: a browser's address line can say only that. */
static bool wants_yaml(struct request *request)
{
    const char *format = request_text(request, "format");
    if (!format)
        return accepts_yaml(MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                                        MHD_HTTP_HEADER_ACCEPT));
    if (strcmp(format, "yaml") != 0 && strcmp(format, "json") != 0)
        findings_add(&request->findings, SEVERITY_ERROR, "bad-format",
                     (struct place){.field = "format"}, format, "yaml or json",
                     "a template is not shown in this format");
    return strcmp(format, "yaml") == 0;
}

struct shown {
    const struct template *template;
    json_t *json;
};

/* Who added it; a version that is not the one added last is only in the ledger. */
static enum err read_added(struct txn *txn, void *arg, struct why *why)
{
    struct shown *shown = arg;
    struct version_added added;
    char at[CLOCK_ISO_SIZE];
    enum err err = version_added_last(txn, template_name(shown->template), &added, why);
    if (err || memcmp(added.hash, template_hash(shown->template), SHA256_BYTES) != 0)
        return err == ERR_NOT_FOUND ? ERR_NONE : err;
    json_t *source = json_object_get(shown->json, "source");
    bool bad = json_object_set_new(source, "added_at",
                                   json_string(clock_iso(added.added_ms, at))) != 0 ||
               json_object_set_new(source, "added_by", problem_string(added.by)) != 0;
    return bad ? no_memory(why) : ERR_NONE;
}

static enum step show_json(struct request *request, const struct wanted *wanted)
{
    const struct intake_config *config = request->config;
    struct shown shown = {.template = wanted->template};
    struct why why = {{0}};
    shown.json = template_json(config->catalog, wanted->template, wanted->current);
    bool added = wanted->current && !catalog_file(config->catalog, request->name);
    enum err err = shown.json ? ERR_NONE : no_memory(&why);
    if (!err && added)
        err = store_read(config->store, read_added, &shown, &why);
    if (!err)
        return request_json(request, 200, shown.json);
    json_decref(shown.json);
    return request_problem(request, err, &why);
}

enum step look_template(struct request *request)
{
    const struct intake_config *config = request->config;
    struct wanted wanted = {0};
    struct why why = {{0}};
    bool yaml = wants_yaml(request);
    enum err err =
        wanted_find(config->store, config->catalog, request->name,
                    request_text(request, "version"), &wanted, &request->findings, &why);
    enum step step = STEP_ANSWER;
    if (request->findings.errors)
        step = request_refuse(request);
    else if (err)
        step = request_problem(request, err, &why);
    else if (yaml) {
        size_t len;
        const char *text = template_yaml(wanted.template, &len);
        step = request_bytes(request, "application/yaml", text, len);
    } else
        step = show_json(request, &wanted);
    wanted_free(&wanted);
    return step;
}

/* ---- its versions ---------------------------------------------------------------- */

struct versions {
    const char *name;
    const struct template *current;
    json_t *list;
    bool current_kept;
    bool more;
};

static enum err add_version(void *arg, const struct version *version, struct why *why)
{
    struct versions *versions = arg;
    char hash[SHA256_HEX], at[CLOCK_ISO_SIZE];
    bool current = versions->current &&
                   memcmp(template_hash(versions->current), version->hash, SHA256_BYTES) == 0;
    versions->current_kept |= current;
    versions->more = json_array_size(versions->list) == VERSIONS_MAX;
    if (versions->more)
        return ERR_NONE;
    json_t *json = json_pack(
        "{ss sb ss sI}", "hash", hex_text(version->hash, SHA256_BYTES, hash), "current",
        current, "kept_at", clock_iso(version->kept_ms, at), "jobs", (json_int_t)version->jobs);
    if (json && version->jobs_more &&
        json_object_set_new(json, "jobs_more", json_true()) != 0) {
        json_decref(json);
        return no_memory(why);
    }
    return json_array_append_new(versions->list, json) == 0 ? ERR_NONE : no_memory(why);
}

static enum err read_versions(struct txn *txn, void *arg, struct why *why)
{
    struct versions *versions = arg;
    const uint8_t *first = versions->current ? template_hash(versions->current) : NULL;
    return version_list(txn, versions->name, first, VERSIONS_MAX + 1, add_version, versions,
                        why);
}

/* A file's version that nobody used yet: the store has not seen it. */
static enum err add_current(struct versions *versions, struct why *why)
{
    char hash[SHA256_HEX];
    if (!versions->current || versions->current_kept)
        return ERR_NONE;
    json_t *json = json_pack("{ss sb sn si}", "hash",
                             hex_text(template_hash(versions->current), SHA256_BYTES, hash),
                             "current", true, "kept_at", "jobs", 0);
    return json_array_insert_new(versions->list, 0, json) == 0 ? ERR_NONE : no_memory(why);
}

enum step look_versions(struct request *request)
{
    const struct intake_config *config = request->config;
    struct versions versions = {.name = request->name,
                                .current = catalog_find(config->catalog, request->name),
                                .list = json_array()};
    struct why why = {{0}};
    enum err err = versions.list ? store_read(config->store, read_versions, &versions, &why)
                                 : no_memory(&why);
    if (!err)
        err = add_current(&versions, &why);
    struct wanted none;
    if (!err && json_array_size(versions.list) == 0) /* there is none: says so */
        err = wanted_find(config->store, config->catalog, request->name, NULL, &none,
                          &request->findings, &why);
    if (err) {
        json_decref(versions.list);
        return request_problem(request, err, &why);
    }
    return request_json(request, 200,
                        json_pack("{so sb so}", "name", problem_string(request->name), "more",
                                  versions.more, "versions", versions.list));
}
