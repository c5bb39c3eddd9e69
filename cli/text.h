/* SPDX-License-Identifier: Apache-2.0 */
/* text.h: text for a terminal: its width in columns, without what could steer the terminal.
 * Pure. */
#ifndef TEM_CLI_TEXT_H
#define TEM_CLI_TEXT_H

#include "spooler/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends `text` with "?" for malformed UTF-8, control characters and those that turn the
 * direction of reading: what a server or a file says must not move the cursor or show a number
 * backwards. */
void text_clean(const char *text, struct buf *out);
/* Columns that a clean text takes: 2 for East Asian wide characters, 0 for combining marks;
 * escape sequences for colour (ESC [ .. m) take none. */
size_t text_columns(const char *text);
/* Appends as much of a clean text as fits into `columns`, cut at a character. */
void text_cut(const char *text, size_t columns, struct buf *out);
/* "5 s", "3:20", "2:05:00". */
void text_duration(uint64_t seconds, struct buf *out);
/* The words of `word` for `count`: "1 label", "2 labels". */
void text_count(uint64_t count, const char *word, struct buf *out);
/* "2026-03-01T08:00:00.000Z" -> "2026-03-01 08:00:00"; another text is left as it is. */
void text_time(const char *iso, struct buf *out);

#endif
