/* SPDX-License-Identifier: Apache-2.0 */
/* A chunk's feed stream: each impression has the bytes that the driver makes of its label's
 * patches, all pieces of a label alike, and in order. */
#include "spooler/encode.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LABELS 3
#define PIECES 2

static const struct stock stock = {.width_um = 50000, .height_um = 30000};
static const struct settings settings = {.darkness_percent = 50, .speed_mm_s = 100};

/* A language that numbers its impressions: nothing may be taken from the one before. */
static enum err numbered_nothing(const struct chunk_setup *chunk, struct buf *out,
                                 struct why *why)
{
    (void)chunk; /* the driver's signature */
    (void)out;
    (void)why;
    return ERR_NONE;
}

static enum err numbered_impression(const struct chunk_setup *chunk,
                                    const struct impression *impression, struct buf *out,
                                    struct why *why)
{
    (void)chunk; /* the driver's signature */
    (void)why;
    buf_printf(out, "impression %u, label %llu", impression->index,
               (unsigned long long)impression->first_label);
    return buf_err(out);
}

static const struct driver numbered = {
    .name = "numbered",
    .begin = numbered_nothing,
    .impression = numbered_impression,
    .end = numbered_nothing,
    .cancel = numbered_nothing,
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Label n has one patch, a column of dots at n. */
static struct rendered make_labels(void)
{
    struct rendered made = {.count = LABELS};
    must(bitmap_new(64, 16, &made.plate) == ERR_NONE);
    must((made.labels = calloc(LABELS, sizeof *made.labels)));
    for (uint32_t i = 0; i < LABELS; i++) {
        must((made.labels[i].patches = calloc(1, sizeof *made.labels[i].patches)));
        made.labels[i].count = 1;
        made.labels[i].patches[0].x_dots = 10 * i;
        must(bitmap_new(1, 8 + i, &made.labels[i].patches[0].bits) == ERR_NONE);
        bitmap_fill(&made.labels[i].patches[0].bits, 0, 0, 1, 16);
    }
    return made;
}

static struct stream_reader *open_stream(const struct buf *bytes, int *fd)
{
    struct stream_header header;
    struct stream_reader *reader = NULL;
    struct why why;
    *fd = memfd_create("stream", MFD_CLOEXEC);
    must(*fd >= 0 && write(*fd, bytes->bytes, bytes->len) == (ssize_t)bytes->len);
    must(lseek(*fd, 0, SEEK_SET) == 0);
    must(stream_open(*fd, &header, &reader, &why) == ERR_NONE);
    return reader;
}

/* What the driver itself says of an impression. */
static void expect(const struct model *model, const struct rendered *rendered, uint32_t index,
                   struct buf *out)
{
    const struct rendered_label *label = &rendered->labels[index / PIECES];
    struct chunk_setup setup = {.model = model,
                                .stock = &stock,
                                .settings = &settings,
                                .plate = &rendered->plate,
                                .impressions = LABELS * PIECES,
                                .name = "7"};
    struct impression impression = {.index = index + 1,
                                    .first_label = 41 + index / PIECES,
                                    .last_label = 41 + index / PIECES,
                                    .patches = label->patches,
                                    .patch_count = label->count};
    struct why why;
    plate_name(&rendered->plate, setup.plate_id);
    must(model->driver->impression(&setup, &impression, out, &why) == ERR_NONE);
}

static void test_model(const char *name, const struct model *model)
{
    struct rendered rendered = make_labels();
    struct encode_printer printer = {
        .model = model, .stock = &stock, .settings = &settings, .queue = "q", .window = 4};
    struct chunk chunk = {.id = 7,
                          .job_id = 3,
                          .attempt = 1,
                          .epoch = 1,
                          .first = 41,
                          .last = 40 + LABELS,
                          .impressions = LABELS * PIECES};
    struct buf bytes = BUF_INIT(1 << 20), want = BUF_INIT(1 << 16);
    struct why why;
    must(encode_chunk(&printer, "0123456789abcdef", &chunk, PIECES, &rendered, "7", &bytes,
                      &why) == ERR_NONE);
    int fd;
    struct stream_reader *reader = open_stream(&bytes, &fd);
    struct frame frame;
    uint32_t seen = 0;
    size_t same = 0;
    while (stream_next(reader, &frame, &why) == ERR_NONE) {
        if (frame.type != FRAME_IMPRESSION)
            continue;
        buf_reset(&want);
        expect(model, &rendered, seen, &want);
        same += frame.index == ++seen && frame.len == want.len &&
                memcmp(frame.bytes, want.bytes, want.len) == 0;
    }
    tap_is_int(seen, LABELS * PIECES, "%s: an impression for each piece", name);
    tap_is_int((long long)same, LABELS * PIECES, "%s: each as the driver makes it", name);
    stream_close(reader);
    must(close(fd) == 0);
    buf_free(&bytes);
    buf_free(&want);
    rendered_free(&rendered);
}

/* A stream that only clears: what the driver clears with, and no impression. */
static void test_clear(const char *name)
{
    struct encode_printer printer = {.model = model_find(name),
                                     .stock = &stock,
                                     .settings = &settings,
                                     .queue = "q",
                                     .window = 4};
    struct chunk chunk = {.id = 7, .epoch = 1};
    struct buf bytes = BUF_INIT(1 << 16);
    struct why why;
    must(encode_clear(&printer, "0123456789abcdef", &chunk, &bytes, &why) == ERR_NONE);
    int fd;
    struct stream_reader *reader = open_stream(&bytes, &fd);
    struct frame frame;
    bool clears = false;
    size_t others = 0;
    while (stream_next(reader, &frame, &why) == ERR_NONE) {
        if (frame.type == FRAME_CANCEL)
            clears = frame.len == 4 && memcmp(frame.bytes, "~JA\n", 4) == 0;
        else
            others += frame.len;
    }
    tap_ok(clears, "%s: ~JA clears", name);
    tap_is_int((long long)others, 0, "%s: and nothing else is sent", name);
    stream_close(reader);
    must(close(fd) == 0);
    buf_free(&bytes);
}

int main(void)
{
    const struct model fake = {.name = "numbered",
                               .driver = &numbered,
                               .dots_per_m = 8000,
                               .max_width_dots = 832,
                               .max_length_dots = 1000};
    test_model("zpl-203", model_find("zpl-203"));
    test_model("png-203", model_find("png-203"));
    test_model("a language that numbers impressions", &fake);
    test_clear("zpl-203");
    return tap_done();
}
