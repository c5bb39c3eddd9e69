/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/peer.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

bool peer_user(int fd, char *out, size_t size)
{
    struct ucred cred;
    socklen_t len = sizeof cred;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
        return false;
    struct passwd entry, *found = NULL;
    char text[4096];
    if (getpwuid_r(cred.uid, &entry, text, sizeof text, &found) == 0 && found &&
        *found->pw_name && strlen(found->pw_name) < size)
        snprintf(out, size, "%s", found->pw_name);
    else
        snprintf(out, size, "uid:%lu", (unsigned long)cred.uid);
    return true;
}

bool peer_host_is_loopback(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if (strncasecmp(host, names[i], len) != 0)
            continue;
        const char *rest = host + len;
        if (*rest == '\0')
            return true;
        if (*rest == ':' && strspn(rest + 1, "0123456789") == strlen(rest + 1))
            return true;
    }
    return false;
}

bool peer_origin_is_loopback(const char *origin)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(origin, schemes[i], len) == 0)
            return peer_host_is_loopback(origin + len);
    }
    return false;
}
