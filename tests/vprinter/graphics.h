/* SPDX-License-Identifier: Apache-2.0
 *
 * graphics.h: the drive R:, pictures stored by ~DG until the power goes.
 *
 * Bounded in number and bytes. Owns its pictures. */
#ifndef VPRINTER_GRAPHICS_H
#define VPRINTER_GRAPHICS_H

#include "gfx.h"

#define GRAPHICS_MAX       64
#define GRAPHICS_MAX_BYTES (16 * 1024 * 1024)

struct graphics {
    struct {
        char name[16];
        struct gfx gfx;
    } at[GRAPHICS_MAX];
    unsigned count;
    size_t bytes;
};

/* Checks `R:NAME.GRF` (1 to 8 of A-Z 0-9) and writes NAME. */
bool graphics_name(const char *s, size_t n, char name[16], struct complaint *why);

/* Obeys the parameters of ~DG. An older picture of that name goes, also when this one is bad.
 */
bool graphics_store(struct graphics *graphics, const char *s, size_t n, struct complaint *why);

/* NULL: not stored. */
const struct gfx *graphics_find(const struct graphics *graphics, const char *name);

/* ^ID: one name or `*`; a name that is not there is no error. */
bool graphics_delete(struct graphics *graphics, const char *s, size_t n, struct complaint *why);

void graphics_clear(struct graphics *graphics);

#endif
