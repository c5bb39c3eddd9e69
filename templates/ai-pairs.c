/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/ai-pairs.h"

#include "templates/ai-data.h"

#include <string.h>

/* More than the table has AIs. */
#define DISTINCT_MAX 512

/* The first place of each AI on a label. */
struct distinct {
    const char *digits[DISTINCT_MAX];
    const struct ai_part *part[DISTINCT_MAX]; /* NULL: of no AI's own */
    size_t count;
};

/* The index of an AI; all->count when it is not there. */
static size_t index_of(const struct distinct *all, const char *digits)
{
    size_t i = 0;
    while (i < all->count && strcmp(all->digits[i], digits) != 0)
        i++;
    return i;
}

static void add(struct distinct *all, const struct ai_part *part)
{
    size_t i = index_of(all, part->digits);
    if (i < all->count || i == DISTINCT_MAX)
        return;
    all->digits[i] = part->digits;
    all->part[i] = part;
    all->count++;
}

static void add_shape(struct distinct *all, const struct shape *shape)
{
    for (size_t p = 0; p < shape->part_count; p++)
        add(all, &shape->parts[p]);
}

/* A number symbol below a composite component is the item's GTIN, though without AI 01. */
static void add_gtin(struct distinct *all, const struct shape *shape)
{
    if (!shape->element.composite || shape->element.ai_data ||
        index_of(all, "01") < all->count || all->count == DISTINCT_MAX)
        return;
    all->digits[all->count] = "01";
    all->part[all->count++] = NULL;
}

/* ---- when a template is loaded ------------------------------------------------------- */

/* Symbols with conditions may stand for each other: only those that are always there are held
 * to the same text. */
static void check_same(struct loading *loading, const struct shape *shape,
                       const struct distinct *always)
{
    for (size_t p = 0; p < shape->part_count; p++) {
        const struct ai_part *part = &shape->parts[p];
        size_t i = index_of(always, part->digits);
        if (i == always->count || !always->part[i])
            continue;
        const struct ai_part *first = always->part[i];
        if (first->source_len != part->source_len ||
            memcmp(first->source, part->source, part->source_len) != 0)
            findings_add(loading->findings, SEVERITY_WARNING, "ai-differs",
                         yaml_place(loading->doc, shape->node, loading->where), part->digits,
                         "the same value in every symbol of a label",
                         "AI (%s) has another value in another symbol", part->digits);
    }
}

static void check_shape(struct loading *loading, const struct shape *shape,
                        const struct distinct *all, const struct distinct *always)
{
    for (size_t p = 0; p < shape->part_count; p++) {
        const struct ai_part *part = &shape->parts[p];
        char missing[GS1_LIST_SIZE];
        if (!gs1_ai_needs(part->ai, all->digits, all->count, missing))
            read_fault(loading, shape->node, "ai-needs", part->digits, missing,
                       "AI (%s) needs another AI on the label", part->digits);
        const char *other = shape->when_count ? NULL
                                              : gs1_ai_excluded(part->ai, part->digits,
                                                                always->digits, always->count);
        if (other)
            read_fault(loading, shape->node, "ai-excludes", part->digits, NULL,
                       "AI (%s) must not be on one label with AI (%s)", part->digits, other);
    }
}

void ai_pairs_check(struct loading *loading)
{
    struct template *template = loading->template;
    struct distinct all = {.count = 0}, always = {.count = 0};
    for (size_t s = 0; s < template->shape_count; s++) {
        const struct shape *shape = &template->shapes[s];
        read_where(loading, "element %s", shape->number);
        add_shape(&all, shape);
        add_gtin(&all, shape);
        template->branches |= shape->when_count && shape->part_count;
        if (shape->when_count == 0) {
            check_same(loading, shape, &always);
            add_shape(&always, shape);
            add_gtin(&always, shape);
        }
    }
    for (size_t s = 0; s < template->shape_count; s++) {
        read_where(loading, "element %s", template->shapes[s].number);
        check_shape(loading, &template->shapes[s], &all, &always);
    }
    loading->where[0] = 0;
}

/* ---- when a row is known --------------------------------------------------------------- */

static void check_part(const struct distinct *all, const struct ai_part *part,
                       struct place place, struct findings *findings)
{
    char missing[GS1_LIST_SIZE];
    if (!gs1_ai_needs(part->ai, all->digits, all->count, missing))
        findings_add(findings, SEVERITY_ERROR, "ai-needs", place, part->digits, missing,
                     "with this row's values AI (%s) stands without an AI that it needs",
                     part->digits);
    const char *other = gs1_ai_excluded(part->ai, part->digits, all->digits, all->count);
    if (other)
        findings_add(findings, SEVERITY_ERROR, "ai-excludes", place, part->digits, NULL,
                     "with this row's values AI (%s) is on one label with AI (%s)",
                     part->digits, other);
}

enum err ai_pairs_check_row(const struct template *template, const struct sources *sources,
                            struct place place, struct findings *findings)
{
    struct distinct all = {.count = 0};
    struct buf scratch = BUF_INIT(LABEL_MAX_BYTES);
    size_t errors = findings->errors;
    for (size_t s = 0; s < template->shape_count; s++)
        if (template->shapes[s].part_count &&
            shape_wanted(&template->shapes[s], sources, &scratch)) {
            add_shape(&all, &template->shapes[s]);
            add_gtin(&all, &template->shapes[s]);
        }
    enum err err = buf_err(&scratch);
    buf_free(&scratch);
    place.field = NULL;
    for (size_t i = 0; !err && i < all.count; i++)
        if (all.part[i])
            check_part(&all, all.part[i], place, findings);
    return err ? err : errors == findings->errors ? ERR_NONE : ERR_INPUT;
}
