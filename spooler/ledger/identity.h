/* SPDX-License-Identifier: Apache-2.0 */
/* identity.h: the blinded leaf that stands for one label's identity in a sending event.
 *
 * leaf = u32be len || series || u32be len || scope || u32be len || number || 16-byte blinding
 * blinding = HMAC-SHA-256(ledger key, the three length-prefixed texts) cut to 16 bytes, so that
 * a published proof does not let neighbours' numbers be guessed. The blinding can be recomputed
 * by the holder of the key, and is handed out with a proof. */
#ifndef TEM_LEDGER_IDENTITY_H
#define TEM_LEDGER_IDENTITY_H

#include "spooler/base/buf.h"
#include "spooler/base/hash.h"

#define BLINDING_BYTES 16

struct identity {
    const char *series;
    const char *scope;
    const char *number; /* as printed */
};

/* Appends the leaf to `out`. `key`: SHA256_BYTES of the ledger's blinding key. */
void identity_leaf(const struct identity *identity, const uint8_t key[static SHA256_BYTES],
                   struct buf *out);

/* The same by somebody who has no key and was shown the blinding in a proof. */
void identity_leaf_shown(const struct identity *identity,
                         const uint8_t blinding[static BLINDING_BYTES], struct buf *out);

/* The leaf that stands for the dots of one drawing in a sending event, of their hash:
 * leaf = hash || the first 16 bytes of HMAC-SHA-256(ledger key, "tem dots" || hash)
 * Blinded as an identity is: who has all labels of a chunk but one must not be able to try
 * which number makes the last one's dots. */
#define DOTS_LEAF_BYTES (SHA256_BYTES + BLINDING_BYTES)
void identity_dots_leaf(const uint8_t hash[static SHA256_BYTES],
                        const uint8_t key[static SHA256_BYTES],
                        uint8_t out[static DOTS_LEAF_BYTES]);

/* Reads the ledger's blinding key from `folder`/ledger-blinding.key (32 bytes as hex, mode
 * 0600), or makes it there. ERR_STATE when the file is there and is not such a key. */
struct random_source;
enum err identity_key(const char *folder, const struct random_source *random,
                      uint8_t out[static SHA256_BYTES], struct why *why);

/* A value that tells one key from another without giving it away: the first 8 bytes of
 * SHA-256("tem ledger key check" || key) as hex. A lost key that was made anew is only noticed
 * by a caller that kept this from before. */
#define IDENTITY_KEY_CHECK_SIZE 17
void identity_key_check(const uint8_t key[static SHA256_BYTES],
                        char out[static IDENTITY_KEY_CHECK_SIZE]);

#endif
