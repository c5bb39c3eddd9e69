/* SPDX-License-Identifier: Apache-2.0 */
/* font-family.c: which file is a family in a style. */
#include "spooler/render/font-private.h"

static bool same_name(const FcChar8 *a, const char *b)
{
    return FcStrCmpIgnoreCase(a, (const FcChar8 *)b) == 0;
}

/* A file may carry several names, pairwise: "Roboto, Roboto Medium" are "Medium, Regular". */
static bool is_family(FcPattern *pattern, const char *family, const char *style)
{
    FcChar8 *name, *kind;
    for (int i = 0; FcPatternGetString(pattern, FC_FAMILY, i, &name) == FcResultMatch; i++) {
        if (!same_name(name, family))
            continue;
        if (!style)
            return true;
        if (FcPatternGetString(pattern, FC_STYLE, i, &kind) == FcResultMatch &&
            same_name(kind, style))
            return true;
    }
    return false;
}

FcPattern *family_file(const struct fonts *fonts, const char *family, const char *style)
{
    const FcFontSet *all = FcConfigGetFonts(fonts->config, FcSetApplication);
    for (int i = 0; all && i < all->nfont; i++) {
        FcPattern *pattern = all->fonts[i];
        FcBool variable = FcFalse, outline = FcTrue;
        (void)FcPatternGetBool(pattern, FC_VARIABLE, 0, &variable); /* absent = no */
        (void)FcPatternGetBool(pattern, FC_OUTLINE, 0, &outline);   /* absent = yes */
        if (!variable && outline && is_family(pattern, family, style))
            return pattern;
    }
    return NULL;
}

void family_styles(const struct fonts *fonts, const char *family, struct buf *out)
{
    const FcFontSet *all = FcConfigGetFonts(fonts->config, FcSetApplication);
    for (int i = 0; all && i < all->nfont; i++) {
        FcChar8 *name, *style;
        for (int n = 0; FcPatternGetString(all->fonts[i], FC_FAMILY, n, &name) == FcResultMatch;
             n++) {
            if (!same_name(name, family) ||
                FcPatternGetString(all->fonts[i], FC_STYLE, n, &style) != FcResultMatch)
                continue;
            buf_printf(out, "%s%s", out->len ? ", " : "", (const char *)style);
        }
    }
}
