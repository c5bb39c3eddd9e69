/* SPDX-License-Identifier: Apache-2.0 */
/* durable.h: files that are still there, whole, after the power went.
 *
 * Write temporary, fsync, close checked, rename, fsync the directory. Each
 * step that fails is named in `why`. Thread-safe. */
#ifndef TEM_BASE_DURABLE_H
#define TEM_BASE_DURABLE_H

#include "spooler/base/buf.h"
#include "spooler/base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* Replaces `path` by a file of these bytes and this mode. */
enum err durable_write(const char *path, const void *bytes, size_t len, mode_t mode,
                       struct why *why);
/* Renames inside one folder and syncs it. ERR_NOT_FOUND when `from` is not there. An existing
 * `to` is replaced. */
enum err durable_rename(const char *folder, const char *from, const char *to, struct why *why);
enum err durable_sync_folder(const char *folder, struct why *why);
/* Makes a folder and its missing parents with `mode`; an existing one is fine. */
enum err durable_mkdir(const char *path, mode_t mode, struct why *why);
/* Reads a whole file of at most `max` bytes. ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_SYSTEM. */
enum err file_read(const char *path, size_t max, struct buf *out, struct why *why);
/* Writes all bytes to a descriptor, going on after EINTR and short writes. */
enum err fd_write_all(int fd, const void *bytes, size_t len, struct why *why);

/* What was written to the file, by whatever descriptor, is on disk when this returns. */
enum err durable_sync_file(const char *path, struct why *why);

#endif
