/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two texts: what GNU diff -u (3.8) prints for them; and for texts made by
 * chance, that it leads from one to the other with the fewest lines. */
#include "cli/diff.h"
#include "tests/unit/tap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TEN "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"

static const struct {
    const char *name, *a, *b, *want;
} rows[] = {
    {"equal", "a\nb\n", "a\nb\n", ""},
    {"both empty", "", "", ""},
    {"one line changed", "a\nb\nc\n", "a\nX\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+X\n c\n"},
    {"from nothing", "", "a\n", "@@ -0,0 +1 @@\n+a\n"},
    {"to nothing", "a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n"},
    {"a line end that is missing", "a\nb", "a\nb\n",
     "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
    {"missing on both sides", "a\nb", "c\nb",
     "@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n"},
    {"three lines round a change", TEN, "1\n2\n3\n4\nX\n6\n7\n8\n9\n10\n",
     "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n"},
    {"six lines between two: one hunk", "A\n1\n2\n3\n4\n5\n6\nB\n", "X\n1\n2\n3\n4\n5\n6\nY\n",
     "@@ -1,8 +1,8 @@\n-A\n+X\n 1\n 2\n 3\n 4\n 5\n 6\n-B\n+Y\n"},
    {"seven lines between two: two hunks", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
     "X\n1\n2\n3\n4\n5\n6\n7\nY\n",
     "@@ -1,4 +1,4 @@\n-A\n+X\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-B\n+Y\n"},
    {"later hunks count what earlier ones moved", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n",
     "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n11\n",
     "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -7,5 +8,4 @@\n 7\n 8\n 9\n-10\n 11\n"},
    {"a tab and a CR are bytes like others", "a\r\n\tb\n", "a\n\tb\n",
     "@@ -1,2 +1,2 @@\n-a\r\n+a\n \tb\n"},
};

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct diff_text a = {"a", rows[i].a, strlen(rows[i].a)};
        struct diff_text b = {"b", rows[i].b, strlen(rows[i].b)};
        struct buf out = BUF_INIT(4096);
        struct diff_counts counts;
        char want[4096] = "";
        if (*rows[i].want)
            snprintf(want, sizeof want, "--- a\n+++ b\n%s", rows[i].want);
        enum err err = diff_unified(&a, &b, &out, &counts);
        tap_ok(err == ERR_NONE, "%s: compared", rows[i].name);
        tap_is_str(buf_text(&out), want, "%s: shown", rows[i].name);
        buf_free(&out);
    }
}

/* ---- by chance --------------------------------------------------------------------------- */

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

#define LINES 40

/* Lines of one letter, so that much is alike. */
static size_t make_text(uint32_t *state, char out[static 2 * LINES + 1])
{
    size_t count = next(state) % (LINES + 1), len = 0;
    for (size_t i = 0; i < count; i++) {
        out[len++] = (char)('a' + next(state) % 4);
        out[len++] = '\n';
    }
    out[len] = '\0';
    return len;
}

/* Lines that both have in their order, at most: the table of the textbooks. */
static size_t common_lines(const char *a, size_t a_lines, const char *b, size_t b_lines)
{
    static size_t table[LINES + 1][LINES + 1];
    memset(table, 0, sizeof table);
    for (size_t i = 1; i <= a_lines; i++) {
        for (size_t j = 1; j <= b_lines; j++) {
            size_t left = table[i][j - 1], up = table[i - 1][j];
            table[i][j] = a[2 * i - 2] == b[2 * j - 2] ? table[i - 1][j - 1] + 1
                          : left > up                  ? left
                                                       : up;
        }
    }
    return table[a_lines][b_lines];
}

/* Applies the hunks to `a`; false: they do not fit. */
static bool apply(const char *a, const char *hunks, char *out)
{
    size_t at = 0, used = 0; /* bytes of a, of out */
    const char *line = hunks;
    for (int i = 0; i < 2 && *line; i++)
        line = strchr(line, '\n') + 1; /* --- and +++ */
    for (; *line; line = strchr(line, '\n') + 1) {
        size_t first = 0, count = 1; /* a count of 1 is left out */
        if (*line == '@') {
            if (sscanf(line, "@@ -%zu,%zu", &first, &count) < 1)
                return false;
            size_t to = 2 * (count ? first - 1 : first); /* of none the line before is named */
            if (to < at)
                return false;
            memcpy(out + used, a + at, to - at);
            used += to - at;
            at = to;
            continue;
        }
        if (*line != '+' && (a[at] != line[1] || a[at + 1] != '\n'))
            return false;
        at += *line != '+' ? 2 : 0;
        if (*line != '-') {
            memcpy(out + used, line + 1, 2);
            used += 2;
        }
    }
    memcpy(out + used, a + at, strlen(a + at) + 1);
    return true;
}

static void test_chance(void)
{
    uint32_t state = 20260301;
    int bad_hunks = 0, not_least = 0, failed = 0;
    for (int i = 0; i < 2000; i++) {
        char a[2 * LINES + 1], b[2 * LINES + 1], got[4 * LINES + 1] = "";
        size_t a_len = make_text(&state, a), b_len = make_text(&state, b);
        struct diff_text left = {"a", a, a_len}, right = {"b", b, b_len};
        struct buf out = BUF_INIT(65536);
        struct diff_counts counts;
        failed += diff_unified(&left, &right, &out, &counts) != ERR_NONE;
        bad_hunks += !apply(a, buf_text(&out), got) || strcmp(got, b) != 0;
        size_t least = a_len / 2 + b_len / 2 - 2 * common_lines(a, a_len / 2, b, b_len / 2);
        not_least += counts.removed + counts.added != least;
        buf_free(&out);
    }
    tap_is_int(failed, 0, "2000 pairs by chance: all compared");
    tap_is_int(bad_hunks, 0, "the hunks lead from one to the other");
    tap_is_int(not_least, 0, "with the fewest lines");
}

/* More changes than are searched for: still right, if not the least. */
static void test_far(void)
{
    size_t lines = DIFF_MAX + 10, len = 0;
    char *a = malloc(16 * lines), *b = malloc(16 * lines);
    if (!a || !b)
        abort();
    for (size_t i = 0; i < lines; i++) {
        snprintf(a + len, 16, "a%06zu\n", i);
        snprintf(b + len, 16, "b%06zu\n", i);
        len += 8;
    }
    struct diff_text left = {"a", a, len}, right = {"b", b, len};
    struct buf out = BUF_INIT(1024 * 1024), small = BUF_INIT(100);
    struct diff_counts counts = {0};
    tap_is_int(diff_unified(&left, &right, &out, &counts), ERR_NONE,
               "texts with nothing alike");
    tap_ok(counts.removed == lines && counts.added == lines, "all of one, all of the other");
    tap_is_int(diff_unified(&left, &right, &small, &counts), ERR_TOO_LARGE,
               "more than fits into the buffer: said");
    buf_free(&out);
    buf_free(&small);
    free(a);
    free(b);
}

int main(void)
{
    test_rows();
    test_chance();
    test_far();
    return tap_done();
}
