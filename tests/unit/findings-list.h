/* SPDX-License-Identifier: Apache-2.0 */
/* findings-list.h: findings as "line:column code, line:column code" for tests whose rows name
 * them. Header only. */
#ifndef TEM_TESTS_FINDINGS_LIST_H
#define TEM_TESTS_FINDINGS_LIST_H

#include "spooler/base/findings.h"

#include <stdio.h>
#include <string.h>

__attribute__((unused)) static const char *findings_list(const struct findings *findings)
{
    static char text[4096];
    size_t at = 0;
    text[0] = 0;
    for (size_t i = 0; i < findings->count && at < sizeof text; i++) {
        const struct finding *finding = &findings->list[i];
        int wrote = snprintf(text + at, sizeof text - at, "%s%llu:%u %s", i ? ", " : "",
                             (unsigned long long)finding->line, finding->column, finding->code);
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    return text;
}

/* Each finding as people read it, as TAP comments. */
__attribute__((unused)) static void findings_show(const struct findings *findings)
{
    char line[2048];
    for (size_t i = 0; i < findings->count; i++)
        printf("# %s\n", finding_text(&findings->list[i], line, sizeof line));
}

#endif
