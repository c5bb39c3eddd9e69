/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/routes.h"

#include "spooler/intake/archives.h"
#include "spooler/intake/ledger.h"
#include "spooler/intake/post-job.h"

#include <stdio.h>
#include <string.h>

static const struct route routes[] = {
    {.method = "POST",
     .path = "/v1/jobs",
     .body = BODY_JSON | BODY_CSV,
     .run = post_job,
     .issues = true,
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
    {.method = "POST",
     .path = "/v1/jobs/{id}/reprint",
     .body = BODY_JSON,
     .run = reprint_post,
     .issues = true},
    {.method = "GET", .path = "/v1/jobs/{id}/report", .run = report_get_job},
    {.method = "GET",
     .path = "/v1/series/{name}/report",
     .run = report_get_series,
     .params = {"scope", "from", "to"}},
    {.method = "GET", .path = "/v1/reprints", .run = reprint_look, .params = {"job", "open"}},
    {.method = "POST",
     .path = "/v1/reprints/{id}/approve",
     .body = BODY_JSON | BODY_OPTIONAL,
     .run = reprint_post_approve,
     .issues = true},
    {.method = "POST",
     .path = "/v1/reprints/{id}/cancel",
     .body = BODY_JSON | BODY_OPTIONAL,
     .run = reprint_post_cancel},
    {.method = "POST", .path = "/v1/verify", .body = BODY_JSON, .run = verify_post},
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
    {.method = "GET", .path = "/v1/archives", .run = archives_look},
    {.method = "POST", .path = "/v1/archives", .body = BODY_JSON, .run = archives_post},
    {.method = "GET", .path = "/v1/doctor", .run = look_doctor},
    {.method = "GET", .path = "/healthz", .run = look_health},
};

/* What stands in the path for the pattern's hole, cut to `len`; NULL = it is another path. */
static const char *hole_of(const char *pattern, const char *hole, const char *path, size_t *len)
{
    const char *tail = strchr(hole, '}') + 1;
    size_t head = (size_t)(hole - pattern), path_len = strlen(path), tail_len = strlen(tail);
    if (path_len <= head + tail_len || strncmp(pattern, path, head) != 0 ||
        strcmp(path + path_len - tail_len, tail) != 0)
        return NULL;
    *len = path_len - tail_len - head;
    return memchr(path + head, '/', *len) ? NULL : path + head;
}

/* Whether the path is the pattern, with a number for {id} or a name for {name}. */
static bool matches(const char *pattern, const char *path, struct request *request)
{
    const char *hole = strchr(pattern, '{');
    char text[sizeof request->name];
    uint64_t id;
    size_t len;
    if (!hole)
        return strcmp(pattern, path) == 0;
    const char *found = hole_of(pattern, hole, path, &len);
    if (!found || len >= sizeof text)
        return false;
    memcpy(text, found, len);
    text[len] = '\0';
    if (strncmp(hole, "{name}", 6) == 0) {
        memcpy(request->name, text, len + 1);
        return true;
    }
    if (!request_parse_number(text, INT64_MAX, &id))
        return false;
    request->job_id = (int64_t)id;
    return true;
}

enum err route_find(struct request *request, const char *method, const char *path)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    char *allow = request->allow;
    size_t used = 0, allow_size = sizeof request->allow;
    allow[0] = '\0';
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (!matches(routes[i].path, path, request))
            continue;
        if (strcmp(routes[i].method, wanted) == 0) {
            request->route = &routes[i];
            return ERR_NONE;
        }
        bool get = strcmp(routes[i].method, "GET") == 0;
        int n = snprintf(allow + used, allow_size - used, "%s%s%s", used ? ", " : "",
                         routes[i].method, get ? ", HEAD" : "");
        used += n > 0 && (size_t)n < allow_size - used ? (size_t)n : 0;
    }
    return used ? ERR_STATE : ERR_NOT_FOUND;
}
