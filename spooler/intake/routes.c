/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/routes.h"

#include "spooler/intake/ledger.h"
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
    {.method = "GET", .path = "/v1/series", .run = look_series},
    {.method = "GET", .path = "/v1/ledger/key", .run = ledger_key},
    {.method = "GET", .path = "/v1/ledger/checkpoint", .run = ledger_checkpoint},
    {.method = "GET",
     .path = "/v1/ledger/checkpoints",
     .run = ledger_checkpoints,
     .params = {"after"}},
    {.method = "GET",
     .path = "/v1/ledger/events",
     .run = ledger_events,
     .params = {"from", "limit"}},
    {.method = "GET",
     .path = "/v1/ledger/leaves",
     .run = ledger_leaves,
     .params = {"from", "limit"}},
    {.method = "GET",
     .path = "/v1/ledger/consistency",
     .run = ledger_consistency,
     .params = {"from", "to"}},
    {.method = "GET",
     .path = "/v1/ledger/proof",
     .run = ledger_proof,
     .params = {"series", "scope", "number"}},
    {.method = "GET", .path = "/healthz", .run = look_health},
};

/* Whether the path is the pattern, with a job's number for {id}. */
static bool matches(const char *pattern, const char *path, int64_t *job_id)
{
    const char *hole = strstr(pattern, "{id}");
    if (!hole)
        return strcmp(pattern, path) == 0;
    size_t head = (size_t)(hole - pattern);
    if (strncmp(pattern, path, head) != 0)
        return false;
    const char *rest = path + head;
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
                    int64_t *job_id, char *allow, size_t allow_size)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    size_t used = 0;
    allow[0] = '\0';
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (!matches(routes[i].path, path, job_id))
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
