/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/token.h"

#include "spooler/base/durable.h"
#include "spooler/base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX_MAX 16
#define FILE_NAME  (TOKEN_NAME_SIZE + SUFFIX_MAX)

static const char *const suffixes[] = {[TOKEN_NEW] = ".new",
                                       [TOKEN_GO] = ".go",
                                       [TOKEN_TAKEN] = ".taken",
                                       [TOKEN_REVOKED] = ".revoked"};
static const char cancel_suffix[] = ".cancel";

/* ---- names ----------------------------------------------------------------- */

char *token_text(const struct token_name *name, char out[static TOKEN_NAME_SIZE])
{
    snprintf(out, TOKEN_NAME_SIZE, "tem-%.16s-%u-%llu-%llu-%u", name->store_id, name->epoch,
             (unsigned long long)name->job, (unsigned long long)name->chunk, name->attempt);
    return out;
}

/* "-" and a number up to `max` without leading zeros. */
static bool take_number(const char **at, uint64_t max, uint64_t *out)
{
    const char *text = *at;
    if (*text++ != '-' || *text < '0' || *text > '9' ||
        (text[0] == '0' && text[1] >= '0' && text[1] <= '9'))
        return false;
    uint64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *at = text;
    *out = value;
    return true;
}

static bool take_suffix(const char *text, enum token_state *state)
{
    for (enum token_state i = TOKEN_NEW; i <= TOKEN_REVOKED; i++) {
        if (strcmp(text, suffixes[i]) == 0) {
            *state = i;
            return true;
        }
    }
    return false;
}

bool token_parse(const char *file_name, struct token_name *out, enum token_state *state)
{
    struct token_name name = {0};
    uint64_t epoch, attempt;
    const char *at = file_name + 4;
    if (strncmp(file_name, "tem-", 4) != 0 ||
        strspn(at, "0123456789abcdef") != STREAM_STORE_ID_SIZE - 1)
        return false;
    memcpy(name.store_id, at, STREAM_STORE_ID_SIZE - 1);
    at += STREAM_STORE_ID_SIZE - 1;
    if (!take_number(&at, UINT32_MAX, &epoch) || !take_number(&at, UINT64_MAX, &name.job) ||
        !take_number(&at, UINT64_MAX, &name.chunk) || !take_number(&at, UINT32_MAX, &attempt) ||
        !take_suffix(at, state))
        return false;
    name.epoch = (uint32_t)epoch;
    name.attempt = (uint32_t)attempt;
    *out = name;
    return true;
}

static char *file_of(const struct token_name *name, const char *suffix,
                     char out[static FILE_NAME])
{
    char text[TOKEN_NAME_SIZE];
    snprintf(out, FILE_NAME, "%s%s", token_text(name, text), suffix);
    return out;
}

/* ---- the folder ------------------------------------------------------------ */

static enum err open_folder(const char *folder, int *out, struct why *why)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "open feed folder %s", folder);
    *out = fd;
    return ERR_NONE;
}

static enum err sync_folder(int dir, const char *folder, struct why *why)
{
    return fsync(dir) == 0 ? ERR_NONE
                           : err_errno(why, ERR_SYSTEM, errno, "fsync feed folder %s", folder);
}

/* Whether the file is there; other failures than "no such file" are not an answer. */
static enum err exists(int dir, const char *file, bool *out, struct why *why)
{
    struct stat st;
    if (fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0)
        *out = true;
    else if (errno == ENOENT)
        *out = false;
    else
        return err_errno(why, ERR_SYSTEM, errno, "look for %s", file);
    return ERR_NONE;
}

/* Renames and never replaces: a .taken that is overwritten is a journal lost. ERR_NOT_FOUND: no
 * `from`; ERR_STATE: `to` is there. */
static enum err rename_once(int dir, const char *from, const char *to, struct why *why)
{
    int result = renameat2(dir, from, dir, to, RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
        /* a file system without the flag: look first. Nobody else makes `to`, a name is used
         * once */
        bool there = false;
        enum err err = exists(dir, to, &there, why);
        if (err)
            return err;
        if (there)
            return err_set(why, ERR_STATE, "%s is there already", to);
        result = renameat(dir, from, dir, to);
    }
    if (result == 0)
        return ERR_NONE;
    enum err code = errno == ENOENT ? ERR_NOT_FOUND : errno == EEXIST ? ERR_STATE : ERR_SYSTEM;
    return err_errno(why, code, errno, "rename %s to %s", from, to);
}

static enum err look(int dir, const struct token_name *name, enum token_state *out,
                     struct why *why)
{
    /* in the order of a token's life: it moves on only, so it cannot slip past us */
    for (enum token_state i = TOKEN_NEW; i <= TOKEN_REVOKED; i++) {
        char file[FILE_NAME];
        bool there = false;
        enum err err = exists(dir, file_of(name, suffixes[i], file), &there, why);
        if (err)
            return err;
        if (there) {
            *out = i;
            return ERR_NONE;
        }
    }
    *out = TOKEN_NONE;
    return ERR_NONE;
}

/* ---- temd's side ----------------------------------------------------------- */

static enum err make_file(int dir, const char *file, int flags, struct why *why)
{
    int fd = openat(dir, file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0660);
    if (fd < 0)
        return err_errno(why, errno == EEXIST ? ERR_STATE : ERR_SYSTEM, errno, "create %s",
                         file);
    enum err err = ERR_NONE;
    struct stat st;
    if (fstat(fd, &st) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "stat %s", file);
    else if ((st.st_mode & 0777) != 0660 &&
             fchmod(fd, 0660) != 0) /* the umask must not decide */
        err = err_errno(why, ERR_SYSTEM, errno, "chmod %s", file);
    if (!err && fsync(fd) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "fsync %s", file);
    if (close(fd) != 0 && !err)
        err = err_errno(why, ERR_SYSTEM, errno, "close %s", file);
    return err;
}

enum err token_create(const char *folder, const struct token_name *name, struct why *why)
{
    int dir = -1;
    char file[FILE_NAME];
    enum token_state state = TOKEN_NONE;
    enum err err = open_folder(folder, &dir, why);
    if (err)
        return err;
    err = look(dir, name, &state, why);
    if (!err && state != TOKEN_NONE)
        err = err_set(why, ERR_STATE, "%s is there already",
                      file_of(name, suffixes[state], file));
    fault_point("token.create.before");
    if (!err)
        err = make_file(dir, file_of(name, suffixes[TOKEN_NEW], file), O_EXCL, why);
    fault_point("token.create.made");
    if (!err)
        err = sync_folder(dir, folder, why);
    if (!err)
        fault_point("token.create.synced");
    close(dir); /* read only: nothing to lose */
    return err;
}

/* Not synced: after a power cut nobody writes it any more. */
enum err token_make_room(const char *folder, const struct token_name *name, size_t bytes,
                         struct why *why)
{
    int dir = -1;
    char file[FILE_NAME];
    enum err err = open_folder(folder, &dir, why);
    if (err)
        return err;
    int fd = openat(dir, file_of(name, suffixes[TOKEN_NEW], file),
                    O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        err = err_errno(why, ERR_SYSTEM, errno, "open %s", file);
    else if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) != 0 && errno != EOPNOTSUPP)
        err = err_errno(why, ERR_SYSTEM, errno, "feed folder %s: room for a journal", folder);
    if (fd >= 0)
        close(fd); /* nothing was written */
    close(dir);    /* read only: nothing to lose */
    return err;
}

enum err token_release(const char *folder, const struct token_name *name, struct why *why)
{
    int dir = -1;
    char from[FILE_NAME], to[FILE_NAME];
    enum err err = open_folder(folder, &dir, why);
    if (err)
        return err;
    fault_point("token.release.before");
    err = rename_once(dir, file_of(name, suffixes[TOKEN_NEW], from),
                      file_of(name, suffixes[TOKEN_GO], to), why);
    if (err == ERR_NOT_FOUND)
        err = ERR_STATE;
    fault_point("token.release.renamed");
    if (!err)
        err = sync_folder(dir, folder, why);
    if (!err)
        fault_point("token.release.synced");
    close(dir); /* read only: nothing to lose */
    return err;
}

enum err token_revoke(const char *folder, const struct token_name *name, struct why *why)
{
    int dir = -1;
    char from[FILE_NAME], to[FILE_NAME];
    bool done = false;
    enum err err = open_folder(folder, &dir, why);
    if (err)
        return err;
    fault_point("token.revoke.before");
    file_of(name, suffixes[TOKEN_REVOKED], to);
    err = rename_once(dir, file_of(name, suffixes[TOKEN_GO], from), to, why);
    if (err == ERR_NOT_FOUND)
        err = rename_once(dir, file_of(name, suffixes[TOKEN_NEW], from), to, why);
    if (err == ERR_NOT_FOUND) { /* withdrawn before, and perhaps not synced then */
        err = exists(dir, to, &done, why);
        if (!err && !done)
            err = err_set(why, ERR_STATE, "%s cannot be withdrawn any more",
                          file_of(name, "", from));
    }
    fault_point("token.revoke.renamed");
    if (!err)
        err = sync_folder(dir, folder, why);
    if (!err)
        fault_point("token.revoke.synced");
    close(dir); /* read only: nothing to lose */
    return err;
}

enum err token_ask_cancel(const char *folder, const struct token_name *name, struct why *why)
{
    int dir = -1;
    char file[FILE_NAME];
    enum err err = open_folder(folder, &dir, why);
    if (err)
        return err;
    err = make_file(dir, file_of(name, cancel_suffix, file), 0, why);
    if (!err)
        err = sync_folder(dir, folder, why);
    close(dir); /* read only: nothing to lose */
    return err;
}

enum err token_look(const char *folder, const struct token_name *name, enum token_state *out,
                    struct why *why)
{
    int dir = -1;
    enum err err = open_folder(folder, &dir, why);
    if (err)
        return err;
    err = look(dir, name, out, why);
    close(dir); /* read only: nothing to lose */
    return err;
}

enum err token_remove(const char *folder, const struct token_name *name, struct why *why)
{
    static const char *const all[] = {".cancel", ".new", ".go", ".revoked", ".taken"};
    int dir = -1;
    enum err err = open_folder(folder, &dir, why);
    if (err)
        return err;
    for (size_t i = 0; !err && i < sizeof all / sizeof all[0]; i++) {
        char file[FILE_NAME];
        if (unlinkat(dir, file_of(name, all[i], file), 0) != 0 && errno != ENOENT)
            err = err_errno(why, ERR_SYSTEM, errno, "remove %s", file);
    }
    if (!err)
        err = sync_folder(dir, folder, why);
    close(dir); /* read only: nothing to lose */
    return err;
}

/* ---- temfeed's side -------------------------------------------------------- */

/* Opens and locks the file that is .go now. It must be empty: a file with records was started.
 */
static enum err open_locked(int dir, const char *file, int *out, struct why *why)
{
    int fd = openat(dir, file, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return err_errno(why, errno == ENOENT ? ERR_STATE : ERR_SYSTEM, errno, "open %s", file);
    enum err err = ERR_NONE;
    struct stat st;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        err = err_errno(why, errno == EWOULDBLOCK ? ERR_STATE : ERR_SYSTEM, errno, "lock %s",
                        file);
    else if (fstat(fd, &st) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "stat %s", file);
    else if (!S_ISREG(st.st_mode) || st.st_size != 0)
        err = err_set(why, ERR_STATE, "%s is not an unused token", file);
    if (err)
        close(fd); /* nothing was written */
    else
        *out = fd;
    return err;
}

enum err token_take(const char *folder, const struct token_name *name, int *fd, struct why *why)
{
    int dir = -1, locked = -1;
    char from[FILE_NAME], to[FILE_NAME];
    enum err err = open_folder(folder, &dir, why);
    if (err)
        return err;
    err = open_locked(dir, file_of(name, suffixes[TOKEN_GO], from), &locked, why);
    if (!err) {
        fault_point("token.take.locked");
        err = rename_once(dir, from, file_of(name, suffixes[TOKEN_TAKEN], to), why);
        if (err == ERR_NOT_FOUND)
            err = ERR_STATE;
    }
    if (!err) {
        fault_point("token.take.renamed");
        err = sync_folder(dir, folder, why);
    }
    if (!err) {
        fault_point("token.take.synced");
        *fd = locked;
    } else if (locked >= 0) {
        close(locked); /* nothing was written */
    }
    close(dir); /* read only: nothing to lose */
    return err;
}

bool token_cancel_asked(const char *folder, const struct token_name *name)
{
    int dir = -1;
    char file[FILE_NAME];
    bool there = false;
    if (open_folder(folder, &dir, NULL))
        return false;
    if (exists(dir, file_of(name, cancel_suffix, file), &there, NULL))
        there = false; /* no wish that can be read is no wish */
    close(dir);        /* read only: nothing to lose */
    return there;
}
