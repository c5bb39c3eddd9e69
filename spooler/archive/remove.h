/* SPDX-License-Identifier: Apache-2.0 */
/* remove.h: what an archive on record has leaves the store; inside archive/ only. */
#ifndef TEM_ARCHIVE_REMOVE_H
#define TEM_ARCHIVE_REMOVE_H

#include "spooler/archive/archive.h"

#include <limits.h>

/* The file gets its name, is compared with the recorded SHA-256, and what it has is removed, in
 * many short commits. May be done again from the start at any point. ERR_NOT_FOUND: the file is
 * not there. ERR_CORRUPT: it is another one, or the store has other events under its numbers;
 * nothing (more) is removed. */
enum err archive_remove(const struct archive_config *config, const struct archive *archive,
                        struct why *why);

/* FOLDER/FILE and what follows it. */
enum err archive_path(const struct archive_config *config, const char *file, const char *end,
                      char out[static PATH_MAX], struct why *why);

#endif
