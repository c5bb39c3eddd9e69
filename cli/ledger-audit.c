/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ledger-audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (2 * 1024 * 1024) /* an event has at most half of it */

/* ---- lines --------------------------------------------------------------------------- */

static enum err end_part(struct splitter *splitter, const char *bytes, size_t len)
{
    buf_add(&splitter->part, bytes, len);
    enum err err = buf_err(&splitter->part);
    if (!err)
        err = splitter->line(splitter->arg, buf_text(&splitter->part), splitter->part.len);
    buf_reset(&splitter->part);
    return err;
}

enum err splitter_feed(void *arg, const char *bytes, size_t len)
{
    struct splitter *splitter = arg;
    enum err err = ERR_NONE;
    while (!err && len > 0) {
        const char *newline = memchr(bytes, '\n', len);
        size_t n = newline ? (size_t)(newline - bytes) : len;
        if (!newline) {
            buf_add(&splitter->part, bytes, n);
            return buf_err(&splitter->part);
        }
        err = splitter->part.len ? end_part(splitter, bytes, n)
                                 : splitter->line(splitter->arg, bytes, n);
        bytes += n + 1;
        len -= n + 1;
    }
    return err;
}

void splitter_free(struct splitter *splitter)
{
    buf_free(&splitter->part);
}

/* ---- faults -------------------------------------------------------------------------- */

static enum err fault(struct audit *audit, const char *kind, uint64_t first, uint64_t last,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));

static enum err fault(struct audit *audit, const char *kind, uint64_t first, uint64_t last,
                      const char *format, ...)
{
    va_list args;
    audit->fault.kind = kind;
    audit->fault.first = first;
    audit->fault.last = last;
    va_start(args, format);
    vsnprintf(audit->fault.words, sizeof audit->fault.words, format, args);
    va_end(args);
    return ERR_CORRUPT;
}

static enum err missing(struct audit *audit, uint64_t first, uint64_t last, const char *then)
{
    if (first == last)
        return fault(audit, "missing", first, last, "event %" PRIu64 " is missing%s", first,
                     then);
    return fault(audit, "missing", first, last,
                 "events %" PRIu64 " to %" PRIu64 " are missing%s", first, last, then);
}

/* What came behind an event that stood in the wrong place tells which way it went: after a gap
 * the numbers go on, after an exchange they are as before. */
static enum err judge(struct audit *audit, uint64_t then)
{
    uint64_t place = audit->tree.size + 1, found = audit->strange;
    if (found > place && (then == found + 1 || then == 0))
        return missing(audit, place, found - 1, "");
    return fault(audit, "moved", place, place,
                 "in the place of event %" PRIu64 " stands event %" PRIu64
                 ": they were exchanged or put elsewhere",
                 place, found);
}

/* ---- events -------------------------------------------------------------------------- */

uint64_t audit_seq(const char *body, size_t len)
{
    static const char head[] = "{\"seq\":";
    uint64_t seq = 0;
    size_t i = sizeof head - 1;
    if (len < i + 2 || memcmp(body, head, i) != 0)
        return 0;
    for (; i < len && body[i] >= '0' && body[i] <= '9'; i++) {
        if (seq > (uint64_t)INT64_MAX / 10 - 1)
            return 0;
        seq = seq * 10 + (uint64_t)(body[i] - '0');
    }
    return i < len && body[i] == ',' ? seq : 0;
}

static void say_when(const struct audit_mark *mark, char *out, size_t size)
{
    snprintf(out, size, "%s%s", *mark->at ? " of " : "", mark->at);
}

/* All marks at the size that is reached. */
static enum err compare_marks(struct audit *audit)
{
    uint8_t root[SHA256_BYTES];
    uint64_t size = audit->tree.size, agreed = audit->agreed;
    while (audit->mark_at < audit->mark_count && audit->marks[audit->mark_at].size == size) {
        const struct audit_mark *mark = &audit->marks[audit->mark_at++];
        char when[48];
        say_when(mark, when, sizeof when);
        merkle_root(&audit->tree, root);
        if (memcmp(root, mark->root, sizeof root) != 0)
            return fault(audit, "changed", agreed + 1, size,
                         "events %" PRIu64 " to %" PRIu64
                         " are not those that were signed: the "
                         "root at %" PRIu64 " is not that of %s checkpoint%s",
                         agreed + 1, size, size, mark->source, when);
        audit->agreed = size;
    }
    return ERR_NONE;
}

static enum err take_event(void *arg, const char *body, size_t len)
{
    struct audit *audit = arg;
    uint64_t place = audit->tree.size + 1, seq = audit_seq(body, len);
    if (audit->strange)
        return judge(audit, seq);
    if (seq == 0)
        return fault(audit, "malformed", place, place,
                     "event %" PRIu64 " was changed: it does not begin as events do", place);
    if (seq != place) {
        audit->strange = seq;
        return ERR_NONE;
    }
    merkle_add(&audit->tree, body, len);
    return compare_marks(audit);
}

static int by_size(const void *a, const void *b)
{
    const struct audit_mark *left = a, *right = b;
    return left->size < right->size ? -1 : left->size > right->size;
}

void audit_sort(struct audit_mark *marks, size_t count)
{
    if (count)
        qsort(marks, count, sizeof *marks, by_size);
}

void audit_begin(struct audit *audit, const struct merkle *start,
                 const struct audit_mark *marks, size_t count)
{
    *audit = (struct audit){.tree = *start,
                            .marks = marks,
                            .mark_count = count,
                            .agreed = start->size,
                            .splitter = {BUF_INIT(LINE_MAX_BYTES), take_event, audit}};
    while (audit->mark_at < count && marks[audit->mark_at].size <= start->size)
        audit->mark_at++;
}

enum err audit_feed(void *arg, const char *bytes, size_t len)
{
    struct audit *audit = arg;
    enum err err = splitter_feed(&audit->splitter, bytes, len);
    if (err == ERR_TOO_LARGE)
        err = fault(audit, "malformed", audit->tree.size + 1, audit->tree.size + 1,
                    "event %" PRIu64 " is longer than events are", audit->tree.size + 1);
    return err;
}

void audit_end(struct audit *audit, uint64_t size)
{
    uint64_t have = audit->tree.size;
    if (audit->fault.kind)
        return;
    if (audit->strange)
        (void)judge(audit, 0); /* it is in audit->fault */
    else if (audit->splitter.part.len)
        (void)fault(audit, "malformed", have + 1, have + 1, "event %" PRIu64 " breaks off",
                    have + 1);
    else if (have < size)
        (void)missing(audit, have + 1, size, ": the newest were removed");
    else if (have > size)
        (void)fault(audit, "unsigned", size + 1, have,
                    "events %" PRIu64 " to %" PRIu64
                    " are behind the checkpoint: nobody signed "
                    "them",
                    size + 1, have);
    else if (audit->mark_at < audit->mark_count) {
        const struct audit_mark *mark = &audit->marks[audit->mark_count - 1];
        char when[48];
        say_when(mark, when, sizeof when);
        (void)fault(audit, "removed", have + 1, mark->size,
                    "events %" PRIu64 " to %" PRIu64
                    " were signed and are gone: there are %" PRIu64
                    ", %s checkpoint%s has %" PRIu64 ". The newest were removed, or an "
                    "older copy was put in the ledger's place",
                    have + 1, mark->size, have, mark->source, when, mark->size);
    }
}

void audit_free(struct audit *audit)
{
    splitter_free(&audit->splitter);
}
