/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/follow.h"

#include "cli/client.h"
#include "cli/job-view.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/text.h"
#include "spooler/base/clock.h"

#include <inttypes.h>
#include <string.h>

#define LOOK_MS  400
#define LINE_MS  5000  /* a line at least so often where there is no terminal */
#define QUIET_MS 10000 /* nothing printed for so long is worth a word */
#define WORDS    512

struct follow {
    struct tem *tem;
    int64_t id;
    const struct screen *screen; /* --json keeps standard output for the document */
    struct progress progress;
    struct progress_meter meter;
    struct http_answer answer; /* the newest of the job */
    struct job_view job;
    int64_t away_since_ms; /* 0 = temd answers */
    int64_t news_ms;       /* when the count last changed */
    uint64_t news_done;
    int64_t line_ms; /* when the last plain line went out */
    char line[1024]; /* what it said */
    bool bar;        /* a bar stands on the terminal's line */
};

static int64_t mono_ms(void)
{
    return clock_mono_ms(&clock_system);
}

static void set_words(struct follow *follow, const char *before, const char *text)
{
    struct buf clean = BUF_INIT(WORDS);
    buf_add_text(&clean, before);
    text_clean(text, &clean);
    snprintf(follow->progress.words, sizeof follow->progress.words, "%s", buf_text(&clean));
    buf_free(&clean);
}

static void erase_bar(struct follow *follow)
{
    if (follow->bar)
        fputs("\r\x1b[K", follow->screen->stream);
    follow->bar = false;
}

static void draw_bar(struct follow *follow)
{
    const struct screen *screen = follow->screen;
    struct buf line = BUF_INIT(8192);
    size_t columns = screen_columns(screen);
    /* The last column stays free: some terminals wrap when it is written. */
    progress_bar(&follow->progress, columns > 20 ? columns - 1 : 20, screen->utf8,
                 screen->colour, &line);
    fprintf(screen->stream, "\r%s\x1b[K", buf_text(&line));
    buf_free(&line);
    follow->bar = true;
}

static void print_line(struct follow *follow)
{
    struct buf line = BUF_INIT(sizeof follow->line);
    progress_words(&follow->progress, &line);
    /* The rate changes with every look; what is news is the count or the words. */
    char state[sizeof follow->line];
    snprintf(state, sizeof state, "%" PRIu64 " %s", follow->progress.done,
             follow->progress.words);
    int64_t now = mono_ms();
    bool words_changed =
        strcmp(strchr(state, ' '),
               strchr(follow->line, ' ') ? strchr(follow->line, ' ') : " ") != 0;
    bool changed = strcmp(state, follow->line) != 0;
    if (!follow->line[0] || words_changed || (changed && now - follow->line_ms >= 1000) ||
        now - follow->line_ms >= LINE_MS) {
        fprintf(follow->screen->stream, "%s\n", buf_text(&line));
        follow->line_ms = now;
        memcpy(follow->line, state, sizeof state);
    }
    buf_free(&line);
}

static void show(struct follow *follow)
{
    if (follow->screen->terminal)
        draw_bar(follow);
    else
        print_line(follow);
    (void)fflush(follow->screen->stream); /* a failure stays in the stream; main tells it */
}

/* What the job's printer does, from GET /v1/printers; adds labels of the chunk that is under
 * way. */
static void look_at_printer(struct follow *follow, const json_t *printers)
{
    size_t i;
    const json_t *printer;
    json_array_foreach(printers, i, printer)
    {
        if (strcmp(json_text(printer, "name"), follow->job.printer) != 0)
            continue;
        const char *state = json_text(printer, "state"), *words = json_text(printer, "words");
        const json_t *printing = json_object_get(printer, "printing");
        uint64_t job = json_count(printing, "job"),
                 labels = json_count(printing, "labels_done");
        if (job == (uint64_t)follow->id) {
            /* Of the chunk's labels only those are news that the job does not count as printed
             * yet. */
            uint64_t sending = follow->job.counts[COUNT_SENDING];
            uint64_t all = json_count(printing, "labels_all");
            uint64_t counted = all > sending ? all - sending : 0;
            uint64_t news = labels > counted ? labels - counted : 0;
            uint64_t done = job_view_done(&follow->job) + (news < sending ? news : sending);
            if (done > follow->progress.done)
                follow->progress.done = done;
        }
        if (strcmp(state, "waiting") == 0 || strcmp(state, "refused") == 0 ||
            strcmp(state, "offline") == 0)
            set_words(follow, strcmp(state, "waiting") == 0 ? "waiting: " : "stopped: ", words);
        else if (job && job != (uint64_t)follow->id) {
            char other[64];
            snprintf(other, sizeof other, "waiting: the printer is busy with job %" PRIu64,
                     job);
            set_words(follow, other, "");
        }
        return;
    }
}

/* A printer that is out of labels may be silent: then nobody but the person beside it can know.
 */
static void say_quiet(struct follow *follow)
{
    struct progress *progress = &follow->progress;
    int64_t now = mono_ms();
    if (!follow->news_ms || progress->done != follow->news_done || progress->words[0]) {
        follow->news_ms = now;
        follow->news_done = progress->done;
    }
    if (now - follow->news_ms >= QUIET_MS)
        set_words(follow, "no label for a while: look at the printer", "");
}

static void note_progress(struct follow *follow)
{
    struct progress *progress = &follow->progress;
    struct http_answer printers;
    struct why why = {{0}};
    progress->job_id = follow->id;
    progress->all = follow->job.quantity;
    uint64_t done = job_view_done(&follow->job);
    if (done > progress->done)
        progress->done = done;
    set_words(follow, strcmp(follow->job.state, "cancelling") == 0 ? "being cancelled" : "",
              "");
    if (client_try(follow->tem, "/v1/printers", &printers, &why) == ERR_NONE) {
        if (!progress->words[0])
            look_at_printer(follow, json_object_get(printers.json, "printers"));
        http_answer_free(&printers);
    }
    say_quiet(follow);
    progress->per_hour = progress_rate(&follow->meter, mono_ms(), progress->done);
}

/* One look at the job. CODE_DONE: there is news in follow->job, or temd is away for a moment
 * (*away). */
static enum code look(struct follow *follow, bool *away)
{
    struct tem *tem = follow->tem;
    struct http_answer answer;
    struct why why = {{0}};
    char path[64];
    snprintf(path, sizeof path, "/v1/jobs/%" PRId64, follow->id);
    enum err err = client_try(tem, path, &answer, &why);
    *away = err == ERR_NOT_FOUND || err == ERR_UNKNOWN || (!err && answer.status == 503);
    if (*away) {
        if (!err)
            http_answer_free(&answer);
        int64_t now = mono_ms();
        follow->away_since_ms = follow->away_since_ms ? follow->away_since_ms : now;
        if (atomic_load(tem->stop) || now - follow->away_since_ms < FOLLOW_AWAY_S * 1000)
            return CODE_DONE;
        erase_bar(follow);
        return tem_fail(
            tem, CODE_UNREACHED,
            "temd is away for %d s; what was accepted is not lost. Later: tem job %" PRId64,
            FOLLOW_AWAY_S, follow->id);
    }
    if (err || answer.status != 200) {
        erase_bar(follow);
        enum code code =
            err ? tem_fail_err(tem, err, &why) : report_problem(tem, &answer, NULL);
        if (!err)
            http_answer_free(&answer);
        return code;
    }
    http_answer_free(&follow->answer);
    follow->answer = answer;
    follow->away_since_ms = 0;
    return job_view_read(answer.json, &follow->job) ? CODE_DONE : client_nonsense(tem, "a job");
}

static enum code finish(struct follow *follow)
{
    erase_bar(follow);
    if (!client_is_json(follow->tem, &follow->answer)) {
        job_view_sentence(&follow->job, follow->screen);
        job_view_advice(&follow->job, follow->screen);
    }
    return job_view_code(job_view_verdict(&follow->job));
}

static enum code interrupted(struct follow *follow)
{
    FILE *err = follow->tem->err.stream;
    erase_bar(follow);
    fprintf(err,
            "\ntem: no longer watching; job %" PRId64 " goes on.\n"
            "  tem job %" PRId64 "       how far it is (--follow: watch again)\n"
            "  tem hold %" PRId64 "      let it pause\n"
            "  tem cancel %" PRId64 "    stop it for good\n",
            follow->id, follow->id, follow->id, follow->id);
    return CODE_INTERRUPTED;
}

enum code follow_job(struct tem *tem, int64_t id)
{
    struct follow follow = {.tem = tem, .id = id, .screen = tem->json ? &tem->err : &tem->out};
    enum code code = CODE_DONE;
    bool over = false;
    follow.progress.job_id = id;
    while (!code && !over && !atomic_load(tem->stop)) {
        bool away;
        code = look(&follow, &away);
        if (code)
            break;
        if (away)
            set_words(&follow, "temd does not answer; trying again", "");
        else if (job_view_verdict(&follow.job) == JOB_GOES_ON)
            note_progress(&follow);
        else
            over = true;
        if (!over && (follow.answer.json || away)) {
            show(&follow);
            tem_sleep(tem, LOOK_MS);
        }
    }
    if (over)
        code = finish(&follow);
    else if (!code)
        code = interrupted(&follow);
    http_answer_free(&follow.answer);
    return code;
}
