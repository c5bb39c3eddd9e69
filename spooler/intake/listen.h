/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h: the sockets that intake listens on. */
#ifndef TEM_INTAKE_LISTEN_H
#define TEM_INTAKE_LISTEN_H

#include "spooler/base/err.h"

#include <stdint.h>

/* A Unix socket, mode 0660. A socket file that nobody answers at is replaced; ERR_BUSY when
 * somebody does. The caller closes *fd and unlinks the path. */
enum err listen_unix(const char *path, int *fd, struct why *why);
/* A TCP socket on a loopback address; others are refused (ERR_INPUT), because nobody is asked
 * who they are. *port: the one in use. */
enum err listen_tcp(const char *address, uint16_t asked, int *fd, uint16_t *port,
                    struct why *why);

#endif
