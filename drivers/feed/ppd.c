/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/ppd.h"

#include "spooler/base/buf.h"
#include "spooler/base/durable.h"

#include <string.h>

#define PPD_MAX_BYTES (256 * 1024)

static const char keyword[] = "*TemFeedFolder:";

/* The text between quotes in what follows the keyword on its line; false when there is none. */
static bool quoted(const char *at, const char *end, const char **text, size_t *len)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    const char *close =
        at < end && *at == '"' ? memchr(at + 1, '"', (size_t)(end - at) - 1) : NULL;
    if (!close)
        return false;
    *text = at + 1;
    *len = (size_t)(close - at) - 1;
    return true;
}

static enum err find_folder(const char *ppd, size_t ppd_len, char *out, size_t size,
                            struct why *why)
{
    const char *end = ppd + ppd_len, *text = NULL;
    size_t len = 0;
    int found = 0;
    for (const char *line = ppd; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        const char *line_end = next ? next : end;
        size_t key = sizeof keyword - 1;
        if ((size_t)(line_end - line) > key && memcmp(line, keyword, key) == 0) {
            found++;
            if (!quoted(line + key, line_end, &text, &len))
                return err_set(why, ERR_INPUT, "%s in the PPD has no text in quotes", keyword);
        }
        line = line_end + 1;
    }
    if (found != 1)
        return err_set(why, ERR_INPUT, "the PPD has %d lines %s; one is needed", found,
                       keyword);
    if (len == 0 || len >= size || text[0] != '/' || memchr(text, '\0', len))
        return err_set(why, ERR_INPUT, "the feed folder in the PPD is not an absolute path");
    memcpy(out, text, len);
    out[len] = '\0';
    return ERR_NONE;
}

enum err ppd_feed_folder(const char *ppd_path, char *out, size_t size, struct why *why)
{
    struct buf ppd = BUF_INIT(PPD_MAX_BYTES);
    enum err err = file_read(ppd_path, PPD_MAX_BYTES, &ppd, why);
    if (!err)
        err = find_folder(buf_text(&ppd), ppd.len, out, size, why);
    buf_free(&ppd);
    return err;
}
