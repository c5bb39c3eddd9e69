/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/ppd.h"

#include "spooler/base/buf.h"
#include "spooler/base/durable.h"

#include <string.h>

#define PPD_MAX_BYTES (256 * 1024)

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

/* What stands in quotes behind `keyword`, which may be there once at most. *found: how often.
 */
static enum err find(const struct buf *ppd, const char *keyword, const char **text, size_t *len,
                     int *found, struct why *why)
{
    const char *line = (const char *)ppd->bytes, *end = line + ppd->len;
    size_t key = strlen(keyword);
    *found = 0;
    while (line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        const char *line_end = next ? next : end;
        if ((size_t)(line_end - line) > key && memcmp(line, keyword, key) == 0) {
            ++*found;
            if (!quoted(line + key, line_end, text, len))
                return err_set(why, ERR_INPUT, "%s in the PPD has no text in quotes", keyword);
        }
        line = line_end + 1;
    }
    return *found <= 1 ? ERR_NONE
                       : err_set(why, ERR_INPUT, "the PPD has %d lines %s", *found, keyword);
}

enum err ppd_feed_folder(const char *ppd_path, char *out, size_t size, struct why *why)
{
    struct buf ppd = BUF_INIT(PPD_MAX_BYTES);
    const char *text = NULL;
    size_t len = 0;
    int found = 0;
    enum err err = file_read(ppd_path, PPD_MAX_BYTES, &ppd, why);
    if (!err)
        err = find(&ppd, "*TemFeedFolder:", &text, &len, &found, why);
    if (!err && !found)
        err = err_set(why, ERR_INPUT, "the PPD has no line *TemFeedFolder:");
    if (!err && (len == 0 || len >= size || text[0] != '/' || memchr(text, '\0', len)))
        err = err_set(why, ERR_INPUT, "the feed folder in the PPD is not an absolute path");
    if (!err) {
        memcpy(out, text, len);
        out[len] = '\0';
    }
    buf_free(&ppd);
    return err;
}

enum err ppd_snmp_port(const char *ppd_path, uint16_t *out, struct why *why)
{
    struct buf ppd = BUF_INIT(PPD_MAX_BYTES);
    const char *text = NULL;
    size_t len = 0;
    int found = 0;
    uint32_t port = 161;
    enum err err = file_read(ppd_path, PPD_MAX_BYTES, &ppd, why);
    if (!err)
        err = find(&ppd, "*TemSnmpPort:", &text, &len, &found, why);
    if (!err && found) {
        port = len == 0 || len > 5 ? UINT32_MAX : 0;
        for (size_t i = 0; i < len && port <= UINT16_MAX; i++)
            port = text[i] >= '0' && text[i] <= '9' ? port * 10 + (uint32_t)(text[i] - '0')
                                                    : UINT32_MAX;
    }
    if (!err && port > UINT16_MAX)
        err = err_set(why, ERR_INPUT, "*TemSnmpPort: in the PPD is no port");
    if (!err)
        *out = (uint16_t)port;
    buf_free(&ppd);
    return err;
}
