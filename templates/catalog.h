/* SPDX-License-Identifier: Apache-2.0 */
/* catalog.h: the templates of the folders in the configuration, by name. Immutable after
 * loading; any number of threads. */
#ifndef TEM_TEMPLATES_CATALOG_H
#define TEM_TEMPLATES_CATALOG_H

#include "templates/template.h"

struct catalog;

/* Loads every *.yaml of the folders (sorted by file name). A template with faults is left out,
 * its findings are kept in `findings`; of two with one name the second is a finding. A missing
 * folder is a finding. Fails only for lack of memory. */
enum err catalog_load(const char *const *folders, size_t count, struct catalog **out,
                      struct findings *findings);
void catalog_free(struct catalog *catalog);
/* NULL when there is none. Borrowed. */
const struct template *catalog_find(const struct catalog *catalog, const char *name);
size_t catalog_count(const struct catalog *catalog);
const struct template *catalog_at(const struct catalog *catalog, size_t index);
/* The nearest known name, for messages; may be NULL. */
const char *catalog_near(const struct catalog *catalog, const char *name);

#endif
