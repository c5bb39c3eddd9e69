/* SPDX-License-Identifier: Apache-2.0 */
/* request.h: one HTTP request from its first line to its answer; inside intake/ only.
 *
 * A handler runs on the HTTP thread. It either leaves an answer in the request (STEP_ANSWER),
 * or hands the store a write and returns STEP_WAIT: the connection is suspended, and the
 * handler is called again when the commit is on disk, with the result in `write_err`,
 * `write_why`. While a write is under way the request belongs to the writer thread. */
#ifndef TEM_INTAKE_REQUEST_H
#define TEM_INTAKE_REQUEST_H

#include "spooler/intake/intake.h"
#include "spooler/intake/peer.h"

#include <jansson.h>
#include <microhttpd.h>
#include <nettle/sha2.h>
#include <stdatomic.h>

#define REQUEST_KEY_MAX    255 /* characters of an Idempotency-Key */
#define REQUEST_PARAMS_MAX 120
#define REQUEST_ANSWER_MAX (16 * 1024 * 1024)
#define REQUEST_NAME       128 /* bytes of a name in a path, with its NUL */
#define REQUEST_PERSON_MAX 64  /* bytes; leaves room for the caller beside it in JOB_TEXT */

enum step { STEP_ANSWER, STEP_WAIT };

/* What a route takes as a body. */
enum body_kind { BODY_NONE = 0, BODY_JSON = 1, BODY_CSV = 2, BODY_OPTIONAL = 4, BODY_YAML = 8 };

struct param {
    char *name, *value;
    size_t len; /* of value */
};

struct route;
struct post;
struct doctor;

/* Writes under way, of all requests; the writer thread counts them down and wakes the HTTP
 * thread. */
struct writes {
    atomic_size_t pending;
    atomic_size_t aside; /* reads on threads of their own */
    int wake_fd;         /* eventfd */
    atomic_bool woken;   /* it is readable, and was not looked at since: one wake is enough */
};

struct request {
    const struct intake_config *config;
    struct writes *writes; /* shared */
    struct doctor *doctor; /* shared */
    struct MHD_Connection *connection;
    bool local; /* over the Unix socket */
    bool begun; /* a handler was called: counted as active */
    char *uri;  /* as sent */
    const struct route *route;
    int64_t job_id;            /* of {id}; 0 = none */
    char name[REQUEST_NAME];   /* of {name}; "" = none */
    char peer[PEER_USER_SIZE]; /* user at the other end; "" over TCP */
    char caller[JOB_TEXT];
    struct param *params;
    size_t param_count;

    enum body_kind kind;
    struct buf body; /* JSON and YAML; CSV is taken as it arrives */
    uint64_t received;
    struct sha256_ctx hasher;
    uint8_t hash[SHA256_DIGEST_SIZE]; /* once the body is complete */
    const char *key; /* Idempotency-Key, or NULL; borrowed from the connection */

    bool complete; /* the whole body is here */
    bool waiting;  /* a write was handed over; its result is not looked at yet */
    enum err write_err;
    struct why write_why;
    bool replayed;
    bool sample;       /* what is shown has sample numbers, none that was issued */
    struct post *post; /* POST /v1/jobs */
    void *act;         /* orders; freed with free_act */
    void (*free_act)(void *act);

    struct findings findings;
    enum err refused; /* decided before the body arrived */
    bool refused_set;
    int status; /* 0 = no answer yet */
    const char *content_type;
    struct buf answer;
    struct MHD_Response *stream; /* instead of `answer`: what is made while it is sent */
    char location[128], allow[64];
};

/* ---- what came in ---------------------------------------------------------- */

/* NULL when not given. */
const struct param *request_param(const struct request *request, const char *name);
/* The value as a C string, or NULL. */
const char *request_text(const struct request *request, const char *name);
/* A finding "unknown-parameter" for each parameter that is none of `known`, and
 * "duplicate-parameter". Names that begin with `prefix` (may be NULL) are left alone. */
void request_check_params(struct request *request, const char *const *known, size_t count,
                          const char *prefix);
/* A whole number min..max from a parameter; `otherwise` when it is not given. A finding
 * otherwise. */
uint64_t request_number(struct request *request, const char *name, uint64_t min, uint64_t max,
                        uint64_t otherwise);
/* Who is on record for an order: the user at the other end of the Unix socket, or the person
 * who is `claimed` (may be NULL), or both when they differ. A finding when nobody can be named.
 */
void request_by(struct request *request, const char *claimed, char out[static JOB_TEXT]);
/* The most bytes that this request's body may have. */
uint64_t request_body_max(const struct request *request);
/* One line of UTF-8 text, 1..max bytes, of characters that a field of data may have, too: it
 * goes into the ledger and the log, where people must see what was said. Else a finding at
 * `field`. */
bool request_line_ok(struct findings *findings, const char *field, const char *text,
                     size_t max);
/* Decimal digits only; false for anything else or more than `max`. */
bool request_parse_number(const char *text, uint64_t max, uint64_t *out);

/* ---- writing ---------------------------------------------------------------- */

/* Body bytes were left over: the handler gets them again when others had their turn. MHD itself
 * would wait for more to arrive. */
void request_yield(struct request *request);
/* Suspends the connection and hands `op` (arg: the request) to the store. Always STEP_WAIT. */
enum step request_write(struct request *request, store_op *op);
/* The same for a read that may take long: on a reader's snapshot and a thread of its own; `op`
 * writes into the request's answer. ERR_BUSY comes back like a failure of `op` when
 * REQUEST_ASIDE_MAX of them are under way. */
enum step request_read_aside(struct request *request, store_op *op);
/* The same for work that waits for commits by itself; not in a snapshot. */
typedef enum err request_work(struct request *request, struct why *why);
enum step request_work_aside(struct request *request, request_work *work);
#define REQUEST_ASIDE_MAX                                                                      \
    3 /* the store has readers left for the HTTP thread and others then                        \
       */
/* Inside an op: looks the key up. *done: the answer that was kept is now the request's. Without
 * a key nothing happens. ERR_CONFLICT: the key belongs to another request. */
enum err request_replay(struct txn *txn, struct request *request, bool *done, struct why *why);
/* Inside an op, after its work: `answer` and `status` are kept under the key. */
enum err request_keep(struct txn *txn, struct request *request, int64_t job_id,
                      struct why *why);

/* ---- answering --------------------------------------------------------------- */

/* Takes `json`. */
enum step request_json(struct request *request, int status, json_t *json);
/* Bytes as they are. Borrows `type`. */
enum step request_bytes(struct request *request, const char *type, const void *bytes,
                        size_t len);
/* A problem with the findings gathered so far. `why` may be NULL. */
enum step request_problem(struct request *request, enum err code, const struct why *why);
/* ERR_INPUT with the findings; detail says how many. */
enum step request_refuse(struct request *request);

#endif
