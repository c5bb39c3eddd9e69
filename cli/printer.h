/* SPDX-License-Identifier: Apache-2.0 */
/* printer.h: what the actions of `tem printer` share. One file an action (or two that are
 * alike), a row in printer.c. One thread. */
#ifndef TEM_CLI_PRINTER_H
#define TEM_CLI_PRINTER_H

#include "cli/site.h"
#include "cli/tem.h"

/* An action: words[0] is its name, what follows are its words. */
struct printer_action {
    const char *name;
    const char *usage;           /* what follows "tem printer NAME " */
    size_t min_words, max_words; /* behind its name */
    const char *takes[12];       /* options of its own; ends with NULL */
    enum code (*run)(struct tem *tem, const char *const *words, size_t count);
};

enum code printer_add(struct tem *tem, const char *const *words, size_t count);
enum code printer_test(struct tem *tem, const char *const *words, size_t count);
enum code printer_status(struct tem *tem, const char *const *words, size_t count);
enum code printer_remove(struct tem *tem, const char *const *words, size_t count);
enum code printer_change_roll(struct tem *tem, const char *const *words, size_t count);
enum code printer_resume(struct tem *tem, const char *const *words, size_t count);
enum code printer_discover(struct tem *tem, const char *const *words, size_t count);

/* The queue of printer `name`: --queue, else the configuration's, else of the same name. */
const char *printer_queue_name(struct tem *tem, const struct site *site, const char *name);
/* temd's printer of that name in the answer to GET /v1/printers; NULL = none. Borrowed. */
const json_t *printer_in(const json_t *answer, const char *name);
/* "waiting: print head is open": state and words of such a printer; appended. */
void printer_say(const json_t *printer, struct buf *out);

#endif
