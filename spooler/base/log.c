/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/log.h"

#include "spooler/base/clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Atomic int log_level = LOG_LEVEL_INFO;

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_set_level(enum log_level level)
{
    atomic_store(&log_level, (int)level);
}

bool log_level_parse(const char *name, enum log_level *out)
{
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_event(enum log_level level, const char *msg, const char *format, ...)
{
    if ((int)level > atomic_load(&log_level))
        return;
    char iso[CLOCK_ISO_SIZE], line[2048];
    int len = snprintf(line, sizeof line - 1, "time=%s level=%s msg=\"%s\"%s",
                       clock_iso(clock_now_ms(&clock_system), iso), level_names[level], msg,
                       format ? " " : "");
    if (len < 0)
        return;
    if (format) {
        va_list args;
        va_start(args, format);
        int more = vsnprintf(line + len, sizeof line - 1 - (size_t)len, format, args);
        va_end(args);
        len += more < 0 ? 0 : more;
    }
    if ((size_t)len > sizeof line - 2)
        len = (int)sizeof line - 2;
    line[len++] = '\n';
    /* A log that cannot be written must not stop printing. */
    ssize_t written = write(STDERR_FILENO, line, (size_t)len);
    (void)written;
}

const char *logq(const char *text)
{
    static _Thread_local char ring[8][608];
    static _Thread_local unsigned next;
    char *out = ring[next++ % 8];
    size_t at = 0;
    out[at++] = '"';
    for (; text && *text && at < 600; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            out[at++] = '\\';
            out[at++] = (char)c;
        } else
            out[at++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    out[at++] = '"';
    out[at] = '\0';
    return out;
}
