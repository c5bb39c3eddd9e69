/* SPDX-License-Identifier: Apache-2.0 */
/* read.h: values of a template's keys, each fault a finding with its line and column.
 *
 * Each function returns false, with one finding added and *out untouched, when the value is not
 * what it should be; reading goes on, so that a person sees all faults at once. */
#ifndef TEM_TEMPLATES_READ_H
#define TEM_TEMPLATES_READ_H

#include "spooler/base/yaml.h"
#include "templates/parts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loading {
    struct template *template;
    const struct yaml_doc *doc;
    struct findings *findings;
    const struct template_files *files; /* NULL: no images can be had */
    char where[96];                     /* "element 3": what a person calls the place */
    bool no_memory;
};

/* Adds an error at `node`. `value` and `expected` may be NULL. */
void read_fault(struct loading *loading, const struct yaml_node *node, const char *code,
                const char *value, const char *expected, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void read_where(struct loading *loading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* As pool_zalloc, remembering failure. */
void *read_zalloc(struct loading *loading, size_t count, size_t size);

/* A scalar that is not empty, of at most `max` bytes. */
bool read_text(struct loading *loading, const struct yaml_node *node, const char *key,
               size_t max, const char **out);
/* The same as people see it: composed (NFC), without any character that text_fault() finds. */
bool read_line(struct loading *loading, const struct yaml_node *node, const char *key,
               size_t max, const char **out);
/* A number with up to three decimals, as thousandths: millimetres (" mm" may follow) as um. */
bool read_mm(struct loading *loading, const struct yaml_node *node, const char *key,
             int64_t min_um, int64_t max_um, int64_t *out);
/* [x, y] in millimetres, a point on the label. */
bool read_point(struct loading *loading, const struct yaml_node *node, const char *key,
                int64_t *x_um, int64_t *y_um);
bool read_integer(struct loading *loading, const struct yaml_node *node, const char *key,
                  int64_t min, int64_t max, int64_t *out);
bool read_bool(struct loading *loading, const struct yaml_node *node, const char *key,
               bool *out);

/* BITMAP_MAX_DOTS at 12 dots a mm. */
#define READ_MAX_UM 1365000

struct choice {
    const char *name;
    int value;
};
/* One of the words; another names the nearest. */
bool read_choice(struct loading *loading, const struct yaml_node *node, const char *key,
                 const struct choice *choices, size_t count, int *out);

/* Digits with up to three decimals behind a '.', no sign, as thousandths (at most 10^9). */
bool parse_thousandths(const char *text, size_t len, int64_t *out);
/* A whole number without leading zeros, at most 18 digits. */
bool parse_integer(const char *text, int64_t *out);
/* "a | b | c" of words. */
void read_list(char *out, size_t size, const char *const *words, size_t count);

#endif
