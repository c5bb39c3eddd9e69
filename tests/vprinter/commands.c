/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 4

struct words {
    const char *at[WORDS_MAX];
    size_t count;
};

static const char *const yes_no[] = {"false", "true"};

static bool number(const char *s, int32_t min, int32_t *out, struct complaint *why)
{
    return text_int(s, strlen(s), min, 999999999, out) ||
           complain(why, "not a number of %d or more", min);
}

/* Words that stand for true and false. */
static bool choice(const char *s, const char *yes, const char *no, bool *out,
                   struct complaint *why)
{
    *out = strcmp(s, yes) == 0;
    return *out || strcmp(s, no) == 0 || complain(why, "want %s or %s", yes, no);
}

static bool cmd_status(struct printer *p, const struct words *w, struct line *r,
                       struct complaint *why)
{
    (void)w, (void)why;
    const struct engine *e = &p->engine;
    const struct recorder *rec = e->rec;
    line_add(r,
             "{\"odometer\":%" PRIu64 ",\"n\":%" PRIu64 ",\"labels\":%" PRIu64
             ",\"torn\":%" PRIu64 ",\"feeds\":%" PRIu64 ",\"foreign\":%" PRIu64,
             rec->odometer, rec->n, rec->count[PAPER_LABEL], rec->count[PAPER_TORN],
             rec->count[PAPER_FEED], rec->count[PAPER_FOREIGN]);
    line_add(r, ",\"errors\":%" PRIu64 ",\"cut\":%" PRIu64 ",\"formats\":%u,\"remaining\":%u",
             p->report->errors, p->report->cut, printer_formats(p), engine_remaining(e));
    line_add(r, ",\"buffered_bytes\":%zu,\"received_bytes\":%" PRIu64 ",\"connected\":%s",
             printer_buffered_bytes(p), link_received_bytes(p->link),
             yes_no[link_connected(p->link)]);
    line_add(r, ",\"power\":%s,\"media_out\":%s,\"head_open\":%s,\"paused\":%s",
             yes_no[!p->off], yes_no[e->media_out], yes_no[e->head_open], yes_no[e->paused]);
    line_add(r, ",\"feeding\":%s,\"label_waiting\":%s,\"muted\":%s,\"media_left\":%" PRId64,
             yes_no[e->feeding], yes_no[e->label_waiting], yes_no[p->mute], e->media_left);
    line_add(r, ",\"graphics\":%u,\"port\":%u}", p->interpreter.graphics.count,
             link_port(p->link));
    return true;
}

static bool cmd_report(struct printer *p, const struct words *w, struct line *r,
                       struct complaint *why)
{
    (void)w, (void)why;
    const struct recorder *rec = p->engine.rec;
    line_add(r,
             "{\"labels\":%" PRIu64 ",\"torn\":%" PRIu64 ",\"errors\":%" PRIu64
             ",\"cut\":%" PRIu64 ",\"first_errors\":[",
             rec->count[PAPER_LABEL], rec->count[PAPER_TORN], p->report->errors,
             p->report->cut);
    for (uint64_t i = 0; i < p->report->errors && i < REPORT_KEPT; i++)
        line_add(r, "%s\"%s\"", i > 0 ? "," : "", p->report->kept[i]);
    line_add(r, "]}");
    return true;
}

static bool cmd_media_out_at(struct printer *p, const struct words *w, struct line *r,
                             struct complaint *why)
{
    (void)r;
    int32_t n;
    if (!number(w->at[1], 1, &n, why))
        return false;
    if ((uint64_t)n <= p->engine.rec->n + p->engine.feeding)
        return complain(why, "that label has begun or is out");
    p->engine.media_out_at = (uint64_t)n;
    return true;
}

static bool cmd_load(struct printer *p, const struct words *w, struct line *r,
                     struct complaint *why)
{
    (void)r;
    int32_t labels = -1, feeds = 0;
    for (size_t i = 1; i < w->count; i++) {
        const char *word = w->at[i];
        bool is_feeds = strncmp(word, "feeds=", 6) == 0;
        if (!number(is_feeds ? word + 6 : word, 0, is_feeds ? &feeds : &labels, why))
            return false;
    }
    if (feeds > 100)
        return complain(why, "more than 100 feeds");
    engine_load(&p->engine, labels, p->now_us);
    for (int32_t i = 0; i < feeds; i++)
        if (!engine_other_label(&p->engine, PAPER_FEED, &p->interpreter.now))
            return complain(why, "media out or head open after %d feeds", i);
    return true;
}

static bool cmd_head(struct printer *p, const struct words *w, struct line *r,
                     struct complaint *why)
{
    (void)r;
    bool open;
    if (!choice(w->at[1], "open", "close", &open, why))
        return false;
    engine_head(&p->engine, open, p->now_us);
    return true;
}

static bool cmd_fault(struct printer *p, const struct words *w, struct line *r,
                      struct complaint *why)
{
    (void)r;
    struct engine *e = &p->engine;
    char kind = w->at[0][0]; /* ribbon, cutter, jam */
    bool on, ribbon = kind == 'r';
    if (!choice(w->at[1], ribbon ? "out" : "on", ribbon ? "in" : "off", &on, why))
        return false;
    engine_fault(e,
                 ribbon        ? &e->ribbon_out
                 : kind == 'c' ? &e->cutter
                               : &e->jam,
                 on, p->now_us);
    return true;
}

static bool cmd_pause(struct printer *p, const struct words *w, struct line *r,
                      struct complaint *why)
{
    (void)r, (void)why;
    engine_pause(&p->engine, w->at[0][0] == 'p', p->now_us);
    return true;
}

static bool cmd_take(struct printer *p, const struct words *w, struct line *r,
                     struct complaint *why)
{
    (void)w, (void)r;
    if (!p->engine.label_waiting)
        return complain(why, "no label waits at the peeler");
    engine_person_takes(&p->engine, p->now_us);
    return true;
}

static bool cmd_drop(struct printer *p, const struct words *w, struct line *r,
                     struct complaint *why)
{
    (void)w, (void)r;
    if (!link_connected(p->link))
        return complain(why, "no connection");
    link_drop(p->link);
    return true;
}

static bool cmd_drop_at_byte(struct printer *p, const struct words *w, struct line *r,
                             struct complaint *why)
{
    (void)r;
    int32_t n;
    if (!number(w->at[1], 1, &n, why))
        return false;
    link_drop_after(p->link, (uint64_t)n);
    return true;
}

static bool cmd_power_cycle(struct printer *p, const struct words *w, struct line *r,
                            struct complaint *why)
{
    (void)r;
    int32_t ms = 0;
    if (w->count > 1 && !number(w->at[1], 0, &ms, why))
        return false;
    printer_power_cycle(p, ms);
    return true;
}

static bool cmd_power_cycle_after(struct printer *p, const struct words *w, struct line *r,
                                  struct complaint *why)
{
    (void)r;
    int32_t n, ms = 0;
    if (!number(w->at[1], 1, &n, why) || (w->count > 2 && !number(w->at[2], 0, &ms, why)))
        return false;
    if ((uint64_t)n <= p->engine.rec->n)
        return complain(why, "that label is out");
    p->engine.power_cycle_after = (uint64_t)n;
    p->cycle_ms = ms;
    return true;
}

static bool cmd_blackout(struct printer *p, const struct words *w, struct line *r,
                         struct complaint *why)
{
    (void)r;
    int32_t ms = 0;
    if (w->count > 1 && !number(w->at[1], 0, &ms, why))
        return false;
    printer_blackout(p, ms);
    return true;
}

static bool cmd_swap(struct printer *p, const struct words *w, struct line *r,
                     struct complaint *why)
{
    (void)r;
    int32_t odometer;
    if (!number(w->at[2], 0, &odometer, why))
        return false;
    printer_swap(p, w->at[1], (uint64_t)odometer);
    return true;
}

static bool cmd_clear(struct printer *p, const struct words *w, struct line *r,
                      struct complaint *why)
{
    (void)w, (void)r, (void)why;
    printer_clear(p);
    return true;
}

static bool cmd_other_label(struct printer *p, const struct words *w, struct line *r,
                            struct complaint *why)
{
    (void)r;
    enum paper kind = strcmp(w->at[0], "feed") == 0 ? PAPER_FEED : PAPER_FOREIGN;
    if (p->off)
        return complain(why, "power is off");
    return engine_other_label(&p->engine, kind, &p->interpreter.now) ||
           complain(why, "media out or head open");
}

static bool cmd_refuse(struct printer *p, const struct words *w, struct line *r,
                       struct complaint *why)
{
    (void)r;
    bool on;
    if (!choice(w->at[1], "on", "off", &on, why))
        return false;
    printer_refuse(p, on);
    return true;
}

static bool cmd_stall(struct printer *p, const struct words *w, struct line *r,
                      struct complaint *why)
{
    (void)r;
    bool on;
    if (!choice(w->at[1], "on", "off", &on, why))
        return false;
    link_stall(p->link, on);
    return true;
}

static bool cmd_mute(struct printer *p, const struct words *w, struct line *r,
                     struct complaint *why)
{
    (void)r;
    return choice(w->at[1], "on", "off", &p->mute, why);
}

static bool cmd_quit(struct printer *p, const struct words *w, struct line *r,
                     struct complaint *why)
{
    (void)w, (void)r, (void)why;
    p->quit = true;
    return true;
}

/* A command that writes no reply of its own is answered {"ok":true}. */
static const struct command {
    const char *name, *arguments, *help;
    size_t min, max;
    bool (*run)(struct printer *, const struct words *, struct line *, struct complaint *);
} commands[] = {
    {"status", "", "counters and faults", 0, 0, cmd_status},
    {"report", "", "what was wrong with the bytes", 0, 0, cmd_report},
    {"media-out-at", "N", "media ends in the middle of physical label N", 1, 1,
     cmd_media_out_at},
    {"load", "[N]", "put N labels (or no end of them) in; 0 takes the media out", 0, 1,
     cmd_load},
    {"reload", "[N] [feeds=K]", "new roll, and K feeds by hand, which count", 0, 2, cmd_load},
    {"head", "open|close", "opening tears the label that feeds", 1, 1, cmd_head},
    {"ribbon", "out|in", "no ribbon tears the label that feeds", 1, 1, cmd_fault},
    {"cutter", "on|off", "it sticks; shows in ~HQES alone", 1, 1, cmd_fault},
    {"jam", "on|off", "tears the label that feeds; shows in ~HQES alone", 1, 1, cmd_fault},
    {"pause", "", "stop after this label", 0, 0, cmd_pause},
    {"resume", "", "go on", 0, 0, cmd_pause},
    {"take", "", "take the label off the peeler", 0, 0, cmd_take},
    {"drop", "", "reset the connection now", 0, 0, cmd_drop},
    {"drop-at-byte", "N", "reset it after N more received bytes", 1, 1, cmd_drop_at_byte},
    {"power-cycle", "[MS]", "power off now, on after MS", 0, 1, cmd_power_cycle},
    {"power-cycle-after", "N [MS]", "the same right after physical label N", 1, 2,
     cmd_power_cycle_after},
    {"blackout", "[MS]", "power-cycle behind a print server that keeps the connection", 0, 1,
     cmd_blackout},
    {"swap", "ID ODOMETER", "another printer behind such a print server", 2, 2, cmd_swap},
    {"clear", "", "CANCEL at the panel: what waits in the printer is lost", 0, 0, cmd_clear},
    {"foreign", "", "somebody else prints one label", 0, 0, cmd_other_label},
    {"feed", "", "somebody presses FEED", 0, 0, cmd_other_label},
    {"refuse", "on|off", "refuse connections", 1, 1, cmd_refuse},
    {"stall", "on|off", "stop reading from the connection", 1, 1, cmd_stall},
    {"mute", "on|off", "answer nothing", 1, 1, cmd_mute},
    {"quit", "", "end this program", 0, 0, cmd_quit},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

/* False: more words than any command takes. */
static bool split(char *text, struct words *words)
{
    static const char blanks[] = " \t\r";
    words->count = 0;
    for (text += strspn(text, blanks); *text != '\0'; text += strspn(text, blanks)) {
        if (words->count == WORDS_MAX)
            return false;
        words->at[words->count++] = text;
        text += strcspn(text, blanks);
        if (*text != '\0')
            *text++ = '\0';
    }
    return words->count > 0;
}

static bool run(struct printer *p, const struct words *words, struct line *reply,
                struct complaint *why)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct command *c = &commands[i];
        if (strcmp(c->name, words->at[0]) != 0)
            continue;
        size_t given = words->count - 1;
        if (given < c->min || given > c->max)
            return complain(why, "usage: %s %s", c->name, c->arguments);
        return c->run(p, words, reply, why);
    }
    return complain(why, "unknown command");
}

void commands_run(struct printer *p, char *text, struct line *reply)
{
    struct words words;
    struct complaint why = {""};
    bool ok = split(text, &words) ? run(p, &words, reply, &why)
                                  : complain(&why, "no command, or too many words");
    if (!ok) {
        reply->len = 0;
        line_add(reply, "{\"error\":\"");
        line_add_safe(reply, why.text, strlen(why.text));
        line_add(reply, "\"}");
    } else if (reply->len == 0) {
        line_add(reply, "{\"ok\":true}");
    }
}

void commands_help(struct line *out)
{
    for (size_t i = 0; i < COMMANDS; i++)
        line_add(out, "  %-17s %-13s %s\n", commands[i].name, commands[i].arguments,
                 commands[i].help);
}
