/* SPDX-License-Identifier: Apache-2.0 */
#include "zpl-settings.h"

#include <string.h>

/* `letters` NULL: a number of min..max. Several rows of one code are its parameters in order.
 * Ranges and defaults that printer-languages.md does not give are the vendor's, from memory. */
static const struct row {
    enum setting setting;
    const char *code, *name, *letters;
    int32_t min, max, factory;
} rows[] = {
    {SET_WIDTH, "^PW", "width", NULL, 2, 8192, 0},
    {SET_LENGTH, "^LL", "length", NULL, 1, 32000, 0},
    {SET_HOME_X, "^LH", "home_x", NULL, 0, 32000, 0},
    {SET_HOME_Y, "^LH", "home_y", NULL, 0, 32000, 0},
    {SET_TOP, "^LT", "top", NULL, -120, 120, 0},
    {SET_SHIFT, "^LS", "shift", NULL, -9999, 9999, 0},
    {SET_DARKNESS, "~SD", "darkness", NULL, 0, 30, 15},
    {SET_DARKNESS_RELATIVE, "^MD", "darkness_relative", NULL, -30, 30, 0},
    {SET_SPEED, "^PR", "speed", NULL, 1, 14, 4},
    {SET_SLEW_SPEED, "^PR", "slew_speed", NULL, 1, 14, 6},
    {SET_BACKFEED_SPEED, "^PR", "backfeed_speed", NULL, 1, 14, 2},
    {SET_TRACKING, "^MN", "tracking", "NYWM", 0, 0, 'Y'},
    {SET_MARK_OFFSET, "^MN", "mark_offset", NULL, -240, 566, 0},
    {SET_MODE, "^MM", "mode", "TPRCD", 0, 0, 'T'},
    {SET_PREPEEL, "^MM", "prepeel", "YN", 0, 0, 'N'},
    {SET_TRANSFER, "^MT", "transfer", "DT", 0, 0, 'D'},
    {SET_REPRINT, "^JZ", "reprint", "YN", 0, 0, 'Y'},
    {SET_ORIENTATION, "^PO", "orientation", "NI", 0, 0, 'N'},
    {SET_MIRROR, "^PM", "mirror", "NY", 0, 0, 'N'},
    {SET_REVERSE, "^LR", "reverse", "NY", 0, 0, 'N'},
    {SET_MAP_CLEAR, "^MC", "map_clear", "YN", 0, 0, 'Y'},
    {SET_RESOLUTION, "^JM", "resolution", "A", 0, 0, 'A'},
    {SET_UNITS, "^MU", "units", "D", 0, 0, 'D'},
    {SET_TEAR_OFF, "~TA", "tear_off", NULL, -120, 120, 0},
    {SET_ENCODING, "^CI", "encoding", NULL, 0, 36, 0},
};

#define ROWS (sizeof rows / sizeof rows[0])

struct settings settings_factory(int32_t width_dots, int32_t length_dots, char mode)
{
    struct settings settings;
    for (size_t i = 0; i < ROWS; i++)
        settings.value[rows[i].setting] = rows[i].factory;
    settings.value[SET_WIDTH] = width_dots;
    settings.value[SET_LENGTH] = length_dots;
    settings.value[SET_MODE] = mode;
    return settings;
}

static bool read_value(const struct row *row, const char *s, size_t n, int32_t *out)
{
    if (row->letters == NULL)
        return text_int(s, n, row->min, row->max, out);
    if (n != 1 || s[0] == '\0' || strchr(row->letters, s[0]) == NULL)
        return false;
    *out = s[0];
    return true;
}

enum settings_result settings_apply(struct settings *settings, const char *code, const char *s,
                                    size_t n, struct complaint *why)
{
    struct settings next = *settings;
    struct params p;
    size_t at = 0;
    params_split(&p, s, n, PARAMS_MAX);
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].code, code) != 0)
            continue;
        size_t k = at++;
        if (k >= p.count || (p.at[k].n == 0 && k + 1 < p.count))
            continue; /* left out: stays as it was */
        if (!read_value(&rows[i], p.at[k].s, p.at[k].n, &next.value[rows[i].setting])) {
            (void)complain(why, "%s: %s is not usable", code, rows[i].name);
            return SETTINGS_BAD;
        }
    }
    if (at == 0)
        return SETTINGS_UNKNOWN;
    if (p.count == 0 || p.count > at) {
        (void)complain(why, "%s takes 1 to %zu parameters, got %zu", code, at, p.count);
        return SETTINGS_BAD;
    }
    *settings = next;
    return SETTINGS_OK;
}

void settings_json(const struct settings *settings, struct line *line)
{
    for (size_t i = 0; i < ROWS; i++) {
        int32_t value = settings->value[rows[i].setting];
        line_add(line, "%s\"%s\":", i == 0 ? "{" : ",", rows[i].name);
        if (rows[i].letters != NULL)
            line_add(line, "\"%c\"", (char)value);
        else
            line_add(line, "%d", value);
    }
    line_add(line, "}");
}
