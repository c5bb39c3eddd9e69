/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION         1
#define PREFIX_BYTES    8 /* magic, version, header_len */
#define HEADER_MAX      1024
#define FRAME_HEAD      9
#define READ_STEP_BYTES (64u * 1024)

/* ---- writing --------------------------------------------------------------- */

static void put_text(struct buf *out, const char *text)
{
    size_t len = strlen(text);
    buf_add_be16(out, (uint16_t)len);
    buf_add(out, text, len);
}

void stream_put_header(struct buf *out, const struct stream_header *header)
{
    struct buf body = BUF_INIT(HEADER_MAX);
    put_text(&body, header->store_id);
    buf_add_be32(&body, header->epoch);
    put_text(&body, header->queue);
    buf_add_be64(&body, header->job);
    buf_add_be64(&body, header->chunk);
    buf_add_be32(&body, header->attempt);
    buf_add_be32(&body, header->impressions);
    put_text(&body, header->model);
    buf_add_byte(&body, (uint8_t)header->evidence);
    buf_add_be16(&body, header->window);
    if (header->impressions == 0)
        buf_add_be16(&body, header->feed_ms);
    if (buf_err(&body)) {
        if (!out->err)
            out->err = buf_err(&body); /* remembered, as for any append */
    } else {
        buf_add(out, "TEM1", 4);
        buf_add_be16(out, VERSION);
        buf_add_be16(out, (uint16_t)body.len);
        buf_add(out, body.bytes, body.len);
    }
    buf_free(&body);
}

void stream_put_frame(struct buf *out, enum frame_type type, uint32_t index, const void *bytes,
                      size_t len)
{
    if (len > STREAM_FRAME_MAX) {
        if (!out->err)
            out->err = ERR_TOO_LARGE;
        return;
    }
    buf_add_byte(out, (uint8_t)type);
    buf_add_be32(out, index);
    buf_add_be32(out, (uint32_t)len);
    buf_add(out, bytes, len);
}

/* ---- the header ------------------------------------------------------------ */

/* A cursor over bytes; `bad` stays set after the first read past the end. */
struct cursor {
    const uint8_t *at, *end;
    bool bad;
};

static uint64_t get_be(struct cursor *cursor, size_t len)
{
    uint64_t value = 0;
    if ((size_t)(cursor->end - cursor->at) < len) {
        cursor->bad = true;
        return 0;
    }
    for (size_t i = 0; i < len; i++)
        value = value << 8 | *cursor->at++;
    return value;
}

/* 1 .. size - 1 bytes without control characters. Not checked as UTF-8: each is compared byte
 * for byte with something known, and utf8.c would bring GLib into a filter. */
static void get_text(struct cursor *cursor, char *out, size_t size)
{
    size_t len = (size_t)get_be(cursor, 2);
    const char *text = (const char *)cursor->at;
    if (cursor->bad || len == 0 || len >= size || (size_t)(cursor->end - cursor->at) < len) {
        cursor->bad = true;
        return;
    }
    for (size_t i = 0; i < len; i++)
        cursor->bad = cursor->bad || cursor->at[i] < 0x20 || cursor->at[i] == 0x7f;
    memcpy(out, text, len);
    out[len] = '\0';
    cursor->at += len;
}

static bool store_id_ok(const char *id)
{
    return strlen(id) == STREAM_STORE_ID_SIZE - 1 &&
           strspn(id, "0123456789abcdef") == STREAM_STORE_ID_SIZE - 1;
}

static bool parse_header(const uint8_t *bytes, size_t len, struct stream_header *out)
{
    struct cursor cursor = {bytes, bytes + len, false};
    struct stream_header header = {0};
    get_text(&cursor, header.store_id, sizeof header.store_id);
    header.epoch = (uint32_t)get_be(&cursor, 4);
    get_text(&cursor, header.queue, sizeof header.queue);
    header.job = get_be(&cursor, 8);
    header.chunk = get_be(&cursor, 8);
    header.attempt = (uint32_t)get_be(&cursor, 4);
    header.impressions = (uint32_t)get_be(&cursor, 4);
    get_text(&cursor, header.model, sizeof header.model);
    uint64_t evidence = get_be(&cursor, 1);
    header.window = (uint16_t)get_be(&cursor, 2);
    if (header.impressions == 0)
        header.feed_ms = (uint16_t)get_be(&cursor, 2);
    if (cursor.bad || cursor.at != cursor.end || !store_id_ok(header.store_id) ||
        header.impressions > STREAM_IMPRESSION_MAX || evidence > EVIDENCE_ACK ||
        header.window == 0)
        return false;
    header.evidence = (enum evidence)evidence;
    *out = header;
    return true;
}

/* ---- reading --------------------------------------------------------------- */

struct stream_reader {
    int fd;
    uint32_t impressions; /* the header's promise */
    uint32_t seen;        /* IMPRESSION frames so far */
    bool begun, cancel, ended;
    struct buf body;
};

/* Up to `len` bytes, fewer only at the end of the file. */
static enum err read_up_to(int fd, void *bytes, size_t len, size_t *got, struct why *why)
{
    size_t total = 0;
    while (total < len) {
        ssize_t n = read(fd, (char *)bytes + total, len - total);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(why, ERR_SYSTEM, errno, "read feed stream");
        if (n == 0)
            break;
        total += (size_t)n;
    }
    *got = total;
    return ERR_NONE;
}

static enum err read_all(int fd, void *bytes, size_t len, const char *what, struct why *why)
{
    size_t got = 0;
    enum err err = read_up_to(fd, bytes, len, &got, why);
    if (!err && got < len)
        err = err_set(why, ERR_INPUT, "feed stream ends within %s", what);
    return err;
}

enum err stream_open(int fd, struct stream_header *header, struct stream_reader **out,
                     struct why *why)
{
    uint8_t prefix[PREFIX_BYTES], body[HEADER_MAX];
    struct stream_header parsed;
    enum err err = read_all(fd, prefix, sizeof prefix, "its header", why);
    if (err)
        return err;
    if (memcmp(prefix, "TEM1", 4) != 0)
        return err_set(why, ERR_INPUT, "not a feed stream: it does not begin with TEM1");
    unsigned version = (unsigned)prefix[4] << 8 | prefix[5];
    size_t len = (size_t)prefix[6] << 8 | prefix[7];
    if (version != VERSION)
        return err_set(why, ERR_INPUT, "feed stream of version %u; this temfeed reads %d",
                       version, VERSION);
    if (len > sizeof body)
        return err_set(why, ERR_INPUT, "feed stream header of %zu bytes; at most %d", len,
                       HEADER_MAX);
    err = read_all(fd, body, len, "its header", why);
    if (err)
        return err;
    if (!parse_header(body, len, &parsed))
        return err_set(why, ERR_INPUT, "feed stream header contradicts itself");
    struct stream_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    reader->fd = fd;
    reader->impressions = parsed.impressions;
    buf_init(&reader->body, STREAM_FRAME_MAX);
    *header = parsed;
    *out = reader;
    return ERR_NONE;
}

/* BEGIN and at most one CANCEL, then IMPRESSION 1..n, then END. */
static bool in_order(const struct stream_reader *reader, unsigned type, uint32_t index)
{
    switch (type) {
    case FRAME_BEGIN:
        return !reader->begun && reader->seen == 0 && index == 0;
    case FRAME_CANCEL:
        return !reader->cancel && reader->seen == 0;
    case FRAME_IMPRESSION:
        return reader->begun && index == reader->seen + 1 && index <= reader->impressions;
    case FRAME_END:
        return reader->begun && reader->seen == reader->impressions;
    default:
        return false;
    }
}

static void advance(struct stream_reader *reader, enum frame_type type)
{
    reader->begun = reader->begun || type == FRAME_BEGIN;
    reader->cancel = reader->cancel || type == FRAME_CANCEL;
    reader->seen += type == FRAME_IMPRESSION;
    reader->ended = type == FRAME_END;
}

/* Memory grows with the bytes that are there, not with the length that is claimed. */
static enum err read_body(struct stream_reader *reader, size_t len, struct why *why)
{
    buf_reset(&reader->body);
    while (reader->body.len < len) {
        size_t left = len - reader->body.len;
        size_t step = left < READ_STEP_BYTES ? left : READ_STEP_BYTES;
        uint8_t *to = buf_room(&reader->body, step);
        if (!to)
            return err_set(why, buf_err(&reader->body), "frame of %zu bytes", len);
        enum err err = read_all(reader->fd, to, step, "a frame", why);
        if (err)
            return err;
        reader->body.len += step;
    }
    return ERR_NONE;
}

static enum err expect_end_of_file(const struct stream_reader *reader, struct why *why)
{
    uint8_t byte;
    size_t got = 0;
    enum err err = read_up_to(reader->fd, &byte, 1, &got, why);
    if (err)
        return err;
    return got ? err_set(why, ERR_INPUT, "feed stream goes on after its end") : ERR_NOT_FOUND;
}

enum err stream_next(struct stream_reader *reader, struct frame *out, struct why *why)
{
    if (reader->ended)
        return expect_end_of_file(reader, why);
    uint8_t head[FRAME_HEAD];
    enum err err = read_all(reader->fd, head, sizeof head, "a frame's head", why);
    if (err)
        return err;
    struct cursor cursor = {head, head + sizeof head, false};
    unsigned type = (unsigned)get_be(&cursor, 1);
    uint32_t index = (uint32_t)get_be(&cursor, 4);
    size_t len = (size_t)get_be(&cursor, 4);
    if (!in_order(reader, type, index))
        return err_set(why, ERR_INPUT, "frame of type %u, index %u out of order after %u of %u",
                       type, index, reader->seen, reader->impressions);
    if (len > STREAM_FRAME_MAX)
        return err_set(why, ERR_INPUT, "frame of %zu bytes; at most %u", len, STREAM_FRAME_MAX);
    err = read_body(reader, len, why);
    if (err)
        return err;
    advance(reader, (enum frame_type)type);
    *out = (struct frame){(enum frame_type)type, index, reader->body.bytes, len};
    return ERR_NONE;
}

void stream_close(struct stream_reader *reader)
{
    if (!reader)
        return;
    buf_free(&reader->body);
    free(reader);
}
