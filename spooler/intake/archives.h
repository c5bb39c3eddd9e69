/* SPDX-License-Identifier: Apache-2.0 */
/* archives.h: archives over HTTP; inside intake/ only. */
#ifndef TEM_INTAKE_ARCHIVES_H
#define TEM_INTAKE_ARCHIVES_H

#include "spooler/intake/request.h"
#include "spooler/job/archived.h"

/* GET /v1/archives */
enum step archives_look(struct request *request);
/* POST /v1/archives {file, before, dry_run, person}: over the socket only. Without `file` it
 * finishes what an earlier one left. */
enum step archives_post(struct request *request);

json_t *archives_json(const struct archive *archive);
/* "archived" in the object of a job or label whose job is in an archive; else nothing. */
enum err archives_put(struct txn *txn, int64_t job_id, json_t *object, struct why *why);

#endif
