/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/data.h"

#include "spooler/base/durable.h"
#include "spooler/base/utf8.h"
#include "spooler/intake/csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows of a CSV ----------------------------------------------------------------- */

struct csv_rows {
    const struct ranges *wanted; /* NULL = all */
    json_t *rows;
    const char *file;
    uint64_t seen; /* rows behind the header */
    uint64_t head_line;
    char **heads;
    size_t head_count;
    struct findings *findings;
};

static bool is_wanted(const struct ranges *wanted, uint64_t row)
{
    for (size_t i = 0; wanted && i < wanted->count; i++) {
        if (row >= wanted->list[i].first && row <= wanted->list[i].last)
            return true;
    }
    return wanted == NULL;
}

static enum err take_heads(struct csv_rows *rows, const struct csv_record *record)
{
    rows->head_line = record->line;
    rows->heads = calloc(record->count, sizeof *rows->heads);
    if (!rows->heads)
        return ERR_NO_MEMORY;
    for (; rows->head_count < record->count; rows->head_count++) {
        for (size_t i = 0; i < rows->head_count; i++)
            if (strcmp(rows->heads[i], record->cells[rows->head_count]) == 0)
                return findings_add(rows->findings, SEVERITY_ERROR, "duplicate-column",
                                    (struct place){.file = rows->file,
                                                   .line = record->line,
                                                   .column = (uint32_t)rows->head_count + 1},
                                    rows->heads[i], "each name once",
                                    "column %zu has this name, too", i + 1);
        rows->heads[rows->head_count] = strdup(record->cells[rows->head_count]);
        if (!rows->heads[rows->head_count])
            return ERR_NO_MEMORY;
    }
    return ERR_NONE;
}

/* As temd will: preview is there to find what it would refuse. */
static enum err check_quantity(const struct csv_rows *rows, const struct csv_record *record,
                               size_t column)
{
    const char *text = record->cells[column];
    size_t digits = strspn(text, "0123456789");
    bool good = !*text; /* empty: one label */
    good |= !text[digits] && digits > 0 && digits <= 10 && strspn(text, "0") < digits;
    return good ? ERR_NONE
                : findings_add(rows->findings, SEVERITY_ERROR, "bad-quantity",
                               (struct place){.file = rows->file,
                                              .line = record->line,
                                              .column = (uint32_t)column + 1,
                                              .field = "quantity"},
                               text, "a number of labels from 1", "this is no quantity");
}

static enum err take_cells(const struct csv_rows *rows, const struct csv_record *record,
                           json_t *data)
{
    for (size_t i = 0; i < record->count; i++) {
        /* A column of the request, not of the label. */
        if (strcmp(rows->heads[i], "quantity") == 0) {
            enum err err = check_quantity(rows, record, i);
            if (err)
                return err;
            continue;
        }
        json_t *text = json_string(record->cells[i]);
        if (json_object_set_new(data, rows->heads[i], text) != 0)
            return findings_add(rows->findings, SEVERITY_ERROR, "not-utf8",
                                (struct place){.file = rows->file,
                                               .line = record->line,
                                               .column = (uint32_t)i + 1,
                                               .field = rows->heads[i]},
                                record->cells[i], "UTF-8 text", "the cell cannot be read");
    }
    return ERR_NONE;
}

/* Where the row's values come from, for data_places(). */
static enum err note_sources(const struct csv_rows *rows, const struct csv_record *record,
                             json_t *row)
{
    json_t *sources = json_object();
    bool bad = !sources;
    for (size_t i = 0; i < record->count; i++)
        bad |= json_object_set_new(sources, rows->heads[i], json_integer((json_int_t)i + 1));
    bad |= json_object_set_new(row, "file", json_string(rows->file)) != 0;
    bad |= json_object_set_new(row, "line", json_integer((json_int_t)record->line)) != 0;
    bad |= json_object_set_new(row, "head", json_integer((json_int_t)rows->head_line)) != 0;
    return json_object_set_new(row, "sources", sources) != 0 || bad ? ERR_NO_MEMORY : ERR_NONE;
}

static enum err take_record(void *arg, const struct csv_record *record, bool *pause)
{
    struct csv_rows *rows = arg;
    struct place place = {.file = rows->file, .line = record->line};
    (void)pause; /* the file is in memory: no need to stop */
    if (!rows->heads)
        return take_heads(rows, record);
    if (!is_wanted(rows->wanted, ++rows->seen))
        return ERR_NONE;
    if (json_array_size(rows->rows) == DATA_MAX_ROWS)
        return findings_add(rows->findings, SEVERITY_ERROR, "csv-too-many", place, NULL,
                            "--row RANGES", "at most %d rows are looked at in one go",
                            DATA_MAX_ROWS);
    if (record->count != rows->head_count) {
        char expected[64];
        snprintf(expected, sizeof expected, "%zu cells, as in the header", rows->head_count);
        return findings_add(rows->findings, SEVERITY_ERROR, "csv-ragged", place, NULL, expected,
                            "the row has %zu cells", record->count);
    }
    json_t *data = json_object();
    json_t *row = json_pack("{sI so}", "row", (json_int_t)rows->seen, "data", data);
    enum err err = row ? take_cells(rows, record, data) : ERR_NO_MEMORY;
    if (!err)
        err = note_sources(rows, record, row);
    if (!err && json_array_append(rows->rows, row) != 0)
        err = ERR_NO_MEMORY;
    json_decref(row);
    return err;
}

/* Every number that is asked for is there. */
static enum err check_last(const struct csv_rows *rows)
{
    for (size_t i = 0; rows->wanted && i < rows->wanted->count; i++) {
        if (rows->wanted->list[i].last > rows->seen)
            return findings_add(rows->findings, SEVERITY_ERROR, "csv-no-row",
                                (struct place){.file = rows->file}, NULL, NULL,
                                "there is no row %" PRIu64 ": the file has %" PRIu64,
                                rows->wanted->list[i].last, rows->seen);
    }
    if (rows->seen == 0)
        return findings_add(rows->findings, SEVERITY_ERROR, "csv-no-row",
                            (struct place){.file = rows->file}, NULL, NULL,
                            "the file has no rows behind its header");
    return ERR_NONE;
}

static enum err read_csv(const char *file, const struct buf *bytes, const struct ranges *wanted,
                         json_t *out, struct findings *findings)
{
    struct csv_rows rows = {.wanted = wanted, .rows = out, .file = file, .findings = findings};
    struct csv csv;
    size_t used = 0, from = findings->count;
    csv_init(&csv, take_record, &rows);
    enum err err = csv_feed(&csv, buf_text(bytes), bytes->len, &used, findings);
    if (!err)
        err = csv_end(&csv, findings);
    if (!err)
        err = check_last(&rows);
    findings_name_file(findings, from, file); /* those of form have only line and column */
    csv_free(&csv);
    for (size_t i = 0; i < rows.head_count; i++)
        free(rows.heads[i]);
    free(rows.heads);
    return err;
}

static enum err add_csv(json_t *data, const char *file, const struct buf *bytes,
                        uint64_t wanted, struct findings *findings)
{
    struct range one = {.first = wanted, .last = wanted};
    struct ranges ranges = {.list = &one, .count = 1};
    json_t *rows = json_array();
    enum err err = rows ? read_csv(file, bytes, &ranges, rows, findings) : ERR_NO_MEMORY;
    json_t *row = json_object_get(json_array_get(rows, 0), "data");
    if (!err && json_object_update(data, row) != 0)
        err = ERR_NO_MEMORY;
    json_decref(rows);
    return err;
}

/* ---- the others ---------------------------------------------------------------------- */

static enum err add_json(json_t *data, const char *file, const struct buf *bytes,
                         struct findings *findings)
{
    json_error_t error = {0};
    json_t *row = json_loadb(buf_text(bytes), bytes->len, JSON_REJECT_DUPLICATES, &error);
    struct place place = {.file = file,
                          .line = error.line > 0 ? (uint64_t)error.line : 0,
                          .column = error.column > 0 ? (uint32_t)error.column : 0};
    enum err err = ERR_NONE;
    if (!row)
        err = findings_add(findings, SEVERITY_ERROR, "bad-json", place, NULL,
                           "a JSON object: {\"field\": \"value\"}", "%s", error.text);
    else if (!json_is_object(row))
        err = findings_add(findings, SEVERITY_ERROR, "bad-json", (struct place){.file = file},
                           NULL, "{\"field\": \"value\"}", "this is no JSON object");
    else if (json_object_update(data, row) != 0)
        err = ERR_NO_MEMORY;
    json_decref(row);
    return err;
}

static bool is_csv(const char *path)
{
    size_t len = strlen(path);
    return len > 4 && strcmp(path + len - 4, ".csv") == 0;
}

static enum err add_file(json_t *data, const char *path, uint64_t row,
                         struct findings *findings, struct why *why)
{
    struct buf bytes = BUF_INIT(DATA_MAX_BYTES);
    enum err err = file_read(path, DATA_MAX_BYTES, &bytes, why);
    if (!err)
        err = is_csv(path) ? add_csv(data, path, &bytes, row, findings)
                           : add_json(data, path, &bytes, findings);
    buf_free(&bytes);
    return err;
}

enum err data_add(json_t *data, const char *text, uint64_t row, struct findings *findings,
                  struct why *why)
{
    if (text[0] == '@')
        return add_file(data, text + 1, row, findings, why);
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return findings_add(findings, SEVERITY_ERROR, "bad-data",
                            (struct place){.field = "--data"}, text,
                            "field=value, @row.json or @rows.csv", "this names no field");
    if (!utf8_valid(text, strlen(text)))
        return findings_add(findings, SEVERITY_ERROR, "not-utf8",
                            (struct place){.field = "--data"}, text, "UTF-8 text",
                            "the value cannot be read");
    char *name = strndup(text, (size_t)(equals - text));
    json_t *value = json_string(equals + 1);
    enum err err = ERR_NONE;
    if (!name || !value || json_object_set(data, name, value) != 0)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    json_decref(value);
    free(name);
    return err;
}

/* ---- all of --data ------------------------------------------------------------------- */

bool data_names_rows(const char *text)
{
    return text[0] == '@' && is_csv(text + 1);
}

static enum err read_rows(const struct args *args, const struct ranges *wanted, json_t *rows,
                          struct findings *findings, struct why *why)
{
    const char *text, *file = NULL;
    struct buf bytes = BUF_INIT(DATA_MAX_BYTES);
    size_t at = 0;
    while ((text = args_next(args, "data", &at)) != NULL) {
        if (data_names_rows(text) && file)
            return err_set(why, ERR_INPUT, "%s and %s: one file of rows at a time", file,
                           text + 1);
        file = data_names_rows(text) ? text + 1 : file;
    }
    if (!file)
        return json_array_append_new(rows, json_pack("{si s{}}", "row", 0, "data")) == 0
                   ? ERR_NONE
                   : ERR_NO_MEMORY;
    enum err err = file_read(file, DATA_MAX_BYTES, &bytes, why);
    if (!err)
        err = read_csv(file, &bytes, wanted, rows, findings);
    buf_free(&bytes);
    return err;
}

/* One more --data: what it gives is its own, and no longer the CSV's. */
static enum err merge_one(const char *text, json_t *data, json_t *sources,
                          struct findings *findings, struct why *why)
{
    json_t *one = json_object(), *value;
    const char *name;
    enum err err = one ? data_add(one, text, 1, findings, why) : ERR_NO_MEMORY;
    bool bad = json_object_update(data, one) != 0;
    json_object_foreach(one, name, value)
    {
        json_t *source = text[0] == '@' ? json_string(text + 1) : json_null();
        bad |= json_object_set_new(sources, name, source) != 0;
    }
    json_decref(one);
    return !err && bad ? ERR_NO_MEMORY : err;
}

static enum err merge_row(const struct args *args, json_t *row, struct findings *findings,
                          struct why *why)
{
    json_t *data = json_object(), *sources = json_object();
    const char *text;
    size_t at = 0;
    enum err err = data && sources ? ERR_NONE : ERR_NO_MEMORY;
    while (!err && (text = args_next(args, "data", &at)) != NULL) {
        if (!data_names_rows(text))
            err = merge_one(text, data, sources, findings, why);
        else if (json_object_update(data, json_object_get(row, "data")) != 0 ||
                 json_object_update(sources, json_object_get(row, "sources")) != 0)
            err = ERR_NO_MEMORY;
    }
    if (!err && (json_object_set(row, "data", data) != 0 ||
                 json_object_set(row, "sources", sources) != 0))
        err = ERR_NO_MEMORY;
    json_decref(data);
    json_decref(sources);
    return err;
}

enum err data_labels(const struct args *args, const struct ranges *wanted, json_t *rows,
                     struct findings *findings, struct why *why)
{
    size_t i;
    json_t *row;
    enum err err = read_rows(args, wanted, rows, findings, why);
    json_array_foreach(rows, i, row)
    {
        if (!err)
            err = merge_row(args, row, findings, why);
    }
    return err;
}
