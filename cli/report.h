/* SPDX-License-Identifier: Apache-2.0 */
/* report.h: findings and problem documents as people read them: what failed, then a line a
 * finding. */
#ifndef TEM_CLI_REPORT_H
#define TEM_CLI_REPORT_H

#include "cli/tem.h"
#include "spooler/base/findings.h"

#include <jansson.h>

/* The exit code for an HTTP status (RFC 9110) of an answer that is none of 2xx. Pure. */
enum code report_status_code(int status, bool retry);
/* "  file:line:column: field: message (got ..; expected ..)" on `screen`; only warnings and
 * notes are called so. */
void report_finding(const struct screen *screen, const struct finding *finding);
/* The same with `where` behind it: " [zpl-203]". */
void report_finding_on(const struct screen *screen, const struct finding *finding,
                       const char *where);
/* {severity, code, file, line, ...} as in the server's problem documents; NULL = out of memory.
 */
json_t *report_finding_json(const struct finding *finding);
/* Findings of a server's JSON on standard error; nothing when there are none. `file` as below.
 */
void report_findings(struct tem *tem, const json_t *list, const char *file);
/* An answer that is none of 2xx: on standard error, as it came with --json, else in words.
 * `file` is what findings with a line but no file speak of; may be NULL. Returns its exit code.
 */
enum code report_problem(struct tem *tem, const struct http_answer *answer, const char *file);

/* Members of a server's JSON: "" and 0 for those that are not there. Borrowed. */
const char *json_text(const json_t *object, const char *key);
uint64_t json_count(const json_t *object, const char *key);

#endif
