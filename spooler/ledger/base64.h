/* SPDX-License-Identifier: Apache-2.0 */
/* base64.h: base64 of RFC 4648 section 4, as notes, checkpoints and proofs are written. Pure.
 */
#ifndef TEM_LEDGER_BASE64_H
#define TEM_LEDGER_BASE64_H

#include "spooler/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends. */
void base64_add(struct buf *out, const void *bytes, size_t len);
/* Exactly `len` characters to at most `max` bytes; *count is how many. False for anything that
 * base64_add would have written otherwise: a signature must have one spelling. */
bool base64_parse(const char *text, size_t len, void *out, size_t max, size_t *count);
/* The same for a value whose length is known. */
bool base64_parse_exact(const char *text, size_t len, void *out, size_t count);

#endif
