/* SPDX-License-Identifier: Apache-2.0 */
/* tools.h: what a renderer draws with: the libraries, and the font files that it opened so far.
 *
 * For people who ask why dots are not what they were. A file is known by what it held when it
 * was opened; that is what is drawn, whatever lies in the folder since. */
#ifndef TEM_RENDER_TOOLS_H
#define TEM_RENDER_TOOLS_H

#include "spooler/render/render.h"

#define RENDER_TOOL_TEXT 160

struct render_tool {
    char name[RENDER_TOOL_TEXT];    /* "zint", "font Roboto-Bold.ttf" */
    char version[RENDER_TOOL_TEXT]; /* "2.12.0"; of a font SHA-256 in hex */
};

/* Tool `index` from 0; false: there are no more. More may come with each label. */
bool renderer_tool(const struct renderer *renderer, size_t index, struct render_tool *out);

#endif
