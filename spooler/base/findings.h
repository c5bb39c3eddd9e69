/* SPDX-License-Identifier: Apache-2.0 */
/* findings.h: every fault in an input, each with its place.
 *
 * Bad input changes nothing and says where: file, line, column, field, the
 * value, what was expected (promise 12). Checks go on after a fault so that a
 * person mends all of them at once; the list is bounded, and counts what it
 * no longer keeps. Strings are copied. Not thread-safe: one owner. */
#ifndef TEM_BASE_FINDINGS_H
#define TEM_BASE_FINDINGS_H

#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

/* A finding. `code` is a stable kebab-case name that documentation and support
 * can be searched for ("unknown-field"); it must be a string literal. `line`
 * and `column` count from 1, 0 = not known; a CSV's line is the record's first. */
struct finding {
    enum severity severity;
    const char *code;
    char *file; /* as the user named it; NULL when there is none */
    uint64_t line;
    uint32_t column;
    char *field;    /* field, element or key path; NULL when there is none */
    char *value;    /* the offending value, cut at 80 bytes; NULL = absent */
    char *expected; /* what would have been right; NULL when message says it */
    char *message;  /* one sentence */
};

struct findings {
    struct finding *list;
    size_t count;   /* kept in list */
    size_t errors;  /* errors seen, kept or not */
    size_t dropped; /* seen but not kept, past FINDINGS_MAX */
};

#define FINDINGS_MAX 100

void findings_init(struct findings *findings);
/* Frees the list; `findings` may be used again afterwards. */
void findings_clear(struct findings *findings);

/* Place of a finding; any member may be 0 or NULL. Borrowed for the call. */
struct place {
    const char *file;
    uint64_t line;
    uint32_t column;
    const char *field;
};

/* Adds a finding (strings are copied; lack of memory counts it as dropped, the
 * error count stays right). `value` and `expected` may be NULL. Returns
 * ERR_INPUT for errors, ERR_NONE otherwise, so that a check can end with it. */
enum err findings_add(struct findings *findings, enum severity severity, const char *code,
                      struct place place, const char *value, const char *expected,
                      const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Those since `from` that have a line but no file are of `file` (copied). */
void findings_name_file(struct findings *findings, size_t from, const char *file);

/* "file:line:column: error: field: message (got "value"; expected ...)" without a
 * line end, cut at `size`. Returns `out`. */
char *finding_text(const struct finding *finding, char *out, size_t size);

#endif
