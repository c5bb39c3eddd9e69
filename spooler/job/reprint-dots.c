/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/reprint-dots.h"

#include "spooler/job/reprint.h"

#include <stdlib.h>
#include <string.h>

const char *dots_verdict_name(enum dots_verdict verdict)
{
    static const char *const names[] = {
#define X(code, name) [code] = name,
        DOTS_VERDICT_MAP(X)
#undef X
    };
    return names[verdict];
}

void reprint_dots_free(struct reprint_dots *dots)
{
    free(dots->hashes);
    *dots = (struct reprint_dots){0};
}

enum err reprint_dots_sent(struct txn *txn, int64_t job_id, uint64_t label, uint32_t attempt,
                           struct chunk *out, char *sent_at, size_t size, struct why *why)
{
    int64_t id = 0;
    struct chunk chunk;
    /* A chunk that was withdrawn has its attempt in common with the one that went after it. */
    enum err err = sql_int(txn, &id, why,
                           "SELECT coalesce(max(id), 0) FROM chunk WHERE job_id = ?1"
                           " AND first <= ?2 AND last >= ?2 AND attempt = ?3",
                           "iii", job_id, (int64_t)label, (int64_t)attempt);
    if (!err && id == 0)
        err = err_set(why, ERR_NOT_FOUND, "label %llu of job %lld was never sent",
                      (unsigned long long)label, (long long)job_id);
    if (!err)
        err = chunk_get(txn, id, &chunk, NULL, why);
    if (!err)
        err = chunk_read_dots(txn, &chunk, sent_at, size, why);
    if (!err)
        *out = chunk;
    return err;
}

enum err reprint_dots_keep(struct txn *txn, int64_t id, const struct reprint_dots *dots,
                           struct why *why)
{
    return sql_run(txn, why, "UPDATE reprint SET verdict = ?2, dots = ?3 WHERE id = ?1", "itb",
                   id, dots_verdict_name(dots->verdict), dots->hashes,
                   dots->count * SHA256_BYTES);
}

enum err reprint_dots_pass_on(struct txn *txn, int64_t from, int64_t to, struct why *why)
{
    /* A label has the same number of drawings throughout. */
    return sql_run(
        txn, why,
        "UPDATE reprint SET (verdict, dots) ="
        " (SELECT o.verdict, substr(o.dots, 1 + (reprint.first - o.first) * o.size,"
        "   (reprint.last - reprint.first + 1) * o.size)"
        "  FROM (SELECT first, verdict, dots, length(dots) / (last - first + 1) AS size"
        "   FROM reprint WHERE id = ?1) AS o) WHERE id = ?2",
        "ii", from, to);
}

static enum err compare(const void *kept, size_t len, const struct reprint *order,
                        const struct chunk *chunk, const uint8_t (*hashes)[SHA256_BYTES],
                        size_t count, struct why *why)
{
    size_t labels = (size_t)(chunk->last - chunk->first + 1);
    size_t each = count * SHA256_BYTES / labels;
    size_t at = (size_t)(chunk->first - order->first) * each;
    if (chunk->first < order->first || at + count * SHA256_BYTES > len)
        return err_set(why, ERR_CORRUPT, "reprint order %lld has not the dots of label %llu",
                       (long long)order->id, (unsigned long long)chunk->first);
    if (memcmp((const uint8_t *)kept + at, hashes, count * SHA256_BYTES) == 0)
        return ERR_NONE;
    return err_set(why, ERR_DOTS,
                   "A font or a library changed since reprint %lld was ordered: its dots would"
                   " not be those that were compared. Order it again",
                   (long long)order->id);
}

enum err reprint_dots_match(struct txn *txn, const struct chunk *chunk,
                            const uint8_t (*hashes)[SHA256_BYTES], size_t count,
                            struct why *why)
{
    struct reprint order;
    struct rows *rows = NULL;
    bool have = false;
    enum err err = reprint_get(txn, chunk->reprint_id, &order, why);
    if (!err)
        err = sql_query(txn, &rows, why,
                        "SELECT dots FROM reprint WHERE id = ?1 AND dots IS NOT NULL", "i",
                        chunk->reprint_id);
    if (!err)
        err = rows_next(rows, &have, why);
    if (!err && have) {
        size_t len;
        const void *kept = rows_blob(rows, 0, &len);
        err = compare(kept, len, &order, chunk, hashes, count, why);
    }
    rows_end(rows);
    return err;
}
