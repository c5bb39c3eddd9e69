/* SPDX-License-Identifier: Apache-2.0 */
/* reprints.c: what is ordered to be printed again, and the second person's word. */
#include "cli/client.h"
#include "cli/report.h"
#include "cli/reprint-view.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

static const struct args_option options[] = {
    {"open", 0, NULL, false, "only those that are not done"},
    {"job", 0, "JOB", false, "only those of this job"},
    {"approve", 0, "ID", false, "agree to an order, as the second person"},
    {"cancel", 0, "ID", false, "take an order back; what is printed stays"},
    CLIENT_PERSON_OPTION,
    {"key", 0, "KEY", false, "idempotency key, to repeat the same order"},
    {0},
};

static bool add_row(struct table *table, const json_t *order)
{
    struct buf when = BUF_INIT(64);
    uint64_t first = json_count(order, "first"), last = json_count(order, "last");
    text_time(json_text(order, "ordered_at"), &when);
    table_add(table, "%" PRIu64, json_count(order, "id"));
    table_add(table, "%s%s", json_text(order, "state"),
              strcmp(json_text(order, "number"), "new") == 0 ? ", new number" : "");
    table_add(table, "%" PRIu64, json_count(order, "job"));
    if (first == last)
        table_add(table, "%" PRIu64, first);
    else
        table_add(table, "%" PRIu64 "-%" PRIu64, first, last);
    table_add(table, "%s", json_text(order, "printer"));
    table_add(table, "%s", json_text(order, "reason"));
    table_add(table, "%s%s%s", json_text(order, "person"),
              *json_text(order, "approver") ? " + " : "", json_text(order, "approver"));
    table_add(table, "%s", buf_text(&when));
    buf_free(&when);
    return !table->failed;
}

/* What nobody here ordered. */
static void show_ended(const struct screen *screen, const json_t *orders)
{
    size_t i;
    const json_t *order;
    json_array_foreach(orders, i, order)
    {
        struct buf line = BUF_INIT(8192);
        text_clean(json_text(order, "ended"), &line);
        if (line.len)
            fprintf(screen->stream, "%" PRIu64 " cancelled: %s\n", json_count(order, "id"),
                    buf_text(&line));
        buf_free(&line);
    }
}

static void show_reasons(const struct screen *screen, const json_t *reasons)
{
    struct buf line = BUF_INIT(8192);
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        buf_add_text(&line, i ? ", " : "Reasons: ");
        text_clean(json_string_value(json_array_get(reasons, i)), &line);
    }
    if (line.len)
        fprintf(screen->stream, "%s\n", buf_text(&line));
    buf_free(&line);
}

static enum code list(struct tem *tem)
{
    static const char *const heads[] = {"ID",      "STATE",  "JOB",    "LABELS",
                                        "PRINTER", "REASON", "PERSON", "ORDERED (UTC)"};
    struct http_answer answer;
    struct table table;
    struct buf path = BUF_INIT(256);
    size_t i;
    const json_t *order;
    buf_add_text(&path, "/v1/reprints");
    http_add_param(&path, "job", args_get(&tem->args, "job"));
    http_add_param(&path, "open", args_get(&tem->args, "open") ? "1" : NULL);
    enum code code = client_get(tem, buf_text(&path), &answer);
    buf_free(&path);
    if (code)
        return code;
    const json_t *orders = json_object_get(answer.json, "reprints");
    if (!client_is_json(tem, &answer)) {
        table_init(&table, heads, 8, 1U << 0 | 1U << 2);
        json_array_foreach(orders, i, order) add_row(&table, order);
        if (!json_array_size(orders))
            fprintf(tem->out.stream, "no reprints\n");
        if (!table_print(&table, &tem->out))
            code = tem_fail(tem, CODE_INTERNAL, "out of memory");
        show_ended(&tem->out, orders);
        show_reasons(&tem->out, json_object_get(answer.json, "reasons"));
    }
    http_answer_free(&answer);
    return code;
}

static enum code word(struct tem *tem, const char *id, const char *action)
{
    struct http_answer answer;
    uint64_t number;
    char path[80];
    if (!args_number(id, 1, INT64_MAX, &number))
        return tem_usage(tem, "--%s %s: expected an order's number", action, id);
    snprintf(path, sizeof path, "/v1/reprints/%" PRIu64 "/%s", number, action);
    json_t *body = json_object();
    enum code code = body ? client_order_at(tem, path, body, &answer)
                          : tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        reprint_view_say(tem, answer.json);
    http_answer_free(&answer);
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    const char *approve = args_get(&tem->args, "approve");
    const char *cancel = args_get(&tem->args, "cancel");
    if (approve && cancel)
        return tem_usage(tem, "--approve or --cancel, not both");
    return approve  ? word(tem, approve, "approve")
           : cancel ? word(tem, cancel, "cancel")
                    : list(tem);
}

const struct command command_reprints = {
    .name = "reprints",
    .usage = "[--open] [--job JOB] | --approve ID | --cancel ID",
    .summary = "what was ordered to be printed again, by whom and why",
    .options = options,
    .min_words = 0,
    .max_words = 0,
    .help =
        "  tem reprints --open         what waits for a second person or for its printer\n"
        "  tem reprints --approve 7    agree, as another person than who ordered it\n"
        "  tem reprints --cancel 7     take it back; what is printed already stays printed\n",
    .run = run,
};
