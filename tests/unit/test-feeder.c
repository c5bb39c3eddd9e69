/* SPDX-License-Identifier: Apache-2.0 */
/* The feeder against a printer made here, with a clock that only moves when it waits, so that
 * hours take milliseconds. The printer understands ~HS, the odometer and labels "<Ln>"; what
 * happens to it is told by a row's `plot`. Judged by the journal on disk and by what really
 * came out. */
#include "drivers/feed/drain.h"
#include "drivers/feed/feeder.h"
#include "drivers/feed/journal.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

struct printer {
    struct clock clock;
    int64_t now_ms, stop_ms;
    char in[200000]; /* bytes of the host that are not understood yet */
    size_t in_len;
    char answers[4096];
    size_t answer_len;
    int buffer[64];          /* labels received and not printed */
    size_t buffered, others; /* others: formats of somebody else */
    int64_t label_ms,
        done_ms; /* time a label takes; when the one that moves is done; 0 = none moves */
    uint64_t count;
    int printed[64]; /* times that each label came out */
    int received[64];
    bool silent, head_open, unsupported, gone, stuck, waits_for_taker, undrained;
    bool asked; /* any question came */
    int serial;
    unsigned errors;          /* what ~HQES says */
    enum reach_state network; /* while it is silent */
    bool sticks;              /* from the first byte that comes after the token was taken */
    size_t lost;              /* of the plot */
    bool no_identity;         /* that question is not answered */
    bool tells_faults;        /* ~HQES is answered in silence, too */
    bool hides_moving;        /* ~HS does not show the label that moves */
    bool media_out, paused;   /* as ~HS says; the printer answers */
    int plates;               /* times that one was stored */
    bool plateless;           /* a label came while none was stored */
    bool begun, ended, cancelled;
    size_t most_out; /* labels received and not counted, at most */
    bool sent_in_fault;
    char said[20000];
    size_t said_len;
    void (*plot)(struct printer *printer);
    int act; /* of the plot */
    int64_t act_ms;
    const struct token_name *name;
};

static char folder[64];

static int64_t printer_now(void *ctx)
{
    return ((struct printer *)ctx)->now_ms;
}

static void answer(struct printer *p, const char *text)
{
    size_t len = strlen(text);
    if (p->answer_len + len > sizeof p->answers)
        abort();
    memcpy(p->answers + p->answer_len, text, len);
    p->answer_len += len;
}

static void answer_status(struct printer *p)
{
    char text[200];
    bool moves = p->done_ms && !p->hides_moving;
    p->asked = true;
    if (p->silent)
        return;
    snprintf(text, sizeof text,
             "\002030,%d,%d,0300,%03zu,0,0,0,000,0,0,0\003\r\n"
             "\002000,0,%d,0,0,2,4,%d,%08d,1,000\003\r\n\0021234,0\003\r\n",
             p->media_out, p->paused,
             p->buffered + p->others - (p->done_ms && p->hides_moving ? 1 : 0), p->head_open,
             p->waits_for_taker, moves ? 1 : 0);
    answer(p, text);
}

static void answer_count(struct printer *p)
{
    char text[64];
    p->asked = true;
    if (p->silent)
        return;
    snprintf(text, sizeof text, p->unsupported ? "\"?\"\r\n" : "\"%llu\"\r\n",
             (unsigned long long)p->count);
    answer(p, text);
}

static void answer_identity(struct printer *p)
{
    char text[64];
    p->asked = true;
    if (p->silent || p->no_identity)
        return;
    snprintf(text, sizeof text, p->unsupported ? "\"?\"\r\n" : "\"SN%d\"\r\n", p->serial);
    answer(p, text);
}

/* Answered in a fault as well, if the printer is one that does. */
static void answer_faults(struct printer *p)
{
    char text[200];
    p->asked = true;
    if (p->silent && !p->tells_faults)
        return;
    snprintf(text, sizeof text,
             "\002\r\nPRINTER STATUS\r\nERRORS: %d 00000000 %08X\r\nWARNINGS: 0 00000000 "
             "00000000\r\n\003\r\n",
             p->errors != 0, p->errors);
    answer(p, text);
}

static void take_label(struct printer *p, int n)
{
    p->buffer[p->buffered++] = n;
    p->received[n]++;
    p->most_out = p->buffered > p->most_out ? p->buffered : p->most_out;
    p->sent_in_fault = p->sent_in_fault || p->head_open || p->media_out || p->paused;
    p->plateless = p->plateless || p->plates == 0;
}

/* Understands the front of `in`; false when more is needed. */
static bool understand(struct printer *p)
{
    static const char status[] = "~HS\r\n", faults[] = "~HQES\r\n",
                      odometer[] = "! U1 getvar \"odometer.total_label_count\"\r\n",
                      identity[] = "! U1 getvar \"device.unique_id\"\r\n";
    char *end;
    size_t used = 0;
    p->in[p->in_len] = '\0';
    if (strncmp(p->in, status, sizeof status - 1) == 0) {
        answer_status(p);
        used = sizeof status - 1;
    } else if (strncmp(p->in, odometer, sizeof odometer - 1) == 0) {
        answer_count(p);
        used = sizeof odometer - 1;
    } else if (strncmp(p->in, faults, sizeof faults - 1) == 0) {
        answer_faults(p);
        used = sizeof faults - 1;
    } else if (strncmp(p->in, identity, sizeof identity - 1) == 0) {
        answer_identity(p);
        used = sizeof identity - 1;
    } else if (p->in[0] == '<' && (end = strchr(p->in, '>')) != NULL) {
        used = (size_t)(end - p->in) + 1;
        if (p->in[1] == 'L')
            take_label(p, (int)strtol(p->in + 2, NULL, 10));
        p->begun = p->begun || p->in[1] == 'B';
        p->plates += p->in[1] == 'B';
        p->ended = p->ended || p->in[1] == 'E';
        if (p->in[1] == 'C') {
            p->cancelled = p->begun;          /* before: it clears what an earlier chunk left */
            p->buffered = p->done_ms ? 1 : 0; /* the one that moves comes out */
        }
    }
    p->in_len -= used;
    memmove(p->in, p->in + used, p->in_len);
    return used > 0;
}

static void live(struct printer *p, int64_t ms)
{
    for (int64_t until = p->now_ms + ms; p->now_ms < until; p->now_ms++) {
        if (p->plot)
            p->plot(p);
        bool moves = !p->silent && !p->head_open && !p->media_out && !p->waits_for_taker;
        bool runs = moves && !p->paused;
        if (p->done_ms && p->now_ms >= p->done_ms && moves) {
            p->printed[p->buffer[0]]++;
            memmove(p->buffer, p->buffer + 1, --p->buffered * sizeof p->buffer[0]);
            p->count++;
            p->done_ms = 0;
        }
        if (!p->done_ms && p->buffered > 0 && runs)
            p->done_ms = p->now_ms + p->label_ms;
        while (!p->stuck && understand(p))
            continue;
    }
}

static enum err dev_wait(void *ctx, bool want_write, int64_t timeout_ms, struct why *why)
{
    struct printer *p = ctx;
    (void)want_write; /* it always can, but when it is stuck */
    int64_t ms = 0;
    do
        live(p, 1);
    while (++ms < timeout_ms && !p->answer_len && !(p->stop_ms && p->now_ms == p->stop_ms));
    return p->gone ? err_set(why, ERR_DEVICE, "gone") : ERR_NONE;
}

static enum err dev_write(void *ctx, const uint8_t *bytes, size_t len, size_t *written,
                          struct why *why)
{
    struct printer *p = ctx;
    if (p->gone)
        return err_set(why, ERR_DEVICE, "gone");
    enum token_state state = TOKEN_NONE;
    p->stuck = p->stuck || (p->sticks && !token_look(folder, p->name, &state, NULL) &&
                            state == TOKEN_TAKEN);
    *written = p->stuck ? 0 : len < 700 ? len : 700; /* short writes happen */
    if (p->in_len + *written >= sizeof p->in)
        abort();
    memcpy(p->in + p->in_len, bytes, *written);
    p->in_len += *written;
    return ERR_NONE;
}

static enum err dev_read(void *ctx, uint8_t *bytes, size_t size, size_t *got, struct why *why)
{
    struct printer *p = ctx;
    (void)why; /* never fails */
    *got = size < p->answer_len ? size : p->answer_len;
    *got = *got < 17 ? *got : 17; /* answers come in pieces */
    memcpy(bytes, p->answers, *got);
    p->answer_len -= *got;
    memmove(p->answers, p->answers + *got, p->answer_len);
    return ERR_NONE;
}

static enum err dev_drain(void *ctx, int64_t timeout_ms, bool *done, struct why *why)
{
    struct printer *p = ctx;
    live(p, timeout_ms);
    *done = p->buffered == 0;
    return p->undrained ? err_set(why, ERR_DEVICE, "not delivered") : ERR_NONE;
}

static bool dev_stopped(void *ctx)
{
    struct printer *p = ctx;
    return p->stop_ms && p->now_ms >= p->stop_ms;
}

static void dev_say(void *ctx, const char *line)
{
    struct printer *p = ctx;
    if (getenv("TRACE"))
        printf("# %lld %s\n", (long long)p->now_ms, line);
    int n = snprintf(p->said + p->said_len, sizeof p->said - p->said_len, "%s\n", line);
    p->said_len += (size_t)n;
}

static enum reach_state dev_reach(void *ctx, bool silent, uint32_t *conditions)
{
    struct printer *p = ctx;
    *conditions = 0;
    return silent ? p->network : REACH_UNKNOWN;
}

/* ---- plots: called each ms, before the printer does its work --------------------------- */

static bool printed(const struct printer *p, int n)
{
    return p->printed[n] > 0;
}

/* After label 2 came out, silent for 10 s; nothing is lost. */
static void plot_silence(struct printer *p)
{
    if (p->act == 0 && printed(p, 2)) {
        p->silent = true;
        p->act_ms = p->now_ms;
        p->act = 1;
    } else if (p->act == 1 && p->now_ms - p->act_ms == 10000) {
        p->silent = false;
        p->act = 2;
    }
}

static void plot_cable(struct printer *p)
{
    p->network = REACH_GONE;
    plot_silence(p);
}

/* Media out (silent); the label in flight is lost; fed `feeds` when the roll is changed. */
static void media_out(struct printer *p, uint64_t feeds)
{
    if (p->act == 0 && printed(p, 2) && p->done_ms) {
        p->silent = true;
        p->done_ms = 0;
        memmove(p->buffer, p->buffer + 1, --p->buffered * sizeof p->buffer[0]);
        p->act_ms = p->now_ms;
        p->act = 1;
    } else if (p->act == 1 && p->now_ms - p->act_ms == 60000) {
        p->silent = false;
        p->count += feeds;
        p->act = 2;
    }
}

static void plot_media_out(struct printer *p)
{
    media_out(p, 0);
}

static void plot_media_out_fed(struct printer *p)
{
    media_out(p, 2);
}

static void plot_head_open(struct printer *p)
{
    if (p->act == 0 && printed(p, 2)) {
        p->head_open = true;
        p->act_ms = p->now_ms;
        p->act = 1;
    } else if (p->act == 1 && p->now_ms - p->act_ms == 3600 * 1000) {
        p->head_open = false;
        p->act = 2;
    }
}

static void plot_foreign(struct printer *p)
{
    if (p->act == 0 && printed(p, 2)) {
        p->count += 4;
        p->act = 1;
    }
}

static void plot_reset(struct printer *p)
{
    if (p->act == 0 && printed(p, 2)) {
        p->count = 0;
        p->act = 1;
    }
}

/* Somebody clears the printer at its panel: no fault shows. */
static void plot_panel_clear(struct printer *p)
{
    if (p->act == 0 && printed(p, 2)) {
        p->act_ms = p->now_ms;
        p->act = 1;
    } else if (p->act == 1 && p->now_ms - p->act_ms == 60) {
        p->buffered = 0;
        p->done_ms = 0;
        p->act = 2;
    }
}

static void plot_gone(struct printer *p)
{
    p->gone = printed(p, 2);
}

static void plot_late(struct printer *p)
{
    p->silent = p->now_ms < 7000;
}

/* Another job's labels come out for 5 s. */
static void plot_busy_before(struct printer *p)
{
    p->others = p->now_ms < 5000;
    if (p->others && p->now_ms % 400 == 0)
        p->count++;
}

/* Two labels of an earlier chunk, called absent since, wait in a printer that is out of labels.
 */
static void plot_leftover(struct printer *p)
{
    if (p->act == 0) {
        p->buffer[0] = 61;
        p->buffer[1] = 62;
        p->buffered = 2;
        p->act = 1;
    }
    p->silent = p->now_ms < 5000;
}

/* It has just begun with a label that takes 3 s when the clear comes. */
static void plot_moving(struct printer *p)
{
    if (p->act == 0) {
        p->buffer[0] = 61;
        p->buffered = 1;
        p->done_ms = 3500;
        p->hides_moving = true;
        p->act = 1;
    }
}

static void plot_never(struct printer *p)
{
    p->silent = true;
}

static void plot_revoked(struct printer *p)
{
    p->silent = true;
    if (p->act == 0 && p->now_ms > 60000) {
        if (token_revoke(folder, p->name, NULL))
            abort();
        p->act = 1;
    }
}

static void plot_silent_after_2(struct printer *p)
{
    p->silent = printed(p, 2);
}

/* A peeler: each label waits ten minutes to be taken. */
static void plot_peeler(struct printer *p)
{
    int n = 0;
    for (int i = 1; i < 64; i++)
        n += p->printed[i];
    if (n > p->act) {
        p->act = n;
        p->act_ms = p->now_ms;
        p->waits_for_taker = true;
    }
    if (p->waits_for_taker && p->now_ms - p->act_ms > 600 * 1000)
        p->waits_for_taker = false;
}

/* Takes no bytes for a minute, and is changed a roll meanwhile: one label lost, one feed more.
 */
static void plot_stuck(struct printer *p)
{
    if (p->act == 0 && printed(p, 1)) {
        p->stuck = true;
        p->act_ms = p->now_ms;
        p->act = 1;
    } else if (p->act == 1 && p->now_ms - p->act_ms == 60000) {
        p->stuck = false;
        p->act = 2;
    }
}

static void plot_cancel(struct printer *p)
{
    if (p->act == 0 && printed(p, 2)) {
        if (token_ask_cancel(folder, p->name, NULL))
            abort();
        p->stop_ms = p->now_ms;
        p->act = 1;
    }
}

static void plot_stop(struct printer *p)
{
    if (p->act == 0 && printed(p, 2)) {
        p->stop_ms = p->now_ms;
        p->act = 1;
    }
}

/* Out of labels in the millisecond after label 6 was counted; the printer answers. Label 7
 * tears; a roll is loaded 60 s later and fed once, so that the count is exact again in the end.
 */
static void plot_talks_media_out(struct printer *p)
{
    if (p->act == 0 && printed(p, 6)) {
        p->media_out = true;
        p->done_ms = 0;
        if (p->buffered > 0)
            memmove(p->buffer, p->buffer + 1, --p->buffered * sizeof p->buffer[0]);
        p->act_ms = p->now_ms;
        p->act = 1;
    } else if (p->act == 1 && p->now_ms - p->act_ms == 60000) {
        p->media_out = false;
        p->count++;
        p->act = 2;
    }
}

/* As plot_media_out, on a printer that answers ~HQES all the while. */
static void plot_tells_ribbon_out(struct printer *p)
{
    p->tells_faults = true;
    media_out(p, 0);
    p->errors = p->silent ? 0x2 : 0;
}

static void plot_pause(struct printer *p)
{
    if (p->act == 0 && printed(p, 2) && p->done_ms) {
        p->paused = true;
        p->act_ms = p->now_ms;
        p->act = 1;
    } else if (p->act == 1 && p->now_ms - p->act_ms == 7200 * 1000) {
        p->paused = false;
        p->act = 2;
    }
}

/* At the panel: PAUSE; CANCEL after a second; FEED for each label lost; PAUSE again. */
static void plot_pause_cancel_feed(struct printer *p)
{
    if (p->act == 0 && printed(p, 2)) {
        p->paused = true;
        p->act_ms = p->now_ms;
        p->act = 1;
    }
    int64_t since = p->now_ms - p->act_ms;
    if (p->act == 1 && since == 1000) {
        p->act_ms = p->now_ms;
        p->lost = p->buffered;
        p->buffered = 0;
        p->act = 2;
    } else if (p->act == 2 && since % 3000 == 0 && since > 0) {
        p->count += p->lost > 0;
        p->lost -= p->lost > 0;
        if (p->lost == 0) {
            p->paused = false;
            p->act = 3;
        }
    }
}

/* Behind a print server that keeps the connection another printer takes its place, during a
 * pause, and its counter is by chance what ours would be. */
static void plot_swap(struct printer *p)
{
    if (p->act == 0 && printed(p, 2)) {
        p->paused = true;
        p->serial = 2;
        p->count += p->buffered;
        p->buffered = 0;
        p->done_ms = 0;
        p->act_ms = p->now_ms;
        p->act = 1;
    } else if (p->act == 1 && p->now_ms - p->act_ms == 3000) {
        p->paused = false;
        p->act = 2;
    }
}

/* Takes no bytes for 10 s while its plate is on its way, and may have been off and on. */
static void plot_stuck_plate(struct printer *p)
{
    if (p->act == 0 && p->stuck) {
        p->act_ms = p->now_ms;
        p->act = 1;
    } else if (p->act == 1 && p->now_ms - p->act_ms == 10000) {
        p->stuck = p->sticks = false;
        p->act = 2;
    }
    p->sticks = p->act == 0;
}

/* "Change the roll" is ordered when label 3 comes out. */
static void plot_drain(struct printer *p)
{
    if (p->act == 0 && printed(p, 3)) {
        if (drain_set(folder, "q", true, NULL))
            abort();
        p->act = 1;
    }
}

static void plot_drain_before(struct printer *p)
{
    p->silent = true;
    if (p->act == 0 && p->now_ms > 5000) {
        if (drain_set(folder, "q", true, NULL))
            abort();
        p->act = 1;
    }
}

static void plot_no_identity(struct printer *p)
{
    p->no_identity = true;
}

/* ---- rows -------------------------------------------------------------------- */

#define ANY UINT32_MAX

/* What a row does not say: a counter, a window of 4, labels of 20 bytes that take 200 ms, ends
 * well with the token taken. */
static const struct row {
    const char *name;
    void (*plot)(struct printer *printer);
    bool blind;  /* without evidence */
    bool clears; /* a stream without impressions */
    uint16_t window;
    uint32_t label_bytes;
    int64_t label_ms;
    int64_t stop_ms;
    bool unsupported, undrained;
    enum err want;
    enum token_state token;
    uint32_t sent, confirmed;
    bool doubt, ended, end_frame;
    enum doubt why;    /* DOUBT_NONE = not looked at */
    int plates;        /* times that the plate was stored; 0 = not looked at */
    const char *said;  /* must be among what CUPS was told; NULL = nothing */
    int64_t within_ms; /* it must be over by then, and... */
    int64_t not_before_ms;
} rows[] = {
    {"normal", .sent = 8, .confirmed = 8, .ended = true, .end_frame = true, .said = "PAGE: 8 1",
     .within_ms = 1800, .not_before_ms = 1600},
    {"normal, window 1", .window = 1, .sent = 8, .confirmed = 8, .ended = true,
     .end_frame = true, .said = "PAGE: 8 1", .within_ms = 5000, .not_before_ms = 1600},
    {"large labels: the printer's buffer is the window", .label_bytes = 40000, .sent = 8,
     .confirmed = 8, .ended = true, .end_frame = true, .said = "PAGE: 8 1", .within_ms = 10000,
     .not_before_ms = 1600},
    {"silent in the middle: nobody knows what hands did meanwhile", .plot = plot_silence,
     .sent = ANY, .confirmed = ANY, .doubt = true, .ended = true,
     .said = "INFO: waiting: the printer does not answer", .within_ms = 30000,
     .not_before_ms = 10000, .why = DOUBT_SILENCE},
    {"its cable is out", .plot = plot_cable, .sent = ANY, .confirmed = ANY, .doubt = true,
     .ended = true,
     .said = "STATE: +offline-report\nINFO: waiting: the printer is off, or its cable is out",
     .within_ms = 30000, .not_before_ms = 10000, .why = DOUBT_SILENCE},
    {"media out, a label lost", .plot = plot_media_out, .sent = ANY, .confirmed = ANY,
     .doubt = true, .ended = true, .said = "INFO: labels are in doubt", .within_ms = 90000,
     .not_before_ms = 60000, .why = DOUBT_SILENCE},
    {"media out, and the new roll fed", .plot = plot_media_out_fed, .sent = ANY,
     .confirmed = ANY, .doubt = true, .ended = true, .said = "INFO: labels are in doubt",
     .within_ms = 90000, .not_before_ms = 60000},
    {"head open for an hour", .plot = plot_head_open, .sent = ANY, .confirmed = ANY,
     .doubt = true, .ended = true, .said = "STATE: +cover-open-error\n", .within_ms = 3700000,
     .not_before_ms = 3600000, .why = DOUBT_TORN},
    {"a foreign label", .plot = plot_foreign, .sent = ANY, .confirmed = ANY, .doubt = true,
     .ended = true, .said = "INFO: labels are in doubt", .within_ms = 30000,
     .why = DOUBT_COUNT},
    {"the counter was reset", .plot = plot_reset, .sent = ANY, .confirmed = ANY, .doubt = true,
     .ended = true, .said = "INFO: labels are in doubt", .within_ms = 30000,
     .why = DOUBT_RESET},
    {"cleared at the panel", .plot = plot_panel_clear, .sent = ANY, .confirmed = ANY,
     .doubt = true, .ended = true, .said = "INFO: labels are in doubt", .within_ms = 30000,
     .not_before_ms = 20000, .why = DOUBT_COUNT},
    {"the backend died", .plot = plot_gone, .want = ERR_DEVICE, .sent = ANY, .confirmed = ANY,
     .within_ms = 30000},
    {"no bytes taken for a minute", .plot = plot_stuck, .sent = ANY, .confirmed = ANY,
     .doubt = true, .ended = true, .said = "INFO: waiting: the printer does not answer",
     .within_ms = 90000, .not_before_ms = 60000},
    {"a peeler, ten minutes a label", .plot = plot_peeler, .window = 1, .sent = 8,
     .confirmed = 8, .ended = true, .end_frame = true, .said = "PAGE: 8 1",
     .within_ms = 4900000, .not_before_ms = 4800000},
    {"the printer answers late", .plot = plot_late, .sent = 8, .confirmed = 8, .ended = true,
     .end_frame = true, .said = "INFO: waiting: the printer does not answer",
     .within_ms = 20000, .not_before_ms = 8000},
    {"somebody else prints before us", .plot = plot_busy_before, .sent = 8, .confirmed = 8,
     .ended = true, .end_frame = true, .said = "PAGE: 8 1", .within_ms = 20000,
     .not_before_ms = 6600},
    {"labels of an earlier chunk wait in the printer", .plot = plot_leftover, .sent = 8,
     .confirmed = 8, .ended = true, .end_frame = true, .said = "PAGE: 8 1", .within_ms = 20000,
     .not_before_ms = 5000},
    {"out of labels, and it says so: all counted but the last is won back",
     .plot = plot_talks_media_out, .sent = ANY, .confirmed = 5, .doubt = true, .ended = true,
     .said = "STATE: +media-empty-error\nINFO: waiting: out of labels", .within_ms = 90000,
     .not_before_ms = 60000, .why = DOUBT_TORN, .label_ms = 5, .plates = 1},
    {"out of ribbon, silent but for its faults", .plot = plot_tells_ribbon_out, .sent = ANY,
     .confirmed = ANY, .doubt = true, .ended = true,
     .said = "STATE: +marker-supply-empty-error\nINFO: waiting: out of ribbon",
     .within_ms = 90000, .not_before_ms = 60000},
    {"paused for two hours", .plot = plot_pause, .sent = 8, .confirmed = 8, .ended = true,
     .end_frame = true, .said = "STATE: -paused-warning\n", .within_ms = 7210000,
     .not_before_ms = 7200000, .plates = 1},
    {"paused, cleared at the panel and fed", .plot = plot_pause_cancel_feed, .sent = ANY,
     .confirmed = ANY, .doubt = true, .ended = true, .said = "INFO: labels are in doubt",
     .within_ms = 30000, .not_before_ms = 4000, .why = DOUBT_COUNT},
    {"another printer in its place", .plot = plot_swap, .sent = ANY, .confirmed = ANY,
     .doubt = true, .ended = true, .said = "INFO: labels are in doubt: another",
     .within_ms = 30000, .not_before_ms = 3000, .why = DOUBT_SWAPPED},
    {"stuck with the plate on its way: it is stored again", .plot = plot_stuck_plate, .sent = 8,
     .confirmed = 8, .ended = true, .end_frame = true, .said = "PAGE: 8 1", .within_ms = 15000,
     .not_before_ms = 10000, .plates = 2},
    {"change the roll: what is out is confirmed, no more is sent", .plot = plot_drain,
     .sent = 5, .confirmed = 5, .ended = true, .said = "INFO: waiting: change the roll",
     .within_ms = 1300, .not_before_ms = 1000, .plates = 1},
    {"change the roll, without evidence", .plot = plot_drain, .blind = true, .sent = ANY,
     .confirmed = 0, .ended = true, .end_frame = true, .within_ms = 5000},
    {"change the roll before the start", .plot = plot_drain_before, .token = TOKEN_GO,
     .sent = 0, .confirmed = 0, .within_ms = 6100, .not_before_ms = 5000},
    {"it does not know who it is", .plot = plot_no_identity, .sent = 8, .confirmed = 8,
     .ended = true, .end_frame = true, .said = "PAGE: 8 1", .within_ms = 2900,
     .not_before_ms = 1600, .plates = 1},
    {"no counter", .unsupported = true, .want = ERR_DEVICE, .token = TOKEN_GO, .sent = 0,
     .confirmed = 0, .within_ms = 5000},
    {"withdrawn while the printer was silent", .plot = plot_revoked, .token = TOKEN_REVOKED,
     .sent = 0, .confirmed = 0, .within_ms = 63000, .not_before_ms = 60000},
    {"SIGTERM before the start", .plot = plot_never, .stop_ms = 5000, .token = TOKEN_GO,
     .sent = 0, .confirmed = 0, .within_ms = 5100, .not_before_ms = 5000},
    {"SIGTERM in the middle", .plot = plot_stop, .sent = ANY, .confirmed = ANY, .ended = true,
     .said = "INFO: stopping", .within_ms = 3000},
    {"SIGTERM and no answer: in doubt after 20 s", .plot = plot_silent_after_2, .stop_ms = 4000,
     .sent = ANY, .confirmed = ANY, .doubt = true, .ended = true, .said = "INFO: stopping",
     .within_ms = 24200, .not_before_ms = 23900, .why = DOUBT_SILENCE},
    {"SIGTERM with cancel", .plot = plot_cancel, .sent = ANY, .confirmed = ANY, .doubt = true,
     .ended = true, .said = "INFO: stopping", .within_ms = 7000, .why = DOUBT_STOPPED},
    {"without evidence", .blind = true, .sent = 8, .confirmed = 0, .ended = true,
     .end_frame = true, .within_ms = 5000},
    {"a stream that only clears", .plot = plot_leftover, .clears = true, .ended = true,
     .end_frame = true, .within_ms = 20000},
    {"a stream that only clears, while a label of 3 s moves", .plot = plot_moving,
     .clears = true, .label_ms = 3000, .ended = true, .end_frame = true, .within_ms = 15000,
     .not_before_ms = 3500},
    {"a stream that only clears, the printer never answers", .plot = plot_revoked,
     .clears = true, .token = TOKEN_REVOKED, .within_ms = 70000, .not_before_ms = 60000},
    {"without evidence, not delivered", .blind = true, .undrained = true, .want = ERR_DEVICE,
     .sent = 8, .confirmed = 0, .end_frame = true, .within_ms = 5000},
    {"without evidence, stopped at once", .blind = true, .stop_ms = 1, .token = TOKEN_GO,
     .sent = 0, .confirmed = 0, .within_ms = 5000},
};

static uint16_t window_of(const struct row *row)
{
    return row->window ? row->window : 4;
}

static int stream_of(const struct row *row, struct stream_header *header)
{
    static char label[100000];
    struct buf out = BUF_INIT(1 << 20);
    stream_put_header(&out, header);
    stream_put_frame(&out, FRAME_BEGIN, 0, "<B>", 3);
    stream_put_frame(&out, FRAME_CANCEL, 0, "<C>", 3);
    for (uint32_t n = 1; n <= header->impressions; n++) {
        int len = snprintf(label, sizeof label, "<L%-*u>",
                           (int)(row->label_bytes ? row->label_bytes : 20) - 3, n);
        stream_put_frame(&out, FRAME_IMPRESSION, n, label, (size_t)len);
    }
    stream_put_frame(&out, FRAME_END, 0, "<E>", 3);
    int fd = memfd_create("stream", MFD_CLOEXEC);
    if (buf_err(&out) || fd < 0 || write(fd, out.bytes, out.len) != (ssize_t)out.len ||
        lseek(fd, 0, SEEK_SET) != 0)
        abort();
    buf_free(&out);
    return fd;
}

/* What must hold whatever happened: the journal never says more than is true. */
static void judge_truth(const struct row *row, const struct printer *p,
                        const struct journal_state *state)
{
    bool sent = true, confirmed = true, once = true;
    for (uint32_t n = 1; n < 64; n++) {
        once = once && p->received[n] <= 1 && p->printed[n] <= 1;
        sent = sent && (p->received[n] == 0 || n <= state->sent);
        confirmed = confirmed && (n > state->confirmed || p->printed[n] == 1);
    }
    tap_ok(once && sent, "%s: nothing twice, nothing that is not S'd", row->name);
    tap_ok(confirmed && !state->damaged, "%s: what is confirmed came out", row->name);
    if (!row->blind && !state->doubt && state->ended)
        tap_is_int(state->confirmed, state->sent,
                   "%s: no doubt: all that was sent is confirmed", row->name);
    tap_ok(!p->plateless, "%s: no label without its plate", row->name);
    tap_ok(!p->sent_in_fault, "%s: nothing was sent while a fault was open", row->name);
    tap_ok(p->most_out <= window_of(row) || row->blind, "%s: never more out than the window",
           row->name);
}

static void run(const struct row *row, uint32_t index)
{
    static struct printer p;
    struct stream_header header = {.store_id = "0123456789abcdef",
                                   .epoch = 1,
                                   .queue = "q",
                                   .job = 7,
                                   .chunk = index + 1,
                                   .attempt = 1,
                                   .impressions = row->clears ? 0 : 8,
                                   .model = "zpl-203",
                                   .evidence = row->blind ? EVIDENCE_NONE : EVIDENCE_COUNTER,
                                   .window = window_of(row),
                                   .feed_ms = row->clears ? 5000 : 0};
    struct token_name name = {"0123456789abcdef", 1, 7, index + 1, 1};
    struct device device = {&p,        &p.clock,    dev_wait, dev_write, dev_read,
                            dev_drain, dev_stopped, dev_say,  dev_reach};
    struct feed_job job = {.header = &header,
                           .model = model_find("zpl-203"),
                           .folder = folder,
                           .name = name,
                           .device = &device};
    struct why why = {""};
    memset(&p, 0, sizeof p);
    p = (struct printer){.clock = {printer_now, printer_now, &p},
                         .now_ms = 1,
                         .stop_ms = row->stop_ms,
                         .label_ms = row->label_ms ? row->label_ms : 200,
                         .count = 500,
                         .serial = 1,
                         .unsupported = row->unsupported,
                         .undrained = row->undrained,
                         .plot = row->plot,
                         .name = &name};
    int fd = stream_of(row, &header);
    if (token_create(folder, &name, NULL) || token_release(folder, &name, NULL) ||
        stream_open(fd, &header, &job.reader, NULL))
        abort();
    enum err err = feeder_run(&job, &why);
    stream_close(job.reader);
    close(fd);
    tap_is_str(err_name(err), err_name(row->want), "%s: ends (%s)", row->name, why.text);
    tap_ok(p.now_ms <= row->within_ms && p.now_ms >= row->not_before_ms,
           "%s: after %lld ms, between %lld and %lld", row->name, (long long)p.now_ms,
           (long long)row->not_before_ms, (long long)row->within_ms);
    enum token_state token = TOKEN_NONE;
    struct journal_state state = {0};
    tap_ok(!token_look(folder, &name, &token, NULL) &&
               token == (row->token ? row->token : TOKEN_TAKEN),
           "%s: the token's state", row->name);
    if (token == TOKEN_TAKEN && journal_read(folder, &name, &state, NULL))
        abort();
    live(&p, 100000); /* what is still in the printer comes out */
    if (!tap_ok((row->sent == ANY || state.sent == row->sent) &&
                    (row->confirmed == ANY || state.confirmed == row->confirmed) &&
                    state.doubt == row->doubt && state.ended == row->ended && !state.locked &&
                    p.ended == row->end_frame,
                "%s: the journal", row->name))
        printf("# sent %u, confirmed %u, doubt %d, ended %d, END %d\n", state.sent,
               state.confirmed, state.doubt, state.ended, p.ended);
    if (row->why)
        tap_is_int(state.doubt_why, row->why, "%s: why", row->name);
    if (row->plates)
        tap_is_int(p.plates, row->plates, "%s: the plate was stored", row->name);
    if (row->said)
        tap_ok(strstr(p.said, row->said) != NULL, "%s: said %.*s", row->name,
               (int)strcspn(row->said, "\n"), row->said);
    if (token != TOKEN_TAKEN)
        tap_ok(!p.begun, "%s: not one byte without the token", row->name);
    if (row->blind)
        tap_ok(!p.asked && state.no_evidence == (token == TOKEN_TAKEN), "%s: not asked",
               row->name);
    else if (token == TOKEN_TAKEN)
        tap_is_int((long long)state.baseline,
                   row->plot == plot_busy_before ? 512
                   : row->plot == plot_moving    ? 501
                                                 : 500,
                   "%s: the baseline", row->name);
    if (row->plot == plot_cancel)
        tap_ok(p.cancelled && state.sent > state.confirmed, "cancel went out");
    else
        tap_ok(!p.cancelled, "%s: no cancel that nobody asked for", row->name);
    if (row->plot == plot_leftover)
        tap_is_int(p.printed[61] + p.printed[62], 0, "%s: they never come out", row->name);
    judge_truth(row, &p, &state);
    if (token_remove(folder, &name, NULL) || drain_set(folder, "q", false, NULL))
        abort();
}

int main(int argc, char **argv)
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/tem-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(folder))
        abort();
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (argc < 2 || strcmp(argv[1], rows[i].name) == 0)
            run(&rows[i], i);
    return rmdir(folder) == 0 ? tap_done() : 1;
}
