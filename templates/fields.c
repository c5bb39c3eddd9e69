/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/fields.h"

#include "templates/decimal.h"
#include "templates/value.h"

#include <stdio.h>
#include <string.h>

#define FIELD_NAME_MAX  63
#define SERIES_NAME_MAX 63
#define ENUM_WORDS_MAX  100

/* A field under construction. */
struct target {
    struct field *field;
    struct rule *rule;
};

bool field_optional(const struct field *field)
{
    return !field->required && !field->default_text && field->type != FIELD_SERIES;
}

static bool name_good(const char *name)
{
    size_t len = strlen(name);
    return name[0] >= 'a' && name[0] <= 'z' && len <= FIELD_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

/* ---- one function a key --------------------------------------------------------- */

static void read_required(struct loading *loading, const struct yaml_node *node,
                          struct target to)
{
    read_bool(loading, node, "required", &to.field->required);
}

static void read_charset(struct loading *loading, const struct yaml_node *node,
                         struct target to)
{
    static const struct choice charsets[] = {{"any", CHARSET_ANY},
                                             {"ascii", CHARSET_ASCII},
                                             {"alphanumeric", CHARSET_ALPHANUMERIC},
                                             {"gs1-82", CHARSET_GS1_82},
                                             {"gs1-39", CHARSET_GS1_39},
                                             {"digits", CHARSET_DIGITS}};
    int value = 0;
    if (read_choice(loading, node, "charset", charsets, sizeof charsets / sizeof charsets[0],
                    &value))
        to.rule->charset = (enum charset)value;
}

static void read_bound(struct loading *loading, const struct yaml_node *node, struct target to,
                       const char *key, bool *given, int64_t *bound)
{
    const int64_t digits_18 = 999999999999999999;
    if (to.field->type == FIELD_TEXT)
        *given = read_integer(loading, node, key, 1, TEMPLATE_MAX_VALUE, bound);
    else
        *given = read_integer(loading, node, key, -digits_18, digits_18, bound);
}

/* A bound of a decimal is one itself: it is compared exactly, however many digits it has. */
static void read_decimal_bound(struct loading *loading, const struct yaml_node *node,
                               const char *key, const char **bound)
{
    const char *text = NULL;
    struct decimal number;
    if (!read_text(loading, node, key, DECIMAL_MAX_BYTES, &text))
        return;
    if (!decimal_parse(text, &number))
        read_fault(loading, node, "bad-number", text, "digits with a point, such as 12.50",
                   "%s is no decimal number", key);
    else
        *bound = text;
}

static void check_decimal_bounds(struct loading *loading, const struct yaml_node *node,
                                 const struct rule *rule)
{
    struct decimal least, most;
    if (rule->least && rule->most && decimal_parse(rule->least, &least) &&
        decimal_parse(rule->most, &most) && decimal_compare(&least, &most) > 0)
        read_fault(loading, node, "bad-number", node->text, "at least the field's min",
                   "max is below min");
}

static void read_decimals(struct loading *loading, const struct yaml_node *node,
                          struct target to)
{
    int64_t decimals = 0;
    if (read_integer(loading, node, "decimals", 0, DECIMAL_MAX_PLACES, &decimals))
        to.rule->decimals = (size_t)decimals;
}

static void read_min(struct loading *loading, const struct yaml_node *node, struct target to)
{
    if (to.field->type == FIELD_DECIMAL) {
        read_decimal_bound(loading, node, "min", &to.rule->least);
        return;
    }
    read_bound(loading, node, to, "min", &to.rule->has_min_value, &to.rule->min_value);
    if (to.field->type == FIELD_TEXT)
        to.rule->min = (uint32_t)to.rule->min_value;
}

static void read_max(struct loading *loading, const struct yaml_node *node, struct target to)
{
    if (to.field->type == FIELD_DECIMAL) {
        read_decimal_bound(loading, node, "max", &to.rule->most);
        check_decimal_bounds(loading, node, to.rule);
        return;
    }
    read_bound(loading, node, to, "max", &to.rule->has_max_value, &to.rule->max_value);
    if (to.field->type == FIELD_TEXT)
        to.field->max = (uint32_t)to.rule->max_value;
    if (to.rule->has_min_value && to.rule->has_max_value &&
        to.rule->min_value > to.rule->max_value)
        read_fault(loading, node, "bad-number", node->text, "at least the field's min",
                   "max is below min");
}

static bool has_word(const struct rule *rule, const char *word)
{
    for (size_t i = 0; i < rule->word_count; i++)
        if (strcmp(rule->words[i], word) == 0)
            return true;
    return false;
}

static void read_values(struct loading *loading, const struct yaml_node *node, struct target to)
{
    if (node->kind != YAML_LIST || node->count == 0 || node->count > ENUM_WORDS_MAX) {
        read_fault(loading, node, "bad-value", NULL, "[first, second, ...], up to 100",
                   "values is no list of words");
        return;
    }
    to.rule->words = read_zalloc(loading, node->count, sizeof *to.rule->words);
    for (size_t i = 0; to.rule->words && i < node->count; i++) {
        const char **word = &to.rule->words[to.rule->word_count];
        if (!read_line(loading, node->items[i], "values", 100, word))
            continue;
        if (has_word(to.rule, *word))
            read_fault(loading, node->items[i], "duplicate-value", *word, "each value once",
                       "the list has this value already");
        else
            to.rule->word_count++;
    }
}

static void read_series(struct loading *loading, const struct yaml_node *node, struct target to)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    const char *name = NULL;
    if (!read_text(loading, node, "series", SERIES_NAME_MAX, &name))
        return;
    if (strspn(name, allowed) != strlen(name))
        read_fault(loading, node, "bad-name", name, "letters, digits and _ - .",
                   "not a series' name");
    else
        to.field->series = name;
}

/* A value that stands in the template: what it must be is said by the field itself. */
static const char *read_canonical(struct loading *loading, const struct yaml_node *node,
                                  struct target to, const char *key)
{
    const char *raw = NULL;
    if (!read_text(loading, node, key, 4 * TEMPLATE_MAX_VALUE, &raw))
        return NULL;
    struct buf text = BUF_INIT(4 * TEMPLATE_MAX_VALUE);
    const char *canonical = NULL;
    if (value_check(to.field, to.rule, raw, yaml_place(loading->doc, node, loading->where),
                    &text, loading->findings)) {
        canonical = pool_text(&loading->template->pool, buf_text(&text), text.len);
        loading->no_memory |= !canonical || buf_err(&text) != ERR_NONE;
    }
    buf_free(&text);
    return canonical;
}

static void read_default(struct loading *loading, const struct yaml_node *node,
                         struct target to)
{
    to.field->default_text = read_canonical(loading, node, to, "default");
    if (to.field->required)
        read_fault(loading, node, "contradiction", NULL, "required or default, not both",
                   "a required field is given with every row: its default would never be used");
}

static void read_sample(struct loading *loading, const struct yaml_node *node, struct target to)
{
    to.field->sample = read_canonical(loading, node, to, "sample");
}

#define DATA                                                                                   \
    (1U << FIELD_TEXT | 1U << FIELD_INTEGER | 1U << FIELD_DECIMAL | 1U << FIELD_DATE |         \
     1U << FIELD_GTIN | 1U << FIELD_GLN | 1U << FIELD_SSCC | 1U << FIELD_ENUM |                \
     1U << FIELD_BOOLEAN)
#define BOUNDED (1U << FIELD_TEXT | 1U << FIELD_INTEGER | 1U << FIELD_DECIMAL)
#define SERIES  (1U << FIELD_SERIES)

/* In this order: a sample is checked against what stands above it. `type` and `scope` are read
 * apart: before and after all others. */
static const struct {
    const char *name;
    unsigned types; /* bits 1 << enum field_type */
    void (*read)(struct loading *loading, const struct yaml_node *node, struct target to);
} keys[] = {
    {"type", DATA | SERIES, NULL},
    {"series", SERIES, read_series},
    {"scope", SERIES, NULL},
    {"required", DATA, read_required},
    {"charset", 1U << FIELD_TEXT, read_charset},
    {"min", BOUNDED, read_min},
    {"max", BOUNDED, read_max},
    {"decimals", 1U << FIELD_DECIMAL, read_decimals},
    {"values", 1U << FIELD_ENUM, read_values},
    {"default", DATA, read_default},
    {"sample", DATA | SERIES, read_sample},
};
#define KEYS (sizeof keys / sizeof keys[0])

static const struct choice types[] = {
    {"text", FIELD_TEXT},     {"integer", FIELD_INTEGER}, {"decimal", FIELD_DECIMAL},
    {"date", FIELD_DATE},     {"gtin", FIELD_GTIN},       {"gln", FIELD_GLN},
    {"sscc", FIELD_SSCC},     {"enum", FIELD_ENUM},       {"boolean", FIELD_BOOLEAN},
    {"series", FIELD_SERIES},
};

const char *field_type_name(enum field_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].value == (int)type)
            return types[i].name;
    return "";
}

/* ---- a field ---------------------------------------------------------------------- */

static bool read_type(struct loading *loading, const struct yaml_node *node, struct target to)
{
    const struct yaml_node *type = yaml_get(node, "type");
    if (!type && yaml_get(node, "series")) {
        to.field->type = FIELD_SERIES;
        return true;
    }
    if (!type) {
        read_fault(loading, node, "missing-key", NULL, "type: text, or series: NAME",
                   "the field has no type");
        return false;
    }
    int value = 0;
    if (!read_choice(loading, type, "type", types, sizeof types / sizeof types[0], &value))
        return false;
    to.field->type = (enum field_type)value;
    return true;
}

static void check_complete(struct loading *loading, const struct yaml_node *node,
                           struct target to)
{
    if (to.field->type == FIELD_SERIES && !yaml_get(node, "series"))
        read_fault(loading, node, "missing-key", NULL, "series: NAME",
                   "a series field does not name its series");
    if (to.field->type == FIELD_ENUM && !yaml_get(node, "values"))
        read_fault(loading, node, "missing-key", NULL, "values: [first, second, ...]",
                   "an enum field does not name its values");
}

static void read_field(struct loading *loading, const struct yaml_node *node, struct target to)
{
    if (node->kind != YAML_MAP) {
        read_fault(loading, node, "bad-value", node->text, "{type: text, ...}",
                   "a field is described by a map");
        to.field->required = true; /* no second finding where it is used */
        return;
    }
    const char *known[KEYS];
    for (size_t i = 0; i < KEYS; i++)
        known[i] = keys[i].name;
    yaml_check_keys(loading->doc, node, loading->where, known, KEYS, loading->findings);
    if (!read_type(loading, node, to)) {
        to.field->required = true;
        return;
    }
    for (size_t i = 0; i < KEYS; i++) {
        const struct yaml_node *value = yaml_get(node, keys[i].name);
        if (value && !(keys[i].types & 1U << to.field->type))
            read_fault(loading, value, "key-not-for-type", keys[i].name, NULL,
                       "a field of type %s has no key \"%s\"", field_type_name(to.field->type),
                       keys[i].name);
        else if (value && keys[i].read)
            keys[i].read(loading, value, to);
    }
    check_complete(loading, node, to);
}

static void read_scopes(struct loading *loading)
{
    struct template *template = loading->template;
    for (size_t i = 0; i < template->field_count; i++) {
        struct rule *rule = &template->rules[i];
        const struct yaml_node *node = yaml_get(rule->node, "scope");
        const char *text = NULL;
        if (!node || template->fields[i].type != FIELD_SERIES)
            continue;
        read_where(loading, "field %s", template->fields[i].name);
        if (read_text(loading, node, "scope", SCOPE_MAX_BYTES, &text))
            program_compile(loading, node, text, strlen(text), PROGRAM_SCOPE, &rule->scope);
    }
}

static bool same_scope(const struct rule *a, const struct rule *b)
{
    const struct yaml_node *one = yaml_get(a->node, "scope"),
                           *other = yaml_get(b->node, "scope");
    if (!one || !other || !one->text || !other->text)
        return !one && !other;
    return strcmp(one->text, other->text) == 0;
}

/* A label with two numbers of one scope is not what anybody means by it: a number is shown
 * twice by naming its field twice. */
static void check_series_once(struct loading *loading)
{
    const struct template *template = loading->template;
    for (size_t i = 0; i < template->field_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct field *field = &template->fields[i], *first = &template->fields[j];
            if (!field->series || !first->series || strcmp(field->series, first->series) != 0 ||
                !same_scope(&template->rules[i], &template->rules[j]))
                continue;
            char expected[200];
            snprintf(expected, sizeof expected,
                     "{%s} wherever that number stands, or another series", first->name);
            read_where(loading, "field %s", field->name);
            read_fault(loading, yaml_get(template->rules[i].node, "series"), "series-twice",
                       field->series, expected,
                       "field %s takes its numbers from the same series and scope",
                       first->name);
            break;
        }
}

static void check_name(struct loading *loading, const struct yaml_key *key)
{
    const char *message = NULL;
    if (!name_good(key->name))
        message = "not a field's name";
    else if (strcmp(key->name, "now") == 0)
        message = "the name is taken by the built-in {now}";
    struct place place = {yaml_file(loading->doc), key->line, key->column, NULL};
    if (message)
        findings_add(loading->findings, SEVERITY_ERROR, "bad-name", place, key->name,
                     "[a-z][a-z0-9_]*, up to 63 characters", "%s", message);
}

void fields_read(struct loading *loading, const struct yaml_node *node)
{
    struct template *template = loading->template;
    if (node->kind != YAML_MAP || node->count > TEMPLATE_MAX_FIELDS) {
        read_fault(loading, node, node->kind == YAML_MAP ? "too-many" : "bad-value", NULL,
                   "a map of at most 100 fields", "fields cannot be read");
        return;
    }
    template->fields = read_zalloc(loading, node->count, sizeof *template->fields);
    template->rules = read_zalloc(loading, node->count, sizeof *template->rules);
    if (!template->fields || !template->rules)
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_key *key = &node->keys[i];
        template->fields[i].name = key->name;
        template->rules[i] = (struct rule){.node = node->items[i],
                                           .line = key->line,
                                           .column = key->column,
                                           .decimals = DECIMALS_ANY,
                                           .gtin_digits = 14,
                                           .shown_places = DECIMALS_ANY,
                                           .shown_whole = DECIMALS_ANY};
        check_name(loading, key);
        read_where(loading, "field %.63s", key->name);
        read_field(loading, node->items[i],
                   (struct target){&template->fields[i], &template->rules[i]});
    }
    template->field_count = node->count;
    read_scopes(loading);
    check_series_once(loading);
    loading->where[0] = 0;
}

/* What the template's own values must be is known only now: a placeholder's format may show
 * less of a number than its field allows. */
static void check_shown(struct loading *loading, const struct template *template, size_t index)
{
    const struct field *field = &template->fields[index];
    const struct rule *rule = &template->rules[index];
    const struct {
        const char *key, *value;
    } values[] = {{"default", field->default_text}, {"sample", field->sample}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const struct yaml_node *node = yaml_get(rule->node, values[i].key);
        struct buf text = BUF_INIT(4 * TEMPLATE_MAX_VALUE);
        if (node && values[i].value)
            value_check(field, rule, values[i].value,
                        yaml_place(loading->doc, node, loading->where), &text,
                        loading->findings);
        loading->no_memory |= buf_err(&text) != ERR_NONE;
        buf_free(&text);
    }
}

void fields_check_used(struct loading *loading)
{
    const struct template *template = loading->template;
    for (size_t i = 0; i < template->field_count; i++) {
        const struct rule *rule = &template->rules[i];
        struct place place = {yaml_file(loading->doc), rule->line, rule->column,
                              template->fields[i].name};
        if (!rule->used)
            findings_add(loading->findings, SEVERITY_WARNING, "unused-field", place, NULL, NULL,
                         "nothing on the label uses the field");
        read_where(loading, "field %.63s", template->fields[i].name);
        check_shown(loading, template, i);
    }
    loading->where[0] = 0;
}
