/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/scan.h"

#include "spooler/base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define GS '\x1d'

/* Element strings of predefined length by their first two digits: AI and value together
 * (General Specifications, figure 7.8.5-2). All others end at a GS or with the data. */
static const struct {
    char digits[3];
    size_t length;
} predefined[] = {
    {"00", 20}, {"01", 16}, {"02", 16}, {"03", 16}, {"04", 18}, {"11", 8},
    {"12", 8},  {"13", 8},  {"14", 8},  {"15", 8},  {"16", 8},  {"17", 8},
    {"18", 8},  {"19", 8},  {"20", 4},  {"31", 10}, {"32", 10}, {"33", 10},
    {"34", 10}, {"35", 10}, {"36", 10}, {"41", 16},
};

/* Symbology identifiers (ISO/IEC 15424) whose data is a GS1 element string. */
static const char *const gs1_symbols[] = {"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"};

static size_t predefined_length(const char *ai)
{
    for (size_t i = 0; i < sizeof predefined / sizeof predefined[0]; i++) {
        if (memcmp(predefined[i].digits, ai, 2) == 0)
            return predefined[i].length;
    }
    return 0;
}

/* Digits of the AI that the text begins with; 0 = none that we know. No AI begins another. */
static size_t ai_length(const char *text, size_t len)
{
    for (size_t n = 2; n <= 4 && n <= len; n++) {
        if (gs1_ai_find(text, n))
            return n;
    }
    return 0;
}

static enum err add_ai(struct scan *scan, const char *ai, size_t ai_len, const char *value,
                       size_t len, struct why *why)
{
    struct scan_ai add = {0};
    memcpy(add.ai, ai, ai_len);
    if (len == 0 || len > GS1_VALUE_MAX)
        return err_set(why, ERR_INPUT, "AI (%s) has %zu characters; expected 1 to %d", add.ai,
                       len, GS1_VALUE_MAX);
    for (size_t i = 0; i < len; i++) {
        if (!gs1_is_82(value[i]) && value[i] != '#')
            return err_set(why, ERR_INPUT,
                           "AI (%s): character %zu is none of GS1 character set 82", add.ai,
                           i + 1);
    }
    memcpy(add.value, value, len);
    const char *old = scan_value(scan, add.ai);
    if (old && strcmp(old, add.value) != 0)
        return err_set(why, ERR_INPUT, "AI (%s) is there twice, with \"%s\" and \"%s\"", add.ai,
                       old, add.value);
    if (old)
        return ERR_NONE;
    if (scan->count == SCAN_AIS_MAX)
        return err_set(why, ERR_INPUT, "more than %d AIs", SCAN_AIS_MAX);
    scan->ais[scan->count++] = add;
    return ERR_NONE;
}

/* An element string as a scanner sends it. */
static enum err parse_elements(struct scan *scan, const char *text, size_t len, struct why *why)
{
    size_t at = 0;
    while (at < len) {
        if (text[at] == GS) {
            at++;
            continue;
        }
        size_t digits = ai_length(text + at, len - at);
        if (digits == 0)
            return err_set(why, ERR_INPUT, "no known AI begins at character %zu of the scan",
                           at + 1);
        size_t total = predefined_length(text + at);
        if (total == 0) {
            const char *end = memchr(text + at, GS, len - at);
            total = end ? (size_t)(end - text) - at : len - at;
        }
        if (total > len - at)
            return err_set(why, ERR_INPUT, "the scan ends inside AI (%.*s)", (int)digits,
                           text + at);
        enum err err = add_ai(scan, text + at, digits, text + at + digits, total - digits, why);
        if (err)
            return err;
        at += total;
    }
    return ERR_NONE;
}

/* Length of "(AI)" or "[AI]" at the text's begin; 0 = it does not begin with one. */
static size_t bracket_length(const char *text, size_t len, char open)
{
    if (len < 4 || text[0] != open)
        return 0;
    const char *end = memchr(text, open == '(' ? ')' : ']', len < 6 ? len : 6);
    if (!end || !gs1_ai_find(text + 1, (size_t)(end - text) - 1))
        return 0;
    return (size_t)(end - text) + 1;
}

/* "(01)...(21)..." or "[01]...[21]...". A parenthesis may belong to a value; then an AI comes
 * twice, which add_ai refuses, rather than guess which number was meant (promise 11). */
static enum err parse_brackets(struct scan *scan, const char *text, size_t len, struct why *why)
{
    char open = text[0];
    size_t at = 0;
    while (at < len) {
        size_t head = bracket_length(text + at, len - at, open);
        if (head == 0)
            return err_set(why, ERR_INPUT, "no known AI in brackets at character %zu", at + 1);
        size_t fixed = predefined_length(text + at + 1);
        size_t end = at + head;
        if (fixed)
            end += fixed - (head - 2);
        else {
            while (end < len && bracket_length(text + end, len - end, open) == 0)
                end++;
        }
        if (end > len)
            return err_set(why, ERR_INPUT, "the text ends inside AI %.*s", (int)head,
                           text + at);
        enum err err =
            add_ai(scan, text + at + 1, head - 2, text + at + head, end - at - head, why);
        if (err)
            return err;
        at = end;
    }
    return ERR_NONE;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes; false when an escape is malformed or the value is too long. */
static bool decode(const char *text, size_t len, char *out, size_t *out_len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 2 < len ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < len ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (n >= GS1_VALUE_MAX)
            return false;
        out[n++] = c;
    }
    *out_len = n;
    return true;
}

/* One AI/value pair of a URI. GTINs of 8, 12 and 13 digits are padded (Digital Link 1.1 had
 * them). */
static enum err add_uri_pair(struct scan *scan, const char *ai, size_t ai_len,
                             const char *value, size_t len, struct why *why)
{
    char text[GS1_VALUE_MAX + 1] = {0}, padded[GS1_VALUE_MAX + 15];
    size_t n;
    if (!decode(value, len, text, &n))
        return err_set(why, ERR_INPUT, "AI (%.*s): malformed escape or value too long",
                       (int)ai_len, ai);
    if (ai_len == 2 && memcmp(ai, "01", 2) == 0 && (n == 8 || n == 12 || n == 13)) {
        snprintf(padded, sizeof padded, "%.*s%s", (int)(14 - n), "000000", text);
        return add_ai(scan, ai, ai_len, padded, 14, why);
    }
    return add_ai(scan, ai, ai_len, text, n, why);
}

static const char *segment_end(const char *at, const char *end)
{
    const char *slash = memchr(at, '/', (size_t)(end - at));
    return slash ? slash : end;
}

/* From `at`, AI/value pairs to the path's end? Then they are added. */
static enum err uri_path(struct scan *scan, const char *at, const char *end, bool *taken,
                         struct why *why)
{
    struct scan tried = *scan;
    bool first = true;
    *taken = false;
    while (at < end) {
        const char *ai_end = segment_end(at, end);
        const struct gs1_ai *ai = gs1_ai_find(at, (size_t)(ai_end - at));
        if (!ai || (first && !ai->qualifiers) || ai_end == end)
            return ERR_NONE;
        const char *value_end = segment_end(ai_end + 1, end);
        enum err err = add_uri_pair(&tried, at, (size_t)(ai_end - at), ai_end + 1,
                                    (size_t)(value_end - ai_end - 1), why);
        if (err)
            return err;
        size_t fixed = predefined_length(at);
        const char *value = tried.ais[tried.count - 1].value;
        if (first && fixed && (size_t)(ai_end - at) + strlen(value) != fixed)
            return ERR_NONE; /* a stem that only looks like a key */
        first = false;
        at = value_end + (value_end < end);
    }
    *taken = !first;
    if (*taken)
        *scan = tried;
    return ERR_NONE;
}

static enum err uri_query(struct scan *scan, const char *at, const char *end, struct why *why)
{
    enum err err = ERR_NONE;
    while (!err && at < end) {
        const char *amp = memchr(at, '&', (size_t)(end - at));
        const char *stop = amp ? amp : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        /* other parameters are not ours */
        if (equals && gs1_ai_find(at, (size_t)(equals - at)))
            err = add_uri_pair(scan, at, (size_t)(equals - at), equals + 1,
                               (size_t)(stop - equals - 1), why);
        at = stop + 1;
    }
    return err;
}

/* scheme://domain[/stem]/<key>/<value>[/<qualifier>/<value>]...[?AI=value&...][#...] */
static enum err parse_uri(struct scan *scan, const char *text, size_t len, struct why *why)
{
    const char *end = memchr(text, '#', len);
    end = end ? end : text + len;
    const char *path_end = memchr(text, '?', (size_t)(end - text));
    path_end = path_end ? path_end : end;
    const char *at = segment_end(strstr(text, "//") + 2, path_end);
    bool taken = false;
    enum err err = ERR_NONE;
    while (!err && !taken && at < path_end) {
        err = uri_path(scan, at + 1, path_end, &taken, why);
        at = segment_end(at + 1, path_end);
    }
    if (err)
        return err;
    if (!taken)
        return err_set(why, ERR_INPUT, "the URI has no GS1 key such as /01/... in its path");
    return path_end < end ? uri_query(scan, path_end + 1, end, why) : ERR_NONE;
}

static bool is_gs1_symbol(const char *text)
{
    for (size_t i = 0; i < sizeof gs1_symbols / sizeof gs1_symbols[0]; i++) {
        if (memcmp(gs1_symbols[i], text, 3) == 0)
            return true;
    }
    return false;
}

/* Text of which nobody said that it is GS1 data: it may be, and it may be a bare number. */
static void parse_guess(struct scan *scan, const char *text, size_t len)
{
    struct scan tried = {0};
    memcpy(scan->plain, text, len);
    scan->plain[len] = '\0';
    if (!parse_elements(&tried, text, len, NULL)) {
        memcpy(scan->ais, tried.ais, sizeof tried.ais);
        scan->count = tried.count;
    }
}

enum err scan_parse(const char *text, size_t len, struct scan *out, struct why *why)
{
    if (len == 0 || len > SCAN_MAX || memchr(text, '\0', len))
        return err_set(why, ERR_INPUT, "a scan has 1 to %d characters, none of them NUL",
                       SCAN_MAX);
    if (!utf8_valid(text, len))
        return err_set(why, ERR_INPUT, "the scan is not UTF-8 text");
    struct scan scan = {0};
    bool identified = len > 3 && text[0] == ']';
    bool gs1 = identified && is_gs1_symbol(text);
    text += identified ? 3 : 0;
    len -= identified ? 3 : 0;
    enum err err = ERR_NONE;
    if (gs1 || memchr(text, GS, len))
        err = parse_elements(&scan, text, len, why);
    else if (text[0] == '[' || bracket_length(text, len, '('))
        err = parse_brackets(&scan, text, len, why);
    else if (strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0)
        err = parse_uri(&scan, text, len, why);
    else
        parse_guess(&scan, text, len);
    if (!err)
        *out = scan;
    return err;
}

const char *scan_value(const struct scan *scan, const char *ai)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (strcmp(scan->ais[i].ai, ai) == 0)
            return scan->ais[i].value;
    }
    return NULL;
}
