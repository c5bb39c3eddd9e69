/* SPDX-License-Identifier: Apache-2.0 */
/* problem.h: errors as application/problem+json (RFC 9457). Pure. */
#ifndef TEM_INTAKE_PROBLEM_H
#define TEM_INTAKE_PROBLEM_H

#include "spooler/base/buf.h"
#include "spooler/base/findings.h"

#include <jansson.h>

/* A JSON string of any text: what is not UTF-8 becomes "?". JSON null for NULL. */
json_t *problem_string(const char *text);
/* A list of findings, as in a problem document. NULL = out of memory. */
json_t *problem_findings(const struct findings *findings);
/* Appends {type, title, status, detail, retry, findings, findings_more}. `status` 0 =
 * err_http(code); `detail` may be NULL or "". */
void problem_write(struct buf *out, enum err code, int status, const char *detail,
                   const struct findings *findings);
/* Appends the document and a line end; takes `json` (NULL = out of memory, remembered in
 * `out`). */
void problem_dump(struct buf *out, json_t *json);

#endif
