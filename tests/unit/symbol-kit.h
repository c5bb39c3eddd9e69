/* SPDX-License-Identifier: Apache-2.0 */
/* symbol-kit.h: symbols in a test, held against zint's own program and handed to readers.
 * Header only, one include a test program. */
#ifndef TEM_TESTS_SYMBOL_KIT_H
#define TEM_TESTS_SYMBOL_KIT_H

#include "tests/unit/render-kit.h"

#define KIT_AT 8000 /* um: room for every quiet zone */

/* ---- module for module what zint's program says --------------------------------- */

/* One line of `zint --dump`: hexadecimal digits of four modules each. */
__attribute__((unused)) static bool kit_dumped(const char *line, int64_t column)
{
    int64_t digit = column / 4;
    for (; *line && *line != '\n'; line++) {
        if (*line == ' ' || digit-- > 0)
            continue;
        int value = *line <= '9' ? *line - '0' : (*line & ~0x20) - 'A' + 10;
        return value >> (3 - column % 4) & 1;
    }
    return false;
}

__attribute__((unused)) static int64_t kit_dumped_width(const char *line)
{
    int64_t digits = 0;
    for (; *line && *line != '\n'; line++)
        digits += *line != ' ';
    return digits * 4;
}

/* Dots that are not what the dump's row wants, over `height` rows from `y` on. */
__attribute__((unused)) static int64_t kit_wrong_dots(const struct bitmap *label,
                                                      const char *line, int64_t module,
                                                      int64_t y, int64_t height)
{
    int64_t wrong = 0, x0 = dots_from_um(KIT_AT, 8000);
    int64_t width = kit_dumped_width(line) * module;
    for (int64_t row = y; row < y + height; row++)
        for (int64_t x = 0; x < width; x++)
            wrong += bitmap_get(label, (uint32_t)(x0 + x), (uint32_t)row) !=
                     kit_dumped(line, x / module);
    return wrong;
}

/* ---- what readers read ------------------------------------------------------------ */

/* The value of a line "Key:   value" of ZXingReader. */
__attribute__((unused)) static const char *kit_said(const char *output, const char *key)
{
    static char value[4096];
    const char *at = strstr(output, key);
    at = at ? at + strlen(key) : "";
    at += strspn(at, " ");
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\n"), at);
    return value;
}

__attribute__((unused)) static const char *kit_bytes(const char *hex)
{
    static char text[2048];
    size_t len = 0;
    unsigned byte;
    int taken;
    for (; len < sizeof text - 1 && sscanf(hex, "%2x%n", &byte, &taken) == 1; hex += taken)
        text[len++] = (char)byte;
    text[len] = '\0';
    return text;
}

/* Draws the symbol with the room around it, and no more, for speed. */
__attribute__((unused)) static bool kit_symbol_file(const struct template *template,
                                                    const struct element *element,
                                                    const char *content, uint32_t dpm,
                                                    const char *path)
{
    struct bitmap label, crop;
    uint32_t x, y, width, height, room = (uint32_t)dots_from_um(KIT_AT, dpm);
    if (kit_draw_one(template, element, content, dpm, &label) != ERR_NONE) {
        kit_say_findings();
        return false;
    }
    bool ok = bitmap_bounds(&label, &x, &y, &width, &height) &&
              x + width + room <= label.width_dots && y + height + room <= label.height_dots &&
              bitmap_crop(&label, 0, 0, x + width + room, y + height + room, &crop) == ERR_NONE;
    bitmap_free(&label);
    if (!ok)
        return false;
    ok = kit_save(&crop, dpm, path);
    bitmap_free(&crop);
    return ok;
}

#endif
