/* SPDX-License-Identifier: Apache-2.0 */
/* ledger-stream.c: what is as long as the ledger, sent piece by piece. */
#include "spooler/intake/ledger.h"

#include "spooler/base/log.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/notary.h"
#include "spooler/ledger/tree.h"

#include <stdlib.h>
#include <string.h>

/* A piece is read in one snapshot, then sent. */
#define PIECE_BYTES (256 * 1024)

struct stream;

struct kind {
    const char *content_type;
    /* Appends lines from `next` on to the piece and moves `next` behind them. */
    enum err (*read)(struct txn *txn, struct stream *stream, struct why *why);
};

struct stream {
    struct store *store;
    const struct kind *kind;
    uint64_t next, last; /* seq, or a checkpoint's size */
    struct buf piece;
    size_t sent; /* of the piece */
};

/* ---- kinds ------------------------------------------------------------------------ */

static enum err add_event(void *arg, uint64_t seq, const void *body, size_t len, bool *more,
                          struct why *why)
{
    struct stream *stream = arg;
    (void)why; /* the piece remembers its failure */
    buf_add(&stream->piece, body, len);
    buf_add_byte(&stream->piece, '\n');
    stream->next = seq + 1;
    *more = stream->piece.len < PIECE_BYTES && !buf_err(&stream->piece);
    return ERR_NONE;
}

static enum err read_events(struct txn *txn, struct stream *stream, struct why *why)
{
    return ledger_each(txn, stream->next, stream->last, add_event, stream, why);
}

static enum err add_leaf(void *arg, uint64_t seq, const uint8_t hash[static SHA256_BYTES],
                         struct why *why)
{
    struct stream *stream = arg;
    char text[SHA256_HEX];
    (void)why; /* as above */
    buf_printf(&stream->piece, "%s\n", hex_text(hash, SHA256_BYTES, text));
    stream->next = seq + 1;
    return ERR_NONE;
}

static enum err read_leaves(struct txn *txn, struct stream *stream, struct why *why)
{
    uint64_t last = stream->next + PIECE_BYTES / SHA256_HEX - 1;
    return tree_leaves(txn, stream->next, last < stream->last ? last : stream->last, add_leaf,
                       stream, why);
}

static enum err add_checkpoint(void *arg, uint64_t size, int64_t made_ms, const char *note,
                               size_t len, bool *more, struct why *why)
{
    struct stream *stream = arg;
    char at[CLOCK_ISO_SIZE];
    json_t *json = json_pack("{ss sI ss%}", "at", clock_iso(made_ms, at), "size",
                             (json_int_t)size, "checkpoint", note, len);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text)
        buf_printf(&stream->piece, "%s\n", text);
    free(text);
    json_decref(json);
    stream->next = size + 1;
    *more = stream->piece.len < PIECE_BYTES && !buf_err(&stream->piece);
    return text ? ERR_NONE
                : err_set(why, ERR_CORRUPT, "checkpoint %llu is no text",
                          (unsigned long long)size);
}

static enum err read_checkpoints(struct txn *txn, struct stream *stream, struct why *why)
{
    return notary_each(txn, stream->next - 1, add_checkpoint, stream, why);
}

static const struct kind events_kind = {"application/x-ndjson", read_events};
static const struct kind leaves_kind = {"text/plain; charset=utf-8", read_leaves};
static const struct kind checkpoints_kind = {"application/x-ndjson", read_checkpoints};

/* ---- sending ---------------------------------------------------------------------- */

static enum err read_piece(struct txn *txn, void *arg, struct why *why)
{
    struct stream *stream = arg;
    enum err err = stream->kind->read(txn, stream, why);
    if (!err && buf_err(&stream->piece))
        err = err_set(why, buf_err(&stream->piece), "a piece of the ledger");
    return err;
}

/* Called by MHD on the HTTP thread when the connection can take more. A client must not take a
 * ledger that broke off for a whole one: an error ends the connection, not the document. */
static ssize_t send_more(void *cls, uint64_t position, char *out, size_t max)
{
    struct stream *stream = cls;
    struct why why = {""};
    (void)position; /* pieces are sent in order */
    if (stream->sent == stream->piece.len && stream->next <= stream->last) {
        buf_reset(&stream->piece);
        stream->sent = 0;
        if (store_read(stream->store, read_piece, stream, &why)) {
            log_warn("ledger stream broke off", "next=%llu why=%s",
                     (unsigned long long)stream->next, logq(why.text));
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    size_t left = stream->piece.len - stream->sent, n = left < max ? left : max;
    if (n == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    memcpy(out, stream->piece.bytes + stream->sent, n);
    stream->sent += n;
    return (ssize_t)n;
}

static void stream_free(void *cls)
{
    struct stream *stream = cls;
    buf_free(&stream->piece);
    free(stream);
}

static enum step start(struct request *request, const struct kind *kind, uint64_t first,
                       uint64_t last)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return request_problem(request, ERR_NO_MEMORY, NULL);
    stream->store = request->config->store;
    stream->kind = kind;
    stream->next = first;
    stream->last = last;
    stream->piece = BUF_INIT(PIECE_BYTES + LEDGER_BODY_MAX + 64);
    request->stream = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES,
                                                        send_more, stream, stream_free);
    if (!request->stream) {
        stream_free(stream);
        return request_problem(request, ERR_NO_MEMORY, NULL);
    }
    request->status = 200;
    request->content_type = kind->content_type;
    return STEP_ANSWER;
}

static enum err read_size(struct txn *txn, void *arg, struct why *why)
{
    return ledger_size(txn, arg, why);
}

/* Events that are there now, from `from` on, at most `limit`. */
static enum step start_range(struct request *request, const struct kind *kind)
{
    struct why why = {{0}};
    int64_t size = 0;
    uint64_t from = request_number(request, "from", 1, INT64_MAX, 1);
    uint64_t limit = request_number(request, "limit", 1, INT64_MAX, INT64_MAX);
    if (request->findings.errors)
        return request_refuse(request);
    enum err err = store_read(request->config->store, read_size, &size, &why);
    if (err)
        return request_problem(request, err, &why);
    uint64_t last = from + limit - 1 < (uint64_t)size ? from + limit - 1 : (uint64_t)size;
    return start(request, kind, from, last);
}

enum step ledger_events(struct request *request)
{
    return start_range(request, &events_kind);
}

enum step ledger_leaves(struct request *request)
{
    return start_range(request, &leaves_kind);
}

enum step ledger_checkpoints(struct request *request)
{
    uint64_t after = request_number(request, "after", 0, INT64_MAX - 1, 0);
    if (request->findings.errors)
        return request_refuse(request);
    return start(request, &checkpoints_kind, after + 1, INT64_MAX);
}
