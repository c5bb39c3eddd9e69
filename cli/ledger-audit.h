/* SPDX-License-Identifier: Apache-2.0 */
/* ledger-audit.h: events against what was signed about them: the first that is not as it was.
 *
 * Events come as NDJSON in their order, in pieces of any length. Each must begin with its own
 * number; its bytes are hashed into the tree, and wherever a mark says what the root was, the
 * root is compared. Pure: who calls brings events and marks. */
#ifndef TEM_CLI_LEDGER_AUDIT_H
#define TEM_CLI_LEDGER_AUDIT_H

#include "spooler/base/buf.h"
#include "spooler/ledger/merkle.h"

#include <nettle/sha2.h>

/* Pieces become lines, without their newline. */
struct splitter {
    struct buf part; /* of a line that is not whole yet; its maximum is the longest line */
    enum err (*line)(void *arg, const char *text, size_t len);
    void *arg;
};
/* The first error of `line`; ERR_TOO_LARGE: a line is too long. A sink of http.h. */
enum err splitter_feed(void *splitter, const char *bytes, size_t len);
void splitter_free(struct splitter *splitter);

/* The root of the first `size` events, as somebody signed it. */
struct audit_mark {
    uint64_t size;
    uint8_t root[SHA256_BYTES];
    char at[32];        /* when it was signed, "" = not known */
    const char *source; /* "temd's", "the witness's"; borrowed */
};

/* An archive that events stand in for, or that an event says was made. */
struct audit_archive {
    uint64_t id;
    uint64_t stand_ins;       /* events of which only the hash is here */
    struct sha256_ctx leaves; /* over "SEQ LEAF\n" of them */
    bool recorded;            /* by the event jobs.archived; then */
    uint64_t events;
    char leaves_hex[SHA256_HEX], sha256[SHA256_HEX], file[128];
};
#define AUDIT_ARCHIVES_MAX 10000

/* What is wrong first. */
struct audit_fault {
    const char *kind;     /* NULL = nothing; "missing", "moved", "malformed", "changed",
                           "removed", "unsigned", "archive" */
    uint64_t first, last; /* events in question */
    char words[512];
};

struct audit {
    struct merkle tree;
    const struct audit_mark *marks; /* by size */
    size_t mark_count, mark_at;
    uint64_t agreed;  /* events under the last mark that agreed */
    uint64_t strange; /* number of the event that stood in the next one's place; 0 = none */
    struct splitter splitter;
    struct audit_fault fault;
    struct audit_archive *archives;
    size_t archive_count;
};

/* Sorts marks by size. */
void audit_sort(struct audit_mark *marks, size_t count);
/* `start`: the events before the first that will come, known to be good. Borrows `marks`, which
 * are sorted; those that are not above start's size are passed over. */
void audit_begin(struct audit *audit, const struct merkle *start,
                 const struct audit_mark *marks, size_t count);
/* ERR_CORRUPT: a fault was found, no more is wanted. */
enum err audit_feed(void *audit, const char *bytes, size_t len);
/* No more events; `size` is how many there must be. What is missing at the end is a fault. */
void audit_end(struct audit *audit, uint64_t size);
void audit_free(struct audit *audit);

/* The number that an event's body begins with; 0 = it does not begin as events do. */
uint64_t audit_seq(const char *body, size_t len);

#endif
