/* SPDX-License-Identifier: Apache-2.0 */
/* measure.h: what the bench's own programs share: a clock, percentiles, the line that is
 * printed.
 *
 * Every measurement is one JSON object a line on standard output: {"row", "value", "unit",
 * "who", ["target", "note"]} (bench/run gathers them). A bench that cannot be run ends with
 * measure_die(). */
#ifndef TEM_BENCH_MEASURE_H
#define TEM_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Monotonic, in nanoseconds. */
int64_t measure_now_ns(void);
/* The value that `percent` of a hundred are not above; sorts. count > 0. */
int64_t measure_percentile(int64_t *values, size_t count, unsigned percent);

struct measurement {
    const char *row, *unit;
    int64_t value_milli; /* in thousandths of the unit */
    const char *who;     /* NULL = "tem" */
    long target;         /* to be reached; 0 = none */
    const char *note;    /* NULL = none */
};
void measure_print(const struct measurement *measurement);
/* Says on standard error why there is no figure, and ends the program with 1. */
_Noreturn void measure_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
