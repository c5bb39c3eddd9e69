/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/registry/marks.h"

#include "spooler/base/durable.h"
#include "spooler/base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)1 << 30)
#define LINE_MAX_BYTES 1024

struct mark {
    char *key; /* "series\ngeneration\nscope"; NULL = an empty slot */
    uint64_t to;
};

struct marks {
    char *path;
    int fd;
    off_t len;          /* of the file, whole lines */
    struct mark *slots; /* open addressing; a power of two */
    size_t size, count;
    struct buf waiting; /* lines that are not on disk yet */
};

/* ---- the table -------------------------------------------------------------------------- */

static size_t slot_of(const struct marks *marks, const char *key)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (const char *c = key; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    size_t slot = (size_t)hash & (marks->size - 1);
    while (marks->slots[slot].key && strcmp(marks->slots[slot].key, key) != 0)
        slot = (slot + 1) & (marks->size - 1);
    return slot;
}

static enum err grow(struct marks *marks)
{
    struct marks larger = {.size = marks->size ? marks->size * 2 : 64};
    larger.slots = calloc(larger.size, sizeof *larger.slots);
    if (!larger.slots)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < marks->size; i++)
        if (marks->slots[i].key)
            larger.slots[slot_of(&larger, marks->slots[i].key)] = marks->slots[i];
    free(marks->slots);
    marks->slots = larger.slots;
    marks->size = larger.size;
    return ERR_NONE;
}

/* The mark of a key, made with 0. NULL: out of memory. */
static struct mark *mark_of(struct marks *marks, const char *key)
{
    if (2 * (marks->count + 1) > marks->size && grow(marks) != ERR_NONE)
        return NULL;
    struct mark *mark = &marks->slots[slot_of(marks, key)];
    if (!mark->key && (mark->key = strdup(key)))
        marks->count++;
    return mark->key ? mark : NULL;
}

static enum err make_key(const char *series, uint32_t generation, const char *scope,
                         struct buf *out)
{
    buf_printf(out, "%s\n%u\n%s", series, generation, scope);
    return buf_err(out);
}

/* ---- the file -----------------------------------------------------------------------------
 */

static enum err add_line(struct buf *out, const char *series, uint32_t generation,
                         const char *scope, uint64_t to)
{
    json_t *line = json_pack("{ss sI ss sI}", "series", series, "generation",
                             (json_int_t)generation, "scope", scope, "to", (json_int_t)to);
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    json_decref(line);
    if (!text)
        return ERR_NO_MEMORY;
    buf_add_text(out, text);
    buf_add_byte(out, '\n');
    free(text);
    return buf_err(out);
}

static bool take_line(struct marks *marks, const char *text, size_t len, enum err *err)
{
    const char *series, *scope;
    json_int_t generation, to;
    struct buf key = BUF_INIT(LINE_MAX_BYTES);
    json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    bool good = json_unpack(line, "{s:s, s:I, s:s, s:I}", "series", &series, "generation",
                            &generation, "scope", &scope, "to", &to) == 0 &&
                generation > 0 && generation <= UINT32_MAX && to >= 0;
    if (good) {
        *err = make_key(series, (uint32_t)generation, scope, &key);
        struct mark *mark = *err ? NULL : mark_of(marks, buf_text(&key));
        if (!mark)
            *err = ERR_NO_MEMORY;
        else if (mark->to < (uint64_t)to)
            mark->to = (uint64_t)to;
    }
    json_decref(line);
    buf_free(&key);
    return good;
}

static enum err read_file(struct marks *marks, struct why *why)
{
    struct buf text = BUF_INIT(FILE_MAX_BYTES);
    size_t number = 1;
    enum err err = file_read(marks->path, FILE_MAX_BYTES, &text, why);
    if (err == ERR_NOT_FOUND) {
        buf_free(&text);
        return ERR_NONE;
    }
    for (const char *at = buf_text(&text), *end = at + text.len; !err && at < end; number++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        if (!feed)
            break; /* torn: what it would have allowed was never issued */
        if (!take_line(marks, at, (size_t)(feed - at), &err) && !err)
            err = err_set(
                why, ERR_CORRUPT,
                "%s, line %zu is no mark: numbers could be issued twice without it; mend the"
                " line, or move the file away to go on from the store alone",
                marks->path, number);
        else if (err)
            err_set(why, err, "out of memory for marks");
        at = feed + 1;
    }
    buf_free(&text);
    return err;
}

static enum err line_of(void *arg, const char *series, uint32_t generation, const char *scope,
                        uint64_t to, struct why *why)
{
    (void)why; /* said by the caller */
    return add_line(arg, series, generation, scope, to);
}

/* Each scope's last mark only; then the file is open for more. */
static enum err rewrite(struct marks *marks, struct why *why)
{
    struct buf text = BUF_INIT(FILE_MAX_BYTES);
    enum err err = marks_each(marks, line_of, &text, why);
    if (err)
        err_set(why, err, "out of memory for marks");
    else
        err = durable_write(marks->path, text.bytes, text.len, 0640, why);
    size_t text_len = text.len;
    buf_free(&text);
    if (err)
        return err;
    marks->len = (off_t)text_len;
    marks->fd = open(marks->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    return marks->fd < 0 ? err_errno(why, ERR_SYSTEM, errno, "open %s", marks->path) : ERR_NONE;
}

/* ---- from outside --------------------------------------------------------------------------
 */

enum err marks_open(const char *path, struct marks **out, struct why *why)
{
    struct marks *marks = calloc(1, sizeof *marks);
    if (!marks || !(marks->path = strdup(path)) || grow(marks) != ERR_NONE) {
        if (marks)
            free(marks->path);
        free(marks);
        return err_set(why, ERR_NO_MEMORY, "out of memory for marks");
    }
    marks->fd = -1;
    buf_init(&marks->waiting, FILE_MAX_BYTES);
    enum err err = read_file(marks, why);
    if (!err)
        err = rewrite(marks, why);
    if (err)
        marks_free(marks);
    else
        *out = marks;
    return err;
}

void marks_free(struct marks *marks)
{
    if (!marks)
        return;
    if (marks->fd >= 0)
        close(marks->fd); /* what counts was synced */
    for (size_t i = 0; i < marks->size; i++)
        free(marks->slots[i].key);
    free(marks->slots);
    free(marks->path);
    buf_free(&marks->waiting);
    free(marks);
}

enum err marks_reach(struct marks *marks, const char *series, uint32_t generation,
                     const char *scope, uint64_t next, struct why *why)
{
    struct buf key = BUF_INIT(LINE_MAX_BYTES);
    enum err err = make_key(series, generation, scope, &key);
    struct mark *mark = err ? NULL : mark_of(marks, buf_text(&key));
    if (!mark)
        err = ERR_NO_MEMORY;
    else if (mark->to < next) {
        uint64_t to = next > INT64_MAX - MARKS_AHEAD ? INT64_MAX : next + MARKS_AHEAD;
        err = add_line(&marks->waiting, series, generation, scope, to);
        if (!err)
            mark->to = to;
    }
    buf_free(&key);
    return err ? err_set(why, err, "out of memory for marks") : ERR_NONE;
}

enum err marks_sync(struct marks *marks, struct why *why)
{
    if (marks->waiting.len == 0)
        return ERR_NONE;
    fault_point("marks.sync.before");
    enum err err = fd_write_all(marks->fd, marks->waiting.bytes, marks->waiting.len, why);
    fault_point("marks.sync.written");
    if (!err && fdatasync(marks->fd) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "sync %s", marks->path);
    fault_point("marks.sync.after");
    if (err) { /* half a line must not spoil the next one; nothing was issued on it */
        if (ftruncate(marks->fd, marks->len) != 0)
            err_errno(why, err, errno, "%s cannot be cut to whole lines", marks->path);
        return err;
    }
    marks->len += (off_t)marks->waiting.len;
    buf_reset(&marks->waiting);
    return ERR_NONE;
}

enum err marks_each(const struct marks *marks, mark_fn *fn, void *arg, struct why *why)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < marks->size; i++) {
        const char *key = marks->slots[i].key;
        if (!key)
            continue;
        char *series = strdup(key);
        char *rest = series ? strchr(series, '\n') : NULL;
        if (!rest)
            err = err_set(why, ERR_NO_MEMORY, "out of memory for marks");
        else {
            *rest++ = '\0';
            char *scope = strchr(rest, '\n');
            *scope++ = '\0'; /* make_key put it there */
            err = fn(arg, series, (uint32_t)strtoul(rest, NULL, 10), scope, marks->slots[i].to,
                     why);
        }
        free(series);
    }
    return err;
}
