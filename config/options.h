/* SPDX-License-Identifier: Apache-2.0 */
/* options.h: the one table of options, inside config/ only.
 *
 * A row's path is "key", "section.key" or "list[].key"; a section or list has a row of its own
 * before its members. Rows are constant; any thread may read them. */
#ifndef TEM_CONFIG_OPTIONS_H
#define TEM_CONFIG_OPTIONS_H

#include "config/config.h"

#define CONFIG_MAX_PATH 1000

enum option_type {
    OPTION_SECTION, /* a map; no value */
    OPTION_MAPS,    /* a list of maps (struct option_list) */
    OPTION_TEXT,    /* char *: at most `max` bytes of printable ASCII */
    OPTION_NAME,    /* char *: letters, digits, . _ -, at most `max` */
    OPTION_PATH,    /* char *: absolute, at most `max` bytes */
    OPTION_FOLDER,  /* char *: as OPTION_PATH; "" = NULL */
    OPTION_PATHS,   /* struct config_list: one absolute path or a list of them, `max` bytes each
                     */
    OPTION_LINES,   /* struct config_list: one line of UTF-8 text or a list, `max` bytes each */
    OPTION_WHOLE,   /* int64_t: min..max */
    OPTION_LENGTH,  /* int64_t, um: "33.5 mm", min..max */
    OPTION_SIZE,    /* int64_t, bytes: "16 MiB", min..max */
    OPTION_WORD,    /* int64_t: index into `words` ("gap|mark|continuous") */
    OPTION_AGE,     /* int64_t, days: "5 years", min..max; "never" = CONFIG_NEVER */
    OPTION_OFFSET,  /* int64_t, minutes: "+07:00" */
    OPTION_LISTENER, /* char * address at `offset`, int64_t port at `offset2`; "none" */
    OPTION_SERVER,   /* char *: absolute socket path or loopback host; "" = NULL */
    OPTION_TYPES
};

struct option {
    const char *path;
    enum option_type type;
    size_t offset;      /* in struct config, or in the list's element */
    size_t offset2;     /* OPTION_LISTENER: the port; OPTION_MAPS: the count */
    int64_t min, max;   /* OPTION_MAPS: at most `max` entries, `min` bytes each */
    const char *words;  /* OPTION_WORD */
    const char *preset; /* the default as one writes it; @state@ etc. stand for places; NULL =
                           required */
    const char *sample; /* what the example shows for a list's member; NULL = the default */
    const char *help;
};

extern const struct option options[];
extern const size_t option_count;

/* The key under `prefix` when the row is a direct member of it, else NULL. */
const char *option_key(const struct option *option, const char *prefix);
/* The default with its places put in; caller frees. Only for rows with a preset. */
enum err option_preset(const struct option *option, const struct config_places *places,
                       char **out);

/* Puts a scalar into the option's place in `base`. ERR_INPUT: not of the type or out of
 * range; nothing is changed. Text is copied. OPTION_PATHS and _LINES append one item a call.
 * Each other option is set once: `base` starts zeroed. */
enum err option_set(const struct option *option, const char *text, void *base);
/* Its value may be a list; a preset has ':' between items. */
bool option_is_list(const struct option *option);
/* What would have been right: "a whole number from 1 to 64". Returns `out`. */
char *option_expected(const struct option *option, char *out, size_t size);
/* Frees what options of this row own in `base`. */
void option_release(const struct option *option, void *base);

#endif
