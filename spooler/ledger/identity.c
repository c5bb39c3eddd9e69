/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c: see identity.h. */
#include "spooler/ledger/identity.h"

#include "spooler/base/durable.h"
#include "spooler/base/random.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_FILE "ledger-blinding.key"

static void add_text(struct buf *out, const char *text)
{
    size_t len = strlen(text);
    assert(len <= UINT32_MAX); /* names and numbers are bounded where they are read */
    buf_add_be32(out, (uint32_t)len);
    buf_add(out, text, len);
}

void identity_leaf(const struct identity *identity, const uint8_t key[static SHA256_BYTES],
                   struct buf *out)
{
    uint8_t mac[SHA256_BYTES];
    size_t start = out->len;
    add_text(out, identity->series);
    add_text(out, identity->scope);
    add_text(out, identity->number);
    if (buf_err(out))
        return;
    hmac_sha256(key, SHA256_BYTES, out->bytes + start, out->len - start, mac);
    buf_add(out, mac, BLINDING_BYTES);
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

static enum err key_make(const char *path, const struct random_source *random,
                         uint8_t out[static SHA256_BYTES], struct why *why)
{
    uint8_t key[SHA256_BYTES];
    char text[SHA256_HEX];
    enum err err = random->fill(random->ctx, key, sizeof key, why);
    if (err)
        return err;
    hex_text(key, sizeof key, text);
    err = durable_write(path, text, strlen(text), 0600, why);
    if (!err)
        memcpy(out, key, sizeof key);
    explicit_bzero(key, sizeof key);
    explicit_bzero(text, sizeof text);
    return err;
}

static enum err key_read(const char *path, uint8_t out[static SHA256_BYTES], struct why *why)
{
    uint8_t key[SHA256_BYTES];
    struct buf text = BUF_INIT(256);
    enum err err = file_read(path, 256, &text, why);
    if (err == ERR_TOO_LARGE)
        err = ERR_STATE;
    if (!err && text.len == 2 * SHA256_BYTES + 1 && text.bytes[text.len - 1] == '\n')
        text.bytes[--text.len] = 0; /* an administrator's editor adds it */
    if (!err && (text.len != 2 * SHA256_BYTES || !hex_parse(buf_text(&text), key, sizeof key)))
        err = err_set(why, ERR_STATE, "%s: expected a key of %d hex digits", path,
                      2 * SHA256_BYTES);
    if (!err)
        memcpy(out, key, sizeof key);
    explicit_bzero(key, sizeof key);
    if (text.bytes)
        explicit_bzero(text.bytes, text.len);
    buf_free(&text);
    return err;
}

enum err identity_key(const char *folder, const struct random_source *random,
                      uint8_t out[static SHA256_BYTES], struct why *why)
{
    char path[PATH_MAX];
    struct stat info;
    int len = snprintf(path, sizeof path, "%s/%s", folder, KEY_FILE);
    if (len < 0 || (size_t)len >= sizeof path)
        return err_set(why, ERR_TOO_LARGE, "%.80s...: the path is too long", folder);
    if (lstat(path, &info) != 0) {
        if (errno == ENOENT)
            return key_make(path, random, out, why);
        return err_errno(why, ERR_SYSTEM, errno, "%s", path);
    }
    if (!S_ISREG(info.st_mode))
        return err_set(why, ERR_STATE, "%s: the ledger's key is not a plain file", path);
    if (info.st_mode & (S_IRWXG | S_IRWXO))
        return err_set(why, ERR_STATE,
                       "%s: has mode %03o, expected 600: who reads the ledger's key can guess "
                       "other labels' numbers from a proof",
                       path, (unsigned)(info.st_mode & 07777));
    return key_read(path, out, why);
}
