/* SPDX-License-Identifier: Apache-2.0 */
/* faulty-disk.c: preloaded into a program (LD_PRELOAD), lets its disk and its clock fail as the
 * file that FAULTY_DISK names says, from one call to the next:
 *
 *   full FOLDER        what is written to files below it: ENOSPC
 *   no-blocks FOLDER   the same, but where a file has the room already: as a disk that got full
 *   read-only FOLDER   what is written, made, renamed or removed below it: EROFS
 *   sync FOLDER        fsync and fdatasync below it: EIO
 *   clock SECONDS      the time of day is this much later (or earlier)
 *
 * Below every library: SQLite and our own code alike see what a failing disk would say. Files
 * that are open already are known by what /proc says of them. No file, no fault. */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* What the next one of this name is: libc's. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The control file, by system calls alone: the library's own are ours. */
static size_t read_faults(char *out, size_t size)
{
    const char *path = getenv("FAULTY_DISK");
    int saved = errno;
    long fd = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;
    long len = fd < 0 ? 0 : syscall(SYS_read, fd, out, size - 1);
    if (fd >= 0)
        syscall(SYS_close, fd);
    errno = saved;
    out[len > 0 ? len : 0] = '\0';
    return len > 0 ? (size_t)len : 0;
}

static bool is_below(const char *path, const char *folder, size_t len)
{
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool faulty(const char *kind, const char *path)
{
    char text[4096];
    if (!path || read_faults(text, sizeof text) == 0)
        return false;
    size_t len = strlen(kind);
    for (const char *line = text; *line;) {
        size_t end = strcspn(line, "\n");
        if (strncmp(line, kind, len) == 0 && line[len] == ' ' && end > len + 1 &&
            is_below(path, line + len + 1, end - len - 1))
            return true;
        line += end + (line[end] == '\n');
    }
    return false;
}

static const char *path_of(int fd, char out[static PATH_MAX])
{
    char link[40];
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long len = syscall(SYS_readlinkat, AT_FDCWD, link, out, PATH_MAX - 1);
    errno = saved;
    out[len > 0 ? len : 0] = '\0';
    return out;
}

/* A path as the rules have it. */
static const char *whole(int folder, const char *path, char out[static PATH_MAX])
{
    if (path[0] == '/')
        return path;
    char base[PATH_MAX];
    if (folder == AT_FDCWD) {
        if (syscall(SYS_getcwd, base, sizeof base) < 0)
            return path;
    } else
        path_of(folder, base);
    int len = snprintf(out, PATH_MAX, "%s/%s", base, path);
    return len > 0 && len < PATH_MAX ? out : path;
}

static bool fails(int error)
{
    errno = error;
    return true;
}

/* An append that needs no new block. */
static bool has_room(int fd, size_t len)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_size + (off_t)len <= st.st_blocks * 512;
}

static bool write_fails(int fd, size_t len)
{
    char path[PATH_MAX];
    path_of(fd, path);
    return (faulty("no-blocks", path) && !has_room(fd, len) && fails(ENOSPC)) ||
           (faulty("full", path) && fails(ENOSPC)) ||
           (faulty("read-only", path) && fails(EROFS));
}

static bool sync_fails(int fd)
{
    char path[PATH_MAX];
    return faulty("sync", path_of(fd, path)) && fails(EIO);
}

static bool change_fails(int folder, const char *path)
{
    char room[PATH_MAX];
    return faulty("read-only", whole(folder, path, room)) && fails(EROFS);
}

/* ---- what writes ---------------------------------------------------------------------------
 */

ssize_t write(int fd, const void *bytes, size_t len)
{
    return write_fails(fd, len) ? -1 : NEXT(write)(fd, bytes, len);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    return write_fails(fd, len) ? -1 : NEXT(pwrite)(fd, bytes, len, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    return write_fails(fd, len) ? -1 : NEXT(pwrite64)(fd, bytes, len, at);
}

/* What asks for room. */
int fallocate(int fd, int mode, off_t at, off_t len)
{
    char path[PATH_MAX];
    path_of(fd, path);
    if ((faulty("no-blocks", path) || faulty("full", path)) && fails(ENOSPC))
        return -1;
    return NEXT(fallocate)(fd, mode, at, len);
}

int fallocate64(int fd, int mode, off64_t at, off64_t len)
{
    return fallocate(fd, mode, at, len);
}

int fsync(int fd)
{
    return sync_fails(fd) ? -1 : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
    return sync_fails(fd) ? -1 : NEXT(fdatasync)(fd);
}

/* ---- what makes, renames, removes
 * ------------------------------------------------------------ */

static bool open_fails(int folder, const char *path, int flags)
{
    return ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT)) && change_fails(folder, path);
}

static mode_t mode_of(int flags, va_list args)
{
    return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(args, int) : 0;
}

#define OPEN(name)                                                                             \
    int name(const char *path, int flags, ...)                                                 \
    {                                                                                          \
        va_list args;                                                                          \
        va_start(args, flags);                                                                 \
        mode_t mode = mode_of(flags, args);                                                    \
        va_end(args);                                                                          \
        return open_fails(AT_FDCWD, path, flags) ? -1 : NEXT(name)(path, flags, mode);         \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                           \
    int name(int folder, const char *path, int flags, ...)                                     \
    {                                                                                          \
        va_list args;                                                                          \
        va_start(args, flags);                                                                 \
        mode_t mode = mode_of(flags, args);                                                    \
        va_end(args);                                                                          \
        return open_fails(folder, path, flags) ? -1 : NEXT(name)(folder, path, flags, mode);   \
    }
OPENAT(openat)
OPENAT(openat64)

/* What `open` becomes where the compiler checks its arguments. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
    return open(path, flags);
}

int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags)
{
    return open64(path, flags);
}

int __openat_2(int folder, const char *path, int flags);
int __openat_2(int folder, const char *path, int flags)
{
    return openat(folder, path, flags);
}

int __openat64_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags)
{
    return openat64(folder, path, flags);
}

int rename(const char *from, const char *to)
{
    return change_fails(AT_FDCWD, from) ? -1 : NEXT(rename)(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return change_fails(from_folder, from) ? -1
                                           : NEXT(renameat)(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    return change_fails(from_folder, from)
               ? -1
               : NEXT(renameat2)(from_folder, from, to_folder, to, flags);
}

int unlink(const char *path)
{
    return change_fails(AT_FDCWD, path) ? -1 : NEXT(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags)
{
    return change_fails(folder, path) ? -1 : NEXT(unlinkat)(folder, path, flags);
}

/* ---- the clock
 * --------------------------------------------------------------------------------- */

static long later_s(void)
{
    char text[4096];
    const char *at = read_faults(text, sizeof text) ? strstr(text, "clock ") : NULL;
    return at ? strtol(at + 6, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int result = (int)syscall(SYS_clock_gettime, clock, out);
    if (result == 0 && clock == CLOCK_REALTIME)
        out->tv_sec += later_s();
    return result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone; /* nobody gives one any more */
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
