/* SPDX-License-Identifier: Apache-2.0 */
/* post-job.h: POST /v1/jobs, from its first byte of body to the accepted job; inside intake/
 * only.
 *
 * Rows are checked as they come and gathered in pages. A page that is full is staged by a
 * commit of its own while the connection is suspended, so that memory stays bounded. At the end
 * one short commit takes the numbers and makes the job (promises 1, 2, 8, 12). */
#ifndef TEM_INTAKE_POST_JOB_H
#define TEM_INTAKE_POST_JOB_H

#include "spooler/intake/request.h"

/* Before the body of a CSV: finds template and printer. Faults are findings of the request. */
enum err post_job_begin(struct request *request);
/* Looks at the result of a page's write, when there is one. */
void post_job_settle(struct request *request);
/* Body bytes of a CSV; *used of them were taken. STEP_WAIT: a page is being stored. */
enum step post_job_feed(struct request *request, const char *bytes, size_t len, size_t *used);
/* The route's handler. */
enum step post_job(struct request *request);
/* Frees what the request has; a job that is staged and was not accepted is removed. */
void post_job_free(struct request *request);

#endif
