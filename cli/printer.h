/* SPDX-License-Identifier: Apache-2.0 */
/* printer.h: what `tem printer` can do to one printer; printer.c lists the rows. One thread. */
#ifndef TEM_CLI_PRINTER_H
#define TEM_CLI_PRINTER_H

#include "cli/tem.h"

/* The first word names the action, the second the printer. */
enum code printer_change_roll(struct tem *tem);
enum code printer_resume(struct tem *tem);

#endif
