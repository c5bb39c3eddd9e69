/* SPDX-License-Identifier: Apache-2.0 */
/* journal.h: what temfeed did, in the token's file, one record a line:
 *
 *   I <mark> <crc>      before B, where the printer can say it: which device this is
 *   B <counter> <crc>   baseline: the device's counter before the first impression
 *   N <crc>             instead of B: this printer gives no evidence
 *   S <n> <crc>         synced before the first byte of impression n (from 1, in order) leaves
 *   C <n> <crc>         impressions up to n are confirmed by the printer
 *   D <why> <crc>       doubt: what is S and not C stays so for good; why: a number of
 *                       DOUBT_MAP; nothing follows but E
 *   E <crc>             ended by temfeed itself; nothing follows
 *
 * crc: 8 hex digits, CRC-32 over all bytes of the file before it, so that a record
 * cannot be moved, lost in the middle or taken from another file. A torn last line was never
 * synced and counts as not written. S without C is in doubt; what follows the last S
 * was not sent. */
#ifndef TEM_DRIVERS_FEED_JOURNAL_H
#define TEM_DRIVERS_FEED_JOURNAL_H

#include "drivers/feed/token.h"
#include "spooler/base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Why labels are in doubt, for the person who has to look. A number keeps its meaning for ever.
 */
#define DOUBT_MAP(X)                                                                           \
    X(DOUBT_COUNT, 1,                                                                          \
      "the printer's count does not add up: somebody else printed on it, fed or cleared it")   \
    X(DOUBT_TORN, 2,                                                                           \
      "it was out of labels or ribbon, or its head was open: a label may be torn or pale;"     \
      " destroy that piece")                                                                   \
    X(DOUBT_FAULT, 3, "the printer had a fault (cutter, jam) while labels were in it")         \
    X(DOUBT_SILENCE, 4, "the printer did not answer for a while, and labels were in it")       \
    X(DOUBT_RESET, 5, "the printer was reset or its counter set back")                         \
    X(DOUBT_SWAPPED, 6, "another printer stands in its place")                                 \
    X(DOUBT_STOPPED, 7, "stopped before the printer had counted them")

enum doubt {
    DOUBT_NONE,
#define X(name, number, words) name = number,
    DOUBT_MAP(X)
#undef X
};
/* For a number that is none of these (a later version's): words that are true of any. */
const char *doubt_words(uint32_t doubt);

/* No more than this has the journal of so many impressions. */
size_t journal_bytes(uint32_t impressions);

/* ---- temfeed writes ------------------------------------------------------ */

struct journal {
    int fd;
    uint32_t crc;
};

/* `fd` from token_take(); stays the caller's. */
void journal_init(struct journal *journal, int fd);
/* Which device: a hash of its own name for itself, not 0. Before the baseline. */
enum err journal_device(struct journal *journal, uint64_t mark, struct why *why);
enum err journal_baseline(struct journal *journal, uint64_t counter,
                          struct why *why);                                  /* synced */
enum err journal_no_evidence(struct journal *journal, struct why *why);      /* synced */
enum err journal_sent(struct journal *journal, uint32_t n, struct why *why); /* synced */
/* Not synced: losing a C makes doubt, never a second label. */
enum err journal_confirmed(struct journal *journal, uint32_t n, struct why *why);
enum err journal_doubt(struct journal *journal, enum doubt doubt, struct why *why); /* synced */
enum err journal_end(struct journal *journal, struct why *why);                     /* synced */

/* ---- temd reads ------------------------------------------------------------ */

struct journal_state {
    bool started;     /* B or N is there */
    bool no_evidence; /* N */
    uint64_t baseline;
    uint64_t device;    /* I; 0 = not known */
    uint32_t sent;      /* highest S, 0 = none */
    uint32_t confirmed; /* highest C, 0 = none */
    bool doubt;         /* D */
    uint32_t doubt_why; /* its number */
    bool ended;         /* E */
    bool damaged;       /* a record that is not the last does not check: everything sent or not
                           is unknown from there on; treat the whole chunk as in doubt past C */
    bool locked;        /* temfeed (or an orphan of it) still lives */
};

/* Reads NAME.taken. The lock is tried before reading, so that !locked means the content is
 * final. ERR_NOT_FOUND: no such file. */
enum err journal_read(const char *folder, const struct token_name *name,
                      struct journal_state *out, struct why *why);
/* As journal_read on the bytes of a file; for tests and tools. Never fails: sets damaged. */
void journal_parse(const char *bytes, size_t len, struct journal_state *out);

#endif
