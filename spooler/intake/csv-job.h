/* SPDX-License-Identifier: Apache-2.0 */
/* csv-job.h: the text/csv form of POST /v1/jobs: a header row of field names (and `quantity`),
 * then one row a kind of label. Not thread-safe: one owner. */
#ifndef TEM_INTAKE_CSV_JOB_H
#define TEM_INTAKE_CSV_JOB_H

#include "spooler/intake/csv.h"
#include "spooler/intake/draft.h"
#include "spooler/intake/request.h"

struct csv_job {
    struct csv csv;
    struct draft *draft;
    bool has_header;
    size_t columns;           /* of the header */
    int map[CSV_COLUMNS_MAX]; /* column -> field; COLUMN_QUANTITY; COLUMN_UNKNOWN */
    uint32_t *column_of;      /* field -> column from 1; 0 = none */
    const char **common;      /* field -> value of a parameter field.NAME; borrowed */
    const char **raw;
};

/* The draft is open; it and the parameters (field.NAME=value: common data) must live as long as
 * the job. csv_job_close() follows always. */
enum err csv_job_open(struct csv_job *job, struct draft *draft, const struct param *params,
                      size_t param_count);
void csv_job_close(struct csv_job *job);
/* Takes bytes up to the end of a record that fills the draft's page; *used says how many.
 * ERR_INPUT is no end: faults are findings, and reading goes on. */
enum err csv_job_feed(struct csv_job *job, const char *bytes, size_t len, size_t *used);
/* The file is complete. */
enum err csv_job_end(struct csv_job *job);

#endif
