/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"
#include "cli/report.h"

#include <inttypes.h>
#include <string.h>

static const char *const heads[] = {"SERIES", "FORMAT", "GENERATION", "SCOPE", "ISSUED",
                                    "LEFT",   ""};

static void add_scope(struct table *table, const json_t *series, const json_t *scope)
{
    bool configured = !json_is_false(json_object_get(series, "configured"));
    bool low = json_is_true(json_object_get(scope, "low"));
    table_add(table, "%s", json_text(series, "name"));
    table_add(table, "%s", json_text(series, "format"));
    table_add(table, "%" PRIu64, json_count(series, "generation"));
    table_add(table, "%s",
              scope && *json_text(scope, "scope") ? json_text(scope, "scope") : "-");
    if (scope) {
        table_add(table, "%" PRIu64, json_count(scope, "issued"));
        table_add(table, "%" PRIu64, json_count(scope, "left"));
    } else {
        table_add(table, "0");
        table_add(table, "-");
    }
    table_add(table, "%s", !configured ? "no longer configured" : low ? "running low" : "");
}

static enum code show(struct tem *tem, const json_t *list)
{
    struct table table;
    size_t i, j;
    const json_t *series, *scope;
    if (!json_is_array(list))
        return client_nonsense(tem, "series");
    table_init(&table, heads, sizeof heads / sizeof heads[0], 1 << 2 | 1 << 4 | 1 << 5);
    json_array_foreach(list, i, series)
    {
        const json_t *scopes = json_object_get(series, "scopes");
        if (!json_array_size(scopes))
            add_scope(&table, series, NULL);
        json_array_foreach(scopes, j, scope) add_scope(&table, series, scope);
    }
    if (!table_print(&table, &tem->out))
        return tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (!json_array_size(list))
        fputs("no series are configured\n", tem->out.stream);
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    struct http_answer answer;
    enum code code = client_get(tem, "/v1/series", &answer);
    if (code)
        return code;
    if (!client_is_json(tem, &answer))
        code = show(tem, json_object_get(answer.json, "series"));
    http_answer_free(&answer);
    return code;
}

const struct command command_series = {
    .name = "series",
    .usage = "",
    .summary = "list series of numbers: how many are issued, how many are left",
    .help = "  tem series\n"
            "  tem series --json | jq '.series[] | select(.name == \"pack\") | .scopes'\n"
            "\n"
            "A series counts each scope (such as a GTIN) by itself; a scope is opened by its "
            "first label.\n"
            "A number that was issued never comes back, printed or not.\n",
    .run = run,
};
