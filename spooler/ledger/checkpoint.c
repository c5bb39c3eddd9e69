/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint.c: see checkpoint.h. */
#include "spooler/ledger/checkpoint.h"

#include "spooler/ledger/base64.h"

#include <inttypes.h>
#include <string.h>

#define PROOF_HEAD "c2sp.org/tlog-proof@v1"

/* A text taken line by line; no line is without its newline. */
struct lines {
    const char *at, *end;
};

/* The next line without its newline; false at the end. */
static bool next_line(struct lines *lines, const char **line, size_t *len)
{
    const char *newline = lines->at < lines->end
                              ? memchr(lines->at, '\n', (size_t)(lines->end - lines->at))
                              : NULL;
    if (!newline)
        return false;
    *line = lines->at;
    *len = (size_t)(newline - lines->at);
    lines->at = newline + 1;
    return true;
}

/* Decimal digits without leading zeros: one number has one spelling. */
static bool take_number(const char *text, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    if (len == 0 || (len > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < len; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (text[i] < '0' || text[i] > '9' || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

void checkpoint_sign(const struct note_signer *signer, uint64_t size,
                     const uint8_t root[static SHA256_BYTES], struct buf *out)
{
    struct buf text = BUF_INIT(1024);
    buf_printf(&text, "%s\n%" PRIu64 "\n", signer->key.name, size);
    base64_add(&text, root, SHA256_BYTES);
    buf_add_byte(&text, '\n');
    if (buf_err(&text))
        out->err = buf_err(&text);
    else
        note_sign(signer, buf_text(&text), text.len, out);
    buf_free(&text);
}

static enum err read_text(const char *text, size_t len, struct checkpoint *out, struct why *why)
{
    struct checkpoint checkpoint = {.size = 0};
    struct lines lines = {text, text + len};
    const char *line = text;
    size_t n = 0;
    if (!next_line(&lines, &line, &n) || n == 0 || n >= sizeof checkpoint.origin)
        return err_set(why, ERR_INPUT, "line 1 of the checkpoint is no origin");
    memcpy(checkpoint.origin, line, n);
    if (!next_line(&lines, &line, &n) || !take_number(line, n, &checkpoint.size))
        return err_set(why, ERR_INPUT, "line 2 of the checkpoint is no number of events");
    if (!next_line(&lines, &line, &n) ||
        !base64_parse_exact(line, n, checkpoint.root, SHA256_BYTES))
        return err_set(why, ERR_INPUT,
                       "line 3 of the checkpoint is no root (base64 of 32 "
                       "bytes)");
    while (next_line(&lines, &line, &n)) { /* lines for others' purposes */
        if (n == 0)
            return err_set(why, ERR_INPUT, "the checkpoint has an empty line in its text");
    }
    *out = checkpoint;
    return ERR_NONE;
}

enum err checkpoint_read(const char *note, size_t len, const struct note_key *key,
                         struct checkpoint *out, struct why *why)
{
    struct checkpoint checkpoint;
    size_t text_len = 0;
    enum err err = note_text(note, len, &text_len, why);
    if (!err)
        err = read_text(note, text_len, &checkpoint, why);
    if (!err && key)
        err = note_check(note, len, key, why);
    if (!err && key && strcmp(checkpoint.origin, key->name) != 0)
        err =
            err_set(why, ERR_DENIED, "it is a checkpoint of \"%s\", the key is that of \"%s\"",
                    checkpoint.origin, key->name);
    if (!err)
        *out = checkpoint;
    return err;
}

/* ---- one event's proof ------------------------------------------------------------- */

void tlog_proof_write(uint64_t index, const struct merkle_path *path, const char *checkpoint,
                      size_t len, struct buf *out)
{
    buf_printf(out, PROOF_HEAD "\nindex %" PRIu64 "\n", index);
    for (size_t i = 0; i < path->count; i++) {
        base64_add(out, path->hashes[i], SHA256_BYTES);
        buf_add_byte(out, '\n');
    }
    buf_add_byte(out, '\n');
    buf_add(out, checkpoint, len);
}

static bool begins(const char *line, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && memcmp(line, with, n) == 0;
}

/* Some application's `extra` line is passed over. */
static bool take_index(struct lines *lines, uint64_t *out)
{
    const char *line = lines->at;
    size_t len = 0;
    if (next_line(lines, &line, &len) && begins(line, len, "extra ")) {
        uint8_t extra[TLOG_PROOF_MAX];
        size_t n;
        if (!base64_parse(line + 6, len - 6, extra, sizeof extra, &n) ||
            !next_line(lines, &line, &len))
            return false;
    }
    return begins(line, len, "index ") && take_number(line + 6, len - 6, out);
}

enum err tlog_proof_read(const char *text, size_t len, struct tlog_proof *out, struct why *why)
{
    struct tlog_proof proof = {.index = 0};
    struct lines lines = {text, text + len};
    const char *line = text;
    size_t n = 0;
    if (len > TLOG_PROOF_MAX || !next_line(&lines, &line, &n) || n != sizeof PROOF_HEAD - 1 ||
        !begins(line, n, PROOF_HEAD))
        return err_set(why, ERR_INPUT, "the proof does not begin with a line " PROOF_HEAD);
    if (!take_index(&lines, &proof.index))
        return err_set(why, ERR_INPUT, "the proof has no line \"index NUMBER\"");
    for (;;) {
        if (!next_line(&lines, &line, &n))
            return err_set(why, ERR_INPUT, "the proof ends before its checkpoint");
        if (n == 0)
            break;
        if (proof.path.count == MERKLE_PATH_MAX ||
            !base64_parse_exact(line, n, proof.path.hashes[proof.path.count], SHA256_BYTES))
            return err_set(why, ERR_INPUT, "hash %zu of the proof is not base64 of 32 bytes",
                           proof.path.count + 1);
        proof.path.count++;
    }
    proof.checkpoint = lines.at;
    proof.checkpoint_len = (size_t)(lines.end - lines.at);
    if (proof.checkpoint_len == 0)
        return err_set(why, ERR_INPUT, "the proof ends before its checkpoint");
    *out = proof;
    return ERR_NONE;
}
