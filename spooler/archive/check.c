/* SPDX-License-Identifier: Apache-2.0 */
/* check.c: a file against the signatures in it: what was changed is named. */
#include "spooler/archive/archive.h"

#include "spooler/archive/check.h"
#include "spooler/archive/parts.h"
#include "spooler/base/utf8.h"
#include "spooler/store/side.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void archive_faults_free(struct archive_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        free(faults->words[i]);
    *faults = (struct archive_faults){0};
}

/* A file may come from anybody; its words go to a terminal and into JSON. */
static void clean(char *text)
{
    bool utf8 = utf8_valid(text, strlen(text));
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f || (!utf8 && (unsigned char)*at >= 0x80))
            *at = '?';
}

void archive_fault(struct check *check, const char *format, ...)
{
    struct archive_faults *faults = check->faults;
    char words[512];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    clean(words);
    char *copy = faults->count < ARCHIVE_FAULTS_MAX ? strdup(words) : NULL;
    if (copy)
        faults->words[faults->count++] = copy;
    else
        faults->more++;
}

/* A failure that says something about the file, not about this machine. */
static enum err judged(struct check *check, enum err err, const struct why *why,
                       const char *what)
{
    if (err != ERR_INPUT && err != ERR_DENIED && err != ERR_CORRUPT && err != ERR_NOT_FOUND)
        return err;
    archive_fault(check, "%s: %s", what, why->text);
    return ERR_NONE;
}

/* ---- what the file says of itself ---------------------------------------------------------
 */

static enum err read_facts(struct check *check, struct why *why)
{
    struct archive_facts *facts = check->facts;
    const struct {
        const char *key;
        int64_t *number;
        char *text;
        size_t size;
    } rows[] = {
        {"store", NULL, facts->store_id, sizeof facts->store_id},
        {"origin", NULL, facts->origin, sizeof facts->origin},
        {"made_at", NULL, facts->made_at, sizeof facts->made_at},
        {"person", NULL, facts->person, sizeof facts->person},
        {"archive", &facts->archive, NULL, 0},
        {"jobs", &facts->jobs, NULL, 0},
        {"labels", &facts->labels, NULL, 0},
        {"events", &facts->events, NULL, 0},
        {"ledger_size", &facts->ledger_size, NULL, 0},
    };
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < sizeof rows / sizeof rows[0]; i++) {
        char text[32];
        err = archive_meta(check->txn, rows[i].key, rows[i].text ? rows[i].text : text,
                           rows[i].text ? rows[i].size : sizeof text, why);
        if (!err && rows[i].number)
            *rows[i].number = strtoll(text, NULL, 10);
        else if (!err)
            clean(rows[i].text);
    }
    return err;
}

static enum err check_checkpoint(struct check *check, struct why *why)
{
    struct buf note = BUF_INIT(CHECKPOINT_MAX);
    struct why cause = {""};
    enum err err = archive_note(check->txn, "checkpoint", &note, &cause);
    if (!err)
        err =
            checkpoint_read(buf_text(&note), note.len, check->key, &check->checkpoint, &cause);
    buf_free(&note);
    err = err ? judged(check, err, &cause, "the checkpoint") : ERR_NONE;
    if (err && why)
        *why = cause;
    return err;
}

/* The manifest must be signed, and say what the table of digests and meta say. */
static enum err check_manifest(struct check *check, struct why *why)
{
    struct buf note = BUF_INIT(NOTE_MAX), want = BUF_INIT(4096);
    uint8_t digest[SHA256_BYTES];
    struct why cause = {""};
    size_t len = 0;
    const struct archive_facts *facts = check->facts;
    enum err err = archive_note(check->txn, "manifest", &note, &cause);
    if (!err)
        err = note_check(buf_text(&note), note.len, check->key, &cause);
    if (!err)
        err = note_text(buf_text(&note), note.len, &len, &cause);
    if (!err)
        err = archive_digest(check->txn, digest, &cause);
    if (!err) {
        struct archive_manifest manifest = {check->key->name, facts->archive, facts->jobs,
                                            facts->labels,    facts->events,  digest};
        archive_manifest_text(&manifest, &want);
        if (want.len != len || memcmp(want.bytes, note.bytes, len) != 0) {
            const char *line = strstr(buf_text(&note), "\ndigest ");
            const char *same = strstr(buf_text(&want), "\ndigest ");
            bool digests = !line || !same || strncmp(line, same, 8 + SHA256_HEX) != 0;
            archive_fault(
                check, digests ? "the table of digests was changed: it is not the one that "
                                 "was signed"
                               : "what the file says of itself (meta) was changed: it is not "
                                 "what was signed");
        }
    }
    buf_free(&note);
    buf_free(&want);
    err = err ? judged(check, err, &cause, "the manifest") : ERR_NONE;
    if (err && why)
        *why = cause;
    return err;
}

/* ---- rows ---------------------------------------------------------------------------------
 */

static const struct archive_part *find_part(const char *name)
{
    for (size_t i = 0; i < archive_part_count; i++)
        if (strcmp(archive_parts[i].name, name) == 0)
            return &archive_parts[i];
    return NULL;
}

static void say_part(struct check *check, const struct archive_part *part, int64_t job_id,
                     int64_t have, int64_t want)
{
    char whose[48] = "";
    if (!part->whole)
        snprintf(whose, sizeof whose, "job %" PRId64 ": ", job_id);
    if (have != want)
        archive_fault(check, "%stable %s has %" PRId64 " rows, %" PRId64 " were archived",
                      whose, part->name, have, want);
    else
        archive_fault(check, "%sa row of table %s was changed", whose, part->name);
}

static enum err check_digest(struct check *check, struct rows *digests, struct why *why)
{
    const char *name = rows_text(digests, 1);
    const struct archive_part *part = find_part(name ? name : "");
    int64_t job_id = rows_int(digests, 0), want = rows_int(digests, 2), have = 0;
    uint8_t hash[SHA256_BYTES];
    size_t len = 0;
    if (!part) {
        archive_fault(check, "there is a digest of a table that archives do not have");
        return ERR_NONE;
    }
    enum err err = archive_stopping(check->stop, why);
    if (!err)
        err = archive_part_digest(check->txn, part, job_id, &have, hash, why);
    const void *signed_hash = rows_blob(digests, 3, &len);
    if (!err && (have != want || len != sizeof hash || memcmp(hash, signed_hash, len) != 0))
        say_part(check, part, job_id, have, want);
    return err;
}

static enum err check_digests(struct check *check, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(check->txn, &rows, why,
                  "SELECT job, part, lines, sha256 FROM digest ORDER BY job, part", "");
    while (!err && !(err = rows_next(rows, &have, why)) && have)
        err = check_digest(check, rows, why);
    rows_end(rows);
    return err;
}

/* No rows of jobs that have no digest. */
static enum err check_counts(struct check *check, struct why *why)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < archive_part_count; i++) {
        int64_t have = 0, want = 0;
        err = sql_int(check->txn, &have, why, archive_parts[i].count, "");
        if (!err)
            err = sql_int(check->txn, &want, why,
                          "SELECT coalesce (sum (lines), 0) FROM digest WHERE part = ?1", "t",
                          archive_parts[i].name);
        if (!err && have > want)
            archive_fault(check,
                          "table %s has %" PRId64 " rows, %" PRId64
                          " were archived: some are of "
                          "jobs that are not in this archive",
                          archive_parts[i].name, have, want);
    }
    return err;
}

/* What the manifest says that is in the file is in it. */
static enum err check_totals(struct check *check, struct why *why)
{
    const struct {
        const char *what, *sql;
        int64_t want;
    } rows[] = {
        {"jobs", "SELECT count(*) FROM job", check->facts->jobs},
        {"labels", "SELECT coalesce (sum (quantity), 0) FROM job", check->facts->labels},
        {"events", "SELECT count(*) FROM event", check->facts->events},
        {"jobs with data", "SELECT count(DISTINCT job) FROM data", check->facts->jobs},
    };
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < sizeof rows / sizeof rows[0]; i++) {
        int64_t have = 0;
        err = sql_int(check->txn, &have, why, rows[i].sql, "");
        if (!err && have != rows[i].want)
            archive_fault(check, "there are %" PRId64 " %s, %" PRId64 " were archived", have,
                          rows[i].what, rows[i].want);
    }
    return err;
}

static enum err check_templates(struct check *check, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(check->txn, &rows, why, "SELECT hash, body, name FROM template", "");
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        uint8_t hash[SHA256_BYTES];
        size_t len = 0, hash_len = 0;
        const void *body = rows_blob(rows, 1, &len);
        sha256(body, len, hash);
        const void *kept = rows_blob(rows, 0, &hash_len);
        if (hash_len != sizeof hash || memcmp(kept, hash, hash_len) != 0)
            archive_fault(check, "template %s was changed", rows_text(rows, 2));
    }
    rows_end(rows);
    return err;
}

/* ---- sums ----------------------------------------------------------------------------------
 */

/* Promise 6: the newest spans of each job are its labels, each once. */
static enum err check_sums(struct check *check, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(
        check->txn, &rows, why,
        "SELECT j.job FROM job AS j LEFT JOIN (SELECT job, first, last,"
        "  lag (last, 1, 0) OVER (PARTITION BY job ORDER BY first) AS before"
        "  FROM span WHERE newest = 1) AS s ON s.job = j.job GROUP BY j.job, j.quantity"
        " HAVING coalesce (sum (s.first <> s.before + 1), 1) > 0"
        "  OR coalesce (max (s.last), 0) <> j.quantity",
        "");
    while (!err && !(err = rows_next(rows, &have, why)) && have)
        archive_fault(check, "job %" PRId64 ": the states of its labels do not add up",
                      rows_int(rows, 0));
    rows_end(rows);
    return err;
}

/* ---- the file -----------------------------------------------------------------------------
 */

static enum err check_all(struct check *check, struct why *why)
{
    static enum err (*const steps[])(struct check * check, struct why * why) = {
        check_checkpoint, check_manifest,  archive_check_tree,    check_digests, check_counts,
        check_totals,     check_templates, archive_check_numbers, check_sums};
    struct why cause = {""};
    enum err err = read_facts(check, &cause);
    if (err)
        err = judged(check, err, &cause, "meta");
    if (err && why)
        *why = cause;
    for (size_t i = 0; !err && i < sizeof steps / sizeof steps[0]; i++)
        err = steps[i](check, why);
    return err;
}

enum err archive_stopping(const atomic_bool *stop, struct why *why)
{
    return stop && atomic_load(stop) ? err_set(why, ERR_BUSY, "temd is stopping") : ERR_NONE;
}

static enum err check_file(const char *path, struct check *check, struct why *why)
{
    struct side *side = NULL;
    struct why cause = {""};
    *check->facts = (struct archive_facts){.archive = 0};
    enum err err = archive_sha256(path, check->facts->sha256, why);
    if (err)
        return err;
    err = side_open(path, archive_schema, &side, &cause);
    if (err == ERR_CORRUPT) {
        archive_fault(check, "%s", cause.text);
        err = ERR_NONE;
    } else if (!err) {
        check->txn = side_txn(side);
        err = check_all(check, &cause);
    }
    side_close(side);
    if (!err && check->faults->count)
        return err_set(why, ERR_CORRUPT, "%s", check->faults->words[0]);
    if (err && why)
        *why = cause;
    return err;
}

enum err archive_check(const char *path, const struct note_key *key,
                       struct archive_facts *facts, struct archive_faults *faults,
                       struct why *why)
{
    struct check check = {.key = key, .facts = facts, .faults = faults};
    return check_file(path, &check, why);
}

enum err archive_check_ours(const struct archive_config *config, const char *path,
                            struct archive_facts *facts, struct archive_faults *faults,
                            struct why *why)
{
    struct check check = {
        .key = &config->signer->key, .facts = facts, .faults = faults, .stop = config->stop};
    return check_file(path, &check, why);
}
