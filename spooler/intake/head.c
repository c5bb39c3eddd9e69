/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/head.h"

#include "spooler/intake/peer.h"
#include "spooler/intake/post-job.h"
#include "spooler/intake/routes.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *header(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* The first refusal stays. */
static void refuse(struct request *request, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct request *request, enum err err, const char *format, ...)
{
    if (request->refused_set)
        return;
    char text[sizeof request->write_why.text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    request->refused_set = true;
    request->refused = err_set(&request->write_why, err, "%s", text);
}

/* ---- who ----------------------------------------------------------------------------- */

static void read_caller(struct request *request)
{
    snprintf(request->caller, sizeof request->caller, "http:loopback");
    if (!request->local)
        return;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    const char *user = info ? info->socket_context : NULL; /* connection_opened's */
    if (!user) {
        refuse(request, ERR_DENIED, "the kernel does not say who you are");
        return;
    }
    snprintf(request->peer, sizeof request->peer, "%s", user);
    snprintf(request->caller, sizeof request->caller, "unix:%s", request->peer);
}

/* A web page of another site must not reach us through somebody's browser. */
static void check_site(struct request *request)
{
    const char *host = header(request, "Host"), *origin = header(request, "Origin");
    if (request->local)
        return;
    if (!host || !peer_host_is_loopback(host))
        refuse(request, ERR_DENIED,
               "Host \"%s\" is not answered here; use localhost, 127.0.0.1 or [::1]",
               host ? host : "");
    else if (origin && !peer_origin_is_loopback(origin))
        refuse(request, ERR_DENIED, "pages of \"%s\" may not send requests here", origin);
}

/* ---- what ---------------------------------------------------------------------------- */

static enum MHD_Result take_param(void *cls, enum MHD_ValueKind kind, const char *key,
                                  size_t key_len, const char *value, size_t value_len)
{
    struct request *request = cls;
    (void)kind; /* we asked for one */
    if (request->param_count == REQUEST_PARAMS_MAX) {
        refuse(request, ERR_INPUT, "more than %d parameters", REQUEST_PARAMS_MAX);
        return MHD_NO;
    }
    struct param *param = &request->params[request->param_count];
    *param = (struct param){.name = strndup(key, key_len),
                            .value = strndup(value ? value : "", value_len),
                            .len = value_len};
    request->param_count++;
    if (!param->name || !param->value) {
        refuse(request, ERR_NO_MEMORY, "out of memory");
        return MHD_NO;
    }
    if (strlen(param->value) != value_len || strlen(param->name) != key_len) {
        findings_add(&request->findings, SEVERITY_ERROR, "nul",
                     (struct place){.field = param->name}, param->value, "text without NUL",
                     "the parameter holds a NUL character");
        refuse(request, ERR_INPUT, "NUL");
    }
    return MHD_YES;
}

static void read_params(struct request *request)
{
    request->params = calloc(REQUEST_PARAMS_MAX, sizeof *request->params);
    if (!request->params) {
        refuse(request, ERR_NO_MEMORY, "out of memory");
        return;
    }
    MHD_get_connection_values_n(request->connection, MHD_GET_ARGUMENT_KIND, take_param,
                                request);
    const struct route *route = request->route;
    size_t count = 0;
    while (count < sizeof route->params / sizeof route->params[0] && route->params[count])
        count++;
    /* A JSON job says everything in its body: what stands beside it would be overlooked. */
    bool in_body = (route->body & BODY_CSV) && request->kind == BODY_JSON;
    request_check_params(request, route->params, in_body ? 0 : count,
                         in_body ? NULL : route->prefix);
    if (request->findings.errors)
        refuse(request, ERR_INPUT, "parameters");
}

static void read_key(struct request *request)
{
    const char *key = header(request, "Idempotency-Key");
    if (!key || strcmp(request->route->method, "POST") != 0)
        return;
    size_t len = strlen(key);
    bool visible = len >= 1 && len <= REQUEST_KEY_MAX;
    for (size_t i = 0; i < len && visible; i++)
        visible = key[i] > ' ' && key[i] < 0x7f;
    if (visible) {
        request->key = key;
        return;
    }
    findings_add(&request->findings, SEVERITY_ERROR, "bad-key",
                 (struct place){.field = "Idempotency-Key"}, key,
                 "1 to 255 visible ASCII characters", "the key cannot be kept");
    refuse(request, ERR_INPUT, "Idempotency-Key");
}

/* A store that may be an older copy would issue its numbers again; of a damaged one nobody
 * knows what it would. */
static void check_store(struct request *request)
{
    const struct seal *seal = request->config->seal;
    struct store_health health;
    if (!request->route->issues)
        return;
    store_health(request->config->store, &health);
    if (health.damaged)
        refuse(request, ERR_BUSY,
               "no number is issued, the store is damaged (%s): tem doctor says what to do",
               health.words);
    else if (seal && !witness_is_well(seal_finding(seal)))
        refuse(request, ERR_BUSY, "no number is issued until a person has decided: %s",
               seal_finding(seal)->words);
}

/* ---- the body ------------------------------------------------------------------------- */

static bool has_body(const struct request *request)
{
    const char *length = header(request, "Content-Length");
    if (header(request, "Transfer-Encoding"))
        return true;
    return length && strcmp(length, "0") != 0;
}

/* Whether `type` names this media type, in UTF-8 when it says a charset at all. */
static bool is_type(const char *type, const char *wanted)
{
    size_t len = strlen(wanted);
    if (strncasecmp(type, wanted, len) != 0)
        return false;
    const char *rest = type + len + strspn(type + len, " \t");
    if (*rest && *rest != ';')
        return false;
    const char *charset = strcasestr(rest, "charset=");
    if (!charset)
        return true;
    charset += strlen("charset=");
    charset += *charset == '"';
    return strncasecmp(charset, "utf-8", 5) == 0 || strncasecmp(charset, "us-ascii", 8) == 0;
}

/* The first name of a kind is the one that messages tell; YAML had others before RFC 9512. */
static const struct {
    enum body_kind kind;
    const char *name;
} types[] = {
    {BODY_YAML, "application/yaml"}, {BODY_YAML, "application/x-yaml"},
    {BODY_YAML, "text/yaml"},        {BODY_YAML, "text/x-yaml"},
    {BODY_JSON, "application/json"}, {BODY_CSV, "text/csv"},
};
#define TYPES (sizeof types / sizeof types[0])

/* "application/json or text/csv" */
static void list_types(unsigned takes, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < TYPES; i++) {
        if (!(takes & (unsigned)types[i].kind))
            continue;
        takes &= ~(unsigned)types[i].kind;
        int n = snprintf(out + used, size - used, "%s%s", used ? " or " : "", types[i].name);
        used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
    }
}

static void read_kind(struct request *request)
{
    unsigned takes = request->route->body;
    const char *type = header(request, "Content-Type");
    if (!has_body(request))
        return;
    if (takes == BODY_NONE) {
        refuse(request, ERR_INPUT, "this request has no body");
        return;
    }
    for (size_t i = 0; i < TYPES; i++) {
        if (type && (takes & (unsigned)types[i].kind) && is_type(type, types[i].name)) {
            request->kind = types[i].kind;
            request->body.max = (size_t)request_body_max(request);
            return;
        }
    }
    char expected[128];
    list_types(takes, expected, sizeof expected);
    refuse(request, ERR_MEDIA_TYPE, "Content-Type is \"%s\"; expected %s in UTF-8",
           type ? type : "", expected);
}

/* The length that was announced; 0 = none. MHD itself refuses one that is no number. */
static uint64_t announced(const struct request *request)
{
    const char *length = header(request, "Content-Length");
    uint64_t value = 0;
    if (length && !request_parse_number(length, UINT64_MAX, &value))
        value = UINT64_MAX;
    return value;
}

static void check_length(struct request *request)
{
    uint64_t max = request_body_max(request);
    if (announced(request) > max)
        refuse(request, ERR_TOO_LARGE, "the body has %" PRIu64 " bytes; at most %" PRIu64,
               announced(request), max);
}

bool head_body_is_large(const struct request *request)
{
    return header(request, "Expect") || announced(request) > request->config->json_max_bytes;
}

/* ---- the hash that an idempotency key is bound to (promise 8) ---------------------------- */

static void hash_number(struct request *request, uint64_t value)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> (56 - 8 * i));
    sha256_update(&request->hasher, sizeof bytes, bytes);
}

/* With its length, so that no two requests run together to the same bytes. */
static void hash_part(struct request *request, const char *text, size_t len)
{
    hash_number(request, len);
    sha256_update(&request->hasher, len, (const uint8_t *)text);
}

static void start_hash(struct request *request, const char *method)
{
    const char *query = strchr(request->uri, '?');
    size_t path_len = query ? (size_t)(query - request->uri) : strlen(request->uri);
    const char *type = header(request, "Content-Type");
    query = query ? query + 1 : "";
    type = type ? type : "";
    sha256_init(&request->hasher);
    hash_part(request, method, strlen(method));
    hash_part(request, request->uri, path_len);
    hash_part(request, query, strlen(query));
    hash_part(request, type, strlen(type));
}

void head_body_complete(struct request *request)
{
    bool optional = request->route->body & BODY_OPTIONAL;
    if (request->route->body != BODY_NONE && !optional && request->received == 0) {
        char expected[128];
        list_types(request->route->body, expected, sizeof expected);
        findings_add(&request->findings, SEVERITY_ERROR, "no-body", (struct place){0}, NULL,
                     expected, "the request has no body");
        refuse(request, ERR_INPUT, "no body");
    }
    hash_number(request, request->received);
    sha256_digest(&request->hasher, sizeof request->hash, request->hash);
}

/* ---- all of it --------------------------------------------------------------------------- */

void head_read(struct request *request, const char *method, const char *path, bool stopping)
{
    read_caller(request);
    check_site(request);
    start_hash(request, method);
    enum err err = route_find(request, method, path);
    if (err == ERR_NOT_FOUND)
        refuse(request, err, "there is no path %s", path);
    else if (err)
        refuse(request, err, "not with this method");
    if (stopping)
        refuse(request, ERR_BUSY, "temd is stopping");
    if (request->refused_set)
        return;
    request->allow[0] = '\0'; /* for 405 only */
    check_store(request);
    read_kind(request);
    if (!request->refused_set)
        check_length(request);
    if (!request->refused_set)
        read_params(request);
    if (!request->refused_set)
        read_key(request);
    if (!request->refused_set && request->kind == BODY_CSV &&
        post_job_begin(request) != ERR_NONE)
        refuse(request, ERR_NO_MEMORY, "out of memory");
}
