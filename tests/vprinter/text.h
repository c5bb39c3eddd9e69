/* SPDX-License-Identifier: Apache-2.0
 *
 * text.h: numbers and lines as a printer reads and writes them.
 *
 * No locale, no allocation: every writer is bounded and marks what it cut.
 * Single-threaded, as the whole virtual printer is. */
#ifndef VPRINTER_TEXT_H
#define VPRINTER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why something was refused, for a person. */
struct complaint {
    char text[160];
};

/* Fills `why`, which may be NULL; always returns false, so that a check can end with
 * `return complain(...)`. */
bool complain(struct complaint *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads all `n` bytes as a decimal number of min..max; at most nine digits and a sign. */
bool text_int(const char *s, size_t n, int32_t min, int32_t max, int32_t *out);

/* Value of a hex digit, or -1. */
int text_hex(int c);

/* A line under construction in the caller's memory; `cut` says that it was too small. */
struct line {
    char *s;
    size_t cap, len;
    bool cut;
};

/* Starts an empty line in `memory`, which the line borrows. */
struct line line_in(char *memory, size_t cap);

void line_add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds `n` bytes as seen by a person: what is not printable ASCII, and `"` and `\`, become
 * a dot, so the result may stand inside a JSON string. */
void line_add_safe(struct line *line, const char *bytes, size_t n);

/* Parameters of a command, split at commas; CR and LF around them do not count. */
#define PARAMS_MAX 8
struct params {
    struct {
        const char *s;
        size_t n;
    } at[PARAMS_MAX];
    size_t count;
};

/* Splits `n` bytes into at most `max` (up to PARAMS_MAX) parameters that borrow `s`; the last
 * one takes the rest with its commas. No bytes at all are no parameters. */
void params_split(struct params *out, const char *s, size_t n, size_t max);

#endif
