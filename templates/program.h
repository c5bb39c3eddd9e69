/* SPDX-License-Identifier: Apache-2.0 */
/* program.h: a text with placeholders, translated once when the template is loaded and run for
 * every label.
 *
 * What a placeholder brings is copied, never looked at again: a value that holds braces,
 * parentheses or printer commands stays what it is (promise 11). Immutable after
 * program_compile; any number of threads may run it. */
#ifndef TEM_TEMPLATES_PROGRAM_H
#define TEM_TEMPLATES_PROGRAM_H

#include "spooler/base/buf.h"
#include "templates/decimal.h"
#include "templates/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loading;
struct yaml_node;

/* INT64_MIN or UINT64_MAX in decimal. */
#define PROGRAM_INTEGER_BYTES 20

enum step_kind {
    STEP_TEXT,    /* text, len */
    STEP_TEXT_IF, /* the same, nothing while `field` is empty (literals of a format) */
    STEP_VALUE,   /* the field's value */
    STEP_TRUE,    /* a boolean in `when`: nothing for false */
    STEP_SLICE,   /* from, len of the field's value */
    STEP_DATE,    /* part of a date that is none of its digits: j V G u */
    STEP_PADDED,  /* a whole number, zeros in front up to `len` digits */
    STEP_DECIMAL, /* a number as `decimal` says */
    STEP_NUMBER,  /* printed number of a series field */
    STEP_BUILTIN, /* builtin; zeros in front up to `len` digits */
    STEP_NOW      /* part: Y y m d j V G u H M S, or 0: all of the time */
};
enum builtin { BUILTIN_LABEL_INDEX, BUILTIN_LABEL_COUNT, BUILTIN_PIECE_INDEX, BUILTIN_JOB_ID };

struct step {
    enum step_kind kind;
    enum builtin builtin;
    size_t field;
    size_t from;
    size_t len;
    char part;
    struct decimal_format decimal;
    const char *text;
};

struct program {
    struct step *steps;
    size_t count;
    size_t worst_bytes; /* of its result, whatever the values are */
    bool late;          /* holds numbers or built-ins: not known before the label is bound */
};

/* Where a program may stand. */
enum program_place { PROGRAM_CONTENT, PROGRAM_WHEN, PROGRAM_SCOPE };

/* Translates `len` bytes of the scalar `node`. Faults become findings at the node's place, an
 * unknown placeholder names the nearest known one. Marks the fields that it uses. */
void program_compile(struct loading *loading, const struct yaml_node *node, const char *text,
                     size_t len, enum program_place place, struct program *out);

/* Where placeholders get their values; numbers and builtins may be NULL for programs that are
 * not late. */
struct sources {
    const char *const *values;
    const char *const *numbers;
    const struct builtins *builtins;
};

void program_run(const struct program *program, const struct sources *sources, struct buf *out);

#endif
