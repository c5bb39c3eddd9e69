/* SPDX-License-Identifier: Apache-2.0 */
/* program-run.c: programs at work, for every label: nothing but copying and reckoning. */
#include "templates/program.h"

#include "templates/date.h"
#include "templates/parts.h"

#include <assert.h>
#include <string.h>

/* {now} without a format; the letters are parts. */
static const char now_plain[] = "Y-m-d H:M:S";

static void add_padded(struct buf *out, const char *digits, size_t len, size_t width)
{
    if (len > 0 && digits[0] == '-') {
        buf_add_byte(out, '-');
        digits++;
        len--;
    }
    for (size_t i = len; i < width; i++)
        buf_add_byte(out, '0');
    buf_add(out, digits, len);
}

/* Without printf: labels are bound by the ten thousand a second. */
static void add_decimal(struct buf *out, uint64_t value, size_t width)
{
    char digits[PROGRAM_INTEGER_BYTES];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    add_padded(out, digits + at, sizeof digits - at, width);
}

static void add_builtin(const struct step *step, const struct builtins *builtins,
                        struct buf *out)
{
    uint64_t value = 0;
    switch (step->builtin) {
    case BUILTIN_LABEL_INDEX:
        value = builtins->label_index;
        break;
    case BUILTIN_LABEL_COUNT:
        value = builtins->label_count;
        break;
    case BUILTIN_PIECE_INDEX:
        value = builtins->piece_index;
        break;
    case BUILTIN_JOB_ID:
        value = (uint64_t)builtins->job_id; /* a row's id: from 1 */
        break;
    }
    add_decimal(out, value, step->len);
}

/* A letter that is no part of a moment stands for itself. */
static void add_moment(char part, const struct moment *now, struct buf *out)
{
    unsigned week_year = 0, week = date_week(now->year, now->month, now->day, &week_year);
    const struct {
        char part;
        unsigned value;
        size_t width;
    } parts[] = {
        {'Y', now->year, 4},
        {'y', now->year % 100, 2},
        {'m', now->month, 2},
        {'d', now->day, 2},
        {'j', date_day_of_year(now->year, now->month, now->day), 3},
        {'V', week, 2},
        {'G', week_year, 4},
        {'u', date_weekday(now->year, now->month, now->day), 1},
        {'H', now->hour, 2},
        {'M', now->minute, 2},
        {'S', now->second, 2},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].part == part) {
            add_decimal(out, parts[i].value, parts[i].width);
            return;
        }
    buf_add_byte(out, (uint8_t)part);
}

static unsigned number_at(const char *digits, size_t len)
{
    unsigned value = 0;
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (unsigned)(digits[i] - '0');
    return value;
}

static void add_now(char part, const struct builtins *builtins, struct buf *out)
{
    struct moment now = moment_of(builtins->accepted_ms, builtins->utc_offset_min);
    if (part)
        add_moment(part, &now, out);
    else
        for (const char *letter = now_plain; *letter; letter++)
            add_moment(*letter, &now, out);
}

static void add_date(char part, const char *date, struct buf *out)
{
    struct moment day = {.year = number_at(date, 4),
                         .month = number_at(date + 5, 2),
                         .day = number_at(date + 8, 2)};
    add_moment(part, &day, out);
}

static void add_number(const char *text, const struct decimal_format *format, struct buf *out)
{
    struct decimal number;
    if (decimal_parse(text, &number)) /* it was, when it was checked */
        decimal_write(&number, format, out);
}

static void run_step(const struct step *step, const struct sources *sources, struct buf *out)
{
    const char *value = NULL;
    if (step->kind == STEP_NUMBER)
        value = sources->numbers[step->field];
    else if (step->kind != STEP_TEXT && step->kind != STEP_BUILTIN && step->kind != STEP_NOW)
        value = sources->values[step->field];
    switch (step->kind) {
    case STEP_TEXT:
        buf_add(out, step->text, step->len);
        break;
    case STEP_TEXT_IF:
        if (value)
            buf_add(out, step->text, step->len);
        break;
    case STEP_VALUE:
    case STEP_NUMBER:
        if (value)
            buf_add(out, value, strlen(value));
        break;
    case STEP_TRUE:
        if (value && strcmp(value, "true") == 0)
            buf_add(out, value, strlen(value));
        break;
    case STEP_SLICE: /* of a date or GTIN, whose canonical forms have one length */
        if (value)
            buf_add(out, value + step->from, step->len);
        break;
    case STEP_DATE:
        if (value)
            add_date(step->part, value, out);
        break;
    case STEP_DECIMAL:
        if (value)
            add_number(value, &step->decimal, out);
        break;
    case STEP_PADDED:
        if (value)
            add_padded(out, value, strlen(value), step->len);
        break;
    case STEP_BUILTIN:
        add_builtin(step, sources->builtins, out);
        break;
    case STEP_NOW:
        add_now(step->part, sources->builtins, out);
        break;
    }
}

void program_run(const struct program *program, const struct sources *sources, struct buf *out)
{
    assert(!program->late || sources->numbers || sources->builtins);
    for (size_t i = 0; i < program->count; i++)
        run_step(&program->steps[i], sources, out);
}
