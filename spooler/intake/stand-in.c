/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/stand-in.h"

#include <stdio.h>
#include <string.h>

/* Widest first, as proportional typefaces have them. */
static const char by_width[] =
    "W@%mMwQOGDNHUCRKAXVYBZPTSE&_=+<>8069234571LFJoqdbpgnhuaecyvkxzs?*\"-/Irtfj();:!',.il";

/* The widest character of the alphabet between `low` and `high`; '\0' = none. */
static char widest(const char *alphabet, char low, char high)
{
    for (const char *c = by_width; *c; c++) {
        if (*c >= low && *c <= high && strchr(alphabet, *c))
            return *c;
    }
    for (const char *c = alphabet; *c; c++) {
        if (*c >= low && *c <= high)
            return *c;
    }
    return '\0';
}

/* One character of each class that the alphabet has. */
static size_t classes(const char *alphabet, char out[static 4])
{
    const char found[] = {widest(alphabet, 'A', 'Z'), widest(alphabet, 'a', 'z'),
                          widest(alphabet, '0', '9'), widest(alphabet, '!', '/')};
    size_t count = 0;
    for (size_t i = 0; i < sizeof found; i++) {
        if (found[i])
            out[count++] = found[i];
    }
    return count;
}

bool stand_in(const struct number_format *format, bool mixed, char out[static NUMBER_MAX])
{
    char cycle[4] = {widest(format->alphabet, '!', '~')};
    size_t count = mixed ? classes(format->alphabet, cycle) : 1;
    if ((mixed && count < 2) || !cycle[0] || number_length(format) >= NUMBER_MAX)
        return false;
    size_t len = strlen(format->prefix);
    memcpy(out, format->prefix, len);
    for (uint32_t i = 0; i < format->length; i++)
        out[len++] = cycle[i % count];
    if (format->check == CHECK_GS1) {
        out[len] = gs1_check_digit(out, len);
        len++;
    }
    out[len] = '\0';
    return true;
}
