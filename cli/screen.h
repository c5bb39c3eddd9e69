/* SPDX-License-Identifier: Apache-2.0 */
/* screen.h: what a stream can show, and tables on it. */
#ifndef TEM_CLI_SCREEN_H
#define TEM_CLI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct screen {
    FILE *stream;
    bool terminal; /* one whose cursor can be moved */
    bool colour;   /* terminal without NO_COLOR (no-color.org) */
    bool utf8;     /* LC_ALL, LC_CTYPE or LANG says so */
};

void screen_open(FILE *stream, struct screen *out);
/* Columns now, a terminal may be resized; 80 when it does not say. */
size_t screen_columns(const struct screen *screen);

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_DIM, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW };
/* The sequence that turns a colour on; COLOUR_NONE all off. "" without colour. */
const char *screen_colour(const struct screen *screen, enum colour colour);

#define TABLE_COLUMNS 10

/* Cells are copied and cleaned; a column is as wide as its widest cell. */
struct table {
    const char *const *heads;
    unsigned right; /* bit i: column i is aligned to the right */
    size_t columns;
    char **cells; /* columns * rows */
    size_t count, size;
    bool failed; /* out of memory */
};

void table_init(struct table *table, const char *const *heads, size_t columns, unsigned right);
/* The next cell of the current row; rows fill from left to right. */
void table_add(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints the heads, unless there are no rows, and the rows; frees the cells. false = out of
 * memory. */
bool table_print(struct table *table, const struct screen *screen);

#endif
