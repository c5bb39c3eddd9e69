/* SPDX-License-Identifier: Apache-2.0 */
/* witness.c: see witness.h. */
#include "spooler/ledger/witness.h"

#include "spooler/base/fault.h"
#include "spooler/base/durable.h"
#include "spooler/ledger/checkpoint.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *witness_state_name(enum witness_state state)
{
    static const char *const names[] = {
        [WITNESS_NONE] = "none",   [WITNESS_AGREES] = "agrees",
        [WITNESS_OLDER] = "older", [WITNESS_DIFFERS] = "differs",
        [WITNESS_OTHER] = "other", [WITNESS_MISSING] = "missing",
    };
    return names[state];
}

bool witness_is_well(const struct witness_finding *finding)
{
    return finding->state == WITNESS_NONE || finding->state == WITNESS_AGREES;
}

enum err witness_path(const char *folder, const char *store_id, char out[static PATH_MAX],
                      struct why *why)
{
    /* room for ".old" as well */
    int len = snprintf(out, PATH_MAX - 8, "%s/ledger-%s.witness", folder, store_id);
    if (len < 0 || len >= PATH_MAX - 8)
        return err_set(why, ERR_TOO_LARGE, "%.80s...: the path is too long", folder);
    return ERR_NONE;
}

/* ---- writing ---------------------------------------------------------------------- */

static enum err rotate(const char *path, struct why *why)
{
    struct stat info;
    char folder[PATH_MAX], old[PATH_MAX];
    const char *name = strrchr(path, '/') + 1;
    if (stat(path, &info) != 0 || info.st_size < WITNESS_ROTATE)
        return ERR_NONE; /* what is wrong with it, opening it will say */
    snprintf(folder, sizeof folder, "%.*s", (int)(name - path), path);
    snprintf(old, sizeof old, "%s.old", name);
    fault_point("witness.rotate.before");
    enum err err = durable_rename(folder, name, old, why);
    fault_point("witness.rotate.after");
    return err;
}

/* A line that a power cut tore must not swallow the next. */
static bool ends_torn(int fd)
{
    struct stat info;
    char last = '\n';
    return fstat(fd, &info) == 0 && info.st_size > 0 &&
           pread(fd, &last, 1, info.st_size - 1) == 1 && last != '\n';
}

static enum err append_line(const char *path, const struct buf *line, struct why *why)
{
    bool is_new = access(path, F_OK) != 0;
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "%s", path);
    enum err err = ends_torn(fd) ? fd_write_all(fd, "\n", 1, why) : ERR_NONE;
    if (!err)
        err = fd_write_all(fd, line->bytes, line->len, why);
    fault_point("witness.append.written");
    if (!err && fsync(fd) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "fsync %s", path);
    fault_point("witness.append.synced");
    if (close(fd) != 0 && !err)
        err = err_errno(why, ERR_SYSTEM, errno, "close %s", path);
    if (err || !is_new)
        return err;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    return durable_sync_folder(folder, why);
}

enum err witness_begin(const char *path, struct why *why)
{
    struct buf nothing = BUF_INIT(1);
    if (access(path, F_OK) == 0)
        return ERR_NONE;
    enum err err = append_line(path, &nothing, why);
    buf_free(&nothing);
    return err;
}

enum err witness_append(const char *path, uint64_t size, const char *note, size_t len,
                        int64_t made_ms, struct why *why)
{
    char at[CLOCK_ISO_SIZE];
    json_t *json = json_pack("{ss sI ss%}", "at", clock_iso(made_ms, at), "size",
                             (json_int_t)size, "checkpoint", note, len);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    struct buf line = BUF_INIT(2 * CHECKPOINT_MAX);
    if (text)
        buf_printf(&line, "%s\n", text);
    enum err err = text && !buf_err(&line) ? rotate(path, why)
                                           : err_set(why, ERR_NO_MEMORY, "out of memory");
    if (!err)
        err = append_line(path, &line, why);
    free(text);
    json_decref(json);
    buf_free(&line);
    return err;
}

/* ---- reading ---------------------------------------------------------------------- */

static bool is_signed(const json_t *note, const char *origin, const struct note_key *key)
{
    struct note_key named;
    if (!key || !note_name_ok(origin))
        return false;
    note_key_make(origin, key->public_key, &named);
    return note_check(json_string_value(note), json_string_length(note), &named, NULL) ==
           ERR_NONE;
}

bool witness_line_read(const char *line, size_t len, const struct note_key *key,
                       struct witness_line *out)
{
    json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    const char *at = json_string_value(json_object_get(json, "at"));
    json_t *note = json_object_get(json, "checkpoint");
    struct checkpoint checkpoint;
    bool good = at && strlen(at) < CLOCK_ISO_SIZE && json_is_string(note) &&
                checkpoint_read(json_string_value(note), json_string_length(note), NULL,
                                &checkpoint, NULL) == ERR_NONE &&
                checkpoint.size > 0 && checkpoint.size <= INT64_MAX;
    if (good) {
        memset(out, 0, sizeof *out);
        out->size = checkpoint.size;
        memcpy(out->root, checkpoint.root, sizeof out->root);
        memcpy(out->at, at, strlen(at));
        out->by_key = is_signed(note, checkpoint.origin, key);
    }
    json_decref(json);
    return good;
}

static enum err read_file(const char *path, struct buf *out, struct why *why)
{
    enum err err = file_read(path, out->max - 1, out, why);
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* The lines from the last one back. */
struct backwards {
    const struct buf *text;
    size_t end;                 /* of what is not read yet */
    const struct note_key *key; /* NULL = signatures are not looked at */
};

static bool line_before(struct backwards *lines, struct witness_line *out)
{
    const char *text = (const char *)lines->text->bytes;
    while (lines->end > 0) {
        size_t end = lines->end, start = end;
        while (start > 0 && text[start - 1] != '\n')
            start--;
        lines->end = start > 0 ? start - 1 : 0;
        if (end > start && witness_line_read(text + start, end - start, lines->key, out))
            return true;
    }
    return false;
}

/* ---- comparing --------------------------------------------------------------------- */

struct comparing {
    struct backwards lines;
    struct witness_finding *finding;
    bool there; /* its file, or the one before it, with or without a line */
};

/* {"seq":7,"at":"...": the time of the newest event, as far as it can be read. */
static enum err newest_event(struct txn *txn, struct witness_finding *finding, struct why *why)
{
    int64_t size = 0;
    struct buf body = BUF_INIT(LEDGER_BODY_MAX + 1);
    enum err err = ledger_size(txn, &size, why);
    finding->store_size = (uint64_t)size;
    finding->store_at[0] = '\0';
    if (!err && size > 0)
        err = ledger_body(txn, size, &body, why);
    json_t *json = err ? NULL : json_loadb(buf_text(&body), body.len, 0, NULL);
    const char *at = json_string_value(json_object_get(json, "at"));
    if (at && strlen(at) < sizeof finding->store_at)
        memcpy(finding->store_at, at, strlen(at) + 1);
    json_decref(json);
    buf_free(&body);
    return err;
}

/* An event that is missing is a finding like another root: temd must start to tell of it. */
static enum err agrees(struct txn *txn, const struct witness_line *line, bool *out,
                       struct why *why)
{
    uint8_t root[SHA256_BYTES];
    enum err err = tree_root(txn, line->size, root, why);
    *out = !err && memcmp(root, line->root, sizeof root) == 0;
    return err == ERR_CORRUPT ? ERR_NONE : err;
}

/* How far back one has to go until both say the same. An older copy says the same as soon as it
 * is asked about events that it has; one that does not was edited as well. */
static enum err find_agreement(struct txn *txn, struct comparing *comparing, struct why *why)
{
    struct witness_finding *finding = comparing->finding;
    struct witness_line line;
    bool same = false;
    enum err err = ERR_NONE;
    while (!err && !same && line_before(&comparing->lines, &line)) {
        if (line.size > finding->store_size)
            continue;
        err = agrees(txn, &line, &same, why);
        if (!err && !same)
            finding->state = WITNESS_DIFFERS;
    }
    if (err || !same)
        return err;
    finding->agreed_size = line.size;
    memcpy(finding->agreed_at, line.at, sizeof line.at);
    return ERR_NONE;
}

/* The file is there before the first checkpoint is in the store (witness_begin). Checkpoints of
 * an earlier epoch were set aside with their witness when the store was renewed. */
static enum err had_witness(struct txn *txn, const struct comparing *comparing, struct why *why)
{
    int64_t count = 0;
    enum err err =
        sql_int(txn, &count, why,
                "SELECT count(*) FROM (SELECT 1 FROM checkpoint WHERE size > coalesce((SELECT"
                " CAST (value AS INTEGER) FROM meta WHERE key = 'renewed_size'), 0) LIMIT 1)",
                "");
    if (!err && count > 0 && !comparing->there)
        comparing->finding->state = WITNESS_MISSING;
    return err;
}

static enum err compare(struct txn *txn, void *arg, struct why *why)
{
    struct comparing *comparing = arg;
    struct witness_finding *finding = comparing->finding;
    struct witness_line line;
    bool same = false;
    enum err err = newest_event(txn, finding, why);
    if (err)
        return err;
    if (!line_before(&comparing->lines, &line))
        return had_witness(txn, comparing, why);
    finding->witness_size = line.size;
    memcpy(finding->witness_at, line.at, sizeof line.at);
    if (line.size <= finding->store_size)
        err = agrees(txn, &line, &same, why);
    if (err)
        return err;
    finding->state = same                              ? WITNESS_AGREES
                     : line.size > finding->store_size ? WITNESS_OLDER
                                                       : WITNESS_DIFFERS;
    if (!same)
        return find_agreement(txn, comparing, why);
    finding->agreed_size = line.size;
    memcpy(finding->agreed_at, line.at, sizeof line.at);
    return ERR_NONE;
}

static void say(struct witness_finding *finding, const char *path)
{
    char agreed[160] = "None of the checkpoints in the file is of this store's past.";
    if (finding->agreed_size)
        snprintf(agreed, sizeof agreed, "They agree up to event %llu (%s).",
                 (unsigned long long)finding->agreed_size, finding->agreed_at);
    if (finding->state == WITNESS_OLDER)
        snprintf(finding->words, sizeof finding->words,
                 "the store is older than its witness: it has %llu events (the newest of %s), "
                 "%llu were signed at %s. %s It was restored from an older copy, or its newest "
                 "events were removed. Witness: %.100s",
                 (unsigned long long)finding->store_size, finding->store_at,
                 (unsigned long long)finding->witness_size, finding->witness_at, agreed, path);
    else if (finding->state == WITNESS_MISSING)
        snprintf(
            finding->words, sizeof finding->words,
            "the store has signed checkpoints, but its witness is gone, %.100s. If "
            "folders.witness "
            "was changed, or its disk is not mounted, put that file and registry-*.marks back "
            "there; if the store was put back from a copy, put it back with `tem restore`. It "
            "has "
            "%llu events, the newest of %s",
            path, (unsigned long long)finding->store_size, finding->store_at);
    else if (finding->state == WITNESS_DIFFERS)
        snprintf(
            finding->words, sizeof finding->words,
            "the store is not the one that was signed: of the %llu events of %s it has %llu, "
            "and "
            "not all of them as they were. %s It was edited, or an older copy of it went on. "
            "Witness: %.100s",
            (unsigned long long)finding->witness_size, finding->witness_at,
            (unsigned long long)(finding->store_size < finding->witness_size
                                     ? finding->store_size
                                     : finding->witness_size),
            agreed, path);
}

enum err ledger_witness_check(struct store *store, const char *path,
                              struct witness_finding *out, struct why *why)
{
    struct witness_finding finding = {.state = WITNESS_NONE};
    char old[PATH_MAX + 8];
    struct buf text = BUF_INIT(2 * WITNESS_ROTATE);
    snprintf(old, sizeof old, "%s.old", path);
    enum err err = read_file(path, &text, why);
    struct comparing comparing = {.lines = {&text, text.len, NULL}, .finding = &finding};
    struct witness_line line;
    struct backwards look = comparing.lines;
    if (!err && !line_before(&look, &line)) { /* between rotating and the next line */
        buf_reset(&text);
        err = read_file(old, &text, why);
        comparing.lines.end = text.len;
    }
    comparing.there = access(path, F_OK) == 0 || access(old, F_OK) == 0;
    if (!err)
        err = store_read(store, compare, &comparing, why);
    if (!err) {
        say(&finding, path);
        *out = finding;
    }
    buf_free(&text);
    return err;
}

/* ---- another store's ---------------------------------------------------------------- */

/* The newest line of a file that this key signed. */
static bool newest_by(const char *path, const struct note_key *key, struct witness_line *out)
{
    struct buf text = BUF_INIT(2 * WITNESS_ROTATE);
    struct witness_line line;
    bool found = false;
    if (read_file(path, &text, NULL) == ERR_NONE) {
        struct backwards lines = {&text, text.len, key};
        found = line_before(&lines, &line) && line.by_key;
    }
    buf_free(&text);
    if (found)
        *out = line;
    return found;
}

/* "ledger-ID.witness" of another store. */
static bool is_other(const char *name, const char *store_id)
{
    static const char head[] = "ledger-", tail[] = ".witness";
    size_t len = strlen(name), id = strlen(store_id);
    return len > sizeof head + sizeof tail - 2 && strncmp(name, head, sizeof head - 1) == 0 &&
           strcmp(name + len - sizeof tail + 1, tail) == 0 &&
           !(len == sizeof head + sizeof tail - 2 + id &&
             memcmp(name + sizeof head - 1, store_id, id) == 0);
}

enum err ledger_witness_others(const char *folder, const char *store_id,
                               const struct note_key *key, struct witness_finding *finding,
                               struct why *why)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return err_errno(why, ERR_SYSTEM, errno, "%s", folder);
    const struct dirent *entry;
    while (finding->state == WITNESS_NONE && (entry = readdir(dir))) {
        char path[PATH_MAX];
        struct witness_line line;
        if (!is_other(entry->d_name, store_id) ||
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= PATH_MAX ||
            !newest_by(path, key, &line))
            continue;
        finding->state = WITNESS_OTHER;
        finding->witness_size = line.size;
        memcpy(finding->witness_at, line.at, sizeof line.at);
        snprintf(finding->words, sizeof finding->words,
                 "these keys are those of another store, which had %llu events at %s: this one "
                 "would issue its numbers again. Put that store back, or begin with new keys. "
                 "Witness: %.200s",
                 (unsigned long long)line.size, line.at, path);
    }
    return closedir(dir) == 0 ? ERR_NONE : err_errno(why, ERR_SYSTEM, errno, "%s", folder);
}
