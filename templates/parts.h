/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h: what a loaded template consists of; for the files of this folder only.
 *
 * Strings are borrowed from the YAML tree or the pool, which both live as long as the
 * template. */
#ifndef TEM_TEMPLATES_PARTS_H
#define TEM_TEMPLATES_PARTS_H

#include "spooler/base/yaml.h"
#include "templates/gs1-ai.h"
#include "templates/pool.h"
#include "templates/program.h"
#include "templates/template.h"

enum charset {
    CHARSET_ANY,
    CHARSET_ASCII,
    CHARSET_ALPHANUMERIC,
    CHARSET_GS1_82,
    CHARSET_GS1_39,
    CHARSET_DIGITS
};

#define DECIMALS_ANY SIZE_MAX

/* What a field's value has to be, beyond struct field. */
struct rule {
    const struct yaml_node *node; /* the field's map */
    uint64_t line;                /* of its key */
    uint32_t column;
    enum charset charset;
    uint32_t min; /* text: code points */
    bool has_min_value, has_max_value;
    int64_t min_value, max_value; /* integer */
    const char *least, *most;     /* decimal; NULL = no bound */
    size_t decimals;              /* decimal: at most; DECIMALS_ANY */
    const char **words;           /* enum */
    size_t word_count;
    size_t gtin_digits;   /* fewest digits a placeholder shows: 14, or 13 for {gtin:13} */
    size_t shown_places;  /* decimal, integer: fewest decimals a placeholder shows */
    size_t shown_whole;   /* and digits before them; both DECIMALS_ANY where none has a say */
    struct program scope; /* series; no steps = "" */
    bool used;
};

/* One AI of a symbol: prefix "[17]", or "/10/", "?17=" in a Digital Link URI. */
struct ai_part {
    const struct gs1_ai *ai;
    const char *digits;
    const char *prefix;
    struct program value;
    const char *source; /* as written in the template */
    size_t source_len;
};

/* An element with what it takes to bind it. */
struct shape {
    struct element element;
    const struct yaml_node *node;
    const char *number;    /* "3", or "3.2" in a group */
    struct program *whens; /* drawn when none of them comes out empty: the groups', its own */
    size_t when_count;
    struct program content; /* text, symbols without AIs; base of a Digital Link URI */
    struct ai_part *parts;
    size_t part_count;
    bool uri; /* values are percent-encoded */
};

/* An image file that the template names, once however often it is drawn. */
struct asset {
    const char *name;
    struct buf bytes;
    struct picture picture;
};

struct template
{
    struct pool pool;
    struct yaml_doc *doc;
    const char *yaml; /* in the body */
    size_t yaml_len;
    struct buf body;
    struct asset *assets;
    size_t asset_count;
    uint8_t hash[SHA256_BYTES];
    const char *name, *title;
    int64_t width_um, height_um;
    enum close_at close;
    enum on_doubt on_doubt;
    struct reprint_policy reprint;
    uint32_t pieces;
    const char **fonts;
    size_t font_count;
    struct field *fields;
    struct rule *rules; /* rules[i] belongs to fields[i] */
    size_t field_count;
    struct shape *shapes;
    size_t shape_count;
    bool branches; /* which AIs are on a label depends on its row */
    bool pieces_differ;
    size_t worst_bytes; /* of one label_doc's text */
};

/* All texts of one label together. */
#define LABEL_MAX_BYTES (1024 * 1024)
/* A scope is a column of the registry. */
#define SCOPE_MAX_BYTES 255

/* A field whose value may be missing or empty on some label. */
bool field_optional(const struct field *field);
/* Whether a shape is drawn on a label; `scratch` comes back as it was. What is not known before
 * a label is bound (numbers, built-ins) is never empty. */
bool shape_wanted(const struct shape *shape, const struct sources *sources,
                  struct buf *scratch);

#endif
