/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/screen.h"

#include "cli/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CELL_MAX 4096

/* As setlocale() would choose; calling it would make numbers depend on the locale. */
static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

void screen_open(FILE *stream, struct screen *out)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    bool terminal = isatty(fileno(stream)) && term && *term && strcmp(term, "dumb") != 0;
    *out = (struct screen){
        .stream = stream,
        .terminal = terminal,
        .colour = terminal && !(no_color && *no_color),
        .utf8 = is_utf8(),
    };
}

size_t screen_columns(const struct screen *screen)
{
    struct winsize size;
    if (ioctl(fileno(screen->stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

const char *screen_colour(const struct screen *screen, enum colour colour)
{
    static const char *const sequences[] = {"\x1b[0m",  "\x1b[1m",  "\x1b[2m",
                                            "\x1b[31m", "\x1b[32m", "\x1b[33m"};
    return screen->colour ? sequences[colour] : "";
}

void table_init(struct table *table, const char *const *heads, size_t columns, unsigned right)
{
    assert(columns <= TABLE_COLUMNS);
    *table = (struct table){.heads = heads, .columns = columns, .right = right};
}

void table_add(struct table *table, const char *format, ...)
{
    if (table->count == table->size) {
        size_t size = table->size ? table->size * 2 : 8 * table->columns;
        char **cells = realloc(table->cells, size * sizeof *cells);
        if (!cells) {
            table->failed = true;
            return;
        }
        table->cells = cells;
        table->size = size;
    }
    struct buf raw = BUF_INIT(CELL_MAX), clean = BUF_INIT(3 * CELL_MAX);
    va_list args;
    va_start(args, format);
    buf_vprintf(&raw, format, args);
    va_end(args);
    text_clean(buf_text(&raw), &clean);
    buf_free(&raw);
    buf_add_byte(&clean, 0); /* an empty cell has memory, too */
    char *cell = buf_take(&clean);
    buf_free(&clean);
    table->failed |= !cell;
    if (cell)
        table->cells[table->count++] = cell;
}

static void print_row(const struct table *table, const char *const *cells, const size_t *widths,
                      const struct screen *screen)
{
    for (size_t i = 0; i < table->columns; i++) {
        size_t width = text_columns(cells[i]);
        int pad = (int)(widths[i] - width);
        bool last = i + 1 == table->columns;
        if (table->right >> i & 1)
            fprintf(screen->stream, "%*s%s%s", pad, "", cells[i], last ? "" : "  ");
        else
            fprintf(screen->stream, "%s%*s", cells[i], last ? 0 : pad + 2, "");
    }
    fputc('\n', screen->stream);
}

bool table_print(struct table *table, const struct screen *screen)
{
    size_t widths[TABLE_COLUMNS] = {0};
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = text_columns(table->heads[i]);
    for (size_t i = 0; i < table->count; i++) {
        size_t width = text_columns(table->cells[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    bool ok = !table->failed;
    if (ok && table->count) {
        fputs(screen_colour(screen, COLOUR_BOLD), screen->stream);
        print_row(table, table->heads, widths, screen);
        fputs(screen_colour(screen, COLOUR_NONE), screen->stream);
        for (size_t i = 0; i + table->columns <= table->count; i += table->columns)
            print_row(table, (const char *const *)table->cells + i, widths, screen);
    }
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){0};
    return ok;
}
