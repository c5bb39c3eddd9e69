/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint.h: a ledger's size and root, signed (C2SP tlog-checkpoint), and the file that
 * proves one event of it (C2SP tlog-proof). Pure.
 *
 * A checkpoint is a note (note.h) whose text is "ORIGIN\nSIZE\nbase64(root)\n"; the key's name
 * is the origin. A proof is
 *   c2sp.org/tlog-proof@v1
 *   index N              (an `extra` line may stand before it; we write none)
 *   base64 hashes, one a line
 *   (empty line)
 *   the checkpoint */
#ifndef TEM_LEDGER_CHECKPOINT_H
#define TEM_LEDGER_CHECKPOINT_H

#include "spooler/ledger/merkle.h"
#include "spooler/ledger/note.h"

struct checkpoint {
    char origin[NOTE_NAME_SIZE];
    uint64_t size;
    uint8_t root[SHA256_BYTES];
};

#define CHECKPOINT_MAX (8 * 1024)

/* Appends the signed checkpoint of a ledger whose origin is the key's name. */
void checkpoint_sign(const struct note_signer *signer, uint64_t size,
                     const uint8_t root[static SHA256_BYTES], struct buf *out);
/* Reads one; `key` NULL = whoever signed it. ERR_INPUT: no checkpoint. ERR_DENIED, ERR_CORRUPT:
 * see note_check; ERR_DENIED also when its origin is not the key's name. */
enum err checkpoint_read(const char *note, size_t len, const struct note_key *key,
                         struct checkpoint *out, struct why *why);

struct tlog_proof {
    uint64_t index; /* of the event in the tree: its seq - 1 */
    struct merkle_path path;
    const char *checkpoint; /* borrowed from what was read */
    size_t checkpoint_len;
};

#define TLOG_PROOF_MAX (16 * 1024)

/* Appends the file. */
void tlog_proof_write(uint64_t index, const struct merkle_path *path, const char *checkpoint,
                      size_t len, struct buf *out);
/* ERR_INPUT says which line is wrong. The checkpoint in it is not looked at. */
enum err tlog_proof_read(const char *text, size_t len, struct tlog_proof *out, struct why *why);

#endif
