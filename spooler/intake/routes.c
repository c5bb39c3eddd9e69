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
    {.method = "POST",
     .path = "/v1/printers/{name}/change-roll",
     .body = BODY_JSON | BODY_OPTIONAL,
     .run = act_change_roll},
    {.method = "POST",
     .path = "/v1/printers/{name}/resume",
     .body = BODY_JSON | BODY_OPTIONAL,
     .run = act_resume},
    {.method = "GET", .path = "/v1/templates", .run = look_templates},
    {.method = "GET", .path = "/v1/series", .run = look_series},
    {.method = "GET", .path = "/healthz", .run = look_health},
};

/* What stands for {name}: a printer's name, which has no slash and nothing to be decoded. */
static bool matches_name(const char *rest, const char *tail, char name[static ROUTE_NAME_SIZE])
{
    size_t len = strcspn(rest, "/%");
    if (len == 0 || len >= ROUTE_NAME_SIZE || strcmp(rest + len, tail) != 0)
        return false;
    memcpy(name, rest, len);
    name[len] = '\0';
    return true;
}

/* Whether the path is the pattern, with a job's number for {id} or a name for {name}. */
static bool matches(const char *pattern, const char *path, int64_t *job_id,
                    char name[static ROUTE_NAME_SIZE])
{
    const char *hole = strchr(pattern, '{');
    if (!hole)
        return strcmp(pattern, path) == 0;
    size_t head = (size_t)(hole - pattern);
    if (strncmp(pattern, path, head) != 0)
        return false;
    const char *rest = path + head;
    if (strncmp(hole, "{name}", 6) == 0)
        return matches_name(rest, hole + 6, name);
    size_t digits = strspn(rest, "0123456789");
    char number[20];
    uint64_t id;
    if (digits == 0 || digits >= sizeof number || strcmp(rest + digits, hole + 4) != 0)
        return false;
    memcpy(number, rest, digits);
    number[digits] = '\0';
    if (!request_parse_number(number, INT64_MAX, &id))
        return false;
    *job_id = (int64_t)id;
    return true;
}

enum err route_find(const char *method, const char *path, const struct route **out,
                    int64_t *job_id, char name[static ROUTE_NAME_SIZE], char *allow,
                    size_t allow_size)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    size_t used = 0;
    allow[0] = '\0';
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (!matches(routes[i].path, path, job_id, name))
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
