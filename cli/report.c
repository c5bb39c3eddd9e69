/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include "cli/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *json_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

uint64_t json_count(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

enum code report_status_code(int status, bool retry)
{
    static const struct {
        int status;
        enum code code;
    } rows[] = {
        {400, CODE_BAD},     {404, CODE_BAD},  {405, CODE_INTERNAL},
        {413, CODE_BAD},     {415, CODE_BAD},  {403, CODE_REFUSED},
        {409, CODE_REFUSED}, {503, CODE_BUSY}, {507, CODE_BUSY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].status == status)
            return rows[i].code;
    }
    return retry ? CODE_BUSY : CODE_INTERNAL;
}

/* On a terminal words go to the next line whole, where they would be cut in two; elsewhere a
 * finding is one line, for grep and editors. A word that is longer than a line is left to the
 * terminal. */
static void put_words(const struct screen *screen, const char *text, size_t indent)
{
    size_t room = screen->terminal ? screen_columns(screen) : SIZE_MAX, used = indent;
    for (bool first = true; *text; first = false) {
        size_t len = strcspn(text, " ");
        char *word = strndup(text, len);
        size_t columns = word ? text_columns(word) : len;
        bool breaks = !first && used + 1 + columns > room;
        if (breaks)
            fprintf(screen->stream, "\n%*s", (int)indent + 2, "");
        else if (!first)
            fputc(' ', screen->stream);
        fwrite(text, 1, len, screen->stream); /* main() checks the stream at the end */
        used = breaks ? indent + 2 + columns : used + columns + !first;
        free(word);
        text += len + (text[len] == ' ');
    }
}

void report_finding(const struct screen *screen, const struct finding *finding)
{
    report_finding_on(screen, finding, "");
}

void report_finding_on(const struct screen *screen, const struct finding *finding,
                       const char *where)
{
    static const enum colour colours[] = {COLOUR_RED, COLOUR_YELLOW, COLOUR_DIM};
    static const char *const severities[] = {"", "warning: ", "note: "};
    struct buf raw = BUF_INIT(16384), clean = BUF_INIT(65536);
    if (finding->file)
        buf_printf(&raw, "%s:", finding->file);
    if (finding->line)
        buf_printf(&raw, "%llu:", (unsigned long long)finding->line);
    if (finding->line && finding->column)
        buf_printf(&raw, "%u:", finding->column);
    buf_printf(&raw, "%s%s", raw.len ? " " : "", severities[finding->severity]);
    if (finding->field)
        buf_printf(&raw, "%s: ", finding->field);
    buf_add_text(&raw, finding->message ? finding->message : "");
    if (finding->value)
        buf_printf(&raw, " (got \"%s\"%s", finding->value, finding->expected ? "; " : ")");
    if (finding->expected)
        buf_printf(&raw, "%sexpected %s)", finding->value ? "" : " (", finding->expected);
    buf_add_text(&raw, where);
    text_clean(buf_text(&raw), &clean);
    fprintf(screen->stream, "  %s", screen_colour(screen, colours[finding->severity]));
    put_words(screen, buf_text(&clean), 2);
    fprintf(screen->stream, "%s\n", screen_colour(screen, COLOUR_NONE));
    buf_free(&raw);
    buf_free(&clean);
}

json_t *report_finding_json(const struct finding *finding)
{
    static const char *const severities[] = {"error", "warning", "note"};
    json_t *json = json_pack("{ss ss ss}", "severity", severities[finding->severity], "code",
                             finding->code, "message", finding->message);
    const struct {
        const char *key;
        json_t *value;
    } members[] = {
        {"file", finding->file ? json_string(finding->file) : NULL},
        {"line", finding->line ? json_integer((json_int_t)finding->line) : NULL},
        {"column", finding->column ? json_integer(finding->column) : NULL},
        {"field", finding->field ? json_string(finding->field) : NULL},
        {"value", finding->value ? json_string(finding->value) : NULL},
        {"expected", finding->expected ? json_string(finding->expected) : NULL},
    };
    bool bad = !json;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i].value)
            bad |= json_object_set_new(json, members[i].key, members[i].value) != 0;
    }
    if (!bad)
        return json;
    json_decref(json);
    return NULL;
}

/* Only shown: finding's strings are not const because findings.h owns its own. */
static char *member(const json_t *json, const char *key)
{
    return (char *)json_string_value(json_object_get(json, key));
}

static void show_finding(const struct screen *screen, const json_t *json, const char *file)
{
    const char *severity = json_text(json, "severity");
    struct finding finding = {
        .severity = strcmp(severity, "warning") == 0 ? SEVERITY_WARNING
                    : strcmp(severity, "note") == 0  ? SEVERITY_NOTE
                                                     : SEVERITY_ERROR,
        .file = member(json, "file"),
        .line = json_count(json, "line"),
        .column = (uint32_t)json_count(json, "column"),
        .field = member(json, "field"),
        .value = member(json, "value"),
        .expected = member(json, "expected"),
        .message = member(json, "message"),
    };
    if (finding.line && !finding.file)
        finding.file = (char *)file;
    report_finding(screen, &finding);
}

void report_findings(struct tem *tem, const json_t *list, const char *file)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one) show_finding(&tem->err, one, file);
}

static void show_problem(struct tem *tem, const struct http_answer *answer, const char *file)
{
    const json_t *problem = answer->json, *list = json_object_get(problem, "findings");
    const char *detail = json_text(problem, "detail"), *title = json_text(problem, "title");
    struct buf clean = BUF_INIT(65536);
    text_clean(*detail ? detail : title, &clean);
    FILE *err = tem->err.stream;
    if (clean.len) {
        fprintf(err, "%stem: ", screen_colour(&tem->err, COLOUR_BOLD));
        put_words(&tem->err, buf_text(&clean), 5);
        fprintf(err, "%s\n", screen_colour(&tem->err, COLOUR_NONE));
    } else
        fprintf(err, "tem: %s answered with status %d\n", tem->server.name, answer->status);
    report_findings(tem, list, file);
    if (json_count(problem, "findings_more"))
        fprintf(err, "  and %llu more\n",
                (unsigned long long)json_count(problem, "findings_more"));
    buf_free(&clean);
}

enum code report_problem(struct tem *tem, const struct http_answer *answer, const char *file)
{
    if (tem->json && answer->json)
        fprintf(tem->err.stream, "%s", buf_text(&answer->body));
    else
        show_problem(tem, answer, file);
    return report_status_code(answer->status,
                              json_is_true(json_object_get(answer->json, "retry")));
}
