/* SPDX-License-Identifier: Apache-2.0 */
/* err.h: what can fail, and what a person is told about it.
 *
 * A function that can fail returns `enum err`; the code decides policy (HTTP
 * status, retry), `struct why` tells a person. `why` is filled once, where the
 * cause is known, and logged once, at the top. Out-parameters stay untouched
 * on failure. Every `why` parameter may be NULL.
 *
 * Threads: plain values, no shared state. */
#ifndef TEM_BASE_ERR_H
#define TEM_BASE_ERR_H

#include <stdbool.h>

/* code               http  retry  meaning */
#define ERR_MAP(X)                                                                             \
    X(ERR_NONE, 200, false, "ok")                                                              \
    X(ERR_INPUT, 400, false, "request, template or data is malformed")                         \
    X(ERR_DENIED, 403, false, "not allowed for this caller")                                   \
    X(ERR_NOT_FOUND, 404, false, "no such thing")                                              \
    X(ERR_CONFLICT, 409, false, "same key, different request")                                 \
    X(ERR_STATE, 409, false, "not possible in the state it is in")                             \
    X(ERR_EXHAUSTED, 409, false, "fewer numbers are left in the series")                       \
    X(ERR_DOTS, 409, false, "not, or not known to be, the dots that were printed")             \
    X(ERR_TOO_LARGE, 413, false, "larger than the limit")                                      \
    X(ERR_MEDIA_TYPE, 415, false, "content type is not understood")                            \
    X(ERR_SYSTEM, 500, false, "the operating system refused")                                  \
    X(ERR_CORRUPT, 500, false, "stored data contradicts itself")                               \
    X(ERR_NO_MEMORY, 503, true, "out of memory")                                               \
    X(ERR_BUSY, 503, true, "busy or stopping; try again")                                      \
    X(ERR_DEVICE, 502, true, "printer or CUPS refused; nothing was sent")                      \
    X(ERR_UNKNOWN, 502, false, "may have printed; never retry by itself")                      \
    X(ERR_FULL, 507, true, "disk or queue is full")

enum err {
#define X(code, http, retry, meaning) code,
    ERR_MAP(X)
#undef X
};

/* A sentence for a person: what failed, the value, what was expected. */
struct why {
    char text[512];
};

/* The code's name without ERR_, in lower case ("not_found"); never NULL. */
const char *err_name(enum err code);
/* The sentence of the table above; never NULL. */
const char *err_meaning(enum err code);
/* HTTP status (RFC 9110) that answers this error. */
int err_http(enum err code);
/* Whether a caller may repeat the same request unchanged. */
bool err_retry(enum err code);

/* Fills `why` (cut at its size) and returns `code`, so that a failing line reads
 * `return err_set(why, ERR_INPUT, "...")`. */
enum err err_set(struct why *why, enum err code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set, with ": " and the text of the errno value `error` appended
 * (thread-safe, never localized). ENOSPC and EDQUOT return ERR_FULL, ENOMEM
 * ERR_NO_MEMORY, all others `code`. */
enum err err_errno(struct why *why, enum err code, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
