/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/findings.h"

#include "spooler/base/buf.h"
#include "spooler/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_SHOWN 80

void findings_init(struct findings *findings)
{
    *findings = (struct findings){0};
}

void findings_clear(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        struct finding *finding = &findings->list[i];
        free(finding->file);
        free(finding->field);
        free(finding->value);
        free(finding->expected);
        free(finding->message);
    }
    free(findings->list);
    findings_init(findings);
}

/* A copy that a terminal and a JSON document can show: malformed UTF-8 and control characters
 * become "?", the rest is cut at a character. */
static char *shown(const char *text, size_t max)
{
    if (!text)
        return NULL;
    size_t len = strlen(text);
    char *copy = malloc((len < max ? len : max) + 4);
    if (!copy)
        return NULL;
    size_t out = 0;
    for (size_t i = 0; i < len;) {
        uint32_t point;
        size_t n = utf8_decode(text + i, len - i, &point);
        if (out + (n ? n : 1) > max) {
            memcpy(copy + out, "...", 3);
            out += 3;
            break;
        }
        if (n == 0 || point < 0x20 || (point >= 0x7f && point < 0xa0))
            copy[out++] = '?';
        else {
            memcpy(copy + out, text + i, n);
            out += n;
        }
        i += n ? n : 1;
    }
    copy[out] = '\0';
    return copy;
}

enum err findings_add(struct findings *findings, enum severity severity, const char *code,
                      struct place place, const char *value, const char *expected,
                      const char *format, ...)
{
    enum err result = severity == SEVERITY_ERROR ? ERR_INPUT : ERR_NONE;
    findings->errors += severity == SEVERITY_ERROR;
    if (findings->count >= FINDINGS_MAX) {
        findings->dropped++;
        return result;
    }
    struct finding *list = realloc(findings->list, (findings->count + 1) * sizeof *list);
    struct buf message = BUF_INIT(4096);
    va_list args;
    va_start(args, format);
    buf_vprintf(&message, format, args);
    va_end(args);
    char *text = list ? shown(buf_text(&message), 1024) : NULL;
    buf_free(&message);
    if (list)
        findings->list = list;
    if (!text) {
        findings->dropped++;
        return result;
    }
    list[findings->count++] = (struct finding){
        .severity = severity,
        .code = code,
        .file = shown(place.file, 512),
        .line = place.line,
        .column = place.column,
        .field = shown(place.field, 200),
        .value = shown(value, VALUE_SHOWN),
        .expected = shown(expected, 512),
        .message = text,
    };
    return result;
}

void findings_name_file(struct findings *findings, size_t from, const char *file)
{
    for (size_t i = from; i < findings->count; i++) {
        struct finding *finding = &findings->list[i];
        if (finding->line && !finding->file)
            finding->file = shown(file, 512); /* NULL = out of memory: told without it */
    }
}

char *finding_text(const struct finding *finding, char *out, size_t size)
{
    static const char *const severities[] = {"error", "warning", "note"};
    struct buf text = BUF_INIT(8192);
    if (finding->file)
        buf_printf(&text, "%s:", finding->file);
    if (finding->line)
        buf_printf(&text, "%llu:", (unsigned long long)finding->line);
    if (finding->line && finding->column)
        buf_printf(&text, "%u:", finding->column);
    buf_printf(&text, "%s%s: ", text.len ? " " : "", severities[finding->severity]);
    if (finding->field)
        buf_printf(&text, "%s: ", finding->field);
    buf_add_text(&text, finding->message);
    if (finding->value || finding->expected) {
        buf_add_text(&text, " (");
        if (finding->value)
            buf_printf(&text, "got \"%s\"%s", finding->value, finding->expected ? "; " : "");
        if (finding->expected)
            buf_printf(&text, "expected %s", finding->expected);
        buf_add_text(&text, ")");
    }
    snprintf(out, size, "%s", buf_text(&text));
    buf_free(&text);
    return out;
}
