/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/yaml-private.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* Where the next event belongs. Each node hangs in the tree from its birth, so that
 * freeing the root frees all, whenever building stops. */
struct builder {
    struct yaml_doc *doc;
    struct findings *findings;
    struct yaml_node *open[YAML_MAX_DEPTH];
    bool key_read[YAML_MAX_DEPTH]; /* of a map: its last key waits for a value */
    size_t depth;
    size_t nodes;
    size_t documents;
    bool stop;
    bool no_memory;
};

static struct place mark_place(const struct yaml_doc *doc, yaml_mark_t mark)
{
    return (struct place){
        .file = doc->file, .line = mark.line + 1, .column = (uint32_t)mark.column + 1};
}

static void fault(struct builder *builder, yaml_mark_t mark, const char *code,
                  const char *value, const char *message)
{
    findings_add(builder->findings, SEVERITY_ERROR, code, mark_place(builder->doc, mark), value,
                 NULL, "%s", message);
}

/* ---- the tree -------------------------------------------------------------- */

/* Room for one more entry: arrays grow at each power of two, so that their size needs no
 * member of its own. */
static bool grow(struct yaml_node *node)
{
    if (node->count & (node->count - 1))
        return true;
    size_t size = node->count ? node->count * 2 : 1;
    struct yaml_node **items = realloc(node->items, size * sizeof *items);
    if (!items)
        return false;
    node->items = items;
    if (node->kind != YAML_MAP)
        return true;
    struct yaml_key *keys = realloc(node->keys, size * sizeof *keys);
    if (!keys)
        return false;
    node->keys = keys;
    return true;
}

static void node_free(struct yaml_node *node) /* recursion ends at YAML_MAX_DEPTH */
{
    if (!node)
        return;
    for (size_t i = 0; i < node->count; i++) {
        node_free(node->items[i]);
        if (node->kind == YAML_MAP)
            free((char *)node->keys[i].name);
    }
    free(node->items);
    free(node->keys);
    free((char *)node->text);
    free(node);
}

static char *copy_text(struct builder *builder, const yaml_char_t *text, size_t len,
                       yaml_mark_t mark)
{
    if (memchr(text, 0, len)) {
        fault(builder, mark, "yaml-control", NULL, "NUL (\\0) in a text");
        len = strlen((const char *)text);
    }
    char *copy = malloc(len + 1);
    if (!copy) {
        builder->no_memory = builder->stop = true;
        return NULL;
    }
    memcpy(copy, text, len);
    copy[len] = 0;
    return copy;
}

/* Hangs a new node under the open one; NULL when building has to stop. */
static struct yaml_node *add_node(struct builder *builder, enum yaml_kind kind,
                                  yaml_mark_t mark)
{
    struct yaml_node *parent = builder->depth ? builder->open[builder->depth - 1] : NULL;
    if (++builder->nodes > YAML_MAX_NODES) {
        fault(builder, mark, "yaml-nodes", NULL, "more than 50,000 values in the file");
        builder->stop = true;
        return NULL;
    }
    if (parent && parent->kind == YAML_MAP && !builder->key_read[builder->depth - 1]) {
        fault(builder, mark, "yaml-key", NULL, "a key must be a plain word");
        builder->stop = true;
        return NULL;
    }
    struct yaml_node *node = calloc(1, sizeof *node);
    if (!node || (parent && parent->kind == YAML_LIST && !grow(parent))) {
        free(node);
        builder->no_memory = builder->stop = true;
        return NULL;
    }
    *node = (struct yaml_node){
        .kind = kind, .line = mark.line + 1, .column = (uint32_t)mark.column + 1};
    if (!parent)
        builder->doc->root = node;
    else if (parent->kind == YAML_LIST)
        parent->items[parent->count++] = node;
    else
        parent->items[parent->count - 1] = node; /* its key was counted */
    if (parent)
        builder->key_read[builder->depth - 1] = false;
    return node;
}

static void open_node(struct builder *builder, enum yaml_kind kind, yaml_mark_t mark)
{
    if (builder->depth == YAML_MAX_DEPTH) {
        fault(builder, mark, "yaml-depth", NULL, "nested more than 32 levels deep");
        builder->stop = true;
        return;
    }
    struct yaml_node *node = add_node(builder, kind, mark);
    if (!node)
        return;
    builder->open[builder->depth] = node;
    builder->key_read[builder->depth] = false;
    builder->depth++;
}

static int by_name_then_place(const void *a, const void *b)
{
    const struct yaml_key *one = *(const struct yaml_key *const *)a;
    const struct yaml_key *two = *(const struct yaml_key *const *)b;
    int order = strcmp(one->name, two->name);
    return order ? order : (one > two) - (one < two); /* both are in one array */
}

/* Sorted, because comparing each with each takes minutes at 50,000 keys. */
static void check_twice(struct builder *builder, const struct yaml_node *map)
{
    const struct yaml_key **sorted = calloc(map->count + 1, sizeof *sorted);
    if (!sorted) {
        builder->no_memory = builder->stop = true;
        return;
    }
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = &map->keys[i];
    qsort(sorted, map->count, sizeof *sorted, by_name_then_place);
    for (size_t i = 1; i < map->count; i++) {
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) != 0)
            continue;
        struct place place = {
            .file = builder->doc->file, .line = sorted[i]->line, .column = sorted[i]->column};
        findings_add(builder->findings, SEVERITY_ERROR, "yaml-duplicate-key", place,
                     sorted[i]->name, "each key once", "the key is already there, in line %llu",
                     (unsigned long long)sorted[i - 1]->line);
    }
    free(sorted);
}

static void close_node(struct builder *builder)
{
    const struct yaml_node *node = builder->open[--builder->depth];
    if (node->kind == YAML_MAP)
        check_twice(builder, node);
}

static void add_key(struct builder *builder, struct yaml_node *map, const yaml_event_t *event)
{
    yaml_mark_t mark = event->start_mark;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (plain && strcmp((const char *)event->data.scalar.value, "<<") == 0)
        fault(builder, mark, "yaml-merge", "<<", "merge keys are not allowed");
    if (event->data.scalar.length == 0)
        fault(builder, mark, "yaml-key", "", "a key is empty");
    char *name = copy_text(builder, event->data.scalar.value, event->data.scalar.length, mark);
    if (!name || !grow(map)) {
        free(name);
        builder->no_memory = builder->stop = true;
        return;
    }
    map->keys[map->count] = (struct yaml_key){
        .name = name, .line = mark.line + 1, .column = (uint32_t)mark.column + 1};
    map->items[map->count] = NULL;
    map->count++;
    builder->key_read[builder->depth - 1] = true;
}

static void add_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct yaml_node *parent = builder->depth ? builder->open[builder->depth - 1] : NULL;
    if (parent && parent->kind == YAML_MAP && !builder->key_read[builder->depth - 1]) {
        add_key(builder, parent, event);
        return;
    }
    struct yaml_node *node = add_node(builder, YAML_SCALAR, event->start_mark);
    if (!node)
        return;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = copy_text(builder, event->data.scalar.value, event->data.scalar.length,
                           event->start_mark);
}

static void check_properties(struct builder *builder, yaml_mark_t mark,
                             const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        fault(builder, mark, "yaml-anchor", (const char *)anchor,
              "anchors (&name) are not allowed");
    if (tag)
        fault(builder, mark, "yaml-tag", (const char *)tag, "tags (!name) are not allowed");
}

/* An alias stands for a value that we do not know; an empty one keeps the tree whole, so that
 * the rest of the file is checked, too. */
static void add_alias(struct builder *builder, const yaml_event_t *event)
{
    static yaml_char_t nothing[] = "";
    yaml_event_t empty = {.type = YAML_SCALAR_EVENT, .start_mark = event->start_mark};
    empty.data.scalar.value = nothing;
    empty.data.scalar.style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    fault(builder, event->start_mark, "yaml-alias", (const char *)event->data.alias.anchor,
          "aliases (*name) are not allowed");
    add_scalar(builder, &empty);
}

static void start_document(struct builder *builder, const yaml_event_t *event)
{
    if (++builder->documents > 1) {
        fault(builder, event->start_mark, "yaml-documents", NULL,
              "a second document begins; one a file is allowed");
        builder->stop = true;
    }
    if (event->data.document_start.tag_directives.start !=
        event->data.document_start.tag_directives.end)
        fault(builder, event->start_mark, "yaml-tag", NULL, "%TAG is not allowed");
}

static void take_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        start_document(builder, event);
        break;
    case YAML_ALIAS_EVENT:
        add_alias(builder, event);
        break;
    case YAML_SCALAR_EVENT:
        check_properties(builder, event->start_mark, event->data.scalar.anchor,
                         event->data.scalar.tag);
        add_scalar(builder, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        check_properties(builder, event->start_mark, event->data.sequence_start.anchor,
                         event->data.sequence_start.tag);
        open_node(builder, YAML_LIST, event->start_mark);
        break;
    case YAML_MAPPING_START_EVENT:
        check_properties(builder, event->start_mark, event->data.mapping_start.anchor,
                         event->data.mapping_start.tag);
        open_node(builder, YAML_MAP, event->start_mark);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_node(builder);
        break;
    default: /* stream and document ends carry nothing */
        break;
    }
}

static void syntax_fault(struct builder *builder, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        builder->no_memory = true;
        return;
    }
    findings_add(builder->findings, SEVERITY_ERROR, "yaml-syntax",
                 mark_place(builder->doc, parser->problem_mark), NULL, NULL, "%s%s%s",
                 parser->context ? parser->context : "", parser->context ? ": " : "",
                 parser->problem ? parser->problem : "not YAML");
}

static enum err build(struct builder *builder, const char *text, size_t len)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return ERR_NO_MEMORY;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING); /* else a BOM could choose UTF-16 */
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    bool end = false;
    while (!end && !builder->stop) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            syntax_fault(builder, &parser);
            break;
        }
        end = event.type == YAML_STREAM_END_EVENT;
        take_event(builder, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return builder->no_memory ? ERR_NO_MEMORY : ERR_NONE;
}

enum err yaml_parse(const char *text, size_t len, const char *file, struct yaml_doc **out,
                    struct findings *findings)
{
    size_t errors_before = findings->errors;
    if (len > YAML_MAX_BYTES)
        return findings_add(findings, SEVERITY_ERROR, "yaml-size", (struct place){.file = file},
                            NULL, "at most 1,048,576 bytes", "the file is larger than 1 MB");
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* UTF-8's byte order mark */
        text += 3;
        len -= 3;
    }
    if (!yaml_text_clean(text, len, file, findings))
        return ERR_INPUT;

    struct builder builder = {.findings = findings};
    builder.doc = calloc(1, sizeof *builder.doc);
    if (!builder.doc)
        return ERR_NO_MEMORY;
    enum err err = ERR_NONE;
    if (file && !(builder.doc->file = strdup(file)))
        err = ERR_NO_MEMORY;
    if (err == ERR_NONE)
        err = build(&builder, text, len);
    if (err == ERR_NONE && findings->errors == errors_before && !builder.doc->root)
        findings_add(findings, SEVERITY_ERROR, "yaml-empty",
                     (struct place){.file = file, .line = 1, .column = 1}, NULL, NULL,
                     "there is nothing in the file");
    if (err == ERR_NONE && findings->errors > errors_before)
        err = ERR_INPUT;
    if (err == ERR_NONE)
        *out = builder.doc;
    else
        yaml_doc_free(builder.doc);
    return err;
}

void yaml_doc_free(struct yaml_doc *doc)
{
    if (!doc)
        return;
    node_free(doc->root);
    free(doc->file);
    free(doc);
}
