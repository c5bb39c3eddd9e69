/* SPDX-License-Identifier: Apache-2.0 */
/* http.h: requests to temd over its Unix socket or loopback TCP (libcurl).
 *
 * Knows nothing of jobs. A request is sent once: whether it may be repeated is the caller's
 * decision, so the two ways to fail are told apart: nothing was sent, or nobody knows. One
 * thread. */
#ifndef TEM_CLI_HTTP_H
#define TEM_CLI_HTTP_H

#include "spooler/base/buf.h"
#include "spooler/base/err.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define HTTP_ANSWER_MAX (64 * 1024 * 1024)

struct server {
    char socket_path[108]; /* of sockaddr_un; "" = TCP */
    char url[128];         /* "http://127.0.0.1:8631", without a slash at the end */
    char name[128];        /* for messages, as it was given */
};

/* "unix:/run/tem/temd.sock" or "http://127.0.0.1:8631": loopback only, since this version knows
 * no TLS and no passwords. ERR_INPUT. Pure. */
enum err server_parse(const char *address, struct server *out, struct why *why);

struct http;
/* `stop` is looked at while a request is under way: true ends it as if the connection were
 * lost. */
enum err http_open(const struct server *server, const atomic_bool *stop, struct http **out,
                   struct why *why);
void http_close(struct http *http);
bool http_is_local(const struct http *http);

struct http_ask {
    const char *method; /* "GET", "POST" */
    const char *path;   /* with its query */
    const char *content_type;
    const char *accept; /* NULL = anything */
    const char *body;   /* of `len` bytes, or `upload` of `upload_len` bytes from its start */
    size_t len;
    FILE *upload;
    uint64_t upload_len;
    const char *idempotency_key; /* NULL = none */
    /* Takes the body of a 2xx piece by piece, however long it is; NULL = it is gathered. An
     * error ends the transfer and is what http_send returns, without `why`. */
    enum err (*sink)(void *arg, const char *bytes, size_t len);
    void *sink_arg;
};

struct http_answer {
    int status;
    struct buf body; /* as it came */
    bool replayed;   /* Idempotent-Replayed: true: the answer to an earlier sending */
    json_t *json;    /* NULL when the body is no JSON */
};

/* ERR_NONE: an answer of whatever status. ERR_NOT_FOUND: nobody answers there, nothing was
 * sent. ERR_UNKNOWN: the connection broke on the way; the server may have done it. ERR_SYSTEM:
 * `upload` cannot be read, ERR_NO_MEMORY, ERR_TOO_LARGE (the answer). */
enum err http_send(struct http *http, const struct http_ask *ask, struct http_answer *out,
                   struct why *why);
void http_answer_free(struct http_answer *answer);

/* Appends a part of a path, percent-encoded (RFC 3986 2.3): a slash in it begins no other part.
 */
void http_add_part(struct buf *path, const char *part);
/* Appends "?name=value" or "&name=value", percent-encoded (RFC 3986 2.3); nothing for a NULL
 * value. */
void http_add_param(struct buf *path, const char *name, const char *value);

#endif
