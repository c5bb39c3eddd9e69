/* SPDX-License-Identifier: Apache-2.0 */
/* zpl-graphic.h: dots as ZPL II graphic data: ACS (hex runs) and Z64 (base64 of zlib), as
 * described in the ZPL II Programming Guide under ~DG, ^GF and "Alternative Data Compression
 * Scheme". Both leave the uncompressed sizes to the caller. Pure functions. */
#ifndef TEM_DRIVERS_ZPL_GRAPHIC_H
#define TEM_DRIVERS_ZPL_GRAPHIC_H

#include "spooler/base/buf.h"
#include "spooler/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Appends `rows` rows of `row_bytes` (1 = black) as ACS. Never `!`: printers disagree on it. */
void zpl_acs(const uint8_t *bits, size_t row_bytes, size_t rows, struct buf *out);

/* Room that one row may ask for, more than it ever takes. */
#define ZPL_ACS_ROW_MAX(row_bytes) (2 * (row_bytes) + 4)

/* Appends ":Z64:<base64>:<crc>". ERR_NO_MEMORY. */
enum err zpl_z64(const uint8_t *bytes, size_t len, struct buf *out, struct why *why);

/* CRC-16, polynomial 0x1021, start 0, not reflected, no final xor ("XMODEM"). */
uint16_t zpl_crc16(const void *bytes, size_t len);

/* Appends base64 (RFC 4648 section 4), padded. */
void zpl_base64(const uint8_t *bytes, size_t len, struct buf *out);

#endif
