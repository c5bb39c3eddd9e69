/* SPDX-License-Identifier: Apache-2.0 */
/* template.h: what a label needs (fields) and how it looks (elements), checked when it is
 * loaded, not when the line waits for it.
 *
 * A template is immutable and may be read by any number of threads. It is identified by the
 * SHA-256 over its YAML, in which the names of its fonts stand, and its images (template_hash).
 * Two steps lead from a request to a drawable label:
 *   template_check_row()  data of one row -> canonical values (NFC text, 14-digit GTIN,
 *                         ISO date), every fault a finding; done before a number is spent;
 *   template_bind()       canonical values + numbers + built-ins -> struct label_doc, in
 *                         which no placeholder is left.
 * Values are data, never markup: what was bound is not parsed again (promise 11). */
#ifndef TEM_TEMPLATES_TEMPLATE_H
#define TEM_TEMPLATES_TEMPLATE_H

#include "spooler/base/buf.h"
#include "spooler/base/err.h"
#include "spooler/base/findings.h"
#include "spooler/base/hash.h"
#include "spooler/base/picture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct template;

/* ---- loading ------------------------------------------------------------ */

#define TEMPLATE_MAX_BYTES    (1024 * 1024)
#define TEMPLATE_MAX_FIELDS   100
#define TEMPLATE_MAX_ELEMENTS 500
#define TEMPLATE_MAX_VALUE    1024 /* bytes of one canonical value */
#define TEMPLATE_NUMBER_MAX   64   /* bytes of a printed number with its NUL */

#define TEMPLATE_MAX_IMAGES   16
#define TEMPLATE_IMAGE_BYTES  (1024 * 1024)     /* of one image file */
#define TEMPLATE_IMAGES_BYTES (4 * 1024 * 1024) /* of all of them */
#define TEMPLATE_IMAGE_NAME   200               /* bytes of its name */
/* YAML, images and what frames them. */
#define TEMPLATE_MAX_BODY (TEMPLATE_MAX_BYTES + TEMPLATE_IMAGES_BYTES + 8192)

/* Hands out the image files that a template names, by the names it gives them: relative paths
 * with '/', without "..". Appends the file to `out`; ERR_NOT_FOUND, ERR_TOO_LARGE, ... */
struct template_files {
    enum err (*read)(void *ctx, const char *name, struct buf *out, struct why *why);
    void *ctx;
};

/* Parses and checks. `file` is named in findings. ERR_INPUT with findings (all of them, each
 * with line and column), else *out. */
enum err template_parse_with(const char *yaml, size_t len, const char *file,
                             const struct template_files *files, struct template **out,
                             struct findings *findings);
/* The same with images from the folder that `file` is in. */
enum err template_parse(const char *yaml, size_t len, const char *file, struct template **out,
                        struct findings *findings);
/* Reads the file and parses it. */
enum err template_load(const char *path, struct template **out, struct findings *findings);
/* What template_body() gave. Also plain YAML without images: so older stores kept it. */
enum err template_restore(const void *body, size_t len, const char *file, struct template **out,
                          struct findings *findings);
void template_free(struct template *template);

/* ---- what a template says ------------------------------------------------ */

enum close_at { CLOSE_SENT, CLOSE_PRINTED, CLOSE_VERIFIED };
enum on_doubt { ON_DOUBT_HOLD, ON_DOUBT_CONTINUE };

/* What may be done for a label that is damaged. */
enum reprint_number { REPRINT_SAME, REPRINT_NEW, REPRINT_NEVER };
struct reprint_policy {
    enum reprint_number
        number;     /* the same number again, a new one and the old void, or neither */
    bool approver;  /* a second person has to agree */
    uint32_t limit; /* further attempts of one label */
};

const char *template_name(const struct template *template);
const char *template_title(const struct template *template);
const uint8_t *template_hash(const struct template *template); /* SHA256_BYTES */
/* The exact YAML it was parsed from. */
const char *template_yaml(const struct template *template, size_t *len);
/* All that it consists of, for keeping: exactly the bytes that template_hash() is made of. */
const void *template_body(const struct template *template, size_t *len);
/* The image files that it names, by index in the order of their first use; NULL past the end.
 * All is borrowed. */
const char *template_image(const struct template *template, size_t index, const uint8_t **bytes,
                           size_t *len);
int64_t template_width_um(const struct template *template);
int64_t template_height_um(const struct template *template);
enum close_at template_close(const struct template *template);
struct reprint_policy template_reprint(const struct template *template);
enum on_doubt template_on_doubt(const struct template *template);
uint32_t template_pieces(const struct template *template);
/* {piece.index} is on it: the pieces of a label differ and are bound one by one. */
bool template_pieces_differ(const struct template *template);
/* Font families in fallback order. */
size_t template_font_count(const struct template *template);
const char *template_font(const struct template *template, size_t index);

/* FIELD_SERIES takes no data: its value is a number from a series. */
enum field_type {
    FIELD_TEXT,
    FIELD_INTEGER,
    FIELD_DECIMAL,
    FIELD_DATE,
    FIELD_GTIN,
    FIELD_GLN,
    FIELD_SSCC, /* data: one that somebody else numbered */
    FIELD_ENUM,
    FIELD_BOOLEAN,
    FIELD_SERIES
};

struct field {
    const char *name;
    enum field_type type;
    bool required;
    uint32_t max;             /* code points; 0 = TEMPLATE_MAX_VALUE bytes */
    const char *sample;       /* canonical, or NULL */
    const char *default_text; /* canonical, or NULL */
    const char *series;       /* FIELD_SERIES: the series' name, else NULL */
};

/* The word of the language. */
const char *field_type_name(enum field_type type);

size_t template_field_count(const struct template *template);
const struct field *template_field(const struct template *template, size_t index);
/* Whether it is a date on which what the label is on expires: the value of AI (17) or (7003) in
 * one of the symbols, or by its name `expiry`. */
bool template_expires(const struct template *template, size_t index);
/* Index of a field, or -1. */
int template_field_index(const struct template *template, const char *name);

/* ---- data ----------------------------------------------------------------- */

/* One row: values[i] belongs to field i; NULL = not given. Series fields are NULL.
 * The strings of a checked row live in `text`, which the row owns. */
struct row {
    const char **values; /* template_field_count() entries */
    size_t count;
    struct buf text;
};

void row_free(struct row *row);

/* Checks raw values (raw[i] belongs to field i, NULL or "" = not given; UTF-8 is checked, too)
 * and makes them canonical: NFC, defaults filled in, GTIN 14 digits, date YYYY-MM-DD. All
 * faults become findings at `place` (its field is replaced by the field's name). What
 * placeholders in AI data will need (character set, length, format of the AI) is checked
 * here as well. On success *out replaces its old content (start with {0}). */
enum err template_check_row(const struct template *template, const char *const *raw,
                            struct place place, struct row *out, struct findings *findings);
/* The scope in which series field `field` of this row is numbered ("" when it has none),
 * appended to `out`. */
enum err template_scope(const struct template *template, size_t field, const struct row *row,
                        struct buf *out);
/* The template's samples as a checked row; ERR_INPUT when a required field has none. */
enum err template_sample_row(const struct template *template, struct row *out,
                             struct findings *findings);

/* ---- binding -------------------------------------------------------------- */

/* Built-in placeholders of one label. label_index and piece_index from 1. accepted_ms is when
 * the job was accepted ({now:...}), shown in the site's zone `utc_offset_min`. */
struct builtins {
    uint64_t label_index;
    uint64_t label_count;
    uint32_t piece_index;
    int64_t job_id;
    int64_t accepted_ms;
    int32_t utc_offset_min;
};

/* numbers[i] = printed number for field i, NULL for fields that are no series. */
struct bind_input {
    const struct row *row;
    const char *const *numbers;
    struct builtins builtins;
};

enum element_kind {
    ELEMENT_TEXT,
    ELEMENT_BARCODE,
    ELEMENT_IMAGE,
    ELEMENT_BOX,
    ELEMENT_LINE,
    ELEMENT_ELLIPSE
};
enum fit_policy { FIT_REFUSE, FIT_SHRINK, FIT_WRAP, FIT_ELLIPSIS };
enum hri { HRI_NONE, HRI_BELOW, HRI_ABOVE };
/* How shades become dots: by a threshold, or by spreading the error (Floyd and Steinberg). */
enum dither { DITHER_THRESHOLD, DITHER_DIFFUSION };

/* What its symbology leaves to a barcode's element; 0 = not given, its default. A word is kept
 * as its place, from 1 on, among the legal ones of templates/symbology.c; a number n as n, or
 * as n + 1 where 0 is legal, too (levels of PDF417). */
struct symbol_options {
    uint16_t error_correction;
    uint16_t version;
    uint16_t size;
    uint16_t shape;
    uint16_t columns, rows;
    uint16_t row_height; /* modules */
    uint16_t check_digit;
    uint16_t bearer;
    uint16_t addon;
    uint16_t mode;
};
enum { SHAPE_WORD_RECTANGLE = 2 };
enum { CHECK_WORD_NONE = 1 };
enum { BEARER_NONE = 1, BEARER_BARS, BEARER_BOX };
enum { ADDON_2 = 1, ADDON_5 };
/* A unit separator: no data of a row can hold it, so that no value ends the message early. */
#define PRIMARY_END "\x1f"

enum anchor {
    ANCHOR_TOP_LEFT,
    ANCHOR_TOP_CENTER,
    ANCHOR_TOP_RIGHT,
    ANCHOR_CENTER_LEFT,
    ANCHOR_CENTER,
    ANCHOR_CENTER_RIGHT,
    ANCHOR_BOTTOM_LEFT,
    ANCHOR_BOTTOM_CENTER,
    ANCHOR_BOTTOM_RIGHT,
    ANCHOR_BASELINE_LEFT,
    ANCHOR_BASELINE_CENTER,
    ANCHOR_BASELINE_RIGHT
};

/* How an element looks: everything about it but its content. Lengths in thousandths of a mm;
 * -1 = not given. Fonts sizes in thousandths of a point. */
struct element {
    enum element_kind kind;
    uint64_t line; /* in the template, for findings */
    uint32_t column;
    int64_t x_um, y_um;          /* `at` */
    int64_t width_um, height_um; /* -1 = not given */
    enum anchor anchor;
    int rotate_degrees; /* 0, 90, 180, 270, clockwise */
    /* text */
    const char *font_family; /* NULL = the template's list */
    const char *font_style;  /* "Regular", "Bold", ... */
    int32_t font_mpt;
    enum fit_policy fit;
    int32_t shrink_to_mpt; /* FIT_SHRINK: smallest size tried, in steps of 250 */
    /* barcode */
    const char *symbology; /* the field's name: "gs1-datamatrix" */
    int64_t module_um;     /* asked for; rounded to whole dots, then checked */
    bool quiet;            /* keep the standard's quiet zone (default) */
    enum hri hri;
    bool ai_data;   /* content is "[01]...[17]..." (zint's square-bracket form) */
    bool composite; /* and behind a '|' come the AIs of the component above the symbol */
    bool primary;   /* MaxiCode: before PRIMARY_END stands the primary message */
    struct symbol_options options;
    /* image; a side that is not given follows from the other */
    const struct picture *picture; /* lives as long as the template */
    enum dither dither;
    int threshold_percent; /* of white: what is darker is black */
    /* box, line, ellipse */
    int64_t stroke_um;
    int64_t to_x_um, to_y_um; /* line: its other end */
    bool filled;
};

/* All elements, in the order they are drawn; borrowed from the template. */
size_t template_element_count(const struct template *template);
const struct element *template_element(const struct template *template, size_t index);

/* One element of one label: `content` is text to draw, or symbol data. An element whose
 * `when` came out empty is not in the list. */
struct drawn {
    const struct element *element; /* borrows from the template */
    const char *content; /* lives in the doc; "" for what is neither text nor symbol */
    size_t content_len;
};

struct label_doc {
    struct drawn *drawn;
    size_t count;
    size_t room;     /* entries that `drawn` has memory for */
    struct buf text; /* owns the contents */
};

/* Start with {0}; what *out held is replaced and its memory used again, so that one doc may
 * serve label after label (of any template). ERR_INPUT: a number is missing or is none that its
 * AI may hold; *out is empty then. */
enum err template_bind(const struct template *template, const struct bind_input *input,
                       struct label_doc *out, struct why *why);
void label_doc_free(struct label_doc *doc);

#endif
