/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/text-fault.h"

#include "spooler/base/utf8.h"

#include <stdint.h>
#include <stdio.h>

struct range {
    uint32_t first, last;
};

/* Beside the two last code points of each plane, which are no characters either. */
static const struct range controls[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E},
    {0x2066, 0x206F}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
};

/* Nothing is seen of these in any script. */
static const struct range invisible[] = {
    {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x115F, 0x1160}, {0x180E, 0x180E},   {0x200B, 0x200B},
    {0x2060, 0x2064}, {0x3164, 0x3164}, {0xFFA0, 0xFFA0}, {0xE0000, 0xE007F},
};

static bool among(uint32_t point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

#define AMONG(point, ranges) among(point, ranges, sizeof(ranges) / sizeof(ranges)[0])

/* What is a character, and yet says that the text is not what it was: NULL = nothing. */
static const char *damage(uint32_t point, uint32_t before)
{
    if (point == 0xFFFD)
        return "a replacement character stands where another was lost on the way here";
    if (AMONG(point, invisible))
        return "an invisible character makes two values look alike";
    if (utf8_is_mark(point) && (before == 0 || before == ' '))
        return "a combining mark has no letter before it";
    return NULL;
}

static bool found(struct text_fault *out, const char *code, const char *expected)
{
    out->code = code;
    out->expected = expected;
    return true;
}

bool text_fault(const char *text, size_t len, struct text_fault *out)
{
    uint32_t before = 0;
    size_t position = 1;
    for (size_t at = 0; at < len; position++) {
        uint32_t point = 0;
        size_t taken = utf8_decode(text + at, len - at, &point);
        const char *damaged = taken ? damage(point, before) : NULL;
        if (!taken) {
            snprintf(out->words, sizeof out->words, "byte 0x%02x at position %zu is not UTF-8",
                     (unsigned)(unsigned char)text[at], position);
            return found(out, "bad-utf8", "UTF-8");
        }
        if (damaged) {
            snprintf(out->words, sizeof out->words, "%s (U+%04X at position %zu)", damaged,
                     (unsigned)point, position);
            return found(out, "damaged-text", NULL);
        }
        if (AMONG(point, controls) || (point & 0xFFFE) == 0xFFFE) {
            snprintf(out->words, sizeof out->words, "control character U+%04X at position %zu",
                     (unsigned)point, position);
            return found(out, "control-character", "characters that can be printed");
        }
        before = point;
        at += taken;
    }
    return false;
}
