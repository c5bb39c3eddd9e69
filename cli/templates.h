/* SPDX-License-Identifier: Apache-2.0 */
/* templates.h: what the actions of `tem templates` share. One file an action (or two that are
 * alike), a row in templates.c. One thread. */
#ifndef TEM_CLI_TEMPLATES_H
#define TEM_CLI_TEMPLATES_H

#include "cli/tem.h"

/* An action: words[0] is its name, what follows are its words. */
struct templates_action {
    const char *name;
    const char *usage;           /* what follows "tem templates NAME " */
    size_t min_words, max_words; /* behind its name */
    const char *takes[6];        /* options of its own; ends with NULL */
    enum code (*run)(struct tem *tem, const char *const *words, size_t count);
};

enum code templates_list(struct tem *tem, const char *const *words, size_t count);
enum code templates_show(struct tem *tem, const char *const *words, size_t count);
enum code templates_versions(struct tem *tem, const char *const *words, size_t count);
enum code templates_add(struct tem *tem, const char *const *words, size_t count);
enum code templates_difference(struct tem *tem, const char *const *words, size_t count);

/* GETs /v1/templates/NAME, `below` behind it ("", "/versions"), with these parameters (NULL =
 * none). As client_get. */
enum code templates_get(struct tem *tem, const char *name, const char *below,
                        const char *version, const char *format, struct http_answer *out);
/* A version as people name it: the first VERSION_SHOWN digits of its hash. */
#define VERSION_SHOWN 12
/* "50 x 30 mm"; appended. */
void templates_size(int64_t width_um, int64_t height_um, struct buf *out);
/* A unified diff: clean and coloured on a terminal, as it is elsewhere. */
void templates_print_diff(const struct screen *screen, const char *text);

#endif
