/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/routes.h"

#include "spooler/intake/post-job.h"

#include <stdio.h>
#include <string.h>

static const struct route routes[] = {
    {.method = "POST",
     .path = "/v1/jobs",
     .body = BODY_JSON | BODY_CSV,
     .run = post_job,
     .params = {"template", "printer", "person", "reference"},
     .prefix = "field."},
    {.method = "GET", .path = "/v1/jobs", .run = look_jobs, .params = {"before", "limit"}},
    {.method = "GET", .path = "/v1/jobs/{id}", .run = look_job},
    {.method = "POST",
     .path = "/v1/jobs/{id}/hold",
     .body = BODY_JSON | BODY_OPTIONAL,
     .run = act_hold},
    {.method = "POST",
     .path = "/v1/jobs/{id}/release",
     .body = BODY_JSON | BODY_OPTIONAL,
     .run = act_release},
    {.method = "POST",
     .path = "/v1/jobs/{id}/cancel",
     .body = BODY_JSON | BODY_OPTIONAL,
     .run = act_cancel},
    {.method = "POST", .path = "/v1/jobs/{id}/resolve", .body = BODY_JSON, .run = act_resolve},
    {.method = "GET",
     .path = "/v1/labels",
     .run = look_label,
     .params = {"series", "scope", "number", "scan"}},
    {.method = "GET", .path = "/v1/printers", .run = look_printers},
    {.method = "GET", .path = "/v1/templates", .run = look_templates},
    {.method = "POST",
     .path = "/v1/templates",
     .body = BODY_YAML | BODY_JSON,
     .run = add_template,
     .params = {"person", "previous"}},
    {.method = "GET",
     .path = "/v1/templates/{name}",
     .run = look_template,
     .params = {"version", "format"}},
    {.method = "PUT",
     .path = "/v1/templates/{name}",
     .body = BODY_YAML | BODY_JSON,
     .run = add_template,
     .params = {"person", "previous"}},
    {.method = "GET", .path = "/v1/templates/{name}/versions", .run = look_versions},
    {.method = "GET",
     .path = "/v1/templates/{name}/preview",
     .run = preview_template,
     .params = {"model", "version", "samples"},
     .prefix = "field."},
    {.method = "POST",
     .path = "/v1/templates/{name}/preview",
     .body = BODY_JSON | BODY_OPTIONAL,
     .run = preview_template},
    {.method = "GET", .path = "/v1/series", .run = look_series},
    {.method = "GET", .path = "/v1/doctor", .run = look_doctor},
    {.method = "GET", .path = "/healthz", .run = look_health},
};

/* One part of a path, that is a job's number or a template's name. */
static bool take_id(const char *part, size_t len, struct route_hole *hole)
{
    char number[20];
    uint64_t id;
    if (len == 0 || len >= sizeof number)
        return false;
    memcpy(number, part, len);
    number[len] = '\0';
    if (!request_parse_number(number, INT64_MAX, &id))
        return false;
    hole->job_id = (int64_t)id;
    return true;
}

static bool take_name(const char *part, size_t len, struct route_hole *hole)
{
    if (len == 0 || len >= REQUEST_NAME)
        return false;
    memcpy(hole->name, part, len);
    hole->name[len] = '\0';
    return true;
}

static const struct {
    const char *hole;
    bool (*take)(const char *part, size_t len, struct route_hole *hole);
} holes[] = {{"{id}", take_id}, {"{name}", take_name}};

/* Whether the path is the pattern; what stands in its place for a hole is taken. */
static bool matches(const char *pattern, const char *path, struct route_hole *hole)
{
    for (size_t i = 0; i < sizeof holes / sizeof holes[0]; i++) {
        const char *at = strstr(pattern, holes[i].hole);
        if (!at)
            continue;
        size_t head = (size_t)(at - pattern);
        if (strncmp(pattern, path, head) != 0)
            return false;
        size_t len = strcspn(path + head, "/");
        return strcmp(path + head + len, at + strlen(holes[i].hole)) == 0 &&
               holes[i].take(path + head, len, hole);
    }
    return strcmp(pattern, path) == 0;
}

enum err route_find(const char *method, const char *path, const struct route **out,
                    struct route_hole *hole, char *allow, size_t allow_size)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    size_t used = 0;
    allow[0] = '\0';
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (!matches(routes[i].path, path, hole))
            continue;
        if (strcmp(routes[i].method, wanted) == 0) {
            *out = &routes[i];
            return ERR_NONE;
        }
        bool get = strcmp(routes[i].method, "GET") == 0;
        int n = snprintf(allow + used, allow_size - used, "%s%s%s", used ? ", " : "",
                         routes[i].method, get ? ", HEAD" : "");
        used += n > 0 && (size_t)n < allow_size - used ? (size_t)n : 0;
    }
    return used ? ERR_STATE : ERR_NOT_FOUND;
}
