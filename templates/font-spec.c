/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/font-spec.h"

#include <string.h>

#define FONT_MIN_MPT 3000
#define FONT_MAX_MPT 500000

static const char *const style_words[] = {
    "Thin", "ExtraLight", "Light", "Regular", "Book",   "Medium",  "DemiBold",   "SemiBold",
    "Bold", "ExtraBold",  "Black", "Heavy",   "Italic", "Oblique", "BoldItalic",
};

static bool is_style(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof style_words / sizeof style_words[0]; i++)
        if (strlen(style_words[i]) == len && memcmp(style_words[i], word, len) == 0)
            return true;
    return false;
}

/* Where the last word of text[0..len) begins. */
static size_t last_word(const char *text, size_t len)
{
    while (len > 0 && text[len - 1] != ' ')
        len--;
    return len;
}

static size_t trim(const char *text, size_t len)
{
    while (len > 0 && text[len - 1] == ' ')
        len--;
    return len;
}

static bool points(const char *text, size_t len, int32_t *out)
{
    int64_t mpt = 0;
    if (!parse_thousandths(text, len, &mpt) || mpt < FONT_MIN_MPT || mpt > FONT_MAX_MPT)
        return false;
    *out = (int32_t)mpt;
    return true;
}

void font_spec_read(struct loading *loading, const struct yaml_node *node,
                    struct element *element)
{
    const char *text = NULL;
    if (!read_text(loading, node, "font", 100, &text))
        return;
    size_t len = strlen(text), size_at = last_word(text, len);
    if (!points(text + size_at, len - size_at, &element->font_mpt)) {
        read_fault(loading, node, "bad-font", text,
                   "Bold 8, or FAMILY Bold 8 (3 to 500 points)",
                   "the font's last word is no size in points");
        return;
    }
    size_t name_end = trim(text, size_at), style_at = name_end;
    while (style_at > 0) {
        size_t end = trim(text, style_at), word = last_word(text, end);
        if (!is_style(text + word, end - word))
            break;
        style_at = word;
    }
    struct pool *pool = &loading->template->pool;
    size_t family_len = trim(text, style_at);
    if (style_at < name_end)
        element->font_style = pool_text(pool, text + style_at, name_end - style_at);
    if (family_len > 0)
        element->font_family = pool_text(pool, text, family_len);
    loading->no_memory |= !element->font_style || (family_len > 0 && !element->font_family);
}

void fit_spec_read(struct loading *loading, const struct yaml_node *node,
                   struct element *element)
{
    static const char shrink[] = "shrink to ";
    static const struct choice policies[] = {{"refuse", FIT_REFUSE},
                                             {"wrap", FIT_WRAP},
                                             {"ellipsis", FIT_ELLIPSIS},
                                             {"shrink to POINTS", FIT_SHRINK}};
    size_t prefix = sizeof shrink - 1;
    int value = 0;
    if (node->kind == YAML_SCALAR && strncmp(node->text, shrink, prefix) == 0) {
        const char *size = node->text + prefix;
        element->fit = FIT_SHRINK;
        if (!points(size, strlen(size), &element->shrink_to_mpt))
            read_fault(loading, node, "bad-fit", node->text, "shrink to 6.5",
                       "no size in points to shrink to");
        return;
    }
    if (read_choice(loading, node, "fit", policies, 4, &value) && value == FIT_SHRINK)
        read_fault(loading, node, "bad-fit", node->text, "shrink to 6.5",
                   "no size in points to shrink to");
    else
        element->fit = (enum fit_policy)value;
}

void fit_spec_check(struct loading *loading, const struct yaml_node *node,
                    const struct element *element)
{
    if (element->kind != ELEMENT_TEXT || element->fit == FIT_REFUSE)
        return;
    if (element->width_um < 0 && !yaml_get(node, "width"))
        read_fault(loading, yaml_get(node, "fit"), "fit-without-width", NULL, "width: 30",
                   "without a width there is nothing to fit into");
    if (element->fit == FIT_SHRINK && element->shrink_to_mpt > element->font_mpt)
        read_fault(loading, yaml_get(node, "fit"), "bad-fit", NULL, "a size below the font's",
                   "shrinking would make the text larger");
}
