/* SPDX-License-Identifier: Apache-2.0 */
/* plate.c: a chunk's labels become one plate and patches.
 *
 * An element with the same content on every label is drawn once, on the plate. Any other is
 * drawn for each label; the dots that one of its pieces (a line of a text, a symbol) has on all
 * labels go to the plate after all, the rest are patches. As patches are ORed onto the plate,
 * what is where makes no difference to the label. */
#include "spooler/render/render-private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* One element's use in the chunk. */
struct use {
    const struct element *element;
    const struct drawn *first;
    size_t present;        /* on so many labels */
    bool same;             /* with one and the same content */
    struct pieces *pieces; /* of label 0.. when it differs, one entry a label */
    struct rect *clear;    /* the same, of a symbol */
    bool on_plate;
    size_t seen; /* 1 + the label that had it last */
};

struct chunk {
    struct canvas canvas;
    const struct label_doc *docs;
    size_t count;
    struct use *uses;
    size_t use_count, use_room;
};

static void chunk_free(struct chunk *chunk)
{
    for (size_t i = 0; i < chunk->use_count; i++) {
        struct use *use = &chunk->uses[i];
        size_t entries = use->on_plate ? 1 : chunk->count;
        for (size_t label = 0; use->pieces && label < entries; label++)
            pieces_free(&use->pieces[label]);
        free(use->pieces);
        free(use->clear);
    }
    free(chunk->uses);
}

static bool same_content(const struct drawn *a, const struct drawn *b)
{
    return a->content_len == b->content_len &&
           memcmp(a->content, b->content, a->content_len) == 0;
}

/* The use of an element; `hint` is where the label before had it. NULL: out of memory. */
static struct use *use_of(struct chunk *chunk, const struct element *element, size_t hint)
{
    for (size_t i = 0; i < chunk->use_count; i++) {
        struct use *use = &chunk->uses[(hint + i) % chunk->use_count];
        if (use->element == element)
            return use;
    }
    if (chunk->use_count == chunk->use_room) {
        size_t room = chunk->use_room ? chunk->use_room * 2 : 16;
        struct use *uses = realloc(chunk->uses, room * sizeof *uses);
        if (!uses)
            return NULL;
        chunk->uses = uses;
        chunk->use_room = room;
    }
    struct use *use = &chunk->uses[chunk->use_count++];
    *use = (struct use){.element = element, .same = true};
    return use;
}

static enum err gather(struct chunk *chunk)
{
    for (size_t label = 0; label < chunk->count; label++) {
        const struct label_doc *doc = &chunk->docs[label];
        for (size_t i = 0; i < doc->count; i++) {
            const struct drawn *drawn = &doc->drawn[i];
            struct use *use = use_of(chunk, drawn->element, i);
            if (!use)
                return ERR_NO_MEMORY;
            if (!use->first)
                use->first = drawn;
            else if (use->same)
                use->same = same_content(use->first, drawn);
            assert(use->seen != label + 1); /* a template's element is on a label once */
            use->seen = label + 1;
            use->present++;
        }
    }
    for (size_t i = 0; i < chunk->use_count; i++) {
        struct use *use = &chunk->uses[i];
        use->on_plate = use->same && use->present == chunk->count;
        size_t entries = use->on_plate ? 1 : chunk->count;
        use->pieces = calloc(entries, sizeof *use->pieces);
        use->clear = calloc(entries, sizeof *use->clear);
        if (!use->pieces || !use->clear)
            return ERR_NO_MEMORY;
    }
    return ERR_NONE;
}

/* Draws what all labels share, then what differs, label by label. Goes on to the end of a
 * label after a fault, so that a person sees all of that label's at once. */
static enum err draw_all(struct chunk *chunk)
{
    enum err err = ERR_NONE;
    for (size_t label = 0; label < chunk->count; label++) {
        const struct label_doc *doc = &chunk->docs[label];
        for (size_t i = 0; i < doc->count; i++) {
            struct use *use = use_of(chunk, doc->drawn[i].element, i);
            if (use->on_plate && label > 0)
                continue;
            enum err one = draw_element(&chunk->canvas, &doc->drawn[i], &use->pieces[label],
                                        &use->clear[label]);
            if (one && one != ERR_INPUT)
                return one;
            err = err ? err : one;
        }
        if (err)
            return err;
    }
    return ERR_NONE;
}

/* ---- what a symbol needs for itself stays empty -------------------------------- */

static bool black_inside(const struct piece *piece, const struct rect *area)
{
    struct rect ink = piece_rect(piece);
    if (!rects_meet(&ink, area))
        return false;
    int64_t right = area->x + area->width - ink.x, bottom = area->y + area->height - ink.y;
    for (int64_t y = area->y > ink.y ? area->y - ink.y : 0; y < ink.height && y < bottom; y++)
        for (int64_t x = area->x > ink.x ? area->x - ink.x : 0; x < ink.width && x < right; x++)
            if (bitmap_get(&piece->bits, (uint32_t)x, (uint32_t)y))
                return true;
    return false;
}

static enum err check_clear(const struct chunk *chunk, const struct use *symbol, size_t label)
{
    const struct rect *area = &symbol->clear[symbol->on_plate ? 0 : label];
    for (size_t i = 0; area->width > 0 && i < chunk->use_count; i++) {
        const struct use *other = &chunk->uses[i];
        if (other == symbol || (label > 0 && symbol->on_plate && other->on_plate))
            continue;
        const struct pieces *pieces = &other->pieces[other->on_plate ? 0 : label];
        for (size_t n = 0; n < pieces->count; n++)
            if (black_inside(&pieces->list[n], area))
                return findings_add(
                    chunk->canvas.findings, SEVERITY_ERROR, "quiet-zone",
                    element_place(symbol->element), NULL, NULL,
                    "the %s of line %llu, column %u, has dots in this symbol or its quiet zone",
                    element_place(other->element).field,
                    (unsigned long long)other->element->line, (unsigned)other->element->column);
    }
    return ERR_NONE;
}

/* An overprinted symbol does not scan: promise 10 is about the label, not about our drawing. */
static enum err check_symbols(const struct chunk *chunk)
{
    enum err err = ERR_NONE;
    for (size_t label = 0; label < chunk->count && !err; label++)
        for (size_t i = 0; i < chunk->use_count; i++) {
            enum err one = check_clear(chunk, &chunk->uses[i], label);
            err = err ? err : one;
        }
    return err;
}

/* ---- what goes on the plate ------------------------------------------------------ */

static void to_plate(struct bitmap *plate, const struct piece *piece)
{
    bitmap_or(plate, &piece->bits, piece->x_dots, piece->y_dots);
}

/* Every label has a piece of this index. */
static bool on_all(const struct chunk *chunk, const struct use *use, size_t index)
{
    for (size_t label = 0; label < chunk->count; label++)
        if (index >= use->pieces[label].count)
            return false;
    return true;
}

/* Cut to what is black; nothing black, no piece. */
static enum err crop_piece(struct piece *piece)
{
    uint32_t x, y, width, height;
    struct bitmap crop = {0};
    if (bitmap_bounds(&piece->bits, &x, &y, &width, &height)) {
        if (width == piece->bits.width_dots && height == piece->bits.height_dots)
            return ERR_NONE;
        enum err err = bitmap_crop(&piece->bits, x, y, width, height, &crop);
        if (err)
            return err;
        piece->x_dots += x;
        piece->y_dots += y;
    }
    bitmap_free(&piece->bits);
    piece->bits = crop;
    return ERR_NONE;
}

/* Dots that piece `index` has on every label go to the plate, and only the others stay in the
 * labels' pieces: of a number that counts up its last digits, of its symbol the bars that
 * change, of a line that is equal on all nothing. */
static enum err share_piece(const struct chunk *chunk, struct use *use, size_t index,
                            struct bitmap *plate)
{
    struct piece common = use->pieces[0].list[index];
    enum err err = bitmap_copy(&common.bits, &common.bits);
    if (err)
        return err;
    bool any = true;
    for (size_t label = 1; label < chunk->count && any; label++) {
        const struct piece *piece = &use->pieces[label].list[index];
        any = bitmap_and(&common.bits, &piece->bits, piece->x_dots - common.x_dots,
                         piece->y_dots - common.y_dots);
    }
    if (any)
        to_plate(plate, &common);
    for (size_t label = 0; label < chunk->count && any && !err; label++) {
        struct piece *piece = &use->pieces[label].list[index];
        bitmap_clear(&piece->bits, &common.bits, common.x_dots - piece->x_dots,
                     common.y_dots - piece->y_dots);
        err = crop_piece(piece);
    }
    bitmap_free(&common.bits);
    return err;
}

static enum err make_plate(struct chunk *chunk, struct bitmap *plate)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; i < chunk->use_count && !err; i++) {
        struct use *use = &chunk->uses[i];
        for (size_t n = 0; n < use->pieces[0].count && !err; n++) {
            if (use->on_plate)
                to_plate(plate, &use->pieces[0].list[n]);
            else if (on_all(chunk, use, n))
                err = share_piece(chunk, use, n, plate);
        }
    }
    return err;
}

/* Moves what is left of a label's pieces into its patches. */
static enum err make_patches(struct chunk *chunk, size_t label, struct rendered_label *out)
{
    size_t count = 0;
    for (size_t i = 0; i < chunk->use_count; i++)
        count += chunk->uses[i].on_plate ? 0 : chunk->uses[i].pieces[label].count;
    if (count == 0)
        return ERR_NONE;
    out->patches = calloc(count, sizeof *out->patches);
    if (!out->patches)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < chunk->use_count; i++) {
        struct use *use = &chunk->uses[i];
        for (size_t n = 0; !use->on_plate && n < use->pieces[label].count; n++) {
            struct piece *piece = &use->pieces[label].list[n];
            if (!piece->bits.bits)
                continue; /* is on the plate */
            out->patches[out->count++] =
                (struct patch){(uint32_t)piece->x_dots, (uint32_t)piece->y_dots, piece->bits};
            piece->bits = (struct bitmap){0};
        }
    }
    return ERR_NONE;
}

enum err render_chunk(struct renderer *renderer, const struct template *template,
                      const struct label_doc *docs, size_t count, uint32_t dots_per_m,
                      struct rendered *out, struct findings *findings)
{
    struct chunk chunk = {.docs = docs, .count = count};
    struct rendered made = {0};
    enum err err = canvas_make(renderer, template, dots_per_m, findings, &chunk.canvas);
    if (!err)
        err = gather(&chunk);
    if (!err)
        err = draw_all(&chunk);
    if (!err)
        err = check_symbols(&chunk);
    if (!err)
        err = bitmap_new((uint32_t)chunk.canvas.width_dots, (uint32_t)chunk.canvas.height_dots,
                         &made.plate);
    if (!err)
        err = make_plate(&chunk, &made.plate);
    if (!err) {
        made.labels = calloc(count ? count : 1, sizeof *made.labels);
        err = made.labels ? ERR_NONE : ERR_NO_MEMORY;
    }
    for (; !err && made.count < count; made.count++)
        err = make_patches(&chunk, made.count, &made.labels[made.count]);
    chunk_free(&chunk);
    if (err)
        rendered_free(&made);
    else
        *out = made;
    return err;
}

void rendered_free(struct rendered *rendered)
{
    if (!rendered)
        return;
    for (size_t i = 0; i < rendered->count; i++) {
        for (size_t n = 0; n < rendered->labels[i].count; n++)
            bitmap_free(&rendered->labels[i].patches[n].bits);
        free(rendered->labels[i].patches);
    }
    free(rendered->labels);
    bitmap_free(&rendered->plate);
    *rendered = (struct rendered){0};
}

enum err rendered_compose(const struct rendered *rendered, size_t index, struct bitmap *out)
{
    if (index >= rendered->count)
        return ERR_NOT_FOUND;
    struct bitmap label;
    enum err err = bitmap_copy(&rendered->plate, &label);
    if (err)
        return err;
    for (size_t n = 0; n < rendered->labels[index].count; n++) {
        const struct patch *patch = &rendered->labels[index].patches[n];
        bitmap_or(&label, &patch->bits, patch->x_dots, patch->y_dots);
    }
    *out = label;
    return ERR_NONE;
}
