/* SPDX-License-Identifier: Apache-2.0 */
/* yaml.h: strict YAML as a tree with positions; the only owner of libyaml.
 *
 * One document; no aliases, anchors, tags, merge keys (<<) or tabs; no key twice
 * in a mapping; depth, nodes and bytes bounded. All scalars stay text: what a
 * word means is the reader's decision (so `no` and `0012` stay what was
 * written). The tree owns its strings. Not thread-safe while it is built,
 * immutable afterwards. */
#ifndef TEM_BASE_YAML_H
#define TEM_BASE_YAML_H

#include "spooler/base/findings.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    uint64_t line; /* of the value, from 1 */
    uint32_t column;
    const char *text; /* scalar's text (UTF-8, NUL-free); "" for an empty one; NULL otherwise */
    bool quoted;      /* scalar was written in quotes or as a block */
    size_t count;     /* entries of a list or map */
    struct yaml_node **items;
    struct yaml_key *keys; /* map only, `count` of them, in the order written */
};

struct yaml_key {
    const char *name;
    uint64_t line;
    uint32_t column;
};

struct yaml_doc;

#define YAML_MAX_BYTES (1024 * 1024)
#define YAML_MAX_DEPTH 32
#define YAML_MAX_NODES 50000

/* Parses `len` bytes. `file` is only named in findings. ERR_INPUT with at least one
 * finding when it is not such a document. */
enum err yaml_parse(const char *text, size_t len, const char *file, struct yaml_doc **out,
                    struct findings *findings);
/* Hidden: libyaml exports a function of this name and calls it; one that is visible would take
 * its place, in whatever build. */
__attribute__((visibility("hidden"))) void yaml_doc_free(struct yaml_doc *doc);
const struct yaml_node *yaml_root(const struct yaml_doc *doc);
const char *yaml_file(const struct yaml_doc *doc);

/* The value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* Adds one finding "unknown-key", naming the nearest known one, for each key of `map`
 * that is not in `known`. `where` names the map for a person ("element 3"). */
void yaml_check_keys(const struct yaml_doc *doc, const struct yaml_node *map, const char *where,
                     const char *const *known, size_t known_count, struct findings *findings);
/* Place of a node, for findings_add. */
struct place yaml_place(const struct yaml_doc *doc, const struct yaml_node *node,
                        const char *field);

#endif
