/* SPDX-License-Identifier: Apache-2.0
 *
 * report.h: the log, and everything that was wrong with what the host sent.
 *
 * An error is never silent: it is counted, logged, kept for the `report` command, and decides
 * the exit status. What a broken connection left unfinished is counted apart, as `cut`. */
#ifndef VPRINTER_REPORT_H
#define VPRINTER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define REPORT_TEXT_BYTES    280
#define REPORT_KEPT          16
#define REPORT_CONTEXT_BYTES 40

/* The errors that go with one label; `count` also counts those that no longer fit. */
struct error_list {
    unsigned count;
    char text[4][REPORT_TEXT_BYTES];
};

struct report {
    FILE *log; /* borrowed; NULL: no log */
    int64_t start_us;
    uint64_t errors, cut;
    char kept[REPORT_KEPT][REPORT_TEXT_BYTES]; /* the first ones: they explain the rest */
};

/* One line with the time since the start. */
void report_log(const struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Where something was wrong; `s` is the command, of which the first 40 bytes are shown. */
struct place {
    unsigned connection;
    uint64_t offset;
    const char *s;
    size_t n;
};

/* Counts and logs an error; `list` may be NULL. */
void report_error(struct report *report, struct error_list *list, const struct place *place,
                  const char *text);

/* Monotonic time. */
int64_t clock_us(void);

#endif
