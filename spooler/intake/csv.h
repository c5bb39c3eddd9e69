/* SPDX-License-Identifier: Apache-2.0 */
/* csv.h: comma-separated values (RFC 4180) as they arrive, in any chunking, with bounded
 * memory.
 *
 * UTF-8 with or without a byte order mark; lines end in CRLF or LF; a quoted cell may hold
 * commas, doubled quotes and line ends. Lines that hold nothing are passed over. Pure: no I/O.
 * What breaks the form ends the reading: after a lost quote nobody knows where a row begins.
 * Not thread-safe: one owner. */
#ifndef TEM_INTAKE_CSV_H
#define TEM_INTAKE_CSV_H

#include "spooler/base/buf.h"
#include "spooler/base/findings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_RECORD_MAX  (64 * 1024) /* bytes of one record's cells */
#define CSV_COLUMNS_MAX 100

/* Valid during the call. `line`: the one on which the record begins, from 1. */
struct csv_record {
    uint64_t line;
    size_t count;
    const char *const *cells;
};

/* *pause (false at the call): csv_feed returns behind this record. An error ends csv_feed with
 * it. */
typedef enum err csv_fn(void *arg, const struct csv_record *record, bool *pause);

enum csv_state { CSV_CELL_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE_IN_QUOTED, CSV_CR };

struct csv {
    csv_fn *fn;
    void *arg;
    enum csv_state state;
    unsigned bom; /* bytes of the mark seen so far; 3 = no longer looked for */
    bool broken;  /* a fault of form was found; the rest is passed over */
    bool quoted;  /* the record has a quoted cell, so it is not a blank line */
    uint64_t line, record_line;
    struct buf text; /* cells of the record, each with its NUL */
    size_t starts[CSV_COLUMNS_MAX];
    size_t count; /* cells begun, at least 1 */
};

void csv_init(struct csv *csv, csv_fn *fn, void *arg);
void csv_free(struct csv *csv);
/* Takes at most `len` bytes; *used says how many. ERR_INPUT with one finding (place: the
 * record's line, the cell's number as column) when the form is broken; calls after that take
 * all and do nothing. */
enum err csv_feed(struct csv *csv, const char *bytes, size_t len, size_t *used,
                  struct findings *findings);
/* The input is complete: hands out a last record that has no line end. */
enum err csv_end(struct csv *csv, struct findings *findings);

#endif
