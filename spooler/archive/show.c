/* SPDX-License-Identifier: Apache-2.0 */
/* show.c: what a file answers: of itself, of a job, of a number. SQLite makes the JSON. */
#include "spooler/archive/archive.h"

#include "spooler/archive/parts.h"
#include "spooler/store/side.h"

/* One list of a document: a SELECT of JSON texts; ?1 = job, ?2 = label. */
struct list {
    const char *key, *sql;
    bool single; /* the first row alone, not a list */
};

static const struct list file_lists[] = {
    {"meta", "SELECT json_group_object (key, value) FROM meta WHERE ?1 = ?1 AND ?2 = ?2", true},
    {"jobs",
     "SELECT json_object ('job', job, 'state', state, 'template', template, 'quantity', "
     "quantity,"
     " 'reference', reference, 'accepted_at', strftime ('%Y-%m-%dT%H:%M:%SZ',"
     " accepted_ms / 1000, 'unixepoch')) FROM job WHERE ?1 = ?1 AND ?2 = ?2 ORDER BY job",
     false},
};

static const struct list job_lists[] = {
    {"job",
     "SELECT json_object ('job', job, 'state', state, 'template', template, 'template_hash',"
     " lower (hex (template_hash)), 'printer', printer, 'quantity', quantity, 'pieces', pieces,"
     " 'close', close_at, 'on_doubt', on_doubt, 'caller', caller, 'person', person, "
     "'reference',"
     " reference, 'accepted_at', strftime ('%Y-%m-%dT%H:%M:%SZ', accepted_ms / 1000,"
     " 'unixepoch'), 'sample', json (iif (sample, 'true', 'false')), 'replaces', replaces,"
     " 'replaces_label', replaces_label, 'more', json (more)) FROM job WHERE job = ?1 AND ?2 = "
     "?2",
     true},
    {"counts",
     "SELECT json_group_object (state, labels) FROM (SELECT state, sum (last - first + 1)"
     " AS labels FROM span WHERE job = ?1 AND ?2 = ?2 AND newest = 1 GROUP BY state)",
     true},
    {"spans",
     "SELECT json_object ('first', first, 'last', last, 'attempt', attempt, 'state', state,"
     " 'newest', json (iif (newest, 'true', 'false'))) FROM span WHERE job = ?1 AND ?2 = ?2"
     " ORDER BY newest DESC, first, attempt",
     false},
    {"ranges",
     "SELECT json_object ('field', s.field, 'series', s.series, 'scope', s.scope, 'first',"
     " s.first, 'last', s.last, 'first_number', a.number, 'last_number', b.number)"
     " FROM segment AS s JOIN number AS a ON a.job = s.job AND a.field = s.field"
     "  AND a.label = s.first JOIN number AS b ON b.job = s.job AND b.field = s.field"
     "  AND b.label = s.last WHERE s.job = ?1 AND ?2 = ?2 ORDER BY s.field, s.first",
     false},
    {"data",
     "SELECT json_object ('first', first, 'last', last, 'fields', json (fields)) FROM data"
     " WHERE job = ?1 AND ?2 = ?2 ORDER BY first",
     false},
    {"chunks",
     "SELECT json_object ('chunk', chunk, 'attempt', attempt, 'first', first, 'last', last,"
     " 'printer', printer, 'confirmed', confirmed, 'state', state, 'sending_seq', sending_seq, "
     "'more', json (more))"
     " FROM chunk WHERE job = ?1 AND ?2 = ?2 ORDER BY chunk",
     false},
    {"reprints",
     "SELECT json_object ('reprint', reprint, 'first', first, 'last', last, 'state', state,"
     " 'reason', reason, 'words', words, 'person', person, 'approver', approver, 'more', json "
     "(more)) FROM reprint"
     " WHERE job = ?1 AND ?2 = ?2 ORDER BY reprint",
     false},
    {"events", "SELECT CAST (body AS TEXT) FROM event WHERE job = ?1 AND ?2 = ?2 ORDER BY seq",
     false},
};

static const struct list label_lists[] = {
    {"numbers",
     "SELECT json_object ('field', n.field, 'number', n.number, 'series', s.series, 'scope',"
     " s.scope) FROM number AS n JOIN segment AS s ON s.job = n.job AND s.field = n.field"
     "  AND n.label BETWEEN s.first AND s.last WHERE n.job = ?1 AND n.label = ?2"
     " ORDER BY n.place",
     false},
    {"attempts",
     "SELECT json_object ('attempt', attempt, 'state', state, 'newest',"
     " json (iif (newest, 'true', 'false'))) FROM span WHERE job = ?1"
     " AND ?2 BETWEEN first AND last ORDER BY attempt DESC",
     false},
    {"fields", "SELECT fields FROM data WHERE job = ?1 AND ?2 BETWEEN first AND last", true},
    {"events",
     "SELECT CAST (e.body AS TEXT) FROM event AS e WHERE e.job = ?1 AND (NOT EXISTS (SELECT 1"
     "  FROM json_each (CAST (e.body AS TEXT), '$.changes')) OR EXISTS (SELECT 1"
     "  FROM json_each (CAST (e.body AS TEXT), '$.changes')"
     "  WHERE ?2 BETWEEN json_extract (value, '$.first') AND json_extract (value, '$.last')))"
     " ORDER BY e.seq",
     false},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err put_list(struct txn *txn, const struct list *list, int64_t job_id,
                         int64_t label, json_t *document, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    json_t *all = json_array();
    enum err err = sql_query(txn, &rows, why, list->sql, "ii", job_id, label);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        const char *text = rows_text(rows, 0);
        json_t *one = json_loads(text ? text : "", JSON_DECODE_ANY, NULL);
        if (!one)
            err = err_set(why, ERR_CORRUPT, "a row for \"%s\" is no JSON", list->key);
        else if (json_array_append_new(all, one) != 0)
            err = no_memory(why);
    }
    rows_end(rows);
    if (!err &&
        json_object_set(document, list->key, list->single ? json_array_get(all, 0) : all) != 0)
        err = list->single && json_array_size(all) == 0
                  ? err_set(why, ERR_NOT_FOUND, "job %lld is not in this archive",
                            (long long)job_id)
                  : no_memory(why);
    json_decref(all);
    return err;
}

static enum err put_lists(struct txn *txn, const struct list *lists, size_t count,
                          int64_t job_id, int64_t label, json_t **out, struct why *why)
{
    json_t *document = json_object();
    enum err err = document ? ERR_NONE : no_memory(why);
    for (size_t i = 0; !err && i < count; i++)
        err = put_list(txn, &lists[i], job_id, label, document, why);
    if (err)
        json_decref(document);
    else
        *out = document;
    return err;
}

static enum err add_label(struct txn *txn, int64_t job_id, int64_t label, json_t *labels,
                          struct why *why)
{
    json_t *one = NULL;
    enum err err = put_lists(txn, label_lists, COUNT(label_lists), job_id, label, &one, why);
    if (!err && (json_object_set_new(one, "job", json_integer(job_id)) != 0 ||
                 json_object_set_new(one, "label", json_integer(label)) != 0 ||
                 json_array_append(labels, one) != 0))
        err = no_memory(why);
    json_decref(one);
    return err;
}

/* A number may be that of several scopes: all of them. */
static enum err show_number(struct txn *txn, const char *number, json_t **out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    json_t *labels = json_array();
    enum err err = sql_query(txn, &rows, why,
                             "SELECT DISTINCT job, label FROM number WHERE number = ?1"
                             " ORDER BY job, label LIMIT 100",
                             "t", number);
    while (!err && !(err = rows_next(rows, &have, why)) && have)
        err = add_label(txn, rows_int(rows, 0), rows_int(rows, 1), labels, why);
    rows_end(rows);
    if (!err && json_array_size(labels) == 0)
        err = err_set(why, ERR_NOT_FOUND, "number \"%s\" is not in this archive", number);
    json_t *document = err ? NULL : json_pack("{ss sO}", "number", number, "labels", labels);
    json_decref(labels);
    if (!err && !document)
        err = no_memory(why);
    if (!err)
        *out = document;
    return err;
}

enum err archive_show(const char *path, int64_t job_id, const char *number, json_t **out,
                      struct why *why)
{
    struct side *side = NULL;
    enum err err = side_open(path, archive_schema, &side, why);
    if (err)
        return err;
    if (number)
        err = show_number(side_txn(side), number, out, why);
    else if (job_id)
        err = put_lists(side_txn(side), job_lists, COUNT(job_lists), job_id, 0, out, why);
    else
        err = put_lists(side_txn(side), file_lists, COUNT(file_lists), 0, 0, out, why);
    side_close(side);
    return err;
}
