/* SPDX-License-Identifier: Apache-2.0 */
/* note.h: signed notes with Ed25519 keys (C2SP signed-note). Pure but for the key's file.
 *
 * A note is a text of lines, an empty line, and signature lines
 *   "— NAME base64(key id || signature)"
 * over the text with its last newline. key id = SHA-256(NAME || 0A || 01 || public key)[0..4];
 * a public key is told as vkey = NAME+hex(key id)+base64(01 || public key). */
#ifndef TEM_LEDGER_NOTE_H
#define TEM_LEDGER_NOTE_H

#include "spooler/base/buf.h"
#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOTE_NAME_SIZE 128
#define NOTE_KEY_BYTES 32 /* Ed25519: seed and public key */
#define NOTE_SIG_BYTES 64
#define NOTE_ID_BYTES  4
#define NOTE_MAX       (64 * 1024)

/* A public key. A plain value. */
struct note_key {
    char name[NOTE_NAME_SIZE];
    uint8_t id[NOTE_ID_BYTES];
    uint8_t public_key[NOTE_KEY_BYTES];
};

/* A secret one. */
struct note_signer {
    struct note_key key;
    uint8_t seed[NOTE_KEY_BYTES];
};

/* 1 to 127 bytes of UTF-8 without white space, control characters and '+'. */
bool note_name_ok(const char *name);
/* `name` must be ok. */
void note_key_make(const char *name, const uint8_t public_key[static NOTE_KEY_BYTES],
                   struct note_key *out);
void note_signer_make(const char *name, const uint8_t seed[static NOTE_KEY_BYTES],
                      struct note_signer *out);
/* Appends the vkey, without a line's end. */
void note_key_text(const struct note_key *key, struct buf *out);
/* ERR_INPUT: no vkey, its id is not that of its key, or not an Ed25519 key. */
enum err note_key_parse(const char *vkey, struct note_key *out, struct why *why);

/* Appends the signed note of `text`, which ends with a newline. */
void note_sign(const struct note_signer *signer, const char *text, size_t len, struct buf *out);
/* Finds where a note's text ends: *text_len counts its last newline. ERR_INPUT: no note. */
enum err note_text(const char *note, size_t len, size_t *text_len, struct why *why);
/* Checks the key's signature. ERR_INPUT: no note. ERR_DENIED: this key did not sign it.
 * ERR_CORRUPT: its signature does not fit the text. */
enum err note_check(const char *note, size_t len, const struct note_key *key, struct why *why);

/* The ledger's signing key, from `folder`/ledger-signing.key, a seed of 32 bytes as hex; made
 * there when it is missing. Errors as identity_key. */
struct random_source;
enum err note_signer_open(const char *folder, const char *name,
                          const struct random_source *random, struct note_signer *out,
                          struct why *why);

#endif
