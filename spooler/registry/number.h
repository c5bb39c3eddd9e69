/* SPDX-License-Identifier: Apache-2.0 */
/* number.h: counter <-> printed number, pure.
 *
 * number = prefix + body [+ GS1 check digit]. Sequential: body is the counter in the alphabet's
 * radix, padded to `length`. Random: body = FF1(NIST SP 800-38G) of the padded counter, over
 * the alphabet, AES key of the generation, tweak = series, generation and scope, each
 * length-prefixed: unique with no list of used numbers, and reversible. */
#ifndef TEM_REGISTRY_NUMBER_H
#define TEM_REGISTRY_NUMBER_H

#include "spooler/base/check-digit.h"
#include "spooler/base/err.h"
#include "spooler/registry/ff1.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_MAX              64 /* bytes of a printed number with its NUL */
#define NUMBER_KEY_BYTES        32 /* AES-256 */
#define NUMBER_ALPHABET_DEFAULT "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

enum number_kind { NUMBER_RANDOM, NUMBER_SEQUENTIAL };
enum number_check { CHECK_NONE, CHECK_GS1 };

struct number_format {
    enum number_kind kind;
    char alphabet[128]; /* distinct printable ASCII characters, 2..94 */
    uint32_t length;    /* body characters, 1..30 */
    char prefix[32];
    enum number_check check; /* CHECK_GS1 asks for digits all over */
};

/* The format makes sense: alphabet distinct and CSET 82 (GS1 General Specifications 7.11),
 * random has a domain of at least 1,000,000 (SP 800-38G) and halves that ff1.h can hold, GS1
 * check has digits only. ERR_INPUT otherwise, `why` names the member. */
enum err number_format_check(const struct number_format *format, struct why *why);
/* radix^length, or UINT64_MAX / 2 when it is larger (the counter's range ends there). */
uint64_t number_domain(const struct number_format *format);
/* Characters of every printed number: prefix + length + check digit. */
size_t number_length(const struct number_format *format);
/* True only when no number of one can equal a number of the other. */
bool number_disjoint(const struct number_format *a, const struct number_format *b);

/* `key` NUMBER_KEY_BYTES for NUMBER_RANDOM, else NULL. */
enum err number_print(const struct number_format *format, const uint8_t *key, const void *tweak,
                      size_t tweak_len, uint64_t counter, char out[static NUMBER_MAX],
                      struct why *why);
/* ERR_INPUT: not a number of this format (length, prefix, alphabet, check digit, domain). */
enum err number_parse(const struct number_format *format, const uint8_t *key, const void *tweak,
                      size_t tweak_len, const char *number, uint64_t *counter, struct why *why);

/* The same with a key schedule made once by number_cipher() (NULL for NUMBER_SEQUENTIAL). */
enum err number_cipher(const struct number_format *format, const uint8_t *key, struct ff1 *out,
                       struct why *why);
enum err number_print_with(const struct number_format *format, const struct ff1 *cipher,
                           const void *tweak, size_t tweak_len, uint64_t counter,
                           char out[static NUMBER_MAX], struct why *why);
enum err number_parse_with(const struct number_format *format, const struct ff1 *cipher,
                           const void *tweak, size_t tweak_len, const char *number,
                           uint64_t *counter, struct why *why);
/* "random" and "sequential", "none" and "gs1": as in the configuration and the store. */
const char *number_kind_name(enum number_kind kind);
const char *number_check_name(enum number_check check);

/* FF1 over digit strings, for number_* and its vectors. key_len 16, 24 or 32. digits are values
 * 0..radix-1; in place. ERR_INPUT outside SP 800-38G's limits (radix^n < 1,000,000 is only
 * refused by number_format_check). radix 2..94, n 2..64,
 * and radix^ceil(n / 2) below 2^63 (ff1.h), else ERR_INPUT. */
enum err ff1_crypt(const uint8_t *key, size_t key_len, const void *tweak, size_t tweak_len,
                   unsigned radix, uint8_t *digits, size_t n, bool encrypt);

#endif
