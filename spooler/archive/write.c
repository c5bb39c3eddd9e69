/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/archive/write.h"

#include "spooler/archive/check.h"
#include "spooler/archive/parts.h"
#include "spooler/base/fault.h"
#include "spooler/job/rows.h"
#include "spooler/ledger/checkpoint.h"
#include "spooler/ledger/identity.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/notary.h"
#include "spooler/ledger/tree.h"
#include "templates/template.h"

#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One file being written. */
struct writing {
    struct txn *txn; /* the store's snapshot */
    struct txn *out; /* the file */
    const struct archive_config *config;
    const struct archive *archive;
    struct job job;            /* at hand */
    struct template *template; /* of it; the one before may serve again */
    struct buf text;
    int64_t events;
    uint64_t size; /* of the ledger in this snapshot */
    struct sha256_ctx leaves;
};

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* ---- tables that are alike here and there --------------------------------------------------
 */

/* What the store learns to know of a row goes into `more`, as json_object ('name', column, ...)
 * in the place of NULL: the file's tables stay as they are. */
static const struct {
    const char *select, *insert;
} copies[] = {
    {"SELECT DISTINCT t.hash, t.name, t.body FROM job AS j"
     " JOIN template AS t ON t.hash = j.template_hash WHERE j.archive_id = ?1",
     "INSERT INTO template VALUES (?1, ?2, ?3)"},
    {"SELECT id, state, template_name, template_hash, printer, quantity, pieces, close_at,"
     " on_doubt, caller, person, reference, accepted_ms, utc_offset_min, sample, replaces,"
     " replaces_label, NULL FROM job WHERE archive_id = ?1 ORDER BY id",
     "INSERT INTO job VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
     " ?16, ?17, ?18)"},
    {"SELECT s.job_id, s.newest, s.first, s.last, s.attempt, s.state FROM job AS j"
     " JOIN span AS s ON s.job_id = j.id WHERE j.archive_id = ?1 ORDER BY j.id",
     "INSERT INTO span VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
    {"SELECT c.id, c.job_id, c.attempt, c.first, c.last, c.printer, c.impressions, c.confirmed,"
     " c.state, c.epoch, c.sent_ms, c.settled_ms, c.sending_seq, c.reprint_id,"
     " iif (c.device IS NULL, NULL, json_object ('device', c.device)) FROM job AS j JOIN chunk "
     "AS c ON c.job_id = j.id WHERE j.archive_id = ?1 ORDER BY j.id",
     "INSERT INTO chunk VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
     "?15)"},
    {"SELECT r.id, r.job_id, r.first, r.last, r.state, r.printer, r.reason, r.words, r.person,"
     " r.approver, r.ordered_ms, json_object ('verdict', r.verdict, 'ended', r.ended,"
     "  'new_fields', r.new_fields, 'caller', r.caller, 'by_job', r.by_job)"
     " FROM job AS j JOIN reprint AS r ON r.job_id = j.id WHERE j.archive_id = ?1 ORDER BY "
     "j.id",
     "INSERT INTO reprint VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"},
};

static enum err copy_tables(struct writing *writing, struct why *why)
{
    enum err err = ERR_NONE;
    int64_t rows = 0;
    for (size_t i = 0; !err && i < sizeof copies / sizeof copies[0]; i++)
        err = sql_copy(writing->txn, copies[i].select, writing->archive->id, writing->out,
                       copies[i].insert, &rows, why);
    return err;
}

/* ---- data and numbers, written out ---------------------------------------------------------
 */

static const char *field_name(const struct writing *writing, size_t index)
{
    return index < template_field_count(writing->template)
               ? template_field(writing->template, index)->name
               : "?";
}

static enum err write_row(void *arg, const struct row_view *row, struct why *why)
{
    struct writing *writing = arg;
    json_t *json = json_object();
    char *text = NULL;
    bool bad = !json;
    for (size_t i = 0; !bad && i < row->count; i++)
        bad = row->values[i] && json_object_set_new(json, field_name(writing, i),
                                                    json_string(row->values[i])) != 0;
    if (!bad)
        text = json_dumps(json, JSON_COMPACT);
    enum err err =
        text ? sql_run(writing->out, why, "INSERT INTO data VALUES (?1, ?2, ?3, ?4)", "iiit",
                       writing->job.id, (int64_t)row->first, (int64_t)row->last, text)
             : no_memory(why);
    free(text);
    json_decref(json);
    return err;
}

static enum err write_number(struct writing *writing, const struct scope_ref *scope,
                             size_t field, uint64_t label, uint64_t counter, struct why *why)
{
    char number[NUMBER_MAX];
    enum err err = archive_stopping(writing->config->stop, why);
    if (!err)
        err = registry_number(scope, counter, number, why);
    if (err)
        return err;
    struct identity identity = {scope->series, scope->scope, number};
    buf_reset(&writing->text);
    identity_leaf(&identity, writing->config->blinding_key, &writing->text);
    if (buf_err(&writing->text))
        return no_memory(why);
    return sql_run(writing->out, why, "INSERT INTO number VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                   "iiittb", writing->job.id, (int64_t)label, (int64_t)field,
                   field_name(writing, field), number,
                   (const void *)(writing->text.bytes + writing->text.len - BLINDING_BYTES),
                   (size_t)BLINDING_BYTES);
}

static enum err write_segment(void *arg, const struct segment *segment, struct why *why)
{
    struct writing *writing = arg;
    struct scope_ref scope;
    enum err err =
        registry_scope(writing->txn, writing->config->registry, segment->scope_id, &scope, why);
    if (!err)
        err = sql_run(writing->out, why,
                      "INSERT INTO segment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", "itiittii",
                      writing->job.id, field_name(writing, segment->field),
                      (int64_t)segment->first, (int64_t)segment->last, scope.series,
                      scope.scope, (int64_t)scope.generation, (int64_t)segment->range_first);
    for (uint64_t label = segment->first; !err && label <= segment->last; label++)
        err = write_number(writing, &scope, segment->field, label,
                           segment->range_first + (label - segment->first), why);
    return err;
}

static enum err load_template(struct writing *writing, struct why *why)
{
    struct findings findings;
    struct buf body = BUF_INIT(TEMPLATE_MAX_BODY);
    if (writing->template &&
        memcmp(template_hash(writing->template), writing->job.template_hash, SHA256_BYTES) == 0)
        return ERR_NONE;
    template_free(writing->template);
    writing->template = NULL;
    findings_init(&findings);
    enum err err = job_template(writing->txn, writing->job.template_hash, &body, why);
    if (!err && template_restore(body.bytes, body.len, "kept", &writing->template, &findings))
        err = err_set(why, ERR_CORRUPT, "the kept template of job %lld no longer loads",
                      (long long)writing->job.id);
    findings_clear(&findings);
    buf_free(&body);
    return err;
}

static enum err write_job(struct writing *writing, int64_t id, struct why *why)
{
    enum err err = job_get(writing->txn, id, &writing->job, why);
    if (!err)
        err = load_template(writing, why);
    if (!err)
        err = rows_each(writing->txn, id, template_field_count(writing->template), 1,
                        writing->job.quantity, write_row, writing, why);
    if (!err)
        err = job_segments(writing->txn, id, 1, writing->job.quantity, write_segment, writing,
                           why);
    return err;
}

/* Calls `fn` for each job of the archive. */
static enum err each_job(struct writing *writing,
                         enum err (*fn)(struct writing *writing, int64_t id, struct why *why),
                         struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(writing->txn, &rows, why,
                             "SELECT id FROM job WHERE archive_id = ?1 ORDER BY id", "i",
                             writing->archive->id);
    while (!err && !(err = rows_next(rows, &have, why)) && have)
        err = fn(writing, rows_int(rows, 0), why);
    rows_end(rows);
    return err;
}

/* ---- events, and what stands for the others ------------------------------------------------
 */

/* Leaves from..end-1 (by index) are of events that stay: the largest complete subtrees. */
static enum err write_others(struct writing *writing, uint64_t from, uint64_t end,
                             struct why *why)
{
    enum err err = ERR_NONE;
    while (!err && from < end) {
        uint8_t hash[SHA256_BYTES];
        unsigned level = from ? (unsigned)__builtin_ctzll(from) : 62;
        while (from + (UINT64_C(1) << level) > end)
            level--;
        err = tree_subtree(writing->txn, level, from >> level, hash, why);
        if (!err)
            err = sql_run(writing->out, why, "INSERT INTO subtree VALUES (?1, ?2, ?3)", "iib",
                          (int64_t)level, (int64_t)(from >> level), (const void *)hash,
                          sizeof hash);
        from += UINT64_C(1) << level;
    }
    return err;
}

static enum err write_event(struct writing *writing, struct rows *rows, struct why *why)
{
    uint8_t leaf[SHA256_BYTES];
    char hex[SHA256_HEX], line[SHA256_HEX + 24];
    size_t len = 0;
    const void *body = rows_blob(rows, 2, &len);
    merkle_leaf_hash(body, len, leaf);
    int line_len = snprintf(line, sizeof line, "%" PRId64 " %s\n", rows_int(rows, 0),
                            hex_text(leaf, sizeof leaf, hex));
    sha256_update(&writing->leaves, (size_t)line_len, (const uint8_t *)line);
    writing->events++;
    return sql_run(writing->out, why, "INSERT INTO event VALUES (?1, ?2, ?3, ?4)", "iibb",
                   rows_int(rows, 0), rows_int(rows, 1), body, len, (const void *)leaf,
                   sizeof leaf);
}

static enum err write_events(struct writing *writing, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    uint64_t next = 0;
    sha256_init(&writing->leaves);
    enum err err =
        sql_query(writing->txn, &rows, why,
                  "SELECT e.seq, j.id, e.body FROM event AS e JOIN job AS j"
                  " ON j.id = CASE WHEN json_valid (CAST (e.body AS TEXT))"
                  "  THEN json_extract (CAST (e.body AS TEXT), '$.job') END"
                  " WHERE e.archive_id IS NULL AND length (e.body) > 0 AND +j.archive_id = ?1"
                  " ORDER BY e.seq",
                  "i", writing->archive->id);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        uint64_t index = (uint64_t)rows_int(rows, 0) - 1;
        err = write_others(writing, next, index, why);
        if (!err)
            err = write_event(writing, rows, why);
        next = index + 1;
    }
    rows_end(rows);
    return err ? err : write_others(writing, next, writing->size, why);
}

/* ---- what is said of the file --------------------------------------------------------------
 */

static const char about[] =
    "Closed jobs of a Tem label spooler, with the ledger events of each. Check: tem archive "
    "verify FILE --key VKEY; or by hand: docs/administrator.md, \"Archive\". Times are UTC "
    "milliseconds. Table number has the numbers as printed; span the state of labels (newest = "
    "1: the last); data what was given for them; event the exact bytes under the signed "
    "checkpoint in note.";

static enum err put_meta(struct writing *writing, const char *key, const char *value,
                         struct why *why)
{
    return sql_run(writing->out, why, "INSERT INTO meta VALUES (?1, ?2)", "tt", key, value);
}

static enum err put_meta_number(struct writing *writing, const char *key, int64_t value,
                                struct why *why)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    return put_meta(writing, key, text, why);
}

static enum err write_meta(struct writing *writing, struct why *why)
{
    const struct archive_config *config = writing->config;
    const struct archive *archive = writing->archive;
    char at[CLOCK_ISO_SIZE];
    const struct {
        const char *key, *text;
        int64_t number;
    } rows[] = {
        {"about", about, 0},
        {"format", "tem-archive/1", 0},
        {"store", store_id(config->store), 0},
        {"origin", config->signer->key.name, 0},
        {"made_at", clock_iso(archive->made_ms, at), 0},
        {"person", archive->person, 0},
        {"version", config->version ? config->version : "", 0},
        {"archive", NULL, archive->id},
        {"jobs", NULL, archive->jobs},
        {"labels", NULL, archive->labels},
        {"events", NULL, writing->events},
        {"ledger_size", NULL, (int64_t)writing->size},
    };
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < sizeof rows / sizeof rows[0]; i++)
        err = rows[i].text ? put_meta(writing, rows[i].key, rows[i].text, why)
                           : put_meta_number(writing, rows[i].key, rows[i].number, why);
    return err;
}

static enum err write_digest(struct writing *writing, int64_t job_id, bool whole,
                             struct why *why)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < archive_part_count; i++) {
        const struct archive_part *part = &archive_parts[i];
        uint8_t hash[SHA256_BYTES];
        int64_t lines = 0;
        if (part->whole != whole)
            continue;
        err = archive_part_digest(writing->out, part, job_id, &lines, hash, why);
        if (!err)
            err = sql_run(writing->out, why, "INSERT INTO digest VALUES (?1, ?2, ?3, ?4)",
                          "itib", job_id, part->name, lines, (const void *)hash, sizeof hash);
    }
    return err;
}

static enum err write_job_digest(struct writing *writing, int64_t id, struct why *why)
{
    return write_digest(writing, id, false, why);
}

static enum err put_note(struct writing *writing, const char *kind, const struct buf *note,
                         struct why *why)
{
    if (buf_err(note))
        return no_memory(why);
    return sql_run(writing->out, why, "INSERT INTO note VALUES (?1, ?2)", "tt", kind,
                   buf_text(note));
}

static enum err write_manifest(struct writing *writing, struct why *why)
{
    uint8_t digest[SHA256_BYTES];
    struct buf text = BUF_INIT(4096), note = BUF_INIT(NOTE_MAX);
    const struct archive *archive = writing->archive;
    struct archive_manifest manifest = {writing->config->signer->key.name,
                                        archive->id,
                                        archive->jobs,
                                        archive->labels,
                                        writing->events,
                                        digest};
    enum err err = archive_digest(writing->out, digest, why);
    if (!err) {
        archive_manifest_text(&manifest, &text);
        note_sign(writing->config->signer, buf_text(&text), text.len, &note);
        err = put_note(writing, "manifest", &note, why);
    }
    buf_free(&text);
    buf_free(&note);
    return err;
}

static enum err write_checkpoint(struct writing *writing, struct why *why)
{
    struct buf note = BUF_INIT(CHECKPOINT_MAX);
    enum err err =
        notary_sign(writing->txn, writing->config->signer, &note, &writing->size, why);
    if (!err)
        err = put_note(writing, "checkpoint", &note, why);
    buf_free(&note);
    return err;
}

enum err archive_write(struct txn *txn, const struct archive_config *config,
                       const struct archive *archive, struct side *side, int64_t *events,
                       uint8_t leaves[static SHA256_BYTES], struct why *why)
{
    struct writing writing = {.txn = txn,
                              .out = side_txn(side),
                              .config = config,
                              .archive = archive,
                              .text = BUF_INIT(4096)};
    enum err err = write_checkpoint(&writing, why);
    if (!err)
        err = copy_tables(&writing, why);
    if (!err)
        err = each_job(&writing, write_job, why);
    fault_point("archive.write.half");
    if (!err)
        err = write_events(&writing, why);
    if (!err)
        err = write_meta(&writing, why);
    if (!err)
        err = write_digest(&writing, 0, true, why);
    if (!err)
        err = each_job(&writing, write_job_digest, why);
    if (!err)
        err = write_manifest(&writing, why);
    template_free(writing.template);
    buf_free(&writing.text);
    if (!err) {
        *events = writing.events;
        sha256_digest(&writing.leaves, SHA256_BYTES, leaves);
    }
    return err;
}
