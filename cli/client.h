/* SPDX-License-Identifier: Apache-2.0 */
/* client.h: a subcommand's talk with temd. What fails is said here; callers only pass the code
 * on. */
#ifndef TEM_CLI_CLIENT_H
#define TEM_CLI_CLIENT_H

#include "cli/tem.h"

/* One GET; nothing is said. ERR_NONE: an answer of whatever status. */
enum err client_try(struct tem *tem, const char *path, struct http_answer *out,
                    struct why *why);
/* GET; CODE_DONE and a 2xx in *out, which the caller frees, or said why not. */
enum code client_get(struct tem *tem, const char *path, struct http_answer *out);
/* As client_get, the body of a 2xx given to `sink` (http.h). *refused: the sink's error;
 * nothing is said of that one. */
enum code client_stream(struct tem *tem, const char *path,
                        enum err (*sink)(void *arg, const char *bytes, size_t len), void *arg,
                        enum err *refused);
/* The same in a form of the caller's choice. */
enum code client_get_as(struct tem *tem, const char *path, const char *accept,
                        struct http_answer *out);
/* POST under `key`: after a lost connection the same request is sent again, up to CLIENT_TRIES
 * times, since the key makes that safe (the server does it once). `file`: see report_problem.
 */
enum code client_post(struct tem *tem, struct http_ask *ask, const char *file,
                      struct http_answer *out);
#define CLIENT_TRIES 5

#define CLIENT_KEY_SIZE 40
/* A key that nobody else has: "tem-" and 32 hex digits. */
enum code client_new_key(struct tem *tem, char out[static CLIENT_KEY_SIZE]);

/* An order about a job: posts `body` (takes it; adds the person) to /v1/jobs/ID/ACTION. */
enum code client_order(struct tem *tem, int64_t job_id, const char *action, json_t *body,
                       struct http_answer *out);
/* The same; a problem of this type is not said but is the answer, with its status. */
enum code client_order_unless(struct tem *tem, int64_t job_id, const char *action, json_t *body,
                              const char *type, struct http_answer *out);
/* The same to any path. */
enum code client_order_at(struct tem *tem, const char *path, json_t *body,
                          struct http_answer *out);
/* The label that a printed number or a scan names, as GET /v1/labels tells it: uses --series
 * and
 * --scope where the subcommand has them. Said why not. */
enum code client_find_label(struct tem *tem, const char *named, struct http_answer *out);
#define CLIENT_SERIES_OPTIONS                                                                  \
    {"series", 's', "NAME", false, "the number is of this series"},                            \
    {                                                                                          \
        "scope", 0, "TEXT", false, "and of this scope, such as a GTIN"                         \
    }
/* With --json: prints the answer as it came and returns true. */
bool client_is_json(struct tem *tem, const struct http_answer *answer);
/* An answer that is not what this version expects. */
enum code client_nonsense(struct tem *tem, const char *what);

/* Who orders, over TCP, where the server does not see the user; a row for options. */
#define CLIENT_PERSON_OPTION                                                                   \
    {                                                                                          \
        "person", 0, "NAME", false, "who orders it; default: your user, needed over http://"   \
    }

#endif
