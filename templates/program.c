/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/program.h"

#include "spooler/base/near.h"
#include "spooler/base/utf8.h"

#include "templates/parts.h"
#include "templates/read.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 64
#define BUILTIN_NOW    100
/* {now} without a format: "YYYY-MM-DD HH:MM:SS". */
#define NOW_BYTES 19
/* Braces and percent signs in one text; bounds the memory for its steps. */
#define MARKS_MAX 400

static const struct choice builtin_names[] = {
    {"label.index", BUILTIN_LABEL_INDEX},
    {"label.count", BUILTIN_LABEL_COUNT},
    {"piece.index", BUILTIN_PIECE_INDEX},
    {"job.id", BUILTIN_JOB_ID},
    {"now", BUILTIN_NOW},
};
#define BUILTINS (sizeof builtin_names / sizeof builtin_names[0])

/* A translation under way. */
struct translation {
    struct loading *loading;
    const struct yaml_node *node;
    enum program_place place;
    struct program *out;
};

/* "{name:format}" without its braces. */
struct placeholder {
    char name[NAME_MAX_BYTES];
    const char *format; /* NULL = none; format_len bytes */
    size_t format_len;
};

static struct step *add_step(struct translation *work, enum step_kind kind, size_t worst_bytes)
{
    struct step *step = &work->out->steps[work->out->count++];
    step->kind = kind;
    work->out->worst_bytes += worst_bytes;
    return step;
}

static void add_text(struct translation *work, enum step_kind kind, size_t field,
                     const char *text, size_t len)
{
    if (len == 0)
        return;
    struct step *step = add_step(work, kind, len);
    step->text = text;
    step->len = len;
    step->field = field;
}

static void bad_format(struct translation *work, const struct placeholder *placeholder,
                       const char *expected)
{
    char format[64];
    snprintf(format, sizeof format, "%.*s", (int)placeholder->format_len, placeholder->format);
    read_fault(work->loading, work->node, "bad-format", format, expected,
               "the format of {%s} does not suit it", placeholder->name);
}

/* ---- formats ---------------------------------------------------------------- */

/* What %x may be, and what it adds. */
struct time_format {
    const char *letters, *expected;
    enum step_kind literal; /* of the text between */
    void (*part)(struct translation *work, size_t field, char letter);
};

/* Literal parts and, for each %x, what the format's part adds; "%%" is a percent sign. */
static void translate_time(struct translation *work, const struct placeholder *placeholder,
                           size_t field, const struct time_format *format)
{
    const char *at = placeholder->format, *end = at + placeholder->format_len;
    enum step_kind literal = format->literal;
    while (at < end) {
        const char *percent = memchr(at, '%', (size_t)(end - at));
        add_text(work, literal, field, at, (size_t)((percent ? percent : end) - at));
        if (!percent)
            return;
        char letter = percent + 1 < end ? percent[1] : 0;
        if (letter == '%')
            add_text(work, literal, field, percent, 1);
        else if (letter && strchr(format->letters, letter))
            format->part(work, field, letter);
        else {
            bad_format(work, placeholder, format->expected);
            return;
        }
        at = percent + 2;
    }
}

/* A canonical date is YYYY-MM-DD: most of its parts are slices, the others are reckoned. */
static void add_date_part(struct translation *work, size_t field, char letter)
{
    static const struct {
        char letter;
        size_t from, len;
    } parts[] = {{'Y', 0, 4}, {'y', 2, 2}, {'m', 5, 2}, {'d', 8, 2}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].letter == letter) {
            struct step *step = add_step(work, STEP_SLICE, parts[i].len);
            step->field = field;
            step->from = parts[i].from;
            step->len = parts[i].len;
            return;
        }
    struct step *step = add_step(work, STEP_DATE, 4);
    step->field = field;
    step->part = letter;
}

static void add_now_part(struct translation *work, size_t field, char letter)
{
    (void)field; /* now is no field; the signature is translate_time's */
    add_step(work, STEP_NOW, 4)->part = letter;
}

static const struct time_format date_format = {"YymdjVGu", "%Y %y %m %d %j %V %G %u and text",
                                               STEP_TEXT_IF, add_date_part};
static const struct time_format now_format = {
    "YymdjVGuHMS", "%Y %y %m %d %j %V %G %u %H %M %S and text", STEP_TEXT, add_now_part};

/* "04": at least four digits, zeros in front. 0 = something else. */
static size_t padding(const struct placeholder *placeholder)
{
    const char *format = placeholder->format;
    if (placeholder->format_len < 2 || placeholder->format_len > 3 || format[0] != '0')
        return 0;
    size_t width = 0;
    for (size_t i = 1; i < placeholder->format_len; i++) {
        if (format[i] < '0' || format[i] > '9')
            return 0;
        width = width * 10 + (size_t)(format[i] - '0');
    }
    return width <= 18 ? width : 0;
}

static void translate_gtin(struct translation *work, const struct placeholder *placeholder,
                           size_t field)
{
    static const struct {
        const char *format;
        size_t digits;
    } lengths[] = {{"8", 8}, {"12", 12}, {"13", 13}, {"14", 14}};
    struct rule *rule = &work->loading->template->rules[field];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        if (strlen(lengths[i].format) != placeholder->format_len ||
            memcmp(lengths[i].format, placeholder->format, placeholder->format_len) != 0)
            continue;
        struct step *step = add_step(work, STEP_SLICE, lengths[i].digits);
        step->field = field;
        step->from = 14 - lengths[i].digits;
        step->len = lengths[i].digits;
        if (lengths[i].digits < rule->gtin_digits)
            rule->gtin_digits = lengths[i].digits;
        return;
    }
    bad_format(work, placeholder, "digits shown: 8 | 12 | 13 | 14");
}

/* Integers may be padded; integers and decimals take the formats of decimal.h, which bind what
 * the field may hold: nothing is rounded on a label. */
static void translate_number(struct translation *work, const struct placeholder *placeholder,
                             size_t field, size_t worst)
{
    struct rule *rule = &work->loading->template->rules[field];
    bool integer = work->loading->template->fields[field].type == FIELD_INTEGER;
    struct decimal_format format;
    if (integer && padding(placeholder)) {
        struct step *step = add_step(work, STEP_PADDED, worst);
        step->field = field;
        step->len = padding(placeholder);
        return;
    }
    if (!decimal_format_parse(placeholder->format, placeholder->format_len, &format)) {
        bad_format(work, placeholder,
                   integer
                       ? "04 | .2 | ,2 | .,2 | ,.2 | 6.3 (six digits, three of them decimals)"
                       : ".2 | ,2 | .,2 | ,.2 | 6.3 (six digits, three of them decimals)");
        return;
    }
    /* at most 40 digits, 18 decimals filled up, 13 marks of two bytes between thousands */
    struct step *step = add_step(work, STEP_DECIMAL, 3 * DECIMAL_MAX_BYTES);
    step->field = field;
    step->decimal = format;
    if (format.places < rule->shown_places)
        rule->shown_places = format.places;
    if (format.implied && format.digits - format.places < rule->shown_whole)
        rule->shown_whole = format.digits - format.places;
}

/* ---- placeholders ----------------------------------------------------------- */

static size_t field_worst_bytes(const struct field *field, const struct rule *rule)
{
    size_t longest = 0;
    switch (field->type) {
    case FIELD_INTEGER:
        return PROGRAM_INTEGER_BYTES;
    case FIELD_DATE:
        return 10;
    case FIELD_GTIN:
        return 14;
    case FIELD_GLN:
        return 13;
    case FIELD_SSCC:
        return 18;
    case FIELD_DECIMAL:
        return DECIMAL_MAX_BYTES;
    case FIELD_BOOLEAN:
        return 5;
    case FIELD_SERIES:
        return TEMPLATE_NUMBER_MAX;
    case FIELD_ENUM:
        for (size_t i = 0; i < rule->word_count; i++)
            longest = strlen(rule->words[i]) > longest ? strlen(rule->words[i]) : longest;
        return longest;
    case FIELD_TEXT:
        break;
    }
    /* A code point takes four bytes at most. */
    return field->max && field->max < TEMPLATE_MAX_VALUE / 4 ? field->max * 4
                                                             : TEMPLATE_MAX_VALUE;
}

static void translate_field(struct translation *work, const struct placeholder *placeholder,
                            size_t index)
{
    struct template *template = work->loading->template;
    const struct field *field = &template->fields[index];
    struct rule *rule = &template->rules[index];
    size_t worst = field_worst_bytes(field, rule);
    rule->used = true;
    work->out->late |= field->type == FIELD_SERIES;
    if (placeholder->format && field->type == FIELD_DATE) {
        translate_time(work, placeholder, index, &date_format);
    } else if (placeholder->format && field->type == FIELD_GTIN) {
        translate_gtin(work, placeholder, index);
    } else if (placeholder->format &&
               (field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL)) {
        translate_number(work, placeholder, index, worst);
    } else if (placeholder->format) {
        bad_format(work, placeholder,
                   "no format: only dates, GTINs, integers and decimals have one");
    } else {
        enum step_kind kind = field->type == FIELD_SERIES ? STEP_NUMBER : STEP_VALUE;
        if (work->place == PROGRAM_WHEN && field->type == FIELD_BOOLEAN)
            kind = STEP_TRUE;
        add_step(work, kind, worst)->field = index;
    }
}

static void translate_builtin(struct translation *work, struct placeholder *placeholder,
                              int builtin)
{
    work->out->late = true;
    work->loading->template->pieces_differ |= builtin == BUILTIN_PIECE_INDEX;
    if (builtin == BUILTIN_NOW) {
        if (placeholder->format)
            translate_time(work, placeholder, 0, &now_format);
        else
            add_step(work, STEP_NOW, NOW_BYTES);
        return;
    }
    if (placeholder->format && !padding(placeholder)) {
        bad_format(work, placeholder, "a zero and a number of digits, such as 04");
        return;
    }
    struct step *step = add_step(work, STEP_BUILTIN, PROGRAM_INTEGER_BYTES);
    step->builtin = (enum builtin)builtin;
    step->len = placeholder->format ? padding(placeholder) : 0;
}

static void unknown_name(struct translation *work, const char *name)
{
    const struct template *template = work->loading->template;
    const char *known[TEMPLATE_MAX_FIELDS + BUILTINS];
    size_t count = 0;
    for (size_t i = 0; i < template->field_count; i++)
        known[count++] = template->fields[i].name;
    for (size_t i = 0; i < BUILTINS && work->place != PROGRAM_SCOPE; i++)
        known[count++] = builtin_names[i].name;
    const char *near = near_word(name, known, count);
    char expected[128];
    snprintf(expected, sizeof expected, "\"%s\", the nearest known one", near ? near : "");
    read_fault(work->loading, work->node, "unknown-placeholder", name, near ? expected : NULL,
               "unknown placeholder");
}

/* A number of a scope has to be the same scope's number tomorrow, so a scope is made of data
 * that each row has. */
static bool suits_scope(struct translation *work, const struct placeholder *placeholder,
                        const struct field *field)
{
    if (field->type == FIELD_SERIES) {
        read_fault(work->loading, work->node, "bad-scope", placeholder->name,
                   "a field that is data", "a scope cannot consist of numbers");
        return false;
    }
    if (field_optional(field)) {
        read_fault(work->loading, work->node, "bad-scope", placeholder->name,
                   "\"required: true\" or a default for that field",
                   "a scope needs a value on every label");
        return false;
    }
    return true;
}

static void translate_placeholder(struct translation *work, struct placeholder *placeholder)
{
    const struct template *template = work->loading->template;
    int index = template_field_index(template, placeholder->name);
    if (index >= 0) {
        if (work->place != PROGRAM_SCOPE ||
            suits_scope(work, placeholder, &template->fields[index]))
            translate_field(work, placeholder, (size_t)index);
        return;
    }
    for (size_t i = 0; i < BUILTINS && work->place != PROGRAM_SCOPE; i++)
        if (strcmp(builtin_names[i].name, placeholder->name) == 0) {
            translate_builtin(work, placeholder, builtin_names[i].value);
            return;
        }
    unknown_name(work, placeholder->name);
}

static bool read_placeholder(struct translation *work, const char *text, size_t len,
                             struct placeholder *out)
{
    const char *colon = memchr(text, ':', len);
    size_t name_len = colon ? (size_t)(colon - text) : len;
    if (name_len == 0 || name_len >= sizeof out->name) {
        read_fault(work->loading, work->node, "bad-placeholder", NULL,
                   "{name} or {name:format}", "a placeholder's name is %s",
                   name_len ? "too long" : "empty");
        return false;
    }
    memcpy(out->name, text, name_len);
    out->name[name_len] = 0;
    out->format = colon ? colon + 1 : NULL;
    out->format_len = colon ? len - name_len - 1 : 0;
    return true;
}

static size_t count_marks(const char *text, size_t len)
{
    size_t marks = 0;
    for (size_t i = 0; i < len; i++)
        marks += text[i] == '{' || text[i] == '}' || text[i] == '%';
    return marks;
}

/* A combining mark with nothing to combine with is what is left of a damaged text. */
static bool has_bare_mark(const char *text, size_t len)
{
    uint32_t before = ' ', code_point = 0;
    for (size_t at = 0; at < len; before = code_point) {
        size_t taken = utf8_decode(text + at, len - at, &code_point);
        if (taken == 0)
            return false; /* the YAML reader has refused it */
        if (utf8_is_mark(code_point) && before == ' ')
            return true;
        at += taken;
    }
    return false;
}

void program_compile(struct loading *loading, const struct yaml_node *node, const char *text,
                     size_t len, enum program_place place, struct program *out)
{
    *out = (struct program){0};
    struct translation work = {loading, node, place, out};
    size_t marks = count_marks(text, len);
    if (has_bare_mark(text, len))
        read_fault(loading, node, "damaged-text", text, NULL,
                   "a combining mark has no letter before it");
    if (marks > MARKS_MAX) {
        read_fault(loading, node, "too-long", NULL, NULL,
                   "more than %d braces and percent signs in one text", MARKS_MAX);
        return;
    }
    /* Each mark ends a text and begins at most one other step. */
    out->steps = read_zalloc(loading, 2 * marks + 2, sizeof *out->steps);
    if (!out->steps)
        return;
    const char *end = text + len;
    for (const char *at = text, *run = text; at <= end; at++) {
        bool brace = at < end && (*at == '{' || *at == '}');
        if (at < end && !brace)
            continue;
        bool doubled = brace && at + 1 < end && at[1] == *at;
        add_text(&work, STEP_TEXT, 0, run, (size_t)(at - run) + doubled);
        if (doubled) {
            run = ++at + 1;
        } else if (brace) {
            const char *close = *at == '{' ? memchr(at, '}', (size_t)(end - at)) : NULL;
            struct placeholder placeholder;
            if (!close) {
                read_fault(loading, node, "stray-brace", *at == '{' ? "{" : "}",
                           *at == '{' ? "{name}, or {{ for a brace" : "}} for a brace",
                           "a brace stands alone");
                return;
            }
            if (read_placeholder(&work, at + 1, (size_t)(close - at) - 1, &placeholder))
                translate_placeholder(&work, &placeholder);
            at = close;
            run = close + 1;
        }
    }
}
