/* SPDX-License-Identifier: Apache-2.0 */
/* version.h: the versions of templates that the store keeps, and which of a name was added last
 * over the API.
 *
 * A version is kept from the moment a job uses it or somebody adds it, and is never removed: a
 * reprint years later draws the same label. Jobs name their version by its hash, so adding
 * another changes nothing for them. All functions run inside the caller's txn. */
#ifndef TEM_JOB_VERSION_H
#define TEM_JOB_VERSION_H

#include "spooler/base/hash.h"
#include "spooler/job/job.h"

/* What is added; borrowed. `body` is what a template is restored from (template.h). */
struct version_new {
    const uint8_t *hash; /* SHA256_BYTES */
    const char *name;
    const void *body;
    size_t len;
    const char *by; /* a person, a caller, or both */
};

struct version_change {
    bool same; /* it was the one added last already: nothing was written */
    bool has_previous;
    uint8_t previous[SHA256_BYTES];
    int64_t seq; /* of the ledger's event: later additions have higher ones */
};

/* Keeps it, makes it the one added last, and writes "template.added". */
enum err version_add(struct txn *txn, const struct version_new *added,
                     struct version_change *out, struct why *why);

/* The version of a name that was added last. ERR_NOT_FOUND (without `why`): none ever was. */
struct version_added {
    uint8_t hash[SHA256_BYTES];
    int64_t seq;
    int64_t added_ms;
    char by[JOB_TEXT];
};
enum err version_added_last(struct txn *txn, const char *name, struct version_added *out,
                            struct why *why);

/* Of each name the one added last, in the order of adding. `body` is valid during the call. */
typedef enum err version_body_fn(void *arg, const char *name, const void *body, size_t len,
                                 int64_t seq, struct why *why);
enum err version_each_added(struct txn *txn, version_body_fn *fn, void *arg, struct why *why);

#define VERSION_JOBS_MAX 10000 /* counted; beyond that nobody wants to wait for the number */

struct version {
    uint8_t hash[SHA256_BYTES];
    int64_t kept_ms;
    uint64_t jobs; /* accepted with it, at most VERSION_JOBS_MAX */
    bool jobs_more;
};
typedef enum err version_fn(void *arg, const struct version *version, struct why *why);
/* Versions of a name, at most `limit`: the one with the hash `first` (may be NULL), then those
 * kept last. */
enum err version_list(struct txn *txn, const char *name, const uint8_t *first, size_t limit,
                      version_fn *fn, void *arg, struct why *why);

/* The kept version of `name` whose hash begins with these hex digits: its whole hash, and its
 * body appended. ERR_NOT_FOUND (without `why`); ERR_CONFLICT: several do. ERR_INPUT: no hex
 * digits, or more than 64. */
enum err version_find(struct txn *txn, const char *name, const char *digits,
                      uint8_t hash[static SHA256_BYTES], struct buf *body, struct why *why);

#endif
