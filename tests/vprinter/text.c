/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool complain(struct complaint *why, const char *format, ...)
{
    if (why == NULL)
        return false;
    va_list args;
    va_start(args, format);
    if (vsnprintf(why->text, sizeof why->text, format, args) < 0)
        why->text[0] = '\0';
    va_end(args);
    return false;
}

bool text_int(const char *s, size_t n, int32_t min, int32_t max, int32_t *out)
{
    size_t i = n > 0 && (s[0] == '-' || s[0] == '+');
    if (n == i || n - i > 9)
        return false;
    int32_t value = 0;
    for (size_t d = i; d < n; d++) {
        if (s[d] < '0' || s[d] > '9')
            return false;
        value = value * 10 + (s[d] - '0');
    }
    if (s[0] == '-')
        value = -value;
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

int text_hex(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

struct line line_in(char *memory, size_t cap)
{
    memory[0] = '\0';
    return (struct line){.s = memory, .cap = cap};
}

void line_add(struct line *line, const char *format, ...)
{
    size_t room = line->cap - line->len;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line->s + line->len, room, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= room) {
        line->cut = true;
        line->len = line->cap - 1;
    } else {
        line->len += (size_t)n;
    }
}

void line_add_safe(struct line *line, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = bytes[i];
        if (line->len + 1 >= line->cap) {
            line->cut = true;
            return;
        }
        line->s[line->len++] = c < ' ' || c > '~' || c == '"' || c == '\\' ? '.' : c;
        line->s[line->len] = '\0';
    }
}

static bool is_blank(char c)
{
    return c == '\r' || c == '\n' || c == ' ' || c == '\t';
}

static void params_add(struct params *out, const char *s, size_t n)
{
    while (n > 0 && is_blank(s[0])) {
        s++;
        n--;
    }
    while (n > 0 && is_blank(s[n - 1]))
        n--;
    out->at[out->count].s = s;
    out->at[out->count].n = n;
    out->count++;
}

void params_split(struct params *out, const char *s, size_t n, size_t max)
{
    out->count = 0;
    while (out->count + 1 < max) {
        const char *comma = n > 0 ? memchr(s, ',', n) : NULL;
        if (comma == NULL)
            break;
        params_add(out, s, (size_t)(comma - s));
        n -= (size_t)(comma - s) + 1;
        s = comma + 1;
    }
    params_add(out, s, n);
    if (out->count == 1 && out->at[0].n == 0)
        out->count = 0;
}
