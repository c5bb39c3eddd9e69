/* SPDX-License-Identifier: Apache-2.0 */
/* snmp.h: the one question that we ask over SNMP (version 1, RFC 1157): the printer's error
 * state, hrPrinterDetectedErrorState.1 of RFC 2790. Encoded and decoded by hand: it is one
 * constant packet and one answer, and a library for it would be in every filter. Pure. */
#ifndef TEM_DRIVERS_FEED_SNMP_H
#define TEM_DRIVERS_FEED_SNMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNMP_GET_BYTES 46
/* Fills `out` with the question; its id is made of the low 24 bits of `id`. Community "public".
 */
void snmp_get(uint32_t id, uint8_t out[static SNMP_GET_BYTES]);
/* Whether these bytes answer the question of that id. *conditions (of driver.h): what the
 * printer says is wrong; 0 when it has no such object. */
bool snmp_answer(const uint8_t *bytes, size_t len, uint32_t id, uint32_t *conditions);

#endif
