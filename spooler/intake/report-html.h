/* SPDX-License-Identifier: Apache-2.0 */
/* report-html.h: what both printable pages are made of; inside intake/ only. A page is one file
 * without scripts, links or pictures, and every text in it is escaped. */
#ifndef TEM_INTAKE_REPORT_HTML_H
#define TEM_INTAKE_REPORT_HTML_H

#include "spooler/base/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct page {
    struct buf *out;
    int32_t utc_offset_min;
    bool in_row; /* a row is begun and not ended */
};

/* Head to the heading; `title` is the window's and the file's, `line` stands under the heading.
 */
void page_begin(struct page *page, const char *title, const char *heading, const char *line);
/* Lines to sign, what the page is made from and when. */
void page_end(struct page *page, const char *at);
/* One large line: everything is accounted for, or it is not. */
void page_verdict(struct page *page, bool good, const char *text);
void page_section(struct page *page, const char *heading);
void page_note(struct page *page, const char *text);

/* `heads` end with NULL; one that begins with '#' is a column of numbers. */
void page_table(struct page *page, const char *const *heads);
void page_table_end(struct page *page);
void page_row(struct page *page, const char *css_class);
/* Cells of the row under way. */
void page_cell(struct page *page, const char *text);
void page_number(struct page *page, uint64_t number);
void page_mono(struct page *page, const char *text);
/* "5" or "5 - 9"; of numbers that machines read. */
void page_range(struct page *page, uint64_t first, uint64_t last);
void page_mono_range(struct page *page, const char *first, const char *last);
void page_time(struct page *page, const char *iso);
/* A row of a name and its value; nothing when there is no value. */
void page_pair(struct page *page, const char *name, const char *value);
void page_pair_mono(struct page *page, const char *name, const char *value);
void page_pair_time(struct page *page, const char *name, const char *iso);
void page_pairs(struct page *page);
void page_pairs_end(struct page *page);

/* A row of a name and a number. */
void page_number_row(struct page *page, const char *name, uint64_t number);
/* What a list leaves out, by the document's member `key`; nothing when it is whole. */
void page_more(struct page *page, const json_t *document, const char *key, const char *what);

/* Members of a document: "" and 0 for what is not there. */
const char *page_text(const json_t *object, const char *key);
uint64_t page_count(const json_t *object, const char *key);
/* "in_doubt" -> "in doubt" */
const char *page_state(const char *state);

#endif
