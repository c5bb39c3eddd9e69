/* SPDX-License-Identifier: Apache-2.0 */
/* checker.h: can this label be drawn for this printer? Asked for every request, before a number
 * is spent.
 *
 * Printers, their stock and the fonts stay as they are while temd runs, and a template is its
 * hash: what was found good once is remembered (CHECKER_KNOWN pairs), for checking a template
 * opens and measures its fonts. Thread-safe: one check at a time. */
#ifndef TEM_SPOOLER_CHECKER_H
#define TEM_SPOOLER_CHECKER_H

#include "spooler/pipeline.h"

#define CHECKER_KNOWN 256

struct checker;

/* Borrows what the config points to. */
enum err checker_new(const struct pipeline_config *config, struct checker **out,
                     struct why *why);
/* Takes NULL. */
void checker_free(struct checker *checker);
/* As check_label of struct intake_config: `doc` NULL = the template as such; then findings that
 * are no errors come only the first time. */
enum err checker_check(struct checker *checker, const char *printer,
                       const struct template *template, const struct label_doc *doc,
                       struct findings *findings);
/* As preview of struct intake_config. */
enum err checker_preview(struct checker *checker, const char *model,
                         const struct template *template, const struct label_doc *doc,
                         struct buf *png, struct findings *findings, struct why *why);

#endif
