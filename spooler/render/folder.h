/* SPDX-License-Identifier: Apache-2.0 */
/* folder.h: puts the font files of folders into a fontconfig configuration (inside of render/).
 * No state; any thread. */
#ifndef TEM_RENDER_FOLDER_H
#define TEM_RENDER_FOLDER_H

#include "spooler/base/err.h"

#include <fontconfig/fontconfig.h>

/* Adds all TrueType and OpenType files below each folder, in the order of their names: of two
 * equal fonts the same one wins on every machine. ERR_NOT_FOUND: a folder is not there. */
enum err folder_add_fonts(FcConfig *config, const char *const *folders, struct why *why);

#endif
