/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3

/* With its line end, but for a last line that has none. */
struct line {
    const char *bytes;
    size_t len;
};

struct side {
    struct line *lines;
    size_t count;
    bool *changed; /* by line: only on this side */
};

static bool side_init(struct side *side, const struct diff_text *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->len; i++)
        count += text->bytes[i] == '\n' || i + 1 == text->len;
    side->count = count;
    side->lines = calloc(count + 1, sizeof *side->lines);
    side->changed = calloc(count + 1, sizeof *side->changed);
    if (!side->lines || !side->changed)
        return false;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const char *end = memchr(text->bytes + at, '\n', text->len - at);
        size_t len = end ? (size_t)(end - text->bytes) + 1 - at : text->len - at;
        side->lines[i] = (struct line){text->bytes + at, len};
        at += len;
    }
    return true;
}

static void side_free(struct side *side)
{
    free(side->lines);
    free(side->changed);
}

static bool same(const struct line *a, const struct line *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* ---- which lines are changed ----------------------------------------------------- */

/* The part between what both begin and end with. */
struct middle {
    struct side *a, *b;
    size_t from, a_end, b_end;
};

static struct middle find_middle(struct side *a, struct side *b)
{
    struct middle m = {a, b, 0, a->count, b->count};
    while (m.from < m.a_end && m.from < m.b_end && same(&a->lines[m.from], &b->lines[m.from]))
        m.from++;
    while (m.a_end > m.from && m.b_end > m.from &&
           same(&a->lines[m.a_end - 1], &b->lines[m.b_end - 1])) {
        m.a_end--;
        m.b_end--;
    }
    return m;
}

/* Step d's row of furthest x, for diagonals -d..d; rows lie one behind the other. */
static int32_t *row_of(int32_t *rows, int32_t d)
{
    return rows + (size_t)d * (size_t)d + (size_t)d; /* the sum of 2i + 1, and the middle */
}

/* x from which step d starts on diagonal k: a line of b more (down), or one of a (right). */
static bool goes_down(const int32_t *before, int32_t d, int32_t k)
{
    return k == -d || (k != d && before[k - 1] < before[k + 1]);
}

/* Walks the steps back from the end and marks the line of each. */
static void mark_path(const struct middle *m, int32_t *rows, int32_t d)
{
    int32_t x = (int32_t)(m->a_end - m->from), y = (int32_t)(m->b_end - m->from);
    for (; d > 0; d--) {
        const int32_t *before = row_of(rows, d - 1);
        int32_t k = x - y;
        bool down = goes_down(before, d, k);
        x = before[down ? k + 1 : k - 1];
        y = x - (down ? k + 1 : k - 1);
        if (down)
            m->b->changed[m->from + (size_t)y] = true;
        else
            m->a->changed[m->from + (size_t)x] = true;
    }
}

/* Myers' greedy search; false: more than DIFF_MAX steps. */
static bool search(const struct middle *m, int32_t *rows)
{
    const struct line *a = m->a->lines + m->from, *b = m->b->lines + m->from;
    int32_t n = (int32_t)(m->a_end - m->from), o = (int32_t)(m->b_end - m->from);
    for (int32_t d = 0; d <= DIFF_MAX; d++) {
        int32_t *now = row_of(rows, d);
        const int32_t *before = d ? row_of(rows, d - 1) : NULL;
        for (int32_t k = -d; k <= d; k += 2) {
            int32_t x = 0;
            if (before && goes_down(before, d, k))
                x = before[k + 1];
            else if (before)
                x = before[k - 1] + 1;
            int32_t y = x - k;
            while (x < n && y < o && y >= 0 && same(&a[x], &b[y])) {
                x++;
                y++;
            }
            now[k] = x;
            if (k == n - o && x >= n) {
                mark_path(m, rows, d);
                return true;
            }
        }
    }
    return false;
}

static enum err compare(struct side *a, struct side *b)
{
    struct middle m = find_middle(a, b);
    size_t left = m.a_end - m.from, right = m.b_end - m.from;
    if (left > INT32_MAX / 2 || right > INT32_MAX / 2)
        return ERR_TOO_LARGE;
    size_t most = left + right < DIFF_MAX ? left + right : DIFF_MAX;
    int32_t *rows = calloc((most + 1) * (most + 1) + 1, sizeof *rows);
    if (!rows)
        return ERR_NO_MEMORY;
    if (!search(&m, rows)) {
        memset(a->changed + m.from, true, left);
        memset(b->changed + m.from, true, right);
    }
    free(rows);
    return ERR_NONE;
}

/* ---- showing them ------------------------------------------------------------------ */

/* One line of the result. */
struct op {
    char sign; /* ' ', '-', '+' */
    const struct line *line;
};

static size_t list_ops(const struct side *a, const struct side *b, struct op *ops)
{
    size_t i = 0, j = 0, count = 0;
    while (i < a->count || j < b->count) {
        if (i < a->count && a->changed[i])
            ops[count++] = (struct op){'-', &a->lines[i++]};
        else if (j < b->count && b->changed[j])
            ops[count++] = (struct op){'+', &b->lines[j++]};
        else {
            ops[count++] = (struct op){' ', &a->lines[i++]};
            j++;
        }
    }
    return count;
}

/* "12,3"; the count is left out when it is 1, and of none the line before is named. */
static void add_range(struct buf *out, char sign, size_t first, size_t count)
{
    buf_printf(out, "%c%zu", sign, count ? first : first - 1);
    if (count != 1)
        buf_printf(out, ",%zu", count);
}

static void add_hunk(struct buf *out, const struct op *ops, size_t count, size_t a_first,
                     size_t b_first)
{
    size_t a_count = 0, b_count = 0;
    for (size_t i = 0; i < count; i++) {
        a_count += ops[i].sign != '+';
        b_count += ops[i].sign != '-';
    }
    buf_add_text(out, "@@ ");
    add_range(out, '-', a_first, a_count);
    buf_add_byte(out, ' ');
    add_range(out, '+', b_first, b_count);
    buf_add_text(out, " @@\n");
    for (size_t i = 0; i < count; i++) {
        const struct line *line = ops[i].line;
        buf_add_byte(out, (uint8_t)ops[i].sign);
        buf_add(out, line->bytes, line->len);
        if (line->bytes[line->len - 1] != '\n')
            buf_add_text(out, "\n\\ No newline at end of file\n");
    }
}

/* Where the hunk that begins at `from` ends: no change for two contexts behind it. */
static size_t hunk_end(const struct op *ops, size_t count, size_t from)
{
    size_t last = from;
    for (size_t i = from; i < count && i <= last + 2 * CONTEXT + 1; i++) {
        if (ops[i].sign != ' ')
            last = i;
    }
    return last + 1 + CONTEXT < count ? last + 1 + CONTEXT : count;
}

static void add_hunks(struct buf *out, const struct op *ops, size_t count)
{
    size_t a = 1, b = 1; /* the lines at `done` */
    for (size_t i = 0, done = 0; i < count; i++) {
        if (ops[i].sign == ' ')
            continue;
        size_t from = i > done + CONTEXT ? i - CONTEXT : done, end = hunk_end(ops, count, i);
        a += from - done; /* what is passed over is on both sides */
        b += from - done;
        add_hunk(out, ops + from, end - from, a, b);
        for (size_t k = from; k < end; k++) {
            a += ops[k].sign != '+';
            b += ops[k].sign != '-';
        }
        done = end;
        i = end - 1;
    }
}

static enum err show(const struct diff_text *texts[2], const struct side *a,
                     const struct side *b, struct buf *out, struct diff_counts *counts)
{
    struct op *ops = calloc(a->count + b->count + 1, sizeof *ops);
    if (!ops)
        return ERR_NO_MEMORY;
    size_t count = list_ops(a, b, ops);
    *counts = (struct diff_counts){0};
    for (size_t i = 0; i < count; i++) {
        counts->removed += ops[i].sign == '-';
        counts->added += ops[i].sign == '+';
    }
    if (counts->removed || counts->added) {
        buf_printf(out, "--- %s\n+++ %s\n", texts[0]->name, texts[1]->name);
        add_hunks(out, ops, count);
    }
    free(ops);
    return buf_err(out);
}

enum err diff_unified(const struct diff_text *a, const struct diff_text *b, struct buf *out,
                      struct diff_counts *counts)
{
    const struct diff_text *texts[2] = {a, b};
    struct side left = {0}, right = {0};
    enum err err = side_init(&left, a) && side_init(&right, b) ? ERR_NONE : ERR_NO_MEMORY;
    if (!err)
        err = compare(&left, &right);
    if (!err)
        err = show(texts, &left, &right, out, counts);
    side_free(&left);
    side_free(&right);
    return err;
}
