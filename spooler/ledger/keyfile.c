/* SPDX-License-Identifier: Apache-2.0 */
/* keyfile.c: see keyfile.h. */
#include "spooler/ledger/keyfile.h"

#include "spooler/base/fault.h"
#include "spooler/base/durable.h"
#include "spooler/base/hash.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static enum err key_make(const char *path, const struct random_source *random,
                         uint8_t out[static KEYFILE_BYTES], struct why *why)
{
    uint8_t key[KEYFILE_BYTES];
    char text[2 * KEYFILE_BYTES + 1];
    enum err err = random->fill(random->ctx, key, sizeof key, why);
    if (err)
        return err;
    hex_text(key, sizeof key, text);
    fault_point("ledger.key.before");
    err = durable_write(path, text, strlen(text), 0600, why);
    fault_point("ledger.key.written");
    if (!err)
        memcpy(out, key, sizeof key);
    explicit_bzero(key, sizeof key);
    explicit_bzero(text, sizeof text);
    return err;
}

static enum err key_read(const char *path, uint8_t out[static KEYFILE_BYTES], struct why *why)
{
    uint8_t key[KEYFILE_BYTES];
    struct buf text = BUF_INIT(256);
    enum err err = file_read(path, 256, &text, why);
    if (err == ERR_TOO_LARGE)
        err = ERR_STATE;
    if (!err && text.len == 2 * KEYFILE_BYTES + 1 && text.bytes[text.len - 1] == '\n')
        text.bytes[--text.len] = 0; /* an administrator's editor adds it */
    if (!err && (text.len != 2 * KEYFILE_BYTES || !hex_parse(buf_text(&text), key, sizeof key)))
        err = err_set(why, ERR_STATE, "%s: expected a key of %d hex digits", path,
                      2 * KEYFILE_BYTES);
    if (!err)
        memcpy(out, key, sizeof key);
    explicit_bzero(key, sizeof key);
    if (text.bytes)
        explicit_bzero(text.bytes, text.len);
    buf_free(&text);
    return err;
}

enum err keyfile_open(const char *folder, const char *name, const char *danger,
                      const struct random_source *random, uint8_t out[static KEYFILE_BYTES],
                      struct why *why)
{
    char path[PATH_MAX];
    struct stat info;
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
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
        return err_set(why, ERR_STATE, "%s: has mode %03o, expected 600: %s", path,
                       (unsigned)(info.st_mode & 07777), danger);
    return key_read(path, out, why);
}
