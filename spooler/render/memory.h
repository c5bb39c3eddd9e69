/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h: which elements with which content were drawn and found good, so that rows that
 * differ little cost little to check (inside of render/).
 *
 * Bounded; forgetting only costs time. Compares whole contents, never hashes alone: a check
 * that is skipped by mistake would be found when the number is spent already. One owner. */
#ifndef TEM_RENDER_MEMORY_H
#define TEM_RENDER_MEMORY_H

#include "spooler/base/err.h"
#include "spooler/render/draw.h"
#include "templates/template.h"

#include <stdbool.h>
#include <stdint.h>

struct memory;

enum err memory_new(struct memory **out, struct why *why);
void memory_free(struct memory *memory);
/* What follows is about this template at this resolution: another one forgets everything. */
void memory_about(struct memory *memory, const struct template *template, uint32_t dots_per_m);
/* Where a good element's dots lie. */
struct trace {
    struct rect clear; /* the area that a symbol needs for itself; width 0: none */
    struct rect *inks; /* bounds of its pieces */
    size_t count;
};

/* NULL = not known. Borrowed until the next memory_keep(). */
const struct trace *memory_find(const struct memory *memory, const struct drawn *drawn);
void memory_keep(struct memory *memory, const struct drawn *drawn, const struct pieces *pieces,
                 struct rect clear);

#endif
