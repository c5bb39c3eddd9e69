/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/zpl-answer.h"

#include <string.h>

#define STX 0x02
#define ETX 0x03
/* A ~HS line has at most 40 characters, a quoted number 22. */
#define LINE_MAX_BYTES  128
#define QUOTE_MAX_BYTES 24
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

/* The lines are told apart by their number of fields, so that a lost one cannot shift the rest.
 */
static bool take_line(struct parse_state *state, const uint8_t *text, size_t len,
                      struct device_event *event)
{
    uint32_t fields[FIELDS_MAX];
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

static size_t parse_quoted(const uint8_t *bytes, size_t len, struct device_event *event,
                           bool *have_event)
{
    size_t bound = len < QUOTE_MAX_BYTES ? len : QUOTE_MAX_BYTES;
    uint64_t value = 0;
    for (size_t i = 1; i < bound; i++) {
        if (bytes[i] >= '0' && bytes[i] <= '9' && i <= 18) {
            value = value * 10 + (bytes[i] - (uint64_t)'0');
        } else if (bytes[i] == '"' && i > 1) {
            *event = (struct device_event){.kind = EVENT_COUNT, .value = value};
            *have_event = true;
            return i + 1;
        } else {
            return 1; /* not a number: this quote begins nothing of ours */
        }
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
    if (bytes[0] == '?') { /* with or without quotes around it */
        *event = (struct device_event){.kind = EVENT_UNSUPPORTED, .value = QUERY_COUNT};
        *have_event = true;
    }
    return 1;
}
