/* SPDX-License-Identifier: Apache-2.0
 *
 * zpl-settings.h: what a printer remembers from one format to the next.
 *
 * The table in zpl-settings.c is the master copy: command, range, default and name in records.
 */
#ifndef VPRINTER_ZPL_SETTINGS_H
#define VPRINTER_ZPL_SETTINGS_H

#include "text.h"

enum setting {
    SET_WIDTH,
    SET_LENGTH,
    SET_HOME_X,
    SET_HOME_Y,
    SET_TOP,
    SET_SHIFT,
    SET_DARKNESS,
    SET_DARKNESS_RELATIVE,
    SET_SPEED,
    SET_SLEW_SPEED,
    SET_BACKFEED_SPEED,
    SET_TRACKING,
    SET_MARK_OFFSET,
    SET_MODE,
    SET_PREPEEL,
    SET_TRANSFER,
    SET_REPRINT,
    SET_ORIENTATION,
    SET_MIRROR,
    SET_REVERSE,
    SET_MAP_CLEAR,
    SET_RESOLUTION,
    SET_UNITS,
    SET_TEAR_OFF,
    SET_ENCODING,
    SET_COUNT
};

/* A plain value; letters are kept as their character. */
struct settings {
    int32_t value[SET_COUNT];
};

/* Factory settings, except for what depends on this printer. */
struct settings settings_factory(int32_t width_dots, int32_t length_dots, char mode);

enum settings_result { SETTINGS_UNKNOWN, SETTINGS_OK, SETTINGS_BAD };

/* Obeys `code` when it is a setting. SETTINGS_BAD: nothing changed, `why` says why. */
enum settings_result settings_apply(struct settings *settings, const char *code, const char *s,
                                    size_t n, struct complaint *why);

/* Adds a JSON object. */
void settings_json(const struct settings *settings, struct line *line);

#endif
