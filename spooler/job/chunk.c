/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/chunk.h"

#include "spooler/base/hash.h"
#include "spooler/job/order.h"
#include "spooler/job/reprint.h"
#include "spooler/job/span.h"
#include "spooler/ledger/ledger.h"

#include <stdio.h>
#include <string.h>

enum err chunk_take_ids(struct txn *txn, uint32_t count, int64_t *first, struct why *why)
{
    int64_t next;
    enum err err =
        sql_int(txn, &next, why,
                "SELECT CAST (value AS INTEGER) FROM meta WHERE key = 'chunk_next'", "");
    if (err == ERR_NOT_FOUND)
        next = 1;
    else if (err)
        return err;
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)(next + count));
    err = sql_run(txn, why,
                  "INSERT INTO meta (key, value) VALUES ('chunk_next', ?1)"
                  " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                  "t", text);
    if (!err)
        *first = next;
    return err;
}

enum err chunk_next(struct txn *txn, const char *printer, uint32_t max_impressions,
                    struct chunk *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err again = reprint_next(txn, printer, max_impressions, out, why);
    if (again != ERR_NOT_FOUND)
        return again;
    enum err err =
        sql_query(txn, &rows, why,
                  "SELECT j.id, j.pieces, s.first, s.last, s.attempt FROM job AS j"
                  " JOIN span AS s ON s.job_id = j.id AND s.newest = 1 AND s.state = 'reserved'"
                  " WHERE j.printer = ?1 AND j.state = 'open'"
                  " ORDER BY j.id, s.first LIMIT 1",
                  "t", printer);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && !have)
        err = ERR_NOT_FOUND;
    if (!err) {
        struct chunk chunk = {.job_id = rows_int(rows, 0)};
        uint32_t pieces = (uint32_t)rows_int(rows, 1);
        uint64_t most = max_impressions / pieces ? max_impressions / pieces : 1;
        chunk.first = (uint64_t)rows_int(rows, 2);
        chunk.last = (uint64_t)rows_int(rows, 3);
        if (chunk.last - chunk.first >= most)
            chunk.last = chunk.first + most - 1;
        chunk.attempt = (uint32_t)rows_int(rows, 4);
        chunk.impressions = (uint32_t)(chunk.last - chunk.first + 1) * pieces;
        snprintf(chunk.printer, sizeof chunk.printer, "%s", printer);
        *out = chunk;
    }
    rows_end(rows);
    return err;
}

enum err chunk_send(struct txn *txn, const struct chunk *chunk, const uint8_t root[static 32],
                    struct why *why)
{
    struct job job;
    enum err err = job_get(txn, chunk->job_id, &job, why);
    bool may = job.state == JOB_OPEN ||
               (chunk->reprint_id && (job.state == JOB_CLOSED || job.state == JOB_CANCELLED));
    if (!err && !may)
        err = err_set(why, ERR_STATE, "job %lld is %s", (long long)job.id,
                      job_state_name(job.state));
    json_t *changes = err ? NULL : json_array();
    if (!err && !changes)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    if (!err && chunk->reprint_id)
        err = reprint_sending(txn, chunk, why);
    if (!err)
        err = span_apply(txn, chunk->job_id, chunk->first, chunk->last,
                         chunk->reprint_id ? EV_REPRINT : EV_SEND, chunk->id, changes, why);
    if (!err)
        err =
            sql_run(txn, why,
                    "INSERT INTO chunk (id, job_id, attempt, first, last, printer, impressions,"
                    " state, epoch, sent_ms, reprint_id)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'sending', ?8, ?9, nullif(?10, 0))",
                    "iiiiitiiii", chunk->id, chunk->job_id, (int64_t)chunk->attempt,
                    (int64_t)chunk->first, (int64_t)chunk->last, chunk->printer,
                    (int64_t)chunk->impressions, (int64_t)chunk->epoch, txn_now_ms(txn),
                    chunk->reprint_id);
    char hex[SHA256_HEX], dots[SHA256_HEX];
    hex_text(chunk->dots, SHA256_BYTES, dots);
    json_t *members =
        err ? NULL
            : json_pack("{sI sI si ss ss ss* sO}", "job", (json_int_t)chunk->job_id, "chunk",
                        (json_int_t)chunk->id, "attempt", (int)chunk->attempt, "printer",
                        chunk->printer, "root", hex_text(root, SHA256_BYTES, hex), "dots",
                        chunk->has_dots ? dots : NULL, "changes", changes);
    int64_t seq = 0;
    if (members && chunk->reprint_id &&
        json_object_set_new(members, "reprint", json_integer(chunk->reprint_id)) != 0)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    if (err)
        json_decref(members);
    else
        err = members ? ledger_append(txn, "chunk.sending", NULL, members, &seq, why)
                      : err_set(why, ERR_NO_MEMORY, "out of memory");
    if (!err)
        err = sql_run(txn, why, "UPDATE chunk SET sending_seq = ?2 WHERE id = ?1", "ii",
                      chunk->id, seq);
    json_decref(changes);
    return err;
}

static enum err chunk_from_rows(struct rows *rows, struct chunk *out, bool *sending)
{
    struct chunk chunk = {
        .id = rows_int(rows, 0),
        .job_id = rows_int(rows, 1),
        .attempt = (uint32_t)rows_int(rows, 2),
        .first = (uint64_t)rows_int(rows, 3),
        .last = (uint64_t)rows_int(rows, 4),
        .impressions = (uint32_t)rows_int(rows, 6),
        .confirmed = (uint64_t)rows_int(rows, 7),
        .epoch = (uint32_t)rows_int(rows, 9),
        .reprint_id = rows_int(rows, 10),
    };
    snprintf(chunk.printer, sizeof chunk.printer, "%s", rows_text(rows, 5));
    if (sending)
        *sending = strcmp(rows_text(rows, 8), "sending") == 0;
    *out = chunk;
    return ERR_NONE;
}

#define CHUNK_COLUMNS                                                                          \
    "SELECT id, job_id, attempt, first, last, printer, impressions, confirmed, state, epoch,"  \
    " reprint_id FROM chunk "

enum err chunk_get(struct txn *txn, int64_t id, struct chunk *out, bool *sending,
                   struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why, CHUNK_COLUMNS "WHERE id = ?1", "i", id);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err)
        err = have ? chunk_from_rows(rows, out, sending)
                   : err_set(why, ERR_NOT_FOUND, "there is no chunk %lld", (long long)id);
    rows_end(rows);
    return err;
}

enum err chunk_read_dots(struct txn *txn, struct chunk *chunk, char *sent_at, size_t size,
                         struct why *why)
{
    int64_t seq = 0;
    struct buf body = BUF_INIT(LEDGER_BODY_MAX);
    enum err err =
        sql_int(txn, &seq, why, "SELECT coalesce(sending_seq, 0) FROM chunk WHERE id = ?1", "i",
                chunk->id);
    if (!err && seq)
        err = ledger_body(txn, seq, &body, why);
    bool there = body.len > 0; /* else it went into an archive */
    json_t *event = !err && there ? json_loadb(buf_text(&body), body.len, 0, NULL) : NULL;
    const char *dots = json_string_value(json_object_get(event, "dots"));
    const char *at = json_string_value(json_object_get(event, "at"));
    if (!err && there && !event)
        err = err_set(why, ERR_CORRUPT, "event %lld is no JSON", (long long)seq);
    if (!err)
        chunk->has_dots = dots && hex_parse(dots, chunk->dots, SHA256_BYTES);
    if (!err && sent_at)
        snprintf(sent_at, size, "%s", at ? at : "an unknown time");
    json_decref(event);
    buf_free(&body);
    return err;
}

enum err chunk_open(struct txn *txn, const char *printer, chunk_fn *fn, void *arg,
                    struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why,
                             /* else it reads all chunks there ever were, to have their order */
                             CHUNK_COLUMNS "INDEXED BY chunk_open WHERE state = 'sending'"
                                           " AND (?1 IS NULL OR printer = ?1) ORDER BY id",
                             "t", printer);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct chunk chunk;
        err = chunk_from_rows(rows, &chunk, NULL);
        if (!err)
            err = fn(arg, &chunk, why);
    }
    rows_end(rows);
    return err;
}

/* Runs of labels, and the printers that they were sent to last. */
#define DOUBTFUL                                                                               \
    "SELECT DISTINCT coalesce(o.printer, c.printer, j.printer) AS at,"                         \
    " coalesce(o.device, c.device) FROM span AS s JOIN job AS j ON j.id = s.job_id"            \
    " LEFT JOIN chunk AS o ON o.id = s.chunk_id LEFT JOIN chunk AS c ON s.chunk_id IS NULL"    \
    " AND c.job_id = s.job_id AND c.attempt = s.attempt AND c.first <= s.last"                 \
    " AND c.last >= s.first WHERE s.newest = 1 AND "

enum err chunk_in_doubt(struct txn *txn, const char *printer, bool *out, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(txn, &rows, why, DOUBTFUL "s.state = 'in_doubt' AND at = ?1", "t", printer);
    if (!err)
        err = rows_next(rows, &have, why);
    rows_end(rows);
    if (!err)
        *out = have;
    return err;
}

enum err chunk_doubtful(struct txn *txn, int64_t job_id, chunk_printer_fn *fn, void *arg,
                        struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(
        txn, &rows, why,
        DOUBTFUL "s.job_id = ?1 AND s.state IN ('in_doubt', 'sent') ORDER BY at", "i", job_id);
    while (!err && !(err = rows_next(rows, &have, why)) && have)
        err = fn(arg, rows_text(rows, 0), (uint64_t)rows_int(rows, 1), why);
    rows_end(rows);
    return err;
}

/* Moves labels from+1..to of the chunk (counted from its first) by `event`. */
static enum err move(struct txn *txn, const struct chunk *chunk, uint64_t from, uint64_t to,
                     enum label_event event, json_t *changes, struct why *why)
{
    if (to <= from)
        return ERR_NONE;
    return span_apply(txn, chunk->job_id, chunk->first + from, chunk->first + to - 1, event, 0,
                      changes, why);
}

enum err chunk_job(struct txn *txn, const struct chunk *chunk, struct job *out, struct why *why)
{
    struct reprint order;
    enum err err = job_get(txn, chunk->job_id, out, why);
    if (err || !chunk->reprint_id)
        return err;
    err = reprint_get(txn, chunk->reprint_id, &order, why);
    if (!err && order.state == REPRINT_CANCELLED)
        out->state = JOB_CANCELLING;
    else if (!err && out->state != JOB_HELD)
        out->state = JOB_OPEN;
    return err;
}

enum err chunk_hold(struct txn *txn, int64_t job_id, int64_t reprint_id, const char *reason,
                    const char *text, struct why *why)
{
    struct why ignored;
    enum err err = reprint_id ? reprint_stop(txn, reprint_id, text, &ignored)
                              : job_hold(txn, job_id, NULL, reason, text, &ignored);
    if (err == ERR_STATE) /* cancelled or complete meanwhile: nothing to hold */
        return ERR_NONE;
    return err ? err_set(why, err, "%s", ignored.text) : err;
}

enum err chunk_confirm(struct txn *txn, int64_t chunk_id, uint64_t labels, struct why *why)
{
    struct chunk chunk;
    bool sending;
    enum err err = chunk_get(txn, chunk_id, &chunk, &sending, why);
    if (err || !sending || labels <= chunk.confirmed)
        return err;
    json_t *changes = json_array();
    if (!changes)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    err = move(txn, &chunk, chunk.confirmed, labels, EV_CONFIRMED, changes, why);
    if (err) {
        json_decref(changes);
        return err;
    }
    err = job_append_changes(txn, "label.printed", NULL, chunk.job_id, chunk_id, NULL, changes,
                             why);
    return err ? err
               : sql_run(txn, why, "UPDATE chunk SET confirmed = ?2 WHERE id = ?1", "ii",
                         chunk_id, (int64_t)labels);
}

#define UNPROVEN                                                                               \
    "The printer is configured without evidence, but this job wants its labels confirmed."     \
    " Look at the roll and say `tem resolve JOB --printed RANGE`, or configure evidence: full"

/* Labels of a chunk by what is known of them: 1..confirmed printed, ..whole sent with all
 * pieces,
 * ..out begun, rest not sent. */
struct split {
    uint64_t confirmed, whole, out, all;
    enum label_event out_event, rest_event;
};

static struct split split_chunk(const struct chunk *chunk, uint32_t pieces,
                                const struct chunk_outcome *outcome)
{
    struct split split = {.all = chunk->last - chunk->first + 1};
    split.confirmed = outcome->confirmed / pieces; /* printed when all its pieces are */
    if (split.confirmed < chunk->confirmed)
        split.confirmed = chunk->confirmed;
    split.out = outcome->lost ? split.all : (outcome->sent + (uint64_t)pieces - 1) / pieces;
    if (split.out < split.confirmed)
        split.out = split.confirmed;
    split.whole = outcome->lost ? split.confirmed : outcome->sent / pieces;
    if (split.whole < split.confirmed)
        split.whole = split.confirmed;
    bool clean = outcome->no_evidence && outcome->ended_clean && !outcome->lost;
    split.out_event = clean ? EV_SENT : EV_LOST;
    split.rest_event = outcome->withdrawn ? EV_WITHDRAWN : EV_NOT_SENT;
    return split;
}

static enum err hold_for_doubt(struct txn *txn, const struct chunk *chunk,
                               const struct split *split, const struct job *job,
                               const char *words, struct why *why)
{
    bool closed = job->state == JOB_CLOSED; /* the doubt is a reprint's: the job is not over */
    if (strcmp(job->on_doubt, "continue") == 0)
        return closed ? job_set_state(txn, job->id, JOB_OPEN, NULL, NULL, "job.reopened", NULL,
                                      why)
                      : ERR_NONE;
    if (!closed && job->state != JOB_OPEN)
        return ERR_NONE;
    char text[JOB_WORDS];
    unsigned long long first = chunk->first + split->confirmed;
    unsigned long long last = chunk->first + split->out - 1;
    snprintf(
        text, sizeof text,
        "Labels %llu to %llu may or may not be on paper%s%s. Look at the roll, scan or type"
        " the last good label: `tem resolve %lld --last-good NUMBER`.",
        first, last, words ? ": " : "", words ? words : "", (long long)job->id);
    return job_set_state(txn, job->id, JOB_HELD, "doubt", text, "job.held", NULL, why);
}

/* What was not sent. */
static enum err take_back(struct txn *txn, const struct chunk *chunk, const struct split *split,
                          json_t *changes, struct why *why)
{
    uint64_t first = chunk->first + split->out;
    if (split->out >= split->all)
        return ERR_NONE;
    enum err err = span_apply_or_back(txn, chunk->job_id, first, chunk->last, split->rest_event,
                                      NULL, changes, why);
    if (!err && chunk->reprint_id)
        err = reprint_rewind(txn, chunk->reprint_id, first, why);
    return err;
}

enum err chunk_settle(struct txn *txn, int64_t chunk_id, const struct chunk_outcome *outcome,
                      struct why *why)
{
    struct chunk chunk;
    struct job job;
    bool sending;
    enum err err = chunk_get(txn, chunk_id, &chunk, &sending, why);
    if (err || !sending)
        return err;
    err = job_get(txn, chunk.job_id, &job, why);
    if (err)
        return err;
    struct split split = split_chunk(&chunk, job.pieces, outcome);
    json_t *changes = json_array();
    if (!changes)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    err = move(txn, &chunk, chunk.confirmed, split.confirmed, EV_CONFIRMED, changes, why);
    if (!err)
        err = move(txn, &chunk, split.confirmed, split.whole, split.out_event, changes, why);
    if (!err) /* a label that lacks a piece was not sent, whatever the printer can say */
        err = move(txn, &chunk, split.whole, split.out, EV_LOST, changes, why);
    if (!err)
        err = take_back(txn, &chunk, &split, changes, why);
    if (err) {
        json_decref(changes);
        return err;
    }
    err = job_append_changes(txn, "chunk.settled", NULL, job.id, chunk_id, outcome->words,
                             changes, why);
    if (!err && job.state == JOB_CANCELLING)
        err = job_drop_reserved(txn, &job, NULL, why);
    if (!err)
        err = sql_run(txn, why,
                      "UPDATE chunk SET state = 'settled', confirmed = ?2, settled_ms = ?3,"
                      " device = nullif(?4, 0) WHERE id = ?1",
                      "iiii", chunk_id, (int64_t)split.confirmed, txn_now_ms(txn),
                      (int64_t)outcome->device);
    if (!err && split.out > split.confirmed &&
        (split.out_event == EV_LOST || split.out > split.whole))
        err = hold_for_doubt(txn, &chunk, &split, &job, outcome->words, why);
    if (!err && split.out_event == EV_SENT && strcmp(job.close_at, "sent") != 0 &&
        (job.state == JOB_OPEN || job.state == JOB_CLOSED))
        err = job_set_state(txn, job.id, JOB_HELD, "printer", UNPROVEN, "job.held", NULL, why);
    return err ? err : job_follow(txn, job.id, why);
}
