/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

int64_t clock_us(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail for this clock */
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void report_log(const struct report *report, const char *format, ...)
{
    if (report->log == NULL)
        return;
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* cut is fine in a log */
    va_end(args);
    int64_t ms = (clock_us() - report->start_us) / 1000;
    /* A log that cannot be written must not stop the printer. */
    (void)fprintf(report->log, "%6" PRId64 ".%03" PRId64 " %s\n", ms / 1000, ms % 1000, text);
    (void)fflush(report->log);
}

void report_error(struct report *report, struct error_list *list, const struct place *place,
                  const char *text)
{
    char memory[REPORT_TEXT_BYTES];
    struct line line = line_in(memory, sizeof memory);
    line_add(&line, "connection %u byte %" PRIu64 ": ", place->connection, place->offset);
    line_add_safe(&line, text, strlen(text));
    line_add(&line, ": `");
    line_add_safe(&line, place->s,
                  place->n < REPORT_CONTEXT_BYTES ? place->n : REPORT_CONTEXT_BYTES);
    line_add(&line, "`");
    report_log(report, "ERROR %s", memory);
    if (report->errors < REPORT_KEPT)
        memcpy(report->kept[report->errors], memory, sizeof memory);
    report->errors++;
    if (list == NULL)
        return;
    if (list->count < sizeof list->text / sizeof list->text[0])
        memcpy(list->text[list->count], memory, sizeof memory);
    list->count++;
}
