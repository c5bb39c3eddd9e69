/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

/* Closes after a failure that is told already. */
static enum err give_up(int fd, enum err err)
{
    (void)close(fd); /* nothing was written through it */
    return err;
}

/* Removes a socket file that a process left behind; one that answers stays. */
static enum err clear_stale(const struct sockaddr_un *name, struct why *why)
{
    struct stat status;
    if (lstat(name->sun_path, &status) != 0)
        return errno == ENOENT ? ERR_NONE
                               : err_errno(why, ERR_SYSTEM, errno, "socket %s", name->sun_path);
    if (!S_ISSOCK(status.st_mode))
        return err_set(why, ERR_SYSTEM,
                       "%s is there and is no socket; remove it or choose another",
                       name->sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "socket");
    int result = connect(fd, (const struct sockaddr *)name, sizeof *name);
    int error = result == 0 ? 0 : errno;
    (void)close(fd); /* only asked whether somebody answers */
    if (error != ECONNREFUSED && error != ENOENT)
        return err_set(why, ERR_BUSY, "another process answers at %s", name->sun_path);
    if (unlink(name->sun_path) != 0 && errno != ENOENT)
        return err_errno(why, ERR_SYSTEM, errno, "removing the stale socket %s",
                         name->sun_path);
    return ERR_NONE;
}

enum err listen_unix(const char *path, int *fd, struct why *why)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof name.sun_path)
        return err_set(why, ERR_INPUT, "socket path %s is longer than %zu bytes", path,
                       sizeof name.sun_path - 1);
    memcpy(name.sun_path, path, strlen(path) + 1);
    enum err err = clear_stale(&name, why);
    if (err)
        return err;
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        return err_errno(why, ERR_SYSTEM, errno, "socket");
    /* Nobody else may connect between bind and chmod. */
    mode_t mask = umask(0177);
    int result = bind(made, (const struct sockaddr *)&name, sizeof name);
    int error = errno;
    umask(mask);
    if (result != 0)
        return give_up(made,
                       err_errno(why, ERR_SYSTEM, error, "binding socket %s", name.sun_path));
    if (chmod(path, 0660) != 0 || listen(made, BACKLOG) != 0) {
        err = err_errno(why, ERR_SYSTEM, errno, "socket %s", name.sun_path);
        (void)unlink(path); /* nobody could connect to it */
        return give_up(made, err);
    }
    *fd = made;
    return ERR_NONE;
}

/* A loopback address, or ERR_INPUT. */
static enum err parse_address(const char *address, uint16_t port, struct sockaddr_storage *out,
                              socklen_t *len, struct why *why)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1 &&
        ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET) {
        memcpy(out, &v4, sizeof v4);
        *len = sizeof v4;
        return ERR_NONE;
    }
    if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1 &&
        IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr)) {
        memcpy(out, &v6, sizeof v6);
        *len = sizeof v6;
        return ERR_NONE;
    }
    return err_set(why, ERR_INPUT,
                   "HTTP address \"%s\": only 127.0.0.1 or ::1, nobody is authenticated there",
                   address);
}

enum err listen_tcp(const char *address, uint16_t asked, int *fd, uint16_t *port,
                    struct why *why)
{
    struct sockaddr_storage name;
    socklen_t len;
    enum err err = parse_address(address, asked, &name, &len, why);
    if (err)
        return err;
    int made = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        return err_errno(why, ERR_SYSTEM, errno, "socket");
    int one = 1;
    if (setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(made, (const struct sockaddr *)&name, len) != 0 || listen(made, BACKLOG) != 0 ||
        getsockname(made, (struct sockaddr *)&name, &len) != 0)
        return give_up(
            made, err_errno(why, ERR_SYSTEM, errno, "listening at %s port %u", address, asked));
    in_port_t used = name.ss_family == AF_INET ? ((struct sockaddr_in *)&name)->sin_port
                                               : ((struct sockaddr_in6 *)&name)->sin6_port;
    *port = ntohs(used);
    *fd = made;
    return ERR_NONE;
}
