/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/glyph.h"

#include FT_MODULE_H
#include FT_SYSTEM_H

#include <stdlib.h>
#include <string.h>

/* A template uses a few hundred glyphs; a power of two. */
#define GLYPH_SLOTS 4096

struct slot {
    FT_Face face; /* NULL = empty */
    int32_t size_26_6;
    uint32_t index;
    struct glyph glyph;
};

struct glyphs {
    struct FT_MemoryRec_ memory;
    FT_Library library;
    struct slot slots[GLYPH_SLOTS];
    size_t used;
};

static void *ft_alloc(FT_Memory memory, long size)
{
    (void)memory; /* FreeType's signature */
    return malloc((size_t)size);
}

static void ft_free(FT_Memory memory, void *block)
{
    (void)memory; /* FreeType's signature */
    free(block);
}

static void *ft_realloc(FT_Memory memory, long old_size, long new_size, void *block)
{
    (void)memory; /* FreeType's signature */
    (void)old_size;
    return realloc(block, (size_t)new_size);
}

enum err glyphs_new(struct glyphs **out, struct why *why)
{
    struct glyphs *glyphs = calloc(1, sizeof *glyphs);
    if (!glyphs)
        return err_set(why, ERR_NO_MEMORY, "out of memory for glyphs");
    glyphs->memory = (struct FT_MemoryRec_){NULL, ft_alloc, ft_free, ft_realloc};
    /* FT_Init_FreeType() would obey FREETYPE_PROPERTIES in the environment. */
    if (FT_New_Library(&glyphs->memory, &glyphs->library) != 0) {
        free(glyphs);
        return err_set(why, ERR_NO_MEMORY, "FreeType does not start");
    }
    FT_Add_Default_Modules(glyphs->library);
    *out = glyphs;
    return ERR_NONE;
}

void glyphs_forget(struct glyphs *glyphs)
{
    for (size_t i = 0; i < GLYPH_SLOTS; i++)
        bitmap_free(&glyphs->slots[i].glyph.bits);
    memset(glyphs->slots, 0, sizeof glyphs->slots);
    glyphs->used = 0;
}

void glyphs_version(const struct glyphs *glyphs, int out[static 3])
{
    FT_Library_Version(glyphs->library, &out[0], &out[1], &out[2]);
}

void glyphs_free(struct glyphs *glyphs)
{
    if (!glyphs)
        return;
    glyphs_forget(glyphs);
    (void)FT_Done_Library(glyphs->library); /* fails only for a NULL library */
    free(glyphs);
}

enum err glyphs_open(struct glyphs *glyphs, const char *file, int index, FT_Face *out,
                     struct why *why)
{
    FT_Error error = FT_New_Face(glyphs->library, file, index, out);
    if (error)
        return err_set(why, ERR_SYSTEM, "font file %s does not open (FreeType error %d)", file,
                       error);
    return ERR_NONE;
}

/* FreeType's mono bitmaps have our bit order; only the stride may differ. */
static enum err take_bitmap(FT_GlyphSlot slot, struct glyph *out)
{
    const FT_Bitmap *ft = &slot->bitmap;
    /* 26.6, rounded by the hinter; and 16.16, of the outline */
    int64_t hinted = (slot->advance.x + 32) >> 6;
    int64_t plain = (slot->linearHoriAdvance + 0x8000) >> 16;
    *out = (struct glyph){.left = slot->bitmap_left,
                          .top = -(int64_t)slot->bitmap_top,
                          .advance_more = hinted - plain};
    if (ft->width == 0 || ft->rows == 0)
        return ERR_NONE;
    if (ft->pixel_mode != FT_PIXEL_MODE_MONO || ft->pitch < 0)
        return ERR_SYSTEM;
    enum err err = bitmap_new(ft->width, ft->rows, &out->bits);
    if (err)
        return err;
    uint8_t last_mask = (uint8_t)(0xff << (7 - (ft->width - 1) % 8));
    for (uint32_t row = 0; row < ft->rows; row++) {
        uint8_t *to = out->bits.bits + row * out->bits.stride;
        memcpy(to, ft->buffer + (size_t)row * (size_t)ft->pitch, out->bits.stride);
        to[out->bits.stride - 1] &= last_mask;
    }
    out->has_ink = true;
    return ERR_NONE;
}

static enum err draw_glyph(FT_Face face, int32_t size_26_6, uint32_t index, struct glyph *out)
{
    if (FT_Set_Char_Size(face, 0, size_26_6, 72, 72) != 0)
        return ERR_SYSTEM;
    /* Hinted for one bit, by the font's own program or FreeType's autohinter. Looked at with
     * Vietnamese text at 8 and 12 dots a mm: hinted, all stems of Roboto are two dots from 6.5
     * pt on and the tilde over a circumflex is a wave from 7 pt on; unhinted, stems of one and
     * two dots alternate within a word ("phim") and that tilde is a bar. */
    if (FT_Load_Glyph(face, index, FT_LOAD_TARGET_MONO | FT_LOAD_NO_BITMAP) != 0)
        return ERR_SYSTEM;
    if (FT_Render_Glyph(face->glyph, FT_RENDER_MODE_MONO) != 0)
        return ERR_SYSTEM;
    return take_bitmap(face->glyph, out);
}

enum err glyphs_get(struct glyphs *glyphs, FT_Face face, int32_t size_26_6, uint32_t index,
                    const struct glyph **out)
{
    uint64_t hash = (uint64_t)(uintptr_t)face >> 4;
    hash = (hash * 0x9e3779b97f4a7c15u) ^ (uint32_t)size_26_6;
    hash = (hash * 0x9e3779b97f4a7c15u) ^ index;
    size_t at = (size_t)(hash * 0x9e3779b97f4a7c15u >> 52) % GLYPH_SLOTS;
    for (;; at = (at + 1) % GLYPH_SLOTS) {
        struct slot *slot = &glyphs->slots[at];
        if (!slot->face)
            break;
        if (slot->face == face && slot->size_26_6 == size_26_6 && slot->index == index) {
            *out = &slot->glyph;
            return ERR_NONE;
        }
    }
    struct glyph glyph;
    enum err err = draw_glyph(face, size_26_6, index, &glyph);
    if (err)
        return err;
    if (glyphs->used >= GLYPH_SLOTS / 4 * 3) {
        glyphs_forget(glyphs);
        at = (size_t)(hash * 0x9e3779b97f4a7c15u >> 52) % GLYPH_SLOTS;
    }
    glyphs->used++;
    glyphs->slots[at] = (struct slot){face, size_26_6, index, glyph};
    *out = &glyphs->slots[at].glyph;
    return ERR_NONE;
}
