/* SPDX-License-Identifier: Apache-2.0 */
/* printer-text.h: what `tem printer` works out of words: device URIs, sizes, lines for
 * temd.yaml, the test label's template, what a discovered device may be. Pure. */
#ifndef TEM_CLI_PRINTER_TEXT_H
#define TEM_CLI_PRINTER_TEXT_H

#include "spooler/base/buf.h"
#include "spooler/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* A CUPS backend that can carry labels; `answers`: the printer's words come back through it, so
 * that a label can be confirmed. */
struct device_kind {
    const char *scheme;
    bool answers;
    bool takes_labels;
    const char *words; /* what it is, or why it does not do */
};

/* Appends the device URI as a queue needs it: a socket:// without its port, its slash or the
 * options that a feed with (`confirms`) or without confirmation wants gets them; what is said
 * already stays. ERR_INPUT: no URI, or of a kind that carries no labels. *kind is a constant
 * row. */
enum err device_complete(const char *uri, bool confirms, struct buf *out,
                         const struct device_kind **kind, struct why *why);

/* "50", "50.5", "50 mm" in thousandths of a mm; at most 1365 mm. */
bool mm_parse(const char *text, int64_t *um);
/* "50x30", "50 x 30 mm"; what follows a comma is left alone ("50.0 x 30.0 mm, gap 3.0 mm"). */
bool size_parse(const char *text, int64_t *width_um, int64_t *height_um);
/* "50", "50.5"; appended. */
void mm_add(int64_t um, struct buf *out);

/* A printer's entry in temd.yaml; appended as one line of YAML. */
struct printer_entry {
    const char *name, *queue, *model;
    int64_t width_um, height_um, gap_um;
    bool confirms;
};
void entry_add(const struct printer_entry *entry, struct buf *out);

/* The template of a test label that fills labels of this size, without any number. Elements
 * that a small label has no room for are left out. */
struct test_label {
    int64_t width_um, height_um;
    size_t name_bytes; /* of the printer's name: what the symbol has to hold */
    bool confirms;     /* the job closes when it is printed, not when it is sent */
};
#define TEST_NAME_SIZE 64
char *test_label_name(const struct test_label *label, char out[static TEST_NAME_SIZE]);
void test_label_add(const struct test_label *label, struct buf *yaml);

/* The model of drivers/models.c that a device with this make and model, or with this IEEE 1284
 * device ID, most likely is; NULL = nothing says that it speaks a language we have. */
const char *device_model(const char *make_and_model, const char *device_id);

#endif
