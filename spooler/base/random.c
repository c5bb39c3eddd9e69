/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/random.h"

#include <errno.h>
#include <sys/random.h>

static enum err system_fill(void *ctx, void *bytes, size_t len, struct why *why)
{
    (void)ctx; /* the kernel's source has no state of ours */
    char *at = bytes;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(why, ERR_SYSTEM, errno, "getrandom");
        at += n;
        len -= (size_t)n;
    }
    return ERR_NONE;
}

const struct random_source random_system = {.fill = system_fill};
