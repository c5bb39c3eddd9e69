/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/reconcile/words.h"

#include "drivers/driver.h"

#include <stdio.h>
#include <string.h>

static const char waiting[] = "waiting: "; /* how temfeed begins what it says while it waits */

static const struct {
    const char *keyword, *words;
} backend_reasons[] = {
    {"connecting-to-device", "the printer cannot be reached yet: is it on, and its cable in?"},
};

static const char *words_of(const char *keyword)
{
    for (size_t i = 0; i < sizeof backend_reasons / sizeof backend_reasons[0]; i++)
        if (strcmp(backend_reasons[i].keyword, keyword) == 0)
            return backend_reasons[i].words;
    const char *words = condition_words_of(keyword);
    return words ? words : keyword;
}

void words_of_queue(const struct queue_view *queue, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    if (strncmp(queue->message, waiting, sizeof waiting - 1) == 0) {
        snprintf(out, size, "%s", queue->message + sizeof waiting - 1);
        return;
    }
    for (const char *at = queue->reasons; *at && used < size;) {
        char keyword[64];
        int len = (int)strcspn(at, " ");
        snprintf(keyword, sizeof keyword, "%.*s", len, at);
        at += len;
        if (strncmp(keyword, "cups-", 5) != 0) { /* what CUPS says to itself */
            int n =
                snprintf(out + used, size - used, "%s%s", used ? "; " : "", words_of(keyword));
            used += n > 0 ? (size_t)n : 0;
        }
        at += strspn(at, " ");
    }
}
