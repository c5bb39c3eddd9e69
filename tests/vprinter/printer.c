/* SPDX-License-Identifier: Apache-2.0 */
#include "printer.h"

#include "host.h"

#include <stdlib.h>
#include <string.h>

#define NEVER ENGINE_NEVER

static void clear_queue(struct printer *p)
{
    while (p->first != NULL) {
        struct token *next = p->first->next;
        free(p->first);
        p->first = next;
    }
    p->last = &p->first;
    p->queued_bytes = 0;
    p->queued_formats = 0;
}

size_t printer_buffered_bytes(const struct printer *p)
{
    size_t partial = p->first != NULL ? tokenizer_partial_bytes(p->tokenizer) : 0;
    return p->queued_bytes + partial;
}

uint32_t printer_formats(const struct printer *p)
{
    return p->queued_formats + (p->engine.waiting != NULL);
}

static size_t room(void *context)
{
    const struct printer *p = context;
    size_t used = p->dark ? 0 : printer_buffered_bytes(p);
    return used < p->buffer_bytes ? p->buffer_bytes - used : 0;
}

static void opened(void *context, unsigned connection)
{
    struct printer *p = context;
    p->connection = connection;
    tokenizer_connection(p->tokenizer, connection);
}

static void received(void *context, const char *s, size_t n)
{
    struct printer *p = context;
    if (!p->dark)
        tokenizer_feed(p->tokenizer, s, n);
}

static void closed(void *context)
{
    struct printer *p = context;
    if (!p->keep_partial)
        tokenizer_cut(p->tokenizer);
}

static void on_command(void *context, struct token *token)
{
    struct printer *p = context;
    *p->last = token;
    p->last = &token->next;
    p->queued_bytes += token->stream_bytes;
    p->queued_formats += strcmp(token->code, "^XZ") == 0;
}

static struct host_view view_of(const struct printer *p)
{
    const struct engine *e = &p->engine;
    const int32_t *set = p->interpreter.now.value;
    return (struct host_view){
        .ribbon_out = e->ribbon_out,
        .cutter = e->cutter,
        .jam = e->jam,
        .paper_out = e->media_out,
        .paused = e->paused,
        .buffer_full = printer_buffered_bytes(p) >= p->buffer_bytes,
        .partial_format =
            tokenizer_in_format(p->tokenizer) || tokenizer_partial_bytes(p->tokenizer) > 0,
        .head_open = e->head_open,
        .label_waiting = e->label_waiting,
        .transfer = set[SET_TRANSFER] == 'T',
        .mode = (char)set[SET_MODE],
        .length_dots = (uint32_t)set[SET_LENGTH],
        .formats = printer_formats(p),
        .labels_remaining = engine_remaining(e),
        .graphics = p->interpreter.graphics.count,
        .odometer = e->rec->odometer,
        .unique_id = p->unique_id,
    };
}

static bool silent(const struct printer *p)
{
    return engine_silent(&p->engine) && !p->talkative;
}

void printer_clear(struct printer *p)
{
    clear_queue(p);
    tokenizer_reset(p->tokenizer);
    interpreter_abandon(&p->interpreter);
    engine_cancel(&p->engine);
    report_log(p->report, "all formats cancelled");
}

static void answer(struct printer *p, const struct line *line)
{
    if (!p->mute)
        link_answer(p->link, line->s, line->len, p->now_us);
}

static void on_immediate(void *context, const struct token *token)
{
    struct printer *p = context;
    struct host_view view = view_of(p);
    char memory[512];
    struct line line = line_in(memory, sizeof memory);
    if (strcmp(token->code, "~JA") == 0) {
        printer_clear(p);
    } else if (strcmp(token->code, "~JR") == 0) {
        /* Not from here: the tokenizer that calls us would be reset under its feet. */
        p->engine.power_cycle_due = true;
    } else if (strcmp(token->code, "~HS") == 0) {
        host_status(&view, &line);
        if (!silent(p))
            answer(p, &line);
    } else if (strcmp(token->data, "ES") == 0) {
        host_errors(&view, &line);
        answer(p, &line);
    } else {
        report_error(p->report, NULL,
                     &(struct place){token->connection, token->offset, token->data, token->n},
                     "unknown ~HQ query");
    }
}

static void on_error(void *context, uint64_t offset, const char *s, size_t n, const char *text)
{
    struct printer *p = context;
    report_error(p->report, NULL, &(struct place){p->connection, offset, s, n}, text);
}

static void on_line(void *context, uint64_t offset, const char *s, size_t n)
{
    struct printer *p = context;
    struct host_view view = view_of(p);
    char memory[128];
    struct line line = line_in(memory, sizeof memory);
    if (!host_getvar(&view, s, n, &line))
        on_error(p, offset, s, n, "not a getvar");
    else if (!silent(p))
        answer(p, &line);
}

bool printer_init(struct printer *p, struct link_events *events)
{
    p->sink = (struct token_sink){p, on_command, on_immediate, on_line, on_error};
    *events = (struct link_events){p, room, opened, received, closed};
    p->last = &p->first;
    p->on_us = NEVER;
    p->tokenizer = tokenizer_new(&p->sink);
    return p->tokenizer != NULL;
}

void printer_free(struct printer *p)
{
    clear_queue(p);
    tokenizer_free(p->tokenizer);
    engine_power_off(&p->engine, p->now_us);
    interpreter_power_on(&p->interpreter);
}

/* Obeys one queued command; false: none, or its label must wait for the one before it. */
static bool obey(struct printer *p)
{
    struct token *token = p->first;
    if (token == NULL)
        return false;
    bool ends = strcmp(token->code, "^XZ") == 0;
    if (ends && interpreter_would_print(&p->interpreter) && !engine_has_room(&p->engine))
        return false;
    struct image *image = interpreter_run(&p->interpreter, token);
    p->first = token->next;
    if (p->first == NULL)
        p->last = &p->first;
    p->queued_bytes -= token->stream_bytes;
    p->queued_formats -= ends;
    free(token);
    if (image != NULL)
        engine_take(&p->engine, image, p->now_us);
    return true;
}

static void power_on(struct printer *p)
{
    p->off = p->dark = false;
    p->on_us = NEVER;
    link_accept(p->link, !p->refuse);
    report_log(p->report, "power on");
}

static void lose_power(struct printer *p)
{
    engine_power_off(&p->engine, p->now_us);
    clear_queue(p);
    tokenizer_reset(p->tokenizer);
    interpreter_power_on(&p->interpreter);
}

void printer_power_cycle(struct printer *p, int64_t off_ms)
{
    report_log(p->report, "power off for %lld ms", (long long)off_ms);
    p->off = true;
    p->on_us = p->now_us + off_ms * 1000;
    link_accept(p->link, false);
    link_drop(p->link);
    lose_power(p);
}

void printer_blackout(struct printer *p, int64_t off_ms)
{
    report_log(p->report, "power off behind the print server for %lld ms", (long long)off_ms);
    p->off = p->dark = true;
    p->on_us = p->now_us + off_ms * 1000;
    lose_power(p);
}

void printer_swap(struct printer *p, const char *id, uint64_t odometer)
{
    struct line line = line_in(p->other_id, sizeof p->other_id);
    line_add(&line, "%s", id);
    p->unique_id = p->other_id;
    p->engine.rec->odometer = odometer;
    report_log(p->report, "now it is printer %s, odometer %llu", id,
               (unsigned long long)odometer);
    lose_power(p);
}

void printer_refuse(struct printer *p, bool refuse)
{
    p->refuse = refuse;
    if (!p->off)
        link_accept(p->link, !refuse);
}

bool printer_run(struct printer *p, int64_t now_us)
{
    p->now_us = now_us;
    if (p->off && p->on_us <= now_us)
        power_on(p);
    if (p->off)
        return false;
    bool more = engine_run(&p->engine, now_us);
    while (!p->engine.power_cycle_due && obey(p))
        more = engine_run(&p->engine, now_us) || more;
    if (p->engine.power_cycle_due)
        printer_power_cycle(p, p->cycle_ms);
    return more || p->off;
}

int64_t printer_deadline(const struct printer *p)
{
    if (p->off)
        return p->on_us;
    return engine_deadline(&p->engine);
}
