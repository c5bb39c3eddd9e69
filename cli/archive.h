/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h: what the actions of `tem archive` share. One thread. */
#ifndef TEM_CLI_ARCHIVE_H
#define TEM_CLI_ARCHIVE_H

#include "cli/ledger.h"

/* Without temd: the file against --key, and what it knows. */
enum code archive_verify_files(struct tem *tem, const char *const *files, size_t count);
enum code archive_show_file(struct tem *tem, const char *file);

#endif
