/* SPDX-License-Identifier: Apache-2.0 */
/* job-json.h: a job as people and programs see it; inside intake/ only. */
#ifndef TEM_INTAKE_JOB_JSON_H
#define TEM_INTAKE_JOB_JSON_H

#include "spooler/intake/intake.h"
#include "spooler/job/reprint.h"

#include <jansson.h>

#define JOB_JSON_MAX_RANGES 100
#define JOB_JSON_MAX_SPANS  1000

/* What goes in beside the job itself; reprints: the orders that are not done. */
enum { JOB_JSON_RANGES = 1, JOB_JSON_SPANS = 2, JOB_JSON_REPRINTS = 4 };
#define JOB_JSON_ALL (JOB_JSON_RANGES | JOB_JSON_SPANS | JOB_JSON_REPRINTS)

/* The name of a job's field `index`, or NULL when its version of the template is no longer
 * loaded. */
const char *job_json_field(const struct intake_config *config, const struct job *job,
                           size_t index);
/* {id, state, template, ...}. Within a transaction; the caller owns *out. ERR_NOT_FOUND: no
 * such job. */
enum err job_json_read(struct txn *txn, const struct intake_config *config, int64_t id,
                       unsigned parts, json_t **out, struct why *why);
/* The same of a job that is known already. */
enum err job_json_whole(struct txn *txn, const struct intake_config *config,
                        const struct job *job, unsigned parts, json_t **out, struct why *why);
/* The same of a job that was read, without ranges and spans; NULL = out of memory. */
json_t *job_json(const struct job *job);
/* What may still be in a printer of labels in doubt. */
enum printer_holds {
    PRINTER_EMPTIED,
    PRINTER_NOT_EMPTIED, /* Tem is about to */
    PRINTER_EXCHANGED,   /* the one that was emptied is not the one that they were sent to */
    PRINTER_UNKNOWN      /* it does not say what it holds, or is not configured */
};
enum printer_holds job_json_holds(const struct intake_config *config, const char *printer,
                                  uint64_t device);
/* An order to reprint; NULL = out of memory. */
json_t *job_json_reprint(const struct reprint *reprint);
/* The job's own version of its template, also when it is no longer in a folder; the caller
 * frees it. ERR_CORRUPT: what is kept no longer loads. */
enum err job_json_template(struct txn *txn, const struct job *job, struct template **out,
                           struct why *why);

#endif
