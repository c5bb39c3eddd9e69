/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c: see identity.h. */
#include "spooler/ledger/identity.h"

#include "spooler/ledger/keyfile.h"

#include <assert.h>
#include <string.h>

#define KEY_FILE "ledger-blinding.key"

static void add_text(struct buf *out, const char *text)
{
    size_t len = strlen(text);
    assert(len <= UINT32_MAX); /* names and numbers are bounded where they are read */
    buf_add_be32(out, (uint32_t)len);
    buf_add(out, text, len);
}

static void add_texts(const struct identity *identity, struct buf *out)
{
    add_text(out, identity->series);
    add_text(out, identity->scope);
    add_text(out, identity->number);
}

void identity_leaf(const struct identity *identity, const uint8_t key[static SHA256_BYTES],
                   struct buf *out)
{
    uint8_t mac[SHA256_BYTES];
    size_t start = out->len;
    add_texts(identity, out);
    if (buf_err(out))
        return;
    hmac_sha256(key, SHA256_BYTES, out->bytes + start, out->len - start, mac);
    buf_add(out, mac, BLINDING_BYTES);
}

void identity_leaf_shown(const struct identity *identity,
                         const uint8_t blinding[static BLINDING_BYTES], struct buf *out)
{
    add_texts(identity, out);
    buf_add(out, blinding, BLINDING_BYTES);
}

void identity_dots_leaf(const uint8_t hash[static SHA256_BYTES],
                        const uint8_t key[static SHA256_BYTES],
                        uint8_t out[static DOTS_LEAF_BYTES])
{
    /* No identity begins so: its first four bytes would be a length past all bounds. */
    uint8_t text[8 + SHA256_BYTES] = "tem dots", mac[SHA256_BYTES];
    memcpy(text + 8, hash, SHA256_BYTES);
    hmac_sha256(key, SHA256_BYTES, text, sizeof text, mac);
    memcpy(out, hash, SHA256_BYTES);
    memcpy(out + SHA256_BYTES, mac, BLINDING_BYTES);
}

void identity_key_check(const uint8_t key[static SHA256_BYTES],
                        char out[static IDENTITY_KEY_CHECK_SIZE])
{
    static const char text[] = "tem ledger key check";
    uint8_t bytes[sizeof text - 1 + SHA256_BYTES];
    uint8_t sum[SHA256_BYTES];
    memcpy(bytes, text, sizeof text - 1);
    memcpy(bytes + sizeof text - 1, key, SHA256_BYTES);
    sha256(bytes, sizeof bytes, sum);
    hex_text(sum, (IDENTITY_KEY_CHECK_SIZE - 1) / 2, out);
    explicit_bzero(bytes, sizeof bytes);
}

enum err identity_key(const char *folder, const struct random_source *random,
                      uint8_t out[static SHA256_BYTES], struct why *why)
{
    return keyfile_open(folder, KEY_FILE,
                        "who reads the ledger's key can guess other labels' numbers from a "
                        "proof",
                        random, out, why);
}
