/* SPDX-License-Identifier: Apache-2.0 */
/* rows.h: rows of data in pages, as they are staged and read back.
 *
 * A page holds the rows of consecutive labels: for each row a varint quantity (labels that
 * carry this row), then for each field a varint: 0 = no value, 1 = as in the row before, n+2 =
 * n bytes follow. Rows that repeat cost a byte a field. Pure but for rows_each. */
#ifndef TEM_JOB_ROWS_H
#define TEM_JOB_ROWS_H

#include "spooler/base/buf.h"
#include "spooler/store/store.h"

#include <stddef.h>
#include <stdint.h>

#define ROWS_PAGE_BYTES (64 * 1024) /* a page is closed when it is larger than this */

/* Builds one page after the other. Start with rows_writer_init; `page` is for job_stage_page.
 */
struct rows_writer {
    size_t field_count;
    uint64_t first, last; /* labels in `page`; last < first = empty */
    struct buf page;
    struct buf previous_text;
    const char **previous;
};

enum err rows_writer_init(struct rows_writer *writer, size_t field_count);
void rows_writer_free(struct rows_writer *writer);
/* Adds a row for the next `quantity` labels. *full: write the page out, then rows_next_page. */
enum err rows_add(struct rows_writer *writer, const char *const *values, uint64_t quantity,
                  bool *full);
void rows_next_page(struct rows_writer *writer);

/* One row that labels first..last carry. */
struct row_view {
    uint64_t first, last;
    const char *const *values; /* valid during the call */
    size_t count;
};
typedef enum err rows_fn(void *arg, const struct row_view *row, struct why *why);

/* Calls `fn` for each row of a page that touches labels first..last (cut to them). ERR_CORRUPT.
 */
enum err rows_read_page(const void *page, size_t len, size_t field_count, uint64_t page_first,
                        uint64_t first, uint64_t last, rows_fn *fn, void *arg, struct why *why);
/* The same over the stored pages of a job. */
enum err rows_each(struct txn *txn, int64_t job_id, size_t field_count, uint64_t first,
                   uint64_t last, rows_fn *fn, void *arg, struct why *why);

#endif
