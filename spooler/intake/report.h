/* SPDX-License-Identifier: Apache-2.0 */
/* report.h: every label accounted for, as JSON, CSV or a page to print; inside intake/ only.
 *
 * A report is made on a reader's snapshot, on a thread of its own, so that a long one keeps
 * nobody waiting. Lists in JSON and on the page are bounded and say what they leave out; a CSV
 * has every row or is refused. */
#ifndef TEM_INTAKE_REPORT_H
#define TEM_INTAKE_REPORT_H

#include "spooler/intake/request.h"
#include "spooler/job/report.h"

#define REPORT_JSON_ROWS 5000 /* of a list */
#define REPORT_PAGE_ROWS 2000

enum report_form { REPORT_JSON, REPORT_CSV, REPORT_HTML };

/* What is asked, and what its making needs; lives with its request. */
struct report {
    const struct intake_config *config;
    enum report_form form;
    size_t max_rows;
    int64_t job_id;
    const char *series, *scope; /* scope NULL = all */
    const char *from, *to;      /* as asked; NULL = without end */
    struct period period;
    struct txn *txn;
    int64_t now_ms;
    struct buf *csv; /* where rows go; NULL = into JSON */
};

/* A job's or a series' report: *out is the document, or with REPORT_CSV only its head, while
 * the rows went to report->csv. The caller owns *out. */
enum err report_job(struct report *report, json_t **out, struct why *why);
enum err report_series(struct report *report, json_t **out, struct why *why);
/* The page, from the documents above. */
void report_html_job(const json_t *document, int32_t utc_offset_min, struct buf *out);
void report_html_series(const json_t *document, int32_t utc_offset_min, struct buf *out);

/* The printed numbers of a run. Scopes are kept: `cache` has a place for each of them. */
struct printed {
    const struct scope_ref *scope;
    uint64_t first_counter, last_counter;
    char first[NUMBER_MAX], last[NUMBER_MAX];
};
enum err report_numbers(struct report *report, const struct segment *segment,
                        struct scope_ref *cache, struct printed *out, struct why *why);
/* {"reserved": 0, ...} */
json_t *report_counts(const uint64_t counts[static LABEL_STATE_COUNT]);

/* One cell of a CSV record (RFC 4180) and the comma or line end behind it. */
void csv_text(struct buf *out, const char *text, bool last);
void csv_number(struct buf *out, uint64_t number, bool last);

#endif
