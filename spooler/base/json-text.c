/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/json-text.h"

#include <assert.h>
#include <string.h>

/* RFC 8259 section 7: what must be escaped is the quote, the backslash and U+0000 to U+001F. */
static void add_escaped(struct buf *out, uint8_t byte)
{
    static const char shorts[][3] = {
        ['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\f'] = "\\f",
        ['\n'] = "\\n", ['\r'] = "\\r",  ['\t'] = "\\t"};
    static const char hex[] = "0123456789ABCDEF";
    char text[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
    if (byte < sizeof shorts / sizeof shorts[0] && shorts[byte][0])
        buf_add(out, shorts[byte], 2);
    else
        buf_add(out, text, sizeof text);
}

static void add_string(struct buf *out, const char *text, size_t len)
{
    size_t from = 0;
    buf_add_byte(out, '"');
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)text[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        buf_add(out, text + from, i - from);
        add_escaped(out, byte);
        from = i + 1;
    }
    buf_add(out, text + from, len - from);
    buf_add_byte(out, '"');
}

static void add_integer(struct buf *out, json_int_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        digits[--at] = '-';
    buf_add(out, digits + at, sizeof digits - at);
}

static void add_array(struct buf *out, const json_t *array)
{
    size_t count = json_array_size(array);
    for (size_t i = 0; i < count; i++) {
        buf_add_byte(out, i ? ',' : '[');
        json_text(json_array_get(array, i), out);
    }
    buf_add_text(out, count ? "]" : "[]");
}

static void add_object(struct buf *out, const json_t *json)
{
    json_t *object = (json_t *)(uintptr_t)json; /* jansson's iterators change nothing */
    const char *key;
    json_t *value;
    char before = '{';
    json_object_foreach(object, key, value)
    {
        buf_add_byte(out, (uint8_t)before);
        add_string(out, key, strlen(key));
        buf_add_byte(out, ':');
        json_text(value, out);
        before = ',';
    }
    buf_add_text(out, before == ',' ? "}" : "{}");
}

void json_text(const json_t *json, struct buf *out)
{
    if (!json) {
        out->err = out->err ? out->err : ERR_NO_MEMORY;
        return;
    }
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        add_object(out, json);
        break;
    case JSON_ARRAY:
        add_array(out, json);
        break;
    case JSON_STRING:
        add_string(out, json_string_value(json), json_string_length(json));
        break;
    case JSON_INTEGER:
        add_integer(out, json_integer_value(json));
        break;
    case JSON_TRUE:
        buf_add_text(out, "true");
        break;
    case JSON_FALSE:
        buf_add_text(out, "false");
        break;
    case JSON_NULL:
        buf_add_text(out, "null");
        break;
    case JSON_REAL:
        assert(false && "real numbers do not occur");
        out->err = ERR_NO_MEMORY; /* where asserts are off: no text rather than half a one */
        break;
    }
}
