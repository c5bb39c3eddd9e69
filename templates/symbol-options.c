/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/symbol-options.h"

#include "spooler/base/near.h"
#include "templates/ai-data.h"
#include "templates/symbology.h"

#include <stdio.h>
#include <string.h>

#define DATA_MAX_BYTES 4096

const char *symbol_name_read(struct loading *loading, const struct yaml_node *node)
{
    const char *names[SYMBOLOGIES_MAX], *text = NULL;
    if (!read_text(loading, node, "barcode", 64, &text))
        return NULL;
    const struct symbology *symbology = symbology_find(text);
    if (symbology)
        return symbology->name;
    for (size_t i = 0; i < symbology_count; i++)
        names[i] = symbologies[i].name;
    const char *near = near_word(text, names, symbology_count);
    char expected[80] = "a symbology's name, such as gs1-datamatrix, qr, code128, ean13";
    if (near)
        snprintf(expected, sizeof expected, "\"%s\", the nearest known one", near);
    read_fault(loading, node, "bad-choice", text, expected, "barcode is not known");
    return NULL;
}

/* ---- options ---------------------------------------------------------------------- */

static size_t word_count(const char *const *words)
{
    size_t count = 0;
    while (words[count])
        count++;
    return count;
}

/* Number n is kept as n, or as n + 1 where 0 is legal; a word as its place from 1 on. */
static void read_option(struct loading *loading, const struct yaml_node *node,
                        const struct option_rule *rule, struct symbol_options *options)
{
    const char *name = symbol_option_name(rule->option);
    struct choice words[64];
    int word = 0;
    int64_t number = 0;
    if (!rule->words) {
        if (read_integer(loading, node, name, rule->min, rule->max, &number))
            *symbol_option_at(options, rule->option) =
                (uint16_t)(number + (rule->min == 0 ? 1 : 0));
        return;
    }
    size_t count = word_count(rule->words);
    for (size_t i = 0; i < count; i++)
        words[i] = (struct choice){rule->words[i], (int)i};
    if (read_choice(loading, node, name, words, count, &word))
        *symbol_option_at(options, rule->option) = (uint16_t)(word + 1);
}

/* Adds names that hold to "a | b | c". */
static void list_symbologies(char *out, size_t size,
                             bool (*holds)(const struct symbology *symbology,
                                           enum symbol_option option),
                             enum symbol_option option)
{
    const char *names[SYMBOLOGIES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < symbology_count; i++)
        if (holds(&symbologies[i], option))
            names[count++] = symbologies[i].name;
    read_list(out, size, names, count);
}

static bool has_option(const struct symbology *symbology, enum symbol_option option)
{
    return symbol_option_rule(symbology, option) != NULL;
}

static bool has_primary(const struct symbology *symbology, enum symbol_option option)
{
    (void)option; /* one signature for all */
    return symbology->primary;
}

static bool has_composite(const struct symbology *symbology, enum symbol_option option)
{
    (void)option; /* one signature for all */
    return symbology->composite;
}

static void wrong_symbology(struct loading *loading, const struct yaml_node *node,
                            const struct symbology *symbology, const char *key,
                            bool (*holds)(const struct symbology *symbology,
                                          enum symbol_option option),
                            enum symbol_option option)
{
    char names[400], expected[440];
    list_symbologies(names, sizeof names, holds, option);
    snprintf(expected, sizeof expected, "it with: %s", names);
    read_fault(loading, node, "key-not-for-symbology", key, expected, "%s has no key \"%s\"",
               symbology->name, key);
}

void symbol_options_read(struct loading *loading, const struct yaml_node *element,
                         struct shape *shape)
{
    const struct symbology *symbology = symbology_find(shape->element.symbology);
    for (unsigned i = OPTION_END + 1; i < OPTION_COUNT; i++) {
        enum symbol_option option = (enum symbol_option)i;
        const char *name = symbol_option_name(option);
        const struct yaml_node *node = yaml_get(element, name);
        const struct option_rule *rule = symbol_option_rule(symbology, option);
        if (!node)
            continue;
        if (!rule) {
            wrong_symbology(loading, node, symbology, name, has_option, option);
            continue;
        }
        if (rule->excludes && yaml_get(element, symbol_option_name(rule->excludes)))
            read_fault(loading, node, "contradiction", NULL, "one of both",
                       "%s and %s are not for one symbol", name,
                       symbol_option_name(rule->excludes));
        read_option(loading, node, rule, &shape->element.options);
    }
}

/* ---- primary message ----------------------------------------------------------------- */

void symbol_primary_check(struct loading *loading, const struct yaml_node *node,
                          struct shape *shape)
{
    const struct symbology *symbology =
        shape->element.symbology ? symbology_find(shape->element.symbology) : NULL;
    if (symbology && !symbology->primary)
        wrong_symbology(loading, node, symbology, "primary", has_primary, OPTION_END);
}

bool symbol_text_read(struct loading *loading, const struct yaml_node *node,
                      struct shape *shape, const char **out)
{
    const struct yaml_node *primary = yaml_get(shape->node, "primary");
    const char *text = NULL, *first = NULL;
    uint16_t mode = shape->element.options.mode;
    bool wanted = mode == 2 || mode == 3;
    bool good = read_text(loading, node, "data", DATA_MAX_BYTES, &text);
    if (!symbology_find(shape->element.symbology)->primary || (!wanted && !primary)) {
        *out = text;
        return good;
    }
    if (wanted != (primary != NULL)) {
        read_fault(loading, primary ? primary : node, primary ? "contradiction" : "missing-key",
                   NULL, "mode: 2 or 3, with primary: \"{postcode}{country}{service}\"",
                   "a primary message is what modes 2 and 3 have, and no other");
        return false;
    }
    if (!good || !read_text(loading, primary, "primary", 200, &first))
        return false;
    struct buf joined = BUF_INIT(DATA_MAX_BYTES + 256);
    buf_printf(&joined, "%s" PRIMARY_END "%s", first, text);
    *out = pool_text(&loading->template->pool, buf_text(&joined), joined.len);
    loading->no_memory |= !*out || buf_err(&joined) != ERR_NONE;
    buf_free(&joined);
    shape->element.primary = true;
    return *out != NULL;
}

/* ---- composite ---------------------------------------------------------------------- */

static void check_repeated(struct loading *loading, const struct yaml_node *node,
                           const struct shape *below, const struct shape *above)
{
    for (size_t a = 0; a < above->part_count; a++)
        for (size_t b = 0; b < below->part_count; b++)
            if (strcmp(above->parts[a].digits, below->parts[b].digits) == 0)
                read_fault(loading, node, "ai-repeated", above->parts[a].digits, "each AI once",
                           "AI (%s) stands in the symbol below, too", above->parts[a].digits);
}

static bool join_parts(struct loading *loading, struct shape *shape, const struct shape *above)
{
    size_t count = shape->part_count + above->part_count;
    struct ai_part *parts = read_zalloc(loading, count, sizeof *parts);
    if (!parts)
        return false;
    if (shape->part_count)
        memcpy(parts, shape->parts, shape->part_count * sizeof *parts);
    memcpy(parts + shape->part_count, above->parts, above->part_count * sizeof *parts);
    shape->parts = parts;
    shape->part_count = count;
    return true;
}

void symbol_composite_read(struct loading *loading, const struct yaml_node *node,
                           struct shape *shape)
{
    const struct symbology *symbology =
        shape->element.symbology ? symbology_find(shape->element.symbology) : NULL;
    if (!symbology)
        return; /* told already */
    if (!symbology->composite) {
        wrong_symbology(loading, node, symbology, "composite", has_composite, OPTION_END);
        return;
    }
    if (shape->element.options.addon)
        read_fault(loading, node, "contradiction", NULL, "one of both",
                   "composite and addon are not for one symbol");
    bool ai_data = shape->element.ai_data;
    struct shape above = {.node = shape->node};
    ai_data_read(loading, node, &above);
    shape->element.ai_data = ai_data;
    shape->element.composite = true;
    if (above.part_count == 0)
        return;
    check_repeated(loading, node, shape, &above);
    symbol_decimals_check(loading, node, &above);
    char prefix[16];
    snprintf(prefix, sizeof prefix, "|[%s]", above.parts[0].digits);
    above.parts[0].prefix = pool_text(&loading->template->pool, prefix, strlen(prefix));
    loading->no_memory |= !above.parts[0].prefix;
    if (above.parts[0].prefix)
        join_parts(loading, shape, &above);
}

/* ---- decimals of AIs -------------------------------------------------------------------- */

/* AIs 310n to 369n and 390n to 395n. */
static bool has_implied_decimals(const char *digits)
{
    return digits && strlen(digits) == 4 && digits[0] == '3' && digits[1] >= '1' &&
           digits[1] != '7' && digits[1] != '8';
}

/* A decimal as it is written has a point, or fewer digits than the AI counts. */
static bool suits_places(const struct template *template, const struct step *step,
                         size_t places)
{
    if (step->kind == STEP_DECIMAL)
        return step->decimal.implied && step->decimal.places == places;
    return step->kind != STEP_VALUE || template->fields[step->field].type != FIELD_DECIMAL;
}

void symbol_decimals_check(struct loading *loading, const struct yaml_node *node,
                           const struct shape *shape)
{
    for (size_t i = 0; i < shape->part_count; i++) {
        const struct ai_part *part = &shape->parts[i];
        for (size_t s = 0; has_implied_decimals(part->digits) && s < part->value.count; s++) {
            size_t places = (size_t)(part->digits[3] - '0');
            char expected[48];
            if (suits_places(loading->template, &part->value.steps[s], places))
                continue;
            snprintf(expected, sizeof expected, "a format such as %d.%zu",
                     part->digits[1] == '9' ? 15 : 6, places);
            read_fault(loading, node, "ai-decimals", part->digits, expected,
                       "AI (%s) says that its value has %zu implied decimals", part->digits,
                       places);
        }
    }
}
