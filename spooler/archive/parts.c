/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/archive/parts.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

/* Times are UTC milliseconds, labels count from 1 in their job, as in the store. Names are
 * written out: whoever reads this has neither the store nor the configuration. `more` is JSON,
 * of what later versions of Tem know of a row: the tables stay as they are. */
const char archive_schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    /* checkpoint: of the ledger; manifest: over all that is in this file */
    "CREATE TABLE note (kind TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE digest (job INTEGER NOT NULL, part TEXT NOT NULL, lines INTEGER NOT NULL,"
    "  sha256 BLOB NOT NULL, PRIMARY KEY (job, part)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE template (hash BLOB PRIMARY KEY, name TEXT NOT NULL, body BLOB NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE TABLE job (job INTEGER PRIMARY KEY, state TEXT NOT NULL, template TEXT NOT NULL,"
    "  template_hash BLOB NOT NULL, printer TEXT NOT NULL, quantity INTEGER NOT NULL,"
    "  pieces INTEGER NOT NULL, close_at TEXT NOT NULL, on_doubt TEXT NOT NULL,"
    "  caller TEXT NOT NULL, person TEXT, reference TEXT, accepted_ms INTEGER NOT NULL,"
    "  utc_offset_min INTEGER NOT NULL, sample INTEGER NOT NULL, replaces INTEGER,"
    "  replaces_label INTEGER, more TEXT) STRICT;"
    /* fields: JSON, what was given for labels first..last */
    "CREATE TABLE data (job INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    "  fields TEXT NOT NULL, PRIMARY KEY (job, first)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE segment (job INTEGER NOT NULL, field TEXT NOT NULL, first INTEGER NOT NULL,"
    "  last INTEGER NOT NULL, series TEXT NOT NULL, scope TEXT NOT NULL,"
    "  generation INTEGER NOT NULL, range_first INTEGER NOT NULL,"
    "  PRIMARY KEY (job, field, first)) STRICT, WITHOUT ROWID;"
    /* place = which field of the template; blinding: docs/ledger.md, "Prove one label" */
    "CREATE TABLE number (job INTEGER NOT NULL, label INTEGER NOT NULL, place INTEGER NOT NULL,"
    "  field TEXT NOT NULL, number TEXT NOT NULL, blinding BLOB NOT NULL,"
    "  PRIMARY KEY (job, label, place))"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX number_number ON number (number);"
    "CREATE TABLE span (job INTEGER NOT NULL, newest INTEGER NOT NULL, first INTEGER NOT NULL,"
    "  last INTEGER NOT NULL, attempt INTEGER NOT NULL, state TEXT NOT NULL,"
    "  PRIMARY KEY (job, newest, first, attempt)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE chunk (chunk INTEGER PRIMARY KEY, job INTEGER NOT NULL,"
    "  attempt INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    "  printer TEXT NOT NULL, impressions INTEGER NOT NULL, confirmed INTEGER NOT NULL,"
    "  state TEXT NOT NULL, epoch INTEGER NOT NULL, sent_ms INTEGER NOT NULL,"
    "  settled_ms INTEGER, sending_seq INTEGER, reprint INTEGER, more TEXT) STRICT;"
    "CREATE INDEX chunk_job ON chunk (job, chunk);"
    "CREATE TABLE reprint (reprint INTEGER PRIMARY KEY, job INTEGER NOT NULL,"
    "  first INTEGER NOT NULL, last INTEGER NOT NULL, state TEXT NOT NULL,"
    "  printer TEXT NOT NULL, reason TEXT NOT NULL, words TEXT, person TEXT NOT NULL,"
    "  approver TEXT, ordered_ms INTEGER NOT NULL, more TEXT) STRICT;"
    "CREATE INDEX reprint_job ON reprint (job, reprint);"
    /* body: the exact bytes that were hashed */
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, job INTEGER NOT NULL, body BLOB NOT NULL,"
    "  leaf BLOB NOT NULL) STRICT;"
    "CREATE INDEX event_job ON event (job, seq);"
    /* roots of the largest complete subtrees of the ledger in which no event of this file is */
    "CREATE TABLE subtree (level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL,"
    "  PRIMARY KEY (level, place)) STRICT, WITHOUT ROWID;";

#define N(column) "quote (" column ")"
#define T(column) "quote (CAST (" column " AS BLOB))"
#define C         " || ',' || "

const struct archive_part archive_parts[] = {
    {"meta", "SELECT " T("key") C T("value") " FROM meta WHERE ?1 = 0 ORDER BY key",
     "SELECT count(*) FROM meta", true},
    {"template",
     "SELECT " N("hash") C T("name") C N("body") " FROM template WHERE ?1 = 0 ORDER BY hash",
     "SELECT count(*) FROM template", true},
    {"subtree",
     "SELECT " N("level") C N("place") C N("hash") " FROM subtree WHERE ?1 = 0"
                                                   " ORDER BY level, place",
     "SELECT count(*) FROM subtree", true},
    {"job",
     "SELECT " N("job") C T("state") C T("template") C N("template_hash") C T("printer") C N(
         "quantity") C N("pieces") C T("close_at") C T("on_doubt") C T("caller") C T("person")
         C T("reference") C N("accepted_ms") C N("utc_offset_min") C N("sample") C N("replaces")
             C N("replaces_label") C T("more") " FROM job WHERE job = ?1",
     "SELECT count(*) FROM job", false},
    {"data",
     "SELECT " N("job") C N("first") C N("last") C T("fields") " FROM data WHERE job = ?1"
                                                               " ORDER BY first",
     "SELECT count(*) FROM data", false},
    {"segment",
     "SELECT " N("job") C T("field") C N("first") C N("last") C T("series") C T("scope") C N(
         "generation") C N("range_first") " FROM segment WHERE job = ?1 ORDER BY field, first",
     "SELECT count(*) FROM segment", false},
    {"number",
     "SELECT " N("job") C N("label") C N("place") C T("field") C T("number")
         C N("blinding") " FROM number WHERE job = ?1 ORDER BY label, place",
     "SELECT count(*) FROM number", false},
    {"span",
     "SELECT " N("job") C N("newest") C N("first") C N("last") C N("attempt")
         C T("state") " FROM span WHERE job = ?1 ORDER BY newest, first, attempt",
     "SELECT count(*) FROM span", false},
    {"chunk",
     "SELECT " N("chunk") C N("job") C N("attempt") C N("first") C N("last") C T("printer")
         C N("impressions") C N("confirmed") C T("state") C N("epoch") C N("sent_ms")
             C N("settled_ms") C N("sending_seq") C N("reprint")
                 C T("more") " FROM chunk WHERE job = ?1 ORDER BY chunk",
     "SELECT count(*) FROM chunk", false},
    {"reprint",
     "SELECT " N("reprint") C N("job") C N("first") C N("last") C T("state") C T("printer")
         C T("reason") C T("words") C T("person") C T("approver") C N("ordered_ms")
             C T("more") " FROM reprint WHERE job = ?1 ORDER BY reprint",
     "SELECT count(*) FROM reprint", false},
    {"event",
     "SELECT " N("seq") C N("job") C N("body") C N("leaf") " FROM event WHERE job = ?1"
                                                           " ORDER BY seq",
     "SELECT count(*) FROM event", false},
};
const size_t archive_part_count = sizeof archive_parts / sizeof archive_parts[0];

static enum err hash_lines(struct rows *rows, int64_t *count, uint8_t out[static SHA256_BYTES],
                           struct why *why)
{
    struct sha256_ctx hash;
    bool have = false;
    enum err err = ERR_NONE;
    int64_t lines = 0;
    sha256_init(&hash);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        size_t len;
        const void *line = rows_blob(rows, 0, &len);
        sha256_update(&hash, len, line);
        sha256_update(&hash, 1, (const uint8_t *)"\n");
        lines++;
    }
    if (err)
        return err;
    sha256_digest(&hash, SHA256_BYTES, out);
    *count = lines;
    return ERR_NONE;
}

enum err archive_part_digest(struct txn *txn, const struct archive_part *part, int64_t job_id,
                             int64_t *rows, uint8_t out[static SHA256_BYTES], struct why *why)
{
    struct rows *lines = NULL;
    enum err err = sql_query(txn, &lines, why, part->lines, "i", job_id);
    if (!err)
        err = hash_lines(lines, rows, out, why);
    rows_end(lines);
    return err;
}

enum err archive_digest(struct txn *txn, uint8_t out[static SHA256_BYTES], struct why *why)
{
    struct rows *lines = NULL;
    int64_t count;
    enum err err = sql_query(txn, &lines, why,
                             "SELECT " N("job") C T("part") C N("lines")
                                 C N("sha256") " FROM digest ORDER BY job, part",
                             "");
    if (!err)
        err = hash_lines(lines, &count, out, why);
    rows_end(lines);
    return err;
}

enum err archive_meta(struct txn *txn, const char *key, char *out, size_t size, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why, "SELECT value FROM meta WHERE key = ?1", "t", key);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = err_set(why, ERR_NOT_FOUND, "the file does not say its \"%s\"", key);
    if (!err)
        snprintf(out, size, "%s", rows_text(rows, 0));
    rows_end(rows);
    return err;
}

enum err archive_note(struct txn *txn, const char *kind, struct buf *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why, "SELECT body FROM note WHERE kind = ?1", "t", kind);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = err_set(why, ERR_NOT_FOUND, "the %s is missing", kind);
    if (!err)
        buf_add_text(out, rows_text(rows, 0));
    if (!err && buf_err(out))
        err = err_set(why, ERR_CORRUPT, "the %s is too long", kind);
    rows_end(rows);
    return err;
}

void archive_manifest_text(const struct archive_manifest *manifest, struct buf *out)
{
    char hex[SHA256_HEX];
    buf_printf(out,
               "tem-archive/1\n%s\narchive %lld\njobs %lld\nlabels %lld\nevents %lld\n"
               "digest %s\n",
               manifest->origin, (long long)manifest->archive, (long long)manifest->jobs,
               (long long)manifest->labels, (long long)manifest->events,
               hex_text(manifest->digest, SHA256_BYTES, hex));
}
