/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.h: what the actions of `tem ledger` share. One file an action, a row in ledger.c. One
 * thread. */
#ifndef TEM_CLI_LEDGER_H
#define TEM_CLI_LEDGER_H

#include "cli/client.h"
#include "spooler/ledger/checkpoint.h"

#define LEDGER_KEYS 16

/* An action: words[0] is its name, what follows are its words. */
struct ledger_action {
    const char *name;
    const char *usage;           /* what follows "tem ledger NAME " */
    size_t min_words, max_words; /* behind its name */
    const char *takes[6];        /* options of its own; ends with NULL */
    enum code (*run)(struct tem *tem, const char *const *words, size_t count);
};

enum code ledger_verify(struct tem *tem, const char *const *words, size_t count);
enum code ledger_proof(struct tem *tem, const char *const *words, size_t count);
enum code ledger_export(struct tem *tem, const char *const *words, size_t count);

/* Keys whose signatures are believed. */
struct ledger_keys {
    struct note_key list[LEDGER_KEYS];
    size_t count;
    bool given; /* on the command line; else temd named its own */
};
/* From --key, each a vkey or the name of a file that holds one; none given: temd is asked. */
enum code ledger_read_keys(struct tem *tem, struct ledger_keys *out);
/* As checkpoint_read, by any of the keys. */
enum err ledger_open_checkpoint(const struct ledger_keys *keys, const char *note, size_t len,
                                struct checkpoint *out, struct why *why);
/* The checkpoint that temd signs now; its text is appended to `note`. */
enum code ledger_get_checkpoint(struct tem *tem, const struct ledger_keys *keys,
                                struct buf *note, struct checkpoint *out);
/* A checkpoint's file. */
enum code ledger_read_checkpoint(struct tem *tem, const struct ledger_keys *keys,
                                 const char *path, struct checkpoint *out);
/* Events fault->first..last are not those that were signed: temd's leaf hashes, kept when each
 * was written, may tell the one that differs; then the fault says so. They are temd's word, and
 * who forged them too is not found so. */
struct audit_fault;
enum code ledger_narrow(struct tem *tem, struct audit_fault *fault);
/* SHA-256 of a whole file, in hex. */
enum err ledger_file_sha256(const char *path, char out[static SHA256_HEX], struct why *why);
/* base64 of a JSON array's members; false: no array of hashes, or too long. */
bool ledger_read_path(const json_t *array, struct merkle_path *out);

#endif
