/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/json-job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const job_keys[] = {"template", "printer", "data",      "quantity",
                                       "items",    "person",  "reference", "sample"};
static const char *const item_keys[] = {"data", "quantity"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The member `quantity`; 0 and a finding when it is not possible. */
static uint64_t quantity_of(json_t *object, const char *path, struct findings *findings)
{
    json_t *quantity = json_object_get(object, "quantity");
    json_int_t value = json_integer_value(quantity);
    if (json_is_integer(quantity) && value >= 1 && (uint64_t)value <= JOB_MAX_QUANTITY)
        return (uint64_t)value;
    char shown[96], field[64];
    snprintf(field, sizeof field, "%squantity", path);
    draft_bad_quantity(findings, (struct place){.field = field},
                       quantity ? json_body_show(quantity, shown) : NULL);
    return 0;
}

/* The member `sample`: true, false or absent. */
static bool sample_of(json_t *object, struct findings *findings)
{
    json_t *sample = json_object_get(object, "sample");
    char shown[96];
    if (sample && !json_is_boolean(sample) && !json_is_null(sample))
        findings_add(findings, SEVERITY_ERROR, "wrong-type", (struct place){.field = "sample"},
                     json_body_show(sample, shown), "true or false", "sample is no yes or no");
    return json_is_true(sample);
}

static enum err check_items(struct json_job *job, struct findings *findings)
{
    json_t *items = json_object_get(job->root, "items");
    struct place place = {.field = "items"};
    if (!items)
        return ERR_NONE;
    char shown[96];
    if (!json_is_array(items))
        return findings_add(findings, SEVERITY_ERROR, "wrong-type", place,
                            json_body_show(items, shown), "a list: [{\"data\": {...}}]",
                            "items is no list");
    if (json_array_size(items) > JSON_JOB_MAX_ITEMS)
        return findings_add(findings, SEVERITY_ERROR, "too-many-items", place, NULL,
                            "at most 100000 items; send more rows as text/csv",
                            "there are %zu items", json_array_size(items));
    if (json_object_get(job->root, "quantity"))
        findings_add(findings, SEVERITY_ERROR, "quantity-and-items",
                     (struct place){.field = "quantity"}, NULL, "a quantity in each item",
                     "quantity belongs to one row of data; items have their own");
    job->items = items;
    return ERR_NONE;
}

enum err json_job_open(struct json_job *job, const char *text, size_t len, struct draft *draft,
                       const struct intake_config *config, struct findings *findings)
{
    *job = (struct json_job){.numbers = BUF_INIT(2 * JSON_BODY_NUMBERS)};
    job->root = json_body_parse(text, len, findings);
    if (!job->root)
        return ERR_INPUT;
    json_body_keys(job->root, "", job_keys, COUNT(job_keys), findings);
    struct draft_head head = {
        .template = json_body_text(job->root, "", "template", findings),
        .printer = json_body_text(job->root, "", "printer", findings),
        .person = json_body_text(job->root, "", "person", findings),
        .reference = json_body_text(job->root, "", "reference", findings),
        .sample = sample_of(job->root, findings),
    };
    check_items(job, findings);
    enum err err = draft_open(draft, config, &head, findings);
    if (err && err != ERR_INPUT)
        return err;
    job->raw = calloc(draft->field_count + 1, sizeof *job->raw);
    if (!job->raw || !buf_room(&job->numbers, JSON_BODY_NUMBERS))
        return ERR_NO_MEMORY;
    return ERR_NONE;
}

void json_job_close(struct json_job *job)
{
    json_decref(job->root);
    free(job->raw);
    buf_free(&job->numbers);
    *job = (struct json_job){0};
}

/* One row: the common data, then the item's own over it. */
static enum err one_row(struct json_job *job, struct draft *draft, json_t *item,
                        const char *path, uint64_t quantity)
{
    json_t *common = json_body_data(job->root, "", draft->findings);
    json_t *own = item ? json_body_data(item, path, draft->findings) : NULL;
    if (!draft->template || quantity == 0) {
        draft->rows++;
        return ERR_INPUT;
    }
    char prefix[64];
    snprintf(prefix, sizeof prefix, "%sdata.", path);
    memset(job->raw, 0, draft->field_count * sizeof *job->raw);
    buf_reset(&job->numbers);
    bool good = json_body_row(draft->template, common, "data.", job->raw, &job->numbers,
                              draft->findings);
    good =
        json_body_row(draft->template, own, prefix, job->raw, &job->numbers, draft->findings) &&
        good;
    if (!good) {
        draft->rows++;
        return ERR_INPUT; /* "missing" would be said of a value that is there */
    }
    return draft_row(draft, job->raw, quantity, (struct place){0}, prefix, NULL);
}

static enum err item_row(struct json_job *job, struct draft *draft, size_t index)
{
    json_t *item = json_array_get(job->items, index);
    char path[40], shown[96];
    snprintf(path, sizeof path, "items[%zu].", index);
    if (!json_is_object(item)) {
        draft->rows++;
        path[strlen(path) - 1] = '\0';
        return findings_add(draft->findings, SEVERITY_ERROR, "wrong-type",
                            (struct place){.field = path}, json_body_show(item, shown),
                            "an object: {\"data\": {...}, \"quantity\": 1}",
                            "the item is no object");
    }
    json_body_keys(item, path, item_keys, COUNT(item_keys), draft->findings);
    uint64_t quantity =
        json_object_get(item, "quantity") ? quantity_of(item, path, draft->findings) : 1;
    return one_row(job, draft, item, path, quantity);
}

enum err json_job_rows(struct json_job *job, struct draft *draft, size_t most, bool *done)
{
    /* items that are no list were a finding: then there is no row at all */
    bool one = !job->items && !json_object_get(job->root, "items");
    size_t count = job->items ? json_array_size(job->items) : one;
    size_t until = job->next + most < count ? job->next + most : count;
    while (job->next < until && !draft->page_full) {
        size_t index = job->next++;
        /* of a sample it need not be said */
        bool said = !draft->sample || json_object_get(job->root, "quantity");
        enum err err = job->items
                           ? item_row(job, draft, index)
                           : one_row(job, draft, NULL, "",
                                     said ? quantity_of(job->root, "", draft->findings) : 1);
        if (err && err != ERR_INPUT)
            return err;
    }
    *done = job->next == count;
    return ERR_NONE;
}
