/* SPDX-License-Identifier: Apache-2.0 */
/* ledger-narrow.c: which event it was, when a root says only that one of many was changed. */
#include "cli/ledger.h"

#include "cli/ledger-audit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NARROW_EVENTS 65536 /* whose leaves are asked for at once */
#define LINE_BYTES    (2 * 1024 * 1024)

/* Hashes that temd kept when the events were written, beside those of the bodies. */
struct narrow {
    uint8_t (*leaves)[SHA256_BYTES];
    size_t count, size;
    uint64_t next;    /* event that comes */
    uint64_t first;   /* of leaves[0] */
    uint64_t differs; /* the first; 0 = none yet */
};

static enum err take_leaf(void *arg, const char *text, size_t len)
{
    struct narrow *narrow = arg;
    char hex[SHA256_HEX] = "";
    if (narrow->count == narrow->size || len != sizeof hex - 1)
        return ERR_CORRUPT;
    memcpy(hex, text, len);
    return hex_parse(hex, narrow->leaves[narrow->count++], SHA256_BYTES) ? ERR_NONE
                                                                         : ERR_CORRUPT;
}

static enum err compare_leaf(void *arg, const char *body, size_t len)
{
    struct narrow *narrow = arg;
    uint8_t hash[SHA256_BYTES];
    uint64_t at = narrow->next++ - narrow->first;
    if (len == 0 || memmem(body, len < 48 ? len : 48, ",\"archive\":", 11))
        return ERR_NONE; /* only its hash is here */
    merkle_leaf_hash(body, len, hash);
    if (at >= narrow->count || memcmp(hash, narrow->leaves[at], sizeof hash) == 0)
        return ERR_NONE;
    narrow->differs = narrow->next - 1;
    return ERR_CORRUPT;
}

static enum code narrow_range(struct tem *tem, struct narrow *narrow, uint64_t first,
                              uint64_t count)
{
    struct splitter leaves = {BUF_INIT(LINE_BYTES), take_leaf, narrow};
    struct splitter events = {BUF_INIT(LINE_BYTES), compare_leaf, narrow};
    char path[96];
    enum err refused = ERR_NONE;
    narrow->first = narrow->next = first;
    narrow->count = 0;
    snprintf(path, sizeof path, "/v1/ledger/leaves?from=%" PRIu64 "&limit=%" PRIu64, first,
             count);
    enum code code = client_stream(tem, path, splitter_feed, &leaves, &refused);
    if (!code && !refused) {
        snprintf(path, sizeof path, "/v1/ledger/events?from=%" PRIu64 "&limit=%" PRIu64, first,
                 count);
        code = client_stream(tem, path, splitter_feed, &events, &refused);
    }
    splitter_free(&leaves);
    splitter_free(&events);
    return refused ? CODE_DONE : code;
}

enum code ledger_narrow(struct tem *tem, struct audit_fault *fault)
{
    struct narrow narrow = {.size = NARROW_EVENTS};
    narrow.leaves = malloc(NARROW_EVENTS * sizeof *narrow.leaves);
    enum code code = narrow.leaves ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
    for (uint64_t at = fault->first; !code && !narrow.differs && at <= fault->last;
         at += NARROW_EVENTS) {
        uint64_t left = fault->last - at + 1;
        code = narrow_range(tem, &narrow, at, left < NARROW_EVENTS ? left : NARROW_EVENTS);
    }
    free(narrow.leaves);
    if (!code && narrow.differs) {
        fault->first = fault->last = narrow.differs;
        snprintf(fault->words, sizeof fault->words,
                 "event %" PRIu64 " was changed: its text is not the one that was hashed when "
                 "it was written",
                 narrow.differs);
    }
    return code;
}
