/* SPDX-License-Identifier: Apache-2.0 */
/* labels.h: the labels that the drawing rows of the bench are about, so that Tem and its peers
 * are measured with the same ones.
 *
 * One row of data each, the template's samples; only the number differs from label to label,
 * made by registry_number() from a store in the run's own folder. Whatever fails ends the
 * program with a line on standard error: a bench has nothing to save. One thread. */
#ifndef TEM_BENCH_LABELS_H
#define TEM_BENCH_LABELS_H

#include "spooler/registry/registry.h"
#include "spooler/render/render.h"
#include "templates/template.h"

#include <stddef.h>
#include <stdint.h>

/* What the pipeline takes at once (config: chunk_impressions). */
#define BENCH_CHUNK 100

/* Rows that a peer shares: its script has the same words, with medicine for %s. */
#define BENCH_ENCODE_ROW  "%s, drawn labels to printer bytes, one core"
#define BENCH_PICTURE_ROW "%s, labels to pictures, one core"
#define BENCH_BYTES_ROW   "bytes a label after the plate, %s"

struct bench_row {
    const char *name;     /* "medicine", as in the rows' names */
    const char *row;      /* of the whole way, bind + render + encode */
    const char *template; /* below the source folder */
    const char *model;
    const char *series;
    struct number_format format;
    long target; /* labels a second that we are to reach */
};
/* Index 0.. until NULL. */
const struct bench_row *bench_row_at(size_t index);

struct bench_labels {
    const struct bench_row *about;
    struct store *store;
    struct registry *registry;
    struct template *template;
    struct row row;
    struct scope_ref scope;
    uint64_t next; /* counter of the next number */
};

/* `folder`: a fresh one of this run; the template is looked for below TEM_SRCDIR. */
void bench_labels_open(const char *folder, const struct bench_row *row,
                       struct bench_labels *out);
void bench_labels_close(struct bench_labels *labels);
/* Binds the next `count` labels into docs[0..] (start with zeros; memory is used again). */
void bench_bind(struct bench_labels *labels, struct label_doc *docs, size_t count);

/* With the fonts of this build. */
struct renderer *bench_renderer(void);

/* Nanoseconds of processor time of this thread: others on the machine do not count. */
int64_t bench_cpu_ns(void);
/* Things a second, whole. */
int64_t bench_rate(size_t things, int64_t ns);
/* One result, as bench/run reads it. `target` 0 = none. */
void bench_print(const char *row, int64_t value, const char *unit, const char *who,
                 long target);
void bench_die(const char *what, const struct why *why);
/* Ends the program when `err` is one. */
void bench_must(enum err err, const char *what, const struct why *why);

#endif
