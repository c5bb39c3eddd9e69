/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/drain.h"

#include "spooler/base/durable.h"
#include "spooler/base/fault.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "drain-" cannot begin a token's name. A queue's name holds no slash (CUPS refuses it); one
 * that does is none, and leads nowhere else. */
static bool path_of(const char *folder, const char *queue, char out[static PATH_MAX])
{
    int len = snprintf(out, PATH_MAX, "%s/drain-%s", folder, queue);
    return *queue && !strchr(queue, '/') && len > 0 && len < PATH_MAX;
}

enum err drain_set(const char *folder, const char *queue, bool on, struct why *why)
{
    char path[PATH_MAX];
    if (!path_of(folder, queue, path))
        return err_set(why, ERR_INPUT, "\"%s\" is no queue's name", queue);
    enum err err = ERR_NONE;
    fault_point("drain.set.before");
    if (on)
        err = durable_write(path, "", 0, 0660, why);
    else if (unlink(path) != 0 && errno != ENOENT)
        err = err_errno(why, ERR_SYSTEM, errno, "remove %s", path);
    fault_point("drain.set");
    err = err ? err : durable_sync_folder(folder, why);
    fault_point("drain.set.synced");
    return err;
}

bool drain_asked(const char *folder, const char *queue)
{
    char path[PATH_MAX];
    return path_of(folder, queue, path) && access(path, F_OK) == 0;
}
