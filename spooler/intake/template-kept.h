/* SPDX-License-Identifier: Apache-2.0 */
/* template-kept.h: templates that came over the API, back from the store. */
#ifndef TEM_INTAKE_TEMPLATE_KEPT_H
#define TEM_INTAKE_TEMPLATE_KEPT_H

#include "spooler/store/store.h"
#include "templates/catalog.h"

/* A kept body back to its template. ERR_CORRUPT: this version of Tem no longer takes it (`why`
 * says why). */
enum err template_kept_restore(const void *body, size_t len, const char *name,
                               struct template **out, struct why *why);

/* At the start: what was added last over the API goes beside the files. A name that a file has
 * by now stays the file's; a version that no longer loads is left out; both are logged. */
enum err template_kept_load(struct store *store, struct catalog *catalog, struct why *why);

/* A version that somebody asked for. */
struct wanted {
    const struct template *template;
    struct template *own; /* not NULL: the template, to be freed */
    bool current;
};

#define WANTED_DIGITS_MIN 8 /* of a hash; fewer soon mean several versions */

/* The current version of a name, or, with `digits`, that whose hash begins so. Findings about
 * `digits` are ERR_INPUT; ERR_NOT_FOUND names the nearest; ERR_CONFLICT: several. */
enum err wanted_find(struct store *store, const struct catalog *catalog, const char *name,
                     const char *digits, struct wanted *out, struct findings *findings,
                     struct why *why);
void wanted_free(struct wanted *wanted);

#endif
