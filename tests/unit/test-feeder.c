/* SPDX-License-Identifier: Apache-2.0 */
/* The feeder against a printer made here, with a clock that only moves when it waits, so that
 * hours take milliseconds. The printer understands ~HS, the odometer and labels "<Ln>"; what
 * happens to it is told by a row's `plot`. Judged by the journal on disk and by what really
 * came out. */
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
    unsigned errors;   /* what ~HQES says */
    bool tells_faults; /* ~HQES is answered in silence, too */
    bool media_out, paused; /* as ~HS says; the printer answers */
    int plates;             /* times that one was stored */
    bool plateless;         /* a label came while none was stored */
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
    p->asked = true;
    if (p->silent)
        return;
    snprintf(text, sizeof text,
             "\002030,%d,%d,0300,%03zu,0,0,0,000,0,0,0\003\r\n"
             "\002000,0,%d,0,0,2,4,%d,%08d,1,000\003\r\n\0021234,0\003\r\n",
             p->media_out, p->paused, p->buffered + p->others, p->head_open, p->waits_for_taker, p->done_ms ? 1 : 0);
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
    if (p->silent)
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

/* ---- rows -------------------------------------------------------------------- */

#define ANY UINT32_MAX

static const struct row {
    const char *name;
    void (*plot)(struct printer *printer);
    enum evidence evidence;
    uint16_t window;
    uint32_t label_bytes;
    int64_t stop_ms;
    bool unsupported, undrained;
    enum err want;
    enum token_state token;
    uint32_t sent, confirmed;
    bool doubt, ended, end_frame;
    const char *said;  /* must be among what CUPS was told; NULL = nothing */
    int64_t within_ms; /* it must be over by then, and... */
    int64_t not_before_ms;
} rows[] = {
    {"normal", NULL, EVIDENCE_COUNTER, 4, 20, 0, false, false, ERR_NONE, TOKEN_TAKEN, 8, 8,
     false, true, true, "PAGE: 8 1", 1800, 1600},
    {"normal, window 1", NULL, EVIDENCE_COUNTER, 1, 20, 0, false, false, ERR_NONE, TOKEN_TAKEN,
     8, 8, false, true, true, "PAGE: 8 1", 5000, 1600},
    {"large labels: the printer's buffer is the window", NULL, EVIDENCE_COUNTER, 4, 40000, 0,
     false, false, ERR_NONE, TOKEN_TAKEN, 8, 8, false, true, true, "PAGE: 8 1", 10000, 1600},
    {"silent in the middle: nobody knows what hands did meanwhile", plot_silence,
     EVIDENCE_COUNTER, 4, 20, 0, false, false, ERR_NONE, TOKEN_TAKEN, ANY, ANY, true, true,
     false, "INFO: waiting: the printer does not answer", 30000, 10000},
    {"media out, a label lost", plot_media_out, EVIDENCE_COUNTER, 4, 20, 0, false, false,
     ERR_NONE, TOKEN_TAKEN, ANY, ANY, true, true, false, "INFO: labels are in doubt", 90000,
     60000},
    {"media out, and the new roll fed", plot_media_out_fed, EVIDENCE_COUNTER, 4, 20, 0, false,
     false, ERR_NONE, TOKEN_TAKEN, ANY, ANY, true, true, false, "INFO: labels are in doubt",
     90000, 60000},
    {"head open for an hour", plot_head_open, EVIDENCE_COUNTER, 4, 20, 0, false, false,
     ERR_NONE, TOKEN_TAKEN, ANY, ANY, true, true, false, "STATE: +cover-open-error\n", 3700000,
     3600000},
    {"a foreign label", plot_foreign, EVIDENCE_COUNTER, 4, 20, 0, false, false, ERR_NONE,
     TOKEN_TAKEN, ANY, ANY, true, true, false, "INFO: labels are in doubt", 30000, 0},
    {"the counter was reset", plot_reset, EVIDENCE_COUNTER, 4, 20, 0, false, false, ERR_NONE,
     TOKEN_TAKEN, ANY, ANY, true, true, false, "INFO: labels are in doubt", 30000, 0},
    {"cleared at the panel", plot_panel_clear, EVIDENCE_COUNTER, 4, 20, 0, false, false,
     ERR_NONE, TOKEN_TAKEN, ANY, ANY, true, true, false, "INFO: labels are in doubt", 30000,
     20000},
    {"the backend died", plot_gone, EVIDENCE_COUNTER, 4, 20, 0, false, false, ERR_DEVICE,
     TOKEN_TAKEN, ANY, ANY, false, false, false, NULL, 30000, 0},
    {"no bytes taken for a minute", plot_stuck, EVIDENCE_COUNTER, 4, 20, 0, false, false,
     ERR_NONE, TOKEN_TAKEN, ANY, ANY, true, true, false,
     "INFO: waiting: the printer does not answer", 90000, 60000},
    {"a peeler, ten minutes a label", plot_peeler, EVIDENCE_COUNTER, 1, 20, 0, false, false,
     ERR_NONE, TOKEN_TAKEN, 8, 8, false, true, true, "PAGE: 8 1", 4900000, 4800000},
    {"the printer answers late", plot_late, EVIDENCE_COUNTER, 4, 20, 0, false, false, ERR_NONE,
     TOKEN_TAKEN, 8, 8, false, true, true, "INFO: waiting: the printer does not answer", 20000,
     8000},
    {"somebody else prints before us", plot_busy_before, EVIDENCE_COUNTER, 4, 20, 0, false,
     false, ERR_NONE, TOKEN_TAKEN, 8, 8, false, true, true, "PAGE: 8 1", 20000, 6600},
    {"labels of an earlier chunk wait in the printer", plot_leftover, EVIDENCE_COUNTER, 4, 20,
     0, false, false, ERR_NONE, TOKEN_TAKEN, 8, 8, false, true, true, "PAGE: 8 1", 20000, 5000},
    {"no counter", NULL, EVIDENCE_COUNTER, 4, 20, 0, true, false, ERR_DEVICE, TOKEN_GO, 0, 0,
     false, false, false, NULL, 5000, 0},
    {"withdrawn while the printer was silent", plot_revoked, EVIDENCE_COUNTER, 4, 20, 0, false,
     false, ERR_NONE, TOKEN_REVOKED, 0, 0, false, false, false, NULL, 63000, 60000},
    {"SIGTERM before the start", plot_never, EVIDENCE_COUNTER, 4, 20, 5000, false, false,
     ERR_NONE, TOKEN_GO, 0, 0, false, false, false, NULL, 5100, 5000},
    {"SIGTERM in the middle", plot_stop, EVIDENCE_COUNTER, 4, 20, 0, false, false, ERR_NONE,
     TOKEN_TAKEN, ANY, ANY, false, true, false, "INFO: stopping", 3000, 0},
    {"SIGTERM and no answer: in doubt after 20 s", plot_silent_after_2, EVIDENCE_COUNTER, 4, 20,
     4000, false, false, ERR_NONE, TOKEN_TAKEN, ANY, ANY, true, true, false, "INFO: stopping",
     24200, 23900},
    {"SIGTERM with cancel", plot_cancel, EVIDENCE_COUNTER, 4, 20, 0, false, false, ERR_NONE,
     TOKEN_TAKEN, ANY, ANY, true, true, false, "INFO: stopping", 7000, 0},
    {"without evidence", NULL, EVIDENCE_NONE, 4, 20, 0, false, false, ERR_NONE, TOKEN_TAKEN, 8,
     0, false, true, true, NULL, 5000, 0},
    {"without evidence, not delivered", NULL, EVIDENCE_NONE, 4, 20, 0, false, true, ERR_DEVICE,
     TOKEN_TAKEN, 8, 0, false, false, true, NULL, 5000, 0},
    {"without evidence, stopped at once", NULL, EVIDENCE_NONE, 4, 20, 1, false, false, ERR_NONE,
     TOKEN_GO, 0, 0, false, false, false, NULL, 5000, 0},
};

static int stream_of(const struct row *row, struct stream_header *header)
{
    static char label[100000];
    struct buf out = BUF_INIT(1 << 20);
    stream_put_header(&out, header);
    stream_put_frame(&out, FRAME_BEGIN, 0, "<B>", 3);
    stream_put_frame(&out, FRAME_CANCEL, 0, "<C>", 3);
    for (uint32_t n = 1; n <= header->impressions; n++) {
        int len = snprintf(label, sizeof label, "<L%-*u>", (int)row->label_bytes - 3, n);
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
    if (row->evidence == EVIDENCE_COUNTER && !state->doubt && state->ended)
        tap_is_int(state->confirmed, state->sent,
                   "%s: no doubt: all that was sent is confirmed", row->name);
    tap_ok(!p->plateless, "%s: no label without its plate", row->name);
    tap_ok(!p->sent_in_fault, "%s: nothing was sent while a fault was open", row->name);
    tap_ok(p->most_out <= row->window || row->evidence == EVIDENCE_NONE,
           "%s: never more out than the window", row->name);
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
                                   .impressions = 8,
                                   .model = "zpl-203",
                                   .evidence = row->evidence,
                                   .window = row->window};
    struct token_name name = {"0123456789abcdef", 1, 7, index + 1, 1};
    struct device device = {&p,       &p.clock,  dev_wait,    dev_write,
                            dev_read, dev_drain, dev_stopped, dev_say};
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
                         .label_ms = 200,
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
    tap_ok(!token_look(folder, &name, &token, NULL) && token == row->token,
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
    if (row->said)
        tap_ok(strstr(p.said, row->said) != NULL, "%s: said %s", row->name, row->said);
    if (token != TOKEN_TAKEN)
        tap_ok(!p.begun, "%s: not one byte without the token", row->name);
    if (row->evidence == EVIDENCE_NONE)
        tap_ok(!p.asked && state.no_evidence == (token == TOKEN_TAKEN), "%s: not asked",
               row->name);
    else if (token == TOKEN_TAKEN)
        tap_is_int((long long)state.baseline, row->plot == plot_busy_before ? 512 : 500,
                   "%s: the baseline", row->name);
    if (row->plot == plot_cancel)
        tap_ok(p.cancelled && state.sent > state.confirmed, "cancel went out");
    else
        tap_ok(!p.cancelled, "%s: no cancel that nobody asked for", row->name);
    if (row->plot == plot_leftover)
        tap_is_int(p.printed[61] + p.printed[62], 0, "%s: they never come out", row->name);
    judge_truth(row, &p, &state);
    if (token_remove(folder, &name, NULL))
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
