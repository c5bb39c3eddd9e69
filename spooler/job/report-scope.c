/* SPDX-License-Identifier: Apache-2.0 */
/* report-scope.c: a scope's counters laid edge to edge: whose they are, or why nobody's. */
#include "spooler/job/report.h"

#include <stdlib.h>

const char *piece_kind_name(enum piece_kind kind)
{
    static const char *const names[] = {[PIECE_RANGE] = "range",
                                        [PIECE_SKIPPED] = "skipped",
                                        [PIECE_MISSING] = "unexplained",
                                        [PIECE_DOUBLE] = "double"};
    return names[kind];
}

struct walk {
    struct txn *txn;
    const struct scope_ref *scope;
    const struct period *period;
    piece_fn *fn;
    void *arg;
    struct scope_account *out;
    uint64_t next; /* the counter behind what was told so far */
};

static enum err tell(struct walk *walk, const struct piece *piece, struct why *why)
{
    struct scope_account *out = walk->out;
    if (out->last < out->first)
        out->first = piece->first;
    if (out->last < piece->last)
        out->last = piece->last;
    out->sums[piece->kind] += piece->last - piece->first + 1;
    return walk->fn(walk->arg, piece, why);
}

/* Ends are those behind the last counter: counters begin with 0, and before it is none. */
static enum err tell_missing(struct walk *walk, uint64_t first, uint64_t end, struct why *why)
{
    struct piece piece = {.kind = PIECE_MISSING, .first = first, .last = end - 1};
    return first >= end ? ERR_NONE : tell(walk, &piece, why);
}

static enum err tell_skipped(void *arg, const struct skipped *skipped, struct why *why)
{
    struct walk *walk = arg;
    struct piece piece = {.kind = PIECE_SKIPPED,
                          .first = skipped->first,
                          .last = skipped->last,
                          .reason = skipped->reason,
                          .at_ms = skipped->at_ms};
    enum err err = tell_missing(walk, walk->next, skipped->first, why);
    walk->next = skipped->last + 1;
    return err ? err : tell(walk, &piece, why);
}

/* Counters from walk->next on, before `end`, belong to no job. */
static enum err tell_gap(struct walk *walk, uint64_t end, struct why *why)
{
    if (walk->next >= end)
        return ERR_NONE;
    enum err err = registry_skipped(walk->txn, walk->scope->scope_id, walk->next, end - 1,
                                    tell_skipped, walk, why);
    if (!err)
        err = tell_missing(walk, walk->next, end, why);
    walk->next = end;
    return err;
}

static enum err tell_range(struct walk *walk, const struct piece *range, struct why *why)
{
    bool ours = range->at_ms >= walk->period->from_ms && range->at_ms < walk->period->to_ms;
    enum err err = ours ? tell_gap(walk, range->first, why) : ERR_NONE;
    uint64_t before = walk->next;
    walk->next = range->last + 1 > before ? range->last + 1 : before;
    if (!err && !ours) /* with the gap before it, which is of its period as well */
        walk->out->others += walk->next - before;
    if (!err && ours)
        err = tell(walk, range, why);
    if (!err && range->first < before) {
        struct piece twice = *range;
        twice.kind = PIECE_DOUBLE;
        twice.last = range->last < before - 1 ? range->last : before - 1;
        err = tell(walk, &twice, why);
    }
    return err;
}

/* ---- the period -------------------------------------------------------------------------- */

/* The first and the last range of a scope that a job of the period has. */
struct bounds {
    int64_t scope_id, low, high;
};

static bool is_all(const struct period *period)
{
    return period->from_ms == PERIOD_ALL_FROM && period->to_ms == PERIOD_ALL_TO;
}

static enum err add_bounds(struct period *period, const struct bounds *bounds, struct why *why)
{
    struct bounds *list = period->bounds;
    if ((period->count & (period->count - 1)) == 0)
        list = reallocarray(list, period->count ? period->count * 2 : 1, sizeof *list);
    if (!list)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    period->bounds = list;
    period->bounds[period->count++] = *bounds;
    return ERR_NONE;
}

/* By job, then its segments: asked by scope, SQLite would go through all of a scope for each
 * job. */
enum err period_find(struct txn *txn, struct period *period, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    if (is_all(period))
        return ERR_NONE;
    enum err err =
        sql_query(txn, &rows, why,
                  "SELECT s.scope_id, min(s.range_first), max(s.range_first) FROM job AS j"
                  " CROSS JOIN segment AS s ON s.job_id = j.id"
                  " WHERE j.accepted_ms >= ?1 AND j.accepted_ms < ?2"
                  " GROUP BY s.scope_id ORDER BY s.scope_id",
                  "ii", period->from_ms, period->to_ms);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct bounds bounds = {rows_int(rows, 0), rows_int(rows, 1), rows_int(rows, 2)};
        err = add_bounds(period, &bounds, why);
    }
    rows_end(rows);
    return err;
}

void period_free(struct period *period)
{
    free(period->bounds);
    period->bounds = NULL;
    period->count = 0;
}

/* false: no job of the period has a number of this scope. */
static bool find_bounds(const struct walk *walk, int64_t *low, int64_t *high)
{
    const struct period *period = walk->period;
    size_t from = 0, to = period->count;
    *low = 0;
    *high = INT64_MAX;
    if (is_all(period))
        return true;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (period->bounds[middle].scope_id < walk->scope->scope_id)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == period->count || period->bounds[from].scope_id != walk->scope->scope_id)
        return false;
    *low = period->bounds[from].low;
    *high = period->bounds[from].high;
    return true;
}

/* ---- one scope --------------------------------------------------------------------------- */

/* Where the range before counter `low` ends; `first` when there is none. */
static enum err find_start(const struct walk *walk, int64_t low, uint64_t first, uint64_t *next,
                           struct why *why)
{
    int64_t end = 0;
    enum err err = sql_int(walk->txn, &end, why,
                           "SELECT range_first + last - first + 1 FROM segment"
                           " WHERE scope_id = ?1 AND range_first < ?2"
                           " ORDER BY range_first DESC LIMIT 1",
                           "ii", walk->scope->scope_id, low);
    if (err && err != ERR_NOT_FOUND)
        return err;
    *next = err ? first : (uint64_t)end;
    return ERR_NONE;
}

static enum err walk_ranges(struct walk *walk, int64_t low, int64_t high, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(walk->txn, &rows, why,
                             "SELECT s.range_first, s.last - s.first, s.job_id, s.first,"
                             " j.accepted_ms, coalesce(j.archive_id, 0) FROM segment AS s JOIN "
                             "job AS j ON j.id = s.job_id"
                             " WHERE s.scope_id = ?1 AND s.range_first BETWEEN ?2 AND ?3"
                             " ORDER BY s.range_first",
                             "iii", walk->scope->scope_id, low, high);
    while (!err && !(err = rows_next(rows, &have, why)) && have) {
        struct piece range = {.kind = PIECE_RANGE,
                              .first = (uint64_t)rows_int(rows, 0),
                              .job_id = rows_int(rows, 2),
                              .first_label = (uint64_t)rows_int(rows, 3),
                              .at_ms = rows_int(rows, 4),
                              .archive_id = rows_int(rows, 5)};
        range.last = range.first + (uint64_t)rows_int(rows, 1);
        err = tell_range(walk, &range, why);
    }
    rows_end(rows);
    return err;
}

enum err scope_account(struct txn *txn, const struct scope_ref *scope,
                       const struct period *period, int64_t now_ms, piece_fn *fn, void *arg,
                       struct scope_account *out, struct why *why)
{
    struct scope_account sums = {.first = 1, .last = 0};
    struct walk walk = {
        .txn = txn, .scope = scope, .period = period, .fn = fn, .arg = arg, .out = &sums};
    int64_t low, high;
    uint64_t first, next, end = 0;
    bool some = find_bounds(&walk, &low, &high);
    /* What was left out behind the last job has no job behind it yet. */
    bool open = some && period->to_ms > now_ms;
    enum err err = registry_extent(txn, scope, &first, &next, why);
    if (!err)
        err = find_start(&walk, low, first, &walk.next, why);
    if (!err && some)
        err = walk_ranges(&walk, low, high, why);
    if (!err && open)
        err = find_start(&walk, INT64_MAX, first, &end, why);
    if (!err && open && end == walk.next)
        err = tell_gap(&walk, next, why);
    if (!err && open && end > next)
        sums.ahead = end - next;
    if (!err)
        *out = sums;
    return err;
}
