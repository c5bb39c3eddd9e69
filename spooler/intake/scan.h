/* SPDX-License-Identifier: Apache-2.0 */
/* scan.h: what a scanner or a person read off a label, taken apart into GS1 Application
 * Identifiers. Pure.
 *
 * Understood: a symbology identifier (]d2 ]C1 ]Q3 ]e0 and others) before an element string with
 * GS (1D hex) separators; element strings in brackets or parentheses; GS1 Digital Link URIs;
 * plain text. GS1 General Specifications 7.8 (element strings), GS1 Digital Link 1.1. */
#ifndef TEM_INTAKE_SCAN_H
#define TEM_INTAKE_SCAN_H

#include "spooler/base/err.h"
#include "templates/gs1-ai.h"

#include <stdbool.h>
#include <stddef.h>

#define SCAN_MAX     512 /* bytes of a scan */
#define SCAN_AIS_MAX 32

struct scan_ai {
    char ai[5];
    char value[GS1_VALUE_MAX + 1];
};

struct scan {
    struct scan_ai ais[SCAN_AIS_MAX];
    size_t count;             /* 0: not GS1 data */
    char plain[SCAN_MAX + 1]; /* the text itself, where it may be a number by itself; else "" */
};

/* ERR_INPUT: GS1 data that contradicts itself; `why` says where. Text that need not be GS1
 * data is never refused but for its length. */
enum err scan_parse(const char *text, size_t len, struct scan *out, struct why *why);
/* Value of an AI, or NULL. */
const char *scan_value(const struct scan *scan, const char *ai);

#endif
