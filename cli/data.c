/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/data.h"

#include "spooler/base/durable.h"
#include "spooler/base/utf8.h"
#include "spooler/intake/csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a row of a CSV ---------------------------------------------------------------- */

struct csv_row {
    json_t *data;
    const char *file;
    uint64_t wanted, seen; /* rows behind the header */
    char **heads;
    size_t head_count;
    struct findings *findings;
};

static enum err take_heads(struct csv_row *row, const struct csv_record *record)
{
    row->heads = calloc(record->count, sizeof *row->heads);
    if (!row->heads)
        return ERR_NO_MEMORY;
    for (; row->head_count < record->count; row->head_count++) {
        row->heads[row->head_count] = strdup(record->cells[row->head_count]);
        if (!row->heads[row->head_count])
            return ERR_NO_MEMORY;
    }
    return ERR_NONE;
}

static enum err take_record(void *arg, const struct csv_record *record, bool *pause)
{
    struct csv_row *row = arg;
    (void)pause; /* the file is in memory: no need to stop */
    if (!row->heads)
        return take_heads(row, record);
    if (++row->seen != row->wanted)
        return ERR_NONE;
    if (record->count != row->head_count) {
        char expected[64];
        snprintf(expected, sizeof expected, "%zu cells, as in the header", row->head_count);
        return findings_add(row->findings, SEVERITY_ERROR, "csv-ragged",
                            (struct place){.file = row->file, .line = record->line}, NULL,
                            expected, "the row has %zu cells", record->count);
    }
    for (size_t i = 0; i < record->count; i++) {
        /* A column of the request, not of the label. */
        if (strcmp(row->heads[i], "quantity") == 0)
            continue;
        json_t *text = json_string(record->cells[i]);
        if (json_object_set_new(row->data, row->heads[i], text) != 0)
            return findings_add(row->findings, SEVERITY_ERROR, "not-utf8",
                                (struct place){.file = row->file,
                                               .line = record->line,
                                               .column = (uint32_t)i + 1,
                                               .field = row->heads[i]},
                                record->cells[i], "UTF-8 text", "the cell cannot be read");
    }
    return ERR_NONE;
}

static enum err add_csv(json_t *data, const char *file, const struct buf *bytes,
                        uint64_t wanted, struct findings *findings)
{
    struct csv_row row = {.data = data, .file = file, .wanted = wanted, .findings = findings};
    struct csv csv;
    size_t used = 0;
    csv_init(&csv, take_record, &row);
    enum err err = csv_feed(&csv, buf_text(bytes), bytes->len, &used, findings);
    if (!err)
        err = csv_end(&csv, findings);
    if (!err && row.seen < wanted)
        err = findings_add(findings, SEVERITY_ERROR, "csv-no-row", (struct place){.file = file},
                           NULL, NULL, "there is no row %" PRIu64 ": the file has %" PRIu64,
                           wanted, row.seen);
    csv_free(&csv);
    for (size_t i = 0; i < row.head_count; i++)
        free(row.heads[i]);
    free(row.heads);
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
