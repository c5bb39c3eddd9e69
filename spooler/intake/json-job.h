/* SPDX-License-Identifier: Apache-2.0 */
/* json-job.h: the JSON form of POST /v1/jobs, and what all JSON bodies share. Not thread-safe:
 * one owner. */
#ifndef TEM_INTAKE_JSON_JOB_H
#define TEM_INTAKE_JSON_JOB_H

#include "spooler/intake/draft.h"

#include <jansson.h>

#define JSON_JOB_MAX_ITEMS 100000 /* more rows than that are CSV's */

/* An object, or NULL and findings: place is line and column in the text. No key twice. */
json_t *json_body_parse(const char *text, size_t len, struct findings *findings);
/* A finding "unknown-key" for each key of `object` that is none of `known`; `path` stands
 * before its name. */
void json_body_keys(json_t *object, const char *path, const char *const *known, size_t count,
                    struct findings *findings);
/* A string member; NULL when it is absent, null, or (with a finding) no string. */
const char *json_body_text(json_t *object, const char *path, const char *key,
                           struct findings *findings);
/* A short JSON text of a value for a finding, cut; returns `out`. */
const char *json_body_show(json_t *value, char out[static 96]);

/* The member `data`, an object; NULL when it is absent, null, or (with a finding) no object. */
json_t *json_body_data(json_t *object, const char *path, struct findings *findings);
/* A row has few integers; their texts must not move while it is put together, so `numbers` has
 * room for so many bytes from the start (buf_room). */
#define JSON_BODY_NUMBERS (TEMPLATE_MAX_FIELDS * 32)
/* Puts the values of `data` (may be NULL) at their fields' places in `raw`, over what stands
 * there; borrowed from it and from `numbers`. A finding for each field that there is not, that
 * takes no data, or whose value has a wrong type; false for the last. */
bool json_body_row(const struct template *template, json_t *data, const char *path,
                   const char **raw, struct buf *numbers, struct findings *findings);

struct json_job {
    json_t *root;
    json_t *items; /* borrows; NULL = one row */
    size_t next;   /* item */
    const char **raw;
    struct buf numbers; /* text of the row's integers */
};

/* Parses and opens the draft. Afterwards findings tell whether rows are worth going through;
 * json_job_close() and draft_close() follow always. */
enum err json_job_open(struct json_job *job, const char *text, size_t len, struct draft *draft,
                       const struct intake_config *config, struct findings *findings);
void json_job_close(struct json_job *job);
/* Hands at most `most` rows to the draft, fewer when its page is full; *done: all are through.
 */
enum err json_job_rows(struct json_job *job, struct draft *draft, size_t most, bool *done);

#endif
