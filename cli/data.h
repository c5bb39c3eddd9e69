/* SPDX-License-Identifier: Apache-2.0 */
/* data.h: values of fields from the command line: field=value, @row.json, @rows.csv. */
#ifndef TEM_CLI_DATA_H
#define TEM_CLI_DATA_H

#include "cli/args.h"
#include "cli/ranges.h"
#include "spooler/base/findings.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define DATA_MAX_BYTES (16 * 1024 * 1024) /* of a file */

/* Adds what one --data says to the object `data`; a later value replaces an earlier one.
 * "field=value": text. "@FILE": a JSON object (its values stay as they are), or for a name that
 * ends in .csv row `row` (from 1, without the header). ERR_INPUT with findings that name place
 * and expectation; else ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_SYSTEM, ERR_NO_MEMORY in `why`. */
enum err data_add(json_t *data, const char *text, uint64_t row, struct findings *findings,
                  struct why *why);

/* "@FILE.csv". */
bool data_names_rows(const char *text);

#define DATA_MAX_ROWS 1000 /* looked at in one go */

/* What all of --data says about labels, in the order it was given, so that the later wins:
 * appended to `rows` as {"row": number, "data": {field: text}} and where it comes from
 * ("sources": {field: the CSV's column, a file's name, null = the command line}; "file", "line"
 * and "head", the header's line, of a CSV's row). Rows of the CSV that is named,
 * those of `wanted` (its labels mean rows; NULL = all); where none is named one label, row 0.
 * ERR_INPUT as data_add(), also for a row that is not there, past DATA_MAX_ROWS (findings), and
 * for a second CSV (`why`). */
enum err data_labels(const struct args *args, const struct ranges *wanted, json_t *rows,
                     struct findings *findings, struct why *why);
struct template;
/* Completes findings since `from` of a label of that row: where its value stands in the CSV, or
 * for what points into the template, which is called `file`. */
void data_places(const json_t *row, const struct template *template, const char *file,
                 struct findings *findings, size_t from);

#endif
