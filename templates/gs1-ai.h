/* SPDX-License-Identifier: Apache-2.0 */
/* gs1-ai.h: what a GS1 Application Identifier holds and which others it needs.
 *
 * A value is checked before it is put between AIs, and is never parsed for AIs afterwards.
 * Pure functions over constant tables; any number of threads. */
#ifndef TEM_TEMPLATES_GS1_AI_H
#define TEM_TEMPLATES_GS1_AI_H

#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Rows of the GS1 Barcode Syntax Dictionary. format: components "N13,csum [X..17]"; N digits, X
 * character set 82, Y character set 39, Z base64url; in brackets: optional; after a comma:
 * tests of gs1-value.c. needs: groups by ';', alternatives by ',', '+' = together; excludes by
 * ','; 'n' = any digit. */
struct gs1_ai {
    const char *first, *last; /* "3100", "3105" */
    const char *format;
    bool fixed;             /* predefined length: no FNC1 after it */
    bool attribute;         /* may stand after '?' in a Digital Link URI */
    const char *needs;      /* NULL = none */
    const char *excludes;   /* NULL = none */
    const char *qualifiers; /* Digital Link primary key: "22,10,21|235"; NULL = no key */
};

/* The longest value of any AI. */
#define GS1_VALUE_MAX 90
#define GS1_LIST_SIZE 80

/* NULL: not an AI that we know. */
const struct gs1_ai *gs1_ai_find(const char *digits, size_t len);

/* Whether `ais` (AIs as digits, all that are on the label) hold what `ai` needs; else the
 * group of alternatives that is missing ("01,03,8006") is written. */
bool gs1_ai_needs(const struct gs1_ai *ai, const char *const *ais, size_t count,
                  char missing[static GS1_LIST_SIZE]);
/* The AI among `ais` that must not be together with `ai`, whose digits are `digits`, or NULL.
 */
const char *gs1_ai_excluded(const struct gs1_ai *ai, const char *digits, const char *const *ais,
                            size_t count);

/* Format, length, character set, check digit, dates of a value of `ai`, whose digits are
 * `digits`. ERR_INPUT: `why` says what is wrong, with the character and its position. */
enum err gs1_ai_check(const struct gs1_ai *ai, const char *digits, const char *value,
                      size_t len, struct why *why);

/* Encodable character sets 82 and 39 (General Specifications 7.11). */
bool gs1_is_82(char c);
bool gs1_is_39(char c);

#endif
