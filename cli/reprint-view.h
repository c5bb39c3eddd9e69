/* SPDX-License-Identifier: Apache-2.0 */
/* reprint-view.h: what temd made of an order to print a label again, in words. */
#ifndef TEM_CLI_REPRINT_VIEW_H
#define TEM_CLI_REPRINT_VIEW_H

#include "cli/tem.h"

#include <jansson.h>

/* `order`: a reprint or a replacement as temd answers it. */
void reprint_view_say(struct tem *tem, const json_t *order);

#endif
