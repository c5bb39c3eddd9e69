/* SPDX-License-Identifier: Apache-2.0 */
/* check-events.c: events under the signed checkpoint, numbers under the signed events. */
#include "spooler/archive/check.h"
#include "spooler/ledger/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- events -------------------------------------------------------------------------------
 */

/* Complete subtrees from the left, largest first, no two of one level. */
struct stack {
    unsigned levels[64];
    uint8_t hashes[64][SHA256_BYTES];
    unsigned depth;
    uint64_t size; /* leaves under them */
};

static void push(struct stack *stack, unsigned level, const uint8_t hash[static SHA256_BYTES])
{
    uint8_t top[SHA256_BYTES];
    memcpy(top, hash, sizeof top);
    stack->size += UINT64_C(1) << level;
    for (; stack->depth && stack->levels[stack->depth - 1] == level; level++)
        merkle_node_hash(stack->hashes[--stack->depth], top, top);
    stack->levels[stack->depth] = level;
    memcpy(stack->hashes[stack->depth++], top, sizeof top);
}

static void stack_root(const struct stack *stack, uint8_t out[static SHA256_BYTES])
{
    memcpy(out, stack->hashes[stack->depth - 1], SHA256_BYTES);
    for (unsigned i = stack->depth - 1; i-- > 0;)
        merkle_node_hash(stack->hashes[i], out, out);
}

/* The number that a body begins with; 0 = it does not begin as events do. */
static uint64_t body_seq(const void *body, size_t len)
{
    unsigned long long seq = 0;
    char head[32];
    int used = 0;
    snprintf(head, sizeof head, "%.*s", (int)(len < sizeof head - 1 ? len : sizeof head - 1),
             len ? (const char *)body : "");
    return sscanf(head, "{\"seq\":%llu,%n", &seq, &used) == 1 && used ? seq : 0;
}

/* false: a fault was found, and what follows says no more. */
static bool check_event(struct check *check, struct rows *rows, uint64_t seq)
{
    uint8_t leaf[SHA256_BYTES];
    size_t len = 0, kept_len = 0;
    const void *body = rows_blob(rows, 3, &len);
    uint64_t says = body_seq(body, len);
    merkle_leaf_hash(body, len, leaf);
    const void *kept = rows_blob(rows, 2, &kept_len);
    if (says == 0)
        archive_fault(check, "event %" PRIu64 " was changed: it does not begin as events do",
                      seq);
    else if (says != seq)
        archive_fault(check,
                      "in the place of event %" PRIu64 " stands event %" PRIu64
                      ": they were exchanged or put elsewhere",
                      seq, says);
    else if (kept_len != sizeof leaf || memcmp(kept, leaf, kept_len) != 0)
        archive_fault(check, "event %" PRIu64 " was changed", seq);
    else
        return true;
    return false;
}

/* One event or one subtree of others. false: no more. */
static bool take(struct check *check, struct stack *stack, struct rows *rows)
{
    uint64_t start = (uint64_t)rows_int(rows, 0);
    int64_t level = rows_int(rows, 1);
    size_t len = 0;
    const void *hash = rows_blob(rows, 2, &len);
    bool event = !rows_null(rows, 3);
    if (level < 0 || level > 62 || len != SHA256_BYTES || start % (UINT64_C(1) << level) != 0) {
        archive_fault(check, "a row of table subtree is none");
        return false;
    }
    if (start > stack->size) {
        if (start == stack->size + 1)
            archive_fault(check, "event %" PRIu64 " is missing", start);
        else
            archive_fault(check, "events %" PRIu64 " to %" PRIu64 " are missing",
                          stack->size + 1, start);
        return false;
    }
    if (start < stack->size) {
        archive_fault(check, "event %" PRIu64 " is there twice", start + 1);
        return false;
    }
    if (event && !check_event(check, rows, start + 1))
        return false;
    push(stack, (unsigned)level, hash);
    return true;
}

enum err archive_check_tree(struct check *check, struct why *why)
{
    struct rows *rows = NULL;
    struct stack stack = {.depth = 0};
    uint8_t root[SHA256_BYTES];
    bool have = false, good = true;
    enum err err = sql_query(check->txn, &rows, why,
                             "SELECT place << level, level, hash, NULL FROM subtree"
                             " UNION ALL SELECT seq - 1, 0, leaf, body FROM event ORDER BY 1",
                             "");
    while (!err && good && !(err = rows_next(rows, &have, why)) && have)
        good = take(check, &stack, rows);
    rows_end(rows);
    if (err || !good || !check->checkpoint.size)
        return err;
    if (stack.size != check->checkpoint.size) {
        archive_fault(check, "there are %" PRIu64 " events, the checkpoint has %" PRIu64,
                      stack.size, check->checkpoint.size);
        return ERR_NONE;
    }
    stack_root(&stack, root);
    if (memcmp(root, check->checkpoint.root, sizeof root) != 0)
        archive_fault(
            check, "the events are not those under the signed checkpoint: an event was changed "
                   "together with its leaf, or a row of table subtree was");
    return ERR_NONE;
}

/* ---- numbers against what was signed before they were printed ------------------------------
 */

static enum err add_identity(struct rows *rows, struct merkle *tree, struct buf *leaf,
                             struct why *why)
{
    size_t len = 0;
    struct identity identity = {rows_text(rows, 0), rows_text(rows, 1), rows_text(rows, 2)};
    const void *blinding = rows_blob(rows, 3, &len);
    buf_reset(leaf);
    if (!identity.series || !identity.scope || !identity.number || len != BLINDING_BYTES)
        return ERR_NOT_FOUND; /* no such leaf: the root will be another */
    identity_leaf_shown(&identity, blinding, leaf);
    if (buf_err(leaf))
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    merkle_add(tree, leaf->bytes, leaf->len);
    return ERR_NONE;
}

/* The root over the numbers of labels first..last of a job. */
static enum err numbers_root(struct check *check, int64_t job_id, int64_t first, int64_t last,
                             uint8_t out[static SHA256_BYTES], struct why *why)
{
    struct rows *rows = NULL;
    struct buf leaf = BUF_INIT(4096);
    struct merkle tree;
    bool have = false;
    merkle_init(&tree);
    enum err err =
        sql_query(check->txn, &rows, why,
                  "SELECT s.series, s.scope, n.number, n.blinding FROM number AS n"
                  " LEFT JOIN segment AS s ON s.job = n.job AND s.field = n.field"
                  "  AND s.first = (SELECT max (first) FROM segment WHERE job = n.job"
                  "   AND field = n.field AND first <= n.label)"
                  " WHERE n.job = ?1 AND n.label BETWEEN ?2 AND ?3"
                  " ORDER BY n.label, n.place",
                  "iii", job_id, first, last);
    while (!err && !(err = rows_next(rows, &have, why)) && have)
        err = add_identity(rows, &tree, &leaf, why);
    rows_end(rows);
    buf_free(&leaf);
    if (err == ERR_NOT_FOUND)
        err = ERR_NONE;
    if (!err)
        merkle_root(&tree, out);
    return err;
}

static enum err check_chunk(struct check *check, struct rows *chunk, struct why *why)
{
    uint8_t root[SHA256_BYTES];
    char hex[SHA256_HEX];
    const char *said = rows_text(chunk, 4);
    int64_t job_id = rows_int(chunk, 1), first = rows_int(chunk, 2), last = rows_int(chunk, 3);
    enum err err = archive_stopping(check->stop, why);
    if (!err)
        err = numbers_root(check, job_id, first, last, root, why);
    if (!err && (!said || strcmp(said, hex_text(root, sizeof root, hex)) != 0))
        archive_fault(check,
                      "job %" PRId64 ": the numbers of labels %" PRId64 " to %" PRId64
                      " are not those of the signed event of chunk %" PRId64,
                      job_id, first, last, rows_int(chunk, 0));
    return err;
}

enum err archive_check_numbers(struct check *check, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(check->txn, &rows, why,
                             "SELECT c.chunk, c.job, c.first, c.last,"
                             " CASE WHEN json_valid (CAST (e.body AS TEXT))"
                             "  THEN json_extract (CAST (e.body AS TEXT), '$.root') END"
                             " FROM chunk AS c LEFT JOIN event AS e ON e.seq = c.sending_seq"
                             " WHERE c.sending_seq IS NOT NULL ORDER BY c.chunk",
                             "");
    while (!err && !(err = rows_next(rows, &have, why)) && have)
        err = check_chunk(check, rows, why);
    rows_end(rows);
    return err;
}
