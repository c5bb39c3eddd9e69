/* SPDX-License-Identifier: Apache-2.0 */
/* log.h: one line an event on standard error, logfmt: time level msg key=value ...
 *
 * Values are quoted where needed, so that a line can always be parsed back.
 * Levels: error (someone must act), warn, info, debug. Every line that concerns
 * one carries job=, chunk= and printer=. Thread-safe: one write a line. */
#ifndef TEM_BASE_LOG_H
#define TEM_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level level);
/* "error", "warn", "info", "debug"; false for another name, `out` untouched. */
bool log_level_parse(const char *name, enum log_level *out);

/* msg: a constant event name ("chunk sent"). format: the key=value part, which
 * may be NULL; use LOGQ for values that may hold blanks. */
void log_event(enum log_level level, const char *msg, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(...) log_event(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_event(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_event(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_event(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* A text as a quoted value, escapes done; in a buffer of the calling thread that lasts for
 * eight further calls. Cut at 600 bytes. */
const char *logq(const char *text);

#endif
