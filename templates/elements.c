/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/elements.h"

#include "templates/ai-data.h"
#include "templates/font-spec.h"
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

/* "0.25 mm", or for a box "filled". */
static void read_stroke(struct loading *loading, const struct yaml_node *node,
                        struct shape *shape)
{
    shape->element.filled = shape->element.kind == ELEMENT_BOX && node->kind == YAML_SCALAR &&
                            strcmp(node->text, "filled") == 0;
    if (!shape->element.filled)
        read_mm(loading, node, shape->element.kind == ELEMENT_BOX ? "box" : "line", 10, 50000,
                &shape->element.stroke_um);
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

static void read_when(struct loading *loading, const struct yaml_node *node,
                      struct shape *shape)
{
    const char *text = NULL;
    if (!read_text(loading, node, "when", TEXT_MAX_BYTES, &text))
        return;
    program_compile(loading, node, text, strlen(text), PROGRAM_WHEN, &shape->when);
    shape->conditional = true;
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

/* A kind is named by the key that only it has. */
static const struct kind {
    const char *name;
    enum element_kind kind;
    bool supported;
    void (*read)(struct loading *loading, const struct yaml_node *node, struct shape *shape);
} kinds[] = {
    {"text", ELEMENT_TEXT, true, read_content},
    {"barcode", ELEMENT_BARCODE, true, read_symbology},
    {"box", ELEMENT_BOX, true, read_stroke},
    {"line", ELEMENT_LINE, true, read_stroke},
    {"image", ELEMENT_IMAGE, false, NULL},
    {"ellipse", ELEMENT_BOX, false, NULL},
    {"group", ELEMENT_BOX, false, NULL},
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
    {"at", TEXT | BARCODE | BOX | LINE, TEXT | BARCODE | BOX | LINE, "at: [x, y]", read_at},
    {"to", LINE, LINE, "to: [x, y]", read_to},
    {"anchor", TEXT | BARCODE | BOX, 0, NULL, read_anchor},
    {"rotate", TEXT | BARCODE | BOX, 0, NULL, read_rotate},
    {"width", TEXT | BARCODE | BOX, BOX, "width: 20", read_width},
    {"height", TEXT | BARCODE | BOX, BOX, "height: 10", read_height},
    {"when", TEXT | BARCODE | BOX | LINE, 0, NULL, read_when},
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

/* NULL, with a finding, when no kind or more than one is named. */
static const struct kind *find_kind(struct loading *loading, const struct yaml_node *node)
{
    const struct kind *found = NULL;
    const char *known[KINDS + KEYS];
    size_t errors = loading->findings->errors;
    for (size_t i = 0; i < KINDS; i++)
        known[i] = kinds[i].name;
    for (size_t i = 0; i < KEYS; i++)
        known[KINDS + i] = keys[i].name;
    yaml_check_keys(loading->doc, node, loading->where, known, KINDS + KEYS, loading->findings);
    for (size_t i = 0; i < KINDS; i++) {
        if (!yaml_get(node, kinds[i].name))
            continue;
        if (found) {
            read_fault(loading, node, "two-kinds", kinds[i].name, "one kind an element",
                       "the element is a %s and a %s", found->name, kinds[i].name);
            return NULL;
        }
        found = &kinds[i];
    }
    if (!found && errors == loading->findings->errors) /* else the unknown key was its kind */
        read_fault(loading, node, "no-kind", NULL, "text | barcode | box | line",
                   "the element does not say what it is");
    if (found && !found->supported) {
        read_fault(loading, yaml_get(node, found->name), "not-in-version", found->name,
                   "text | barcode | box | line", "this version has no such element");
        return NULL;
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
    size_t bytes = shape->content.worst_bytes + shape->when.worst_bytes + 1;
    for (size_t i = 0; i < shape->part_count; i++) /* three bytes a percent-encoded one */
        bytes += 8 + 3 * shape->parts[i].value.worst_bytes;
    loading->template->worst_bytes += bytes;
}

static void read_element(struct loading *loading, const struct yaml_node *node,
                         struct shape *shape)
{
    if (node->kind != YAML_MAP) {
        read_fault(loading, node, "bad-value", node->text, "{text: ..., at: [x, y], ...}",
                   "an element is described by a map");
        return;
    }
    const struct kind *kind = find_kind(loading, node);
    if (!kind)
        return;
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
        .stroke_um = -1,
        .to_x_um = -1,
        .to_y_um = -1,
    };
    kind->read(loading, yaml_get(node, kind->name), shape);
    read_keys(loading, node, kind, shape);
    fit_spec_check(loading, node, &shape->element);
    add_worst(loading, shape);
}

void elements_read(struct loading *loading, const struct yaml_node *node)
{
    struct template *template = loading->template;
    if (node->kind != YAML_LIST || node->count == 0 || node->count > TEMPLATE_MAX_ELEMENTS) {
        read_fault(loading, node,
                   node->count > TEMPLATE_MAX_ELEMENTS ? "too-many" : "bad-value", NULL,
                   "a list of 1 to 500 elements", "elements cannot be read");
        return;
    }
    template->shapes = read_zalloc(loading, node->count, sizeof *template->shapes);
    if (!template->shapes)
        return;
    template->shape_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        template->shapes[i].node = node->items[i];
        read_where(loading, "element %zu", i + 1);
        read_element(loading, node->items[i], &template->shapes[i]);
    }
    loading->where[0] = 0;
    ai_data_check_pairs(loading);
    if (template->worst_bytes > LABEL_MAX_BYTES)
        read_fault(loading, node, "label-too-large", NULL,
                   "fewer elements, or a max for fields",
                   "one label's texts could take %zu bytes, more than %d",
                   template->worst_bytes, LABEL_MAX_BYTES);
}
