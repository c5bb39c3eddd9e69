/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t measure_now_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        measure_die("no monotonic clock");
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int ascending(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

int64_t measure_percentile(int64_t *values, size_t count, unsigned percent)
{
    qsort(values, count, sizeof *values, ascending);
    size_t at = (count * percent + 99) / 100;
    return values[at ? at - 1 : 0];
}

/* Rows, units and notes are our own literals: nothing in them needs a backslash. */
void measure_print(const struct measurement *m)
{
    printf("{\"row\": \"%s\", \"value\": %lld.%03lld, \"unit\": \"%s\", \"who\": \"%s\"",
           m->row, (long long)(m->value_milli / 1000), (long long)(m->value_milli % 1000),
           m->unit, m->who ? m->who : "tem");
    if (m->target)
        printf(", \"target\": %ld", m->target);
    if (m->note)
        printf(", \"note\": \"%s\"", m->note);
    printf("}\n");
    if (fflush(stdout) != 0)
        measure_die("standard output");
}

void measure_die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "bench: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    exit(1);
}
