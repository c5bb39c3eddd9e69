/* SPDX-License-Identifier: Apache-2.0 */
/* draft.h: a job before it is accepted: rows are checked one by one and gathered into pages and
 * segments; nothing is stored here.
 *
 * After the first fault rows are still checked, so that a person sees all faults at once, but
 * no longer gathered. Not thread-safe: one owner; while a page is being stored the writer
 * thread reads it. */
#ifndef TEM_INTAKE_DRAFT_H
#define TEM_INTAKE_DRAFT_H

#include "spooler/intake/intake.h"
#include "spooler/job/rows.h"

/* Segments of one job: rows whose scope changes with each are better sorted by it. */
#define DRAFT_MAX_PLANS 100000

/* As the caller named them; NULL = not given. Borrowed for the call. */
struct draft_head {
    const char *template, *printer, *person, *reference;
    bool sample;
};

struct draft {
    const struct intake_config *config;
    struct findings *findings; /* borrowed */
    const struct template *template;
    size_t field_count;
    char printer[JOB_TEXT], person[JOB_TEXT], reference[JOB_TEXT];
    bool sample;
    bool drawable; /* labels can be tried: the printer takes the template as such */

    struct rows_writer writer;
    bool page_full;
    uint64_t quantity; /* labels of all rows so far */
    uint64_t rows;

    struct row row, previous; /* checked rows */
    bool has_previous;
    uint64_t tried;      /* label with which `previous` was drawn on trial; 0 = not yet */
    char **stand_ins[2]; /* a number for each series field, see draft_open */

    struct segment_plan *plans;
    size_t plan_count, plan_size;
    size_t *newest; /* by field: its newest plan's index + 1; 0 = none */
    char **scopes;  /* owns the plans' scopes, one a plan */
};

/* Finds template, printer and series; every fault is a finding. draft_close() follows always.
 */
enum err draft_open(struct draft *draft, const struct intake_config *config,
                    const struct draft_head *head, struct findings *findings);
void draft_close(struct draft *draft);
/* Labels that carry one row. `place`: of the findings; `path` stands before the field's name in
 * them ("items[2].data."; "" = none); `columns` (may be NULL) has for each field the column it
 * came from. Afterwards page_full says whether the page is to be written out. ERR_INPUT: it has
 * findings now; others end the request. */
enum err draft_row(struct draft *draft, const char *const *raw, uint64_t quantity,
                   struct place place, const char *path, const uint32_t *columns);
/* All rows are there: no rows at all is a fault, too. */
enum err draft_finish(struct draft *draft);
/* For job_stage; borrows from the draft. */
struct job_new draft_job(const struct draft *draft, const char *caller);
/* "1 to 1000000000" into a finding at `place`. */
void draft_bad_quantity(struct findings *findings, struct place place, const char *value);

#endif
