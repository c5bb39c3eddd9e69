/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/encode.h"

#include <stdio.h>
#include <string.h>

#define FRAME_BYTES_MAX (16u * 1024 * 1024)

static struct stream_header header_of(const struct encode_printer *printer,
                                      const char *store_id, const struct chunk *chunk)
{
    struct stream_header header = {
        .epoch = chunk->epoch,
        .job = (uint64_t)chunk->job_id,
        .chunk = (uint64_t)chunk->id,
        .attempt = chunk->attempt,
        .impressions = chunk->impressions,
        .evidence = printer->evidence,
        .window = printer->window,
    };
    snprintf(header.store_id, sizeof header.store_id, "%s", store_id);
    snprintf(header.queue, sizeof header.queue, "%s", printer->queue);
    snprintf(header.model, sizeof header.model, "%s", printer->model->name);
    return header;
}

/* How long one label takes to come out, and half as long again: printers slow down. */
static uint16_t feed_ms(const struct encode_printer *printer)
{
    int64_t pitch_um = printer->stock->height_um + printer->stock->gap_um;
    int speed_mm_s = printer->settings->speed_mm_s > 0 ? printer->settings->speed_mm_s : 1;
    int64_t ms = 500 + pitch_um / speed_mm_s * 3 / 2;
    return ms < UINT16_MAX ? (uint16_t)ms : UINT16_MAX;
}

enum err encode_clear(const struct encode_printer *printer, const char *store_id,
                      const struct chunk *chunk, struct buf *out, struct why *why)
{
    struct stream_header header = header_of(printer, store_id, chunk);
    struct chunk_setup setup = {
        .model = printer->model,
        .stock = printer->stock,
        .settings = printer->settings,
        .name = "clear",
    };
    header.feed_ms = feed_ms(printer);
    struct buf frame = BUF_INIT(FRAME_BYTES_MAX);
    enum err err = printer->model->driver->cancel(&setup, &frame, why);
    stream_put_header(out, &header);
    stream_put_frame(out, FRAME_BEGIN, 0, "", 0);
    stream_put_frame(out, FRAME_CANCEL, 0, frame.bytes, frame.len);
    stream_put_frame(out, FRAME_END, 0, "", 0);
    if (!err && (buf_err(out) || buf_err(&frame)))
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    buf_free(&frame);
    return err;
}

enum err encode_chunk(const struct encode_printer *printer, const char *store_id,
                      const struct chunk *chunk, uint32_t pieces,
                      const struct rendered *rendered, const char *name, struct buf *out,
                      struct why *why)
{
    const struct driver *driver = printer->model->driver;
    struct stream_header header = header_of(printer, store_id, chunk);
    struct chunk_setup setup = {
        .model = printer->model,
        .stock = printer->stock,
        .settings = printer->settings,
        .plate = &rendered->plate,
        .impressions = chunk->impressions,
        .name = name,
    };
    plate_name(&rendered->plate, setup.plate_id);
    struct buf frame = BUF_INIT(FRAME_BYTES_MAX);
    const struct rendered_label *before = NULL; /* whose bytes are in `frame` */
    stream_put_header(out, &header);
    enum err err = driver->begin(&setup, &frame, why);
    if (!err)
        stream_put_frame(out, FRAME_BEGIN, 0, frame.bytes, frame.len);
    buf_reset(&frame);
    if (!err)
        err = driver->cancel(&setup, &frame, why);
    if (!err)
        stream_put_frame(out, FRAME_CANCEL, 0, frame.bytes, frame.len);
    for (uint32_t i = 0; !err && i < chunk->impressions; i++) {
        /* one drawing a label, or one a piece where they differ */
        size_t drawing = (size_t)i * rendered->count / chunk->impressions;
        const struct rendered_label *label = &rendered->labels[drawing];
        struct impression impression = {
            .index = i + 1,
            .first_label = chunk->first + i / pieces,
            .last_label = chunk->first + i / pieces,
            .patches = label->patches,
            .patch_count = label->count,
        };
        if (label != before || !driver->alike) {
            buf_reset(&frame);
            err = driver->impression(&setup, &impression, &frame, why);
        }
        before = label;
        if (!err)
            stream_put_frame(out, FRAME_IMPRESSION, i + 1, frame.bytes, frame.len);
    }
    buf_reset(&frame);
    if (!err)
        err = driver->end(&setup, &frame, why);
    if (!err)
        stream_put_frame(out, FRAME_END, 0, frame.bytes, frame.len);
    if (!err && (buf_err(out) || buf_err(&frame)))
        err = err_set(why, ERR_TOO_LARGE, "%s does not fit in a feed stream", name);
    buf_free(&frame);
    return err;
}
