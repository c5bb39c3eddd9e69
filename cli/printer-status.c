/* SPDX-License-Identifier: Apache-2.0 */
/* printer-status.c: a printer on one screen: its queue, temd's view, the printer's own words.
 */
#include "cli/client.h"
#include "cli/printer-queue.h"
#include "cli/printer-text.h"
#include "cli/printer.h"
#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

#define PPD_MAX (256 * 1024)

/* What is known of one printer. */
struct status {
    const char *name, *queue_name;
    const json_t *view; /* temd's; NULL = temd does not run, or does not know it */
    enum err err;       /* of the queue */
    struct why why;
    struct queue queue;
    char feed[1024]; /* the PPD's feed folder; "" = its PPD names none */
};

static void say(const struct screen *screen, const char *head, enum colour colour,
                const char *text)
{
    struct buf clean = BUF_INIT(16384);
    text_clean(text, &clean);
    fprintf(screen->stream, "  %s%-8s%s %s%s%s\n", screen_colour(screen, COLOUR_DIM), head,
            screen_colour(screen, COLOUR_NONE), screen_colour(screen, colour), buf_text(&clean),
            screen_colour(screen, colour ? COLOUR_NONE : colour));
    buf_free(&clean);
}

/* ---- the queue --------------------------------------------------------------------------- */

static void read_feed(const struct site *site, struct status *status)
{
    struct buf ppd = BUF_INIT(PPD_MAX);
    static const char key[] = "\n*TemFeedFolder: \"";
    if (queue_ppd(site->cups_server, status->queue_name, &ppd, NULL) == ERR_NONE) {
        const char *at = strstr(buf_text(&ppd), key);
        size_t len = at ? strcspn(at + sizeof key - 1, "\"\n") : 0;
        if (at && len < sizeof status->feed)
            snprintf(status->feed, sizeof status->feed, "%.*s", (int)len, at + sizeof key - 1);
    }
    buf_free(&ppd);
}

static void say_queue(const struct screen *screen, const struct site *site,
                      const struct status *status)
{
    const struct queue *queue = &status->queue;
    struct buf text = BUF_INIT(4096);
    if (status->err) {
        say(screen, "queue", COLOUR_RED, status->why.text);
        return;
    }
    buf_printf(&text, "%s: %s, %s jobs, %d open", status->queue_name,
               queue->enabled ? "enabled" : "DISABLED",
               queue->accepting ? "accepting" : "REJECTING", queue->open_jobs);
    say(screen, "queue", queue->enabled && queue->accepting ? COLOUR_NONE : COLOUR_RED,
        buf_text(&text));
    say(screen, "device", COLOUR_NONE, queue->device);
    buf_reset(&text);
    buf_printf(&text, "%s; %s may print; %s", queue->error_policy,
               queue->users[0] ? queue->users : "everybody",
               queue->banners[0] ? queue->banners : "no banners");
    say(screen, "policy", queue->users[0] ? COLOUR_NONE : COLOUR_YELLOW, buf_text(&text));
    buf_reset(&text);
    buf_printf(&text, "%s; feed folder %s", queue->driver,
               status->feed[0] ? status->feed : "none");
    bool right = strcmp(status->feed, site_feed_folder(site)) == 0;
    say(screen, "driver", right ? COLOUR_NONE : COLOUR_RED, buf_text(&text));
    if (queue->unfit)
        say(screen, "", COLOUR_RED, queue->unfit_why.text);
    if (!right || queue->filter_bad)
        say(screen, "", COLOUR_RED,
            queue->filter_bad ? "CUPS does not run temfeed: tem doctor says why"
                              : "temd has another feed folder: tem printer add mends it");
    buf_free(&text);
}

/* ---- temd and the printer -----------------------------------------------------------------
 */

static void say_view(const struct screen *screen, const struct status *status, bool temd_runs)
{
    const json_t *printing = json_object_get(status->view, "printing");
    struct buf text = BUF_INIT(4096);
    if (!status->view)
        buf_add_text(&text, temd_runs ? "does not have this printer (temd.yaml, restart?)"
                                      : "is not running, or its socket is not open to you");
    else
        buf_printf(&text, "%s; %s, %s", json_text(status->view, "state"),
                   json_text(status->view, "model"), json_text(status->view, "stock"));
    if (printing)
        buf_printf(&text, "; job %" PRIu64 ": %" PRIu64 " of %" PRIu64 " labels of its chunk",
                   json_count(printing, "job"), json_count(printing, "labels_done"),
                   json_count(printing, "labels_all"));
    say(screen, "temd", status->view ? COLOUR_NONE : COLOUR_YELLOW, buf_text(&text));
    if (*json_text(status->view, "words"))
        say(screen, "", COLOUR_YELLOW, json_text(status->view, "words"));
    buf_free(&text);
}

static void say_printer(const struct screen *screen, const struct status *status)
{
    const struct queue *queue = &status->queue;
    struct buf text = BUF_INIT(1024);
    if (status->err)
        return;
    buf_printf(&text, "%s%s%s%s", queue->message[0] ? queue->message : "says nothing",
               queue->reasons[0] ? " (" : "", queue->reasons, queue->reasons[0] ? ")" : "");
    say(screen, "printer", strstr(queue->reasons, "-error") ? COLOUR_YELLOW : COLOUR_NONE,
        buf_text(&text));
    buf_free(&text);
}

static void show(const struct screen *screen, const struct site *site,
                 const struct status *status, bool temd_runs)
{
    fprintf(screen->stream, "%s%s%s\n", screen_colour(screen, COLOUR_BOLD), status->name,
            screen_colour(screen, COLOUR_NONE));
    say_view(screen, status, temd_runs);
    say_queue(screen, site, status);
    say_printer(screen, status);
}

static json_t *status_json(const struct status *status)
{
    const struct queue *queue = &status->queue;
    json_t *judged =
        status->err
            ? json_pack("{ss ss}", "name", status->queue_name, "error", status->why.text)
            : json_pack("{ss sb sb si ss ss ss ss ss ss ss sb ss}", "name", status->queue_name,
                        "enabled", queue->enabled, "accepting", queue->accepting, "open_jobs",
                        queue->open_jobs, "device", queue->device, "error_policy",
                        queue->error_policy, "users", queue->users, "banners", queue->banners,
                        "driver", queue->driver, "feed_folder", status->feed, "reasons",
                        queue->reasons, "usable", queue->unfit == ERR_NONE, "message",
                        queue->unfit ? queue->unfit_why.text : queue->message);
    json_t *view = status->view ? json_deep_copy(status->view) : json_null();
    return json_pack("{ss so so}", "name", status->name, "queue", judged, "temd", view);
}

/* ---- all of them --------------------------------------------------------------------------
 */

struct showing {
    struct tem *tem;
    const struct site *site;
    const json_t *answer; /* GET /v1/printers; NULL = temd is not reached */
    json_t *list;
    size_t shown;
};

static void show_one(struct showing *showing, const char *name)
{
    const json_t *view = printer_in(showing->answer, name);
    struct status status = {.name = name,
                            .view = view,
                            .queue_name =
                                view ? json_text(view, "queue")
                                     : printer_queue_name(showing->tem, showing->site, name)};
    status.err =
        queue_get(showing->site->cups_server, status.queue_name, &status.queue, &status.why);
    if (!status.err)
        read_feed(showing->site, &status);
    if (showing->tem->json)
        (void)json_array_append_new(showing->list, status_json(&status)); /* told by its size */
    else {
        fputs(showing->shown ? "\n" : "", showing->tem->out.stream);
        show(&showing->tem->out, showing->site, &status, showing->answer != NULL);
    }
    showing->shown++;
}

static void show_all(struct showing *showing)
{
    size_t i;
    const json_t *one;
    const struct config *config = showing->site->config;
    json_array_foreach(json_object_get(showing->answer, "printers"), i, one)
        show_one(showing, json_text(one, "name"));
    for (i = 0; config && i < config->printer_count; i++) {
        if (!printer_in(showing->answer, config->printers[i].name))
            show_one(showing, config->printers[i].name);
    }
}

static enum code finish(struct showing *showing)
{
    struct tem *tem = showing->tem;
    if (!tem->json) {
        if (!showing->shown)
            fputs("no printers are configured: tem printer add makes a queue\n",
                  tem->out.stream);
        return CODE_DONE;
    }
    json_t *json = json_pack("{sO}", "printers", showing->list);
    bool good = json && json_array_size(showing->list) == showing->shown &&
                json_dumpf(json, tem->out.stream, JSON_COMPACT) == 0;
    fputc('\n', tem->out.stream);
    json_decref(json);
    return good ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
}

enum code printer_status(struct tem *tem, const char *const *words, size_t count)
{
    struct site site;
    struct why why;
    struct http_answer answer = {0};
    site_load(tem, &site);
    bool reached = client_try(tem, "/v1/printers", &answer, &why) == ERR_NONE;
    struct showing showing = {.tem = tem,
                              .site = &site,
                              .answer = reached && answer.status == 200 ? answer.json : NULL,
                              .list = json_array()};
    enum code code = CODE_DONE;
    if (!count)
        show_all(&showing);
    else if (site.config && !site_printer(&site, words[0]) && reached &&
             !printer_in(showing.answer, words[0]))
        code = tem_fail(tem, CODE_BAD, "neither temd nor %s has a printer \"%s\": tem printers",
                        site.file, words[0]);
    else
        show_one(&showing, words[0]);
    if (!code)
        code = finish(&showing);
    json_decref(showing.list);
    if (reached)
        http_answer_free(&answer);
    site_free(&site);
    return code;
}
