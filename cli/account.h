/* SPDX-License-Identifier: Apache-2.0 */
/* account.h: what the files of `tem report` share. */
#ifndef TEM_CLI_ACCOUNT_H
#define TEM_CLI_ACCOUNT_H

#include "cli/tem.h"

#include <jansson.h>

/* The report of a series, from GET /v1/series/NAME/report. */
enum code account_series(struct tem *tem, const json_t *document);
/* A line of a report's head: "  accepted     2026-03-01 08:00:00 UTC"; nothing for "". */
void account_time(struct tem *tem, const char *name, const char *iso);

#endif
