/* SPDX-License-Identifier: Apache-2.0 */
/* hash.h: SHA-256 (FIPS 180-4) and CRC-32 in the forms that Tem stores. */
#ifndef TEM_BASE_HASH_H
#define TEM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_HEX   65

void sha256(const void *bytes, size_t len, uint8_t out[static SHA256_BYTES]);
/* HMAC-SHA-256 (RFC 2104). */
void hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
                 uint8_t out[static SHA256_BYTES]);
/* CRC-32 (ISO 3309) going on from `crc`; start with 0. */
uint32_t crc32_add(uint32_t crc, const void *bytes, size_t len);
/* Lower-case hex with its NUL: 2 * len + 1 bytes. Returns `out`. */
char *hex_text(const uint8_t *bytes, size_t len, char *out);
/* Exactly `len` bytes from 2 * len hex digits; 0 when it is something else, else 1. */
int hex_parse(const char *text, uint8_t *out, size_t len);

#endif
