/* SPDX-License-Identifier: Apache-2.0 */
/* ranges.h: how a person names labels of a job: "5-9,12", "ABC01..ABC09", "number:12". Pure. */
#ifndef TEM_CLI_RANGES_H
#define TEM_CLI_RANGES_H

#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RANGES_MAX    1000
#define RANGES_NUMBER 64 /* bytes of a printed number with its NUL */

/* Labels first..last, or the labels from the one with number `from` to that with number `to`.
 */
struct range {
    bool by_number;
    bool unsure; /* digits only and not said to be a label: might be a printed number as well */
    uint64_t first, last;
    char from[RANGES_NUMBER], to[RANGES_NUMBER];
};

struct ranges {
    struct range *list;
    size_t count;
};

/* Appends what `text` names: items between commas, each "7", "5-9" (labels, as is "label:7"),
 * "A..B" or "X" (printed numbers). A text that begins with "number:" is one item to its end,
 * for numbers that hold commas or are made of digits. ERR_INPUT: an empty item, first after
 * last, or too long. On failure nothing is appended. */
enum err ranges_add(struct ranges *ranges, const char *text, struct why *why);
void ranges_free(struct ranges *ranges);

#endif
