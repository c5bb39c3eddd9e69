/* SPDX-License-Identifier: Apache-2.0 */
/* templates.c: the table of actions, what they share, and the list. */
#include "cli/templates.h"

#include "cli/client.h"
#include "cli/drawing.h"
#include "cli/report.h"
#include "cli/text.h"
#include "spooler/base/near.h"

#include <inttypes.h>
#include <string.h>

static const struct args_option options[] = {
    {"version", 0, "HASH", false, "show: this version, 8 or more digits of its hash"},
    {"yaml", 0, NULL, false, "show: the exact YAML, for a file"},
    {"yes", 'y', NULL, false, "add: do not ask"},
    {"key", 0, "KEY", false, "add: idempotency key, to repeat the same order"},
    DRAWING_FONTS_OPTION,
    CLIENT_PERSON_OPTION,
    {0},
};

/* The first is what `tem templates` alone does. */
static const struct templates_action actions[] = {
    {"list", "", 0, 0, {NULL}, templates_list},
    {"show", "NAME [--version HASH] [--yaml]", 1, 1, {"version", "yaml"}, templates_show},
    {"versions", "NAME", 1, 1, {NULL}, templates_versions},
    {"add", "FILE [--yes]", 1, 1, {"yes", "key", "fonts", "person"}, templates_add},
    {"difference", "NAME [A [B]]", 1, 3, {NULL}, templates_difference},
};
#define ACTIONS (sizeof actions / sizeof actions[0])

/* ---- shared ------------------------------------------------------------------------ */

enum code templates_get(struct tem *tem, const char *name, const char *below,
                        const char *version, const char *format, struct http_answer *out)
{
    struct buf path = BUF_INIT(8192);
    buf_add_text(&path, "/v1/templates/");
    http_add_part(&path, name);
    buf_add_text(&path, below);
    http_add_param(&path, "version", version);
    http_add_param(&path, "format", format);
    enum code code = buf_err(&path) || !*name
                         ? tem_usage(tem, "\"%.80s\" is no template's name", name)
                         : client_get(tem, buf_text(&path), out);
    buf_free(&path);
    return code;
}

static void add_mm(int64_t um, struct buf *out)
{
    buf_printf(out, "%" PRId64, um / 1000);
    int64_t rest = um % 1000;
    if (rest == 0)
        return;
    int digits = 3;
    for (; rest % 10 == 0; rest /= 10)
        digits--;
    buf_printf(out, ".%0*" PRId64, digits, rest);
}

void templates_size(int64_t width_um, int64_t height_um, struct buf *out)
{
    add_mm(width_um, out);
    buf_add_text(out, " x ");
    add_mm(height_um, out);
    buf_add_text(out, " mm");
}

static enum colour line_colour(const char *line)
{
    if (strncmp(line, "---", 3) == 0 || strncmp(line, "+++", 3) == 0)
        return COLOUR_BOLD;
    return *line == '-'   ? COLOUR_RED
           : *line == '+' ? COLOUR_GREEN
           : *line == '@' ? COLOUR_DIM
                          : COLOUR_NONE;
}

void templates_print_diff(const struct screen *screen, const char *text)
{
    if (!screen->terminal) {
        fputs(text, screen->stream); /* what patch takes: byte for byte */
        return;
    }
    while (*text) {
        size_t len = strcspn(text, "\n");
        struct buf raw = BUF_INIT(2 * 1024 * 1024), clean = BUF_INIT(6 * 1024 * 1024);
        buf_add(&raw, text, len);
        text_clean(buf_text(&raw), &clean);
        fprintf(screen->stream, "%s%s%s\n", screen_colour(screen, line_colour(text)),
                buf_text(&clean), screen_colour(screen, COLOUR_NONE));
        buf_free(&raw);
        buf_free(&clean);
        text += len + (text[len] == '\n');
    }
}

/* ---- the list ------------------------------------------------------------------------ */

static const char *const heads[] = {"TEMPLATE", "SIZE", "VERSION", "FROM", "TITLE"};

static void add_row(struct table *table, const json_t *template)
{
    const json_t *source = json_object_get(template, "source");
    bool file = strcmp(json_text(source, "kind"), "file") == 0;
    struct buf size = BUF_INIT(128);
    templates_size((int64_t)json_count(template, "width_um"),
                   (int64_t)json_count(template, "height_um"), &size);
    table_add(table, "%s", json_text(template, "name"));
    table_add(table, "%s", buf_text(&size));
    table_add(table, "%.*s", VERSION_SHOWN, json_text(template, "hash"));
    table_add(table, "%s", file ? "file" : "added");
    table_add(table, "%s", json_text(template, "title"));
    buf_free(&size);
}

enum code templates_list(struct tem *tem, const char *const *words, size_t count)
{
    (void)words, (void)count; /* it takes none */
    struct http_answer answer;
    struct table table;
    size_t i;
    const json_t *one;
    enum code code = client_get(tem, "/v1/templates", &answer);
    if (code)
        return code;
    const json_t *list = json_object_get(answer.json, "templates");
    if (client_is_json(tem, &answer)) {
        http_answer_free(&answer);
        return CODE_DONE;
    }
    table_init(&table, heads, sizeof heads / sizeof heads[0], 0);
    json_array_foreach(list, i, one) add_row(&table, one);
    if (!table_print(&table, &tem->out))
        code = tem_fail(tem, CODE_INTERNAL, "out of memory");
    else if (!json_is_array(list))
        code = client_nonsense(tem, "templates");
    else if (!json_array_size(list))
        fputs("no templates: put one into temd's templates folder, or tem templates add FILE\n",
              tem->out.stream);
    http_answer_free(&answer);
    return code;
}

/* ---- which action ---------------------------------------------------------------------- */

static enum code unknown_action(struct tem *tem, const char *word)
{
    const char *names[ACTIONS];
    for (size_t i = 0; i < ACTIONS; i++)
        names[i] = actions[i].name;
    const char *near = near_word(word, names, ACTIONS);
    if (near)
        return tem_usage(tem, "there is no action \"%s\" (nearest: %s)", word, near);
    return tem_usage(tem,
                     "there is no action \"%s\"; to see that template: tem templates show %s",
                     word, word);
}

/* An option of another action would be overlooked. */
static enum code check_options(struct tem *tem, const struct templates_action *action)
{
    for (size_t i = 0; i < tem->args.given_count; i++) {
        const struct args_option *option = tem->args.given[i].option;
        bool ours = false, taken = false;
        for (const struct args_option *row = options; row->name; row++)
            ours |= row == option;
        for (size_t k = 0; action->takes[k]; k++)
            taken |= strcmp(action->takes[k], option->name) == 0;
        if (ours && !taken)
            return tem_usage(tem, "tem templates %s takes no --%s", action->name, option->name);
    }
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    const struct args *args = &tem->args;
    const struct templates_action *action = &actions[0];
    size_t count = args->word_count ? args->word_count - 1 : 0;
    if (args->word_count) {
        action = NULL;
        for (size_t i = 0; i < ACTIONS; i++) {
            if (strcmp(actions[i].name, args->words[0]) == 0)
                action = &actions[i];
        }
    }
    if (!action)
        return unknown_action(tem, args->words[0]);
    if (count < action->min_words || count > action->max_words)
        return tem_usage(tem, "expected: tem templates %s %s", action->name, action->usage);
    enum code code = check_options(tem, action);
    return code ? code : action->run(tem, args->words + 1, count);
}

const struct command command_templates = {
    .name = "templates",
    .usage = "[list | show NAME | versions NAME | add FILE | difference NAME [A [B]]]",
    .summary = "list, show, add and compare templates that temd has",
    .options = options,
    .max_words = 4,
    .help =
        "  tem templates                        what there is, and which version is current\n"
        "  tem templates show medicine-pack     its fields, size, where it comes from\n"
        "  tem templates show medicine-pack --yaml > my-label.yaml\n"
        "        a start for your own: give it another name, then\n"
        "  tem templates add my-label.yaml      check it, show what changes, ask, add it\n"
        "  tem templates versions my-label      every version that is kept, and how many jobs "
        "used it\n"
        "  tem templates show my-label --version 2106c0e1 --yaml\n"
        "  tem templates difference my-label    the version before against the current one\n"
        "  tem templates difference my-label 2106c0e1          that one against the current\n"
        "  tem templates difference my-label my-label.yaml     the current one against a file\n"
        "\n"
        "A job keeps the version that was current when it was accepted. Versions are never "
        "deleted: a\n"
        "reprint draws what was printed. A template that is a file in temd's folder is changed "
        "there.\n"
        "\n"
        "difference is a unified diff, for patch as well. Its exit code is that of diff: 0 "
        "equal, 1\n"
        "different, 2 and more when there was nothing to compare.\n",
    .run = run,
};
