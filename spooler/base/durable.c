/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/durable.h"

#include "spooler/base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum err fd_write_all(int fd, const void *bytes, size_t len, struct why *why)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(why, ERR_SYSTEM, errno, "write");
        at += n;
        len -= (size_t)n;
    }
    return ERR_NONE;
}

enum err durable_sync_folder(const char *folder, struct why *why)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "open folder %s", folder);
    enum err err = ERR_NONE;
    if (fsync(fd) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "fsync folder %s", folder);
    if (close(fd) != 0 && !err)
        err = err_errno(why, ERR_SYSTEM, errno, "close folder %s", folder);
    return err;
}

static enum err sync_parent(const char *path, struct why *why)
{
    char *folder = strdup(path);
    if (!folder)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder ? 1 : 0] = '\0';
    enum err err = durable_sync_folder(slash ? folder : ".", why);
    free(folder);
    return err;
}

static enum err write_new(const char *path, const void *bytes, size_t len, mode_t mode,
                          struct why *why)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "create %s", path);
    enum err err = fd_write_all(fd, bytes, len, why);
    if (!err && fchmod(fd, mode) != 0) /* the umask must not decide */
        err = err_errno(why, ERR_SYSTEM, errno, "chmod %s", path);
    if (!err && fsync(fd) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "fsync %s", path);
    if (close(fd) != 0 && !err)
        err = err_errno(why, ERR_SYSTEM, errno, "close %s", path);
    return err;
}

enum err durable_write(const char *path, const void *bytes, size_t len, mode_t mode,
                       struct why *why)
{
    struct buf temporary = BUF_INIT(4096);
    buf_printf(&temporary, "%s.tmp", path);
    if (buf_err(&temporary)) {
        buf_free(&temporary);
        return err_set(why, ERR_INPUT, "path too long: %.80s...", path);
    }
    fault_point("durable.write.before");
    enum err err = write_new(buf_text(&temporary), bytes, len, mode, why);
    fault_point("durable.write.made");
    if (!err && rename(buf_text(&temporary), path) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "rename to %s", path);
    fault_point("durable.write.renamed");
    if (!err)
        err = sync_parent(path, why);
    fault_point("durable.write.synced");
    if (err)
        unlink(buf_text(&temporary)); /* best effort: a leftover is overwritten next time */
    buf_free(&temporary);
    return err;
}

enum err durable_rename(const char *folder, const char *from, const char *to, struct why *why)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "open folder %s", folder);
    enum err err = ERR_NONE;
    fault_point("durable.rename.before");
    if (renameat(fd, from, fd, to) != 0)
        err = err_errno(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, errno,
                        "rename %s to %s in %s", from, to, folder);
    fault_point("durable.rename.renamed");
    if (!err && fsync(fd) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "fsync folder %s", folder);
    fault_point("durable.rename.synced");
    if (close(fd) != 0 && !err)
        err = err_errno(why, ERR_SYSTEM, errno, "close folder %s", folder);
    return err;
}

enum err durable_mkdir(const char *path, mode_t mode, struct why *why)
{
    char *copy = strdup(path);
    if (!copy)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = ERR_NONE;
    for (char *slash = copy + 1; !err; slash++) {
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(copy, mode) == 0) {
            fault_point("durable.mkdir.made");
            err = sync_parent(copy, why);
            fault_point("durable.mkdir.synced");
        } else if (errno != EEXIST)
            err = err_errno(why, ERR_SYSTEM, errno, "make folder %s", copy);
        if (!slash)
            break;
        *slash = '/';
    }
    struct stat st;
    if (!err && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))
        err = err_set(why, ERR_SYSTEM, "%s is not a folder", path);
    free(copy);
    return err;
}

/* Opens what can be read to its end. A FIFO would wait for its writer, who may never come; what
 * the caller's shell made (/dev/stdin, /dev/fd/63) has one. */
static enum err open_whole(const char *path, int *out, struct why *why)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_errno(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, errno, "open %s",
                         path);
    bool shells = strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0;
    enum err err = ERR_NONE;
    if (fstat(fd, &st) != 0 || fcntl(fd, F_SETFL, 0) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "open %s", path);
    else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !shells)
        err = err_set(why, ERR_INPUT, "%s is not a regular file", path);
    if (err)
        close(fd); /* read only: nothing to lose */
    else
        *out = fd;
    return err;
}

enum err file_read(const char *path, size_t max, struct buf *out, struct why *why)
{
    int fd = -1;
    enum err err = open_whole(path, &fd, why);
    if (err)
        return err;
    size_t total = 0;
    for (;;) {
        char chunk[16384];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            err = err_errno(why, ERR_SYSTEM, errno, "read %s", path);
        if (n <= 0)
            break;
        total += (size_t)n;
        if (total > max) {
            err = err_set(why, ERR_TOO_LARGE, "%s is larger than %zu bytes", path, max);
            break;
        }
        buf_add(out, chunk, (size_t)n);
    }
    if (!err && buf_err(out))
        err = err_set(why, buf_err(out), "%s does not fit in memory", path);
    close(fd); /* read only: nothing to lose */
    return err;
}

enum err durable_sync_file(const char *path, struct why *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "open %s", path);
    enum err err =
        fsync(fd) != 0 ? err_errno(why, ERR_SYSTEM, errno, "sync %s", path) : ERR_NONE;
    close(fd); /* read only */
    return err;
}
