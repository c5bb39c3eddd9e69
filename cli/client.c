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

enum err client_try(struct tem *tem, const char *path, struct http_answer *out, struct why *why)
{
    struct http_ask ask = {.method = "GET", .path = path};
    enum err err = open_http(tem, why);
    return err ? err : http_send(tem->http, &ask, out, why);
}

enum code client_get(struct tem *tem, const char *path, struct http_answer *out)
{
    struct why why = {{0}};
    struct http_answer answer;
    enum err err = client_try(tem, path, &answer, &why);
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

enum code client_post(struct tem *tem, struct http_ask *ask, const char *file,
                      struct http_answer *out)
{
    struct why why = {{0}};
    struct http_answer answer;
    bool doubtful = false;
    enum err err = open_http(tem, &why);
    if (!err)
        err = send_until_answered(tem, ask, &answer, &doubtful, &why);
    if (err)
        return lost(tem, err, doubtful ? ask->idempotency_key : NULL, &why);
    if (answer.status / 100 != 2) {
        enum code code = report_problem(tem, &answer, file);
        http_answer_free(&answer);
        return code;
    }
    *out = answer;
    return CODE_DONE;
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
                            struct http_answer *out)
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
    return client_post(tem, &ask, NULL, out);
}

enum code client_order_path(struct tem *tem, const char *path, json_t *body,
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
        code = post_order(tem, path, text, out);
    free(text);
    json_decref(body);
    return code;
}

enum code client_order(struct tem *tem, int64_t job_id, const char *action, json_t *body,
                       struct http_answer *out)
{
    char path[80];
    snprintf(path, sizeof path, "/v1/jobs/%" PRId64 "/%s", job_id, action);
    return client_order_path(tem, path, body, out);
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
