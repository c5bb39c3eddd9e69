/* SPDX-License-Identifier: Apache-2.0 */
/* report-job.h: what the two files of a job's report share; inside intake/ only. */
#ifndef TEM_INTAKE_REPORT_JOB_H
#define TEM_INTAKE_REPORT_JOB_H

#include "spooler/intake/report.h"

struct job_report {
    struct report *report;
    struct job_account account;
    struct template *template; /* NULL = its kept version no longer loads */
    struct scope_ref *scopes;  /* one a series field */
    size_t scope_count;
    json_t *runs;
    uint64_t more;
    uint64_t labels, on_paper, reprints, perhaps;
    bool whole;
};

extern const char report_job_csv_head[];
/* For job_account_runs: adds the run to the sums, and to the list or the CSV. `arg`: struct
 * job_report. */
enum err report_take_run(void *arg, const struct run *run, struct why *why);

/* The name of a field of the job's template; NULL = it is not known. */
const char *report_field_name(const struct job_report *job, size_t index);
/* A member of an event: "" for what is not there; or as a new reference, or null. */
const char *report_event_text(const json_t *event, const char *key);
json_t *report_member(const json_t *event, const char *key);

#endif
