/* SPDX-License-Identifier: Apache-2.0 */
/* template-json.h: a template as the interface shows it; inside intake/ only. Pure. */
#ifndef TEM_INTAKE_TEMPLATE_JSON_H
#define TEM_INTAKE_TEMPLATE_JSON_H

#include "templates/catalog.h"

#include <jansson.h>

/* What it says, its fields, and where it comes from: a file, the API, or (when it is not the
 * current version) the store. NULL = out of memory. */
json_t *template_json(const struct catalog *catalog, const struct template *template,
                      bool current);

#endif
