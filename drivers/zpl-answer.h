/* SPDX-License-Identifier: Apache-2.0 */
/* zpl-answer.h: what a ZPL printer says: ~HS's three lines as one EVENT_STATUS, ~HQES's text as
 * EVENT_FAULTS, a getvar's quoted number as EVENT_COUNT, another quoted text as EVENT_NAME, "?"
 * as EVENT_UNSUPPORTED. Everything else is noise. Pure. */
#ifndef TEM_DRIVERS_ZPL_ANSWER_H
#define TEM_DRIVERS_ZPL_ANSWER_H

#include "drivers/driver.h"

/* As driver.h says of parse(); never wants more than ZPL_ANSWER_MAX bytes. */
#define ZPL_ANSWER_MAX 256
size_t zpl_parse(struct parse_state *state, const uint8_t *bytes, size_t len,
                 struct device_event *event, bool *have_event);

#endif
