/* SPDX-License-Identifier: Apache-2.0 */
/* json-text.h: a jansson value as compact text, byte for byte as json_dumps(JSON_COMPACT)
 * writes it, in less than half of its time: no loops are looked for, so the value must be a
 * tree of our own or a parsed one. Real numbers do not occur in Tem. Pure. */
#ifndef TEM_BASE_JSON_TEXT_H
#define TEM_BASE_JSON_TEXT_H

#include "spooler/base/buf.h"

#include <jansson.h>

/* Appends. A failure is the buffer's (buf_err): too large, or no memory; also NO_MEMORY when
 * `json` is NULL or holds one, as what json_pack could not make does. */
void json_text(const json_t *json, struct buf *out);

#endif
