/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/read.h"

#include "spooler/base/near.h"
#include "spooler/base/text-fault.h"
#include "spooler/base/utf8.h"
#include "templates/pool.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES_MAX 64

void read_fault(struct loading *loading, const struct yaml_node *node, const char *code,
                const char *value, const char *expected, const char *format, ...)
{
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const char *field = loading->where[0] ? loading->where : NULL;
    findings_add(loading->findings, SEVERITY_ERROR, code, yaml_place(loading->doc, node, field),
                 value, expected, "%s", message);
}

void read_where(struct loading *loading, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(loading->where, sizeof loading->where, format, args);
    va_end(args);
}

void *read_zalloc(struct loading *loading, size_t count, size_t size)
{
    void *memory = pool_zalloc(&loading->template->pool, count, size);
    loading->no_memory |= !memory;
    return memory;
}

void read_list(char *out, size_t size, const char *const *words, size_t count)
{
    size_t at = 0;
    out[0] = 0;
    for (size_t i = 0; i < count && at < size; i++) {
        int wrote = snprintf(out + at, size - at, "%s%s", i ? " | " : "", words[i]);
        at += wrote > 0 ? (size_t)wrote : 0;
    }
}

static bool read_scalar(struct loading *loading, const struct yaml_node *node, const char *key,
                        const char *expected)
{
    if (node->kind == YAML_SCALAR && (node->text[0] || node->quoted))
        return true;
    read_fault(loading, node, "bad-value", node->kind == YAML_SCALAR ? "" : NULL, expected,
               "%s is %s", key,
               node->kind == YAML_LIST  ? "a list"
               : node->kind == YAML_MAP ? "a map"
                                        : "empty");
    return false;
}

bool read_text(struct loading *loading, const struct yaml_node *node, const char *key,
               size_t max, const char **out)
{
    if (!read_scalar(loading, node, key, "a text"))
        return false;
    if (!node->text[0]) {
        read_fault(loading, node, "bad-value", "", "a text", "%s is empty", key);
        return false;
    }
    if (strlen(node->text) > max) {
        read_fault(loading, node, "too-long", node->text, NULL, "%s is longer than %zu bytes",
                   key, max);
        return false;
    }
    *out = node->text;
    return true;
}

bool read_line(struct loading *loading, const struct yaml_node *node, const char *key,
               size_t max, const char **out)
{
    const char *text = NULL;
    struct text_fault fault;
    char *composed = NULL;
    if (!read_text(loading, node, key, max, &text))
        return false;
    if (text_fault(text, strlen(text), &fault)) {
        read_fault(loading, node, fault.code, text, fault.expected, "%s: %s", key, fault.words);
        return false;
    }
    bool good = utf8_nfc(text, strlen(text), &composed) == ERR_NONE; /* valid: memory is out */
    const char *kept =
        good ? pool_text(&loading->template->pool, composed, strlen(composed)) : NULL;
    free(composed);
    loading->no_memory |= !kept;
    if (kept)
        *out = kept;
    return kept;
}

bool parse_thousandths(const char *text, size_t len, int64_t *out)
{
    int64_t value = 0;
    size_t at = 0, decimals = 0;
    bool point = false;
    for (; at < len; at++) {
        if (text[at] == '.' && !point && at > 0) {
            point = true;
            continue;
        }
        if (text[at] < '0' || text[at] > '9' || decimals == 3 || value > 1000000)
            return false;
        value = value * 10 + (text[at] - '0');
        decimals += point;
    }
    if (at == 0 || (point && decimals == 0))
        return false;
    for (; decimals < 3; decimals++)
        value *= 10;
    *out = value;
    return true;
}

bool read_mm(struct loading *loading, const struct yaml_node *node, const char *key,
             int64_t min_um, int64_t max_um, int64_t *out)
{
    char expected[96];
    snprintf(expected, sizeof expected, "%" PRId64 ".%03" PRId64 " to %" PRId64 " mm",
             min_um / 1000, min_um % 1000, max_um / 1000);
    if (!read_scalar(loading, node, key, expected))
        return false;
    size_t len = strlen(node->text);
    if (len > 2 && strcmp(node->text + len - 2, "mm") == 0)
        for (len -= 2; len > 0 && node->text[len - 1] == ' ';)
            len--;
    int64_t um = 0;
    if (!parse_thousandths(node->text, len, &um) || um < min_um || um > max_um) {
        read_fault(loading, node, "bad-length", node->text, expected,
                   "%s is no length in mm that is possible here", key);
        return false;
    }
    *out = um;
    return true;
}

bool read_point(struct loading *loading, const struct yaml_node *node, const char *key,
                int64_t *x_um, int64_t *y_um)
{
    if (node->kind != YAML_LIST || node->count != 2) {
        read_fault(loading, node, "bad-value", node->kind == YAML_SCALAR ? node->text : NULL,
                   "[x, y] in mm from the top left", "%s is no point", key);
        return false;
    }
    /* A faulty size was told already: it must not make every point faulty, too. */
    const struct template *template = loading->template;
    int64_t x_max = template->width_um ? template->width_um : READ_MAX_UM;
    int64_t y_max = template->height_um ? template->height_um : READ_MAX_UM;
    int64_t x = 0, y = 0;
    char what[32];
    snprintf(what, sizeof what, "x of %s", key);
    bool x_good = read_mm(loading, node->items[0], what, 0, x_max, &x);
    what[0] = 'y';
    bool y_good = read_mm(loading, node->items[1], what, 0, y_max, &y);
    if (!x_good || !y_good)
        return false;
    *x_um = x;
    *y_um = y;
    return true;
}

bool parse_integer(const char *text, int64_t *out)
{
    bool negative = *text == '-';
    const char *digits = text + negative;
    size_t len = strspn(digits, "0123456789");
    if (len == 0 || len > 18 || digits[len] || (digits[0] == '0' && (len > 1 || negative)))
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (digits[i] - '0');
    *out = negative ? -value : value;
    return true;
}

bool read_integer(struct loading *loading, const struct yaml_node *node, const char *key,
                  int64_t min, int64_t max, int64_t *out)
{
    char expected[64];
    snprintf(expected, sizeof expected, "%" PRId64 " to %" PRId64, min, max);
    if (!read_scalar(loading, node, key, expected))
        return false;
    int64_t value = 0;
    if (!parse_integer(node->text, &value) || value < min || value > max) {
        read_fault(loading, node, "bad-number", node->text, expected,
                   "%s is no whole number that is possible here", key);
        return false;
    }
    *out = value;
    return true;
}

bool read_choice(struct loading *loading, const struct yaml_node *node, const char *key,
                 const struct choice *choices, size_t count, int *out)
{
    const char *words[CHOICES_MAX] = {NULL};
    assert(count <= CHOICES_MAX);
    for (size_t i = 0; i < count; i++)
        words[i] = choices[i].name;
    char expected[400];
    read_list(expected, sizeof expected, words, count);
    if (!read_scalar(loading, node, key, expected))
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(node->text, choices[i].name) == 0) {
            *out = choices[i].value;
            return true;
        }
    const char *near = near_word(node->text, words, count);
    read_fault(loading, node, "bad-choice", node->text, expected, "%s is not known%s%s%s", key,
               near ? "; the nearest known one is \"" : "", near ? near : "", near ? "\"" : "");
    return false;
}

bool read_bool(struct loading *loading, const struct yaml_node *node, const char *key,
               bool *out)
{
    static const struct choice choices[] = {{"true", 1}, {"false", 0}};
    int value = 0;
    if (!read_choice(loading, node, key, choices, 2, &value))
        return false;
    *out = value;
    return true;
}
