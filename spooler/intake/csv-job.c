/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/csv-job.h"

#include "spooler/base/near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_QUANTITY (-1)
#define COLUMN_UNKNOWN  (-2)
#define COMMON_PREFIX   "field."

/* A column or parameter that is no data field of the template. */
static void bad_column(struct draft *draft, struct place place, const char *name)
{
    const char *names[TEMPLATE_MAX_FIELDS + 1];
    size_t count = 0;
    for (size_t i = 0; i < draft->field_count && count < TEMPLATE_MAX_FIELDS; i++) {
        if (template_field(draft->template, i)->type != FIELD_SERIES)
            names[count++] = template_field(draft->template, i)->name;
    }
    names[count++] = "quantity";
    int index = template_field_index(draft->template, name);
    if (index >= 0)
        findings_add(draft->findings, SEVERITY_ERROR, "series-field", place, name,
                     "no such column: it takes its number from a series",
                     "field %s is numbered by series %s", name,
                     template_field(draft->template, (size_t)index)->series);
    else
        findings_add(draft->findings, SEVERITY_ERROR, "unknown-column", place, name,
                     near_word(name, names, count), "template %s has no such field",
                     template_name(draft->template));
}

/* Index of a field that takes data, or -1. A field named quantity wins over the column's
 * meaning. */
static int data_field(const struct draft *draft, const char *name)
{
    int index = template_field_index(draft->template, name);
    bool series =
        index >= 0 && template_field(draft->template, (size_t)index)->type == FIELD_SERIES;
    return series ? -1 : index;
}

static void header_cell(struct csv_job *job, const struct csv_record *record, size_t column)
{
    struct draft *draft = job->draft;
    const char *name = record->cells[column];
    struct place place = {
        .line = record->line, .column = (uint32_t)column + 1, .field = *name ? name : NULL};
    job->map[column] = COLUMN_UNKNOWN;
    if (!draft->template)
        return;
    for (size_t i = 0; i < column; i++) {
        if (strcmp(record->cells[i], name) == 0) {
            findings_add(draft->findings, SEVERITY_ERROR, "duplicate-column", place, name,
                         "each name once", "column %zu has this name, too", i + 1);
            return;
        }
    }
    int index = data_field(draft, name);
    if (index >= 0) {
        job->map[column] = index;
        job->column_of[index] = (uint32_t)column + 1;
    } else if (strcmp(name, "quantity") == 0)
        job->map[column] = COLUMN_QUANTITY;
    else
        bad_column(draft, place, name);
}

static uint64_t row_quantity(struct csv_job *job, const struct csv_record *record)
{
    for (size_t i = 0; i < job->columns; i++) {
        if (job->map[i] != COLUMN_QUANTITY || record->cells[i][0] == '\0')
            continue; /* an empty cell is one label, as without the column */
        uint64_t quantity;
        if (request_parse_number(record->cells[i], JOB_MAX_QUANTITY, &quantity) && quantity > 0)
            return quantity;
        struct place place = {
            .line = record->line, .column = (uint32_t)i + 1, .field = "quantity"};
        draft_bad_quantity(job->draft->findings, place, record->cells[i]);
        return 0;
    }
    return 1;
}

static enum err data_row(struct csv_job *job, const struct csv_record *record)
{
    struct draft *draft = job->draft;
    struct place place = {.line = record->line};
    draft->rows++;
    if (record->count != job->columns) {
        char got[32], expected[64];
        snprintf(got, sizeof got, "%zu columns", record->count);
        snprintf(expected, sizeof expected, "%zu columns, as in the header", job->columns);
        place.column =
            (uint32_t)(record->count < job->columns ? record->count : job->columns) + 1;
        return findings_add(draft->findings, SEVERITY_ERROR, "ragged-row", place, got, expected,
                            "the row has %s columns",
                            record->count < job->columns ? "too few" : "too many");
    }
    uint64_t quantity = row_quantity(job, record);
    if (quantity == 0 || !draft->template)
        return ERR_INPUT;
    draft->rows--; /* draft_row counts it */
    for (size_t i = 0; i < draft->field_count; i++)
        job->raw[i] = job->common[i];
    for (size_t i = 0; i < job->columns; i++) {
        if (job->map[i] >= 0 && record->cells[i][0])
            job->raw[job->map[i]] = record->cells[i];
    }
    return draft_row(draft, job->raw, quantity, place, "", job->column_of);
}

static enum err on_record(void *arg, const struct csv_record *record, bool *pause)
{
    struct csv_job *job = arg;
    enum err err = ERR_NONE;
    if (job->has_header)
        err = data_row(job, record);
    else {
        job->has_header = true;
        job->columns = record->count;
        for (size_t i = 0; i < record->count; i++)
            header_cell(job, record, i);
    }
    *pause = job->draft->page_full;
    return err == ERR_INPUT ? ERR_NONE : err;
}

static void take_common(struct csv_job *job, const struct param *param)
{
    size_t prefix = strlen(COMMON_PREFIX);
    if (!job->draft->template || strncmp(param->name, COMMON_PREFIX, prefix) != 0)
        return;
    int index = data_field(job->draft, param->name + prefix);
    if (index < 0)
        bad_column(job->draft, (struct place){.field = param->name}, param->name + prefix);
    else if (param->len > 0)
        job->common[index] = param->value;
}

enum err csv_job_open(struct csv_job *job, struct draft *draft, const struct param *params,
                      size_t param_count)
{
    *job = (struct csv_job){.draft = draft};
    csv_init(&job->csv, on_record, job);
    size_t count = draft->field_count + 1;
    job->column_of = calloc(count, sizeof *job->column_of);
    job->common = calloc(count, sizeof *job->common);
    job->raw = calloc(count, sizeof *job->raw);
    if (!job->column_of || !job->common || !job->raw)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < param_count; i++)
        take_common(job, &params[i]);
    return ERR_NONE;
}

void csv_job_close(struct csv_job *job)
{
    csv_free(&job->csv);
    free(job->column_of);
    free(job->common);
    free(job->raw);
    *job = (struct csv_job){0};
}

enum err csv_job_feed(struct csv_job *job, const char *bytes, size_t len, size_t *used)
{
    enum err err = csv_feed(&job->csv, bytes, len, used, job->draft->findings);
    return err == ERR_INPUT ? ERR_NONE : err;
}

enum err csv_job_end(struct csv_job *job)
{
    enum err err = csv_end(&job->csv, job->draft->findings);
    if (!err && !job->has_header && !job->csv.broken)
        err = findings_add(job->draft->findings, SEVERITY_ERROR, "no-header",
                           (struct place){.line = 1}, NULL,
                           "a first line with the fields' names", "the file is empty");
    return err == ERR_INPUT ? ERR_NONE : err;
}
