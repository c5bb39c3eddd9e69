/* SPDX-License-Identifier: Apache-2.0
 *
 * control.h: the control socket: one text command a line in, one line of JSON back.
 *
 * Up to eight clients. A client that does not read its answers is dropped. */
#ifndef VPRINTER_CONTROL_H
#define VPRINTER_CONTROL_H

#include "printer.h"

#define CONTROL_FDS 9

struct control;

/* Listens at the unix socket `path`, replacing a dead one. Borrows the printer. NULL: logged.
 */
struct control *control_open(const char *path, struct printer *printer);

/* Takes NULL; removes the socket. */
void control_close(struct control *control);

/* Fills CONTROL_FDS descriptors to wait for; unused ones have fd -1. */
void control_poll(const struct control *control, struct pollfd *fds);
void control_handle(struct control *control, const struct pollfd *fds);

/* The other end: sends `command` to the printer at `path` and prints what it says.
 * Returns the exit status: 0, 1 when the answer is an error, 2 when nobody answers. */
int control_tell(const char *path, const char *command);

#endif
