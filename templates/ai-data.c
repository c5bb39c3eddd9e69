/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/ai-data.h"

#include <stdio.h>
#include <string.h>

#define SYNTAX "(01){gtin}(17){expiry:%y%m%d}(10){lot}"
/* A URI that a scanner's buffer and a person's telephone take. */
#define BASE_MAX_BYTES 200

/* ---- splitting ------------------------------------------------------------------ */

/* End of the value that begins at `at`: the next '(' outside of a placeholder. */
static const char *value_end(const char *at, const char *end)
{
    for (bool inside = false; at < end; at++) {
        if (*at == '(' && !inside)
            break;
        inside = *at == '{' || (inside && *at != '}');
    }
    return at;
}

/* Values of the right form for dates and GTINs, so that "(17){expiry}" without a format fails
 * here and not at the first row. The date is none in any other order of its parts. Anything
 * else has to wait for the row. */
static void try_part(struct loading *loading, const struct yaml_node *node,
                     const struct ai_part *part)
{
    const struct template *template = loading->template;
    const char *values[TEMPLATE_MAX_FIELDS] = {NULL};
    for (size_t i = 0; i < part->value.count; i++) {
        const struct step *step = &part->value.steps[i];
        if (step->kind == STEP_TEXT || step->kind == STEP_TEXT_IF)
            continue;
        if (step->kind != STEP_VALUE && step->kind != STEP_SLICE)
            return;
        enum field_type type = template->fields[step->field].type;
        if (type != FIELD_DATE && type != FIELD_GTIN)
            return;
        values[step->field] = type == FIELD_DATE ? "2035-12-28" : "00000000000000";
    }
    struct why why = {""};
    struct sources sources = {.values = values};
    if (ai_data_check(part, &sources, &why) == ERR_INPUT)
        read_fault(loading, node, "ai-value", NULL, part->ai->format, "%s", why.text);
}

/* A condition that consists of this field alone: it is empty where the field is. */
static bool condition_is(const struct program *when, size_t field)
{
    for (size_t i = 0; i < when->count; i++)
        if (when->late || when->steps[i].kind == STEP_TEXT || when->steps[i].field != field)
            return false;
    return when->count > 0;
}

static bool shape_guarded(const struct shape *shape, size_t field)
{
    for (size_t i = 0; i < shape->when_count; i++)
        if (condition_is(&shape->whens[i], field))
            return true;
    return false;
}

/* A field of the value that may be empty on a label that has the symbol; NULL = none. */
static const char *unguarded(const struct loading *loading, const struct shape *shape,
                             const struct program *value)
{
    for (size_t i = 0; i < value->count; i++) {
        const struct step *step = &value->steps[i];
        if (step->kind == STEP_TEXT || step->kind == STEP_BUILTIN || step->kind == STEP_NOW)
            continue;
        const struct field *field = &loading->template->fields[step->field];
        if (field_optional(field) && !shape_guarded(shape, step->field))
            return field->name;
    }
    return NULL;
}

static void read_value(struct loading *loading, const struct yaml_node *node,
                       const struct shape *shape, struct ai_part *part)
{
    if (part->source_len == 0) {
        read_fault(loading, node, "ai-empty", part->digits, "a placeholder or text",
                   "AI (%s) has no value", part->digits);
        return;
    }
    size_t errors = loading->findings->errors;
    program_compile(loading, node, part->source, part->source_len, PROGRAM_CONTENT,
                    &part->value);
    if (errors != loading->findings->errors || loading->no_memory)
        return;
    const char *optional = unguarded(loading, shape, &part->value);
    if (optional)
        read_fault(loading, node, "ai-optional", optional,
                   "\"required: true\" or a default for that field, or \"when\" with it alone",
                   "AI (%s) would be empty on a label without that field", part->digits);
    else
        try_part(loading, node, part);
}

static bool read_digits(struct loading *loading, const struct yaml_node *node, const char *at,
                        const char *end, struct ai_part *part)
{
    const char *close = *at == '(' ? memchr(at, ')', (size_t)(end - at)) : NULL;
    if (!close) {
        read_fault(loading, node, "ai-syntax", NULL, SYNTAX,
                   "data of this barcode are AIs in parentheses");
        return false;
    }
    size_t len = (size_t)(close - at) - 1;
    char digits[8];
    snprintf(digits, sizeof digits, "%.*s", (int)len, at + 1);
    part->ai = len < sizeof digits ? gs1_ai_find(digits, len) : NULL;
    part->digits = pool_text(&loading->template->pool, digits, strlen(digits));
    loading->no_memory |= !part->digits;
    if (!part->ai)
        read_fault(loading, node, "unknown-ai", digits, "one of GS1's Application Identifiers",
                   "unknown AI");
    part->source = close + 1;
    part->source_len = (size_t)(value_end(close + 1, end) - (close + 1));
    return true;
}

static void check_repeated(struct loading *loading, const struct yaml_node *node,
                           const struct shape *shape, const struct ai_part *part)
{
    for (const struct ai_part *other = shape->parts; other < part; other++)
        if (strcmp(other->digits, part->digits) == 0) {
            read_fault(loading, node, "ai-repeated", part->digits, "each AI once",
                       "AI (%s) stands twice in one symbol", part->digits);
            return;
        }
}

static void split(struct loading *loading, const struct yaml_node *node, const char *text,
                  struct shape *shape)
{
    const char *end = text + strlen(text);
    shape->parts = read_zalloc(loading, AI_PARTS_MAX, sizeof *shape->parts);
    for (const char *at = text; shape->parts && at < end;) {
        if (shape->part_count == AI_PARTS_MAX) {
            read_fault(loading, node, "too-many", NULL, NULL, "more than %d AIs in one symbol",
                       AI_PARTS_MAX);
            return;
        }
        struct ai_part *part = &shape->parts[shape->part_count];
        if (!read_digits(loading, node, at, end, part) || loading->no_memory)
            return;
        at = part->source + part->source_len;
        if (!part->ai)
            continue; /* the entry is used again */
        check_repeated(loading, node, shape, part);
        read_value(loading, node, shape, part);
        shape->part_count++;
    }
}

static const char *make_prefix(struct loading *loading, const char *before, const char *digits,
                               const char *after)
{
    char text[16];
    snprintf(text, sizeof text, "%s%s%s", before, digits, after);
    char *prefix = pool_text(&loading->template->pool, text, strlen(text));
    loading->no_memory |= !prefix;
    return prefix ? prefix : "";
}

void ai_data_read(struct loading *loading, const struct yaml_node *node, struct shape *shape)
{
    const char *text = NULL;
    if (!read_text(loading, node, "data", 4096, &text))
        return;
    shape->element.ai_data = true;
    split(loading, node, text, shape);
    for (size_t i = 0; i < shape->part_count; i++)
        shape->parts[i].prefix = make_prefix(loading, "[", shape->parts[i].digits, "]");
}

/* ---- GS1 Digital Link -------------------------------------------------------------- */

static void move_part(struct shape *shape, size_t from, size_t to)
{
    struct ai_part part = shape->parts[from];
    memmove(&shape->parts[to + 1], &shape->parts[to], (from - to) * sizeof part);
    shape->parts[to] = part;
}

/* Moves the qualifiers of one alternative ("22,10,21") behind the first `at` parts, in their
 * order; returns how many parts are path then. */
static size_t order_qualifiers(struct shape *shape, size_t at, const char *list, size_t len)
{
    for (const char *name = list; name < list + len;) {
        size_t name_len = strcspn(name, ",|");
        for (size_t i = at; i < shape->part_count; i++)
            if (strlen(shape->parts[i].digits) == name_len &&
                memcmp(shape->parts[i].digits, name, name_len) == 0) {
                move_part(shape, i, at++);
                break;
            }
        name += name_len + 1;
    }
    return at;
}

/* Key first, then its qualifiers in the order that the standard gives, then the rest in the
 * order of the template (GS1 Digital Link: URI syntax, 4). Returns the parts of the path; 0: no
 * key. */
static size_t order_parts(struct shape *shape)
{
    size_t key = 0;
    while (key < shape->part_count && !shape->parts[key].ai->qualifiers)
        key++;
    if (key == shape->part_count)
        return 0;
    move_part(shape, key, 0);
    const char *lists = shape->parts[0].ai->qualifiers;
    size_t path = 1;
    while (*lists && path == 1) { /* alternatives exclude each other: the first that is there */
        size_t len = strcspn(lists, "|");
        path = order_qualifiers(shape, 1, lists, len);
        lists += len + (lists[len] == '|');
    }
    return path;
}

static void read_base(struct loading *loading, const struct yaml_node *node,
                      struct shape *shape)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "-._~:/";
    const char *base = NULL;
    if (!read_text(loading, node, "digital-link", BASE_MAX_BYTES, &base))
        return;
    size_t scheme = strncmp(base, "https://", 8) == 0  ? 8
                    : strncmp(base, "http://", 7) == 0 ? 7
                                                       : 0;
    size_t len = strlen(base);
    if (scheme == 0 || len <= scheme || base[scheme] == '/' || strspn(base, allowed) != len) {
        read_fault(loading, node, "digital-link", base, "https://id.example.com",
                   "not the beginning of a Digital Link URI");
        return;
    }
    while (base[len - 1] == '/')
        len--;
    program_compile(loading, node, base, len, PROGRAM_CONTENT, &shape->content);
}

void ai_data_read_link(struct loading *loading, const struct yaml_node *node,
                       struct shape *shape)
{
    static const char *const known[] = {"digital-link", "ai"};
    const struct yaml_node *base = yaml_get(node, "digital-link"), *ai = yaml_get(node, "ai");
    const char *text = NULL;
    yaml_check_keys(loading->doc, node, loading->where, known, 2, loading->findings);
    if (!base || !ai) {
        read_fault(loading, node, "missing-key", NULL,
                   "{digital-link: https://id.example.com, ai: \"(01)...\"}",
                   "data of a Digital Link are a base and AIs");
        return;
    }
    shape->uri = true;
    read_base(loading, base, shape);
    if (!read_text(loading, ai, "ai", 4096, &text))
        return;
    split(loading, ai, text, shape);
    size_t path = order_parts(shape);
    if (path == 0 && shape->part_count > 0)
        read_fault(loading, ai, "digital-link", NULL, "an AI such as 01, 00, 414 or 8004",
                   "no AI here is the key of a Digital Link");
    for (size_t i = 0; i < shape->part_count; i++) {
        struct ai_part *part = &shape->parts[i];
        if (i >= path && path > 0 && !part->ai->attribute)
            read_fault(loading, ai, "digital-link", part->digits, NULL,
                       "AI (%s) may not stand in a Digital Link of key (%s)", part->digits,
                       shape->parts[0].digits);
        part->prefix = make_prefix(loading,
                                   i < path    ? "/"
                                   : i == path ? "?"
                                               : "&",
                                   part->digits, i < path ? "/" : "=");
    }
}

/* ---- running ---------------------------------------------------------------------------- */

/* "." and ".." are no path segments of a URI but ways through it, percent-encoded or not (RFC
 * 3986, 5.2.4): whoever resolves it would lose the value, and the one before it. */
static enum err check_segment(const struct ai_part *part, const char *value, size_t len,
                              struct why *why)
{
    bool dots = (len == 1 || len == 2) && strspn(value, ".") >= len;
    return part->prefix && part->prefix[strlen(part->prefix) - 1] == '/' && dots
               ? err_set(why, ERR_INPUT,
                         "value \"%.*s\" of AI (%s) is no path segment of a Digital Link",
                         (int)len, value, part->digits)
               : ERR_NONE;
}

enum err ai_data_check(const struct ai_part *part, const struct sources *sources,
                       struct why *why)
{
    struct buf value = BUF_INIT(part->value.worst_bytes + 1);
    program_run(&part->value, sources, &value);
    enum err err = buf_err(&value);
    if (err == ERR_NONE)
        err = gs1_ai_check(part->ai, part->digits, buf_text(&value), value.len, why);
    if (err == ERR_NONE)
        err = check_segment(part, buf_text(&value), value.len, why);
    buf_free(&value);
    return err;
}

static void percent_encode(struct buf *out, size_t from)
{
    static const char hex[] = "0123456789ABCDEF";
    uint8_t value[GS1_VALUE_MAX];
    size_t len = out->len - from;
    memcpy(value, out->bytes + from, len);
    out->len = from;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = value[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
            buf_add_byte(out, c);
        } else {
            buf_add_byte(out, '%');
            buf_add_byte(out, (uint8_t)hex[c >> 4]);
            buf_add_byte(out, (uint8_t)hex[c & 15]);
        }
    }
}

enum err ai_data_run(const struct shape *shape, const struct sources *sources, struct buf *out,
                     struct why *why)
{
    for (size_t i = 0; i < shape->part_count; i++) {
        const struct ai_part *part = &shape->parts[i];
        buf_add_text(out, part->prefix);
        size_t from = out->len;
        program_run(&part->value, sources, out);
        enum err err = buf_err(out);
        if (err)
            return err_set(why, err, "%s", err_meaning(err));
        size_t len = out->len - from;
        if (part->value.late) /* all others were checked with their row */
            err =
                gs1_ai_check(part->ai, part->digits, (const char *)out->bytes + from, len, why);
        if (err == ERR_NONE && len > GS1_VALUE_MAX)
            err = err_set(why, ERR_INPUT, "value of AI (%s) is too long", part->digits);
        if (err)
            return err;
        if (shape->uri)
            percent_encode(out, from);
    }
    return ERR_NONE;
}
