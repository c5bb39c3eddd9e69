/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.c: see ledger.h. */
#include "spooler/ledger/ledger.h"

#include "spooler/base/json-text.h"
#include "spooler/ledger/tree.h"

#include <assert.h>
#include <string.h>

enum err ledger_size(struct txn *txn, int64_t *out, struct why *why)
{
    /* O(1), and always the table's word: a counter of our own would outlive a rollback */
    return sql_int(txn, out, why, "SELECT coalesce(max(seq), 0) FROM event", "");
}

/* Adds a member that the ledger itself gives; takes `value`. */
static enum err put(json_t *event, const char *key, json_t *value, struct why *why)
{
    if (json_object_set_new(event, key, value) != 0)
        return err_set(why, ERR_NO_MEMORY, "the event's \"%s\" does not fit in memory", key);
    return ERR_NONE;
}

static enum err put_by(json_t *event, const char *by, struct why *why)
{
    if (!by)
        return ERR_NONE;
    json_t *text = json_string(by);
    if (!text)
        return err_set(why, ERR_INPUT, "a person's or caller's name is not UTF-8");
    return put(event, "by", text, why);
}

static enum err put_members(json_t *event, json_t *members, struct why *why)
{
    const char *key;
    json_t *value;
    json_object_foreach(members, key, value)
    {
        assert(!json_object_get(event, key) && strcmp(key, "by") != 0); /* the ledger's own */
        enum err err = put(event, key, json_incref(value), why);
        if (err)
            return err;
    }
    return ERR_NONE;
}

/* The order of the keys is the order of these calls: jansson keeps it. */
static enum err event_make(int64_t seq, int64_t now_ms, const char *type, const char *by,
                           json_t *members, json_t **out, struct why *why)
{
    char at[CLOCK_ISO_SIZE];
    json_t *event = json_object();
    if (!event)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = put(event, "seq", json_integer(seq), why);
    if (!err)
        err = put(event, "at", json_string(clock_iso(now_ms, at)), why);
    if (!err)
        err = put(event, "type", json_string(type), why);
    if (!err)
        err = put_by(event, by, why);
    if (!err)
        err = put_members(event, members, why);
    if (err)
        json_decref(event);
    else
        *out = event;
    return err;
}

static enum err event_store(struct txn *txn, int64_t seq, const json_t *event, struct why *why)
{
    struct buf body = BUF_INIT(LEDGER_BODY_MAX);
    uint8_t leaf[SHA256_BYTES];
    json_text(event, &body);
    enum err err = buf_err(&body);
    if (err == ERR_TOO_LARGE)
        err_set(why, err, "an event of more than %d bytes", LEDGER_BODY_MAX);
    else if (err)
        err_set(why, err, "an event does not fit in memory");
    else {
        merkle_leaf_hash(body.bytes, body.len, leaf);
        err =
            sql_run(txn, why, "INSERT INTO event (seq, body, leaf) VALUES (?1, ?2, ?3)", "ibb",
                    seq, (const void *)body.bytes, body.len, (const void *)leaf, sizeof leaf);
    }
    buf_free(&body);
    return err ? err : tree_append(txn, (uint64_t)seq, why);
}

enum err ledger_append(struct txn *txn, const char *type, const char *by, json_t *members,
                       int64_t *seq, struct why *why)
{
    json_t *event = NULL;
    int64_t size = 0;
    enum err err = ledger_size(txn, &size, why);
    if (!err)
        err = event_make(size + 1, txn_now_ms(txn), type, by, members, &event, why);
    if (!err)
        err = event_store(txn, size + 1, event, why);
    if (!err && seq)
        *seq = size + 1;
    json_decref(event);
    json_decref(members);
    return err;
}

enum err ledger_body(struct txn *txn, int64_t seq, struct buf *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why,
                  "SELECT body, coalesce (archive_id, 0) FROM event WHERE seq = ?1", "i", seq);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = err_set(why, ERR_NOT_FOUND, "the ledger has no event %lld", (long long)seq);
    if (!err && rows_int(rows, 1))
        err = err_set(why, ERR_STATE, "event %lld is in archive %lld: here is only its hash",
                      (long long)seq, (long long)rows_int(rows, 1));
    if (!err) {
        size_t len = 0;
        const void *body = rows_blob(rows, 0, &len);
        buf_add(out, body, len);
        err = buf_err(out);
        if (err)
            err_set(why, err, "event %lld has %zu bytes: %s", (long long)seq, len,
                    err_meaning(err));
    }
    rows_end(rows);
    return err;
}

enum err ledger_each(struct txn *txn, uint64_t first, uint64_t last, ledger_fn *fn, void *arg,
                     struct why *why)
{
    struct rows *rows = NULL;
    bool have = false, more = true;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT seq, CASE WHEN archive_id IS NULL THEN body ELSE"
                             "  CAST ('{\"seq\":' || seq || ',\"archive\":' || archive_id ||"
                             "  ',\"leaf\":\"' || lower (hex (leaf)) || '\"}' AS BLOB) END"
                             " FROM event WHERE seq BETWEEN ?1 AND ?2"
                             " ORDER BY seq",
                             "ii", (int64_t)first, (int64_t)last);
    while (!err && more && !(err = rows_next(rows, &have, why)) && have) {
        size_t len = 0;
        const void *body = rows_blob(rows, 1, &len);
        err = fn(arg, (uint64_t)rows_int(rows, 0), body, len, &more, why);
    }
    rows_end(rows);
    return err;
}
