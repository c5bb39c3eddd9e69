/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

/* Labels a call completes at most, so that answers go out in between at speed 0. */
#define LABELS_A_RUN 16

static uint32_t length_dots(const struct engine *e)
{
    return e->current->canvas->height_dots;
}

static int64_t duration_us(const struct engine *e)
{
    if (e->speed_mm_s == 0)
        return 0;
    int64_t length_um = (int64_t)length_dots(e) * 1000000 / e->dots_per_m + e->gap_mm * 1000;
    return length_um * 1000 / e->speed_mm_s;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void drop_current(struct engine *e)
{
    image_free(e->current);
    e->current = NULL;
    e->copies_left = 0;
}

static void drop_waiting(struct engine *e)
{
    image_free(e->waiting);
    e->waiting = NULL;
}

/* One copy is done with, on paper or lost. */
static void next_copy(struct engine *e)
{
    if (--e->copies_left == 0)
        drop_current(e);
}

static void after_event(struct engine *e)
{
    if (e->power_cycle_after != 0 && e->rec->n >= e->power_cycle_after) {
        e->power_cycle_after = 0;
        e->power_cycle_due = true;
    }
}

static void run_out(struct engine *e)
{
    e->media_out = true;
    e->media_left = 0;
    report_log(e->report, "media out");
}

static void use_media(struct engine *e)
{
    if (e->media_left > 0 && --e->media_left == 0)
        run_out(e);
}

/* The label that feeds ends here, after `rows` rows. */
static void tear(struct engine *e, uint32_t rows)
{
    e->feeding = false;
    recorder_add(e->rec, PAPER_TORN, e->current, &e->current->settings, rows);
    if (e->current->settings.value[SET_REPRINT] == 'N')
        next_copy(e);
    after_event(e);
}

static void complete(struct engine *e)
{
    e->free_us = e->end_us;
    if (e->tears) {
        e->media_out_at = 0;
        tear(e, length_dots(e) / 2);
        run_out(e);
        return;
    }
    e->feeding = false;
    recorder_add(e->rec, PAPER_LABEL, e->current, &e->current->settings, length_dots(e));
    if (e->has_peeler && e->current->settings.value[SET_MODE] == 'P') {
        e->label_waiting = true;
        e->take_us = e->take_ms < 0 ? ENGINE_NEVER : e->end_us + (int64_t)e->take_ms * 1000;
    }
    next_copy(e);
    use_media(e);
    after_event(e);
}

static void promote(struct engine *e)
{
    if (e->current != NULL || e->waiting == NULL)
        return;
    e->current = e->waiting;
    e->current_ready_us = e->waiting_ready_us;
    e->copies_left = e->current->copies;
    e->waiting = NULL;
}

static bool stopped(const struct engine *e)
{
    return e->media_out || e->head_open || e->paused || e->ribbon_out || e->cutter || e->jam ||
           e->power_cycle_due;
}

static bool start(struct engine *e, int64_t now_us)
{
    if (e->label_waiting && e->take_us <= now_us)
        engine_person_takes(e, e->take_us);
    promote(e);
    if (e->current == NULL || stopped(e) || e->label_waiting)
        return false;
    if (e->media_left == 0) {
        run_out(e);
        return false;
    }
    /* From the end of the label before, not from now: a late wake-up must not slow the paper.
     */
    e->start_us = later(e->free_us, e->current_ready_us);
    e->tears = e->media_out_at == e->rec->n + 1;
    e->end_us = e->start_us + duration_us(e) / (e->tears ? 2 : 1);
    e->feeding = true;
    return true;
}

bool engine_run(struct engine *e, int64_t now_us)
{
    for (int i = 0; i < LABELS_A_RUN; i++) {
        if (!e->feeding && !start(e, now_us))
            return false;
        if (e->end_us > now_us)
            return false;
        complete(e);
    }
    return true;
}

int64_t engine_deadline(const struct engine *e)
{
    if (e->feeding)
        return e->end_us;
    return e->label_waiting ? e->take_us : ENGINE_NEVER;
}

bool engine_has_room(const struct engine *e)
{
    return e->waiting == NULL;
}

void engine_take(struct engine *e, struct image *image, int64_t now_us)
{
    e->waiting = image;
    e->waiting_ready_us = now_us;
    promote(e);
}

bool engine_silent(const struct engine *e)
{
    return e->media_out || e->head_open || e->ribbon_out;
}

uint32_t engine_remaining(const struct engine *e)
{
    return e->copies_left;
}

void engine_load(struct engine *e, int64_t labels, int64_t now_us)
{
    e->media_left = labels;
    e->media_out = labels == 0;
    e->media_out_at = 0; /* that was the other roll's end */
    e->free_us = later(e->free_us, now_us);
}

static uint32_t rows_so_far(const struct engine *e, int64_t now_us)
{
    int64_t whole = duration_us(e), done = now_us - e->start_us;
    if (whole <= 0 || done <= 0)
        return 0;
    return done >= whole ? length_dots(e) : (uint32_t)(length_dots(e) * done / whole);
}

void engine_head(struct engine *e, bool open, int64_t now_us)
{
    e->head_open = open;
    if (open && e->feeding)
        tear(e, rows_so_far(e, now_us));
    e->free_us = later(e->free_us, now_us);
}

void engine_fault(struct engine *e, bool *fault, bool on, int64_t now_us)
{
    *fault = on;
    if (on && fault != &e->cutter && e->feeding)
        tear(e, rows_so_far(e, now_us));
    e->free_us = later(e->free_us, now_us);
}

void engine_pause(struct engine *e, bool pause, int64_t now_us)
{
    e->paused = pause;
    if (!pause && !e->feeding)
        e->free_us = later(e->free_us, now_us);
}

void engine_person_takes(struct engine *e, int64_t now_us)
{
    e->label_waiting = false;
    e->free_us = later(e->free_us, now_us);
}

bool engine_other_label(struct engine *e, enum paper kind, const struct settings *settings)
{
    if (engine_silent(e))
        return false;
    recorder_add(e->rec, kind, NULL, settings, (uint32_t)settings->value[SET_LENGTH]);
    use_media(e);
    after_event(e);
    return true;
}

void engine_cancel(struct engine *e)
{
    drop_waiting(e);
    if (e->feeding)
        e->copies_left = 1;
    else
        drop_current(e);
}

void engine_power_off(struct engine *e, int64_t now_us)
{
    if (e->feeding)
        tear(e, rows_so_far(e, now_us));
    drop_waiting(e);
    drop_current(e);
    e->paused = e->label_waiting = e->power_cycle_due = e->cutter = e->jam = false;
}
