/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include "cli/report.h"
#include "spooler/base/hash.h"
#include "spooler/base/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BACK_OFF_MS 500 /* doubled after each try */

static enum err open_http(struct tem *tem, struct why *why)
{
    return tem->http ? ERR_NONE : http_open(&tem->server, tem->stop, &tem->http, why);
}

/* `key`: of a request that may have been done; NULL = nothing was sent, or only looked. */
static enum code lost(struct tem *tem, enum err err, const char *key, const struct why *why)
{
    enum code code = atomic_load(tem->stop) ? CODE_INTERRUPTED : CODE_UNREACHED;
    if (key)
        return tem_fail(
            tem, code,
            "%s. It is not known whether temd did it. The same command with --key %s "
            "is safe: it is done once",
            why->text, key);
    if (err == ERR_NOT_FOUND)
        return tem_fail(tem, code, "%s. Is temd running, and may you open its socket?",
                        why->text);
    return err == ERR_UNKNOWN ? tem_fail(tem, code, "%s", why->text)
                              : tem_fail_err(tem, err, why);
}

static enum err try_as(struct tem *tem, const char *path, const char *accept,
                       struct http_answer *out, struct why *why)
{
    struct http_ask ask = {.method = "GET", .path = path, .accept = accept};
    enum err err = open_http(tem, why);
    return err ? err : http_send(tem->http, &ask, out, why);
}

enum err client_try(struct tem *tem, const char *path, struct http_answer *out, struct why *why)
{
    return try_as(tem, path, NULL, out, why);
}

enum code client_get(struct tem *tem, const char *path, struct http_answer *out)
{
    return client_get_as(tem, path, NULL, out);
}

enum code client_get_as(struct tem *tem, const char *path, const char *accept,
                        struct http_answer *out)
{
    struct why why = {{0}};
    struct http_answer answer;
    enum err err = try_as(tem, path, accept, &answer, &why);
    if (err)
        return lost(tem, err, NULL, &why);
    if (answer.status / 100 != 2) {
        enum code code = report_problem(tem, &answer, NULL);
        http_answer_free(&answer);
        return code;
    }
    *out = answer;
    return CODE_DONE;
}

/* What a sink was given, and what it said: a lost connection is told, its own refusal not. */
struct sink {
    enum err (*take)(void *arg, const char *bytes, size_t len);
    void *arg;
    enum err refused;
};

static enum err pour(void *arg, const char *bytes, size_t len)
{
    struct sink *sink = arg;
    sink->refused = sink->take(sink->arg, bytes, len);
    return sink->refused;
}

enum code client_stream(struct tem *tem, const char *path,
                        enum err (*sink)(void *arg, const char *bytes, size_t len), void *arg,
                        enum err *refused)
{
    struct why why = {{0}};
    struct http_answer answer;
    struct sink into = {sink, arg, ERR_NONE};
    struct http_ask ask = {.method = "GET", .path = path, .sink = pour, .sink_arg = &into};
    enum err err = open_http(tem, &why);
    if (!err)
        err = http_send(tem->http, &ask, &answer, &why);
    *refused = into.refused;
    if (into.refused)
        return CODE_BAD;
    if (err)
        return lost(tem, err, NULL, &why);
    enum code code = answer.status / 100 == 2 ? CODE_DONE : report_problem(tem, &answer, NULL);
    http_answer_free(&answer);
    return code;
}

/* Sends until there is an answer. *doubtful: a try broke on the way, so it may have been done.
 */
static enum err send_until_answered(struct tem *tem, const struct http_ask *ask,
                                    struct http_answer *out, bool *doubtful, struct why *why)
{
    enum err err = ERR_NONE;
    *doubtful = false;
    for (int i = 0; i < CLIENT_TRIES; i++) {
        err = http_send(tem->http, ask, out, why);
        *doubtful |= err == ERR_UNKNOWN;
        /* Nobody there at the first try: nothing was sent, and waiting would only hide it. */
        if (err != ERR_UNKNOWN && !(err == ERR_NOT_FOUND && *doubtful))
            return err;
        if (atomic_load(tem->stop) || i + 1 == CLIENT_TRIES)
            return err;
        int wait_ms = BACK_OFF_MS << i;
        if (!tem->json) /* there standard error has one document */
            fprintf(tem->err.stream,
                    "tem: %s; trying again in %d.%d s under the same key, so nothing is done "
                    "twice\n",
                    why->text, wait_ms / 1000, wait_ms % 1000 / 100);
        tem_sleep(tem, wait_ms);
    }
    return err;
}

/* `type`: a problem of this type is an answer, too. NULL = none. */
static enum code post_or(struct tem *tem, struct http_ask *ask, const char *file,
                         const char *type, struct http_answer *out)
{
    struct why why = {{0}};
    struct http_answer answer;
    bool doubtful = false;
    enum err err = open_http(tem, &why);
    if (!err)
        err = send_until_answered(tem, ask, &answer, &doubtful, &why);
    if (err)
        return lost(tem, err, doubtful ? ask->idempotency_key : NULL, &why);
    bool known = type && strcmp(json_text(answer.json, "type"), type) == 0;
    if (answer.status / 100 != 2 && !known) {
        enum code code = report_problem(tem, &answer, file);
        http_answer_free(&answer);
        return code;
    }
    *out = answer;
    return CODE_DONE;
}

enum code client_post(struct tem *tem, struct http_ask *ask, const char *file,
                      struct http_answer *out)
{
    return post_or(tem, ask, file, NULL, out);
}

enum code client_new_key(struct tem *tem, char out[static CLIENT_KEY_SIZE])
{
    uint8_t bytes[16];
    struct why why = {{0}};
    enum err err = random_system.fill(random_system.ctx, bytes, sizeof bytes, &why);
    if (err)
        return tem_fail_err(tem, err, &why);
    memcpy(out, "tem-", 4);
    hex_text(bytes, sizeof bytes, out + 4);
    return CODE_DONE;
}

static enum code post_order(struct tem *tem, const char *path, const char *body,
                            const char *type, struct http_answer *out)
{
    char made[CLIENT_KEY_SIZE];
    const char *key = args_get(&tem->args, "key");
    enum code code = key ? CODE_DONE : client_new_key(tem, made);
    if (code)
        return code;
    struct http_ask ask = {.method = "POST",
                           .path = path,
                           .content_type = "application/json",
                           .body = body,
                           .len = strlen(body),
                           .idempotency_key = key ? key : made};
    return post_or(tem, &ask, NULL, type, out);
}

static enum code order_or(struct tem *tem, const char *path, json_t *body, const char *type,
                          struct http_answer *out)
{
    const char *person = args_get(&tem->args, "person");
    enum code code = CODE_DONE;
    if (!tem->server.socket_path[0] && !person)
        code = tem_usage(tem, "over %s nobody knows who you are: add --person NAME",
                         tem->server.name);
    bool bad = !code && person && json_object_set_new(body, "person", json_string(person)) != 0;
    char *text = code || bad ? NULL : json_dumps(body, JSON_COMPACT);
    if (!code && !text)
        code = tem_fail(tem, CODE_BAD, "the name or the reason is no valid UTF-8 text");
    if (!code)
        code = post_order(tem, path, text, type, out);
    free(text);
    json_decref(body);
    return code;
}

enum code client_order_at(struct tem *tem, const char *path, json_t *body,
                          struct http_answer *out)
{
    return order_or(tem, path, body, NULL, out);
}

enum code client_order_unless(struct tem *tem, int64_t job_id, const char *action, json_t *body,
                              const char *type, struct http_answer *out)
{
    char path[80];
    snprintf(path, sizeof path, "/v1/jobs/%" PRId64 "/%s", job_id, action);
    return order_or(tem, path, body, type, out);
}

enum code client_order(struct tem *tem, int64_t job_id, const char *action, json_t *body,
                       struct http_answer *out)
{
    return client_order_unless(tem, job_id, action, body, NULL, out);
}

enum code client_find_label(struct tem *tem, const char *named, struct http_answer *out)
{
    const char *series = args_get(&tem->args, "series"), *scope = args_get(&tem->args, "scope");
    if (scope && !series)
        return tem_usage(tem, "--scope belongs to a series: add --series NAME");
    struct buf path = BUF_INIT(16384);
    buf_add_text(&path, "/v1/labels");
    http_add_param(&path, "series", series);
    http_add_param(&path, "scope", series && !scope ? "" : scope);
    http_add_param(&path, series ? "number" : "scan", named);
    enum code code = buf_err(&path) ? tem_usage(tem, "the number is too long")
                                    : client_get(tem, buf_text(&path), out);
    buf_free(&path);
    return code;
}

bool client_is_json(struct tem *tem, const struct http_answer *answer)
{
    if (!tem->json)
        return false;
    size_t len = answer->body.len;
    fputs(buf_text(&answer->body), tem->out.stream);
    if (len && answer->body.bytes[len - 1] != '\n')
        fputc('\n', tem->out.stream);
    return true;
}

enum code client_nonsense(struct tem *tem, const char *what)
{
    return tem_fail(tem, CODE_INTERNAL,
                    "%s answered without %s; is it a temd of another version?",
                    tem->server.name, what);
}
