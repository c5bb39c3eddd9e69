/* SPDX-License-Identifier: Apache-2.0 */
/* templates-show.c: one template, and its versions. */
#include "cli/client.h"
#include "cli/report.h"
#include "cli/templates.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

static void say(const struct screen *screen, const char *name, const char *text)
{
    struct buf clean = BUF_INIT(16384);
    text_clean(text, &clean);
    fprintf(screen->stream, "  %s%-9s%s %s\n", screen_colour(screen, COLOUR_DIM), name,
            screen_colour(screen, COLOUR_NONE), buf_text(&clean));
    buf_free(&clean);
}

static void say_source(const struct screen *screen, const json_t *template)
{
    const json_t *source = json_object_get(template, "source");
    struct buf text = BUF_INIT(8192), time = BUF_INIT(256);
    const char *kind = json_text(source, "kind"), *by = json_text(source, "added_by");
    text_time(json_text(source, "added_at"), &time);
    if (strcmp(kind, "file") == 0)
        buf_printf(&text, "the file %s", json_text(source, "file"));
    else if (strcmp(kind, "api") == 0)
        buf_printf(&text, "added %s UTC by %s", buf_text(&time), by);
    else
        buf_add_text(&text, "kept: an earlier version");
    say(screen, "from", buf_text(&text));
    buf_free(&text);
    buf_free(&time);
}

static void say_head(const struct screen *screen, const json_t *template)
{
    struct buf text = BUF_INIT(8192), clean = BUF_INIT(32768);
    buf_printf(&text, "%s: %s", json_text(template, "name"), json_text(template, "title"));
    text_clean(buf_text(&text), &clean);
    fprintf(screen->stream, "%s%s%s\n", screen_colour(screen, COLOUR_BOLD), buf_text(&clean),
            screen_colour(screen, COLOUR_NONE));
    buf_reset(&text);
    buf_printf(&text, "%s%s", json_text(template, "hash"),
               json_is_true(json_object_get(template, "current")) ? " (current)" : "");
    say(screen, "version", buf_text(&text));
    say_source(screen, template);
    buf_reset(&text);
    templates_size((int64_t)json_count(template, "width_um"),
                   (int64_t)json_count(template, "height_um"), &text);
    if (json_count(template, "pieces") > 1)
        buf_printf(&text, ", %" PRIu64 " pieces a label", json_count(template, "pieces"));
    say(screen, "size", buf_text(&text));
    buf_reset(&text);
    buf_printf(&text, "when all labels are %s; doubt: %s", json_text(template, "close"),
               json_text(template, "on_doubt"));
    say(screen, "closes", buf_text(&text));
    buf_free(&text);
    buf_free(&clean);
}

static bool show_fields(const struct screen *screen, const json_t *fields)
{
    static const char *const heads[] = {"FIELD", "TYPE", "MUST", "MOST", "SAMPLE", "DEFAULT"};
    struct table table;
    size_t i;
    const json_t *field;
    table_init(&table, heads, sizeof heads / sizeof heads[0], 1 << 3);
    json_array_foreach(fields, i, field)
    {
        bool series = *json_text(field, "series") != '\0';
        table_add(&table, "%s", json_text(field, "name"));
        table_add(&table, "%s%s%s", json_text(field, "type"), series ? " " : "",
                  json_text(field, "series"));
        table_add(&table, "%s", json_is_true(json_object_get(field, "required")) ? "yes" : "");
        if (json_count(field, "max"))
            table_add(&table, "%" PRIu64, json_count(field, "max"));
        else
            table_add(&table, "-");
        table_add(&table, "%s", json_text(field, "sample"));
        table_add(&table, "%s", json_text(field, "default"));
    }
    if (i)
        fputc('\n', screen->stream);
    return table_print(&table, screen);
}

static enum code show(struct tem *tem, const json_t *template)
{
    if (!*json_text(template, "hash"))
        return client_nonsense(tem, "a template");
    say_head(&tem->out, template);
    return show_fields(&tem->out, json_object_get(template, "fields"))
               ? CODE_DONE
               : tem_fail(tem, CODE_INTERNAL, "out of memory");
}

enum code templates_show(struct tem *tem, const char *const *words, size_t count)
{
    (void)count; /* one, as the table says */
    bool yaml = args_get(&tem->args, "yaml") != NULL;
    struct http_answer answer;
    if (yaml && tem->json)
        return tem_usage(tem, "--yaml and --json are two ways to show it: choose one");
    enum code code = templates_get(tem, words[0], "", args_get(&tem->args, "version"),
                                   yaml ? "yaml" : NULL, &answer);
    if (code)
        return code;
    if (yaml) {
        size_t len = answer.body.len;
        if (fwrite(buf_text(&answer.body), 1, len, tem->out.stream) != len)
            code = tem_fail(tem, CODE_INTERNAL, "the YAML cannot be written");
    } else if (!client_is_json(tem, &answer))
        code = show(tem, answer.json);
    http_answer_free(&answer);
    return code;
}

/* ---- versions -----------------------------------------------------------------------------
 */

static void add_version(struct table *table, const json_t *version)
{
    struct buf time = BUF_INIT(256);
    text_time(json_text(version, "kept_at"), &time);
    table_add(table, "%.*s", VERSION_SHOWN, json_text(version, "hash"));
    table_add(table, "%s", time.len ? buf_text(&time) : "-");
    table_add(table, "%" PRIu64 "%s", json_count(version, "jobs"),
              json_is_true(json_object_get(version, "jobs_more")) ? "+" : "");
    table_add(table, "%s", json_is_true(json_object_get(version, "current")) ? "current" : "");
    buf_free(&time);
}

static enum code show_versions(struct tem *tem, const json_t *json)
{
    static const char *const heads[] = {"VERSION", "FIRST KEPT (UTC)", "JOBS", ""};
    const json_t *list = json_object_get(json, "versions"), *version;
    struct table table;
    size_t i;
    if (!json_is_array(list))
        return client_nonsense(tem, "versions");
    table_init(&table, heads, sizeof heads / sizeof heads[0], 1 << 2);
    json_array_foreach(list, i, version) add_version(&table, version);
    if (!table_print(&table, &tem->out))
        return tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (json_is_true(json_object_get(json, "more")))
        fputs("and older ones\n", tem->out.stream);
    return CODE_DONE;
}

enum code templates_versions(struct tem *tem, const char *const *words, size_t count)
{
    (void)count; /* one, as the table says */
    struct http_answer answer;
    enum code code = templates_get(tem, words[0], "/versions", NULL, NULL, &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        code = show_versions(tem, answer.json);
    http_answer_free(&answer);
    return code;
}
