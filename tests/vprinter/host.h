/* SPDX-License-Identifier: Apache-2.0
 *
 * host.h: the texts a printer answers to its host. Pure. */
#ifndef VPRINTER_HOST_H
#define VPRINTER_HOST_H

#include "text.h"

/* What there is to tell. */
struct host_view {
    bool ribbon_out, cutter, jam;
    bool paper_out, paused, buffer_full, partial_format, head_open, label_waiting;
    bool transfer; /* thermal transfer */
    char mode;     /* the letter of ^MM */
    uint32_t length_dots;
    uint32_t formats;          /* whole ones that have not begun to feed */
    uint32_t labels_remaining; /* of the batch, the one that feeds included */
    unsigned graphics;
    uint64_t odometer;
    const char *unique_id;
};

/* The three lines of ~HS. */
void host_status(const struct host_view *view, struct line *out);

/* The answer to ~HQES. */
void host_errors(const struct host_view *view, struct line *out);

/* The answer to `! U1 getvar "name"`: a value in quotes, `"?"` for an unknown name.
 * False: the line is not a getvar, nothing is answered. */
bool host_getvar(const struct host_view *view, const char *s, size_t n, struct line *out);

#endif
