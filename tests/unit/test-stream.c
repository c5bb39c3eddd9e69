/* SPDX-License-Identifier: Apache-2.0 */
/* The feed stream. The first vector is written byte by byte from stream.h. */
#include "drivers/feed/stream.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct stream_header sample = {.store_id = "0123456789abcdef",
                                            .epoch = 2,
                                            .queue = "q",
                                            .job = 3,
                                            .chunk = 4,
                                            .attempt = 5,
                                            .impressions = 2,
                                            .model = "zpl-203",
                                            .evidence = EVIDENCE_COUNTER,
                                            .window = 4};

#define HEADER_BODY                                                                            \
    "\0\x10"                                                                                   \
    "0123456789abcdef"                                                                         \
    "\0\0\0\2"                                                                                 \
    "\0\1q"                                                                                    \
    "\0\0\0\0\0\0\0\3"                                                                         \
    "\0\0\0\0\0\0\0\4"                                                                         \
    "\0\0\0\5"                                                                                 \
    "\0\0\0\2"                                                                                 \
    "\0\7zpl-203"                                                                              \
    "\1"                                                                                       \
    "\0\4"
#define HEADER        "TEM1\0\1\0\x3d" HEADER_BODY
#define BEGIN         "\1\0\0\0\0\0\0\0\2be"
#define CANCEL        "\2\0\0\0\0\0\0\0\1c"
#define IMPRESSION(n) "\3\0\0\0" n "\0\0\0\3imp"
#define END           "\4\0\0\0\0\0\0\0\1e"
#define WHOLE         HEADER BEGIN CANCEL IMPRESSION("\1") IMPRESSION("\2") END

static int file_of(const void *bytes, size_t len)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

/* Reads it all. ERR_NONE: whole; else what was refused. */
static enum err read_whole(const void *bytes, size_t len, struct stream_header *header,
                           int *frames)
{
    struct stream_reader *reader = NULL;
    int fd = file_of(bytes, len);
    *frames = 0;
    enum err err = stream_open(fd, header, &reader, NULL);
    while (!err) {
        struct frame frame;
        err = stream_next(reader, &frame, NULL);
        *frames += !err;
    }
    stream_close(reader);
    close(fd);
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static void test_writing(void)
{
    struct buf out = BUF_INIT(1 << 16);
    stream_put_header(&out, &sample);
    stream_put_frame(&out, FRAME_BEGIN, 0, "be", 2);
    stream_put_frame(&out, FRAME_CANCEL, 0, "c", 1);
    stream_put_frame(&out, FRAME_IMPRESSION, 1, "imp", 3);
    stream_put_frame(&out, FRAME_IMPRESSION, 2, "imp", 3);
    stream_put_frame(&out, FRAME_END, 0, "e", 1);
    tap_ok(!buf_err(&out) && out.len == sizeof WHOLE - 1 &&
               memcmp(out.bytes, WHOLE, out.len) == 0,
           "written byte for byte as stream.h says");
    buf_free(&out);
}

static void test_reading(void)
{
    struct stream_header header = {0};
    int frames = 0;
    tap_is_int(read_whole(WHOLE, sizeof WHOLE - 1, &header, &frames), ERR_NONE,
               "a whole stream");
    tap_is_int(frames, 5, "all frames");
    tap_ok(strcmp(header.store_id, sample.store_id) == 0 && strcmp(header.queue, "q") == 0 &&
               strcmp(header.model, "zpl-203") == 0 && header.epoch == 2 && header.job == 3 &&
               header.chunk == 4 && header.attempt == 5 && header.impressions == 2 &&
               header.evidence == EVIDENCE_COUNTER && header.window == 4,
           "the header's fields");
    struct stream_reader *reader = NULL;
    struct frame frame;
    int fd = file_of(WHOLE, sizeof WHOLE - 1);
    tap_ok(!stream_open(fd, &header, &reader, NULL) && !stream_next(reader, &frame, NULL) &&
               frame.type == FRAME_BEGIN && frame.len == 2 && memcmp(frame.bytes, "be", 2) == 0,
           "a frame's bytes");
    stream_close(reader);
    close(fd);
}

static void test_cuts(void)
{
    int wrong = 0, frames;
    struct stream_header header;
    for (size_t len = 0; len < sizeof WHOLE - 1; len++)
        wrong += read_whole(WHOLE, len, &header, &frames) != ERR_INPUT;
    tap_is_int(wrong, 0, "cut at every byte: refused each time");
}

#define CASE(name, text)                                                                       \
    {                                                                                          \
        name, text, sizeof(text) - 1                                                           \
    }
static const struct {
    const char *name, *bytes;
    size_t len;
} refused[] = {
    CASE("other magic",
         "TEM2\0\1\0\x3d" HEADER_BODY BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("other version",
         "TEM1\0\2\0\x3d" HEADER_BODY BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("header length too small",
         "TEM1\0\1\0\x3c" HEADER_BODY BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("header length too large",
         "TEM1\0\1\0\x3e" HEADER_BODY BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("header length far too large",
         "TEM1\0\1\xff\xff" HEADER_BODY BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("no BEGIN", HEADER IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("two BEGIN", HEADER BEGIN BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("BEGIN with an index",
         HEADER "\1\0\0\0\1\0\0\0\2be" IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("two CANCEL", HEADER BEGIN CANCEL CANCEL IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("CANCEL after an impression",
         HEADER BEGIN IMPRESSION("\1") CANCEL IMPRESSION("\2") END),
    CASE("an impression twice",
         HEADER BEGIN IMPRESSION("\1") IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("an impression missing", HEADER BEGIN IMPRESSION("\2") END),
    CASE("impressions swapped", HEADER BEGIN IMPRESSION("\2") IMPRESSION("\1") END),
    CASE("fewer than promised", HEADER BEGIN IMPRESSION("\1") END),
    CASE("more than promised",
         HEADER BEGIN IMPRESSION("\1") IMPRESSION("\2") IMPRESSION("\3") END),
    CASE("a frame of no type",
         HEADER BEGIN "\5\0\0\0\0\0\0\0\0" IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("a size over the limit", HEADER "\1\0\0\0\0\1\0\0\1be"),
    CASE("a size that lies", HEADER "\1\0\0\0\0\0\xff\0\0"
                                    "be" IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("goes on after END", WHOLE "x"),
    CASE("END twice", WHOLE END),
    CASE("store id with a capital", "TEM1\0\1\0\x3d\0\x10"
                                    "0123456789abcdeF"
                                    "\0\0\0\2"
                                    "\0\1q"
                                    "\0\0\0\0\0\0\0\3"
                                    "\0\0\0\0\0\0\0\4"
                                    "\0\0\0\5"
                                    "\0\0\0\2"
                                    "\0\7zpl-203"
                                    "\1"
                                    "\0\4" BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("a control character in the queue",
         "TEM1\0\1\0\x3d\0\x10"
         "0123456789abcdef"
         "\0\0\0\2"
         "\0\1\n"
         "\0\0\0\0\0\0\0\3"
         "\0\0\0\0\0\0\0\4"
         "\0\0\0\5"
         "\0\0\0\2"
         "\0\7zpl-203"
         "\1"
         "\0\4" BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("fewer impressions than promised: none", HEADER BEGIN END),
    CASE("more impressions than any chunk", "TEM1\0\1\0\x3d\0\x10"
                                            "0123456789abcdef"
                                            "\0\0\0\2"
                                            "\0\1q"
                                            "\0\0\0\0\0\0\0\3"
                                            "\0\0\0\0\0\0\0\4"
                                            "\0\0\0\5"
                                            "\0\0\x27\x11"
                                            "\0\7zpl-203"
                                            "\1"
                                            "\0\4" BEGIN END),
    CASE("an evidence that is none", "TEM1\0\1\0\x3d\0\x10"
                                     "0123456789abcdef"
                                     "\0\0\0\2"
                                     "\0\1q"
                                     "\0\0\0\0\0\0\0\3"
                                     "\0\0\0\0\0\0\0\4"
                                     "\0\0\0\5"
                                     "\0\0\0\2"
                                     "\0\7zpl-203"
                                     "\4"
                                     "\0\4" BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
    CASE("no window", "TEM1\0\1\0\x3d\0\x10"
                      "0123456789abcdef"
                      "\0\0\0\2"
                      "\0\1q"
                      "\0\0\0\0\0\0\0\3"
                      "\0\0\0\0\0\0\0\4"
                      "\0\0\0\5"
                      "\0\0\0\2"
                      "\0\7zpl-203"
                      "\1"
                      "\0\0" BEGIN IMPRESSION("\1") IMPRESSION("\2") END),
};

static void test_refused(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct stream_header header;
        int frames;
        tap_is_int(read_whole(refused[i].bytes, refused[i].len, &header, &frames), ERR_INPUT,
                   "refused: %s", refused[i].name);
    }
}

static void test_fuzz(void)
{
    uint32_t seed = 7;
    int wrong = 0;
    for (int i = 0; i < 5000; i++) {
        char bytes[sizeof WHOLE - 1];
        struct stream_header header;
        int frames;
        memcpy(bytes, WHOLE, sizeof bytes);
        for (int j = 0; j < 3; j++) {
            seed = seed * 1664525 + 1013904223;
            bytes[(seed >> 8) % sizeof bytes] = (char)(seed >> 24);
        }
        enum err err = read_whole(bytes, sizeof bytes, &header, &frames);
        wrong += err != ERR_NONE && err != ERR_INPUT;
    }
    tap_is_int(wrong, 0, "changed bytes: whole or refused, nothing else");
}

int main(void)
{
    test_writing();
    test_reading();
    test_cuts();
    test_refused();
    test_fuzz();
    return tap_done();
}
