/* SPDX-License-Identifier: Apache-2.0 */
/* data.h: values of fields from the command line: field=value, @row.json, @rows.csv. */
#ifndef TEM_CLI_DATA_H
#define TEM_CLI_DATA_H

#include "spooler/base/findings.h"

#include <jansson.h>
#include <stdint.h>

#define DATA_MAX_BYTES (16 * 1024 * 1024) /* of a file */

/* Adds what one --data says to the object `data`; a later value replaces an earlier one.
 * "field=value": text. "@FILE": a JSON object (its values stay as they are), or for a name that
 * ends in .csv row `row` (from 1, without the header). ERR_INPUT with findings that name place
 * and expectation; else ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_SYSTEM, ERR_NO_MEMORY in `why`. */
enum err data_add(json_t *data, const char *text, uint64_t row, struct findings *findings,
                  struct why *why);

#endif
