/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define FOLDER_MAX_DEPTH 8
#define FOLDER_MAX_PATH  4096

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* alphasort() follows the locale */
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool is_font_name(const char *name)
{
    static const char *const endings[] = {".ttf", ".otf", ".ttc"};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (len > 4 && strcasecmp(name + len - 4, endings[i]) == 0)
            return true;
    return false;
}

static enum err add_folder(FcConfig *config, const char *folder, int depth, struct why *why);

static enum err add_entry(FcConfig *config, const char *path, int depth, struct why *why)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return ERR_NONE; /* a dangling link: no font there, and fonts that are missed are found
                          */
    if (S_ISDIR(info.st_mode))
        return depth < FOLDER_MAX_DEPTH ? add_folder(config, path, depth + 1, why) : ERR_NONE;
    /* A broken file is no font; a template that asks for it learns so. */
    if (S_ISREG(info.st_mode) && is_font_name(path))
        (void)FcConfigAppFontAddFile(config, (const FcChar8 *)path);
    return ERR_NONE;
}

static enum err add_folder(FcConfig *config, const char *folder, int depth, struct why *why)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, not_hidden, by_bytes);
    if (count < 0)
        return err_errno(why, ERR_NOT_FOUND, errno, "font folder %s", folder);
    enum err err = ERR_NONE;
    for (int i = 0; i < count; i++) {
        char path[FOLDER_MAX_PATH];
        int len = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (!err && len > 0 && (size_t)len < sizeof path)
            err = add_entry(config, path, depth, why);
        free(entries[i]);
    }
    free(entries);
    return err;
}

/* FcConfigAppFontAddDir() would do it, but writes or misses a cache folder of the system's and
 * says so on stderr. */
enum err folder_add_fonts(FcConfig *config, const char *const *folders, struct why *why)
{
    for (size_t i = 0; folders && folders[i]; i++) {
        enum err err = add_folder(config, folders[i], 0, why);
        if (err)
            return err;
    }
    return ERR_NONE;
}
