/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from utf8.c so that temfeed, which needs no normalization, does not bring GLib. */
#include "spooler/base/utf8.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

bool utf8_is_mark(uint32_t code_point)
{
    return g_unichar_ismark(code_point);
}

enum err utf8_nfc(const char *text, size_t len, char **out)
{
    char *composed = g_utf8_normalize(text, (gssize)len, G_NORMALIZE_NFC);
    if (!composed)
        return ERR_INPUT;
    char *copy = strdup(composed); /* callers free(), GLib's memory wants g_free() */
    g_free(composed);
    if (!copy)
        return ERR_NO_MEMORY;
    *out = copy;
    return ERR_NONE;
}
