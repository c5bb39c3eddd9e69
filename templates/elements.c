/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/elements.h"

#include "templates/ai-data.h"
#include "templates/ai-pairs.h"
#include "templates/font-spec.h"
#include "templates/images.h"
#include "templates/symbol-options.h"
#include "templates/symbology.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX_BYTES 4096

/* ---- one function a key ----------------------------------------------------------- */

static void read_content(struct loading *loading, const struct yaml_node *node,
                         struct shape *shape)
{
    const char *text = NULL;
    if (read_text(loading, node, "text", TEXT_MAX_BYTES, &text))
        program_compile(loading, node, text, strlen(text), PROGRAM_CONTENT, &shape->content);
}

static void read_symbology(struct loading *loading, const struct yaml_node *node,
                           struct shape *shape)
{
    shape->element.symbology = symbol_name_read(loading, node);
    if (shape->element.symbology)
        symbol_options_read(loading, shape->node, shape);
}

/* "0.25 mm", or where there is an inside "filled". */
static void read_stroke(struct loading *loading, const struct yaml_node *node,
                        struct shape *shape)
{
    shape->element.filled = shape->element.kind != ELEMENT_LINE && node->kind == YAML_SCALAR &&
                            strcmp(node->text, "filled") == 0;
    if (!shape->element.filled)
        read_mm(loading, node, "the stroke", 10, 50000, &shape->element.stroke_um);
}

static void read_at(struct loading *loading, const struct yaml_node *node, struct shape *shape)
{
    read_point(loading, node, "at", &shape->element.x_um, &shape->element.y_um);
}

static void read_to(struct loading *loading, const struct yaml_node *node, struct shape *shape)
{
    struct element *line = &shape->element;
    if (read_point(loading, node, "to", &line->to_x_um, &line->to_y_um) &&
        line->x_um == line->to_x_um && line->y_um == line->to_y_um)
        read_fault(loading, node, "bad-value", NULL, "another point than \"at\"",
                   "the line has no length");
}

static void read_anchor(struct loading *loading, const struct yaml_node *node,
                        struct shape *shape)
{
    static const struct choice anchors[] = {
        {"top-left", ANCHOR_TOP_LEFT},
        {"top-center", ANCHOR_TOP_CENTER},
        {"top-right", ANCHOR_TOP_RIGHT},
        {"center-left", ANCHOR_CENTER_LEFT},
        {"center", ANCHOR_CENTER},
        {"center-right", ANCHOR_CENTER_RIGHT},
        {"bottom-left", ANCHOR_BOTTOM_LEFT},
        {"bottom-center", ANCHOR_BOTTOM_CENTER},
        {"bottom-right", ANCHOR_BOTTOM_RIGHT},
        {"baseline-left", ANCHOR_BASELINE_LEFT},
        {"baseline-center", ANCHOR_BASELINE_CENTER},
        {"baseline-right", ANCHOR_BASELINE_RIGHT},
    };
    size_t count = sizeof anchors / sizeof anchors[0];
    int value = 0;
    if (shape->element.kind != ELEMENT_TEXT)
        count -= 3; /* only text has a baseline */
    if (read_choice(loading, node, "anchor", anchors, count, &value))
        shape->element.anchor = (enum anchor)value;
}

static void read_rotate(struct loading *loading, const struct yaml_node *node,
                        struct shape *shape)
{
    static const struct choice turns[] = {{"0", 0}, {"90", 90}, {"180", 180}, {"270", 270}};
    read_choice(loading, node, "rotate", turns, 4, &shape->element.rotate_degrees);
}

static void read_width(struct loading *loading, const struct yaml_node *node,
                       struct shape *shape)
{
    read_mm(loading, node, "width", 1, READ_MAX_UM, &shape->element.width_um);
}

static void read_height(struct loading *loading, const struct yaml_node *node,
                        struct shape *shape)
{
    read_mm(loading, node, "height", 1, READ_MAX_UM, &shape->element.height_um);
}

/* A condition is placeholders alone: words beside them would make it always true. */
static void check_when(struct loading *loading, const struct yaml_node *node, const char *text,
                       const struct program *when)
{
    for (size_t i = 0; i < when->count; i++) {
        if (when->steps[i].kind == STEP_TEXT && when->steps[i].len > 0) {
            read_fault(loading, node, "bad-value", text, "\"{field}\"",
                       "words in a condition make it always true");
            return;
        }
    }
}

static void read_when(struct loading *loading, const struct yaml_node *node,
                      struct shape *shape)
{
    const char *text = NULL;
    if (!read_text(loading, node, "when", TEXT_MAX_BYTES, &text))
        return;
    /* read_element made room for one more than the groups have */
    program_compile(loading, node, text, strlen(text), PROGRAM_WHEN,
                    &shape->whens[shape->when_count]);
    check_when(loading, node, text, &shape->whens[shape->when_count++]);
}

static void read_dither(struct loading *loading, const struct yaml_node *node,
                        struct shape *shape)
{
    static const struct choice ways[] = {{"threshold", DITHER_THRESHOLD},
                                         {"diffusion", DITHER_DIFFUSION}};
    int value = 0;
    if (read_choice(loading, node, "dither", ways, 2, &value))
        shape->element.dither = (enum dither)value;
}

static void read_threshold(struct loading *loading, const struct yaml_node *node,
                           struct shape *shape)
{
    int64_t percent = 50;
    if (shape->element.dither == DITHER_DIFFUSION)
        read_fault(loading, node, "contradiction", NULL, "dither: threshold",
                   "error diffusion has no threshold");
    else if (read_integer(loading, node, "threshold", 1, 99, &percent))
        shape->element.threshold_percent = (int)percent;
}

static void read_font(struct loading *loading, const struct yaml_node *node,
                      struct shape *shape)
{
    font_spec_read(loading, node, &shape->element);
}

static void read_fit(struct loading *loading, const struct yaml_node *node, struct shape *shape)
{
    fit_spec_read(loading, node, &shape->element);
}

static void read_module(struct loading *loading, const struct yaml_node *node,
                        struct shape *shape)
{
    read_mm(loading, node, "module", 50, 10000, &shape->element.module_um);
}

static void read_quiet(struct loading *loading, const struct yaml_node *node,
                       struct shape *shape)
{
    static const struct choice zones[] = {{"standard", 1}, {"none", 0}};
    int value = 1;
    if (read_choice(loading, node, "quiet", zones, 2, &value))
        shape->element.quiet = value;
}

static void read_hri(struct loading *loading, const struct yaml_node *node, struct shape *shape)
{
    static const struct choice places[] = {
        {"none", HRI_NONE}, {"below", HRI_BELOW}, {"above", HRI_ABOVE}};
    int value = 0;
    if (read_choice(loading, node, "hri", places, 3, &value))
        shape->element.hri = (enum hri)value;
}

static void read_data(struct loading *loading, const struct yaml_node *node,
                      struct shape *shape)
{
    const struct symbology *symbology =
        shape->element.symbology ? symbology_find(shape->element.symbology) : NULL;
    const char *text = NULL;
    if (!symbology)
        return; /* told already */
    if (node->kind == YAML_MAP && symbology->matrix)
        ai_data_read_link(loading, node, shape);
    else if (node->kind == YAML_MAP)
        read_fault(loading, node, "digital-link", symbology->name,
                   "qr, datamatrix or another matrix symbol without gs1-",
                   "a Digital Link is no data for this barcode");
    else if (symbology->ai)
        ai_data_read(loading, node, shape);
    else if (symbol_text_read(loading, node, shape, &text))
        program_compile(loading, node, text, strlen(text), PROGRAM_CONTENT, &shape->content);
    symbol_decimals_check(loading, node, shape);
}

/* ---- tables --------------------------------------------------------------------- */

#define TEXT    (1U << ELEMENT_TEXT)
#define BARCODE (1U << ELEMENT_BARCODE)
#define BOX     (1U << ELEMENT_BOX)
#define LINE    (1U << ELEMENT_LINE)
#define IMAGE   (1U << ELEMENT_IMAGE)
#define ELLIPSE (1U << ELEMENT_ELLIPSE)
/* What has a place of its own and can be turned. */
#define PLACED (TEXT | BARCODE | BOX | IMAGE | ELLIPSE)

/* A kind is named by the key that only it has. */
static const struct kind {
    const char *name;
    enum element_kind kind;
    void (*read)(struct loading *loading, const struct yaml_node *node, struct shape *shape);
} kinds[] = {
    {"text", ELEMENT_TEXT, read_content}, {"barcode", ELEMENT_BARCODE, read_symbology},
    {"image", ELEMENT_IMAGE, image_read}, {"box", ELEMENT_BOX, read_stroke},
    {"line", ELEMENT_LINE, read_stroke},  {"ellipse", ELEMENT_ELLIPSE, read_stroke},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* Read in this order: a line's end after its beginning, data after the symbology. */
static const struct {
    const char *name;
    unsigned kinds;    /* bits 1 << enum element_kind */
    unsigned required; /* of these kinds */
    const char *expected;
    void (*read)(struct loading *loading, const struct yaml_node *node, struct shape *shape);
} keys[] = {
    {"at", PLACED | LINE, PLACED | LINE, "at: [x, y]", read_at},
    {"to", LINE, LINE, "to: [x, y]", read_to},
    {"anchor", PLACED, 0, NULL, read_anchor},
    {"rotate", PLACED, 0, NULL, read_rotate},
    {"width", PLACED, BOX | ELLIPSE, "width: 20", read_width},
    {"height", PLACED, BOX | ELLIPSE, "height: 10", read_height},
    {"when", PLACED | LINE, 0, NULL, read_when},
    {"dither", IMAGE, 0, NULL, read_dither},
    {"threshold", IMAGE, 0, NULL, read_threshold},
    {"font", TEXT | BARCODE, 0, NULL, read_font},
    {"fit", TEXT, 0, NULL, read_fit},
    {"module", BARCODE, BARCODE, "module: 0.33 mm", read_module},
    {"quiet", BARCODE, 0, NULL, read_quiet},
    {"hri", BARCODE, 0, NULL, read_hri},
    {"data", BARCODE, BARCODE, "data: \"...\"", read_data},
    {"composite", BARCODE, 0, NULL, symbol_composite_read},
    /* read with the symbology, which decides what they may be */
    {"error_correction", BARCODE, 0, NULL, NULL},
    {"version", BARCODE, 0, NULL, NULL},
    {"size", BARCODE, 0, NULL, NULL},
    {"shape", BARCODE, 0, NULL, NULL},
    {"columns", BARCODE, 0, NULL, NULL},
    {"rows", BARCODE, 0, NULL, NULL},
    {"row_height", BARCODE, 0, NULL, NULL},
    {"check_digit", BARCODE, 0, NULL, NULL},
    {"bearer", BARCODE, 0, NULL, NULL},
    {"addon", BARCODE, 0, NULL, NULL},
    {"mode", BARCODE, 0, NULL, NULL},
    {"primary", BARCODE, 0, NULL, symbol_primary_check},
};
#define KEYS (sizeof keys / sizeof keys[0])

/* ---- an element ------------------------------------------------------------------ */

/* The key that says what an element is: of `kinds`, or "group". NULL, with a finding, when none
 * or more than one is there. */
static const char *find_kind(struct loading *loading, const struct yaml_node *node)
{
    const char *known[KINDS + KEYS + 1], *found = NULL;
    size_t errors = loading->findings->errors;
    for (size_t i = 0; i < KINDS; i++)
        known[i] = kinds[i].name;
    known[KINDS] = "group";
    for (size_t i = 0; i < KEYS; i++)
        known[KINDS + 1 + i] = keys[i].name;
    yaml_check_keys(loading->doc, node, loading->where, known, KINDS + 1 + KEYS,
                    loading->findings);
    for (size_t i = 0; i <= KINDS; i++) {
        if (!yaml_get(node, known[i]))
            continue;
        if (found) {
            read_fault(loading, node, "two-kinds", known[i], "one kind an element",
                       "the element is a %s and a %s", found, known[i]);
            return NULL;
        }
        found = known[i];
    }
    if (!found && errors == loading->findings->errors) { /* else the unknown key was its kind */
        char expected[400];
        read_list(expected, sizeof expected, known, KINDS + 1);
        read_fault(loading, node, "no-kind", NULL, expected,
                   "the element does not say what it is");
    }
    return found;
}

static void read_keys(struct loading *loading, const struct yaml_node *node,
                      const struct kind *kind, struct shape *shape)
{
    unsigned bit = 1U << kind->kind;
    for (size_t i = 0; i < KEYS; i++) {
        const struct yaml_node *value = yaml_get(node, keys[i].name);
        if (!value && (keys[i].required & bit))
            read_fault(loading, node, "missing-key", NULL, keys[i].expected,
                       "the %s has no key \"%s\"", kind->name, keys[i].name);
        else if (value && !(keys[i].kinds & bit))
            read_fault(loading, value, "key-not-for-kind", keys[i].name, NULL,
                       "a %s has no key \"%s\"", kind->name, keys[i].name);
        else if (value && keys[i].read)
            keys[i].read(loading, value, shape);
    }
}

static void add_worst(struct loading *loading, struct shape *shape)
{
    size_t bytes = shape->content.worst_bytes + 1;
    for (size_t i = 0; i < shape->when_count; i++)
        bytes += shape->whens[i].worst_bytes;
    for (size_t i = 0; i < shape->part_count; i++) /* three bytes a percent-encoded one */
        bytes += 8 + 3 * shape->parts[i].value.worst_bytes;
    loading->template->worst_bytes += bytes;
}

/* Groups are gone once a template is loaded: each element has the conditions of those around it
 * and lies where they move it. */
struct surroundings {
    const struct surroundings *around; /* NULL: the label itself */
    struct program when;
    bool conditional;
    int64_t x_um, y_um; /* added to places */
    char path[64];      /* "3.2.": what goes before an element's number */
};

static size_t conditions_around(const struct surroundings *around)
{
    size_t count = 0;
    for (; around; around = around->around)
        count += around->conditional;
    return count;
}

/* What stands around goes first; all fits: read_kind made room. */
static void add_conditions(const struct surroundings *around, struct shape *shape)
{
    if (!around)
        return;
    add_conditions(around->around, shape);
    if (around->conditional)
        shape->whens[shape->when_count++] = around->when;
}

static void move(struct element *element, const struct surroundings *around)
{
    element->x_um += around->x_um;
    element->y_um += around->y_um;
    if (element->kind == ELEMENT_LINE) {
        element->to_x_um += around->x_um;
        element->to_y_um += around->y_um;
    }
}

static void read_kind(struct loading *loading, const struct yaml_node *node,
                      const struct kind *kind, const struct surroundings *around,
                      struct shape *shape)
{
    shape->node = node;
    shape->element = (struct element){
        .kind = kind->kind,
        .line = node->line,
        .column = node->column,
        .width_um = -1,
        .height_um = -1,
        .font_style = "Regular",
        .font_mpt = 8000,
        .module_um = -1,
        .quiet = true,
        .threshold_percent = 50,
        .stroke_um = -1,
        .to_x_um = -1,
        .to_y_um = -1,
    };
    /* behind "element " */
    shape->number =
        pool_text(&loading->template->pool, loading->where + 8, strlen(loading->where) - 8);
    shape->whens = read_zalloc(loading, conditions_around(around) + 1, sizeof *shape->whens);
    loading->no_memory |= !shape->number;
    if (!shape->whens || !shape->number)
        return;
    add_conditions(around, shape);
    kind->read(loading, yaml_get(node, kind->name), shape);
    read_keys(loading, node, kind, shape);
    fit_spec_check(loading, node, &shape->element);
    image_check(loading, node, &shape->element);
    move(&shape->element, around);
    add_worst(loading, shape);
}

static void read_list_of(struct loading *loading, const struct yaml_node *list,
                         const struct surroundings *around);

static void read_group(struct loading *loading, const struct yaml_node *node,
                       const struct surroundings *around, struct surroundings *inside)
{
    static const char *const known[] = {"when", "at", "elements"};
    const struct yaml_node *group = yaml_get(node, "group"), *value;
    const char *text = NULL;
    if (node->count > 1)
        read_fault(loading, node, "key-not-for-kind", NULL, "group: {when: ..., elements: ...}",
                   "what belongs to a group stands inside of it");
    if (group->kind != YAML_MAP) {
        read_fault(loading, group, "bad-value", group->text, "{when: ..., elements: [...]}",
                   "a group is described by a map");
        return;
    }
    yaml_check_keys(loading->doc, group, loading->where, known, 3, loading->findings);
    if ((value = yaml_get(group, "when")) &&
        read_text(loading, value, "when", TEXT_MAX_BYTES, &text)) {
        program_compile(loading, value, text, strlen(text), PROGRAM_WHEN, &inside->when);
        check_when(loading, value, text, &inside->when);
        inside->conditional = true;
    }
    inside->x_um = inside->y_um = 0;
    if ((value = yaml_get(group, "at")))
        read_point(loading, value, "at", &inside->x_um, &inside->y_um);
    inside->x_um += around->x_um;
    inside->y_um += around->y_um;
    if ((value = yaml_get(group, "elements")))
        read_list_of(loading, value, inside);
    else
        read_fault(loading, group, "missing-key", NULL, "elements: [...]",
                   "the group has no elements");
}

static void read_element(struct loading *loading, const struct yaml_node *node, size_t number,
                         const struct surroundings *around)
{
    struct template *template = loading->template;
    char name[96];
    snprintf(name, sizeof name, "%s%zu", around->path, number);
    read_where(loading, "element %s", name);
    if (node->kind != YAML_MAP) {
        read_fault(loading, node, "bad-value", node->text, "{text: ..., at: [x, y], ...}",
                   "an element is described by a map");
        return;
    }
    const char *found = find_kind(loading, node);
    if (found && strcmp(found, "group") == 0) {
        struct surroundings inside = {.around = around};
        snprintf(inside.path, sizeof inside.path, "%.61s.", name);
        read_group(loading, node, around, &inside);
        return;
    }
    for (size_t i = 0; found && i < KINDS; i++)
        if (kinds[i].name == found)
            read_kind(loading, node, &kinds[i], around,
                      &template->shapes[template->shape_count++]);
}

/* As deep as YAML_MAX_DEPTH lets lists be nested. */
static void read_list_of(struct loading *loading, const struct yaml_node *list,
                         const struct surroundings *around)
{
    if (list->kind != YAML_LIST || list->count == 0) {
        read_fault(loading, list, "bad-value", NULL, "a list of elements",
                   "elements cannot be read");
        return;
    }
    for (size_t i = 0; i < list->count && !loading->no_memory; i++)
        read_element(loading, list->items[i], i + 1, around);
}

/* Elements in a list and in its groups; groups themselves do not count. */
static size_t count_elements(const struct yaml_node *list)
{
    size_t count = 0;
    for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count; i++) {
        const struct yaml_node *item = list->items[i];
        const struct yaml_node *group = item->kind == YAML_MAP ? yaml_get(item, "group") : NULL;
        count +=
            group && group->kind == YAML_MAP ? count_elements(yaml_get(group, "elements")) : 1;
    }
    return count;
}

void elements_read(struct loading *loading, const struct yaml_node *node)
{
    struct template *template = loading->template;
    const struct surroundings label = {.around = NULL};
    size_t count = count_elements(node);
    if (count > TEMPLATE_MAX_ELEMENTS) {
        char got[32];
        snprintf(got, sizeof got, "%zu elements", count);
        read_fault(loading, node, "too-many", got, "a list of 1 to 500 elements",
                   "elements cannot be read");
        return;
    }
    template->shapes = read_zalloc(loading, count + 1, sizeof *template->shapes);
    if (!template->shapes)
        return;
    read_list_of(loading, node, &label);
    loading->where[0] = 0;
    ai_pairs_check(loading);
    if (template->worst_bytes > LABEL_MAX_BYTES)
        read_fault(loading, node, "label-too-large", NULL,
                   "fewer elements, or a max for fields",
                   "one label's texts could take %zu bytes, more than %d",
                   template->worst_bytes, LABEL_MAX_BYTES);
}
