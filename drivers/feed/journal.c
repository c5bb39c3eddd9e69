/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/journal.h"

#include "spooler/base/buf.h"
#include "spooler/base/durable.h"
#include "spooler/base/fault.h"
#include "spooler/base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* 10,000 impressions are 20,000 records of at most 18 bytes, and some. */
#define JOURNAL_MAX_BYTES (1024 * 1024)
#define RECORD_MAX        48

/* ---- writing --------------------------------------------------------------- */

size_t journal_bytes(uint32_t impressions)
{
    /* S and C of each, with the largest number; B, D and E */
    return (2 * (size_t)impressions + 3) * RECORD_MAX;
}

void journal_init(struct journal *journal, int fd)
{
    *journal = (struct journal){.fd = fd};
}

/* After a failure nothing more is written: a record behind a torn one would make all of it
 * damaged, and a label's fate hangs on what stands here. */
static enum err append(struct journal *journal, const char *text, bool sync, struct why *why)
{
    char line[RECORD_MAX];
    if (journal->fd < 0)
        return err_set(why, ERR_STATE, "journal could not be written before");
    uint32_t crc = crc32_add(journal->crc, text, strlen(text));
    int len = snprintf(line, sizeof line, "%s%08" PRIx32 "\n", text, crc);
    enum err err = fault_fails("journal.write")
                       ? err_errno(why, ERR_SYSTEM, EIO, "write journal")
                       : fd_write_all(journal->fd, line, (size_t)len, why);
    fault_point("journal.written");
    if (!err && sync && fdatasync(journal->fd) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "fdatasync journal");
    if (err)
        journal->fd = -1;
    else
        journal->crc = crc32_add(journal->crc, line, (size_t)len);
    return err;
}

enum err journal_baseline(struct journal *journal, uint64_t counter, struct why *why)
{
    char text[RECORD_MAX];
    snprintf(text, sizeof text, "B %" PRIu64 " ", counter);
    fault_point("journal.baseline.before");
    enum err err = append(journal, text, true, why);
    fault_point("journal.baseline.synced");
    return err;
}

enum err journal_device(struct journal *journal, uint64_t mark, struct why *why)
{
    char text[RECORD_MAX];
    snprintf(text, sizeof text, "I %" PRIu64 " ", mark);
    fault_point("journal.device.before");
    return append(journal, text, false, why); /* the baseline behind it is synced */
}

enum err journal_no_evidence(struct journal *journal, struct why *why)
{
    fault_point("journal.no-evidence.before");
    enum err err = append(journal, "N ", true, why);
    fault_point("journal.no-evidence.synced");
    return err;
}

enum err journal_sent(struct journal *journal, uint32_t n, struct why *why)
{
    char text[RECORD_MAX];
    snprintf(text, sizeof text, "S %" PRIu32 " ", n);
    /* A journal that was removed tells nobody of this label: it must not leave. */
    struct stat st;
    if (fstat(journal->fd, &st) != 0 || st.st_nlink == 0)
        return err_set(why, ERR_STATE, "the journal was removed from the feed folder");
    fault_point("journal.sent.before");
    enum err err = append(journal, text, true, why);
    fault_point("journal.sent.synced");
    return err;
}

enum err journal_confirmed(struct journal *journal, uint32_t n, struct why *why)
{
    char text[RECORD_MAX];
    snprintf(text, sizeof text, "C %" PRIu32 " ", n);
    fault_point("journal.confirmed.before");
    enum err err = append(journal, text, false, why);
    fault_point("journal.confirmed.written");
    return err;
}

enum err journal_doubt(struct journal *journal, enum doubt doubt, struct why *why)
{
    char text[RECORD_MAX];
    snprintf(text, sizeof text, "D %d ", (int)doubt);
    fault_point("journal.doubt.before");
    enum err err = append(journal, text, true, why);
    fault_point("journal.doubt.synced");
    return err;
}

enum err journal_end(struct journal *journal, struct why *why)
{
    fault_point("journal.end.before");
    enum err err = append(journal, "E ", true, why);
    fault_point("journal.end.synced");
    return err;
}

const char *doubt_words(uint32_t doubt)
{
    static const char *const words[] = {
#define X(name, number, words) [number] = words,
        DOUBT_MAP(X)
#undef X
    };
    return doubt < sizeof words / sizeof words[0] && words[doubt]
               ? words[doubt]
               : "the printer's count does not add up, or it had a fault";
}

/* ---- reading --------------------------------------------------------------- */

/* The number of a record of that letter, or false when the text is not "<letter> <number> " (or
 * "<letter> " for N and E). No leading zeros: one text a record. */
static bool read_record(const char *text, size_t len, uint64_t *number)
{
    bool numbered =
        text[0] == 'I' || text[0] == 'B' || text[0] == 'S' || text[0] == 'C' || text[0] == 'D';
    if (!numbered)
        return len == 2 && (text[0] == 'N' || text[0] == 'E') && text[1] == ' ';
    if (len < 4 || text[1] != ' ' || text[len - 1] != ' ' || (text[2] == '0' && len > 4))
        return false;
    uint64_t value = 0;
    for (size_t i = 2; i < len - 1; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

/* What may follow what. A record that checks but cannot follow was not written by temfeed. */
static bool apply(struct journal_state *state, char letter, uint64_t number)
{
    bool open = state->started && !state->doubt && !state->ended;
    switch (letter) {
    case 'I':
        if (state->started || state->ended || state->device || number == 0)
            return false;
        state->device = number;
        return true;
    case 'B':
    case 'N':
        if (state->started || state->ended)
            return false;
        state->started = true;
        state->no_evidence = letter == 'N';
        state->baseline = number;
        return true;
    case 'S':
        if (!open || number != (uint64_t)state->sent + 1 || number > STREAM_IMPRESSION_MAX)
            return false;
        state->sent = (uint32_t)number;
        return true;
    case 'C':
        if (!open || state->no_evidence || number <= state->confirmed || number > state->sent)
            return false;
        state->confirmed = (uint32_t)number;
        return true;
    case 'D':
        if (!open || number > UINT32_MAX)
            return false;
        state->doubt = true;
        state->doubt_why = (uint32_t)number;
        return true;
    case 'E':
        if (!state->started || state->ended)
            return false;
        state->ended = true;
        return true;
    default:
        return false;
    }
}

/* Whether a last line without its end is the beginning of a record, and of nothing else: only
 * then was it torn off before it was synced. Anything else has changed since. */
static bool is_torn(const char *line, size_t len, uint32_t crc, struct journal_state state)
{
    char whole[RECORD_MAX];
    static const char letters[] = "IBNSCDE";
    if (!strchr(letters, line[0]))
        return false;
    const char *gap = len > 2 ? memchr(line + 2, ' ', len - 2) : NULL;
    bool plain = strchr("NE", line[0]) != NULL;
    size_t text_len = plain ? 2 : gap ? (size_t)(gap - line) + 1 : 0;
    if (len >= RECORD_MAX - 10)
        return false;
    if (text_len == 0 || text_len > len) { /* ends before the checksum */
        if (plain)
            return len == 1 && apply(&state, line[0], 0);
        for (size_t i = 1; i < len; i++)
            if (i == 1 ? line[i] != ' ' : line[i] < '0' || line[i] > '9')
                return false;
        return true;
    }
    uint64_t number = 0;
    if (!read_record(line, text_len, &number) || !apply(&state, line[0], number))
        return false;
    snprintf(whole, sizeof whole, "%.*s%08" PRIx32 "\n", (int)text_len, line,
             crc32_add(crc, line, text_len));
    return len < strlen(whole) && memcmp(line, whole, len) == 0;
}

/* One line with its end. */
static bool read_line(const char *line, size_t len, uint32_t crc, struct journal_state *state)
{
    char want[16];
    uint64_t number = 0;
    if (len < 2 + 9 || len >= RECORD_MAX)
        return false;
    size_t text_len = len - 9;
    snprintf(want, sizeof want, "%08" PRIx32 "\n", crc32_add(crc, line, text_len));
    return memcmp(line + text_len, want, 9) == 0 && read_record(line, text_len, &number) &&
           apply(state, line[0], number);
}

void journal_parse(const char *bytes, size_t len, struct journal_state *out)
{
    struct journal_state state = {0};
    uint32_t crc = 0;
    for (size_t at = 0; at < len && !state.damaged;) {
        const char *line = bytes + at;
        const char *end = memchr(line, '\n', len - at);
        size_t line_len = end ? (size_t)(end - line) + 1 : len - at;
        if (end)
            state.damaged = !read_line(line, line_len, crc, &state);
        else
            state.damaged = !is_torn(line, line_len, crc, state);
        crc = crc32_add(crc, line, line_len);
        at += line_len;
    }
    *out = state;
}

static enum err read_whole(int fd, struct buf *out, struct why *why)
{
    for (;;) {
        uint8_t *to = buf_room(out, 16384);
        if (!to)
            return err_set(why, buf_err(out), "journal of more than %d bytes",
                           JOURNAL_MAX_BYTES);
        ssize_t n = read(fd, to, 16384);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(why, ERR_SYSTEM, errno, "read journal");
        if (n == 0)
            return ERR_NONE;
        out->len += (size_t)n;
    }
}

enum err journal_read(const char *folder, const struct token_name *name,
                      struct journal_state *out, struct why *why)
{
    char text[TOKEN_NAME_SIZE];
    struct buf path = BUF_INIT(8192), bytes = BUF_INIT(JOURNAL_MAX_BYTES + 16384);
    struct journal_state state = {0};
    bool locked = false;
    int fd = -1;
    enum err err = ERR_NONE;
    buf_printf(&path, "%s/%s.taken", folder, token_text(name, text));
    if (buf_err(&path)) {
        err = err_set(why, ERR_INPUT, "feed folder's path is too long");
        goto out;
    }
    fd = open(buf_text(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        err = err_errno(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, errno, "open %s",
                        buf_text(&path));
        goto out;
    }
    /* before reading: what a living temfeed writes later is then not taken for the end */
    if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            err = err_errno(why, ERR_SYSTEM, errno, "lock %s", buf_text(&path));
            goto out;
        }
        locked = true;
    }
    err = read_whole(fd, &bytes, why);
    if (err == ERR_TOO_LARGE) {
        state.damaged = true; /* no journal of ours is that long */
        err = ERR_NONE;
    } else if (!err) {
        journal_parse((const char *)bytes.bytes, bytes.len, &state);
    }
    if (!err) {
        state.locked = locked;
        *out = state;
    }
out:
    if (fd >= 0)
        close(fd); /* read only: nothing to lose */
    buf_free(&path);
    buf_free(&bytes);
    return err;
}
