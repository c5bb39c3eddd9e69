/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check-merge.h"

#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool check_same(const struct finding *a, const struct finding *b)
{
    return a->severity == b->severity && strcmp(a->code, b->code) == 0 && a->line == b->line &&
           a->column == b->column && same_text(a->field, b->field) &&
           same_text(a->value, b->value) && same_text(a->expected, b->expected) &&
           same_text(a->message, b->message);
}

/* Behind a number with its unit ("0.375 mm", "3 dots", "13.6%"); NULL when there is none here.
 */
static const char *behind_measure(const char *at)
{
    static const char *const units[] = {" mm", " dots", " dot", "%"};
    size_t digits = strspn(at, "0123456789.");
    for (size_t i = 0; digits && i < sizeof units / sizeof units[0]; i++) {
        if (strncmp(at + digits, units[i], strlen(units[i])) == 0)
            return at + digits + strlen(units[i]);
    }
    return NULL;
}

/* The same words, whatever the measures in them. */
static bool alike(const char *a, const char *b)
{
    while (*a && *b) {
        const char *next_a = behind_measure(a), *next_b = behind_measure(b);
        if ((next_a == NULL) != (next_b == NULL) || (!next_a && *a != *b))
            return false;
        a = next_a ? next_a : a + 1;
        b = next_b ? next_b : b + 1;
    }
    return *a == *b;
}

static bool same_fault(const struct finding *a, const struct finding *b)
{
    return a->severity == b->severity && strcmp(a->code, b->code) == 0 && a->line == b->line &&
           a->column == b->column && same_text(a->field, b->field) &&
           alike(a->message ? a->message : "", b->message ? b->message : "");
}

/* One of the list that is the same fault and not of this view itself. */
static struct merged *merge_find(const struct merge *merge, const struct finding *finding,
                                 uint32_t view)
{
    struct merged *found = NULL;
    for (size_t i = 0; i < merge->count; i++) {
        struct merged *one = &merge->list[i];
        if (check_same(finding, one->finding))
            return one;
        if (!found && !((one->views | one->likewise) & view) &&
            same_fault(finding, one->finding))
            found = one;
    }
    return found;
}

static void merge_add(struct merge *merge, const struct findings *findings, uint32_t view)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];
        struct merged *one = merge_find(merge, finding, view);
        if (!one) {
            one = &merge->list[merge->count];
            *one = (struct merged){finding, 0, 0, merge->count++};
        }
        if (check_same(finding, one->finding))
            one->views |= view;
        else
            one->likewise |= view;
    }
    merge->dropped += findings->dropped;
}

static int by_place(const void *a, const void *b)
{
    const struct merged *one = a, *two = b;
    if (one->finding->line != two->finding->line)
        return one->finding->line < two->finding->line ? -1 : 1;
    if (one->finding->column != two->finding->column)
        return one->finding->column < two->finding->column ? -1 : 1;
    return one->order < two->order ? -1 : 1;
}

bool merge_all(const struct check_file *result, struct merge *out)
{
    size_t most = result->findings.count + 1;
    for (size_t i = 0; i < result->view_count; i++)
        most += result->views[i].findings.count;
    *out = (struct merge){.list = calloc(most, sizeof *out->list)};
    if (!out->list)
        return false;
    merge_add(out, &result->findings, UINT32_MAX);
    for (size_t i = 0; i < result->view_count; i++)
        merge_add(out, &result->views[i].findings, (uint32_t)1 << i);
    qsort(out->list, out->count, sizeof *out->list, by_place);
    return true;
}

size_t merge_count(const struct merge *merge, enum severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < merge->count; i++)
        count += merge->list[i].finding->severity == severity;
    return count;
}

size_t check_count(const struct check_file *result, enum severity severity)
{
    struct merge merge;
    if (!merge_all(result, &merge))
        return severity == SEVERITY_ERROR ? result->findings.errors : 0;
    size_t count = merge_count(&merge, severity);
    /* what was not kept may be errors, and must not pass for none */
    count += severity == SEVERITY_ERROR ? merge.dropped : 0;
    free(merge.list);
    return count;
}
