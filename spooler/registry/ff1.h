/* SPDX-License-Identifier: Apache-2.0 */
/* ff1.h: FF1 format-preserving encryption (NIST SP 800-38G, 5) with the key schedule made once.
 *
 * A permutation of the digit strings of one radix and length: no two counters give one number.
 * Both halves are held in 64 bits, hence radix^ceil(n/2) <= FF1_HALF_MAX; longer ones are
 * refused. Plain value, immutable after ff1_init: any number of threads may share one. */
#ifndef TEM_REGISTRY_FF1_H
#define TEM_REGISTRY_FF1_H

#include "spooler/base/err.h"

#include <nettle/aes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FF1_HALF_MAX   ((uint64_t)INT64_MAX)
#define FF1_RADIX_MAX  94
#define FF1_DIGITS_MAX 64
/* Bounds the buffer on the stack; SP 800-38G lets an implementation choose it (maxTlen). */
#define FF1_TWEAK_MAX 512

struct ff1 {
    unsigned radix;
    size_t digits;      /* n */
    size_t left;        /* u = floor(n / 2) */
    uint64_t modulo[2]; /* radix^u, radix^v */
    size_t half_bytes;  /* b: bytes that hold radix^v - 1 */
    size_t round_bytes; /* d = 4 * ceil(b / 4) + 4 */
    union {
        struct aes128_ctx aes128;
        struct aes192_ctx aes192;
        struct aes256_ctx aes256;
    } key;
    nettle_cipher_func *encrypt;
};

/* Whether halves of such strings fit; radix 2..94, digits 2..64. */
bool ff1_fits(unsigned radix, size_t digits);
/* `key` of 16, 24 or 32 bytes. ERR_INPUT outside the limits above; `out` is then untouched. */
enum err ff1_init(struct ff1 *out, const uint8_t *key, size_t key_len, unsigned radix,
                  size_t digits);
/* Wipes the key schedule. */
void ff1_wipe(struct ff1 *ff1);
/* Encrypts or decrypts ff1->digits values 0..radix-1 in place. ERR_INPUT: a digit or the tweak
 * is too large; nothing changed then. Cost: 10 AES blocks and two or three for the tweak. */
enum err ff1_run(const struct ff1 *ff1, const void *tweak, size_t tweak_len, uint8_t *digits,
                 bool encrypt);

#endif
