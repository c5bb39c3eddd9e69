/* SPDX-License-Identifier: Apache-2.0 */
/* gs1-use.h: what GS1 asks of a symbol where it is scanned (inside of render/).
 *
 * The same symbol may be fine on a medicine pack and useless on a conveyor belt: the GS1
 * General Specifications have a table of sizes for each use (5.12.3, symbol specification
 * tables). What is outside of them still scans somewhere, so these are findings, never
 * refusals. Pure. */
#ifndef TEM_RENDER_GS1_USE_H
#define TEM_RENDER_GS1_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One row of one table. */
struct gs1_range {
    const char *use; /* as people name it: "retail" */
    const char *title;
    int table;
    const char *symbologies;           /* names with spaces around each */
    int64_t min_um, target_um, max_um; /* module */
    int64_t height_um;                 /* bars are at least so high; 0 = not said */
    int64_t height_centimodules;       /* the same where it grows with the module */
    int64_t width_um; /* symbol with quiet zones is at most so wide; 0 = not said */
    bool recalled; /* written down from memory, not seen in the standard or a quotation of it */
};

/* NULL: there is no such use, or its table does not have the symbology. */
const struct gs1_range *gs1_range_find(const char *use, const char *symbology);
/* The use that symbology and AIs speak of: AI 00 is a logistic unit, a GTIN with expiry and
 * serial number in a DataMatrix a regulated healthcare pack, EAN-13 a shop. `content` is
 * "[01]..[17].." where `ai_data`. NULL = they say nothing. */
const char *gs1_use_guess(const char *symbology, const char *content, size_t len, bool ai_data);
/* All uses: index 0.. until NULL. */
const char *gs1_use_at(size_t index);

#endif
