/* SPDX-License-Identifier: Apache-2.0 */
/* catalog.h: templates by name: those of the folders in the configuration, and those that are
 * added while temd runs.
 *
 * A name that a file has belongs to the file: nothing is added under it. A template that was
 * found stays valid until catalog_free(), also when a newer version took its place: drafts and
 * printers' threads borrow it for as long as they work, and a job keeps its version anyway.
 * That costs memory, so how many versions may be replaced in one run is bounded, and how many
 * names there may be (catalog_may_add).
 *
 * Threads: any number may look, without a lock, while one adds. */
#ifndef TEM_TEMPLATES_CATALOG_H
#define TEM_TEMPLATES_CATALOG_H

#include "templates/template.h"

#define CATALOG_MAX_REPLACED 1000               /* versions in one run, */
#define CATALOG_MAX_BYTES    (64 * 1024 * 1024) /* and of their YAML and images */
#define CATALOG_MAX_NAMES    10000              /* a look goes through all of them */

struct catalog;

/* Loads every *.yaml of the folders (sorted by file name). A template with faults is left out,
 * its findings are kept in `findings`; of two with one name the second is a finding. A missing
 * folder is a finding. Fails only for lack of memory. */
enum err catalog_load(const char *const *folders, size_t count, struct catalog **out,
                      struct findings *findings);
void catalog_free(struct catalog *catalog);

/* Makes `template` (taken when ERR_NONE is returned) the current version of its name. `order`
 * says which of two came later, whoever calls first: one that is lower than the current
 * version's changes nothing. ERR_STATE: a file has the name. ERR_NO_MEMORY. */
enum err catalog_add(struct catalog *catalog, struct template *template, int64_t order,
                     struct why *why);
/* Whether it may be added: to be asked before it is made durable. ERR_STATE: a file has the
 * name, or there are too many names. ERR_BUSY: too much was replaced since the start. `why`
 * says what to do. */
enum err catalog_may_add(const struct catalog *catalog, const struct template *template,
                         struct why *why);

/* The current version; NULL when there is none. Borrowed. */
const struct template *catalog_find(const struct catalog *catalog, const char *name);
/* Any version of this run; NULL when there is none. Borrowed. */
const struct template *catalog_version(const struct catalog *catalog, const char *name,
                                       const uint8_t hash[static SHA256_BYTES]);
/* The file that has this name; NULL when it was added, or is not there. Borrowed. */
const char *catalog_file(const struct catalog *catalog, const char *name);
/* Current versions; an index keeps its name. */
size_t catalog_count(const struct catalog *catalog);
const struct template *catalog_at(const struct catalog *catalog, size_t index);
/* The nearest known name, for messages; may be NULL. */
const char *catalog_near(const struct catalog *catalog, const char *name);

#endif
