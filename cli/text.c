/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/text.h"

#include "spooler/base/utf8.h"

#include <string.h>

struct span_of_points {
    uint32_t first, last;
};

/* Unicode 15, General_Category Mn/Me/Cf and East_Asian_Width W/F, in the coarse blocks that
 * occur in names; libc's wcwidth() follows the locale. */
static const struct span_of_points marks[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f}, {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
};
static const struct span_of_points wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe4f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};
/* Marks and embeddings of the bidirectional algorithm (UAX 9), line and paragraph separators.
 */
static const struct span_of_points steering[] = {
    {0x00, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
};

static bool among(uint32_t point, const struct span_of_points *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (point >= spans[i].first && point <= spans[i].last)
            return true;
    }
    return false;
}
#define AMONG(point, spans) among(point, spans, sizeof(spans) / sizeof(spans)[0])

void text_clean(const char *text, struct buf *out)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        uint32_t point;
        size_t n = utf8_decode(text + i, len - i, &point);
        if (n == 0 || AMONG(point, steering))
            buf_add_byte(out, '?');
        else
            buf_add(out, text + i, n);
        i += n ? n : 1;
    }
}

/* Bytes of the next character or colour sequence, and its columns. */
static size_t next(const char *text, size_t len, size_t *columns)
{
    *columns = 0;
    if (text[0] == '\x1b') {
        const char *end = memchr(text, 'm', len);
        return end ? (size_t)(end - text) + 1 : len;
    }
    uint32_t point;
    size_t n = utf8_decode(text, len, &point);
    if (n == 0)
        point = '?';
    *columns = AMONG(point, marks) ? 0 : AMONG(point, wide) ? 2 : 1;
    return n ? n : 1;
}

size_t text_columns(const char *text)
{
    size_t len = strlen(text), columns = 0, one;
    for (size_t i = 0; i < len; columns += one)
        i += next(text + i, len - i, &one);
    return columns;
}

void text_cut(const char *text, size_t columns, struct buf *out)
{
    size_t len = strlen(text), used = 0, one;
    for (size_t i = 0; i < len;) {
        size_t n = next(text + i, len - i, &one);
        if (used + one > columns)
            return;
        buf_add(out, text + i, n);
        used += one;
        i += n;
    }
}

void text_duration(uint64_t seconds, struct buf *out)
{
    unsigned long long hours = seconds / 3600, minutes = seconds / 60 % 60, rest = seconds % 60;
    if (hours)
        buf_printf(out, "%llu:%02llu:%02llu", hours, minutes, rest);
    else if (minutes)
        buf_printf(out, "%llu:%02llu", minutes, rest);
    else
        buf_printf(out, "%llu s", rest);
}

void text_count(uint64_t count, const char *word, struct buf *out)
{
    buf_printf(out, "%llu %s%s", (unsigned long long)count, word, count == 1 ? "" : "s");
}

void text_time(const char *iso, struct buf *out)
{
    struct buf clean = BUF_INIT(256);
    text_clean(iso, &clean);
    const char *text = buf_text(&clean);
    if (strlen(text) >= 20 && text[10] == 'T' && text[strlen(text) - 1] == 'Z')
        buf_printf(out, "%.10s %.8s", text, text + 11);
    else
        buf_add_text(out, text);
    buf_free(&clean);
}
