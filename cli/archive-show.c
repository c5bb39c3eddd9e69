/* SPDX-License-Identifier: Apache-2.0 */
/* archive-show.c: what an archive knows, for people; with --json all of it. */
#include "cli/archive.h"
#include "cli/job-view.h"
#include "cli/report.h"
#include "cli/text.h"
#include "spooler/archive/archive.h"

#include <inttypes.h>
#include <stdlib.h>

#define ANSWER_MAX (256 * 1024 * 1024)

static void add(struct buf *out, const char *before, const char *text)
{
    if (!*text)
        return;
    buf_add_text(out, before);
    text_clean(text, out);
}

/* "name=value" or "name 5" of each member. */
static void add_members(struct buf *out, const json_t *object, const char *before)
{
    json_t *members = (json_t *)(uintptr_t)object, *value; /* only read */
    const char *key;
    json_object_foreach(members, key, value)
    {
        add(out, before, key);
        if (json_is_string(value))
            add(out, "=", json_string_value(value));
        else
            buf_printf(out, " %" JSON_INTEGER_FORMAT, json_integer_value(value));
    }
}

static void add_events(struct buf *out, const json_t *document)
{
    size_t i;
    const json_t *event;
    json_array_foreach(json_object_get(document, "events"), i, event)
    {
        buf_printf(out, "  event %" PRIu64, json_count(event, "seq"));
        add(out, "  ", json_text(event, "at"));
        add(out, "  ", json_text(event, "type"));
        add(out, ", by ", json_text(event, "by"));
        buf_add_byte(out, '\n');
    }
}

static void add_label(struct buf *out, const json_t *label, const char *number)
{
    size_t i;
    const json_t *row, *newest = json_array_get(json_object_get(label, "attempts"), 0);
    add(out, "", number);
    add(out, ": ", job_view_words(json_text(newest, "state")));
    buf_printf(out, "\n  label %" PRIu64 " of job %" PRIu64, json_count(label, "label"),
               json_count(label, "job"));
    if (json_count(newest, "attempt") > 1)
        buf_printf(out, ", attempt %" PRIu64, json_count(newest, "attempt"));
    json_array_foreach(json_object_get(label, "numbers"), i, row)
    {
        add(out, "\n  series ", json_text(row, "series"));
        add(out, ", scope ", json_text(row, "scope"));
    }
    add_members(out, json_object_get(label, "fields"), "\n  ");
    buf_add_byte(out, '\n');
    add_events(out, label);
}

static void add_labels(struct buf *out, const json_t *document)
{
    size_t i;
    const json_t *label;
    json_array_foreach(json_object_get(document, "labels"), i, label)
        add_label(out, label, json_text(document, "number"));
}

static void add_job(struct buf *out, const json_t *document)
{
    const json_t *job = json_object_get(document, "job"), *row;
    size_t i;
    buf_printf(out, "job %" PRIu64, json_count(job, "job"));
    add(out, ": ", json_text(job, "state"));
    buf_printf(out, ", %" PRIu64 " labels", json_count(job, "quantity"));
    add(out, " of ", json_text(job, "template"));
    add(out, ", printer ", json_text(job, "printer"));
    add(out, "\n  accepted ", json_text(job, "accepted_at"));
    add(out, ", reference ", json_text(job, "reference"));
    add_members(out, json_object_get(document, "counts"), "\n  ");
    json_array_foreach(json_object_get(document, "ranges"), i, row)
    {
        buf_printf(out, "\n  labels %" PRIu64 " to %" PRIu64, json_count(row, "first"),
                   json_count(row, "last"));
        add(out, ": ", json_text(row, "series"));
        add(out, " ", json_text(row, "first_number"));
        add(out, " to ", json_text(row, "last_number"));
    }
    json_array_foreach(json_object_get(document, "data"), i, row)
    {
        buf_printf(out, "\n  labels %" PRIu64 " to %" PRIu64 ":", json_count(row, "first"),
                   json_count(row, "last"));
        add_members(out, json_object_get(row, "fields"), " ");
    }
    buf_add_byte(out, '\n');
    add_events(out, document);
}

static void add_file(struct buf *out, const json_t *document)
{
    const json_t *meta = json_object_get(document, "meta"), *job;
    size_t i;
    add(out, "archive ", json_text(meta, "archive"));
    add(out, " of ", json_text(meta, "origin"));
    add(out, ", made ", json_text(meta, "made_at"));
    add(out, " by ", json_text(meta, "person"));
    buf_add_byte(out, '\n');
    json_array_foreach(json_object_get(document, "jobs"), i, job)
    {
        buf_printf(out, "  job %" PRIu64, json_count(job, "job"));
        add(out, "  ", json_text(job, "accepted_at"));
        add(out, "  ", json_text(job, "state"));
        buf_printf(out, "  %" PRIu64 " labels", json_count(job, "quantity"));
        add(out, " of ", json_text(job, "template"));
        add(out, "  ", json_text(job, "reference"));
        buf_add_byte(out, '\n');
    }
}

static void add_json(struct buf *out, const json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    buf_add_text(out, text ? text : "");
    buf_add_byte(out, '\n');
    free(text);
}

enum code archive_show_file(struct tem *tem, const char *file)
{
    const char *number = args_get(&tem->args, "label"), *job = args_get(&tem->args, "job");
    struct buf out = BUF_INIT(ANSWER_MAX);
    struct why why = {""};
    int64_t id = 0;
    json_t *json = NULL;
    if (number && job)
        return tem_usage(tem, "--job or --label, not both");
    if (job && !tem_job_id(tem, job, &id))
        return CODE_USAGE;
    enum err err = archive_show(file, id, number, &json, &why);
    if (err)
        return tem_fail_err(tem, err, &why);
    (tem->json ? add_json : number ? add_labels : job ? add_job : add_file)(&out, json);
    json_decref(json);
    bool bad = buf_err(&out) || fputs(buf_text(&out), tem->out.stream) == EOF;
    buf_free(&out);
    return bad ? tem_fail(tem, CODE_INTERNAL, "the answer cannot be written") : CODE_DONE;
}
