/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include "cli/text.h"

#include <string.h>

#define SAMPLE_MS 1000
#define BAR_MAX   40
#define BAR_MIN   8

uint64_t progress_rate(struct progress_meter *meter, int64_t mono_ms, uint64_t done)
{
    size_t newest = (meter->next + PROGRESS_SAMPLES - 1) % PROGRESS_SAMPLES;
    if (!meter->count || mono_ms - meter->samples[newest].mono_ms >= SAMPLE_MS) {
        meter->samples[meter->next].mono_ms = mono_ms;
        meter->samples[meter->next].done = done;
        meter->next = (meter->next + 1) % PROGRESS_SAMPLES;
        meter->count += meter->count < PROGRESS_SAMPLES;
    }
    size_t oldest = (meter->next + PROGRESS_SAMPLES - meter->count) % PROGRESS_SAMPLES;
    int64_t ms = mono_ms - meter->samples[oldest].mono_ms;
    uint64_t before = meter->samples[oldest].done;
    if (ms < 2 * SAMPLE_MS || done <= before)
        return 0;
    uint64_t labels = done - before;
    return labels > UINT64_MAX / 3600000 ? 0 : labels * 3600000 / (uint64_t)ms;
}

static void add_rate(const struct progress *progress, const char *gap, struct buf *out)
{
    uint64_t left = progress->all - progress->done;
    if (!progress->per_hour || progress->words[0] || !left)
        return;
    if (progress->per_hour >= 600)
        buf_printf(out, "%s%llu/min%s", gap, (unsigned long long)progress->per_hour / 60, gap);
    else
        buf_printf(out, "%s%llu/h%s", gap, (unsigned long long)progress->per_hour, gap);
    uint64_t seconds =
        left > UINT64_MAX / 3600 ? UINT64_MAX / 3600 : left * 3600 / progress->per_hour;
    text_duration(seconds ? seconds : 1, out);
    buf_add_text(out, " left");
}

static unsigned percent(const struct progress *progress)
{
    /* Rounded down: 100 % is said when the last label is done. */
    if (!progress->all)
        return 0;
    if (progress->done > UINT64_MAX / 100)
        return (unsigned)(progress->done / (progress->all / 100 + 1));
    return (unsigned)(progress->done * 100 / progress->all);
}

/* Eighths of a column where the terminal can. */
static void add_bar(const struct progress *progress, size_t width, bool utf8, struct buf *out)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    uint64_t all = progress->all ? progress->all : 1;
    uint64_t done = progress->done < all ? progress->done : all;
    /* Halved until the product fits: the bar has far fewer steps than 2^32. */
    for (; all > UINT32_MAX; all /= 2)
        done /= 2;
    size_t steps = (size_t)(done * width * 8 / all), full = steps / 8, at = full;
    for (size_t i = 0; i < full; i++)
        buf_add_text(out, utf8 ? "█" : "#");
    if (utf8 && steps % 8) {
        buf_add_text(out, eighths[steps % 8]);
        at++;
    }
    for (; at < width; at++)
        buf_add_text(out, utf8 ? "·" : ".");
}

void progress_bar(const struct progress *progress, size_t columns, bool utf8, bool colour,
                  struct buf *out)
{
    struct buf head = BUF_INIT(64), tail = BUF_INIT(1024), line = BUF_INIT(4096);
    buf_printf(&head, "job %lld ", (long long)progress->job_id);
    buf_printf(&tail, " %llu/%llu  %u%%", (unsigned long long)progress->done,
               (unsigned long long)progress->all, percent(progress));
    add_rate(progress, "  ", &tail);
    size_t taken = text_columns(buf_text(&head)) + text_columns(buf_text(&tail));
    size_t words = progress->words[0] ? text_columns(progress->words) + 2 : 0;
    size_t room = columns > taken + words + 2 ? columns - taken - words - 2 : 0;
    size_t width = room > BAR_MAX ? BAR_MAX : room;
    buf_add_text(&line, buf_text(&head));
    if (width >= BAR_MIN) {
        buf_add_text(&line, utf8 ? "▕" : "[");
        buf_add_text(&line, colour ? "\x1b[32m" : "");
        add_bar(progress, width, utf8, &line);
        buf_add_text(&line, colour ? "\x1b[0m" : "");
        buf_add_text(&line, utf8 ? "▏" : "]");
    }
    buf_add_text(&line, buf_text(&tail));
    if (progress->words[0])
        buf_printf(&line, "  %s%s%s", colour ? "\x1b[33m" : "", progress->words,
                   colour ? "\x1b[0m" : "");
    text_cut(buf_text(&line), columns, out);
    buf_add_text(out, colour ? "\x1b[0m" : ""); /* the cut may have taken it */
    buf_free(&head);
    buf_free(&tail);
    buf_free(&line);
}

void progress_words(const struct progress *progress, struct buf *out)
{
    buf_printf(out, "job %lld: %llu of ", (long long)progress->job_id,
               (unsigned long long)progress->done);
    text_count(progress->all, "label", out);
    add_rate(progress, ", ", out);
    if (progress->words[0])
        buf_printf(out, "; %s", progress->words);
}
