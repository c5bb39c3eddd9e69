/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ranges.h"

#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#define ITEM_MAX (2 * RANGES_NUMBER + 8)

static enum err copy(const char *text, size_t len, char out[static RANGES_NUMBER],
                     struct why *why)
{
    if (len == 0)
        return err_set(why, ERR_INPUT, "a number is missing");
    if (len >= RANGES_NUMBER)
        return err_set(why, ERR_INPUT, "\"%.*s\" is longer than any number (%d characters)",
                       (int)len, text, RANGES_NUMBER - 1);
    memcpy(out, text, len);
    out[len] = '\0';
    return ERR_NONE;
}

static enum err parse_numbers(const char *item, struct range *out, struct why *why)
{
    const char *dots = strstr(item, "..");
    const char *to = dots ? dots + 2 : item;
    out->by_number = true;
    enum err err = copy(item, dots ? (size_t)(dots - item) : strlen(item), out->from, why);
    return err ? err : copy(to, strlen(to), out->to, why);
}

/* "7", "5-9"; false when it is something else. */
static bool parse_labels(char *item, struct range *out)
{
    char *dash = strchr(item, '-');
    if (dash)
        *dash = '\0';
    bool ok = args_number(item, 0, UINT64_MAX, &out->first);
    if (ok && dash)
        ok = args_number(dash + 1, 0, UINT64_MAX, &out->last);
    else if (ok)
        out->last = out->first;
    if (dash)
        *dash = '-';
    return ok;
}

static enum err parse_item(char *item, struct range *out, struct why *why)
{
    *out = (struct range){0};
    if (!*item)
        return err_set(why, ERR_INPUT, "a label is missing between two commas");
    bool said = strncmp(item, "label:", 6) == 0;
    if (!parse_labels(said ? item + 6 : item, out)) {
        if (said)
            return err_set(why, ERR_INPUT, "\"%s\" is no label; expected label:7 or label:5-9",
                           item);
        return parse_numbers(item, out, why);
    }
    /* A leading zero is how numbers are printed, never how one counts. */
    if (!said && item[0] == '0')
        return parse_numbers(item, out, why);
    out->unsure = !said;
    if (out->first == 0 || out->last < out->first)
        return err_set(why, ERR_INPUT, "\"%s\": labels count from 1, the first one comes first",
                       item);
    return ERR_NONE;
}

static enum err append(struct ranges *ranges, const struct range *range, struct why *why)
{
    if (ranges->count >= RANGES_MAX)
        return err_set(why, ERR_TOO_LARGE, "more than %d ranges", RANGES_MAX);
    struct range *list = realloc(ranges->list, (ranges->count + 1) * sizeof *list);
    if (!list)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    ranges->list = list;
    list[ranges->count++] = *range;
    return ERR_NONE;
}

enum err ranges_add(struct ranges *ranges, const char *text, struct why *why)
{
    size_t before = ranges->count;
    struct range range = {0};
    enum err err = ERR_NONE;
    if (strncmp(text, "number:", 7) == 0) {
        err = parse_numbers(text + 7, &range, why);
        return err ? err : append(ranges, &range, why);
    }
    for (const char *at = text; !err;) {
        char item[ITEM_MAX];
        size_t len = strcspn(at, ",");
        if (len >= sizeof item) {
            err = err_set(why, ERR_INPUT, "\"%.40s...\" is longer than any range", at);
            break;
        }
        memcpy(item, at, len);
        item[len] = '\0';
        err = parse_item(item, &range, why);
        if (!err)
            err = append(ranges, &range, why);
        if (!at[len])
            break;
        at += len + 1;
    }
    if (err)
        ranges->count = before;
    return err;
}

void ranges_free(struct ranges *ranges)
{
    free(ranges->list);
    *ranges = (struct ranges){0};
}
