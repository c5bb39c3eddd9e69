/* SPDX-License-Identifier: Apache-2.0 */
#include "graphics.h"

#include <string.h>

bool graphics_name(const char *s, size_t n, char name[16], struct complaint *why)
{
    if (n < 7 || n > 14 || memcmp(s, "R:", 2) != 0 || memcmp(s + n - 4, ".GRF", 4) != 0)
        return complain(why, "name is not R:NAME.GRF with 1 to 8 characters");
    n -= 6;
    for (size_t i = 0; i < n; i++) {
        char c = s[2 + i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
            return complain(why, "name has characters beyond A-Z and 0-9");
    }
    memcpy(name, s + 2, n);
    name[n] = '\0';
    return true;
}

static int find(const struct graphics *graphics, const char *name)
{
    for (unsigned i = 0; i < graphics->count; i++)
        if (strcmp(graphics->at[i].name, name) == 0)
            return (int)i;
    return -1;
}

static void drop(struct graphics *graphics, int i)
{
    struct gfx *gfx = &graphics->at[i].gfx;
    graphics->bytes -= (size_t)gfx->row_bytes * gfx->rows;
    gfx_free(gfx);
    graphics->count--;
    graphics->at[i] = graphics->at[graphics->count];
}

bool graphics_store(struct graphics *graphics, const char *s, size_t n, struct complaint *why)
{
    struct params p;
    char name[16];
    int32_t total, row_bytes;
    struct gfx gfx;
    params_split(&p, s, n, 4);
    if (p.count < 4)
        return complain(why, "~DG wants 4 parameters, got %zu", p.count);
    if (!graphics_name(p.at[0].s, p.at[0].n, name, why))
        return false;
    int old = find(graphics, name);
    if (old >= 0)
        drop(graphics, old);
    if (!text_int(p.at[1].s, p.at[1].n, 1, GFX_MAX_BYTES, &total) ||
        !text_int(p.at[2].s, p.at[2].n, 1, GFX_MAX_BYTES, &row_bytes))
        return complain(why, "~DG sizes are not usable");
    if (graphics->count == GRAPHICS_MAX || (size_t)total > GRAPHICS_MAX_BYTES - graphics->bytes)
        return complain(why, "the drive R: is full");
    if (!gfx_decode(p.at[3].s, p.at[3].n, (uint32_t)total, (uint32_t)row_bytes, &gfx, why))
        return false;
    memcpy(graphics->at[graphics->count].name, name, sizeof name);
    graphics->at[graphics->count].gfx = gfx;
    graphics->count++;
    graphics->bytes += (size_t)total;
    return true;
}

const struct gfx *graphics_find(const struct graphics *graphics, const char *name)
{
    int i = find(graphics, name);
    return i < 0 ? NULL : &graphics->at[i].gfx;
}

bool graphics_delete(struct graphics *graphics, const char *s, size_t n, struct complaint *why)
{
    char name[16];
    if (n == 7 && memcmp(s, "R:*.GRF", 7) == 0) {
        graphics_clear(graphics);
        return true;
    }
    if (!graphics_name(s, n, name, why))
        return false;
    int i = find(graphics, name);
    if (i >= 0)
        drop(graphics, i);
    return true;
}

void graphics_clear(struct graphics *graphics)
{
    while (graphics->count > 0)
        drop(graphics, 0);
}
