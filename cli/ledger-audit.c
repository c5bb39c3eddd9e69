/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ledger-audit.h"

#include <inttypes.h>
#include <jansson.h>
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

/* ---- archived bodies ------------------------------------------------------------------ */

static struct audit_archive *archive_of(struct audit *audit, uint64_t id)
{
    size_t count = audit->archive_count;
    struct audit_archive *list = audit->archives;
    for (size_t i = count; i-- > 0;)
        if (list[i].id == id)
            return &list[i];
    if (count == AUDIT_ARCHIVES_MAX)
        return NULL;
    if ((count & (count - 1)) == 0)
        list = reallocarray(list, count ? count * 2 : 1, sizeof *list);
    if (!list)
        return NULL;
    audit->archives = list;
    list[count] = (struct audit_archive){.id = id};
    sha256_init(&list[count].leaves);
    audit->archive_count++;
    return &list[count];
}

/* {"seq":7,"archive":2,"leaf":"..."}: events themselves go on with "at". */
static bool parse_stand_in(const char *body, size_t len, uint64_t *archive,
                           uint8_t leaf[static SHA256_BYTES])
{
    char text[160], hex[SHA256_HEX];
    unsigned long long seq, id;
    int end = 0;
    if (len >= sizeof text)
        return false;
    memcpy(text, body, len);
    text[len] = '\0';
    if (sscanf(text, "{\"seq\":%llu,\"archive\":%llu,\"leaf\":\"%64[0-9a-f]\"}%n", &seq, &id,
               hex, &end) != 3 ||
        (size_t)end != len || strlen(hex) != SHA256_HEX - 1)
        return false;
    *archive = id;
    return hex_parse(hex, leaf, SHA256_BYTES) != 0;
}

static bool is_stand_in(const char *body, size_t len)
{
    const char *comma = memchr(body, ',', len);
    static const char next[] = ",\"archive\":";
    return comma && (size_t)(body + len - comma) >= sizeof next - 1 &&
           memcmp(comma, next, sizeof next - 1) == 0;
}

static enum err take_stand_in(struct audit *audit, uint64_t seq, const char *body, size_t len)
{
    uint8_t leaf[SHA256_BYTES];
    char line[SHA256_HEX + 32], hex[SHA256_HEX];
    uint64_t id;
    if (!parse_stand_in(body, len, &id, leaf))
        return fault(audit, "malformed", seq, seq,
                     "event %" PRIu64 " was changed: what stands in for it is malformed", seq);
    struct audit_archive *archive = archive_of(audit, id);
    if (!archive)
        return ERR_NO_MEMORY;
    int n =
        snprintf(line, sizeof line, "%" PRIu64 " %s\n", seq, hex_text(leaf, sizeof leaf, hex));
    sha256_update(&archive->leaves, (size_t)n, (const uint8_t *)line);
    archive->stand_ins++;
    merkle_add_hash(&audit->tree, leaf);
    return ERR_NONE;
}

/* The event that puts an archive on record. */
static enum err note_archive(struct audit *audit, const char *body, size_t len)
{
    static const char type[] = "\"type\":\"jobs.archived\"";
    if (!memmem(body, len < 96 ? len : 96, type, sizeof type - 1))
        return ERR_NONE;
    json_t *json = json_loadb(body, len, 0, NULL);
    struct audit_archive *archive =
        archive_of(audit, (uint64_t)json_integer_value(json_object_get(json, "archive")));
    if (archive) {
        const char *leaves = json_string_value(json_object_get(json, "leaves"));
        const char *sha256 = json_string_value(json_object_get(json, "sha256"));
        const char *file = json_string_value(json_object_get(json, "file"));
        archive->recorded = leaves && sha256 && file;
        archive->events = (uint64_t)json_integer_value(json_object_get(json, "events"));
        snprintf(archive->leaves_hex, sizeof archive->leaves_hex, "%s", leaves ? leaves : "");
        snprintf(archive->sha256, sizeof archive->sha256, "%s", sha256 ? sha256 : "");
        snprintf(archive->file, sizeof archive->file, "%s", file ? file : "");
    }
    json_decref(json);
    return archive ? ERR_NONE : ERR_NO_MEMORY;
}

/* Stand-ins must be those that an event names: else hashes could hide what was taken out. Of an
 * archive whose other events are here in full only their number is compared. */
static void judge_archive(struct audit *audit, struct audit_archive *archive)
{
    uint8_t hash[SHA256_BYTES];
    char hex[SHA256_HEX];
    if (archive->stand_ins == 0)
        return;
    if (!archive->recorded || archive->stand_ins > archive->events) {
        (void)fault(audit, "archive", 1, audit->tree.size,
                    "%" PRIu64 " events are said to be in archive %" PRIu64
                    ", the ledger has %" PRIu64 " on record for it: some were taken out",
                    archive->stand_ins, archive->id, archive->recorded ? archive->events : 0);
        return;
    }
    if (archive->stand_ins < archive->events)
        return;
    sha256_digest(&archive->leaves, sizeof hash, hash);
    if (strcmp(hex_text(hash, sizeof hash, hex), archive->leaves_hex) != 0)
        (void)fault(audit, "archive", 1, audit->tree.size,
                    "the events that are said to be in archive %" PRIu64
                    " are not those that were archived",
                    archive->id);
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
    enum err err = ERR_NONE;
    if (is_stand_in(body, len))
        err = take_stand_in(audit, seq, body, len);
    else {
        merkle_add(&audit->tree, body, len);
        err = note_archive(audit, body, len);
    }
    return err ? err : compare_marks(audit);
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
    for (size_t i = 0; !audit->fault.kind && i < audit->archive_count; i++)
        judge_archive(audit, &audit->archives[i]);
}

void audit_free(struct audit *audit)
{
    splitter_free(&audit->splitter);
    free(audit->archives);
}
