/* SPDX-License-Identifier: Apache-2.0 */
/* value.h: one value of one field, checked and made canonical. */
#ifndef TEM_TEMPLATES_VALUE_H
#define TEM_TEMPLATES_VALUE_H

#include "spooler/base/buf.h"
#include "spooler/base/findings.h"
#include "templates/parts.h"

#include <stdbool.h>

/* Appends the canonical form of `raw` (any bytes, NUL-terminated, not empty) to `out`: NFC,
 * GTIN of 14 digits, date YYYY-MM-DD. False with one finding at `place` when it is no such
 * value; `out` is as before. A failure of `out` itself is remembered there. */
bool value_check(const struct field *field, const struct rule *rule, const char *raw,
                 struct place place, struct buf *out, struct findings *findings);

#endif
