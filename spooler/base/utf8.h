/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h: Unicode text from outside (RFC 3629), checked before it is used. */
#ifndef TEM_BASE_UTF8_H
#define TEM_BASE_UTF8_H

#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one code point; returns bytes taken, 0 when malformed (overlong, surrogate,
 * beyond U+10FFFF, cut short) or `len` is 0. */
size_t utf8_decode(const char *text, size_t len, uint32_t *out);
bool utf8_valid(const char *text, size_t len);
/* Code points in a valid text. */
size_t utf8_length(const char *text, size_t len);
/* A mark that combines with the character before it (general category M). */
bool utf8_is_mark(uint32_t code_point);
/* NFC (UAX 15) of a valid text without NUL, as a new C string that the caller frees. */
enum err utf8_nfc(const char *text, size_t len, char **out);

#endif
