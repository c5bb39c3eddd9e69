/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/quality.h"

#include "spooler/render/barcode.h"
#include "spooler/render/quality-private.h"
#include "spooler/render/render-private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stroke made by one heating element of a 203 dpi head: one weak element, and it has gaps. */
#define THIN_STROKE_UM 150
/* Rounding of this many thousandths is a head's nature; from the second on it is worth a look,
 * when it makes the module smaller. */
#define ROUNDED_PERMILLE 20
#define SMALLER_PERMILLE 100

/* ---- what needs no data ------------------------------------------------------------ */

/* The whole-dot modules next to what was asked for, for whoever mends the template. */
static void check_rounding(const struct measuring *m, const struct element *element,
                           int64_t dots)
{
    uint32_t dpm = m->canvas.dots_per_m;
    int64_t permille = dots * 1000000000 / dpm / element->module_um - 1000;
    int64_t below = element->module_um * dpm / 1000000;
    int64_t size = permille < 0 ? -permille : permille;
    char expected[320];
    if (size < ROUNDED_PERMILLE)
        return;
    snprintf(expected, sizeof expected, "module: %s%s%s",
             below > 0 ? dots_text(below, dpm).text : "", below > 0 ? " or " : "",
             dots_text(below + 1, dpm).text);
    findings_add(
        m->findings, permille <= -SMALLER_PERMILLE ? SEVERITY_WARNING : SEVERITY_NOTE,
        "module-rounded", element_place(element), mm_text(element->module_um).text, expected,
        "the module is printed as %s, %" PRId64 ".%" PRId64 "%% %s than asked for",
        dots_text(dots, dpm).text, size / 10, size % 10, permille < 0 ? "smaller" : "larger");
}

/* The check of the template refuses it; this names the nearest that it would take. */
static void check_legal(const struct measuring *m, const struct element *element,
                        const struct barcode_kind *kind, int64_t dots, bool *legal)
{
    uint32_t dpm = m->canvas.dots_per_m;
    int64_t low = (kind->min_um * dpm + 999999) / 1000000, high = kind->max_um * dpm / 1000000;
    int64_t um = quality_um(dots, dpm), near = dots < low ? low : high;
    *legal = um >= kind->min_um - 1 && um <= kind->max_um + 1;
    if (*legal || low > high)
        return;
    findings_add(m->findings, SEVERITY_NOTE, "legal-module", element_place(element), NULL, NULL,
                 "module: %s is the nearest that %s takes here", dots_text(near, dpm).text,
                 kind->name);
}

/* Bars across the feed are smeared by the heat that the head keeps from line to line. */
static void check_ladder(const struct measuring *m, const struct element *element,
                         const struct barcode_kind *kind)
{
    if (kind->shape != SHAPE_BARS || element->rotate_degrees % 180 == 0)
        return;
    findings_add(m->findings, SEVERITY_NOTE, "ladder-bars", element_place(element), NULL,
                 "rotate: 0 or 180, or a slow printer",
                 "the bars lie across the feed, where heat smears their edges");
}

static void check_stroke(const struct measuring *m, const struct element *element)
{
    uint32_t dpm = m->canvas.dots_per_m;
    int64_t dots = dots_from_um(element->stroke_um, dpm), wide = 1;
    bool solid = element->kind != ELEMENT_LINE && element->filled;
    dots = dots > 0 ? dots : 1;
    while (quality_um(wide, dpm) < THIN_STROKE_UM)
        wide++;
    if (solid || dots >= wide)
        return;
    findings_add(m->findings, SEVERITY_NOTE, "thin-stroke", element_place(element),
                 dots_text(dots, dpm).text, dots_text(wide, dpm).text,
                 "the stroke is thin: it may print with gaps");
}

/* ---- symbols ----------------------------------------------------------------------- */

/* Quiet zone of a side of the label in modules: the symbol's left is its label's top when it is
 * turned by 90 degrees. */
static int64_t quiet_modules(const struct barcode_kind *kind, int degrees, int side)
{
    const int64_t own[SIDES] = {kind->quiet_left, kind->quiet_rows, kind->quiet_right,
                                kind->quiet_rows};
    return own[(side + SIDES - degrees / 90) % SIDES];
}

/* Which side of a symbol a dot lies on and how far from it. A dot beside the symbol and its
 * quiet zone counts across, one above or below it down; one in a corner of the zone, which is a
 * square, as the farther of both. false: neither, or inside of the symbol. */
static bool side_of(const struct rect *body, const struct rect *zone, int64_t x, int64_t y,
                    int *side, int64_t *dots)
{
    int64_t right = body->x + body->width, bottom = body->y + body->height;
    int64_t across = x < body->x ? body->x - x : x >= right ? x - right + 1 : 0;
    int64_t down = y < body->y ? body->y - y : y >= bottom ? y - bottom + 1 : 0;
    bool beside = y >= zone->y && y < zone->y + zone->height;
    bool over = x >= zone->x && x < zone->x + zone->width;
    if ((across == 0 && down == 0) || (!beside && !over))
        return false;
    bool sideways = beside && (!over || across >= down);
    if (sideways)
        *side = x < body->x ? SIDE_LEFT : SIDE_RIGHT;
    else
        *side = y < body->y ? SIDE_TOP : SIDE_BOTTOM;
    *dots = (sideways ? across : down) - 1;
    return true;
}

/* What one element's ink leaves free round a symbol. */
struct looking {
    const struct rect *body, *zone;
    int64_t free_dots[SIDES]; /* by what was looked at so far */
    struct quality_symbol *symbol;
};

static void look_at_dots(struct looking *looking, const struct piece *piece,
                         const struct element *element, const struct rect *part)
{
    for (int64_t y = part->y; y < part->y + part->height; y++) {
        for (int64_t x = part->x; x < part->x + part->width; x++) {
            int64_t dots;
            int at;
            if (!bitmap_get(&piece->bits, (uint32_t)(x - piece->x_dots),
                            (uint32_t)(y - piece->y_dots)) ||
                !side_of(looking->body, looking->zone, x, y, &at, &dots) ||
                dots >= looking->free_dots[at])
                continue;
            looking->free_dots[at] = dots;
            looking->symbol->sides[at].line = element->line;
            looking->symbol->sides[at].column = element->column;
        }
    }
}

/* Only what is nearer than the nearest so far: a strip along each side, which soon is narrow.
 * On a label full of ink all dots of all pairs of elements would be minutes of work. */
static void look_at_piece(struct looking *looking, const struct piece *piece,
                          const struct element *element)
{
    const struct rect *body = looking->body, *zone = looking->zone, ink = piece_rect(piece);
    for (int side = 0; side < SIDES; side++) {
        int64_t free_dots = looking->free_dots[side];
        const struct rect strips[SIDES] = {
            [SIDE_LEFT] = {body->x - free_dots, zone->y, free_dots, zone->height},
            [SIDE_TOP] = {zone->x, body->y - free_dots, zone->width, free_dots},
            [SIDE_RIGHT] = {body->x + body->width, zone->y, free_dots, zone->height},
            [SIDE_BOTTOM] = {zone->x, body->y + body->height, zone->width, free_dots},
        };
        struct rect part = rects_common(&strips[side], &ink);
        look_at_dots(looking, piece, element, &part);
    }
}

/* The first piece of a symbol is the symbol; the others are its human-readable interpretation.
 */
static void measure_sides(const struct measuring *m, const struct ink *ink,
                          const struct barcode_kind *kind, struct quality_symbol *symbol)
{
    struct rect body = piece_rect(&ink->pieces.list[0]);
    const struct canvas *canvas = &m->canvas;
    int64_t needed[SIDES];
    for (int side = 0; side < SIDES; side++)
        needed[side] =
            quiet_modules(kind, symbol->element->rotate_degrees, side) * symbol->module_dots;
    struct rect zone = {body.x - needed[SIDE_LEFT], body.y - needed[SIDE_TOP],
                        body.width + needed[SIDE_LEFT] + needed[SIDE_RIGHT],
                        body.height + needed[SIDE_TOP] + needed[SIDE_BOTTOM]};
    struct looking looking = {
        .body = &body,
        .zone = &zone,
        .free_dots = {body.x, body.y, canvas->width_dots - body.x - body.width,
                      canvas->height_dots - body.y - body.height},
        .symbol = symbol,
    };
    for (size_t i = 0; i < m->count; i++) {
        const struct ink *other = &m->inks[i];
        for (size_t n = 0; other != ink && n < other->pieces.count; n++)
            look_at_piece(&looking, &other->pieces.list[n], other->drawn->element);
    }
    for (int side = 0; side < SIDES; side++) {
        symbol->sides[side].needed_um = quality_um(needed[side], canvas->dots_per_m);
        symbol->sides[side].free_um = quality_um(looking.free_dots[side], canvas->dots_per_m);
    }
}

/* A symbol that keeps its quiet zone on the label may lose it when the label shifts; one that
 * was told to keep none may not have any. */
static void check_sides(const struct measuring *m, const struct quality_symbol *symbol)
{
    const struct element *element = symbol->element;
    for (int i = 0; i < SIDES; i++) {
        const struct quality_side *side = &symbol->sides[i];
        if (!element->quiet && side->free_um < side->needed_um)
            findings_add(m->findings, SEVERITY_WARNING, "no-quiet-zone", element_place(element),
                         mm_text(side->free_um).text, mm_text(side->needed_um).text,
                         "`quiet: none` leaves too little empty on the symbol's %s",
                         quality_side_names[i]);
        else if (side->needed_um > 0 && side->line == 0 &&
                 side->free_um - side->needed_um < EDGE_UM)
            findings_add(m->findings, SEVERITY_NOTE, "quiet-zone-at-edge",
                         element_place(element), mm_text(side->free_um).text,
                         mm_text(side->needed_um + EDGE_UM).text,
                         "the quiet zone ends at the label's %s edge: labels shift",
                         quality_side_names[i]);
    }
}

static void measure_symbol(const struct measuring *m, const struct ink *ink,
                           const struct barcode_kind *kind, struct quality_symbol *symbol)
{
    uint32_t dpm = m->canvas.dots_per_m;
    struct rect body = piece_rect(&ink->pieces.list[0]);
    bool upright = symbol->element->rotate_degrees % 180 == 0;
    int64_t width = upright ? body.width : body.height;
    int64_t height = upright ? body.height : body.width;
    symbol->drawn = true;
    symbol->columns = width / symbol->module_dots;
    symbol->rows = kind->shape == SHAPE_BARS ? 0 : height / symbol->module_dots;
    symbol->width_um = quality_um(width, dpm);
    symbol->height_um = quality_um(height, dpm);
    measure_sides(m, ink, kind, symbol);
}

static void check_symbol(const struct measuring *m, const struct element *element,
                         struct quality_symbol *symbol)
{
    const struct barcode_kind *kind = barcode_kind_find(element->symbology);
    const struct drawn *drawn = quality_drawn(m->doc, element);
    *symbol = (struct quality_symbol){.element = element};
    int64_t dots = dots_from_um(element->module_um, m->canvas.dots_per_m);
    if (!kind || element->module_um < 1 || dots < 1)
        return;
    symbol->module_dots = dots;
    symbol->module_um = quality_um(dots, m->canvas.dots_per_m);
    symbol->range = quality_gs1_range(m, element);
    bool legal;
    check_legal(m, element, kind, dots, &legal);
    check_ladder(m, element, kind);
    if (legal)
        check_rounding(m, element, dots);
    if (legal && symbol->range)
        quality_check_gs1_module(m, symbol);
    for (size_t i = 0; i < m->count; i++) {
        if (m->inks[i].drawn != drawn || m->inks[i].pieces.count == 0)
            continue;
        measure_symbol(m, &m->inks[i], kind, symbol);
        check_sides(m, symbol);
        if (symbol->range)
            quality_check_gs1_size(m, symbol);
    }
}

/* ---- all of it ----------------------------------------------------------------------- */

static enum err draw_inks(struct measuring *m)
{
    enum err err = ERR_NONE;
    if (!m->doc)
        return ERR_NONE;
    m->inks = calloc(m->doc->count + 1, sizeof *m->inks);
    if (!m->inks)
        return ERR_NO_MEMORY;
    for (size_t i = 0; !err && i < m->doc->count; i++) {
        struct ink *ink = &m->inks[m->count];
        struct findings told; /* render_check_label() tells them */
        findings_init(&told);
        m->canvas.findings = &told;
        ink->drawn = &m->doc->drawn[i];
        err = draw_element(&m->canvas, ink->drawn, &ink->pieces, &ink->clear);
        if (!err)
            m->count++;
        else if (err == ERR_INPUT) {
            quality_mend(m, ink->drawn, &told);
            err = ERR_NONE;
        }
        findings_clear(&told);
    }
    m->canvas.findings = m->findings;
    return err;
}

static enum err check_all(struct measuring *m, struct quality *out)
{
    size_t count = template_element_count(m->template);
    out->symbols = calloc(count + 1, sizeof *out->symbols);
    if (!out->symbols)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct element *element = template_element(m->template, i);
        if (element->kind == ELEMENT_BARCODE)
            check_symbol(m, element, &out->symbols[out->count++]);
        if (element_is_shape(element->kind))
            check_stroke(m, element);
    }
    quality_check_inks(m);
    return ERR_NONE;
}

enum err render_quality(struct renderer *renderer, const struct template *template,
                        const struct label_doc *doc, uint32_t dots_per_m, const char *use,
                        struct quality *out, struct findings *findings)
{
    struct measuring m = {.template = template, .doc = doc, .use = use, .findings = findings};
    struct findings told;
    *out = (struct quality){0};
    findings_init(&told);
    enum err err = canvas_make(renderer, template, dots_per_m, &told, &m.canvas);
    findings_clear(&told);
    if (err)
        return err == ERR_INPUT ? ERR_NONE : err; /* larger than any head: told by the checks */
    err = draw_inks(&m);
    if (!err)
        err = check_all(&m, out);
    for (size_t i = 0; i < m.count; i++)
        pieces_free(&m.inks[i].pieces);
    free(m.inks);
    if (err)
        quality_free(out);
    return err;
}

void quality_free(struct quality *quality)
{
    free(quality->symbols);
    *quality = (struct quality){0};
}
