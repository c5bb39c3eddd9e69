/* SPDX-License-Identifier: Apache-2.0 */
/* template.c: loading a template, and what its head says. */
#include "templates/template.h"

#include "spooler/base/durable.h"
#include "spooler/base/utf8.h"
#include "templates/elements.h"
#include "templates/fields.h"
#include "templates/images.h"
#include "templates/read.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES  64
#define TITLE_MAX_BYTES 400
#define FONTS_MAX       16
#define PIECES_MAX      100
#define SIZE_MIN_UM     1000

/* ---- the head ---------------------------------------------------------------------- */

static void read_version(struct loading *loading, const struct yaml_node *node)
{
    int64_t version = 0;
    read_integer(loading, node, "tem", 1, 1, &version);
}

/* A name becomes a part of paths and of URIs. */
static void read_name(struct loading *loading, const struct yaml_node *node)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    const char *name = NULL;
    if (!read_text(loading, node, "name", NAME_MAX_BYTES, &name))
        return;
    if (strspn(name, allowed) != strlen(name) || strchr("-_.", name[0]))
        read_fault(loading, node, "bad-name", name, "a-z, 0-9, and - _ . inside",
                   "not a template's name");
    else
        loading->template->name = name;
}

static void read_title(struct loading *loading, const struct yaml_node *node)
{
    read_line(loading, node, "title", TITLE_MAX_BYTES, &loading->template->title);
}

static void read_size(struct loading *loading, const struct yaml_node *node)
{
    static const char expected[] = "WIDTH x HEIGHT mm, such as 50 x 30 mm, up to 1365 mm";
    const char *text = NULL;
    if (!read_text(loading, node, "size", 64, &text))
        return;
    size_t width_len = strcspn(text, " x");
    size_t at = width_len + strspn(text + width_len, " ");
    bool good = text[at] == 'x';
    at += good;
    at += strspn(text + at, " ");
    size_t height_len = strcspn(text + at, " m");
    size_t unit = at + height_len + strspn(text + at + height_len, " ");
    int64_t width = 0, height = 0;
    good = good && parse_thousandths(text, width_len, &width) &&
           parse_thousandths(text + at, height_len, &height) &&
           (strcmp(text + unit, "mm") == 0 || text[unit] == 0);
    if (!good || width < SIZE_MIN_UM || height < SIZE_MIN_UM || width > READ_MAX_UM ||
        height > READ_MAX_UM) {
        read_fault(loading, node, "bad-size", text, expected, "not a label's size");
        return;
    }
    loading->template->width_um = width;
    loading->template->height_um = height;
}

static void read_close(struct loading *loading, const struct yaml_node *node)
{
    static const struct choice choices[] = {
        {"sent", CLOSE_SENT}, {"printed", CLOSE_PRINTED}, {"verified", CLOSE_VERIFIED}};
    int value = 0;
    if (read_choice(loading, node, "close", choices, 3, &value))
        loading->template->close = (enum close_at)value;
}

static void read_on_doubt(struct loading *loading, const struct yaml_node *node)
{
    static const struct choice choices[] = {{"hold", ON_DOUBT_HOLD},
                                            {"continue", ON_DOUBT_CONTINUE}};
    int value = 0;
    if (read_choice(loading, node, "on_doubt", choices, 2, &value))
        loading->template->on_doubt = (enum on_doubt)value;
}

static void read_reprint_number(struct loading *loading, const struct yaml_node *node)
{
    static const struct choice choices[] = {
        {"same", REPRINT_SAME}, {"new", REPRINT_NEW}, {"never", REPRINT_NEVER}};
    int value = 0;
    if (read_choice(loading, node, "number", choices, 3, &value))
        loading->template->reprint.number = (enum reprint_number)value;
}

static void read_reprint(struct loading *loading, const struct yaml_node *node)
{
    static const char *const known[] = {"number", "approver", "limit"};
    struct reprint_policy *policy = &loading->template->reprint;
    const struct yaml_node *value;
    int64_t limit = 0;
    if (node->kind != YAML_MAP) {
        read_fault(loading, node, "bad-value", node->text,
                   "{number: same, approver: false, limit: 3}",
                   "reprint is described by a map");
        return;
    }
    yaml_check_keys(loading->doc, node, "reprint", known, 3, loading->findings);
    if ((value = yaml_get(node, "number")))
        read_reprint_number(loading, value);
    if ((value = yaml_get(node, "approver")))
        read_bool(loading, value, "approver", &policy->approver);
    if ((value = yaml_get(node, "limit")) &&
        read_integer(loading, value, "limit", 1, 1000, &limit))
        policy->limit = (uint32_t)limit;
}

static void read_pieces(struct loading *loading, const struct yaml_node *node)
{
    int64_t pieces = 1;
    read_integer(loading, node, "pieces", 1, PIECES_MAX, &pieces);
    loading->template->pieces = (uint32_t)pieces;
}

static void read_fonts(struct loading *loading, const struct yaml_node *node)
{
    struct template *template = loading->template;
    if (node->kind != YAML_LIST || node->count == 0 || node->count > FONTS_MAX) {
        read_fault(loading, node, "bad-value", node->text, "[Roboto, Noto Sans], up to 16",
                   "fonts is no list of font families");
        return;
    }
    template->fonts = read_zalloc(loading, node->count, sizeof *template->fonts);
    template->font_count = 0;
    for (size_t i = 0; template->fonts && i < node->count; i++)
        if (read_line(loading, node->items[i], "fonts", 100,
                      &template->fonts[template->font_count]))
            template->font_count++;
}

/* In this order: elements need the size and all fields. */
static const struct {
    const char *name;
    const char *expected; /* required; NULL = optional */
    void (*read)(struct loading *loading, const struct yaml_node *node);
} keys[] = {
    {"tem", "tem: 1", read_version},
    {"name", "name: my-label", read_name},
    {"title", NULL, read_title},
    {"size", "size: 50 x 30 mm", read_size},
    {"close", NULL, read_close},
    {"on_doubt", NULL, read_on_doubt},
    {"reprint", NULL, read_reprint},
    {"pieces", NULL, read_pieces},
    {"fonts", NULL, read_fonts},
    {"fields", NULL, fields_read},
    {"elements", "elements: [...]", elements_read},
};
#define KEYS (sizeof keys / sizeof keys[0])

static void read_root(struct loading *loading)
{
    const struct yaml_node *root = yaml_root(loading->doc);
    const char *known[KEYS];
    if (root->kind != YAML_MAP) {
        read_fault(loading, root, "bad-value", NULL, "tem: 1, name: ..., size: ...",
                   "a template is a map");
        return;
    }
    for (size_t i = 0; i < KEYS; i++)
        known[i] = keys[i].name;
    yaml_check_keys(loading->doc, root, NULL, known, KEYS, loading->findings);
    for (size_t i = 0; i < KEYS; i++) {
        const struct yaml_node *node = yaml_get(root, keys[i].name);
        if (node)
            keys[i].read(loading, node);
        else if (keys[i].expected)
            read_fault(loading, root, "missing-key", NULL, keys[i].expected,
                       "the template has no key \"%s\"", keys[i].name);
    }
    fields_check_used(loading);
}

/* ---- loading ------------------------------------------------------------------------- */

/* What a template is kept and hashed as: this line, the YAML's length (64 bits, big-endian) and
 * the YAML, then for each image, in the order of its first use, its name and its bytes, each
 * behind its length. */
static const char magic[] = "tem-template 1\n";
#define MAGIC_BYTES (sizeof magic - 1)

static enum err keep_yaml(struct template *template, const char *yaml, size_t len)
{
    buf_init(&template->body, TEMPLATE_MAX_BODY);
    buf_add_text(&template->body, magic);
    buf_add_be64(&template->body, len);
    buf_add(&template->body, yaml, len);
    template->yaml_len = len;
    /* The parser borrows no bytes of it: the body may move when images are added. */
    return buf_err(&template->body);
}

static enum err keep_images(struct template *template)
{
    images_add_to_body(template, &template->body);
    enum err err = buf_err(&template->body);
    if (err)
        return err;
    template->yaml = (const char *)template->body.bytes + MAGIC_BYTES + 8;
    sha256(template->body.bytes, template->body.len, template->hash);
    return ERR_NONE;
}

static enum err parse(struct template *template, const char *file,
                      const struct template_files *files, struct findings *findings)
{
    static const char *default_fonts[] = {"Roboto"};
    size_t errors = findings->errors;
    template->close = CLOSE_PRINTED;
    template->on_doubt = ON_DOUBT_HOLD;
    template->pieces = 1;
    template->reprint = (struct reprint_policy){.number = REPRINT_SAME, .limit = 3};
    template->fonts = default_fonts;
    template->font_count = 1;
    const char *yaml = (const char *)template->body.bytes + MAGIC_BYTES + 8;
    enum err err = yaml_parse(yaml, template->yaml_len, file, &template->doc, findings);
    if (err)
        return err;
    struct loading loading = {
        .template = template, .doc = template->doc, .findings = findings, .files = files};
    read_root(&loading);
    if (loading.no_memory)
        return ERR_NO_MEMORY;
    if (!template->title)
        template->title = template->name;
    return errors == findings->errors ? keep_images(template) : ERR_INPUT;
}

enum err template_parse_with(const char *yaml, size_t len, const char *file,
                             const struct template_files *files, struct template **out,
                             struct findings *findings)
{
    if (len > TEMPLATE_MAX_BYTES)
        return findings_add(findings, SEVERITY_ERROR, "yaml-size", (struct place){.file = file},
                            NULL, "at most 1,048,576 bytes",
                            "the template is larger than 1 MB");
    struct template *template = calloc(1, sizeof *template);
    if (!template)
        return ERR_NO_MEMORY;
    enum err err = keep_yaml(template, yaml, len);
    if (err == ERR_NONE)
        err = parse(template, file, files, findings);
    if (err == ERR_NONE)
        *out = template;
    else
        template_free(template);
    return err;
}

enum err template_parse(const char *yaml, size_t len, const char *file, struct template **out,
                        struct findings *findings)
{
    /* The callback gets its own context back and only reads it. */
    struct template_files files = {image_from_folder, (void *)(uintptr_t)(file ? file : "")};
    return template_parse_with(yaml, len, file, &files, out, findings);
}

enum err template_restore(const void *body, size_t len, const char *file, struct template **out,
                          struct findings *findings)
{
    const uint8_t *bytes = body;
    uint64_t yaml_len = 0;
    if (len < MAGIC_BYTES || memcmp(bytes, magic, MAGIC_BYTES) != 0)
        return template_parse_with(body, len, file, NULL, out, findings);
    for (size_t i = 0; i < 8 && len >= MAGIC_BYTES + 8; i++)
        yaml_len = yaml_len << 8 | bytes[MAGIC_BYTES + i];
    if (len < MAGIC_BYTES + 8 || yaml_len > len - MAGIC_BYTES - 8)
        return findings_add(findings, SEVERITY_ERROR, "template-cut",
                            (struct place){.file = file}, NULL, NULL,
                            "the kept template is cut short");
    const uint8_t *yaml = bytes + MAGIC_BYTES + 8;
    struct kept_images kept = {yaml + yaml_len, len - MAGIC_BYTES - 8 - (size_t)yaml_len};
    struct template_files files = {image_from_body, &kept};
    return template_parse_with((const char *)yaml, (size_t)yaml_len, file, &files, out,
                               findings);
}

enum err template_load(const char *path, struct template **out, struct findings *findings)
{
    struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES + 1);
    struct why why = {""};
    enum err err = file_read(path, TEMPLATE_MAX_BYTES, &text, &why);
    if (err == ERR_NONE)
        err = template_parse(buf_text(&text), text.len, path, out, findings);
    else
        findings_add(findings, SEVERITY_ERROR, "unreadable", (struct place){.file = path}, NULL,
                     NULL, "%s", why.text);
    buf_free(&text);
    return err;
}

void template_free(struct template *template)
{
    if (!template)
        return;
    for (size_t i = 0; i < template->asset_count; i++) {
        buf_free(&template->assets[i].bytes);
        picture_free(&template->assets[i].picture);
    }
    buf_free(&template->body);
    yaml_doc_free(template->doc);
    pool_free(&template->pool);
    free(template);
}

/* ---- what a template says --------------------------------------------------------------- */

const char *template_name(const struct template *template)
{
    return template->name;
}

const char *template_title(const struct template *template)
{
    return template->title;
}

const uint8_t *template_hash(const struct template *template)
{
    return template->hash;
}

const char *template_yaml(const struct template *template, size_t *len)
{
    *len = template->yaml_len;
    return template->yaml;
}

const void *template_body(const struct template *template, size_t *len)
{
    *len = template->body.len;
    return template->body.bytes;
}

const char *template_image(const struct template *template, size_t index, const uint8_t **bytes,
                           size_t *len)
{
    if (index >= template->asset_count)
        return NULL;
    *bytes = template->assets[index].bytes.bytes;
    *len = template->assets[index].bytes.len;
    return template->assets[index].name;
}

int64_t template_width_um(const struct template *template)
{
    return template->width_um;
}

int64_t template_height_um(const struct template *template)
{
    return template->height_um;
}

enum close_at template_close(const struct template *template)
{
    return template->close;
}

struct reprint_policy template_reprint(const struct template *template)
{
    return template->reprint;
}

enum on_doubt template_on_doubt(const struct template *template)
{
    return template->on_doubt;
}

uint32_t template_pieces(const struct template *template)
{
    return template->pieces;
}

bool template_pieces_differ(const struct template *template)
{
    return template->pieces > 1 && template->pieces_differ;
}

size_t template_font_count(const struct template *template)
{
    return template->font_count;
}

const char *template_font(const struct template *template, size_t index)
{
    assert(index < template->font_count);
    return template->fonts[index];
}

size_t template_field_count(const struct template *template)
{
    return template->field_count;
}

const struct field *template_field(const struct template *template, size_t index)
{
    assert(index < template->field_count);
    return &template->fields[index];
}

/* A program that shows the field, as a whole or in parts. */
static bool shows(const struct program *program, size_t field)
{
    for (size_t i = 0; i < program->count; i++)
        if (program->steps[i].kind != STEP_TEXT && program->steps[i].field == field)
            return true;
    return false;
}

bool template_expires(const struct template *template, size_t index)
{
    if (template->fields[index].type != FIELD_DATE)
        return false;
    if (strcmp(template->fields[index].name, "expiry") == 0)
        return true;
    for (size_t i = 0; i < template->shape_count; i++)
        for (size_t k = 0; k < template->shapes[i].part_count; k++) {
            const struct ai_part *part = &template->shapes[i].parts[k];
            if ((strcmp(part->digits, "17") == 0 || strcmp(part->digits, "7003") == 0) &&
                shows(&part->value, index))
                return true;
        }
    return false;
}

int template_field_index(const struct template *template, const char *name)
{
    for (size_t i = 0; i < template->field_count; i++)
        if (strcmp(template->fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

size_t template_element_count(const struct template *template)
{
    return template->shape_count;
}

const struct element *template_element(const struct template *template, size_t index)
{
    assert(index < template->shape_count);
    return &template->shapes[index].element;
}
