/* SPDX-License-Identifier: Apache-2.0 */
/* encode.h: drawn labels -> the feed stream that CUPS carries to temfeed. */
#ifndef TEM_SPOOLER_ENCODE_H
#define TEM_SPOOLER_ENCODE_H

#include "drivers/driver.h"
#include "drivers/feed/stream.h"
#include "spooler/job/chunk.h"
#include "spooler/render/render.h"

struct encode_printer {
    const struct model *model;
    const struct stock *stock;
    const struct settings *settings;
    const char *queue;
    enum evidence evidence; /* as configured */
    uint16_t window;
};

/* Appends header, BEGIN, CANCEL, IMPRESSION.., END. Every label gives `pieces` impressions:
 * identical ones when `rendered` has one drawing a label, else each its own. */
enum err encode_chunk(const struct encode_printer *printer, const char *store_id,
                      const struct chunk *chunk, uint32_t pieces,
                      const struct rendered *rendered, const char *name, struct buf *out,
                      struct why *why);

/* The same without impressions: it clears the printer and says when it is empty. */
enum err encode_clear(const struct encode_printer *printer, const char *store_id,
                      const struct chunk *chunk, struct buf *out, struct why *why);

#endif
