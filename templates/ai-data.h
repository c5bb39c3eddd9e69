/* SPDX-License-Identifier: Apache-2.0 */
/* ai-data.h: symbol data made of GS1 Application Identifiers, split when the template is
 * loaded; a value is never searched for AIs (promise 11). */
#ifndef TEM_TEMPLATES_AI_DATA_H
#define TEM_TEMPLATES_AI_DATA_H

#include "spooler/base/buf.h"
#include "templates/read.h"

/* The longest list of AIs in one symbol. */
#define AI_PARTS_MAX 32

/* "(01){gtin}(17){expiry:%y%m%d}": the scalar `node` as parts of `shape`, with prefixes
 * "[01]". */
void ai_data_read(struct loading *loading, const struct yaml_node *node, struct shape *shape);
/* {digital-link: https://..., ai: "(01)..."}: base and parts of a GS1 Digital Link URI. */
void ai_data_read_link(struct loading *loading, const struct yaml_node *node,
                       struct shape *shape);

/* Appends prefix and value of each part; in a URI all but unreserved characters of a value are
 * percent-encoded (RFC 3986, 2.1). With `late`, parts that hold numbers or built-ins are
 * checked first: ERR_INPUT when one is not what its AI may hold. */
enum err ai_data_run(const struct shape *shape, const struct sources *sources, struct buf *out,
                     struct why *why);
/* Checks the parts whose values the row alone makes; `part` counts from 0. ERR_INPUT: `why`. */
enum err ai_data_check(const struct ai_part *part, const struct sources *sources,
                       struct why *why);

#endif
