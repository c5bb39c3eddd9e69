/* SPDX-License-Identifier: Apache-2.0 */
/* stream.h: the feed stream, application/vnd.tem-labels: what temd hands CUPS and temfeed
 * reads.
 *
 * A header, then typed frames, all numbers big-endian:
 *   header  "TEM1" u16 version=1 u16 header_len (bytes that follow), then
 *           text store_id, u32 epoch, text queue, u64 job, u64 chunk, u32 attempt,
 *           u32 impressions, text model, u8 evidence, u16 window,
 *           and without impressions: u16 feed_ms
 *           (text = u16 length + UTF-8)
 *   frame   u8 type, u32 index, u32 length, length bytes
 *           BEGIN (index 0), IMPRESSION (1..n in order), END, CANCEL
 * Bytes of frames are the printer's language, ready to send. CANCEL stands before the first
 * IMPRESSION: it has to be known when it is needed. A stream without impressions only clears
 * the printer. Everything is bounded here: a stream that breaks a rule is refused whole. */
#ifndef TEM_DRIVERS_FEED_STREAM_H
#define TEM_DRIVERS_FEED_STREAM_H

#include "drivers/driver.h"
#include "spooler/base/buf.h"
#include "spooler/base/err.h"

#include <stdint.h>

#define STREAM_STORE_ID_SIZE  17  /* 16 lower-case hex digits */
#define STREAM_QUEUE_SIZE     128 /* CUPS: at most 127 characters */
#define STREAM_MODEL_SIZE     64
#define STREAM_FRAME_MAX      (16u * 1024 * 1024)
#define STREAM_IMPRESSION_MAX 10000

struct stream_header {
    char store_id[STREAM_STORE_ID_SIZE];
    uint32_t epoch;
    char queue[STREAM_QUEUE_SIZE];
    uint64_t job, chunk;
    uint32_t attempt;
    uint32_t impressions;
    char model[STREAM_MODEL_SIZE];
    enum evidence evidence; /* what this printer is configured to give */
    uint16_t window;        /* impressions without C at most */
    uint16_t feed_ms; /* of a stream without impressions: for so long the printer must stand
                         still, since a label that moves takes as long to come out */
};

enum frame_type { FRAME_BEGIN = 1, FRAME_CANCEL = 2, FRAME_IMPRESSION = 3, FRAME_END = 4 };

struct frame {
    enum frame_type type;
    uint32_t index;
    const uint8_t *bytes; /* borrows from the reader until its next call */
    size_t len;
};

void stream_put_header(struct buf *out, const struct stream_header *header);
void stream_put_frame(struct buf *out, enum frame_type type, uint32_t index, const void *bytes,
                      size_t len);

struct stream_reader;
/* Reads from a descriptor, which stays the caller's. ERR_INPUT: not such a stream. */
enum err stream_open(int fd, struct stream_header *header, struct stream_reader **out,
                     struct why *why);
/* The next frame. ERR_NOT_FOUND after END; ERR_INPUT when cut short or out of order. */
enum err stream_next(struct stream_reader *reader, struct frame *out, struct why *why);
void stream_close(struct stream_reader *reader);

#endif
