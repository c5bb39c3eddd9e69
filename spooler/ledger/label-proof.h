/* SPDX-License-Identifier: Apache-2.0 */
/* label-proof.h: the file that proves that a number was issued: from its blinded leaf to the
 * root in the sending event, and from there to a signed checkpoint. Written by temd, checked by
 * anybody who has the verifier key. Pure.
 *
 * Nothing stands in it that is not proved: what was checked is written again, and has to be
 * what was read. So a member that was added, or one that says something else, is refused even
 * where no hash covers it. Only JSON's own freedom is left (blanks, order, escapes). */
#ifndef TEM_LEDGER_LABEL_PROOF_H
#define TEM_LEDGER_LABEL_PROOF_H

#include "spooler/ledger/checkpoint.h"
#include "spooler/ledger/identity.h"

#include <jansson.h>

#define LABEL_PROOF_FORMAT "tem-label-proof/2"

struct label_proof {
    struct identity identity;
    uint8_t blinding[BLINDING_BYTES];
    /* from the leaf up; bit i of `lefts` = hash i stands on the left of what was reached */
    struct merkle_path path;
    uint64_t lefts;
    const char *body; /* the event's exact bytes */
    size_t body_len;
    const char *tlog_proof; /* checkpoint.h */
    size_t tlog_proof_len;
};

/* The sides of an inclusion proof's hashes, which say less than index and size: one path may
 * belong to several of these. `path` must be one of leaf `index` of `size`. */
uint64_t label_proof_lefts(uint64_t index, uint64_t size, const struct merkle_path *path);
/* The file. NULL: out of memory, or a text is no UTF-8. */
json_t *label_proof_json(const struct label_proof *proof);

/* What is shown to be so. Texts are borrowed from the file; `event` is the body, read. */
struct label_shown {
    struct identity identity;
    json_t *event;
    uint64_t seq;
    struct checkpoint checkpoint;
};
/* Checks a file against keys whose signatures are believed. On success the caller frees
 * out->event. ERR_INPUT: no such file, or it says more than it proves. ERR_DENIED: none of the
 * keys signed it. ERR_CORRUPT: a hash or a signature does not fit. */
enum err label_proof_check(const json_t *json, const struct note_key *keys, size_t count,
                           struct label_shown *out, struct why *why);

#endif
