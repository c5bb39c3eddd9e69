/* SPDX-License-Identifier: Apache-2.0 */
/* peer.h: who is at the other end of a connection. */
#ifndef TEM_INTAKE_PEER_H
#define TEM_INTAKE_PEER_H

#include <stdbool.h>
#include <stddef.h>

#define PEER_USER_SIZE 48 /* bytes of a user's name with NUL; a longer one is "uid:N" */

/* User name of the process that connected to our Unix socket (SO_PEERCRED); "uid:N" for one
 * without a name; false when the kernel does not tell. */
bool peer_user(int fd, char *out, size_t size);
/* Whether a Host header names this machine's loopback (any port): a page of a foreign site
 * whose name was made to resolve to us (DNS rebinding) carries that name. */
bool peer_host_is_loopback(const char *host);
/* The same of an Origin header: "http://" or "https://" and such a host. */
bool peer_origin_is_loopback(const char *origin);

#endif
