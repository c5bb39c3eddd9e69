/* SPDX-License-Identifier: Apache-2.0 */
/* witness.h: the newest checkpoints in a file outside the store: how much of the ledger there
 * was, whatever became of the store since.
 *
 * A store that was restored from an older copy is whole and agrees with itself: only something
 * outside can tell. One line a checkpoint,
 *   {"at":"2026-03-01T08:00:00.000Z","size":7,"checkpoint":"ORIGIN\n7\n..."}
 * appended and synced after the checkpoint's commit, so the file is never ahead of the store. A
 * file past WITNESS_ROTATE bytes becomes FILE.old. */
#ifndef TEM_LEDGER_WITNESS_H
#define TEM_LEDGER_WITNESS_H

#include "spooler/base/clock.h"
#include "spooler/ledger/note.h"
#include "spooler/store/store.h"

#include <limits.h>

#define WITNESS_ROTATE (4 * 1024 * 1024)

enum witness_state {
    WITNESS_NONE,    /* no checkpoint outside, and none was ever made: a new store */
    WITNESS_AGREES,  /* the store begins with what was signed */
    WITNESS_OLDER,   /* fewer events than were signed, those as they were: an older copy, or the
                        newest   are cut off */
    WITNESS_DIFFERS, /* other events than were signed: edited, or an older copy that went on */
    WITNESS_MISSING, /* none outside, but the store has made some: a copy that was put back by
                        hand, or somebody moved the file away. How old it is nobody can say */
    WITNESS_OTHER,   /* none, but the keys are those of another store that has one */
};
const char *witness_state_name(enum witness_state state); /* "none", "agrees", ... */

/* What was found. A plain value; times as in events, "" = none. */
struct witness_finding {
    enum witness_state state;
    uint64_t witness_size;           /* events at the newest checkpoint outside */
    char witness_at[CLOCK_ISO_SIZE]; /* when it was made */
    uint64_t store_size;
    char store_at[CLOCK_ISO_SIZE]; /* of the store's newest event */
    /* The newest checkpoint outside that the store agrees with; 0 = none of those that are
     * still in the file. What came after it is what is in question. */
    uint64_t agreed_size;
    char agreed_at[CLOCK_ISO_SIZE];
    char words[512]; /* for people; "" when all is well */
};

/* Where the witness of this store is: FOLDER/ledger-STOREID.witness. ERR_TOO_LARGE. */
enum err witness_path(const char *folder, const char *store_id, char out[static PATH_MAX],
                      struct why *why);
/* Compares the newest checkpoint outside with the store. To be asked at start, before the first
 * event is appended and before a number is issued. WITNESS_OLDER and WITNESS_DIFFERS are
 * findings, not errors. Signatures are not looked at: who could forge the file could as well
 * remove it, and a key that was replaced must not hide what is in it. */
enum err ledger_witness_check(struct store *store, const char *path,
                              struct witness_finding *out, struct why *why);
/* When there is no witness of this store: looks in `folder` for one of another store that this
 * key signed. A new store with an old one's keys would issue the old one's numbers again. Sets
 * state, witness_size, witness_at and words. */
enum err ledger_witness_others(const char *folder, const char *store_id,
                               const struct note_key *key, struct witness_finding *finding,
                               struct why *why);
/* Whether numbers may be issued on this finding. */
bool witness_is_well(const struct witness_finding *finding);

/* Appends one checkpoint and syncs it. */
enum err witness_append(const char *path, uint64_t size, const char *note, size_t len,
                        int64_t made_ms, struct why *why);

/* A line of the file. */
struct witness_line {
    uint64_t size;
    uint8_t root[32];
    char at[CLOCK_ISO_SIZE];
    bool by_key; /* signed by this Ed25519 key, under whatever name */
};
/* Reads one without its newline, `key` may be NULL; false: it is none (torn by a power cut, or
 * not ours). */
bool witness_line_read(const char *line, size_t len, const struct note_key *key,
                       struct witness_line *out);

#endif
