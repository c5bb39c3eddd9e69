/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/registry/keys.h"
#include "spooler/base/buf.h"
#include "spooler/base/durable.h"
#include "spooler/base/fault.h"
#include "spooler/base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_HEX      (2 * (size_t)NUMBER_KEY_BYTES)
#define KEY_FILE_MAX 128
#define KEY_PATH_MAX 4096

/* A key file's content. */
struct key_file {
    char text[KEY_FILE_MAX + 1];
    uint8_t key[NUMBER_KEY_BYTES];
    const char *maker; /* "STORE EPOCH", within text */
};

char *key_check(const uint8_t key[static NUMBER_KEY_BYTES], char out[static KEY_CHECK_SIZE])
{
    static const char label[] = "tem series key check";
    uint8_t bytes[sizeof label - 1 + NUMBER_KEY_BYTES], digest[SHA256_BYTES];
    memcpy(bytes, label, sizeof label - 1);
    memcpy(bytes + sizeof label - 1, key, NUMBER_KEY_BYTES);
    sha256(bytes, sizeof bytes, digest);
    explicit_bzero(bytes, sizeof bytes);
    return hex_text(digest, (KEY_CHECK_SIZE - 1) / 2, out);
}

static enum err key_path(const struct key_place *place, struct buf *path, struct why *why)
{
    buf_printf(path, "%s/series-%s-%" PRIu32 ".key", place->folder, place->series,
               place->generation);
    if (buf_err(path) == ERR_NONE)
        return ERR_NONE;
    return err_set(why, buf_err(path), "key folder's name is too long: %.80s", place->folder);
}

/* Reads at most KEY_FILE_MAX bytes; one more is an error, as is a file that others may read. */
static enum err read_open(int fd, const char *path, struct key_file *file, struct why *why)
{
    struct stat st;
    size_t len = 0;
    if (fstat(fd, &st) != 0)
        return err_errno(why, ERR_SYSTEM, errno, "key file %s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(why, ERR_STATE, "key file %s is not a regular file", path);
    if ((st.st_mode & 0177) != 0)
        return err_set(
            why, ERR_STATE,
            "key file %s has mode %04o: others may read or change it; find out who did, "
            "then chmod 600 it",
            path, (unsigned)(st.st_mode & 07777));
    while (len < sizeof file->text) {
        ssize_t n = read(fd, file->text + len, sizeof file->text - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(why, ERR_SYSTEM, errno, "read key file %s", path);
        if (n == 0)
            break;
        len += (size_t)n;
    }
    char *end = memchr(file->text, '\n', len);
    if (len <= KEY_HEX + 1 || len > KEY_FILE_MAX || !end || end != file->text + len - 1 ||
        file->text[KEY_HEX] != ' ')
        return err_set(why, ERR_STATE,
                       "key file %s is damaged: bring it back from a copy of the key folder",
                       path);
    *end = '\0';
    file->text[KEY_HEX] = '\0';
    file->maker = file->text + KEY_HEX + 1;
    if (!hex_parse(file->text, file->key, NUMBER_KEY_BYTES))
        return err_set(why, ERR_STATE,
                       "key file %s is damaged: bring it back from a copy of the key folder",
                       path);
    return ERR_NONE;
}

/* ERR_NOT_FOUND without `why`: no such file. The caller wipes `file`. */
static enum err key_read(const char *path, struct key_file *file, struct why *why)
{
    /* O_NONBLOCK: a FIFO of that name must not stop the start. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (fd < 0)
        return err_errno(why, ERR_STATE, errno, "open key file %s", path);
    enum err err = read_open(fd, path, file, why);
    if (close(fd) != 0 && err == ERR_NONE)
        err = err_errno(why, ERR_SYSTEM, errno, "close key file %s", path);
    return err;
}

enum err key_load(const struct key_place *place, const char *check,
                  uint8_t out[static NUMBER_KEY_BYTES], struct why *why)
{
    struct buf path = BUF_INIT(KEY_PATH_MAX);
    struct key_file file = {.maker = NULL};
    char got[KEY_CHECK_SIZE];
    enum err err = key_path(place, &path, why);
    if (err == ERR_NONE)
        err = key_read(buf_text(&path), &file, why);
    if (err == ERR_NOT_FOUND)
        err =
            err_set(why, ERR_STATE,
                    "key file %s is lost: bring it back from a copy of the key folder; without "
                    "it no number of series \"%s\" can be printed again or looked up",
                    buf_text(&path), place->series);
    if (err == ERR_NONE && strcmp(key_check(file.key, got), check) != 0)
        err = err_set(
            why, ERR_STATE,
            "key file %s holds another key (check value %s, the store knows %s): it could "
            "print numbers that are out already; bring the right one back from a copy",
            buf_text(&path), got, check);
    if (err == ERR_NONE)
        memcpy(out, file.key, NUMBER_KEY_BYTES);
    explicit_bzero(&file, sizeof file);
    buf_free(&path);
    return err;
}

static enum err key_write(const char *path, const char *maker,
                          const struct random_source *random,
                          uint8_t key[static NUMBER_KEY_BYTES], struct why *why)
{
    char line[KEY_FILE_MAX];
    enum err err = random->fill(random->ctx, key, NUMBER_KEY_BYTES, why);
    if (err != ERR_NONE)
        return err;
    hex_text(key, NUMBER_KEY_BYTES, line);
    int tail = snprintf(line + KEY_HEX, sizeof line - KEY_HEX, " %s\n", maker);
    err = durable_write(path, line, KEY_HEX + (size_t)tail, 0600, why);
    explicit_bzero(line, sizeof line);
    return err;
}

enum err key_make(const struct key_place *place, const struct store *store,
                  const struct random_source *random, uint8_t out[static NUMBER_KEY_BYTES],
                  struct why *why)
{
    struct buf path = BUF_INIT(KEY_PATH_MAX);
    struct key_file file = {.maker = NULL};
    char maker[KEY_FILE_MAX - 2 * NUMBER_KEY_BYTES - 3];
    snprintf(maker, sizeof maker, "%s %" PRIu32, store_id(store), store_epoch(store));
    enum err err = key_path(place, &path, why);
    if (err == ERR_NONE)
        err = key_read(buf_text(&path), &file, why);
    if (err == ERR_NOT_FOUND) {
        fault_point("registry.key.before");
        err = durable_mkdir(place->folder, 0700, why);
        if (err == ERR_NONE)
            err = key_write(buf_text(&path), maker, random, file.key, why);
        fault_point("registry.key_written");
    } else if (err == ERR_NONE && strcmp(file.maker, maker) != 0) {
        err =
            err_set(why, ERR_STATE,
                    "key file %s was made by store and epoch %s, this is %s and does not know "
                    "the generation: numbers may have been printed with it. Give series \"%s\" "
                    "another prefix or length, or move the file away if none was printed",
                    buf_text(&path), file.maker, maker, place->series);
    }
    if (err == ERR_NONE)
        memcpy(out, file.key, NUMBER_KEY_BYTES);
    explicit_bzero(&file, sizeof file);
    buf_free(&path);
    return err;
}
