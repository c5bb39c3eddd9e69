/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/zpl-answer.h"

#include <string.h>

#define STX 0x02
#define ETX 0x03
/* A ~HS line has at most 40 characters, ~HQES's text some 130 with its blanks, a serial number
 * a few dozen. */
#define LINE_MAX_BYTES  240
#define QUOTE_MAX_BYTES 66
#define COUNT_DIGITS    18
#define FIELDS_MAX      12
#define FIELD_SIZE      9

/* parse_state: step = lines of a ~HS seen so far, scratch[0] = conditions, scratch[1] = idle.
 */

/* Fields between commas: a number's value, 1 for one that holds a letter (some firmware has
 * letters for a mode; as a flag it is set, which is the safe side). Returns how many there are,
 * 0 when it is something else. */
static size_t read_fields(const uint8_t *text, size_t len, uint32_t fields[static FIELDS_MAX])
{
    size_t count = 0, size = 0;
    uint32_t value = 0;
    bool letter = false;
    for (size_t i = 0; i <= len; i++) {
        uint8_t c = i < len ? text[i] : ',';
        bool digit = c >= '0' && c <= '9';
        if (c == ',' && size > 0 && count < FIELDS_MAX) {
            fields[count++] = letter ? 1 : value;
            value = 0;
            size = 0;
            letter = false;
        } else if (size < FIELD_SIZE && (digit || (c >= 'A' && c <= 'Z'))) {
            value = digit ? value * 10 + (c - (uint32_t)'0') : value;
            letter = letter || !digit;
            size++;
        } else {
            return 0;
        }
    }
    return count;
}

static uint32_t flag(uint32_t value, enum condition condition)
{
    return value ? 1u << condition : 0;
}

/* aaa,b paper out,c pause,dddd,eee formats in buffer,f buffer full,g,h partial format,iii,
 * j corrupt RAM,k under temperature,l over temperature. Under temperature is no fault: the
 * printer goes on and warms up. */
static void first_line(struct parse_state *state, const uint32_t *f)
{
    state->scratch[0] = flag(f[1], CONDITION_MEDIA_EMPTY) | flag(f[2], CONDITION_PAUSED) |
                        flag(f[9], CONDITION_OTHER) | flag(f[11], CONDITION_OVER_TEMP);
    state->scratch[1] = f[4] == 0 && f[5] == 0 && f[7] == 0;
    state->step = 1;
}

/* mmm,n,o head up,p ribbon out,q,r mode,s,t label waiting,uuuuuuuu labels remaining,v,www */
static void second_line(struct parse_state *state, const uint32_t *f)
{
    state->scratch[0] |= flag(f[2], CONDITION_HEAD_OPEN) | flag(f[3], CONDITION_RIBBON_EMPTY);
    state->scratch[1] = state->scratch[1] && f[7] == 0 && f[8] == 0;
    state->step = 2;
}

/* ~HQES: "ERRORS: f gggggggg hhhhhhhh" (Programming Guide, ~HQ): a flag and two groups of bits,
 * hex. A bit that has no row is a fault all the same. */
static const struct {
    uint32_t bit;
    enum condition condition;
} error_bits[] = {
    {0x1, CONDITION_MEDIA_EMPTY}, {0x2, CONDITION_RIBBON_EMPTY}, {0x4, CONDITION_HEAD_OPEN},
    {0x8, CONDITION_CUTTER},      {0x10, CONDITION_OVER_TEMP},   {0x20, CONDITION_OVER_TEMP},
    {0x1000, CONDITION_JAM},      {0x4000, CONDITION_JAM},       {0x10000, CONDITION_PAUSED},
};

static uint32_t conditions_of(uint32_t bits)
{
    uint32_t conditions = 0;
    for (size_t i = 0; i < sizeof error_bits / sizeof error_bits[0]; i++) {
        conditions |= flag(bits & error_bits[i].bit, error_bits[i].condition);
        bits &= ~error_bits[i].bit;
    }
    return conditions | flag(bits, CONDITION_OTHER);
}

/* A hex number of 1 to 8 digits behind blanks; moves *at behind it. */
static bool take_hex(const uint8_t **at, const uint8_t *end, uint32_t *out)
{
    const uint8_t *c = *at;
    uint32_t value = 0;
    while (c < end && *c == ' ')
        c++;
    const uint8_t *first = c;
    for (; c < end && c - first < 8; c++) {
        int digit = *c >= '0' && *c <= '9'   ? *c - '0'
                    : *c >= 'A' && *c <= 'F' ? *c - 'A' + 10
                    : *c >= 'a' && *c <= 'f' ? *c - 'a' + 10
                                             : -1;
        if (digit < 0)
            break;
        value = value << 4 | (uint32_t)digit;
    }
    *at = c;
    *out = value;
    return c > first;
}

/* False: these are not ~HQES's lines, or not all of them. */
static bool take_faults(const uint8_t *text, size_t len, struct device_event *event)
{
    static const char head[] = "ERRORS:";
    uint32_t any, high, low;
    const uint8_t *end = text + len, *at = memmem(text, len, head, sizeof head - 1);
    if (!at)
        return false;
    at += sizeof head - 1;
    if (!take_hex(&at, end, &any) || !take_hex(&at, end, &high) || !take_hex(&at, end, &low))
        return false;
    *event = (struct device_event){.kind = EVENT_FAULTS, .conditions = conditions_of(low)};
    if (high || (any && !event->conditions))
        event->conditions |= 1u << CONDITION_OTHER;
    return true;
}

/* The lines are told apart by their number of fields, so that a lost one cannot shift the rest.
 */
static bool take_line(struct parse_state *state, const uint8_t *text, size_t len,
                      struct device_event *event)
{
    uint32_t fields[FIELDS_MAX];
    if (take_faults(text, len, event))
        return true; /* on its own: it leaves a ~HS that is half here as it is */
    size_t count = read_fields(text, len, fields);
    if (count == 12) {
        first_line(state, fields);
    } else if (count == 11 && state->step == 1) {
        second_line(state, fields);
    } else if (count == 2 && state->step == 2) {
        *event = (struct device_event){.kind = EVENT_STATUS,
                                       .conditions = state->scratch[0],
                                       .idle = state->scratch[1] != 0};
        state->step = 0;
        return true;
    } else {
        state->step = 0;
    }
    return false;
}

static size_t parse_line(struct parse_state *state, const uint8_t *bytes, size_t len,
                         struct device_event *event, bool *have_event)
{
    size_t bound = len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES;
    const uint8_t *end = memchr(bytes, ETX, bound);
    const uint8_t *again = memchr(bytes + 1, STX, bound - 1);
    if (again && (!end || again < end))
        return (size_t)(again - bytes); /* cut short by the next line */
    if (!end)
        return len < LINE_MAX_BYTES ? 0 : 1;
    *have_event = take_line(state, bytes + 1, (size_t)(end - bytes) - 1, event);
    return (size_t)(end - bytes) + 1;
}

/* FNV-1a, 64 bits: tells one serial number from another. */
static uint64_t mark_of(const uint8_t *text, size_t len)
{
    uint64_t mark = 14695981039346656037u;
    for (size_t i = 0; i < len; i++)
        mark = (mark ^ text[i]) * 1099511628211u;
    return mark ? mark : 1;
}

static void take_quoted(const uint8_t *text, size_t len, struct device_event *event)
{
    *event = (struct device_event){.kind = EVENT_COUNT, .mark = mark_of(text, len)};
    if (len == 1 && text[0] == '?')
        *event = (struct device_event){.kind = EVENT_UNSUPPORTED};
    for (size_t i = 0; i < len && event->kind == EVENT_COUNT; i++) {
        if (text[i] < '0' || text[i] > '9' || len > COUNT_DIGITS)
            event->kind = EVENT_NAME;
        else
            event->value = event->value * 10 + (text[i] - (uint64_t)'0');
    }
    if (event->kind == EVENT_NAME)
        event->value = 0;
}

static size_t parse_quoted(const uint8_t *bytes, size_t len, struct device_event *event,
                           bool *have_event)
{
    size_t bound = len < QUOTE_MAX_BYTES ? len : QUOTE_MAX_BYTES;
    for (size_t i = 1; i < bound; i++) {
        if (bytes[i] == '"' && i > 1) {
            take_quoted(bytes + 1, i - 1, event);
            *have_event = true;
            return i + 1;
        }
        if (bytes[i] == '"' || bytes[i] < ' ' || bytes[i] > '~')
            return 1; /* this quote begins nothing of ours */
    }
    return len < QUOTE_MAX_BYTES ? 0 : 1;
}

size_t zpl_parse(struct parse_state *state, const uint8_t *bytes, size_t len,
                 struct device_event *event, bool *have_event)
{
    *have_event = false;
    if (len == 0)
        return 0;
    if (bytes[0] == STX)
        return parse_line(state, bytes, len, event, have_event);
    if (bytes[0] == '"')
        return parse_quoted(bytes, len, event, have_event);
    if (bytes[0] == '?') { /* without quotes around it */
        *event = (struct device_event){.kind = EVENT_UNSUPPORTED};
        *have_event = true;
    }
    return 1;
}
