/* SPDX-License-Identifier: Apache-2.0 */
/* version.c: see version.h. */
#include "spooler/job/version.h"

#include "spooler/ledger/ledger.h"

#include <stdio.h>
#include <string.h>

static enum err take_hash(struct rows *rows, int column, uint8_t out[static SHA256_BYTES],
                          struct why *why)
{
    size_t len;
    const void *hash = rows_blob(rows, column, &len);
    if (!hash || len != SHA256_BYTES)
        return err_set(why, ERR_CORRUPT, "a template is stored with a hash of %zu bytes", len);
    memcpy(out, hash, len);
    return ERR_NONE;
}

enum err version_added_last(struct txn *txn, const char *name, struct version_added *out,
                            struct why *why)
{
    struct rows *rows = NULL;
    struct version_added added;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT hash, seq, added_ms, added_by FROM template_added"
                             " WHERE name = ?1",
                             "t", name);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = ERR_NOT_FOUND;
    if (!err)
        err = take_hash(rows, 0, added.hash, why);
    if (!err) {
        const char *by = rows_text(rows, 3);
        added.seq = rows_int(rows, 1);
        added.added_ms = rows_int(rows, 2);
        snprintf(added.by, sizeof added.by, "%s", by ? by : "");
        *out = added;
    }
    rows_end(rows);
    return err;
}

static enum err append_added(struct txn *txn, const struct version_new *added,
                             struct version_change *change, struct why *why)
{
    char hash[SHA256_HEX], previous[SHA256_HEX];
    json_t *members = json_pack(
        "{ss ss ss*}", "template", added->name, "template_hash",
        hex_text(added->hash, SHA256_BYTES, hash), "previous_hash",
        change->has_previous ? hex_text(change->previous, SHA256_BYTES, previous) : NULL);
    return members ? ledger_append(txn, "template.added", added->by, members, &change->seq, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

enum err version_add(struct txn *txn, const struct version_new *added,
                     struct version_change *out, struct why *why)
{
    struct version_change change = {0};
    struct version_added last;
    enum err err = version_added_last(txn, added->name, &last, why);
    if (!err) {
        change.has_previous = true;
        memcpy(change.previous, last.hash, SHA256_BYTES);
        change.same = memcmp(last.hash, added->hash, SHA256_BYTES) == 0;
        change.seq = last.seq;
    }
    if (err && err != ERR_NOT_FOUND)
        return err;
    if (change.same) {
        *out = change;
        return ERR_NONE;
    }
    err = sql_run(txn, why,
                  "INSERT INTO template (hash, name, body, kept_ms) VALUES (?1, ?2, ?3, ?4)"
                  " ON CONFLICT (hash) DO NOTHING",
                  "btbi", (const void *)added->hash, (size_t)SHA256_BYTES, added->name,
                  added->body, added->len, txn_now_ms(txn));
    if (!err)
        err = append_added(txn, added, &change, why);
    if (!err)
        err = sql_run(txn, why,
                      "INSERT INTO template_added (name, hash, seq, added_ms, added_by)"
                      " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE SET"
                      " hash = ?2, seq = ?3, added_ms = ?4, added_by = ?5",
                      "tbiit", added->name, (const void *)added->hash, (size_t)SHA256_BYTES,
                      change.seq, txn_now_ms(txn), added->by);
    if (!err)
        *out = change;
    return err;
}

enum err version_each_added(struct txn *txn, version_body_fn *fn, void *arg, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             "SELECT a.name, t.body, a.seq FROM template_added AS a"
                             " JOIN template AS t ON t.hash = a.hash ORDER BY a.seq",
                             "");
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        size_t len;
        const void *body = rows_blob(rows, 1, &len);
        err = fn(arg, rows_text(rows, 0), body, len, rows_int(rows, 2), why);
    }
    rows_end(rows);
    return err;
}

/* The count of a popular version stops at its limit, so that looking stays cheap. */
enum err version_list(struct txn *txn, const char *name, const uint8_t *first, size_t limit,
                      version_fn *fn, void *arg, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why,
                  "SELECT hash, kept_ms, (SELECT count(*) FROM (SELECT 1 FROM job"
                  "  WHERE template_hash = t.hash AND accepted_ms IS NOT NULL LIMIT ?3 + 1))"
                  " FROM template AS t WHERE name = ?1"
                  " ORDER BY hash = ?4 DESC, kept_ms DESC, hash LIMIT ?2",
                  "tiib", name, (int64_t)limit, (int64_t)VERSION_JOBS_MAX, (const void *)first,
                  first ? (size_t)SHA256_BYTES : (size_t)0);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct version version = {.kept_ms = rows_int(rows, 1),
                                  .jobs = (uint64_t)rows_int(rows, 2)};
        version.jobs_more = version.jobs > VERSION_JOBS_MAX;
        if (version.jobs_more)
            version.jobs = VERSION_JOBS_MAX;
        err = take_hash(rows, 0, version.hash, why);
        if (!err)
            err = fn(arg, &version, why);
    }
    rows_end(rows);
    return err;
}

/* The lowest and the highest hash that begin with these hex digits. */
static bool hash_bounds(const char *digits, uint8_t low[static SHA256_BYTES],
                        uint8_t high[static SHA256_BYTES])
{
    char text[SHA256_HEX];
    size_t len = strlen(digits);
    if (len == 0 || len >= sizeof text)
        return false;
    memset(text, '0', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text, digits, len);
    if (!hex_parse(text, low, SHA256_BYTES))
        return false;
    memset(text + len, 'f', sizeof text - 1 - len);
    return hex_parse(text, high, SHA256_BYTES);
}

enum err version_find(struct txn *txn, const char *name, const char *digits,
                      uint8_t hash[static SHA256_BYTES], struct buf *body, struct why *why)
{
    struct rows *rows = NULL;
    uint8_t low[SHA256_BYTES], high[SHA256_BYTES];
    bool have = false, more = false;
    if (!hash_bounds(digits, low, high))
        return err_set(why, ERR_INPUT, "\"%s\" is no beginning of a hash", digits);
    enum err err =
        sql_query(txn, &rows, why,
                  "SELECT hash, body FROM template WHERE name = ?1"
                  " AND hash BETWEEN ?2 AND ?3 LIMIT 2",
                  "tbb", name, (const void *)low, sizeof low, (const void *)high, sizeof high);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = ERR_NOT_FOUND;
    if (!err)
        err = take_hash(rows, 0, hash, why);
    if (!err) {
        size_t len;
        const void *bytes = rows_blob(rows, 1, &len);
        buf_add(body, bytes, len);
        err = buf_err(body) ? err_set(why, buf_err(body), "the kept template is too large")
                            : rows_next(rows, &more, why);
    }
    if (!err && more)
        err = err_set(why, ERR_CONFLICT,
                      "several versions of template %s begin with %s: give more digits", name,
                      digits);
    rows_end(rows);
    return err;
}
