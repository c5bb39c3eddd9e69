/* SPDX-License-Identifier: Apache-2.0 */
/* ff1.c: NIST SP 800-38G, Algorithms 6 (CBC-MAC), 7 and 8; step numbers are theirs. */
#include "spooler/registry/ff1.h"
#include "spooler/registry/number.h"

#include <string.h>

#define BLOCK 16

/* The compiler must not drop a wipe as a dead store; explicit_bzero is the C library's promise.
 */
void ff1_wipe(struct ff1 *ff1)
{
    explicit_bzero(ff1, sizeof *ff1);
}

/* radix^n, or 0 when it is larger than FF1_HALF_MAX. */
static uint64_t power(unsigned radix, size_t n)
{
    uint64_t value = 1;
    while (n-- > 0) {
        if (value > FF1_HALF_MAX / radix)
            return 0;
        value *= radix;
    }
    return value;
}

bool ff1_fits(unsigned radix, size_t digits)
{
    return radix >= 2 && radix <= FF1_RADIX_MAX && digits >= 2 && digits <= FF1_DIGITS_MAX &&
           power(radix, digits - digits / 2) != 0;
}

static void encrypt_128(const void *key, size_t len, uint8_t *out, const uint8_t *in)
{
    aes128_encrypt(key, len, out, in);
}

static void encrypt_192(const void *key, size_t len, uint8_t *out, const uint8_t *in)
{
    aes192_encrypt(key, len, out, in);
}

static void encrypt_256(const void *key, size_t len, uint8_t *out, const uint8_t *in)
{
    aes256_encrypt(key, len, out, in);
}

enum err ff1_init(struct ff1 *out, const uint8_t *key, size_t key_len, unsigned radix,
                  size_t digits)
{
    if ((key_len != 16 && key_len != 24 && key_len != 32) || !ff1_fits(radix, digits))
        return ERR_INPUT;
    *out = (struct ff1){.radix = radix, .digits = digits, .left = digits / 2};
    out->modulo[0] = power(radix, out->left);
    out->modulo[1] = power(radix, digits - out->left);
    /* Step 3: the bits of radix^v - 1 are ceil(v * log2 radix), in whole bytes. */
    for (uint64_t most = out->modulo[1] - 1; most > 0; most >>= 8)
        out->half_bytes++;
    out->round_bytes = 4 * ((out->half_bytes + 3) / 4) + 4;
    if (key_len == 16) {
        aes128_set_encrypt_key(&out->key.aes128, key);
        out->encrypt = encrypt_128;
    } else if (key_len == 24) {
        aes192_set_encrypt_key(&out->key.aes192, key);
        out->encrypt = encrypt_192;
    } else {
        aes256_set_encrypt_key(&out->key.aes256, key);
        out->encrypt = encrypt_256;
    }
    return ERR_NONE;
}

/* One step of CBC-MAC: state = CIPH(state xor block). */
static void mac_block(const struct ff1 *ff1, uint8_t state[static BLOCK],
                      const uint8_t block[static BLOCK])
{
    for (size_t i = 0; i < BLOCK; i++)
        state[i] ^= block[i];
    ff1->encrypt(&ff1->key, BLOCK, state, state);
}

static void put_be(uint8_t *out, size_t len, uint64_t value)
{
    while (len-- > 0) {
        out[len] = (uint8_t)value;
        value >>= 8;
    }
}

/* Step 5 and all of step 6 that is the same in the ten rounds: P and Q without its last block.
 * The round's number and half take at most 9 bytes at Q's end, so only that block, which is
 * returned in `last`, differs from round to round. */
static void mac_tweak(const struct ff1 *ff1, const uint8_t *tweak, size_t tweak_len,
                      uint8_t state[static BLOCK], uint8_t last[static BLOCK])
{
    uint8_t p[BLOCK] = {1, 2, 1};
    put_be(p + 3, 3, ff1->radix);
    p[6] = 10;
    p[7] = (uint8_t)ff1->left;
    put_be(p + 8, 4, ff1->digits);
    put_be(p + 12, 4, tweak_len);
    memset(state, 0, BLOCK);
    mac_block(ff1, state, p);

    size_t padded = (tweak_len + ff1->half_bytes + 1 + BLOCK - 1) / BLOCK * BLOCK;
    size_t whole = padded - BLOCK;
    for (size_t at = 0; at < whole; at += BLOCK) {
        uint8_t block[BLOCK] = {0};
        if (at < tweak_len)
            memcpy(block, tweak + at, tweak_len - at < BLOCK ? tweak_len - at : BLOCK);
        mac_block(ff1, state, block);
    }
    memset(last, 0, BLOCK);
    if (whole < tweak_len)
        memcpy(last, tweak + whole, tweak_len - whole);
}

/* Steps 6i to 6iv: NUM(S) modulo `modulo`. d is at most 12 bytes, so S lies within R. */
static uint64_t round_value(const struct ff1 *ff1, const uint8_t state[static BLOCK],
                            const uint8_t last[static BLOCK], unsigned round, uint64_t half,
                            uint64_t modulo)
{
    uint8_t r[BLOCK], block[BLOCK];
    memcpy(r, state, BLOCK);
    memcpy(block, last, BLOCK);
    block[BLOCK - 1 - ff1->half_bytes] = (uint8_t)round;
    put_be(block + BLOCK - ff1->half_bytes, ff1->half_bytes, half);
    mac_block(ff1, r, block);
    unsigned __int128 y = 0;
    for (size_t i = 0; i < ff1->round_bytes; i++)
        y = y << 8 | r[i];
    return (uint64_t)(y % modulo);
}

static uint64_t digits_value(const uint8_t *digits, size_t n, unsigned radix)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * radix + digits[i];
    return value;
}

static void value_digits(uint64_t value, uint8_t *digits, size_t n, unsigned radix)
{
    while (n-- > 0) {
        digits[n] = (uint8_t)(value % radix);
        value /= radix;
    }
}

enum err ff1_run(const struct ff1 *ff1, const void *tweak, size_t tweak_len, uint8_t *digits,
                 bool encrypt)
{
    if (tweak_len > FF1_TWEAK_MAX)
        return ERR_INPUT;
    for (size_t i = 0; i < ff1->digits; i++)
        if (digits[i] >= ff1->radix)
            return ERR_INPUT;
    size_t left = ff1->left, right = ff1->digits - ff1->left;
    uint64_t a = digits_value(digits, left, ff1->radix);
    uint64_t b = digits_value(digits + left, right, ff1->radix);
    uint8_t state[BLOCK], last[BLOCK];
    mac_tweak(ff1, tweak, tweak_len, state, last);

    /* Both halves stay below 2^63, so neither sum can wrap. */
    for (unsigned step = 0; step < 10; step++) {
        unsigned round = encrypt ? step : 9 - step;
        uint64_t modulo = ff1->modulo[round % 2];
        if (encrypt) {
            uint64_t c = (a + round_value(ff1, state, last, round, b, modulo)) % modulo;
            a = b;
            b = c;
        } else {
            uint64_t y = round_value(ff1, state, last, round, a, modulo);
            uint64_t c = (b + modulo - y) % modulo;
            b = a;
            a = c;
        }
    }
    value_digits(a, digits, left, ff1->radix);
    value_digits(b, digits + left, right, ff1->radix);
    return ERR_NONE;
}

enum err ff1_crypt(const uint8_t *key, size_t key_len, const void *tweak, size_t tweak_len,
                   unsigned radix, uint8_t *digits, size_t n, bool encrypt)
{
    struct ff1 ff1;
    enum err err = ff1_init(&ff1, key, key_len, radix, n);
    if (err == ERR_NONE) {
        err = ff1_run(&ff1, tweak, tweak_len, digits, encrypt);
        ff1_wipe(&ff1);
    }
    return err;
}
