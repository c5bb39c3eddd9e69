/* SPDX-License-Identifier: Apache-2.0 */
/* ledger-export.c: the events as they are hashed, into a file that can be gone on with. */
#include "cli/ledger.h"

#include "spooler/base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL_BYTES (2 * 1024 * 1024) /* longer than any event */

struct export
{
    struct tem *tem;
    FILE *to;
    uint64_t from;
};

static enum err take(void *arg, const char *bytes, size_t len)
{
    struct export *export = arg;
    return fwrite(bytes, 1, len, export->to) == len ? ERR_NONE : ERR_SYSTEM;
}

/* The number of the last whole event in a file, which is cut behind it: a run before this one
 * may have ended inside a line. 0 = there is none. */
static enum err end_of_file(const char *path, int fd, uint64_t *seq, struct why *why)
{
    struct stat info;
    static const char head[] = "{\"seq\":";
    if (fstat(fd, &info) != 0)
        return err_errno(why, ERR_SYSTEM, errno, "%s", path);
    off_t start = info.st_size > TAIL_BYTES ? info.st_size - TAIL_BYTES : 0;
    size_t size = (size_t)(info.st_size - start), got = 0;
    char *tail = malloc(size + 1);
    if (!tail)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    ssize_t n = 1;
    while (got < size && (n = pread(fd, tail + got, size - got, start + (off_t)got)) > 0)
        got += (size_t)n;
    while (got > 0 && tail[got - 1] != '\n')
        got--;
    tail[got] = '\0';
    size_t line = got > 0 ? got - 1 : 0;
    while (line > 0 && tail[line - 1] != '\n')
        line--;
    *seq = 0;
    bool good = strncmp(tail + line, head, sizeof head - 1) == 0;
    size_t digits = good ? strspn(tail + line + sizeof head - 1, "0123456789") : 0;
    char number[24] = "";
    if (digits > 0 && digits < sizeof number) {
        memcpy(number, tail + line + sizeof head - 1, digits);
        good = args_number(number, 1, INT64_MAX, seq);
    }
    free(tail);
    if (n < 0)
        return err_errno(why, ERR_SYSTEM, errno, "%s", path);
    if (got > 0 && (!good || *seq == 0))
        return err_set(why, ERR_INPUT, "%s does not end with an event of a ledger", path);
    if (ftruncate(fd, start + (off_t)got) != 0 || lseek(fd, 0, SEEK_END) < 0)
        return err_errno(why, ERR_SYSTEM, errno, "%s", path);
    return ERR_NONE;
}

/* What the file has must be what comes before `from`. */
static enum code open_file(struct export *export, const char *path)
{
    struct why why = {{0}};
    uint64_t last = 0;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    enum err err = fd < 0 ? err_errno(&why, ERR_SYSTEM, errno, "%s", path)
                          : end_of_file(path, fd, &last, &why);
    if (!err && last > 0 && last + 1 != export->from)
        err = err_set(&why, ERR_INPUT,
                      "%s has events up to %" PRIu64 "; to go on with it: --from %" PRIu64,
                      path, last, last + 1);
    export->to = err ? NULL : fdopen(fd, "w");
    if (!err && !export->to)
        err = err_errno(&why, ERR_SYSTEM, errno, "%s", path);
    if (err && fd >= 0)
        (void)close(fd); /* nothing was written */
    return err ? tem_fail_err(export->tem, err, &why) : CODE_DONE;
}

static enum code close_file(struct export *export, const char *path, const struct buf *note)
{
    struct why why = {{0}};
    struct buf name = BUF_INIT(8192);
    enum err err = ERR_NONE;
    buf_printf(&name, "%s.checkpoint", path);
    if (fflush(export->to) != 0 || fsync(fileno(export->to)) != 0)
        err = err_errno(&why, ERR_SYSTEM, errno, "%s", path);
    if (fclose(export->to) != 0 && !err)
        err = err_errno(&why, ERR_SYSTEM, errno, "%s", path);
    if (!err && note)
        err = durable_write(buf_text(&name), note->bytes, note->len, 0644, &why);
    buf_free(&name);
    return err ? tem_fail_err(export->tem, err, &why) : CODE_DONE;
}

static enum code stream(struct export *export, uint64_t size)
{
    char path[96];
    enum err refused = ERR_NONE;
    if (export->from > size)
        return CODE_DONE;
    snprintf(path, sizeof path, "/v1/ledger/events?from=%" PRIu64 "&limit=%" PRIu64,
             export->from, size - export->from + 1);
    enum code code = client_stream(export->tem, path, take, export, &refused);
    return refused ? tem_fail(export->tem, CODE_INTERNAL, "the events cannot be written")
                   : code;
}

static enum code export_all(struct export *export, const char *path)
{
    struct tem *tem = export->tem;
    struct ledger_keys keys;
    struct checkpoint head;
    struct buf note = BUF_INIT(CHECKPOINT_MAX);
    export->to = tem->out.stream;
    enum code code = ledger_read_keys(tem, &keys);
    if (!code)
        code = ledger_get_checkpoint(tem, &keys, &note, &head);
    if (!code && path)
        code = open_file(export, path);
    if (!code) {
        code = stream(export, head.size);
        enum code closed = path ? close_file(export, path, code ? NULL : &note) : CODE_DONE;
        code = code ? code : closed;
    }
    if (!code && path && !tem->json)
        fprintf(tem->out.stream, "%s: events %" PRIu64 " to %" PRIu64 ", and %s.checkpoint\n",
                path, export->from, head.size, path);
    buf_free(&note);
    return code;
}

enum code ledger_export(struct tem *tem, const char *const *words, size_t count)
{
    (void)words, (void)count; /* it takes none */
    struct export export = {.tem = tem, .from = 1};
    const char *from = args_get(&tem->args, "from");
    if (from && !args_number(from, 1, INT64_MAX, &export.from))
        return tem_usage(tem, "--from %s: expected an event's number, from 1 on", from);
    return export_all(&export, args_get(&tem->args, "output"));
}
