/* SPDX-License-Identifier: Apache-2.0 */
/* due.c: which jobs are old enough, and have nothing open. */
#include "spooler/archive/archive.h"

#include "spooler/job/rows.h"
#include "templates/template.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

struct search {
    struct txn *txn;
    const struct retention *retention;
    char ended_before[CLOCK_ISO_SIZE];
    struct template *template; /* the one looked at last: jobs of a kind come together */
    struct archive_due *due;
};

struct candidate {
    int64_t id;
    uint64_t quantity;
    uint8_t template_hash[SHA256_BYTES];
};

static enum err no_memory(struct why *why)
{
    return err_set(why, ERR_NO_MEMORY, "out of memory");
}

void archive_due_free(struct archive_due *due)
{
    free(due->jobs);
    *due = (struct archive_due){0};
}

/* ---- ended --------------------------------------------------------------------------------
 */

/* The last that was done to the job: closed, resolved, reprinted. Chunks and scans are not in
 * that index; they come before a job is closed, or say nothing new. */
static enum err has_ended(struct search *search, int64_t id, bool *yes, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err =
        sql_query(search->txn, &rows, why,
                  "SELECT json_extract (CAST (body AS TEXT), '$.at')"
                  " FROM event INDEXED BY event_job"
                  " WHERE CASE WHEN json_valid (CAST (body AS TEXT))"
                  "  THEN json_extract (CAST (body AS TEXT), '$.job') END = ?1"
                  " AND instr (CAST (body AS TEXT), '\"type\":\"chunk.') = 0"
                  " AND instr (CAST (body AS TEXT), '\"type\":\"label.printed\"') = 0"
                  " AND instr (CAST (body AS TEXT), '\"type\":\"label.verified\"') = 0"
                  " ORDER BY seq DESC LIMIT 1",
                  "i", id);
    if (!err)
        err = rows_next(rows, &have, why);
    const char *at = !err && have ? rows_text(rows, 0) : NULL;
    *yes = at && strcmp(at, search->ended_before) < 0; /* one form, one zone: as texts */
    rows_end(rows);
    return err;
}

/* ---- nothing open -------------------------------------------------------------------------
 */

static enum err is_ready(struct search *search, int64_t id, bool *yes, struct why *why)
{
    int64_t open = 0;
    struct job job;
    enum err err = job_get(search->txn, id, &job, why); /* and its states add up */
    if (err)
        return err;
    uint64_t labels =
        job.counts[LABEL_RESERVED] + job.counts[LABEL_SENDING] + job.counts[LABEL_IN_DOUBT];
    if (strcmp(job.close_at, "sent") != 0)
        labels += job.counts[LABEL_SENT];
    err =
        sql_int(search->txn, &open, why,
                "SELECT (SELECT count(*) FROM reprint WHERE job_id = ?1"
                "  AND state IN ('waiting','open'))"
                " + (SELECT count(*) FROM chunk WHERE job_id = ?1 AND state = 'sending')"
                " + (SELECT count(*) FROM (SELECT sum(last - first + 1) AS numbers FROM segment"
                "  WHERE job_id = ?1 GROUP BY field) WHERE numbers <> ?2)",
                "ii", id, (int64_t)job.quantity);
    *yes = !err && labels == 0 && open == 0;
    return err;
}

/* ---- expired ------------------------------------------------------------------------------
 */

/* Of a job: the latest date in the fields that expire. */
struct expiry {
    const struct template *template;
    char latest[16]; /* YYYY-MM-DD; "" = none */
};

static enum err look_at_row(void *arg, const struct row_view *row, struct why *why)
{
    struct expiry *expiry = arg;
    (void)why; /* cannot fail */
    for (size_t i = 0; i < row->count; i++)
        if (row->values[i] && strlen(row->values[i]) == 10 &&
            template_expires(expiry->template, i) && strcmp(row->values[i], expiry->latest) > 0)
            memcpy(expiry->latest, row->values[i], 11);
    return ERR_NONE;
}

static enum err load_template(struct search *search, const struct candidate *job,
                              struct why *why)
{
    struct findings findings;
    struct buf body = BUF_INIT(TEMPLATE_MAX_BODY);
    if (search->template &&
        memcmp(template_hash(search->template), job->template_hash, SHA256_BYTES) == 0)
        return ERR_NONE;
    template_free(search->template);
    search->template = NULL;
    findings_init(&findings);
    enum err err = job_template(search->txn, job->template_hash, &body, why);
    if (!err && template_restore(body.bytes, body.len, "kept", &search->template, &findings))
        err = err_set(why, ERR_CORRUPT, "the kept template of job %lld no longer loads",
                      (long long)job->id);
    findings_clear(&findings);
    buf_free(&body);
    return err;
}

static enum err has_expired(struct search *search, const struct candidate *job, bool *yes,
                            struct why *why)
{
    int64_t days = search->retention->after_expiry, over_s = 0;
    enum err err = load_template(search, job, why);
    struct expiry expiry = {.template = search->template};
    bool some = false;
    for (size_t i = 0; !err && i < template_field_count(search->template); i++)
        some |= template_expires(search->template, i);
    *yes = !err;
    if (err || !some)
        return err;
    err = rows_each(search->txn, job->id, template_field_count(search->template), 1,
                    job->quantity, look_at_row, &expiry, why);
    if (!err && *expiry.latest)
        err = sql_int(search->txn, &over_s, why,
                      "SELECT coalesce (unixepoch (?1, '+1 day'), 0x7fffffffffff)", "t",
                      expiry.latest);
    *yes = !*expiry.latest ||
           (days != ARCHIVE_NEVER && over_s * 1000 + days * DAY_MS <= txn_now_ms(search->txn));
    return err;
}

/* ---- the search ---------------------------------------------------------------------------
 */

static enum err add(struct archive_due *due, const struct candidate *job, struct why *why)
{
    if (due->count == ARCHIVE_JOBS_MAX) {
        due->more = true;
        return ERR_NONE;
    }
    if ((due->count & (due->count - 1)) == 0) {
        int64_t *jobs = reallocarray(due->jobs, due->count ? due->count * 2 : 1, sizeof *jobs);
        if (!jobs)
            return no_memory(why);
        due->jobs = jobs;
    }
    due->jobs[due->count++] = job->id;
    due->labels += (int64_t)job->quantity;
    return ERR_NONE;
}

static enum err judge(struct search *search, const struct candidate *job, struct why *why)
{
    bool ended = false, expired = false, ready = false;
    enum err err = has_ended(search, job->id, &ended, why);
    if (err || !ended)
        return err;
    err = has_expired(search, job, &expired, why);
    if (!err)
        err = is_ready(search, job->id, &ready, why);
    if (err)
        return err;
    search->due->not_expired += !expired;
    search->due->not_ready += expired && !ready;
    return expired && ready ? add(search->due, job, why) : ERR_NONE;
}

static enum err search_jobs(struct search *search, int64_t before_ms, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(search->txn, &rows, why,
                             "SELECT id, quantity, template_hash FROM job"
                             " WHERE archive_id IS NULL AND accepted_ms < ?1"
                             " AND (state IN ('closed','cancelled'))"
                             " ORDER BY id",
                             "i", before_ms);
    while (!err && !search->due->more && !(err = rows_next(rows, &have, why)) && have) {
        struct candidate job = {.id = rows_int(rows, 0),
                                .quantity = (uint64_t)rows_int(rows, 1)};
        size_t len = 0;
        const void *hash = rows_blob(rows, 2, &len);
        if (len != SHA256_BYTES)
            err = err_set(why, ERR_CORRUPT, "job %lld has no template", (long long)job.id);
        else {
            memcpy(job.template_hash, hash, len);
            err = judge(search, &job, why);
        }
    }
    rows_end(rows);
    return err;
}

enum err archive_find_due(struct txn *txn, const struct retention *retention, int64_t before_ms,
                          struct archive_due *out, struct why *why)
{
    struct archive_due due = {0};
    struct search search = {.txn = txn, .retention = retention, .due = &due};
    if (retention->after_release != ARCHIVE_NEVER) {
        int64_t old_ms = txn_now_ms(txn) - retention->after_release * DAY_MS;
        before_ms = old_ms < before_ms ? old_ms : before_ms;
    } else if (before_ms == INT64_MAX)
        return err_set(why, ERR_STATE,
                       "how old jobs have to be is not said: retention.after_release in "
                       "temd.yaml, or --before DATE");
    clock_iso(before_ms, search.ended_before);
    enum err err = search_jobs(&search, before_ms, why);
    template_free(search.template);
    if (err)
        archive_due_free(&due);
    else
        *out = due;
    return err;
}
