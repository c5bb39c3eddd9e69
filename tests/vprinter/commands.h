/* SPDX-License-Identifier: Apache-2.0
 *
 * commands.h: what the control socket can be told. Pure but for the printer it acts on. */
#ifndef VPRINTER_COMMANDS_H
#define VPRINTER_COMMANDS_H

#include "printer.h"

/* Obeys one line (changed: it is cut into words) and writes one line of JSON without its end.
 */
void commands_run(struct printer *p, char *text, struct line *reply);

/* Adds the list of commands for --help. */
void commands_help(struct line *out);

#endif
