/* SPDX-License-Identifier: Apache-2.0 */
/* key.h: one key from the person at the terminal, without Enter. */
#ifndef TEM_CLI_KEY_H
#define TEM_CLI_KEY_H

#include "cli/tem.h"

/* Somebody can be asked: standard input and standard error are a terminal. */
bool key_can_ask(void);
/* Asks on standard error and waits for a key, which is shown; 0 = none came: the input ended,
 * or the person pressed Ctrl-C. Enter is none: a scanner, or a person out of habit, sends it
 * behind what was meant. */
char key_ask(struct tem *tem, const char *question);
/* The same; y = yes, any other key is no. */
bool key_yes(struct tem *tem, const char *question);

#endif
