/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/tools.h"

#include "spooler/render/font-private.h"
#include "spooler/render/render-private.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zint.h>

#define LIBRARIES 3

static void name_library(const struct fonts *fonts, size_t index, struct render_tool *out)
{
    static const char *const names[LIBRARIES] = {"zint", "FreeType", "Pango"};
    int zint = ZBarcode_Version(); /* 21201 = 2.12.1 */
    const char *pango = pango_version_string();
    int freetype[3];
    glyphs_version(fonts->glyphs, freetype);
    snprintf(out->name, sizeof out->name, "%s", names[index]);
    if (index == 0)
        snprintf(out->version, sizeof out->version, "%d.%d.%d", zint / 10000, zint / 100 % 100,
                 zint % 100);
    else if (index == 1)
        snprintf(out->version, sizeof out->version, "%d.%d.%d", freetype[0], freetype[1],
                 freetype[2]);
    else
        snprintf(out->version, sizeof out->version, "%s", pango);
}

bool renderer_tool(const struct renderer *renderer, size_t index, struct render_tool *out)
{
    const struct fonts *fonts = renderer->fonts;
    if (index < LIBRARIES) {
        name_library(fonts, index, out);
        return true;
    }
    if (index - LIBRARIES >= fonts->file_count)
        return false;
    const struct font_file *file = &fonts->files[index - LIBRARIES];
    snprintf(out->name, sizeof out->name, "font %s", file->name);
    snprintf(out->version, sizeof out->version, "%s", file->sha256);
    return true;
}

static bool hash_file(const char *path, char hex[static SHA256_HEX])
{
    uint8_t bytes[16384], digest[SHA256_BYTES];
    struct sha256_ctx sha;
    FILE *file = fopen(path, "rbe");
    size_t len;
    if (!file)
        return false;
    sha256_init(&sha);
    while ((len = fread(bytes, 1, sizeof bytes, file)) > 0)
        sha256_update(&sha, len, bytes);
    bool ok = !ferror(file);
    fclose(file); /* only read */
    sha256_digest(&sha, sizeof digest, digest);
    hex_text(digest, sizeof digest, hex);
    return ok;
}

void font_file_note(struct fonts *fonts, const char *path)
{
    struct font_file file;
    const char *slash = strrchr(path, '/');
    snprintf(file.name, sizeof file.name, "%s", slash ? slash + 1 : path);
    if (!hash_file(path, file.sha256))
        return;
    for (size_t i = 0; i < fonts->file_count; i++)
        if (strcmp(fonts->files[i].name, file.name) == 0 &&
            strcmp(fonts->files[i].sha256, file.sha256) == 0)
            return;
    void *list = realloc(fonts->files, (fonts->file_count + 1) * sizeof *fonts->files);
    if (!list)
        return; /* only words for people depend on it */
    fonts->files = list;
    fonts->files[fonts->file_count++] = file;
}
